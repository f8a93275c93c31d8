"""Things that took a while to make, kept between runs in the user's cache folder; all of it may be deleted.

What is kept carries a checksum, so that a damaged file is made again and never trusted. A folder that cannot be read or
written costs time, no more.
"""

from __future__ import annotations

import contextlib
import os
import sys
from hashlib import sha256
from pathlib import Path

from headframe.core.errors import HeadframeError
from headframe.core.files import write_atomic

_CHECKSUM_BYTES = 32


def cache_folder() -> Path:
    """The user's cache folder of this package (not created): `HEADFRAME_CACHE` or the system's usual place."""
    chosen = os.environ.get("HEADFRAME_CACHE")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "headframe"


def kept(name: str) -> bytes | None:
    """What was kept under a file name; None where there is nothing, or nothing whole."""
    with contextlib.suppress(OSError, RuntimeError):  # no home folder, no rights: then there is no cache
        data = (cache_folder() / name).read_bytes()
        content = data[_CHECKSUM_BYTES:]
        if sha256(content).digest() == data[:_CHECKSUM_BYTES]:
            return content
    return None


def keep(name: str, content: bytes) -> None:
    """Keep something under a file name, whole or not at all."""
    with contextlib.suppress(HeadframeError, OSError, RuntimeError):
        write_atomic(cache_folder() / name, sha256(content).digest() + content)
