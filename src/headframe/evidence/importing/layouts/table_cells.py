"""The cells of a described table as rows of CELLS: every figure and every mark of a missing one, column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
import polars as pl

from headframe.evidence.importing.extract import CELLS
from headframe.evidence.importing.layouts.names import RowNames
from headframe.evidence.importing.layouts.subjects import Subjects
from headframe.evidence.reading.cells import Reading
from headframe.evidence.reading.description import ColumnDescription, Holds
from headframe.evidence.reading.grid import letters
from headframe.evidence.reading.label import note_marks
from headframe.evidence.reading.period import Period, read_period
from headframe.evidence.reading.table import Table, ValueColumn
from headframe.evidence.reading.unit_text import UnitText, read_unit

WITH_LETTERS = frozenset({"xlsx", "xls", "html", "et"})
FREQUENCY_OF_SPAN = ((365, 366, "A"), (28, 31, "M"), (1, 1, "N"))
OTHERWISE = "P"


def cells_of(table: Table, names: RowNames, subjects: Subjects, form: str) -> pl.DataFrame:
    """Every cell of figures of a table; `unit` and `scope` hold what holds for the cell, whoever says so."""
    values = table.description.values
    width, height = len(values), len(table.rows)
    if not width or not height:
        return pl.DataFrame(schema=CELLS)
    columns = [table.columns[column.key] for column in values]
    keys = np.array([series.key for series in subjects.series], dtype=object)
    made: dict[str, Sequence[object]] = {"key": keys[subjects.index].ravel().tolist()}
    made |= _beside(table, names, values)
    made["value"] = np.concatenate([column.numbers for column in columns]).tolist()
    made["raw"] = list(chain.from_iterable(_raw(table, column) for column in values))
    made["locator"] = list(chain.from_iterable(_locators(table, column, form) for column in values))
    made["unit"], made["scope"] = _units(table, names, values), _scopes(table, names, values)
    frame = pl.DataFrame(made, schema_overrides={name: CELLS[name] for name in made}).with_columns(
        pl.col("value").fill_nan(None)
    )
    return _with_readings(frame, columns, height).select(CELLS.names())


def _beside(table: Table, names: RowNames, values: Sequence[ColumnDescription]) -> dict[str, Sequence[object]]:
    """Place, code, section and period of every cell."""
    marks = frozenset(mark for note in table.description.notes for mark in note_marks(note))
    in_columns = table.description.columns_hold is Holds.PLACE
    width = len(values)
    places = [[(c.chinese or c.english or ("",))[-1]] * len(table.rows) for c in values] if in_columns else []
    own = [_period_of(column, marks) for column in values]
    days = {period: (period.start, period.end, frequency(period)) for period in {*own, *names.period} if period}
    none = (None, None, "")
    periods = [days.get(mine or row, none) for mine in own for row in names.period]  # type: ignore[arg-type]
    starts = {text: _date(text) for text in {p[0] for p in periods} | {p[1] for p in periods}}
    return {
        "place": list(chain.from_iterable(places)) if in_columns else names.place * width,
        "place_code": names.code * width,
        "section": names.section * width,
        "period_start": [starts[p[0]] for p in periods],
        "period_end": [starts[p[1]] for p in periods],
        "freq": [p[2] for p in periods],
    }


def _period_of(column: ColumnDescription, notes: frozenset[str]) -> Period | None:
    if column.period:
        return read_period(column.period, notes)
    return read_period(str(column.year)) if column.year is not None else None


def _date(text: str | None) -> object:
    from datetime import date

    return date.fromisoformat(text) if text else None


def frequency(period: Period) -> str:
    """A for whole years, M for months, N for days, P for other spans."""
    from datetime import date

    if period.year is not None:
        return "A"
    days = (date.fromisoformat(period.end) - date.fromisoformat(period.start)).days + 1
    found = next((code for least, most, code in FREQUENCY_OF_SPAN if least <= days <= most), OTHERWISE)
    return OTHERWISE if found == "A" else found


def _raw(table: Table, column: ColumnDescription) -> list[str]:
    return [table.sheet.text(row, column.column) for row in table.rows.tolist()]


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


def _units(table: Table, names: RowNames, values: Sequence[ColumnDescription]) -> list[str]:
    """The unit of every cell: its column's own, else that of its row, else what the titles say."""
    items = {item.row: item.unit for item in table.description.items}
    rows = [names.unit[at] or items.get(row) for at, row in enumerate(table.rows.tolist())]
    found: list[str] = []
    for column in values:
        own = column.unit is not None and column.unit_from != "title"
        if own:
            found += [_notation(column.unit)] * len(rows)
        else:
            found += [_notation(unit or column.unit) for unit in rows]
    return found


def _notation(unit: UnitText | None) -> str:
    return unit.canonical if unit is not None else ""


def _scopes(table: Table, names: RowNames, values: Sequence[ColumnDescription]) -> list[str]:
    items = {item.row: item.scope for item in table.description.items}
    rows = [names.scope[at] or items.get(row, "") for at, row in enumerate(table.rows.tolist())]
    found: list[str] = []
    for column in values:
        own = column.scope if column.scope_from != "title" else ""
        found += [own or scope or column.scope for scope in rows]
    return found


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
