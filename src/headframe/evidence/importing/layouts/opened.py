"""Coded tables as they are opened: the first rows of every table in a file, and then one of them as columns of texts.

A table may be a delimited file, packed or not, one of several in an archive, or the sheet of a workbook. Large files
are read by polars as bytes; nothing is looked at cell by cell.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import polars as pl

from headframe.core.errors import HeadframeError, Problem, Problems
from headframe.evidence.importing.layouts.source import Source
from headframe.evidence.reading.archive import open_archive, ungzipped
from headframe.evidence.reading.delimited import NAMES, separator
from headframe.evidence.reading.encoding import LISTED_LINES, Decoded, decoded, decoded_by_mark
from headframe.evidence.reading.grid import Book, Sheet, shown_text
from headframe.evidence.reading.limits import Limits

HEAD_ROWS = 12
MEMBERS = 12  # tables of an archive that are looked at
MEMBER_START = 1 << 14  # bytes
WIDEST_HEAD = 1 << 20  # characters
TAIL = 1 << 18  # bytes at the end that are looked at
ROW = "row"
TABLES = (".csv", ".tsv", ".tab", ".txt")
ZIP, GZIP, BOM = b"PK\x03\x04", b"\x1f\x8b", b"\xef\xbb\xbf"
Row = tuple[str, ...]


@dataclass(frozen=True)
class Head:
    """The first rows of one table in a file; `member` names it in an archive, `sheet` counts it in a workbook."""

    rows: tuple[Row, ...]
    mark: str = ","
    member: str = ""
    sheet: int = -1

    def where(self, test: Callable[[Row], bool]) -> int:
        """The position of the first row that passes a test, or -1."""
        return next((number for number, row in enumerate(self.rows) if test(row)), -1)


@dataclass(frozen=True, eq=False)
class Opened:
    """A table: `header` as printed, `columns` its cells as texts (`"0"`, `"1"`, …) without nulls, and the row numbers.

    Rows are counted from 1 in the column `row`; empty ones are left out. `name` is that of the table for messages.
    """

    name: str
    format: str
    encoding: str
    header: Row
    columns: pl.DataFrame
    above: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()


def heads(source: Source) -> Iterator[Head]:
    """The first rows of every table in a file; nothing for what cannot be opened as one."""
    members = _members(source)
    if source.given is not None or "xl/workbook.xml" in members:
        yield from _heads_of_book(source)
    elif members:
        yield from _heads_of_archive(source)
    elif source.head and not source.start.startswith((ZIP, GZIP)):
        yield _head_of_text(_start(source), "")


def _members(source: Source) -> tuple[str, ...]:
    try:
        return source.members
    except HeadframeError:
        return ()


def _start(source: Source) -> str:
    """The first lines of a text; zero bytes, which are told when it is read, do not stand in the way."""
    marked = decoded_by_mark(source.start)
    return (marked.text if marked is not None else source.head).replace("\0", "")


def find(source: Source, test: Callable[[Row], bool]) -> tuple[Head, int] | None:
    """The first table with a row that passes a test among its first rows, and the position of that row."""
    for head in heads(source):
        at = head.where(test)
        if at >= 0:
            return head, at
    return None


def opened(source: Source, head: Head, at: int) -> Opened:
    """The table below the header at a position. Raises HF374, HF376–HF379, HF381 and HF382."""
    if head.sheet >= 0:
        return _of_sheet(source.book, source.book.sheets[head.sheet], at, source.limits)
    data, name, packed = _bytes(source, head.member)
    text = decoded(data, name)
    if text.encoding not in {"utf-8", "utf-8-sig"}:
        data = text.text.encode("utf-8", errors="replace")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise HeadframeError.of("HF381", f"{name}, line {line}", position=data.index(b"\0"))
    found = data.removeprefix(BOM)
    for _ in range(at):
        found = found[found.find(b"\n") + 1 :]
    problems = Problems()
    warn_of_encodings(text, name, problems)
    made = Opened(name, packed or NAMES[head.mark], text.encoding, (), pl.DataFrame(), head.rows[:at], tuple(problems))
    return _below(found, head, at, made, source.limits)


def warn_of_encodings(text: Decoded, name: str, problems: Problems) -> None:
    """Warn with HF380 of lines in another encoding than the rest."""
    listed = sorted((*text.other_lines, *text.broken_lines))
    if listed:
        shown = ", ".join(map(str, listed[:LISTED_LINES])) + (", …" if len(listed) > LISTED_LINES else "")
        other = text.other_encoding or "?"
        problems.add("HF380", name, severity="warning", lines=shown, encoding=text.encoding, other=other)


def _bytes(source: Source, member: str) -> tuple[bytes, str, str]:
    """The bytes of a table, its name, and how it is packed."""
    limits = source.limits
    if source.path is None:
        data = source.text.encode("utf-8", errors="replace")
        found = data, source.name, ""
    elif member:
        with open_archive(source.path, limits) as archive:
            found = b"".join(archive.blocks(member)), f"{source.name}, {archive.written(member)}", "zip"
    else:
        with source.path.open("rb") as stream:
            packed = stream.read(2) == GZIP
        found = (ungzipped(source.path, limits) if packed else source.path.read_bytes()), source.name, ""
    if len(found[0]) > limits.text:
        raise HeadframeError.of("HF376", found[1], size=len(found[0]), limit=limits.text)
    return found


def _below(data: bytes, head: Head, at: int, made: Opened, limits: Limits) -> Opened:
    """The rows below the header, by polars, as texts."""
    line = data[: data.find(b"\n") + 1] or data
    header = _cells(line.decode("utf-8", errors="replace"), head.mark)
    limits.check_reach(made.name, 1, len(header))
    seen = head.rows[at][:-1]  # its last cell may be cut off
    if header[: len(seen)] != seen:
        raise HeadframeError.of("HF374", made.name, reason=", ".join(header)[:200])
    rows = data[len(line) :]
    _check_end(rows, len(header), head.mark, made.name)
    schema = {str(number): pl.String for number in range(len(header))}
    if not rows.strip():
        raise HeadframeError.of("HF382", made.name)
    try:
        columns = pl.read_csv(
            rows,
            has_header=False,
            schema=schema,
            separator=head.mark,
            empty_string_is_null=False,
            missing_columns="insert",
        ).fill_null("")
    except pl.exceptions.PolarsError as error:
        reason = str(error).strip().split("\n", 1)[0][:200]
        raise HeadframeError.of("HF374", made.name, reason=reason) from error
    return replace(made, header=header, columns=_numbered(columns, at + 2))


def _numbered(columns: pl.DataFrame, first: int) -> pl.DataFrame:
    """The rows with their number as people count, without those that are empty."""
    filled = pl.any_horizontal(pl.all() != "") if columns.width else pl.lit(value=True)
    kept = columns.with_columns(pl.int_range(pl.len()).cast(pl.Int64).add(first).alias(ROW), filled.alias("filled"))
    return kept.filter("filled").drop("filled")


def _check_end(rows: bytes, width: int, mark: str, where: str) -> None:
    """Raise HF374 where the last row breaks off: it has fewer cells than the one before it and no end of line."""
    if rows.endswith((b"\n", b"\r")):
        return
    before, _, last = rows[-TAIL:].rpartition(b"\n")
    shown = last.decode("utf-8", errors="replace")
    usual = len(_cells(before.rpartition(b"\n")[2].decode("utf-8", errors="replace"), mark))
    if last.count(b'"') % 2 or (usual >= width > len(_cells(shown, mark))):
        raise HeadframeError.of("HF374", where, reason=f"… {shown[-60:]}")


def _of_sheet(book: Book, sheet: Sheet, at: int, limits: Limits) -> Opened:
    """The table on a sheet."""
    header = tuple(shown_text(value).strip() for value in sheet.values[at])
    rows = sheet.values[at + 1 :]
    limits.check_cells(sheet.name, len(rows) * len(header))
    width = len(header)
    cells = [[shown_text(value) for value in row[:width]] + [""] * (width - len(row)) for row in rows]
    schema = {str(number): pl.String for number in range(width)}
    columns = pl.DataFrame(cells, schema=schema, orient="row") if cells else pl.DataFrame(schema=schema)
    above = tuple(tuple(shown_text(value) for value in row) for row in sheet.values[:at])
    name = f"{book.name}, {sheet.name}" if len(book.sheets) > 1 else book.name
    return Opened(name, book.format, book.encoding, header, _numbered(columns, at + 2), above, book.problems)


def _heads_of_book(source: Source) -> Iterator[Head]:
    try:
        sheets = source.book.sheets
    except HeadframeError:
        return
    for number, sheet in enumerate(sheets[:MEMBERS]):
        rows = tuple(tuple(shown_text(value).strip() for value in row) for row in sheet.values[:HEAD_ROWS])
        yield Head(rows, sheet=number)


def _heads_of_archive(source: Source) -> Iterator[Head]:
    if source.path is None:
        return
    names = [name for name in source.members if name.endswith(TABLES) and not name.startswith("__macosx/")]
    try:
        with open_archive(source.path, source.limits) as archive:
            for name in names[:MEMBERS]:
                start = b"".join(islice(archive.blocks(name), 1))[:MEMBER_START]
                yield _head_of_text(start.decode("utf-8-sig", errors="replace"), name)
    except HeadframeError:
        return


def _head_of_text(text: str, member: str) -> Head:
    lines = text[:WIDEST_HEAD].split("\n")[:HEAD_ROWS]
    mark = separator("\n".join(lines))
    return Head(tuple(_cells(line, mark) for line in lines), mark, member)


def _cells(line: str, mark: str) -> Row:
    """The cells of one line, without padding."""
    plain = line.rstrip("\r\n")
    try:
        rows: Sequence[Sequence[str]] = list(csv.reader(io.StringIO(plain, newline=""), delimiter=mark))
    except csv.Error:
        rows = [plain.split(mark)]
    return tuple(cell.strip() for cell in rows[0]) if rows else ()
