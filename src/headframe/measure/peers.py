"""Structural peers (M11): found by distance over sourced indicators, never chosen by hand.

Distance: √(mean over the shared indicators of ((x − y)/(q95 − q05))²), the spread being that of all Chinese cities at
prefecture level in the same year. Values are of one year, the latest in which enough indicators are shared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from headframe.core.results import Figure
from headframe.measure.bounds import Bounds
from headframe.measure.definition import PeerRule
from headframe.measure.known import Known, Surroundings
from headframe.measure.meter import as_bounded
from headframe.measure.results import Peer


@dataclass(frozen=True)
class Trait:
    """One indicator of a place in one year, with the width that it is scaled by."""

    value: float
    width: float


def traits(known: Known, rule: PeerRule, year: int, bounds: Bounds) -> dict[str, Trait]:
    """The indicators of a place in a year that have a central value and bounds."""
    found: dict[str, Trait] = {}
    for name in rule.indicators:
        years = bounds.years(name)
        knots = bounds.knots(name, year) if year in years else None
        figure: Figure = as_bounded(known, name, year, bounds)
        if knots is not None and figure.value is not None:
            found[name] = Trait(figure.value, float(knots[-1] - knots[0]))
    return found


def distance(one: dict[str, Trait], other: dict[str, Trait]) -> tuple[float, tuple[str, ...]]:
    """Root-mean-square distance in widths over the shared indicators, and these; infinite when none is shared."""
    shared = tuple(name for name in one if name in other)
    if not shared:
        return math.inf, ()
    squares = [((one[name].value - other[name].value) / one[name].width) ** 2 for name in shared]
    return math.sqrt(sum(squares) / len(squares)), shared


def nearest(here: Known, others: Sequence[Known], rule: PeerRule, year: int, bounds: Bounds) -> tuple[Peer, ...]:
    """The nearest places of a year, at most `rule.count`; ties by id. Empty where too little is shared."""
    mine = traits(here, rule, year, bounds)
    if len(mine) < rule.fewest_shared:
        return ()
    found = []
    for other in others:
        away, shared = distance(mine, traits(other, rule, year, bounds))
        if len(shared) >= rule.fewest_shared:
            found.append(Peer(place=other.place.id, distance=away, shared=shared))
    return tuple(sorted(found, key=lambda peer: (peer.distance, peer.place))[: rule.count])


def peers(around: Surroundings, rule: PeerRule, bounds: Bounds) -> tuple[Peer, ...]:
    """The peers in the year in which most indicators are shared with most places; the later of equal years."""
    years = sorted({year for name in rule.indicators for year in bounds.years(name)})
    best: tuple[int, int, tuple[Peer, ...]] = (0, 0, ())
    for year in years:
        found = nearest(around.here, around.others, rule, year, bounds)
        candidate = (sum(len(peer.shared) for peer in found), year, found)
        best = max(best, candidate, key=lambda item: item[:2])
    return best[2]
