"""The report as a workbook: overview, observations, sources, measures, meter, diagnosis, findings, events, gaps, lists.

The sheet of observations has the ids of the columns in its first row and can be edited and sent back (`headframe
correct --workbook`); a note on each heading says in both languages what belongs there. Every other sheet has headings
in both languages above the ids. Nothing in it is a formula or a link, and equal inputs give equal bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError
from headframe.core.files import check_target, write_atomic
from headframe.evidence.results import Changed
from headframe.show.codes import CHOSEN, NUMBERS, block, coded
from headframe.show.linked import ReportWords
from headframe.show.sheet import Sheet
from headframe.show.sheets import sheets_of
from headframe.show.sheets_audit import audit_sheets
from headframe.show.spreadsheet import CellValue, cell_text, csv_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from headframe.audit.results import AuditResult
    from headframe.core.words import Words
    from headframe.show.results_bundle import Report

LANGUAGES = ("en", "zh")
CREATED = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # no time of writing, so that bytes repeat
MOST_ROWS = 1_048_576
LONGEST_NAME = 31  # characters of a sheet's name
NOT_IN_NAMES = str.maketrans("[]:*?/\\", "       ")
HEADING_ROWS = 3
ROWS_TO_ADD = 1000  # empty rows below the observations that offer the lists of codes
AS_TEXT, THOUSANDS = 49, 3  # the built-in number formats @ and #,##0
WRAPPED_FROM = 40  # columns of at least this width wrap their text
LINE, TALLEST = 14, 400  # points of a line, and of the tallest row
LONGEST_SHOWN = 4000  # characters that can matter for the height of a row
FONT = "Microsoft YaHei"
SAFE = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def render_workbook(report: Report, languages: Mapping[str, Words] | None = None) -> bytes:
    """The workbook's bytes. Raises HF603 when a table is longer than a sheet can be."""
    words = report_words(report, languages)
    return _book(sheets_of(report, words), words, words["en"].name("place", report.place.id))


def audit_workbook(result: AuditResult, languages: Mapping[str, Words]) -> bytes:
    """The findings of an audit with the decisions on them as a workbook. Raises HF603 as `render_workbook`."""
    return _book(audit_sheets(result, languages), languages, languages["en"].name("place", result.place))


def audit_csv(result: AuditResult, languages: Mapping[str, Words]) -> bytes:
    """The findings of an audit as CSV with a byte-order mark, safe in spreadsheets, one row per finding."""
    sheet = audit_sheets(result, languages)[0]
    return csv_bytes([column.id for column in sheet.columns], sheet.rows)


def write_audit(result: AuditResult, languages: Mapping[str, Words], out: Path) -> Changed:
    """Write the findings of an audit to a `.csv` or `.xlsx` file. Raises HF448 for another name, HF11x."""
    write = {".csv": audit_csv, ".xlsx": audit_workbook}.get(out.suffix.lower())
    if write is None:
        raise HeadframeError.of("HF448", out.name[:80], text=out.suffix[:20] or out.name[:20])
    check_target(out)
    write_atomic(out, write(result, languages))
    return Changed(folder=str(out.parent), change="export", rows=len(result.findings), files=(str(out),))


def _book(sheets: Sequence[Sheet], words: Mapping[str, Words], name: str) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    for sheet in sheets:
        if len(sheet.rows) + HEADING_ROWS > MOST_ROWS:
            most = MOST_ROWS - HEADING_ROWS
            raise HeadframeError.of("HF603", sheet.id, sheet=sheet.id, rows=len(sheet.rows), most=most)
    with xlsxwriter.Workbook(buffer, SAFE) as book:
        title = cell_text(name)[:255]
        book.set_properties({"created": CREATED, "author": "headframe", "title": title})
        formats = _formats(book)
        for sheet in sheets:
            page = _exact(book.add_worksheet(sheet_name(sheet.id, words)))
            (_write_editable if sheet.editable else _write)(page, sheet, words, formats)
    return buffer.getvalue()


