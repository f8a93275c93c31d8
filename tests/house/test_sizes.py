"""File and function size."""

from __future__ import annotations

from pathlib import Path

from tests.house import sizes
from tests.house.tree import ROOT, nothing, plant


def test_no_file_is_too_long() -> None:
    nothing(sizes.long_files(ROOT))


def test_no_function_is_too_long() -> None:
    nothing(sizes.long_functions(ROOT))


def test_a_long_file_is_found_and_data_are_exempt(tmp_path: Path) -> None:
    many = "x = 1\n" * 401
    plant(tmp_path, {"src/a.py": many, "src/b.py": "x = 1\n" * 400, "src/c.yaml": many, "src/d.js": many})
    assert sizes.long_files(tmp_path) == ["src/a.py: 401 lines", "src/d.js: 401 lines"]


def test_a_long_function_is_found_and_its_docstring_is_not_counted(tmp_path: Path) -> None:
    body = "    x = 1\n" * 59
    docstring = '    """One.\n\n' + "    More.\n" * 30 + '    """\n'
    plant(
        tmp_path,
        {"src/a.py": f"def good():\n{docstring}{body}\nclass C:\n    async def bad(self):\n" + "        x = 1\n" * 60},
    )
    assert sizes.long_functions(tmp_path) == ["src/a.py:96: bad has 61 lines"]
