"""Scripts: Chinese and Latin in one text, wide and narrow forms, spaces that only pad."""

from __future__ import annotations

import re

CJK = "\u3400-\u4dbf\u4e00-\u9fff\u3007\uf900-\ufaff"
HAS_CJK = re.compile(f"[{CJK}]")
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\n\r\v\f"
_NOTHING = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
_NARROW = (
    {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
    | {ord(space): 0x20 for space in _SPACES}
    | {ord(mark): None for mark in _NOTHING}
    | {0x2212: 0x2D, 0xFE63: 0x2D, 0xFFE5: 0xA5, 0x2236: 0x3A, 0xFE30: 0x3A, 0x3014: 0x28, 0x3015: 0x29}
)
_ENDLESS = re.compile(r"&#[0-9]{8,};?")
_RUNS = re.compile(r" {2,}")
_BETWEEN = re.compile(f"(?<=[{CJK}、，。；：（）()《》“”]) (?=[{CJK}、，。；：（）()《》“”])")
_SUPERSCRIPTS = str.maketrans("0123456789+-()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ")
_FROM_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ", "0123456789+-()n")


def without_endless_references(text: str) -> str:
    """A text whose character references with more digits than any character has stand for no character (`\ufffd`).

    What takes references apart would make an integer of the digits, and refuses to from some thousands of them on.
    """
    return _ENDLESS.sub("\ufffd", text) if "&#" in text else text


def narrow(text: str) -> str:
    """A text with full-width digits, letters, signs and spaces in their narrow form, other characters as they are."""
    return text if text.isascii() and text.isprintable() else text.translate(_NARROW)


def tidy(text: str) -> str:
    """A text on one line, narrow, without padding: `城　市` is `城市`, `Total   City` is `Total City`."""
    single = _RUNS.sub(" ", narrow(text)).strip()
    return _BETWEEN.sub("", single) if " " in single else single


def bare(text: str) -> str:
    """A text for comparison: tidy, lower case, without any space."""
    return tidy(text).casefold().replace(" ", "")


def has_chinese(text: str) -> bool:
    """Whether a text contains a Chinese character."""
    return HAS_CJK.search(text) is not None


def superscript(text: str) -> str:
    """A text as superscript where every character has such a form: `8` is `⁸`."""
    raised = text.translate(_SUPERSCRIPTS)
    return text if any(letter in raised for letter in text if not letter.isspace()) else raised


def from_superscript(text: str) -> str:
    """A text with superscript digits and signs as ordinary ones."""
    return text.translate(_FROM_SUPERSCRIPTS)


def indent(text: str) -> int:
    """How far a text is moved in by spaces, in widths of a Latin letter (a full-width space counts two)."""
    depth = 0
    for letter in text:
        if letter == "\u3000":
            depth += 2
        elif letter.isspace():
            depth += 4 if letter == "\t" else 1
        else:
            return depth
    return 0
