"""Figures that only a diagnosis needs: years without support, the weight of the anchor, yield of investment, ratios."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from headframe.catalog.load import catalog
from headframe.core.results import Figure, Message
from headframe.diagnose.events import day, events_of, years_between
from headframe.diagnose.parts import DatedEvent
from headframe.diagnose.severity import Bounds
from headframe.evidence.reconcile import UNUSABLE
from headframe.measure import spans
from headframe.measure.known import Known
from headframe.measure.plain import parse_dims
from headframe.methods.growth import investment_effect_interval

SIGNS = ("closure", "bankruptcy", "designation")
SUPPORT = ("law",)
CITIES = frozenset({"prefecture_city", "county_city", "county", "district", "city"})
ABOUT = 2  # years on either side of a date that a source gives as about
LONGEST = 5  # years: the line for the yield of investment was drawn from spans of four and five
OWN_DEFINITION = frozenset({"investment_effect_coefficient"})  # worked out as its line was, whatever is reported


@dataclass(frozen=True)
class Derived:
    """A figure worked out from others or from dated events; `others` are figures that define the same differently."""

    figure: Figure
    events: tuple[DatedEvent, ...] = ()
    bounds: Bounds = "hard"
    others: tuple[Figure, ...] = ()


def policy_lag(place: Known, nation: Known | None) -> Derived | None:
    """Years from the first dated sign of exhaustion at a place to the first law of support for such places.

    The sign is the first closure, bankruptcy or designation among the place's events; the law the first event of kind
    `law` of the nation or of the place. Formula: law − sign in years; the interval runs over the dates that the sign
    may have, two years wider on either side where its source says about. None where either is not dated, where the
    sign on record comes after the law (earlier ones may merely be missing), and for places that are no city.
    """
    if place.place.level not in CITIES:
        return None
    signs = [event for event in events_of(place.city, SIGNS) if day(event.date)]
    laws = [event for one in (place, nation) if one is not None for event in events_of(one.city, SUPPORT)]
    laws = sorted((event for event in laws if day(event.date)), key=lambda event: event.date)
    if not signs or not laws:
        return None
    first, last, law = day(signs[0].date), day(signs[0].until) or day(signs[0].date), day(laws[0].date)
    if first is None or last is None or law is None:
        return None
    if signs[0].qualifier == "~":
        first, last = first - timedelta(days=ABOUT * 365), last + timedelta(days=ABOUT * 365)
    if first > law:
        return None
    low, high = max(0.0, years_between(last, law)), years_between(first, law)
    year = str(first.year) if first.year == last.year else f"{first.year}/{last.year}"
    figure = Figure(
        value=(low + high) / 2,
        low=low if low != high else None,
        high=high if low != high else None,
        unit="year",
        period=f"{year}–{law.year}",
        status="E",
        method="derived",
        indicator="policy_lag",
        place=place.place.id,
        steps=(Message(id="diagnose.step.policy-lag", values={"first": year, "law": law.year}),),
    )
    return Derived(figure, (signs[0], laws[0]))


def anchor_share(place: Known, _nation: Known | None) -> Derived | None:
    """The largest share of employment that any one industry or firm is reported to have at a place."""
    return _largest(place, "industry_share_of_employment", "anchor_share", "diagnose.step.anchor-share")


def _largest(place: Known, reported: str, indicator: str, text: str) -> Derived | None:
    shares = [place.newest(reported, parse_dims(dims)) for dims in place.dims_of(reported)]
    known = [share for share in shares if share.value is not None]
    if not known:
        return None
    largest = max(known, key=lambda share: share.value or 0.0)
    step = Message(id=text, values={"figure": largest})
    return Derived(largest.model_copy(update={"indicator": indicator, "method": "derived", "steps": (step,)}))


def investment_effect(place: Known, _nation: Known | None) -> Derived | None:
    """The investment-effect coefficient as its line was drawn: (GDP_t − GDP_{t−k}) / Σ investment, all as reported.

    No unit. Over the longest span of one to five years that ends with the newest year of investment, every year of it
    known, all at current prices. The bounds are a 90 per cent interval (Fieller) for the relative errors of the cards.
    None without two years of product and the investment between them.
    """
    for last in sorted(place.years("fixed_asset_investment"), reverse=True):
        for years in range(LONGEST, 0, -1):
            found = _effect(place, last - years, last)
            if found is not None:
                return found
    return None


def _effect(place: Known, first: int, last: int) -> Derived | None:
    invested = [place.at("fixed_asset_investment", year) for year in range(first + 1, last + 1)]
    start, end = place.at("gdp", first), place.at("gdp", last)
    parts = (end, start, *invested)
    if any(part.value is None or part.price_basis != "nominal" or part.status in UNUSABLE for part in parts):
        return None
    total = sum(part.value or 0.0 for part in invested)
    increase = (end.value or 0.0) - (start.value or 0.0)
    if total <= 0:
        return None
    error = spans.assumption("product_relative_error")
    interval = investment_effect_interval(
        total,
        start.value or 0.0,
        end.value or 0.0,
        investment_error=spans.assumption("investment_relative_error"),
        start_error=error,
        end_error=error,
        level=0.9,
    )
    bounds = [bound if math.isfinite(bound) else None for bound in (interval.low, interval.high)]
    values = {"start": start, "end": end, "first": str(first), "last": str(last)}
    step = Message(id="diagnose.step.investment-effect", values={**values})
    figure = spans.derived(
        spans.Span(increase / total, *bounds),
        parts,
        indicator="investment_effect_coefficient",
        unit="1",
        step=step,
        period=str(last) if last - first == 1 else f"{first + 1}–{last}",
    )
    return Derived(figure.model_copy(update={"concept": ""}), bounds="ninety")


def change_since_peak(place: Known, _nation: Known | None) -> Derived | None:
    """A bound on the change of population since its peak: at most the reported change over any span that it fell in.

    The peak is at least as high as the start of the span, so the change since the peak is that large a fall or larger.
    None where no fall is reported.
    """
    falls = [figure for figure in place.series("population_change") if (figure.value or 0.0) < 0.0]
    if not falls:
        return None
    deepest = min(falls, key=lambda figure: figure.value or 0.0)
    step = Message(id="diagnose.step.since-peak", values={"figure": deepest})
    update = {"indicator": "population_change_since_peak", "qualifier": "<=", "method": "derived", "steps": (step,)}
    return Derived(deepest.model_copy(update=update))


def mixed_ratio(place: Known, indicator: str) -> Derived | None:
    """The ratio that the catalogue defines for an indicator, from the newest figure of each part, whatever their
    dates; the step says so. None where a part is not known.
    """
    entry = catalog().indicators[indicator]
    if entry.adds_up_to is None or entry.adds_up_to.ratio is None:
        return None
    parts = [place.newest(part) for part in entry.adds_up_to.ratio]
    if not all(part.known for part in parts):
        return None
    figure = spans.ratio(parts[0], parts[1], indicator=indicator, unit=entry.unit)
    if not figure.known:
        return None
    step = Message(id="diagnose.step.mixed-dates", values={"numerator": parts[0], "denominator": parts[1]})
    return Derived(figure.model_copy(update={"steps": (*figure.steps, step), "status": "E"}))


RECIPES: Mapping[str, Callable[[Known, Known | None], Derived | None]] = {
    "policy_lag": policy_lag,
    "anchor_share": anchor_share,
    "investment_effect_coefficient": investment_effect,
    "population_change_since_peak": change_since_peak,
}
