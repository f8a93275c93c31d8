"""The drawing program for the browser: cached by version, safe inside a page, replaceable when the cache is broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headframe.core.errors import HeadframeError
from headframe.show import vega


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[int]:
    """An empty cache, and a drawing program that counts how often it is asked."""
    import vl_convert

    asked: list[int] = []

    def made(snippet: str) -> str:
        asked.append(1)
        return f"var made=1;{snippet}/*</script><!--*/"

    monkeypatch.setenv("HEADFRAME_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(vl_convert, "javascript_bundle", made)
    vega.bundle.cache_clear()
    yield asked  # type: ignore[misc]
    vega.bundle.cache_clear()


def test_the_bundle_is_made_once_and_kept_by_version(fresh: list[int], tmp_path: Path) -> None:
    first = vega.bundle()
    vega.bundle.cache_clear()
    assert vega.bundle() == first
    assert len(fresh) == 1
    (kept,) = (tmp_path / "cache").iterdir()
    assert vega.version() in kept.name


def test_the_bundle_cannot_end_the_element_around_it(fresh: list[int]) -> None:
    assert "</script" not in vega.bundle()
    assert "<!--" not in vega.bundle()


def test_a_truncated_copy_is_made_anew(fresh: list[int], tmp_path: Path) -> None:
    whole = vega.bundle()
    (kept,) = (tmp_path / "cache").iterdir()
    content = kept.read_bytes()
    kept.write_bytes(content[:50])
    vega.bundle.cache_clear()
    assert vega.bundle() == whole
    assert kept.read_bytes() == content


def test_without_a_cache_folder_the_bundle_is_made_all_the_same(
    fresh: list[int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("x", encoding="utf-8")
    monkeypatch.setenv("HEADFRAME_CACHE", str(blocked))
    assert vega.bundle().startswith("var made=1;")


def test_a_broken_drawing_program_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import vl_convert

    def broken(*_: Any) -> str:
        raise ValueError("no such version")

    monkeypatch.setenv("HEADFRAME_CACHE", str(tmp_path))
    monkeypatch.setattr(vl_convert, "javascript_bundle", broken)
    vega.bundle.cache_clear()
    with pytest.raises(HeadframeError) as caught:
        vega.bundle()
    assert caught.value.problems[0].code == "HF602"
    vega.bundle.cache_clear()


def test_the_notices_are_passed_on() -> None:
    for part in (
        "University of Washington Interactive Data Lab",
        "Redistribution and use in source and binary forms",
        "Mike Bostock",
    ):
        assert part in vega.licence()
