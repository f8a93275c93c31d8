"""The template filled in by hand, read back by the ids in its second row, whatever the order of columns and rows.

Every fault is reported with sheet, row and column, all of them at once. A row without figures is passed over; a cell
that is left blank says nothing and is no missing value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median

import polars as pl

from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError, Problems
from headframe.evidence.importing.extract import CELLS, Extract, PrintedPlace, Series
from headframe.evidence.importing.layouts.coded import key_of
from headframe.evidence.importing.layouts.opened import heads
from headframe.evidence.importing.layouts.period_codes import CodedPeriod, coded_period
from headframe.evidence.importing.layouts.source import Layout, Source
from headframe.evidence.importing.layouts.template_cells import (
    Figure,
    TemplateRow,
    figure_of,
    price_basis_of,
    said,
    suggested,
    unit_of,
)
from headframe.evidence.reading.grid import Book, Sheet, letters, shown_text
from headframe.evidence.reading.unit_text import UnitText
from headframe.evidence.schema import STATUSES
from headframe.evidence.template import PREFIX, SOURCE_COLUMNS
from headframe.evidence.template_lists import chosen, indicator_of

HEAD_WITHIN = 20  # rows in which the ids are looked for
NEEDED = frozenset({"place", "indicator"})
NAMED = frozenset({"place", "indicator", "unit", "price_basis", "concept", "status", "source", "note"})


@dataclass(frozen=True)
class _Form:
    """A sheet to read: where its columns stand, which periods they hold, where its rows begin."""

    sheet: Sheet
    first: int
    columns: Mapping[str, int]
    periods: Mapping[int, CodedPeriod]
    headings: Mapping[int, str]

    def where(self, row: int, column: int) -> str:
        """A cell in words: sheet, row, column."""
        heading = self.headings.get(column, "")
        return f"{self.sheet.name}, row {row}, column {letters(column)} {heading}".strip()


@dataclass
class _Found:
    """What was read so far."""

    rows: list[tuple[object, ...]] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=dict)
    series: dict[str, tuple[Mapping[str, str], UnitText | None]] = field(default_factory=dict)
    places: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def recognises(source: Source) -> float:
    """How sure it is that a file is the template: a row with its ids among the first."""
    known = {PREFIX + name for name in NEEDED}
    for head in heads(source):
        if any(known <= {cell.casefold() for cell in row} for row in head.rows):
            return 1.0
    return 0.0


def extract(source: Source) -> Extract:
    """What was filled in. Raises HF460 without the ids, HF382 without figures, HF467–HF469 for faults of cells."""
    book = source.book
    forms = [form for sheet in book.sheets if (form := _form(sheet)) is not None]
    if not forms:
        listed = ", ".join(sorted(PREFIX + name for name in NEEDED))
        raise HeadframeError.of("HF460", source.name, layout=LAYOUT.name, columns=listed)
    known = [row["source_id"] for row in template_sources(book)]
    problems, found = Problems(keep=200), _Found()
    for form in forms:
        for row in _rows(form):
            _take(row, form, known if _has_sources(book) else None, problems, found)
    problems.raise_if_any()
    if not found.rows:
        raise HeadframeError.of("HF382", source.name)
    cells = pl.DataFrame(found.rows, schema=CELLS, orient="row")
    return Extract(
        name=source.name,
        layout=LAYOUT.name,
        format=book.format,
        encoding=book.encoding,
        sha256=source.sha256,
        series=_series(found),
        cells=cells,
        places=tuple(PrintedPlace(name, code, "", count) for (name, code), count in found.places.items()),
        notes=tuple(dict.fromkeys(found.notes)),
        problems=(*book.problems, *problems),
    )


def template_sources(book: Book) -> tuple[dict[str, str], ...]:
    """The rows of the sheet of sources by column: `source_id`, `title`, `publisher` …; rows without id are left out."""
    found = []
    for sheet in book.sheets:
        at, columns = _ids(sheet)
        if "source_id" not in columns:
            continue
        for row in range(at + 1, sheet.height + 1):
            told = {name: sheet.text(row, columns[name]).strip() for name in SOURCE_COLUMNS if name in columns}
            if told["source_id"]:
                found.append(told)
    return tuple(found)


def _has_sources(book: Book) -> bool:
    return any("source_id" in _ids(sheet)[1] for sheet in book.sheets)


def _ids(sheet: Sheet) -> tuple[int, dict[str, int]]:
    """The row of ids and the column of each; row 0 where there is none."""
    for row in range(1, min(sheet.height, HEAD_WITHIN) + 1):
        found: dict[str, int] = {}
        for column in range(1, sheet.width + 1):
            text = sheet.text(row, column).strip().casefold()
            if text.startswith(PREFIX):
                found.setdefault(text.removeprefix(PREFIX), column)
        if found.keys() >= NEEDED or "source_id" in found:
            return row, found
    return 0, {}


def _form(sheet: Sheet) -> _Form | None:
    """The sheet as one to read; columns of periods that were added by hand count by their heading above the ids."""
    at, columns = _ids(sheet)
    if not columns.keys() >= NEEDED:
        return None
    texts = {column: sheet.text(at, column).strip() for column in range(1, sheet.width + 1)}
    twice = [text for text, often in Counter(filter(None, texts.values())).items() if often > 1]
    if twice:
        raise HeadframeError.of("HF460", sheet.name, layout=LAYOUT.name, columns=f"2 × {twice[0][:60]}")
    headings = {column: _heading(sheet, at, column) for column in texts}
    periods = {}
    for column, text in texts.items():
        name = text.casefold().removeprefix(PREFIX) if text else headings[column]
        period = coded_period(name) if name not in NAMED else None
        if period is not None:
            periods[column] = period
    taken = [period[:2] for period in periods.values()]
    if len(set(taken)) < len(taken):
        raise HeadframeError.of("HF460", sheet.name, layout=LAYOUT.name, columns="2 × period")
    return _Form(sheet, at + 1, {name: columns[name] for name in columns if name in NAMED}, periods, headings)


def _heading(sheet: Sheet, at: int, column: int) -> str:
    """The lowest text above the ids."""
    above = (sheet.text(row, column).strip() for row in range(at - 1, 0, -1))
    return next((" ".join(text.split()) for text in above if text), "")


def _rows(form: _Form) -> Iterator[TemplateRow]:
    """The rows with a figure or a mark in a column of periods."""
    for row in range(form.first, form.sheet.height + 1):
        values = form.sheet.values[row - 1]
        filled = [column for column in form.periods if column <= len(values) and shown_text(values[column - 1]).strip()]
        texts = {name: form.sheet.text(row, column).strip() for name, column in form.columns.items()}
        first = next((shown_text(value).strip() for value in values if shown_text(value).strip()), "")
        if first.startswith(("#", "＃")) or (not any(texts.values()) and not filled):
            continue
        yield TemplateRow(row, texts, tuple(filled))


def _take(row: TemplateRow, form: _Form, sources: Sequence[str] | None, problems: Problems, found: _Found) -> None:
    """Check one row and take its figures."""
    if row.texts.get("note"):
        found.notes.append(f"{form.sheet.name}, row {row.number}: {row.texts['note'][:300]}")
    if not row.filled:
        return
    fault = partial(_fault, problems, form, row)
    before = sum(problems.counts.values())
    place, code = chosen(row.texts["place"])
    if not place and not code:
        fault("HF467", "place")
    indicator = indicator_of(row.texts["indicator"])
    if not row.texts["indicator"]:
        fault("HF467", "indicator")
    elif not indicator:
        fault("HF469", "indicator", suggestion=suggested(chosen(row.texts["indicator"])[0]))
    unit = unit_of(row, indicator, fault)
    codes = {
        "indicator": indicator,
        "price_basis": price_basis_of(row, indicator, fault),
        "concept": said(row, "concept", catalog().concepts, fault),
        "source": _source(row, sources, fault),
    }
    status = said(row, "status", STATUSES.codes, fault).upper()
    figures = [
        figure
        for column in row.filled
        if (figure := figure_of(form.sheet, row.number, column, unit, partial(_cell_fault, problems, form, row)))
        is not None
    ]
    if sum(problems.counts.values()) == before and unit is not None:
        _keep(row, form, figures, (place, code), codes, unit, status, found)


def _source(row: TemplateRow, sources: Sequence[str] | None, fault: partial[None]) -> str:
    """The source of a row; where there is a sheet of sources it has to stand there."""
    name, identifier = chosen(row.texts.get("source", ""))
    found = identifier or name
    if found and sources is not None and found not in sources:
        fault("HF469", "source", suggestion=", ".join(sources[:8])[:200])
    return found


def _fault(problems: Problems, form: _Form, row: TemplateRow, code: str, name: str, suggestion: str = "") -> None:
    column = form.columns.get(name, 0)
    where = form.where(row.number, column) if column else f"{form.sheet.name}, row {row.number}, {name}"
    problems.add(code, where, text=row.texts.get(name, "")[:80], column=name, suggestion=suggestion or "—")


def _cell_fault(problems: Problems, form: _Form, row: TemplateRow, column: int, text: str, suggestion: str) -> None:
    problems.add("HF468", form.where(row.number, column), text=text[:80], suggestion=suggestion or "—")


def _keep(
    row: TemplateRow,
    form: _Form,
    figures: Sequence[Figure],
    place: tuple[str, str],
    codes: Mapping[str, str],
    unit: UnitText,
    status: str,
    found: _Found,
) -> None:
    """Add the figures of a row whose cells are all in order."""
    plain = {name: text for name, text in codes.items() if text}
    key = key_of(plain)
    usual = found.series.setdefault(key, (plain, unit))[1]
    own = "" if usual is not None and usual.canonical == unit.canonical else unit.canonical
    found.places[(place[0] or place[1], place[1])] += sum(figure.value is not None for figure in figures)
    values = found.values.setdefault(key, [])
    for figure in figures:
        period = form.periods[figure.column]
        locator = f"{form.sheet.name}!{letters(figure.column)}{row.number}"
        if figure.value is not None and not own:
            values.append(figure.value)
        found.rows.append(
            (
                *(key, place[0] or place[1], place[1], ""),
                *(period.start, period.end, period.freq),
                *(figure.qualifier, figure.value, figure.low, figure.high),
                *(own, "", status),
                *(figure.mark, figure.meaning, figure.flags, figure.doubts, figure.raw, locator),
            )
        )


def _series(found: _Found) -> tuple[Series, ...]:
    """The series: one for each indicator, price basis, concept and source."""
    made = []
    for key, (codes, unit) in found.series.items():
        entry = catalog().indicators[codes["indicator"]]
        values = found.values.get(key, [])
        made.append(
            Series(
                key=key,
                chinese=(entry.name_zh,),
                english=(entry.name_en,),
                codes=codes,
                unit=unit,
                unit_from="row",
                per_head=entry.unit.endswith("/person"),
                count=len(values),
                minimum=min(values, default=None),
                median=median(values) if values else None,
                maximum=max(values, default=None),
            )
        )
    return tuple(made)


LAYOUT = Layout("template", recognises, extract)
