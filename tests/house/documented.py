"""Every public module, class, function, method and property has a docstring that says something."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import PACKAGE, at, parsed, python_files

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
FEWEST_WORDS = 2


def _public(node: Documented) -> bool:
    decorators = {ast.unparse(item).split("(")[0].rpartition(".")[2] for item in node.decorator_list}
    return not node.name.startswith("_") and not decorators & {"overload", "override", "setter"}


def _walk(body: list[ast.stmt]) -> Iterator[Documented]:
    for node in body:
        if isinstance(node, ast.If | ast.Try):
            yield from _walk([*node.body, *node.orelse])
        elif isinstance(node, Documented) and _public(node):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _walk(node.body)


def undocumented(root: Path) -> list[str]:
    """Public names of the package without a docstring of at least two words."""
    found = []
    for path in python_files(root, f"src/{PACKAGE}"):
        module = parsed(path)
        named: list[tuple[str, int, str | None]] = [("module", 1, ast.get_docstring(module))]
        if not module.body:  # an empty __init__ has nothing to say
            continue
        named += [(node.name, node.lineno, ast.get_docstring(node)) for node in _walk(module.body)]
        found += [
            f"{at(path, root, line)}: {name} has no docstring that says anything"
            for name, line, text in named
            if len((text or "").split()) < FEWEST_WORDS
        ]
    return found
