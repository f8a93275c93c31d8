"""Files of at most 400 lines, functions of at most 60 lines beside their docstring."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.house.tree import NEVER_TRACKED, at, parsed, python_files

FILE_LINES, FUNCTION_LINES = 400, 60
FOLDERS = ("src", "tests", "benchmarks", "docs", "release", ".ci")
WRITTEN_BY_HAND = {".py", ".js", ".css", ".j2", ".html", ".sh"}


def long_files(root: Path) -> list[str]:
    """Hand-written program, style and template files with too many lines; data files are exempt."""
    found = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in WRITTEN_BY_HAND or NEVER_TRACKED & set(path.relative_to(root).parts):
                continue
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > FILE_LINES:
                found.append(f"{at(path, root)}: {lines} lines")
    return found


def function_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function from `def` to its end, less those of its docstring."""
    total = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is not None:
        total -= (first.end_lineno or first.lineno) - first.lineno + 1
    return total


def long_functions(root: Path) -> list[str]:
    """Functions with too many lines."""
    return [
        f"{at(path, root, node.lineno)}: {node.name} has {function_lines(node)} lines"
        for path in python_files(root, *FOLDERS)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and function_lines(node) > FUNCTION_LINES
    ]
