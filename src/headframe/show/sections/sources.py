"""Section 9, sources and methods: what is missing, every source and observation, derivations, measures, run records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from headframe.catalog.load import catalog
from headframe.core.provenance import RunRecord, Source
from headframe.core.results import Message, Ref
from headframe.show.blocks import (
    Block,
    Cell,
    Code,
    Column,
    DerivedList,
    Fold,
    Heading,
    Late,
    Listing,
    Paragraph,
    Plain,
    Row,
    Said,
    SectionContent,
    Table,
    text,
)
from headframe.show.ledger import Ledger
from headframe.show.linked import prices
from headframe.show.results_bundle import KINDS, Kind, Observation, Report
from headframe.show.sections.base import State
from headframe.show.sections.why import badge

MOST_OWN = 900  # observations of the place; of more only those are listed that the page refers to


@dataclass(frozen=True)
class SourcesAndMethods:
    """Where every number comes from and how it was made."""

    id: str = "sources"
    order: int = 9
    requires: tuple[Kind, ...] = ()

    def state(self, _report: Report, /) -> State:
        """Always ready: it also says what is missing."""
        return "ready"

    def build(self, report: Report, /) -> SectionContent:
        """What is missing, observations, derived figures, measures, sources, run records, licences."""
        blocks: list[Block] = [*missing_rooms(report)]
        blocks += [
            Heading(text("page.derived.title"), 3, "sources-derived"),
            Paragraph((text("page.derived.about"),), "note"),
        ]
        blocks.append(DerivedList())
        blocks += [*measure_blocks(report), *observation_blocks(report)]
        blocks += source_blocks(report)
        blocks += record_blocks(report.records)
        blocks += [
            Heading(text("page.licence.title"), 3, "sources-licence"),
            Paragraph((text("page.licence.page"), text("page.licence.vega"))),
        ]
        return SectionContent(tuple(blocks))


def missing_rooms(report: Report) -> list[Block]:
    """Which parts of the reading order have no result."""
    absent = [kind for kind in KINDS if not report.has(kind)]
    if not absent:
        return []
    items = tuple(text(f"page.room.{kind}") for kind in absent)
    return [Heading(text("page.rooms.title"), 3, "sources-missing"), Listing(items, caption=text("page.rooms.about"))]


def observation_blocks(report: Report) -> list[Block]:
    """The observation table: the place's own rows, then those of other places that the page refers to."""
    own = [entry for entry in report.entries.values() if entry.place == report.place.id]

    def listed(ledger: Ledger) -> tuple[Block, ...]:
        asked = set(ledger.asked("observation"))
        asked |= {other for ref in asked for other in report.rivals.get(ref, ())}  # they are named beside it
        shown = own if len(own) <= MOST_OWN else [entry for entry in own if entry.ref in asked]
        others = [entry for entry in report.entries.values() if entry.place != report.place.id and entry.ref in asked]
        blocks: list[Block] = [observation_table(report, "own", shown)] if shown else []
        if not own:
            blocks.append(Paragraph((text("page.observations.none"),)))
        if len(shown) < len(own):
            blocks.append(Paragraph((text("page.observations.further", n=len(own) - len(shown)),), "note"))
        return (*blocks, observation_table(report, "others", others)) if others else tuple(blocks)

    return [Heading(text("page.observations.title"), 3, "sources-observations"), Late(listed)]


def observation_table(report: Report, name: str, entries: Iterable[Observation]) -> Table:
    """One row per observation: value as printed and as used, standing, where it stands, what stands beside it."""
    heads = ("observation", "period", "printed", "used", "standing", "locator", "beside")
    wide = {"observation", "locator", "beside"}
    small = {"standing", "locator", "beside"}
    columns = tuple(
        Column(text(f"page.column.{head}"), numeric=head == "used", wide=head in wide, small=head in small)
        for head in heads
    )
    rows = tuple(
        Row(observation_cells(report, entry, own=name == "own"), f"observation:{entry.ref}", withdrawn=not entry.active)
        for entry in entries
    )
    return Table(f"observations-{name}", text(f"page.observations.{name}"), columns, rows, on_screen=name == "others")


def observation_cells(report: Report, entry: Observation, *, own: bool) -> tuple[Cell, ...]:
    """The cells of one observation."""
    named: list[Cell] = [Plain(Ref(kind="indicator", id=entry.indicator))]
    if not own:
        named.append(Ref(kind="place", id=entry.place))
    if entry.dims:
        named.append(Ref(kind="dims", id=entry.dims))
    concepts = tuple(Ref(kind="concept", id=part) for part in entry.concept.split(";") if part)
    if concepts:
        named.append(text("page.concepts", concepts=concepts))
    printed: Cell = (Code(entry.value), *((Code(entry.unit),) if entry.unit not in {"", "1"} else ()))
    used: list[Cell] = [Plain(entry.amount)] if entry.amount.known else ["–"]
    if entry.price_basis:
        used.append(prices(entry.price_basis))
    stands: list[Cell] = [text(f"page.method.{entry.method}")]
    if entry.status != "A":
        stands.append(text(f"page.status.{entry.status}"))
    if entry.vintage:
        stands.append(text("page.vintage", vintage=entry.vintage))
    if not entry.active:
        stands.append(text("page.withdrawn"))
    where: Cell = (Ref(kind="source", id=entry.source), Code(entry.locator))
    return (
        tuple(named),
        entry.period or text("page.undated"),
        printed,
        tuple(used),
        tuple(stands),
        where,
        _beside(report, entry) or "–",
    )


