"""Published files as they are: nothing here is told to the reader, neither a file's name nor its year."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from headframe.evidence.reading.description import Holds, TableDescription
from headframe.evidence.reading.formats import read_file
from headframe.evidence.reading.header import describe_scan
from headframe.evidence.reading.missing import Mark
from headframe.evidence.reading.period import read_period
from headframe.evidence.reading.preview import preview
from headframe.evidence.reading.scan import scan
from headframe.evidence.reading.script import bare
from headframe.evidence.reading.table import Table, read_table
from tests.conftest import FULL

LEAST_EQUAL = 0.995
LARGEST = 3_000_000 if FULL else 100_000  # bytes


def table_of(path: Path) -> Table:
    """The one table of a file."""
    found = [
        (seen, table) for sheet in read_file(path).sheets for seen in [scan(sheet)] for table in describe_scan(seen)
    ]
    assert len(found) == 1, path.name
    return read_table(*found[0])


def plain_rows(path: Path) -> list[list[str]]:
    """The cells of a delimited file as Python's own reader sees them."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter="\t" if ".tsv" in path.name else ","))


# The city yearbooks beside a long table that somebody else derived from them.


@pytest.fixture(scope="module")
def derived(data_folder: Path) -> dict[str, dict[tuple[str, int], float]]:
    """The derived cells: for each year the value by city and number of the column, counted from 1."""
    path = data_folder / "cn_city_yearbook_2018_2023/yearbook_long.csv.gz"
    if not path.is_file():
        pytest.skip(f"no {path.name} in the data folder")
    found: dict[str, dict[tuple[str, int], float]] = {}
    for year, city, column, value, *_ in plain_rows(path)[1:]:
        found.setdefault(year, {})[bare(city), int(column) + 1] = float(value)
    return found


@pytest.fixture(scope="module")
def yearbooks(data_folder: Path) -> list[Table]:
    """The workbooks of the yearbook, whichever are there."""
    paths = sorted((data_folder / "cn_city_yearbook_workbooks").glob("*.xlsx"))
    if not paths:
        pytest.skip("no yearbook workbooks in the data folder")
    return [table_of(path) for path in paths]


def derived_columns(data_folder: Path) -> dict[tuple[str, int], dict[str, str]]:
    rows = plain_rows(data_folder / "cn_city_yearbook_2018_2023/columns.csv")
    entries = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    return {(entry["year"], int(entry["col"]) + 1): entry for entry in entries}


def test_every_derived_cell_is_read(yearbooks: list[Table], derived: dict[str, dict[tuple[str, int], float]]) -> None:
    kinds = Counter[str]()
    for table in yearbooks:
        (year,) = table.description.years
        theirs = derived[str(year)]
        cities = {city for city, _ in theirs}
        names = {int(row): bare(table.name(int(row), table.description.stubs[0])) for row in table.rows}
        for row, column, reading in table.cells():
            key = (names[row], column.column)
            if key in theirs:
                same = reading.value == theirs[key]
                kinds["equal" if same else str(reading.mark or reading.nature)] += 1
            elif reading.value is not None:
                kinds["city left out there" if key[0] not in cities else f"text there: {reading.text}"] += 1
    total = sum(map(len, derived.values()))
    assert kinds["equal"] >= LEAST_EQUAL * total
    # Every difference has a kind: they spread a value over merged cells, left out ten cities, and took no text for a
    # number. Ours has no value in a covered cell, and reads `1 181` with doubts.
    assert kinds["equal"] + kinds["covered"] == total
    assert kinds["covered"] == 1
    assert {kind for kind in kinds if kind.startswith("text")} == {"text there: 1 181"}
    assert set(kinds) - {"equal", "covered", "city left out there", "text there: 1 181"} == set()


def test_labels_and_scopes_agree_with_the_derived_table(yearbooks: list[Table], data_folder: Path) -> None:
    theirs = derived_columns(data_folder)
    scopes = {"total": "whole-city", "districts": "urban-districts", "": ""}
    found = Counter[str]()
    for table in yearbooks:
        (year,) = table.description.years
        for column in table.description.values:
            entry = theirs[str(year), column.column]
            group, label = bare(re.sub(r"^\d+-\d+\s*", "", entry["table"])), bare(entry["label"])
            assert not column.chinese or bare(column.chinese[0]) in group, column.key
            last = re.sub(r"\(.*?\)", "", bare((column.chinese or column.english)[-1]))
            assert last in re.sub(r"\(.*?\)", "", label), column.key
            assert column.english == () or bare(column.english[-1]) in label, column.key
            given = scopes[entry["scope"]]
            found["scope same" if given == column.scope else f"scope {column.scope_from}"] += 1
            assert given in {"", column.scope}, column.key
            if given != column.scope and column.scope_from == "column":
                assert "reading.scope-misprint" in {reason.id for reason in column.reasons}, column.key
    assert found["scope same"] > 0.7 * sum(found.values())
    assert found["scope column"] == 1  # 再辖区, left without a scope there
    assert set(found) == {"scope same", "scope above", "scope column"}


