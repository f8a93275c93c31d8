from __future__ import annotations

import math
from typing import Any, NoReturn

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from headframe.methods import indices
from tests.methods.strategies import refused

SCORES = arrays.arrays(np.float64, 5, elements=st.floats(0, 1, allow_subnormal=False))
WEIGHTS = arrays.arrays(np.float64, 5, elements=st.floats(0.01, 10))


class Symbol:
    """Stands for an array that is not known yet: records the operations, refuses to be looked at."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __bool__(self) -> NoReturn:
        raise AssertionError("branched on a value")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **named: Any) -> Symbol:
        return Symbol(f"{ufunc.__name__}.{method}({', '.join(_text(item) for item in inputs)})")

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Symbol:
        return Symbol(f"{function.__name__}({', '.join(_text(item) for item in args)})")

    def __array__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AssertionError("asked for its values")

    def _binary(name: str) -> Any:
        def operate(self: Symbol, other: Any) -> Symbol:
            return Symbol(f"{name}({_text(self)}, {_text(other)})")

        return operate

    __add__ = __radd__ = _binary("add")
    __sub__ = __rsub__ = _binary("subtract")
    __mul__ = __rmul__ = _binary("multiply")
    __truediv__ = __rtruediv__ = _binary("divide")
    __gt__ = _binary("greater")


def _text(item: Any) -> str:
    return item.text if isinstance(item, Symbol) else repr(item)


@pytest.mark.parametrize(
    ("function", "given_symbols"),
    [
        (indices.min_max, 3),
        (indices.goalposts, 3),
        (indices.z_score, 3),
        (indices.arithmetic_mean, 2),
        (indices.geometric_mean, 2),
        (indices.arithmetic_mean_of_known, 2),
        (indices.geometric_mean_of_known, 2),
    ],
)
def test_the_engine_could_trace_it(function: Any, given_symbols: int) -> None:
    result = function(*(Symbol(f"x{i}") for i in range(given_symbols)))
    first = result[0] if isinstance(result, tuple) else result
    assert isinstance(first, Symbol)
    assert all(f"x{i}" in first.text for i in range(given_symbols))


@given(values=SCORES, worst=st.floats(-5, -1), best=st.floats(2, 9))
def test_normalisation_maps_the_bounds_and_keeps_the_order(values: np.ndarray, worst: float, best: float) -> None:
    score = indices.min_max(values, worst, best)
    assert indices.min_max(np.array([worst, best]), worst, best) == pytest.approx([0, 1])
    assert np.all(np.diff(score[np.argsort(values)]) >= 0)
    assert indices.min_max(values, best, worst) == pytest.approx(1 - score)
    assert indices.goalposts(values, worst, best) == pytest.approx(np.clip(score, 0, 1))


def test_goalposts_hold_what_lies_beyond() -> None:
    assert indices.goalposts(np.array([-3.0, 0.5, 9.0, np.nan]), 0, 1) == pytest.approx(
        [0, 0.5, 1, np.nan], nan_ok=True
    )
    assert indices.goalposts(np.array([2.0, 14.0]), 10, 4) == pytest.approx([1, 0])


@given(scores=SCORES, weights=WEIGHTS, factor=st.floats(0.1, 10))
def test_means_stay_between_the_scores_and_ignore_the_scale_of_weights(
    scores: np.ndarray, weights: np.ndarray, factor: float
) -> None:
    mean = indices.arithmetic_mean(scores, weights)
    assert scores.min() - 1e-12 <= mean <= scores.max() + 1e-12
    assert mean == pytest.approx(np.average(scores, weights=weights))
    assert indices.arithmetic_mean(scores, weights * factor) == pytest.approx(mean)
    floored = np.maximum(scores, indices.FLOOR)
    geometric = indices.geometric_mean(scores, weights)
    assert geometric == pytest.approx(np.prod(floored ** (weights / weights.sum())))
    assert geometric <= indices.arithmetic_mean(floored, weights) + 1e-12


@given(scores=SCORES, weights=WEIGHTS, known=arrays.arrays(bool, 5))
def test_what_is_missing_is_left_out_and_said(scores: np.ndarray, weights: np.ndarray, known: np.ndarray) -> None:
    with_gaps = np.where(known, scores, np.nan)
    mean, coverage = indices.arithmetic_mean_of_known(with_gaps, weights)
    geometric, same = indices.geometric_mean_of_known(with_gaps, weights)
    assert coverage == pytest.approx(weights[known].sum() / weights.sum())
    assert same == pytest.approx(coverage)
    if known.any():
        assert mean == pytest.approx(np.average(scores[known], weights=weights[known]))
        assert geometric == pytest.approx(indices.geometric_mean(scores[known], weights[known]))
    else:
        assert math.isnan(mean)
        assert math.isnan(geometric)


def test_a_missing_score_never_counts_as_zero() -> None:
    assert math.isnan(indices.arithmetic_mean(np.array([1.0, np.nan]), np.array([1.0, 1.0])))
    mean, coverage = indices.arithmetic_mean_of_known(np.array([[1.0, np.nan], [1.0, 0.0]]), np.array([1.0, 1.0]))
    assert mean == pytest.approx([1.0, 0.5])
    assert coverage == pytest.approx([0.5, 1.0])


def test_bounds_and_location_come_from_what_is_known() -> None:
    sample = [3.0, np.nan, 1.0, 2.0]
    assert indices.sample_bounds(sample) == (1, 3)
    assert indices.sample_bounds(sample, more_is_better=False) == (3, 1)
    assert indices.sample_bounds(np.arange(101.0), trim=0.05) == pytest.approx((5, 95))
    assert indices.sample_location(sample) == pytest.approx((2, 1))
    assert indices.sample_location(sample, more_is_better=False) == pytest.approx((2, -1))
    location = indices.sample_location(sample)
    assert indices.z_score(np.array([1.0, 3.0]), *location) == pytest.approx([-1, 1])


def test_ranks_share_ties_and_leave_gaps() -> None:
    scores = indices.rank_scores([10, np.nan, 30, 10, 40])
    assert scores == pytest.approx([1 / 6, np.nan, 2 / 3, 1 / 6, 1], nan_ok=True)
    assert indices.rank_scores([1, 2], more_is_better=False) == pytest.approx([1, 0])


@given(arrays.arrays(np.float64, 6, elements=st.integers(-100, 100).map(float), unique=True))
def test_ranks_do_not_feel_any_rising_change_of_scale(values: np.ndarray) -> None:
    assert indices.rank_scores(values) == pytest.approx(indices.rank_scores(np.arctan(values / 100) * 3 + 7))
    assert sorted(indices.rank_scores(values)) == pytest.approx(np.linspace(0, 1, 6))


def test_samples_without_spread_are_refused() -> None:
    refused("HF150", indices.sample_bounds, [np.nan])
    refused("HF155", indices.rank_scores, [1, np.nan])
    refused("HF154", indices.sample_bounds, [2, 2])
    refused("HF154", indices.sample_location, [2, 2])
    refused("HF156", indices.sample_bounds, [1, 2], trim=0.5)
    refused("HF156", indices.sample_bounds, [1, 2], trim=-0.1)
