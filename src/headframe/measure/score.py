"""The score of the transformation meter: a pure function of values, bounds, directions, weights and fields.

Plain NumPy without branching on values and without shapes that depend on data, so that the engine can trace it and the
same function scores evidence and simulated futures. Bounds and weights are frozen data given by the caller; nothing
random happens here. A value that is not known is NaN and makes every score that depends on it NaN, never zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headframe.methods import indices

Array = NDArray[np.float64]
POINTS = 100.0
# The logistic curve that is nearest to the normal distribution function (within 0.01) has this slope.
LOGISTIC = 1.702


def goalposts(values: Array, low: Array, high: Array, direction: Array) -> Array:
    """Normalise between two goalposts: 100 × clip((x − low)/(high − low), 0, 1), mirrored where less is better.

    `values` has indicators on its last axis; `low` < `high` in the same units; `direction` is +1 where more is
    better and −1 where less is. The result lies in [0, 100] and does not change when values and bounds are rescaled
    together.
    """
    middle, half = (low + high) / 2.0, direction * (high - low) / 2.0
    return POINTS * indices.goalposts(values, middle - half, middle + half)


def percentile(values: Array, knots: Array, levels: Array, direction: Array) -> Array:
    """Normalise to the percentile rank: piecewise linear through the reference quantiles.

    Formula: 100 × Σ_k (p_{k+1} − p_k) clip((x − q_k)/(q_{k+1} − q_k), 0, 1), rescaled so that the lowest quantile
    scores 0 and the highest 100; mirrored where less is better. `knots` has shape (indicators, K), strictly
    increasing; `levels` the K probabilities. Goalposts are the case K = 2.
    """
    inside = indices.goalposts(values[..., None], knots[:, :-1], knots[:, 1:])
    share = (inside * (levels[1:] - levels[:-1])).sum(axis=-1) / (levels[-1] - levels[0])
    points: Array = POINTS * (0.5 + direction * (share - 0.5))
    return points


def standardised(values: Array, centre: Array, spread: Array, direction: Array) -> Array:
    """Normalise by z-score: 100 / (1 + exp(−1.702 d z)) with z = (x − centre)/spread.

    The logistic curve stands for the normal distribution function, so that 50 is the centre of the reference places
    and about 84 one spread above it. In (0, 100).
    """
    points: Array = POINTS / (1.0 + np.exp(-LOGISTIC * indices.z_score(values, centre, direction * spread)))
    return points


def fields(points: Array, weights: Array, membership: Array) -> Array:
    """Field scores: the weighted mean of the points of the indicators of each field.

    `points` (…, indicators), `weights` (…, indicators) adding up to 1, `membership` (fields, indicators) of zeros and
    ones; the result has fields on its last axis.
    """
    return ((points * weights) @ membership.T) / (weights @ membership.T)


def arithmetic(field_scores: Array, field_weights: Array) -> Array:
    """The weighted arithmetic mean of the fields: Σ W_f F_f. A strong field makes up for a weak one."""
    return indices.arithmetic_mean(field_scores, field_weights)


def geometric(field_scores: Array, field_weights: Array) -> Array:
    """The weighted geometric mean of the fields, exp Σ W_f ln max(F_f, 1): a weak field is made up for only in part.

    Fields are floored at one point of a hundred, because a zero would erase all others.
    """
    return indices.geometric_mean(field_scores, field_weights, floor=POINTS * indices.FLOOR)


def score(values: Array, low: Array, high: Array, direction: Array, weights: Array, membership: Array) -> Array:
    """The meter at its default: goalposts, weighted arithmetic mean. In [0, 100].

    `values` (…, indicators) in the units of `low` and `high`; `direction` ±1; `weights` per indicator, adding up to 1;
    `membership` (fields, indicators). Non-decreasing in an indicator whose direction is +1, non-increasing where it
    is −1. Field scores are weighted by the sum of their indicators' weights, so the meter equals Σ w_i s_i.
    """
    return arithmetic(fields(goalposts(values, low, high, direction), weights, membership), weights @ membership.T)


def contributions(values: Array, low: Array, high: Array, direction: Array, weights: Array) -> Array:
    """What each indicator adds to the default score: w_i s_i. They add up to `score`."""
    return weights * goalposts(values, low, high, direction)
