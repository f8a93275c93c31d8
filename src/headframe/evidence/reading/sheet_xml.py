"""The cells of a worksheet's XML, read row by row as the blocks come in, so that memory holds one row of text at most.

Rows written the way spreadsheets write them are read by one pattern that has to cover the row without a gap; any
other row is parsed as XML. Both give the same values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from html import unescape
from xml.etree import ElementTree as ET

from headframe.core.errors import HeadframeError
from headframe.evidence.reading.archive import refuse_definitions
from headframe.evidence.reading.grid import Kind, Range, Shown, Value, area, position, trimmed
from headframe.evidence.reading.limits import Limits
from headframe.evidence.reading.number_format import NumberFormat
from headframe.evidence.reading.script import superscript, without_endless_references

LONGEST_ROW = 64 << 20  # bytes
LONGEST_HEAD = 8 << 20  # bytes before the rows
MOST_RANGES = 200_000
_ROOT = re.compile(rb"<(?:([A-Za-z_][\w.-]*):)?worksheet\b([^>]*)>")
_NAMESPACES = re.compile(rb"""\sxmlns(?::[\w.-]+)?=(?:"[^"]*"|'[^']*')""")
_NUMBER_OF_ROW = re.compile(rb"""\br=["']([0-9]{1,7})["']""")
_KINDS = frozenset({b"", b"s", b"str", b"b", b"e", b"n"})
_CELL = rb"""<@c r="([A-Z]{1,3})[0-9]+"(?: s="([0-9]+)")?(?: t="([a-z]+)")?(?:/>|><@v>([^<]*)</@v></@c>)"""
_TEXT_IN_CELL = rb""" t="inlineStr"><@is><@t(?: xml:space="preserve")?>([^<]*)</@t></@is></@c>"""
_FORMULA = rb"""<@f\b[^>]*?(?:/>|>[^<]*</@f>)(?=<@v>[^<])"""


