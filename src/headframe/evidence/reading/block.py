"""Blocks of a sheet: where each table begins and ends, its titles, the rows of its head, its body, its notes.

Nothing is known beforehand: a table begins at its first row of figures, its head is what stands over it, and another
head below it that is not the same again begins another table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from headframe.core.errors import HeadframeError
from headframe.evidence.reading.label import read_label
from headframe.evidence.reading.rows import Rows, RowSort
from headframe.evidence.reading.scan import Scan, Sort
from headframe.evidence.reading.script import bare, tidy
from headframe.evidence.reading.wordings import held_by_word, words

MOST_TABLES = 200  # on one sheet
HEAD_AT_MOST = 40  # rows
LIKE_THE_HEAD = 0.6  # share of texts of a row that the head has as well, for a row that repeats it
_NOTE_MARK = re.compile(r"^\s*(?:[①-⑳⑴-⒇]|[*†‡#]|[0-9]{1,2}[)）.、\s]|\([0-9a-z]\)|[a-z]\))")
_LONG = 40  # characters; a longer text alone in a row is a note


@dataclass(frozen=True)
class Block:
    """One table of a sheet, by rows and columns counted from 1; the body runs from `first` to `last`.

    `repeats` are rows of the body that repeat the head, `sections` rows above the first figures that belong to the
    body, `texts` rows inside the body that only say something.
    """

    titles: tuple[int, ...]
    head: tuple[int, ...]
    first: int
    last: int
    notes: tuple[int, ...]
    left: int
    right: int
    repeats: frozenset[int] = frozenset()
    numbering: frozenset[int] = frozenset()
    only_texts: bool = False


def blocks_of(scan: Scan, rows: Rows) -> tuple[Block, ...]:
    """Every table of a sheet, from the top and from the left. Raises HF395 for more tables than are told apart."""
    found: list[Block] = []
    start = 0
    while (first := _next_of(rows, start)) is not None:
        if len(found) >= MOST_TABLES:
            raise HeadframeError.of("HF395", f"{scan.sheet.name}, row {first + 1}", limit=MOST_TABLES)
        head = _head_of(scan, rows, start, first)
        end, last, repeats = _body(scan, rows, first, head.rows)
        notes, start = _behind(scan, rows, last, end)
        block = _bounded(scan, head, first, last, notes, repeats, rows)
        found.extend(_side_by_side(scan, block))
    if not found:
        return _tables_of_texts(scan)
    return tuple(found)


@dataclass(frozen=True)
class _Head:
    titles: tuple[int, ...]
    rows: tuple[int, ...]
    sections: tuple[int, ...]


def _next_of(rows: Rows, start: int) -> int | None:
    found = np.flatnonzero(rows.sorts[start:] == RowSort.DATA)
    return start + int(found[0]) if len(found) else None


def _texts(scan: Scan, row: int) -> dict[int, str]:
    """The texts of a row by column, counted from 0."""
    columns = np.flatnonzero(scan.sorts[row] != Sort.EMPTY)
    return {int(column): tidy(scan.sheet.text(row + 1, int(column) + 1)) for column in columns}


def _head_of(scan: Scan, rows: Rows, start: int, first: int) -> _Head:
    """The rows of the head over the first row of figures, found by going up from it."""
    head: list[int] = []
    sections: list[int] = []
    row = first - 1
    while row >= max(start, first - HEAD_AT_MOST):
        sort = rows.sorts[row]
        if sort == RowSort.BLANK:
            if head and not rows.held[row]:
                break
        elif sort in {RowSort.HEAD, RowSort.NUMBERING} or _belongs_to_head(scan, rows, start, row, has_head=bool(head)):
            head.append(row)
        elif not head and _head_above(rows, start, row):
            sections.append(row)
        else:
            break
        row -= 1
    top = min([*head, *sections, first])
    titles = tuple(line for line in range(start, top) if rows.sorts[line] != RowSort.BLANK)
    return _Head(titles, tuple(sorted(head)), tuple(sorted(sections)))


def _belongs_to_head(scan: Scan, rows: Rows, start: int, row: int, *, has_head: bool) -> bool:
    """Whether a row with names alone, or with one text alone, is part of the head and no title and no section."""
    texts = _texts(scan, row)
    if all(bare(text) in held_by_word() for text in texts.values()) or _held_by_head(scan, rows, row):
        return True
    column, text = next(iter(texts.items()))
    if len(texts) > 1:
        return not has_head and not _head_above(rows, start, row)
    if not rows.figures[column]:
        return False
    if not has_head:  # directly over figures: a unit, or the name of the only column of figures
        return True
    area = scan.sheet.range_at(row + 1, column + 1)
    spans = area is not None and area.right > area.left and bool((~rows.figures[: column + 1]).any())
    below = rows.sorts[row + 1] == RowSort.HEAD and not is_note(text)
    between = below and row > start and rows.sorts[row - 1] == RowSort.HEAD
    only = below and int(rows.figures.sum()) == 1
    return (spans or between or only) and read_label(text).only != "unit"


def _held_by_head(scan: Scan, rows: Rows, row: int) -> bool:
    """Whether a merged range that begins in a row of the head reaches down to this row."""
    reaching = (area for area in scan.sheet.merged if area.top <= row < area.bottom)
    return any(rows.sorts[area.top - 1] == RowSort.HEAD for area in reaching)


def _head_above(rows: Rows, start: int, row: int) -> bool:
    """Whether a head follows above without a row of figures or a lone text between."""
    for above in range(row - 1, max(start, row - HEAD_AT_MOST) - 1, -1):
        if rows.sorts[above] == RowSort.HEAD:
            return True
        if rows.sorts[above] == RowSort.DATA:
            return False
    return False


def _body(scan: Scan, rows: Rows, first: int, head: tuple[int, ...]) -> tuple[int, int, frozenset[int]]:
    """Where the rows of figures end: the row that begins another table, the last row of figures, repeated heads."""
    known = {bare(text) for row in head for text in _texts(scan, row).values()} - {""}
    end, repeats = len(rows.sorts), set[int]()
    for step in np.flatnonzero(np.isin(rows.sorts[first:], (RowSort.HEAD, RowSort.NUMBERING))):
        row = first + int(step)
        texts = {bare(text) for text in _texts(scan, row).values()} - {""}
        numbering = rows.sorts[row] == RowSort.NUMBERING
        if numbering or (texts and len(texts & known) >= LIKE_THE_HEAD * len(texts)):
            repeats.add(row)
        elif _begins_another(scan, rows, row) and _figures_follow(rows, row):
            end = row
            break
    last = first + int(np.flatnonzero(rows.sorts[first:end] == RowSort.DATA)[-1])
    while last + 1 < end and _names_without_figures(scan, rows, last + 1):
        last += 1
    return end, last, frozenset(line for line in repeats if line < last)


def _begins_another(scan: Scan, rows: Rows, row: int) -> bool:
    """Whether a head inside a body begins another table: something parts it, or it stands over most columns.

    A row of figures with words in the place of some numbers does neither.
    """
    texts = ((scan.sorts[row] == Sort.TEXT) | (scan.sorts[row] == Sort.PERIOD) | scan.years[row]) & rows.figures
    if int(texts.sum()) >= max(3.0, LIKE_THE_HEAD * int(rows.figures.sum())):
        return True
    above = rows.sorts[row - 1]
    if above in {RowSort.LONE, RowSort.NAMES}:
        named = any(bare(text) in held_by_word() for text in _texts(scan, row).values())
        return named or int(texts.sum()) >= 2
    return bool(above == RowSort.BLANK)


def _names_without_figures(scan: Scan, rows: Rows, row: int) -> bool:
    """Whether a row directly below the figures belongs to them: several names, and no note."""
    return rows.sorts[row] == RowSort.NAMES and not is_note(next(iter(_texts(scan, row).values())))


def _figures_follow(rows: Rows, row: int) -> bool:
    return bool((rows.sorts[row : row + HEAD_AT_MOST] == RowSort.DATA).any())


def is_note(text: str) -> bool:
    """Whether a line says something about the table above it."""
    plain = tidy(text).casefold()
    starts = any(plain.startswith(word) for word in words("note_starts"))
    return starts or _NOTE_MARK.match(plain) is not None or len(plain) > _LONG or "http" in plain or "www." in plain


def _behind(scan: Scan, rows: Rows, last: int, end: int) -> tuple[tuple[int, ...], int]:
    """The notes below a table, and where the search for the next one begins.

    Names alone directly below the figures stay outside: without any figure they say nothing about a place. What comes
    before another table and is no note is that table's title.
    """
    notes: list[int] = []
    for row in range(last + 1, end):
        if rows.sorts[row] == RowSort.BLANK:
            continue
        text = " ".join(_texts(scan, row).values())
        if end < len(rows.sorts) and not is_note(text):
            return tuple(notes), row
        notes.append(row)
    return tuple(notes), end


def _bounded(
    scan: Scan, head: _Head, first: int, last: int, notes: tuple[int, ...], repeats: frozenset[int], rows: Rows
) -> Block:
    """The block with rows counted from 1 and the columns that its head and its figures fill."""
    top = min([*head.sections, first])
    used = (scan.sorts[top : last + 1] != Sort.EMPTY).any(axis=0)
    for row in head.rows:
        used |= scan.sorts[row] != Sort.EMPTY
    columns = np.flatnonzero(used)
    return Block(
        titles=tuple(row + 1 for row in head.titles),
        head=tuple(row + 1 for row in head.rows),
        first=top + 1,
        last=last + 1,
        notes=tuple(row + 1 for row in notes),
        left=int(columns[0]) + 1,
        right=int(columns[-1]) + 1,
        repeats=frozenset(row + 1 for row in repeats),
        numbering=frozenset(row + 1 for row in head.rows if rows.sorts[row] == RowSort.NUMBERING),
    )


def _side_by_side(scan: Scan, block: Block) -> list[Block]:
    """The tables that stand beside each other: each begins with names or years of its own.

    They are divided by an empty column, or by a column headed like the first one of the block.
    """
    cells = scan.sorts[block.first - 1 : block.last, block.left - 1 : block.right]
    filled = (cells != Sort.EMPTY).any(axis=0)
    for row in block.head:
        filled |= scan.sorts[row - 1, block.left - 1 : block.right] != Sort.EMPTY
    cuts = [0]
    first_head = _lowest_head(scan, block, block.left)
    for at in range(1, cells.shape[1]):
        again = bool(first_head) and _lowest_head(scan, block, block.left + at) == first_head
        if _begins_with_names(cells[:, at:]) and (again or (filled[at] and not filled[at - 1])):
            cuts.append(at)
    if len(cuts) == 1:
        return [block]
    found = []
    for begin, end in zip(cuts, [*cuts[1:], cells.shape[1]], strict=True):
        part = cells[:, begin:end]
        lines = np.flatnonzero((part != Sort.EMPTY).any(axis=1))
        inner = np.flatnonzero(filled[begin:end])
        if not len(lines) or not (part == Sort.NUMBER).any():
            continue
        found.append(
            replace(
                block,
                left=block.left + begin,
                right=block.left + begin + int(inner[-1]),
                last=block.first + int(lines[-1]),
                titles=block.titles,
            )
        )
    return found or [block]


def _lowest_head(scan: Scan, block: Block, column: int) -> str:
    """The lowest text over a column, for comparison."""
    for row in reversed(block.head):
        if row not in block.numbering and (text := bare(scan.sheet.text(row, column))):
            return text
    return ""


def _begins_with_names(cells: NDArray[np.int8]) -> bool:
    """Whether the first column holds texts and figures stand somewhere to its right."""
    column = cells[:, 0]
    texts = int(((column == Sort.TEXT) | (column == Sort.PERIOD)).sum())
    return texts * 2 > int((column != Sort.EMPTY).sum()) and bool((cells[:, 1:] == Sort.NUMBER).any())


def _tables_of_texts(scan: Scan) -> tuple[Block, ...]:
    """A table without any figure: the first row that fills nearly all its columns is the head."""
    filled = (scan.sorts != Sort.EMPTY).sum(axis=1)
    wide = np.flatnonzero(filled >= 2)
    if len(wide) < 2:
        return ()
    most = int(np.median(filled[wide]))
    head = next((int(row) for row in wide if filled[row] >= most), int(wide[0]))
    body = [int(row) for row in wide if row > head]
    if not body:
        return ()
    columns = np.flatnonzero((scan.sorts[[head, *body]] != Sort.EMPTY).any(axis=0))
    behind = [row for row in range(body[-1] + 1, len(filled)) if filled[row]]
    return (
        Block(
            titles=tuple(row + 1 for row in range(head) if filled[row]),
            head=(head + 1,),
            first=body[0] + 1,
            last=body[-1] + 1,
            notes=tuple(row + 1 for row in behind),
            left=int(columns[0]) + 1,
            right=int(columns[-1]) + 1,
            only_texts=True,
        ),
    )
