"""What a city folder is about: `city.toml` read strictly."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from headframe.core.errors import HeadframeError, Problems, did_you_mean
from headframe.core.files import is_there, read_text
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
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_ID, LONGEST_NAME = 60, 200  # characters
LARGEST_TOML = 1 << 18  # bytes
# Names that Windows keeps for devices; a file of such a name cannot be made there.
RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Texts of several lines and of one, and comments. What is never closed goes on to the end of its line or of the file,
# so that every quote is passed once and the time stays linear; the parser stops there in any case.
_QUOTED = re.compile(
    r"""
      \"{3} (?: [^"\\]++ | \\(?:.|\Z) | "(?!"") )*+ (?: "{3,5} | \Z )
    | '{3} (?: [^']++ | '(?!'') )*+ (?: '{3,5} | \Z )
    | "(?: [^"\\\n]++ | \\(?:.|\Z) )*+ (?: " | $ )
    | ' [^'\n]*+ (?: ' | $ )
    | \# [^\n]*+
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
DEEPEST = 50  # dots or brackets on one line
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
        text = read_text(path, LARGEST_TOML)
        if row := row_of_dots(text):
            raise HeadframeError.of("HF302", f"{path}, row {row}", reason="[[[…")
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: not TOML, or a number of thousands of digits
        raise HeadframeError.of("HF302", str(path), reason=str(error)) from error


def row_of_dots(text: str) -> int:
    """The first row of a TOML text with hundreds of dots or brackets outside its texts and comments, 0 if none has.

    The parser's time and memory grow with their square, so such a text is refused before it is parsed.
    """
    bare = _QUOTED.sub(lambda quoted: "\n" * quoted[0].count("\n"), text)
    for number, line in enumerate(bare.split("\n"), start=1):
        if max(line.count("."), line.count("[")) > DEEPEST:
            return number
    return 0


def is_place_id(text: str) -> bool:
    """Whether a text can be a place's id: a short slug that is also a possible name of a file everywhere."""
    return len(text) <= LONGEST_ID and text not in RESERVED and SLUG.fullmatch(text) is not None


def require_city(folder: Path) -> Path:
    """The path of a folder's `city.toml`. Raises HF301 where there is none, HF114 where one may not look."""
    path = folder / "city.toml"
    if not is_there(path) or not path.is_file():
        raise HeadframeError.of("HF301", str(folder))
    return path


def read_place(folder: Path) -> Place:
    """The place of a city folder. Raises every problem of `city.toml` at once (HF302–HF308)."""
    path = require_city(folder)
    table = read_toml(path)
    check_version(path, table.get("schema_version"))
    entries = table.get("place")
    if not isinstance(entries, dict):
        raise HeadframeError.of("HF304", f"{path}, [place]", key="[place]")
    problems = Problems()
    _check_keys(problems, path, set(table), TOP_KEYS)
    problems.extend(place_problems(entries, str(path)))
    problems.raise_if_any()
    return Place(**{**entries, "aliases": tuple(entries.get("aliases", ()))})


def place_problems(entries: Mapping[str, Any], where: str) -> Problems:
    """Everything that is wrong with the entries of `[place]` (HF304–HF309)."""
    problems = Problems()
    _check_keys(problems, where, set(entries), tuple(Place.model_fields))
    _check_values(problems, where, entries)
    return problems


def check_version(path: Path, version: object) -> None:
    """Raise HF303 for a missing, older or newer schema version."""
    if not isinstance(version, int) or version != SCHEMA_VERSION or isinstance(version, bool):
        raise HeadframeError.of("HF303", f"{path}, schema_version", found=version, expected=SCHEMA_VERSION)


def _check_keys(problems: Problems, path: Path | str, found: set[str], known: tuple[str, ...]) -> None:
    for key in sorted(found - set(known)):
        problems.add("HF305", f"{path}, {key}", key=key, suggestion=did_you_mean(key, list(known)) or ", ".join(known))


def _check_values(problems: Problems, path: str, entries: Mapping[str, Any]) -> None:
    for key in ("id", "name_en", "name_zh", "level"):
        if key not in entries:
            problems.add("HF304", f"{path}, [place]", key=key)
    for key, value in entries.items():
        wanted_list = key == "aliases"
        strings = value if isinstance(value, list) else [value]
        if wanted_list != isinstance(value, list) or not all(isinstance(item, str) for item in strings):
            problems.add("HF306", f"{path}, {key}", key=key)
        elif any(len(item) > LONGEST_NAME or _UNSEEN.search(item) for item in strings if not key.startswith("note_")):
            problems.add("HF309", f"{path}, {key}", key=key, limit=LONGEST_NAME)
        elif key.startswith("name_") and not value.strip():
            problems.add("HF304", f"{path}, {key}", key=key)
    _check_codes(problems, path, entries)


def _check_codes(problems: Problems, path: str, entries: Mapping[str, Any]) -> None:
    identifier, level, resource = (entries.get(key, "") for key in ("id", "level", "resource_type"))
    if isinstance(identifier, str) and identifier and not is_place_id(identifier):
        problems.add("HF307", f"{path}, id", text=identifier[:80])
    parent = entries.get("parent", "")
    if isinstance(parent, str) and parent and not is_place_id(parent):
        problems.add("HF307", f"{path}, parent", text=parent[:80])
    if isinstance(level, str) and level and level not in LEVELS:
        problems.add("HF308", f"{path}, level", text=level[:80], known=", ".join(LEVELS))
    if isinstance(resource, str) and resource and resource not in RESOURCES:
        problems.add("HF308", f"{path}, resource_type", text=resource[:80], known=", ".join(RESOURCES))
