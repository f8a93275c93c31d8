"""Building blocks of composite indices: putting indicators on one scale and joining them.

The functions of the first part are written with plain NumPy operations only (no checks, no branch on a value, no shape
that depends on data), so that the engine can trace them with symbolic arrays; bounds and weights come in as data. They
return nan where an input is nan. The functions of the second part look at a sample and produce such bounds; they check
their arguments (HF150, HF151, HF155, HF156) and are not traced.

Source of the family: OECD, Handbook on Constructing Composite Indicators: Methodology and User Guide, 2008, named with
page 30 in the manual of the R package Compind 3.4 (doi 10.32614/CRAN.package.Compind).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headframe.core.errors import HeadframeError
from headframe.methods.checks import complete, within

Floats = NDArray[np.float64]
FLOOR = 0.01  # lowest score that enters a geometric mean: a zero would erase every other field


# --- traced: plain operations only


def min_max(values: Floats, worst: Floats | float, best: Floats | float) -> Floats:
    """(x − worst) / (best − worst): 0 at the worst bound, 1 at the best, beyond them outside 0 to 1. No unit.

    The direction lies in the bounds: for an indicator where less is better, `worst` is the larger number.
    """
    return (values - worst) / (best - worst)


def goalposts(values: Floats, worst: Floats | float, best: Floats | float) -> Floats:
    """As `min_max`, held within 0 to 1: what lies beyond a goalpost counts as standing at it. No unit."""
    return np.minimum(np.maximum(min_max(values, worst, best), 0.0), 1.0)


def z_score(values: Floats, mean: Floats | float, deviation: Floats | float) -> Floats:
    """(x − mean) / standard deviation, in standard deviations. Give a negative deviation where less is better."""
    return (values - mean) / deviation


def arithmetic_mean(scores: Floats, weights: Floats) -> Floats:
    """Σ w s / Σ w over the last axis: a low score in one field can be made up by another. Range of the scores."""
    joined: Floats = np.sum(scores * weights, axis=-1) / np.sum(weights + 0.0 * scores, axis=-1)
    return joined


def geometric_mean(scores: Floats, weights: Floats, floor: float = FLOOR) -> Floats:
    """exp(Σ w ln max(s, floor) / Σ w) over the last axis: a low score in one field weighs on all. Range floor to 1.

    Never above the arithmetic mean of the same (floored) scores.
    """
    return np.exp(arithmetic_mean(np.log(np.maximum(scores, floor)), weights))


def arithmetic_mean_of_known(scores: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Weighted mean over what is known and its coverage (known weight / all weight, 0 to 1), over the last axis.

    Missing scores are nan; the weights of the known ones are scaled up to one. With nothing known the mean is nan and
    the coverage 0: it is for the caller to say how little is enough.
    """
    known = np.isfinite(scores)
    counted = known * weights
    weight = np.sum(counted, axis=-1)
    whole = np.sum(weights + 0.0 * known, axis=-1)
    divisor = np.where(weight > 0.0, weight, np.nan)
    return np.sum(np.where(known, scores, 0.0) * counted, axis=-1) / divisor, weight / whole


def geometric_mean_of_known(scores: Floats, weights: Floats, floor: float = FLOOR) -> tuple[Floats, Floats]:
    """As `arithmetic_mean_of_known`, joined geometrically with a floor."""
    mean, coverage = arithmetic_mean_of_known(np.log(np.maximum(scores, floor)), weights)
    return np.exp(mean), coverage


# --- from a sample


class Bounds(NamedTuple):
    """Worst and best value of an indicator, in its own unit; `best` may be the smaller number."""

    worst: float
    best: float


class Location(NamedTuple):
    """Mean and standard deviation of an indicator, in its own unit; the deviation is negative where less is better."""

    mean: float
    deviation: float


def sample_bounds(sample: ArrayLike, *, more_is_better: bool = True, trim: float = 0.0) -> Bounds:
    """Bounds from the quantiles `trim` and 1 − `trim` of a sample (missing values left out); trim 0 = extremes.

    Errors: HF150 nothing known, HF155 fewer than two known, HF154 no spread, HF156 trim outside 0 to 0.5.
    """
    known = _known(sample)
    share = within("trim", trim, -1e-12, 0.5)
    low, high = (float(q) for q in np.quantile(known, [max(share, 0.0), 1.0 - max(share, 0.0)]))
    if low == high:
        raise HeadframeError.of("HF154", "sample", name="best − worst")
    return Bounds(low, high) if more_is_better else Bounds(high, low)


def sample_location(sample: ArrayLike, *, more_is_better: bool = True) -> Location:
    """Mean and sample standard deviation (n − 1) of the known values. Errors as `sample_bounds`."""
    known = _known(sample)
    deviation = float(np.std(known, ddof=1))
    if deviation == 0:
        raise HeadframeError.of("HF154", "sample", name="standard deviation")
    return Location(float(np.mean(known)), deviation if more_is_better else -deviation)


def rank_scores(values: ArrayLike, *, more_is_better: bool = True) -> Floats:
    """Scores by rank among the known values: (rank − 1)/(n − 1), 0 worst to 1 best, ties share the mean rank.

    Missing values stay nan. Blind to distances, robust to outliers. Needs two known values (HF155).
    """
    array = np.asarray(values, dtype=np.float64)
    known = _known(array)
    ordered = np.sort(known)
    first = np.searchsorted(ordered, array, side="left")
    last = np.searchsorted(ordered, array, side="right")
    scores = ((first + last - 1) / 2.0) / (known.size - 1)
    scores = scores if more_is_better else 1.0 - scores
    return np.where(np.isfinite(array), scores, np.nan)


def _known(sample: ArrayLike) -> Floats:
    array = np.asarray(sample, dtype=np.float64).ravel()
    return complete("sample", array[np.isfinite(array)], least=2)
