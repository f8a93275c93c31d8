"""The yearbooks and the research panel of the data folder as one collection, through a small explicit mapping.

Everything is read through `HEADFRAME_DATA`; nothing of it stands in the repository.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import polars as pl

from headframe.evidence.collection import Collection, load_collection, panel_toml
from headframe.evidence.places.gazetteer import gazetteer
from headframe.evidence.schema import OBSERVATION_COLUMNS, PLACE_COLUMNS, SOURCE_COLUMNS
from tests.reference import yearbook

PANEL_YEARS = range(2003, 2020)
# column of the research panel: indicator, unit, concept, price basis
COLUMNS: Mapping[str, tuple[str, str, str, str]] = {
    "gdp": ("gdp", "10000 CNY", "whole-city", "nominal"),
    "gdp_per_capita": ("gdp_per_head", "CNY/person", "whole-city", "nominal"),
    "pop_hukou": ("population_registered", "10000 person", "registered;whole-city", ""),
    "fiscal_revenue": ("general_budget_revenue", "10000 CNY", "general-budget;whole-city", "nominal"),
    "fiscal_exp": ("general_budget_expenditure", "10000 CNY", "general-budget;whole-city", "nominal"),
    "tertiary_share": ("tertiary_share", "%", "whole-city", ""),
    "so2_emission": ("sulphur_dioxide_emissions", "t", "whole-city", ""),
    "sewage_treatment_rate": ("sewage_treatment_rate", "%", "whole-city", ""),
    "pm25": ("pm25", "ug/m3", "whole-city", ""),
}
SOURCE = "research-panel"


@cache
def registered() -> Mapping[str, Mapping[str, str]]:
    """The registry by Chinese name, cities at prefecture level only."""
    path = yearbook.ROOT / "src/headframe/cities/registry.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["name_zh"]: row for row in csv.DictReader(lines) if row["level"] == "prefecture"}


def outlines(folder: Path) -> list[Mapping[str, object]]:
    """The prefectures of 2020 with their codes and outlines."""
    with gzip.open(folder / "geo_boundaries/cn_prefecture_2020.geojson.gz") as packed:
        found: list[Mapping[str, object]] = json.load(packed)["features"]
    return found


def codes(folder: Path) -> dict[str, str]:
    """City name → six-digit code."""
    rows: list[Mapping[str, str]] = [entry["properties"] for entry in outlines(folder)]  # type: ignore[misc]
    return {row["source_name"]: row["source_code"] for row in rows}


def place_row(name: str, code: str) -> dict[str, str]:
    """A city as a row of `places.csv`; its id and English name are those of the gazetteer."""
    row = registered().get(name, {})
    ids = gazetteer().by_code(code, "CHN")
    known = gazetteer().get(ids[0]) if ids else None
    return {
        "place_id": row.get("place_id") or (known.id if known else f"cn-{code}"),
        "name_en": row.get("name_en") or (known.name_en if known else name),
        "name_zh": name,
        "level": "prefecture_city",
        "country": "CHN",
        "gb_code": code,
        "resource_type": row.get("resource_type") or "unknown",
    }


def _row(place: str, indicator: str, year: int, value: str, unit: str, **told: str) -> dict[str, str]:
    dated = {"period_start": str(year), "period_end": str(year), "freq": "A", "vintage": str(year + 1)}
    return {
        "place_id": place,
        "indicator_id": indicator,
        "value": value,
        "unit": unit,
        "qualifier": "=",
        "status": "A",
        "method": "reported",
        **dated,
        **told,
    }


def yearbook_rows(ids: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The chosen columns of the yearbooks, one row per cell."""
    for column in yearbook.columns():
        for city in yearbook.city_rows(column.year):
            text = yearbook.cell(column.year, city, column.column)
            if text is None or city not in ids or not _is_number(text):
                continue
            told = {"concept": column.concept, "price_basis": column.price_basis, "dims": column.dims}
            source = f"cn-city-statistical-yearbook-{yearbook.YEARS[column.year]}"
            locator = yearbook.reference(column.year, city, column.column)
            told |= {"source_id": source, "locator": locator}
            yield _row(ids[city], column.indicator_id, column.year, text, column.unit, **told)


def panel_rows(folder: Path, ids: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The mapped columns of the research panel for the years before the yearbooks."""
    with gzip.open(folder / "cn_city_panel_1990_2023/panel.csv.gz", "rt", encoding="utf-8") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            if row["city"] not in ids or int(row["year"]) not in PANEL_YEARS:
                continue
            for column, (indicator, unit, concept, basis) in COLUMNS.items():
                if row[column]:
                    told = {"concept": concept, "price_basis": basis, "source_id": SOURCE}
                    place, year = ids[row["city"]], int(row["year"])
                    told["locator"] = f"row {number}, {column}"
                    yield _row(place, indicator, year, row[column], unit, **told)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def make(target: Path, folder: Path, *, panel: bool = True) -> Collection:
    """Write the collection into `target` and open it."""
    code = codes(folder)
    names = {name for year in yearbook.YEARS for name in yearbook.city_rows(year) if name in code}
    places = [place_row(name, code[name]) for name in sorted(names)]
    ids = {row["name_zh"]: row["place_id"] for row in places}
    rows = list(yearbook_rows(ids)) + (list(panel_rows(folder, ids)) if panel else [])
    (target / "evidence").mkdir(parents=True)
    entries = {"id": "chinese-cities", "name_en": "Chinese cities", "name_zh": "全国地级市"}
    (target / "panel.toml").write_text(panel_toml(entries), encoding="utf-8")
    pl.DataFrame(places).select(
        pl.lit(None).cast(pl.String).alias(name) if name not in places[0] else pl.col(name) for name in PLACE_COLUMNS
    ).write_csv(target / "places.csv")
    told = {"source_id": SOURCE, "title": "Research panel of cities", "title_zh": "研究用城市面板"}
    told |= {"reliability": "medium", "how_read": "full", "language": "zh"}
    pl.DataFrame([{name: told.get(name) for name in SOURCE_COLUMNS}]).write_csv(target / "sources.csv")
    numbered = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.format("o{}", pl.int_range(pl.len())).alias("obs_id")
    )
    missing = [pl.lit(None).cast(pl.String).alias(name) for name in OBSERVATION_COLUMNS if name not in numbered.columns]
    numbered.with_columns(missing).select(OBSERVATION_COLUMNS).write_csv(target / "evidence/observations.csv")
    return load_collection(target)
