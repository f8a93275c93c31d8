"""Units: what people write is read; round trips are exact; hostile strings are refused; currencies stay apart."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.core.errors import HeadframeError
from headframe.core.units import convert, currency_of, factor, is_money, parse_unit, same_dimension

# Published equalities, not computed by the code under test.
KNOWN = [
    ("亿元", "CNY", 1e8),
    ("万元", "CNY", 1e4),
    ("10,000 yuan", "元", 1e4),
    ("1e8 CNY", "亿元", 1.0),
    ("billion CNY", "亿元", 10.0),
    ("万人", "person", 1e4),
    ("亩", "m2", 10000 / 15),
    ("万亩", "km2", 20 / 3),
    ("km2", "ha", 100.0),
    ("acre", "ha", 0.40468564224),
    ("Mt", "t", 1e6),
    ("million t", "万吨", 100.0),
    ("%", "1", 0.01),
    ("GW", "MW", 1000.0),
    ("kWh", "MJ", 3.6),
    ("tce", "MJ", 29307.6),
    ("km^2", "平方公里", 1.0),
    ("人/年", "person/year", 1.0),
]
# Units of one dimension each, for round trips.
FAMILIES = [
    ["CNY", "万元", "亿元", "billion CNY", "10000 CNY"],
    ["person", "万人", "thousand person"],
    ["m2", "km2", "ha", "亩", "万亩", "acre", "平方公里"],
    ["t", "Mt", "万吨", "亿吨", "kg"],
    ["1", "%", "pp", "‰"],
    ["J", "tce", "kWh", "GJ"],
    ["year", "h", "day", "month"],
]


@pytest.mark.parametrize(("unit", "other", "expected"), KNOWN)
def test_published_equalities(unit: str, other: str, expected: float) -> None:
    assert math.isclose(factor(unit, other), expected, rel_tol=1e-12)


@given(st.sampled_from(FAMILIES), st.data(), st.floats(-1e15, 1e15, allow_subnormal=False))
def test_conversion_there_and_back(family: list[str], data: st.DataObject, value: float) -> None:
    one, other = data.draw(st.sampled_from(family)), data.draw(st.sampled_from(family))
    assert same_dimension(one, other)
    assert convert(convert(value, one, other), other, one) == pytest.approx(value, rel=1e-12)


@given(st.sampled_from(FAMILIES), st.data())
def test_conversion_goes_through_any_third_unit(family: list[str], data: st.DataObject) -> None:
    a, b, c = (data.draw(st.sampled_from(family)) for _ in range(3))
    assert factor(a, c) == pytest.approx(factor(a, b) * factor(b, c), rel=1e-12)


@pytest.mark.parametrize(("one", "other"), [("CNY", "USD"), ("km2", "km"), ("person", "household"), ("t", "tce")])
def test_different_things_are_refused(one: str, other: str) -> None:
    with pytest.raises(HeadframeError) as raised:
        factor(one, other)
    assert raised.value.problems[0].code == "HF102"


@pytest.mark.parametrize(
    "text",
    ["", "  ", "foo", "万万元", "__import__('os')", "m**99999999", "2**1000", "(" * 70, "💥", "a" * 500, "m\0", "nan"],
)
def test_strings_that_are_no_unit(text: str) -> None:
    with pytest.raises(HeadframeError) as raised:
        parse_unit(text)
    assert raised.value.problems[0].code == "HF101"


@given(st.text(max_size=60))
def test_no_text_ends_in_another_error(text: str) -> None:
    try:
        parse_unit(text)
    except HeadframeError as error:
        assert error.problems[0].code == "HF101"


def test_money_is_recognised_with_its_currency() -> None:
    assert is_money("亿元")
    assert is_money("CNY/person")
    assert not is_money("person")
    assert currency_of("USD/year") == "USD"
    assert currency_of("km2") is None
