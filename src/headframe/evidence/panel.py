"""The Panel: one long table for evidence and simulation, so that one meter scores past and futures (DESIGN §8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headframe.core.errors import HeadframeError
from headframe.evidence.folder import City
from headframe.evidence.reconcile import chosen

KEYS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "place": pl.String,
    "indicator": pl.String,
    "period": pl.Int32,
    "dims": pl.String,
    "concept": pl.String,
    "vintage": pl.String,
}
OPTIONAL: Mapping[str, type[pl.DataType]] = {
    "policy": pl.String,
    "scenario": pl.String,
    "draw": pl.Int32,
    "quantile": pl.Float64,
}
VALUES: Mapping[str, type[pl.DataType]] = {
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "status": pl.String,
    "method": pl.String,
    "ref": pl.String,
}
RULES: Mapping[str, pl.Expr] = {
    "end": pl.col("value").last(),
    "last": pl.col("value").last(),
    "mean": pl.col("value").mean(),
    "sum": pl.col("value").sum(),
}


@dataclass(frozen=True)
class Panel:
    """A long table: place, indicator, period (year), dims, concept, vintage, value with its interval and status, and
    optionally policy, scenario and either draw or quantile. Values are in the indicators' canonical units.
    """

    table: pl.DataFrame

    def __post_init__(self) -> None:
        names = set(self.table.columns)
        missing = [name for name in (*KEYS, "value") if name not in names]
        unknown = sorted(names - KEYS.keys() - OPTIONAL.keys() - VALUES.keys())
        if missing or unknown or {"draw", "quantile"} <= names:
            listed = ", ".join([*missing, *unknown]) or "draw, quantile"
            raise HeadframeError.of("HF346", "panel", columns=listed)

    def dense(self, places: Sequence[str], indicators: Sequence[str], periods: Sequence[int]) -> NDArray[np.float64]:
        """The values as an array (place, indicator, period); missing cells are NaN, never zero.

        Rows without dims only. Raises HF347 when a cell would have two values (select concept or draw first).
        """
        order: dict[str, dict[Any, int]] = {
            "place": {name: number for number, name in enumerate(places)},
            "indicator": {name: number for number, name in enumerate(indicators)},
            "period": {year: number for number, year in enumerate(periods)},
        }
        rows = self.table.filter(
            (pl.col("dims").fill_null("") == "") & pl.all_horizontal(pl.col(k).is_in(list(v)) for k, v in order.items())
        )
        twice = rows.filter(pl.struct("place", "indicator", "period").is_duplicated())
        if twice.height:
            where = "/".join(map(str, twice.select("place", "indicator", "period").row(0)))
            raise HeadframeError.of("HF347", where, cell=where)
        array = np.full((len(places), len(indicators), len(periods)), np.nan)
        for place, indicator, period, value in rows.select("place", "indicator", "period", "value").iter_rows():
            if value is not None:
                array[order["place"][place], order["indicator"][indicator], order["period"][period]] = value
        return array


def annual(table: pl.DataFrame, time: str, rules: Mapping[str, str], steps_per_year: int) -> pl.DataFrame:
    """Values at steps within years, turned into yearly ones by each indicator's annual rule (end, mean, sum, last).

    `time` names a column of times in years; `rules` maps indicator to rule. A year with fewer than `steps_per_year`
    values is left out: half a year is not a year. A flow summed is Σ value · step, value being per year.
    """
    by = [name for name in (*KEYS, *OPTIONAL) if name in table.columns and name != "period"]
    parts: list[pl.DataFrame] = []
    for rule, expression in RULES.items():
        wanted = [indicator for indicator, its in rules.items() if its == rule]
        rows = table.filter(pl.col("indicator").is_in(wanted)).sort(time)
        scaled = expression / steps_per_year if rule == "sum" else expression
        grouped = rows.with_columns(pl.col(time).floor().cast(pl.Int32).alias("period")).group_by([*by, "period"])
        parts.append(grouped.agg(scaled.alias("value"), pl.len().alias("steps")))
    return pl.concat(parts).filter(pl.col("steps") == steps_per_year).drop("steps").sort([*by, "period"])


def panel_of(cities: Sequence[City], indicators: Sequence[str]) -> Panel:
    """The reconciled yearly figures of several cities as a Panel; only years, no undated figures, no dimensions."""
    parts = [
        chosen(
            city.observations.filter(
                pl.col("indicator_id").is_in(indicators)
                & pl.col("year").is_not_null()
                & (pl.col("dims").fill_null("") == "")
            ),
            city.sources,
            tuple(city.catalogue.concepts),
            city.doubts,
        ).filter(pl.any_horizontal(pl.col("amount", "amount_low", "amount_high").is_not_null()))
        for city in cities
    ]
    columns = {
        "place": "place_id",
        "indicator": "indicator_id",
        "period": "year",
        "dims": "dims",
        "concept": "concept",
        "vintage": "vintage",
        "value": "amount",
        "low": "amount_low",
        "high": "amount_high",
        "status": "status",
        "method": "method",
        "ref": "ref",
    }
    schema = {**KEYS, **VALUES}
    tables = [part.select(pl.col(old).cast(schema[new]).alias(new) for new, old in columns.items()) for part in parts]
    together = pl.concat(tables) if tables else pl.DataFrame(schema=schema)
    return Panel(together.sort("place", "indicator", "period", maintain_order=True))
