"""Tracked files."""

from __future__ import annotations

import codecs
import subprocess
from pathlib import Path

import pytest

from tests.house import tracked
from tests.house.tree import ROOT, nothing, plant, tracked_files


def test_no_lock_file_bundle_binary_or_large_file_is_tracked() -> None:
    nothing(tracked.bad_files(tracked_files(), ROOT))


def test_no_registry_machine_path_or_stray_word_is_tracked() -> None:
    nothing(tracked.bad_words(tracked_files(), ROOT))


def test_text_is_utf_8_with_line_feeds() -> None:
    nothing(tracked.bad_text(tracked_files(), ROOT))


def test_the_lock_file_is_ignored() -> None:
    assert "uv.lock" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


def test_tracked_files_are_listed_with_and_without_git(tmp_path: Path) -> None:
    plant(tmp_path, {"a.py": "", "b/名.txt": "", "ignored.txt": "", ".gitignore": "ignored.txt\n", ".venv/x.py": ""})
    names = {path.relative_to(tmp_path).as_posix() for path in tracked_files(tmp_path)}
    assert names == {"a.py", "b/名.txt", "ignored.txt", ".gitignore"}
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    names = {path.relative_to(tmp_path).as_posix() for path in tracked_files(tmp_path)}
    assert names == {"a.py", "b/名.txt", ".gitignore", ".venv/x.py"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("uv.lock", b"x"),
        ("a/package-lock.json", b"{}"),
        ("show/vega.min.js", b"x"),
        ("show/vega.js", b"x" * 3000),
        ("font.woff2", b"x"),
        ("noending", b"\x7fELF\x02"),
        ("data.bin", b"a\0b"),
        ("table.csv", b"1,2\n" * 400_000),
        ("release/runtime.zip", b"PK\x03\x04"),
    ],
)
def test_a_bad_file_is_found(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    assert len(tracked.bad_files([path], tmp_path)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "see https://py" + "pi.org/simple",
        "https://registry.npm" + "js.org/x",
        "pip install --index" + "-url x",
        "https://cdn.js" + "delivr.net/npm/vega",
        "DATA = '/ho" + "me/someone/data'",
        "cd /wo" + "rk/main",
        "C:\\Us" + "ers\\me\\x",
        "file:/ro" + "ot/x",
        *map(str.title, tracked.STRAY),
    ],
)
def test_a_bad_line_is_found(tmp_path: Path, line: str) -> None:
    files = [plant(tmp_path, {"a.md": f"fine\n{line}\n"}) / "a.md"]
    found = tracked.bad_words(files, tmp_path)
    assert found
    assert found[0].startswith("a.md:2: ")


@pytest.mark.parametrize(
    "line",
    [
        "works at home/work balance",
        "https://example.org/home/page",
        "a/root/b",
        "calm",
        "install the package from the registry",
        "tests/work/rooms",
        "https://www.stats.gov.cn/tjsj/",
        "(skill, filler, killman)",
    ],
)
def test_ordinary_lines_pass(tmp_path: Path, line: str) -> None:
    assert tracked.bad_words([plant(tmp_path, {"a.md": line + "\n"}) / "a.md"], tmp_path) == []


def test_a_stray_word_in_a_file_name_is_found(tmp_path: Path) -> None:
    name = codecs.decode("PYNHQR.zq", "rot13")
    assert len(tracked.bad_words([plant(tmp_path, {name: ""}) / name], tmp_path)) == 1


@pytest.mark.parametrize("content", ["城市".encode("gb18030"), b"a\r\nb\r\n", "\ufeffa".encode()])
def test_bad_text_is_found_outside_the_cases(tmp_path: Path, content: bytes) -> None:
    for name in ("src/a.csv", "tests/cases/a.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    found = tracked.bad_text([tmp_path / "src/a.csv", tmp_path / "tests/cases/a.csv"], tmp_path)
    assert len(found) == 1
    assert found[0].startswith("src/a.csv")
