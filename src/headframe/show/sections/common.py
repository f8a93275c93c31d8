"""What several sections use: how a figure has moved, what it is held against, events as marks, groups of subjects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headframe.core.results import Figure, Message, Ref
from headframe.measure.results import Comparison, Measure, Need
from headframe.show.blocks import text
from headframe.show.charts.scale import year_of
from headframe.show.charts.time import EventMark, Series, TimeChart
from headframe.show.linked import bounds
from headframe.show.results_bundle import Event, Report

# The page's own groups of the catalogue's subjects, in reading order.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("structure", ("structure", "resource")),
    ("people", ("population", "labour", "livelihood")),
    ("land", ("ecology", "forestry", "infrastructure")),
    ("money", ("finance",)),
    ("innovation", ("innovation",)),
    ("service", ("service", "parks")),
)
MAIN_EVENTS = ("designation", "bankruptcy", "closure", "programme", "law", "discovery", "relocation")
SAME_WITHIN = 0.005  # a change of less than half a per cent is called steady


def spanned(figure: Figure) -> Message:
    """A figure with its interval behind it, where it has one."""
    span = bounds(figure)
    return text("page.spanned", figure=figure, span=span) if span else text("page.figure", figure=figure)


def longest(series: Sequence[Figure]) -> tuple[Figure, ...]:
    """The dated figures of the concept and price basis with the most of them, the newest of equals, in time order."""
    groups: dict[tuple[str, str], list[Figure]] = {}
    for figure in series:
        if figure.value is not None and year_of(figure) is not None:
            groups.setdefault((figure.concept, figure.price_basis), []).append(figure)
    if not groups:
        return ()
    ordered = [sorted(group, key=lambda figure: year_of(figure) or 0.0) for group in groups.values()]
    best: list[Figure] = max(ordered, key=_length_and_end)
    return tuple(best)


def _length_and_end(group: list[Figure]) -> tuple[int, float]:
    return len(group), year_of(group[-1]) or 0.0


def comparable(series: Sequence[Figure]) -> tuple[Figure, ...]:
    """The dated figures with a value that are of the same concept and price basis as the newest one, in time order."""
    dated = [figure for figure in series if figure.value is not None and year_of(figure) is not None]
    if not dated:
        return ()
    dated.sort(key=lambda figure: year_of(figure) or 0.0)
    last = dated[-1]
    return tuple(figure for figure in dated if (figure.concept, figure.price_basis) == (last.concept, last.price_basis))


def movement(first: Figure, last: Figure) -> str:
    """`rose`, `fell` or `steady` between two figures with values."""
    before, after = first.value or 0.0, last.value or 0.0
    if abs(after - before) <= SAME_WITHIN * max(abs(before), abs(after)):
        return "steady"
    return "rose" if after > before else "fell"


def since(series: Sequence[Figure]) -> Message | None:
    """How the newest figure has moved since the first comparable one; None where there is no earlier one."""
    line = comparable(series)
    if len(line) < 2 or line[0].period == line[-1].period:
        return None
    first, last = line[0], line[-1]
    return text(f"page.since.{movement(first, last)}", first=first, period=first.period)


def held_against(measure: Measure) -> tuple[Message, ...]:
    """The figures of province, nation and peers beside a measure, each as a short message."""
    found: list[Message] = []
    for kind in ("province", "nation", "peers"):
        comparison = measure.compared_with(kind)
        if comparison is not None and comparison.figure.known:
            found.append(beside(comparison))
    return tuple(found)


def beside(comparison: Comparison) -> Message:
    """One comparison as a short message: whose figure, and the figure."""
    figure = comparison.figure
    if comparison.kind in {"province", "nation"} and len(comparison.places) == 1:
        return text("page.beside.place", place=Ref(kind="place", id=comparison.places[0]), figure=figure)
    return text(f"page.beside.{comparison.kind}", n=len(comparison.places), figure=figure)


def finding(name: Ref | Message, series: Sequence[Figure]) -> Message:
    """The title of a time chart: what the newest comparable figure did since the first."""
    line = comparable(series)
    if len(line) < 2:
        last = line[-1] if line else Figure()
        return text("charts.title.single", name=name, last=last, period=last.period)
    first, last = line[0], line[-1]
    kind = movement(first, last)
    return text(f"charts.title.{kind}", name=name, first=first, last=last, start=first.period, end=last.period)


def numbered_events(report: Report) -> tuple[tuple[int, Event], ...]:
    """The dated events that are drawn on time charts, numbered in time order."""
    main = [event for event in report.dated_events if event.at is not None and event.kind in MAIN_EVENTS]
    return tuple(enumerate(main, start=1))


def event_marks(report: Report) -> tuple[EventMark, ...]:
    """The marks of the numbered events."""
    return tuple(EventMark(number, event.at) for number, event in numbered_events(report) if event.at is not None)


def small_chart(measure: Measure, report: Report, chart_id: str) -> TimeChart:
    """A measure over time on a small chart, the medians of peers and the superior places left to the table."""
    series = Series(measure.title, measure.series)
    return TimeChart(
        id=chart_id,
        title=finding(measure.title, measure.series),
        subtitle=text("charts.subtitle.unit", unit=""),
        alt=text(
            "charts.alt.time", name=measure.title, n=len(series.drawn), finding=finding(measure.title, measure.series)
        ),
        size="half",
        series=(series,),
        unit=measure.figure.unit,
        events=event_marks(report),
    )


def distinct(needs: Iterable[Need]) -> tuple[Need, ...]:
    """Each need once, by what is needed, in the order given."""
    found: dict[tuple[str, str, str, str], Need] = {}
    for need in needs:
        found.setdefault((need.indicator, need.place, need.period, need.dims), need)
    return tuple(found.values())


def measure_name(measure: Measure) -> Ref | Message:
    """The name of a measure with its dimensions, where it has any."""
    if not measure.dims:
        return measure.title
    return text("page.measure-of", name=measure.title, dims=Ref(kind="dims", id=measure.dims))
