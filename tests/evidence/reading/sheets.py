"""What the tests of reading share: sheets from rows, workbooks written by hand, codes of what is refused."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from headframe.core.errors import HeadframeError
from headframe.evidence.reading.formats import read_file
from headframe.evidence.reading.grid import Book, Range, Sheet, Value, area
from headframe.evidence.reading.header import describe
from headframe.evidence.reading.table import Table, read_table

Cells = Sequence[Sequence[Any]]


def sheet_of(rows: Cells, merged: Sequence[str] = (), name: str = "s") -> Sheet:
    """A sheet as if a workbook had held these cells; texts stay texts."""
    values: list[list[Value]] = [
        [float(value) if isinstance(value, int | float) else (value or None) for value in row] for row in rows
    ]
    ranges = tuple(found for text in merged if (found := area(text)) is not None)
    assert all(isinstance(found, Range) for found in ranges)
    return Sheet(name, values, ranges, typed=True)


def only_table(sheet: Sheet) -> Table:
    """The one table of a sheet with its figures."""
    (description,) = describe(sheet)
    return read_table(sheet, description)


def write_workbook(path: Path, rows: Cells, merged: Sequence[str] = (), sheet: str = "Sheet1") -> Path:
    """A workbook with these cells on one sheet; merged ranges keep the value of their first cell."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False})
    page = book.add_worksheet(sheet)
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is None or value == "":
                continue
            if isinstance(value, str):
                page.write_string(number, column, value)
            else:
                page.write_number(number, column, value)
    for text in merged:
        found = area(text)
        assert found is not None
        row, column = found.top - 1, found.left - 1
        value = rows[row][column] if row < len(rows) and column < len(rows[row]) else ""
        page.merge_range(row, column, found.bottom - 1, found.right - 1, value if value is not None else "")
    book.close()
    return path


def remade(path: Path, member: str, change: Callable[[bytes], bytes], name: str = "remade.xlsx") -> Path:
    """A copy of a packed file with one part changed."""
    other = path.with_name(name)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == member else old.read(part))
    return other


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    """An archive with these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def written(path: Path, data: bytes) -> Path:
    """A file with these bytes."""
    path.write_bytes(data)
    return path


def texts(book: Book, sheet: int = 0) -> list[list[str]]:
    """The texts of a sheet by rows."""
    return [[cell.text for cell in row] for row in book.sheets[sheet].rows]


def refused(read: Callable[[], object]) -> tuple[str, str]:
    """Code and place of the first problem that is raised; it can be told in both languages."""
    with pytest.raises(HeadframeError) as raised:
        read()
    problem = raised.value.problems[0]
    for language in ("en", "zh"):
        assert "{" not in problem.line(language), problem.line(language)
    return problem.code, problem.where


def refused_file(path: Path) -> tuple[str, str]:
    """Code and place of the first problem of a file."""
    return refused(lambda: read_file(path))


def warnings_of(book: Book) -> list[str]:
    """The codes of a file's warnings."""
    assert all(problem.severity == "warning" and "{" not in problem.line("zh") for problem in book.problems)
    return [problem.code for problem in book.problems]
