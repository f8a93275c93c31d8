"""When two rows say the same: the same figure of the same thing, from the same source."""

from __future__ import annotations

import polars as pl

# What makes two rows the same statement of the same source.
SAME = (
    *("place_id", "indicator_id", "dims", "concept", "price_basis", "source_id", "unit", "qualifier"),
    *("period_start", "period_end", "value", "low", "high"),
)


def statements(rows: pl.DataFrame) -> pl.DataFrame:
    """The columns `SAME` of rows in a form in which equal statements are equal; `at` and `obs_id` are kept."""
    numbers = ("value", "low", "high")
    texts = [name for name in SAME if name not in numbers]
    return rows.select(
        *(name for name in ("at", "obs_id") if name in rows.columns),
        *(pl.col(name).cast(pl.String).fill_null("") for name in texts),
        *(pl.col(name).cast(pl.Float64, strict=False) for name in numbers),
    )


def said_again(observations: pl.DataFrame, import_id: str) -> pl.DataFrame:
    """The rows of an import that active rows of others say too; columns `obs_id` and `by` (the id of the other's row).

    A row and its correction are one statement that was changed, not two: neither counts against the other.
    """
    own = observations.filter(pl.col("import_id") == import_id)
    others = observations.filter(pl.col("active"), pl.col("import_id").fill_null("") != import_id)
    said = statements(others).rename({"obs_id": "by"})
    found = statements(own).join(said, on=SAME, how="inner", nulls_equal=True).select("obs_id", "by")
    replaced = dict(
        observations.filter(pl.col("replaces").fill_null("") != "").select("obs_id", "replaces").iter_rows()
    )
    apart = [
        one not in _ancestors(other, replaced) and other not in _ancestors(one, replaced)
        for one, other in found.iter_rows()
    ]
    return found.filter(pl.Series(apart, dtype=pl.Boolean))


def _ancestors(obs_id: str, replaced: dict[str, str]) -> set[str]:
    """The rows that a row replaces, directly or through others."""
    found = set[str]()
    while (obs_id := replaced.get(obs_id, "")) and obs_id not in found:
        found.add(obs_id)
    return found
