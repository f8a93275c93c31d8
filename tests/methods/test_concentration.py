import math
from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from headframe.methods.concentration import (
    effective_number,
    entropy_decomposition,
    gini_coefficient,
    herfindahl_hirschman,
    herfindahl_hirschman_normalised,
    hoover_index,
    lorenz_curve,
    mean_log_deviation,
    shannon_entropy,
    shannon_evenness,
    shares,
    theil_index,
)
from tests.methods.strategies import amounts, positive_rows, refused

MEASURES = [
    herfindahl_hirschman,
    herfindahl_hirschman_normalised,
    shannon_entropy,
    shannon_evenness,
    theil_index,
    gini_coefficient,
    hoover_index,
]


@pytest.mark.parametrize("measure", MEASURES)
@given(values=amounts(), scale=st.floats(1e-6, 1e6), seed=st.integers(0, 99))
def test_neither_unit_nor_order_matters(
    measure: Callable[[np.ndarray], float], values: np.ndarray, scale: float, seed: int
) -> None:
    original = measure(values)
    assert measure(values * scale) == pytest.approx(original, abs=1e-9)
    assert measure(np.random.default_rng(seed).permutation(values)) == pytest.approx(original, abs=1e-9)


@given(amounts())
def test_bounds(values: np.ndarray) -> None:
    n = values.size
    slack = 1e-9
    assert 1 / n - slack <= herfindahl_hirschman(values) <= 1 + slack
    assert -slack <= herfindahl_hirschman_normalised(values) <= 1 + slack
    assert 1 - slack <= effective_number(values) <= n + slack
    assert 0 <= shannon_entropy(values) <= math.log(n) + slack
    assert 0 <= shannon_evenness(values) <= 1 + slack
    assert 0 <= theil_index(values) <= math.log(n) + slack
    assert 0 <= gini_coefficient(values) <= 1 - 1 / n + slack
    assert 0 <= gini_coefficient(values, corrected=True) <= 1 + slack
    assert 0 <= hoover_index(values) <= 1 - 1 / n + slack
    assert hoover_index(values) <= gini_coefficient(values) + slack


@pytest.mark.parametrize("n", [2, 3, 10])
def test_the_two_extremes(n: int) -> None:
    even, one = np.full(n, 7.0), np.eye(n)[0]
    for measure in (herfindahl_hirschman_normalised, theil_index, gini_coefficient, hoover_index, mean_log_deviation):
        assert measure(even) == pytest.approx(0, abs=1e-12)
    assert herfindahl_hirschman(even) == pytest.approx(1 / n)
    assert shannon_evenness(even) == pytest.approx(1)
    assert herfindahl_hirschman_normalised(one) == pytest.approx(1)
    assert shannon_entropy(one) == 0
    assert theil_index(one) == pytest.approx(math.log(n))
    assert gini_coefficient(one) == pytest.approx(1 - 1 / n)
    assert gini_coefficient(one, corrected=True) == pytest.approx(1)
    assert hoover_index(one) == pytest.approx(1 - 1 / n)


@given(amounts())
def test_entropy_agrees_with_scipy_and_with_the_theil_index(values: np.ndarray) -> None:
    assert shannon_entropy(values) == pytest.approx(scipy.stats.entropy(values), abs=1e-9)
    assert shannon_entropy(values, base=2) == pytest.approx(scipy.stats.entropy(values, base=2), abs=1e-9)
    assert theil_index(values) == pytest.approx(math.log(values.size) - shannon_entropy(values), abs=1e-9)


@given(values=amounts(least=3), labels=st.lists(st.sampled_from("abc"), min_size=12, max_size=12))
def test_entropy_splits_into_between_and_within(values: np.ndarray, labels: list[str]) -> None:
    groups = labels[: values.size]
    parts = entropy_decomposition(values, groups)
    total = values.sum()
    between, within = 0.0, 0.0
    for group in set(groups):
        inside = values[[label == group for label in groups]]
        if inside.sum() > 0:
            share = inside.sum() / total
            between -= share * math.log(share)
            within += share * scipy.stats.entropy(inside)
    assert parts.total == pytest.approx(shannon_entropy(values), abs=1e-9)
    assert parts.between == pytest.approx(between, abs=1e-9)
    assert parts.within == pytest.approx(within, abs=1e-9)
    assert parts.total == pytest.approx(parts.between + parts.within, abs=1e-9)


@pytest.mark.parametrize("measure", [gini_coefficient, theil_index, hoover_index, mean_log_deviation])
@given(rows=positive_rows(2), times=st.integers(2, 4))
def test_a_group_counts_as_often_as_its_size_says(measure: Callable[..., float], rows: np.ndarray, times: int) -> None:
    per_head = rows[0]
    sizes = np.resize(np.arange(1.0, times + 1), per_head.size)
    spelled_out = np.repeat(per_head, sizes.astype(int))
    assert measure(per_head * sizes, sizes) == pytest.approx(measure(spelled_out), rel=1e-7, abs=1e-9)


@given(amounts())
def test_gini_is_the_mean_difference_over_twice_the_mean(values: np.ndarray) -> None:
    differences = np.abs(values[:, None] - values[None, :]).mean()
    assert gini_coefficient(values) == pytest.approx(differences / (2 * values.mean()), abs=1e-9)


def test_lorenz_curve_runs_below_the_diagonal_from_corner_to_corner() -> None:
    x, y = lorenz_curve([1, 5, 2, 2], [1, 1, 1, 3])
    assert (x[0], y[0]) == (0, 0)
    assert (x[-1], y[-1]) == pytest.approx((1, 1))
    assert np.all(y <= x + 1e-12)
    assert np.all(np.diff(np.diff(y) / np.diff(x)) >= -1e-12)


def test_shares_keep_huge_and_tiny_numbers() -> None:
    assert shares([1e308, 1e308]) == pytest.approx([0.5, 0.5])
    assert shares([5e-324, 5e-324]) == pytest.approx([0.5, 0.5])


def test_what_has_no_measure_is_refused() -> None:
    refused("HF150", gini_coefficient, [])
    assert "1 missing" in refused("HF151", herfindahl_hirschman, [1, float("nan")])
    assert "-2.0" in refused("HF152", shannon_entropy, [1, -2])
    refused("HF153", hoover_index, [1, 2], [1, 2, 3])
    refused("HF153", herfindahl_hirschman, [[1, 2]])
    refused("HF153", entropy_decomposition, [1, 2], ["a"])
    refused("HF154", theil_index, [0, 0])
    refused("HF154", theil_index, [1, 2], [1, 0])
    refused("HF154", mean_log_deviation, [1, 0])
    refused("HF155", herfindahl_hirschman_normalised, [3])
    refused("HF155", shannon_evenness, [3])
    refused("HF155", gini_coefficient, [3], corrected=True)
    refused("HF156", shannon_entropy, [1, 2], base=1)
    refused("HF156", gini_coefficient, [1, 2], [1, 1], corrected=True)
