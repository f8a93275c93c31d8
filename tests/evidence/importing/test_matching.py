"""Matching series to indicators: what is sure, what is asked, and why."""

from __future__ import annotations

import pytest

from headframe.catalog.load import catalog
from headframe.core.units import same_dimension
from headframe.evidence.importing.concordance import concordance, plain
from headframe.evidence.importing.extract import Extract, Series, no_cells
from headframe.evidence.importing.fitting import fit
from headframe.evidence.importing.matches import Ask
from headframe.evidence.importing.matching import match
from headframe.evidence.reading.unit_text import read_unit
from tests.evidence.importing.made import extract_of, matches_of, only_match


def _coded(**codes: str) -> Series:
    unit = read_unit("EUR")
    return Series("k", codes=codes, unit=unit, unit_from="code", count=1, median=1e6)


def test_every_entry_leads_into_the_catalogue() -> None:
    of = catalog()
    for entry in concordance().entries.values():
        for indicator in (entry.indicator, entry.districts, *entry.becomes.values()):
            assert not indicator or indicator in of.indicators, entry.id
        for concept in (*entry.concept, *entry.one_of, *entry.becomes):
            assert concept in of.concepts, entry.id
        assert set(entry.axes) <= concordance().concept_words.keys(), entry.id
        if entry.unit:
            assert same_dimension(entry.unit, of.indicators[entry.indicator].unit), entry.id


def test_no_label_stands_for_two_indicators() -> None:
    """The same steps under two entries would be decided by chance."""
    seen: dict[tuple[tuple[str, ...], str], str] = {}
    for label in concordance().labels:
        if label.weak:
            continue
        other = seen.setdefault((label.steps, label.language), label.entry.id)
        assert other == label.entry.id, (label.steps, other, label.entry.id)


@pytest.mark.parametrize(
    ("label", "indicator", "unit"),
    [
        ("年末户籍人口（万人）", "population_registered", "10000 person"),
        ("常住人口（人）", "population_resident", "person"),
        ("人均GDP（元）", "gdp_per_head", "CNY/person"),
        ("医院床位数（张）", "hospital_beds", "count"),
        ("移动电话用户数（万户）", "mobile_users", "10000 count"),
        ("社会消费品零售总额(亿元)", "retail_sales", "100000000 CNY"),
        ("Gross Regional Product (100 million yuan)", "gdp", "100000000 CNY"),
        ("固定资产投资（不含农户）（亿元）", "fixed_asset_investment", "100000000 CNY"),
        ("PM2.5年均浓度（微克/立方米）", "pm25", "ug/m3"),
    ],
)
def test_labels_of_publications_are_sure(label: str, indicator: str, unit: str) -> None:
    found = only_match(label, figures=(100.0, 200.0, 300.0))
    assert (found.indicator, found.unit, found.asks) == (indicator, unit, ())


def test_what_stands_above_decides() -> None:
    schools, pupils = only_match("学校数（所）", "普通小学"), only_match("在校学生数（人）", "普通小学")
    assert (schools.indicator, schools.dims) == ("schools", "level=primary")
    assert (pupils.indicator, pupils.dims) == ("students", "level=primary")
    output, jobs = only_match("地区生产总值（亿元）", "第二产业"), only_match("城镇单位就业人员（人）", "第二产业")
    assert (output.indicator, jobs.indicator) == ("secondary_value_added", "employment_secondary")
    assert jobs.concept == "urban-units"


def test_concepts_come_from_words() -> None:
    assert only_match("规模以上工业企业数（个）").concept == "above-designated-size"
    assert only_match("固定资产投资（不含农户）（亿元）").concept == "investment-excluding-rural-households"
    assert only_match("城镇户籍人口（万人）").concept == "registered;urban-residents"


def test_a_population_without_a_concept_is_asked_about() -> None:
    found = only_match("年末总人口（万人）", figures=(180.0, 200.0, 150.0))
    assert (found.indicator, found.asks) == ("population_unspecified", (Ask.CONCEPT,))
    assert [(one.indicator, one.concept) for one in found.alternatives[:2]] == [
        ("population_registered", "registered"),
        ("population_resident", "resident"),
    ]


def test_a_unit_that_is_not_said_is_proposed_and_asked_about() -> None:
    found = only_match("年末户籍人口", figures=(180.0, 200.0, 150.0))
    assert (found.unit, found.asks) == ("10000 person", (Ask.UNIT,))


