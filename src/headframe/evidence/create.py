"""Creating and upgrading city folders."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from headframe.core.errors import HeadframeError
from headframe.core.files import folder_lock, is_vacant, write_together
from headframe.evidence.change import csv_text
from headframe.evidence.collection import PANEL, PLACES, is_collection, panel_toml, places_text
from headframe.evidence.folder import City
from headframe.evidence.place import is_place_id, place_problems, read_toml, require_city
from headframe.evidence.schema import (
    EVENT_COLUMNS,
    FINDING_COLUMNS,
    OBSERVATION_COLUMNS,
    SCHEMA_VERSION,
    SOURCE_COLUMNS,
)
from headframe.evidence.tables import BUILTIN

Migration = Callable[[Path], Mapping[str, bytes | str]]
# One entry per schema version that existed: version → the files of the next version. Version 1 is the first.
MIGRATIONS: dict[int, Migration] = {}
_EMPTY_TABLES: Mapping[str, str] = {
    "evidence/observations.csv": csv_text(OBSERVATION_COLUMNS, []),
    "sources.csv": csv_text(SOURCE_COLUMNS, []),
    "events.csv": csv_text(EVENT_COLUMNS, []),
    "audit/findings.csv": csv_text(FINDING_COLUMNS, []),
}


def city_toml(entries: Mapping[str, object]) -> str:
    """The text of a `city.toml` for a place; values are text or lists of text."""
    # JSON strings are TOML basic strings, and JSON arrays of strings are TOML arrays.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in entries.items() if value]
    return "\n".join([f"schema_version = {SCHEMA_VERSION}", "", "[place]", *lines, ""])


def create(
    folder: Path, *, name_en: str, name_zh: str, level: str, country: str, resource_type: str, parent: str = ""
) -> None:
    """Make a new city folder with every table, empty but for its header. Raises HF306–HF309, HF338."""
    identifier = folder.name.lower().replace("_", "-").replace(" ", "-")
    if not is_place_id(identifier):
        identifier = name_en.strip().lower().replace(" ", "-")
    if not is_place_id(identifier):
        raise HeadframeError.of("HF307", str(folder), text=identifier[:80])
    place = {
        "id": identifier,
        "name_en": name_en or identifier,
        "name_zh": name_zh or name_en or identifier,
        "level": level,
        "country": country,
        "parent": parent,
        "resource_type": resource_type,
    }
    place_problems(place, "headframe new").raise_if_any()
    _write_new(folder, {"city.toml": city_toml(place), **_EMPTY_TABLES})


def create_collection(folder: Path, *, name_en: str, name_zh: str) -> None:
    """Make a new folder of many places, with every table empty but for its header. Raises HF306–HF309, HF338."""
    identifier = folder.name.lower().replace("_", "-").replace(" ", "-")
    if not is_place_id(identifier):
        raise HeadframeError.of("HF307", str(folder), text=identifier[:80])
    about = {"id": identifier, "name_en": name_en or identifier, "name_zh": name_zh or name_en or identifier}
    place_problems({**about, "level": "group"}, "headframe new").raise_if_any()
    files = {PANEL: panel_toml(about), PLACES: places_text(()), **_EMPTY_TABLES}
    _write_new(folder, files)


def copy_builtin(folder: Path, city: City) -> None:
    """Copy a built-in place into a folder of the user's own, to be corrected and extended. Raises HF338."""
    sources = {path.relative_to(city.folder).as_posix(): path for path in city.folder.rglob("*") if path.is_file()}
    files = {name: path.read_bytes() for name, path in sorted(sources.items()) if "__pycache__" not in name}
    _write_new(folder, files)


def move_in(made: Path, folder: Path) -> None:
    """Put a folder that was made aside in its place, whole. Raises HF338 when something has come to be there."""
    sources = {path.relative_to(made).as_posix(): path for path in made.rglob("*") if path.is_file()}
    files = {name: path.read_bytes() for name, path in sorted(sources.items()) if not path.name.startswith(".")}
    _write_new(folder, files)


def _write_new(folder: Path, files: Mapping[str, bytes | str]) -> None:
    _refuse_occupied(folder)
    with folder_lock(folder):
        _refuse_occupied(folder)  # another run may have been quicker
        write_together(folder, files)


def _refuse_occupied(folder: Path) -> None:
    try:
        vacant = not folder.resolve().is_relative_to(BUILTIN) and is_vacant(folder)
    except NotADirectoryError as error:
        raise HeadframeError.of("HF338", str(folder)) from error
    except OSError as error:  # a name too long, no right to look, a working folder that is gone
        raise HeadframeError.of("HF112", str(folder), reason=error.strerror or str(error)) from error
    if not vacant:
        raise HeadframeError.of("HF338", str(folder))


def upgrade(folder: Path) -> tuple[int, int]:
    """Bring a folder to the current schema version; returns the versions before and after.

    Completes an interrupted write first. Raises HF301, HF302, HF345.
    """
    path = folder / PANEL if is_collection(folder) else require_city(folder)
    with folder_lock(folder):
        found = read_toml(path).get("schema_version")
        version = found if isinstance(found, int) and not isinstance(found, bool) else -1
        if version != SCHEMA_VERSION and version not in MIGRATIONS:
            raise HeadframeError.of("HF345", str(folder), found=found, expected=SCHEMA_VERSION)
        before = version
        while version != SCHEMA_VERSION:
            write_together(folder, MIGRATIONS[version](folder))
            version += 1
    return before, version
