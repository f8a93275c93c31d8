"""What the base installation needs: only its own dependencies, and little of them to print the help."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from tests.house.licences import closure, normal
from tests.house.tree import PACKAGE, at, parsed, python_files

HEAVY = ("numpy", "scipy", "polars", "pint", "pydantic", "jinja2", "fastexcel", "xlsxwriter", "vl_convert")


def base_distributions(root: Path) -> set[str]:
    """The names in `project.dependencies`, as registries compare them."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {normal(re.split(r"[^A-Za-z0-9._-]", line)[0]) for line in project.get("dependencies", [])}


def import_names(distributions: Iterable[str]) -> set[str]:
    """The top-level modules of these distributions, as installed here."""
    wanted = set(distributions)
    return {
        module
        for module, owners in metadata.packages_distributions().items()
        if any(normal(owner) in wanted for owner in owners)
    }


def _imports(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, int]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or "", node.lineno


def _at_import_time(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Statements that run when a module is imported: not those in functions, not those for type checkers."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from _at_import_time(node.orelse)
            continue
        yield node
        for part in ("body", "orelse", "finalbody"):
            yield from _at_import_time(getattr(node, part, []))
        for handler in getattr(node, "handlers", []):
            yield from _at_import_time(handler.body)


def foreign_imports(root: Path, known: set[str]) -> list[str]:
    """Modules imported at import time that belong neither to Python nor to us nor to a base dependency."""
    fine = known | set(sys.stdlib_module_names) | {PACKAGE, "__future__"}
    return [
        f"{at(path, root, line)}: imports {name}, which the base installation lacks"
        for path in python_files(root, f"src/{PACKAGE}")
        for name, line in _imports(_at_import_time(parsed(path).body))
        if name.split(".")[0] not in fine
    ]


def lazily_imported(root: Path, known: set[str]) -> list[str]:
    """Modules imported inside functions that belong to no dependency, base or optional."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [line for lines in project.get("optional-dependencies", {}).values() for line in lines]
    optional = {normal(re.split(r"[^A-Za-z0-9._-]", line)[0]).replace("-", "_") for line in extras}
    fine = known | optional | set(sys.stdlib_module_names) | {PACKAGE, "__future__"}
    return [
        f"{at(path, root, line)}: imports {name}, which no dependency supplies"
        for path in python_files(root, f"src/{PACKAGE}")
        for name, line in _imports(ast.walk(parsed(path)))
        if name.split(".")[0] not in fine
    ]


IMPORT_ALL = """
import importlib, json, pkgutil, sys, warnings
blocked, package = set(json.loads(sys.argv[1])), sys.argv[2]
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in blocked:
            raise ModuleNotFoundError(f"{name} is not part of the base installation", name=name)
sys.meta_path.insert(0, Blocker())
failed = []
found = importlib.import_module(package)
for module in pkgutil.walk_packages(found.__path__, package + ".", onerror=lambda name: failed.append(name)):
    if not module.name.endswith("__main__"):
        try:
            importlib.import_module(module.name)
        except ImportError as error:
            failed.append(f"{module.name}: {error}")
print(json.dumps(failed))
"""


def import_everything(source: Path, package: str, blocked: Iterable[str]) -> list[str]:
    """Import every module of a package in a fresh interpreter in which the `blocked` modules do not exist."""
    command = [sys.executable, "-X", "utf8", "-c", IMPORT_ALL, json.dumps(sorted(blocked)), package]
    done = subprocess.run(command, capture_output=True, cwd=source, check=False)
    if done.returncode:
        return [done.stderr.decode("utf-8")]
    return [str(line) for line in json.loads(done.stdout)]


def loaded_by(source: Path, statement: str, watched: Iterable[str] = HEAVY) -> list[str]:
    """Which of the watched modules a statement loads in a fresh interpreter."""
    program = f"{statement}\nimport sys, json\nprint(json.dumps([m for m in {sorted(watched)!r} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", program], capture_output=True, cwd=source, check=False)
    if done.returncode:
        return [done.stderr.decode("utf-8")]
    return [str(line) for line in json.loads(done.stdout)]


def not_in_base(root: Path) -> set[str]:
    """Every module installed here that the base dependencies, and what they need, do not supply."""
    base = import_names(closure(base_distributions(root)))
    everything = set(metadata.packages_distributions())
    return everything - base - {PACKAGE, "tests"} - set(sys.stdlib_module_names)
