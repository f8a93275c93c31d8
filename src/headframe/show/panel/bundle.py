"""What the view across many places is drawn from: the result, names, sources and coordinates, in one frozen bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median
from typing import TYPE_CHECKING, Protocol

from headframe.core.errors import HeadframeError
from headframe.core.results import Ref
from headframe.measure.panel.results import PanelMeasure, PanelMove, PanelReading, Ranged
from headframe.show.blocks import Said
from headframe.show.results_bundle import PlaceLike, Report

if TYPE_CHECKING:
    from headframe.audit.results import AuditResult
    from headframe.core.provenance import Source

Coordinates = Mapping[str, tuple[float, float]]
NO_COORDINATES: Coordinates = {}
GROUPS = ("exhausted", "resource", "other")


class CollectionLike(Protocol):
    """What is needed of a collection; `headframe.evidence.collection.Collection` has it."""

    @property
    def id(self) -> str:
        """The stable id."""

    @property
    def name_en(self) -> str:
        """The English name."""

    @property
    def name_zh(self) -> str:
        """The Chinese name."""

    @property
    def places(self) -> Mapping[str, PlaceLike]:
        """The places by id."""

    @property
    def sources(self) -> Mapping[str, Source]:
        """The sources."""


@dataclass(frozen=True)
class Whole:
    """The collection itself, named like a place."""

    id: str
    name_en: str
    name_zh: str
    level: str = "group"
    parent: str = ""
    resource_type: str = "unknown"


@dataclass(frozen=True)
class PanelReport:
    """The bundle. `coordinates`: latitude and longitude in degrees by place id; a place without them is listed."""

    whole: Whole
    result: PanelMeasure
    places: Mapping[str, PlaceLike]
    sources: Mapping[str, Source]
    coordinates: Coordinates = field(default_factory=dict)
    audited: AuditResult | None = None

    @property
    def year(self) -> int | None:
        """The newest year with a score, which the page is about."""
        return self.result.newest

    @cached_property
    def ranked(self) -> tuple[PanelReading, ...]:
        """The readings of the newest scored year, the best first."""
        return () if self.year is None else self.result.ranked(self.year)

    @cached_property
    def span(self) -> tuple[int, int] | None:
        """The first and the last year with a score; None where there are not two."""
        years = self.result.scored_years
        return (years[0], years[-1]) if len(years) > 1 else None

    @cached_property
    def moves(self) -> Mapping[str, PanelMove]:
        """The change of each place between the first and the last year with a score."""
        return {} if self.span is None else {move.place: move for move in self.result.moved(*self.span)}

    @cached_property
    def groups(self) -> Mapping[str, str]:
        """For each place: exhausted (on a list of exhausted cities), resource (in the plan of 2013), or other."""
        return {
            place.id: "exhausted" if place.batch else "resource" if place.lifecycle else "other"
            for place in self.result.places
        }

    @cached_property
    def provinces(self) -> tuple[tuple[str, Said, tuple[str, ...]], ...]:
        """Key, names and places of each province; the places in order of score, those without a province last."""
        order = {reading.place: number for number, reading in enumerate(self.ranked)}
        found: dict[str, list[str]] = {}
        names: dict[str, Said] = {}
        for place in self.result.places:
            found.setdefault(place.province, []).append(place.id)
            names.setdefault(place.province, Said(place.province_en, place.province_zh))
        keys = sorted(found, key=lambda key: (not key, key))
        return tuple(
            (key, names[key], tuple(sorted(found[key], key=lambda one: (order.get(one, len(order)), one))))
            for key in keys
        )

    @cached_property
    def report(self) -> Report:
        """The bundle as the single city's tools know it: names and sources, no evidence of its own."""
        import polars as pl

        nothing = pl.DataFrame()
        return Report(
            place=self.whole,
            observations=nothing,
            events=nothing,
            findings=nothing,
            sources=self.sources,
            places=self.places,
            audited=self.audited,
        )

    @cached_property
    def counted_sources(self) -> Mapping[str, int]:
        """How many of the figures used rest on each source, most first."""
        counts: dict[str, int] = {}
        for item in self.result.used:
            for source in item.sources:
                counts[source] = counts.get(source, 0) + 1
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    def reading(self, place: str, year: int | None = None) -> PanelReading | None:
        """The reading of a place, of the newest scored year unless another is named."""
        at = self.year if year is None else year
        return None if at is None else self.result.readings_at.get((place, at))

    def score(self, place: str) -> Ranged:
        """The score of a place in the newest scored year."""
        found = self.reading(place)
        return Ranged() if found is None else found.score

    def middle(self, places: tuple[str, ...]) -> float | None:
        """The median score of some places, None where none has one."""
        known = [score.value for place in places if (score := self.score(place)).value is not None]
        return median(known) if known else None


def panel_report(
    collection: CollectionLike,
    result: PanelMeasure,
    coordinates: Coordinates = NO_COORDINATES,
    audited: AuditResult | None = None,
) -> PanelReport:
    """The bundle of a collection, its result and its audit. Raises HF407 for coordinates that are none."""
    for place, (latitude, longitude) in coordinates.items():
        if not (-90.0 <= latitude <= 90.0 and -180.0 <= longitude <= 180.0):
            raise HeadframeError.of("HF407", place, place=place, latitude=latitude, longitude=longitude)
    return PanelReport(
        whole=Whole(collection.id, collection.name_en, collection.name_zh),
        result=result,
        places=collection.places,
        sources=collection.sources,
        coordinates={place: coordinates[place] for place in collection.places if place in coordinates},
        audited=audited,
    )


def named(place: str) -> Ref:
    """The name of a place."""
    return Ref(kind="place", id=place)
