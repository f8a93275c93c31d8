"""From cells to observations: every cell accounted for, nothing converted twice, missing never zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError, Problems
from headframe.evidence.check import Known, check_observations
from headframe.evidence.importing.conversion import Converted, Fate, convert
from headframe.evidence.importing.extract import Extract, PrintedPlace
from headframe.evidence.importing.mapping import Defaults, Mapping, PeriodRule
from headframe.evidence.importing.matching import match
from headframe.evidence.schema import OBSERVATION_COLUMNS
from tests.evidence.importing.made import codes, extract_of, mapping_of

TITLE = ["2018年"]
CITIES = {"阜新市": "fuxin", "抚顺市": "fushun", "本溪市": "benxi"}


def _made(rows: Sequence[Sequence[Any]], **changes: Any) -> tuple[Extract, Mapping]:
    extract = extract_of(rows)
    return extract, replace(mapping_of(extract), places=CITIES, **changes)


def _converted(rows: Sequence[Sequence[Any]], **changes: Any) -> Converted:
    extract, mapping = _made(rows, **changes)
    found = convert(extract, mapping, catalog())
    assert sum(account.count for account in found.accounts) == extract.cells.height
    assert tuple(found.rows.columns) == OBSERVATION_COLUMNS
    return found


def _checked(rows: pl.DataFrame) -> pl.DataFrame:
    problems = Problems()
    known = Known(
        frozenset(CITIES.values()), catalog().indicators, frozenset(catalog().concepts), frozenset({"made-source"})
    )
    sound = check_observations(rows.with_row_index("row", offset=2), known, "import", problems)
    assert not problems.errors
    return sound


def test_units_are_passed_on_as_printed_and_converted_once() -> None:
    rows = [TITLE, ["城市", "地区生产总值（亿元）"], ["阜新市", 446.5], ["抚顺市", 822.3]]
    found = _converted(rows, defaults=Defaults(vintage="2019"))
    first = found.rows.row(0, named=True)
    assert (first["value"], first["unit"], first["price_basis"]) == (446.5, "100000000 CNY", "nominal")
    assert (first["place_id"], first["indicator_id"], first["locator"], first["raw_text"]) == (
        "fuxin",
        "gdp",
        "s!B3",
        "446.5",
    )
    assert (first["period_start"], first["period_text"], first["freq"]) == (date(2018, 1, 1), "2018", "A")
    assert _checked(found.rows)["amount"].to_list() == pytest.approx([4.465e10, 8.223e10])


def test_missing_is_not_zero_and_says_why_only_where_that_is_known() -> None:
    head = ["城市", "地区生产总值（亿元）"]
    rows = [TITLE, head, ["阜新市", "-"], ["抚顺市", 822.3], ["本溪市", ""], ["阜新市", "(D)"], ["抚顺市", 1.5]]
    found = _converted([*rows, ["注：“-”表示无数据。"]])
    assert found.count(Fate.MISSING_SAID) == 2
    assert found.count(Fate.MISSING) == 1
    said = found.rows.filter(pl.col("qualifier") == "text").select("status", "value", "value_text").rows()
    assert said == [("L", None, "-"), ("Q", None, "(D)")]
    assert _checked(found.rows).height == 4


def test_the_mapping_says_what_marks_mean() -> None:
    head = ["城市", "地区生产总值（亿元）", "医院数（个）"]
    rows = [TITLE, head, ["阜新市", "-", 30], ["本溪市", "", 41], ["抚顺市", 822.3, 55]]
    assert _converted(rows).count(Fate.MISSING) == 2
    told = _converted(rows, meanings={"dash": "negligible", "empty": "not-collected"})
    assert told.rows["status"].to_list() == ["N", "L", "A", "A", "A", "A"]
    assert _converted(rows, meanings={"-": "suppressed"}).rows["status"].to_list() == ["Q", "A", "A", "A", "A"]


def test_what_cannot_be_read_is_counted_with_its_place() -> None:
    rows = [TITLE, ["城市", "地区生产总值（亿元）"], ["阜新市", "1 1.44"], ["抚顺市", 822.3]]
    rows += [["本溪市", "煤炭"], ["阜新市", 7.5]]
    found = _converted(rows)
    (account,) = (one for one in found.accounts if one.fate is Fate.UNREADABLE)
    assert (account.count, account.examples) == (2, ("s!B3: 1 1.44", "s!B5: 煤炭"))
    assert found.rows.height == 2


def test_places_that_nobody_knows_are_told() -> None:
    rows = [TITLE, ["城市", "地区生产总值（亿元）"], ["阜新市", 446.5], ["乌有市", 822.3], ["本溪市", 2.0]]
    found = _converted(rows)
    assert [place.name for place in found.unknown_places] == ["乌有市"]
    assert (found.count(Fate.PLACE_UNKNOWN), found.rows.height) == (1, 2)
    extract, mapping = _made(rows)
    again = convert(extract, mapping, catalog(), {PrintedPlace("乌有市", count=1): "nowhere"})
    assert again.count(Fate.PLACE_UNKNOWN) == 0


def test_places_of_one_name_are_told_apart_by_what_they_are_part_of() -> None:
    head = ["年份", "省份", "区县", "地区生产总值（亿元）"]
    rows = [
        head,
        ["2018年", "辽宁省", "朝阳区", 10.5],
        ["2018年", "北京市", "朝阳区", 20.5],
        ["2018年", "吉林省", "朝阳区", 30.5],
    ]
    extract, mapping = _made([*rows, ["2018年", "辽宁省", "双塔区", 40.5]])
    places = {"朝阳区|辽宁省": "chaoyang-liaoning", "朝阳区|北京市": "chaoyang-beijing"}
    found = convert(extract, replace(mapping, places=places), catalog())
    assert found.rows["place_id"].to_list() == ["chaoyang-liaoning", "chaoyang-beijing"]
    assert {(place.name, place.section) for place in found.unknown_places} == {
        ("朝阳区", "吉林省"),
        ("双塔区", "辽宁省"),
    }


def test_figures_beside_no_name_belong_where_the_import_goes() -> None:
    rows = [
        ["指标", "单位", "2018年", "2019年"],
        ["地区生产总值", "亿元", 446.5, 488.1],
        ["年末常住人口", "万人", 178.0, 175.8],
    ]
    extract, mapping = _made(rows)
    assert convert(extract, mapping, catalog()).count(Fate.PLACE_UNKNOWN) == 4
    here = convert(extract, mapping, catalog(), here="fuxin")
    assert set(here.rows["place_id"]) == {"fuxin"}
    assert set(here.rows["period_text"]) == {"2018", "2019"}


def test_periods_that_the_file_does_not_say() -> None:
    rows = [["城市", "地区生产总值（亿元）"], ["阜新市", 446.5], ["抚顺市", 822.3]]
    assert _converted(rows).count(Fate.PERIOD_UNKNOWN) == 2
    found = _converted(rows, period=PeriodRule(2018))
    assert found.rows.select("period_start", "period_end", "freq").row(0) == (date(2018, 1, 1), date(2018, 12, 31), "A")
    titled = [["2019年年鉴"], *rows]
    assert set(_converted(titled, period=PeriodRule(offset=-1)).rows["period_text"]) == {"2018"}
    assert set(_converted(titled, period=PeriodRule(2001)).rows["period_text"]) == {"2019"}, "what the file says holds"


def test_series_that_are_not_converted_are_counted_by_reason() -> None:
    head = ["城市", "地区生产总值（亿元）", "年末总人口（万人）", "煤矸石砖窑火候（个）", "医院数（个）"]
    rows = [TITLE, head, ["阜新市", 446.5, 186.2, 35.0, 30.0], ["抚顺市", 822.3, 210.7, 3.0, 55.0]]
    extract, mapping = _made(rows)
    less = replace(mapping, series=mapping.series[:3])
    found = convert(extract, less, catalog())
    assert {account.fate: account.count for account in found.accounts} == {
        Fate.CONVERTED: 2,
        Fate.OPEN: 2,
        Fate.SKIPPED: 2,
        Fate.UNMAPPED: 2,
    }
    assert [problem.code for problem in found.problems] == ["HF458"]


def test_a_unit_that_changed_since_the_mapping_was_made_is_not_converted() -> None:
    extract, _ = _made([TITLE, ["城市", "地区生产总值（亿元）"], ["阜新市", 1.0], ["抚顺市", 2.0]])
    _, mapping = _made([TITLE, ["城市", "地区生产总值（万元）"], ["阜新市", 1e4], ["抚顺市", 2e4]])
    assert convert(extract, mapping, catalog()).count(Fate.UNIT_CHANGED) == 2


def test_a_mapping_of_another_table_is_refused() -> None:
    extract, mapping = _made([TITLE, ["城市", "地区生产总值（亿元）"], ["阜新市", 1.0], ["抚顺市", 2.0]])
    with pytest.raises(HeadframeError) as caught:
        convert(extract, replace(mapping, series=()), catalog())
    assert codes(caught) == ["HF457"]


def test_a_unit_inside_a_cell_goes_before_that_of_its_series() -> None:
    head = ["城市", "土地面积（平方公里）"]
    rows = [TITLE, head, ["阜新市", 100.0], ["抚顺市", 120.5], ["本溪市", "3000亩"], ["阜新市", "25万元"]]
    found = _converted(rows)
    assert found.rows["unit"].to_list() == ["km2", "km2", "mu"]
    assert found.count(Fate.UNIT_UNKNOWN) == 1
    assert _checked(found.rows)["amount"].to_list()[2] == pytest.approx(2.0)


def test_a_unit_that_nobody_knows_is_not_replaced_by_that_of_the_title() -> None:
    rows = [["2018年运输（单位：万元）", "", ""], ["城市", "货运量（吨公里）", "邮政业务收入"], ["阜新市", 10.5, 20.5]]
    found = _converted([*rows, ["抚顺市", 11.5, 21.5]])
    assert found.rows["unit"].to_list() == ["10000 CNY", "10000 CNY"]
    assert set(found.rows["indicator_id"]) == {"postal_revenue"}


def test_ranges_bounds_doubts_and_turned_signs() -> None:
    rows = [
        TITLE,
        ["城市", "工业企业利润总额（亿元）"],
        ["阜新市", "12-15"],
        ["抚顺市", "超过5"],
        ["本溪市", "1,234.5"],
    ]
    extract, mapping = _made(rows)
    turned = replace(mapping, series=(replace(mapping.series[0], sign=-1),))
    plain, other = (convert(extract, one, catalog()).rows for one in (mapping, turned))
    assert plain.select("qualifier", "value", "low", "high").rows() == [
        ("range", None, 12.0, 15.0),
        (">", 5.0, None, None),
        ("=", 1234.5, None, None),
    ]
    assert other.select("low", "high").row(0) == (-15.0, -12.0)
    assert other["value"].to_list() == [None, -5.0, -1234.5]
    assert other["qualifier"].to_list() == ["range", "<", "="], "more than 5 turned round is less than −5"
    assert plain["note"].to_list()[1] == "about, more than or less than"
    assert plain["note_zh"].to_list()[1]
    _checked(plain)


def test_a_number_that_is_probably_misread_is_not_taken() -> None:
    """Where no other number has a space inside, `1 181` is more likely two numbers than one with a thousands mark."""
    rows = [TITLE, ["城市", "医院数（个）"], *(["阜新市", 1000 + n] for n in range(80)), ["抚顺市", "1 181"]]
    found = _converted([*rows, ["本溪市", 5]])
    (account,) = (one for one in found.accounts if one.fate is Fate.UNREADABLE)
    assert account.examples == ("s!B83: 1 181",)
    assert found.count(Fate.CONVERTED) == 81


def test_the_area_of_a_cell_replaces_that_of_its_series() -> None:
    rows = [TITLE, ["城市", "年末户籍人口（万人）"], ["", "全市"], ["阜新市", 186.2], ["抚顺市", 210.7]]
    extract, mapping = _made(rows)
    scope = pl.when(pl.col("place") == "抚顺市").then(pl.lit("urban-districts")).otherwise(pl.lit("")).alias("scope")
    other = replace(extract, cells=extract.cells.with_columns(scope))
    concepts = convert(other, mapping, catalog()).rows["concept"].to_list()
    assert concepts == ["registered;whole-city", "registered;urban-districts"]


def test_ids_are_those_of_the_statement_and_not_of_its_row() -> None:
    one = _converted([TITLE, ["城市", "地区生产总值（亿元）"], ["阜新市", 1.0], ["抚顺市", 2.0]]).rows
    other = _converted([TITLE, ["城市", "地区生产总值（亿元）"], ["抚顺市", 2.0], ["阜新市", 1.5]]).rows
    assert dict(one.select("place_id", "obs_id").rows()) == dict(other.select("place_id", "obs_id").rows())
    twice = _converted([TITLE, ["城市", "地区生产总值（亿元）"], ["阜新市", 1.0], ["阜新市", 2.0]]).rows
    assert twice["obs_id"].n_unique() == 2


NUMBERS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda number: float(f"{number:.10g}"))
HEADS = {
    "地区生产总值（亿元）": ("gdp", "100000000 CNY"),
    "年末户籍人口（万人）": ("population_registered", "10000 person"),
    "城镇登记失业率（%）": ("unemployment_rate_registered", "%"),
    "工业用电量（万千瓦时）": ("electricity_use_industry", "10000 kWh"),
    "医院数（个）": ("hospitals", "count"),
}


@st.composite
def _observations(draw: st.DrawFn) -> tuple[list[str], dict[tuple[str, int], list[float | None]]]:
    """Heads, and for each city and year a figure or a gap under each; the first row has no gap."""
    heads = draw(st.lists(st.sampled_from(sorted(HEADS)), min_size=1, unique=True))
    pairs = st.tuples(st.sampled_from(sorted(CITIES)), st.sampled_from((2017, 2018)))
    rows = draw(st.lists(pairs, min_size=3, unique=True))
    first = [draw(NUMBERS) for _ in heads]
    return heads, {row: first if row == rows[0] else [draw(st.none() | NUMBERS) for _ in heads] for row in rows}


@given(_observations())
def test_observations_written_as_a_wide_table_come_back(
    given_: tuple[list[str], dict[tuple[str, int], list[float | None]]],
) -> None:
    """Observations → wide table with heads and units → import: the same observations, gaps still gaps."""
    heads, figures = given_
    rows: list[list[object]] = [["城市", "年份", *heads]]
    rows += [[city, f"{year}年", *found] for (city, year), found in figures.items()]
    extract = extract_of(rows)
    mapping = mapping_of(extract)
    printed = dict(HEADS.values())  # drawn figures are often implausible, so the units are decided as printed
    decided = tuple(replace(rule, ask=(), unit=printed[rule.indicator]) for rule in mapping.series)
    back = convert(extract, replace(mapping, places=CITIES, series=decided), catalog())
    expected = {
        (CITIES[city], *HEADS[head], str(year)): value
        for (city, year), found in figures.items()
        for head, value in zip(heads, found, strict=True)
        if value is not None
    }
    columns = ("place_id", "indicator_id", "unit", "period_text", "value")
    assert {row[:4]: row[4] for row in back.rows.select(columns).rows()} == expected
    assert back.rows.height == len(expected)
    assert back.count(Fate.MISSING) == sum(value is None for found in figures.values() for value in found)


def test_matching_and_conversion_are_the_same_every_time() -> None:
    rows = [TITLE, ["城市", "地区生产总值（亿元）", "年末总人口（万人）"], ["阜新市", 1.0, 2.0], ["抚顺市", 3.0, 4.0]]
    one, other = extract_of(rows), extract_of(rows)
    assert match(one, catalog()) == match(other, catalog())
    assert _converted(rows).rows.equals(_converted(rows).rows)
