"""Arithmetic on columns of figures with intervals: what `spans.py` does to one figure, done to a whole table.

A table of figures has the columns of `COLUMNS`, one row per place and period of one indicator; null means not known
(for a bound: open). The formulas are those of `spans.py`, and a test holds the two against each other.
"""

from __future__ import annotations

import polars as pl

from headframe.catalog.load import catalog
from headframe.core.units import factor
from headframe.evidence.reconcile import UNUSABLE
from headframe.measure.spans import LOWER, UPPER, natural_limits

FIGURE = ("value", "low", "high", "margin", "qualifier", "price_basis", "concept", "area", "large", "status", "refs")
SPAN = ("middle", "least", "most")  # of a figure as a span: central value and outer bounds
# `order`: the place among the figures of an indicator in time order; `period` as printed; `derived`: made of others;
# `margin`: half the width that is added where no bounds are printed; `large`: counts large industrial firms only.
COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "place": pl.String,
    "year": pl.Int32,
    "period": pl.String,
    "order": pl.Int64,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "margin": pl.Float64,
    "qualifier": pl.String,
    "price_basis": pl.String,
    "concept": pl.String,
    "area": pl.String,
    "large": pl.Boolean,
    "status": pl.String,
    "derived": pl.Boolean,
    "refs": pl.List(pl.String),
    "sources": pl.List(pl.String),
}
KEYS = ["place", "year"]


def possible(indicator: str) -> pl.Expr:
    """Whether a figure keeps within the natural limits of its indicator (compare `spans.possible`)."""
    floor, ceiling = natural_limits(catalog().indicators.get(indicator))
    known = [pl.col(name) for name in FIGURE[:3]]
    within = [part >= floor for part in known] if floor is not None else []
    within += [part <= ceiling for part in known] if ceiling is not None else []
    return pl.all_horizontal(pl.lit(value=True), *(part.fill_null(value=True) for part in within))


def spanned(table: pl.DataFrame, indicator: str) -> pl.DataFrame:
    """The table with the span of each figure in `middle`, `least` and `most` (compare `spans.span`).

    A figure beyond the natural limits of its indicator cannot be: it has none.
    """
    floor, ceiling = natural_limits(catalog().indicators.get(indicator))
    value, low, high, margin = (pl.col(name) for name in ("value", "low", "high", "margin"))
    upper = value.is_not_null() & pl.col("qualifier").is_in(UPPER)
    lower = value.is_not_null() & pl.col("qualifier").is_in(LOWER)
    bare = value.is_not_null() & low.is_null() & high.is_null() & ~upper & ~lower
    middle = pl.when(upper | lower).then(None).otherwise(pl.coalesce(value, (low + high) / 2))
    beneath, above = value - margin, value + margin
    if floor is not None:
        beneath = pl.max_horizontal(beneath, pl.lit(floor))
    if ceiling is not None:
        above = pl.min_horizontal(above, pl.lit(ceiling))
    least = pl.when(upper).then(pl.coalesce(low, value)).when(bare).then(beneath).otherwise(low)
    most = pl.when(lower).then(pl.coalesce(high, value)).when(bare).then(above).otherwise(high)
    sound = possible(indicator)
    return table.with_columns(
        pl.when(sound).then(middle).alias("middle"),
        pl.when(sound).then(least if floor is None else least.fill_null(floor)).alias("least"),
        pl.when(sound).then(most if ceiling is None else most.fill_null(ceiling)).alias("most"),
    )


def known() -> pl.Expr:
    """Whether anything is known of a figure."""
    return pl.any_horizontal(pl.col("value", "low", "high").is_not_null())


def paired(one: pl.DataFrame, other: pl.DataFrame, indicators: tuple[str, str]) -> pl.DataFrame:
    """The figures of two indicators side by side by place and year; the other's columns end with `_other`."""
    renamed = [pl.col(name).alias(f"{name}_other") for name in (*FIGURE, *SPAN, "sources")]
    beside = spanned(other, indicators[1]).select(*KEYS, *renamed)
    return spanned(one, indicators[0]).join(beside, on=KEYS, how="inner", maintain_order="left")


