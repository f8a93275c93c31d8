"""Pins and constraints.txt."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import constraints
from tests.house.installed import base_distributions
from tests.house.licences import closure
from tests.house.tree import ROOT, nothing, plant

PROJECT = '[tool.uv]\nconstraint-dependencies = [\n  "a==1.0",\n  "b-c==2",\n]\nother = 1\n'


def tree(root: Path, project: str = PROJECT) -> Path:
    plant(root, {"pyproject.toml": project})
    return plant(root, {"constraints.txt": constraints.constraints_text(root)})


def test_pins_and_constraints_fit() -> None:
    nothing(constraints.faults())


def test_everything_users_install_is_pinned() -> None:
    pinned = {constraints.normal(constraints.Requirement(pin).name) for pin in constraints.pins()}
    installed_here = {line.split("==")[0] for line in constraints.frozen()}
    assert closure(base_distributions(ROOT)) & installed_here <= pinned


def test_the_written_list_reads_back(tmp_path: Path) -> None:
    tree(tmp_path)
    constraints.write_pins(tmp_path, ["d==3", "e==4"])
    assert constraints.pins(tmp_path) == ["d==3", "e==4"]
    assert "other = 1" in (tmp_path / "pyproject.toml").read_text(encoding="utf-8")
    assert constraints.faults(tmp_path) == ["constraints.txt is out of step"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("a==1.0", "a>=1.0", "a>=1.0 is no exact pin"),
        ("a==1.0", "a==1.*", "a==1.* is no exact pin"),
        ("b-c==2", "A==2", "a is pinned twice"),
        ("a==1.0", "z==1.0", "the pins are not sorted"),
    ],
)
def test_bad_pins_are_found(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert fault in constraints.faults(tree(tmp_path, PROJECT.replace(old, new)))


def test_a_page_out_of_step_is_found(tmp_path: Path) -> None:
    tree(tmp_path)
    assert constraints.faults(tmp_path) == []
    plant(tmp_path, {"constraints.txt": "a==1.0\n"})
    assert constraints.faults(tmp_path) == ["constraints.txt is out of step"]
