"""Marks in the place of a number: each keeps its own kind, and a table's own notes say what it means.

An empty cell, a dash, three dots and `(D)` say different things, and none of them is zero (law 3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache

from headframe.evidence.reading.script import bare, narrow
from headframe.evidence.reading.wordings import wordings, words


class Mark(StrEnum):
    """The mark itself, whatever it means."""

    EMPTY = "empty"
    DASH = "dash"
    DOTS = "dots"  # … or ...
    TWO_DOTS = "two-dots"
    ASTERISK = "asterisk"
    HASH = "hash"
    COLON = "colon"
    LETTER_D = "letter-d"
    LETTER_X = "letter-x"
    NOT_AVAILABLE = "not-available"  # n.a., NA, null
    WORDS = "words"  # 不详, 缺, suppressed
    FORMULA = "formula"
    ERROR = "error"
    COVERED = "covered"  # inside a merged range whose value stands in another cell


class Meaning(StrEnum):
    """What a mark means. Where nobody says so it is open, or what its field of use has agreed on."""

    OPEN = "open"
    NOT_COLLECTED = "not-collected"
    SUPPRESSED = "suppressed"
    NEGLIGIBLE = "negligible"
    NOT_APPLICABLE = "not-applicable"
    NEGLIGIBLE_OR_UNKNOWN = "negligible-or-unknown"
    LOST = "lost"  # the file does not hold the value that was there


_FORMS: Mapping[str, Mark] = {
    "-": Mark.DASH, "--": Mark.DASH, "---": Mark.DASH, "–": Mark.DASH, "—": Mark.DASH, "——": Mark.DASH, "―": Mark.DASH,
    "─": Mark.DASH, "一": Mark.DASH, "…": Mark.DOTS, "……": Mark.DOTS, "...": Mark.DOTS, "......": Mark.DOTS,
    "⋯": Mark.DOTS, "..": Mark.TWO_DOTS, "*": Mark.ASTERISK, "**": Mark.ASTERISK, "***": Mark.ASTERISK,
    "×": Mark.LETTER_X, "#": Mark.HASH, ":": Mark.COLON, "(d)": Mark.LETTER_D, "d": Mark.LETTER_D, "(s)": Mark.LETTER_D,
    "(x)": Mark.LETTER_X, "x": Mark.LETTER_X, "(na)": Mark.NOT_AVAILABLE, "na": Mark.NOT_AVAILABLE,
    "n/a": Mark.NOT_AVAILABLE, "n.a.": Mark.NOT_AVAILABLE, "n.a": Mark.NOT_AVAILABLE, "#n/a": Mark.NOT_AVAILABLE,
    "nan": Mark.NOT_AVAILABLE, "null": Mark.NOT_AVAILABLE, "none": Mark.NOT_AVAILABLE, "<na>": Mark.NOT_AVAILABLE,
    "\\n": Mark.NOT_AVAILABLE, "不详": Mark.WORDS, "缺": Mark.WORDS, "无": Mark.WORDS, "未统计": Mark.WORDS,
    "空缺": Mark.WORDS, "缺失": Mark.WORDS, "暂无": Mark.WORDS, "无数据": Mark.WORDS, "保密": Mark.WORDS,
    "不适用": Mark.WORDS, "未公布": Mark.WORDS, "suppressed": Mark.WORDS, "confidential": Mark.WORDS,
    "missing": Mark.WORDS, "not available": Mark.WORDS, "withheld": Mark.WORDS,
}  # fmt: skip
# What the marks mean where a table does not say so: Chinese yearbooks print … for less than the smallest unit or
# unknown, American agencies (D) for a figure withheld, Eurostat : for one that is not there.
DEFAULTS: Mapping[Mark, Meaning] = {
    Mark.DOTS: Meaning.NEGLIGIBLE_OR_UNKNOWN,
    Mark.LETTER_D: Meaning.SUPPRESSED,
    Mark.COLON: Meaning.NOT_COLLECTED,
    Mark.TWO_DOTS: Meaning.NOT_COLLECTED,
    Mark.NOT_AVAILABLE: Meaning.NOT_COLLECTED,
    Mark.FORMULA: Meaning.LOST,
    Mark.ERROR: Meaning.LOST,
    Mark.COVERED: Meaning.LOST,
}
Legend = Mapping[Mark, Meaning]
LONGEST_MARK = 16
_STATEMENT = re.compile(
    r"[“”\"'‘’「『(（]?\s*(?P<mark>…+|\.{2,6}|[-–—―]{1,2}|\*{1,3}|#|:|×|空格|空白|\(d\)|\(x\)|\bd\b|\bx\b|n\.a\.|na)\s*[“”\"'‘’」』)）]?\s*"
    r"(?:表示|指|代表|为|：|=|＝|:|—|-|means|indicates?|denotes?|signif\w*|represents?|stands? for)\s*"
    r"(?P<said>[^“”\"‘’;；。\n]{1,60})",
    re.IGNORECASE,
)


def mark_of(text: str) -> Mark | None:
    """The mark that a text is, or None for anything else."""
    if len(text) > LONGEST_MARK:
        return None
    plain = narrow(text).strip().casefold()
    if not plain:
        return Mark.EMPTY
    return _FORMS.get(plain)


@cache
def said_by_word(text: str) -> Meaning:
    """What the words of a note or of a cell mean; open where they are not understood."""
    plain = bare(text)
    for meaning in wordings()["meanings"]:
        if any(word in plain for word in words("meanings", meaning)):
            return Meaning(meaning) if meaning in set(Meaning) else Meaning.OPEN
    return Meaning.OPEN


def meaning_of(mark: Mark, text: str, legend: Legend) -> Meaning:
    """What a mark means here: as the legend says, as its own words say, or as its field of use has agreed on."""
    if mark in legend:
        return legend[mark]
    if mark is Mark.WORDS:
        return said_by_word(text)
    return DEFAULTS.get(mark, Meaning.OPEN)


def legend_of(notes: Iterable[str]) -> dict[Mark, Meaning]:
    """The legend that the notes of a table give, such as `“…”表示不足本表最小单位数`."""
    found: dict[Mark, Meaning] = {}
    for note in notes:
        for match in _STATEMENT.finditer(narrow(note)[:2000]):
            sign = match["mark"].casefold()
            mark = Mark.EMPTY if sign in {"空格", "空白"} else mark_of(sign)
            meaning = said_by_word(match["said"])
            if mark is not None and meaning is not Meaning.OPEN:
                found.setdefault(mark, meaning)
    return found
