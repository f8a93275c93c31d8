"""Columns by what they hold: figures, names, periods, codes, units, scopes, numbers of rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headframe.evidence.reading.block import Block
from headframe.evidence.reading.description import Holds, Role
from headframe.evidence.reading.label import paired_scope, split_languages
from headframe.evidence.reading.period import may_be_glued, read_period
from headframe.evidence.reading.scan import Scan, Sort
from headframe.evidence.reading.script import bare, tidy
from headframe.evidence.reading.unit_text import read_unit
from headframe.evidence.reading.wordings import held_by_word

Test = Callable[[str], bool]
SAMPLE = 300  # texts of a column that are looked at
MOSTLY = 0.8
_NOT_TELLING = frozenset({"zh", "en", "cn", "chinese", "english", "name", "names", "中文", "英文", "名称"})
_GENERIC = frozenset(
    {"直辖市", "地级市", "县级市", "自治州", "地区", "盟", "市辖区", "省", "自治区", "副省级市", "省会城市"}
)
_PLACE_ENDING = re.compile(
    r"(?:市|省|县|自治区|自治州|自治县|地区|盟|旗|新区|特别行政区|[\u4e00-\u9fff]{2,}[区州])[①-⑳*⁰-⁹¹²³]*$"
)
_CODE_NAME = re.compile(
    r"(?:^|[_\s.])(?:code|id|fips|nuts|isic|naics)(?:$|[_\s.0-9])|(?:代码|编码|编号|邮编)$|^fips", re.IGNORECASE
)
_PERIOD_NAME = re.compile(r"(?:^|[_\s.])(?:year|date|period|month|quarter)$|年份$|年度$|时间$|日期$", re.IGNORECASE)


@dataclass(frozen=True)
class ColumnKind:
    """The role of a column and what it holds."""

    role: Role
    holds: Holds


def kinds_of(scan: Scan, block: Block, body: NDArray[np.int64]) -> dict[int, ColumnKind]:
    """Role and content of each column, counted from 1; `body` are the rows of figures, counted from 0."""
    holds = {column: _holds(scan, block, column, body) for column in range(block.left, block.right + 1)}
    kinds: dict[int, ColumnKind] = {}
    leading = True
    for column, held in holds.items():
        if held is None:
            kinds[column] = ColumnKind(Role.EMPTY, Holds.TEXT)
        elif held is Holds.FIGURE:
            kinds[column], leading = ColumnKind(Role.VALUE, held), False
        else:
            kinds[column] = ColumnKind(Role.STUB if leading else Role.ATTRIBUTE, held)
    if not any(kind.role is Role.STUB for kind in kinds.values()):
        naming = {Holds.PLACE, Holds.PERIOD, Holds.INDICATOR, Holds.TEXT}
        first = next((column for column, kind in kinds.items() if kind.holds in naming), None)
        if first is not None and kinds[first].role is Role.ATTRIBUTE:
            kinds[first] = ColumnKind(Role.STUB, kinds[first].holds)
    return kinds


def _heads(scan: Scan, block: Block, column: int) -> list[str]:
    """The texts over a column from the lowest up, each also in its Chinese and English part."""
    found: list[str] = []
    for row in reversed(block.head):
        if row in block.numbering:
            continue
        area = scan.sheet.range_at(row, column)
        text = tidy(scan.sheet.text(*(area.origin if area else (row, column))))
        if text and not text.startswith("Unnamed:"):
            parts = [text, *(part for part in split_languages(text) if part and part != text)]
            plain = " ".join(part for part in re.split(r"[_\s.]+", text) if part.casefold() not in _NOT_TELLING)
            found += [*parts, plain] if plain and plain not in parts else parts
    return found


def _holds(scan: Scan, block: Block, column: int, body: NDArray[np.int64]) -> Holds | None:
    """What a column holds; None for a column without head and content."""
    heads = _heads(scan, block, column)
    counts = np.bincount(scan.sorts[body, column - 1], minlength=len(Sort))
    filled = int(counts[1:].sum())
    named = next((Holds(held_by_word()[bare(head)]) for head in heads if bare(head) in held_by_word()), None)
    if not filled:
        return (named if named is not None and not block.only_texts else Holds.FIGURE) if heads else None
    years = int(scan.years[body, column - 1].sum())
    periods = (years + int(counts[Sort.PERIOD])) / filled
    if named is Holds.PERIOD and periods < MOSTLY:  # years with the numbers of notes glued to them
        texts = sample(scan, column, body)
        periods = max(periods, _share(texts, lambda text: may_be_glued(text) or read_period(text) is not None))
    figures = int(counts[Sort.NUMBER] + counts[Sort.MISSING] + counts[Sort.ODD])
    if figures == filled and not counts[Sort.NUMBER]:
        return Holds.FIGURE  # nothing but marks of missing figures
    if counts[Sort.NUMBER] and figures * 2 >= filled:
        return _of_numbers(scan, column, body, heads, named, periods, first=column == block.left)
    if periods >= MOSTLY:
        return Holds.PERIOD
    return _of_texts(scan, column, body, heads, named)


def _of_numbers(
    scan: Scan,
    column: int,
    body: NDArray[np.int64],
    heads: list[str],
    named: Holds | None,
    periods: float,
    *,
    first: bool,
) -> Holds:
    numbers = scan.numbers[body, column - 1]
    numbers = numbers[~np.isnan(numbers)]
    lowest = heads[0] if heads else ""
    if periods >= MOSTLY and (named is Holds.PERIOD or _PERIOD_NAME.search(lowest) or (first and not lowest)):
        return Holds.PERIOD
    if named is Holds.CODE or _CODE_NAME.search(lowest):
        return Holds.CODE
    counting = len(numbers) > 2 and numbers[0] in {0, 1} and float((np.diff(numbers) == 1).mean()) > MOSTLY
    if counting and (named is Holds.ROW_NUMBER or (first and not lowest)):
        return Holds.ROW_NUMBER
    if named is Holds.ROW_NUMBER and first:
        return Holds.CODE
    return Holds.FIGURE


def _of_texts(scan: Scan, column: int, body: NDArray[np.int64], heads: list[str], named: Holds | None) -> Holds:
    texts = [tidy(text) for text in sample(scan, column, body)]
    if named is Holds.UNIT or _share(texts, lambda text: read_unit(text) is not None) >= MOSTLY:
        return Holds.UNIT
    if named is not None and named is not Holds.SCOPE:
        return named
    coded = Holds.CODE if heads and _CODE_NAME.search(heads[0]) else None
    by_texts: tuple[tuple[Holds, Test, float], ...] = (
        (Holds.SCOPE, lambda text: bool(paired_scope(text)), MOSTLY),
        (Holds.PLACE, _is_place_like, 0.5),
        (Holds.PERIOD, lambda text: read_period(text) is not None, MOSTLY),
        (Holds.INDICATOR, _ends_in_unit, 0.3),
    )
    if coded:
        return coded
    return next((holds for holds, test, least in by_texts if _share(texts, test) >= least), Holds.TEXT)


def sample(scan: Scan, column: int, body: NDArray[np.int64]) -> list[str]:
    """Different texts of a column, from its whole length."""
    filled = body[scan.sorts[body, column - 1] != Sort.EMPTY]
    step = max(1, len(filled) // (3 * SAMPLE))
    found = dict.fromkeys(scan.sheet.text(int(row) + 1, column) for row in filled[::step])
    return list(found)[:SAMPLE]


def _share(texts: list[str], test: Test) -> float:
    if not texts:
        return 0.0
    return sum(test(text) for text in texts) / len(texts)


def _is_place_like(text: str) -> bool:
    return text not in _GENERIC and _PLACE_ENDING.search(text) is not None


def _ends_in_unit(text: str) -> bool:
    inner = text.rpartition("(")[2].rstrip(") ")
    return text.endswith(")") and read_unit(inner) is not None


def place_like(texts: Iterable[str]) -> float:
    """The share of texts that end as names of Chinese places do."""
    listed = list(texts)
    return _share(listed, _is_place_like)
