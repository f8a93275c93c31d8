"""No visible text in code or templates: it belongs into the word files, in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import PACKAGE, at, parsed, python_files, strings

CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]")
SENTENCE = re.compile(r"(?:^|>)\s*[A-Z][a-z]+(?:[ ,;:]+[A-Za-z]+){2,}")
WITHOUT_CHINESE = ("measure", "diagnose", "show", "bench", "api", "cli", "web")
WITHOUT_ENGLISH = ("show", "cli", "web")
VISIBLE_ATTRIBUTES = re.compile(
    r"""\b(?:title|alt|aria-label|placeholder|aria-description)\s*=\s*(["'])(.*?)\1""", re.DOTALL
)
LETTERS = re.compile(r"[A-Za-z\u3400-\u9fff]")
DEFECTS = {
    "AssertionError",
    "KeyError",
    "LookupError",
    "NotImplementedError",
    "RuntimeError",
    "TypeError",
    "ValueError",
}


def _rooms(root: Path, rooms: tuple[str, ...]) -> Iterator[Path]:
    package = f"src/{PACKAGE}"
    yield from python_files(root, *(f"{package}/{room}" for room in rooms))
    yield from (path for room in rooms if (path := root / package / f"{room}.py").is_file())


def _for_programmers(module: ast.Module) -> set[int]:
    """Strings that only someone who breaks the code ever reads: texts of defects, names of loggers and warnings."""
    found: set[int] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in DEFECTS:
            found.update(id(part) for argument in node.args for part in ast.walk(argument))
    return found


def literals(root: Path) -> list[str]:
    """Chinese literals in the upper rooms, and English sentences in the rooms that people see."""
    found = [
        f"{at(path, root, node.lineno)}: Chinese text in code: {str(node.value)[:40]!r}"
        for path in _rooms(root, WITHOUT_CHINESE)
        for node in strings(parsed(path))
        if CJK.search(str(node.value)) and not _is_pattern(str(node.value))
    ]
    for path in _rooms(root, WITHOUT_ENGLISH):
        module = parsed(path)
        spared = _for_programmers(module)
        found += [
            f"{at(path, root, node.lineno)}: English text in code: {str(node.value)[:40]!r}"
            for node in strings(module)
            if id(node) not in spared and SENTENCE.search(str(node.value))
        ]
    return found


def _is_pattern(text: str) -> bool:
    """Whether the Chinese characters stand only in ranges such as `[一-鿿]` or are a bare separator."""
    return (
        not CJK.search(re.sub(r"\[[^\]]*\]", "", text))
        or re.fullmatch(r"[\s、，。；：（）《》「」“”]+", text) is not None
    )


def template_text(text: str) -> list[str]:
    """What stands visible in a template beside the filled-in parts."""
    for pattern in (
        r"\{#.*?#\}",
        r"<!--.*?-->",
        r"<script\b.*?</script>",
        r"<style\b.*?</style>",
        r"\{%.*?%\}",
        r"\{\{.*?\}\}",
    ):
        text = re.sub(pattern, " ", text, flags=re.DOTALL | re.IGNORECASE)
    attributes = [match[2] for match in VISIBLE_ATTRIBUTES.finditer(text)]
    bare = re.sub(r"<[^>]*>", "\n", text)
    bare = re.sub(r"&#?\w+;", "", bare)
    return [part.strip() for part in [*attributes, *bare.split("\n")] if LETTERS.search(part)]


def templates(root: Path) -> list[str]:
    """Visible letters in the package's templates."""
    found = []
    for path in sorted((root / "src" / PACKAGE).rglob("*")):
        if path.name.endswith((".html", ".html.j2", ".svg.j2")):
            visible = template_text(path.read_text(encoding="utf-8"))
            found += [f"{at(path, root)}: visible text in a template: {part[:40]!r}" for part in visible]
        elif path.suffix == ".js":
            bare = re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
            found += [
                f"{at(path, root)}: Chinese text in a script: {part!r}" for part in re.findall(f"{CJK.pattern}+", bare)
            ]
            sentences = re.findall(r"""["'`]([A-Z][a-z]+(?: [a-z]+){2,})""", bare)
            found += [f"{at(path, root)}: English text in a script: {part[:40]!r}" for part in sentences]
    return found
