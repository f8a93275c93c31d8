"""Files are written atomically; a kill at any moment loses nothing that was there; a folder has one writer (law 10).

One file: written beside its target, flushed to disk, then moved over it in one step. Several files together:
all are staged first, then a journal names them, then they are moved; a journal found later is carried out, staged
files without a journal are dropped. So a reader sees either the old or the new state of every file, and after
`recover` either the old or the new state of the whole set.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from headframe.core.errors import HeadframeError

STAGING = ".headframe-staging"
JOURNAL = "journal.json"
LOCK = ".headframe.lock"
LARGEST_TEXT = 4 << 30  # bytes
LARGEST_JOURNAL = 1 << 20  # bytes
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
            # Where renaming asks for the right to write the folder, no program that holds the file is in the way.
            if attempt == _ATTEMPTS - 1 and os.access(target.parent, os.W_OK):
                raise HeadframeError.of("HF110", str(target)) from error
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(_PAUSE)
        else:
            return


def storable(text: str) -> str:
    """A text that can be stored: an undecodable byte of the command line, half a character, becomes `?`."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _bytes_of(content: bytes | str) -> bytes:
    return storable(content).encode("utf-8") if isinstance(content, str) else content


def _cannot_write(path: Path, error: OSError) -> HeadframeError:
    return HeadframeError.of("HF112", str(path), reason=error.strerror or str(error))


