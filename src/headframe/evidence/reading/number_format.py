"""Number formats of spreadsheets: what a cell shows where that differs from the number it stores.

A format is read far enough to tell dates, percentages, scaled numbers, and signs written around a number. Built-in
formats are those of ECMA-376 part 1, 18.8.30, with the date formats of East Asian locales.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal

from headframe.evidence.reading.grid import Kind, Shown

DATES = frozenset({*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58})
TIMES = frozenset({*range(18, 22), *range(32, 36), *range(45, 48), 55, 56})
PERCENTAGES = {9: 0, 10: 2}
FIXED = {1: 0, 2: 2, 3: 0, 4: 2}
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]')
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_NUMBER = re.compile(r"[#0?][#0?,]*(?:\.[#0?]*)?,*")
_DATE_LETTERS = re.compile(r"[ymdhsYMDHSe]|AM/PM|上午/下午|aaa")
LAST_SERIAL = 2_958_466  # 10000-01-01
_NO_LEAP_DAY = 60  # serials before this one are a day off: the first spreadsheets took 1900 for a leap year
DAYS_1904 = 1462
Parts = Literal["number", "date", "time", "year", "month", "percent", "plain"]


@dataclass(frozen=True)
class NumberFormat:
    """A number format: what it makes of a number, how many decimals it shows, what it writes around the number."""

    shows: Parts
    decimals: int | None = None
    before: str = ""
    after: str = ""
    thousands: int = 0  # how often the number shown is divided by a thousand

    def shown(self, number: float, *, from_1904: bool = False) -> Shown | float:
        """The number as this format shows it; the number itself where the format changes nothing."""
        if self.shows in {"date", "time", "year", "month"}:
            return _date(number, self.shows, from_1904=from_1904)
        if self.shows == "percent":
            return Shown(Kind.NUMBER, f"{_rounded(number, 2, self.decimals)}%", number)
        if self.shows == "plain":
            return number
        text = _rounded(number, -3 * self.thousands, self.decimals)
        if not self.before and not self.after and not self.thousands and text == _rounded(number, 0, None):
            return number
        return Shown(Kind.NUMBER, f"{self.before}{text}{self.after}", number)


PLAIN = NumberFormat("plain")


def number_format(code: str, builtin: int = -1) -> NumberFormat:
    """The format that a code such as `0.00%` or a built-in number stands for."""
    if not code:
        return _built_in(builtin)
    section = _sections(code)[0]
    if section.strip().lower() in {"general", "@", ""}:
        return PLAIN
    if _ELAPSED.search(section):
        return NumberFormat("time")
    bare = _LITERAL.sub("", section)
    if _DATE_LETTERS.search(re.sub(r"[eE][+-]", "", bare)) and "general" not in bare.lower():
        return NumberFormat(_kind_of_date(bare))
    return _of_number(section, bare)


def _built_in(number: int) -> NumberFormat:
    if number in DATES:
        return NumberFormat("date")
    if number in TIMES:
        return NumberFormat("time")
    if number in PERCENTAGES:
        return NumberFormat("percent", PERCENTAGES[number])
    return NumberFormat("number", FIXED[number]) if number in FIXED else PLAIN


def _sections(code: str) -> list[str]:
    """The parts for positive, negative, zero and text; semicolons in quotes do not separate."""
    parts, current, quoted, escaped = [], "", False, False
    for letter in code:
        if letter == ";" and not quoted and not escaped:
            parts.append(current)
            current = ""
            continue
        quoted = quoted != (letter == '"' and not escaped)
        escaped = letter == "\\" and not escaped
        current += letter
    return [*parts, current]


def _kind_of_date(bare: str) -> Parts:
    letters = bare.lower()
    if any(letter in letters for letter in "hs"):
        return "date" if any(letter in letters for letter in "yde") else "time"
    if "d" in letters or "aaa" in letters:
        return "date"
    if "m" in letters:
        return "month"
    return "year"


def _of_number(section: str, bare: str) -> NumberFormat:
    pattern = _NUMBER.search(bare)
    if pattern is None or "/" in bare or re.search(r"[eE][+-]", bare):
        return PLAIN
    digits = pattern[0]
    fraction = digits.partition(".")[2].rstrip(",")
    # Optional digits (#) hide nothing but trailing zeros; as many decimals as they allow are shown.
    decimals = len(fraction)
    if "%" in bare:
        return NumberFormat("percent", decimals)
    scaled = len(digits) - len(digits.rstrip(","))
    before, after = _around(section)
    return NumberFormat("number", decimals, before, after, scaled)


def _around(section: str) -> tuple[str, str]:
    """The words that a format writes before and after its digits."""
    before, after, seen, place = "", "", False, 0
    while place < len(section):
        literal = _LITERAL.match(section, place)
        if literal is not None:
            words = literal[1] or literal[2] or ""
            before, after = (before, after + words) if seen else (before + words, after)
            place = literal.end()
            continue
        seen = seen or section[place] in "#0?"
        place += 1
    return before.strip(), after.rstrip()


def _rounded(number: float, shift: int, decimals: int | None) -> str:
    """A number times ten to the `shift`, written with this many decimals at most, without trailing zeros."""
    try:
        moved = Decimal(f"{number:.15g}").scaleb(shift)
        if decimals is not None:
            moved = moved.quantize(Decimal(1).scaleb(-decimals))
    except InvalidOperation:
        return f"{number * 10.0**shift:.15g}"
    text = f"{moved:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _date(serial: float, shows: Parts, *, from_1904: bool) -> Shown:
    days = serial + (DAYS_1904 if from_1904 else 0)
    if not 0 <= days < LAST_SERIAL:
        return Shown(Kind.ERROR, f"{serial:.15g}", None)
    if shows == "time" or days < 1:
        return Shown(Kind.DATE, _time(days), None)
    shifted = days + (1 if days < _NO_LEAP_DAY and not from_1904 else 0)
    moment = datetime(1899, 12, 30) + timedelta(days=int(shifted))  # noqa: DTZ001 – a cell's date has no zone
    if shows == "year":
        return Shown(Kind.DATE, f"{moment:%Y}", None)
    if shows == "month":
        return Shown(Kind.DATE, f"{moment:%Y-%m}", None)
    rest = days - int(days)
    return Shown(Kind.DATE, f"{moment:%Y-%m-%d}" + (f" {_time(rest)}" if rest > 1e-9 else ""), None)


def _time(days: float) -> str:
    seconds = round(days * 86_400)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
