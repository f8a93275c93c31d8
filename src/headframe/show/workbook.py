"""The report as a workbook: overview, observations, sources, measures, meter, diagnosis, findings, gaps, glossary.

Each sheet has its headings in both languages and, in a third row, the ids of the columns; `obs_id` among them lets an
edited workbook come back. Nothing in it is a formula or a link, and equal inputs give equal bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError
from headframe.show.linked import ReportWords
from headframe.show.sheets import Sheet, sheets_of
from headframe.show.spreadsheet import CellValue, cell_text, csv_bytes

if TYPE_CHECKING:
    from headframe.core.words import Words
    from headframe.show.results_bundle import Report

LANGUAGES = ("en", "zh")
CREATED = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # no time of writing, so that bytes repeat
MOST_ROWS = 1_048_576
HEADING_ROWS = 3
FONT = "Microsoft YaHei"


def render_workbook(report: Report, languages: Mapping[str, Words] | None = None) -> bytes:
    """The workbook's bytes. Raises HF603 when a table is longer than a sheet can be."""
    import xlsxwriter

    words = report_words(report, languages)
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties(
            {"created": CREATED, "author": "headframe", "title": words["en"].name("place", report.place.id)}
        )
        formats = _formats(book)
        for sheet in sheets_of(report, words):
            _write(book, sheet, words, formats)
    return buffer.getvalue()


def render_csv(report: Report, sheet: str, languages: Mapping[str, Words] | None = None) -> bytes:
    """One sheet as CSV with a byte-order mark, its header the ids of the columns. Raises KeyError for another name."""
    found = {one.id: one for one in sheets_of(report, report_words(report, languages))}
    return csv_bytes([column.id for column in found[sheet].columns], found[sheet].rows)


def report_words(report: Report, languages: Mapping[str, Words] | None) -> dict[str, ReportWords]:
    """The words of both languages with the report's own names."""
    given = languages or {code: catalog().words(code) for code in LANGUAGES}
    return {code: ReportWords(given[code], report) for code in LANGUAGES}


def _formats(book: Any) -> dict[str, Any]:
    plain = {"font_name": FONT, "font_size": 10, "valign": "top"}
    head = {**plain, "bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#F4F5F6"}
    return {
        "text": book.add_format(plain),
        "long": book.add_format({**plain, "text_wrap": True}),
        "number": book.add_format({**plain, "num_format": "#,##0.########"}),
        "head": book.add_format(head),
        "id": book.add_format({**plain, "font_size": 8, "font_color": "#565C63", "bottom": 1}),
    }


def _write(book: Any, sheet: Sheet, words: Mapping[str, ReportWords], formats: Mapping[str, Any]) -> None:
    if len(sheet.rows) + HEADING_ROWS > MOST_ROWS:
        raise HeadframeError.of("HF603", sheet.id, sheet=sheet.id, rows=len(sheet.rows), most=MOST_ROWS - HEADING_ROWS)
    page = book.add_worksheet(words["zh"].say(f"workbook.sheet.{sheet.id}") + " " + sheet.id)
    for number, column in enumerate(sheet.columns):
        kind = "long" if column.width >= 40 else "text"
        page.set_column(number, number, column.width, formats[kind])
        for row, code in enumerate(LANGUAGES):
            page.write_string(row, number, words[code].say(f"workbook.column.{column.id}"), formats["head"])
        page.write_string(2, number, column.id, formats["id"])
    for row, values in enumerate(sheet.rows, start=HEADING_ROWS):
        for number, value in enumerate(values):
            _put(page, row, number, value, formats)
    page.freeze_panes(HEADING_ROWS, sheet.frozen)
    if sheet.rows:
        page.autofilter(2, 0, len(sheet.rows) + 2, len(sheet.columns) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, 2)


def _put(page: Any, row: int, column: int, value: CellValue, formats: Mapping[str, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        page.write_number(row, column, value, formats["number"])
    else:
        page.write_string(row, column, cell_text(value))