def _beside(report: Report, entry: Observation) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    if entry.note_en or entry.note_zh:
        cells.append(Said(entry.note_en, entry.note_zh))
    for ref in report.rivals.get(entry.ref, ()):
        other = report.entries[ref]
        source = Ref(kind="source", id=other.source)
        shown = other.amount if other.amount.known else text("charts.plain", text=other.value)
        cells.append(text("page.candidate", figure=shown, source=source))
    cells += [
        (badge("finding-kind", finding.kind), Said(finding.note_en, finding.note_zh))
        for finding in report.findings_on.get(entry.ref, ())
    ]
    return tuple(cells)


def measure_blocks(report: Report) -> list[Block]:
    """Every measure that was computed or asked for: definition and formula."""
    if report.measured is None or not report.measured.measures:
        return []
    indicators = catalog().indicators
    heads = ("measure", "definition", "formula")
    columns = tuple(Column(text(f"page.column.{head}"), wide=True) for head in heads)
    rows = []
    for name, formula in {item.id: item.formula for item in report.measured.measures}.items():
        entry = indicators.get(name)
        defined: Cell = Said(entry.definition_en, entry.definition_zh) if entry else "–"
        rows.append(Row((Plain(Ref(kind="indicator", id=name)), defined, formula), f"indicator:{name}"))
    table = Table("measures", text("page.measures.table"), columns, tuple(rows))
    return [
        Heading(text("page.measures.title"), 3, "sources-measures"),
        Fold(text("page.measures.fold", n=len(rows)), (table,)),
    ]


def source_blocks(report: Report) -> list[Block]:
    """Every source that the page refers to: title, publication, how far it was read, how much it is trusted."""
    heads = ("source", "published", "reliability", "note")
    columns = tuple(Column(text(f"page.column.{head}"), wide=head in {"source", "note"}) for head in heads)

    def listed(ledger: Ledger) -> tuple[Block, ...]:
        asked = (report.sources[name] for name in ledger.asked("source"))
        found = sorted(asked, key=lambda source: (source.title, source.source_id))
        rows = tuple(Row(_source_cells(source), f"source:{source.source_id}") for source in found)
        title = Heading(text("page.sources.title"), 3, "sources-list")
        return (title, Table("sources", text("page.sources.table"), columns, rows)) if rows else ()

    return [Late(listed)]


def _source_cells(source: Source) -> tuple[Cell, ...]:
    named: list[Cell] = [Said(source.title_en or source.title, source.title_zh or source.title)]
    if source.title not in {source.title_en, source.title_zh}:
        named.append(Said(source.title, source.title))
    if source.author:
        named.append(Said(source.author, source.author))
    published = tuple(Said(part, part) for part in (source.publisher, source.date) if part)
    trusted: tuple[Cell, ...] = (
        text(f"page.reliability.{source.reliability}"),
        text(f"page.how-read.{source.how_read}"),
    )
    where = tuple(Code(part) for part in (f"doi:{source.doi}" if source.doi else "", source.url) if part)
    noted: tuple[Cell, ...] = (Said(source.note_en, source.note_zh),) if source.note_en or source.note_zh else ()
    return (tuple(named), (*published, *where) or "–", trusted, noted or "–")


def record_blocks(records: Iterable[RunRecord]) -> list[Block]:
    """The run records: what is needed to repeat each run."""
    blocks: list[Block] = []
    heads = ("quantity", "value")
    columns = tuple(Column(text(f"page.column.{head}"), wide=head == "value") for head in heads)
    for record in records:
        rows: list[tuple[Message, str]] = [
            (text("page.record.id"), record.id),
            (text("page.record.seed"), str(record.seed)),
            (text("page.record.backend"), record.backend),
            (text("page.record.versions"), ", ".join(f"{key} {value}" for key, value in record.versions.items())),
            (text("page.record.options"), ", ".join(f"{key}={value}" for key, value in record.options.items()) or "–"),
            (
                text("page.record.inputs"),
                ", ".join(f"{key} {value[:16]}" for key, value in record.inputs.items()) or "–",
            ),
        ]
        caption = text("page.record.table", verb=record.verb)
        blocks.append(
            Table(f"record-{record.verb}", caption, columns, tuple(Row((name, Code(value))) for name, value in rows))
        )
    return [Heading(text("page.record.title"), 3, "sources-records"), *blocks] if blocks else []