def make_folder(folder: Path) -> None:
    """Make a folder and those above it where they are missing. Raises HF112."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_write(folder, error) from error


def check_folder(folder: Path) -> None:
    """Whether a folder can be written to or made, found out without making it. Raises HF112."""
    try:
        nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        if not nearest.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not os.access(nearest, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except StopIteration:
        return
    except OSError as error:
        raise _cannot_write(folder, error) from error


def check_target(path: Path) -> None:
    """Refuse a target that is something other than a file: a folder, a device, a pipe. Raises HF118, HF112."""
    try:
        ordinary = bool(path.name) and (not path.exists() or path.is_file())
    except OSError as error:
        raise _cannot_write(path, error) from error
    if not ordinary:
        raise HeadframeError.of("HF118", str(path))


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write one file so that it is either the old one or the new one, whole, at any moment.

    Text is written as UTF-8. Raises HF110 when another program holds the file, HF118 when the path names something
    other than a file, HF112 otherwise.
    """
    check_target(path)
    temporary = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_durably(temporary, _bytes_of(content))
        _replace(temporary, path)
        _flush_folder(path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from error
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

    Keys are paths relative to `folder` with `/`. The caller holds the folder's lock. Raises HF110, HF112, HF113 and
    HF118 with nothing changed, HF117 when the disk failed between two files; then `recover` finishes the change.
    """
    targets = {name: inside(folder, name) for name in files}
    for target in targets.values():
        check_target(target)
    staging = folder / f"{STAGING}-{secrets.token_hex(4)}"
    try:
        staging.mkdir(parents=True)
        moves: dict[str, str] = {}
        for number, (name, content) in enumerate(files.items()):
            targets[name].parent.mkdir(parents=True, exist_ok=True)
            _write_durably(staging / str(number), _bytes_of(content))
            moves[str(number)] = targets[name].relative_to(folder).as_posix()
        _flush_folder(staging)
        draft = staging / "journal.part"
        _write_durably(draft, json.dumps(moves).encode("utf-8"))
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        raise _cannot_write(folder, error) from error
    except (KeyboardInterrupt, SystemExit):
        shutil.rmtree(staging, ignore_errors=True)
        raise
    _decide(folder, staging, draft)


def _decide(folder: Path, staging: Path, draft: Path) -> None:
    """Put the journal in force and carry it out; what fails before the first file has moved is taken back."""
    try:
        draft.replace(staging / JOURNAL)  # from here on the change is decided
        _flush_folder(staging)
        _carry_out(folder, staging)
    except (OSError, HeadframeError) as error:
        moves = _journal(staging)
        if not moves or all((staging / part).exists() for part in moves):
            shutil.rmtree(staging, ignore_errors=True)
            if isinstance(error, HeadframeError):
                raise
            raise _cannot_write(folder, error) from error
        raise HeadframeError.of("HF117", str(folder)) from error


def _journal(staging: Path) -> dict[str, str]:
    """The moves that a journal orders; none where it is damaged or orders what no writer of ours has staged.

    A folder may come from a stranger: a staged file is named by its number alone, lies in the staging folder itself
    and is an ordinary file, so that no journal can fetch a file from elsewhere.
    """
    path = staging / JOURNAL
    try:
        if staging.is_symlink() or path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST_JOURNAL:
            return {}
        moves = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    sound = isinstance(moves, dict) and all(
        part.isascii() and part.isdigit() and isinstance(name, str) and not (staging / part).is_symlink()
        for part, name in moves.items()
    )
    return moves if sound else {}


def _carry_out(folder: Path, staging: Path) -> None:
    moves = {part: inside(folder, name) for part, name in _journal(staging).items()}
    for part, target in moves.items():
        source = staging / part
        if source.is_file():  # absent when an interrupted run had moved it already
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(source, target)
            _flush_folder(target.parent)
    shutil.rmtree(staging, ignore_errors=True)


def _stagings(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"{STAGING}-*") if path.is_dir() and not path.is_symlink())


def recover(folder: Path) -> None:
    """Finish decided changes that a kill interrupted and drop undecided ones. The caller holds the lock.

    Raises HF113 for a journal that leads outside and HF112 when the disk does not let the change be finished.
    """
    for staging in _stagings(folder):
        try:
            _carry_out(folder, staging)
        except OSError as error:
            raise _cannot_write(folder, error) from error


def needs_recovery(folder: Path) -> bool:
    """Whether a kill left something behind that `recover` would finish or drop."""
    try:
        return bool(_stagings(folder))
    except OSError:
        return False


def is_vacant(folder: Path) -> bool:
    """Whether a folder is absent or holds nothing but what an interrupted `write_together` of ours left there."""
    if not folder.exists():
        return True
    names = [path.name for path in folder.iterdir()]
    return all(name == LOCK or name.startswith(f"{STAGING}-") for name in names)


@contextlib.contextmanager
def folder_lock(folder: Path, *, wait: float = 10.0) -> Iterator[None]:
    """Hold the folder's single-writer lock, recovering first from an interrupted write.

    Waits at most `wait` seconds, then raises HF111; HF112 where the lock cannot be made. A lock dies with its process.
    """
    from filelock import FileLock, Timeout

    make_folder(folder)
    lock = FileLock(folder / LOCK, timeout=wait)
    try:
        check_target(folder / LOCK)
        lock.acquire()
    except Timeout as error:
        raise HeadframeError.of("HF111", str(folder)) from error
    except OSError as error:
        raise _cannot_write(folder / LOCK, error) from error
    try:
        recover(folder)
        yield
    finally:
        lock.release()


def is_there(path: Path) -> bool:
    """Whether something has this name. A link that leads nowhere counts: it was meant to hold something.

    Raises HF114 where the folder may not be looked into; "not there" would be a guess.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise HeadframeError.of("HF114", str(path), reason=getattr(error, "strerror", None) or str(error)) from error
    return True


def check_readable(path: Path, most: int = LARGEST_TEXT) -> int:
    """The size of an ordinary file. Raises HF114 for anything else (a folder, pipe or device), HF119 beyond `most`."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise HeadframeError.of("HF114", str(path), reason=getattr(error, "strerror", None) or str(error)) from error
    if not stat.S_ISREG(found.st_mode):
        raise HeadframeError.of("HF120", str(path))
    if found.st_size > most:
        raise HeadframeError.of("HF119", str(path), size=found.st_size, limit=most)
    return found.st_size


def read_text(path: Path, most: int = LARGEST_TEXT) -> str:
    """A file's UTF-8 text (a byte-order mark is dropped). Raises HF114, HF115, HF119 and HF120."""
    check_readable(path, most)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise HeadframeError.of("HF114", str(path), reason=error.strerror or str(error)) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HeadframeError.of("HF115", str(path), position=error.start) from error
