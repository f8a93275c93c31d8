"""Reference bounds: the spread of indicators over Chinese cities by year and group of places (`bounds.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from headframe.catalog.load import FOLDER, read_yaml
from headframe.measure.definition import Item
from headframe.measure.results import Official
from headframe.measure.score import Array

LEVELS = np.array([0.05, 0.25, 0.50, 0.75, 0.95])
QUANTILES = ("q05", "q25", "q50", "q75", "q95")
EVERYONE, RESOURCE, EXHAUSTED = "all-prefecture-cities", "resource-based", "resource-exhausted"
FEWEST_PLACES = 20
NARROWEST = 1e-6  # knots closer than this share of their range would divide by nothing


@dataclass(frozen=True)
class Bounds:
    """Quantiles (5, 25, 50, 75, 95 per cent) by indicator, year and group."""

    table: Mapping[str, Mapping[int, Mapping[str, Array]]]
    population: Mapping[int, str]

    def years(self, indicator: str, group: str = EVERYONE) -> tuple[int, ...]:
        """The years for which a group's quantiles of an indicator are known."""
        return tuple(sorted(year for year, groups in self.table.get(indicator, {}).items() if group in groups))

    def knots(self, indicator: str, year: int, group: str = EVERYONE) -> Array | None:
        """The five quantiles in one year, strictly increasing, or None."""
        return self.table.get(indicator, {}).get(year, {}).get(group)

    def pooled(self, indicator: str, group: str = EVERYONE) -> Array | None:
        """The mean of the yearly quantiles, or None: one scale for all years."""
        found = [self.table[indicator][year][group] for year in self.years(indicator, group)]
        return np.asarray(np.mean(found, axis=0)) if found else None

    def scale(self, indicator: str, item: Item, year: int) -> Array | None:
        """The quantiles that a value of this year is scored on, as the item's scale says; None where there are none."""
        if item.scale == "natural" and item.natural is not None:
            low, high = item.natural
            return np.asarray(low + (high - low) * (LEVELS - LEVELS[0]) / (LEVELS[-1] - LEVELS[0]))
        return self.pooled(indicator) if item.scale == "fixed" else self.knots(indicator, year)

    def for_missing(self, indicator: str, item: Item, year: int, group: str) -> tuple[Array, Array] | None:
        """Scale and group quantiles from which a missing value is drawn; of the nearest year where that year has none.

        Between natural limits both are those limits. None where no distribution is known: the value may then be
        anything between the bounds.
        """
        if item.scale == "natural":
            limits = self.scale(indicator, item, year)
            return None if limits is None else (limits, limits)
        years = self.years(indicator)
        if not years:
            return None
        nearest = min(years, key=lambda known: (abs(known - year), known))
        scale = self.pooled(indicator) if item.scale == "fixed" else self.knots(indicator, nearest)
        spread = self.pooled(indicator, group) if item.scale == "fixed" else self.knots(indicator, nearest, group)
        return None if scale is None else (scale, scale if spread is None else spread)


@cache
def bounds() -> Bounds:
    """The built-in bounds, read once."""
    return read_bounds(read_yaml(FOLDER / "bounds.yaml"))


def read_bounds(raw: Mapping[str, Any]) -> Bounds:
    """Bounds from their file; statistics over fewer than twenty places are left out."""
    table: dict[str, dict[int, dict[str, Array]]] = {}
    for indicator, entry in raw["bounds"].items():
        for year, groups in entry["years"].items():
            for group, row in groups.items():
                if row["places"] >= FEWEST_PLACES:
                    knots = increasing(np.array([float(row[name]) for name in QUANTILES]))
                    table.setdefault(indicator, {}).setdefault(int(year), {})[group] = knots
    return Bounds(table, {int(year): str(kind) for year, kind in raw.get("population", {}).items()})


def increasing(knots: Array) -> Array:
    """The same knots, made strictly increasing where quantiles tie (a share that most cities have at 100 per cent)."""
    least = NARROWEST * max(float(knots[-1] - knots[0]), abs(float(knots[-1])), 1e-12)
    found = [float(knots[0])]
    for knot in knots[1:]:
        found.append(max(float(knot), found[-1] + least))
    return np.array(found)


def group_of(entry: Official) -> str:
    """The narrowest group of places that a place belongs to, for drawing what is missing of it."""
    if entry.exhausted_batch:
        return EXHAUSTED
    return RESOURCE if entry.lifecycle else EVERYONE
