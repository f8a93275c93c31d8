"""Units as statistical offices code them: `MIO_EUR`, `CLV10_MEUR`, `THS_PER`, `USD` with a power of ten beside it.

A code gives the unit in the notation of core.units where that has one, and for money the price basis as far as the
code itself says it: `CP_` current prices (`nominal`), `CLV10_` chain-linked volumes of 2010 (`real:2010`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from headframe.evidence.reading.unit_text import UnitText, read_unit, says_per_head

CODES = Path(__file__).with_name("codes.yaml")
NOMINAL = "nominal"
MOST_POWER = 15  # powers of ten beyond this are no unit of a statistic
_VOLUMES = re.compile(r"^(?:CLV|CON|KP)_?(?P<year>[0-9]{2}|[0-9]{4})_(?P<rest>[A-Z0-9_]+)$")
_CURRENT = re.compile(r"^CP_(?P<rest>[A-Z0-9_]+)$")
_NUMBER = re.compile(r"^1(0*) (?P<base>\S.*)$")
_PRINTED_PRICES = re.compile(
    r"\b(?:(?P<now>current)|(?:constant|real)\s+(?P<year>(?:19|20)[0-9]{2}))\s*(?:prices?\b)?,?\s*", re.IGNORECASE
)
_BRACKETS = re.compile(r"\((?P<inside>[^()]{1,80})\)")
_FIRST_SHARE = re.compile(r"^\s*%(?:\s|$)")
_DOLLARS = re.compile(r"^(?P<what>US\$|USD|\$)(?P<rest>.*)$", re.IGNORECASE)


class CodedUnit(NamedTuple):
    """A unit and the price basis that its code says; `basis` is empty where the code says nothing of prices."""

    unit: UnitText | None
    basis: str = ""


@cache
def codes() -> Mapping[str, Any]:
    """The lists of codes beside this module."""
    import yaml

    loaded: Mapping[str, Any] = yaml.safe_load(CODES.read_text(encoding="utf-8"))
    return loaded


@cache
def unit_of_code(code: str, label: str = "", power: int = 0) -> CodedUnit:
    """The unit of a code and its label, times ten to the `power`.

    A code that is not known keeps its label, else itself, as the printed unit without a notation.
    """
    if not code and not label:
        return CodedUnit(None)
    rest, basis = _without_prices(code.upper())
    canonical = _canonical(rest)
    printed = label or code
    if not canonical and label:
        read = read_unit(label)
        canonical = read.canonical if read is not None else ""
    return CodedUnit(times_power(made(printed, canonical), power), basis)


def made(printed: str, canonical: str) -> UnitText:
    """A unit from its printed form and its notation, the number in front of the notation as its multiplier."""
    number = _NUMBER.match(canonical)
    if number is None:
        return UnitText(printed, canonical, 1.0, canonical)
    multiplier, base = 10.0 ** len(number[1]), number["base"]
    return UnitText(printed, base if multiplier == 1 else canonical, multiplier, base)


def times_power(unit: UnitText, power: int) -> UnitText:
    """A unit times ten to the power: what a multiplier beside the figures means. The figures stay as they are."""
    if not power or not -MOST_POWER <= power <= MOST_POWER:
        return unit
    multiplier = unit.multiplier * 10.0**power
    printed = f"{unit.printed} × 10^{power}"
    if not unit.base:
        return UnitText(printed, "", multiplier, "")
    number = f"{multiplier:.0f}" if multiplier >= 1 else f"{multiplier:.15g}"
    return UnitText(printed, unit.base if multiplier == 1 else f"{number} {unit.base}", multiplier, unit.base)


def unit_in_name(name: str) -> CodedUnit:
    """The unit in brackets in an indicator's name: `GDP (constant 2015 US$)`, `… (% of total labor force)`.

    Of several brackets the first that is a unit counts.
    """
    found = [_in_brackets(match["inside"].strip(), name) for match in _BRACKETS.finditer(name[:400])]
    return next((unit for unit in found if unit.unit is not None), CodedUnit(None))


def _in_brackets(inside: str, name: str) -> CodedUnit:
    if _FIRST_SHARE.match(inside):
        return CodedUnit(UnitText(inside, "%", 1.0, "%"))
    prices = _PRINTED_PRICES.search(inside)
    basis = ""
    if prices is not None:
        basis = NOMINAL if prices["now"] else f"real:{prices['year']}"
    plain = _PRINTED_PRICES.sub("", inside).strip(" ,")
    dollars = _DOLLARS.match(plain)
    if dollars is not None and not dollars["rest"].strip():
        base = "USD/person" if says_per_head(name) else "USD"
        return CodedUnit(UnitText(inside, base, 1.0, base), basis)
    read = read_unit(plain)
    if read is None:
        return CodedUnit(UnitText(inside) if prices is not None else None, basis)
    return CodedUnit(UnitText(inside, read.canonical, read.multiplier, read.base), basis)


def price_basis(base: str, period: str) -> str:
    """The price basis of the codes PRICE_BASE and BASE_PER: `V` current, `Q`, `L`, `LR`, `D` of the base period."""
    if base == "V":
        return NOMINAL
    year = re.match(r"(?:19|20)[0-9]{2}", period)
    return f"real:{year[0]}" if base in {"Q", "L", "LR", "D", "DR"} and year is not None else ""


def _without_prices(code: str) -> tuple[str, str]:
    volumes = _VOLUMES.match(code)
    if volumes is not None:
        year = volumes["year"]
        full = year if len(year) == 4 else ("19" if int(year) >= 50 else "20") + year
        return volumes["rest"], f"real:{full}"
    current = _CURRENT.match(code)
    return (current["rest"], NOMINAL) if current is not None else (code.removeprefix("CLV_"), "")


def _canonical(code: str) -> str:
    known = codes()["units"]
    if code in known:
        return str(known[code])
    return next((str(unit) for start, unit in codes()["beginnings"].items() if code.startswith(start)), "")
