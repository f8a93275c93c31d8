"""The general layout on tables of every shape that it is for, each written here."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from headframe.core.errors import HeadframeError
from headframe.evidence.importing.choosing import choose, read_extract
from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.layouts import LAYOUTS
from headframe.evidence.importing.layouts.source import Source
from headframe.evidence.reading.grid import Book, Sheet
from tests.evidence.reading.sheets import sheet_of, write_workbook


def _of(*sheets: Sheet) -> Extract:
    return LAYOUTS["table"].extract(Source.of(Book("made", "xlsx", sheets)))


def _csv(folder: Path, text: str) -> Extract:
    path = folder / "made.csv"
    path.write_text(text, encoding="utf-8")
    return LAYOUTS["table"].extract(Source.of(path))


def _figures(extract: Extract, *columns: str) -> list[tuple[object, ...]]:
    return extract.cells.filter(pl.col("value").is_not_null()).select(*columns).rows()


def test_places_in_rows_and_indicators_in_columns() -> None:
    rows = [
        ["2019年主要指标", "", "", ""],
        ["城市", "年末户籍人口（万人）", "", "地区生产总值（亿元）"],
        ["", "全市", "市辖区", "全市"],
        ["辽宁省", "", "", ""],
        ["阜新市", 186.2, 75.1, 488.1],
        ["抚顺市", 210.7, "…", 847.1],
    ]
    extract = _of(sheet_of(rows, ["B2:C2"]))
    keys = ["年末户籍人口#whole-city", "年末户籍人口#urban-districts", "地区生产总值#whole-city"]
    assert [series.key for series in extract.series] == keys
    assert [series.unit.canonical if series.unit else "" for series in extract.series] == [
        "10000 person",
        "10000 person",
        "100000000 CNY",
    ]
    assert _figures(extract, "place", "section", "value", "locator")[:3] == [
        ("阜新市", "辽宁省", 186.2, "s!B5"),
        ("抚顺市", "辽宁省", 210.7, "s!B6"),
        ("阜新市", "辽宁省", 75.1, "s!C5"),
    ]
    dots = extract.cells.row(by_predicate=pl.col("raw") == "…", named=True)
    assert (dots["mark"], dots["meaning"], dots["value"]) == ("dots", "negligible-or-unknown", None)
    assert set(extract.cells["period_start"]) == {date(2019, 1, 1)}
    assert set(extract.cells["freq"]) == {"A"}


def test_indicators_in_rows_and_years_in_columns() -> None:
    text = "指标\t单位\t2018年\t2019年\n地区生产总值\t亿元\t488.1\t512.3\n"
    text += "  第一产业\t亿元\t99.1\t101.2\n年末常住人口\t万人\t178.0\t175.8\n"
    extract = LAYOUTS["table"].extract(Source.of(text, name="t"))
    assert [series.chinese for series in extract.series] == [
        ("地区生产总值",),
        ("地区生产总值", "第一产业"),
        ("年末常住人口",),
    ]
    assert [series.unit.canonical for series in extract.series if series.unit] == [
        "100000000 CNY",
        "100000000 CNY",
        "10000 person",
    ]
    assert _figures(extract, "key", "period_start", "value")[-1] == ("年末常住人口", date(2019, 1, 1), 175.8)
    assert extract.places == ()


def test_indicators_in_rows_and_places_in_columns() -> None:
    rows = [["2020年各市主要指标", "", "", ""], ["指标", "单位", "阜新市", "抚顺市"]]
    rows += [
        ["地区生产总值", "亿元", 504.6, 827.7],
        ["财政收入", "亿元", 41.2, 73.5],
        ["年末总人口", "万人", 164.7, 185.4],
    ]
    extract = _of(sheet_of(rows))
    assert {place.name for place in extract.places} == {"阜新市", "抚顺市"}
    assert ("地区生产总值", "抚顺市", 827.7, date(2020, 1, 1)) in _figures(
        extract, "key", "place", "value", "period_start"
    )


def test_places_by_years_of_one_indicator() -> None:
    rows = [["各市地区生产总值（亿元）", "", "", ""], ["城市", "2017年", "2018年", "2019年"]]
    rows += [["阜新市", 420.1, 446.5, 488.1], ["抚顺市", 800.2, 822.3, 847.1], ["本溪市", 700.2, 722.3, 747.1]]
    (series,) = (extract := _of(sheet_of(rows))).series
    assert series.chinese == ("地区生产总值",)
    assert series.unit is not None
    assert series.unit.canonical == "100000000 CNY"
    assert _figures(extract, "place", "period_start", "value")[4] == ("抚顺市", date(2018, 1, 1), 822.3)


def test_long_table_with_units_and_scopes(tmp_path: Path) -> None:
    text = "city,year,indicator,unit,scope,value\n" + "".join(
        f"{city},{year},{name},{unit},{scope},{value}\n"
        for city in ("阜新市", "抚顺市")
        for year in (2018, 2019)
        for name, unit, value in (("地区生产总值", "亿元", 488.1), ("年末户籍人口", "万人", 186.2))
        for scope in ("全市", "市辖区")
    )
    extract = _csv(tmp_path, text)
    assert [series.key for series in extract.series] == [
        "地区生产总值#whole-city",
        "地区生产总值#urban-districts",
        "年末户籍人口#whole-city",
        "年末户籍人口#urban-districts",
    ]
    assert extract.series[0].unit is not None
    assert extract.series[0].unit.canonical == "100000000 CNY"
    assert extract.cells.height == 16
    assert extract.cells["place"].n_unique() == 2


def test_records_with_codes_parents_and_years(tmp_path: Path) -> None:
    text = "year,province,city,city_code,gdp,pop_hukou\n" + "".join(
        f"{year},{province},{city},{code},{value + year},{value}\n"
        for year in (2017, 2018)
        for province, city, code, value in (("辽宁省", "阜新市", 210900, 186.1), ("甘肃省", "白银市", 620400, 180.2))
    )
    extract = _csv(tmp_path, text)
    assert [(place.name, place.code, place.section) for place in extract.places] == [
        ("阜新市", "210900", "辽宁省"),
        ("白银市", "620400", "甘肃省"),
    ]
    assert _figures(extract, "key", "place", "period_start", "value", "locator")[1] == (
        "gdp",
        "白银市",
        date(2017, 1, 1),
        2197.2,
        "row 3, gdp",
    )


def test_codes_alone_name_places_that_return_every_year(tmp_path: Path) -> None:
    text = "record_id,city_id,metric_year,debt_balance_100m\n" + "".join(
        f"R{year}{city},CN-{city},{year},{city / 1000}\n" for year in (2018, 2019, 2020) for city in (210900, 620400)
    )
    extract = _csv(tmp_path, text)
    assert {place.code for place in extract.places} == {"CN-210900", "CN-620400"}


def test_columns_of_words_that_tell_rows_apart_become_dimensions(tmp_path: Path) -> None:
    text = "city,year,sex,population\n" + "".join(
        f"{city},{year},{sex},{1000 + at}\n"
        for city in ("阜新市", "抚顺市", "本溪市")
        for year in (2018, 2019)
        for at, sex in enumerate(("male", "female"))
    )
    extract = _csv(tmp_path, text)
    assert [dict(series.codes) for series in extract.series] == [{"sex": "male"}, {"sex": "female"}]
    assert len({series.key for series in extract.series}) == 2


def test_years_in_the_names_of_columns_are_periods_of_one_series(tmp_path: Path) -> None:
    text = "county,Employed_2017,Employed_2018,Unemployment_rate_2018\n"
    text += "Autauga County,23000,24000,3.6\nBaldwin County,90000,91000,3.6\n"
    extract = _csv(tmp_path, text)
    assert [series.english for series in extract.series] == [("Employed",), ("Unemployment_rate",)]
    assert {row[0] for row in _figures(extract, "period_start")} == {date(2017, 1, 1), date(2018, 1, 1)}


def test_a_month_beside_a_year(tmp_path: Path) -> None:
    text = "city,year,month,retail sales\n" + "".join(
        f"{city},2019,{month},{100 + month}\n" for city in ("阜新市", "抚顺市") for month in (1, 2, 12)
    )
    extract = _csv(tmp_path, text)
    assert _figures(extract, "period_start", "period_end", "freq")[1] == (date(2019, 2, 1), date(2019, 2, 28), "P")


def test_a_span_of_years_in_the_title_is_no_period() -> None:
    rows = [["Unemployment 2007-18", ""], ["County", "Rate (%)"], ["Autauga", 3.1], ["Baldwin", 3.3], ["Barbour", 4.4]]
    assert _of(sheet_of(rows)).cells["period_start"].null_count() == 3


def test_several_sheets_are_one_extract_with_the_sheet_in_each_locator() -> None:
    one = sheet_of([["城市", "地区生产总值（万元）"], ["阜新市", 10.5], ["抚顺市", 11.5]], name="一 2018年")
    two = sheet_of([["城市", "地区生产总值（亿元）"], ["阜新市", 20.5], ["抚顺市", 21.5]], name="two")
    (series,) = (extract := _of(one, two)).series
    assert series.unit is not None
    assert series.unit.printed == "万元"
    assert _figures(extract, "locator", "unit") == [
        ("'一 2018年'!B2", ""),
        ("'一 2018年'!B3", ""),
        ("two!B2", "100000000 CNY"),
        ("two!B3", "100000000 CNY"),
    ]
    assert series.count == 2, "figures in another unit are not described together"


def test_scales_ranges_bounds_and_marks_of_single_cells() -> None:
    rows = [
        ["城市", "2019年投资（亿元）"],
        ["阜新市", "3.2万"],
        ["抚顺市", "120-150"],
        ["本溪市", "超过500"],
        ["锦州市", "(D)"],
    ]
    rows += [["丹东市", "约30"], ["营口市", "1,234.5"], ["盘锦市", "3000万元"]]
    cells = {row["place"]: row for row in _of(sheet_of(rows)).cells.iter_rows(named=True)}
    assert (cells["抚顺市"]["qualifier"], cells["抚顺市"]["low"], cells["抚顺市"]["high"]) == ("range", 120.0, 150.0)
    assert (cells["本溪市"]["qualifier"], cells["本溪市"]["value"]) == (">", 500.0)
    assert (cells["丹东市"]["qualifier"], cells["丹东市"]["doubts"]) == ("~", "inexact")
    assert (cells["锦州市"]["mark"], cells["锦州市"]["meaning"]) == ("letter-d", "suppressed")
    assert cells["营口市"]["value"] == 1234.5
    assert cells["盘锦市"]["value"] == pytest.approx(0.3)
    assert {cells[name]["raw"] for name in ("阜新市", "营口市")} == {"3.2万", "1,234.5"}


def test_a_unit_of_another_kind_inside_a_cell_stays_with_its_number() -> None:
    rows = [
        ["城市", "土地面积（平方公里）"],
        ["阜新市", 100.0],
        ["抚顺市", 120.5],
        ["本溪市", "300亩"],
        ["锦州市", 4.5],
    ]
    rows += [["丹东市", "25万元"]]
    cells = {row["place"]: row for row in _of(sheet_of(rows)).cells.iter_rows(named=True)}
    assert (cells["丹东市"]["value"], cells["丹东市"]["unit"]) == (25.0, "10000 CNY")
    assert (cells["本溪市"]["value"], cells["本溪市"]["unit"]) == (300.0, "mu")


def test_a_file_without_figures_is_refused(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", [["城市", "说明"], ["阜新市", "煤炭"], ["抚顺市", "石油"]])
    with pytest.raises(HeadframeError) as caught:
        read_extract(path)
    assert [problem.code for problem in caught.value.problems] == ["HF450"]


def test_an_unknown_layout_is_refused_with_the_known_ones() -> None:
    with pytest.raises(HeadframeError) as caught:
        choose(Source.of("a,b\n1,2\n", name="t"), "no-such-layout")
    (problem,) = caught.value.problems
    assert problem.code == "HF459"
    assert "table" in str(problem.values["known"])


def test_a_plain_table_is_read_by_the_general_layout() -> None:
    assert choose(Source.of("city\tyear\tgdp\n阜新市\t2018\t1\n抚顺市\t2018\t2\n", name="t")).name == "table"


def test_every_layout_answers_to_its_name() -> None:
    assert {name: layout.name for name, layout in LAYOUTS.items()} == {name: name for name in LAYOUTS}
    assert list(LAYOUTS)[-1] == "table"


def test_the_unit_of_a_row_goes_before_that_of_the_title() -> None:
    rows = [["主要指标（单位：亿元）", "", ""], ["指标", "2018年", "2019年"], ["地区生产总值", 446.5, 488.1]]
    rows += [["年末常住人口（万人）", 178.0, 175.8], ["财政收入", 41.2, 43.5]]
    extract = _of(sheet_of(rows))
    units = {series.key: series.unit.canonical for series in extract.series if series.unit is not None}
    assert units == {"地区生产总值": "100000000 CNY", "年末常住人口": "10000 person", "财政收入": "100000000 CNY"}
    assert set(extract.cells["unit"]) == {""}


def test_a_range_with_scale_words_stands_in_the_unit_of_its_column() -> None:
    rows = [["城市", "2019年投资（亿元）"], ["阜新市", "1.2万-1.5万"], ["抚顺市", 30.5], ["本溪市", 40.5]]
    cells = {row["place"]: row for row in _of(sheet_of(rows)).cells.iter_rows(named=True)}
    low, high = cells["阜新市"]["low"], cells["阜新市"]["high"]
    assert high / low == pytest.approx(1.25)
    assert cells["阜新市"]["value"] is None
    assert low == pytest.approx(1.2 * 1e4 / 1e8)
