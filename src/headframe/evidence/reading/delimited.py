"""Delimited files (comma, semicolon, tab, bar): which mark separates, what its cells are."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence

from headframe.core.errors import HeadframeError, Problems
from headframe.evidence.reading.encoding import LISTED_LINES, decoded
from headframe.evidence.reading.grid import Book, Sheet, Value, trimmed
from headframe.evidence.reading.limits import Limits

MARKS = "\t;|,"  # in the order in which they are preferred: the rarer in ordinary text, the more telling
SAMPLE_LINES = 400
LINES_IN_A_CELL = 60  # a cell with more lines than this began with a quotation mark that was never closed
NAMES = {",": "csv", "\t": "tsv", ";": "csv", "|": "text"}


def read_delimited(data: bytes, name: str, limits: Limits, mark: str = "") -> Book:
    """Read a delimited file; `mark` is the separator where it is known.

    Raises HF376–HF379, HF381, HF382, HF385; warns with HF380 of lines in another encoding and with HF386 of rows with
    more cells than the others.
    """
    if len(data) > limits.text:
        raise HeadframeError.of("HF376", name, size=len(data), limit=limits.text)
    text = decoded(data, name)
    problems = Problems()
    if text.other_lines or text.broken_lines:
        listed = (*text.other_lines, *text.broken_lines)
        shown = ", ".join(map(str, sorted(listed)[:LISTED_LINES])) + (", …" if len(listed) > LISTED_LINES else "")
        other = text.other_encoding or "?"
        problems.add("HF380", name, severity="warning", lines=shown, encoding=text.encoding, other=other)
    mark = mark or separator(text.text)
    rows = delimited_rows(text.text, mark, name, limits)
    _warn_of_long_rows(rows, name, problems)
    stem = name.rpartition("/")[2].partition(".")[0]
    return Book(name, NAMES[mark], (Sheet(stem, trimmed(rows)),), text.encoding, tuple(problems))


def separator(text: str) -> str:
    """The mark that separates cells: the one that cuts the first lines into the same number of cells most often.

    Where two marks do equally well, the one that does so from an earlier line on is taken (a mark that only stands
    inside cells is missing in the header), and then the rarer one in ordinary text.
    """
    lines = [line for line in text[: 1 << 20].splitlines() if line.strip()][:SAMPLE_LINES]
    best, found = (0.0, 0), ","
    for mark in MARKS:
        widths = [len(row) for row in _rows(lines, mark)]
        counts = Counter(width for width in widths if width > 1)
        if not counts:
            continue
        width, agreeing = max(counts.items(), key=lambda item: (item[1], item[0]))
        score = (round(min(agreeing / len(widths), 0.9), 1), -widths.index(width))
        if score > best or best == (0.0, 0):
            best, found = score, mark
    return found


def _rows(lines: Sequence[str], mark: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=mark))
    except csv.Error:
        return [line.split(mark) for line in lines]


def delimited_rows(text: str, mark: str, where: str, limits: Limits) -> list[list[Value]]:
    """The cells of a delimited text, each row as long as it is written. Raises HF377, HF378, HF382 and HF385."""
    csv.field_size_limit(max(csv.field_size_limit(), 1 << 20))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    rows: list[list[Value]] = []
    count, begun = 0, 1
    try:
        for cells in reader:
            limits.check_reach(where, 1, len(cells))
            if reader.line_num - begun > LINES_IN_A_CELL:
                raise HeadframeError.of("HF385", f"{where}, line {begun}", lines=reader.line_num - begun + 1)
            begun = reader.line_num + 1
            rows.append([cell if cell and not cell.isspace() else None for cell in cells])
            count += len(cells)
            if not len(rows) % 1000:
                limits.check_cells(where, count)
    except csv.Error as error:
        raise HeadframeError.of("HF385", f"{where}, line {begun}", lines=reader.line_num - begun + 1) from error
    limits.check_cells(where, count)
    limits.check_reach(where, len(rows), max(map(len, rows), default=0))
    if not any(value is not None for row in rows for value in row):
        raise HeadframeError.of("HF382", where)
    return rows


def _warn_of_long_rows(rows: list[list[Value]], where: str, problems: Problems) -> None:
    """Report rows that reach beyond the others: an unquoted separator moves every cell behind it."""
    widths = Counter(map(len, rows))
    usual, often = max(widths.items(), key=lambda item: item[1])
    long = [number for number, row in enumerate(rows, start=1) if len(row) > usual > 1]
    if long and often > 0.9 * len(rows):
        listed = ", ".join(map(str, long[:LISTED_LINES])) + (", …" if len(long) > LISTED_LINES else "")
        problems.add("HF386", where, severity="warning", rows=listed, usual=usual, count=len(long))
