"""Writes the smallest old workbook (.xls) that readers accept: records of MS-XLS in a compound file of MS-CFB."""

from __future__ import annotations

import struct
from pathlib import Path

SECTOR = 512
FREE, END_OF_CHAIN, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
Grid = list[list[str | float | None]]


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def unicode_string(text: str, length: str = "H") -> bytes:
    return struct.pack(f"<{length}B", len(text), 1) + text.encode("utf-16-le")


def sheet_stream(grid: Grid, merged: list[tuple[int, int, int, int]], errors: dict[tuple[int, int], int]) -> bytes:
    """The records of one sheet; merged ranges are (top, bottom, left, right), everything counted from 0."""
    height, width = len(grid), max((len(row) for row in grid), default=0)
    body = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0x0DBB, 0x07CC, 0, 6))
    body += record(0x200, struct.pack("<IIHHH", 0, height, 0, width, 0))
    for row, cells in enumerate(grid):
        for column, value in enumerate(cells):
            if (row, column) in errors:
                body += record(0x205, struct.pack("<HHHBB", row, column, 0, errors[row, column], 1))
            elif isinstance(value, str):
                body += record(0x204, struct.pack("<HHH", row, column, 0) + unicode_string(value))
            elif value is not None:
                body += record(0x203, struct.pack("<HHHd", row, column, 0, value))
    if merged:
        body += record(0xE5, struct.pack("<H", len(merged)) + b"".join(struct.pack("<HHHH", *area) for area in merged))
    return body + record(0x0A, b"")


def workbook_stream(
    sheets: dict[str, tuple[Grid, list[tuple[int, int, int, int]], dict[tuple[int, int], int]]],
    extra: bytes = b"",
) -> bytes:
    """The stream of a workbook with these sheets; `extra` are records of the globals."""
    begin = record(0x809, struct.pack("<HHHHII", 0x600, 0x5, 0x0DBB, 0x07CC, 0, 6)) + record(0x42, b"\xb0\x04") + extra
    streams = [sheet_stream(*parts) for parts in sheets.values()]
    names = [unicode_string(name, "B") for name in sheets]
    at = len(begin) + sum(4 + 6 + len(name) for name in names) + 4
    listed = b""
    for name, stream in zip(names, streams, strict=True):
        listed += record(0x85, struct.pack("<IH", at, 0) + name)
        at += len(stream)
    return begin + listed + record(0x0A, b"") + b"".join(streams)


def compound(stream: bytes, name: str = "Workbook") -> bytes:
    """A compound file that holds one stream."""
    stream = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    count = len(stream) // SECTOR
    table_sectors = -(-(count + 1 + 1) * 4 // SECTOR) or 1
    while (count + 1 + table_sectors) * 4 > table_sectors * SECTOR:
        table_sectors += 1
    table = (
        [TABLE] * table_sectors + [END_OF_CHAIN] + [table_sectors + 2 + n for n in range(count - 1)] + [END_OF_CHAIN]
    )
    table += [FREE] * (table_sectors * SECTOR // 4 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, table_sectors, table_sectors, 0, 4096, END_OF_CHAIN, 0, END_OF_CHAIN, 0)
    header += struct.pack("<109I", *(list(range(table_sectors)) + [FREE] * (109 - table_sectors)))

    def entry(title: str, kind: int, child: int, start: int, size: int) -> bytes:
        raw = (title + "\0").encode("utf-16-le")
        return (
            raw.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(raw) if title else 0, kind, 1, FREE, FREE, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    directory = entry("Root Entry", 5, 1, END_OF_CHAIN, 0) + entry(name, 2, FREE, table_sectors + 1, len(stream))
    directory = directory.ljust(SECTOR, b"\0")
    return header + struct.pack(f"<{len(table)}I", *table) + directory + stream


def write_old_workbook(
    path: Path,
    grid: Grid,
    merged: list[tuple[int, int, int, int]] | None = None,
    errors: dict[tuple[int, int], int] | None = None,
    name: str = "表1",
) -> Path:
    """An .xls file with one sheet."""
    path.write_bytes(compound(workbook_stream({name: (grid, merged or [], errors or {})})))
    return path
