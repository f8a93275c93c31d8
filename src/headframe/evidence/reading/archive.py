"""Packed files, opened with bounds: archives whose parts are unpacked in blocks, gzip streams, what they hold."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

from headframe.core.errors import HeadframeError
from headframe.evidence.reading.limits import Limits

BLOCK = 1 << 18  # bytes
MOST_TAGS = 4_000_000  # in one part that is read as a whole
DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    ValueError,
    RuntimeError,
    LookupError,  # an encoding nobody knows
    OverflowError,
    ET.ParseError,
)
_BEFORE_ROOT = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
_UTF_8 = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})
_ENCRYPTED = 0x1
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_LISTED = b"PK\x01\x02"  # begins the entry of a part in the list at the end of an archive
_LEAST_ENTRY = 46  # bytes


class Archive:
    """An open archive whose parts are found by name, whatever slashes and case it uses for them."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, limits: Limits) -> None:
        self.where = path.name
        self._archive, self._limits = archive, limits
        self._unpacked = 0
        entries = archive.infolist()
        if len(entries) > limits.entries:
            raise HeadframeError.of("HF376", self.where, size=f"> {limits.entries} ×", limit=limits.entries)
        self._entries = {_normal(entry.filename): entry for entry in reversed(entries)}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parts, in the archive's order."""
        return tuple(reversed(self._entries))

    def has(self, name: str) -> bool:
        """Whether there is a part of this name."""
        return _normal(name) in self._entries

    def written(self, name: str) -> str:
        """The name of a part as the archive writes it."""
        return self._entries[_normal(name)].filename

    def blocks(self, name: str) -> Iterator[bytes]:
        """The contents of a part in bounded blocks. Raises HF374 and HF376."""
        entry = self._entries.get(_normal(name))
        if entry is None or entry.flag_bits & _ENCRYPTED:
            code, reason = ("HF374", name) if entry is None else ("HF375", "")
            raise HeadframeError.of(code, self.where, reason=reason)
        if entry.compress_type not in _METHODS:  # no workbook has others, and some ask for any amount of memory
            raise HeadframeError.of("HF374", self.where, reason=f"{name}: {entry.compress_type}")
        size = 0
        with damages(self.where, "HF374"), self._archive.open(entry) as stream:
            while block := stream.read(BLOCK):
                size += len(block)
                self._unpacked += len(block)
                self._check(size, entry.compress_size)
                yield block

    def whole(self, name: str) -> bytes:
        """The contents of a part that is small by its nature. Raises HF374 and HF376."""
        parts, size = [], 0
        for block in self.blocks(name):
            size += len(block)
            if size > self._limits.part:
                raise HeadframeError.of("HF376", f"{self.where}, {name}", size=size, limit=self._limits.part)
            parts.append(block)
        return b"".join(parts)

    def tree(self, name: str) -> ET.Element:
        """A small part that is XML, without definitions of entities. Raises HF374 and HF376."""
        data = self.whole(name)
        refuse_definitions(data, f"{self.where}, {name}")
        if data.count(b"<") > MOST_TAGS:
            raise HeadframeError.of("HF376", f"{self.where}, {name}", size=data.count(b"<"), limit=MOST_TAGS)
        with damages(f"{self.where}, {name}", "HF374"):
            return ET.fromstring(data)  # noqa: S314 – definitions are refused above, sizes are bounded

    def _check(self, size: int, packed: int) -> None:
        limits = self._limits
        if self._unpacked > limits.unpacked:
            raise HeadframeError.of("HF376", self.where, size=self._unpacked, limit=limits.unpacked)
        if size > limits.harmless and size > limits.ratio * max(packed, 1):
            raise HeadframeError.of("HF376", self.where, size=size, limit=f"{limits.ratio} × {packed}")


def _normal(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()


@contextmanager
def damages(where: str, code: str) -> Iterator[None]:
    """Turn what damaged files raise into a problem with this code, whose text has the slot `reason`."""
    try:
        yield
    except DAMAGES as error:
        raise HeadframeError.of(code, where, reason=str(error) or type(error).__name__) from error


@contextmanager
def open_archive(path: Path, limits: Limits) -> Iterator[Archive]:
    """Open an archive. Raises HF374 for a damaged one and HF376 for one with too many parts."""
    with damages(path.name, "HF374"):
        _check_listed(path, limits)
        archive = zipfile.ZipFile(path)
    with archive:
        yield Archive(path, archive, limits)


def _check_listed(path: Path, limits: Limits) -> None:
    """Raise HF376 where an archive lists more parts than are read, before the list takes up memory."""
    if path.stat().st_size < _LEAST_ENTRY * limits.entries:
        return
    count, rest = 0, b""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            count += (rest + block).count(_LISTED)
            rest = block[1 - len(_LISTED) :]
    if count > limits.entries:
        raise HeadframeError.of("HF376", path.name, size=f"{count} ×", limit=limits.entries)


def refuse_definitions(start: bytes, where: str) -> None:
    """Raise HF374 where XML is not in UTF-8 or defines entities: neither occurs in workbooks, both are used to harm.

    Definitions can only stand before the root, which `start` has to reach.
    """
    plain = start.removeprefix(b"\xef\xbb\xbf")
    if b"\x00" in plain[:4096] or plain.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise HeadframeError.of("HF374", where, reason="UTF-16")
    declared = _DECLARED.match(plain)
    if declared is not None and declared[1].lower() not in _UTF_8:
        raise HeadframeError.of("HF374", where, reason=declared[1][:40].decode("ascii", "replace"))
    before = _BEFORE_ROOT.match(plain)
    at = before.end() if before is not None else 0
    if plain.startswith(b"<!", at):
        raise HeadframeError.of("HF374", where, reason=plain[at : at + 9].decode("ascii", "replace"))


def ungzipped(path: Path, limits: Limits) -> bytes:
    """What a gzip file unpacks to. Raises HF374 and HF376."""
    packed, parts, size = path.stat().st_size, list[bytes](), 0
    with damages(path.name, "HF374"), gzip.open(path) as stream:
        while block := stream.read(BLOCK):
            size += len(block)
            if size > limits.text or (size > limits.harmless and size > limits.ratio * packed):
                limit = limits.text if size > limits.text else f"{limits.ratio} × {packed}"
                raise HeadframeError.of("HF376", path.name, size=size, limit=limit)
            parts.append(block)
    return b"".join(parts)
