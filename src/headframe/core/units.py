"""Units: converted once, where data enters (law 1), with the definitions of `units.txt`.

Unit strings are those people write: `万元`, `亿元`, `10,000 yuan`, `billion CNY`, `万人`, `Mt/year`, `%`, `亩`.
Currencies are dimensions of their own, so yuan and dollars cannot be mixed by mistake.
"""

from __future__ import annotations

import json
import math
import re
from fractions import Fraction
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from headframe.core.cache import keep, kept
from headframe.core.errors import HeadframeError

if TYPE_CHECKING:
    import pint

DEFINITIONS = Path(__file__).with_name("units.txt")
CURRENCIES = ("CNY", "USD", "EUR", "GBP", "JPY")
CURRENCY_UNITS = frozenset({"yuan", "us_dollar", "euro", "pound_sterling", "yen"})  # their names in signatures
_MOST_SIGNATURES = 5000
_LONGEST = 80
_SYMBOLS = {
    "%": "percent",
    "‰": "permille",
    "²": "**2",
    "³": "**3",
    "·": "*",
    "^": "**",
    "／": "/",
    "％": "percent",
    "μ": "u",
    "µ": "u",
}
# `人均`-style and worded multipliers: "10,000 yuan", "1e8 CNY", "million t", "billion CNY".
_LEADING_NUMBER = re.compile(r"^\s*([0-9][0-9,]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)\s*")
_WORD_PREFIX = re.compile(r"\b(hundred|thousand|million|billion|trillion)s?\s+(?=[A-Za-z\u4e00-\u9fff])")
_POWER = re.compile(r"[^\W\d_]\w*\s*\*\*\s*-?[0-9](?![\w.]|\s*\*\*)")
_SAFE = re.compile(r"^[\w\s*/().+\-]*$", re.UNICODE)


@cache
def registry() -> pint.UnitRegistry[Any]:
    """The registry built from `units.txt`; nothing of pint's own list is loaded, so nothing else is known."""
    import pint

    units: pint.UnitRegistry[Any] = pint.UnitRegistry(None, cache_folder=None)
    for line in DEFINITIONS.read_text(encoding="utf-8").splitlines():
        definition = line.split("#", 1)[0].strip()
        if definition:
            units.define(definition)
    return units


@cache
def parse_unit(text: str) -> tuple[float, pint.Unit]:
    """The multiplier and the unit that a unit string means; `("1e4 CNY")` → `(10000.0, CNY)`.

    Raises HF101 when the string is not a unit of `units.txt`.
    """
    if len(text) > _LONGEST:
        raise HeadframeError.of("HF101", "unit", unit=text[:_LONGEST] + "…")
    expression, multiplier = text.strip(), 1.0
    leading = _LEADING_NUMBER.match(expression)
    if leading and not re.fullmatch(r"[0-9.]+", expression):
        multiplier, expression = float(leading[1].replace(",", "")), expression[leading.end() :]
    if (not expression and not leading) or not 0.0 < multiplier < math.inf:
        raise HeadframeError.of("HF101", "unit", unit=text)
    if expression.startswith("/"):  # "1/year": the number belongs to the fraction
        expression = "1" + expression
    if expression in {"1", "ratio", ""}:
        return multiplier, registry().dimensionless
    for symbol, replacement in _SYMBOLS.items():
        expression = expression.replace(symbol, replacement)
    expression = _WORD_PREFIX.sub(r"\1", expression)
    if not _SAFE.match(expression) or not _small_powers(expression):
        raise HeadframeError.of("HF101", "unit", unit=text)
    try:
        return multiplier, registry().parse_units(expression)
    except Exception as error:
        raise HeadframeError.of("HF101", "unit", unit=text) from error


def _small_powers(expression: str) -> bool:
    """Whether each power is one digit behind a name: a power of a power or of a bracket grows beyond any bound."""
    return expression.count("**") == len(_POWER.findall(expression))


@cache
def factor(from_unit: str, to_unit: str) -> float:
    """The number by which a value in `from_unit` is multiplied to be in `to_unit`.

    Raises HF101 for an unknown unit and HF102 when the dimensions differ (currencies are dimensions).
    """
    if from_unit == to_unit:
        return 1.0
    from_multiplier, source = parse_unit(from_unit)
    to_multiplier, target = parse_unit(to_unit)
    if source.dimensionality != target.dimensionality:
        raise HeadframeError.of("HF102", "unit", from_unit=from_unit, to_unit=to_unit)
    found = float(registry().convert(from_multiplier, source, target)) / to_multiplier
    if not 0.0 < found < math.inf:
        raise HeadframeError.of("HF101", "unit", unit=from_unit)
    return found


_SIGNATURES: dict[str, tuple[float, tuple[tuple[str, str], ...]]] = {}


def signature(unit: str) -> tuple[float, tuple[tuple[str, str], ...]]:
    """A unit as a number times powers of base units: `("Mt/year")` → `(1e12, (("gram", "1"), ("year", "-1")))`.

    Powers are written as fractions. Errors: HF101.
    """
    if not _SIGNATURES:
        _SIGNATURES.update(_kept_signatures())
    if unit not in _SIGNATURES:
        _SIGNATURES[unit] = _found_signature(unit)
    return _SIGNATURES[unit]


def remember_signatures() -> None:
    """Keep the signatures found so far between runs: the registry takes a while to load."""
    content = json.dumps(_SIGNATURES).encode()
    if kept(_signatures_file()) != content and len(_SIGNATURES) <= _MOST_SIGNATURES:
        keep(_signatures_file(), content)


@cache
def _signatures_file() -> str:
    """The definitions are part of the name, so that a signature never outlives them."""
    return f"units-{sha256(DEFINITIONS.read_bytes()).hexdigest()[:16]}"


def _kept_signatures() -> dict[str, tuple[float, tuple[tuple[str, str], ...]]]:
    entries = json.loads(kept(_signatures_file()) or b"{}")
    return {
        unit: (number, tuple((name, power) for name, power in powers)) for unit, (number, powers) in entries.items()
    }


def _found_signature(unit: str) -> tuple[float, tuple[tuple[str, str], ...]]:
    multiplier, parsed = parse_unit(unit)
    found: tuple[Any, Any] = registry().get_base_units(parsed)
    number, base = found
    powers = ((name, str(Fraction(power).limit_denominator(1000))) for name, power in base._units.items())
    return multiplier * float(number), tuple(sorted(powers))


@overload
def convert(value: float, from_unit: str, to_unit: str) -> float: ...
@overload
def convert(value: NDArray[np.float64], from_unit: str, to_unit: str) -> NDArray[np.float64]: ...
def convert(value: float | NDArray[np.float64], from_unit: str, to_unit: str) -> float | NDArray[np.float64]:
    """`value` in `from_unit`, expressed in `to_unit` (`value × factor`). Errors: HF101, HF102."""
    return value * factor(from_unit, to_unit)


def same_dimension(one: str, other: str) -> bool:
    """Whether values in these two units measure the same thing and may be converted."""
    return bool(parse_unit(one)[1].dimensionality == parse_unit(other)[1].dimensionality)


def is_money(unit: str) -> bool:
    """Whether a unit contains a currency, so that its values need a price basis (law 1)."""
    return any(name.startswith("[currency") for name in parse_unit(unit)[1].dimensionality)


def currency_of(unit: str) -> str | None:
    """The ISO code of the currency in a unit, or None."""
    for name in parse_unit(unit)[1].dimensionality:
        if name.startswith("[currency_"):
            return name.removeprefix("[currency_").rstrip("]").upper()
    return None
