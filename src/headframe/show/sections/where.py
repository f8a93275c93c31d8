"""Section 2, where it stands: the meter, the lifecycle, and the measures by group, with events and comparisons."""

from __future__ import annotations

from dataclasses import dataclass

from headframe.core.results import Figure, Message, Ref
from headframe.measure.results import Measure, MeasureResult
from headframe.show.blocks import (
    Bare,
    Block,
    Cell,
    Charts,
    Code,
    Column,
    Fold,
    Heading,
    Missing,
    Paragraph,
    Row,
    SectionContent,
    Table,
    text,
)
from headframe.show.charts.chart import Chart
from headframe.show.charts.rows import Beside, RowItem, RowsChart
from headframe.show.linked import bounds
from headframe.show.results_bundle import Kind, Report
from headframe.show.sections.base import State, state_of
from headframe.show.sections.common import (
    GROUPS,
    comparable,
    distinct,
    measure_name,
    numbered_events,
    small_chart,
)
from headframe.show.sections.meter import lifecycle_blocks, meter_blocks

CHARTS_PER_GROUP = 4
BETTER_MARGIN = 1e-9


@dataclass(frozen=True)
class WhereItStands:
    """The measured state of the place."""

    id: str = "where"
    order: int = 2
    requires: tuple[Kind, ...] = ("measure",)

    def state(self, report: Report, /) -> State:
        """Needs the result of measure."""
        return state_of(self.requires, report)

    def build(self, report: Report, /) -> SectionContent:
        """Meter, lifecycle, one part per group of subjects, peers, events."""
        if report.measured is None:
            return SectionContent(())
        blocks: list[Block] = [*meter_blocks(report, report.measured), *lifecycle_blocks(report.measured)]
        for group, subjects in GROUPS:
            blocks += group_blocks(report, report.measured, group, subjects)
        blocks += peer_blocks(report.measured)
        blocks += event_blocks(report)
        return SectionContent(tuple(blocks))


def group_blocks(report: Report, measured: MeasureResult, group: str, subjects: tuple[str, ...]) -> list[Block]:
    """One group: its measures against peers, over time, in a table; and what is not known."""
    measures = [item for subject in subjects for item in measured.subject(subject)]
    blocks: list[Block] = [Heading(text(f"page.group.{group}"), 3, f"where-{group}")]
    known = [item for item in measures if item.known]
    if not known:
        blocks.append(Paragraph((text("page.group.nothing"),)))
    charts: list[Chart] = []
    against = against_peers(report, known, group)
    if against is not None:
        blocks.append(Charts((against,)))
    timed = sorted((item for item in known if len(comparable(item.series)) >= 2), key=_liveliest)
    for item in timed[:CHARTS_PER_GROUP]:
        charts.append(small_chart(item, report, f"time-{group}-{len(charts) + 1}"))
    if charts:
        blocks.append(Charts(tuple(charts)))
    blocks += measure_tables(group, known)
    needs = distinct(need for item in measures for need in item.needs)
    if needs:
        blocks.append(Fold(text("page.group.missing", n=len(needs)), (Missing(needs, text("page.missing.caption")),)))
    return blocks


def _liveliest(measure: Measure) -> tuple[int, float]:
    """More points first, then the larger relative change."""
    line = comparable(measure.series)
    first, last = line[0].value or 0.0, line[-1].value or 0.0
    return -len(line), -abs(last - first) / max(abs(first), abs(last), 1e-300)


def measure_tables(group: str, known: list[Measure]) -> list[Block]:
    """The measures that can be set beside something in one table, single figures folded away in another."""
    main = [item for item in known if not item.dims and (item.comparisons or len(comparable(item.series)) >= 2)]
    single = [item for item in known if item not in main]
    blocks: list[Block] = []
    if main:
        blocks.append(measure_table(f"measures-{group}", text(f"page.group.{group}.table"), main))
    if single:
        table = measure_table(f"single-{group}", text("page.group.single"), single)
        blocks.append(Fold(text("page.group.single-fold", n=len(single)), (table,)))
    return blocks


def measure_table(identifier: str, caption: Message, known: list[Measure]) -> Table:
    """The newest figure of each measure, with province, nation and peers beside it."""
    heads = ("measure", "figure", "period", "province", "nation", "peers")
    columns = tuple(
        Column(text(f"page.column.{head}"), numeric=head not in {"measure", "period"}, wide=head == "measure")
        for head in heads
    )
    rows = []
    for item in known:
        others = [_other(item, kind) for kind in ("province", "nation", "peers")]
        figure: Cell = (item.figure, span) if (span := bounds(item.figure)) else item.figure
        rows.append(Row((measure_name(item), figure, item.figure.period or text("page.undated"), *others)))
    return Table(identifier, caption, columns, tuple(rows))


