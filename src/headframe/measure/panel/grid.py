"""The figures of many places as arrays (places × indicators × years): what can be scored, and what is remembered.

A figure can be scored where its year has a scale. Coverage and the rule of silence are those of `meter.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headframe.evidence.place import Place
from headframe.measure.bounds import Bounds, group_of
from headframe.measure.definition import Definition
from headframe.measure.meter import BOUNDED_COUNTRY
from headframe.measure.official import official
from headframe.measure.panel.known import ManyKnown
from headframe.measure.panel.spans import possible, spanned
from headframe.measure.score import Array

Flags = NDArray[np.bool_]
NEVER = -1  # no other year


@dataclass(frozen=True)
class Grid:
    """Arrays of the axes places × indicators × years.

    `has`: a figure that can be scored; `known`: any figure; `low`, `high`: its bounds, open sides ended at the scale;
    `middle`: its central value (NaN where it has none); `used`: the figures of `has` as one table; `impossible`: how
    many figures lie beyond the natural limits of their indicator, which are not scored.
    """

    places: tuple[str, ...]
    indicators: tuple[str, ...]
    years: tuple[int, ...]
    groups: tuple[str, ...]
    countable: Flags
    has: Flags
    known: Flags
    low: Array
    high: Array
    middle: Array
    period: NDArray[np.object_]
    used: pl.DataFrame
    impossible: int = 0

    def coverage(self, definition: Definition) -> tuple[Array, Array]:
        """The share of weight with evidence: (places × years) of the whole, (places × years × fields) by field."""
        weights, membership = definition.weights, definition.membership
        has = self.has.transpose(0, 2, 1).astype(np.float64)
        return has @ weights, ((has * weights) @ membership.T) / (membership @ weights)

    def enough(self, definition: Definition) -> Flags:
        """Whether a score may be printed (places × years), by the rule of the single city's meter."""
        whole, of_fields = self.coverage(definition)
        fields = (of_fields >= definition.field_coverage_needed - 1e-9).all(axis=-1)
        return (whole >= definition.coverage_needed - 1e-9) & fields & self.countable[:, None]

    def elsewhen(self, year: int, bounds: Bounds) -> NDArray[np.int64]:
        """For every place and indicator missing in a year: the index of the nearest other year that can be scored.

        Of two years equally near the earlier one; `NEVER` where there is none or where nothing is missing.
        """
        with_bounds = np.array([[y in bounds.years(name) for y in self.years] for name in self.indicators])
        candidates = self.has & (self.known | with_bounds[None])
        order = sorted(range(len(self.years)), key=lambda at: (abs(self.years[at] - year), self.years[at]))
        ranked = candidates[:, :, order]
        first = np.asarray(order)[ranked.argmax(axis=2)]
        now = self.years.index(year)
        return np.where(ranked.any(axis=2) & ~self.has[:, :, now], first, NEVER)


def grid(known: ManyKnown, definition: Definition, bounds: Bounds, years: Sequence[int], *, anywhere: bool) -> Grid:
    """The arrays of all places. `years` are those asked for; years with other evidence stand beside them.

    `anywhere`: the bounds are those of these very places, so that places of every country can be scored on them.
    """
    indicators, places = definition.indicators, tuple(known.places)
    tables = {name: known.as_bounded(name, bounds) for name in indicators}
    dated = {year for table in tables.values() for year in table.get_column("year").unique().to_list()}
    axis = tuple(sorted({*years, *dated, *(year for name in indicators for year in bounds.years(name))}))
    shape = (len(places), len(indicators), len(axis))
    has, seen = np.zeros(shape, bool), np.zeros(shape, bool)
    low, high, middle = (np.full(shape, np.nan) for _ in range(3))
    period = np.full(shape, "", object)
    rows, columns = {place: n for n, place in enumerate(places)}, {year: n for n, year in enumerate(axis)}
    used, impossible = [], 0
    for number, name in enumerate(indicators):
        every = known.series(name).select("place", "year").rows()
        seen[[rows[p] for p, _ in every], number, [columns[y] for _, y in every]] = True
        whole = spanned(tables[name], name)
        beyond = ~possible(name)
        impossible += whole.filter(beyond).height
        table = _scorable(whole.filter(~beyond), definition, bounds, name)
        at = ([rows[p] for p in table["place"]], number, [columns[y] for y in table["year"]])
        has[at] = True
        low[at], high[at] = table["floor"].to_numpy(), table["ceiling"].to_numpy()
        middle[at], period[at] = table["middle"].fill_null(np.nan).to_numpy(), table["period"].to_numpy()
        used.append(table.with_columns(pl.lit(name).alias("indicator")))
    return Grid(
        places=places,
        indicators=indicators,
        years=axis,
        groups=tuple(group_of(official(place)) for place in known.places.values()),
        countable=_countable(known.places, anywhere=anywhere),
        has=has,
        known=seen,
        low=low,
        high=high,
        middle=middle,
        period=period,
        used=pl.concat(used),
        impossible=impossible,
    )


def _countable(places: Mapping[str, Place], *, anywhere: bool) -> Flags:
    return np.array([anywhere or place.country == BOUNDED_COUNTRY for place in places.values()], dtype=bool)


def _scorable(table: pl.DataFrame, definition: Definition, bounds: Bounds, name: str) -> pl.DataFrame:
    """The figures whose year has a scale, their open sides ended (compare `draws.observed_draws`)."""
    item = definition.item(name)
    years = table.get_column("year").unique().to_list()
    scales = [(year, scale) for year in years if (scale := bounds.scale(name, item, year)) is not None]
    ends = pl.DataFrame(
        [(year, float(scale[0]), float(scale[-1])) for year, scale in scales],
        schema={"year": pl.Int32, "first": pl.Float64, "last": pl.Float64},
        orient="row",
    )
    most = pl.col("most")
    lower = pl.coalesce(pl.col("least"), pl.min_horizontal(pl.col("first"), most))
    found = table.join(ends, on="year", how="inner", maintain_order="left").with_columns(lower.alias("floor"))
    return found.with_columns(pl.coalesce(most, pl.max_horizontal("last", "floor")).alias("ceiling"))
