"""Pins stand in one place, `[tool.uv] constraint-dependencies`; `constraints.txt` is written from it for pip.

python -m tests.house.constraints            writes constraints.txt from pyproject.toml
python -m tests.house.constraints --freeze   first sets the list to the versions installed here
python -m tests.house.constraints --check    only compares
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from tests.house.licences import normal
from tests.house.tree import ROOT

HEAD = """# Written by `python -m tests.house.constraints` from [tool.uv] constraint-dependencies in pyproject.toml.
"""
LIST = re.compile(r"^constraint-dependencies = \[.*?\]\n", re.MULTILINE | re.DOTALL)
NOT_PINNED = {"headframe", "pip", "setuptools", "wheel", "uv"}


def pins(root: Path = ROOT) -> list[str]:
    """The pins of pyproject.toml."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return [str(line) for line in project["tool"]["uv"]["constraint-dependencies"]]


def frozen() -> list[str]:
    """A pin for every distribution installed here, by name."""
    found = {normal(item.metadata["Name"]): item.version for item in metadata.distributions()}
    return [f"{name}=={version}" for name, version in sorted(found.items()) if name not in NOT_PINNED]


def constraints_text(root: Path = ROOT) -> str:
    """What constraints.txt has to contain."""
    return HEAD + "".join(f"{pin}\n" for pin in pins(root))


def write_pins(root: Path, lines: list[str]) -> None:
    """Replace the list in pyproject.toml."""
    path = root / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    listed = "".join(f'  "{line}",\n' for line in lines)
    changed, count = LIST.subn(lambda _: f"constraint-dependencies = [\n{listed}]\n", text)
    if count != 1:
        raise ValueError("pyproject.toml has no list constraint-dependencies")
    path.write_text(changed, encoding="utf-8", newline="\n")


def faults(root: Path = ROOT) -> list[str]:
    """Ways in which the pins and constraints.txt do not fit."""
    path = root / "constraints.txt"
    found = (
        []
        if path.is_file() and path.read_text(encoding="utf-8") == constraints_text(root)
        else ["constraints.txt is out of step"]
    )
    listed = [Requirement(pin) for pin in pins(root)]
    found += [f"{item} is no exact pin" for item in listed if not re.fullmatch(r"==[^,*]+", str(item.specifier))]
    names = [normal(item.name) for item in listed]
    found += [f"{name} is pinned twice" for name in sorted(set(names)) if names.count(name) > 1]
    if names != sorted(names):
        found.append("the pins are not sorted")
    return found


def main(arguments: list[str]) -> int:
    """Write or compare; the exit code says whether everything was in step."""
    if "--check" in arguments:
        sys.stderr.writelines(f"{fault}\n" for fault in faults())
        return 1 if faults() else 0
    if "--freeze" in arguments:
        write_pins(ROOT, frozen())
    (ROOT / "constraints.txt").write_text(constraints_text(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
