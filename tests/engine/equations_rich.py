"""A model with one of everything, and with texts that every notation takes for its own."""

from __future__ import annotations

import numpy as np

from headframe.core.axes import Axis
from headframe.engine import (
    Model,
    auxiliary,
    conserved,
    constant,
    event,
    exogenous,
    feedback,
    flow,
    lever,
    parameter,
    stock,
    structure,
    table,
    yearly,
)

AGE = Axis("age", ("0-4 | young", "5_9 & 50%", "old {x} $1 \\ ^~#<b>`"))
capacity = constant(2000.0, unit="person")
growth = parameter(0.03, low=0.01, high=0.05, unit="1/year", source="Smith & Jones (2001), p. 3 | table_2")
same_growth = parameter(0.03, unit="1/year")
start = parameter([1.0, 2.0, 3.0], unit="person", axes=(AGE,))
hazard = parameter([0.1, 0.2, 0.3], unit="1/year", axes=(AGE,))
help_given = lever(0.0, low=0.0, high=5.0, unit="person/year")
climate = exogenous({"default": 1.0}["default"], description="A path\nover two lines")
shock = event(unit="person/year")
closure = structure(("supply", "demand side"))
crowding_effect = table([0, 1, 2.5], [1.2, 1.0, -0.3])


@stock(unit="person", axes=(AGE,), initial="start", exits={"deaths": "hazard", "moves": "hazard"})
def people(births):
    """People, by age: *all* of them | even `these` [see](it)."""
    return np.concatenate([np.reshape(np.array(1.0), (1,)) * births, np.zeros(2)])


@flow(unit="person/year")
def births(people, growth, room, help_given, shock, climate, closure, capacity):
    grown = people.sum() * growth * climate
    return np.where((closure == 1) & (room < 0.9) | (people[0] > capacity), help_given + shock, grown * room)


@auxiliary()
def room(people, capacity, crowding_effect):
    """Room, CO₂ ≥ 5·10⁻³ m², λ → ∞, Δ ≤ ½ é – “—”."""
    return crowding_effect(people.sum() / capacity)


@auxiliary()
def the_same_room(people, capacity, crowding_effect):
    return crowding_effect(people.sum() / capacity)


@auxiliary()
def empty_share(room):
    return 1.0 - room


@yearly("people")
def ageing(people):
    return np.concatenate([np.zeros(1), people[:-2], people[-2:].sum()[None]])


def rich() -> Model:
    """The model."""
    parts = [people, births, room, the_same_room, empty_share, ageing]
    named = {"capacity": capacity, "growth": growth, "same_growth": same_growth, "start": start, "hazard": hazard}
    named |= {"help_given": help_given, "climate": climate, "shock": shock, "closure": closure}
    total = conserved(stocks=("people",), gains=("births",), losses=("deaths", "moves"))
    loop = feedback("R1", [("room", "births")])
    return Model("rich", parts, crowding_effect=crowding_effect, total=total, R1=loop, **named)
