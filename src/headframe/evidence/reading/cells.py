"""Cells: from the text of a cell to a number with its doubts, or to the kind of missing that its mark stands for.

Nothing is guessed in silence: a reading keeps the printed text, says what was done to it, and a text that only
resembles a number (`1 1.44`, `().13`) has no value but a suggestion.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Literal

from headframe.evidence.reading.digits import POINT, Habit, number_of, suggestion
from headframe.evidence.reading.doubt import Doubt
from headframe.evidence.reading.missing import Legend, Mark, Meaning, mark_of, meaning_of
from headframe.evidence.reading.period import is_period
from headframe.evidence.reading.script import from_superscript, narrow
from headframe.evidence.reading.unit_text import read_unit, scale_words

LONGEST = 80  # characters; a longer text is no number
Nature = Literal["number", "missing", "period", "text", "damaged"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell says. `value` is the printed number; `scale` and `unit` are words behind it that are not in it.

    `qualifier` is that of observations (`=`, `~`, `<`, `<=`, `>`, `>=`, `range` with `low` and `high`). A missing
    value has a `mark` and what it means; `flags` are letters and signs that point to notes.
    """

    text: str
    nature: Nature
    value: float | None = None
    qualifier: str = "="
    low: float | None = None
    high: float | None = None
    scale: str = ""
    factor: float = 1.0
    unit: str = ""
    mark: Mark | None = None
    meaning: Meaning | None = None
    flags: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    suggestion: str = ""


_ABOUT = r"大约|约|近|接近|about|around|nearly|almost|approx(?:imately|\.)?|circa|c\.|≈|~"
_AT_LEAST = r"至少|不少于|不低于|at least|≥|>="
_AT_MOST = r"最多|不超过|不高于|at most|up to|≤|<="
_MORE = r"超过|超|逾|多于|高于|大于|more than|over|above|>"
_LESS = r"不足|不到|少于|低于|小于|less than|under|below|<"
_BEFORE = tuple(
    (re.compile(rf"^(?:{words})\s*", re.IGNORECASE), sign)
    for words, sign in ((_ABOUT, "~"), (_AT_LEAST, ">="), (_AT_MOST, "<="), (_MORE, ">"), (_LESS, "<"))
)
_BEHIND = (
    (re.compile(r"\s*(?:左右|上下)$"), "~"),
    (re.compile(r"\s*(?:及?以上)$"), ">="),
    (re.compile(r"\s*(?:以下|以内)$"), "<="),
    (re.compile(r"(?<=[0-9万亿千百十])\s*(?:多|余|\+)(?P<rest>[^0-9+]{0,6})$"), ">"),
)
_CURRENCY = {
    "¥": "元", "RMB": "元", "CNY": "元", "人民币": "元", "$": "USD", "US$": "USD", "USD": "USD",
    "€": "EUR", "EUR": "EUR", "£": "GBP",
}  # fmt: skip
_MONEY = re.compile(r"^(?P<sign>[¥$€£]|US\$|RMB|USD|CNY|EUR|人民币)\s*", re.IGNORECASE)
_START = re.compile(
    rf"^[\s(]*(?:{_ABOUT}|{_AT_LEAST}|{_AT_MOST}|{_MORE}|{_LESS})?[\s(+\-−–±]*(?:[¥$€£]|US\$|RMB|USD|CNY|EUR|人民币)?"
    r"[\s(+\-−–]*(?:[0-9]|\.[0-9])",
    re.IGNORECASE,
)
_HAS_DIGIT = re.compile(r"[0-9０-９]")
_FOOTNOTE = re.compile(
    r"\s*(?P<mark>[①-⑳⑴-⒇❶-❿]+|(?<![m³²])(?<![×xX*]10)(?<![×xX*] 10)[⁰¹²³⁴-⁹⁽⁾]+|(?<=\s)[0-9]{1,2}\)"
    r"|(?<=[0-9%\s])\([0-9]{1,2}\)|\[[0-9a-z]{1,2}\]|\*+|[†‡§]+|注[0-9]{0,2})$"
)
_FLAG = re.compile(r"(?P<flag>(?<=\s)\(?[a-z]{1,4}\)?|(?<=[0-9])[abcdfp])$")
_BODY = re.compile(
    r"(?P<digits>[0-9][0-9.,'’ ]*[0-9.]|[0-9]|\.[0-9]+)"
    r"(?P<exponent>[eE][+-]?[0-9]{1,3}|\s*[×xX*]\s*10\^?[⁻⁺+-]?[0-9⁰-⁹¹²³]{1,3})?"
)
_RANGE = re.compile(
    r"^(?P<low>[0-9][0-9.,]*)\s*(?P<first>[%‰万亿]?)\s*(?:[-–—~]|至|到|to)\s*(?P<high>[0-9][0-9.,]*)(?P<rest>.*)$"
)


