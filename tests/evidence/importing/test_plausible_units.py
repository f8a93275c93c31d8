"""The unit of figures whose file gives none, and labels that are near to an indicator and cannot be it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from headframe.evidence.importing.matches import Ask, SeriesMatch
from tests.evidence.importing.made import extract_of, matches_of, only_match

PEOPLE = [250.0 + 10 * number for number in range(20)]  # in tens of thousands


def _table(columns: Mapping[str, Sequence[float]], place: str = "第{}市") -> dict[str, SeriesMatch]:
    head: list[object] = ["城市" if place.startswith("第") else "county", *columns]
    figures = zip(*columns.values(), strict=True)
    return matches_of(extract_of([head, *([place.format(at), *row] for at, row in enumerate(figures))]))


def _scaled(share: float, to: float = 10_000.0) -> list[float]:
    return [people * share * to for people in PEOPLE]


@pytest.mark.parametrize(
    ("label", "share", "unit"),
    [("emp_secondary", 0.04, "person"), ("internet_users", 0.2, "count"), ("mobile_users", 0.9, "count")],
)
def test_people_beside_the_figures_tell_their_unit(label: str, share: float, unit: str) -> None:
    """The same figures ten thousand times smaller have the unit ten thousand times larger."""
    single = _table({"pop_hukou": PEOPLE, label: _scaled(share)})[label]
    thousands = _table({"pop_hukou": PEOPLE, label: _scaled(share, 1.0)})[label]
    assert (single.unit, single.asks) == (unit, (Ask.UNIT,))
    assert (thousands.unit, thousands.asks) == (f"10000 {unit}", (Ask.UNIT,))


def test_no_unit_is_proposed_where_none_is_plausible() -> None:
    found = _table({"pop_hukou": PEOPLE, "emp_secondary": _scaled(500.0)})["emp_secondary"]
    assert (found.unit, found.asks) == ("", (Ask.UNIT,))
    assert "importing.unit-open" in {reason.id for reason in found.reasons}


def test_money_is_held_against_people_too() -> None:
    tens = _table({"pop_hukou": PEOPLE, "retail_sales": _scaled(9_000.0, 1.0)})["retail_sales"]
    hundreds = _table({"pop_hukou": PEOPLE, "retail_sales": _scaled(0.9, 1.0)})["retail_sales"]
    assert (tens.unit, hundreds.unit) == ("10000 CNY", "100000000 CNY")


def test_units_of_chinese_publications_are_for_chinese_tables() -> None:
    figures = [*(20_000.0 + n for n in range(12)), 3e8]  # the nation stands in the table too
    counties = _table({"POP_ESTIMATE": figures}, "county {}")["pop_estimate"]
    assert (counties.unit, counties.asks) == ("person", (Ask.UNIT,))
    sales = _table({"retail_sales": [20_000.0 + n for n in range(12)]}, "county {}")["retail_sales"]
    assert sales.unit == "", "nothing says that they are counted in tens of thousands of yuan"


def test_what_is_only_near_and_cannot_be_it_is_no_candidate() -> None:
    found = _table(
        {name: [11.0 + n / 10 for n in range(12)] for name in ("GQ_ESTIMATES", "R_birth", "R_death")}, "county {}"
    )
    assert {item.indicator for item in found.values()} == {""}
    for label in ("Supply (Mt)", "Domestic (Mt)", "Electricity (Mt)", "固定资产投资增速（%）", "煤炭从业人员（人）"):
        assert only_match(label).indicator == "", label
    assert only_match("固定资产投资", "比上年增长（%）").indicator != "fixed_asset_investment"


@pytest.mark.parametrize(
    ("label", "indicator", "dims", "unit"),
    [
        ("原煤产量（万吨）", "resource_extraction", "industry=coal", "10000 t"),
        ("煤炭产量（万吨）", "resource_extraction", "industry=coal", "10000 t"),
        ("常住人口城镇化率（%）", "urbanisation_rate", "", "%"),
        ("税收收入（亿元）", "tax_revenue", "", "100000000 CNY"),
    ],
)
def test_labels_of_resource_cities_are_sure(label: str, indicator: str, dims: str, unit: str) -> None:
    found = only_match(label, figures=(50.0, 55.0, 60.0))
    assert (found.indicator, found.dims, found.unit, found.asks) == (indicator, dims, unit, ())
