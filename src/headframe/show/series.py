"""One indicator over time in lines of text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from headframe.core.results import Ref

if TYPE_CHECKING:
    from headframe.core.results import Figure
    from headframe.core.words import Words
    from headframe.evidence.results import SeriesResult


def series_lines(
    result: SeriesResult, source_of: Mapping[str, str], words: Words, dims: Sequence[str] = ()
) -> Iterator[str]:
    """The figures with their concepts and sources, what others say, and how they were derived.

    `source_of` names the source of each observation by its reference. `dims` are the dimensions, as observations write
    them, in which the indicator is known: told where there is no figure as asked for.
    """
    yield words.say("series.title", indicator=result.indicator, place=Ref(kind="place", id=result.place))
    if not result.points:
        yield "  " + words.say("series.none")
        for one in sorted({one for one in dims if one}):
            option = " ".join(f"--dim {part}" for part in one.split(";"))
            yield "  " + words.say("series.known-with", dims=Ref(kind="dims", id=one), option=option)
    for point in result.points:
        figure = point.figure
        period = words.dated(figure.period) if figure.period else words.say("told.undated")
        status = words.say(f"page.status.{figure.status}")
        told = {"figure": _figure(figure, words), "source": _sources(figure, source_of), "status": status}
        yield "  " + words.say("series.row", period=period, **told)
        for other in point.others:
            yield "      " + words.say("series.other", figure=_figure(other, words), source=_sources(other, source_of))
    for step in dict.fromkeys(words.say(step) for point in result.points for step in point.figure.steps):
        yield "  " + step


def _figure(figure: Figure, words: Words) -> Figure | str:
    """The figure with its concept, so that the whole city and its districts are told apart."""
    concepts = tuple(Ref(kind="concept", id=part) for part in figure.concept.split(";") if part)
    return words.say("series.figure", figure=figure, concepts=concepts) if concepts else figure


def _sources(figure: Figure, source_of: Mapping[str, str]) -> tuple[Ref, ...]:
    found = dict.fromkeys(source_of[ref] for ref in figure.observations if ref in source_of)
    return tuple(Ref(kind="source", id=name) for name in list(found)[:2])