def _other(measure: Measure, kind: str) -> Cell:
    found = next((item for item in measure.comparisons if item.kind == kind), None)
    if found is None or not found.figure.known:
        return "–"
    return Bare(found.figure) if found.figure.unit == measure.figure.unit else found.figure


def against_peers(report: Report, known: list[Measure], group: str) -> RowsChart | None:
    """The place among its peers, each measure on its own scale from the worst to the best of them."""
    items: list[RowItem] = []
    better = 0
    for measure in known:
        item = _strip(measure)
        if item is not None:
            items.append(item)
            middle = next(beside.at for beside in item.beside if beside.kind == "median")
            better += (item.at or 0.0) >= middle - BETTER_MARGIN
    if len(items) < 2:
        return None
    here = Ref(kind="place", id=report.place.id)
    title = text("charts.title.peers", place=here, n=better, m=len(items))
    return RowsChart(
        id=f"peers-{group}",
        title=title,
        subtitle=text("charts.subtitle.peers"),
        alt=text("charts.alt.rows", finding=title, n=len(items)),
        items=tuple(items),
        ends=(text("charts.end.worse"), text("charts.end.better")),
        notes=(text("charts.note.peers"),),
    )


def _strip(measure: Measure) -> RowItem | None:
    peers = measure.compared_with("peers")
    if peers is None or measure.direction == "none" or measure.figure.value is None or len(peers.spread) < 3:
        return None
    others: list[tuple[str, Figure]] = [("peer", figure) for figure in peers.spread]
    others.append(("median", peers.figure))
    for kind in ("province", "nation"):
        found = measure.compared_with(kind)
        if found is not None:
            others.append((kind, found.figure))
    known = [
        (kind, figure) for kind, figure in others if figure.value is not None and figure.unit == measure.figure.unit
    ]
    values = [measure.figure.value, *(figure.value or 0.0 for _, figure in known)]
    low, high = min(values), max(values)
    if high <= low or not any(kind == "median" for kind, _ in known):
        return None

    def place(value: float) -> float:
        share = 100 * (value - low) / (high - low)
        return 100 - share if measure.direction == "down" else share

    beside = tuple(Beside(place(figure.value or 0.0), kind, figure) for kind, figure in known)  # type: ignore[arg-type]
    span = None
    if measure.figure.low is not None and measure.figure.high is not None:
        ends = sorted(place(min(max(bound, low), high)) for bound in (measure.figure.low, measure.figure.high))
        span = (ends[0], ends[1])
    return RowItem(measure_name(measure), place(measure.figure.value), measure.figure, span, beside)


def peer_blocks(measured: MeasureResult) -> list[Block]:
    """Who the peers are, how near they stand and on which indicators they were found."""
    blocks: list[Block] = [Heading(text("page.peers.title"), 3, "where-peers")]
    if not measured.peers:
        return [*blocks, Paragraph((text("page.peers.none"),))]
    named = tuple(Ref(kind="place", id=peer.place) for peer in measured.peers)
    told: Message = text("page.peers.found", n=len(named), places=named)
    by = (text("page.peers.from", n=len(measured.peers_from)),) if measured.peers_from else ()
    columns = (
        Column(text("page.column.place"), wide=True),
        Column(text("page.column.distance"), numeric=True),
        Column(text("page.column.shared"), numeric=True),
    )
    rows = tuple(
        Row((Ref(kind="place", id=peer.place), text("charts.number", value=peer.distance), str(len(peer.shared))))
        for peer in measured.peers
    )
    table = Table("peers", text("page.peers.table"), columns, rows)
    return [*blocks, Paragraph((told, *by)), Fold(text("page.peers.fold"), (table,))]


def event_blocks(report: Report) -> list[Block]:
    """The timeline: every dated event, those drawn on the charts with their number."""
    if not report.dated_events:
        return []
    numbers = {event.id: str(number) for number, event in numbered_events(report)}
    columns = (
        Column(text("page.column.number")),
        Column(text("page.column.date"), short=True),
        Column(text("page.column.event"), wide=True),
        Column(text("page.column.kind"), short=True),
        Column(text("page.column.source"), wide=True),
    )
    rows = tuple(
        Row(
            (
                numbers.get(event.id, "–"),
                event.date_text,
                Ref(kind="event", id=event.id),
                text(f"page.event-kind.{event.kind}"),
                (Ref(kind="source", id=event.source), Code(event.locator)),
            ),
            anchor=f"event:{event.id}",
        )
        for event in report.dated_events
    )
    table = Table("events", text("page.events.table"), columns, rows)
    return [Heading(text("page.events.title"), 3, "where-events"), table]