def observations_csv(report: Report, languages: Mapping[str, Words] | None = None) -> bytes:
    """The place's own observations as CSV with a byte-order mark, columns as in the folder's file.

    Text that a spreadsheet might take for a formula has an apostrophe before it; numbers are as entered.
    """
    return render_csv(report, "observations", languages)


def render_csv(report: Report, sheet: str, languages: Mapping[str, Words] | None = None) -> bytes:
    """One sheet as CSV with a byte-order mark, its header the ids of the columns. Raises KeyError for another name."""
    found = {one.id: one for one in sheets_of(report, report_words(report, languages))}
    return csv_bytes([column.id for column in found[sheet].columns], found[sheet].rows)


def report_words(report: Report, languages: Mapping[str, Words] | None) -> dict[str, ReportWords]:
    """The words of both languages with the report's own names."""
    given = languages or {code: catalog().words(code) for code in LANGUAGES}
    return {code: ReportWords(given[code], report) for code in LANGUAGES}


def sheet_name(identifier: str, words: Mapping[str, Words]) -> str:
    """The name on a sheet's tab, Chinese and English, within what workbooks allow."""
    shown = " ".join(words[code].say(f"workbook.sheet.{identifier}") for code in ("zh", "en"))
    return " ".join(shown.translate(NOT_IN_NAMES).split())[:LONGEST_NAME].strip("' ")


def _exact(page: Any) -> Any:
    """The sheet, made to write numbers in full: the library keeps 16 digits, and 17 may be needed to read one back."""

    def number_element(number: float, attributes: Sequence[tuple[str, object]] = ()) -> None:
        shown = "".join(f' {key}="{value}"' for key, value in attributes)
        page.fh.write(f"<c{shown}><v>{number if isinstance(number, int) else float(number)!r}</v></c>")

    page._xml_number_element = number_element
    return page


def _formats(book: Any) -> dict[str, Any]:
    plain = {"font_name": FONT, "font_size": 10, "valign": "top"}
    head = {**plain, "bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#F4F5F6"}
    grey = {"font_color": "#868C93"}
    return {
        "text": book.add_format(plain),
        "long": book.add_format({**plain, "text_wrap": True}),
        "number": book.add_format(plain),
        "large": book.add_format({**plain, "num_format": THOUSANDS}),
        "three": book.add_format({**plain, "num_format": "0.0##"}),
        "five": book.add_format({**plain, "num_format": "0.0####"}),
        "head": book.add_format(head),
        "id": book.add_format({**plain, "font_size": 8, "font_color": "#565C63", "bottom": 1}),
        # What is typed into a text column stays as typed: 2020-01 is no date, 007 no number, = no formula.
        "typed": book.add_format({**plain, "num_format": AS_TEXT}),
        "typed-past": book.add_format({**plain, **grey, "num_format": AS_TEXT}),
        "number-past": book.add_format({**plain, **grey}),
    }


def _write(page: Any, sheet: Sheet, words: Mapping[str, Words], formats: Mapping[str, Any]) -> None:
    """A sheet to read: headings in both languages, the ids of the columns, the rows."""
    for number, column in enumerate(sheet.columns):
        kind = "long" if column.width >= WRAPPED_FROM else "text"
        page.set_column(number, number, column.width, formats[kind])
        page.write_string(2, number, column.id, formats["id"])
    for row, code in enumerate(LANGUAGES):
        labels = [words[code].say(f"workbook.column.{column.id}") for column in sheet.columns]
        fits = zip(labels, sheet.columns, strict=True)
        page.set_row(row, LINE * max(_wrapped_lines(label, column.width) for label, column in fits))
        for number, label in enumerate(labels):
            page.write_string(row, number, label, formats["head"])
    cut = _cut(words)
    for row, values in enumerate(sheet.rows, start=HEADING_ROWS):
        lines = max(
            (_lines(value, column.width) for value, column in zip(values, sheet.columns, strict=True)), default=1
        )
        if lines > 1:
            page.set_row(row, min(TALLEST, LINE * lines))
        for number, value in enumerate(values):
            _put(page, row, number, value, cut, formats[_number_format(value)])
    page.freeze_panes(HEADING_ROWS, sheet.frozen)
    if sheet.rows:
        page.autofilter(2, 0, len(sheet.rows) + 2, len(sheet.columns) - 1)
    page.repeat_rows(0, 2)
    _print(page)


