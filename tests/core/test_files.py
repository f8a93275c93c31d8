"""Files survive a kill at any moment: whole old or whole new; one writer; nothing outside the folder."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.core import files
from headframe.core.errors import HeadframeError
from headframe.core.files import folder_lock, inside, needs_recovery, read_text, recover, write_atomic, write_together
from tests.conftest import FULL

KILLS = 200 if FULL else 12
WRITER = """
import sys
from pathlib import Path
from headframe.core.files import folder_lock, write_together
folder = Path(sys.argv[1])
print("ready", flush=True)
for turn in range(1, 100000):
    text = (str(turn) + "\\n") * 20000
    with folder_lock(folder):
        write_together(folder, {"one.txt": text, "deep/two.txt": text, "three.txt": text})
"""


def test_kill_at_random_moments_loses_nothing(tmp_path: Path) -> None:
    """After every kill each file is whole, and after recovery all three exist and are of one turn."""
    write_together(tmp_path, dict.fromkeys(("one.txt", "deep/two.txt", "three.txt"), "0\n" * 20000))
    last = 0
    for attempt in range(KILLS):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.01 + 0.013 * (attempt % 17))
        writer.kill()
        writer.wait()
        writer.stdout.close()
        names = ("one.txt", "deep/two.txt", "three.txt")
        for name in names:
            lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
            assert len(lines) == 20000
            assert len(set(lines)) == 1, "half-written"
        with folder_lock(tmp_path):
            assert not needs_recovery(tmp_path)
        turns = {int((tmp_path / name).read_text(encoding="utf-8").split("\n", 1)[0]) for name in names}
        assert len(turns) == 1, "files of different turns"
        last = max(last, turns.pop())
    assert last >= 1


@pytest.mark.parametrize("stop_after", range(1, 12))
def test_stop_between_any_two_steps_is_old_or_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    """Every prefix of the file operations leaves, after recovery, all old or all new contents."""
    old, new = {"a": "old", "b": "old"}, {"a": "new", "b": "new"}
    write_together(tmp_path, old)
    calls = 0

    class Killed(BaseException):
        pass

    def counted(operation):  # type: ignore[no-untyped-def]
        def run(*args, **kwargs):  # type: ignore[no-untyped-def]
            nonlocal calls
            calls += 1
            if calls > stop_after:
                raise Killed
            return operation(*args, **kwargs)

        return run

    with monkeypatch.context() as patch:
        patch.setattr(files, "_write_durably", counted(files._write_durably))
        patch.setattr(Path, "replace", counted(Path.replace))
        patch.setattr(files, "_flush_folder", counted(files._flush_folder))
        patch.setattr(files.shutil, "rmtree", counted(files.shutil.rmtree))
        with contextlib.suppress(Killed):
            write_together(tmp_path, new)
    recover(tmp_path)
    found = {name: (tmp_path / name).read_text(encoding="utf-8") for name in old}
    assert found in (old, new)
    assert not needs_recovery(tmp_path)


def test_second_writer_is_told(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from headframe.core.files import folder_lock\n"
        "with folder_lock(Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(30)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        with pytest.raises(HeadframeError) as raised, folder_lock(tmp_path, wait=0.2):
            pass
        assert raised.value.problems[0].code == "HF111"
    finally:
        holder.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        holder.wait()
        holder.stdout.close()
    with folder_lock(tmp_path, wait=5):
        pass  # a lock dies with its process


def test_held_open_file_is_said_and_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Windows does while a spreadsheet holds the target: replacing is refused."""
    target = tmp_path / "观测 表.csv"
    target.write_text("old", encoding="utf-8")

    def refuse(self: Path, other: Path) -> Path:
        raise PermissionError(13, "used by another process")

    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr(files, "_PAUSE", 0.0)
    with pytest.raises(HeadframeError) as raised:
        write_atomic(target, "new")
    assert raised.value.problems[0].code == "HF110"
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_chinese_and_spaced_paths(tmp_path: Path) -> None:
    folder = tmp_path / "阜新 市 数据"
    with folder_lock(folder):
        write_together(folder, {"证 据/观测.csv": "值\n", "b.txt": b"\xff"})
    assert read_text(folder / "证 据/观测.csv") == "值\n"


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "..\\x", "C:\\x", "C:/x", "", "a\0b"])
def test_paths_that_lead_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(HeadframeError) as raised:
        inside(tmp_path, name)
    assert raised.value.problems[0].code == "HF113"


def test_link_that_leads_outside(tmp_path: Path) -> None:
    (tmp_path / "city").mkdir()
    (tmp_path / "city/link").symlink_to(tmp_path)
    with pytest.raises(HeadframeError):
        inside(tmp_path / "city", "link/x")


@given(st.binary(max_size=200))
def test_reading_any_bytes_is_text_or_a_clear_error(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(data)
        try:
            read_text(path)
        except HeadframeError as error:
            assert error.problems[0].code == "HF115"


def test_missing_and_unwritable(tmp_path: Path) -> None:
    with pytest.raises(HeadframeError) as raised:
        read_text(tmp_path / "absent")
    assert raised.value.problems[0].code == "HF114"
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(HeadframeError) as raised:
        write_atomic(tmp_path / "file/inside.txt", "x")
    assert raised.value.problems[0].code == "HF112"
