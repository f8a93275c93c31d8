"""Digits with their marks: thousands marks, decimal points and commas, exponents, and what only resembles a number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from headframe.evidence.reading.doubt import Doubt
from headframe.evidence.reading.script import from_superscript, narrow

TELLING = 10  # so many numbers with one group of three digits each show that the mark divides thousands
_SPACE_GROUPS = re.compile(r"[0-9]{1,3}(?:[ '’][0-9]{3})+")
_GROUPS = {",": re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+"), ".": re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+")}
_EXPONENT = re.compile(r"^(?:[eE]|\s*[×xX*]\s*10\^?)(?P<power>[+-]?[0-9]{1,3})$")
_MISTAKEN = str.maketrans("OoQIl|!iZSB·。", "0001111125 8..".replace(" ", ""))
_BOTH = {
    ".": re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+|[+-]?[0-9]{1,3}(?:,[0-9]{3}){2,}"),
    ",": re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[+-]?[0-9]{1,3}(?:\.[0-9]{3}){2,}"),
}
_ONE = re.compile(r"[+-]?(?P<whole>[0-9]+)(?P<mark>[.,])(?P<rest>[0-9]+)")


@dataclass(frozen=True)
class Habit:
    """How the numbers of a table are written: which sign divides decimals, and whether that is proved."""

    decimal: Literal[".", ","] = "."
    proved: bool = False


POINT = Habit()


def number_of(digits: str, exponent: str, habit: Habit, doubts: list[Doubt]) -> float | None:
    """The number that digits with their marks are; None where the marks do not stand where marks stand."""
    whole, fraction = digits, ""
    if digits.count(habit.decimal) == 1:
        whole, _, fraction = digits.partition(habit.decimal)
        if not fraction.isdigit():
            return None
        if habit.decimal == ",":
            doubts.append(Doubt.DECIMAL_COMMA)
    plain = _without_groups(whole, habit, doubts, alone=not fraction)
    if plain is None or not (plain or fraction):
        return None
    if len(plain) > 1 and plain.startswith("0") and not fraction:
        doubts.append(Doubt.LEADING_ZERO)
    power = ""
    if exponent:
        match = _EXPONENT.match(from_superscript(exponent))
        if match is None:
            return None
        doubts.append(Doubt.SCIENTIFIC)
        power = f"e{match['power']}"
    return float(f"{plain or '0'}.{fraction or '0'}{power}")


def _without_groups(whole: str, habit: Habit, doubts: list[Doubt], *, alone: bool) -> str | None:
    """The digits before the decimal sign without thousands marks; None where those stand wrongly."""
    group = "," if habit.decimal == "." else "."
    if group in whole:
        if not _GROUPS[group].fullmatch(whole):
            return None
        if alone and whole.count(group) == 1 and not habit.proved:
            doubts.append(Doubt.ONE_GROUP)
        return whole.replace(group, "")
    if whole.isdigit() or not whole:
        return whole
    if not _SPACE_GROUPS.fullmatch(whole):
        return None
    doubts.append(Doubt.SPACED)
    return re.sub(r"[ '’]", "", whole)


def suggestion(text: str) -> str:
    """What a badly recognised number may have been (`1 1.44` is `11.44`, `().13` is `0.13`), or nothing."""
    plain = narrow(text).strip().replace("()", "0").translate(_MISTAKEN).replace(" ", "")
    if not 1 <= len(plain) <= 20 or not re.fullmatch(r"[+-]?[0-9]+(?:\.[0-9]+)?", plain):
        return ""
    return plain


def habit_of(texts: Iterable[str]) -> Habit:
    """How a table writes its numbers, from all its texts that contain a comma or a point between digits.

    A decimal comma is taken only where something proves it: a comma with another number of digits than three behind
    it, a zero alone before it, or groups divided by points; and nothing that speaks for the point.
    """
    point = comma = groups = 0
    for text in texts:
        plain = narrow(text).strip()
        if _BOTH["."].fullmatch(plain):
            point += 1
            continue
        if _BOTH[","].fullmatch(plain):
            comma += 1
            continue
        one = _ONE.fullmatch(plain)
        if one is None:
            continue
        decimal = len(one["rest"]) != 3 or len(one["whole"]) > 3 or one["whole"] == "0"
        point += decimal and one["mark"] == "."
        comma += decimal and one["mark"] == ","
        groups += not decimal and one["mark"] == ","
    if comma and not point:
        return Habit(",", proved=True)
    return Habit(".", proved=point > 0 or (comma == 0 and groups >= TELLING))
