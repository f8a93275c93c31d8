"""How alike places are on several indicators, some of them missing.

Rows are places, columns indicators; nan means not known and is never replaced. Every distance comes with the coverage
it rests on. Errors: HF150 empty, HF152 negative, HF153 shapes differ, HF154 no spread, HF155 too few, HF156 range.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headframe.core.errors import HeadframeError
from headframe.methods.checks import Matrix, Vector, complete, positive, within


class Distances(NamedTuple):
    """Distance of each place to the target (nan where nothing is shared) and the coverage, 0 to 1, it rests on."""

    distance: Vector
    coverage: Vector


def gower_distance(
    places: ArrayLike,
    target: ArrayLike,
    ranges: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    categorical: ArrayLike | None = None,
) -> Distances:
    """Gower's distance Σ w_k |x_k − t_k| / R_k / Σ w_k over the indicators that both know. Range 0 to 1, no unit.

    `ranges` R_k is the spread of indicator k (largest less smallest value among the places compared), its part is held
    to at most 1; for `categorical` columns (True) the part is 0 if equal, else 1, and the range is not used. Coverage
    is the shared weight over all weight. Source: Gower 1971, Biometrics 27; independent check: package gower 0.1.2.
    """
    rows, row = _rows_and_target(places, target)
    columns = rows.shape[1]
    spread = positive("ranges", ranges)
    weight = np.ones(columns) if weights is None else positive("weights", weights)
    by_name = np.zeros(columns, dtype=bool) if categorical is None else np.asarray(categorical, dtype=bool)
    for name, given in (("ranges", spread), ("weights", weight), ("categorical", by_name)):
        if given.shape != (columns,):
            raise HeadframeError.of("HF153", name, name=name, shape=given.shape, expected=(columns,))
    shared = np.isfinite(rows) & np.isfinite(row)
    gap = np.where(shared, np.abs(rows - row), 0.0)
    part = np.where(by_name, gap > 0, np.minimum(gap / spread, 1.0))
    known = shared @ weight
    distance = np.full(rows.shape[0], np.nan)
    np.divide(part @ weight, known, out=distance, where=known > 0)
    return Distances(distance, known / weight.sum())


def pairwise_covariance(places: ArrayLike, shrinkage: float) -> Matrix:
    """Covariance of the indicators from the places that know both, pulled towards its diagonal. Units multiply.

    Each entry uses the places where both indicators are known (at least two, else 0 off the diagonal); the off-diagonal
    entries are multiplied by 1 − `shrinkage` (0 to 1), then, since pairwise entries need not fit together, negative
    eigenvalues of the correlation matrix are raised to a millionth. HF154 for an indicator without spread or with fewer
    than two known values.
    """
    rows = _matrix("places", places)
    pull = within("shrinkage", shrinkage, -1e-12, 1.0 + 1e-12)
    known = np.isfinite(rows)
    count = known.sum(axis=0)
    filled = np.where(known, rows, 0.0)
    centred = np.where(known, rows - filled.sum(axis=0) / np.maximum(count, 1), 0.0)
    both = known.astype(np.float64).T @ known.astype(np.float64)
    covariance = np.where(both >= 2, centred.T @ centred / np.maximum(both - 1.0, 1.0), 0.0)
    variance = np.diag(covariance).copy()
    if np.any(variance <= 0):
        raise HeadframeError.of("HF154", "places", name="spread of an indicator")
    deviation = np.sqrt(variance)
    correlation = covariance / np.outer(deviation, deviation) * (1.0 - pull)
    np.fill_diagonal(correlation, 1.0)
    values, vectors = np.linalg.eigh(correlation)
    sound = (vectors * np.maximum(values, 1e-6)) @ vectors.T
    return np.asarray(sound * np.outer(deviation, deviation))


def mahalanobis_distance(places: ArrayLike, target: ArrayLike, covariance: ArrayLike) -> Distances:
    """Mahalanobis distance √(d' S⁻¹ d · K/k) over the k of K indicators that both know, S their part of the covariance.

    Counts correlated indicators once. With complete data it is the usual distance; K/k makes distances that rest on
    fewer indicators comparable. Range 0 to ∞, no unit. The covariance must be square (HF153) and invertible (HF154).
    Independent check: scipy.spatial.distance.mahalanobis.
    """
    rows, row = _rows_and_target(places, target)
    columns = rows.shape[1]
    matrix = complete("covariance", covariance, dimensions=2)
    if matrix.shape != (columns, columns):
        raise HeadframeError.of(
            "HF153", "covariance", name="covariance", shape=matrix.shape, expected=(columns, columns)
        )
    shared = np.isfinite(rows) & np.isfinite(row)
    distance = np.full(rows.shape[0], np.nan)
    for pattern in np.unique(shared, axis=0):
        if not pattern.any():
            continue
        chosen = np.all(shared == pattern, axis=1)
        gap = rows[np.ix_(chosen, pattern)] - row[pattern]
        try:
            solved = np.linalg.solve(matrix[np.ix_(pattern, pattern)], gap.T)
        except np.linalg.LinAlgError:
            raise HeadframeError.of("HF154", "covariance", name="covariance") from None
        squared = np.einsum("ij,ji->i", gap, solved) * columns / pattern.sum()
        distance[chosen] = np.sqrt(np.maximum(squared, 0.0))
    return Distances(distance, shared.mean(axis=1))


def nearest_neighbours(distances: Distances, number: int, *, least_coverage: float = 0.5) -> NDArray[np.intp]:
    """Positions of the `number` nearest places with at least `least_coverage`, nearest first, ties in given order.

    Fewer come back where fewer qualify; places without a distance never do. HF155 if `number` is below one, HF156 if
    the coverage is not between 0 and 1.
    """
    if number < 1:
        raise HeadframeError.of("HF155", "number", name="number", count=number, least=1)
    bar = within("least_coverage", least_coverage, -1e-12, 1.0 + 1e-12)
    order = np.argsort(distances.distance, kind="stable")
    fit = np.isfinite(distances.distance) & (distances.coverage >= bar - 1e-12)
    return order[fit[order]][:number]


def _matrix(name: str, values: ArrayLike) -> Matrix:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2:
        raise HeadframeError.of("HF153", name, name=name, shape=array.shape, expected="2-d")
    if array.size == 0:
        raise HeadframeError.of("HF150", name, name=name)
    return array


def _rows_and_target(places: ArrayLike, target: ArrayLike) -> tuple[Matrix, Vector]:
    rows, row = _matrix("places", places), np.asarray(target, dtype=np.float64)
    if row.shape != (rows.shape[1],):
        raise HeadframeError.of("HF153", "target", name="target", shape=row.shape, expected=(rows.shape[1],))
    return rows, row
