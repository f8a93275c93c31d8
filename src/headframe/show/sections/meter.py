"""The part of section 2 on the transformation meter, exhaustion and lifecycle."""

from __future__ import annotations

from headframe.core.results import Figure, Message, Ref
from headframe.measure.results import FieldScore, MeasureResult, Meter, MeterYear
from headframe.show.blocks import (
    Block,
    Charts,
    Column,
    Fold,
    Heading,
    Listing,
    Missing,
    Paragraph,
    Row,
    Slot,
    Table,
    text,
)
from headframe.show.charts.rows import RowItem, RowsChart
from headframe.show.charts.scale import year_of
from headframe.show.charts.time import Series, TimeChart
from headframe.show.results_bundle import Report
from headframe.show.sections.common import distinct, event_marks, spanned
from headframe.show.sections.one_page import meter_sentence

FIRST_YEAR = 2000


def meter_blocks(report: Report, measured: MeasureResult) -> list[Block]:
    """The meter: what it says, the score and its fields over the years, and what each indicator adds."""
    meter = measured.meter
    blocks: list[Block] = [
        Heading(text("page.meter.title"), 3, "where-meter"),
        Paragraph((meter_sentence(measured),), "lead"),
        Paragraph((text("page.meter.about"),), "note"),
    ]
    if meter.scored:
        fields = field_names(meter)
        blocks.append(Charts((score_chart(report, meter),)))
        drawn = [chart for field in fields if (chart := field_chart(report, meter, field)) is not None]
        blocks += [Charts(tuple(drawn))] if drawn else []
    shown = meter.scored[-1] if meter.scored else max(meter.years, key=lambda year: year.coverage, default=None)
    if shown is not None:
        if shown.contributions:
            blocks.append(Charts((contributions_chart(shown),)))
        blocks.append(marks_table(meter))
        if shown.contributions:
            table = contributions_table(meter, shown)
            total = Paragraph((text("page.meter.default", score=shown.default), text("page.meter.about-drawn")), "note")
            blocks.append(Fold(text("page.meter.how", year=str(shown.year)), (table, total)))
        if shown.needs:
            caption = text("page.missing.caption")
            blocks.append(Fold(text("page.group.missing", n=len(shown.needs)), (Missing(shown.needs, caption),)))
    general = tuple(note for note in meter.notes if "year" not in note.values)  # the years stand in the table
    if general:
        blocks.append(Paragraph(general, "note"))
    return blocks


def field_names(meter: Meter) -> dict[str, Message]:
    """The names of the meter's fields, in reading order."""
    return {field.field: field.name for year in meter.years for field in year.fields}


def _trend(name: Message, years: list[tuple[int, Figure]]) -> Message:
    first, last = years[0], years[-1]
    if len(years) == 1:
        return text("charts.title.single", name=name, last=last[1], period=str(last[0]))
    before, after = first[1], last[1]
    values: dict[str, Slot] = {
        "name": name,
        "first": before,
        "last": after,
        "start": str(first[0]),
        "end": str(last[0]),
    }
    apart = _apart(before, after)
    if not apart:
        return text("charts.title.no-difference", **values)
    kind = "rose" if (after.value or 0.0) > (before.value or 0.0) else "fell"
    return text(f"charts.title.{kind}", **values)


def _apart(before: Figure, after: Figure) -> bool:
    """Whether two intervals do not overlap; without intervals, whether the values differ at all."""
    if before.low is None or before.high is None or after.low is None or after.high is None:
        return before.value != after.value
    return before.high < after.low or after.high < before.low


def score_chart(report: Report, meter: Meter) -> TimeChart:
    """The score with its interval over the years; the other places in grey."""
    scores = [(year.year, year.score) for year in meter.scored]
    name = text("page.meter.name")
    others: dict[str, list[Figure]] = {}
    for figure in meter.others:
        if figure.value is not None and year_of(figure) is not None:
            others.setdefault(figure.place, []).append(figure)
    grey = [Series(Ref(kind="place", id=place), tuple(line), quiet=True) for place, line in sorted(others.items())]
    title = _trend(name, scores)
    return TimeChart(
        id="meter",
        title=title,
        subtitle=text("charts.subtitle.meter", level=_level(meter)),
        alt=text("charts.alt.time", name=name, n=len(scores), finding=title),
        series=(*grey, Series(Ref(kind="place", id=report.place.id), tuple(figure for _, figure in scores))),
        unit="1",
        bounds=(0.0, 100.0),
        events=event_marks(report),
        from_year=FIRST_YEAR,
        notes=(text("charts.note.meter"),),
    )


def _level(meter: Meter) -> Figure:
    return Figure(value=round(100 * meter.level), unit="%", method="derived")


def _field(year: MeterYear, field: str) -> FieldScore | None:
    return next((item for item in year.fields if item.field == field), None)


def field_chart(report: Report, meter: Meter, field: str) -> TimeChart | None:
    """One of the four fields over the years, None where it was never scored."""
    found = [(year.year, item.score) for year in meter.years if (item := _field(year, field)) is not None]
    scores = [(year, score) for year, score in found if score.value is not None]
    if not scores:
        return None
    name = field_names(meter)[field]
    title = _trend(name, scores)
    return TimeChart(
        id=f"meter-{field}",
        title=title,
        subtitle=text("charts.subtitle.field"),
        alt=text("charts.alt.time", name=name, n=len(scores), finding=title),
        size="half",
        series=(Series(name, tuple(figure for _, figure in scores)),),
        unit="1",
        bounds=(0.0, 100.0),
        events=event_marks(report),
    )


