"""The view across many places as a workbook: scores and ranks, fields, coverage, movers, classes, figures, sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from headframe.measure.panel.results import Ranged
from headframe.show.linked import ReportWords
from headframe.show.page import LANGUAGES
from headframe.show.panel.bundle import PanelReport
from headframe.show.panel.page import panel_words
from headframe.show.sheet import Row, Sheet, headings
from headframe.show.workbook import _book as book

if TYPE_CHECKING:
    from headframe.core.words import Words
    from headframe.show.spreadsheet import CellValue

Both = Mapping[str, ReportWords]
PLACE = (("panel_place", 16), ("panel_place_en", 20), ("panel_place_zh", 16))


def render_panel_workbook(panel: PanelReport, languages: Mapping[str, Words] | None = None) -> bytes:
    """The workbook's bytes; equal inputs give equal bytes. Raises HF603 when a table is longer than a sheet can be."""
    words = {code: ReportWords(base, panel.report) for code, base in panel_words(panel, languages).items()}
    return book(tuple(panel_sheets(panel, words)), words, words["en"].name("place", panel.whole.id))


def panel_sheets(panel: PanelReport, words: Both) -> Iterator[Sheet]:
    """Every sheet in order."""
    yield _told(panel, words)
    yield _scores(panel, words)
    yield _fields(panel, words)
    yield _moves(panel, words)
    yield _classes(panel, words)
    yield _coverage(panel, words)
    yield _figures(panel, words)
    yield _sources(panel, words)


def _names(words: Both, place: str) -> tuple[str, str, str]:
    english, chinese = (words[code].name("place", place) for code in ("en", "zh"))
    return place, english, chinese


def _three(number: Ranged) -> tuple[CellValue, CellValue, CellValue]:
    return number.value, number.low, number.high


def _both(words: Both, message: str) -> tuple[str, str]:
    english, chinese = (words[code].say(message) for code in LANGUAGES)
    return english, chinese


def _told(panel: PanelReport, words: Both) -> Sheet:
    record = panel.result.record
    rows: list[Row] = [tuple(words[code].say(note) for code in LANGUAGES) for note in panel.result.notes]
    rows += [(f"{name}: {value}",) * 2 for name, value in (("run", record.id), ("seed", record.seed))]
    rows += [(f"{name}: {value}",) * 2 for name, value in record.options.items()]
    return Sheet("panel-overview", headings(("panel_said_en", 90), ("panel_said_zh", 80)), tuple(rows), frozen=0)


def _scores(panel: PanelReport, words: Both) -> Sheet:
    numbers = ("panel_score", "panel_low", "panel_high", "panel_rank", "panel_rank_low", "panel_rank_high")
    more = ("panel_default", "panel_coverage", "panel_observed", "panel_remembered", "panel_doubted")
    kinds = (("panel_province", 16), "panel_official", "panel_batch", "panel_resource")
    rows: list[Row] = []
    for item in panel.result.readings:
        place = panel.result.by_place[item.place]
        about = (place.province_zh or place.province_en, place.lifecycle, place.batch, place.resource)
        counts = (item.default, item.coverage, item.observed, item.remembered, item.doubted)
        rows.append((*_names(words, item.place), *about, item.year, *_three(item.score), *_three(item.rank), *counts))
    return Sheet("panel-scores", headings(*PLACE, *kinds, "panel_year", *numbers, *more), tuple(rows), frozen=3)


def _fields(panel: PanelReport, words: Both) -> Sheet:
    names = {field.id: field.name for field in panel.result.fields}
    columns = ("panel_year", ("panel_field_en", 24), ("panel_field_zh", 18), "panel_score", "panel_low", "panel_high")
    rows = [
        (*_names(words, item.place), item.year, *_both(words, names[field.field]), *_three(field.score), field.coverage)
        for item in panel.result.readings
        for field in item.fields
        if field.score.known
    ]
    return Sheet("panel-fields", headings(*PLACE, *columns, "panel_coverage"), tuple(rows), frozen=3)


