"""A model that uses everything: each operation, tables, lags, exits, yearly updates, events, cuts, odd names."""

from __future__ import annotations

import numpy as np

from headframe.core.axes import Axis
from headframe.engine import (
    auxiliary,
    conserved,
    constant,
    delay,
    event,
    exogenous,
    feedback,
    flow,
    lever,
    parameter,
    smooth,
    stock,
    structure,
    table,
    yearly,
)

age = Axis("age", ("0–14", "15–59", "60+"))
sector = Axis("sector", ("煤炭 & 电力", "<new>", 'say "services"'))
zone = Axis("zone", ("core", "edge"))

SHARES = np.array([[0.5, 0.0, 0.25], [0.0, 1.0, 0.0], [0.25, 0.25, 0.5]])

人口初值 = parameter(  # noqa: PLC2401 — a name in any script
    [300.0, 500.0, 200.0], low=10.0, high=900.0, unit="person", axes=(age,)
)
birth_rate = parameter(0.03, low=0.01, high=0.05, unit="1/year", source="A & B <2020>, p. 7")
death_rate = parameter([0.002, 0.004, 0.05], low=0.0, high=0.2, unit="1/year", axes=(age,))
leaving_rate = parameter([0.01, 0.05, 0.01], low=0.0, high=0.9, unit="1/year", axes=(age,))
delay_time = parameter(2.0, low=0.5, high=4.0, unit="year")
exponent = parameter(0.6, low=0.1, high=1.9)
offset = parameter(-1.3, low=-3.0, high=3.0)
shift = parameter([0.2, -0.7, 1.4], low=-2.0, high=2.0, axes=(sector,))
capacity = constant(1500.0, unit="person")
shares = constant(SHARES, axes=(sector, sector))
zone_weights = constant([0.4, 0.6], axes=(zone,))
year_zero = constant(2003.0, unit="year")
one_year = constant(1.0, unit="year")
per_person = constant(1.0, unit="1/person")
newcomers = constant(30.0, unit="person/year")
subsidy = lever(0.1, low=0.0, high=1.0)
regional = exogenous([0.1, 0.2, 0.3], axes=(sector,))
plant = event(unit="person/year")
closures = event(axes=(sector,))
closure = structure(("supply", "demand", "smaller"), description="How the market closes")
size = table([0, 0.5, 1, 2.5], [1.2, 1.1, 1.0, 0.3], description="Crowding: less than \\ one & more")
uneven = table([-4, -1, 0, 0.3, 5], [2.0, -1.0, 0.0, 0.7, 0.1])


@stock(
    unit="person", axes=(age,), initial="人口初值", bounds=(0, None), block="people",
    exits={"deaths": "death_rate", "departures": "leaving_rate"},
)  # fmt: skip
def people(births, arrivals, plant):
    """Everybody's "home" <here> & now;
    second line with a back\\slash."""
    return np.stack([births, 0.6 * arrivals + plant, 0.4 * arrivals])


@stock(unit="person", axes=(age,), initial=0.0, exits={"returning": "leaving_rate"}, after=("forgotten",))
def away(departures, forgotten):
    return departures - forgotten


@flow(unit="person/year", axes=(age,))
def forgotten(away, birth_rate):
    return away * birth_rate


@stock(unit="person", initial=0.0)
def home_again(returning):
    return returning.sum()


@flow(unit="person/year", block="people")
def births(people, birth_rate, crowding):
    return people[1] * birth_rate * crowding


@flow(unit="person/year", block="people")
def arrivals(perceived_crowding, newcomers, subsidy):
    return newcomers * perceived_crowding * (1.0 + subsidy)


@auxiliary(block="people")
def crowding(people, capacity, size):
    return size(people.sum() / capacity)


@yearly("people")
def ageing(people, births, subsidy, time, year_zero, one_year):
    moved = np.array([1.0 / 15, 1.0 / 45, 0.0]) * people * np.where(time >= year_zero, 1.0 + subsidy, 1.0)
    return people - moved + np.roll(moved, 1) + np.stack([0.0 * people[0], 0.01 * births * one_year, 0.0 * people[0]])


perceived_crowding = smooth("crowding", time="delay_time", order=2)
arriving = delay("births", time="delay_time", order=3)


@stock(unit="person", initial=lambda 人口初值, offset: 人口初值.sum() * np.abs(offset))  # noqa: PLC2401
def arrived(arriving):
    return arriving


@auxiliary(axes=(sector,), block="sectors")
def activity(level, shift, subsidy, regional, closures):
    return np.tanh(level[0] * shift) + np.sin(shift + subsidy) * np.cos(regional) + closures


@auxiliary(axes=(sector, sector), block="sectors")
def exchange(activity, shares):
    return np.outer(activity, activity) * shares.T


@auxiliary(axes=(sector,), block="sectors")
def demand(shares, activity, exchange, uneven):
    needed = shares @ activity + np.einsum("ij,jk,k->i", shares, exchange, activity)
    return needed + uneven(activity * 2.0) + np.interp(activity, [0.0, 1.0], [0.0, 0.1])


@auxiliary(axes=(zone, sector), block="sectors")
def by_zone(zone_weights, demand, level):
    spread = zone_weights[:, None] * demand[None, :]
    return spread + np.concatenate([level[None, ::-1], np.take(level, [1, 1, 0])[None]]) * 0.01


@auxiliary(axes=(sector,), block="sectors")
def chosen(by_zone, closure, demand, exponent):
    supply = np.absolute(by_zone.sum(axis=0)) ** exponent
    smaller = np.minimum(supply, demand)
    return np.where(closure == 0, supply, np.where(closure == 1, demand, smaller))


@auxiliary(axes=(sector,), block="sectors")
def conditions(chosen, activity, offset, shift):
    low, high = chosen < offset, activity >= shift
    counted = np.where(low & ~high, 1.0, 0.0) + np.where(low | (shift != offset), 0.25, 0.5)
    together = np.where((shift > 0.0) & (activity <= 1.0), 2.0, 0.0) + np.maximum(low, high) * 1.0
    return counted + together + np.floor(shift * 2.0) + np.sum(low) + low.max() * 0.5 + np.where(shift, 0.125, 0.0)


@auxiliary(block="sectors")
def extremes(conditions, chosen, by_zone, offset):
    wide = np.maximum(by_zone.max(), chosen.min()) + by_zone.mean(axis=1).max()
    return np.sqrt(np.abs(wide)) + np.log(1.0 + np.exp(-np.abs(offset))) - conditions.max() / 10.0 + (-offset) ** 3.0


@stock(unit="1", axes=(sector,), initial="regional", bounds=(-50.0, 50.0), block="sectors")
def level(growth):
    return growth


@flow(unit="1/year", axes=(sector,), block="sectors")
def growth(level, chosen, conditions, extremes, perceived_crowding, birth_rate):
    pull = np.clip(chosen + conditions * 0.1 + extremes * 0.01, -2.0, 2.0) - level * perceived_crowding
    return birth_rate * pull


@stock(unit="person", initial=0.0)
def twice(births, arrivals):
    """Fed by flows that feed another stock already."""
    return births - (arrivals - births)


whole = conserved(stocks=("people",), gains=("births", "arrivals"), losses=("deaths", "departures"))
R1 = feedback("R1", [("crowding", "births"), ("level", "growth")])
