"""Finance (M7): dependence of revenue on the resource, profit outflow, what investment yields, debt of state firms."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from headframe.core.results import Figure, Message
from headframe.measure import spans
from headframe.measure.known import year_of
from headframe.measure.plain import Scene, missing_evidence, of_series
from headframe.measure.results import Measure, Need
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
NOMINAL, REAL = "investment_effect_coefficient", "investment_effect_real"
SPAN = re.compile(r"^(\d{4})\s*[–-]\s*(\d{4})$")


def measures(scene: Scene) -> list[Measure]:
    """All measures of finance."""
    found = [*listed(scene, "M7", ALWAYS, WHEN_KNOWN), investment_effect(scene), *investment_effect_real(scene)]
    return found + rest(scene, "finance", "M7", found)


def investment_effect(scene: Scene) -> Measure:
    """The investment-effect coefficient at current prices, (GDP_end − GDP_before the start) / Σ I, any sign, no unit.

    Of every period with fixed-asset investment, one year or several together, whose product at the end and in the year
    before the start is known. This is how the lines are drawn that it is held against; it contains the change of
    prices. The coefficient at constant prices stands beside it (`investment_effect_real`).
    """
    here = scene.here
    series = [figure for figure in here.series(NOMINAL) if figure.known]
    for investment in here.series("fixed_asset_investment"):
        period = years_of(investment)
        if period is not None:
            start, end = period
            figure = nominal_coefficient(here.at("gdp", end), here.at("gdp", start - 1), investment)
            if figure.known:
                series.append(figure)
    series.sort(key=lambda figure: (years_of(figure) or (0, 0))[::-1])
    needs = [] if series else _needs(scene)
    notes = [_priced("measure.note.nominal-increase", series[-1])] if series and series[-1].steps else []
    formula = Message(id="formula.investment-effect")
    return of_series(scene, NOMINAL, "M7", series, formula=formula, notes=notes, needs=needs)


def investment_effect_real(scene: Scene) -> list[Measure]:
    """The coefficient at constant prices, GDP · g/(1 + g) / I, of every year whose real growth g is known.

    The increase is valued at the year's own prices. No measure where it cannot be computed.
    """
    here = scene.here
    series = [figure for figure in here.series(REAL) if figure.known]
    for year in here.years("fixed_asset_investment"):
        figure = real_coefficient(
            here.at("gdp", year), here.at("gdp_growth_real", year), here.at("fixed_asset_investment", year)
        )
        if figure.known:
            series.append(figure)
    if not series:
        return []
    series.sort(key=lambda figure: year_of(figure) or 0)
    notes = [_priced("measure.note.real-increase", series[-1])] if series[-1].steps else []
    formula = Message(id="formula.investment-effect-real")
    return [of_series(scene, REAL, "M7", series, formula=formula, notes=notes)]


def years_of(figure: Figure) -> tuple[int, int] | None:
    """The first and last calendar year of a figure's period, one year or a span of years; None for anything else."""
    year = year_of(figure)
    if year is not None:
        return year, year
    match = SPAN.match(figure.period)
    return (int(match[1]), int(match[2])) if match else None


def _priced(note: str, figure: Figure) -> Message:
    return Message(id=note, values={"period": figure.period})


def _needs(scene: Scene) -> list[Need]:
    """What the coefficient at current prices lacks: investment, or the product around a year that has it."""
    here = scene.here
    invested = here.years("fixed_asset_investment")
    if not invested:
        year = here.years("gdp")[-1:]
        return [missing_evidence(scene, "fixed_asset_investment", period=str(year[0]) if year else "")]
    wanted = [year for year in (invested[-1] - 1, invested[-1]) if not here.at("gdp", year).known]
    return [missing_evidence(scene, "gdp", period=str(year)) for year in wanted]


def nominal_coefficient(product: Figure, before: Figure, investment: Figure) -> Figure:
    """(product − before) / investment at current prices; see `_coefficient` for its interval.

    Not known where one of the three is not, or where one is not at current prices.
    """
    parts = (product, before, investment)
    increase = spans.Span()
    if all(part.known and part.price_basis == "nominal" for part in parts):
        increase = spans.difference(spans.span(product), spans.span(before))
    return _coefficient(increase, product, investment, parts, NOMINAL, Message(id="step.nominal-increase"))


def real_coefficient(product: Figure, growth: Figure, investment: Figure) -> Figure:
    """Product · g/(1 + g) / investment for real growth g (per cent); see `_coefficient` for its interval.

    Not known where one of the three is not, or where product and investment differ in price basis.
    """
    increase = spans.Span()
    if product.known and growth.known and investment.known and product.price_basis == investment.price_basis:
        increase = _real_increase(spans.span(product), spans.span(growth))
    step = Message(id="step.real-increase", values={"growth": growth})
    return _coefficient(increase, product, investment, (product, growth, investment), REAL, step)


def _coefficient(
    increase: spans.Span, product: Figure, investment: Figure, parts: Sequence[Figure], indicator: str, step: Message
) -> Figure:
    """Increase / investment. The interval is the wider of two: outer bounds of what the sources leave open, and the 90
    per cent interval (Fieller) for the relative standard errors of the cards `product_relative_error` and
    `investment_relative_error`; the latter is named by the step `step.fieller`, because it is no outer bound.
    """
    bare = spans.quotient(increase, spans.span(investment)) if investment.known else spans.Span()
    wider = _with_errors(bare, increase, product, investment)
    figure = spans.derived(wider, parts, indicator=indicator, unit="1", step=step, period=investment.period)
    if wider == bare:
        return figure
    errors = {name: 100.0 * spans.assumption(f"{name}_relative_error") for name in ("product", "investment")}
    fieller = Message(id="step.fieller", values={**errors})
    return figure.model_copy(update={"steps": (*figure.steps, fieller)})


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
