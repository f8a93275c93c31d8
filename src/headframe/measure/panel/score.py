"""The meter on a Panel: one pure function scores evidence and simulated futures alike (DESIGN §8)."""

from __future__ import annotations

import numpy as np
import polars as pl

from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError
from headframe.core.units import factor
from headframe.evidence.panel import OPTIONAL, Panel
from headframe.measure import score
from headframe.measure.bounds import Bounds
from headframe.measure.definition import Definition
from headframe.measure.known import OWN_RATIOS, OWN_SUMS
from headframe.measure.score import Array

KEYS = ("place", "period")


def score_panel(
    panel: Panel, definition: Definition, bounds: Bounds, *, bounds_year: int | None = None
) -> pl.DataFrame:
    """The default score and the field scores of every place, year, policy, scenario and draw of a panel.

    Columns: the panel's keys, `score` and one column per field, 0 to 100; null where an indicator is missing or has no
    bounds (nothing is drawn or filled in here). `bounds_year` names the year whose bounds all values are held against,
    for simulations in prices of that year; without it each row is held against its own year. Indicators that the panel
    lacks are computed from their parts. Raises HF347 when a cell has two values.
    """
    keys = [*KEYS, *(name for name in OPTIONAL if name in panel.table.columns)]
    wide = _wide(panel, keys)
    found = []
    for (period,), rows in wide.partition_by("period", as_dict=True, maintain_order=True).items():
        year = int(period) if bounds_year is None else bounds_year
        found.append(_scored(rows, keys, definition, bounds, year))
    names = [*keys, "score", *definition.fields]
    return pl.concat(found).select(names) if found else pl.DataFrame(schema=dict.fromkeys(names, pl.Float64))


def _wide(panel: Panel, keys: list[str]) -> pl.DataFrame:
    """One row per key, one column per indicator; rows under dimensions get a column `indicator|dims`."""
    dims = pl.col("dims").fill_null("")
    name = pl.when(dims == "").then(pl.col("indicator")).otherwise(pl.col("indicator") + "|" + dims)
    rows = panel.table.with_columns(name.alias("column"))
    twice = rows.filter(pl.struct(*keys, "column").is_duplicated())
    if twice.height:
        where = "/".join(str(item) for item in twice.select(*keys, "column").row(0))
        raise HeadframeError.of("HF347", where, cell=where)
    return rows.pivot("column", index=keys, values="value").sort(keys)


def _scored(rows: pl.DataFrame, keys: list[str], definition: Definition, bounds: Bounds, year: int) -> pl.DataFrame:
    scales = [bounds.scale(name, definition.item(name), year) for name in definition.indicators]
    low = np.array([np.nan if scale is None else scale[0] for scale in scales])
    high = np.array([np.nan if scale is None else scale[-1] for scale in scales])
    values = np.stack([_column(rows, name) for name in definition.indicators], axis=1)
    weights, membership = definition.weights, definition.membership
    points = score.goalposts(values, low, high, definition.direction)
    of_fields = score.fields(points, weights, membership)
    total = score.score(values, low, high, definition.direction, weights, membership)
    columns = [pl.Series("score", total)]
    columns += [pl.Series(name, of_fields[:, number]) for number, name in enumerate(definition.fields)]
    return rows.select(keys).with_columns(column.fill_nan(None) for column in columns)


def _column(rows: pl.DataFrame, indicator: str) -> Array:
    """The values of an indicator, or of its quotient; NaN where there is neither."""
    if indicator in rows.columns:
        return rows.get_column(indicator).to_numpy().astype(np.float64)
    entry = catalog().indicators[indicator]
    own = OWN_RATIOS.get(indicator)
    if own is not None:
        numerator = own[0] + "".join(f"|{key}={value}" for key, value in (own[1] or {}).items())
        parts: tuple[str, str, str] | None = (own[0], numerator, own[2])
    elif entry.adds_up_to is not None and entry.adds_up_to.ratio is not None:
        parts = (entry.adds_up_to.ratio[0], *entry.adds_up_to.ratio)
    else:
        parts = None
    if parts is None:
        return np.full(rows.height, np.nan)
    units = catalog().indicators
    by = factor(f"({units[parts[0]].unit})/({units[parts[2]].unit})", entry.unit)
    above, below = (_amounts(rows, name) for name in parts[1:])
    return np.asarray(np.divide(above, below, out=np.full(rows.height, np.nan), where=below > 0) * by)


def _amounts(rows: pl.DataFrame, name: str) -> Array:
    """The values of a column, or the sum of its parts where it is a total of ours; NaN where there is neither."""
    if name in rows.columns:
        return rows.get_column(name).to_numpy().astype(np.float64)
    link = catalog().indicators[name].adds_up_to if name in OWN_SUMS else None
    if link is None:
        return np.full(rows.height, np.nan)
    return np.asarray(np.sum([_amounts(rows, part) for part in link.parts], axis=0))
