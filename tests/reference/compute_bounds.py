"""Quantiles of indicators over all prefecture-level cities of the yearbook: `src/headframe/catalog/bounds.yaml`.

Run `python -m tests.reference.compute_bounds` where the workbooks lie (`HEADFRAME_DATA`). Statistics over at least
twenty places only; no city's value is written. Ratios follow `adds_up_to.ratio` of the catalogue.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
import yaml
from scipy.special import ndtri
from scipy.stats import rankdata

from headframe.catalog.load import catalog
from headframe.core.units import convert
from tests.reference import yearbook

TARGET = yearbook.ROOT / "src" / "headframe" / "catalog" / "bounds.yaml"
LEVELS = (0.05, 0.25, 0.50, 0.75, 0.95)
FEWEST = 20
# Printed as they are; the others below are ratios of two printed columns.
PRINTED = [
    "gdp_per_head",
    "gdp_growth_real",
    "primary_share",
    "secondary_share",
    "tertiary_share",
    "average_wage_urban_units",
    "pm25",
    "sewage_treatment_rate",
    "waste_harmless_treatment_rate",
    "green_cover_built_up",
    "industrial_solid_waste_use_rate",
]
RATIOS = [
    "fiscal_self_sufficiency",
    "rd_intensity",
    "loan_to_deposit_ratio",
    "budget_revenue_per_head",
    "budget_expenditure_per_head",
    "budget_revenue_to_gdp",
    "budget_expenditure_to_gdp",
    "loans_to_gdp",
    "deposits_to_gdp",
    "retail_sales_per_head",
    "science_expenditure_share",
    "education_expenditure_share",
    "patents_per_head",
    "invention_patents_per_head",
    "hospital_beds_per_head",
    "doctors_per_head",
    "pension_insured_share",
    "medical_insured_share",
    "unemployment_insured_share",
    "urban_unit_employment_share",
    "sulphur_dioxide_per_gdp",
    "industrial_profit_per_firm",
    "built_up_area_per_head",
]
POPULATION = {2018: "registered", 2020: "resident", 2022: "registered"}
Values = dict[str, float]


def number(text: str | None) -> float | None:
    """The number in a cell, or None where it is blank or damaged."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if np.isfinite(value) else None


@cache
def printed(indicator: str, year: int, dims: str = "") -> Values:
    """City → value of a printed column, in the catalogue's unit; blanks are left out."""
    for column in yearbook.columns():
        if (column.indicator_id, column.year, column.dims) == (indicator, year, dims):
            unit = catalog().indicators[indicator].unit
            found = {city: number(yearbook.cell(year, city, column.column)) for city in yearbook.city_rows(year)}
            return {city: convert(value, column.unit, unit) for city, value in found.items() if value is not None}
    return {}


def divided(over: Values, under: Values, from_unit: str, to_unit: str) -> Values:
    """Quotients where both are known and the divisor is not zero."""
    both = over.keys() & under.keys()
    return {city: convert(over[city] / under[city], from_unit, to_unit) for city in sorted(both) if under[city]}


def ratio(indicator: str, year: int) -> Values:
    """City → value of a derived ratio; `population_resident` stands for the population that the edition prints."""
    entry = catalog().indicators[indicator]
    link = entry.adds_up_to.ratio if entry.adds_up_to else None
    if link is None:
        raise ValueError(indicator)
    units = catalog().indicators
    over, under = link
    parts = (
        printed(over, year),
        printed(f"population_{POPULATION[year]}" if under == "population_resident" else under, year),
    )
    return divided(*parts, f"{units[over].unit}/({units[under].unit})", entry.unit)


def special(year: int) -> Iterator[tuple[str, Values]]:
    """Ratios that one division does not give."""
    unemployed, units = printed("registered_unemployed", year), printed("employment_urban_units", year)
    private = printed("employment_urban_private", year)
    whole = {c: unemployed[c] + units[c] + private[c] for c in unemployed.keys() & units.keys() & private.keys()}
    yield "registered_unemployed_to_employed", divided(unemployed, whole, "person/(person)", "%")
    mining = printed("employment_by_sector", year, "sector=mining")
    yield "mining_employment_share", divided(mining, units, "person/(person)", "%")
    roads, people = printed("road_area", year), printed("population_urban_districts", year)
    yield "road_area_per_head", divided(roads, people, "m2/(person)", "m2/person")


