"""Structural peers (M11): found by distance over sourced indicators, never chosen by hand.

Gower's distance: the mean over the shared indicators of |x − y| / (q95 − q05), each part at most 1, the spread being
that of all Chinese cities at prefecture level in the same year. Values are of one year.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headframe.measure.bounds import Bounds
from headframe.measure.definition import PeerRule
from headframe.measure.known import Known, Surroundings
from headframe.measure.meter import as_bounded
from headframe.measure.results import Peer
from headframe.measure.score import Array
from headframe.methods.distance import gower_distance


def traits(known: Known, rule: PeerRule, year: int, bounds: Bounds) -> Array:
    """The indicators of a place in a year, in the rule's order; NaN where there is no central value or no bounds."""
    found = np.full(len(rule.indicators), np.nan)
    for number, name in enumerate(rule.indicators):
        figure = as_bounded(known, name, year, bounds)
        if figure.value is not None and bounds.knots(name, year) is not None:
            found[number] = figure.value
    return found


def widths(rule: PeerRule, year: int, bounds: Bounds) -> Array:
    """The spread q95 − q05 that each indicator is scaled by; 1 where there are no bounds, which is then never used."""
    knots = [bounds.knots(name, year) for name in rule.indicators]
    return np.array([1.0 if item is None else float(item[-1] - item[0]) for item in knots])


def nearest(here: Known, others: Sequence[Known], rule: PeerRule, year: int, bounds: Bounds) -> tuple[Peer, ...]:
    """The nearest places of a year, at most `rule.count`; ties by id. Empty where too little is shared."""
    mine = traits(here, rule, year, bounds)
    if np.isfinite(mine).sum() < rule.fewest_shared or not others:
        return ()
    theirs = np.stack([traits(other, rule, year, bounds) for other in others])
    away = gower_distance(theirs, mine, widths(rule, year, bounds)).distance
    shared = np.isfinite(theirs) & np.isfinite(mine)
    found = [
        Peer(
            place=other.place.id,
            distance=float(away[number]),
            shared=tuple(name for name, both in zip(rule.indicators, shared[number], strict=True) if both),
        )
        for number, other in enumerate(others)
        if shared[number].sum() >= rule.fewest_shared
    ]
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
