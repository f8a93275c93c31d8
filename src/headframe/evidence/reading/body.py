"""The body of a table: which rows are figures, which only name what follows, which are totals or say something."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from headframe.evidence.reading.block import Block, is_note
from headframe.evidence.reading.column_kind import ColumnKind
from headframe.evidence.reading.description import Holds, Role, RowKind
from headframe.evidence.reading.rows import Rows, RowSort
from headframe.evidence.reading.scan import Scan, Sort
from headframe.evidence.reading.script import bare, indent, tidy
from headframe.evidence.reading.wordings import words

_CHINESE_NAME = re.compile(r"[\u4e00-\u9fff]$")
MOST_NAMES = 2000
ALIKE = 0.7  # share of names with the same last character from which on that character marks a name


def rows_of_figures(block: Block, rows: Rows) -> NDArray[np.int64]:
    """The rows of the body that hold figures, counted from 0; all rows of a table of texts."""
    span = np.arange(block.first - 1, block.last)
    if block.only_texts:
        return np.asarray(span[rows.sorts[span] != RowSort.BLANK], np.int64)
    again = np.isin(span, [row - 1 for row in block.repeats])
    return np.asarray(span[(rows.sorts[span] == RowSort.DATA) & ~again], np.int64)


def special_rows(scan: Scan, block: Block, rows: Rows, kinds: dict[int, ColumnKind]) -> dict[int, RowKind]:
    """The rows of the body that are no ordinary rows of figures, counted from 1."""
    found: dict[int, RowKind] = dict.fromkeys(block.repeats, RowKind.HEAD_AGAIN)
    if block.only_texts:
        return found
    naming = {Holds.PLACE, Holds.INDICATOR, Holds.TEXT}
    names = [column for column, kind in kinds.items() if kind.role is Role.STUB and kind.holds in naming]
    span = np.arange(block.first - 1, block.last)
    figures = span[rows.sorts[span] == RowSort.DATA]
    known: dict[str, bool] = {}
    for column in names:
        for row in figures:
            text = scan.sheet.values[row][column - 1] if len(scan.sheet.values[row]) >= column else None
            if isinstance(text, str) and _is_total(text, known):
                found.setdefault(int(row) + 1, RowKind.TOTAL)
    others = span[(rows.sorts[span] != RowSort.DATA) & (rows.sorts[span] != RowSort.BLANK)]
    ending = _common_ending(scan, figures, names[0]) if names and len(others) else ""
    for row in others:
        if int(row) + 1 not in found and (kind := _kind_without_figures(scan, block, int(row) + 1, names, ending)):
            found[int(row) + 1] = kind
    return found


def _common_ending(scan: Scan, figures: NDArray[np.int64], column: int) -> str:
    """The last character that most names of rows with figures have in common, such as 市; otherwise nothing."""
    names = [tidy(scan.sheet.text(int(row) + 1, column)) for row in figures[:MOST_NAMES]]
    endings = Counter(name[-1] for name in names if _CHINESE_NAME.search(name))
    if not endings:
        return ""
    ending, often = endings.most_common(1)[0]
    return ending if often >= ALIKE * len(names) else ""


def _kind_without_figures(scan: Scan, block: Block, row: int, names: list[int], ending: str) -> RowKind | None:
    """What a row without figures is; None for one that is like the others and only has nothing to show.

    A section has a name, perhaps in two languages, and nothing else: no year, no code, no remark.
    """
    cells = scan.sorts[row - 1, block.left - 1 : block.right]
    filled = [int(at) + block.left for at in np.flatnonzero(cells != Sort.EMPTY)]
    if not filled:
        return RowKind.BLANK
    text = tidy(scan.sheet.text(row, filled[0]))
    if set(filled) <= set(names) and len(filled) <= 2:
        if is_note(text):
            return RowKind.TEXT
        return None if ending and text.endswith(ending) else RowKind.SECTION
    return RowKind.TEXT if len(filled) == 1 and filled[0] not in names else None


def _is_total(text: str, known: dict[str, bool]) -> bool:
    if text not in known:
        plain = bare(text).strip(" :：*#")
        known[text] = plain in words("totals")
    return known[text]


def sections_of(scan: Scan, span: range, special: Mapping[int, RowKind], column: int | None) -> dict[int, str]:
    """For each row from the first section on the section it stands under, as a hint and no more.

    Where names are moved in below their section, a name that is not moved in ends it.
    """
    if column is None or RowKind.SECTION not in special.values():
        return {}
    found: dict[int, str] = {}
    current, depth = "", 0
    moved_in = any(indent(scan.sheet.text(row, column)) > 0 for row in span if row not in special)
    for row in span:
        text = scan.sheet.text(row, column)
        if special.get(row) is RowKind.SECTION:
            current, depth = tidy(text), indent(text)
        elif row not in special:
            if moved_in and indent(text) <= depth:
                current = ""
            if current:
                found[row] = current
    return found