def _lines(value: CellValue, width: int) -> int:
    """How many lines a cell takes; only texts in wide columns wrap."""
    if not isinstance(value, str) or width < WRAPPED_FROM:
        return 1
    return sum(_wrapped_lines(line, width) for line in value[:LONGEST_SHOWN].split("\n"))


def _wrapped_lines(line: str, width: int) -> int:
    """Lines of one paragraph, on the generous side; the programs that open the file do not all work it out."""
    from rich.cells import cell_len

    return max(1, math.ceil(1.1 * cell_len(line) / width))


def _number_format(value: CellValue) -> str:
    """The format that shows a number with the digits a reader can use; the cell holds all of them."""
    if isinstance(value, str | bool) or value is None or not math.isfinite(value):
        return "number"
    if value == round(value):
        return "large" if abs(value) >= 10_000 else "number"
    return "three" if abs(value) >= 1 else "five" if abs(value) >= 0.001 else "number"


def _write_editable(page: Any, sheet: Sheet, words: Mapping[str, Words], formats: Mapping[str, Any]) -> None:
    """A sheet to edit: the ids of the columns in row 1 with a note on each, the rows, lists of codes to choose from."""
    for number, column in enumerate(sheet.columns):
        numeric = column.id in NUMBERS
        page.set_column(number, number, column.width, formats["number" if numeric else "typed"])
        page.write_string(0, number, column.id, formats["head"])
        note = "\n".join(
            words[code].say(f"workbook.{part}.{column.id}") for code in ("zh", "en") for part in ("column", "about")
        )
        page.write_comment(0, number, note, {"author": "headframe", "x_scale": 2.2, "y_scale": 1.8, "font_size": 9})
    cut = _cut(words)
    for row, values in enumerate(sheet.rows, start=1):
        past = "-past" if row - 1 in sheet.past else ""
        for number, value in enumerate(values):
            kind = "number" if sheet.columns[number].id in NUMBERS else "typed"
            _put(page, row, number, value, cut, formats[kind + past])
    last = min(len(sheet.rows) + ROWS_TO_ADD, MOST_ROWS - 1)
    codes = coded(words)
    lists = sheet_name("lists", words)
    for number, column in enumerate(sheet.columns):
        if column.id in CHOSEN:
            first, end = (place + HEADING_ROWS + 1 for place in block(codes, column.id))
            page.data_validation(1, number, last, number, _chosen(f"='{lists}'!$B${first}:$B${end}", words))
    page.freeze_panes(1, sheet.frozen)
    page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.columns) - 1)
    page.repeat_rows(0)
    _print(page)


def _chosen(source: str, words: Mapping[str, Words]) -> dict[str, object]:
    both = " ".join(words[code].say("workbook.not-a-code") for code in ("zh", "en"))
    return {"validate": "list", "source": source, "error_title": "headframe", "error_message": both}


def _cut(words: Mapping[str, Words]) -> str:
    return " ".join(words[code].say("workbook.cut") for code in ("zh", "en"))


def _print(page: Any) -> None:
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)


def _put(page: Any, row: int, column: int, value: CellValue, cut: str, form: Any) -> None:
    """One cell: numbers as numbers, everything else as text; what is not known stays blank (law 3)."""
    if value is None or value == "":
        return
    if isinstance(value, str):
        page.write_string(row, column, cell_text(value, cut), form if form.num_format == AS_TEXT else None)
    elif isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif math.isfinite(value):
        page.write_number(row, column, value, form)
