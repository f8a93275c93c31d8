"""Tables pasted as text from communiqués and budget reports: columns by tabs, bars or spaces that keep distance."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from headframe.core.errors import HeadframeError
from headframe.evidence.reading.delimited import delimited_rows
from headframe.evidence.reading.grid import Book, Sheet, Value, trimmed
from headframe.evidence.reading.limits import Limits
from headframe.evidence.reading.markup import looks_like_markup, read_markup
from headframe.evidence.reading.script import CJK, narrow

LARGEST = 4 << 20  # characters
DEEPEST = 8  # widths of a letter by which a name is moved in; what stands further right is centred
STRAY = 0.2  # share of the lines with words kept apart that may have a separator, as sentences do
_GROUP_MARK = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_KEPT_APART = re.compile(r"\S[^\S\n]+\S")
_RULE = re.compile(r"^[\s|+:=\-─━—═┼├┤┌┐└┘┬┴]+$")
_GAP = re.compile(r"(?:[ \u00a0\u2000-\u200a]{2,}|[ \u00a0]*\u3000[\s\u3000]*|\t+)")
_PADDED_NAME = re.compile(f"^(\\s*[{CJK}])([ \u00a0]{{1,4}}|\u3000{{1,2}})([{CJK}])(?![{CJK}])")
_SENTENCE = re.compile(r"[。；！？]|[.;!?]\s+[A-Z]")
_ENDS_IN_NUMBER = re.compile(r"[0-9)%‰\-—…]$")


def kept_apart(text: str) -> bool:
    """Whether spaces divide the columns of a text: its commas are thousands marks or stand in a sentence or two."""
    if "\t" in text:
        return False
    lines = [line for line in text.splitlines() if line.strip()]
    apart = [_GROUP_MARK.sub("", line) for line in lines if _KEPT_APART.search(line.strip())]
    marked = sum(any(mark in line for mark in ",;|") for line in apart)
    if not any(mark in text for mark in ",;|"):
        return len(lines) > 1
    return len(apart) > 1 and 2 * len(apart) >= len(lines) and marked <= STRAY * len(apart)


def read_pasted(text: str, limits: Limits, name: str = "") -> Book:
    """Read pasted text as one sheet. Raises HF376–HF378, HF381, HF382."""
    if len(text) > LARGEST:
        raise HeadframeError.of("HF376", name, size=len(text), limit=LARGEST)
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise HeadframeError.of("HF381", f"{name}, line {line}", position=text.index("\x00"))
    if looks_like_markup(text[:4096]):
        return read_markup(text, name, limits)
    lines = text.splitlines()
    if not any(line.strip() for line in lines):
        raise HeadframeError.of("HF382", name)
    limits.check_reach(name, len(lines), 1)
    mark = _mark(lines)
    if mark == "\t":
        return Book(name, "pasted", (Sheet(name, trimmed(delimited_rows(text, "\t", name, limits))),))
    rows = _by_bars(lines) if mark == "|" else _by_spaces(lines)
    count = sum(map(len, rows))
    limits.check_reach(name, len(rows), max(map(len, rows), default=0))
    limits.check_cells(name, count)
    return Book(name, "pasted", (Sheet(name, trimmed(rows)),))


def _mark(lines: list[str]) -> str:
    """What separates the columns: a tab or a bar that stands in at least two lines, otherwise spaces."""
    for mark in ("\t", "|", "｜"):
        if sum(mark in line.strip() for line in lines) >= 2:
            return "\t" if mark == "\t" else "|"
    return ""


def _value(text: str) -> Value:
    """A cell; the spaces before it are kept, since lists show by them what is part of what."""
    return text.rstrip() if text.strip() else None


def _by_bars(lines: list[str]) -> list[list[Value]]:
    """Rows of cells between bars; the bars at both ends and the rule below a header are drawing."""
    rows: list[list[Value]] = []
    for line in lines:
        plain = line.replace("｜", "|").replace("│", "|").strip()
        if not plain or _RULE.match(plain):
            continue
        if "|" not in plain:
            rows.append([_value(plain)])
            continue
        inner = plain.removeprefix("|").removesuffix("|") if plain.startswith("|") else plain.removesuffix("|")
        rows.append([_value(cell.strip()) for cell in inner.split("|")])
    return rows


def _by_spaces(lines: list[str]) -> list[list[Value]]:
    """Rows of cells kept apart by two spaces or more, or by single ones where all lines then agree.

    A name of two characters that is padded to the width of longer ones (`北　京`) stays one cell.
    """
    kept = [
        (line, _PADDED_NAME.sub(r"\1\3\2", line.rstrip()).rstrip())
        for line in lines
        if not _RULE.match(line) or not line.strip()
    ]
    wide = [_cut(line, _GAP) for _, line in kept]
    counts = Counter(len(cells) for cells in wide if len(cells) > 1)
    if sum(counts.values()) < 2:
        narrow_cells = [narrow(line).split() for _, line in kept]
        counts = Counter(len(cells) for cells in narrow_cells if len(cells) > 1)
        width, often = max(counts.items(), key=lambda item: item[1], default=(0, 0))
        if often >= 2 and _numeric(narrow_cells, width):
            return [
                [_value(cell) for cell in cells] if len(cells) == width else [_value(line)]
                for cells, (_, line) in zip(narrow_cells, kept, strict=True)
            ]
    if sum(counts.values()) < 2:
        return [[_value(line)] for _, line in kept]
    aligned = _by_position([line for _, line in kept], wide)
    return aligned or [[_value(cell) for cell in cells] for cells in wide]


def _cut(line: str, gap: re.Pattern[str]) -> list[str]:
    if _SENTENCE.search(line) and not _ENDS_IN_NUMBER.search(line.strip()):
        return [line.strip()]
    cells = [cell for cell in gap.split(line.strip()) if cell]
    padding = line[: len(line) - len(line.lstrip())]
    return [padding + cells[0], *cells[1:]] if cells and _width(padding) <= DEEPEST else cells


def _numeric(rows: list[list[str]], width: int) -> bool:
    """Whether the last cells of most rows of this width look like numbers."""
    last = [cells[-1] for cells in rows if len(cells) == width]
    return sum(bool(_ENDS_IN_NUMBER.search(cell)) for cell in last) * 2 > len(last)


def _by_position(lines: list[str], cut: list[list[str]]) -> list[list[Value]] | None:
    """Cells by the positions they stand at, where some rows have fewer cells than others; None where all agree.

    Positions are counted in widths of a Latin letter, a Chinese character taking two. A cell belongs to the column
    of the fullest rows whose span it overlaps most.
    """
    width = max(map(len, cut))
    if all(len(cells) in {0, 1, width} for cells in cut):
        return None
    full = [_spans(line) for line, cells in zip(lines, cut, strict=True) if len(cells) == width]
    if len(full) < 2 or any(len(spans) != width for spans in full):
        return None
    columns = [(min(row[at][0] for row in full), max(row[at][1] for row in full)) for at in range(width)]
    if any(one[1] > other[0] for one, other in pairwise(columns)):
        return None
    rows: list[list[Value]] = []
    for line, cells in zip(lines, cut, strict=True):
        if len(cells) in {0, 1, width}:
            rows.append([_value(cell) for cell in cells])
            continue
        row: list[Value] = [None] * width
        first = cells[0]
        for start, end, text in _spans(line):
            overlaps = [min(end, right) - max(start, left) for left, right in columns]
            at = overlaps.index(max(overlaps))
            if row[at] is not None:
                return None
            row[at] = first if at == 0 and first.strip() == text else text
        rows.append(row)
    return rows


def _spans(line: str) -> list[tuple[int, int, str]]:
    """The cells of a line with where they begin and end."""
    found, place, at = [], 0, 0
    for gap in [*_GAP.finditer(line), None]:
        end = gap.start() if gap else len(line)
        text = line[at:end]
        if text.strip():
            start = place + _width(text[: len(text) - len(text.lstrip())])
            found.append((start, place + _width(text.rstrip()), text.strip()))
        if gap:
            place += _width(text) + _width(gap[0])
            at = gap.end()
    return found


def _width(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)
