"""A file that is to be imported, as far as a layout has to look at it to say whether it is its own."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from headframe.core.errors import HeadframeError
from headframe.core.files import check_readable
from headframe.evidence.importing.extract import Extract
from headframe.evidence.reading.archive import open_archive
from headframe.evidence.reading.formats import read_file, read_text
from headframe.evidence.reading.grid import Book
from headframe.evidence.reading.limits import LIMITS, Limits

START = 1 << 16  # bytes that are looked at
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"


@dataclass(frozen=True, eq=False)
class Source:
    """A file, a text that was pasted, or sheets. What is asked for is read once; a layout should ask for little."""

    path: Path | None = None
    text: str = ""
    limits: Limits = LIMITS
    name: str = ""
    given: Book | None = None

    @classmethod
    def of(cls, source: Path | Book | str, *, name: str = "", limits: Limits = LIMITS) -> Source:
        """The source that a path, sheets read already, or a pasted text is."""
        if isinstance(source, Path):
            return cls(source, name=source.name, limits=limits)
        if isinstance(source, Book):
            return cls(given=source, name=source.name, limits=limits)
        return cls(text=source, name=name, limits=limits)

    @cached_property
    def start(self) -> bytes:
        """The first bytes, of a gzip file those packed in it; empty where they cannot be read."""
        if self.path is None:
            return self.text[:START].encode(errors="replace")
        check_readable(self.path, self.limits.file)
        try:
            with self.path.open("rb") as stream:
                found = stream.read(START)
        except OSError as error:
            raise HeadframeError.of("HF114", str(self.path), reason=error.strerror or str(error)) from error
        return _unpacked(found) if found.startswith(_GZIP) else found

    @cached_property
    def head(self) -> str:
        """The first lines as text, for layouts whose names are ASCII; other letters are replaced."""
        return self.start.decode("utf-8-sig", errors="replace")

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The names of the files in a zip archive, in lower case; empty for anything else."""
        if self.path is None or not self.start.startswith(_ZIP):
            return ()
        with open_archive(self.path, self.limits) as archive:
            return tuple(archive.names)

    @property
    def book(self) -> Book:
        """The sheets of the file. Raises what `read_file` raises, HF372 for formats that have no sheets."""
        if isinstance(self._read, HeadframeError):
            raise HeadframeError(list(self._read.problems))
        return self._read

    @cached_property
    def _read(self) -> Book | HeadframeError:
        """The sheets, or why there are none: every layout asks, and a damaged file too is read once."""
        try:
            if self.given is not None:
                return self.given
            return read_file(self.path, self.limits) if self.path else read_text(self.text, self.name, self.limits)
        except HeadframeError as error:
            return error

    @cached_property
    def sha256(self) -> str:
        """The checksum of the file's bytes."""
        if self.path is None:
            return sha256(self.text.encode(errors="surrogatepass")).hexdigest()
        found = sha256()
        try:
            with self.path.open("rb") as stream:
                while block := stream.read(1 << 20):
                    found.update(block)
        except OSError as error:
            raise HeadframeError.of("HF114", str(self.path), reason=error.strerror or str(error)) from error
        return found.hexdigest()


class Layout(NamedTuple):
    """How one kind of publication writes figures down.

    `recognises` says between 0 and 1 how sure it is that a file is of its kind, from little of it and without raising
    for files of other kinds; `extract` reads the whole file.
    """

    name: str
    recognises: Callable[[Source], float]
    extract: Callable[[Source], Extract]


def _unpacked(data: bytes) -> bytes:
    """The beginning of what a gzip file holds."""
    try:
        return zlib.decompressobj(wbits=31).decompress(data, START)
    except zlib.error:
        return b""
