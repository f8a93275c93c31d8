"""How much figures vary by themselves: the yardstick that every chance in this room is measured with.

Two yardsticks. `density` bounds from above how likely it is that the next figure of a series falls on any one point,
given those before it; a straight run is improbable in so far as that bound is small. `Tail` describes how far figures
jump: Student's t with the scale of the series and a shape that its column shares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from headframe.audit.grid import Floats

SHARE = 0.6  # of the second differences beyond rounding lie below the quantile that gives the density near zero
FEWEST = 5  # second differences beyond rounding, for a series to speak for itself
PRIOR = 10.0  # second differences that the column counts for beside those of a series
FEW_SERIES = 5  # series, for a column to speak
LOWEST = 0.1  # quantile of the column's scales that stands for a series with no variation of its own
LAGS = 5
SAFETY = 1.2
# The most that conditioning can narrow a second difference: independent noise around a known line (variance 6).
WIDEST = float(np.sqrt(6.0))


def density(x: Floats, grain: Floats, level: Floats) -> Floats:
    """An upper bound for the density of a series' next figure given its past, one number per series.

    `x` (series, year) in calendar years, `grain` the rounding step of each figure and `level` what the variation is in
    proportion to, both in the units of `x`. With dₜ = |xₜ₋₁ − 2xₜ + xₜ₊₁| / levelₜ and rounding cₜ = 2·grainₜ/levelₜ:
    the density of second differences at zero is SHARE / (2 b), b being the quantile SHARE of d − c among those with
    d > c, so that points on a straight line do not count. b is pulled towards the column's median where a series is
    short. A next figure given its past varies less than a second difference; by how much is taken from the column's
    own autocorrelation (`_narrowing`). Infinite where too little is known: then nothing is improbable.
    """
    d, c = _second_differences(x, grain, level)
    beyond = d > c * (1.0 + 1e-4)
    number = beyond.sum(axis=1)
    excess = np.where(beyond, d - c, np.nan)
    own = quantile(excess, SHARE)
    rounding = quantile(np.where(np.isfinite(d), c, np.nan), 0.5)
    speaks = (number >= FEWEST) & (own >= 0.5 * rounding)
    firm = speaks & (number >= FEWEST + 3) & (own > 2.0 * rounding)
    scale = np.full(len(x), np.nan)
    if firm.sum() >= FEW_SERIES:
        logs = np.log(own[firm])
        middle, low = float(np.median(logs)), float(np.quantile(logs, LOWEST))
        weight = number / (number + PRIOR)
        with np.errstate(invalid="ignore", divide="ignore"):
            scale[speaks] = np.exp(weight * np.log(own) + (1.0 - weight) * middle)[speaks]
        # A series without variation of its own is held against the calmest of its column, if rounding is finer.
        silent = (number < FEWEST) & (np.exp(low) > 4.0 * rounding)
        scale[silent] = np.exp(low)
    else:
        scale[speaks] = own[speaks]
    known = np.isfinite(scale) & (scale > 0)
    factor = _narrowing(x[known], level[known], beyond[known], scale[known]) if known.any() else WIDEST
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(known, factor * SHARE / (2.0 * scale), np.inf)


def _second_differences(x: Floats, grain: Floats, level: Floats) -> tuple[Floats, Floats]:
    """|second difference| and twice the rounding step, both in units of the level; NaN where a year is missing."""
    with np.errstate(invalid="ignore", divide="ignore"):
        around = (level[:, :-2] + level[:, 1:-1] + level[:, 2:]) / 3.0
        d = np.abs(x[:, :-2] - 2.0 * x[:, 1:-1] + x[:, 2:]) / around
        coarse = np.fmax(np.fmax(grain[:, :-2], grain[:, 1:-1]), grain[:, 2:])
        return d, 2.0 * coarse / around


def quantile(values: Floats, share: float) -> Floats:
    """A quantile along the second axis that leaves out NaN; NaN for an empty row."""
    number = np.isfinite(values).sum(axis=1)
    ordered = np.sort(np.where(np.isfinite(values), values, np.inf), axis=1)
    if not ordered.shape[1]:
        return np.full(len(values), np.nan)
    position = share * np.maximum(number - 1, 0)
    below = np.floor(position).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(number - 1, 0))
    low = np.take_along_axis(ordered, below[:, None], 1)[:, 0]
    high = np.take_along_axis(ordered, above[:, None], 1)[:, 0]
    with np.errstate(invalid="ignore"):
        found = low + (position - below) * (high - low)
    return np.where(number > 0, found, np.nan)


def _narrowing(
    x: Floats, level: Floats, beyond: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], scale: Floats
) -> float:
    """By how much the past narrows the next second difference: √(variance / innovation variance), at most √6.

    The innovation variance comes from the pooled autocorrelations of standardised second differences up to lag 5 by
    the Durbin–Levinson recursion; a column with fewer than 150 of them gets √6. A safety factor of 1.2 is added.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        around = (level[:, :-2] + level[:, 1:-1] + level[:, 2:]) / 3.0
        d = (x[:, :-2] - 2.0 * x[:, 1:-1] + x[:, 2:]) / around / scale[:, None]
    d = np.where(beyond, np.clip(d, -8.0, 8.0), np.nan)
    if np.isfinite(d).sum() <= 150:
        return WIDEST
    variance = float(np.nanmean(d * d))
    correlations = [1.0]
    for lag in range(1, min(LAGS, d.shape[1] - 1) + 1):
        pairs = d[:, lag:] * d[:, :-lag]
        if np.isfinite(pairs).sum() < 100:
            break
        correlations.append(float(np.nanmean(pairs)) / variance)
    return float(min(WIDEST, max(1.0, SAFETY / np.sqrt(innovation_share(correlations)))))


