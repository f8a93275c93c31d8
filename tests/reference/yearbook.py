"""Reads the City Statistical Yearbook workbooks (read-only data outside the repository) into city rows.

The workbooks lie in the folder named by `HEADFRAME_DATA`; nothing here runs at a user's.
The file name carries the edition; the data year is the edition less one.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import fastexcel

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
YEARS = {2018: 2019, 2020: 2021, 2022: 2023}
SHEETS = {2018: "Data", 2020: "Sheet1", 2022: "Sheet1"}
FIRST_CITY_ROW = {2018: 7, 2020: 7, 2022: 7}


@dataclass(frozen=True)
class Column:
    """One column of the yearbook in one data year and what it measures."""

    year: int
    indicator_id: str
    dims: str
    scope: str
    concept: str
    price_basis: str
    timing: str
    column: int
    unit: str


def data_folder() -> Path | None:
    """The folder with the workbooks, or None where this machine has none."""
    folder = Path(os.environ.get("HEADFRAME_DATA", ROOT.parent / "shared" / "data")) / "cn_city_yearbook_workbooks"
    return folder if folder.is_dir() else None


def workbook(year: int) -> Path:
    """The workbook of one data year."""
    folder = data_folder()
    if folder is None:
        raise FileNotFoundError("HEADFRAME_DATA")
    return folder / f"china_city_statistical_yearbook_{YEARS[year]}_prefecture.xlsx"


@cache
def sheet(year: int) -> list[tuple[str | None, ...]]:
    """All rows of the data sheet as text, so that nothing is guessed about types; row 1 is element 0."""
    book = fastexcel.read_excel(workbook(year))
    frame = book.load_sheet(SHEETS[year], header_row=None, skip_rows=0, dtypes="string").to_polars()
    return list(frame.iter_rows())


@cache
def city_rows(year: int) -> dict[str, int]:
    """City name → sheet row (counted from 1). Province headings have no figures and are left out."""
    rows = {}
    for number, cells in enumerate(sheet(year), start=1):
        name = (cells[0] or "").strip()
        if number >= FIRST_CITY_ROW[year] and name and any(cells[2:]):
            rows[name] = number
    return rows


def columns() -> list[Column]:
    """The chosen columns (counted from 1), from `yearbook_columns.csv`."""
    with (HERE / "yearbook_columns.csv").open(encoding="utf-8", newline="") as file:
        return [
            Column(
                year,
                row["indicator_id"],
                row["dims"],
                row["scope"],
                row["concept"],
                row["price_basis"],
                row["timing"],
                int(row[f"y{year}"]),
                row[f"u{year}"],
            )
            for row in csv.DictReader(file)
            for year in YEARS
            if row[f"y{year}"]
        ]


def table_of(year: int, column: int) -> str:
    """The table a column belongs to: its number where the sheet prints one, else its printed title."""
    # skip_rows=0 keeps leading empty rows, so that sheet rows and elements agree.
    titles = next(row for row in sheet(year) if row[0])
    heads = [text for text in titles[:column] if text]
    title = " ".join(heads[-1].split())
    return title.split(" ")[0] if title.startswith("2-") else title


def cell(year: int, city: str, column: int) -> str | None:
    """The text of one cell, or None where it is blank."""
    text = sheet(year)[city_rows(year)[city] - 1][column - 1]
    return text.strip() or None if text else None


def reference(year: int, city: str, column: int) -> str:
    """The sheet reference of a cell, such as `Sheet1!T52`."""
    letters, number = "", column
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{SHEETS[year]}!{letters}{city_rows(year)[city]}"
