"""The head of a table: for each column the texts that stand over it from the top down, with those it shares.

Merged ranges say what belongs together. Where there are none, a text spreads over the empty cells to its right as
long as nothing speaks against it; such spreading is marked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from headframe.evidence.reading.block import Block
from headframe.evidence.reading.label import Label, paired_scope, read_label, split_languages
from headframe.evidence.reading.scan import Scan, Sort
from headframe.evidence.reading.script import bare, has_chinese
from headframe.evidence.reading.wordings import scope_words

FEWEST_SCOPES = 3  # texts of a row that have to be scopes before a misprint among them is read as one
MOSTLY = 0.7


@dataclass(frozen=True)
class HeadText:
    """A text over a column: its label, the cell it stands in, and how it came to stand over this column.

    `spread` is set where no merged range says that the text covers the column, `misprint` where it was read as
    a scope although a letter differs.
    """

    label: Label
    row: int
    origin: tuple[int, int]
    spread: bool = False
    misprint: bool = False


Column = tuple[HeadText, ...]


def head_of(scan: Scan, block: Block, values: frozenset[int], notes: frozenset[str]) -> dict[int, Column]:
    """The texts over each column (counted from 1), from the top; `values` are the columns that hold figures."""
    lines = [_line(scan, block, row, notes) for row in block.head if row not in block.numbering]
    lines = [_with_scopes(line, values) for line in lines]
    _spread(scan, block, lines, sorted(values))
    _continue_ordinals(lines, sorted(values))
    found: dict[int, Column] = {}
    for column in range(block.left, block.right + 1):
        texts = [line[column] for line in lines if column in line]
        found[column] = tuple(
            text for number, text in enumerate(texts) if not number or text.origin != texts[number - 1].origin
        )
    return found


def _line(scan: Scan, block: Block, row: int, notes: frozenset[str]) -> dict[int, HeadText]:
    """The texts of one row of the head by column, merged ranges drawn out."""
    found: dict[int, HeadText] = {}
    for column in range(block.left, block.right + 1):
        area = scan.sheet.range_at(row, column)
        origin = area.origin if area is not None else (row, column)
        if area is not None and origin[1] < block.left and area.right >= block.right:
            continue  # a title over everything
        if scan.sorts[origin[0] - 1, origin[1] - 1] == Sort.EMPTY:
            continue
        text = scan.sheet.text(*origin)
        if bare(text):
            found[column] = HeadText(read_label(text, notes), row, origin)
    return found


def _with_scopes(line: dict[int, HeadText], values: frozenset[int]) -> dict[int, HeadText]:
    """A row in which words that may be scopes are read as such where the row's other words over figures are."""
    over = {column: text for column, text in line.items() if column in values}
    sure = sum(bool(text.label.scope) for text in over.values())
    paired = {column: paired_scope(text.label.printed) for column, text in over.items()}
    kinds = {scope for scope in paired.values() if scope}
    found = dict(line)
    if len(kinds) > 1 and sum(map(bool, paired.values())) >= MOSTLY * len(over):
        for column, scope in paired.items():
            if scope:
                found[column] = _as_scope(line[column], scope, misprint=False)
        sure = max(sure, sum(map(bool, paired.values())))
    if sure >= FEWEST_SCOPES and sure >= MOSTLY * len(over):
        for column, text in over.items():
            scope = "" if found[column].label.scope else _nearly(text.label.printed)
            if scope:
                found[column] = _as_scope(text, scope, misprint=True)
    return found


def _as_scope(text: HeadText, scope: str, *, misprint: bool) -> HeadText:
    label = replace(text.label, scope=scope, only="scope", chinese=(), english="")
    return replace(text, label=label, misprint=misprint)


def _nearly(text: str) -> str:
    """The scope from whose word a text, or its Chinese part, differs in a single letter (`再辖区`)."""
    for plain in {bare(text), bare(split_languages(text)[0])}:
        for word, scope in scope_words(sure=True).items():
            if len(word) == len(plain) >= 3 and sum(one != other for one, other in zip(word, plain, strict=True)) == 1:
                return scope
    return ""


def _spread(scan: Scan, block: Block, lines: list[dict[int, HeadText]], values: list[int]) -> None:
    """Let texts reach over the empty cells to their right, row by row from the top."""
    if not values:
        return
    rows = set(block.head)
    merged = any(area.right > area.left and area.top in rows for area in scan.sheet.merged)
    for number, line in enumerate(lines[:-1]):
        group = not merged and values[0] in line and len(line) < len(lines[number + 1])
        nearest: HeadText | None = None
        home = 0
        for column in range(values[0], block.right + 1):
            if column in line:
                nearest, home = line[column], column
                continue
            below = next((below for below in lines[number + 1 :] if column in below), None)
            if nearest is None or below is None or not _same_above(lines[:number], home, column):
                continue
            if group or _shares(nearest, home, column, below):
                line[column] = replace(nearest, spread=True)


def _same_above(lines: list[dict[int, HeadText]], one: int, other: int) -> bool:
    """Whether two columns stand below the same texts."""
    return all(
        (line[one].origin if one in line else None) == (line[other].origin if other in line else None) for line in lines
    )


def _shares(parent: HeadText, home: int, column: int, below: dict[int, HeadText]) -> bool:
    """Whether a column whose own text begins lower belongs under the text to its left.

    It does when its own text is a scope or a year or is repeated elsewhere in its row, or when over the left column
    nothing new begins at that height: then the column is a part of what stands there (an `of which`).
    """
    own = below[column].label
    if own.only in {"scope", "year"}:
        return True
    if sum(text.label.printed == own.printed for text in below.values()) > 1:
        return True
    beside = below.get(home)
    if beside is None or beside.origin == parent.origin:
        return True
    translated = has_chinese(parent.label.printed) and not has_chinese(beside.label.printed)
    return (translated and has_chinese(own.printed)) or beside.label.only == "unit"


def _continue_ordinals(lines: list[dict[int, HeadText]], values: list[int]) -> None:
    """Give `(2)制造业` the step above that `第二产业(1)采矿业` names, as long as the numbers run on."""
    for line in lines:
        step, last = "", 0
        present = [column for column in values if column in line]
        for column in present:
            label = line[column].label
            if label.ordinal is None:
                step, last = "", 0
            elif len(label.chinese) > 1:
                step, last = label.chinese[0], label.ordinal
            elif step and label.ordinal in {last, last + 1} and label.chinese:
                last = label.ordinal
                line[column] = replace(line[column], label=replace(label, chinese=(step, *label.chinese)))
            else:
                step, last = "", 0


def steps_of(column: Column) -> tuple[tuple[HeadText, ...], ...]:
    """The texts of a column in groups that say the same thing: a Chinese label, its unit, its translation."""
    groups: list[list[HeadText]] = []
    for text in column:
        label = text.label
        if label.only in {"scope", "year"}:
            continue
        continues = bool(groups) and (label.only == "unit" or _translates(groups[-1], label))
        if continues:
            groups[-1].append(text)
        else:
            groups.append([text])
    return tuple(tuple(group) for group in groups)


def _translates(group: list[HeadText], label: Label) -> bool:
    """Whether an English label says again what the Chinese label above it says."""
    return not label.chinese and any(text.label.chinese for text in group) and not _has_two(group, label)


def _has_two(group: list[HeadText], label: Label) -> bool:
    """Whether the group has another English label already, beside the one inside its Chinese text."""
    english = [text.label.english for text in group if text.label.english and not text.label.chinese]
    return any(bare(one) != bare(label.english) for one in english)
