"""The direction of imports, and the list of rooms in the conventions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house import floors
from tests.house.tree import ROOT, nothing, plant


def test_no_room_imports_a_room_below_it() -> None:
    nothing(floors.upward(ROOT))


def test_no_module_imports_itself_in_a_circle() -> None:
    nothing(floors.cycles(ROOT))


def test_the_package_holds_only_rooms() -> None:
    nothing(floors.strangers(ROOT))


def test_the_conventions_list_the_same_rooms_in_the_same_order() -> None:
    page = (ROOT / "docs/conventions.md").read_text(encoding="utf-8")
    table = page.split("<!-- rooms:begin -->")[1].split("<!-- rooms:end -->")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)) == floors.ROOMS


@pytest.mark.parametrize(
    ("importer", "line", "target"),
    [
        ("core/units.py", "from headframe.catalog import load", "catalog/load.py"),
        ("core/units.py", "import headframe.catalog.load", "catalog/load.py"),
        ("core/units.py", "def f():\n    from headframe.catalog.load import catalog", "catalog/load.py"),
        ("core/units.py", "from ..catalog import load", "catalog/load.py"),
        ("core/units.py", "import headframe", "catalog/load.py"),
        ("methods/gini.py", "from headframe.catalog.load import catalog", "catalog/load.py"),
        ("engine/graph.py", "from headframe.methods.gini import gini", "methods/gini.py"),
        ("show/page.py", "from headframe.measure.meter import score", "measure/meter.py"),
        ("show/page.py", "from headframe.evidence.folder import open_city", "evidence/folder.py"),
        ("cli/main.py", "from headframe.measure.meter import score", "measure/meter.py"),
        ("cli/main.py", "from headframe.bench.runner import run", "bench/runner.py"),
        ("evidence/table.py", "from headframe.stray import x", "stray.py"),
    ],
)
def test_an_upward_arrow_is_found(tmp_path: Path, importer: str, line: str, target: str) -> None:
    base = "src/headframe/"
    files = {base + importer: line + "\n", base + target: "", base + "__init__.py": ""}
    folders = {str(Path(name).parent) for name in files}
    files |= {f"{folder}/__init__.py": "" for folder in folders if f"{folder}/__init__.py" not in files}
    found = floors.upward(plant(tmp_path, files))
    assert len(found) == 1
    assert importer in found[0]


@pytest.mark.parametrize(
    ("importer", "line", "target"),
    [
        ("show/page.py", "from headframe.measure.results import MeasureResult", "measure/results.py"),
        ("show/page.py", "from headframe.evidence.types import Observation", "evidence/types.py"),
        ("show/page.py", "from headframe.catalog.load import catalog", "catalog/load.py"),
        ("cli/main.py", "from headframe import api", "api.py"),
        ("measure/meter.py", "from headframe.methods.gini import gini", "methods/gini.py"),
        ("bench/runner.py", "from headframe.evidence.table import read_observations", "evidence/table.py"),
        ("__init__.py", "from headframe.api import open", "api.py"),
    ],
)
def test_a_downward_arrow_is_allowed(tmp_path: Path, importer: str, line: str, target: str) -> None:
    base = "src/headframe/"
    assert floors.upward(plant(tmp_path, {base + importer: line + "\n", base + target: ""})) == []


def test_a_circle_is_found(tmp_path: Path) -> None:
    base = "src/headframe/core/"
    plant(tmp_path, {base + "a.py": "from headframe.core.b import x\n", base + "b.py": "import headframe.core.c\n"})
    plant(tmp_path, {base + "c.py": "from headframe.core import a\n", base + "d.py": "from headframe.core import a\n"})
    assert floors.cycles(tmp_path) == ["headframe.core.a <-> headframe.core.b <-> headframe.core.c"]


def test_a_stranger_is_found(tmp_path: Path) -> None:
    plant(
        tmp_path, {"src/headframe/utils.py": "", "src/headframe/core/__init__.py": "", "src/headframe/__init__.py": ""}
    )
    assert floors.strangers(tmp_path) == ["headframe.utils is no room of ours"]
