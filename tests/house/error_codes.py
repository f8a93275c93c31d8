"""Every error code has its texts in both languages, is raised, anchored in docs/errors.md, triggered by a test."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path
from typing import Any

import yaml

from tests.house.tree import PACKAGE, at, parsed, python_files, strings

TEXTS = f"src/{PACKAGE}/core/error_texts"
CODE = re.compile(r"\bHF[1-9]\d{2}\b")
LANGUAGES, PARTS = ("en", "zh"), ("why", "fix")
ROOM_OF_CODES = {  # the room whose file holds the codes from this number on
    100: "core", 200: "catalog", 300: "evidence", 380: "cities", 400: "measure", 500: "diagnose", 600: "show",
    700: "api", 800: "bench",
}  # fmt: skip


def slots(text: str) -> set[str]:
    """The names of the slots of a text."""
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def entries(root: Path) -> dict[str, tuple[str, Any]]:
    """Every code with the file it stands in and its entry."""
    found: dict[str, tuple[str, Any]] = {}
    for path in sorted((root / TEXTS).glob("*.yaml")):
        loaded = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        found |= {str(code): (at(path, root), entry) for code, entry in loaded.items()}
    return found


def badly_written(root: Path) -> list[str]:
    """Entries that lack a part or a language, whose languages have different slots, or that share an anchor."""
    found: list[str] = []
    anchors: dict[str, str] = {}
    for code, (where, entry) in entries(root).items():
        here = f"{where}: {code}"
        if not CODE.fullmatch(code):
            found.append(f"{here} is no code (HF and three digits)")
        if not isinstance(entry, dict) or set(entry) != {"anchor", *LANGUAGES}:
            found.append(f"{here} needs exactly anchor, en and zh")
            continue
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", str(entry["anchor"])):
            found.append(f"{here} has an anchor that is not lower case with hyphens")
        if anchors.setdefault(entry["anchor"], code) != code:
            found.append(f"{here} shares its anchor with {anchors[entry['anchor']]}")
        found += [f"{here} {fault}" for fault in _text_faults(entry)]
    return found


def _text_faults(entry: dict[str, Any]) -> list[str]:
    texts = {(lang, part): str((entry[lang] or {}).get(part, "")).strip() for lang in LANGUAGES for part in PARTS}
    faults = [f"has no {part} in {lang}" for (lang, part), text in texts.items() if not text]
    in_language = {lang: slots(texts[lang, "why"]) | slots(texts[lang, "fix"]) for lang in LANGUAGES}
    if in_language["en"] != in_language["zh"]:
        faults.append(f"has other slots in zh than in en: {sorted(in_language['en'] ^ in_language['zh'])}")
    chinese = re.compile(r"[\u4e00-\u9fff]")
    faults += [
        f"has a zh {part} without a Chinese character" for part in PARTS if not chinese.search(texts["zh", part])
    ]
    return faults


def codes_in(root: Path, *folders: str, without: str = "") -> dict[str, str]:
    """The codes named in string literals below these folders, with one place each."""
    found: dict[str, str] = {}
    for path in python_files(root, *folders):
        if without and path.is_relative_to(root / without):
            continue
        for node in strings(parsed(path)):
            for code in CODE.findall(node.value):
                found.setdefault(code, at(path, root, node.lineno))
    return found


def unmatched(root: Path) -> list[str]:
    """Codes raised without an entry, entries never raised, never triggered in a test, or not anchored in the page."""
    known, raised = entries(root), codes_in(root, f"src/{PACKAGE}")
    tested = codes_in(root, "tests", without="tests/house")
    page_path = root / "docs/errors.md"
    page = page_path.read_text(encoding="utf-8") if page_path.is_file() else ""
    found = [f"{where}: {code} has no entry in {TEXTS}" for code, where in raised.items() if code not in known]
    for code, (where, entry) in known.items():
        here = f"{where}: {code}"
        if code not in raised:
            found.append(f"{here} is never raised")
        if code not in tested:
            found.append(f"{here} is named in no test")
        if isinstance(entry, dict) and f'<a id="{entry.get("anchor")}"></a>' not in page:
            found.append(f"{here} has no anchor in docs/errors.md")
    return found


def unfilled(root: Path) -> list[str]:
    """Places that report a code without a value for one of the slots of its texts."""
    needs = {}
    for code, (_, entry) in entries(root).items():
        parts = [str(entry.get(lang, {}).get(part, "")) for lang in LANGUAGES for part in PARTS]
        needs[code] = set().union(*map(slots, parts))
    found = []
    for path in python_files(root, f"src/{PACKAGE}"):
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
                continue
            first, given = node.args[0], {keyword.arg for keyword in node.keywords}
            if node.func.attr not in {"of", "add"} or not isinstance(first, ast.Constant) or None in given:
                continue
            missing = needs.get(first.value, set()) - given if isinstance(first.value, str) else set()
            if missing:
                found.append(f"{at(path, root, node.lineno)}: {first.value} is given no {', '.join(sorted(missing))}")
    return found
