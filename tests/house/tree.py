"""What every house rule needs: the project's root, its tracked files, its parsed sources."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "headframe"
NEVER_TRACKED = {".git", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".hypothesis", "dist", "build", ".envs"}


def tracked_files(root: Path = ROOT) -> list[Path]:
    """Files that git tracks or would track; without git (a source archive), every file outside build folders."""
    git = shutil.which("git")
    if git and (root / ".git").exists():
        command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout.decode("utf-8")
        candidates = [root / name for name in listed.split("\0") if name]
    else:
        candidates = [path for path in root.rglob("*") if not NEVER_TRACKED & set(path.relative_to(root).parts)]
    return sorted(path for path in set(candidates) if path.is_file())


def python_files(root: Path, *folders: str) -> list[Path]:
    """The Python files below these folders of `root`, in a fixed order."""
    found = [path for folder in folders for path in (root / folder).rglob("*.py")]
    return sorted(path for path in found if not NEVER_TRACKED & set(path.relative_to(root).parts))


@lru_cache(maxsize=2048)
def _parse(path: Path, stamp: int) -> ast.Module:
    del stamp
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file, parsed once per content."""
    return _parse(path, path.stat().st_mtime_ns)


def docstring_constants(module: ast.AST) -> set[int]:
    """The identities of the string nodes that are docstrings."""
    found: set[int] = set()
    for node in ast.walk(module):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        found.update(
            id(item.value) for item in body if isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant)
        )
    return found


def strings(module: ast.Module) -> Iterator[ast.Constant]:
    """Every string literal of a module, docstrings and annotations of forward references left out."""
    documentation = docstring_constants(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node


def module_name(path: Path, source: Path) -> str:
    """The dotted name of a file below the source folder; a package's `__init__` has the package's name."""
    parts = list(path.relative_to(source).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


def at(path: Path, root: Path, line: int | None = None) -> str:
    """Where something is, for a message: path from the root, and the line."""
    place = path.relative_to(root).as_posix()
    return place if line is None else f"{place}:{line}"


def plant(root: Path, files: dict[str, str]) -> Path:
    """Write files below `root` (for tests that plant a violation) and give back `root`."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def nothing(found: list[str]) -> None:
    """Fail with every line that a rule found, not only the first few."""
    __tracebackhide__ = True
    if found:
        pytest.fail(f"{len(found)} found:\n" + "\n".join(found))