def test_a_unit_that_does_not_fit_is_asked_about_and_lowers_the_confidence() -> None:
    found = only_match("地区生产总值（%）")
    assert Ask.UNIT in found.asks
    assert found.confidence < 0.5


def test_shares_and_counts_are_not_taken_for_each_other() -> None:
    """Both are numbers without a dimension, and still different things."""
    assert not fit(Series("", unit=read_unit("%")), "count", "").fits
    assert not fit(Series("", unit=read_unit("个")), "%", "").fits
    assert fit(Series("", unit=read_unit("‰")), "%", "").unit == "‰"


def test_a_label_that_is_only_near_is_a_question_with_alternatives() -> None:
    found = only_match("全部房地产开发投资完成额（合同口径）（万元）")
    assert Ask.INDICATOR in found.asks
    assert found.indicator == "real_estate_investment"


def test_an_unknown_label_has_no_indicator() -> None:
    found = only_match("煤矸石砖窑火候（个）")
    assert (found.indicator, found.asks) == ("", (Ask.INDICATOR,))
    assert [reason.id for reason in found.reasons] == ["importing.no-label"]


def test_a_weak_label_is_never_taken() -> None:
    found = only_match("财政收入（万元）")
    assert (found.indicator, Ask.INDICATOR in found.asks) == ("general_budget_revenue", True)


def test_figures_that_cannot_be_are_asked_about() -> None:
    found = only_match("人口自然增长率（%）", figures=(6.2, 7.1, 8.8))
    assert (found.unit, found.asks) == ("‰", (Ask.UNIT,)), "the plausible unit is proposed, the printed one never"
    assert "importing.unit-perhaps" in {reason.id for reason in found.reasons}
    pupils = only_match("在校学生数（人）", "普通小学", figures=(12.5, 15.1, 20.0))
    assert (pupils.unit, pupils.asks) == ("10000 person", (Ask.UNIT,))
    assert only_match("在校学生数（人）", "普通小学", figures=(12_500.0, 15_100.0, 20_000.0)).asks == ()
    neither = only_match("人口自然增长率（%）", figures=(620.0, 710.0, 880.0))
    assert (neither.unit, neither.asks) == ("%", (Ask.VALUES,)), "no unit makes these plausible"


def test_prices() -> None:
    assert only_match("地区生产总值（当年价格）（万元）").price_basis == "nominal"
    assert only_match("地区生产总值（万元）").price_basis == "nominal"
    constant = only_match("地区生产总值（不变价）（万元）")
    assert (constant.price_basis, Ask.PRICES in constant.asks) == ("", True)
    assert only_match("年末户籍人口（万人）").price_basis == ""


def test_two_series_with_one_target_are_both_asked_about() -> None:
    rows = [["城市", "常住人口（万人）", "年末常住人口（万人）"], ["阜新市", 180.0, 181.0], ["抚顺市", 200.0, 201.0]]
    found = matches_of(extract_of(rows))
    assert {item.asks for item in found.values()} == {(Ask.TARGET,)}


def test_urban_districts_have_a_population_of_their_own() -> None:
    found = only_match("户籍人口（万人）", "市辖区")
    assert (found.indicator, found.concept) == ("population_urban_districts", "registered;urban-districts")


def test_languages_that_disagree_are_told() -> None:
    found = only_match("常住人口（万人） Urban Resident Population (10 000 persons)", figures=(10.0, 20.0, 30.0))
    assert found.indicator == "population_resident"
    assert "importing.languages-disagree" in {reason.id for reason in found.reasons}


def test_codes_are_matched_whole() -> None:
    of = catalog()

    def found(series: Series) -> tuple[str, tuple[Ask, ...]]:
        (item,) = match(Extract("e", "eurostat", "csv", "", "", (series,), no_cells()), of)
        return item.indicator, item.asks

    assert found(_coded(dataflow="nama_10r_2gdp", unit="MIO_EUR", freq="A")) == ("gdp_euro", ())
    assert found(_coded(dataflow="nama_10r_2gdp", unit="PPS_EU27_2020_HAB"))[0] == ""
    assert found(_coded(dataflow="nama_10r_2gdp", unit="MIO_EUR", nace_r2="C"))[0] == "", "one sector is not the whole"


