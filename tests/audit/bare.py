"""The built-in evidence as a stranger would bring it: without notes, contradiction records and corrected readings."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl

from headframe.evidence.folder import BUILTIN, City, builtin_places, load_city


def bare(into: Path) -> tuple[City, ...]:
    """Every built-in place copied without its `audit` folder; notes empty, doubts of status taken back.

    Rows that the project derived (corrected readings beside printed figures) are left out: they are what an audit
    should propose. What was marked unreliable is a reported figure again.
    """
    cities = []
    for name in builtin_places():
        source, folder = BUILTIN / name, into / name
        (folder / "evidence").mkdir(parents=True)
        for path in [source / "city.toml", source / "sources.csv"]:
            if path.is_file():
                shutil.copy(path, folder / path.name)
        for path in sorted((source / "evidence").glob("*.csv")):
            if path.name == "imports.csv":
                shutil.copy(path, folder / "evidence" / path.name)
                continue
            table = pl.read_csv(path, infer_schema=False)
            given = [column for column in ("note", "note_zh") if column in table.columns]
            table.filter(pl.col("method").fill_null("") != "derived").with_columns(
                *(pl.lit("").alias(column) for column in given),
                pl.when(pl.col("status") == "U").then(pl.lit("A")).otherwise(pl.col("status")).alias("status"),
            ).write_csv(folder / "evidence" / path.name)
        cities.append(load_city(folder))
    return tuple(cities)
