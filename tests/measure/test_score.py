"""The pure score: bounds, monotony, invariance, additivity, and that it asks no value for its truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm

from headframe.measure import score as pure
from headframe.measure.bounds import LEVELS
from headframe.measure.definition import definition

COUNT = 6
MEMBERSHIP = np.array([[1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 1, 0], [0, 0, 0, 0, 0, 1]], dtype=float)
numbers = st.floats(-1e6, 1e6, allow_nan=False)
vectors = arrays(np.float64, COUNT, elements=numbers)
widths = arrays(np.float64, COUNT, elements=st.floats(1e-3, 1e6))
signs = arrays(np.float64, COUNT, elements=st.sampled_from([-1.0, 1.0]))
positive = arrays(np.float64, COUNT, elements=st.floats(1e-3, 1.0))


def score(values: Any, low: Any, width: Any, direction: Any, weights: Any) -> float:
    """The score with weights made to add up to 1."""
    total = pure.score(values, low, low + width, direction, weights / weights.sum(), MEMBERSHIP)
    return float(total)


@given(vectors, vectors, widths, signs, positive)
def test_the_score_lies_between_0_and_100(values: Any, low: Any, width: Any, direction: Any, weights: Any) -> None:
    assert -1e-9 <= score(values, low, width, direction, weights) <= 100 + 1e-9


@given(vectors, vectors, widths, signs, positive, st.integers(0, COUNT - 1), st.floats(0, 1e6))
def test_the_score_never_moves_against_an_indicators_direction(
    values: Any, low: Any, width: Any, direction: Any, weights: Any, which: int, step: float
) -> None:
    moved = values.copy()
    moved[which] += direction[which] * step
    assert score(moved, low, width, direction, weights) >= score(values, low, width, direction, weights) - 1e-9


@given(
    arrays(np.float64, COUNT, elements=st.floats(0, 1)),
    vectors,
    widths,
    signs,
    positive,
    st.integers(0, COUNT - 1),
    st.floats(1e-3, 1e3),
)
def test_units_do_not_matter(
    share: Any, low: Any, width: Any, direction: Any, weights: Any, which: int, factor: float
) -> None:
    values = low + share * width
    before = score(values, low, width, direction, weights)
    for array in (values, low, width):
        array[which] *= factor
    # A bound as large as a million loses digits in low + width; a thousandth of a point is far above that.
    assert score(values, low, width, direction, weights) == pytest.approx(before, abs=1e-3)


def test_a_hand_computed_example() -> None:
    values = np.array([5.0, 30.0, 2.0, 9.0, 50.0, -1.0])
    low = np.array([0.0, 20.0, 0.0, 10.0, 0.0, 0.0])
    high = np.array([10.0, 40.0, 8.0, 20.0, 100.0, 4.0])
    direction = np.array([1, 1, -1, 1, -1, -1], dtype=float)
    weights = np.array([0.1, 0.2, 0.1, 0.2, 0.1, 0.3])
    # points: 50, 50, 75, 0 (below), 50, 100 (below, less is better)
    points = pure.goalposts(values, low, high, direction)
    assert points.tolist() == [50, 50, 75, 0, 50, 100]
    of_fields = pure.fields(points, weights, MEMBERSHIP)
    assert of_fields == pytest.approx([50, (7.5 + 0 + 5) / 0.4, 100])
    total = 0.3 * 50 + 0.4 * 31.25 + 0.3 * 100
    assert float(pure.score(values, low, high, direction, weights, MEMBERSHIP)) == pytest.approx(total)
    assert pure.contributions(values, low, high, direction, weights).sum() == pytest.approx(total)
    geometric = np.exp(0.3 * np.log(50) + 0.4 * np.log(31.25) + 0.3 * np.log(100))
    assert float(pure.geometric(of_fields, weights @ MEMBERSHIP.T)) == pytest.approx(geometric)


def test_a_field_at_zero_does_not_erase_the_others() -> None:
    assert float(pure.geometric(np.array([0.0, 100.0]), np.array([0.5, 0.5]))) == pytest.approx(10.0)


def test_what_is_not_known_stays_not_known() -> None:
    values = np.array([5.0, np.nan, 2.0, 9.0, 50.0, 1.0])
    ones = np.ones(COUNT)
    assert np.isnan(pure.score(values, 0 * ones, ones, ones, ones / COUNT, MEMBERSHIP))


@given(st.floats(-3, 3))
def test_the_logistic_curve_is_near_the_normal_one(z: float) -> None:
    points = pure.standardised(np.array([z]), np.zeros(1), np.ones(1), np.ones(1))
    assert points[0] == pytest.approx(100 * norm.cdf(z), abs=1.0)


@given(arrays(np.float64, 5, elements=st.floats(0.01, 10)), st.floats(0, 60))
def test_the_percentile_rank_passes_through_the_quantiles(steps: Any, value: float) -> None:
    knots = np.cumsum(steps)[None, :]
    at_knots = pure.percentile(knots.T, knots, LEVELS, np.ones(1))
    assert at_knots[:, 0] == pytest.approx(100 * (LEVELS - 0.05) / 0.9)
    down = pure.percentile(np.array([value]), knots, LEVELS, -np.ones(1))
    up = pure.percentile(np.array([value]), knots, LEVELS, np.ones(1))
    assert (up + down)[0] == pytest.approx(100)


class NoTruth(np.ndarray):
    """An array that refuses to be asked whether it is true, as a symbolic one would."""

    def __bool__(self) -> bool:
        raise AssertionError("the score branched on a value")


def test_the_score_does_not_branch_on_values() -> None:
    rule = definition()
    count = len(rule.indicators)
    values = np.linspace(0, 1, 3 * count).reshape(3, count).view(NoTruth)
    low, high = np.zeros(count).view(NoTruth), np.ones(count).view(NoTruth)
    total = pure.score(values, low, high, rule.direction, rule.weights, rule.membership)
    pure.percentile(values, np.tile(np.linspace(0, 1, 5), (count, 1)).view(NoTruth), LEVELS, rule.direction)
    pure.standardised(values, low, high, rule.direction)
    assert total.shape == (3,)
