"""Figures that only a diagnosis needs: years without support, the weight of the anchor, ratios across dates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from headframe.catalog.load import catalog
from headframe.core.results import Figure, Message
from headframe.diagnose.events import day, events_of, years_between
from headframe.diagnose.parts import DatedEvent
from headframe.measure import spans
from headframe.measure.known import Known
from headframe.measure.plain import parse_dims

SIGNS = ("closure", "bankruptcy", "designation")
SUPPORT = ("law",)


@dataclass(frozen=True)
class Derived:
    """A figure worked out from others or from dated events."""

    figure: Figure
    events: tuple[DatedEvent, ...] = ()


def policy_lag(place: Known, nation: Known | None) -> Derived | None:
    """Years from the first dated sign of exhaustion at a place to the first law of support for such places.

    The sign is the first closure, bankruptcy or designation among the place's events; the law the first event of kind
    `law` of the nation or of the place. Formula: max(0, law − sign) in years; the interval runs over the dates that
    the sign may have. None where either is not dated.
    """
    signs = [event for event in events_of(place.city, SIGNS) if day(event.date)]
    laws = [event for one in (place, nation) if one is not None for event in events_of(one.city, SUPPORT)]
    laws = sorted((event for event in laws if day(event.date)), key=lambda event: event.date)
    if not signs or not laws:
        return None
    first, last, law = day(signs[0].date), day(signs[0].until) or day(signs[0].date), day(laws[0].date)
    if first is None or last is None or law is None:
        return None
    low, high = max(0.0, years_between(last, law)), max(0.0, years_between(first, law))
    figure = Figure(
        value=(low + high) / 2,
        low=low if low != high else None,
        high=high if low != high else None,
        unit="year",
        period=f"{first.year}–{law.year}",
        status="E",
        method="derived",
        indicator="policy_lag",
        place=place.place.id,
        steps=(Message(id="diagnose.step.policy-lag", values={"first": first.year, "law": law.year}),),
    )
    return Derived(figure, (signs[0], laws[0]))


def anchor_share(place: Known, _nation: Known | None) -> Derived | None:
    """The largest share of employment that any one industry or firm is reported to have at a place."""
    return _largest(place, "industry_share_of_employment", "anchor_share", "diagnose.step.anchor-share")


def dominant_sector_share(place: Known, _nation: Known | None) -> Derived | None:
    """The largest share of the economy that one industry is reported to have, where no shares by sector are known."""
    return _largest(place, "industry_share_of_economy", "dominant_sector_share", "diagnose.step.largest-industry")


def _largest(place: Known, reported: str, indicator: str, text: str) -> Derived | None:
    shares = [place.newest(reported, parse_dims(dims)) for dims in place.dims_of(reported)]
    known = [share for share in shares if share.value is not None]
    if not known:
        return None
    largest = max(known, key=lambda share: share.value or 0.0)
    step = Message(id=text, values={"figure": largest})
    return Derived(largest.model_copy(update={"indicator": indicator, "method": "derived", "steps": (step,)}))


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
    "dominant_sector_share": dominant_sector_share,
    "population_change_since_peak": change_since_peak,
}
