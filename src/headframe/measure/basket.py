"""What changes in the meter when evidence comes or goes: the basket of indicators of two scored years."""

from __future__ import annotations

from dataclasses import replace

from headframe.core.results import Figure, Message, Ref, type_of_value
from headframe.measure import draws as drawing
from headframe.measure.definition import Definition
from headframe.measure.reading import Reading, figure_of
from headframe.measure.results import Basket, MeterYear
from headframe.measure.score import Array


def basket(definition: Definition, how: drawing.Ways, before: Reading, after: Reading) -> Basket:
    """What changed between two scored years: which indicators, the score, and the score on the indicators of both.

    The common basket holds what rests on evidence in both years; the draws' weights are rescaled to it, and a field
    without a common indicator drops out of it. Changes are taken within draws, in points.
    """
    names = definition.indicators
    lost, gained = (
        tuple(name for name in names if name in one.figures and name not in other.figures)
        for one, other in ((before, after), (after, before))
    )
    shared = [number for number, name in enumerate(names) if name in before.figures and name in after.figures]
    common = Figure(unit="1", period=str(after.year), place=after.place, status="M", method="derived")
    if shared:
        there, here = (_common(definition, how, reading, shared) for reading in (before, after))
        common = figure_of(here - there, after, "step.meter-common")
    return Basket(
        since=before.year,
        lost=lost,
        gained=gained,
        common=tuple(names[number] for number in shared),
        change=figure_of(after.scores - before.scores, after, "step.meter-change"),
        common_change=common,
    )


def _common(definition: Definition, how: drawing.Ways, reading: Reading, shared: list[int]) -> Array:
    """The scores of all draws on some of the indicators."""
    weights = how.weights[:, shared]
    rescaled = replace(how, weights=weights / weights.sum(axis=1, keepdims=True))
    membership = definition.membership[:, shared]
    return drawing.scores_by_way(reading.by_way[:, shared], rescaled, membership[membership.any(axis=1)])[0]


def basket_told(entry: MeterYear) -> list[Message]:
    """The message on a changed basket: what went, what came, and the change on what both years have."""
    basket = entry.basket
    if basket is None or not (basket.lost or basket.gained):
        return []
    which = "changed" if basket.lost and basket.gained else "lost" if basket.lost else "gained"
    values: dict[str, type_of_value] = {"year": str(entry.year), "since": str(basket.since)}
    for name in ("lost", "gained"):
        values[name] = tuple(Ref(kind="indicator", id=item) for item in getattr(basket, name))
    told = [Message(id=f"measure.meter.basket-{which}", values=values)]
    common = basket.common_change
    if common.known:
        moved = {"change": basket.change, "n": len(basket.common), "common": common}
        bounds = {"low": common.low or 0.0, "high": common.high or 0.0}
        years = {"year": str(entry.year), "since": str(basket.since)}
        told.append(Message(id="measure.meter.common-basket", values={**years, **moved, **bounds}))
    return told
