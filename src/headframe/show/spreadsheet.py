"""Text that is safe in a spreadsheet: what a program might take for a formula stays text."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

LONGEST_CELL = 32_767  # characters; what a cell of a workbook can hold
BOM = "\ufeff"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")

CellValue = str | float | int | bool | None


def cell_text(text: str) -> str:
    """A text without characters that a workbook cannot hold, cut to the longest cell."""
    return _CONTROL.sub("", text)[:LONGEST_CELL]


def csv_cell(value: CellValue) -> str:
    """A value for a CSV cell. Text that begins like a formula gets an apostrophe before it; numbers do not."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = cell_text(value)
    begins = unicodedata.normalize("NFKC", text.lstrip(" \ufeff")[:1])  # full-width signs count as well
    if begins.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[CellValue]]) -> bytes:
    """A CSV file as spreadsheets expect it: UTF-8 with a byte-order mark, lines ending in CR LF."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([csv_cell(name) for name in header])
    writer.writerows([csv_cell(value) for value in row] for row in rows)
    return (BOM + out.getvalue()).encode("utf-8")
