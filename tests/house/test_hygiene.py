"""Encodings are named, only the command line prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import hygiene
from tests.house.tree import ROOT, nothing, plant


def test_every_open_names_its_encoding() -> None:
    nothing(hygiene.unnamed_encodings(ROOT))


def test_nothing_prints_but_the_command_line() -> None:
    nothing(hygiene.prints(ROOT))


@pytest.mark.parametrize(
    "call",
    [
        "open('a')",
        "open('a', 'w')",
        "open('a', mode)",
        "io.open('a')",
        "p.open()",
        "p.open('w')",
        "p.open(mode='a')",
        "p.read_text()",
        "p.write_text('x')",
        "subprocess.run(['a'], text=True)",
        "io.TextIOWrapper(b)",
        "tempfile.NamedTemporaryFile('w')",
    ],
)
def test_an_unnamed_encoding_is_found(tmp_path: Path, call: str) -> None:
    assert len(hygiene.unnamed_encodings(plant(tmp_path, {"src/headframe/a.py": call + "\n"}))) == 1


@pytest.mark.parametrize(
    "call",
    [
        "open('a', encoding='utf-8')",
        "open('a', 'rb')",
        "p.open('wb')",
        "p.open(encoding='utf-8')",
        "zip.open('name.txt')",
        "webbrowser.open(url)",
        "p.read_text(encoding='utf-8')",
        "p.write_text('x', encoding='utf-8')",
        "p.read_text('utf-8')",
        "subprocess.run(['a'])",
        "api.open()",
        "tempfile.NamedTemporaryFile()",
    ],
)
def test_a_named_encoding_passes(tmp_path: Path, call: str) -> None:
    assert hygiene.unnamed_encodings(plant(tmp_path, {"src/headframe/a.py": call + "\n"})) == []


def test_a_print_is_found_outside_the_command_line(tmp_path: Path) -> None:
    files = {"src/headframe/cli/main.py": "print(1)\n", "src/headframe/measure/meter.py": "def f():\n    print(1)\n"}
    assert hygiene.prints(plant(tmp_path, files)) == ["src/headframe/measure/meter.py:2: prints"]
