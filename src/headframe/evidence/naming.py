"""The words of one language together with the names of places and of a city's own sources."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache

from headframe.catalog.load import catalog
from headframe.core.words import Words
from headframe.evidence.folder import builtin_places
from headframe.evidence.place import read_toml
from headframe.evidence.places.gazetteer import gazetteer
from headframe.evidence.tables import BUILTIN, Evidence

REGISTRY = BUILTIN / "registry.csv"


@cache
def place_names(language: str) -> Mapping[str, str]:
    """The names of every place that the gazetteer, the registry or a built-in folder knows, by place id."""
    names = dict(gazetteer().names(language))
    if REGISTRY.exists():
        with REGISTRY.open(encoding="utf-8-sig", newline="") as lines:
            names |= {row["place_id"]: row[f"name_{language}"] for row in csv.DictReader(lines)}
    for slug in builtin_places():
        entries = read_toml(BUILTIN / slug / "city.toml").get("place", {})
        names[slug] = str(entries.get(f"name_{language}", slug))
    return names


def words_for(evidence: Evidence | None, language: str) -> Words:
    """The catalogue's words in `language` with the names of places, and of a folder's own places and sources."""
    words = catalog().words(language)
    places = dict(place_names(language))
    sources = dict(words.names.get("source", {}))
    if evidence is not None:
        places.update(evidence.names(language))
        sources.update({key: source.name(language) for key, source in evidence.sources.items()})
    return Words(language, words.texts, {**words.names, "place": places, "source": sources})