def may_be_number(text: str) -> bool:
    """Whether a text begins as numbers do; a cheap test before the thorough one."""
    return len(text) <= LONGEST and _HAS_DIGIT.search(text) is not None and _START.match(narrow(text)) is not None


def read(text: str, habit: Habit = POINT, legend: Legend | None = None) -> Reading:
    """What the text of a cell says."""
    mark = mark_of(text)
    if mark is not None:
        return Reading(text, "missing", mark=mark, meaning=meaning_of(mark, text, legend or {}))
    if not may_be_number(text):
        return _without_digits(text, legend or {})
    plain = narrow(text).strip()
    if is_period(plain) and not plain.isdigit():
        return Reading(text, "period")
    found = _in_brackets(plain, habit) or _signed(plain, habit) or _of_range(plain, habit)
    if found is None:
        return _resembling(text, plain)
    return replace(found, text=text)


def _without_digits(text: str, legend: Legend) -> Reading:
    """A text that does not begin as numbers do: a mark with a flag (`: c`), a period, or words."""
    plain = narrow(text).strip()
    sign, _, flag = plain.partition(" ")
    mark = mark_of(sign)
    if mark in {Mark.COLON, Mark.DASH, Mark.DOTS} and re.fullmatch(r"[a-z]{1,4}", flag.strip()):
        return Reading(text, "missing", mark=mark, meaning=meaning_of(mark, sign, legend), flags=(flag.strip(),))
    return Reading(text, "period" if is_period(plain) else "text")


def _resembling(text: str, plain: str) -> Reading:
    guess = suggestion(plain)
    if guess or re.fullmatch(r"[0-9][0-9 .,]*", plain):
        return Reading(text, "damaged", doubts=(Doubt.DAMAGED,), suggestion=guess)
    return Reading(text, "text")


def _in_brackets(plain: str, habit: Habit) -> Reading | None:
    """`(1,234)` as accountants write −1,234."""
    if not (plain.startswith("(") and plain.endswith(")")):
        return None
    inner = _signed(plain[1:-1].strip(), habit)
    if inner is None or inner.value is None or inner.value < 0:
        return None
    return replace(inner, value=-inner.value, doubts=(*inner.doubts, Doubt.BRACKETS))


def _signed(plain: str, habit: Habit) -> Reading | None:
    """A number with what may stand before and behind it; None for anything else."""
    rest, doubts, qualifier = plain, list[Doubt](), "="
    for pattern, sign in _BEFORE:
        if match := pattern.match(rest):
            rest, qualifier = rest[match.end() :], sign
            doubts.append(Doubt.INEXACT)
            break
    sign_of_value = 1.0
    if rest[:1] in {"+", "-", "−", "–"}:
        sign_of_value, rest = (1.0 if rest[0] == "+" else -1.0), rest[1:].lstrip()
    unit = ""
    if match := _MONEY.match(rest):
        unit, rest = _CURRENCY[match["sign"].upper()], rest[match.end() :]
        if sign_of_value == 1.0 and rest[:1] in {"-", "−"}:
            sign_of_value, rest = -1.0, rest[1:].lstrip()
    rest, flags = _without_notes(rest, doubts)
    rest, behind = _without_qualifier(rest, doubts)
    body = _BODY.match(rest)
    if body is None:
        return None
    value = number_of(body["digits"], body["exponent"] or "", habit, doubts)
    if value is None:
        return None
    made = Reading(plain, "number", sign_of_value * value or 0.0, behind or qualifier, unit=unit, flags=flags)
    found = _with_tail(made, rest[body.end() :].strip(), doubts)
    if found is None or not math.isfinite(found.value or 0.0):
        return None if found is None else Reading(plain, "damaged", doubts=(Doubt.DAMAGED, Doubt.TOO_LARGE))
    return replace(found, doubts=tuple(dict.fromkeys(doubts)))


