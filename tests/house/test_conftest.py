"""What conftest.py promises: the data folder by name or default, the mark of the long campaign, and full lists."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import conftest
from tests.house.tree import nothing


def test_the_data_folder_is_the_named_one_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADFRAME_DATA", str(tmp_path))
    assert conftest.find_data_folder() == tmp_path
    monkeypatch.setenv("HEADFRAME_DATA", str(tmp_path / "missing"))
    assert conftest.find_data_folder() is None
    monkeypatch.delenv("HEADFRAME_DATA")
    monkeypatch.setattr(conftest, "ROOT", tmp_path / "checkout")
    assert conftest.find_data_folder() is None
    (tmp_path / "shared/data").mkdir(parents=True)
    assert conftest.find_data_folder() == tmp_path / "shared/data"


@pytest.mark.parametrize("full", [True, False])
def test_marked_tests_wait_for_the_campaign(monkeypatch: pytest.MonkeyPatch, full: object) -> None:
    monkeypatch.setattr(conftest, "FULL", full)
    added: list[str] = []

    def item(name: str) -> SimpleNamespace:
        marked = name == "long"
        return SimpleNamespace(get_closest_marker=lambda mark: marked, add_marker=lambda mark: added.append(name))

    conftest.pytest_collection_modifyitems([item("long"), item("short")])  # type: ignore[list-item]
    assert added == ([] if full else ["long"])


def test_what_a_rule_found_fails_with_every_line() -> None:
    nothing([])
    with pytest.raises(pytest.fail.Exception, match=r"(?s)3 found.*one.*two.*three"):
        nothing(["one", "two", "three"])