def contributions_chart(year: MeterYear) -> RowsChart:
    """The normalised score of each indicator in one year; what is not observed is hatched."""
    observed = sum(item.observed for item in year.contributions)
    title = text("charts.title.contributions", n=observed, m=len(year.contributions), year=str(year.year))
    items = tuple(
        RowItem(
            Ref(kind="indicator", id=item.indicator),
            item.score.value if item.observed else None,
            item.value if item.observed else Figure(),
            _span(item.score) if item.observed else None,
        )
        for item in sorted(year.contributions, key=lambda item: (item.field, not item.observed, -item.weight))
    )
    return RowsChart(
        id="meter-contributions",
        title=title,
        subtitle=text("charts.subtitle.contributions"),
        alt=text("charts.alt.rows", finding=title, n=len(items)),
        items=items,
    )


def _span(figure: Figure) -> tuple[float, float] | None:
    if figure.low is None or figure.high is None:
        return None
    return (max(0.0, figure.low), min(100.0, figure.high))


def marks_table(meter: Meter) -> Table:
    """The dated marks: score, rank, how much of the weight rests on evidence, and the fields."""
    fields = field_names(meter)
    columns = (
        Column(text("page.column.year")),
        *(Column(text(f"page.column.{head}"), short=True) for head in ("score", "rank", "coverage")),
        *(Column(name, numeric=True) for name in fields.values()),
    )
    rows = []
    for year in meter.years:
        if not (year.mark or year.score.value is not None):
            continue
        coverage = Figure(value=round(100 * year.coverage), unit="%", method="derived")
        rank: Message | str = "–"
        if year.rank.value is not None:
            rank = text("page.rank", rank=year.rank, n=len(year.ranked))
        score = spanned(year.score) if year.score.value is not None else text("page.meter.too-little")
        found = (_field(year, field) for field in fields)
        scores = tuple(item.score if item is not None and item.score.known else "–" for item in found)
        rows.append(Row((str(year.year), score, rank, coverage, *scores)))
    return Table("meter-marks", text("page.meter.marks"), columns, tuple(rows))


def contributions_table(meter: Meter, year: MeterYear) -> Table:
    """What each indicator adds to the score of one year, with bounds and weight."""
    heads = ("indicator", "field", "figure", "bounds", "score", "weight", "points")
    columns = tuple(
        Column(text(f"page.column.{head}"), numeric=head not in {"indicator", "field"}, wide=head == "indicator")
        for head in heads
    )
    names = field_names(meter)
    rows = []
    for item in year.contributions:
        unit = item.value.unit
        bounds = text(
            "page.meter.bounds",
            low=Figure(value=item.bound_low, unit=unit, method="derived"),
            high=Figure(value=item.bound_high, unit=unit, method="derived"),
        )
        weight = Figure(value=round(100 * item.weight, 1), unit="%", method="derived")
        field = names.get(item.field, "–")
        indicator = Ref(kind="indicator", id=item.indicator)
        score = item.score if item.observed else text("page.meter.drawn", score=item.score)
        rows.append(Row((indicator, field, item.value, bounds, score, weight, item.points)))
    return Table("meter-contributions", text("page.meter.contributions", year=str(year.year)), columns, tuple(rows))


def lifecycle_blocks(measured: MeasureResult) -> list[Block]:
    """Exhaustion as a probability, and the four lifecycle classes, each beside the official lists."""
    exhaustion, lifecycle = measured.exhaustion, measured.lifecycle
    blocks: list[Block] = [Heading(text("page.lifecycle.title"), 3, "where-lifecycle")]
    if lifecycle.classes:
        blocks.append(Charts((classes_chart(measured),)))
    told = (*exhaustion.reasons, *lifecycle.reasons)
    if told:
        blocks.append(Listing(told))
    heads = ("quantity", "figure", "period")
    columns = tuple(Column(text(f"page.column.{head}"), numeric=head == "figure") for head in heads)
    rows = tuple(
        Row((text(f"page.exhaustion.{name}"), figure, figure.period or "–"))
        for name in ("probability", "ratio", "threshold", "extracted", "reserves")
        if (figure := getattr(exhaustion, name)).known or name in {"probability", "reserves"}
    )
    blocks.append(Table("exhaustion", text("page.exhaustion.table"), columns, rows))
    needs = distinct((*exhaustion.needs, *lifecycle.needs))
    if needs:
        missing = Missing(needs, text("page.missing.caption"))
        blocks.append(Fold(text("page.group.missing", n=len(needs)), (missing,)))
    return blocks


def classes_chart(measured: MeasureResult) -> RowsChart:
    """The probability of each lifecycle class."""
    lifecycle = measured.lifecycle
    names = {item.lifecycle: item.name for item in lifecycle.classes}
    if lifecycle.most_probable is not None:
        title = text("charts.title.class", lifecycle=names[lifecycle.most_probable])
    else:
        title = text("charts.title.no-class")
    items = tuple(
        RowItem(item.name, item.probability.value, item.probability, _span(item.probability))
        for item in lifecycle.classes
    )
    return RowsChart(
        id="lifecycle",
        title=title,
        subtitle=text("charts.subtitle.classes"),
        alt=text("charts.alt.rows", finding=title, n=len(items)),
        items=items,
        bars=True,
    )
