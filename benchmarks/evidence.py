"""Evidence at full size: 69 places × 200 indicators × 30 years × 3 vintages = 1,242,000 observations.

Written, loaded with every check, and asked for the latest vintage of one indicator in all places, beside pandas doing
the same to the same files. The figures are drawn with the seed; nothing in them is real.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl

from headframe.bench.rows import Row
from headframe.bench.runner import Bench
from headframe.catalog.load import catalog
from headframe.core.seeds import generator
from headframe.core.units import factor, is_money
from headframe.evidence.schema import CODE_LISTS, OBSERVATION_COLUMNS

FULL = {"places": 69, "indicators": 200, "years": 30, "vintages": 3}
SAMPLE = {"places": 3, "indicators": 12, "years": 4, "vintages": 3}
FIRST_YEAR = 1991
ASKED = "gdp"
SOURCE = "synthetic"
PRINTED_UNITS = {"CNY": "10000 CNY", "person": "10000 person"}  # as yearbooks print them; loading converts
LARGE_NUMBERS = 1e6
CASES = (
    "write-csv",
    "write-parquet",
    "load-csv",
    "load-parquet",
    "latest-in-memory",
    "latest-from-parquet",
    "panel",
)


def cases(bench: Bench) -> Iterable[Row]:
    """One row for each kind of work, headframe beside pandas."""
    size = SAMPLE if bench.sample else FULL
    write_input(bench.scratch, size, bench.seed)
    options = {"scratch": str(bench.scratch), "indicator": ASKED}
    for case in CASES:
        yield bench.compare(case, "headframe", "pandas", options)


def chosen_indicators(number: int) -> list[str]:
    """Indicators of the catalogue: the one that is asked for, then the others in order of their ids."""
    others = [name for name in sorted(catalog().indicators) if name != ASKED]
    return [ASKED, *others][:number]


def write_input(scratch: Path, size: dict[str, int], seed: int) -> None:
    """City folders with CSV, the same with Parquet, and what a checker has to know, for both sides."""
    names = chosen_indicators(size["indicators"])
    indicators = {name: catalog().indicators[name] for name in names}
    for number in range(size["places"]):
        place = f"place-{number:02d}"
        table = observations(place, names, size, seed)
        for kind in ("csv", "parquet"):
            folder = scratch / kind / place
            (folder / "evidence").mkdir(parents=True)
            (folder / "city.toml").write_text(_city(place), encoding="utf-8")
            (folder / "sources.csv").write_text(_SOURCES, encoding="utf-8")
        table.write_csv(scratch / "csv" / place / "evidence/observations.csv")
        typed = table.with_columns(pl.col("value").cast(pl.Float64), pl.col("period_start", "period_end").str.to_date())
        typed.write_parquet(scratch / "parquet" / place / "evidence/observations.parquet")
    known = {
        "columns": list(OBSERVATION_COLUMNS),
        "codes": {codes.column: list(codes.codes) for codes in CODE_LISTS},
        "concepts": sorted(catalog().concepts),
        "sources": [SOURCE],
        "indicators": {
            name: {
                "unit": PRINTED_UNITS.get(entry.unit, entry.unit),
                "factor": factor(PRINTED_UNITS.get(entry.unit, entry.unit), entry.unit),
                "money": is_money(entry.unit),
                "range": list(entry.range),
            }
            for name, entry in indicators.items()
        },
    }
    (scratch / "known.json").write_text(json.dumps(known), encoding="utf-8")


def observations(place: str, names: list[str], size: dict[str, int], seed: int) -> pl.DataFrame:
    """The observations of one place as text columns: every indicator, year and vintage, with its own figure."""
    years = [FIRST_YEAR + number for number in range(size["years"])]
    index = pl.DataFrame({"indicator_id": names}).join(pl.DataFrame({"year": years}), how="cross")
    index = index.join(pl.DataFrame({"revision": list(range(size["vintages"]))}), how="cross")
    draws = generator(seed, "bench", "evidence", place).random(index.height)
    table = index.with_columns(
        pl.col("indicator_id").replace_strict({name: _span(name)[0] for name in names}).alias("least"),
        pl.col("indicator_id").replace_strict({name: _span(name)[1] for name in names}).alias("most"),
        pl.Series("draw", np.round(draws, 6)),
    )
    units = {name: _printed_unit(name) for name in names}
    bases = {name: "nominal" if is_money(catalog().indicators[name].unit) else "" for name in names}
    filled = table.select(
        pl.format("{}-{}", pl.lit(place), pl.int_range(pl.len()).cast(pl.String).str.zfill(6)).alias("obs_id"),
        pl.lit(place).alias("place_id"),
        pl.col("indicator_id"),
        pl.format("{}-01-01", "year").alias("period_start"),
        pl.format("{}-12-31", "year").alias("period_end"),
        pl.lit("A").alias("freq"),
        pl.lit("=").alias("qualifier"),
        (pl.col("least") + (pl.col("most") - pl.col("least")) * pl.col("draw")).round(4).cast(pl.String).alias("value"),
        pl.col("indicator_id").replace_strict(units).alias("unit"),
        pl.col("indicator_id").replace_strict(bases).alias("price_basis"),
        pl.lit("A").alias("status"),
        pl.lit("reported").alias("method"),
        (pl.col("year") + 1 + pl.col("revision")).cast(pl.String).alias("vintage"),
        pl.lit(SOURCE).alias("source_id"),
        pl.format("table {}, row {}", "revision", "year").alias("locator"),
    )
    absent = [pl.lit("").alias(name) for name in OBSERVATION_COLUMNS if name not in filled.columns]
    return filled.with_columns(absent).select(OBSERVATION_COLUMNS)


def _printed_unit(name: str) -> str:
    unit = catalog().indicators[name].unit
    return PRINTED_UNITS.get(unit, unit)


def _span(name: str) -> tuple[float, float]:
    """Where the figures of an indicator are drawn, in its printed unit: inside its plausible range."""
    entry = catalog().indicators[name]
    least, most = entry.range
    scale = factor(_printed_unit(name), entry.unit)
    low = 0.0 if least is None else least / scale
    high = low + LARGE_NUMBERS if most is None else most / scale
    return low, high


def _city(place: str) -> str:
    lines = ["schema_version = 1", "", "[place]", f'id = "{place}"', f'name_en = "{place}"', f'name_zh = "{place}"']
    return "\n".join([*lines, 'level = "prefecture_city"', 'country = "CHN"', ""])


_SOURCES = (
    "source_id,title,title_en,title_zh,author,publisher,date,language,licence,doi,url,sha256,"
    "reliability,how_read,note_en,note_zh\n"
    f"{SOURCE},Drawn figures,,,,,,,,,,,medium,full,,\n"
)