def test_units_of_the_yearbooks(yearbooks: list[Table]) -> None:
    without: list[str] = []
    for table in yearbooks:
        for column in table.description.values:
            if column.unit is None:
                without.append(column.label)
                continue
            assert column.unit.canonical, column.key
            over = " ".join(column.printed) if column.unit_from == "column" else ""
            assert not over or column.unit.printed in over, column.key
            rate = column.label.endswith(("率", "比重"))
            assert not rate or column.unit.canonical == "%", column.key
    # The population tables of two editions print no unit at all.
    assert all(label.startswith("人口数 / ") for label in without)
    assert len(without) == 8


def test_what_the_yearbooks_leave_in_doubt(yearbooks: list[Table]) -> None:
    disagreeing = {
        (column.chinese[-1], column.unit.printed, column.other_units[0].printed)
        for table in yearbooks
        for column in table.description.values
        if column.unit is not None and column.other_units
    }
    assert disagreeing == {("地区生产总值(当年价格)", "万元", "100 000 yuan")}
    assert all(table.description.confidence > 0.95 for table in yearbooks)
    damaged = [
        reading.text
        for table in yearbooks
        for column in table.columns.values()
        for reading in column.readings.values()
        if reading.value is None and reading.mark is None
    ]
    assert {"1 1.44", "().13", "X940", "II", "I 1495", "mi"} <= set(damaged)
    assert len(damaged) == 25


def test_provinces_are_hints_and_no_rows(yearbooks: list[Table]) -> None:
    for table in yearbooks:
        sections = set(table.sections.values())
        assert len(sections) == 27
        assert all(name.endswith(("省", "自治区", "自冶区")) for name in sections)
        names = [table.name(int(row), table.description.stubs[0]) for row in table.rows]
        assert len(names) in {297, 298}
        assert len(set(names)) == len(names)
        assert not set(names) & sections


# Delimited files: every number equal to what a plain reading of the cell gives.


def expected_number(text: str) -> float:
    try:
        return float(text.strip().removeprefix("$").replace(",", ""))
    except ValueError:
        return float("nan")


DELIMITED = (
    "cn_city_panel_1990_2023/panel.csv.gz",
    "cn_city_fiscal_debt_2018_2025/city_macro_fiscal.csv.gz",
    "cn_city_fiscal_debt_2018_2025/city_gov_debt.csv.gz",
    "cn_city_sector_employment_2018_2019/city_sector_employment.csv",
    "eu_nuts2_panel_2005_2020/eu_nuts_indicators.csv.gz",
    "eu_nuts2_panel_2005_2020/nuts2_wide.csv.gz",
    "us_coal_mines_harlan_dickenson_eia/EIA_MineData_Harlan_Raw.csv",
    "us_coal_mines_harlan_dickenson_eia/EIA_MineData_Dickenson_Raw.csv",
    "us_counties_ers_2007_2019/Education.csv.gz",
    "us_counties_ers_2007_2019/PopulationEstimates.csv.gz",
    "us_counties_ers_2007_2019/Unemployment.csv.gz",
    "us_counties_ers_2007_2019/income.csv.gz",
    "uk_coal_1853_on/Coal_Production.csv",
    "uk_coal_1853_on/Coal_Availability_Consumption.csv",
    "uk_coal_1853_on/employ_only.csv",
)


@pytest.mark.parametrize("name", DELIMITED)
def test_numbers_of_delimited_files(data_folder: Path, name: str) -> None:
    path = data_folder / name
    if not path.is_file():
        pytest.skip(f"no {name} in the data folder")
    table, rows = table_of(path), plain_rows(path)
    compared = 0
    for column in table.columns.values():
        at = column.description.column - 1
        texts = [rows[int(row) - 1][at] if at < len(rows[int(row) - 1]) else "" for row in table.rows]
        theirs = np.array([expected_number(text) for text in texts])
        marked = [int(row) for row, text in zip(table.rows, texts, strict=True) if text.strip()]
        np.testing.assert_array_equal(column.numbers, theirs, err_msg=column.description.key)
        for reading in (column.reading(row) for row in marked[:500]):  # what is neither is at least in doubt
            assert reading.nature in {"number", "missing"} or reading.doubts, reading
        compared += int((~np.isnan(theirs)).sum())
    left_out = len(rows) - table.description.last
    assert compared > 0
    assert left_out <= len(table.description.notes) + 4


def described(data_folder: Path, name: str) -> TableDescription:
    path = data_folder / name
    if not path.is_file():
        pytest.skip(f"no {name} in the data folder")
    return table_of(path).description


