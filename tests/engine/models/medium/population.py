"""People of working age by single year, moved up once a year; those who left and may return."""

import numpy as np

from headframe.engine import (
    auxiliary,
    conserved,
    constant,
    exogenous,
    feedback,
    flow,
    parameter,
    stock,
    table,
    yearly,
)
from tests.engine.models.medium.axes import age, band

_years = np.arange(36)

deaths_by_age = constant(0.0008 * np.exp(0.06 * _years), unit="1/year", axes=(age,))
mobility_by_age = constant(np.exp(-_years / 9.0), axes=(age,))
returns_by_age = constant(
    np.exp(-0.5 * ((_years - 14) / 7.0) ** 2) / np.exp(-0.5 * ((_years - 14) / 7.0) ** 2).sum(), axes=(age,)
)
participation = constant([0.7, 0.9, 0.88, 0.6], axes=(band,))

people_per_post = parameter(1.45, low=1.2, high=1.8)
departure = parameter(0.08, low=0.01, high=0.2, unit="1/year")
amenity_weight = parameter(0.8, low=0.0, high=2.0)
slack_weight = parameter(1.0, low=0.0, high=2.0)
returning = parameter([0.03, 0.05, 0.05, 0.08], low=0.0, high=0.2, unit="1/year", axes=(band,))
losing_touch = parameter(0.05, low=0.01, high=0.2, unit="1/year")
entry_time = parameter(1.0, low=0.5, high=3.0, unit="year")

coming_of_age = exogenous(1.0, low=0.4, high=2.0)
departures_by_unemployment = table([0.0, 0.05, 0.1, 0.2, 0.5], [0.5, 0.8, 1.0, 1.9, 3.0])
returns_by_unemployment = table([0.0, 0.05, 0.1, 0.3], [1.6, 1.2, 1.0, 0.3])


@auxiliary(unit="person")
def people_at_start(outlook_at_start, productivity_at_start, people_per_post):
    return people_per_post * (outlook_at_start / productivity_at_start).sum()


def _age_profile(people_at_start):
    return people_at_start * np.concatenate([np.linspace(1.2, 0.7, 35), np.array([4.0])]) / 37.25


@stock(
    unit="person",
    axes=(age,),
    initial=_age_profile,
    bounds=(0, None),
    exits={"deaths": "death_hazard", "departures": "departure_hazard"},
)
def people(entering, coming_back):
    return entering + coming_back


@yearly("people")
def birthday(people):
    """Everybody is a year older; the last age is open."""
    return np.concatenate([np.zeros(1), people[:-2], people[-2:].sum()[None]])


def _away_at_start(people_at_start):
    return 0.1 * people_at_start * np.array([0.3, 0.4, 0.2, 0.1])


@stock(
    unit="person",
    axes=(band,),
    initial=_away_at_start,
    bounds=(0, None),
    exits={"returns": "return_hazard", "lost": "losing_touch"},
)
def away(departures):
    return by_band(departures)


def by_band(array):
    """Sums over the ages of each band."""
    return np.stack([array[0:9].sum(), array[9:18].sum(), array[18:27].sum(), array[27:36].sum()])


@flow(unit="person/year", axes=(age,))
def entering(people_at_start, coming_of_age, one_year):
    return np.concatenate([(people_at_start * coming_of_age / one_year / 34.0)[None], np.zeros(35)])


@flow(unit="person/year", axes=(age,))
def coming_back(returns, returns_by_age):
    return returns.sum() * returns_by_age


@auxiliary(unit="1/year", axes=(age,))
def death_hazard(deaths_by_age, health):
    return deaths_by_age / health


@auxiliary(unit="1/year", axes=(age,))
def departure_hazard(
    departure,
    mobility_by_age,
    unemployment_rate,
    departures_by_unemployment,
    amenity_index,
    amenity_weight,
    slack_weight,
):
    pushed = departures_by_unemployment(unemployment_rate) ** slack_weight
    return departure * mobility_by_age * pushed * np.exp(-amenity_weight * (amenity_index - 1.0))


@auxiliary(unit="1/year", axes=(band,))
def return_hazard(returning, unemployment_rate, returns_by_unemployment, wage_index):
    return returning * returns_by_unemployment(unemployment_rate) * np.clip(wage_index, 0.3, 2.0)


@auxiliary(unit="person", axes=(band,))
def people_by_band(people):
    return by_band(people)


@auxiliary(unit="person/year", axes=(band,))
def entries_by_band(people_by_band, participation, employed, unemployed, entry_time):
    """Those of working age who are not in the labour force but should be come in."""
    present = (employed + unemployed).sum(axis=0)
    return np.maximum(0.0, people_by_band * participation - present) / entry_time


@auxiliary(unit="person", bounds=(0, None))
def population(people):
    return people.sum()


@auxiliary(bounds=(0, 1))
def share_of_young(people):
    return people[:18].sum() / people.sum()


everyone = conserved(stocks=("people", "away"), gains=("entering",), losses=("deaths", "lost"))
services_and_departures = feedback("services_and_departures", [("amenity_index", "departure_hazard")])
