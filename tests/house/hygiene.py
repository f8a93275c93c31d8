"""Small habits in the package: every open names its encoding, nothing prints but the command line."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.house.tree import PACKAGE, at, parsed, python_files

MODE = re.compile(r"[rwaxbt+]{1,3}")
MAY_PRINT = ("cli",)


def _mode(call: ast.Call, position: int, default: str = "r") -> str | None:
    """The mode of a call of `open`: its literal, `default` where none is given, None where it is no mode at all."""
    given = [keyword.value for keyword in call.keywords if keyword.arg == "mode"]
    given = given or call.args[position : position + 1]
    if not given:
        return default
    node = given[0]
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and MODE.fullmatch(node.value):
        return node.value
    return None


def _lacks_encoding(call: ast.Call) -> bool:
    named = {keyword.arg for keyword in call.keywords}
    if "encoding" in named or None in named:
        return False
    match call.func:
        case ast.Name(id="open"):
            mode = _mode(call, 1)
            return mode is None or "b" not in mode
        case ast.Attribute(attr="open", value=ast.Name(id="io")):
            mode = _mode(call, 1)
            return mode is None or "b" not in mode
        case ast.Attribute(attr="open"):  # Path.open takes the mode first; other things called open take something else
            mode = _mode(call, 0)
            return (
                mode is not None and "b" not in mode and (bool(call.args or call.keywords) or _is_path(call.func.value))
            )
        case ast.Attribute(attr="read_text"):
            return not call.args
        case ast.Attribute(attr="write_text"):
            return len(call.args) < 2
        case ast.Attribute(attr="run" | "Popen" | "check_output", value=ast.Name(id="subprocess")):
            return bool(named & {"text", "universal_newlines"})
        case ast.Attribute(attr="TextIOWrapper"):
            return True
        case ast.Attribute(attr="NamedTemporaryFile"):
            return "b" not in (_mode(call, 0, "w+b") or "")
    return False


def _is_path(node: ast.expr) -> bool:
    return not (isinstance(node, ast.Name) and node.id in {"webbrowser", "headframe", "api"})


def unnamed_encodings(root: Path) -> list[str]:
    """Calls that open text without saying in which encoding."""
    return [
        f"{at(path, root, node.lineno)}: opens text without encoding"
        for path in python_files(root, f"src/{PACKAGE}", "benchmarks", "docs", "release")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and _lacks_encoding(node)
    ]


def prints(root: Path) -> list[str]:
    """Calls of `print` outside the command line (verbs are jobs: only the caller writes)."""
    package = root / "src" / PACKAGE
    return [
        f"{at(path, root, node.lineno)}: prints"
        for path in python_files(root, f"src/{PACKAGE}")
        if path.relative_to(package).parts[0].removesuffix(".py") not in MAY_PRINT
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
