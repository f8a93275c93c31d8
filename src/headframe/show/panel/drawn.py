"""The charts of the view across many places, each from the bundle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from headframe.core.results import Message, Ref
from headframe.measure.panel.results import STANDINGS, PanelField, PanelMove, PanelReading
from headframe.show.blocks import text
from headframe.show.charts.rows import RowItem, RowsChart
from headframe.show.panel.bundle import GROUPS, PanelReport, named
from headframe.show.panel.charts.caterpillar import Bar, CaterpillarChart
from headframe.show.panel.charts.matrix import MatrixChart
from headframe.show.panel.charts.points import PointsChart, Spot
from headframe.show.panel.charts.spread import Line, Quantiles, SpreadChart

TONES = {"exhausted": "vermilion", "resource": "blue", "other": "grey"}
LEVELS = (0.05, 0.25, 0.50, 0.75, 0.95)
FEWEST = 5  # places of a group below which no median of it is drawn
SCORED, WITHOUT_BOUNDS = "o", "b"  # states of coverage
MOSTLY = 0.9  # the share of places from which an indicator counts as known


def _quantiles(panel: PanelReport, value: Callable[[PanelReading], float | None]) -> tuple[Quantiles, ...]:
    found = []
    for year in panel.result.scored_years:
        known = [one for item in panel.result.ranked(year) if (one := value(item)) is not None]
        if known:
            low, quarter, middle, upper, high = (float(level) for level in np.quantile(known, LEVELS))
            found.append(Quantiles(year, (low, quarter, middle, upper, high), len(known)))
    return tuple(found)


def spread_chart(panel: PanelReport) -> SpreadChart:
    """The spread of scores over the years, with the medians of exhausted and other resource-based cities."""
    quantiles = _quantiles(panel, lambda item: item.score.value)
    first, last = quantiles[0], quantiles[-1]
    widths = [item.levels[4] - item.levels[0] for item in (first, last)]
    title = text("panel.chart.spread-one", middle=last.levels[2], year=str(last.year))
    if len(quantiles) > 1:
        years = {"since": str(first.year), "year": str(last.year)}
        medians = {"before": first.levels[2], "after": last.levels[2], "narrow": widths[0], "wide": widths[1]}
        title = text("panel.chart.spread", **years, **medians)
    return SpreadChart(
        id="spread",
        title=title,
        subtitle=text("panel.chart.spread-subtitle"),
        alt=text("charts.alt.rows", finding=title, n=len(quantiles)),
        quantiles=quantiles,
        lines=tuple(line for group in GROUPS[:2] if (line := _median_line(panel, group)).points),
    )


def _median_line(panel: PanelReport, group: str) -> Line:
    points = []
    for year in panel.result.scored_years:
        known = [item.score.value or 0.0 for item in panel.result.ranked(year) if panel.groups[item.place] == group]
        if len(known) >= FEWEST:
            points.append((year, float(np.median(known))))
    return Line(text(f"panel.group.{group}"), TONES[group] if group == "exhausted" else "soft", tuple(points))


def field_chart(panel: PanelReport, field: PanelField) -> SpreadChart:
    """The spread of one field over the years."""
    at = [item.id for item in panel.result.fields].index(field.id)
    quantiles = _quantiles(panel, lambda item: item.fields[at].score.value)
    last = quantiles[-1]
    title = text("panel.chart.field", name=text(field.name), middle=last.levels[2], year=str(last.year))
    return SpreadChart(
        id=f"field-{field.id}",
        title=title,
        subtitle=text("charts.subtitle.field"),
        alt=text("charts.alt.rows", finding=title, n=len(quantiles)),
        size="half",
        quantiles=quantiles,
    )


def caterpillar(panel: PanelReport) -> CaterpillarChart:
    """The rank intervals of all places."""
    ranked = panel.ranked
    widths = sorted((item.rank.high or 0.0) - (item.rank.low or 0.0) for item in ranked)
    sure = sum((item.rank.high or 0.0) <= len(ranked) / 2 for item in ranked)
    title = text("panel.chart.ranks", width=widths[len(widths) // 2], places=len(ranked), sure=sure)
    bars = tuple(
        Bar(
            named(item.place),
            item.rank,
            TONES[panel.groups[item.place]],
        )
        for item in ranked
    )
    return CaterpillarChart(
        id="ranks",
        title=title,
        subtitle=text("panel.chart.ranks-all", year=str(panel.year)),
        alt=text("charts.alt.rows", finding=title, n=len(bars)),
        bars=bars,
        tones=tuple((TONES[group], text(f"panel.group.{group}")) for group in reversed(GROUPS)),
    )


def movers_chart(panel: PanelReport, moves: Sequence[PanelMove]) -> RowsChart:
    """Changes with their intervals around no change."""
    ends = [abs(end) for move in moves for end in (move.change.low or 0.0, move.change.high or 0.0)]
    most = float(max(10, 10 * -(-max(ends) // 10)))
    found = sum(move.found for move in panel.moves.values())
    since, year = panel.span or (0, 0)
    title = text("panel.chart.movers", n=found, places=len(panel.moves), since=str(since), year=str(year))
    items = tuple(
        RowItem(
            named(move.place),
            move.change.value,
            move.change.figure(place=move.place).model_copy(update={"status": "A" if move.found else "E"}),
            (move.change.low or 0.0, move.change.high or 0.0),
            tone="blue" if (move.change.value or 0.0) >= 0 else "vermilion",
        )
        for move in moves
    )
    return RowsChart(
        id="movers",
        title=title,
        subtitle=text("panel.chart.movers-subtitle"),
        alt=text("charts.alt.rows", finding=title, n=len(items)),
        items=items,
        bounds=(-most, most),
        lines=((0.0, text("panel.chart.no-change")),),
    )


def points_chart(panel: PanelReport) -> PointsChart:
    """The places as points, coloured by score."""
    spots = tuple(
        Spot(named(place), latitude, longitude, panel.score(place).figure(place=place))
        for place, (latitude, longitude) in panel.coordinates.items()
    )
    known = sum(spot.score.known for spot in spots)
    title = text("panel.chart.map", n=known, year=str(panel.year or "–"))
    return PointsChart(
        id="map",
        title=title,
        subtitle=text("panel.chart.map-subtitle"),
        alt=text("charts.alt.rows", finding=title, n=len(spots)),
        spots=spots,
        notes=(text("panel.chart.map-note"),),
    )


def standings_of(panel: PanelReport) -> tuple[str, ...]:
    """The standings that occur in the panel, in the order of the list."""
    held: set[str] = {item.standing for item in panel.result.classes if item.applies}
    return tuple(name for name in STANDINGS if name in held)


def transitions(panel: PanelReport) -> MatrixChart:
    """From which standing to which, between the first and the last scored year."""
    since, year = panel.span or (0, 0)
    pairs: Counter[tuple[str, str]] = Counter()
    for place in panel.result.places:
        before, after = (panel.result.classes_at.get((place.id, at)) for at in (since, year))
        if before is not None and after is not None and after.applies:
            pairs[before.standing, after.standing] += 1
    names = [name for name in STANDINGS if any(name in pair for pair in pairs)]
    moved = sum(number for (one, other), number in pairs.items() if one != other)
    title = text("panel.chart.transitions", n=moved, places=sum(pairs.values()), since=str(since), year=str(year))
    told: tuple[Message, ...] = tuple(text(f"panel.standing.{name}") for name in names)
    return MatrixChart(
        id="transitions",
        title=title,
        subtitle=text("panel.chart.transitions-subtitle", since=str(since), year=str(year)),
        alt=text("charts.alt.rows", finding=title, n=len(names)),
        row_names=told,
        column_names=told,
        cells=tuple(tuple(float(pairs[one, other]) for other in names) for one in names),
        most=float(max(pairs.values(), default=1)),
        percent=False,
        corner=text("panel.column.standing"),
    )


def coverage_years(panel: PanelReport) -> MatrixChart:
    """The share of places with a figure that can be scored, by indicator and year; hatched where only bounds lack."""
    result = panel.result
    counts: dict[str, list[Counter[str]]] = {item.id: [Counter() for _ in result.years] for item in result.indicators}
    for cell in result.coverage:
        for at, state in enumerate(cell.states):
            counts[cell.indicator][at][state] += 1
    total = max(len(result.places), 1)
    every = [one for row in counts.values() for one in row]
    whole = 100 * sum(one[SCORED] for one in every) / max(total * len(every), 1)
    title = text("panel.chart.coverage", share=round(whole))

    def share(one: Counter[str]) -> float | None:
        return None if not one[SCORED] and one[WITHOUT_BOUNDS] else 100 * one[SCORED] / total

    return MatrixChart(
        id="coverage-years",
        title=title,
        subtitle=text("panel.chart.coverage-subtitle"),
        alt=text("charts.alt.rows", finding=title, n=len(counts)),
        row_names=tuple(Ref(kind="indicator", id=name) for name in counts),
        column_names=tuple(str(year) for year in result.years),
        cells=tuple(tuple(share(one) for one in row) for row in counts.values()),
        corner=text("panel.column.indicator"),
        notes=(text("panel.chart.coverage-note"),),
    )


def coverage_provinces(panel: PanelReport, year: int) -> MatrixChart:
    """The share of places with a figure in one year, by province and indicator."""
    result = panel.result
    at = result.years.index(year)
    has = {(cell.place, cell.indicator) for cell in result.coverage if cell.states[at] == SCORED}
    names = [item.id for item in result.indicators]
    cells = tuple(
        tuple(100 * sum((place, name) in has for place in members) / len(members) for name in names)
        for _, _, members in panel.provinces
    )
    held = [sum(name == other for _, other in has) for name in names]
    known = sum(number >= MOSTLY * len(result.places) for number in held)
    title = text("panel.chart.coverage-provinces", n=known, indicators=len(names), year=str(year))
    rows: tuple[Ref | Message, ...] = tuple(
        Ref(kind="province", id=key) if key else text("panel.no-province") for key, _, _ in panel.provinces
    )
    return MatrixChart(
        id="coverage-provinces",
        title=title,
        subtitle=text("panel.chart.coverage-subtitle"),
        alt=text("charts.alt.rows", finding=title, n=len(cells)),
        row_names=rows,
        column_names=tuple(Ref(kind="indicator", id=name) for name in names),
        cells=cells,
        corner=text("panel.column.province"),
    )
