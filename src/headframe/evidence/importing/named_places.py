"""The places that a file names, settled or asked about, and those that a folder of many gets with an import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from headframe.core.errors import Problem
from headframe.evidence.collection import Collection
from headframe.evidence.folder import City, builtin_places
from headframe.evidence.importing.conversion import place_key
from headframe.evidence.importing.extract import Extract, PrintedPlace
from headframe.evidence.place import Place, read_toml
from headframe.evidence.places.gazetteer import gazetteer
from headframe.evidence.places.records import KnownPlace, PlaceMatch
from headframe.evidence.tables import BUILTIN, Evidence

# Levels of the gazetteer in those of a place's own file.
LEVELS: Mapping[str, str] = {
    "prefecture": "prefecture_city",
    "nuts1": "region",
    "nuts2": "region",
    "nuts3": "region",
}


@dataclass(frozen=True)
class PlaceAnswers:
    """Ids of printed places, the matches behind them, places new to the folder, and what is asked."""

    ids: Mapping[PrintedPlace, str] = field(default_factory=dict)
    matches: tuple[PlaceMatch, ...] = ()
    new: tuple[Place, ...] = ()
    problems: tuple[Problem, ...] = ()
    total: int = 0

    @property
    def asked(self) -> tuple[PlaceMatch, ...]:
        """The printed places with an open question."""
        return tuple(match for match in self.matches if not match.settled)


def answers_for(
    extract: Extract, target: Evidence, year: int | None, decided: Mapping[str, str] | None = None
) -> PlaceAnswers:
    """What the printed places of an extract are; totals and averages are no places and have no id.

    `decided` are the ids that a mapping gives to printed names; they need not be asked about again, and may be places
    of the gazetteer that the folder lacks.
    """
    when = year or (extract.years[0] if len(extract.years) == 1 else None)
    known = gazetteer().with_places(_own(target))
    found = known.match_all(extract.places, year=when)
    ids = {
        printed: answer.place_id
        for printed, answer in zip(extract.places, found.matches, strict=True)
        if answer.place_id and answer.settled
    }
    new: tuple[Place, ...] = ()
    if isinstance(target, Collection):
        named = {place_id for place_id in (decided or {}).values() if place_id in known}
        unknown = sorted({*ids.values(), *named} - target.place_ids)
        new = tuple(place_of(known.one(place_id)) for place_id in unknown)
    matches = tuple(
        _settled(answer, printed, decided or {}) for printed, answer in zip(extract.places, found.matches, strict=True)
    )
    return PlaceAnswers(ids, matches, new, found.problems, len(extract.places))


def _settled(answer: PlaceMatch, printed: PrintedPlace, decided: Mapping[str, str]) -> PlaceMatch:
    """The match of a printed place, as the mapping decided it where it did."""
    place_id = next((decided[key] for key in place_key(printed) if key in decided), "")
    return PlaceMatch(answer.printed, place_id, "own", 1.0) if place_id else answer


def _own(target: Evidence) -> tuple[Place, ...]:
    """The folder's own places, which come before those of the gazetteer."""
    if isinstance(target, Collection):
        return tuple(target.places.values())
    return (target.place,) if isinstance(target, City) else ()


def place_of(known: KnownPlace) -> Place:
    """A place of the gazetteer as an entry of `places.csv`."""
    chinese = known.country == "CHN" and known.code.isdigit()
    return Place(
        id=known.id,
        name_en=known.name_en,
        name_zh=known.name_zh,
        level=LEVELS.get(known.level, known.level),
        country=known.country,
        parent=known.parents[0] if known.parents else "",
        gb_code=known.code if chinese else "",
        resource_type=_resource_types().get(known.id, "unknown"),
    )


@cache
def _resource_types() -> Mapping[str, str]:
    """What the built-in places live from."""
    tables = {name: read_toml(BUILTIN / name / "city.toml").get("place", {}) for name in builtin_places()}
    return {name: str(table.get("resource_type", "unknown")) for name, table in tables.items()}
