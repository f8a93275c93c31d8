"""Deflation by closed forms; price bases are read strictly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.core.errors import HeadframeError
from headframe.core.prices import PriceBasis, deflate, price_index


def test_index_chains_the_yearly_changes() -> None:
    index = price_index({2001: 10.0, 2002: -50.0}, base_year=2000)
    assert index == pytest.approx({2000: 1.0, 2001: 1.1, 2002: 0.55})


@given(st.lists(st.floats(-20, 30), min_size=2, max_size=20), st.data())
def test_deflating_to_two_bases_differs_by_one_constant(changes: list[float], data: st.DataObject) -> None:
    yearly = {2000 + n: change for n, change in enumerate(changes)}
    years = np.arange(1999, 2000 + len(changes))
    index = price_index(yearly, 1999)
    values = np.linspace(1.0, 9.0, len(years))
    one, other = (data.draw(st.sampled_from(list(map(int, years)))) for _ in range(2))
    ratio = deflate(values, years, index, one) / deflate(values, years, index, other)
    assert ratio == pytest.approx(np.full(len(years), index[one] / index[other]))


def test_nothing_is_extrapolated_and_missing_stays_missing() -> None:
    index = {2000: 1.0, 2001: 1.1}
    with pytest.raises(HeadframeError, match="2002"):
        deflate(np.array([1.0]), np.array([2002]), index, 2000)
    with pytest.raises(HeadframeError) as raised:
        price_index({2001: 1.0, 2003: 1.0}, 2000)
    assert raised.value.problems[0].code == "HF105"
    assert np.isnan(deflate(np.array([np.nan]), np.array([2001]), index, 2000)[0])


@pytest.mark.parametrize("text", ["nominal", "real:2015"])
def test_price_basis_reads_back(text: str) -> None:
    assert str(PriceBasis.parse(text)) == text


@pytest.mark.parametrize("text", ["", "Nominal", "real:15", "real:1800", "constant", "real:20155"])
def test_price_basis_unreadable(text: str) -> None:
    with pytest.raises(HeadframeError) as raised:
        PriceBasis.parse(text)
    assert raised.value.problems[0].code == "HF104"
