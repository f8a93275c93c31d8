"""Units as tables print them: `万元`, `10 000 persons`, `(108 cu.m)`, `微克/立方米`, `册/百人`, `Million tonnes`.

A unit is read only when the whole text is one; anything else is part of a label. What core.units can convert is
given in its own notation beside the printed form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from headframe.evidence.reading.script import from_superscript, narrow, tidy
from headframe.evidence.reading.wordings import wordings, words

LONGEST = 60  # characters
_SPACED_NUMBER = re.compile(r"^(1(?:0{1,2})?(?:[ ,]?0{3})*)(?![0-9])\s*")
_POWER = re.compile(r"^10\s*(?:\^|\*\*)?\s*([2-9]|1[0-2])(?![0-9])\s*(?=[^\s0-9])")
_MISTAKEN_ZEROS = re.compile(r"(?<=[0-9])(\s?)(O{1,3}|o{3})(?=\s|[A-Za-z]|$)")
_BEHIND = re.compile(r"^(.+?)\s*(1(?:[ ,]?0{2,3})+)$")
_INDEX = re.compile(r"^(?:以)?(?:上年(?:同期)?|previousyear|precedingyear|[12][0-9]{3}年?)(?:为|=)100$")
_SLASH = re.compile(r"\s*(?:/|／|每)\s*|\s+per\s+")
_FIRST_NUMBER = re.compile(r"^1(?:\.0)?\s*(?=[^\s0-9.,])")


@dataclass(frozen=True)
class UnitText:
    """A unit: as printed, in the notation of core.units (empty where that has none), what it multiplies by.

    `base` is the unit without its multiplier, so that `万元` is 10000 × `CNY`.
    """

    printed: str
    canonical: str = ""
    multiplier: float = 1.0
    base: str = ""

    def same(self, other: UnitText) -> bool:
        """Whether two units are the same as far as both are known; counts of different things are alike."""
        if not self.canonical or not other.canonical:
            return True
        counted = {"count", "bed", "household", "person"}
        alike = self.base == other.base or ({self.base, other.base} <= counted and "count" in {self.base, other.base})
        return alike and self.multiplier == other.multiplier


@cache
def read_unit(text: str) -> UnitText | None:
    """The unit that a text is, or None for a text that is none."""
    if len(text) > LONGEST:
        return None
    printed = tidy(text)
    plain = printed.strip(" ()（）[]").strip().rstrip(".。;；")
    if not plain:
        return None
    if _INDEX.match(plain.replace(" ", "").casefold()):
        return UnitText(printed)
    parts = [part for part in _SLASH.split(plain) if part]
    if not 1 <= len(parts) <= 3 or (len(parts) > 1 and plain.startswith(("/", "每"))):
        return None
    read = [_simple(part) for part in parts]
    found = [part for part in read if part is not None]
    if len(found) != len(parts):
        return None
    return _joined(printed, found)


def _joined(printed: str, parts: list[tuple[float, str]]) -> UnitText:
    multiplier = parts[0][0]
    for below, _ in parts[1:]:
        multiplier /= below
    if not all(known for _, known in parts):
        return UnitText(printed, "", multiplier, "")
    whole = "/".join(known for _, known in parts)
    number = f"{multiplier:.0f}" if multiplier >= 1 else repr(multiplier)
    return UnitText(printed, whole if multiplier == 1 else f"{number} {whole}", multiplier, whole)


def _zeros(match: re.Match[str]) -> str:
    return match[1] + "0" * len(match[2])


def _simple(text: str) -> tuple[float, str] | None:
    """Multiplier and unit of a text without a fraction."""
    plain = _MISTAKEN_ZEROS.sub(_zeros, from_superscript(narrow(text))).strip().casefold()
    multiplier, rest = _multiplier(plain)
    for form in (rest, rest.replace(" ", "")):
        if form in _units():
            return multiplier, _units()[form]
    behind = _BEHIND.match(plain)  # USD 10000
    if behind is not None and behind[1].strip() in _units():
        return float(re.sub(r"[ ,]", "", behind[2])), _units()[behind[1].strip()]
    start, _, last = plain.rpartition(" ")  # USD million
    if last in _worded() and start in _units():
        return _worded()[last], _units()[start]
    return (multiplier, "1") if not rest and multiplier != 1 and not plain[-1:].isdigit() else None


def _multiplier(plain: str) -> tuple[float, str]:
    """The multiplier in front of a unit and what follows it."""
    power = _POWER.match(plain)
    if power is not None and not _in_front(plain[power.end() :], "000"):
        return 10.0 ** int(power[1]), plain[power.end() :]
    number, rest = 1.0, plain
    digits = _SPACED_NUMBER.match(plain)
    if digits is not None and digits[1] != "1":
        number, rest = float(re.sub(r"[ ,]", "", digits[1])), plain[digits.end() :]
    else:
        rest = _FIRST_NUMBER.sub("", plain)
    for word, times in _worded().items():
        if rest.startswith(word) and rest not in _units():
            behind = rest[len(word) :]
            if word.isascii() and behind and not behind.startswith((" ", "-")):
                continue
            left = behind.strip().removeprefix("of ").strip()
            if not left or left in _units() or left.replace(" ", "") in _units():
                return number * times, left
    return number, rest


def _in_front(text: str, start: str) -> bool:
    return text.replace(" ", "").startswith(start)


@cache
def _units() -> Mapping[str, str]:
    """For each printed form, in lower case, the unit in the notation of core.units."""
    found: dict[str, str] = {}
    for entry in wordings()["units"]:
        for form in [*entry["zh"], *entry["en"]]:
            plain = tidy(from_superscript(str(form))).casefold()
            found[plain] = entry["unit"]
            found[plain.replace(" ", "")] = entry["unit"]
    return found


@cache
def _worded() -> Mapping[str, float]:
    """Multipliers written as words, the longest first."""
    both = {**wordings()["multipliers"]["zh"], **wordings()["multipliers"]["en"]}
    return dict(sorted(both.items(), key=lambda item: -len(item[0])))


@cache
def scale_words() -> Mapping[str, float]:
    """The words that multiply a number inside a cell, the longest first: `万`, `亿`, `million`."""
    return {word: times for word, times in _worded().items() if times >= 1000}


def says_per_head(label: str) -> bool:
    """Whether a label says that its figure is per head: `人均地区生产总值`, `Per Capita GRP`."""
    plain = tidy(label).casefold().replace(" ", "")
    return any(plain.startswith(word) or (word.isascii() and word in plain) for word in words("per_head"))
