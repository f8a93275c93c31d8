"""Tables described without being told anything about them: what heads, rows and titles of a sheet say."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from headframe.core.results import Message
from headframe.evidence.reading.block import Block, blocks_of
from headframe.evidence.reading.body import rows_of_figures, special_rows
from headframe.evidence.reading.column import WITHOUT_UNIT, TableFacts, described, told_apart
from headframe.evidence.reading.column_kind import ColumnKind, kinds_of, place_like
from headframe.evidence.reading.description import ColumnDescription, Holds, Role, TableDescription
from headframe.evidence.reading.grid import Sheet
from headframe.evidence.reading.head import Column, head_of
from headframe.evidence.reading.items import items_of
from headframe.evidence.reading.label import note_marks, read_label
from headframe.evidence.reading.missing import legend_of
from headframe.evidence.reading.period import years_within
from headframe.evidence.reading.rows import rows_of
from headframe.evidence.reading.scan import Scan, Sort, scan
from headframe.evidence.reading.script import bare, tidy
from headframe.evidence.reading.unit_text import UnitText, read_unit

MOST_TITLES = 30
UNIT_IN_CELLS = 0.8  # share of the numbers that carry the same unit from which on it is the column's
_UNIT_LINE = re.compile(r"(?:计量)?单位\s*[:：]\s*(?P<zh>.{1,60})$|\bunits?\s*[:：]\s*(?P<en>.{1,60})$", re.IGNORECASE)
_GLUED = re.compile(r"(?<![0-9])(?:1[89]|20)[0-9]{2}([0-9]{1,2})$")
VALUE_WORDS = frozenset(
    {"value", "values", "obs_value", "obsvalue", "数值", "值", "数据", "amount", "figure", "观测值"}
)


def describe(sheet: Sheet) -> tuple[TableDescription, ...]:
    """Every table of a sheet; none for a sheet without one. Raises HF395 for more tables than are told apart."""
    return describe_scan(scan(sheet))


def describe_scan(found: Scan) -> tuple[TableDescription, ...]:
    """Every table of a sheet that was looked over already."""
    if not found.sorts.size:
        return ()
    rows = rows_of(found)
    tables = []
    for number, block in enumerate(blocks_of(found, rows), start=1):
        body = rows_of_figures(block, rows)
        kinds = kinds_of(found, block, body)
        tables.append(_table(found, block, body, kinds, number, special_rows(found, block, rows, kinds)))
    return tuple(tables)


def _lines(found: Scan, rows: tuple[int, ...], block: Block) -> tuple[str, ...]:
    """The texts of rows, each row on one line; what a title of a file cut at commas is joined again."""
    lines = []
    for row in rows[:MOST_TITLES]:
        cells = [column for column in range(1, found.sheet.width + 1) if found.sorts[row - 1, column - 1] != Sort.EMPTY]
        near = [column for column in cells if block.left <= column <= block.right] or cells
        text = tidy(" ".join(found.sheet.text(row, column) for column in near)).strip('"')
        if text:
            lines.append(text)
    return tuple(lines)


def _table(
    found: Scan, block: Block, body: NDArray[np.int64], kinds: dict[int, ColumnKind], number: int, special: object
) -> TableDescription:
    notes = _lines(found, block.notes, block)
    numbers = frozenset(mark for note in notes for mark in note_marks(note))
    values = frozenset(column for column, kind in kinds.items() if kind.role is Role.VALUE)
    head = head_of(found, block, values, numbers)
    lines = tuple(_without_note(line, numbers) for line in _lines(found, block.titles, block))
    titles, head = _titles(lines, head, kinds)
    facts = _facts(titles)
    listed = [described(column, head[column], kind, facts) for column, kind in kinds.items()]
    columns = told_apart([_with_unit_of_cells(found, column, body) for column in listed])
    reasons = _reasons(block, columns, facts)
    table = TableDescription(
        sheet=found.sheet.name,
        number=number,
        head=block.head,
        first=block.first,
        last=block.last,
        left=block.left,
        right=block.right,
        columns=columns,
        titles=titles,
        notes=notes,
        rows_hold=_rows_hold(columns, found, body),
        columns_hold=_columns_hold(columns),
        unit=facts.unit,
        scope=facts.scope,
        years=tuple(dict.fromkeys(year for title in titles for year in years_within(title))),
        special=special if isinstance(special, dict) else {},
        legend=legend_of([*notes, *titles]),
        habit=found.habit,
        confidence=_confidence(columns, reasons),
        reasons=reasons,
    )
    return replace(table, items=items_of(found, table, body)) if table.rows_hold is Holds.INDICATOR else table


def _without_note(title: str, notes: frozenset[str]) -> str:
    """A title without the number of a note glued to the year at its end (`1853 to 20171`)."""
    match = _GLUED.search(title)
    return title[: match.start(1)] if match is not None and match[1] in notes else title


def _titles(
    titles: tuple[str, ...], head: dict[int, Column], kinds: dict[int, ColumnKind]
) -> tuple[tuple[str, ...], dict[int, Column]]:
    """Titles, with those that stand in the head over the names; the columns of names keep their lowest text.

    A text over the names that lies above the one next to the figures says what the table is about.
    """
    found = list(titles)
    kept = dict(head)
    for column, kind in kinds.items():
        if kind.role is not Role.STUB or len(head[column]) < 2:
            continue
        upper = [text for text in head[column][:-1] if len(bare(text.label.printed)) >= 4]
        found += [text.label.printed for text in upper if text.label.printed not in found]
        kept[column] = head[column][-1:] if upper else head[column]
    return tuple(found), kept


def _facts(titles: tuple[str, ...]) -> TableFacts:
    """Unit and scope that the titles give for all columns; several units in one line are left open."""
    units: list[UnitText] = []
    scope, several = "", False
    for title in titles:
        label = read_label(title)
        scope = scope or label.bracketed_scope or label.scope
        line = _UNIT_LINE.search(title)
        if line is None:
            units += label.units[:1]
            continue
        parts = [
            part for part in re.split(r"[,，、;；]|\s{2,}", (line["zh"] or line["en"]).strip(" ()（）")) if part.strip()
        ]
        read = [unit for part in parts if (unit := read_unit(part)) is not None]
        several = several or len(parts) > 1
        units += read if len(parts) == 1 else []
    distinct = list(dict.fromkeys(units))
    alike = bool(distinct) and all(unit.same(distinct[0]) for unit in distinct)
    return TableFacts(distinct[0] if alike else None, scope, several or (bool(distinct) and not alike))


def _with_unit_of_cells(found: Scan, column: ColumnDescription, body: NDArray[np.int64]) -> ColumnDescription:
    """A column without a unit in its head gets the one that nearly all its cells carry themselves (`12.3%`)."""
    rows = found.read_in.get(column.column, [])
    if column.role is not Role.VALUE or column.unit is not None or not rows:
        return column
    readings = [found.readings[row, column.column] for row in rows if body[0] < row <= body[-1] + 1]
    forms = Counter(f"{reading.scale}{reading.unit}" for reading in readings if reading.unit)
    form, often = forms.most_common(1)[0] if forms else ("", 0)
    unit = read_unit(form) if form else None
    numbers = int((found.sorts[body, column.column - 1] == Sort.NUMBER).sum())
    if unit is None or often < UNIT_IN_CELLS * numbers:
        return column
    reasons = tuple(reason for reason in column.reasons if reason.id != "reading.no-unit")
    confidence = round(column.confidence / WITHOUT_UNIT, 3)
    return replace(column, unit=unit, unit_from="cells", reasons=reasons, confidence=min(confidence, 1.0))


def _rows_hold(columns: tuple[ColumnDescription, ...], found: Scan, body: NDArray[np.int64]) -> Holds:
    """What a row stands for, by what the columns beside the figures hold."""
    held = {column.holds for column in columns if column.role is Role.STUB} - {Holds.ROW_NUMBER}
    naming = held - {Holds.CODE, Holds.UNIT}
    if naming == {Holds.TEXT}:
        return Holds.INDICATOR if Holds.UNIT in held else _single_stub(columns, found, body)
    if Holds.PLACE in naming and naming <= {Holds.PLACE, Holds.TEXT}:
        return Holds.PLACE
    return next(iter(naming)) if len(naming) == 1 else Holds.RECORD


def _single_stub(columns: tuple[ColumnDescription, ...], found: Scan, body: NDArray[np.int64]) -> Holds:
    """Names of an unknown kind over columns of years are indicators when some carry a unit."""
    stub = next(column for column in columns if column.role is Role.STUB and column.holds is Holds.TEXT)
    labels = [read_label(found.sheet.text(int(row) + 1, stub.column)) for row in body[:200]]
    with_unit = any(label.units and (label.chinese or label.english) for label in labels)
    return Holds.INDICATOR if with_unit else Holds.RECORD


def _columns_hold(columns: tuple[ColumnDescription, ...]) -> Holds:
    values = [column for column in columns if column.role is Role.VALUE]
    if not values:
        return Holds.RECORD
    if all(not column.chinese and not column.english and column.period for column in values):
        return Holds.PERIOD
    if len(values) == 1 and bare(values[0].label) in VALUE_WORDS:
        return Holds.FIGURE
    last = [column.chinese[-1] for column in values if column.chinese]
    return Holds.PLACE if len(last) > 1 and len(last) == len(values) and place_like(last) >= 0.8 else Holds.INDICATOR


def _reasons(block: Block, columns: tuple[ColumnDescription, ...], facts: TableFacts) -> tuple[Message, ...]:
    found = []
    if not block.head:
        found.append(Message(id="reading.no-head"))
    if facts.several_units:
        found.append(Message(id="reading.several-units"))
    if not any(column.role is Role.STUB for column in columns):
        found.append(Message(id="reading.no-names"))
    if not any(column.role is Role.VALUE for column in columns):
        found.append(Message(id="reading.no-figures"))
    return tuple(found)


def _confidence(columns: tuple[ColumnDescription, ...], reasons: tuple[Message, ...]) -> float:
    values = [column.confidence for column in columns if column.role is Role.VALUE]
    mean = sum(values) / len(values) if values else 0.5
    return round(mean * 0.8 ** len(reasons), 3)