def _other(name: str) -> pl.Expr:
    return pl.col(f"{name}_other")


def same_area() -> pl.Expr:
    """Whether the figures of a pair may be put in relation: areas equal, or one of them names none."""
    one, other = pl.col("area"), _other("area")
    return (one == "") | (other == "") | (one == other)


def _over(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    return pl.when(denominator != 0).then(numerator / denominator)


def ratio(pairs: pl.DataFrame, units: tuple[str, str], unit: str) -> pl.DataFrame:
    """Numerator over denominator in `unit` for every pair; rows without a result are left out (compare `spans.ratio`).

    Errors: HF102 when the quotient of the two units does not measure what `unit` measures.
    """
    by = factor(f"({units[0]})/({units[1]})", unit)
    middle, least, most = (pl.col(name) for name in SPAN)
    under, floor, ceiling = (_other(name) for name in SPAN)
    bases = pl.col("price_basis"), _other("price_basis")
    money = (bases[0] != "") & (bases[1] != "")
    none = pl.all_horizontal(_other(name).is_null() for name in SPAN)
    impossible = (
        none | (under <= 0).fill_null(value=False) | (floor.fill_null(0.0) < 0) | (money & (bases[0] != bases[1]))
    )
    low = pl.when(least.fill_null(0.0) >= 0).then(_over(least, ceiling)).otherwise(_over(least, floor))
    high = pl.when(most.fill_null(0.0) >= 0).then(_over(most, floor)).otherwise(_over(most, ceiling))
    basis = pl.when(money).then(pl.lit("")).otherwise(pl.when(bases[0] != "").then(bases[0]).otherwise(bases[1]))
    found = pairs.filter(~impossible).with_columns(
        (middle / under * by).alias("value"),
        (low * by).alias("low"),
        (high * by).alias("high"),
        basis.alias("price_basis"),
    )
    return _as_derived(found)


def total(pairs: pl.DataFrame, units: tuple[str, str], unit: str) -> pl.DataFrame:
    """The sum of every pair in `unit`, bounds added (compare `spans.total`). Errors: HF102 for other kinds of unit."""
    by, beside = factor(units[0], unit), factor(units[1], unit)
    sums = ((pl.col(name) * by + _other(name) * beside).alias(new) for name, new in zip(SPAN, FIGURE[:3], strict=True))
    area = pl.when(pl.col("area") == "").then(_other("area")).otherwise(pl.col("area"))
    found = pairs.with_columns(*sums).with_columns(
        area.alias("area"), area.alias("concept"), pl.lit("").alias("price_basis"), pl.lit(value=False).alias("large")
    )
    return _as_derived(found)


def _as_derived(table: pl.DataFrame) -> pl.DataFrame:
    """Results as figures: bounds equal to the value left out, the worst status, the observations of both parts."""
    exact = ((pl.col("low") == pl.col("value")) & (pl.col("high") == pl.col("value"))).fill_null(value=False)
    statuses = pl.col("status"), _other("status")
    unusable = statuses[0].is_in(UNUSABLE) | statuses[1].is_in(UNUSABLE)
    normal = (statuses[0] == "A") & (statuses[1] == "A")
    status = pl.when(unusable).then(pl.lit("U")).when(normal).then(pl.lit("A")).otherwise(pl.lit("E"))
    both = [
        pl.concat_list(pl.col(name), _other(name)).list.unique(maintain_order=True).alias(name)
        for name in ("refs", "sources")
    ]
    qualifier = pl.when(pl.col("value").is_null()).then(pl.lit("range")).otherwise(pl.lit("="))
    return (
        table.filter(known())
        .with_columns(
            pl.when(~exact).then(pl.col("low")).alias("low"),
            pl.when(~exact).then(pl.col("high")).alias("high"),
            qualifier.alias("qualifier"),
            status.alias("status"),
            pl.lit(0.0).alias("margin"),
            pl.lit(value=True).alias("derived"),
            pl.col("year").cast(pl.String).alias("period"),
            *both,
        )
        .select(*COLUMNS)
    )
