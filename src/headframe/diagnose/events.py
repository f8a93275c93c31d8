"""Dated events of a place as evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from headframe.core.results import Ref
from headframe.diagnose.parts import DatedEvent
from headframe.evidence.folder import City


def events_of(city: City, kinds: Collection[str] | None = None) -> tuple[DatedEvent, ...]:
    """The events of a place of the given kinds (all without `kinds`), in time order, undated ones last."""
    found = []
    for row in city.events.iter_rows(named=True):
        if kinds is not None and row["kind"] not in kinds:
            continue
        found.append(
            DatedEvent(
                id=str(row["event_id"]),
                place=city.place.id,
                kind=str(row["kind"]),
                date=str(row["date_start"] or ""),
                until=str(row["date_end"] or ""),
                text=str(row["date_text"] or ""),
                title_en=str(row["title_en"] or ""),
                title_zh=str(row["title_zh"] or ""),
                source=Ref(kind="source", id=str(row["source_id"] or "")),
                locator=str(row["locator"] or ""),
                qualifier=str(row["qualifier"] or "="),
            )
        )
    return tuple(sorted(found, key=lambda event: (event.date == "", event.date, event.id)))


def day(text: str) -> date | None:
    """The date in a text such as `2007-12-24`; None where there is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def years_between(earlier: date, later: date) -> float:
    """Years from one date to another, a year being 365.2425 days; negative where the second comes first."""
    return (later - earlier).days / 365.2425


def span_of(events: Iterable[DatedEvent]) -> tuple[int | None, int | None]:
    """The first and the last year of the dated events among them."""
    years = [int(text[:4]) for event in events for text in (event.date, event.until) if text[:4].isdigit()]
    return (min(years), max(years)) if years else (None, None)
