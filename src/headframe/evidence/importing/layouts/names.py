"""What stands beside the figures of a row: place, code, section, period, scope, unit, what else tells rows apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from headframe.evidence.reading.description import ColumnDescription, Holds, Role, TableDescription
from headframe.evidence.reading.label import paired_scope
from headframe.evidence.reading.period import Period, read_period
from headframe.evidence.reading.scan import Scan
from headframe.evidence.reading.script import bare, has_chinese
from headframe.evidence.reading.table import Table
from headframe.evidence.reading.unit_text import UnitText, read_unit

SAME_PLACES = 0.9  # two columns of names with nearly as many different names each name the same places
MOST_TEXTS = 400  # different texts of a column from which on it is a remark, not a dimension
_SPAN = re.compile(r"(?:1[89]|20)[0-9]{2}年?\s*[-–—~～至]\s*(?:(?:1[89]|20)[0-9]{2}|[0-9]{2}(?![0-9]))")
# Heads of columns that name what a place is part of.
_UPPER = frozenset({"province", "provincename", "province_name", "state", "statename", "state_name", "country"}) | {
    *("countryname", "country_name", "region", "省", "省份", "省区", "省级", "省名", "国家", "所属省份", "所属省"),
}
_MONTH = frozenset({"month", "月", "月份"})
_QUARTER = frozenset({"quarter", "季度", "季"})


@dataclass(frozen=True)
class RowNames:
    """By row of figures, in the order of the table: what its names say. `dims` tells rows apart that are else alike."""

    place: list[str]
    code: list[str]
    section: list[str]
    period: list[Period | None]
    scope: list[str]
    unit: list[UnitText | None]
    indicator: list[str]
    dims: list[tuple[tuple[str, str], ...]] = field(default_factory=list)


def with_parts_of_years(described: TableDescription, found: Scan) -> TableDescription:
    """The description with columns of months or quarters beside a year as what they are, not as figures."""
    if described.stub(Holds.PERIOD) is None:
        return described
    columns = tuple(
        replace(column, role=Role.STUB, holds=Holds.PERIOD) if _is_part(column, described, found) else column
        for column in described.columns
    )
    return described if columns == described.columns else replace(described, columns=columns)


def _is_part(column: ColumnDescription, described: TableDescription, found: Scan) -> bool:
    most = 12 if bare(column.label) in _MONTH else 4 if bare(column.label) in _QUARTER else 0
    if not most or column.role is not Role.VALUE:
        return False
    numbers = found.numbers[described.first - 1 : described.last, column.column - 1]
    given = numbers[~np.isnan(numbers)]
    return bool(len(given)) and bool(np.isin(given, np.arange(1, most + 1)).all())


def row_names(table: Table) -> RowNames:
    """The names beside every row of figures of a table."""
    texts = _texts(table)
    held = _held(table)
    place, parents = _place(held[Holds.PLACE], texts)
    periods = _periods(held[Holds.PERIOD], texts, table)
    size = len(table.rows)
    empty = [""] * size
    sections = [table.sections.get(int(row), "") for row in table.rows]
    section = _joined([texts[column.column] for column in parents], sections)
    scopes = [paired_scope(text) for text in texts[held[Holds.SCOPE][0].column]] if held[Holds.SCOPE] else empty
    units: list[UnitText | None] = [None] * size
    if held[Holds.UNIT]:
        units = [read_unit(text) for text in texts[held[Holds.UNIT][0].column]]
    indicator = texts[held[Holds.INDICATOR][0].column] if held[Holds.INDICATOR] else empty
    places = texts[place.column] if place is not None else empty
    code = _code(held[Holds.CODE], texts, places, section, periods, named=place is not None)
    codes = texts[code.column] if code is not None else empty
    found = RowNames(places, codes, section, periods, scopes, units, indicator)
    return RowNames(**{**vars(found), "dims": _dims(held, texts, found, table)})


def _texts(table: Table) -> Mapping[int, list[str]]:
    """The texts of every column of names, row by row."""
    beside = [column for column in table.description.columns if column.role in {Role.STUB, Role.ATTRIBUTE}]
    return {column.column: [table.name(int(row), column) for row in table.rows] for column in beside}


def _held(table: Table) -> Mapping[Holds, list[ColumnDescription]]:
    """The columns of names by what they hold; of attributes only those that can be nothing but a dimension."""
    found: defaultdict[Holds, list[ColumnDescription]] = defaultdict(list)
    for column in table.description.columns:
        if column.role is Role.STUB or (column.role is Role.ATTRIBUTE and column.holds is not Holds.TEXT):
            found[column.holds].append(column)
    return found


def _place(
    columns: Sequence[ColumnDescription], texts: Mapping[int, list[str]]
) -> tuple[ColumnDescription | None, list[ColumnDescription]]:
    """The column that names the places, and those that name what they are part of.

    The place is the column with the most different names, among those whose head is not that of something larger; of
    two that name the same places the Chinese one.
    """
    if not columns:
        return None, []
    different = {column.column: len(set(texts[column.column])) for column in columns}
    lower = [column for column in columns if bare(column.label) not in _UPPER] or list(columns)
    most = max(different[column.column] for column in lower)
    alike = [column for column in lower if different[column.column] >= SAME_PLACES * most]
    chosen = next((c for c in alike if any(has_chinese(text) for text in texts[c.column][:50])), alike[0])
    parents = [column for column in columns if column not in alike and different[column.column] > 1]
    return chosen, sorted(parents, key=lambda column: -different[column.column])[:1]


def _joined(columns: list[list[str]], sections: list[str]) -> list[str]:
    if not columns:
        return sections
    return [given or section for given, section in zip(columns[0], sections, strict=True)]


def _code(
    columns: Sequence[ColumnDescription],
    texts: Mapping[int, list[str]],
    places: list[str],
    section: list[str],
    periods: list[Period | None],
    *,
    named: bool,
) -> ColumnDescription | None:
    """The column with the codes of the places: one code for each place, and as many codes as there are places."""
    identities = list(zip(places, section, strict=True))
    wanted = len(set(identities)) if named else 0
    dates = [period.start + period.end if period is not None else "" for period in periods]
    best: tuple[float, ColumnDescription] | None = None
    for column in columns:
        codes = texts[column.column]
        different = len(set(codes) - {""})
        if named:
            pairs = len(set(zip(identities, codes, strict=True)))
            fits = min(different, wanted) / max(pairs, 1)
        elif column.role is Role.STUB:
            told = len(set(zip(codes, dates, strict=True))) / max(len(codes), 1)
            fits = told - 0.5 * different / max(len(codes), 1)  # few codes that, with the period, name every row
        else:
            continue
        digits = 0.01 if all(code.isdigit() for code in codes[:100] if code) else 0.0
        if (not named or fits >= SAME_PLACES) and (best is None or fits + digits > best[0]):
            best = fits + digits, column
    return best[1] if best is not None else None


def _periods(columns: Sequence[ColumnDescription], texts: Mapping[int, list[str]], table: Table) -> list[Period | None]:
    """The period of each row: that of the column with the longest ones, with a month or quarter beside a year."""
    size = len(table.rows)
    part = next((c for c in columns if bare(c.label) in _MONTH | _QUARTER), None)
    read = {
        column.column: [read_period(text) for text in texts[column.column]] for column in columns if column is not part
    }
    known = {column: found for column, found in read.items() if any(found)}
    if not known:
        return [title_period(table)] * size
    chosen = max(known, key=lambda column: (sum(p is not None for p in known[column]), _lengths(known[column])))
    periods = known[chosen]
    return _within(periods, texts[part.column], bare(part.label)) if part is not None else periods


def _lengths(periods: list[Period | None]) -> int:
    return sum(period.year is not None for period in periods if period is not None)


def _within(periods: list[Period | None], parts: list[str], label: str) -> list[Period | None]:
    """Months or quarters of the years beside them; a row without one stands for the whole year."""
    found: list[Period | None] = []
    for period, text in zip(periods, parts, strict=True):
        if period is None or period.year is None or not text:
            found.append(period)
            continue
        number = text.strip("第月份季度Qq ").translate(str.maketrans("一二三四", "1234"))
        written = f"{period.year}年{number}月" if label in _MONTH else f"{period.year}Q{number}"
        found.append(read_period(written))
    return found


def title_period(table: Table) -> Period | None:
    """The one year that titles name; none where they name several or a span of years."""
    years = table.description.years
    if len(years) != 1 or any(_SPAN.search(title) for title in table.description.titles):
        return None
    return read_period(str(years[0]))


def _dims(
    held: Mapping[Holds, list[ColumnDescription]], texts: Mapping[int, list[str]], names: RowNames, table: Table
) -> list[tuple[tuple[str, str], ...]]:
    """What tells rows apart that agree in place, period, scope and indicator: further columns of words."""
    size = len(table.rows)
    none: list[tuple[tuple[str, str], ...]] = [()] * size
    if table.description.items:
        return none
    periods = [period.start + period.end if period else "" for period in names.period]
    parts = (names.place, names.code, names.section, periods, names.scope, names.indicator)
    identities: list[tuple[object, ...]] = list(zip(*parts, strict=True))
    if len(set(identities)) == size:
        return none
    chosen: list[ColumnDescription] = []
    for column in held[Holds.TEXT]:
        values = texts[column.column]
        different = len(set(values))
        if column.role is not Role.STUB or not 1 < different <= min(MOST_TEXTS, size):
            continue
        finer = [(*old, text) for old, text in zip(identities, values, strict=True)]
        if len(set(finer)) > len(set(identities)):
            chosen.append(column)
            identities = finer
    if not chosen:
        return none
    labels = [column.label or column.letter for column in chosen]
    columns = [texts[column.column] for column in chosen]
    return [tuple(zip(labels, row, strict=True)) for row in zip(*columns, strict=True)]
