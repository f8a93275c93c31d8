"""The cells of the template: what was chosen and what was typed, each with its fault where it has one."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import NamedTuple, Protocol

from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError, did_you_mean
from headframe.evidence.importing.layouts.unit_codes import made
from headframe.evidence.reading.cells import Reading, read
from headframe.evidence.reading.grid import Sheet, Shown, shown_text
from headframe.evidence.reading.missing import Meaning
from headframe.evidence.reading.scan import of_shown
from headframe.evidence.reading.script import narrow
from headframe.evidence.reading.unit_text import UnitText, read_unit
from headframe.evidence.template_lists import NOMINAL, REAL, chosen, fits, is_amount

CellFault = Callable[[int, str, str], None]
LONGEST_NUMERAL = 24  # characters
_NUMERALS = ("〇零", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
_DIGITS = {sign: value for value, signs in enumerate(_NUMERALS) for sign in signs}
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10_000, "亿": 100_000_000}
_BASE_YEAR = re.compile(r"(?:real:)?((?:19|20)[0-9]{2})")


class TemplateRow(NamedTuple):
    """A row of the template: its number, the texts of its named columns, the columns with figures."""

    number: int
    texts: Mapping[str, str]
    filled: tuple[int, ...]


class Fault(Protocol):
    """Reports a fault in a named column of a row."""

    def __call__(self, code: str, name: str, suggestion: str = "") -> None:
        """Report one fault by its code."""


class Figure(NamedTuple):
    """What was typed into one cell of figures."""

    column: int
    raw: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    qualifier: str = "="
    mark: str = ""
    meaning: str = ""
    flags: str = ""
    doubts: str = ""


def unit_of(row: TemplateRow, indicator: str, fault: Fault) -> UnitText | None:
    """The unit chosen or typed; None, and a fault, where there is none or where the indicator cannot have it."""
    text = row.texts.get("unit", "")
    if not text:
        fault("HF467", "unit")
        return None
    name, notation = chosen(text)
    try:
        unit = made(name or notation, notation) if notation else read_unit(name)
        good = unit is not None and unit.canonical != "" and (not indicator or fits(unit.canonical, indicator))
    except HeadframeError:
        good, unit = False, None
    if not good:
        fault("HF469", "unit", suggestion=catalog().indicators[indicator].unit if indicator else "")
        return None
    return unit


def price_basis_of(row: TemplateRow, indicator: str, fault: Fault) -> str:
    """The price basis of an amount of money, empty for anything else. Nothing is taken for granted (law 1)."""
    if not indicator or not is_amount(indicator):
        return ""
    name, identifier = chosen(row.texts.get("price_basis", ""))
    text = identifier or name
    if not text:
        fault("HF467", "price_basis")
        return ""
    if text == NOMINAL:
        return NOMINAL
    year = _BASE_YEAR.fullmatch(text)
    if year is None:
        fault("HF469", "price_basis", suggestion=f"{NOMINAL}, {REAL}2020")
        return ""
    return REAL + year[1]


def said(row: TemplateRow, column: str, known: Collection[str], fault: Fault) -> str:
    """The id chosen in a column that may be left blank."""
    name, identifier = chosen(row.texts.get(column, ""))
    text = identifier or name
    if not text:
        return ""
    found = next((one for one in known if one.casefold() == text.casefold()), "")
    if not found:
        fault("HF469", column, suggestion=did_you_mean(text, list(known)))
    return found


def suggested(name: str) -> str:
    """The indicator whose name is nearest."""
    names = _names()
    return names.get(did_you_mean(name.casefold(), list(names)), "")


@cache
def _names() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for one in catalog().indicators.values():
        for name in (one.id, one.name_en, one.name_zh):
            found.setdefault(name.casefold(), f"{one.name_zh} / {one.name_en} [{one.id}]")
    return found


def figure_of(sheet: Sheet, row: int, column: int, unit: UnitText | None, fault: CellFault) -> Figure | None:
    """The figure or the mark in a cell; None, and a fault, for anything else."""
    value = sheet.value(row, column)
    raw = shown_text(value).strip()
    if isinstance(value, float | int):
        return Figure(column, raw, float(value))
    numeral = chinese_numeral(raw)
    if numeral is not None:  # 一 is a dash as often as a one: nobody but the writer knows
        fault(column, raw, f"{numeral:.15g}" if len(raw) > 1 else f"{numeral:.15g} / …")
        return None
    return _read(column, raw, of_shown(value) if isinstance(value, Shown) else read(raw), unit, fault)


def _read(column: int, raw: str, reading: Reading, unit: UnitText | None, fault: CellFault) -> Figure | None:
    """A figure typed as text: a number as yearbooks print it, a bound, a range, or a mark of a missing figure."""
    doubts, flags = ";".join(map(str, reading.doubts)), ";".join(reading.flags)
    if reading.nature == "missing" and reading.mark is not None:
        meaning = str(reading.meaning or Meaning.OPEN)
        return Figure(column, raw, None, None, None, "=", str(reading.mark), meaning, flags, doubts)
    if reading.nature != "number":
        fault(column, raw, reading.suggestion)
        return None
    factor = _factor(reading, unit)
    if factor is None:
        fault(column, raw, "")
        return None
    value, low, high = (None if one is None else one * factor for one in (reading.value, reading.low, reading.high))
    return Figure(column, raw, value, low, high, reading.qualifier, flags=flags, doubts=doubts)


def _factor(reading: Reading, unit: UnitText | None) -> float | None:
    """What a number is multiplied by to stand in the unit of its row; None where its own words contradict that.

    `3.2亿` in a row of 万元 is 32,000; `12%` in a row of 万元 is a mistake.
    """
    if not reading.scale and not reading.unit:
        return 1.0
    inside = read_unit(f"{reading.scale}{reading.unit}") if reading.unit else None
    if unit is None or (reading.unit and (inside is None or inside.base != unit.base)):
        return None
    if reading.scale:
        return reading.factor / unit.multiplier
    return 1.0 if inside is not None and inside.multiplier == unit.multiplier else None


def chinese_numeral(text: str) -> float | None:
    """The number that Chinese numerals spell, such as 三万五千; None for anything else."""
    plain = narrow(text).strip()
    if not plain or len(plain) > LONGEST_NUMERAL or any(sign not in _DIGITS | _SMALL | _LARGE for sign in plain):
        return None
    if all(sign in _DIGITS for sign in plain):  # a row of digits, as in 二〇一八
        return float("".join(str(_DIGITS[sign]) for sign in plain))
    total = part = digit = 0
    for sign in plain:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        elif sign in _SMALL:
            part += (digit or 1) * _SMALL[sign]
            digit = 0
        else:
            total = (total + part + digit) * _LARGE[sign] if sign == "亿" else total + (part + digit) * _LARGE[sign]
            part = digit = 0
    return float(total + part + digit)
