"""People by single year of age, moved up exactly once a year; births and deaths go on all the time."""

import numpy as np

from headframe.core.axes import Axis
from headframe.engine import conserved, exogenous, flow, parameter, stock, yearly

AGES = 12
age = Axis("age", tuple(str(year) for year in range(AGES)))

births = exogenous(50.0, low=0.0, high=500.0, unit="person/year")
mortality = parameter(np.linspace(0.0, 0.3, AGES), low=0.0, high=2.0, unit="1/year", axes=(age,))
people_at_start = parameter(0.0, low=0.0, high=1e3, unit="person", axes=(age,))


@stock(unit="person", axes=(age,), initial="people_at_start", bounds=(0, None), exits={"deaths": "mortality"})
def people(newborn):
    return newborn


@flow(unit="person/year", axes=(age,))
def newborn(births):
    return np.concatenate([births[None], np.zeros(AGES - 1)])


@yearly("people")
def birthday(people):
    """Everybody is a year older; the last age is open."""
    return np.concatenate([np.zeros(1), people[:-2], people[-2:].sum()[None]])


everyone = conserved(stocks=("people",), gains=("newborn",), losses=("deaths",))
