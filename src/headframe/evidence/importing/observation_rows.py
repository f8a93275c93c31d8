"""The rows of converted cells, in the columns of observations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from headframe.catalog.load import catalog
from headframe.evidence.importing import mapping as rules
from headframe.evidence.importing.concordance import concept_text
from headframe.evidence.schema import OBSERVATION_COLUMNS

AREAS = frozenset({"whole-city", "urban-districts", "built-up-area", "mining-areas"})
# The SDMX status of a figure that is missing for a known reason.
MISSING_STATUS: Mapping[str, str] = {
    "suppressed": "Q",
    "not-collected": "L",
    "not-applicable": "M",
    "negligible": "N",
}
_TURNED_QUALIFIER = pl.col("qualifier").replace({">": "<", ">=": "<=", "<": ">", "<=": ">="})
LONGEST_RAW = 500  # characters


def rows_of(kept: pl.DataFrame, mapping: rules.Mapping, today: date | None) -> pl.DataFrame:
    """The observations of the cells that become one; `said` marks those that say why there is no figure."""
    said = pl.col("said")
    status = pl.when(said).then(pl.col("meaning").replace_strict(MISSING_STATUS, default="", return_dtype=pl.String))
    one_year = pl.col("period_start").dt.year() == pl.col("period_end").dt.year()
    whole = (pl.col("period_start").dt.ordinal_day() == 1) & (pl.col("period_end").dt.strftime("%m-%d") == "12-31")
    turned = pl.col("sign") < 0
    defaults = mapping.defaults
    vintage = defaults.vintage or mapping.source.date[:10] or (today.isoformat() if today is not None else "")
    made = kept.with_columns(
        status=pl.coalesce(status, pl.when(pl.col("status") != "").then("status"), pl.lit(defaults.status)),
        concept=_concepts(kept),
        value_text=pl.when(said).then(pl.when(pl.col("raw") != "").then("raw").otherwise("mark")).otherwise(pl.lit("")),
        qualifier=pl.when(said).then(pl.lit("text")).when(turned).then(_TURNED_QUALIFIER).otherwise("qualifier"),
        unit=pl.coalesce("unit", "rule_unit"),
        period_text=pl.when(one_year & whole)
        .then(pl.col("period_start").dt.year().cast(pl.String))
        .otherwise(pl.lit("")),
        value=pl.col("value") * pl.col("sign"),
        low=pl.when(turned).then(-pl.col("high")).otherwise("low"),
        high=pl.when(turned).then(-pl.col("low")).otherwise("high"),
        raw_text=pl.col("raw").str.slice(0, LONGEST_RAW).str.replace_all(r"[\x00-\x1f\x7f]", " "),
        method=pl.lit(defaults.method),
        vintage=pl.lit(vintage),
        source_id=pl.lit(mapping.source.source_id),
        locator=pl.col("locator").str.replace_all(r"[\x00-\x1f\x7f]", " "),
        note=_notes(kept, "en"),
        note_zh=_notes(kept, "zh"),
    )
    made = made.with_columns(_ids(made).alias("obs_id"))
    absent = [pl.lit("").alias(name) for name in OBSERVATION_COLUMNS if name not in made.columns]
    return made.with_columns(absent).select(OBSERVATION_COLUMNS)


def _concepts(kept: pl.DataFrame) -> pl.Series:
    """The concept of each cell: that of its rule, with the cell's own area where it has one."""
    pairs = kept.select("rule_concept", "scope").unique(maintain_order=True)
    texts = []
    for concept, scope in pairs.iter_rows():
        parts = [part for part in (concept or "").split(";") if not (scope and part in AREAS)]
        texts.append(concept_text([*parts, scope or ""]))
    lookup = pairs.with_columns(pl.Series("concept", texts, pl.String))
    joined = kept.select("rule_concept", "scope").join(
        lookup, on=["rule_concept", "scope"], how="left", maintain_order="left", nulls_equal=True
    )
    return joined.get_column("concept")


def _notes(kept: pl.DataFrame, language: str) -> pl.Expr:
    """The doubts of reading in words, and the flags that stood beside the figure."""
    words = catalog().words(language)
    doubts = kept.get_column("doubts").unique().to_list()
    texts = {
        text: "; ".join(words.say(f"reading.doubt.{doubt}") for doubt in text.split(";")) for text in doubts if text
    }
    said = pl.col("doubts").replace_strict(texts, default="", return_dtype=pl.String)
    flags = pl.when(pl.col("flags") != "").then(pl.lit(" [") + pl.col("flags") + pl.lit("]")).otherwise(pl.lit(""))
    return (said + flags).str.strip_chars()


def _ids(made: pl.DataFrame) -> pl.Series:
    """Ids that follow source, series, place and period, not the row; statements that repeat one are numbered.

    They tell the rows of one conversion apart: appending gives the ids that are kept. Numbers run over equal hashes, so
    that ids differ even where two statements should hash alike.
    """
    parts = ("source_id", "key", "place_id", "place", "place_code", "section", "scope")
    hashed = made.select(
        pl.concat_str(
            *(pl.col(name).fill_null("") for name in parts),
            pl.col("period_start", "period_end").cast(pl.String).fill_null(""),
            separator="\x1f",
        )
        .hash()
        .alias("statement")
    ).with_columns(pl.int_range(pl.len()).over("statement").alias("nth"))
    return hashed.select(pl.format("i-{}-{}", "statement", "nth")).to_series()
