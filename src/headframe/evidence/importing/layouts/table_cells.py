"""The cells of a described table as rows of CELLS: every figure and every mark of a missing one, column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import chain

import numpy as np
import polars as pl

from headframe.evidence.importing.extract import CELLS
from headframe.evidence.importing.layouts.names import RowNames
from headframe.evidence.importing.layouts.subjects import Subjects
from headframe.evidence.reading.cells import Reading
from headframe.evidence.reading.description import ColumnDescription, Holds
from headframe.evidence.reading.grid import letters, shown_text
from headframe.evidence.reading.label import note_marks
from headframe.evidence.reading.period import Period, read_period
from headframe.evidence.reading.table import Table, ValueColumn
from headframe.evidence.reading.unit_text import UnitText, read_unit

WITH_LETTERS = frozenset({"xlsx", "xls", "html", "et"})


def cells_of(table: Table, names: RowNames, subjects: Subjects, form: str) -> pl.DataFrame:
    """Every cell of figures of a table; `unit` and `scope` hold what holds for the cell, whoever says so."""
    values = table.description.values
    width, height = len(values), len(table.rows)
    if not width or not height:
        return pl.DataFrame(schema=CELLS)
    columns = [table.columns[column.key] for column in values]
    rows = _of_rows(table, names)[np.tile(np.arange(height), width)]
    heads = _of_columns(table, values)[np.repeat(np.arange(width), height)]
    keys = pl.Series("key", [series.key for series in subjects.series], pl.String)
    frame = pl.concat([rows, heads], how="horizontal").select(
        keys[subjects.index.ravel()],
        pl.coalesce("column_place", "place").alias("place"),
        "place_code",
        "section",
        *(pl.coalesce(f"column_{name}", f"row_{name}").alias(name) for name in ("period_start", "period_end")),
        pl.coalesce("column_freq", "row_freq", pl.lit("")).alias("freq"),
        pl.coalesce("own_unit", "row_unit", "title_unit", pl.lit("")).alias("unit"),
        pl.coalesce("own_scope", "row_scope", "title_scope", pl.lit("")).alias("scope"),
        pl.Series("value", np.concatenate([column.numbers for column in columns]), pl.Float64).fill_nan(None),
        pl.Series("raw", list(chain.from_iterable(_raw(table, column) for column in values)), pl.String),
        pl.Series("locator", list(chain.from_iterable(_locators(table, c, form) for c in values)), pl.String),
    )
    return _with_readings(frame, columns, height).select(CELLS.names())


_DAYS = ("period_start", "period_end", "freq")


def _of_rows(table: Table, names: RowNames) -> pl.DataFrame:
    """What every row says: its names, period, unit and scope; null where it says nothing."""
    items = {item.row: item for item in table.description.items}
    units, scopes = list[str | None](), list[str | None]()
    for at, row in enumerate(table.rows.tolist()):
        item = items.get(row)
        units.append(_notation(names.unit[at] or (item.unit if item is not None else None)))
        scopes.append(names.scope[at] or (item.scope if item is not None else "") or None)
    return pl.DataFrame(
        {
            "place": names.place,
            "place_code": names.code,
            "section": names.section,
            "row_unit": units,
            "row_scope": scopes,
            **_days(names.period, "row"),
        },
        schema_overrides={"row_unit": pl.String, "row_scope": pl.String},
    )


def _of_columns(table: Table, values: Sequence[ColumnDescription]) -> pl.DataFrame:
    """What every column says; null where it says nothing. Units and scopes of titles come last."""
    marks = frozenset(mark for note in table.description.notes for mark in note_marks(note))
    places = table.description.columns_hold is Holds.PLACE
    texts = {
        "column_place": [(c.chinese or c.english or ("",))[-1] if places else None for c in values],
        "own_unit": [_notation(c.unit) if c.unit_from != "title" else None for c in values],
        "title_unit": [_notation(c.unit) for c in values],
        "own_scope": [c.scope or None if c.scope_from != "title" else None for c in values],
        "title_scope": [c.scope or None for c in values],
    }
    made = pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String))
    return made.hstack(pl.DataFrame(_days([_period_of(column, marks) for column in values], "column")))


def _days(periods: Sequence[Period | None], whose: str) -> dict[str, pl.Series]:
    """First day, last day and frequency of periods, each different one worked out once."""
    found = {period: _day(period) for period in set(periods)}
    parts = zip(*(found[period] for period in periods), strict=True)
    types = (pl.Date, pl.Date, pl.String)
    return {
        f"{whose}_{name}": pl.Series(list(part), dtype=dtype)
        for name, part, dtype in zip(_DAYS, parts, types, strict=True)
    }


def _day(period: Period | None) -> tuple[date | None, date | None, str | None]:
    if period is None:
        return None, None, None
    return date.fromisoformat(period.start), date.fromisoformat(period.end), frequency(period)


def _period_of(column: ColumnDescription, notes: frozenset[str]) -> Period | None:
    if column.period:
        return read_period(column.period, notes)
    return read_period(str(column.year)) if column.year is not None else None


def frequency(period: Period) -> str:
    """The code of observations: A for a calendar year, M for a span of several years, P for a day or part of a year."""
    if period.year is not None:
        return "A"
    return "M" if period.start[:4] < period.end[:4] else "P"


def _raw(table: Table, column: ColumnDescription) -> list[str]:
    """The texts of a column as they stand in the file."""
    at, values = column.column - 1, table.sheet.values
    found = [values[row - 1][at] if len(values[row - 1]) > at else None for row in table.rows.tolist()]
    return [value if isinstance(value, str) else shown_text(value) for value in found]


def _locators(table: Table, column: ColumnDescription, form: str) -> list[str]:
    """`Sheet1!C12` in workbooks; row and head of the column in files that have no letters."""
    rows = table.rows.tolist()
    if form in WITH_LETTERS:
        sheet = table.sheet.name
        plain = sheet.replace("_", "").isalnum()
        start = f"{sheet}!" if plain else "'" + sheet.replace("'", "''") + "'!"
        return [f"{start}{letters(column.column)}{row}" for row in rows]
    name = next((text for text in reversed(column.printed) if text), "") or letters(column.column)
    return [f"row {row}, {name[:80]}" for row in rows]


def _notation(unit: UnitText | None) -> str | None:
    """The notation of core.units, empty for a unit that it does not know, null where there is none."""
    return unit.canonical if unit is not None else None


def _with_readings(frame: pl.DataFrame, columns: Sequence[ValueColumn], height: int) -> pl.DataFrame:
    """The cells with what their readings say beyond the number; cells without a reading are plain or empty."""
    size = frame.height
    texts: dict[str, list[str]] = {name: [""] * size for name in ("qualifier", "mark", "meaning", "flags", "doubts")}
    own: dict[str, dict[int, object]] = {"value": {}, "low": {}, "high": {}, "unit": {}}
    for number, column in enumerate(columns):
        at = {int(row): number * height + place for place, row in enumerate(column.rows.tolist())}
        for row, reading in column.readings.items():
            _say(texts, own, at[row], reading, column)
        _mark_empty(texts, column, number * height)
    low, high = (_sparse(own[name], size) for name in ("low", "high"))
    unit, value = _sparse(own["unit"], size), _sparse(own["value"], size)
    made = frame.with_columns(
        *(pl.Series(name, found, pl.String) for name, found in texts.items()),
        pl.Series("low", low, pl.Float64),
        pl.Series("high", high, pl.Float64),
        pl.Series("_unit", unit, pl.String),
        pl.Series("_value", value, pl.Float64),
        pl.lit("").alias("status"),
    )
    figure = pl.col("value").is_not_null() & (pl.col("qualifier") == "")
    return made.with_columns(
        pl.coalesce("_unit", "unit").alias("unit"),
        pl.coalesce("_value", "value").alias("value"),
        pl.when(figure).then(pl.lit("=")).otherwise(pl.col("qualifier")).alias("qualifier"),
    )


def _sparse(found: Mapping[int, object], size: int) -> list[object]:
    full: list[object] = [None] * size
    for at, value in found.items():
        full[at] = value
    return full


def _say(
    texts: dict[str, list[str]], own: dict[str, dict[int, object]], at: int, reading: Reading, column: ValueColumn
) -> None:
    """Put down what one reading says. A unit of its own goes with the number in that unit."""
    texts["flags"][at] = ";".join(reading.flags)
    texts["doubts"][at] = ";".join(reading.doubts)
    if reading.mark is not None:
        texts["mark"][at] = str(reading.mark)
        texts["meaning"][at] = str(reading.meaning or "")
        return
    if reading.nature != "number":
        return
    texts["qualifier"][at] = reading.qualifier
    multiplier = column.description.unit.multiplier if column.description.unit is not None else 1.0
    times = reading.factor / multiplier if reading.scale else 1.0
    inside = read_unit(f"{reading.scale}{reading.unit}") if reading.unit else None
    number = column.numbers[int(np.searchsorted(column.rows, _row_of(at, column)))]
    if inside is not None and np.isnan(number):
        own["unit"][at], times = inside.canonical, 1.0
        own["value"][at] = reading.value
    if reading.low is not None and reading.high is not None:
        own["low"][at], own["high"][at] = reading.low * times, reading.high * times


def _row_of(at: int, column: ValueColumn) -> int:
    return int(column.rows[at % len(column.rows)])


def _mark_empty(texts: dict[str, list[str]], column: ValueColumn, start: int) -> None:
    """Cells without number and without reading are empty; what that means the table's legend says."""
    for place in np.flatnonzero(np.isnan(column.numbers)).tolist():
        if int(column.rows[place]) not in column.readings:
            texts["mark"][start + place] = "empty"
            texts["meaning"][start + place] = str(column.empty_means)