class SheetXml:
    """Takes in a worksheet in blocks; afterwards `rows` and `merged` hold what it shows."""

    def __init__(self, where: str, strings: Sequence[str], formats: Sequence[NumberFormat], limits: Limits) -> None:
        self.rows: list[list[Value]] = []
        self.merged: list[Range] = []
        self.count = 0
        self._where, self._strings, self._limits = where, strings, limits
        self._formats = {str(number).encode(): form for number, form in enumerate(formats) if form.shows != "plain"}
        self.from_1904 = False
        self._buffer = b""
        self._state = "before"
        self._row = 0
        self._columns: dict[bytes, int] = {}
        self._prefix = b""
        self._namespaces = b""

    def feed(self, block: bytes) -> None:
        """Take in the next block. Raises HF374, HF377 and HF378."""
        self._buffer += block
        if self._state == "before" and not self._begin():
            return
        if self._state == "rows":
            self._take_rows()
        if self._state == "after" and len(self._buffer) > LONGEST_ROW:
            self._take_ranges()

    def close(self) -> None:
        """Say that nothing more comes. Raises HF374 when the sheet was cut off."""
        if self._state != "after":
            if self._state == "rows" or not _ROOT.search(self._buffer):
                raise self._damaged("worksheet")
            self._state = "after"
        self._take_ranges()
        trimmed(self.rows)
        height, width = len(self.rows), max(map(len, self.rows), default=0)
        self.merged = [
            Range(found.top, found.left, min(found.bottom, height), min(found.right, width))
            for found in self.merged
            if found.top <= height and found.left <= width and found[:2] != found[2:]
        ]

    def _damaged(self, reason: str) -> HeadframeError:
        return HeadframeError.of("HF374", self._where, reason=reason)

    def _begin(self) -> bool:
        """Find the root and the beginning of the rows; whether they were found."""
        refuse_definitions(self._buffer, self._where)
        root = _ROOT.search(self._buffer)
        if root is not None:
            self._prefix = root[1] + b":" if root[1] else b""
            self._namespaces = b"".join(_NAMESPACES.findall(root[2]))
            start = re.compile(rb"<" + re.escape(self._prefix) + rb"sheetData\b[^>]*?(/?)>").search(self._buffer)
            if start is not None:
                self._buffer = self._buffer[start.end() :]
                self._state = "after" if start[1] else "rows"
                self._compile()
                return True
        if len(self._buffer) > LONGEST_HEAD:
            raise self._damaged("sheetData")
        return False

    def _compile(self) -> None:
        tag = re.escape(self._prefix)
        self._row_tag = re.compile(rb"\s*<" + tag + rb"row\b([^>]*?)(/?)>")
        self._cell = re.compile(_CELL.replace(b"@", tag))
        self._formula = re.compile(_FORMULA.replace(b"@", tag))
        self._text = re.compile(_TEXT_IN_CELL.replace(b"@", tag))
        self._as_value = rb' t="str"><@v>\1</@v></@c>'.replace(b"@", self._prefix)
        self._value_end = b"</" + self._prefix + b"v>"
        self._row_end = b"</" + self._prefix + b"row>"
        self._data_end = b"</" + self._prefix + b"sheetData>"

    def _take_rows(self) -> None:
        buffer, place = self._buffer, 0
        while True:
            opening = self._row_tag.match(buffer, place)
            if opening is None:
                break
            if opening[2]:
                self._next_row(opening[1])
                place = opening.end()
                continue
            end = buffer.find(self._row_end, opening.end())
            if end < 0:
                break
            number = self._next_row(opening[1])
            self._take_row(number, buffer[opening.end() : end])
            place = end + len(self._row_end)
        end = buffer.find(self._data_end, place, place + 4096)
        if end >= 0 and not buffer[place:end].strip():
            self._state, place = "after", end + len(self._data_end)
        self._buffer = buffer[place:]
        if self._state == "rows" and len(self._buffer) > LONGEST_ROW:
            raise self._damaged("row")

    def _next_row(self, attributes: bytes) -> int:
        found = _NUMBER_OF_ROW.search(attributes)
        self._row = int(found[1]) if found else self._row + 1
        if self._row < 1:
            raise self._damaged("row 0")
        return self._row

    def _take_row(self, number: int, content: bytes) -> None:
        values = self._fast(content)
        if values is None:
            values = self._slow(content)
        while values and values[-1] is None:
            values.pop()
        if not values:
            return
        self._limits.check_reach(self._where, number, len(values))
        self._limits.check_cells(self._where, self.count)
        if number > len(self.rows):
            self.rows.extend([] for _ in range(number - len(self.rows)))
        if self.rows[number - 1]:
            raise self._damaged(f"row {number} ×2")
        self.rows[number - 1] = values

    def _fast(self, content: bytes) -> list[Value] | None:
        """The values of a row in the usual form; None for a row in another.

        Every `<` of the row has to belong to a cell that the pattern found, so that nothing is passed over.
        """
        if b"<" + self._prefix + b"f" in content:
            content = self._formula.sub(b"", content)
        if b"inlineStr" in content:
            content = self._text.sub(self._as_value, content)
        found = self._cell.findall(content)
        valued = content.count(self._value_end)
        if content.count(b"<") != len(found) + 3 * valued:
            return None
        values: list[Value] = []
        columns, last = self._columns, 0
        for name, style, kind, stored in found:
            if not stored:
                continue
            column = columns.get(name) or self._column(name)
            if column <= last or kind not in _KINDS:
                return None
            value = self._number(stored, style) if not kind else self._value(kind, stored, style)
            if value is None:
                continue
            if column > last + 1:
                values.extend([None] * (column - last - 1))
            values.append(value)
            last = column
        self.count += len(found)
        return values

    def _column(self, name: bytes) -> int:
        found = position(name.decode("ascii") + "1")
        column = found[1] if found else 0
        self._limits.check_reach(self._where, 1, column)
        self._columns[name] = column
        return column

    def _value(self, kind: bytes, stored: bytes, style: bytes) -> Value:
        if kind == b"s":
            number = stored.strip()
            if not number.isdigit() or len(number) > 9 or int(number) >= len(self._strings):
                raise self._damaged(f"string {stored[:20].decode('ascii', 'replace')}")
            return self._strings[int(number)] or None
        if kind == b"n":
            return self._number(stored, style)
        text = unescape(without_endless_references(stored.decode("utf-8", "replace")))
        if kind == b"b":
            return Shown(Kind.TEXT, "TRUE" if text.strip() == "1" else "FALSE")
        if kind == b"e":
            return Shown(Kind.ERROR, text)
        return text[: self._limits.cell] if text.strip() else None

    def _number(self, stored: bytes, style: bytes) -> Value:
        try:
            number = math.nan if b"_" in stored else float(stored)
        except ValueError:
            return Shown(Kind.ERROR, stored[:100].decode("utf-8", "replace")) if stored.strip() else None
        if number - number != 0:  # infinite, or no number
            return Shown(Kind.ERROR, stored[:100].decode("utf-8", "replace"))
        form = self._formats.get(style)
        return number if form is None else form.shown(number, from_1904=self.from_1904)

    def _slow(self, content: bytes) -> list[Value]:
        """The values of a row as XML: cells in any order, texts in the cell itself, any attributes."""
        try:
            row = ET.fromstring(b"<row" + self._namespaces + b">" + content + b"</row>")  # noqa: S314
        except (ET.ParseError, ValueError) as error:
            raise self._damaged(f"row {self._row}: {error}") from error
        found: dict[int, Value] = {}
        column = 0
        for cell in row:
            if _local(cell.tag) != "c":
                continue
            place = position(cell.get("r", ""))
            column = place[1] if place else column + 1
            self._limits.check_reach(self._where, 1, column)
            value = self._of_element(cell)
            if value is not None:
                found[column] = value
        self.count += len(found)
        return [found.get(number) for number in range(1, max(found, default=0) + 1)]

    def _of_element(self, cell: ET.Element) -> Value:
        kind, style = cell.get("t", "n"), cell.get("s", "0").encode()
        parts = {_local(part.tag): part for part in cell}
        if "is" in parts:
            return rich_text(parts["is"])[: self._limits.cell] or None
        stored = (parts["v"].text or "") if "v" in parts else ""
        if not stored.strip():
            return Shown(Kind.FORMULA, "") if "f" in parts and kind not in {"str", "e"} else None
        if kind == "d":
            return Shown(Kind.DATE, stored.replace("T00:00:00", "").replace("T", " ")[:40])
        if kind in {"str", "e"}:
            stored = stored.replace("&", "&amp;")  # taken apart already; `_value` does so once more
        return self._value(kind.encode(), stored.encode(), style) if kind != "inlineStr" else None

    def _take_ranges(self) -> None:
        pattern = rb"<" + re.escape(self._prefix) + rb"""mergeCell\s+ref=["']([A-Z0-9:$]{2,30})["']"""
        cut = self._buffer.rfind(b">") + 1
        for match in re.finditer(pattern, self._buffer[:cut]):
            found = area(match[1].decode("ascii"))
            if found is not None:
                self.merged.append(found)
            if len(self.merged) > MOST_RANGES:
                raise self._damaged("mergeCells")
        self._buffer = self._buffer[cut:]


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def rich_text(element: ET.Element) -> str:
    """The text of a string item: its runs in order, raised ones as superscript, readings above characters left out."""
    parts: list[str] = []
    for part in element:
        name = _local(part.tag)
        if name == "t":
            parts.append(part.text or "")
        elif name == "r":
            text = "".join(child.text or "" for child in part if _local(child.tag) == "t")
            raised = any(_local(mark.tag) == "vertAlign" and mark.get("val") == "superscript" for mark in part.iter())
            parts.append(superscript(text) if raised else text)
    joined = "".join(parts)
    return joined if joined.strip() else ""
