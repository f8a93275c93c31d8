"""A group that people leave for good in three ways at once, two kinds of people, and recruits taken first."""

from headframe.core.axes import Axis
from headframe.engine import conserved, flow, parameter, stock

kind = Axis("kind", ("settled", "mobile"))

death_hazard = parameter([0.02, 0.01], low=0.0, high=3.0, unit="1/year", axes=(kind,))
leaving_hazard = parameter([0.3, 1.7], low=0.0, high=5.0, unit="1/year", axes=(kind,))
retirement_hazard = parameter([0.1, 0.0], low=0.0, high=1.0, unit="1/year", axes=(kind,))
members_at_start = parameter([800.0, 200.0], low=0.0, high=1e4, unit="person", axes=(kind,))
recruits = parameter(0.0, low=0.0, high=20.0, unit="person/year")


@stock(
    unit="person",
    axes=(kind,),
    initial="members_at_start",
    bounds=(0, None),
    exits={"deaths": "death_hazard", "departures": "leaving_hazard", "retirements": "retirement_hazard"},
    after=("recruited",),
)
def members(recruited):
    return -recruited


@flow(unit="person/year", axes=(kind,))
def recruited(recruits):
    return 1.0 * recruits


@stock(unit="person", axes=(kind,), initial=0.0)
def dead(deaths):
    return deaths


@stock(unit="person", axes=(kind,), initial=0.0)
def departed(departures):
    return departures


@stock(unit="person", axes=(kind,), initial=0.0)
def retired(retirements):
    return retirements


everyone = conserved(stocks=("members", "dead", "departed", "retired"), losses=("recruited",))
