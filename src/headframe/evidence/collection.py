"""A folder about many places: one table of evidence for all of them, opened whole or one place at a time.

`panel.toml` names it, `places.csv` lists its places; the tables of evidence are those of a city's folder. A place of a
collection is a `City` like any other, so that every verb works on it: `FOLDER/place-id` opens one.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from headframe.core.errors import HeadframeError, Problems, did_you_mean
from headframe.core.files import is_there
from headframe.evidence.folder import City, find_folder, load_city, open_city
from headframe.evidence.place import Place, check_version, place_problems, read_toml
from headframe.evidence.schema import PLACE_COLUMNS, SCHEMA_VERSION
from headframe.evidence.table import read_text_table
from headframe.evidence.tables import Evidence, read_tables

PANEL, PLACES = "panel.toml", "places.csv"
KEYS = ("id", "name_en", "name_zh", "note_en", "note_zh")
MOST_PLACES = 200_000
PLACE_NOTHING_KNOWN: Mapping[str, str] = {"level": "region", "resource_type": "unknown"}


@dataclass(frozen=True, eq=False, kw_only=True)
class Collection(Evidence):
    """Many places with everything known of them."""

    identifier: str
    name_en: str
    name_zh: str
    places: Mapping[str, Place] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id of the collection."""
        return self.identifier

    @property
    def place_ids(self) -> frozenset[str]:
        """Every place that it lists."""
        return frozenset(self.places)

    def name(self, language: str) -> str:
        """The name in `en` or `zh`."""
        return self.name_zh if language == "zh" else self.name_en

    def names(self, language: str) -> Mapping[str, str]:
        """The names of the collection and of its places."""
        return {self.id: self.name(language), **{key: place.name(language) for key, place in self.places.items()}}

    def city(self, place_id: str) -> City:
        """One place of the collection as a city. Raises HF300 for a place that it does not list."""
        if place_id not in self.places:
            near = did_you_mean(place_id, list(self.places)) or ", ".join(sorted(self.places)[:5])
            raise HeadframeError.of("HF300", place_id[:80], name=place_id[:80], suggestion=near)
        part = self._parts.get(place_id, self.observations.clear())
        own = pl.col("place_id") == place_id
        return City(
            folder=self.folder,
            place=self.places[place_id],
            given_hash=_hash_of(self.inputs_hash, place_id),
            observations=part,
            sources=self.sources,
            events=self.events.filter(own),
            findings=self.findings.filter(own),
            recorded=self.recorded.filter(own),
            decisions=self.decisions,
            imports=self.imports,
            warnings=self.warnings,
            catalogue=self.catalogue,
        )

    def cities(self) -> tuple[City, ...]:
        """Every place as a city, in the order of their ids."""
        return tuple(self.city(place_id) for place_id in sorted(self.places))

    @cached_property
    def _parts(self) -> Mapping[str, pl.DataFrame]:
        parts = self.observations.partition_by("place_id", as_dict=True, maintain_order=True)
        return {str(key[0]): part for key, part in parts.items()}


def _hash_of(*texts: str) -> str:
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()


def is_collection(folder: Path) -> bool:
    """Whether a folder is one of many places."""
    try:
        return (folder / PANEL).is_file()
    except (OSError, ValueError):
        return False


def load_collection(folder: Path, problems: Problems | None = None) -> Collection:
    """Read a folder of many places; with `problems` given they are collected there instead of raised.

    Raises HF302–HF306 for a damaged `panel.toml`, HF301 where there is none.
    """
    collected = Problems() if problems is None else problems
    about = _read_panel(folder)
    places = _read_places(folder / PLACES, collected)
    found = Collection(
        identifier=about["id"],
        name_en=about["name_en"],
        name_zh=about["name_zh"],
        places=places,
        **read_tables(folder, frozenset(places), collected),
    )
    if problems is None:
        collected.raise_if_any()
    return found


