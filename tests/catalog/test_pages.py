"""The generated pages: a page that was edited, or that belongs to nothing, is found; every link leads to an anchor."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import ROOT


@pytest.fixture
def generator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_catalogue", ROOT / "docs/generate_catalogue.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "FOLDER", tmp_path / "catalogue")
    return module


def test_missing_edited_and_stray_pages_are_found(generator: ModuleType) -> None:
    assert generator.main(["--check"]) == 1
    assert generator.main([]) == 0
    assert generator.main(["--check"]) == 0
    page = generator.FOLDER / "thresholds.md"
    page.write_text(page.read_text(encoding="utf-8").replace("exhaustion_rule", "other_rule"), encoding="utf-8")
    assert generator.main(["--check"]) == 1
    assert generator.main([]) == 0
    (generator.FOLDER / "stray.md").write_text("nobody's\n", encoding="utf-8")
    assert generator.main(["--check"]) == 1
    assert generator.main([]) == 0
    assert generator.main(["--check"]) == 0


def test_every_link_leads_to_an_anchor(generator: ModuleType) -> None:
    pages = {path.name: text for path, text in generator.pages().items()}
    anchors = {name: set(re.findall(r'<a id="([^"]+)"></a>', text)) for name, text in pages.items()}
    for name, text in pages.items():
        for page, target in re.findall(r"\]\((\w+\.md)(?:#([^)]+))?\)", text):
            assert page in pages, f"{name} links to {page}"
            assert not target or target in anchors[page], f"{name} links to {page}#{target}"


def test_a_bar_in_a_text_does_not_break_a_table(generator: ModuleType) -> None:
    assert generator.table(("a", "b"), [("x|y", None)])[-1] == "| x\\|y | — |"
