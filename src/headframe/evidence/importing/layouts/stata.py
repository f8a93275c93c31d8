"""Stata (.dta, all versions): variables with their labels as a table, which the general layout then reads.

Labels of values stand for the numbers they name; extended missing values `.a` to `.z` stay what they are, with the
words of their label where there is one. Reading needs the optional extra `stata` (pyreadstat).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from importlib import import_module
from typing import Any

import polars as pl

from headframe.core.errors import HeadframeError
from headframe.core.files import check_readable
from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.layouts import table
from headframe.evidence.importing.layouts.source import Layout, Source
from headframe.evidence.reading.encoding import decoded
from headframe.evidence.reading.grid import Book, Kind, Sheet, Shown, Value, trimmed
from headframe.evidence.reading.missing import Mark, said_by_word

COMMAND = "pip install 'headframe[stata]'"
MAGIC = b"<stata_dta>"
OLDER = frozenset({102, 103, 104, 105, 108, 110, 111, 112, 113, 114, 115})  # the first byte says the version
FIRST_UNICODE = 118  # the release of Stata 14
ORDERS, KIND = b"\x01\x02", 1  # byte order, and the kind of file, which is always 1
_EXTENDED = re.compile(r"^(?P<letter>\.[a-z])(?: (?P<label>.*))?$")


def recognises(source: Source) -> float:
    """How sure it is that a file is Stata's: by its first bytes."""
    start = source.start
    if start.startswith(MAGIC):
        return 0.99
    return 0.9 if len(start) > 4 and start[0] in OLDER and start[1] in ORDERS and start[2] == KIND else 0.0


def extract(source: Source) -> Extract:
    """What a Stata file says. Raises HF466 without the reader, HF374 for damage, HF377 and HF378 for excess."""
    book, titles = book_of(source)
    found = table.extract(Source(source.path, limits=source.limits, name=source.name, given=book))
    cells = with_extended(_counted_from_one(found.cells))
    return replace(found, layout=LAYOUT.name, format="dta", cells=cells, titles=(*titles, *found.titles))


def book_of(source: Source) -> tuple[Book, tuple[str, ...]]:
    """The variables as a sheet, their labels, else their names, in the first row; and what the file calls itself."""
    if source.path is None:
        raise HeadframeError.of("HF373", source.name)
    check_readable(source.path, source.limits.file)
    columns, about = _read(source)
    limits = source.limits
    names = list(columns)
    rows = max((len(values) for values in columns.values()), default=0)
    limits.check_reach(source.name, rows + 1, max(len(names), 1))
    limits.check_cells(source.name, rows * len(names))
    labels = dict(zip(about.column_names, about.column_labels, strict=False))
    values = about.variable_value_labels
    letters = about.missing_user_values
    told = [sheet_column(columns[name], values.get(name, {}), letters.get(name, ())) for name in names]
    head: list[Value] = list(headings(names, labels))
    body = [list(row) for row in zip(*told, strict=True)]
    sheet = Sheet("dta", trimmed([head, *body]), typed=True)
    title = str(about.file_label or "").strip()
    return Book(source.name, "dta", (sheet,), str(about.file_encoding or "")), (title,) if title else ()


def headings(names: Sequence[str], labels: Mapping[str, str | None]) -> list[str]:
    """What stands over the columns: the label, with the name where a label stands twice, or the name alone."""
    plain = [(labels.get(name) or "").strip() for name in names]
    twice = {label for label in plain if plain.count(label) > 1}
    return [
        name if not label else f"{label} {name}" if label in twice else label
        for name, label in zip(names, plain, strict=True)
    ]


def sheet_column(values: Sequence[Any], labels: Mapping[Any, str], extended: Sequence[str] = ()) -> list[Value]:
    """The cells of a variable: numbers, texts, dates, labels for the numbers that have one.

    The letters of `extended` stand for missing values; they are shown as `.a`, with their label behind it.
    """
    letters = {letter: f".{letter} {labels.get(letter, '')}".strip() for letter in extended}
    return [letters.get(value) or _cell(value, labels) if isinstance(value, str) else _cell(value, labels)
            for value in values]  # fmt: skip


