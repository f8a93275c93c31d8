import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.core.seeds import generator
from headframe.methods.growth import (
    capital_output_ratio,
    compound_annual_growth,
    investment_effect,
    investment_effect_interval,
    log_growth,
)
from tests.methods.strategies import POSITIVE, refused


@given(start=POSITIVE, rate=st.floats(-0.3, 0.3), years=st.floats(0.5, 40))
def test_growth_undoes_compounding(start: float, rate: float, years: float) -> None:
    end = start * (1 + rate) ** years
    assert compound_annual_growth(start, end, years) == pytest.approx(rate, abs=1e-9)
    assert log_growth(start, end, years) == pytest.approx(math.log(1 + rate), abs=1e-9)


@given(a=POSITIVE, b=POSITIVE, c=POSITIVE, first=st.floats(1, 20), second=st.floats(1, 20))
def test_log_growth_adds_up_over_spans(a: float, b: float, c: float, first: float, second: float) -> None:
    joined = log_growth(a, b, first) * first + log_growth(b, c, second) * second
    assert log_growth(a, c, first + second) * (first + second) == pytest.approx(joined, abs=1e-9)


def test_doubling_in_ten_years_is_seven_per_cent() -> None:
    assert compound_annual_growth(1, 2, 10) == pytest.approx(0.0717734625)


def test_the_two_capital_measures_are_inverse() -> None:
    assert capital_output_ratio(300, 1000, 1100) == pytest.approx(3)
    assert investment_effect(300, 1000, 1100) == pytest.approx(1 / 3)
    assert capital_output_ratio(300, 1000, 900) == pytest.approx(-3)


def test_the_interval_of_the_effect_agrees_with_draws() -> None:
    draw = generator(7, "effect")
    n = 400_000
    effect = (1100 * draw.normal(1, 0.02, n) - 1000 * draw.normal(1, 0.01, n)) / (300 * draw.normal(1, 0.1, n))
    found = investment_effect_interval(300, 1000, 1100, investment_error=0.1, start_error=0.01, end_error=0.02)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(effect, [0.025, 0.975])), rel=0.02, abs=0.002)
    assert found.middle == pytest.approx(1 / 3)
    exact = investment_effect_interval(300, 1000, 1100, investment_error=0, start_error=0, end_error=0)
    assert (exact.low, exact.high) == pytest.approx((1 / 3, 1 / 3))


def test_what_has_no_rate_is_refused() -> None:
    refused("HF154", log_growth, 0, 1, 1)
    refused("HF152", log_growth, -1, 1, 1)
    refused("HF156", log_growth, 1, 2, 0)
    refused("HF151", compound_annual_growth, math.nan, 2, 1)
    refused("HF154", capital_output_ratio, 10, 5, 5)
    refused("HF154", investment_effect, 0, 5, 6)
    refused("HF156", investment_effect_interval, 1, 1, 2, investment_error=-1, start_error=0, end_error=0)
    refused("HF154", investment_effect_interval, 0, 1, 2, investment_error=0, start_error=0, end_error=0)
