"""Finance (M7): dependence of revenue on the resource, profit outflow, what investment yields, debt of state firms."""

from __future__ import annotations

import math

from headframe.core.results import Figure, Message
from headframe.measure import spans
from headframe.measure.known import year_of
from headframe.measure.plain import Scene, missing_evidence, of_series
from headframe.measure.results import Measure
from headframe.measure.subjects import listed, rest
from headframe.methods.growth import investment_effect_interval

ALWAYS = (
    *("resource_share_of_revenue", "profit_outflow_share", "general_budget_revenue", "general_budget_expenditure"),
    *("fiscal_self_sufficiency", "large_new_projects", "state_firm_debt_to_equity", "government_debt"),
)
WHEN_KNOWN = (
    *("fixed_asset_investment", "investment_to_gdp", "industrial_investment", "budget_revenue_to_gdp"),
    *("loan_to_deposit_ratio", "loans_to_gdp", "deposits_to_gdp", "retail_sales_per_head"),
    *("foreign_direct_investment", "transfers_received"),
)


def measures(scene: Scene) -> list[Measure]:
    """All measures of finance."""
    found = [*listed(scene, "M7", ALWAYS, WHEN_KNOWN), investment_effect(scene)]
    return found + rest(scene, "finance", "M7", found)


def investment_effect(scene: Scene) -> Measure:
    """The investment-effect coefficient ΔGDP / I of every year for which it can be computed (no unit).

    Real where real growth g is known: ΔGDP = GDP · g / (1 + g), the increase valued at the year's own prices. Without g
    the nominal increase GDP_t − GDP_{t−1} is used and the figure is marked as of low reliability, because it contains
    the change of prices. I is fixed-asset investment of the same year. Any sign.
    """
    here = scene.here
    series = [figure for figure in here.series("investment_effect_coefficient") if figure.known]
    for year in here.years("fixed_asset_investment"):
        figure = coefficient(
            here.at("gdp", year),
            here.at("gdp_growth_real", year),
            here.at("gdp", year - 1),
            here.at("fixed_asset_investment", year),
        )
        if figure.known:
            series.append(figure)
    wanted = ("fixed_asset_investment", "gdp", "gdp_growth_real")
    needs = [missing_evidence(scene, item) for item in wanted if not here.years(item)] if not series else []
    if not series and not needs:
        needs = [missing_evidence(scene, "fixed_asset_investment", period=str(year)) for year in here.years("gdp")[-1:]]
    series.sort(key=lambda figure: year_of(figure) or 0)
    formula = Message(id="formula.investment-effect")
    return of_series(scene, "investment_effect_coefficient", "M7", series, formula=formula, needs=needs)


def coefficient(product: Figure, growth: Figure, before: Figure, investment: Figure) -> Figure:
    """ΔGDP / I from one year's product, its real growth (per cent), the product of the year before, and investment.

    The interval is the wider of two: outer bounds of what the sources leave open, and the 90 per cent interval
    (Fieller) for the relative standard errors of the cards `product_relative_error` and `investment_relative_error`.
    Not known where neither growth nor the earlier product is, or where price bases differ.
    """
    parts = [product, investment]
    increase = spans.Span()
    real = growth.known and product.known
    if real:
        parts.insert(1, growth)
        increase = _real_increase(spans.span(product), spans.span(growth))
    elif product.known and before.known and product.price_basis == before.price_basis:
        parts.insert(1, before)
        increase = spans.difference(spans.span(product), spans.span(before))
    if product.price_basis != investment.price_basis:
        increase = spans.Span()
    result = spans.quotient(increase, spans.span(investment)) if investment.known else spans.Span()
    result = _with_errors(result, increase, product, investment)
    step = Message(id="step.real-increase") if real else Message(id="step.nominal-increase")
    figure = spans.derived(result, parts, indicator="investment_effect_coefficient", unit="1", step=step)
    return figure if real or not figure.known else figure.model_copy(update={"status": "U"})


def _with_errors(result: spans.Span, increase: spans.Span, product: Figure, investment: Figure) -> spans.Span:
    """The span widened by the standard errors of the cards; open where investment cannot be told from zero."""
    if result.value is None or increase.value is None or product.value is None or investment.value is None:
        return result
    error = spans.assumption("product_relative_error")
    interval = investment_effect_interval(
        investment.value,
        product.value - increase.value,
        product.value,
        investment_error=spans.assumption("investment_relative_error"),
        start_error=error,
        end_error=error,
        level=0.9,
    )
    low = min(interval.low, result.low) if result.low is not None else -math.inf
    high = max(interval.high, result.high) if result.high is not None else math.inf
    bounds = (bound if math.isfinite(bound) else None for bound in (low, high))
    return spans.Span(result.value, *bounds)


def _real_increase(product: spans.Span, growth: spans.Span) -> spans.Span:
    """GDP · g / (1 + g): rising in product where g > 0, rising in g; bounds over the corners."""

    def at(amount: float | None, rate: float | None) -> float | None:
        return None if amount is None or rate is None else amount * (rate / 100) / (1 + rate / 100)

    corners = [at(a, g) for a in (product.low, product.high) for g in (growth.low, growth.high)]
    known = [corner for corner in corners if corner is not None]
    closed = len(known) == len(corners)
    return spans.Span(at(product.value, growth.value), min(known) if closed else None, max(known) if closed else None)
