"""Data that people read is written in both languages: fields `x_en` and `x_zh` (and `note`, `note_zh`) are pairs."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.house.tree import PACKAGE, at

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ON_PURPOSE = {"src/headframe/catalog/units.yaml: count has no name_en"}  # English counts things without a word for it
WORDS_OF_LANGUAGE = ("catalog/words", "core/error_texts")  # these have rules of their own


def _rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every record of a data file with its place in it: rows of a CSV, mappings at any depth of YAML and TOML."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as lines:
            yield from ((f"row {number}", row) for number, row in enumerate(csv.DictReader(lines), start=2))
        return
    text = path.read_text(encoding="utf-8")
    yield from _mappings("", tomllib.loads(text) if path.suffix == ".toml" else yaml.safe_load(text))


def _mappings(where: str, item: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(item, dict):
        yield where, item
        for key, value in item.items():
            yield from _mappings(f"{where}.{key}".strip("."), value)
    elif isinstance(item, list):
        for number, value in enumerate(item):
            yield from _mappings(f"{where}[{number}]", value)


def _pairs(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in record:
        if isinstance(key, str) and key.endswith("_en"):
            yield key, key.removesuffix("_en") + "_zh"
        elif isinstance(key, str) and key.endswith("_zh"):
            yield ("note" if key == "note_zh" and "note" in record else key.removesuffix("_zh") + "_en"), key


def one_sided(root: Path) -> list[str]:
    """Records in which only one language of a pair is filled, or in which the Chinese has no Chinese character."""
    found: set[str] = set()
    for path in sorted((root / "src" / PACKAGE).rglob("*")):
        inside = path.relative_to(root / "src" / PACKAGE).as_posix()
        if path.suffix not in {".csv", ".yaml", ".toml"} or inside.startswith(WORDS_OF_LANGUAGE):
            continue
        for where, record in _rows(path):
            for english, chinese in _pairs(record):
                one, other = str(record.get(english) or "").strip(), str(record.get(chinese) or "").strip()
                if bool(one) != bool(other):
                    lacking = chinese if one else english
                    found.add(f"{at(path, root)}: {where} has no {lacking}")
                elif other and not CHINESE.search(other) and re.search(r"[A-Za-z]{4}", other):
                    found.add(f"{at(path, root)}: {where} has a {chinese} without a Chinese character")
    return sorted(found - ON_PURPOSE)
