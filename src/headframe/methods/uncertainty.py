"""Doubt in numbers: random weights, intervals with their own error, ratios, and the chance of passing a threshold.

Randomness comes in as a generator (law 7). Errors of all: HF150 empty, HF151 missing, HF152 negative, HF153 shapes
differ, HF154 nothing to divide by, HF155 too few, HF156 out of range.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from headframe.core.errors import HeadframeError
from headframe.methods.checks import Matrix, complete, positive, shares_of, within

FEWEST_DRAWS = 20


class Interval(NamedTuple):
    """A central value with the bounds that hold `level` of the probability, in the unit of the value."""

    low: float
    middle: float
    high: float
    level: float


def dirichlet_weights(generator: np.random.Generator, weights: ArrayLike, precision: float, draws: int) -> Matrix:
    """Random weight vectors around stated weights: Dirichlet(precision · w). Range 0 to 1, rows (draws) sum 1.

    The mean is `weights` (normalised), the variance of weight i is w_i (1 − w_i) / (precision + 1): a large precision
    trusts the weights, precision = number of weights with equal weights is uniform over all weightings.
    """
    centre = shares_of("weights", positive("weights", weights))
    strength = within("precision", precision, 0.0, math.inf)
    if draws < 1:
        raise HeadframeError.of("HF155", "draws", name="draws", count=draws, least=1)
    return np.asarray(generator.dirichlet(centre * strength, size=draws))


class DrawnInterval(NamedTuple):
    """An interval from random draws with the error that the finite number of draws leaves in each bound."""

    low: float
    middle: float
    high: float
    level: float
    low_error: float
    high_error: float
    draws: int


def quantile_interval(sample: ArrayLike, level: float = 0.9) -> DrawnInterval:
    """Central interval between the quantiles (1 ∓ level)/2 of random draws, middle the median, in the draws' unit.

    `low_error` and `high_error` are half the width of the distribution-free 95 % interval of each quantile: for n
    independent draws the count below the p-quantile is binomial, so that it lies between the order statistics at
    n p ± 1.96 √(n p (1 − p)). Needs 20 draws (HF155).
    """
    draws = np.sort(complete("sample", sample, least=FEWEST_DRAWS))
    tail = (1.0 - within("level", level, 0.0, 1.0)) / 2.0
    low, middle, high = (float(q) for q in np.quantile(draws, [tail, 0.5, 1.0 - tail]))

    def error(p: float) -> float:
        reach = 1.96 * math.sqrt(draws.size * p * (1.0 - p))
        first = max(0, math.floor(draws.size * p - reach) - 1)
        last = min(draws.size - 1, math.ceil(draws.size * p + reach))
        return float(draws[last] - draws[first]) / 2.0

    return DrawnInterval(low, middle, high, level, error(tail), error(1.0 - tail), draws.size)


def _normal_quantile(level: float) -> float:
    from scipy.special import ndtri  # scipy.stats would take seconds to import for this one function

    return float(ndtri((1.0 + within("level", level, 0.0, 1.0)) / 2.0))


def fieller_interval(
    numerator: float,
    denominator: float,
    numerator_error: float,
    denominator_error: float,
    *,
    covariance: float = 0.0,
    level: float = 0.95,
) -> Interval:
    """Interval of a ratio of two uncertain (jointly normal) numbers by Fieller's theorem.

    With z the normal quantile and g = (z σ_b / b)²: bounds are
    [a/b − g c/σ_b² ∓ (z/b) √(σ_a² − 2 (a/b) c + (a/b)² σ_b² − g (σ_a² − c²/σ_b²))] / (1 − g).
    In the unit of numerator over denominator. Where the denominator cannot be told from zero (g ≥ 1) the ratio has no
    finite interval: the bounds are ∓∞.
    Errors: standard errors must not be negative (HF156), the denominator not zero (HF154).
    Source: Fieller 1954, named in the reference article "Fieller's theorem"; the bounds are tested against the
    definition (the roots of (a − θ b)² = z² Var(a − θ b)) and against draws.
    """
    a, b, error_a, error_b = complete(
        "numerator, denominator and errors", [numerator, denominator, numerator_error, denominator_error]
    ).tolist()
    if b == 0:
        raise HeadframeError.of("HF154", "denominator", name="denominator")
    for name, error in (("numerator_error", error_a), ("denominator_error", error_b)):
        if error < 0:
            raise HeadframeError.of("HF156", name, name=name, value=error, low=0, high="∞")
    if abs(covariance) > error_a * error_b:
        bound = error_a * error_b
        raise HeadframeError.of("HF156", "covariance", name="covariance", value=covariance, low=-bound, high=bound)
    z, ratio = _normal_quantile(level), a / b
    # The quadratic (a − θ b)² ≤ z² Var(a − θ b) in θ: its roots are the bounds.
    square = b * b - (z * error_b) ** 2
    middle = a * b - z * z * covariance
    constant = a * a - (z * error_a) ** 2
    if square <= 0:
        return Interval(-math.inf, ratio, math.inf, level)
    reach = math.sqrt(max(0.0, middle * middle - square * constant))
    return Interval((middle - reach) / square, ratio, (middle + reach) / square, level)


def relative_risk_interval(
    cases: int, people: int, reference_cases: int, reference_people: int, *, level: float = 0.95
) -> Interval:
    """Interval of the ratio of two proportions (m/n) / (k/l) by the log method (Katz). No unit, above 0.

    SE(ln R) = √(1/m − 1/n + 1/k − 1/l). Counts must be positive (HF154) and not exceed their totals (HF156).
    Source: Katz, Baptista, Azen and Pike, named in scipy.stats.relative_risk; worked example 8.18 at
    digfir-published.macmillanusa.com/ips9e.
    """
    m, n, k, total = positive("counts", [cases, people, reference_cases, reference_people]).tolist()
    for name, part, whole in (("cases", m, n), ("reference_cases", k, total)):
        if part > whole:
            raise HeadframeError.of("HF156", name, name=name, value=part, low=0, high=whole)
    error = math.sqrt(max(0.0, 1 / m - 1 / n + 1 / k - 1 / total))
    return _log_interval((m / n) / (k / total), error, level)


def ratio_of_ratios_interval(first: float, second: float, errors: ArrayLike, *, level: float = 0.95) -> Interval:
    """Interval of R = first / second, two positive ratios, from independent errors on the log scale. No unit, above 0.

    ln R is taken as normal with variance Σ e², where `errors` are the standard errors of the logarithms (≈ relative
    standard errors) of everything that enters: two for two ratios, four for two ratios of two numbers each.
    Source: worked example in table 4 of an article in Heart (heart.bmj.com, table 156479): ratio of the relative
    risks of women and men in the Adventist study, 1.02 (0.46 to 2.26).
    """
    one, other = positive("ratios", [first, second]).tolist()
    each = complete("errors", errors)
    if np.any(each < 0):
        raise HeadframeError.of("HF152", "errors", name="errors", lowest=float(each.min()))
    return _log_interval(one / other, float(np.linalg.norm(each)), level)


def _log_interval(ratio: float, error: float, level: float) -> Interval:
    reach = math.exp(_normal_quantile(level) * error)
    return Interval(ratio / reach, ratio, ratio * reach, level)


def probability_above(
    threshold: float, centre: float, deviation: float, *, low: float = 0.0, high: float = math.inf
) -> float:
    """P(X > threshold) for X normal around `centre` with standard deviation `deviation`, truncated to low … high.

    `centre` and `deviation` are those of the normal before truncation. deviation 0 gives 0 or 1 (0 at the threshold).
    Range 0 to 1. Errors HF156: negative deviation, centre outside the bounds.
    Source: truncated normal distribution; independent check: scipy.stats.truncnorm.
    """
    if not low < high or not low <= centre <= high:
        raise HeadframeError.of("HF156", "centre", name="centre", value=centre, low=low, high=high)
    spread = within("deviation", deviation, -1e-300, math.inf)
    if spread <= 0:
        return float(centre > threshold)
    if threshold >= high:
        return 0.0
    from scipy.special import ndtr

    def above(x: float) -> float:
        return float(ndtr((centre - x) / spread))

    return (above(max(threshold, low)) - above(high)) / (above(low) - above(high))


def probability_share_above(threshold: float, mean: float, deviation: float) -> float:
    """P(X > threshold) for a share X (0 to 1) with given mean and standard deviation, taken as beta distributed.

    The parameters follow from the moments: κ = mean (1 − mean) / deviation² − 1, α = mean κ, β = (1 − mean) κ; a
    deviation of √(mean (1 − mean)) or more fits no beta distribution (HF156). Range 0 to 1.
    Independent check: scipy.stats.beta.
    """
    centre = within("mean", mean, 0.0, 1.0)
    spread = within("deviation", deviation, 0.0, math.sqrt(centre * (1.0 - centre)))
    if threshold <= 0:
        return 1.0
    if threshold >= 1:
        return 0.0
    from scipy.special import betainc

    strength = centre * (1.0 - centre) / spread**2 - 1.0
    return 1.0 - float(betainc(centre * strength, (1.0 - centre) * strength, threshold))
