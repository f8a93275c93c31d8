"""Where the places of a panel lie: their provinces and coordinates, from the gazetteer."""

from __future__ import annotations

from collections.abc import Mapping

from headframe.evidence.place import Place
from headframe.evidence.places.gazetteer import gazetteer
from headframe.evidence.places.records import KnownPlace
from headframe.measure.official import registry

PROVINCIAL = frozenset({"province", "state"})
DEEPEST = 5  # superior places that are looked through


def known_place(place: Place) -> KnownPlace | None:
    """The entry of a place in the gazetteer: by its id, else by its code; None where there is none or not one."""
    found = gazetteer().get(place.id)
    if found is not None or not place.gb_code:
        return found
    ids = gazetteer().by_code(place.gb_code, place.country)
    return gazetteer().get(ids[0]) if len(ids) == 1 else None


def coordinates(places: Mapping[str, Place]) -> dict[str, tuple[float, float]]:
    """Latitude and longitude in degrees of every place whose seat the gazetteer knows."""
    found = {}
    for key, place in places.items():
        entry = known_place(place)
        if entry is not None and entry.latitude is not None and entry.longitude is not None:
            found[key] = (entry.latitude, entry.longitude)
    return found


def province_of(place: Place, entries: Mapping[str, Place]) -> tuple[str, str, str]:
    """The province of a place: a key to sort by, and its names; empty where none is known.

    By the gazetteer, else by the official code, else the superior place that the collection or the place itself names.
    """
    entry = known_place(place)
    for _ in range(DEEPEST):
        if entry is None:
            break
        if entry.level in PROVINCIAL:
            return entry.code or entry.id, entry.name_en, entry.name_zh
        entry = gazetteer().get(entry.parents[0]) if entry.parents else None
    code = place.gb_code[:2] or registry().get(place.id, {}).get("gb_code", "")[:2]
    ids = gazetteer().by_code(f"{code}0000", "CHN") if code else ()
    above = gazetteer().get(ids[0]) if len(ids) == 1 else gazetteer().get(place.parent)
    if above is not None:
        return above.code or above.id, above.name_en, above.name_zh
    own = entries.get(place.parent)
    return (place.parent, own.name_en, own.name_zh) if own is not None else (place.parent, place.parent, place.parent)
