"""A look at a workbook before it is read: how far its sheets reach, how much it unpacks to, which cells hold nothing.

The reader of workbooks sets room aside for every cell up to the last one. A space typed into the last cell of a sheet
would ask for half a terabyte and end the process, so the extent is found first, by passing over the sheets.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.parsers import expat

from headframe.core.errors import HeadframeError
from headframe.core.files import check_readable

LARGEST_UNPACKED = 512 << 20  # bytes; a workbook that unpacks to more is refused (zip bombs)
MOST_CELLS = 40_000_000
MOST_ENTRIES = 10_000
BLOCK = 1 << 18  # bytes
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_ROOTS = frozenset({"worksheet", "sheetData", "row", "c"})
_ENCRYPTED = 0x1


WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
Cell = tuple[int, int]


def survey(path: Path) -> dict[str, frozenset[Cell]]:
    """The cells of each sheet that hold an error or a formula without result, as (row, column) counted from 1.

    Raises HF114, HF120, HF341 for what is no workbook or unpacks to too much, HF365 for a sheet that reaches too far.
    """
    check_readable(path, LARGEST_UNPACKED)
    heard: dict[str, _Listener] = {}
    unpacked = 0
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as raw:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES or WORKBOOK not in archive.namelist():
                raise HeadframeError.of("HF341", str(path), reason=WORKBOOK)
            for entry in entries:
                listener = _Listener(path, entry.filename)
                for block in _unpacked(raw, entry):
                    unpacked += len(block)
                    if unpacked > LARGEST_UNPACKED:
                        raise HeadframeError.of("HF341", str(path), reason=f"> {LARGEST_UNPACKED} bytes")
                    listener.feed(block)
                listener.close()
                heard[entry.filename] = listener
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, ValueError) as error:
        raise HeadframeError.of("HF341", str(path), reason=str(error) or type(error).__name__) from error
    files = {part: f"xl/{target}" for part, target in heard[RELATIONS].names.items()} if RELATIONS in heard else {}
    sheets = {name: heard.get(files.get(part, "")) for part, name in heard[WORKBOOK].names.items()}
    return {name: frozenset(sheet.empty) for name, sheet in sheets.items() if sheet is not None}


def _unpacked(raw: IO[bytes], entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The contents of an entry as they are, whatever size the archive claims for them, in bounded blocks."""
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise zipfile.BadZipFile("encrypted")
    raw.seek(entry.header_offset)
    head = raw.read(30)
    if len(head) < 30 or not head.startswith(b"PK\x03\x04"):
        raise zipfile.BadZipFile("local header")
    raw.seek(entry.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"))
    left = entry.compress_size
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0 and (block := raw.read(min(BLOCK, left))):
        left -= len(block)
        if inflate is None:
            yield block
            continue
        while block:
            yield inflate.decompress(block, BLOCK)
            block = inflate.unconsumed_tail


class _Listener:
    """Listens to one file of the workbook: `empty` are a sheet's cells without value, `names` those of its parts."""

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse_definitions
        self._state: bool | None = None  # None: not begun, False: no XML or done with
        self._is_sheet = False
        self._row = self._column = self._last_row = self._last_column = 0
        self._error = self._formula = self._value = False
        self.empty: list[Cell] = []
        self.names: dict[str, str] = {}

    def feed(self, block: bytes) -> None:
        """Take in the next piece."""
        if self._state is None:
            start = block.lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n\x00")
            if not start:
                return
            self._state = start.startswith(b"<")
        if self._state:
            self._parse(block, final=False)

    def close(self) -> None:
        """Say that nothing more comes."""
        if self._state:
            self._parse(b"", final=True)

    def _parse(self, block: bytes, *, final: bool) -> None:
        try:
            self._parser.Parse(block, final)
        except expat.ExpatError as error:
            self._state = False  # drawings of old workbooks are no proper XML; a sheet has to be
            if self._is_sheet:
                raise HeadframeError.of("HF341", str(self._path), reason=f"{self._name}: {error}") from error

    def _refuse_definitions(self, *_: object) -> None:
        raise HeadframeError.of("HF341", str(self._path), reason=f"{self._name}: DOCTYPE")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind in _ROOTS:
            self._is_sheet = True
        if kind == "c":
            self._column += 1
            if "r" in attributes:
                self._row, self._column = self._place(attributes["r"])
            self._error, self._formula, self._value = attributes.get("t") == "e", False, False
            self._reach()
        elif kind == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isascii() and number.isdigit() and len(number) < 8 else self._row + 1
            self._column = 0
        elif kind == "f":
            self._formula = True
        elif kind in {"v", "is"}:
            self._value = True
        elif kind == "sheet" and self._name == WORKBOOK:
            parts = [text for key, text in attributes.items() if key.rpartition(":")[2] == "id"]
            self.names.update(dict.fromkeys(parts, attributes.get("name", "")))
        elif kind == "Relationship" and self._name == RELATIONS:
            self.names[attributes.get("Id", "")] = attributes.get("Target", "").removeprefix("/xl/")

    def _end(self, name: str) -> None:
        if name.rpartition(":")[2] == "c" and (self._error or (self._formula and not self._value)):
            self.empty.append((self._row, self._column))

    def _place(self, reference: str) -> tuple[int, int]:
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            raise HeadframeError.of("HF365", str(self._path), sheet=self._name, cell=reference[:20])
        column = 0
        for letter in match[1]:
            column = column * 26 + ord(letter) - 64
        return int(match[2]), column

    def _reach(self) -> None:
        self._last_row, self._last_column = max(self._last_row, self._row), max(self._last_column, self._column)
        if self._last_row * self._last_column > MOST_CELLS:
            cell = f"{letters(self._column)}{self._row}"
            raise HeadframeError.of("HF365", str(self._path), sheet=self._name, cell=cell)


def letters(column: int) -> str:
    """The letters of a column counted from 1: `A`, `Z`, `AA`."""
    text = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
