"""Workbooks as spreadsheets, careless hands and strangers make them."""

from __future__ import annotations

import os
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from headframe.core.errors import HeadframeError
from headframe.evidence import survey as surveying
from headframe.evidence.change import correct
from headframe.evidence.exchange import Returned, returned_from
from headframe.evidence.folder import open_city
from headframe.evidence.survey import letters, survey

WHO = {"author": "Li Wei", "reason": "test", "today": date(2026, 1, 2)}
COLUMNS = ("obs_id", "indicator_id", "period_start", "value", "unit", "price_basis", "source_id", "note")
OLD = {"obs_id": "testville-0002", "indicator_id": "gdp", "period_start": "2019", "value": 402, "unit": "亿元"}
OLD |= {"price_basis": "nominal", "source_id": "lin-lyu-2025"}
NEW = {**OLD, "obs_id": "", "period_start": "2021", "value": 431}
Fill = Callable[[xlsxwriter.Workbook, "xlsxwriter.worksheet.Worksheet"], object]


def workbook(path: Path, rows: list[dict[str, object]], fill: Fill | None = None) -> Path:
    """A workbook with these rows from row 2 on."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    sheet = book.add_worksheet("observations")
    sheet.write_row(0, 0, COLUMNS)
    for number, entry in enumerate(rows, start=1):
        sheet.write_row(number, 0, [entry.get(name, "") for name in COLUMNS])
    if fill is not None:
        fill(book, sheet)
    book.close()
    return path


def remade(path: Path, member: str, change: Callable[[bytes], bytes]) -> Path:
    """A copy of a workbook with one file inside it changed."""
    other = path.with_name("remade.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == member else old.read(name))
    return other


def refused(path: Path, folder: Path) -> tuple[str, str]:
    """Code and place of the first problem of a workbook."""
    with pytest.raises(HeadframeError) as raised:
        returned_from(path, open_city(folder))
    return raised.value.problems[0].code, raised.value.problems[0].where


def returned(path: Path, folder: Path) -> Returned:
    return returned_from(path, open_city(folder))


@pytest.mark.parametrize("cell", [(1_048_575, 16_383), (1_048_575, 60), (5_000, 16_383)])
def test_a_sheet_that_ends_far_away_does_not_end_the_process(
    folder: Path, tmp_path: Path, cell: tuple[int, int]
) -> None:
    path = workbook(tmp_path / "a.xlsx", [{**OLD, "value": 5}], lambda _, sheet: sheet.write_string(*cell, " "))
    assert refused(path, folder)[0] == "HF365"


def test_a_column_far_away_is_fine_alone(folder: Path, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [{**OLD, "value": 5}], lambda _, sheet: sheet.write_string(3, 16_383, " "))
    assert dict(returned(path, folder).corrections[0].changes) == {"value": "5"}


@pytest.mark.parametrize(
    "fill",
    [
        lambda _, sheet: sheet.write_formula(1, 3, "=NA()", None, "#N/A"),
        lambda _, sheet: sheet.write_formula(1, 3, "=1/0", None, "#DIV/0!"),
    ],
)
def test_an_error_is_not_an_empty_cell(folder: Path, tmp_path: Path, fill: Fill) -> None:
    code, where = refused(workbook(tmp_path / "a.xlsx", [OLD], fill), folder)
    assert (code, where) == ("HF366", "a.xlsx, row 2, column value")


def test_a_formula_never_worked_out_is_not_an_empty_cell(folder: Path, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [OLD], lambda _, sheet: sheet.write_formula(1, 3, "=1+1", None, 77))
    other = remade(path, "xl/worksheets/sheet1.xml", lambda data: data.replace(b"<v>77</v>", b""))
    assert refused(other, folder)[0] == "HF366"
    assert dict(returned(path, folder).corrections[0].changes) == {"value": "77"}


def test_one_observation_in_two_rows(folder: Path, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [{**OLD, "value": 1}, {**OLD, "value": 2}])
    assert refused(path, folder) == ("HF371", "a.xlsx, row 3, column obs_id")
    path = workbook(tmp_path / "b.xlsx", [OLD, {**OLD, "value": 2}])
    assert refused(path, folder)[0] == "HF371"


def test_what_an_observation_is_about_cannot_be_corrected(folder: Path, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [{**OLD, "indicator_id": "population_resident"}])
    assert refused(path, folder) == ("HF368", "a.xlsx, row 2, column indicator_id")
    path = workbook(tmp_path / "b.xlsx", [{**OLD, "period_start": "2031", "value": 7}])
    assert refused(path, folder)[0] == "HF368"


def test_a_row_without_indicator_is_not_dropped(folder: Path, tmp_path: Path) -> None:
    found = returned(workbook(tmp_path / "a.xlsx", [NEW, {**NEW, "indicator_id": ""}]), folder)
    with pytest.raises(HeadframeError) as raised:
        correct(open_city(folder), found.corrections, additions=found.additions, **WHO, file="a.xlsx")
    assert ("HF348", "a.xlsx, row 3, column indicator_id") in {(p.code, p.where) for p in raised.value.problems}


def test_faults_name_the_row_of_the_workbook(folder: Path, tmp_path: Path) -> None:
    other = {"obs_id": "testville-0003", "period_start": "2020", "value": 7, "unit": "gold"}
    rows = [OLD, {}, {}, {**OLD, **other}, {**NEW, "unit": "silver"}]
    found = returned(workbook(tmp_path / "a.xlsx", rows), folder)
    with pytest.raises(HeadframeError) as raised:
        correct(open_city(folder), found.corrections, additions=found.additions, **WHO, file="a.xlsx")
    where = [problem.where for problem in raised.value.problems if problem.code == "HF101"]
    assert where == ["a.xlsx, row 5, column unit", "a.xlsx, row 6, column unit"]


@pytest.mark.parametrize("text", ["1_000", "１２３", "inf", "nan", "1,234", "0x10", "12%", "1e999"])
def test_numbers_that_python_would_take_or_a_hand_would_write(folder: Path, tmp_path: Path, text: str) -> None:
    path = workbook(tmp_path / "a.xlsx", [OLD], lambda _, sheet: sheet.write_string(1, 3, text))
    assert refused(path, folder) == ("HF342", "a.xlsx, row 2, column value")


@pytest.mark.parametrize(
    ("member", "change"),
    [
        ("xl/sharedStrings.xml", lambda data: data.replace(b"?>", b'?><!DOCTYPE a [<!ENTITY x "y">]>', 1)),
        ("xl/worksheets/sheet1.xml", lambda data: data[:-50]),
        ("xl/worksheets/sheet1.xml", lambda data: data.replace(b'r="D2"', b'r="ZZZZZZ99999999999"')),
        ("xl/worksheets/sheet1.xml", lambda data: data.replace(b'r="D2"', b'r="&#88;FD1048576"')),
        ("xl/workbook.xml", lambda data: data.replace(b"sheet1", b"")[:100]),
    ],
)
def test_workbooks_made_to_mislead_the_reader(
    folder: Path, tmp_path: Path, member: str, change: Callable[[bytes], bytes]
) -> None:
    path = workbook(tmp_path / "a.xlsx", [{**OLD, "value": 9}])
    assert refused(remade(path, member, change), folder)[0] in {"HF341", "HF365"}


def test_an_archive_that_lies_about_its_size(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "a.xlsx", [{**OLD, "value": 9}])
    big = remade(path, "xl/worksheets/sheet1.xml", lambda data: data + b" " * 50_000_000)
    data = big.read_bytes()
    with zipfile.ZipFile(big) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    big.write_bytes(data.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little")))
    monkeypatch.setattr(surveying, "LARGEST_UNPACKED", 20_000_000)
    assert refused(big, folder)[0] == "HF341"


def test_workbooks_that_are_none(folder: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    (tmp_path / "protected.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000))
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as archive:
        archive.writestr("content.xml", "<x/>")
    for name, code in (("pipe.xlsx", "HF120"), ("protected.xlsx", "HF341"), ("other.xlsx", "HF341")):
        assert refused(tmp_path / name, folder)[0] == code


def test_letters_of_columns() -> None:
    assert [letters(number) for number in (1, 26, 27, 702, 703, 16_384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


def test_a_sound_workbook_has_no_empty_handed_cells(tmp_path: Path) -> None:
    assert survey(workbook(tmp_path / "a.xlsx", [OLD, NEW])) == {"observations": frozenset()}


def test_many_new_rows_are_compared_with_what_is_there_in_one_go(folder: Path) -> None:
    city = open_city(folder)
    new = {name: str(value) for name, value in NEW.items()} | {"period_end": "2021", "freq": "A", "qualifier": "="}
    new |= {"place_id": "testville", "status": "A", "method": "reported"}
    rows = [{**new, "dims": f"site=s{number}"} for number in range(20_000)]
    started = time.perf_counter()
    correct(city, (), additions=rows, **WHO)
    with pytest.raises(HeadframeError) as raised:
        correct(open_city(folder), (), additions=rows, **WHO)
    assert "HF351" in {problem.code for problem in raised.value.problems}
    assert time.perf_counter() - started < 20
