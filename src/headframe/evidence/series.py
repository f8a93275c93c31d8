"""The verb `series`: one indicator of a place over time, every source beside the chosen figure, at prices of a year."""

from __future__ import annotations

from collections.abc import Mapping

from headframe.core.errors import HeadframeError, did_you_mean
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
    Raises HF317 for an unknown indicator, HF323 for an unknown concept, HF476 where prices make no sense.
    """
    progress(0, 1, "progress.series")
    if cancel is not None:
        cancel.check()
    _check_concept(city, concept or "")
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


def _check_concept(city: City, concept: str) -> None:
    """Raise HF323 where a part of a concept is none of the catalogue: an empty answer would mislead."""
    known = city.catalogue.concepts
    for part in concept.split(";") if concept else ():
        if part not in known:
            near = did_you_mean(part, list(known)) or ", ".join(list(known)[:5])
            raise HeadframeError.of("HF323", "concept", text=part[:80], suggestion=near)
