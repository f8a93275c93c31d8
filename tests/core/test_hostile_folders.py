"""What a folder from a stranger, a full disk or a careless `--out` could do, and does not."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from headframe.core import files
from headframe.core.errors import HeadframeError, Problem, did_you_mean, shown
from headframe.core.files import (
    JOURNAL,
    LOCK,
    STAGING,
    check_folder,
    check_readable,
    folder_lock,
    is_there,
    is_vacant,
    needs_recovery,
    read_text,
    write_atomic,
    write_together,
)
from headframe.core.units import factor, parse_unit


def codes(raised: pytest.ExceptionInfo[HeadframeError]) -> list[str]:
    return [problem.code for problem in raised.value.problems]


@pytest.mark.parametrize("part", ["../../victim", "{victim}", "0"])
def test_a_strangers_journal_fetches_nothing_from_outside(tmp_path: Path, part: str) -> None:
    victim, city = tmp_path / "victim", tmp_path / "city"
    victim.write_text("secret", encoding="utf-8")
    staging = city / f"{STAGING}-1"
    staging.mkdir(parents=True)
    name = part.replace("{victim}", str(victim))
    if part == "0":
        (staging / "0").symlink_to(victim)
    (staging / JOURNAL).write_text(json.dumps({name: "stolen.txt"}), encoding="utf-8")
    with folder_lock(city):
        pass
    assert victim.read_text(encoding="utf-8") == "secret"
    assert not (city / "stolen.txt").exists()
    assert not needs_recovery(city)


@pytest.mark.parametrize("text", ["{nope", "[1]", '{"0": 5}', "[" * 100_000, ""])
def test_a_damaged_journal_is_dropped(tmp_path: Path, text: str) -> None:
    staging = tmp_path / f"{STAGING}-1"
    staging.mkdir()
    (staging / "0").write_text("x", encoding="utf-8")
    (staging / JOURNAL).write_text(text, encoding="utf-8")
    with folder_lock(tmp_path):
        pass
    assert not needs_recovery(tmp_path)


def test_other_peoples_hidden_files_stay(tmp_path: Path) -> None:
    mine = tmp_path / "evidence/.mine.tmp"
    mine.parent.mkdir()
    mine.write_text("x", encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"{STAGING}-link").symlink_to(tmp_path / "elsewhere")
    with folder_lock(tmp_path):
        pass
    assert mine.exists()
    assert (tmp_path / "elsewhere").is_dir()


def test_only_files_are_written_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder", "."):
        with pytest.raises(HeadframeError) as raised:
            write_atomic(tmp_path / name if name != "." else Path(), "x")
        assert codes(raised) == ["HF118"]
    with pytest.raises(HeadframeError) as raised:
        write_together(tmp_path, {"a": "x", "pipe": "x"})
    assert codes(raised) == ["HF118"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "pipe"]


def test_only_files_are_read_and_none_without_bound(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, code in (("pipe", "HF120"), (".", "HF120"), ("absent", "HF114"), ("x" * 5000, "HF114")):
        with pytest.raises(HeadframeError) as raised:
            check_readable(tmp_path / name)
        assert codes(raised) == [code]
    (tmp_path / "long").write_text("x" * 100, encoding="utf-8")
    with pytest.raises(HeadframeError) as raised:
        read_text(tmp_path / "long", most=99)
    assert codes(raised) == ["HF119"]


def test_a_dead_link_is_there_and_an_absent_file_is_not(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert is_there(tmp_path / "link")
    assert not is_there(tmp_path / "nowhere")
    assert not is_there(tmp_path / "link/below")
    with pytest.raises(HeadframeError) as raised:
        is_there(tmp_path / ("x" * 5000))
    assert codes(raised) == ["HF114"]


@pytest.mark.parametrize("failing", [1, 2])
def test_a_disk_that_fails_while_files_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int) -> None:
    """Before the first file has moved the change is taken back; after it, it is kept and finished later."""
    old, new = {"a": "old", "b": "old"}, {"a": "new", "b": "new"}
    write_together(tmp_path, old)
    moved = 0
    sound = files._replace

    def replace(source: Path, target: Path) -> None:
        nonlocal moved
        moved += 1
        if moved >= failing:
            raise OSError(errno.EIO, "Input/output error")
        sound(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(files, "_replace", replace)
        with pytest.raises(HeadframeError) as raised:
            write_together(tmp_path, new)
    assert codes(raised) == ["HF112" if failing == 1 else "HF117"]
    assert needs_recovery(tmp_path) == (failing == 2)
    with folder_lock(tmp_path):
        pass
    found = {name: (tmp_path / name).read_text(encoding="utf-8") for name in old}
    assert found == (old if failing == 1 else new)


def test_a_stop_while_staging_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(path: Path, content: bytes) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "_write_durably", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_together(tmp_path, {"a": "x"})
    assert not list(tmp_path.iterdir())


def test_locks_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "a" / LOCK).mkdir(parents=True)
    for folder, code in ((tmp_path / "file", "HF112"), (tmp_path / "a", "HF118"), (tmp_path / ("x" * 5000), "HF112")):
        with pytest.raises(HeadframeError) as raised, folder_lock(folder):
            pass
        assert codes(raised) == [code]


def test_folders_that_cannot_be_written_are_known_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    check_folder(tmp_path / "new/below")
    assert not (tmp_path / "new").exists()
    for folder in (tmp_path / "file", tmp_path / "file/below", tmp_path / ("x" * 5000)):
        with pytest.raises(HeadframeError) as raised:
            check_folder(folder)
        assert codes(raised) == ["HF112"]


def test_a_folder_with_our_leftovers_alone_is_vacant(tmp_path: Path) -> None:
    assert is_vacant(tmp_path)
    assert is_vacant(tmp_path / "absent")
    (tmp_path / LOCK).touch()
    (tmp_path / f"{STAGING}-1").mkdir()
    assert is_vacant(tmp_path)
    (tmp_path / ".git").mkdir()
    assert not is_vacant(tmp_path)


def test_undecodable_text_is_stored_as_a_mark(tmp_path: Path) -> None:
    write_together(tmp_path, {"a": "x\udcff"})
    assert (tmp_path / "a").read_text(encoding="utf-8") == "x?"


def test_messages_cannot_rule_a_terminal_or_fill_it() -> None:
    problem = Problem("HF300", "a\x1b[31m\nb\u202e", {"name": "\x9b" + "x" * 100_000, "suggestion": 10**5000})
    assert not set("\x1b\n\u202e\x9b") & set(problem.line("en") + problem.line("zh"))
    assert len(problem.line("en")) < 3000
    assert shown("\udcff").encode() == "�".encode()
    assert did_you_mean("x" * 10**7, ["xyz"]) == ""


@pytest.mark.parametrize(
    "unit", ["CNY**9**9**9", "((CNY)**9)**9", "(1e9*CNY)**9", "9**9", "CNY^9^9", "CNY**99", "CNY ** -9 ** 9"]
)
def test_units_that_would_never_end(unit: str) -> None:
    with pytest.raises(HeadframeError) as raised:
        parse_unit(unit)
    assert codes(raised) == ["HF101"]


def test_a_factor_beyond_all_numbers_is_no_unit() -> None:
    with pytest.raises(HeadframeError) as raised:
        factor("1e308 万亿 CNY", "CNY")
    assert codes(raised) == ["HF101"]
    assert factor("m**2", "km2") == pytest.approx(1e-6)