def _towns(factor: float = 1.0, drift: float = 0.0) -> Extract:
    """Thirty towns with product, product per head and a population without a concept."""
    rows: list[list[object]] = [["城市", "地区生产总值（亿元）", "人均地区生产总值（元）", "年末总人口（万人）"]]
    for number in range(30):
        people, head = 50.0 + 7 * number, 30_000.0 + 500 * number
        other = people * (1 + drift * (number % 5))
        rows.append([f"第{number}市", round(people * head / 1e4, 3), head, round(other * factor, 4)])
    return extract_of(rows)


def test_the_figure_per_head_says_whether_it_is_this_population() -> None:
    (same,) = (item for item in matches_of(_towns()).values() if item.indicator == "population_unspecified")
    (other,) = (item for item in matches_of(_towns(drift=0.08)).values() if item.indicator == "population_unspecified")
    assert "importing.per-head-agrees" in {reason.id for reason in same.reasons}
    assert "importing.per-head-differs" in {reason.id for reason in other.reasons}
    assert Ask.CONCEPT in same.asks, "the figures propose, a person decides"


def test_a_power_of_ten_between_product_and_population_is_asked_about() -> None:
    found = matches_of(_towns(factor=100.0))
    assert all(Ask.UNIT in item.asks for item in found.values())
    assert all("importing.units-contradicted" in {reason.id for reason in item.reasons} for item in found.values())


def test_units_that_nobody_says_are_settled_by_the_identity() -> None:
    rows: list[list[object]] = [["city", "gdp", "gdp_per_capita", "pop_hukou", "retail_sales"]]
    rows += [[f"town {n}", 1000.0 + n, 30_000.0, (1000.0 + n) / 3, 50.0] for n in range(12)]
    asks = {key: item.asks for key, item in matches_of(extract_of(rows)).items()}
    assert asks["retail_sales"] == (Ask.UNIT,)
    assert Ask.UNIT in asks["gdp"], "10000 CNY / (CNY × 10000 persons) is off by 10^4 here"
    rows = [rows[0], *([f"town {n}", 1e7 + n * 1e4, 30_000.0, (1e7 + n * 1e4) / 30_000, 50.0] for n in range(12))]
    asks = {key: item.asks for key, item in matches_of(extract_of(rows)).items()}
    assert asks["gdp"] == asks["gdp_per_capita"] == asks["pop_hukou"] == ()


def test_labels_are_compared_without_padding_and_punctuation() -> None:
    assert plain("年末 总 户数 （万户）") == plain("年末总户数(万户)")
    assert plain("科学研究、技术服务和地质勘査业") == plain("科学研究技术服务和地质勘查业")


def test_a_part_is_not_taken_for_the_whole() -> None:
    """A label under codes that nobody knows is a question; the codes become dimensions of what is proposed."""
    series = Series("k", english=("Employment",), codes={"industry": "212"}, unit=read_unit("person"))
    (item,) = match(Extract("e", "x", "csv", "", "", (series,), no_cells()), catalog())
    assert (item.indicator, item.dims, item.asks) == ("employment", "industry=212", (Ask.INDICATOR,))


def test_codes_fix_the_unit_that_a_file_does_not_print() -> None:
    series = Series("k", english=("Population, total",), codes={"indicator": "SP.POP.TOTL"})
    (item,) = match(Extract("e", "worldbank", "csv", "", "", (series,), no_cells()), catalog())
    assert (item.indicator, item.unit, item.concept, item.asks) == ("population_resident", "person", "resident", ())


def test_a_price_basis_may_stand_in_the_codes() -> None:
    codes = {"dataflow": "nama_10r_2gdp", "unit": "MIO_EUR", "price_basis": "real:2015"}
    series = Series("k", codes=codes, unit=read_unit("million EUR"))
    (item,) = match(Extract("e", "eurostat", "csv", "", "", (series,), no_cells()), catalog())
    assert item.price_basis == "real:2015"


def test_a_word_that_is_a_unit_elsewhere_is_none_as_a_label() -> None:
    """`Employees` over a column says what is counted, not that it is counted one by one."""
    series = Series("k", english=("Employees",), unit=read_unit("employees"), unit_from="column")
    (item,) = match(Extract("e", "table", "csv", "", "", (series,), no_cells()), catalog())
    assert Ask.UNIT in item.asks


def test_a_label_that_needs_something_above_it_is_not_taken_without() -> None:
    assert only_match("第二产业（万元）").indicator != "secondary_value_added"
    assert not only_match("公共汽车（电）车", "客运量（万人）").sure
    assert only_match("全社会", "客运量（万人）").indicator == "passenger_traffic"
