"""A sheet looked over once: what sort of thing each cell is, its number, and the readings that are worth keeping."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from headframe.evidence.reading.cells import Reading, may_be_number, read
from headframe.evidence.reading.digits import POINT, Habit, habit_of
from headframe.evidence.reading.doubt import Doubt
from headframe.evidence.reading.grid import LONGEST_PLAIN, PLAIN, Kind, Sheet, Shown, Value, shown_text
from headframe.evidence.reading.missing import Mark, Meaning
from headframe.evidence.reading.period import FIRST_YEAR, LAST_YEAR, is_year

KEPT_TEXTS = 200_000
HABIT_SAMPLE = 5_000
_UNNAMED = re.compile(r"Unnamed: \d+(?:_level_\d+)?")  # written by programs in the place of an empty header cell
_GROUPED = re.compile(r" *([+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?) *")
_WITH_MARK = re.compile(r"[0-9０-９][.,．，]")


class Sort(IntEnum):
    """What sort of thing a cell is, as far as the cell alone shows."""

    EMPTY = 0
    TEXT = 1
    NUMBER = 2
    MISSING = 3
    PERIOD = 4
    ODD = 5  # an error, a formula without result, a damaged number


@dataclass(frozen=True, eq=False)
class Scan:
    """A sheet with the sort and the number of each cell.

    Arrays are indexed from 0, `readings` by row and column counted from 1. `numbers` holds printed numbers without
    scale words, not-a-number where there is none. Plain numbers, plain texts and empty cells have no reading.
    """

    sheet: Sheet
    sorts: NDArray[np.int8]
    numbers: NDArray[np.float64]
    readings: dict[tuple[int, int], Reading] = field(default_factory=dict)
    habit: Habit = POINT

    @cached_property
    def years(self) -> NDArray[np.bool_]:
        """Which cells hold a number that could be a year."""
        found: NDArray[np.bool_] = (self.numbers >= FIRST_YEAR) & (self.numbers <= LAST_YEAR)
        found &= self.numbers == np.floor(self.numbers)
        return found

    @cached_property
    def read_in(self) -> dict[int, list[int]]:
        """For each column the rows of its cells that have a reading."""
        found: dict[int, list[int]] = {}
        for row, column in self.readings:
            found.setdefault(column, []).append(row)
        return found

    def reading(self, row: int, column: int) -> Reading:
        """The reading of any cell, rows and columns counted from 1."""
        kept = self.readings.get((row, column))
        if kept is not None:
            return kept
        value = self.sheet.value(row, column)
        text = shown_text(value)
        if value is None:
            return Reading("", "missing", mark=Mark.EMPTY, meaning=Meaning.OPEN)
        number = self.numbers[row - 1, column - 1]
        return Reading(text, "text") if np.isnan(number) else Reading(text, "number", float(number))


def scan(sheet: Sheet) -> Scan:
    """Look over a sheet."""
    height, width = sheet.height, sheet.width
    habit = habit_of(_marked_texts(sheet))
    sorts = np.zeros((height, width), np.int8)
    readings: dict[tuple[int, int], Reading] = {}
    places: list[int] = []
    values: list[float] = []
    known: dict[str, tuple[int, Reading | None]] = {}
    for row, cells in enumerate(sheet.values):
        if not cells:  # a sheet may reach down to its last row with nothing in between
            continue
        line = bytearray(width)
        start = row * width
        for column, value in enumerate(cells):
            if value is None:
                continue
            if type(value) is float:
                line[column] = 2
                places.append(start + column)
                values.append(value)
                continue
            sort, kept, number = _sorted(value, habit, known)
            line[column] = sort
            if number is not None:
                places.append(start + column)
                values.append(number)
            if kept is not None:
                readings[row + 1, column + 1] = kept
        sorts[row] = np.frombuffer(line, np.int8)
    numbers = np.full(height * width, np.nan)
    numbers[places] = values
    return Scan(sheet, sorts, numbers.reshape(height, width), readings, habit)


def _marked_texts(sheet: Sheet) -> Iterator[str]:
    """Texts with a comma or a point behind a digit, from which the way of writing numbers is told."""
    left = HABIT_SAMPLE
    for cells in sheet.values:
        for value in cells:
            if isinstance(value, str) and len(value) < LONGEST_PLAIN and _WITH_MARK.search(value):
                left -= 1
                yield value
        if left < 0:
            return


def _sorted(
    value: Value, habit: Habit, known: dict[str, tuple[int, Reading | None]]
) -> tuple[int, Reading | None, float | None]:
    if isinstance(value, Shown):
        shown = of_shown(value)
        return _sort_of(shown), shown, shown.value
    text = str(value)
    if habit.decimal == ".":
        if PLAIN.fullmatch(text) and len(text) <= LONGEST_PLAIN:
            if len(text) == 1 or text[0] != "0" or not text.isdigit():
                return 2, None, float(text)
        elif habit.proved and "," in text and (grouped := _GROUPED.fullmatch(text)):
            return 2, None, float(grouped[1].replace(",", ""))
    if text not in known:
        if len(known) > KEPT_TEXTS:
            known.clear()
        known[text] = _of_text(text, habit)
    sort, reading = known[text]
    return sort, reading, reading.value if reading is not None else None


def _of_text(text: str, habit: Habit) -> tuple[int, Reading | None]:
    if _UNNAMED.fullmatch(text):
        return Sort.EMPTY, None
    if len(text) > 16 and not may_be_number(text):
        return Sort.TEXT, None
    reading = read(text, habit)
    sort = _sort_of(reading)
    return sort, None if sort == Sort.TEXT else reading


def _sort_of(reading: Reading) -> int:
    by_nature = {"number": Sort.NUMBER, "missing": Sort.MISSING, "period": Sort.PERIOD, "damaged": Sort.ODD}
    if reading.mark in {Mark.ERROR, Mark.FORMULA}:
        return Sort.ODD
    return by_nature.get(reading.nature, Sort.TEXT)


_WITHOUT_NUMBER = {
    Kind.DATE: Reading("", "period", doubts=(Doubt.DATE,)),
    Kind.FORMULA: Reading("", "missing", mark=Mark.FORMULA, meaning=Meaning.LOST),
    Kind.ERROR: Reading("", "missing", mark=Mark.ERROR, meaning=Meaning.LOST),
    Kind.TEXT: Reading("", "text"),
}


def of_shown(value: Shown) -> Reading:
    """The reading of a cell that shows something else than it stores."""
    if value.number is None:
        return replace(_WITHOUT_NUMBER.get(value.kind, _WITHOUT_NUMBER[Kind.TEXT]), text=value.text)
    shown = read(value.text)
    if value.text.endswith("%") and shown.value is not None:  # as many digits as are stored, not as are shown
        return Reading(value.text, "number", float(Decimal(repr(value.number)).scaleb(2)), unit="%")
    if shown.value == value.number and not shown.scale:
        return Reading(value.text, "number", value.number, unit=shown.unit, doubts=shown.doubts)
    year = is_year(value.number) and shown.nature == "period"
    return Reading(value.text, "number", value.number, doubts=() if year else (Doubt.SHOWN_OTHERWISE,))
