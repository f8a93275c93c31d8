"""Files are written atomically; a kill at any moment loses nothing that was there; a folder has one writer (law 10).

One file: written beside its target, flushed to disk, then moved over it in one step. Several files together:
all are staged first, then a journal names them, then they are moved; a journal found later is carried out, staged
files without a journal are dropped. So a reader sees either the old or the new state of every file, and after
`recover` either the old or the new state of the whole set.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from headframe.core.errors import HeadframeError

STAGING = ".headframe-staging"
JOURNAL = "journal.json"
LOCK = ".headframe.lock"
_ATTEMPTS, _PAUSE = 5, 0.1  # a spreadsheet may hold a file for a moment while it saves


def _flush_folder(folder: Path) -> None:
    """Make a rename durable; not every system can open a folder, and then there is nothing to do."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _replace(source: Path, target: Path) -> None:
    for attempt in range(_ATTEMPTS):
        try:
            source.replace(target)
        except PermissionError as error:
            if attempt == _ATTEMPTS - 1:
                raise HeadframeError.of("HF110", str(target)) from error
            time.sleep(_PAUSE)
        else:
            return


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write one file so that it is either the old one or the new one, whole, at any moment.

    Text is written as UTF-8. Raises HF110 when another program holds the file, HF112 otherwise.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name[:80]}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_durably(temporary, data)
        _replace(temporary, path)
        _flush_folder(path.parent)
    except OSError as error:
        raise HeadframeError.of("HF112", str(path), reason=error.strerror or str(error)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def inside(folder: Path, name: str) -> Path:
    """The path of `name` inside `folder`. Raises HF113 when it is absolute or leads outside."""
    parts = PurePosixPath(name.replace("\\", "/"))
    target = folder.joinpath(*parts.parts)
    climbs = parts.is_absolute() or ".." in parts.parts or ":" in name or "\0" in name
    if climbs or not name or not target.resolve().is_relative_to(folder.resolve()):
        raise HeadframeError.of("HF113", str(folder), path=name)
    return target


def write_together(folder: Path, files: Mapping[str, bytes | str]) -> None:
    """Write several files of one folder so that a kill leaves all old or, after `recover`, all new.

    Keys are paths relative to `folder` with `/`. The caller holds the folder's lock.
    """
    targets = {name: inside(folder, name) for name in files}
    staging = folder / f"{STAGING}-{secrets.token_hex(4)}"
    try:
        staging.mkdir(parents=True)
        moves: dict[str, str] = {}
        for number, (name, content) in enumerate(files.items()):
            data = content.encode("utf-8") if isinstance(content, str) else content
            _write_durably(staging / str(number), data)
            moves[str(number)] = targets[name].relative_to(folder).as_posix()
        _flush_folder(staging)
        draft = staging / "journal.part"
        _write_durably(draft, json.dumps(moves).encode("utf-8"))
        draft.replace(staging / JOURNAL)  # from here on the change is decided
        _flush_folder(staging)
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        raise HeadframeError.of("HF112", str(folder), reason=error.strerror or str(error)) from error
    _carry_out(folder, staging)


def _carry_out(folder: Path, staging: Path) -> None:
    moves: dict[str, str] = json.loads((staging / JOURNAL).read_text(encoding="utf-8"))
    for part, name in moves.items():
        source, target = staging / part, inside(folder, name)
        if source.exists():  # absent when an interrupted run had moved it already
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(source, target)
            _flush_folder(target.parent)
    shutil.rmtree(staging, ignore_errors=True)


def recover(folder: Path) -> None:
    """Finish decided changes that a kill interrupted and drop undecided ones. The caller holds the lock."""
    for staging in sorted(folder.glob(f"{STAGING}-*")):
        if (staging / JOURNAL).exists():
            _carry_out(folder, staging)
        else:
            shutil.rmtree(staging, ignore_errors=True)
    for leftover in folder.rglob(".*.tmp"):
        with contextlib.suppress(OSError):
            leftover.unlink()


def needs_recovery(folder: Path) -> bool:
    """Whether a kill left something behind that `recover` would finish or drop."""
    return any(folder.glob(f"{STAGING}-*"))


@contextlib.contextmanager
def folder_lock(folder: Path, *, wait: float = 10.0) -> Iterator[None]:
    """Hold the folder's single-writer lock, recovering first from an interrupted write.

    Waits at most `wait` seconds, then raises HF111. A lock dies with its process.
    """
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / LOCK, timeout=wait):
            recover(folder)
            yield
    except Timeout as error:
        raise HeadframeError.of("HF111", str(folder)) from error


def read_text(path: Path) -> str:
    """A file's UTF-8 text (a byte-order mark is dropped). Raises HF114 or HF115."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise HeadframeError.of("HF114", str(path), reason=error.strerror or str(error)) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HeadframeError.of("HF115", str(path), position=error.start) from error
