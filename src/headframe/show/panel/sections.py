"""What the view across many places shows, section by section, as blocks of text ids, tables and charts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from headframe.core.results import Figure, Message, Ref
from headframe.measure.panel.results import PanelMove, PanelReading
from headframe.show.blocks import (
    Block,
    Cell,
    Charts,
    Column,
    Fold,
    Heading,
    Listing,
    Number,
    Numbers,
    Paragraph,
    Row,
    Table,
    text,
)
from headframe.show.charts.rows import RowItem, RowsChart
from headframe.show.linked import bounds
from headframe.show.panel import drawn
from headframe.show.panel.bundle import PanelReport, named
from headframe.show.sections.integrity import Integrity

TOLD_LIMITS = ("panel.limit.lists", "panel.limit.concepts", "panel.limit.weights", "panel.limit.map")
# Messages of the result that say what cannot be said; the others stand on the first screen.
SILENT = (
    *("panel.told.reference-built-in", "panel.told.reference-panel", "panel.told.silent-years"),
    *("panel.told.not-scored", "panel.told.rare", "panel.told.no-bounds", "panel.told.other-countries"),
    *("panel.told.no-reserves", "panel.told.doubted", "panel.told.moves-not-judged"),
    "panel.told.impossible",
)
MOST_ROWS = 12  # places on each side of a chart of rows


def percent(share: float) -> Figure:
    """A share as a figure in per cent."""
    return Figure(value=round(100 * share), unit="%", method="derived")


def count(number: float) -> Figure:
    """A number of things as a figure."""
    return Figure(value=float(number), unit="1", method="derived")


def signed(move: PanelMove) -> Message:
    """A change in points with its sign and its interval."""
    value, low, high = (round(end or 0.0, 1) for end in (move.change.value, move.change.low, move.change.high))
    sign = "plus" if value >= 0 else "minus"
    return text(f"panel.change-{sign}", value=abs(value), span=text("panel.from-to", low=low, high=high))


def tenth(number: float | None) -> Figure:
    """A score without interval, to a tenth of a point."""
    return Figure(value=None if number is None else round(number, 1), method="derived")


def overview(panel: PanelReport) -> list[Block]:
    """The first screen: what the panel says in sentences, five numbers, the spread over the years."""
    told = tuple(note for note in panel.result.notes if note.id not in SILENT)
    blocks: list[Block] = [Listing(told)]
    if panel.year is not None:
        blocks.append(Numbers(tuple(_numbers(panel, panel.year))))
    if panel.result.scored_years:
        blocks.append(Charts((drawn.spread_chart(panel),)))
    return blocks


def _numbers(panel: PanelReport, year: int) -> Iterator[Number]:
    ranked, result = panel.ranked, panel.result
    yield Number(text("panel.number.scored"), count(len(ranked)), (text("panel.of-places", n=len(result.places)),))
    middle = panel.middle(tuple(item.place for item in ranked))
    yield Number(text("panel.number.median", year=str(year)), tenth(middle))
    exhausted = tuple(item.place for item in ranked if panel.groups[item.place] == "exhausted")
    if exhausted:
        of_them = (text("panel.of-cities", n=len(exhausted)),)
        yield Number(text("panel.number.exhausted"), tenth(panel.middle(exhausted)), of_them)
    if panel.span is not None and result.scatter.by != "unknown":
        found = sum(move.found for move in panel.moves.values())
        since = text("panel.between-years", since=str(panel.span[0]), year=str(panel.span[1]))
        yield Number(text("panel.number.moved"), count(found), (since,))
    covered = sum(item.coverage for item in ranked) / max(len(ranked), 1)
    yield Number(text("panel.number.coverage"), percent(covered))


def fields(panel: PanelReport) -> list[Block]:
    """The four fields over the years, and the provinces."""
    charts = tuple(drawn.field_chart(panel, item) for item in panel.result.fields) if panel.ranked else ()
    blocks: list[Block] = [Charts(charts)] if charts else []
    return [*blocks, _provinces(panel)]


def _provinces(panel: PanelReport) -> Table:
    heads = ("province", "places", "scored", "median", "best", "last")
    columns = tuple(
        Column(text(f"panel.column.{name}"), numeric=name in heads[1:4], short=name in heads[4:]) for name in heads
    )
    rows = []
    for key, _, members in panel.provinces:
        scored = tuple(place for place in members if panel.score(place).known)
        middle = panel.middle(members)
        shown: Cell = "–" if middle is None else tenth(middle)
        ends: tuple[Cell, Cell] = (named(scored[0]), named(scored[-1])) if scored else ("–", "–")
        rows.append(Row((province(key), count(len(members)), count(len(scored)), shown, *ends)))
    return Table("provinces", text("panel.table.provinces"), columns, tuple(rows))


def province(key: str) -> Ref | Message:
    """The name of a province, or that none is recorded."""
    return Ref(kind="province", id=key) if key else text("panel.no-province")


def ranks(panel: PanelReport) -> list[Block]:
    """Rank intervals of all places, and by name those of the exhausted cities (or of all, where they are few)."""
    if len(panel.ranked) < 2:
        return [Paragraph((text("panel.no-ranks"),))]
    blocks: list[Block] = [Charts((drawn.caterpillar(panel),))]
    few = len(panel.ranked) <= 2 * MOST_ROWS
    chosen = [item for item in panel.ranked if few or panel.groups[item.place] == "exhausted"]
    if chosen:
        title = text("panel.chart.ranks-named" if few else "panel.chart.ranks-exhausted", n=len(chosen))
        blocks.append(Charts((_rank_rows(panel, _ends(chosen), title),)))
    return blocks


def _ends(chosen: list[PanelReading]) -> list[PanelReading]:
    return chosen if len(chosen) <= 2 * MOST_ROWS else [*chosen[:MOST_ROWS], *chosen[-MOST_ROWS:]]


def _rank_rows(panel: PanelReport, chosen: list[PanelReading], title: Message) -> RowsChart:
    step = 4 * max(1, -(-len(panel.ranked) // 40)) * 10 if len(panel.ranked) > 40 else 4 * -(-len(panel.ranked) // 4)
    items = tuple(
        RowItem(
            named(item.place),
            item.rank.value,
            Figure(value=item.rank.value, place=item.place, method="derived"),  # a rank is a whole number
            (item.rank.low or 0.0, item.rank.high or 0.0),
            tone=drawn.TONES[panel.groups[item.place]],
        )
        for item in chosen
    )
    return RowsChart(
        id="ranks-named",
        title=title,
        subtitle=text("panel.chart.ranks-subtitle", places=len(panel.ranked)),
        alt=text("charts.alt.rows", finding=title, n=len(items)),
        items=items,
        bounds=(0.0, float(step)),
    )


def movers(panel: PanelReport) -> list[Block]:
    """The largest changes between the first and the last scored year, with intervals; all of them as a table."""
    if panel.span is None or not panel.moves:
        return [Paragraph((text("panel.no-moves"),))]
    ordered = sorted(panel.moves.values(), key=lambda move: -(move.change.value or 0.0))
    few = ordered if len(ordered) <= 2 * MOST_ROWS else [*ordered[:MOST_ROWS], *ordered[-MOST_ROWS:]]
    blocks: list[Block] = [Charts((drawn.movers_chart(panel, few),)), Paragraph((text("panel.movers-how"),), "note")]
    return [*blocks, Fold(text("panel.fold.moves", n=len(ordered)), (_moves_table(panel, ordered),))]


def _moves_table(panel: PanelReport, moves: list[PanelMove]) -> Table:
    heads = ("place", "change", "chance", "found", "common", "basket")
    columns = tuple(Column(text(f"panel.column.{name}"), short=name == "change") for name in heads)
    rows = []
    for move in moves:
        common = move.common.figure()
        shown: Cell = text("page.spanned", figure=common, span=bounds(common) or "") if move.common.known else "–"
        verdict = text("panel.found" if move.found else "panel.not-found")
        chance: Cell = "–" if move.chance is None else percent(move.chance)
        basket = text("panel.basket", gained=str(move.gained), lost=str(move.lost))
        rows.append(Row((named(move.place), signed(move), chance, verdict, shown, basket)))
    since, year = panel.span or (0, 0)
    return Table("moves", text("panel.table.moves", since=str(since), year=str(year)), columns, tuple(rows))


def points(panel: PanelReport) -> list[Block]:
    """The map of points; places without coordinates are listed."""
    if not panel.coordinates:
        return [Paragraph((text("panel.no-coordinates"),))]
    blocks: list[Block] = [Charts((drawn.points_chart(panel),))]
    without = tuple(named(place.id) for place in panel.result.places if place.id not in panel.coordinates)
    if without:
        told = text("panel.not-on-map", n=len(without), places=without)
        blocks.append(Fold(text("panel.fold.not-on-map", n=len(without)), (Paragraph((told,)),)))
    return blocks


def classes(panel: PanelReport) -> list[Block]:
    """Lifecycle classes in the newest year, how they changed, and beside them the official ones."""
    last = {item.place: item for item in panel.result.classes if item.applies and item.year == panel.year}
    if not last:
        return [Paragraph((text("panel.no-classes"),))]
    blocks: list[Block] = [Paragraph((text("panel.classes-about"),), "note"), _by_official(panel)]
    if panel.span is not None:
        blocks.append(Charts((drawn.transitions(panel),)))
        changed = tuple(_changed(panel))
        summary = text("panel.fold.class-changes", n=len(changed))
        if changed:
            blocks.append(Fold(summary, (Listing(changed),)))
    return blocks


def _by_official(panel: PanelReport) -> Table:
    """The computed standing against the official class, in numbers of places."""
    official = ("growing", "mature", "declining", "regenerating", "")
    held = [item for item in panel.result.classes if item.applies and item.year == panel.year]
    of = {place.id: place.lifecycle for place in panel.result.places}
    counts: Counter[tuple[str, str]] = Counter((item.standing, of[item.place]) for item in held)
    standings = [name for name in drawn.standings_of(panel) if any(counts[name, one] for one in official)]
    columns = (
        Column(text("panel.column.standing"), wide=True),
        *(Column(text(f"panel.official.{name or 'none'}"), numeric=True) for name in official),
    )
    rows = tuple(
        Row((text(f"panel.standing.{name}"), *(count(counts[name, one]) for one in official))) for name in standings
    )
    return Table("classes", text("panel.table.classes", year=str(panel.year)), columns, rows)


def _changed(panel: PanelReport) -> Iterator[Message]:
    since, year = panel.span or (0, 0)
    for place in panel.result.places:
        before = panel.result.classes_at.get((place.id, since))
        after = panel.result.classes_at.get((place.id, year))
        if before is not None and after is not None and after.applies and before.standing != after.standing:
            first, last = (text(f"panel.standing.{item.standing}") for item in (before, after))
            yield text("panel.class-changed", place=named(place.id), before=first, after=last)


def coverage(panel: PanelReport) -> list[Block]:
    """How much is known: by indicator and year, by province and indicator; by place in the workbook."""
    blocks: list[Block] = [Charts((drawn.coverage_years(panel),))] if panel.result.years else []
    if panel.year is not None and len(panel.provinces) > 1:
        blocks.append(Charts((drawn.coverage_provinces(panel, panel.year),)))
    return [*blocks, Paragraph((text("panel.coverage-how", needed=percent(panel.result.coverage_needed)),), "note")]


def unknown(panel: PanelReport) -> list[Block]:
    """What cannot be said, and why; the places without a score by name."""
    told = [note for note in panel.result.notes if note.id in SILENT]
    limits: list[Message] = [text(name) for name in TOLD_LIMITS]
    blocks: list[Block] = [Listing((*told, *limits))]
    left = tuple(item.place for item in panel.result.readings if item.year == panel.year and not item.score.known)
    if left:
        listed = text("panel.not-scored-named", places=tuple(named(place) for place in left))
        blocks.append(Fold(text("panel.fold.not-scored", n=len(left)), (Paragraph((listed,)),)))
    return blocks


def origins(panel: PanelReport) -> list[Block]:
    """The sources with the number of figures that rest on each, the method in short, and the run record."""
    columns = (Column(text("panel.column.source"), wide=True), Column(text("panel.column.figures"), numeric=True))
    rows = tuple(
        Row((Ref(kind="source", id=name), count(number)), anchor=f"source:{name}")
        for name, number in panel.counted_sources.items()
    )
    record = panel.result.record
    method = ("panel.method.draws", "panel.method.ranks", "panel.method.movers", "panel.method.refs")
    run = text("panel.run", run=record.id, seed=str(record.seed), draws=panel.result.draws)
    return [
        Table("sources", text("panel.table.sources"), columns, rows),
        Heading(text("panel.method"), 3, "method"),
        Listing(tuple(text(name) for name in method)),
        Paragraph((run,), "note"),
    ]


# In reading order: the section's id and what fills it; the list of all places is drawn by a template of its own.
def integrity(panel: PanelReport) -> list[Block]:
    """What in the figures of all places cannot be trusted, as the page of a city tells it."""
    return list(Integrity().build(panel.report).blocks)


SECTIONS: tuple[tuple[str, Callable[[PanelReport], list[Block]]], ...] = (
    ("overview", overview),
    ("places", lambda _: []),
    ("fields", fields),
    ("ranks", ranks),
    ("movers", movers),
    ("map", points),
    ("classes", classes),
    ("coverage", coverage),
    ("integrity", integrity),
    ("unknown", unknown),
    ("sources", origins),
)
