"""Text that is safe in a spreadsheet: what a program might take for a formula stays text."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

LONGEST_CELL = 32_767  # UTF-16 units; what a cell of a workbook can hold
BOM = "\ufeff"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

CellValue = str | float | int | bool | None


def cell_text(text: str, cut: str = "…") -> str:
    """A text as a cell of a workbook holds it: no signs that its XML cannot hold, and at most 32,767 UTF-16 units.

    A longer text ends with `cut`. A text in the guise of a rich string of the workbook's own XML would be written as
    markup by the library; a space behind it keeps it text.
    """
    kept = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if kept.startswith("<r>") and kept.endswith("</r>"):
        kept += " "
    if len(kept) <= LONGEST_CELL // 2 or _units(kept) <= LONGEST_CELL:
        return kept
    room = 2 * (LONGEST_CELL - _units(cut))
    return kept.encode("utf-16-le")[:room].decode("utf-16-le", errors="ignore") + cut


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def csv_cell(value: CellValue) -> str:
    """A value for a CSV cell. Text that begins like a formula gets an apostrophe before it; numbers never do."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
        return str(int(value)) if whole else repr(value)
    text = _CONTROL.sub("", value)
    begins = unicodedata.normalize("NFKC", text.lstrip(" \ufeff")[:1])  # full-width signs count as well
    return "'" + text if begins.startswith(_FORMULA) else text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[CellValue]]) -> bytes:
    """A CSV file as spreadsheets expect it: UTF-8 with a byte-order mark, lines ending in CR LF."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([csv_cell(name) for name in header])
    writer.writerows([csv_cell(value) for value in row] for row in rows)
    return (BOM + out.getvalue()).encode("utf-8")
