"""The records of an old workbook (.xls, .et): how far its sheets reach, what is merged, which cells hold errors.

The values themselves are read by fastexcel, which sets room aside for every cell up to the last one and knows nothing
of merged ranges; both are found here first, by passing over the records (Microsoft's specification MS-XLS).
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field

from headframe.core.errors import HeadframeError
from headframe.evidence.reading.grid import Range
from headframe.evidence.reading.limits import Limits

ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
BEGIN, END, SHEET, PASSWORD, MERGED, EXTENT, STRINGS = 0x809, 0x0A, 0x85, 0x2F, 0xE5, 0x200, 0xFC
VALUES = frozenset({0xFD, 0x204, 0xD6, 0x203, 0x27E, 0x7E, 0x06, 0x206, 0x406, 0x205})
NUMBER = 0x203
PACKED = frozenset({0x27E, 0x7E})
MANY = frozenset({0xBD})  # several numbers of one row
FORMULAS = frozenset({0x06, 0x206, 0x406})
TRUTHS = 0x205
WORKSHEET = 0x10
MOST_RANGES = 200_000


@dataclass
class Outline:
    """What the records of one sheet say; rows and columns are counted from 1."""

    name: str
    hidden: bool
    worksheet: bool = False
    first: tuple[int, int] = (0, 0)
    last: tuple[int, int] = (0, 0)
    cells: int = 0
    merged: list[Range] = field(default_factory=list)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    numbers: dict[int, dict[int, float]] = field(default_factory=dict)  # by row, then by column

    def reach(self, row: int, left: int, right: int) -> None:
        """Note that there are values in these columns of a row."""
        top, first = self.first if self.cells else (row, left)
        self.first = min(top, row), min(first, left)
        self.last = max(self.last[0], row), max(self.last[1], right)
        self.cells += right - left + 1


def outlines(stream: bytes, where: str, limits: Limits) -> list[Outline]:
    """The sheets of a workbook in their order. Raises HF374, HF375, HF377 and HF378."""
    found: dict[int, Outline] = {}  # by the position at which a sheet begins
    current: Outline | None = None
    at, cells = 0, 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + length]
        if kind == PASSWORD:
            raise HeadframeError.of("HF375", where)
        if kind == STRINGS and len(body) >= 8 and struct.unpack_from("<I", body, 4)[0] > len(stream):
            raise HeadframeError.of("HF374", where, reason="SST")  # room for so many strings would be set aside
        if kind == BEGIN:
            current = found.get(at)
            if current is not None and len(body) >= 4:
                current.worksheet = struct.unpack_from("<H", body, 2)[0] == WORKSHEET
        elif kind == SHEET and len(body) >= 8:
            found[struct.unpack_from("<I", body)[0]] = _named(body)
        elif current is not None:
            before = current.cells
            _take(current, kind, body, f"{where}, {current.name}", limits)
            cells += current.cells - before
            limits.check_cells(where, cells)
        at += 4 + length
    if not found:
        raise HeadframeError.of("HF374", where, reason="BOUNDSHEET")
    return list(found.values())


def _named(body: bytes) -> Outline:
    length, wide = body[6], body[7] & 1
    name = body[8 : 8 + length * (1 + wide)].decode("utf-16-le" if wide else "latin-1", "replace")
    return Outline(name, hidden=bool(body[4] & 3))


def _take(sheet: Outline, kind: int, body: bytes, where: str, limits: Limits) -> None:
    if kind in VALUES and len(body) >= 6:
        row, column = struct.unpack_from("<HH", body)
        sheet.reach(row + 1, column + 1, column + 1)
        limits.check_reach(where, *sheet.last)
        if error := _error(kind, body):
            sheet.errors[row + 1, column + 1] = error
        elif (number := _number(kind, body)) is not None:
            sheet.numbers.setdefault(row + 1, {})[column + 1] = number
    elif kind in MANY and len(body) >= 6:
        row, left = struct.unpack_from("<HH", body)
        right = struct.unpack_from("<H", body, len(body) - 2)[0]
        if right >= left:
            sheet.reach(row + 1, left + 1, right + 1)
            limits.check_reach(where, *sheet.last)
            packed = struct.iter_unpack("<HI", body[4 : 4 + (len(body) - 6) // 6 * 6])
            found = sheet.numbers.setdefault(row + 1, {})
            found.update({left + 1 + at: unpacked(number) for at, (_, number) in enumerate(packed)})
    elif kind == EXTENT and len(body) >= 12:
        _, below, _, behind = struct.unpack_from("<IIHH", body)
        limits.check_reach(where, max(below, 1), max(behind, 1))
    elif kind == MERGED and len(body) >= 2:
        count = min(struct.unpack_from("<H", body)[0], (len(body) - 2) // 8)
        for number in range(count):
            top, bottom, left, right = struct.unpack_from("<HHHH", body, 2 + 8 * number)
            if top <= bottom and left <= right and len(sheet.merged) < MOST_RANGES:
                sheet.merged.append(Range(top + 1, left + 1, bottom + 1, right + 1))


def _number(kind: int, body: bytes) -> float | None:
    """The number that a cell stores, if it stores one."""
    if kind in PACKED and len(body) >= 10:
        return unpacked(int(struct.unpack_from("<I", body, 6)[0]))
    whole = kind == NUMBER or (kind in FORMULAS and len(body) >= 14 and body[12:14] != b"\xff\xff")
    if not whole or len(body) < 14:
        return None
    number = float(struct.unpack_from("<d", body, 6)[0])
    return number if math.isfinite(number) else None


def unpacked(packed: int) -> float:
    """The number in the packed form of MS-XLS 2.5.217: 30 bits of an integer or of a float, perhaps by a hundred."""
    if packed & 2:
        number = float((packed >> 2) - (1 << 30 if packed & 0x8000_0000 else 0))
    else:
        number = float(struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFF_FFFC) << 32))[0])
    return number / 100 if packed & 1 else number


def _error(kind: int, body: bytes) -> str:
    """The error that a cell shows, if it shows one."""
    if kind == TRUTHS and len(body) >= 8 and body[7]:
        return ERRORS.get(body[6], "#N/A")
    if kind in FORMULAS and len(body) >= 14 and body[12:14] == b"\xff\xff" and body[6] == 2:
        return ERRORS.get(body[8], "#N/A")
    return ""
