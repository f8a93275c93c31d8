"""Sheets of raw cells: what a file shows, before anybody asks what it means.

Rows and columns are counted from 1, as people count them. A sheet keeps its cells in a compact form and makes a
`Cell` when one is asked for, so that a million cells stay affordable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from headframe.core.errors import Problem

PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
LONGEST_PLAIN = 32  # characters; a longer run of digits is no measurement but a number of an account
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
_DRAWN_AT_MOST = 4  # times the area of the sheet that merged ranges may cover together before the rest is left out


class Kind(StrEnum):
    """What a cell holds as far as the file says so."""

    EMPTY = "empty"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FORMULA = "formula"  # a formula whose result was never stored
    ERROR = "error"  # such as #DIV/0!


class Shown(NamedTuple):
    """A value whose text is not simply its number or its text: a date, a percentage, an error."""

    kind: Kind
    text: str
    number: float | None = None


Value = str | float | Shown | None


class Range(NamedTuple):
    """A merged range with its first and last row and column, both included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def origin(self) -> tuple[int, int]:
        """Row and column of the cell that holds the value of the whole range."""
        return self.top, self.left


class Cell(NamedTuple):
    """One cell: where it is, what it shows, its number if it is one, and the origin of its merged range."""

    row: int
    column: int
    text: str
    number: float | None
    kind: Kind
    origin: tuple[int, int] | None = None

    @property
    def reference(self) -> str:
        """The name of the cell in spreadsheets, such as `B7`."""
        return f"{letters(self.column)}{self.row}"


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet: its name, its rows of values (each as long as it has to be), its merged ranges.

    `typed` says whether the file itself tells numbers from texts; a delimited file does not. `hidden` sheets are read
    like others and marked.
    """

    name: str
    values: Sequence[Sequence[Value]]
    merged: tuple[Range, ...] = ()
    typed: bool = False
    hidden: bool = False

    @property
    def height(self) -> int:
        """The number of rows up to the last one with content."""
        return len(self.values)

    @cached_property
    def width(self) -> int:
        """The number of columns up to the last one with content."""
        return max(map(len, self.values), default=0)

    @cached_property
    def owners(self) -> NDArray[np.int32]:
        """For each cell the number of its merged range counted from 1, or 0."""
        found = np.zeros((self.height, self.width), np.int32)
        room = _DRAWN_AT_MOST * found.size
        for number, area in enumerate(self.merged, start=1):
            part = found[area.top - 1 : area.bottom, area.left - 1 : area.right]
            room -= part.size
            if room < 0:
                break
            part[part == 0] = number
        return found

    def range_at(self, row: int, column: int) -> Range | None:
        """The merged range that a cell is part of."""
        if not self.merged or not (1 <= row <= self.height and 1 <= column <= self.width):
            return None
        number = int(self.owners[row - 1, column - 1])
        return self.merged[number - 1] if number else None

    def value(self, row: int, column: int) -> Value:
        """What is stored for a cell; None outside the sheet."""
        if not 1 <= row <= len(self.values):
            return None
        cells = self.values[row - 1]
        return cells[column - 1] if 1 <= column <= len(cells) else None

    def text(self, row: int, column: int) -> str:
        """The text that a cell shows; empty outside the sheet."""
        return shown_text(self.value(row, column))

    def cell(self, row: int, column: int) -> Cell:
        """The cell of a row and a column."""
        value = self.value(row, column)
        area = self.range_at(row, column)
        number, kind = _number_and_kind(value)
        return Cell(row, column, shown_text(value), number, kind, area.origin if area else None)

    @property
    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """Every row with all its cells, from the top."""
        for row in range(1, self.height + 1):
            yield tuple(self.cell(row, column) for column in range(1, self.width + 1))


@dataclass(frozen=True, eq=False)
class Book:
    """What was read from one file: its sheets, the format it turned out to have, and warnings about it."""

    name: str
    format: str
    sheets: tuple[Sheet, ...]
    encoding: str = ""
    problems: tuple[Problem, ...] = field(default=())


def _number_and_kind(value: Value) -> tuple[float | None, Kind]:
    if value is None:
        return None, Kind.EMPTY
    if isinstance(value, Shown):
        return value.number, value.kind
    if isinstance(value, str):
        number = plain_number(value)
        return number, Kind.TEXT if number is None else Kind.NUMBER
    return value, Kind.NUMBER


def plain_number(text: str) -> float | None:
    """The number that a text is when it consists of nothing but sign, digits and a point."""
    stripped = text.strip()
    if len(stripped) > LONGEST_PLAIN or PLAIN.fullmatch(stripped) is None:
        return None
    return float(stripped)


def shown_text(value: Value) -> str:
    """The text that a stored value shows: numbers with up to 15 significant digits, as spreadsheets do."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Shown):
        return value.text
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.15g}"


def trimmed(rows: list[list[Value]]) -> list[list[Value]]:
    """Rows without the empty ends of each row and without the empty rows at the end, changed in place."""
    for row in rows:
        while row and row[-1] is None:
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows


def letters(column: int) -> str:
    """The letters of a column counted from 1: `A`, `Z`, `AA`."""
    text = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def position(reference: str) -> tuple[int, int] | None:
    """Row and column of a reference such as `B7`; None for what is no reference."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def area(reference: str) -> Range | None:
    """The range of a reference such as `B7:D9`; None for what is no reference."""
    first, _, last = reference.partition(":")
    start, end = position(first), position(last or first)
    if start is None or end is None:
        return None
    return Range(min(start[0], end[0]), min(start[1], end[1]), max(start[0], end[0]), max(start[1], end[1]))
