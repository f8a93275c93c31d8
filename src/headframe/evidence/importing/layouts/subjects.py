"""Which series each figure of a table belongs to: what its column says and what its row says, taken together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from headframe.core.results import Message
from headframe.evidence.importing.extract import Series
from headframe.evidence.importing.layouts.names import RowNames
from headframe.evidence.reading.description import ColumnDescription, Holds, ItemDescription, TableDescription
from headframe.evidence.reading.label import LONGEST, read_label
from headframe.evidence.reading.script import bare, tidy
from headframe.evidence.reading.table import Table
from headframe.evidence.reading.unit_text import UnitText, says_per_head

_PERIOD_OF_KEY = re.compile(r"@[^@]*?(?=(?:\[|~|$))")
_YEAR = re.compile(
    r"[\s_,.\-–]*(?<![0-9])(?:1[89]|20)[0-9]{2}(?![0-9])(?:年(?![末底初]))?"  # 年末 belongs to what follows
    r"(?:[-–—~至/](?:(?:1[89]|20)?[0-9]{2})年?)?[\s_,.]*"
)
_OF_PLACES = re.compile(
    r"^(?:历年|主要年份|(?:分|各)(?:省|地区|市州|市|区县|县区|县|区)(?:、?(?:市|县|区))*(?:分)?)的?"
)
_TAIL = re.compile(r"(?:情况)?(?:统计)?(?:一览)?表$|情况$")


@dataclass(frozen=True)
class _Label:
    """What a row or a column contributes to a series."""

    key: str = ""
    chinese: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    codes: tuple[tuple[str, str], ...] = ()
    unit: UnitText | None = None
    unit_from: str = ""
    scope: str = ""
    per_head: bool = False
    notes: tuple[str, ...] = ()
    confidence: float = 1.0
    reasons: tuple[Message, ...] = ()


@dataclass(frozen=True, eq=False)
class Subjects:
    """The series of a table, and for each column (first axis) and row which of them a figure belongs to."""

    series: tuple[Series, ...]
    index: NDArray[np.int64]


def subjects_of(table: Table, names: RowNames, sheet: str) -> Subjects:
    """The series of a table. `sheet` is the name of its sheet where that may say what the table is about."""
    described = table.description
    columns = [_of_column(column, described) for column in described.values]
    rows, row_of = _of_rows(table, names)
    title = _of_titles(described, sheet)
    found: dict[str, Series] = {}
    numbers = np.empty((len(columns), len(rows)), np.int64)
    order: dict[str, int] = {}
    for at, column in enumerate(columns):
        for number, row in enumerate(rows):
            series = _series(row, column, title)
            found.setdefault(series.key, series)
            numbers[at, number] = order.setdefault(series.key, len(order))
    return Subjects(tuple(found.values()), numbers[:, row_of])


def _of_column(column: ColumnDescription, described: TableDescription) -> _Label:
    """What a column says beside its period or its place."""
    told = _Label(
        unit=column.unit,
        unit_from=column.unit_from,
        scope=column.scope,
        per_head=column.per_head,
        notes=column.notes,
        confidence=column.confidence,
        reasons=column.reasons,
    )
    if described.columns_hold in {Holds.PERIOD, Holds.PLACE, Holds.FIGURE}:
        return told
    chinese, english = _without_year(column, column.chinese), _without_year(column, column.english)
    key = _PERIOD_OF_KEY.sub("", column.key, count=1) if column.period or column.year is not None else column.key
    named = bool(chinese or english)
    return replace(told, key=key.partition("#")[0] if named else "", chinese=chinese, english=english)


def _without_year(column: ColumnDescription, path: tuple[str, ...]) -> tuple[str, ...]:
    if column.year is None and not column.period:
        return path
    return tuple(rest for part in path if (rest := _YEAR.sub(" ", part).strip(" _,.")))


def _of_rows(table: Table, names: RowNames) -> tuple[list[_Label], NDArray[np.int64]]:
    """The different things that rows say, and for each row which of them it says."""
    items = {item.row: item for item in table.description.items}
    found: dict[object, int] = {}
    labels: list[_Label] = []
    numbers = np.zeros(len(table.rows), np.int64)
    for at, row in enumerate(table.rows.tolist()):
        item = items.get(row)
        said = (names.indicator[at], names.dims[at], names.unit[at], names.scope[at])
        identity: object = (item.key, names.scope[at]) if item is not None else said
        if identity not in found:
            found[identity] = len(labels)
            labels.append(_of_item(item, names.scope[at]) if item is not None else _of_row(names, at))
        numbers[at] = found[identity]
    return labels or [_Label()], numbers


def _of_item(item: ItemDescription, scope: str) -> _Label:
    return _Label(
        key=item.key.partition("#")[0],
        chinese=item.chinese,
        english=item.english,
        unit=item.unit,
        unit_from=item.unit_from,
        scope=scope or item.scope,
        per_head=says_per_head((item.chinese or item.english or ("",))[-1]),
    )


def _of_row(names: RowNames, at: int) -> _Label:
    """What a row of a long table says: its indicator, read like a head, and what else tells it apart."""
    printed, dims, unit = names.indicator[at], names.dims[at], names.unit[at]
    label = read_label(printed) if printed else None
    chinese = label.chinese if label is not None else ()
    english = (label.english,) if label is not None and label.english else ()
    own = label.units[0] if label is not None and label.units else None
    return _Label(
        key=bare("/".join(chinese or english) or printed),
        chinese=chinese,
        english=english if english or chinese or not printed else (printed,),
        codes=dims,
        unit=unit or own,
        unit_from="row" if unit or own else "",
        scope=names.scope[at] or (label.bracketed_scope if label is not None else ""),
        per_head=label.per_head if label is not None else False,
    )


def _of_titles(described: TableDescription, sheet: str) -> _Label:
    """What the titles say a table is about, for figures that neither row nor column names."""
    for text in (*described.titles, sheet):
        label = read_label(_YEAR.sub(" ", tidy(text[:LONGEST])).strip())  # the search is quadratic
        chinese = tuple(_TAIL.sub("", _OF_PLACES.sub("", part)) for part in label.chinese)
        chinese = tuple(part for part in chinese if part)
        if chinese or label.english:
            english = (label.english,) if label.english else ()
            return _Label(bare("/".join(chinese or english)), chinese, english, scope=label.bracketed_scope)
    return _Label()


def _series(row: _Label, column: _Label, title: _Label) -> Series:
    """The series of a figure. A column's own unit goes before that of the row, this before that of the titles."""
    top = _Label() if row.key or column.key else title
    own = column.unit is not None and column.unit_from != "title"
    unit, unit_from = (column.unit, column.unit_from) if own else (row.unit, row.unit_from)
    if unit is None:
        unit, unit_from = column.unit, column.unit_from
    scope = column.scope or row.scope or top.scope
    parts = [part for part in (top.key, row.key, column.key) if part]
    codes = dict(row.codes)
    key = "/".join(parts) + "".join(f"|{bare(name)}={bare(value)}" for name, value in codes.items())
    return Series(
        key=(key or "?") + (f"#{scope}" if scope else ""),
        chinese=_path(top.chinese, row.chinese, column.chinese),
        english=_path(top.english, row.english, column.english),
        codes=codes,
        unit=unit,
        unit_from=unit_from,
        scope=scope,
        per_head=row.per_head or column.per_head,
        notes=column.notes,
        confidence=column.confidence,
        reasons=column.reasons,
    )


def _path(*parts: Iterable[str]) -> tuple[str, ...]:
    steps: list[str] = []
    for step in (step for part in parts for step in part):
        if not steps or bare(steps[-1]) != bare(step):
            steps.append(step)
    return tuple(steps)