def innovation_share(correlations: list[float]) -> float:
    """Innovation variance / variance of a stationary series with these autocorrelations (lag 0 first, = 1).

    Durbin–Levinson: Π (1 − φₖₖ²) over the partial autocorrelations φₖₖ, which are kept within ±0.95.
    """
    coefficients = np.zeros(0)
    share = 1.0
    for lag in range(1, len(correlations)):
        past = sum(float(coefficients[k]) * correlations[lag - 1 - k] for k in range(len(coefficients)))
        partial = float(np.clip((correlations[lag] - past) / share, -0.95, 0.95))
        coefficients = np.append(coefficients - partial * coefficients[::-1], partial)
        share *= 1.0 - partial * partial
    return share


@dataclass(frozen=True)
class Tail:
    """How far the figures of a column jump from one year to the next: t with `shape` degrees of freedom and a scale
    per series (infinite where too little is known).
    """

    scale: Floats
    shape: float

    def log_density(self, jumps: Floats, scale: Floats) -> Floats:
        """The ln of Student's density of jumps, in units of one over the scale."""
        z = jumps / scale
        constant = special.gammaln((self.shape + 1) / 2) - special.gammaln(self.shape / 2)
        constant -= 0.5 * np.log(self.shape * np.pi)
        return np.asarray(constant - 0.5 * (self.shape + 1) * np.log1p(z * z / self.shape) - np.log(scale))

    def beyond(self, jumps: Floats, scale: Floats) -> Floats:
        """The chance of a jump at least as large, in either direction."""
        return np.asarray(2.0 * special.stdtr(self.shape, -np.abs(jumps / scale)))


HEAVIEST, LIGHTEST = 2.0, 30.0
INNER, OUTER = 0.5, 0.975


def tail_of(jumps: Floats, outer: float = OUTER) -> Tail:
    """The tail of a column's jumps (series, year), NaN where unknown.

    The scale of a series is its median |jump| over the median of |t|, pulled towards the column's median (weight of
    `PRIOR` jumps). The shape is the one whose ratio of the quantiles `outer` and 0.5 of |t| is that of the pooled
    standardised jumps, between 2 and 30: quantiles, so that a few slips do not make their own kind look ordinary.
    """
    size = np.abs(jumps)
    number = np.isfinite(size).sum(axis=1)
    own = quantile(size, INNER)
    speaks = (number >= FEWEST) & (own > 0)
    scale = np.full(len(jumps), np.inf)
    if speaks.any():
        logs = np.where(speaks, np.log(np.where(speaks, own, 1.0)), np.nan)
        middle = float(np.nanmedian(logs))
        weight = np.where(speaks, number / (number + PRIOR), 0.0)
        if speaks.sum() < FEW_SERIES:
            weight = np.where(speaks, 1.0, 0.0)
        pulled = weight * np.where(speaks, logs, 0.0) + (1.0 - weight) * middle
        usable = speaks | ((number > 0) & (speaks.sum() >= FEW_SERIES))
        scale = np.where(usable, np.exp(pulled), np.inf)
    shape = _shape(size / scale[:, None], outer)
    median = float(special.stdtrit(shape, 0.5 + INNER / 2))
    return Tail(scale / median, shape)


def _shape(sizes: Floats, outer: float) -> float:
    """The degrees of freedom whose outer-to-middle quantile ratio of |t| is that of these sizes."""
    known = sizes[np.isfinite(sizes) & (sizes > 0)]
    if len(known) < 40:
        return 3.0
    ratio = float(np.quantile(known, outer) / np.quantile(known, INNER))
    shapes = np.geomspace(HEAVIEST, LIGHTEST, 60)
    ratios = special.stdtrit(shapes, 0.5 + outer / 2) / special.stdtrit(shapes, 0.5 + INNER / 2)
    return float(np.interp(-ratio, -ratios, shapes))
