"""Whether a printed unit fits an indicator, and the unit in which its figures then stand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from headframe.core.errors import HeadframeError
from headframe.core.units import factor, same_dimension
from headframe.evidence.importing.concordance import plain
from headframe.evidence.importing.extract import Series
from headframe.evidence.reading.unit_text import UnitText

COUNTED = frozenset({"count", "bed", "household", "person"})
SHARES = frozenset({"%", "‰", "pp"})
_NUMBER = re.compile(r"^[0-9.,eE+]+\s+")


@dataclass(frozen=True)
class Fit:
    """`unit` in which the figures stand (empty: unknown), `said` whether the file says so, `how` what was done."""

    unit: str
    said: bool
    fits: bool
    how: str = ""


def fit(series: Series, unit_of_indicator: str, usual: str) -> Fit:
    """The unit of a series for an indicator. `usual` is the unit under this label where the file says none."""
    unit = said_unit(series)
    if unit is None:
        return Fit(usual, said=False, fits=True, how="unit-usual" if usual else "unit-unsaid")
    if not unit.canonical:
        return Fit("", said=True, fits=False, how="unit-unknown")
    if unit.base == "1" and unit.multiplier != 1.0 and not _is_share(unit_of_indicator):
        return Fit(_times(unit, base_of(unit_of_indicator)), said=True, fits=True, how="unit-multiplier")
    return _fit(unit, unit_of_indicator)


def _fit(unit: UnitText, wanted: str) -> Fit:
    base = base_of(wanted)
    if _is_share(unit.base) != _is_share(wanted) and "1" not in {unit.base, base, wanted}:
        return Fit(unit.canonical, said=True, fits=False, how="unit-differs")
    if unit.base in COUNTED and base in COUNTED:
        how = "" if unit.base == base else "unit-counted"
        return Fit(_times(unit, base), said=True, fits=True, how=how)
    if f"{unit.base}/person" == base:
        return Fit(_times(unit, base), said=True, fits=True, how="unit-per-head")
    if _same(unit.canonical, wanted):
        return Fit(unit.canonical, said=True, fits=True)
    return Fit(unit.canonical, said=True, fits=False, how="unit-differs")


def said_unit(series: Series) -> UnitText | None:
    """The unit that a file says; a label such as `employees` that is a unit by accident says none."""
    unit = series.unit
    if unit is None:
        return None
    leaf = (series.chinese or series.english or ("",))[-1]
    alone = plain(leaf) == plain(unit.printed) and series.unit_from in {"column", "name"}
    return None if alone else unit


def _is_share(unit: str) -> bool:
    return unit in SHARES


def base_of(unit: str) -> str:
    """A unit without a number in front."""
    return _NUMBER.sub("", unit)


def _times(unit: UnitText, base: str) -> str:
    if unit.multiplier == 1.0:
        return base
    number = f"{unit.multiplier:.0f}" if unit.multiplier >= 1 else repr(unit.multiplier)
    return f"{number} {base}"


def _same(one: str, other: str) -> bool:
    try:
        return same_dimension(one, other)
    except HeadframeError:
        return False


def factor_to(unit: str, wanted: str) -> float | None:
    """The number that brings a figure into the indicator's unit; None where that is not possible."""
    try:
        return factor(unit, wanted) if unit else None
    except HeadframeError:
        return None
