"""What doubt about an observation does to its figure: a margin where its source prints none.

A figure that is estimated, provisional or interpolated, or whose source is of low reliability, is read as if its source
had said "about" (card `about_half_width`). An audit finding that leaves a factor f of a figure's reliability widens
that margin by 1/f; what an analyst has set aside has nothing left and counts as not known.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from headframe.core.provenance import Source
from headframe.evidence.doubt import ASIDE, Doubt
from headframe.measure.spans import about_margin, assumption

DOUBTFUL_STATUSES = ("E", "F", "I", "P", "N", "U")
DOUBTFUL_METHODS = ("interpolated", "estimated", "assumed")
ABOUT = "about_half_width"


def in_doubt(rows: pl.DataFrame, sources: Mapping[str, Source], doubts: Mapping[str, Doubt]) -> pl.DataFrame:
    """For every row by `obs_id`: `share` (the margin as a share of the value, 0 for none) and `aside`."""
    about = assumption(ABOUT)
    low = [name for name, source in sources.items() if source.reliability == "low"]
    unsound = (
        pl.col("status").is_in(DOUBTFUL_STATUSES)
        | pl.col("method").is_in(DOUBTFUL_METHODS)
        | pl.col("source_id").is_in(low)
    )
    factors = {name: one.factor for name, one in doubts.items() if one.level < ASIDE and 0 < one.factor < 1}
    aside = [name for name, one in doubts.items() if one.level >= ASIDE]
    left = pl.col("obs_id").replace_strict(factors, default=1.0, return_dtype=pl.Float64)
    doubted = unsound | (left < 1.0)
    return rows.select(
        "obs_id",
        pl.when(doubted).then(about / left).otherwise(0.0).alias("share"),
        pl.col("obs_id").is_in(aside).alias("aside"),
    )


def margins(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `margin`: that of "about" where the source says so, and at least the `share` of the value."""
    texts = rows.filter((pl.col("qualifier") == "~") & pl.col("amount").is_not_null()).get_column("amount").unique()
    said = {value: about_margin(value) for value in texts.to_list()}
    printed = (
        pl.when(pl.col("qualifier") == "~")
        .then(pl.col("amount").replace_strict(said, default=0.0, return_dtype=pl.Float64))
        .otherwise(0.0)
    )
    own = (pl.col("share") * pl.col("amount").abs()).fill_null(0.0)
    return rows.with_columns(pl.max_horizontal(printed.fill_null(0.0), own).alias("margin"))
