"""Price bases and deflation. Money without a price basis is an error, never a default (law 1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headframe.core.errors import HeadframeError

_REAL = re.compile(r"real:([0-9]{4})")


@dataclass(frozen=True)
class PriceBasis:
    """Prices of each year itself (`nominal`) or of one named year (`real:2015`)."""

    base_year: int | None = None

    @classmethod
    def parse(cls, text: str) -> PriceBasis:
        """Read `nominal` or `real:YEAR` (1900–2100). Raises HF104."""
        if text == "nominal":
            return cls()
        match = _REAL.fullmatch(text)
        if match and 1900 <= int(match[1]) <= 2100:
            return cls(int(match[1]))
        raise HeadframeError.of("HF104", "price_basis", text=text)

    def __str__(self) -> str:
        return "nominal" if self.base_year is None else f"real:{self.base_year}"


def price_index(yearly_change: Mapping[int, float], base_year: int) -> dict[int, float]:
    """A chained price index with value 1 in `base_year`, from yearly changes in per cent.

    Formula: P(t) = P(t−1) · (1 + π(t)/100). The base year may be the year before the first change.
    Raises HF105 when the base year cannot be reached or a year between is missing.
    """
    years = sorted(yearly_change)
    span = range(years[0] - 1, years[-1] + 1) if years else range(0)
    missing = [year for year in span[1:] if year not in yearly_change]
    if missing or base_year not in span:
        raise HeadframeError.of("HF105", "price index", years=", ".join(map(str, missing or [base_year])))
    index = {span[0]: 1.0}
    for year in span[1:]:
        index[year] = index[year - 1] * (1.0 + yearly_change[year] / 100.0)
    return {year: value / index[base_year] for year, value in index.items()}


def deflate(
    values: NDArray[np.float64],
    years: NDArray[np.int64],
    index: Mapping[int, float],
    base_year: int,
) -> NDArray[np.float64]:
    """Amounts at current prices, expressed at the prices of `base_year`.

    Formula: real(t) = nominal(t) · P(base) / P(t), with P the given index (any base).
    Missing values (NaN) stay missing. Raises HF105 when the index lacks a year: nothing is extrapolated.
    """
    needed = {int(year) for year in years} | {base_year}
    absent = sorted(needed - index.keys())
    if absent:
        raise HeadframeError.of("HF105", "price index", years=", ".join(map(str, absent)))
    level = np.array([index[int(year)] for year in years], dtype=np.float64)
    return np.asarray(values, dtype=np.float64) * index[base_year] / level
