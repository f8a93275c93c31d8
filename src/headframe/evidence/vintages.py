"""Questions to large observation tables that need no city folder: the latest vintage of an indicator."""

from __future__ import annotations

import polars as pl


def latest_vintage(observations: pl.DataFrame | pl.LazyFrame, indicator_id: str) -> pl.DataFrame:
    """For one indicator, the newest vintage of each place, period, dimensions and concept, sorted by place and period.

    Works on one city's table and on a table of many places. A row without a vintage counts as the oldest. Where two
    sources share the newest vintage both are kept: choosing between sources is the business of `reconcile`. Withdrawn
    rows (`active` false) are left out where the column exists.
    """
    lazy = observations.lazy().filter(pl.col("indicator_id") == indicator_id)
    names = lazy.collect_schema().names()
    if "active" in names:
        lazy = lazy.filter("active")
    periods = [name for name in ("period_start", "period_end", "period_text") if name in names]
    key = ["place_id", *periods, "dims", "concept"]
    vintage = pl.col("vintage").fill_null("")
    newest = vintage == vintage.max().over(key)
    return lazy.filter(newest).sort(key).collect()
