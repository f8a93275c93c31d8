"""What the fuzz campaign found in importing, each with the smallest file that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError
from headframe.evidence.importing.choosing import choose
from headframe.evidence.importing.layouts import LAYOUTS, subjects
from headframe.evidence.importing.layouts import source as sources
from headframe.evidence.importing.layouts.source import Source
from headframe.evidence.importing.matching import match
from headframe.evidence.reading.label import LONGEST
from tests.evidence.importing.fuzz.folder import Target


def test_a_damaged_workbook_is_read_once_whoever_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    times = 0
    known = sources.read_file

    def counted(*arguments: object) -> object:
        nonlocal times
        times += 1
        return known(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sources, "read_file", counted)
    monkeypatch.setattr(Source, "members", ("xl/workbook.xml",))
    source = Source.of(path)
    layout = choose(source)
    for _ in range(2):
        with pytest.raises(HeadframeError) as raised:
            layout.extract(source)
        assert [problem.code for problem in raised.value.problems] == ["HF374"]
    assert times == 1


@pytest.mark.parametrize("wrong", ['{"a": 1}', "[]", "[[1]]", "null", "1.5"])
def test_a_class_of_any_kind_in_json(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"version": "2.0", "class": ' + wrong + ', "id": ["a"]}', encoding="utf-8")
    with pytest.raises(HeadframeError) as raised:
        LAYOUTS["jsonstat"].extract(Source.of(path))
    assert raised.value.problems[0].code == "HF461"


def test_a_title_is_searched_no_further_than_labels_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searched = list[int]()
    known = subjects._YEAR

    class Counting:
        """Notes how long the texts are that are searched for years."""

        def sub(self, to: str, text: str) -> str:
            """Note and search."""
            searched.append(len(text))
            return known.sub(to, text)

    monkeypatch.setattr(subjects, "_YEAR", Counting())
    path = tmp_path / "a.csv"
    path.write_text("2016年城市" + "-" * 50_000 + "统计\n城市,2016,2017\n阜新市,1.5,2\n抚顺市,3,4\n", encoding="utf-8")
    LAYOUTS["table"].extract(Source.of(path))
    assert searched
    assert max(searched) <= LONGEST


def test_a_code_with_control_characters_is_kept_so_that_it_can_be_read(tmp_path: Path) -> None:
    head = "area_fips,own_code,industry_code,agglvl_code,size_code,year,qtr,disclosure_code,annual_avg_emplvl\n"
    path = tmp_path / "a.csv"
    path.write_text(
        head + "".join(f'21095,5,"21\t{n}\u2028",74,0,2019,A,,{n}00\n' for n in range(1, 5)), encoding="utf-8"
    )
    target = Target(tmp_path)
    assert target.imported(path) in {"imported", "HF480"}
    matched = match(LAYOUTS["qcew"].extract(Source.of(path)), catalog())
    assert all("\t" not in one.dims and "\u2028" not in one.dims for one in matched)


def test_the_end_of_a_year_is_part_of_the_label_behind_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = "阜新市,184.7,446.1\n抚顺市,206.1,975.6\n本溪市,145.1,823.6\n"
    path.write_text(f"城市,2018年末户籍人口（万人）,2018年地区生产总值（亿元）\n{rows}", encoding="utf-8")
    extract = LAYOUTS["table"].extract(Source.of(path))
    assert [series.chinese for series in extract.series] == [("年末户籍人口",), ("地区生产总值",)]
