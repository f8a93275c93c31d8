"""Growth over years, and what investment yields.

Time is in years (law 2), amounts of both ends in one unit and, for money, at one price basis. Errors: HF151 missing,
HF152 negative, HF154 nothing to divide by, HF156 out of range.
"""

from __future__ import annotations

import math

from headframe.core.errors import HeadframeError
from headframe.methods.checks import amounts, complete, positive, within
from headframe.methods.uncertainty import Interval, fieller_interval


def log_growth(start: float, end: float, years: float) -> float:
    """Continuous growth rate ln(end / start) / years, per year. Any sign; both amounts must be positive (HF154).

    Rates of consecutive spans add up when weighted by their years.
    """
    first, last = positive("start and end", [start, end]).tolist()
    return math.log(last / first) / within("years", years, 0.0, math.inf)


def compound_annual_growth(start: float, end: float, years: float) -> float:
    """Compound annual growth rate (end / start)^(1 / years) − 1, per year, as a share (0.05 = 5 %). Range above −1."""
    return math.expm1(log_growth(start, end, years))


def capital_output_ratio(investment: float, start: float, end: float) -> float:
    """Marginal capital–output ratio: investment over the span / (end − start), no unit.

    How much investment went with one unit more of yearly output. Negative where output fell: then investment went
    with loss and the size has no meaning. HF154 if output did not change.
    """
    invested, first, last = amounts("investment, start and end", [investment, start, end]).tolist()
    if last == first:
        raise HeadframeError.of("HF154", "end − start", name="end − start")
    return float(invested / (last - first))


def investment_effect(investment: float, start: float, end: float) -> float:
    """Investment-effect coefficient: (end − start) / investment, no unit; the inverse of the capital–output ratio.

    More output a year per unit invested over the span, of any sign. HF154 without investment.
    """
    invested, first, last = amounts("investment, start and end", [investment, start, end]).tolist()
    if invested == 0:
        raise HeadframeError.of("HF154", "investment", name="investment")
    return float((last - first) / invested)


def investment_effect_interval(
    investment: float,
    start: float,
    end: float,
    *,
    investment_error: float,
    start_error: float,
    end_error: float,
    level: float = 0.95,
) -> Interval:
    """Investment-effect coefficient with the interval that relative standard errors of its three numbers leave.

    No unit. The errors (0.05 = 5 %) are independent; the change of output has the variance (e₁ end)² + (e₀ start)²,
    and the ratio follows Fieller's theorem (`fieller_interval`). The bounds are ∓∞ where the investment cannot be told
    from zero.
    """
    invested, first, last = amounts("investment, start and end", [investment, start, end]).tolist()
    errors = complete("errors", [investment_error, start_error, end_error]).tolist()
    if min(errors) < 0:
        raise HeadframeError.of("HF156", "errors", name="errors", value=min(errors), low=0, high="∞")
    change_error = math.hypot(errors[2] * last, errors[1] * first)
    return fieller_interval(last - first, invested, change_error, errors[0] * invested, level=level)
