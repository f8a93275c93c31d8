"""The words by which tables are understood, read once from `wordings.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from headframe.evidence.reading.script import bare

FILE = Path(__file__).with_name("wordings.yaml")


@cache
def wordings() -> Mapping[str, Any]:
    """The whole file."""
    import yaml

    loaded: Mapping[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


@cache
def words(*path: str) -> frozenset[str]:
    """The words of a list, in the form in which `bare` puts what they are compared with."""
    entry: Any = wordings()
    for part in path:
        entry = entry[part]
    return frozenset(bare(str(word)) for word in entry)


@cache
def scope_words(*, sure: bool) -> Mapping[str, str]:
    """For each word that names a scope the scope; either those that always do, or those that do in a pair."""
    part = "sure" if sure else "paired"
    return {word: scope for scope in wordings()["scopes"] for word in words("scopes", scope, part)}


@cache
def held_by_word() -> Mapping[str, str]:
    """For each word that heads a column of names what such a column holds."""
    return {word: kind for kind in wordings()["holds"] for word in words("holds", kind)}
