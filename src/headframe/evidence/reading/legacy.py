"""Old workbooks (.xls, and .et of WPS where it is of the same kind), read by fastexcel within known bounds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from headframe.core.errors import HeadframeError, Problems
from headframe.evidence.reading.compound import Compound, DamagedCompoundError
from headframe.evidence.reading.grid import Book, Kind, Range, Sheet, Shown, Value, letters, plain_number, trimmed
from headframe.evidence.reading.limits import Limits
from headframe.evidence.reading.records import Outline, outlines

STREAMS = ("workbook", "book")


def read_legacy(data: bytes, compound: Compound, name: str, limits: Limits) -> Book:
    """Read every worksheet. Raises HF374, HF375, HF377, HF378; warns with HF387 of errors in cells."""
    import fastexcel

    stream = next((part for part in STREAMS if part in compound.streams), "")
    try:
        listed = outlines(compound.stream(stream), name, limits)
    except DamagedCompoundError as error:
        raise HeadframeError.of("HF374", name, reason=str(error)) from error
    problems, sheets = Problems(), list[Sheet]()
    with _panics(name):
        reader = fastexcel.read_excel(data)
        for outline in listed[: limits.sheets]:
            if outline.worksheet and outline.name in reader.sheet_names:
                sheets.append(_sheet(reader, outline))
    if not sheets:
        raise HeadframeError.of("HF374", name, reason=stream)
    for outline in listed:
        if outline.errors:
            row, column = min(outline.errors)
            cell = f"{letters(column)}{row}"
            problems.add("HF387", f"{name}, {outline.name}", severity="warning", count=len(outline.errors), cell=cell)
    return Book(name, "xls", tuple(sheets), problems=tuple(problems))


@contextmanager
def _panics(name: str) -> Iterator[None]:
    """Turn what the reader raises on damaged records into HF374; its panics are no ordinary exceptions."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, MemoryError, HeadframeError):
        raise
    except BaseException as error:
        lines = str(error).splitlines()
        raise HeadframeError.of("HF374", name, reason=lines[0] if lines else type(error).__name__) from error


def _sheet(reader: object, outline: Outline) -> Sheet:
    if not outline.cells:
        return Sheet(outline.name, [], hidden=outline.hidden)
    frame = reader.load_sheet(outline.name, header_row=None, skip_rows=0, dtypes="string").to_polars()  # type: ignore[attr-defined]
    # The frame begins at the first row and column with a value, wherever that is.
    down, across = outline.last[0] - frame.height, outline.last[1] - frame.width
    rows: list[list[Value]] = [[] for _ in range(max(down, 0))]
    for cells in frame.iter_rows():
        numbers = outline.numbers.get(len(rows) + 1, {})
        values: list[Value] = [None] * max(across, 0)
        values += [_value(cell, numbers.get(column)) for column, cell in enumerate(cells, start=max(across, 0) + 1)]
        rows.append(values)
    for (row, column), text in outline.errors.items():
        if row <= len(rows) and column <= len(rows[row - 1]):
            rows[row - 1][column - 1] = Shown(Kind.ERROR, text)
    trimmed(rows)
    height, width = len(rows), max(map(len, rows), default=0)
    merged = [
        Range(area.top, area.left, min(area.bottom, height), min(area.right, width))
        for area in outline.merged
        if area.top <= height and area.left <= width and area[:2] != area[2:]
    ]
    return Sheet(outline.name, rows, tuple(merged), typed=True, hidden=outline.hidden)


def _value(text: str | None, number: float | None) -> Value:
    """A cell from what the reader shows and the number that is stored; they differ for dates and in the last digits."""
    if text is None or not text.strip():
        return None
    if number is None:
        return text
    return number if plain_number(text) is not None else Shown(Kind.DATE, text.removesuffix(" 00:00:00"))