def _read_panel(folder: Path) -> dict[str, str]:
    path = folder / PANEL
    if not is_collection(folder):
        raise HeadframeError.of("HF301", str(folder))
    table = read_toml(path)
    check_version(path, table.get("schema_version"))
    entries = table.get("panel")
    if not isinstance(entries, dict):
        raise HeadframeError.of("HF304", f"{path}, [panel]", key="[panel]")
    problems = Problems()
    for key in sorted(set(table) - {"schema_version", "panel"}) + sorted(set(entries) - set(KEYS)):
        problems.add("HF305", f"{path}, {key}", key=key, suggestion=", ".join(KEYS))
    named = {key: entries[key] for key in KEYS if key in entries}
    for key in KEYS[:3]:
        if key not in entries:
            problems.add("HF304", f"{path}, [panel]", key=key)
    # The same limits as for the names of a place.
    stand_in = {"level": "group", **{key: value for key, value in named.items() if key not in KEYS[3:]}}
    problems.extend([p for p in place_problems(stand_in, str(path)) if p.code != "HF304"])
    problems.raise_if_any()
    return {key: str(value) for key, value in named.items()}


def _read_places(path: Path, problems: Problems) -> dict[str, Place]:
    """The places of a collection; a row with a fault is reported and left out (HF304–HF309, HF471)."""
    if not is_there(path):
        return {}
    try:
        table = read_text_table(path, PLACE_COLUMNS, optional=PLACE_COLUMNS[1:])
    except HeadframeError as error:
        problems.extend(list(error.problems))
        return {}
    if table.height > MOST_PLACES:
        problems.add("HF472", str(path), count=table.height, limit=MOST_PLACES)
        return {}
    places: dict[str, Place] = {}
    for row in table.iter_rows(named=True):
        where = f"{path.name}, row {row['row']}"
        entries = place_entries(row)
        faults = list(place_problems(entries, where))
        if entries["id"] in places:
            problems.add("HF471", where, text=str(entries["id"])[:80])
        elif faults:
            problems.extend(faults)
        else:
            places[str(entries["id"])] = Place(**entries)
    return places


def place_entries(row: Mapping[str, object]) -> dict[str, object]:
    """A row of `places.csv` as the entries of a `[place]`: aliases split at `;`, what is missing left out."""
    texts = {name: str(row.get(name) or "").strip() for name in PLACE_COLUMNS}
    entries: dict[str, object] = {key: text for key, text in texts.items() if text and key != "aliases"}
    entries["id"] = entries.pop("place_id", "")
    entries.setdefault("name_en", entries["id"])
    entries.setdefault("name_zh", entries["name_en"])
    for key, text in PLACE_NOTHING_KNOWN.items():
        entries.setdefault(key, text)
    if texts["aliases"]:
        entries["aliases"] = [part.strip() for part in texts["aliases"].split(";") if part.strip()]
    return entries


def place_row(place: Place) -> dict[str, str]:
    """A place as a row of `places.csv`."""
    told = place.model_dump()
    return {
        name: ";".join(place.aliases) if name == "aliases" else str(told["id" if name == "place_id" else name])
        for name in PLACE_COLUMNS
    }


def places_text(places: Iterable[Place]) -> str:
    """The text of a `places.csv`, in the order of the ids."""
    out = io.StringIO()
    writer = csv.DictWriter(out, PLACE_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(place_row(place) for place in sorted(places, key=lambda place: place.id))
    return out.getvalue()


def panel_toml(entries: Mapping[str, str]) -> str:
    """The text of a `panel.toml`."""
    # JSON strings are TOML basic strings.
    lines = [f"{key} = {json.dumps(entries[key], ensure_ascii=False)}" for key in KEYS if entries.get(key)]
    return "\n".join([f"schema_version = {SCHEMA_VERSION}", "", "[panel]", *lines, ""])


def reopen(evidence: Evidence) -> Evidence:
    """The same folder read anew, whole: of a place of a collection the collection."""
    if is_collection(evidence.folder):
        return load_collection(evidence.folder)
    return load_city(evidence.folder)


def load_evidence(name: str | Path, problems: Problems) -> City | Collection:
    """What `open_place` opens of a folder, with its problems collected instead of raised."""
    path = Path(str(name).strip()).expanduser()
    return load_collection(path.resolve(), problems) if is_collection(path) else load_city(find_folder(name), problems)


def open_place(name: str | Path) -> City | Collection:
    """What a name or path means: a collection's folder, `FOLDER/place-id` in one, a city's folder, a built-in place.

    Raises HF300, HF301 and every problem of the folder at once.
    """
    text = str(name).strip()
    try:
        path = Path(text).expanduser() if text else None
    except RuntimeError:  # a home folder of nobody
        path = None
    if path is not None and is_collection(path):
        return load_collection(path.resolve())
    if path is not None and is_collection(path.parent) and not is_there(path):
        return load_collection(path.parent.resolve()).city(path.name)
    return open_city(name)
