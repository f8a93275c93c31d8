"""The section on integrity: what in the figures cannot be trusted, why, what was decided, and what was not checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headframe.core.results import Figure, Message, Ref
from headframe.show import audited
from headframe.show.blocks import (
    FILTERS,
    Badge,
    Block,
    Cell,
    Charts,
    Code,
    Column,
    Fold,
    Heading,
    Listing,
    Paragraph,
    Row,
    Said,
    SectionContent,
    Table,
    text,
)
from headframe.show.charts.curve import CurveChart
from headframe.show.charts.finding import FindingChart
from headframe.show.charts.time import Series
from headframe.show.results_bundle import Kind, Observation, Report
from headframe.show.sections.base import State, state_of
from headframe.show.sections.meter import field_names

if TYPE_CHECKING:
    from headframe.audit.results import AuditResult, Curve, Finding, Picture
    from headframe.audit.results import Cell as AuditCell

MOST_PICTURES = 12
FEWEST_POINTS = 2  # a picture of less shows nothing
MOST_ROWS = 200  # of the table on the page; the workbook and the command have all
MOST_CELLS, MOST_AGAINST = 4, 2
MOST_CURVES = 4


@dataclass(frozen=True)
class Integrity:
    """What the audit found."""

    id: str = "integrity"
    order: int = 8
    requires: tuple[Kind, ...] = ("audit",)

    def state(self, report: Report, /) -> State:
        """Needs the result of audit."""
        return state_of(self.requires, report)

    def build(self, report: Report, /) -> SectionContent:
        """Summary, pictures of the gravest, all findings, what rests on them, curves, what was not checked."""
        result = report.audited
        if result is None:
            return SectionContent(())
        blocks: list[Block] = [Paragraph(lead(result), "lead")]
        blocks += [Paragraph((text("integrity.meaning"), *standing(result)))]
        pictures = [chart for item in drawn(result) if (chart := picture_chart(report, result, item)) is not None]
        if pictures:
            blocks += [Heading(text("integrity.pictures"), 3, "integrity-pictures"), Charts(tuple(pictures))]
        if result.findings:
            blocks += [Heading(text("integrity.list"), 3, "integrity-list"), *finding_blocks(report, result)]
        blocks += gone_blocks(report)
        blocks += resting_blocks(report, result)
        blocks += curve_blocks(result)
        return SectionContent((*blocks, *check_blocks(result)))


def lead(result: AuditResult) -> tuple[Message, ...]:
    """How many findings there are, how many of them the reader has still to decide on."""
    found = (audited.summary(result),)
    waiting = sum(audited.is_open(result.decision(item.id)) for item in result.findings)
    if not result.findings or waiting == len(result.findings):
        return found
    return (*found, text("integrity.waiting", n=waiting))


def standing(result: AuditResult) -> tuple[Message, ...]:
    """Whether the findings are recorded, so that they count in the other sections, and what changed since."""
    if result.changes.unchanged or result.changes.gone:
        told = {name: len(getattr(result.changes, name)) for name in ("new", "gone", "unchanged")}
        return (text("audit.told.changes", **told),)
    return (text("integrity.not-recorded"),) if result.findings else ()


def drawn(result: AuditResult) -> tuple[Finding, ...]:
    """The gravest findings that have something to draw, one of each series, at most a dozen."""
    found: dict[tuple[str, str, str, str], Finding] = {}
    for item in result.findings:
        if item.picture is not None and _points(item.picture) >= FEWEST_POINTS:
            first = item.cells[0]
            found.setdefault((first.place, item.picture.indicator, first.dims, first.concept), item)
    return tuple(found.values())[:MOST_PICTURES]


def _points(picture: Picture) -> int:
    return len({year for year, _ in picture.points})


def picture_chart(report: Report, result: AuditResult, item: Finding) -> FindingChart | None:
    """The picture of a finding with its reason, treatment, decision and false-alarm rate below."""
    picture = item.picture
    if picture is None:
        return None
    first = item.cells[0]
    known = {cell.period: cell.ref for cell in item.cells if cell.indicator == picture.indicator and cell.ref}
    place = first.place

    def figure(year: int, **values: float) -> Figure:
        return Figure(unit=picture.unit, period=str(year), indicator=picture.indicator, place=place, **values)

    points = tuple(
        _observed(report, first, figure(year, value=value), known.get(str(year), "")) for year, value in picture.points
    )
    bases = {point.price_basis for point in points}
    derived = {"method": "derived", "price_basis": bases.pop() if len(bases) == 1 else ""}
    expected = tuple(figure(year, value=value).model_copy(update=derived) for year, value in picture.expected)
    band = tuple(
        figure(year, value=mid, low=low, high=high).model_copy(update=derived) for year, low, mid, high in picture.band
    )
    name = Ref(kind="indicator", id=picture.indicator)
    title = text(
        "integrity.chart.title",
        detector=text(f"audit.detector.{item.detector}"),
        where=audited.where(item, result.place),
    )
    return FindingChart(
        id=f"finding-{item.id}",
        title=title,
        subtitle=text("charts.subtitle.unit", unit=""),
        alt=text("integrity.chart.alt", name=name, n=len(points), marked=len(picture.marked), finding=item.reason),
        size="half",
        series=(Series(name, points),),
        unit=picture.unit,
        marked=picture.marked,
        expected=expected,
        band=band,
        notes=(
            item.reason,
            text(
                "integrity.chart.decision",
                treatment=audited.treatment(item),
                decision=audited.decided(result.decision(item.id)),
            ),
            text("integrity.chart.legend", parts=_legend(picture)),
            audited.alarms(result, item.detector),
        ),
    )


def _legend(picture: Picture) -> tuple[Message, ...]:
    parts = [text("integrity.legend.marked")] if picture.marked else []
    parts += [text("integrity.legend.expected")] if picture.expected else []
    return tuple(parts + ([text("integrity.legend.band")] if picture.band else []))


def _observed(report: Report, first: AuditCell, figure: Figure, ref: str) -> Figure:
    """A point of a picture as the observation that it is drawn from, where the report has it."""
    entry = report.entries.get(ref) if ref else _entry_of(report, first, figure)
    if entry is None:
        return figure
    told = {
        "status": entry.status,
        "method": entry.method,
        "observations": (entry.ref,),
        "price_basis": entry.price_basis,
    }
    return figure.model_copy(update=told)


def _entry_of(report: Report, first: AuditCell, figure: Figure) -> Observation | None:
    key = (figure.place, figure.indicator, first.dims, figure.period)
    alike = (report.entries[ref] for ref in report.alike.get(key, ()))
    return next((entry for entry in alike if entry.amount.value == figure.value), None)


def finding_blocks(report: Report, result: AuditResult) -> list[Block]:
    """The table of findings, gravest first, with a filter by severity and by what is still to be decided."""
    heads = ("finding", "figures", "severity", "suggested", "decision", "alarms")
    columns = tuple(
        Column(text(f"integrity.column.{head}"), wide=head in {"finding", "figures"}, numeric=head == "alarms")
        for head in heads
    )
    shown = result.findings[:MOST_ROWS]
    rows = tuple(finding_row(report, result, item) for item in shown)
    marks = {mark for row in rows for mark in row.marks}
    filters = tuple((name, text(f"integrity.filter.{name}")) for name in FILTERS if name in marks)
    table = Table("integrity", text("integrity.table"), columns, rows, filters=filters if len(rows) > 1 else ())
    if len(result.findings) <= MOST_ROWS:
        return [table]
    more = text("integrity.more", n=len(result.findings) - MOST_ROWS, shown=MOST_ROWS)
    return [table, Paragraph((more,), "note")]


def finding_row(report: Report, result: AuditResult, item: Finding) -> Row:
    """One finding: reason and detector, figures, severity and state, treatment, decision, false alarms."""
    decision = result.decision(item.id)
    said = (item.reason, text(f"audit.detector.{item.detector}"), Code(item.id))
    state = result.state(item.id)
    grave = (severity_badge(item.severity), *((text(f"integrity.state.{state}"),) if state else ()))
    decided: tuple[Cell, ...] = (audited.decided(decision),)
    if decision is not None and decision.note:
        decided += (Said(decision.note, decision.note),)
    return Row(
        (
            said,
            figures(report, item),
            grave,
            audited.treatment(item),
            decided,
            audited.alarms_short(audited.rate_of(result, item.detector)),
        ),
        anchor=f"finding:{item.id}",
        marks=(item.severity, *(("open",) if audited.is_open(decision) else ())),
    )


def severity_badge(severity: str) -> Badge:
    """The severity of a finding as a badge."""
    return Badge(text(f"integrity.severity.{severity}"), audited.TONES.get(severity, "plain"))


def figures(report: Report, item: Finding) -> Cell:
    """The figures that a finding is about, then those they stand against, each linked to its entry."""
    found: list[Cell] = [_figure(report, cell) for cell in item.cells[:MOST_CELLS]]
    if len(item.cells) > MOST_CELLS:
        found.append(text("integrity.more-figures", n=len(item.cells) - MOST_CELLS))
    found += [text("integrity.against", figure=_figure(report, cell)) for cell in item.against[:MOST_AGAINST]]
    if len(item.against) > MOST_AGAINST:
        found.append(text("integrity.more-against", n=len(item.against) - MOST_AGAINST))
    return tuple(found)


def _figure(report: Report, cell: AuditCell) -> Message:
    name = Ref(kind="indicator", id=cell.indicator)
    entry = report.entries.get(cell.ref)
    figure = (
        entry.amount
        if entry is not None
        else Figure(value=cell.value, unit=audited.unit(cell.indicator), method="derived")
    )
    return text("page.evidence.figure", name=name, figure=figure, period=cell.period or text("page.undated"))


def gone_blocks(report: Report) -> list[Block]:
    """Findings of the last recorded audit that are there no more."""
    gone = audited.gone(report)
    if not gone:
        return []
    items = tuple((Code(name), Said(english, chinese)) for name, english, chinese in gone)
    return [Fold(text("integrity.gone", n=len(gone)), (Listing(items),))]


def resting_blocks(report: Report, result: AuditResult) -> list[Block]:
    """Which fields of the meter rest on figures with a finding, and with how much of its weight."""
    measured = report.measured
    if measured is None or not measured.meter.scored:
        return []
    title = Heading(text("integrity.resting"), 3, "integrity-resting")
    found = audited.resting(report)
    year = measured.meter.scored[-1]
    if not found:
        return [title, Paragraph((text("integrity.resting.none", year=str(year.year)),))]
    names = field_names(measured.meter)
    fields = dict.fromkeys(one.contribution.field for one in found)
    told = text(
        "integrity.resting.some",
        n=len(found),
        m=sum(part.observed for part in year.contributions),
        year=str(year.year),
        share=audited.share(one.contribution for one in found),
        fields=tuple(names[name] for name in fields if name in names),
    )
    heads = ("indicator", "field", "figure", "weight", "findings")
    columns = tuple(
        Column(text(f"integrity.column.{head}"), numeric=head in {"figure", "weight"}, wide=head == "indicator")
        for head in heads
    )
    rows = tuple(
        Row(
            (
                Ref(kind="indicator", id=one.contribution.indicator),
                names.get(one.contribution.field, "–"),
                one.contribution.value,
                audited.share((one.contribution,)),
                tuple(
                    (severity_badge(item.severity), text(f"audit.detector.{item.detector}")) for item in one.findings
                ),
            )
        )
        for one in found
    )
    counted = any(item.id in result.changes.unchanged for one in found for item in one.findings)
    effect = text("integrity.resting.counted" if counted else "integrity.resting.not-yet")
    return [
        title,
        Paragraph((told, effect)),
        Table("integrity-resting", text("integrity.resting.table"), columns, rows),
    ]


def curve_blocks(result: AuditResult) -> list[Block]:
    """How the lists of breaks depend on the threshold."""
    if not result.curves:
        return []
    charts = tuple(curve_chart(number, curve) for number, curve in enumerate(result.curves[:MOST_CURVES], start=1))
    return [
        Heading(text("integrity.curves"), 3, "integrity-curves"),
        Paragraph((text("integrity.curves.about"),)),
        Charts(charts),
    ]


def curve_chart(number: int, curve: Curve) -> CurveChart:
    """One curve: the group in question beside all other places."""
    inside = Ref(kind="place", id=curve.group)
    title = audited.curve_told(curve)
    return CurveChart(
        id=f"curve-{number}",
        title=title,
        subtitle=text("integrity.curve.subtitle", detector=text(f"audit.detector.{curve.detector}")),
        alt=text("integrity.curve.alt", n=len(curve.points), finding=title),
        size="half",
        names=(inside, text("integrity.curve.elsewhere")),
        points=curve.points,
        chosen=curve.chosen,
    )


def check_blocks(result: AuditResult) -> list[Block]:
    """Every detector: what it checked and listed, how often it errs, what it could not check and why."""
    found = audited.checks(result)
    title = Heading(text("integrity.checks"), 3, "integrity-checks")
    if not found:
        return [title, Paragraph((text("integrity.checks.none"), text("audit.told.limits")))]
    heads = ("check", "listed", "checked", "unchecked", "alarms", "power")
    columns = tuple(
        Column(
            text(f"integrity.column.{head}"),
            numeric=head in {"listed", "checked", "alarms", "power"},
            wide=head in {"check", "unchecked"},
            small=head == "unchecked",
        )
        for head in heads
    )
    rows = tuple(
        Row(
            (
                text(f"audit.detector.{one.detector}"),
                text("charts.number", value=one.listed),
                text("charts.number", value=one.checked),
                one.gaps or "–",
                audited.alarms_short(one.alarms),
                power(one),
            )
        )
        for one in found
    )
    table = Table("integrity-checks", text("integrity.checks.table"), columns, rows)
    return [title, table, Paragraph((*_rates(found), text("audit.told.limits")), "note")]


def _rates(found: Iterable[audited.Check]) -> tuple[Message, ...]:
    """What the two columns of rates mean, or that this version has none."""
    return (text("integrity.rates" if any(one.alarms for one in found) else "integrity.rates.none"),)


def power(check: audited.Check) -> Message | str:
    """The share of injected faults found that a person could tell, over the kinds of fault."""
    if check.worst is None or check.best is None:
        return "–"
    worst, best = (Figure(value=round(end), unit="%", method="derived") for end in (check.worst, check.best))
    return text("page.figure", figure=best) if worst.value == best.value else text("page.range", low=worst, high=best)
