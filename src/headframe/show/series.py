"""One indicator over time in lines of text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from headframe.core.results import Ref

if TYPE_CHECKING:
    from headframe.core.results import Figure
    from headframe.core.words import Words
    from headframe.evidence.results import SeriesResult


def series_lines(result: SeriesResult, source_of: Mapping[str, str], words: Words) -> Iterator[str]:
    """The figures with their sources, what others say, and how they were derived.

    `source_of` names the source of each observation by its reference.
    """
    yield words.say("series.title", indicator=result.indicator, place=Ref(kind="place", id=result.place))
    if not result.points:
        yield "  " + words.say("series.none")
    for point in result.points:
        figure = point.figure
        period = words.dated(figure.period) if figure.period else words.say("told.undated")
        status = words.say(f"page.status.{figure.status}")
        told = {"figure": figure, "source": _sources(figure, source_of), "status": status}
        yield "  " + words.say("series.row", period=period, **told)
        for other in point.others:
            yield "      " + words.say("series.other", figure=other, source=_sources(other, source_of))
    for step in dict.fromkeys(words.say(step) for point in result.points for step in point.figure.steps):
        yield "  " + step


def _sources(figure: Figure, source_of: Mapping[str, str]) -> tuple[Ref, ...]:
    found = dict.fromkeys(source_of[ref] for ref in figure.observations if ref in source_of)
    return tuple(Ref(kind="source", id=name) for name in list(found)[:2])
