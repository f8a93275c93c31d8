"""Stata files: labels, labels of values, kinds of missing. What reads them is an optional extra."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from headframe.core.errors import HeadframeError
from headframe.evidence.importing.extract import CELLS
from headframe.evidence.importing.layouts.source import Source
from headframe.evidence.importing.layouts.stata import LAYOUT, headings, sheet_column, with_extended
from headframe.evidence.reading.grid import Kind, Shown
from headframe.evidence.reading.limits import Limits
from tests.evidence.importing.layouts.written import taken

CITIES = ("阜新", "大同", "鹤岗", "抚顺", "白银", "焦作")
YEARS = (2017, 2018, 2019)
VERSIONS = (8, 10, 12, 13, 14, 15)


@pytest.fixture
def pyreadstat() -> Any:
    """The optional reader; the test is skipped where it is not installed."""
    return pytest.importorskip("pyreadstat", reason="the extra stata (pyreadstat) is not installed")


def written(path: Path, pyreadstat: Any, version: int = 15) -> Path:
    """A panel of six cities over three years with a label of values and an extended missing value."""
    rows = [(city, year, 1 + at % 2, 100.5 * (at + 1) + year) for at, city in enumerate(CITIES) for year in YEARS]
    gdp: list[object] = [row[3] for row in rows]
    gdp[7] = "a"
    table = pl.DataFrame(
        {
            "city": [row[0] for row in rows],
            "year": [row[1] for row in rows],
            "prov": [row[2] for row in rows],
            "gdp": pl.Series("gdp", gdp, dtype=pl.Object),
            "pop": [None, *(float(row[1]) for row in rows[1:])],
        }
    )
    labels = {
        "city": "城市",
        "year": "年份",
        "prov": "省份",
        "gdp": "地区生产总值（万元）",
        "pop": "Population (person)",
    }
    words = {"prov": {1: "辽宁", 2: "山西"}, "gdp": {"a": "confidential"}}
    pyreadstat.write_dta(
        table, path, file_label="Panel", column_labels=labels, variable_value_labels=words,
        missing_user_values={"gdp": ["a"]}, version=version,
    )  # fmt: skip
    return path


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_is_recognised_and_read(tmp_path: Path, pyreadstat: Any, version: int) -> None:
    extract = taken(written(tmp_path / "x.dta", pyreadstat, version), "stata")
    assert {series.label: series.unit.canonical for series in extract.series if series.unit} == {
        "地区生产总值": "10000 CNY",
        "Population": "person",
    }
    assert extract.titles[0] == "Panel"
    gdp = extract.cells.filter(pl.col("key") == extract.series[0].key)
    assert gdp.height == len(CITIES) * len(YEARS)
    assert gdp["value"].null_count() == 1
    assert gdp["value"][0] == 100.5 + 2017
    assert gdp["locator"][0].startswith("row 1, ")
    assert [place.name for place in extract.places] == list(CITIES)
    assert {place.section for place in extract.places} == {"辽宁", "山西"}


def test_older_files_in_chinese_encoding_are_read(tmp_path: Path, pyreadstat: Any) -> None:
    """Stata 13 and older wrote the machine's encoding and did not say which."""
    path = written(tmp_path / "x.dta", pyreadstat, 12)
    data = path.read_bytes()
    for text in (*CITIES, "城市", "年份", "省份", "地区生产总值（万元）", "辽宁", "山西"):
        told = text.encode("utf-8")
        data = data.replace(told, text.encode("gb18030").ljust(len(told), b"\0"))
    path.write_bytes(data)
    extract = taken(path, "stata")
    assert [place.name for place in extract.places] == list(CITIES)
    assert extract.series[0].chinese == ("地区生产总值",)


def test_extended_missing_values_keep_their_kind(tmp_path: Path, pyreadstat: Any) -> None:
    cells = taken(written(tmp_path / "x.dta", pyreadstat), "stata").cells
    (row,) = cells.filter(pl.col("flags") == ".a").iter_rows(named=True)
    assert (row["value"], row["mark"], row["meaning"], row["doubts"]) == (None, "not-available", "suppressed", "")
    assert (row["place"], row["period_start"].year, row["locator"].split(",")[0]) == ("鹤岗", 2018, "row 8")


def test_damaged_files_are_told(tmp_path: Path, pyreadstat: Any) -> None:
    path = written(tmp_path / "x.dta", pyreadstat)
    whole = path.read_bytes()
    for end in (20, 300, len(whole) // 2):
        path.write_bytes(whole[:end])
        with pytest.raises(HeadframeError) as caught:
            LAYOUT.extract(Source.of(path))
        assert {problem.code for problem in caught.value.problems} <= {"HF374", "HF450"}


def test_no_byte_brings_it_down(tmp_path: Path, pyreadstat: Any) -> None:
    whole = bytearray(written(tmp_path / "x.dta", pyreadstat, 12).read_bytes())
    for at in range(0, len(whole), 41):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        (tmp_path / "y.dta").write_bytes(damaged)
        try:
            LAYOUT.extract(Source.of(tmp_path / "y.dta"))
        except HeadframeError as error:
            assert error.problems


def test_too_many_rows_are_refused(tmp_path: Path, pyreadstat: Any) -> None:
    with pytest.raises(HeadframeError) as caught:
        LAYOUT.extract(Source.of(written(tmp_path / "x.dta", pyreadstat), limits=Limits(rows=10)))
    assert [problem.code for problem in caught.value.problems] == ["HF377"]


def test_without_the_reader_the_command_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.dta"
    path.write_bytes(b"<stata_dta><header><release>118</release>")
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    source = Source.of(path)
    assert LAYOUT.recognises(source) > 0.9
    with pytest.raises(HeadframeError) as caught:
        LAYOUT.extract(source)
    (problem,) = caught.value.problems
    assert problem.code == "HF466"
    assert "headframe[stata]" in problem.fix("en")
    assert "headframe[stata]" in problem.fix("zh")


def test_headings_are_labels_and_told_apart() -> None:
    labels = {"a": "GDP", "b": "GDP", "c": None, "d": " Population "}
    assert headings(["a", "b", "c", "d"], labels) == ["GDP a", "GDP b", "c", "Population"]


def test_cells_of_a_variable() -> None:
    found = sheet_column([1.0, 2.0, "b", None, float("nan"), "", float("inf")], {1: "yes", "b": "refused"}, ["b"])
    assert found == ["yes", 2.0, ".b refused", None, None, None, None]
    assert sheet_column(["b", "c"], {}) == ["b", "c"]
    import datetime as dt

    assert sheet_column([dt.date(2019, 1, 2)], {}) == [Shown(Kind.DATE, "2019-01-02")]


def test_letters_become_kinds_of_missing_only_where_there_is_no_value() -> None:
    row = dict.fromkeys(CELLS.names(), "") | {"period_start": None, "period_end": None, "low": None, "high": None}
    rows = [row | {"raw": ".z", "value": None, "doubts": "text"}, row | {"raw": ".5", "value": 0.5}]
    found = with_extended(pl.DataFrame(rows, schema=CELLS, orient="row"))
    assert found["mark"].to_list() == ["not-available", ""]
    assert found["meaning"].to_list() == ["open", ""]
    assert found["flags"].to_list() == [".z", ""]
    assert found["doubts"].to_list() == ["", ""]
