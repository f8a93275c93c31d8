"""Units as tables print them, and that core.units understands what is made of them."""

from __future__ import annotations

import pytest

from headframe.core.errors import HeadframeError
from headframe.core.units import parse_unit
from headframe.evidence.reading.unit_text import read_unit
from headframe.evidence.reading.wordings import wordings


@pytest.mark.parametrize(
    ("printed", "canonical"),
    [
        ("万元", "10000 CNY"),
        ("（万元）", "10000 CNY"),
        ("亿元", "100000000 CNY"),
        ("10 000 yuan", "10000 CNY"),
        ("10,000 yuan", "10000 CNY"),
        ("10 OOOyuan", "10000 CNY"),  # letters O read for zeros
        ("100 000 000 yuan", "100000000 CNY"),
        ("100 million yuan", "100000000 CNY"),
        ("billion CNY", "1000000000 CNY"),
        ("USD 10000", "10000 USD"),
        ("USD million", "1000000 USD"),
        ("万美元", "10000 USD"),
        ("万人", "10000 person"),
        ("10 000 persons", "10000 person"),
        ("人", "person"),
        ("万户", "10000 household"),
        ("%", "%"),
        ("‰", "‰"),
        ("per cent", "%"),
        ("个百分点", "pp"),
        ("平方公里", "km2"),
        ("sq.km", "km2"),
        ("万平方米", "10000 m2"),
        ("10 000 sq.m", "10000 m2"),
        ("公顷", "ha"),
        ("亿立方米", "100000000 m3"),
        ("108cu.m", "100000000 m3"),  # 10⁸ whose exponent lost its place
        ("10⁸cu.m", "100000000 m3"),
        ("10 000 cubic meters", "10000 m3"),
        ("微克/立方米", "ug/m3"),
        ("ug/m3", "ug/m3"),
        ("万千瓦时", "10000 kWh"),
        ("10 000 kwh", "10000 kWh"),
        ("万吨标准煤", "10000 tce"),
        ("Million tonnes", "1000000 t"),
        ("Thousands", "1000 1"),
        ("元/人", "CNY/person"),
        ("册/百人", "0.01 count/person"),
        ("吨标准煤/万元", "0.0001 tce/CNY"),
        ("万册", "10000 count"),
        ("万人次", "10000 count"),
        ("张", "bed"),
        ("辆", "count"),
    ],
)
def test_printed_units(printed: str, canonical: str) -> None:
    found = read_unit(printed)
    assert found is not None
    assert found.canonical == canonical
    assert found.printed == printed.replace("（", "(").replace("）", ")")
    multiplier, _ = parse_unit(found.canonical)
    assert multiplier == pytest.approx(found.multiplier)


@pytest.mark.parametrize(
    "text",
    [
        "法人数",
        "人工、天然气",
        "电",
        "助理",
        "当年价格",
        "city",
        "Total",
        "1",
        "2018",
        "",
        "()",
        "现价",
        "全市",
        "x" * 80,
    ],
)
def test_what_is_no_unit(text: str) -> None:
    assert read_unit(text) is None


@pytest.mark.parametrize("text", ["上年=100", "2010年=100", "吨公里", "℃"])
def test_units_that_cannot_be_converted_are_still_units(text: str) -> None:
    found = read_unit(text)
    assert found is not None
    assert found.canonical == ""


def test_every_unit_of_the_list_is_known_to_core() -> None:
    for entry in wordings()["units"]:
        if entry["unit"]:
            try:
                parse_unit(entry["unit"])
            except HeadframeError:
                pytest.fail(f"{entry['unit']} is unknown")
        for form in [*entry["zh"], *entry["en"]]:
            found = read_unit(str(form))
            assert found is not None, form
            assert found.base == entry["unit"] or found.canonical == "", form


def test_multipliers_of_the_list() -> None:
    for word, times in wordings()["multipliers"]["zh"].items():
        found = read_unit(f"{word}吨")
        assert found is not None
        assert (found.multiplier, found.base) == (float(times), "t"), word


def test_same_units_in_two_languages() -> None:
    def same(one: str, other: str) -> bool:
        first, second = read_unit(one), read_unit(other)
        assert first is not None
        assert second is not None
        return first.same(second)

    assert same("万元", "10 000 yuan")
    assert same("辆", "unit")
    assert same("件", "piece")
    assert not same("万元", "100 000 yuan")
    assert not same("公里", "sq.km")
    assert not same("人", "10 000 persons")
