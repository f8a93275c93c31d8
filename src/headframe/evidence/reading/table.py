"""The figures of a described table, column by column, each cell with its doubts or with the kind of missing it is."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from headframe.evidence.reading.body import sections_of
from headframe.evidence.reading.cells import Reading
from headframe.evidence.reading.description import (
    ColumnDescription,
    Holds,
    ItemDescription,
    Role,
    RowKind,
    TableDescription,
)
from headframe.evidence.reading.digits import suggestion
from headframe.evidence.reading.doubt import Doubt
from headframe.evidence.reading.grid import Cell, Sheet, shown_text
from headframe.evidence.reading.label import note_marks, paired_scope
from headframe.evidence.reading.missing import Mark, Meaning, meaning_of
from headframe.evidence.reading.period import Period, read_period
from headframe.evidence.reading.scan import Scan, Sort, scan
from headframe.evidence.reading.script import tidy
from headframe.evidence.reading.unit_text import UnitText, read_unit

_NOTE_MARKS = re.compile(r"(?<=\S)(?:\s*[①-⑳⑴-⒇*†‡⁰¹²³⁴-⁹⁽⁾]|\s+[0-9]{1,2}\))+$")
LONGEST_MARKS = 60  # characters at the end of a name among which marks of notes are looked for
FEW_SPACED = 0.02  # share of numbers with spaces between digits below which the space is more likely a misreading
SERIALS = (20_000, 60_000)  # days since 1900 of the years 1954 to 2064


@dataclass(frozen=True, eq=False)
class ValueColumn:
    """The figures of one column: `numbers` by row of figures, not-a-number where there is none.

    Numbers stand in the column's own unit: a scale word inside a cell is multiplied out, a range has its bounds in
    the reading. `readings` holds every cell that is not a plain number, by its row in the sheet; `missing` counts the
    cells without a number by the mark that stands there and what it means.
    """

    description: ColumnDescription
    rows: NDArray[np.int64]
    numbers: NDArray[np.float64]
    readings: Mapping[int, Reading]
    missing: Mapping[tuple[Mark, Meaning], int]
    empty_means: Meaning = Meaning.OPEN

    @cached_property
    def doubts(self) -> Mapping[Doubt, int]:
        """How many cells have which doubt."""
        return Counter(doubt for reading in self.readings.values() for doubt in reading.doubts)

    def reading(self, row: int) -> Reading:
        """The reading of the cell in a row of the sheet."""
        kept = self.readings.get(row)
        if kept is not None:
            return kept
        at = int(np.searchsorted(self.rows, row))
        return self.plain(float(self.numbers[at]) if at < len(self.rows) and self.rows[at] == row else math.nan)

    def plain(self, number: float) -> Reading:
        """The reading of a cell that holds a plain number or nothing."""
        if math.isnan(number):
            return Reading("", "missing", mark=Mark.EMPTY, meaning=self.empty_means)
        return Reading(shown_text(number), "number", number)


@dataclass(frozen=True, eq=False)
class Table:
    """A described table with its cells. `rows` are the rows of figures in the sheet, counted from 1."""

    description: TableDescription
    scan: Scan
    rows: NDArray[np.int64]
    columns: Mapping[str, ValueColumn]
    sections: Mapping[int, str] = field(default_factory=dict)

    @property
    def sheet(self) -> Sheet:
        """The sheet the table stands on."""
        return self.scan.sheet

    def cell(self, row: int, key: str) -> Cell:
        """The raw cell of a row and a column."""
        return self.sheet.cell(row, self.description.column(key).column)

    def name(self, row: int, column: ColumnDescription) -> str:
        """The name beside a row without padding and marks of notes; that of a merged range for all its rows."""
        area = self.sheet.range_at(row, column.column)
        at = area.origin if area is not None and area.left <= column.column <= area.right else (row, column.column)
        text = tidy(self.sheet.text(*at))
        return text[:-LONGEST_MARKS] + _NOTE_MARKS.sub("", text[-LONGEST_MARKS:])  # the search is quadratic

    def unit(self, row: int, column: ColumnDescription) -> UnitText | None:
        """The unit of a cell: its column's own, else that of its row, else what the titles say."""
        if column.unit is not None and column.unit_from != "title":
            return column.unit
        beside = self.description.stub(Holds.UNIT)
        given = read_unit(self.name(row, beside)) if beside is not None else None
        item = self._items.get(row)
        return given or (item.unit if item is not None else None) or column.unit

    def scope(self, row: int, column: ColumnDescription) -> str:
        """The scope of a cell: its column's own, else that of its row, else what the titles say."""
        beside = self.description.stub(Holds.SCOPE)
        given = paired_scope(self.name(row, beside)) if beside is not None else ""
        item = self._items.get(row)
        own = column.scope if column.scope_from != "title" else ""
        return own or given or (item.scope if item is not None else "") or column.scope

    def period(self, row: int, column: ColumnDescription) -> Period | None:
        """The period of a cell: its column's, else that beside its row, else the one year that the titles name."""
        if column.period:
            return read_period(column.period, self._notes)
        if column.year is not None:
            return read_period(str(column.year))
        beside = self.description.stub(Holds.PERIOD)
        if beside is not None:
            return read_period(self.name(row, beside), self._notes)
        years = self.description.years
        return read_period(str(years[0])) if len(years) == 1 else None

    @cached_property
    def _items(self) -> Mapping[int, ItemDescription]:
        return {item.row: item for item in self.description.items}

    @cached_property
    def _notes(self) -> frozenset[str]:
        return frozenset(mark for note in self.description.notes for mark in note_marks(note))

    def cells(self) -> Iterator[tuple[int, ColumnDescription, Reading]]:
        """Every cell of figures, row by row: the row in the sheet, the column, the reading."""
        columns = [(column, column.numbers.tolist()) for column in self.columns.values()]
        for at, row in enumerate(self.rows.tolist()):
            for column, numbers in columns:
                yield row, column.description, column.readings.get(row) or column.plain(numbers[at])


