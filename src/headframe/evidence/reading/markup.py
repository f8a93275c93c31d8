"""HTML tables: pasted from a page, or saved under the name of a workbook as many offices do."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from headframe.core.errors import HeadframeError
from headframe.evidence.reading.grid import Book, Range, Sheet, Value, trimmed
from headframe.evidence.reading.limits import Limits
from headframe.evidence.reading.script import superscript, without_endless_references

_TABLE = re.compile(r"<(?:!doctype\s+html|html|table|body|div|tr)\b", re.IGNORECASE)
_RUNS = re.compile(r"[ \t\r\n\f]+")
_HIDDEN = frozenset({"script", "style", "head", "title"})
LONGEST_SPAN = 1000
LARGEST = 32 << 20  # characters


def looks_like_markup(start: str) -> bool:
    """Whether a text begins like a page or a table in HTML."""
    return start.lstrip("\ufeff \t\r\n").startswith("<") and _TABLE.search(start) is not None


def read_markup(text: str, name: str, limits: Limits) -> Book:
    """Every table of a page as a sheet. Raises HF374, HF376–HF378, and HF388 where there is none."""
    if len(text) > LARGEST:
        raise HeadframeError.of("HF376", name, size=len(text), limit=LARGEST)
    listener = _Tables(name, limits)
    try:
        listener.feed(without_endless_references(text))
        listener.end()
    except AssertionError as error:  # what the parser raises for declarations it does not know
        raise HeadframeError.of("HF374", name, reason=str(error)[:80]) from error
    sheets = tuple(
        Sheet(f"{name} {number}" if len(listener.found) > 1 else name, rows, tuple(merged))
        for number, (rows, merged) in enumerate(listener.found, start=1)
        if rows
    )
    if not sheets:
        raise HeadframeError.of("HF388", name)
    return Book(name, "html", sheets)


class _Tables(HTMLParser):
    """Collects the outermost tables; a table inside a cell becomes part of the cell's text."""

    def __init__(self, where: str, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[list[list[Value]], list[Range]]] = []
        self._where, self._limits = where, limits
        self._depth = self._hidden = self._count = 0
        self._rows: list[list[Value]] = []
        self._merged: list[Range] = []
        self._taken: dict[int, int] = {}  # column -> first row below a cell that spans rows
        self._text: list[str] | None = None
        self._raised = False
        self._span = (1, 1)

    def end(self) -> None:
        """Say that nothing more comes. Raises HF374 where a table was not ended.

        A tag or comment that was begun and not ended hides all the rest, as it does in browsers; the parser would look
        at that rest once for each `<` in it.
        """
        if not self.rawdata.startswith("<"):
            self.close()
        if self._depth or "<table" in self.rawdata.lower():
            raise HeadframeError.of("HF374", self._where, reason="table")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        self._hidden += tag in _HIDDEN
        if tag == "table":
            self._depth += 1
            if self._depth == 1:
                self._rows, self._merged, self._taken = [], [], {}
        elif self._depth == 1 and tag == "tr":
            self._end_cell()
            self._limits.check_reach(self._where, len(self._rows) + 1, 1)
            self._rows.append([])
        elif self._depth == 1 and tag in {"td", "th"}:
            self._end_cell()
            given = dict(attrs)
            self._span = _span(given.get("rowspan")), _span(given.get("colspan"))
            self._text = []
        elif tag == "sup":
            self._raised = True
        elif tag in {"br", "p", "div"} and self._text is not None:
            self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a table, a row or a cell."""
        self._hidden -= tag in _HIDDEN and self._hidden > 0
        if tag == "sup":
            self._raised = False
        if self._depth == 1 and tag in {"td", "th", "tr", "table"}:
            self._end_cell()
        if tag == "table" and self._depth:
            self._depth -= 1
            if self._depth == 0:
                rows = trimmed(self._rows)
                width = max(map(len, rows), default=0)
                clipped = [
                    Range(area.top, area.left, min(area.bottom, len(rows)), min(area.right, width))
                    for area in self._merged
                    if area.top <= len(rows) and area.left <= width
                ]
                self.found.append((rows, clipped))

    def handle_data(self, data: str) -> None:
        """Take in text of a cell."""
        if self._text is not None and not self._hidden:
            self._text.append(superscript(data) if self._raised else data)

    def _end_cell(self) -> None:
        if self._text is None:
            return
        text, self._text = "".join(self._text), None
        if not self._rows:
            self._rows.append([])
        row, number = self._rows[-1], len(self._rows)
        while self._taken.get(len(row) + 1, 0) > number:
            row.append(None)
        first, (down, across) = len(row) + 1, self._span
        self._limits.check_reach(self._where, number, len(row) + across)
        row.extend([_on_one_line(text) if text.strip() else None, *[None] * (across - 1)])
        self._count += across
        self._limits.check_cells(self._where, self._count)
        if down > 1 or across > 1:
            self._merged.append(Range(number, first, number + down - 1, first + across - 1))
        if down > 1:
            self._taken.update(dict.fromkeys(range(first, first + across), number + down))


def _on_one_line(text: str) -> str:
    """The text of a cell as a browser shows it: runs of white space as one space, padding spaces kept before it."""
    padding = text[: len(text) - len(text.lstrip())].replace("\n", "").replace("\r", "").replace("\t", "")
    return padding + _RUNS.sub(" ", text).strip()


def _span(text: str | None) -> int:
    digits = (text or "").strip()
    return min(max(int(digits), 1), LONGEST_SPAN) if digits.isascii() and digits.isdigit() and len(digits) < 9 else 1
