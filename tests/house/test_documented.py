"""Every public name is documented."""

from __future__ import annotations

from pathlib import Path

from tests.house.documented import undocumented
from tests.house.tree import ROOT, nothing, plant

SOURCE = '''"""A module that is documented."""

class Meter:
    """A meter of something."""

    def read(self):
        return 1

    def _private(self):
        return 1

    @property
    def score(self):
        """Score."""
        return 2

def inner():
    """Has a closure that needs none."""
    def closure():
        return 3
    return closure

if True:
    def bare():
        return 4
'''


def test_every_public_name_is_documented() -> None:
    nothing(undocumented(ROOT))


def test_names_without_a_docstring_are_found(tmp_path: Path) -> None:
    plant(tmp_path, {"src/headframe/a.py": SOURCE, "src/headframe/b.py": "x = 1\n", "src/headframe/__init__.py": ""})
    found = [line.split(" has ")[0] for line in undocumented(tmp_path)]
    assert found == [
        "src/headframe/a.py:6: read",
        "src/headframe/a.py:13: score",
        "src/headframe/a.py:24: bare",
        "src/headframe/b.py:1: module",
    ]
