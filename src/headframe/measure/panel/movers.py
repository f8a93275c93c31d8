"""Movers: which places' scores have really changed between two years, and which changes are the usual scatter.

The draws of the meter say what weights, normalisation and missing figures do to a change; they take printed figures as
exact. What printed figures themselves scatter is estimated from the panel. With three scored years or more, a score is
held against the straight line between its neighbours in time,

    r = s_t − ((t₂ − t) s₁ + (t − t₁) s₂)/(t₂ − t₁),   Var r = σ² (1 + w² + (1 − w)²),

which is all scatter where places move steadily; σ is 1.4826 × the median absolute deviation over all places, so that a
few places that do turn hardly count. With two years only, the changes themselves take the place of r √2: a mover then
is a place that stands out from the others. A change is told with its chance of having the sign that it shows, over
draws and scatter together. It counts as found when two things hold: its median is beyond the scatter by Benjamini and
Hochberg's rule (Journal of the Royal Statistical Society B 57, 1995), which holds the expected share of false ones
among those found at `FALSE_SHARE`; and its sign does not hang on the weights, that is, the interval of the draws alone
leaves out nought.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from headframe.core.seeds import generator
from headframe.measure.score import Array

FALSE_SHARE = 0.10
FEWEST = 20  # residuals below which no scatter is estimated
TO_DEVIATION = 1.4826022185056018  # 1/Φ⁻¹(3/4): the median absolute deviation of a normal variable is σ over this
SMALLEST = 1e-6  # of a point: scores do not repeat to the last digit


@dataclass(frozen=True)
class Scatter:
    """The standard deviation of a score around its own course, in points; from three years each, or from two."""

    deviation: float
    residuals: int
    by: str  # "courses", "changes" or "unknown"


@dataclass(frozen=True)
class Moves:
    """The change of every place between two years: middle and bounds, chance of its sign (0 to 1), whether found."""

    low: Array
    middle: Array
    high: Array
    chance: Array
    found: NDArray[np.bool_]


def scatter(middles: Array, years: tuple[int, ...]) -> Scatter:
    """The scatter of scores (places × years, NaN for none) around straight courses; see the module for the rule."""
    found: list[Array] = []
    for before, at, after in zip(range(len(years)), range(1, len(years)), range(2, len(years)), strict=False):
        share = (years[after] - years[at]) / (years[after] - years[before])
        line = share * middles[:, before] + (1.0 - share) * middles[:, after]
        size = np.sqrt(1.0 + share**2 + (1.0 - share) ** 2)
        found.append(_centred((middles[:, at] - line) / size))
    courses = np.concatenate(found) if found else np.zeros(0)
    if courses.size >= FEWEST:
        return Scatter(_deviation(courses), courses.size, "courses")
    pairs = [_centred(middles[:, after] - middles[:, before]) for before, after in pairwise(range(len(years)))]
    changes = np.concatenate(pairs) / np.sqrt(2.0) if pairs else np.zeros(0)
    if changes.size >= FEWEST:
        return Scatter(_deviation(changes), changes.size, "changes")
    return Scatter(0.0, 0, "unknown")


def _centred(residuals: Array) -> Array:
    """Residuals less their median: what moved every place alike is no scatter."""
    known = residuals[np.isfinite(residuals)]
    return np.asarray(known - np.median(known)) if known.size else known


def _deviation(residuals: Array) -> float:
    return TO_DEVIATION * float(np.median(np.abs(residuals)))


def moves(changes: Array, spread: Scatter, seed: int, level: float) -> Moves:
    """What changes (places × draws, NaN for none) amount to, given the scatter of single scores.

    Interval: quantiles of change + √2 σ ε. Chance: the mean over draws of Φ(change/(√2 σ)), of the sign it favours.
    Found: p = 2 Φ(−|median|/(√2 σ)) passes `discoveries`, and the interval of the draws alone leaves out nought.
    Nothing is found where the scatter is unknown.
    """
    tail = (1.0 - level) / 2.0
    deviation = max(np.sqrt(2.0) * spread.deviation, SMALLEST)
    noise = generator(seed, "meter", "panel", "scatter").standard_normal(changes.shape[1]) * deviation
    some = np.isfinite(changes).all(axis=1)
    low, middle, high, up = (np.full(len(changes), np.nan) for _ in range(4))
    firm = np.zeros_like(some)
    if some.any():
        first, last = np.quantile(changes[some], [tail, 1.0 - tail], axis=1)
        firm[some] = (first > 0) | (last < 0)
        low[some], high[some] = np.quantile(changes[some] + noise, [tail, 1.0 - tail], axis=1)
        middle[some] = np.median(changes[some], axis=1)
        up[some] = ndtr(changes[some] / deviation).mean(axis=1)
    chance = np.maximum(up, 1.0 - up)
    judged = np.asarray(some & (spread.by != "unknown"))
    beyond = discoveries(2.0 * ndtr(-np.abs(middle) / deviation), judged)
    return Moves(low, middle, high, chance, beyond & firm)


def discoveries(p_values: Array, judged: NDArray[np.bool_], share: float = FALSE_SHARE) -> NDArray[np.bool_]:
    """Which of the p-values judged pass Benjamini and Hochberg's rule at this share of false discoveries."""
    at = np.flatnonzero(judged)
    order = at[np.argsort(p_values[at], kind="stable")]
    passing = p_values[order] <= share * np.arange(1, len(order) + 1) / max(len(order), 1)
    found = np.zeros(len(p_values), bool)
    if passing.any():
        found[order[: int(np.flatnonzero(passing)[-1]) + 1]] = True
    return found
