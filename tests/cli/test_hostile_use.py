"""The command line under odd circumstances: closed streams, full disks, signals, odd names, options that contradict."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from headframe.cli import console
from headframe.cli import main as cli
from headframe.evidence.folder import open_city

COMMAND = [sys.executable, "-m", "headframe.cli.main"]
ENVIRONMENT = {**os.environ, "HEADFRAME_LANG": "en", "PYTHONIOENCODING": "utf-8"}
WHO = ("--author", "Li Wei", "--reason", "test")


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `headframe` stands for the command."""
    text = line.replace("headframe", f"'{sys.executable}' -m headframe.cli.main", 1)
    command = ["/bin/bash", "-c", f"set -o pipefail; {text}"]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, encoding="utf-8", check=False)
    assert "Traceback" not in done.stdout + done.stderr
    assert "Exception ignored" not in done.stderr
    return done


@pytest.mark.parametrize("line", ["headframe check fuxin --json | head -1", "headframe measure fuxin | head -1"])
def test_a_reader_that_has_seen_enough_is_fine(tmp_path: Path, line: str) -> None:
    done = shell(line, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no full device here")
def test_a_full_disk_behind_standard_output_is_said(tmp_path: Path) -> None:
    done = shell("headframe check fuxin > /dev/full", tmp_path)
    assert done.returncode == 1
    assert "HF706" in done.stderr


def test_closed_streams(tmp_path: Path) -> None:
    assert shell("headframe check fuxin >&- 2>&- <&-", tmp_path).returncode == 0
    assert shell("headframe check nowhere >&- 2>&-", tmp_path).returncode == 1


def test_a_working_folder_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    done = shell("true; cd gone; rmdir ../gone; headframe check fuxin", tmp_path)
    assert done.returncode == 0
    done = shell("true; mkdir gone; cd gone; rmdir ../gone; headframe new x", tmp_path)
    assert done.returncode == 1
    assert "HF112" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_from_outside_leaves_nothing(tmp_path: Path, number: int) -> None:
    command = [*COMMAND, "report", "fuxin", "--out", "out"]
    process = subprocess.Popen(command, cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE, encoding="utf-8")
    time.sleep(3)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    if process.returncode == 0:
        pytest.skip("it was quicker")
    assert process.returncode == 128 + number
    assert "HF116" in err
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


@pytest.fixture
def headframe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["headframe", *words])
        status = cli.main()
        seen = capsys.readouterr()
        assert "Traceback" not in seen.out + seen.err
        return status, seen.err

    return run


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["tour", "x" * 5000], "HF300"),
        (["tour", ""], "HF300"),
        (["upgrade", "x" * 5000], "HF114"),
        (["new", "x" * 5000, "--name", "ok"], "HF112"),
        (["new", "x", "--level", "village"], "HF308"),
        (["new", "con"], "HF307"),
        (["new", "x", "--from", "fuxin", "--name", "X"], "HF708"),
        (["new", "x", "--from", "fuxin", "--panel"], "HF708"),
        (["new", "x", "--panel", "--level", "city"], "HF709"),
        (["check", "\x1b]0;title\x07"], "HF300"),
        (["report", "fuxin", "--out", "file"], "HF112"),
        (["report", "fuxin", "--out", "file/below"], "HF112"),
        (["export", "fuxin", "--out", "."], "HF118"),
        (["export", "fuxin", "--out", "pipe"], "HF118"),
        (["correct", "mine", "fuxin-0001", "--set", "value", *WHO], "HF707"),
        (["correct", "mine", "fuxin-0001", "--set", "value=1", "--set", "value=2", *WHO], "HF707"),
        (["correct", "mine", "fuxin-0001", "--set", "=5", *WHO], "HF705"),
        (["correct", "mine", "fuxin-0001", "--set", "value=1e999", *WHO], "HF344"),
        (["correct", "mine", "--undo", "x", "--set", "value=1", *WHO], "HF704"),
    ],
)
def test_odd_words(headframe, tmp_path: Path, words: list[str], code: str) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "file").write_text("keep", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe")
    if words[0] == "correct":
        headframe("new", "mine", "--from", "fuxin")
    status, err = headframe(*words)
    assert status == 1
    assert code in err
    assert "\x1b" not in err
    assert (tmp_path / "file").read_text(encoding="utf-8") == "keep"


def test_undecodable_words_are_kept_as_far_as_they_can_be(headframe) -> None:  # type: ignore[no-untyped-def]
    headframe("new", "mine", "--from", "fuxin")
    words = ("correct", "mine", "fuxin-0001", "--set", "value=5", "--author", "Li \udcff", "--reason", "x")
    assert headframe(*words)[0] == 0
    assert open_city("mine").imports.item(0, "author") == "Li ?"
    assert headframe("correct", "mine", "fuxin-0001", "--set", "note=\udcff", *WHO)[0] == 0


def test_without_words_the_help_is_shown(headframe) -> None:  # type: ignore[no-untyped-def]
    status, err = headframe()
    assert status == 2
    assert len(err.splitlines()) > 10


def test_a_defect_is_said_even_without_a_folder_for_its_trace(headframe, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    class Panic(BaseException):
        """What a library of another language raises; no ordinary exception."""

    def broken(name: str) -> None:
        raise Panic("broken")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("headframe.api.check", broken)
    monkeypatch.setattr("tempfile.NamedTemporaryFile", full)
    status, err = headframe("check", "fuxin")
    assert status == console.DEFECT
    assert "Panic" in err