def _cell(value: Any, labels: Mapping[Any, str]) -> Value:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, datetime | date):
        return Shown(Kind.DATE, str(value.date() if isinstance(value, datetime) else value))
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    if not math.isfinite(number):
        return None
    return labels.get(value, number)


def _read(source: Source) -> tuple[Mapping[str, Sequence[Any]], Any]:
    """The variables by name and what the file says about them.

    Files of Stata 13 and older do not say their encoding: their texts are read as bytes first, and then as what those
    bytes are.
    """
    if _release(source.start) >= FIRST_UNICODE:
        return _read_as(source, None)
    columns, about = _read_as(source, "LATIN1")
    data = "\n".join(_texts(columns, about)).encode("latin-1", errors="replace")
    if data.isascii():
        return columns, about
    return _read_as(source, decoded(data.replace(b"\x00", b""), source.name).encoding.removesuffix("-sig").upper())


def _release(start: bytes) -> int:
    found = re.search(rb"<release>([0-9]{3})<", start[:80])
    return int(found[1]) if found is not None else 0


def _texts(columns: Mapping[str, Sequence[Any]], about: Any) -> Iterator[str]:
    """Every text of a file: names and labels of variables and values, and the texts among the values."""
    yield from (str(text) for text in (*about.column_names, *about.column_labels, about.file_label) if text)
    for labels in about.variable_value_labels.values():
        yield from map(str, labels.values())
    for values in columns.values():
        yield from (value for value in values if isinstance(value, str))


def _read_as(source: Source, encoding: str | None) -> tuple[Mapping[str, Sequence[Any]], Any]:
    """What the optional reader makes of the file. Raises HF466 where it is not installed and HF374 for damage."""
    try:
        reader = import_module("pyreadstat")
    except ModuleNotFoundError as error:
        raise HeadframeError.of("HF466", source.name, command=COMMAND) from error
    most = source.limits.rows + 1
    try:
        columns, about = reader.read_dta(
            source.path, encoding=encoding, user_missing=True, output_format="dict", row_limit=most
        )
    except (ValueError, OSError, OverflowError, MemoryError, UnicodeError, reader.ReadstatError) as error:
        raise HeadframeError.of("HF374", source.name, reason=str(error)[:200] or type(error).__name__) from error
    return columns, about


def _counted_from_one(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells with the numbers of observations as Stata counts them: the row of headings is none of them."""
    row = pl.col("locator").str.extract(r"^row ([0-9]+)").cast(pl.Int64, strict=False) - 1
    moved = pl.concat_str(pl.lit("row "), row, pl.col("locator").str.replace(r"^row [0-9]+", ""))
    return cells.with_columns(moved.fill_null(pl.col("locator")).alias("locator"))


def with_extended(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells with the extended missing values as kinds of missing instead of texts in doubt."""
    forms = cells["raw"].unique().to_list()
    found = [
        (text, str(Mark.NOT_AVAILABLE), str(said_by_word(match["label"] or "")), match["letter"])
        for text in forms
        if (match := _EXTENDED.match(text)) is not None
    ]
    schema = {"raw": pl.String, "_mark": pl.String, "_meaning": pl.String, "_letter": pl.String}
    told = pl.DataFrame(found, schema=schema, orient="row")
    joined = cells.join(told, on="raw", how="left", maintain_order="left")
    known = pl.col("_mark").is_not_null() & pl.col("value").is_null()
    return joined.with_columns(
        pl.when(known).then("_mark").otherwise("mark").alias("mark"),
        pl.when(known).then("_meaning").otherwise("meaning").alias("meaning"),
        pl.when(known).then("_letter").otherwise("flags").alias("flags"),
        pl.when(known).then(pl.lit("")).otherwise("doubts").alias("doubts"),
    ).select(cells.columns)


LAYOUT = Layout("stata", recognises, extract)
