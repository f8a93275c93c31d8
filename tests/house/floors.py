"""Import floors and cycles: a room imports only rooms above it in the list of docs/conventions.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import PACKAGE, at, module_name, parsed, python_files

ROOMS = (
    "core", "catalog", "cities", "methods", "engine", "evidence", "audit", "measure", "diagnose", "choose", "simulate",
    "calibrate", "plan", "evaluate", "show", "bench", "api", "cli", "web",
)  # fmt: skip
ONLY = {
    "methods": {"core"},
    "engine": {"core"},
    "cli": {"core", "catalog", "api"},
    "web": {"core", "catalog", "api"},
}
SHOW_MAY = {"core", "catalog"}  # beside result types


def imported(path: Path, source: Path, modules: set[str]) -> Iterator[tuple[str, int]]:
    """Every module of ours that a file imports, anywhere in it, with the line."""
    name = module_name(path, source)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield (whole if whole in modules else base), node.lineno


def graph(root: Path) -> dict[str, dict[str, str]]:
    """For each module of ours: the modules of ours it imports, with where."""
    source = root / "src"
    files = python_files(root, f"src/{PACKAGE}")
    modules = {module_name(path, source) for path in files}
    arrows: dict[str, dict[str, str]] = {}
    for path in files:
        name = module_name(path, source)
        targets = arrows.setdefault(name, {})
        for target, line in imported(path, source, modules):
            if target == PACKAGE or target.startswith(f"{PACKAGE}."):
                targets.setdefault(target, at(path, root, line))
    return arrows


def room(module: str) -> str:
    """The room of a module; the package's own `__init__` is in the room ``."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def _allowed(module: str, target: str) -> bool:
    here, there = room(module), room(target)
    if here == there:
        return True
    if here == "":
        return there in {"core", "api"}
    if there == "":
        return here in {"cli", "web"}  # they print the version
    if there not in ROOMS or here not in ROOMS:
        return False
    if here in ONLY:
        return there in ONLY[here]
    if ROOMS.index(there) > ROOMS.index(here):
        return False
    if here == "show" and there not in SHOW_MAY:
        return target.rpartition(".")[2] == "results" or target == f"{PACKAGE}.evidence.types"
    return True


def upward(root: Path) -> list[str]:
    """Imports that point from a room to one below it, or past a narrower rule."""
    return [
        f"{where}: {module} imports {target}"
        for module, targets in graph(root).items()
        for target, where in targets.items()
        if not _allowed(module, target)
    ]


def strangers(root: Path) -> list[str]:
    """Folders and modules directly in the package that are no room."""
    package = root / "src" / PACKAGE
    if not package.is_dir():
        return []
    found = [path.stem if path.is_file() else path.name for path in package.iterdir() if path.suffix in {"", ".py"}]
    return sorted(f"{PACKAGE}.{name} is no room of ours" for name in found if name not in ROOMS and name[0] not in "_.")


def cycles(root: Path) -> list[str]:
    """Groups of modules that import each other in a circle (strongly connected components, Tarjan 1972)."""
    arrows = {module: [t for t in targets if t != module] for module, targets in graph(root).items()}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[str] = []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        for target in arrows.get(module, []):
            if target not in index:
                visit(target)
                low[module] = min(low[module], low[target])
            elif target in stack:
                low[module] = min(low[module], index[target])
        if low[module] == index[module]:
            group: list[str] = []
            while module not in group:
                group.append(stack.pop())
            if len(group) > 1:
                found.append(" <-> ".join(sorted(group)))

    for module in arrows:
        if module not in index:
            visit(module)
    return found