def _without_notes(text: str, doubts: list[Doubt]) -> tuple[str, tuple[str, ...]]:
    """A text without the marks at its end that point to notes, and those marks."""
    flags: list[str] = []
    while True:
        match = _FOOTNOTE.search(text) or (None if flags else _FLAG.search(text))
        if match is None or not match.start() or not _HAS_DIGIT.search(text[: match.start()]):
            return text.rstrip(), tuple(reversed(flags))
        if "mark" in match.groupdict():
            flags.append(from_superscript(match["mark"]).strip())
            doubts.append(Doubt.FOOTNOTE)
        else:
            if read_unit(match["flag"].strip("()")) is not None:
                return text.rstrip(), tuple(flags)
            flags.append(match["flag"].strip("() "))
            doubts.append(Doubt.FLAG)
        text = text[: match.start()].rstrip()


def _without_qualifier(text: str, doubts: list[Doubt]) -> tuple[str, str]:
    for pattern, sign in _BEHIND:
        if match := pattern.search(text):
            doubts.append(Doubt.INEXACT)
            return text[: match.start()] + match.groupdict().get("rest", ""), sign
    return text, ""


def _with_tail(made: Reading, tail: str, doubts: list[Doubt]) -> Reading | None:
    """The reading with scale and unit from the words behind the digits; None where they are neither."""
    if not tail:
        return made
    if tail in {"-", "−", "–"} and (made.value or 0.0) > 0:
        doubts.append(Doubt.TRAILING_SIGN)
        return replace(made, value=-(made.value or 0.0))
    if tail in {"%", "‰"}:
        return replace(made, unit=tail)
    for word, factor in scale_words().items():
        folded = tail.casefold()
        if folded.startswith(word):
            doubts.append(Doubt.SCALED)
            return _with_second_part(replace(made, scale=word, factor=factor), tail[len(word) :].strip(), doubts)
    if read_unit(tail) is None:
        return None
    doubts.append(Doubt.UNIT)
    return replace(made, unit=tail)


def _with_second_part(made: Reading, tail: str, doubts: list[Doubt]) -> Reading | None:
    """What follows a scale: a unit (`3.2亿元`), or further digits of a smaller scale (`3亿5000万元`)."""
    if not tail:
        return made
    if tail[:1].isdigit():
        rest = _signed(tail, POINT)
        if rest is None or rest.value is None or rest.factor >= made.factor:
            return None
        sign = -1.0 if (made.value or 0.0) < 0 else 1.0
        total = (made.value or 0.0) + sign * rest.value * rest.factor / made.factor
        return replace(made, value=total, unit=rest.unit)
    if read_unit(made.scale + tail) is None:
        return None
    doubts.append(Doubt.UNIT)
    return replace(made, unit=tail)


def _of_range(plain: str, habit: Habit) -> Reading | None:
    match = _RANGE.match(plain)
    if match is None:
        return None
    low, high = _signed(match["low"] + match["first"], habit), _signed(match["high"] + match["rest"], habit)
    if low is None or high is None or low.value is None or high.value is None:
        return None
    bottom = low.value * (low.factor if low.scale else high.factor) / high.factor
    if bottom >= high.value:
        return None
    doubts = (*high.doubts, Doubt.RANGE)
    return replace(high, text=plain, value=None, qualifier="range", low=bottom, high=high.value, doubts=doubts)
