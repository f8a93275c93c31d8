"""Every text id stands in both languages with the same slots, is used, and is defined where it is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.house.error_codes import slots
from tests.house.tree import PACKAGE, at, parsed, python_files, strings

WORDS = f"src/{PACKAGE}/catalog/words"
LANGUAGES = ("en", "zh")
ID = re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)+")
HEAD = re.compile(r"[a-z][a-z0-9_-]*\.[a-z0-9_.-]*")
QUOTED = re.compile(rf"""["'`]({ID.pattern})["'`]""")
SCRIPT_HEAD = re.compile(rf"""["']({HEAD.pattern})["']\s*[+~]|`({HEAD.pattern})\$\{{""")
TEMPLATES = {".j2", ".html", ".js", ".yaml", ".json", ".toml"}
FILE_ENDINGS = (
    "csv",
    "toml",
    "yaml",
    "json",
    "html",
    "md",
    "py",
    "js",
    "css",
    "txt",
    "xlsx",
    "parquet",
    "png",
    "svg",
    "j2",
    "cmd",
)
# Ids that code composes at run time: the part that stands in the code, and what may follow it.
COMPOSED: dict[str, tuple[str, ...]] = {
    "cli.": ("error", "warning"),  # the severity of a problem
    "cli.correct.": ("correct", "redo", "undo"),  # what was done to a city folder
    "reconcile.": (
        "concept",
        "inexact",
        "method",
        "newest",
        "order",
        "reliability",
        "status",
        "superseded",
        "unusable",
    ),
}


def texts(root: Path, language: str) -> dict[str, tuple[str, Any]]:
    """Every id of a language with its file and text."""
    found: dict[str, tuple[str, Any]] = {}
    for path in sorted((root / WORDS / language).rglob("*.yaml")):
        loaded = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for identifier, text in loaded.items():
            twice = (
                ValueError(f"defined twice, also in {found[str(identifier)][0]}") if str(identifier) in found else None
            )
            found[str(identifier)] = (at(path, root), twice or text)
    return found


def _slots(text: Any) -> set[str]:
    forms = text.values() if isinstance(text, dict) else [text]
    return set().union(*(slots(str(form)) for form in forms)) - {"n"} if forms else set()


def unequal(root: Path) -> list[str]:
    """Ids missing in one language, defined twice, empty, with other slots, or of a shape that is not a text."""
    english, chinese = texts(root, "en"), texts(root, "zh")
    found = [f"{english[i][0]}: {i} has no Chinese text" for i in english if i not in chinese]
    found += [f"{chinese[i][0]}: {i} has no English text" for i in chinese if i not in english]
    for identifier, (where, text) in [*english.items(), *chinese.items()]:
        forms = list(text.values()) if isinstance(text, dict) else [text]
        if isinstance(text, ValueError):
            found.append(f"{where}: {identifier} is {text}")
        elif not forms or not all(isinstance(form, str) and form.strip() for form in forms):
            found.append(f"{where}: {identifier} is empty or no text")
        elif isinstance(text, dict) and (set(text) - {"one", "other"} or "other" not in text):
            found.append(f"{where}: {identifier} has forms other than one and other")
    for identifier in english.keys() & chinese.keys():
        one, other = english[identifier][1], chinese[identifier][1]
        if not isinstance(one, ValueError) and not isinstance(other, ValueError) and _slots(one) != _slots(other):
            found.append(f"{chinese[identifier][0]}: {identifier} has other slots than in English")
    return sorted(found)


def _literals(root: Path) -> Iterator[tuple[str, str]]:
    """Every literal in the package that could be an id, with its place; word files and error texts left out."""
    for path in python_files(root, f"src/{PACKAGE}"):
        for node in strings(parsed(path)):
            yield node.value, at(path, root, node.lineno)
    for path in sorted((root / "src" / PACKAGE).rglob("*")):
        if path.suffix in TEMPLATES and not path.is_relative_to(root / WORDS) and "error_texts" not in path.parts:
            text = path.read_text(encoding="utf-8")
            for match in QUOTED.finditer(text):
                yield match[1], at(path, root, text.count("\n", 0, match.start()) + 1)
            if path.suffix in {".yaml", ".toml"}:
                yield from (
                    (word, at(path, root)) for word in re.findall(rf":\s+({ID.pattern})\s*$", text, re.MULTILINE)
                )


def _heads(root: Path) -> Iterator[tuple[str, str]]:
    """The beginnings of f-strings and of sums that look like the beginning of an id, with their place."""
    for path in python_files(root, f"src/{PACKAGE}"):
        for node in ast.walk(parsed(path)):
            first = None
            if isinstance(node, ast.JoinedStr) and len(node.values) > 1:
                first = node.values[0]
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                first = node.left
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value, at(path, root, node.lineno)
    for path in sorted((root / "src" / PACKAGE).rglob("*")):
        if path.suffix in {".j2", ".html", ".js"}:
            for match in SCRIPT_HEAD.finditer(path.read_text(encoding="utf-8")):
                yield match[1] or match[2], at(path, root)


def _is_id(text: str, spaces: set[str]) -> bool:
    """Whether a literal reads like an id of one of these name spaces, and not like a file name."""
    parts = text.split(".")
    return bool(ID.fullmatch(text)) and parts[0] in spaces and parts[-1] not in FILE_ENDINGS


def undefined(root: Path, composed: Mapping[str, tuple[str, ...]] = COMPOSED) -> list[str]:
    """Ids used in code and templates that no word file defines, and composed ids that are not declared."""
    defined = _defined(root)
    spaces = {identifier.split(".")[0] for identifier in defined}
    found = [
        f"{where}: the text id {literal} is not defined"
        for literal, where in _literals(root)
        if literal not in defined and literal not in composed and _is_id(literal, spaces)
    ]
    found += [
        f"{where}: ids that begin with {head} are composed, but the prefix is not declared"
        for head, where in _heads(root)
        if HEAD.fullmatch(head) and head.split(".")[0] in spaces and head not in composed
    ]
    wanted = [head + rest for head, rests in composed.items() for rest in rests]
    return found + [f"the composed text id {name} is not defined" for name in wanted if name not in defined]


def unused(root: Path, composed: Mapping[str, tuple[str, ...]] = COMPOSED) -> list[str]:
    """Ids that nothing uses, and declared prefixes that nothing composes."""
    used = {literal for literal, _ in _literals(root)}
    used |= {head + rest for head, rests in composed.items() for rest in rests}
    heads = {head for head, _ in _heads(root)} | used
    found = [
        f"{where}: {identifier} is used nowhere"
        for identifier, where in sorted(_defined(root).items())
        if identifier not in used
    ]
    return found + [f"the declared prefix {head} is composed nowhere" for head in composed if head not in heads]


def _defined(root: Path) -> dict[str, str]:
    """Every id of either language with the file that defines it."""
    return {identifier: where for lang in LANGUAGES for identifier, (where, _) in texts(root, lang).items()}
