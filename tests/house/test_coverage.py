"""The coverage table: every row of the scope, honest states, and a page in step."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.house.tree import ROOT

SCOPE = {"M": 14, "D": 10, "C": 10, "S": 16, "P": 11, "E": 4, "W": 5, "G": 4}
STATES = ("works", "partly", "not yet")
BILINGUAL = ("there", "missing")
FIELDS = {"id", "en", "zh", "sources", "state", "module", "command", "test"}
FIELDS |= {f"{part}_{language}" for part in BILINGUAL for language in ("en", "zh")}


def load() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((ROOT / "docs/coverage.yaml").read_text(encoding="utf-8"))
    return data


def commands() -> set[str]:
    import typer.main

    from headframe.cli.main import app

    group = typer.main.get_command(app)
    return {"headframe", *getattr(group, "commands", {})}


def faults(row: dict[str, Any], known_commands: set[str], root: Path = ROOT) -> list[str]:
    """What is wrong with one row of the table."""
    here = row.get("id", "?")
    if set(row) != FIELDS:
        return [f"{here}: fields {sorted(set(row) ^ FIELDS)}"]
    found = []
    if row["state"] not in STATES:
        found.append(f"{here}: state {row['state']}")
    if not row["en"] or not re.search(r"[\u4e00-\u9fff]", row["zh"]):
        found.append(f"{here}: mechanism not in both languages")
    found += [
        f"{here}: {part} in one language only"
        for part in BILINGUAL
        if bool(row[f"{part}_en"]) != bool(row[f"{part}_zh"])
    ]
    if row["state"] == "not yet":
        return found
    if not row["there_en"]:
        found.append(f"{here}: does not say what is there")
    if (row["state"] == "partly") != bool(row["missing_en"]):
        found.append(f"{here}: says what is missing exactly where something is")
    if not row["module"].startswith("headframe") or not _importable(row["module"]):
        found.append(f"{here}: no module {row['module']!r}")
    words = row["command"].split()
    if words[:1] != ["headframe"] or (words[1:2] or ["headframe"])[0] not in known_commands:
        found.append(f"{here}: no command {row['command']!r}")
    return found + _test_faults(here, row["test"], root)


def _importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _test_faults(here: str, test: str, root: Path) -> list[str]:
    name, _, function = test.partition("::")
    path = root / name
    if not name.startswith("tests/") or not path.exists():
        return [f"{here}: no test {test!r}"]
    if function and f"def {function}(" not in path.read_text(encoding="utf-8"):
        return [f"{here}: no function {function} in {name}"]
    return []


def test_every_row_of_the_scope_is_there_once() -> None:
    ids = [row["id"] for row in load()["rows"]]
    assert sorted(ids) == sorted(f"{letter}{n}" for letter, count in SCOPE.items() for n in range(1, count + 1))
    assert list(load()["groups"]) == list(SCOPE)


def test_rows_are_sound() -> None:
    known = commands()
    assert [fault for row in load()["rows"] for fault in faults(row, known)] == []


def test_sources_are_known() -> None:
    text = (ROOT / "src/headframe/catalog/sources.csv").read_text(encoding="utf-8")
    known = {line.split(",")[0] for line in text.splitlines()}
    assert {source for row in load()["rows"] for source in row["sources"]} <= known


def test_the_page_is_in_step() -> None:
    script = ROOT / "docs/generate_coverage.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8")


GOOD = {
    "id": "M1", "en": "Exhaustion", "zh": "枯竭", "sources": [], "state": "works", "there_en": "a", "there_zh": "一",
    "missing_en": "", "missing_zh": "", "module": "headframe.methods.growth", "command": "headframe measure CITY",
    "test": "tests/house/test_coverage.py::test_rows_are_sound",
}  # fmt: skip


def test_a_sound_row_passes() -> None:
    assert faults(GOOD, {"headframe", "measure"}) == []
    assert faults(GOOD | {"state": "partly", "missing_en": "b", "missing_zh": "二"}, {"headframe", "measure"}) == []
    empty = {"module": "", "command": "", "test": "", "there_en": "", "there_zh": ""}
    assert faults(GOOD | empty | {"state": "not yet"}, set()) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"state": "almost"}, "state"),
        ({"zh": "Exhaustion"}, "both languages"),
        ({"there_zh": ""}, "one language"),
        ({"there_en": "", "there_zh": ""}, "what is there"),
        ({"missing_en": "b", "missing_zh": "二"}, "missing"),
        ({"state": "partly"}, "missing"),
        ({"module": "headframe.nothing"}, "no module"),
        ({"module": "headframe.nothing.deeper"}, "no module"),
        ({"module": "json"}, "no module"),
        ({"command": "headframe invent"}, "no command"),
        ({"command": "measure"}, "no command"),
        ({"command": ""}, "no command"),
        ({"test": "tests/none.py"}, "no test"),
        ({"test": "README.md"}, "no test"),
        ({"test": "tests/house/test_coverage.py::test_nothing"}, "no function"),
        ({"extra": 1}, "fields"),
    ],
)
def test_a_false_claim_is_found(change: dict[str, Any], fault: str) -> None:
    found = faults(GOOD | change, {"headframe", "measure"})
    assert len(found) >= 1
    assert any(fault in text for text in found)
