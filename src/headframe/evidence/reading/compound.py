"""Compound files, the container of .xls, .et, .doc and of encrypted workbooks: which streams one holds, and a stream.

The layout is that of Microsoft's published specification MS-CFB; every chain of sectors is followed with a bound.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST_SECTOR = 0xFFFF_FFFA  # numbers from here on end a chain
_STREAM, _ROOT = 2, 5


class DamagedCompoundError(ValueError):
    """A compound file whose tables lead nowhere."""


@dataclass(frozen=True)
class _Entry:
    start: int
    size: int
    kind: int


class Compound:
    """A compound file in memory."""

    def __init__(self, data: bytes) -> None:
        """Read the tables. Raises DamagedCompoundError."""
        if len(data) < 512 or not data.startswith(MAGIC):
            raise DamagedCompoundError("header")
        self._data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in {9, 12} or mini_shift != 6:
            raise DamagedCompoundError("sector size")
        self._size = 1 << shift
        self._most = len(data) // self._size + 1
        first_directory, _, self._cutoff, first_mini, _, first_more, more = struct.unpack_from("<IIIIIII", data, 48)
        self._table = self._allocation(first_more, more)
        self._entries = self._directory(first_directory)
        self._mini_table = _numbers(self._chain(first_mini)) if first_mini < _LAST_SECTOR else ()
        root = next((entry for entry in self._entries.values() if entry.kind == _ROOT), None)
        self._mini = self._chain(root.start) if root is not None and root.start < _LAST_SECTOR else b""

    @property
    def streams(self) -> frozenset[str]:
        """The names of all streams, in lower case."""
        return frozenset(name for name, entry in self._entries.items() if entry.kind == _STREAM)

    def stream(self, name: str) -> bytes:
        """The bytes of a stream. Raises DamagedCompoundError."""
        entry = self._entries.get(name.lower())
        if entry is None:
            raise DamagedCompoundError(name)
        if entry.size >= self._cutoff:
            return self._chain(entry.start)[: entry.size]
        parts, at = [], entry.start
        for _ in range(len(self._mini_table) + 1):
            if at >= _LAST_SECTOR or at >= len(self._mini_table):
                break
            parts.append(self._mini[at * 64 : at * 64 + 64])
            at = self._mini_table[at]
        else:
            raise DamagedCompoundError("chain")
        return b"".join(parts)[: entry.size]

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        if number < 0 or start >= len(self._data):
            raise DamagedCompoundError(f"sector {number}")
        return self._data[start : start + self._size]

    def _allocation(self, first_more: int, more: int) -> tuple[int, ...]:
        """The table that says for each sector which one comes next."""
        listed = list(struct.unpack_from("<109I", self._data, 76))
        at = first_more
        for _ in range(min(more, self._most)):
            if at >= _LAST_SECTOR:
                break
            numbers = _numbers(self._sector(at))
            listed += numbers[:-1]
            at = numbers[-1]
        found: list[int] = []
        for number in listed:
            if number < _LAST_SECTOR:
                found += _numbers(self._sector(number))
            if len(found) > 2 * self._most + self._size:
                break
        return tuple(found)

    def _chain(self, start: int) -> bytes:
        parts, at = list[bytes](), start
        for _ in range(self._most + 1):
            if at >= _LAST_SECTOR:
                return b"".join(parts)
            parts.append(self._sector(at))
            if at >= len(self._table):
                raise DamagedCompoundError(f"sector {at}")
            at = self._table[at]
        raise DamagedCompoundError("chain")

    def _directory(self, start: int) -> dict[str, _Entry]:
        data = self._chain(start)
        found: dict[str, _Entry] = {}
        for at in range(0, len(data) - 127, 128):
            length, kind = struct.unpack_from("<HB", data, at + 64)
            first, size = struct.unpack_from("<II", data, at + 116)
            name = data[at : at + min(max(length - 2, 0), 62)].decode("utf-16-le", "replace").lower()
            if kind in {_STREAM, _ROOT}:
                found.setdefault(name, _Entry(first, size, kind))
        return found


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])
