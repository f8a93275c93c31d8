"""Doubts: what was done to a text to read it as a number, or what speaks against the reading."""

from __future__ import annotations

from enum import StrEnum


class Doubt(StrEnum):
    """One kind of doubt about one cell."""

    BRACKETS = "brackets"  # (123) read as −123
    ONE_GROUP = "one-group"  # 1,234 could be 1.234 where a comma divides decimals
    SPACED = "spaced"  # spaces between the digits read as thousands marks
    DECIMAL_COMMA = "decimal-comma"
    TRAILING_SIGN = "trailing-sign"
    FOOTNOTE = "footnote"
    FLAG = "flag"
    INEXACT = "inexact"  # about, more than, less than
    RANGE = "range"
    SCALED = "scaled"  # 万 or 亿 inside the cell
    UNIT = "unit"  # a unit inside the cell
    SCIENTIFIC = "scientific"
    LEADING_ZERO = "leading-zero"  # 007 is more often a code
    DAMAGED = "damaged"  # resembles a number; see the suggestion
    DATE = "date"  # a date among numbers
    TEXT = "text"  # a text among numbers
    TOO_LARGE = "too-large"
    MERGED = "merged"  # one value stands for several cells
    COVERED = "covered"  # the value stands in another cell of a merged range
    SHOWN_OTHERWISE = "shown-otherwise"  # the sheet shows the stored number scaled or with words around it
