"""The cache folder: where it stands, what is whole in it, and that nothing depends on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from headframe.core import units
from headframe.core.cache import cache_folder, keep, kept
from headframe.core.units import remember_signatures, signature


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", "headframe"),
        ("win32", "LOCALAPPDATA", "headframe"),
        ("darwin", "HOME", "Library/Caches/headframe"),
    ],
)
def test_the_cache_stands_where_the_system_keeps_such_things(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, variable: str, expected: str
) -> None:
    monkeypatch.delenv("HEADFRAME_CACHE", raising=False)
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setenv(variable, str(tmp_path))
    assert cache_folder() == tmp_path / expected


def test_what_was_kept_comes_back_and_what_was_damaged_does_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HEADFRAME_CACHE", str(tmp_path / "new"))
    assert kept("thing") is None
    keep("thing", b"content")
    assert kept("thing") == b"content"
    path = tmp_path / "new" / "thing"
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole[:10], b"", whole[:-1] + b"?"):
        path.write_bytes(damaged)
        assert kept("thing") is None


def test_without_a_folder_nothing_is_kept_and_nothing_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("x", encoding="utf-8")
    monkeypatch.setenv("HEADFRAME_CACHE", str(blocked))
    keep("thing", b"content")
    assert kept("thing") is None


@pytest.mark.parametrize(
    ("unit", "number", "powers"),
    [
        ("Mt/year", 1e12, (("gram", "1"), ("year", "-1"))),
        ("1/year", 1.0, (("year", "-1"),)),
        ("万元", 1e4, (("yuan", "1"),)),
        ("%", 0.01, ()),
        ("CNY/person", 1.0, (("person", "-1"), ("yuan", "1"))),
    ],
)
def test_a_unit_is_a_number_times_powers_of_base_units(
    unit: str, number: float, powers: tuple[tuple[str, str], ...]
) -> None:
    found = signature(unit)
    assert found[0] == pytest.approx(number, rel=1e-12)
    assert found[1] == powers


def test_units_are_remembered_between_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HEADFRAME_CACHE", str(tmp_path))
    monkeypatch.setattr(units, "_SIGNATURES", {})
    found = signature("Mt/year")
    remember_signatures()
    monkeypatch.setattr(units, "_SIGNATURES", {})
    monkeypatch.setattr(units, "parse_unit", None)  # not needed any more
    assert signature("Mt/year") == found