def read_table(sheet: Sheet | Scan, description: TableDescription) -> Table:
    """The figures of a described table; totals are among them, sections and repeated heads are not."""
    found = scan(sheet) if isinstance(sheet, Sheet) else sheet
    rows = _rows(found, description)
    columns = {
        column.key: _column(found, description, column, rows)
        for column in description.columns
        if column.role is Role.VALUE
    }
    place = description.stub(Holds.PLACE) or next(iter(description.stubs), None)
    span = range(description.first, description.last + 1)
    sections = sections_of(found, span, description.special, place.column if place else None)
    return Table(description, found, rows, columns, sections)


def _rows(found: Scan, description: TableDescription) -> NDArray[np.int64]:
    """The rows of the body with anything in them, without sections, texts and repeated heads."""
    span = np.arange(description.first, description.last + 1)
    part = found.sorts[description.first - 1 : description.last, description.left - 1 : description.right]
    left_out = {RowKind.SECTION, RowKind.TEXT, RowKind.HEAD_AGAIN, RowKind.BLANK}
    special = [row for row, kind in description.special.items() if kind in left_out]
    kept = (part != Sort.EMPTY).any(axis=1) & ~np.isin(span, special)
    return np.asarray(span[kept], np.int64)


def _column(
    found: Scan, description: TableDescription, column: ColumnDescription, rows: NDArray[np.int64]
) -> ValueColumn:
    numbers = found.numbers[rows - 1, column.column - 1].copy()
    sorts = found.sorts[rows - 1, column.column - 1]
    readings: dict[int, Reading] = {}
    for at in np.flatnonzero(_notable(found, column, rows, sorts)):
        row = int(rows[at])
        reading = _with_meaning(found.reading(row, column.column), description)
        reading, number = _in_unit(_judged(found, row, column.column, reading), column)
        readings[row] = reading
        numbers[at] = math.nan if number is None else number
    _doubt_spaced(readings, int((~np.isnan(numbers)).sum()))
    means = meaning_of(Mark.EMPTY, "", description.legend)
    missing = Counter(
        (reading.mark, reading.meaning or Meaning.OPEN) for reading in readings.values() if reading.mark is not None
    )
    if empty := int((sorts == Sort.EMPTY).sum()) - sum(reading.mark is Mark.COVERED for reading in readings.values()):
        missing[Mark.EMPTY, means] += empty
    return ValueColumn(column, rows, numbers, readings, missing, means)


