import numpy as np
import pytest
import scipy.spatial.distance
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from headframe.methods.distance import (
    Distances,
    gower_distance,
    mahalanobis_distance,
    nearest_neighbours,
    pairwise_covariance,
)
from tests.methods.strategies import refused

TABLE = arrays.arrays(np.float64, (6, 3), elements=st.floats(-100, 100))
GAPS = arrays.arrays(bool, (6, 3))
RANGES = np.array([200.0, 200.0, 200.0])


@given(table=TABLE, gaps=GAPS, factor=st.floats(0.01, 100))
def test_gower_is_a_bounded_mean_over_what_both_know(table: np.ndarray, gaps: np.ndarray, factor: float) -> None:
    rows = np.where(gaps, np.nan, table)
    weights = np.array([1.0, 2.0, 3.0])
    found = gower_distance(rows, rows[0], RANGES, weights=weights)
    for row, distance, coverage in zip(rows, *found, strict=True):
        shared = np.isfinite(row) & np.isfinite(rows[0])
        assert coverage == pytest.approx(weights[shared].sum() / 6)
        if shared.any():
            expected = np.average(np.abs(row - rows[0])[shared] / 200, weights=weights[shared])
            assert distance == pytest.approx(expected)
            assert 0 <= distance <= 1
        else:
            assert np.isnan(distance)
    # The unit of an indicator does not matter.
    scaled = gower_distance(rows * factor, rows[0] * factor, RANGES * factor, weights=weights)
    assert scaled.distance == pytest.approx(found.distance, nan_ok=True)


def test_categories_are_equal_or_not() -> None:
    found = gower_distance([[1, 7], [1, 8]], [1, 7], [1, 1], categorical=[False, True])
    assert found.distance == pytest.approx([0, 0.5])


def test_a_value_far_outside_the_range_counts_at_most_one() -> None:
    assert gower_distance([[50.0]], [0.0], [10.0]).distance == pytest.approx([1])


@given(seed=st.integers(0, 10_000))
def test_mahalanobis_agrees_with_scipy_where_all_is_known(seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=(20, 4)) @ draw.normal(size=(4, 4))
    covariance = np.cov(rows.T)
    found = mahalanobis_distance(rows, rows[3], covariance)
    inverse = np.linalg.inv(covariance)
    expected = [scipy.spatial.distance.mahalanobis(row, rows[3], inverse) for row in rows]
    assert found.distance == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert found.coverage == pytest.approx(1)
    assert pairwise_covariance(rows, 0.0) == pytest.approx(covariance, rel=1e-5, abs=1e-5)


def test_mahalanobis_uses_the_shared_part_and_scales_it_up() -> None:
    covariance = np.array([[4.0, 1.0], [1.0, 9.0]])
    found = mahalanobis_distance([[2.0, np.nan], [np.nan, np.nan], [2.0, 3.0]], [0.0, 0.0], covariance)
    assert found.distance[0] == pytest.approx(np.sqrt(2.0**2 / 4 * 2))
    assert np.isnan(found.distance[1])
    assert found.coverage == pytest.approx([0.5, 0, 1])


@given(
    table=arrays.arrays(np.float64, (8, 3), elements=st.floats(-50, 50), unique=True), gaps=arrays.arrays(bool, (8, 3))
)
def test_pairwise_covariance_is_always_usable(table: np.ndarray, gaps: np.ndarray) -> None:
    gaps[:2] = False  # every indicator keeps two known values
    rows = np.where(gaps, np.nan, table)
    # Values that differ by less than this leave no spread to speak of.
    if np.nanstd(rows, axis=0).min() < 1e-3:
        return
    matrix = pairwise_covariance(rows, 0.1)
    assert matrix == pytest.approx(matrix.T)
    deviation = np.sqrt(np.diag(matrix))
    assert np.linalg.eigvalsh(matrix / np.outer(deviation, deviation)).min() > 0
    independent = pairwise_covariance(rows, 1.0)
    assert independent == pytest.approx(np.diag(np.nanvar(rows, axis=0, ddof=1)), rel=1e-6)


def test_neighbours_come_in_order_with_enough_in_common() -> None:
    found = Distances(np.array([0.3, 0.1, np.nan, 0.1, 0.0]), np.array([1.0, 0.6, 0.0, 0.9, 0.2]))
    assert nearest_neighbours(found, 2).tolist() == [1, 3]
    assert nearest_neighbours(found, 9).tolist() == [1, 3, 0]
    assert nearest_neighbours(found, 9, least_coverage=0).tolist() == [4, 1, 3, 0]
    assert nearest_neighbours(found, 9, least_coverage=1).tolist() == [0]


def test_what_cannot_be_compared_is_refused() -> None:
    refused("HF153", gower_distance, [[1, 2]], [1], [1, 1])
    refused("HF153", gower_distance, [1, 2], [1, 2], [1, 1])
    refused("HF150", gower_distance, np.empty((0, 2)), [1, 2], [1, 1])
    refused("HF153", gower_distance, [[1, 2]], [1, 2], [1])
    refused("HF153", gower_distance, [[1, 2]], [1, 2], [1, 1], categorical=[True])
    refused("HF154", gower_distance, [[1, 2]], [1, 2], [1, 0])
    refused("HF154", gower_distance, [[1, 2]], [1, 2], [1, 1], weights=[0, 1])
    refused("HF153", mahalanobis_distance, [[1, 2]], [1, 2], [[1]])
    refused("HF154", mahalanobis_distance, [[1, 2]], [0, 0], [[1, 1], [1, 1]])
    refused("HF154", pairwise_covariance, [[1, 2], [1, 3]], 0)
    refused("HF156", pairwise_covariance, [[1, 2], [2, 3]], 1.5)
    refused("HF155", nearest_neighbours, Distances(np.zeros(1), np.ones(1)), 0)
    refused("HF156", nearest_neighbours, Distances(np.zeros(1), np.ones(1)), 1, least_coverage=2)