def test_title_rows_and_years_in_names(data_folder: Path) -> None:
    found = described(data_folder, "us_counties_ers_2007_2019/Unemployment.csv.gz")
    assert found.head == (5,)
    assert found.titles[0] == "Unemployment and median household income for the U.S. States and counties 2007-18"
    assert [c.holds for c in found.stubs[:3]] == [Holds.CODE, Holds.PLACE, Holds.PLACE]
    assert [c.year for c in found.values[1:5]] == [2007] * 4
    assert {c.year for c in found.values} == set(range(2007, 2019))
    income = next(c for c in found.values if c.label.startswith("Median_Household_Income"))
    assert income.unit is not None
    assert (income.unit.canonical, income.unit_from) == ("USD", "cells")
    education = described(data_folder, "us_counties_ers_2007_2019/Education.csv.gz")
    percent = [c for c in education.values if c.label.startswith("Percent")]
    assert len(percent) == 20
    assert all(c.unit is not None and c.unit.canonical == "%" for c in percent)


def test_a_sheet_with_wrapped_heads_and_notes(data_folder: Path) -> None:
    found = described(data_folder, "uk_coal_1853_on/Coal_Availability_Consumption.csv")
    assert (found.rows_hold, found.years) == (Holds.PERIOD, (1853, 2017))
    assert found.unit is not None
    assert found.unit.canonical == "1000000 t"
    assert len(found.notes) == 14
    assert [c.english for c in found.values[:3]] == [("Supply",), ("Colliery", "Stocks"), ("Distributed", "Stocks")]
    assert found.values[0].notes == ("2",)
    production = described(data_folder, "uk_coal_1853_on/Coal_Production.csv")
    assert [c.unit.canonical for c in production.values if c.unit] == ["1000000 t"] * 4 + ["1000 1"]


def test_years_with_notes_glued_to_them(data_folder: Path) -> None:
    path = data_folder / "uk_coal_1853_on/Coal_Production.csv"
    if not path.is_file():
        pytest.skip("no Coal_Production.csv in the data folder")
    table = table_of(path)
    (stub,) = table.description.stubs
    known = frozenset(str(number) for number in range(1, 11))
    periods = [read_period(table.name(int(row), stub), known) for row in table.rows if table.name(int(row), stub)]
    assert None not in periods
    single = [period.year for period in periods if period is not None and period.year is not None]
    assert single == sorted(single)
    assert (single[0], single[-1]) == (1913, 2017)
    spans = [(period.start[:4], period.end[:4]) for period in periods if period is not None and period.year is None]
    assert spans[0] == ("1853", "1862")


def test_an_old_workbook_and_its_copies_as_text_agree(data_folder: Path) -> None:
    folder = data_folder / "uk_coal_1853_on"
    path = folder / "Coal_since_1853.xls"
    if not path.is_file():
        pytest.skip("no Coal_since_1853.xls in the data folder")
    book = read_file(path)
    for sheet, copy in zip(book.sheets, ("Coal_Production", "Coal_Availability_Consumption"), strict=False):
        seen = scan(sheet)
        old = read_table(seen, describe_scan(seen)[0])
        new = table_of(folder / f"{copy}.csv")
        assert [c.key for c in old.description.columns] == [c.key for c in new.description.columns]
        for key, column in old.columns.items():
            np.testing.assert_allclose(column.numbers, new.columns[key].numbers, rtol=1e-14)
            # Only the workbook knows which cells are merged.
            assert sum(column.missing.values()) == sum(new.columns[key].missing.values())


def test_marks_of_missing_values_are_told_apart(data_folder: Path) -> None:
    path = data_folder / "uk_coal_1853_on/Coal_Production.csv"
    if not path.is_file():
        pytest.skip("no Coal_Production.csv in the data folder")
    marks = Counter(mark for column in table_of(path).columns.values() for mark, _ in column.missing.elements())  # type: ignore[attr-defined]
    assert set(marks) == {Mark.TWO_DOTS, Mark.EMPTY}


def files_of(folder: Path) -> Iterator[Path]:
    for pattern in ("*.csv", "*.tsv", "*.csv.gz", "*.xls", "*.xlsx"):
        yield from (path for path in folder.rglob(pattern) if path.stat().st_size < LARGEST)


def test_every_table_of_the_folder_is_described(data_folder: Path) -> None:
    """Nothing raises, and whatever holds figures has a head and names."""
    unclear, seen = list[tuple[str, float]](), 0
    for path in sorted(files_of(data_folder)):
        tables = preview(read_file(path), rows=1).tables
        seen += len(tables)
        unclear += [
            (path.name, table.confidence)
            for table in tables
            if table.confidence < 0.5 and any(column.figures for column in table.columns)
        ]
    assert seen > 50
    assert unclear == []
