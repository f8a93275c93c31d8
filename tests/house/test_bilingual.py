"""Data that people read is written in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.bilingual import one_sided
from tests.house.tree import ROOT, nothing, plant


def test_data_is_written_in_both_languages() -> None:
    nothing(one_sided(ROOT))


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("catalog/a.yaml", "gdp:\n  name_en: Output\n", "gdp has no name_zh"),
        ("catalog/a.yaml", "gdp:\n  name_en: Output\n  name_zh: ''\n", "gdp has no name_zh"),
        ("catalog/a.yaml", "gdp:\n  name_zh: 产值\n", "gdp has no name_en"),
        ("catalog/a.yaml", "all:\n- {text_en: One, text_zh: One thing}\n", "all[0] has a text_zh without"),
        ("cities/x/city.toml", '[place]\nname_en = "Town"\n', "place has no name_zh"),
        ("cities/x/events.csv", "title_en,title_zh\nA,甲\nB,\n", "row 3 has no title_zh"),
        ("cities/x/observations.csv", "note,note_zh\n,\nsaid,\n", "row 3 has no note_zh"),
        ("cities/x/observations.csv", "note,note_zh\n,说\n", "row 2 has no note"),
    ],
)
def test_one_sided_data_is_found(tmp_path: Path, name: str, text: str, fault: str) -> None:
    found = one_sided(plant(tmp_path, {f"src/headframe/{name}": text}))
    assert len(found) == 1
    assert fault in found[0]


def test_data_in_both_languages_passes(tmp_path: Path) -> None:
    files = {
        "cities/x/a.csv": "title,title_en,title_zh,note,note_zh\n原,Original,原,,\n",
        "catalog/b.yaml": "a: {n_en: GDP, n_zh: GDP}\n",
    }
    assert one_sided(plant(tmp_path, {f"src/headframe/{name}": text for name, text in files.items()})) == []