@cache
def groups() -> dict[str, frozenset[str] | None]:
    """Group → names of its prefecture-level cities; None means every city of the yearbook."""
    path = yearbook.ROOT / "src" / "headframe" / "cities" / "registry.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["level"] == "prefecture"]
    resource = frozenset(row["name_zh"] for row in rows if row["lifecycle_2013"])
    exhausted = frozenset(row["name_zh"] for row in rows if row["exhausted_batch"])
    return {"all-prefecture-cities": None, "resource-based": resource, "resource-exhausted": exhausted}


def summary(indicator: str, values: Values) -> dict[str, dict[str, float | int]]:
    """Number of places and quantiles by group; values outside the plausible range are left out and counted."""
    low, high = catalog().indicators[indicator].range
    result: dict[str, dict[str, float | int]] = {}
    for group, members in groups().items():
        inside = [v for city, v in sorted(values.items()) if members is None or city in members]
        kept = [v for v in inside if (low is None or v >= low) and (high is None or v <= high)]
        if len(kept) >= FEWEST:
            found = {f"q{round(level * 100):02d}": significant(np.quantile(kept, level)) for level in LEVELS}
            result[group] = {"places": len(kept), "left_out": len(inside) - len(kept), **found}
    return result


def significant(value: np.floating) -> float:
    """Six significant digits, enough to tell places apart and stable across machines."""
    return float(f"{float(value):.6g}")


def tables() -> dict[str, dict[int, dict[str, dict[str, float | int]]]]:
    """Indicator → data year → group → statistics."""
    found: dict[str, dict[int, dict[str, dict[str, float | int]]]] = {}
    for year in yearbook.YEARS:
        pairs = [(i, printed(i, year)) for i in PRINTED] + [(i, ratio(i, year)) for i in RATIOS] + list(special(year))
        for indicator, values in pairs:
            statistics = summary(indicator, values)
            if statistics:
                found.setdefault(indicator, {})[year] = statistics
    return found


def persistence(indicators: Iterable[str]) -> list[tuple[str, int, int, float]]:
    """Indicator, first year, number of cities, and yearly persistence of ranks to the next edition two years later.

    The square root of the correlation of van der Waerden's normal scores Φ⁻¹(rank/(n + 1)) of the cities in both.
    """
    found = []
    for year, later in itertools.pairwise(yearbook.YEARS):
        for indicator in indicators:
            one, other = values_of(indicator, year), values_of(indicator, later)
            both = sorted(one.keys() & other.keys())
            if len(both) >= FEWEST:
                scores = [ndtri(rankdata([values[c] for c in both]) / (len(both) + 1)) for values in (one, other)]
                along = float(np.corrcoef(scores[0], scores[1])[0, 1])
                found.append((indicator, year, len(both), along ** (1 / (later - year))))
    return found


def values_of(indicator: str, year: int) -> Values:
    """City → value of an indicator, printed, a ratio, or special; empty where the edition does not give it."""
    if indicator in RATIOS:
        return ratio(indicator, year)
    return dict(special(year)).get(indicator) or printed(indicator, year)


def document() -> str:
    """The text of the file: the header of `bounds_head.yaml`, then one block per indicator."""
    lines = [(yearbook.HERE / "bounds_head.yaml").read_text(encoding="utf-8").rstrip(), "bounds:"]
    for indicator, years in tables().items():
        lines.append(f"  {indicator}:")
        lines.append(f"    unit: {yaml.safe_dump(catalog().indicators[indicator].unit).splitlines()[0]}")
        lines.append("    years:")
        for year, by_group in years.items():
            lines.append(f"      {year}:")
            for group, values in by_group.items():
                inner = ", ".join(f"{key}: {value:.10g}" for key, value in values.items())
                lines.append(f"        {group}: {{{inner}}}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(document(), encoding="utf-8", newline="\n")
    print(TARGET.name, len(tables()))
