"""Error codes: texts, use, anchor, test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import error_codes
from tests.house.tree import ROOT, nothing, plant

GOOD = """HF101:
  anchor: unknown-unit
  en: {why: "{unit} is unknown.", fix: "Write another."}
  zh: {why: "无法识别“{unit}”。", fix: "请更换。"}
"""
RAISES = 'def f():\n    raise HeadframeError.of("HF101", "here", unit="x")\n'
TRIGGERS = 'def test_f():\n    assert code == "HF101"\n'
PAGE = '<a id="unknown-unit"></a>\n'


def tree(root: Path, texts: str = GOOD, raises: str = RAISES, triggers: str = TRIGGERS, page: str = PAGE) -> Path:
    files = {f"{error_codes.TEXTS}/core.yaml": texts, "src/headframe/core/units.py": raises}
    return plant(root, files | {"tests/core/test_units.py": triggers, "docs/errors.md": page})


def test_every_entry_is_complete_in_both_languages() -> None:
    nothing(error_codes.badly_written(ROOT))


def test_every_code_is_raised_anchored_and_triggered() -> None:
    nothing(error_codes.unmatched(ROOT))


def test_every_slot_of_a_raised_code_is_filled() -> None:
    nothing(error_codes.unfilled(ROOT))


def test_a_sound_tree_passes(tmp_path: Path) -> None:
    tree(tmp_path)
    assert error_codes.badly_written(tmp_path) == []
    assert error_codes.unmatched(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("HF101", "HF1", "is no code"),
        ("  anchor: unknown-unit\n", "", "needs exactly anchor, en and zh"),
        ("unknown-unit", "Unknown unit", "not lower case"),
        ('fix: "Write another."', 'fix: ""', "has no fix in en"),
        ("“{unit}”", "“{name}”", "other slots in zh"),
        ('fix: "请更换。"', 'fix: "Write another."', "without a Chinese character"),
    ],
)
def test_a_badly_written_entry_is_found(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in GOOD
    found = error_codes.badly_written(tree(tmp_path, texts=GOOD.replace(old, new)))
    assert any(fault in line for line in found), found


def test_a_shared_anchor_is_found(tmp_path: Path) -> None:
    found = error_codes.badly_written(tree(tmp_path, texts=GOOD + GOOD.replace("HF101", "HF102")))
    assert found == [f"{error_codes.TEXTS}/core.yaml: HF102 shares its anchor with HF101"]


@pytest.mark.parametrize(
    ("part", "text", "fault"),
    [
        ("raises", '"""HF101 only in words."""\n', "is never raised"),
        ("raises", RAISES.replace("HF101", "HF199"), "HF199 has no entry"),
        ("triggers", "def test_f():\n    pass  # HF101\n", "is named in no test"),
        ("page", "# Errors\n", "has no anchor"),
    ],
)
def test_an_unmatched_code_is_found(tmp_path: Path, part: str, text: str, fault: str) -> None:
    found = error_codes.unmatched(tree(tmp_path, **{part: text}))
    assert any(fault in line for line in found), found


def test_an_unfilled_slot_is_found(tmp_path: Path) -> None:
    tree(tmp_path, raises=RAISES.replace("unit=", "units=") + RAISES + 'problems.add("HF101", "x", **values)\n')
    assert error_codes.unfilled(tmp_path) == ["src/headframe/core/units.py:2: HF101 is given no unit"]
