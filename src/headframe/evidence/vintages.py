"""Questions to large observation tables that need no city folder: the latest vintage of an indicator."""

from __future__ import annotations

import polars as pl


def latest_vintage(observations: pl.DataFrame | pl.LazyFrame, indicator_id: str) -> pl.DataFrame:
    """For one indicator, the newest vintage of each place, period, dimensions and concept, sorted by place and period.

    Works on one city's table and on a table of many places. Withdrawn rows (`active` false) are left out where
    the column exists.
    """
    lazy = observations.lazy().filter(pl.col("indicator_id") == indicator_id)
    if "active" in lazy.collect_schema().names():
        lazy = lazy.filter("active")
    key = ["place_id", "period_start", "period_end", "dims", "concept"]
    newest = pl.col("vintage") == pl.col("vintage").max().over(key)
    return lazy.filter(newest).sort(key).collect()
