"""The verb `series`: one indicator of a place over time, every source beside the chosen figure, at prices of a year."""

from __future__ import annotations

from collections.abc import Mapping

from headframe.core.jobs import Cancel, Progress, silent
from headframe.core.provenance import run_record
from headframe.core.results import Ref
from headframe.core.seeds import DEFAULT_SEED
from headframe.evidence.deflation import Deflator, at_constant_prices
from headframe.evidence.folder import City
from headframe.evidence.reconcile import dims_text
from headframe.evidence.results import Point, SeriesResult


def series(
    city: City,
    indicator: str,
    *,
    dims: Mapping[str, str] | None = None,
    concept: str | None = None,
    deflator: Deflator | None = None,
    base_year: int | None = None,
    progress: Progress = silent,
    cancel: Cancel | None = None,
    seed: int = DEFAULT_SEED,
) -> SeriesResult:
    """The chosen figures of an indicator in time order, what other sources say, and why one was chosen.

    With a `deflator` and a `base_year` the chosen figures are at prices of that year. Nothing is drawn at random.
    Raises HF317 for an unknown indicator, HF476 where prices make no sense.
    """
    progress(0, 1, "progress.series")
    if cancel is not None:
        cancel.check()
    choices = city.choices(indicator, dims=dims, concept=concept)
    figures = tuple(choice.chosen for choice in choices)
    if deflator is not None and base_year is not None:
        figures = at_constant_prices(figures, deflator, base_year)
    asked = {"indicator": indicator, "dims": dims_text(dims), "concept": concept or "", "base_year": base_year or 0}
    told = {**asked, "deflator": "" if deflator is None else f"{deflator.place}/{deflator.indicator}"}
    points = [
        Point(figure=figure, others=choice.others, rule=choice.rule)
        for figure, choice in zip(figures, choices, strict=True)
    ]
    return SeriesResult(
        place=city.place.id,
        record=run_record("series", {city.place.id: city.inputs_hash}, told, seed),
        indicator=Ref(kind="indicator", id=indicator),
        dims=dims_text(dims),
        points=tuple(points),
    )