def _moves(panel: PanelReport, words: Both) -> Sheet:
    columns = ("panel_since", "panel_year", "panel_change", "panel_low", "panel_high", "panel_chance", "panel_found")
    more = ("panel_common", "panel_common_low", "panel_common_high", "panel_gained", "panel_lost")
    rows = [
        (
            *(*_names(words, move.place), move.since, move.year, *_three(move.change), move.chance, move.found),
            *(*_three(move.common), move.gained, move.lost),
        )
        for move in panel.result.moves
    ]
    return Sheet("panel-movers", headings(*PLACE, *columns, *more), tuple(rows), frozen=3)


CHANCES = (
    *("panel_growing", "panel_growing_low", "panel_growing_high"),
    *("panel_mature", "panel_mature_low", "panel_mature_high"),
    *("panel_declining", "panel_declining_low", "panel_declining_high"),
    *("panel_regenerating", "panel_regenerating_low", "panel_regenerating_high"),
    *("panel_security", "panel_security_low", "panel_security_high"),
    *("panel_sustainability", "panel_sustainability_low", "panel_sustainability_high"),
)


def _classes(panel: PanelReport, words: Both) -> Sheet:
    kinds = [name.removeprefix("panel_") for name in CHANCES[::3]]
    rows: list[Row] = []
    for item in panel.result.classes:
        standing = _both(words, f"panel.standing.{item.standing}") if item.applies else ("", "")
        numbers = (number for kind in kinds for number in _three(getattr(item, kind)))
        rows.append((*_names(words, item.place), item.year, *standing, *numbers))
    told = ("panel_year", ("panel_standing_en", 24), ("panel_standing_zh", 18))
    return Sheet("panel-classes", headings(*PLACE, *told, *CHANCES), tuple(rows), frozen=3)


def _coverage(panel: PanelReport, words: Both) -> Sheet:
    names_of = (("panel_indicator", 28), ("panel_indicator_en", 34), ("panel_indicator_zh", 24))
    told = (*names_of, "panel_first", "panel_last")
    rows: list[Row] = []
    for cell in panel.result.coverage:
        held = [year for year, state in zip(panel.result.years, cell.states, strict=True) if state == "o"]
        names = (words[code].name("indicator", cell.indicator) for code in ("en", "zh"))
        ends = (held[0], held[-1]) if held else (None, None)
        without = cell.states.count("b")
        rows.append((*_names(words, cell.place), cell.indicator, *names, *ends, len(held), without, cell.states))
    more = ("panel_years", "panel_without_bounds", ("panel_states", 24))
    return Sheet("panel-coverage", headings(*PLACE, *told, *more), tuple(rows), frozen=3)


def _figures(panel: PanelReport, words: Both) -> Sheet:
    from headframe.catalog.load import catalog

    units = catalog().indicators
    told = (("panel_indicator", 28), "panel_year", "panel_value", "panel_low", "panel_high", ("panel_unit", 16))
    more = ("panel_status", "panel_derived", "panel_doubt", ("panel_refs", 44), ("panel_source", 36))
    rows: list[Row] = [
        (
            *_names(words, item.place),
            item.indicator,
            item.year,
            item.value,
            item.low,
            item.high,
            units[item.indicator].unit,
            item.status,
            item.derived,
            item.doubted,
            " ".join(item.observations),
            " ".join(item.sources),
        )
        for item in panel.result.used
    ]
    return Sheet("panel-figures", headings(*PLACE, *told, *more), tuple(rows), frozen=3)


def _sources(panel: PanelReport, words: Both) -> Sheet:
    columns = headings(("panel_source", 36), ("panel_title_en", 60), ("panel_title_zh", 50), "panel_used")
    rows: list[Row] = [
        (name, *(words[code].name("source", name) for code in ("en", "zh")), number)
        for name, number in panel.counted_sources.items()
    ]
    return Sheet("panel-sources", columns, tuple(rows))
