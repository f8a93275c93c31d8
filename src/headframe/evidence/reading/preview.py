"""A preview: what was read from a file and how it was understood, as data that a page or a terminal can show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
from pydantic import BaseModel, ConfigDict

from headframe.core.results import Message
from headframe.evidence.reading.description import ColumnDescription, Role, TableDescription
from headframe.evidence.reading.doubt import Doubt
from headframe.evidence.reading.grid import Book, Sheet, letters
from headframe.evidence.reading.header import describe_scan
from headframe.evidence.reading.scan import Scan, scan
from headframe.evidence.reading.script import tidy
from headframe.evidence.reading.table import Table, ValueColumn, may_be_serials, read_table

FIRST_ROWS = 8
SHOWN_COLUMNS = 400
EXAMPLES = 3
LONGEST_TEXT = 80


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MissingCount(_Model):
    """How many cells of a column have no number, by the sign that stands there and what it means."""

    sign: Message
    meaning: Message
    count: int


class DoubtCount(_Model):
    """How many cells of a column have one kind of doubt, with a few of them as `cell: text`."""

    doubt: Message
    count: int
    examples: tuple[str, ...]


class ColumnPreview(_Model):
    """One column as it was understood. Minimum, median and maximum are in its own unit, None without figures."""

    key: str
    letter: str
    role: str
    holds: Message
    chinese: str
    english: str
    unit: str
    unit_canonical: str
    unit_from: str
    scope: str
    period: str
    confidence: float
    remarks: tuple[Message, ...]
    figures: int = 0
    minimum: float | None = None
    median: float | None = None
    maximum: float | None = None
    missing: tuple[MissingCount, ...] = ()
    doubts: tuple[DoubtCount, ...] = ()


class TablePreview(_Model):
    """One table as it was understood, with its first rows as they stand in the file."""

    sheet: str
    number: int
    hidden: bool
    rows: int
    rows_hold: Message
    columns_hold: Message
    titles: tuple[str, ...]
    notes: tuple[str, ...]
    years: tuple[int, ...]
    unit: str
    scope: str
    special: dict[str, int]
    legend: tuple[tuple[Message, Message], ...]
    confidence: float
    remarks: tuple[Message, ...]
    columns: tuple[ColumnPreview, ...]
    items: tuple[str, ...]
    head: tuple[tuple[str, ...], ...]
    first_rows: tuple[tuple[str, ...], ...]


class Preview(_Model):
    """A file as it was understood; `problems` are the lines of its warnings, `without_table` the sheets without one."""

    name: str
    format: str
    encoding: str
    tables: tuple[TablePreview, ...]
    without_table: tuple[str, ...]
    problems: tuple[str, ...]


def preview(book: Book, *, rows: int = FIRST_ROWS, language: str | None = None) -> Preview:
    """What a file holds and how it was understood; `rows` is how many rows of figures are shown."""
    tables, without = list[TablePreview](), list[str]()
    for sheet in book.sheets:
        found = scan(sheet)
        described = describe_scan(found)
        if not described:
            without.append(sheet.name)
        tables += [preview_table(read_table(found, table), rows=rows) for table in described]
    lines = tuple(problem.line(language) for problem in book.problems)
    return Preview(
        name=book.name,
        format=book.format,
        encoding=book.encoding,
        tables=tuple(tables),
        without_table=tuple(without),
        problems=lines,
    )


def preview_table(table: Table, *, rows: int = FIRST_ROWS) -> TablePreview:
    """One table as it was understood."""
    described = table.description
    columns = described.columns[:SHOWN_COLUMNS]
    return TablePreview(
        sheet=described.sheet,
        number=described.number,
        hidden=table.sheet.hidden,
        rows=len(table.rows),
        rows_hold=_holds(described.rows_hold),
        columns_hold=_holds(described.columns_hold),
        titles=tuple(_short(title) for title in described.titles),
        notes=tuple(_short(note) for note in described.notes),
        years=described.years,
        unit=described.unit.printed if described.unit is not None else "",
        scope=described.scope,
        special={str(kind): count for kind, count in Counter(described.special.values()).items()},
        legend=tuple((_sign(mark), _meaning(meaning)) for mark, meaning in described.legend.items()),
        confidence=described.confidence,
        remarks=described.reasons,
        columns=tuple(_column(column, table.columns.get(column.key)) for column in columns),
        items=tuple(item.key for item in described.items[:SHOWN_COLUMNS]),
        head=tuple(_texts(table.scan, row, columns) for row in described.head),
        first_rows=tuple(_texts(table.scan, int(row), columns) for row in table.rows[:rows]),
    )


def _column(described: ColumnDescription, values: ValueColumn | None) -> ColumnPreview:
    unit = described.unit
    shown = ColumnPreview(
        key=described.key,
        letter=described.letter,
        role=str(described.role),
        holds=_holds(described.holds),
        chinese=" / ".join(described.chinese),
        english=" / ".join(described.english),
        unit=unit.printed if unit is not None else "",
        unit_canonical=unit.canonical if unit is not None else "",
        unit_from=described.unit_from,
        scope=described.scope,
        period=described.period or (str(described.year) if described.year is not None else ""),
        confidence=described.confidence,
        remarks=described.reasons,
    )
    if values is None or described.role is not Role.VALUE:
        return shown
    numbers = values.numbers[~np.isnan(values.numbers)]
    remarks = (*described.reasons, Message(id="reading.may-be-dates")) if may_be_serials(values) else described.reasons
    found = {
        "remarks": remarks,
        "figures": len(numbers),
        "missing": tuple(
            MissingCount(sign=_sign(mark), meaning=_meaning(meaning), count=count)
            for (mark, meaning), count in sorted(values.missing.items())
        ),
        "doubts": tuple(_doubt(values, doubt, count) for doubt, count in sorted(values.doubts.items())),
    }
    if len(numbers):
        found |= {
            "minimum": float(numbers.min()),
            "median": float(np.median(numbers)),
            "maximum": float(numbers.max()),
        }
    return shown.model_copy(update=found)


def _doubt(values: ValueColumn, doubt: Doubt, count: int) -> DoubtCount:
    cells = [(row, reading) for row, reading in values.readings.items() if doubt in reading.doubts][:EXAMPLES]
    column = letters(values.description.column)
    examples = tuple(f"{column}{row}: {_short(reading.text)}" for row, reading in cells)
    return DoubtCount(doubt=Message(id=f"reading.doubt.{doubt}"), count=count, examples=examples)


def _holds(holds: str) -> Message:
    return Message(id=f"reading.holds.{holds}")


def _sign(mark: str) -> Message:
    return Message(id=f"reading.mark.{mark}")


def _meaning(meaning: str) -> Message:
    return Message(id=f"reading.meaning.{meaning}")


def _short(text: str) -> str:
    plain = tidy(text)
    return plain if len(plain) <= LONGEST_TEXT else plain[:LONGEST_TEXT] + "…"


def _texts(found: Scan, row: int, columns: Iterable[ColumnDescription]) -> tuple[str, ...]:
    sheet: Sheet = found.sheet
    return tuple(_short(sheet.text(row, column.column)) for column in columns)


def described_tables(book: Book) -> tuple[tuple[Sheet, TableDescription], ...]:
    """Every table of a file with its sheet, for those who only want the descriptions."""
    return tuple((sheet, table) for sheet in book.sheets for table in describe_scan(scan(sheet)))
