"""Works that an event register opens and closes, under two alternative closures."""

import numpy as np

from headframe.core.axes import Axis
from headframe.engine import auxiliary, event, flow, parameter, stock, structure

site = Axis("site", ("north", "south"))

opened = event(unit="t/year")
digging = event(unit="t/year", axes=(site,))
closure = structure(("supply", "demand", "smaller"))
demand = parameter(6.0, low=0.0, high=20.0, unit="t/year")
basic_output = parameter(4.0, low=0.0, high=20.0, unit="t/year")


@auxiliary(unit="t/year")
def capacity(basic_output, opened):
    return basic_output + opened


@flow(unit="t/year")
def output(capacity, demand, closure):
    smaller = np.minimum(capacity, demand)
    return np.where(closure == 0, capacity, np.where(closure == 1, demand, smaller))


@stock(unit="t", initial=0.0)
def made(output):
    return output


@stock(unit="t", axes=(site,), initial=0.0)
def dug(excavation):
    return excavation


@flow(unit="t/year", axes=(site,))
def excavation(digging):
    return 1.0 * digging
