"""Reads the wide research panel of the data folder into a Panel (a test helper; importing is evidence's business)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from headframe.catalog.load import catalog
from headframe.core.units import factor
from headframe.evidence.panel import Panel

FOLDER = "cn_city_panel_1990_2023"
# Column of the file → indicator, unit as in SOURCE.txt, concept. Columns that are not
# read into a catalogue entry keep their name behind `raw_`.
COLUMNS: dict[str, tuple[str, str, str]] = {
    "gdp": ("gdp", "1e4 CNY", ""),
    "gdp_per_capita": ("gdp_per_head", "CNY/person", ""),
    "gdp_growth": ("gdp_growth_real", "%", ""),
    "retail_sales": ("retail_sales", "1e4 CNY", ""),
    "fixed_asset_inv": ("fixed_asset_investment", "1e4 CNY", ""),
    "real_estate_inv": ("raw_real_estate_inv", "1", ""),
    "pop_hukou": ("population_registered", "10000 person", "registered"),
    "pop_avg": ("raw_pop_avg", "1", ""),
    "employees": ("employment_urban_units", "10000 person", ""),
    "emp_secondary": ("raw_emp_secondary", "1", ""),
    "emp_tertiary": ("raw_emp_tertiary", "1", ""),
    "fiscal_revenue": ("general_budget_revenue", "1e4 CNY", ""),
    "fiscal_exp": ("general_budget_expenditure", "1e4 CNY", ""),
    "edu_exp": ("education_expenditure", "1e4 CNY", ""),
    "sci_exp": ("science_expenditure", "1e4 CNY", ""),
    "secondary_share": ("secondary_share", "%", ""),
    "tertiary_share": ("tertiary_share", "%", ""),
    "industrial_firms": ("industrial_firms", "count", ""),
    "industrial_profit": ("industrial_profit", "1e4 CNY", ""),
    "fdi": ("raw_fdi", "1", ""),
    "exports": ("raw_exports", "1", ""),
    "bank_deposits": ("deposits", "1e4 CNY", ""),
    "bank_loans": ("loans", "1e4 CNY", ""),
    "uni_students": ("raw_uni_students", "1", ""),
    "uni_students_per10k": ("raw_uni_students_per10k", "1", ""),
    "highway_passenger": ("raw_highway_passenger", "1", ""),
    "mobile_users": ("raw_mobile_users", "1", ""),
    "internet_users": ("raw_internet_users", "1", ""),
    "so2_emission": ("sulphur_dioxide_emissions", "t", ""),
    "wastewater": ("raw_wastewater", "1", ""),
    "sewage_treatment_rate": ("sewage_treatment_rate", "%", ""),
    "pm25": ("pm25", "ug/m3", ""),
}


@dataclass(frozen=True)
class Research:
    """The panel with its provinces, the cities' names, and the labels of the labelled half."""

    panel: Panel
    groups: dict[str, str]
    names: dict[str, str]
    labelled: frozenset[str]
    flags: pl.DataFrame


def read(data: Path) -> Research:
    """The research panel in canonical units."""
    folder = data / FOLDER
    wide = pl.read_csv(folder / "panel.csv.gz", infer_schema_length=None).with_columns(
        pl.col("city_code").cast(pl.String)
    )
    indicators = catalog().indicators
    parts = []
    for column, (indicator, unit, concept) in COLUMNS.items():
        entry = indicators.get(indicator)
        by = 1.0 if entry is None else factor(unit, entry.unit)
        parts.append(
            wide.filter(pl.col(column).is_not_null()).select(
                pl.col("city_code").alias("place"),
                pl.lit(indicator).alias("indicator"),
                pl.col("year").cast(pl.Int32).alias("period"),
                pl.lit("").alias("dims"),
                pl.lit(concept).alias("concept"),
                pl.lit("").alias("vintage"),
                (pl.col(column).cast(pl.Float64) * by).alias("value"),
            )
        )
    cities = wide.unique("city_code")
    flags = pl.read_csv(folder / "imputation_flags.csv.gz").select(
        pl.col("city_code").cast(pl.String).alias("place"),
        pl.col("column").replace_strict({k: v[0] for k, v in COLUMNS.items()}, default=None).alias("indicator"),
        pl.col("year").cast(pl.Int32).alias("period"),
        "flag",
    )
    labelled = pl.read_csv(folder / "labelled_cities.csv").get_column("city_code").cast(pl.String).to_list()
    return Research(
        Panel(pl.concat(parts)),
        dict(cities.select("city_code", "province").iter_rows()),
        dict(cities.select("city_code", "city").iter_rows()),
        frozenset(labelled),
        flags,
    )