def _notable(
    found: Scan, column: ColumnDescription, rows: NDArray[np.int64], sorts: NDArray[np.int8]
) -> NDArray[np.bool_]:
    """The cells that are no plain numbers and not plainly empty."""
    notable: NDArray[np.bool_] = (sorts != Sort.NUMBER) & (sorts != Sort.EMPTY)
    notable |= np.isin(rows, found.read_in.get(column.column, []))
    if found.sheet.merged:
        notable |= found.sheet.owners[rows - 1, column.column - 1] > 0
    return notable


def _with_meaning(reading: Reading, description: TableDescription) -> Reading:
    if reading.mark is None:
        return reading
    meaning = meaning_of(reading.mark, reading.text, description.legend)
    return reading if meaning is reading.meaning else replace(reading, meaning=meaning)


def _judged(found: Scan, row: int, column: int, reading: Reading) -> Reading:
    """A reading with what a column of figures makes of it: texts, dates and merged cells are in doubt there."""
    area = found.sheet.range_at(row, column)
    if area is not None and area.origin != (row, column):
        return Reading("", "missing", mark=Mark.COVERED, meaning=Meaning.LOST, doubts=(Doubt.COVERED,))
    doubts = list(reading.doubts)
    if area is not None:
        doubts.append(Doubt.MERGED)
    if reading.nature == "period":
        doubts.append(Doubt.DATE)
    if reading.nature == "text":
        guess = suggestion(reading.text)
        if guess:
            return replace(reading, nature="damaged", suggestion=guess, doubts=(*doubts, Doubt.DAMAGED))
        doubts.append(Doubt.TEXT)
    return replace(reading, doubts=tuple(dict.fromkeys(doubts))) if len(doubts) > len(reading.doubts) else reading


def _in_unit(reading: Reading, column: ColumnDescription) -> tuple[Reading, float | None]:
    """The number of a reading in the unit of its column, with scale words and units inside the cell worked in."""
    if reading.value is None:
        return reading, None
    if not reading.scale and not reading.unit:
        return reading, reading.value
    unit = column.unit
    inside = read_unit(f"{reading.scale}{reading.unit}") if reading.unit else None
    if inside is not None and unit is not None and unit.base and inside.base and inside.base != unit.base:
        return _other_unit(reading, unit.base), None
    if not reading.scale:
        return reading, reading.value
    # A column in 万元 with a cell `3.2亿` means 32,000 of its unit; without a known unit the words are worked out.
    multiplier = unit.multiplier if unit is not None else 1.0
    return reading, reading.value * reading.factor / multiplier


def _other_unit(reading: Reading, base: str) -> Reading:
    """A cell whose unit is none of its column's: its number is not taken for one of the column."""
    percent = reading.unit in {"%", "‰"} and base in {"%", "‰"}
    return reading if percent else replace(reading, doubts=tuple(dict.fromkeys((*reading.doubts, Doubt.UNIT))))


def _doubt_spaced(readings: dict[int, Reading], numbers: int) -> None:
    """Where nearly no other number of a column has spaces inside, a space is a misreading rather than a mark."""
    spaced = [row for row, reading in readings.items() if Doubt.SPACED in reading.doubts]
    if not spaced or len(spaced) > FEW_SPACED * numbers:
        return
    for row in spaced:
        readings[row] = replace(readings[row], doubts=tuple(dict.fromkeys((*readings[row].doubts, Doubt.DAMAGED))))


def may_be_serials(column: ValueColumn) -> bool:
    """Whether a column of figures may hold dates as serial numbers: a narrow span of numbers under a date's name."""
    numbers = column.numbers[~np.isnan(column.numbers)]
    label = column.description.label.casefold()
    if not len(numbers) or not any(word in label for word in ("date", "日期", "时间", "day")):
        return False
    return bool(((numbers >= SERIALS[0]) & (numbers <= SERIALS[1])).mean() > 0.9)
