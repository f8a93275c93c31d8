"""What a city folder is about: `city.toml` read strictly."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from headframe.core.errors import HeadframeError, Problems, did_you_mean
from headframe.core.files import read_text
from headframe.evidence.schema import SCHEMA_VERSION

LEVELS = (
    "prefecture_city",
    "county_city",
    "county",
    "district",
    "province",
    "region",
    "country",
    "group",
    "city",
    "state",
)
RESOURCES = ("coal", "oil", "ferrous", "non-ferrous", "other-mineral", "forestry", "none", "unknown")
SLUG = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
TOP_KEYS = ("schema_version", "place")


class Place(BaseModel):
    """A place with a stable id, its names, level and superior place."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name_en: str
    name_zh: str
    level: str
    country: str = ""
    parent: str = ""
    gb_code: str = ""
    resource_type: str = "unknown"
    aliases: tuple[str, ...] = ()
    note_en: str = ""
    note_zh: str = ""

    def name(self, language: str) -> str:
        """The name in `en` or `zh`."""
        return self.name_zh if language == "zh" else self.name_en


def read_toml(path: Path) -> dict[str, Any]:
    """The table of a TOML file. Raises HF302 with the parser's position when it is not TOML."""
    try:
        return tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise HeadframeError.of("HF302", str(path), reason=str(error)) from error


def read_place(folder: Path) -> Place:
    """The place of a city folder. Raises every problem of `city.toml` at once (HF302–HF308)."""
    path = folder / "city.toml"
    if not path.is_file():
        raise HeadframeError.of("HF301", str(folder))
    table = read_toml(path)
    check_version(path, table.get("schema_version"))
    problems = Problems()
    entries = table.get("place")
    if not isinstance(entries, dict):
        raise HeadframeError.of("HF304", f"{path}, [place]", key="[place]")
    _check_keys(problems, path, set(table), TOP_KEYS)
    _check_keys(problems, path, set(entries), tuple(Place.model_fields))
    check_values(problems, path, entries)
    problems.raise_if_any()
    return Place(**{**entries, "aliases": tuple(entries.get("aliases", ()))})


def check_version(path: Path, version: object) -> None:
    """Raise HF303 for a missing, older or newer schema version."""
    if version != SCHEMA_VERSION or isinstance(version, bool):
        raise HeadframeError.of("HF303", f"{path}, schema_version", found=version, expected=SCHEMA_VERSION)


def _check_keys(problems: Problems, path: Path, found: set[str], known: tuple[str, ...]) -> None:
    for key in sorted(found - set(known)):
        problems.add("HF305", f"{path}, {key}", key=key, suggestion=did_you_mean(key, list(known)) or ", ".join(known))


def check_values(problems: Problems, path: Path, entries: Mapping[str, Any]) -> None:
    """Report missing keys and values that a place cannot have (HF304, HF306–HF308)."""
    for key in ("id", "name_en", "name_zh", "level"):
        if key not in entries:
            problems.add("HF304", f"{path}, [place]", key=key)
    for key, value in entries.items():
        wanted_list = key == "aliases"
        strings = value if isinstance(value, list) else [value]
        if wanted_list != isinstance(value, list) or not all(isinstance(item, str) for item in strings):
            problems.add("HF306", f"{path}, {key}", key=key)
    parent = entries.get("parent", "")
    if isinstance(parent, str) and parent and not SLUG.match(parent):
        problems.add("HF307", f"{path}, parent", text=parent[:80])
    identifier, level, resource = (entries.get(key, "") for key in ("id", "level", "resource_type"))
    if isinstance(identifier, str) and identifier and not SLUG.match(identifier):
        problems.add("HF307", f"{path}, id", text=identifier[:80])
    if isinstance(level, str) and level and level not in LEVELS:
        problems.add("HF308", f"{path}, level", text=level[:80], known=", ".join(LEVELS))
    if isinstance(resource, str) and resource and resource not in RESOURCES:
        problems.add("HF308", f"{path}, resource_type", text=resource[:80], known=", ".join(RESOURCES))
