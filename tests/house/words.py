"""Every text id stands in both languages with the same slots, is used, and is defined where it is used."""

from __future__ import annotations

import ast
import csv
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
SCRIPT_HEAD = re.compile(rf"""["']({HEAD.pattern})["']\s*[+~]|`({HEAD.pattern})\$\{{""")
TOKEN = re.compile(r"[A-Za-z0-9_-]+")
QUOTED = re.compile(rf"""["'`]({ID.pattern})["'`]""")
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
# Ids that code composes from a list which must have a text for every entry: the beginning, and the entries.
COMPLETE: dict[str, tuple[str, ...]] = {
    "dim-key.": ("sector", "sex", "age", "occupation", "zone", "site", "firm", "programme", "industry"),
    "cli.": ("error", "warning"),
    "cli.correct.": ("correct", "redo", "undo"),
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
    """Every literal of package or benchmarks that could be an id, with its place; words and error texts left out."""
    for path in (*python_files(root, f"src/{PACKAGE}"), *python_files(root, "benchmarks")):
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


def _patterns(root: Path) -> dict[re.Pattern[str], str]:
    """What the package composes at run time and looks like an id: a pattern with a group for each part, and its place.

    These are f-strings, and sums (in templates `~`, in scripts `+` or a template literal) that begin with a literal.
    """
    found: dict[str, str] = {}
    for path in python_files(root, f"src/{PACKAGE}"):
        for node in ast.walk(parsed(path)):
            parts: list[ast.expr] = []
            if isinstance(node, ast.JoinedStr):
                parts = node.values
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                parts = [node.left, node.right]
            if len(parts) > 1 and isinstance(parts[0], ast.Constant):
                found.setdefault("".join(map(_pattern_of, parts)), at(path, root, getattr(node, "lineno", 1)))
    for path in sorted((root / "src" / PACKAGE).rglob("*")):
        if path.suffix in {".j2", ".html", ".js"}:
            for match in SCRIPT_HEAD.finditer(path.read_text(encoding="utf-8")):
                found.setdefault(re.escape(match[1] or match[2]) + "(.+)", at(path, root))
    heads = re.compile(r"[a-z](?:\\-|[a-z0-9_])*\\\.")
    return {re.compile(pattern): where for pattern, where in found.items() if heads.match(pattern)}


def _pattern_of(part: ast.expr) -> str:
    fixed = isinstance(part, ast.Constant) and isinstance(part.value, str)
    return re.escape(part.value) if fixed else "(.+)"  # type: ignore[attr-defined]


def _tokens(root: Path) -> set[str]:
    """Every word that stands in a literal or in data: what an id can be composed from."""
    found: set[str] = set()
    for path in python_files(root, f"src/{PACKAGE}"):
        for node in strings(parsed(path)):
            found.update(TOKEN.findall(str(node.value)))
    for path in sorted((root / "src" / PACKAGE).rglob("*")):
        data = path.suffix in TEMPLATES | {".csv"}
        if data and not path.is_relative_to(root / WORDS) and "error_texts" not in path.parts:
            found.update(TOKEN.findall(path.read_text(encoding="utf-8")))
    return found


def _is_id(text: str, spaces: set[str]) -> bool:
    """Whether a literal reads like an id of one of these name spaces, and not like a file name."""
    parts = text.split(".")
    return bool(ID.fullmatch(text)) and parts[0] in spaces and parts[-1] not in FILE_ENDINGS


def undefined(root: Path, complete: Mapping[str, tuple[str, ...]] = COMPLETE) -> list[str]:
    """Ids used in code and templates that no word file defines, and compositions that meet no defined id."""
    defined = _defined(root)
    spaces = {identifier.split(".")[0] for identifier in defined}
    patterns = _patterns(root)
    found = [
        f"{where}: the text id {literal} is not defined"
        for literal, where in _literals(root)
        if literal not in defined
        and _is_id(literal, spaces)
        and not any(pattern.pattern.startswith(re.escape(literal)) for pattern in patterns)
    ]
    found += [
        f"{where}: no text id looks like {pattern.pattern}"
        for pattern, where in patterns.items()
        if pattern.pattern.split("\\.")[0].replace("\\-", "-") in spaces and not any(map(pattern.fullmatch, defined))
    ]
    wanted = [head + rest for head, rests in complete.items() for rest in rests]
    return found + [f"the composed text id {name} is not defined" for name in wanted if name not in defined]


def unused(root: Path, complete: Mapping[str, tuple[str, ...]] = COMPLETE) -> list[str]:
    """Ids that nothing uses or composes, and entries of COMPLETE that nothing composes."""
    used = {literal for literal, _ in _literals(root)}
    used |= {head + rest for head, rests in complete.items() for rest in rests}
    patterns, tokens = _patterns(root), _tokens(root)
    pieces = {piece for token in tokens for piece in token.lower().split("-")}

    def known(part: str) -> bool:  # a word that stands somewhere, or is made of such words with hyphens
        return part in tokens or pieces.issuperset(part.split("-"))

    def composed(identifier: str) -> bool:
        matches = (pattern.fullmatch(identifier) for pattern in patterns)
        return any(match and all(known(t) for part in match.groups() for t in part.split(".")) for match in matches)

    found = [
        f"{where}: {identifier} is used nowhere"
        for identifier, where in sorted(_defined(root).items())
        if identifier not in used and not composed(identifier)
    ]
    beginnings = {head for head in complete if any(p.pattern.startswith(re.escape(head)) for p in patterns)}
    return found + [f"nothing composes ids that begin with {head}" for head in complete if head not in beginnings]


def _defined(root: Path) -> dict[str, str]:
    """Every id of either language with the file that defines it."""
    return {identifier: where for lang in LANGUAGES for identifier, (where, _) in texts(root, lang).items()}


def unnamed_dimensions(root: Path) -> list[str]:
    """Dimensions in the built-in observations that have no name in the words."""
    defined = _defined(root)
    found: set[str] = set()
    for path in sorted((root / "src" / PACKAGE / "cities").glob("*/evidence/*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                names = ["dim." + pair.replace("=", ".") for pair in (row.get("dims") or "").split(";") if pair]
                found |= {f"{at(path, root, number)}: {name} is not defined" for name in names if name not in defined}
    return sorted(found)
