"""The template: a workbook in which people fill in by hand what no file holds.

One row for each place and indicator, one column for each year: what stands in a yearbook is typed off line by line, and
nothing but numbers and a few choices has to be typed. Every choice comes from a list; the head is protected; the second
row holds the ids by which the file is read again, whatever the order of its columns.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from headframe.catalog.load import catalog
from headframe.core.files import write_atomic
from headframe.core.words import Words
from headframe.evidence.reading.limits import LIMITS
from headframe.evidence.template_lists import (
    LANGUAGES,
    choice,
    concept_choices,
    indicator_choices,
    price_choices,
    status_choices,
    suggested_unit,
    unit_choices,
)

PREFIX = "hf."  # begins the ids in the second row
FRONT = ("place", "indicator", "unit")
BEHIND = ("price_basis", "concept", "status", "source", "note")
SOURCE_COLUMNS = ("source_id", "title", "publisher", "date", "licence", "reliability", "url")
GUIDE = ("rows", "blank", "unit", "prices", "source", "move", "import")
SHEETS = ("data", "sources", "guide", "lists")
HEAD_ROWS = 2
ROWS_TO_ADD = 500  # empty rows below with the same lists and formats
SOURCE_ROWS = 100
WIDTHS = {
    "place": 18,
    "indicator": 34,
    "unit": 18,
    "price_basis": 20,
    "concept": 20,
    "status": 16,
    "source": 18,
    "note": 36,
}
CREATED = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # no time of writing, so that bytes repeat
SAFE = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
FONT = "Microsoft YaHei"
LONGEST_CELL = 2000  # characters
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_NAMES = str.maketrans("[]:*?/\\", "       ")
MAY = ("insert_rows", "delete_rows", "sort", "autofilter", "format_cells", "format_columns", "format_rows")


class TemplatePlace(NamedTuple):
    """A place that figures are asked for: its id and its name."""

    id: str
    name: str


class _Lists(NamedTuple):
    """The choices of each column, and where they stand on their sheet."""

    choices: dict[str, tuple[str, ...]]
    sheet: str

    def range(self, column: str) -> str:
        """The cells that hold the choices of a column."""
        letter = chr(65 + list(self.choices).index(column))
        return f"='{self.sheet}'!${letter}$2:${letter}${max(len(self.choices[column]), 1) + 1}"


def write_template(
    path: Path,
    places: Sequence[TemplatePlace],
    indicators: Sequence[str],
    years: Sequence[int | str],
    language: str = "zh",
) -> None:
    """Write the template for these places, indicators and years (or periods such as `2019-Q1`), whole or not at all.

    Names of indicators are in `language`; headings and instructions in both. Raises HF201 for an unknown indicator,
    HF377 for more rows than a sheet has, HF114 and its like where the file cannot be written.
    """
    write_atomic(path, template_bytes(places, indicators, years, language))


def template_bytes(
    places: Sequence[TemplatePlace], indicators: Sequence[str], years: Sequence[int | str], language: str = "zh"
) -> bytes:
    """The bytes of the template; equal inputs give equal bytes. Raises HF201 and HF377."""
    import xlsxwriter

    words = {code: catalog().words(code) for code in LANGUAGES}
    periods = [str(year) for year in dict.fromkeys(years)]
    asked = list(dict.fromkeys(indicators))
    units = [catalog().indicators[identifier].unit for identifier in asked]
    rows = len(places) * len(asked)
    LIMITS.check_reach("template", HEAD_ROWS + rows + ROWS_TO_ADD, len(FRONT) + len(periods) + len(BEHIND))
    mine = words[language if language in words else "zh"]
    named = {sheet: _sheet_name(sheet, words) for sheet in SHEETS}
    lists = _Lists(
        {
            "place": tuple(
                choice(_safe(place.name), _safe(place.id)) if place.id else _safe(place.name) for place in places
            ),
            "indicator": indicator_choices(asked, mine),
            "unit": unit_choices(units, mine),
            "price_basis": price_choices(periods, mine),
            "concept": concept_choices(mine),
            "status": status_choices(mine),
        },
        named["lists"],
    )
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, SAFE) as book:
        book.set_properties({"created": CREATED, "author": "headframe"})
        formats = _formats(book)
        pages = {sheet: book.add_worksheet(name) for sheet, name in named.items()}
        _write_data(pages["data"], lists, periods, units, words, mine, formats, named["sources"])
        _write_sources(pages["sources"], words, formats)
        _write_guide(pages["guide"], words, named, formats)
        _write_lists(pages["lists"], lists, words, formats)
        pages["data"].activate()
    return buffer.getvalue()


def _safe(text: str) -> str:
    """A text as a cell holds it: on one line, bounded, and never taken for markup."""
    kept = _CONTROL.sub(" ", text)[:LONGEST_CELL]
    return f"{kept} " if kept.startswith("<r>") and kept.endswith("</r>") else kept


def _sheet_name(sheet: str, words: dict[str, Words]) -> str:
    both = " ".join(words[code].say(f"import-template.sheet.{sheet}") for code in LANGUAGES)
    return " ".join(both.translate(_NOT_IN_NAMES).split())[:31].strip("' ")


def _formats(book: Any) -> dict[str, Any]:
    plain = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
    head = {**plain, "bold": True, "text_wrap": True, "bg_color": "#F4F5F6"}
    return {
        "head": book.add_format(head),
        "figure-head": book.add_format({**head, "align": "right"}),
        "id": book.add_format({**plain, "font_size": 8, "font_color": "#868C93", "bottom": 1}),
        "given": book.add_format({**plain, "locked": False, "num_format": 49}),
        "figure": book.add_format({**plain, "locked": False, "bg_color": "#FFFDF2"}),
        "text": book.add_format({**plain, "text_wrap": True}),
    }


def _both(identifier: str, words: dict[str, Words], joint: str = "\n") -> str:
    return joint.join(dict.fromkeys(words[code].say(identifier) for code in LANGUAGES))


def _write_data(
    page: Any,
    lists: _Lists,
    periods: Sequence[str],
    units: Sequence[str],
    words: dict[str, Words],
    mine: Words,
    formats: dict[str, Any],
    sources: str,
) -> None:
    """The sheet to fill in: headings in both languages, ids, one row for each place and indicator."""
    columns = [*FRONT, *periods, *BEHIND]
    figures = range(len(FRONT), len(FRONT) + len(periods))
    for number, column in enumerate(columns):
        figure = number in figures
        page.set_column(number, number, WIDTHS.get(column, 12), formats["figure" if figure else "given"])
        heading = _safe(column) if figure else _both(f"import-template.column.{column}", words)
        page.write_string(0, number, heading, formats["figure-head" if figure else "head"])
        page.write_string(1, number, _safe(PREFIX + column), formats["id"])
    page.set_row(0, 32)
    row = HEAD_ROWS
    for place in lists.choices["place"]:
        for indicator, unit in zip(lists.choices["indicator"], units, strict=True):
            for number, text in enumerate((place, indicator, suggested_unit(unit, mine))):
                if text:
                    page.write_string(row, number, text, formats["given"])
            row += 1
    last = row + ROWS_TO_ADD - 1
    for column, strict in (("place", False), ("indicator", True), ("unit", True), ("concept", True), ("status", True)):
        if lists.choices[column]:
            _offer(page, columns.index(column), last, lists.range(column), words, strict=strict)
    _offer(page, columns.index("price_basis"), last, lists.range("price_basis"), words, strict=False)
    _offer(page, columns.index("source"), last, f"='{sources}'!$A$3:$A${SOURCE_ROWS + 2}", words, strict=True)
    if periods:
        rule = {
            "validate": "decimal",
            "criteria": "between",
            "minimum": -1e15,
            "maximum": 1e15,
            "error_type": "warning",
        }
        told = {"error_title": "headframe", "error_message": _both("import-template.error.number", words)}
        page.data_validation(HEAD_ROWS, figures.start, last, figures.stop - 1, {**rule, **told})
    page.freeze_panes(HEAD_ROWS, len(FRONT))
    _protect(page)


def _offer(page: Any, column: int, last: int, cells: str, words: dict[str, Words], *, strict: bool) -> None:
    """Offer a list of choices in a column; where it is not strict another text may be typed after a question."""
    rule = {"validate": "list", "source": cells, "error_type": "stop" if strict else "warning"}
    told = {"error_title": "headframe", "error_message": _both("import-template.error.list", words)}
    page.data_validation(HEAD_ROWS, column, last, column, {**rule, **told})


def _protect(page: Any) -> None:
    """Protect what is locked, the head; everything else may be typed, inserted, sorted. There is no password."""
    page.protect("", dict.fromkeys(MAY, True))
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, HEAD_ROWS - 1)


def _write_sources(page: Any, words: dict[str, Words], formats: dict[str, Any]) -> None:
    """The sheet of sources: one row for each, chosen by its id on the sheet of figures."""
    for number, column in enumerate(SOURCE_COLUMNS):
        page.set_column(number, number, 40 if column == "title" else 18, formats["given"])
        page.write_string(0, number, _both(f"import-template.source.{column}", words), formats["head"])
        page.write_string(1, number, PREFIX + column, formats["id"])
    page.set_row(0, 32)
    kinds = {"validate": "list", "source": ["high", "medium", "low"]}
    at = SOURCE_COLUMNS.index("reliability")
    page.data_validation(HEAD_ROWS, at, SOURCE_ROWS + 1, at, kinds)
    page.freeze_panes(HEAD_ROWS, 1)
    _protect(page)


def _write_guide(page: Any, words: dict[str, Words], named: dict[str, str], formats: dict[str, Any]) -> None:
    """The instructions, each line in both languages."""
    page.set_column(0, 1, 76, formats["text"])
    for number, code in enumerate(LANGUAGES):
        for row, line in enumerate(GUIDE):
            text = words[code].say(f"import-template.guide.{line}", data=named["data"], sources=named["sources"])
            page.write_string(row, number, text, formats["text"])
    for row in range(len(GUIDE)):
        page.set_row(row, 62)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.protect("", {})


def _write_lists(page: Any, lists: _Lists, words: dict[str, Words], formats: dict[str, Any]) -> None:
    """The choices of each column below its heading."""
    for number, (column, texts) in enumerate(lists.choices.items()):
        page.set_column(number, number, WIDTHS[column], None)
        page.write_string(0, number, _both(f"import-template.column.{column}", words, " "), formats["head"])
        for row, text in enumerate(texts, start=1):
            page.write_string(row, number, text)
    page.freeze_panes(1, 0)
    page.protect("", {})
