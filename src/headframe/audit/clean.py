"""Clean panels: figures that were really measured, made by known processes, so that every finding in them is false.

Sizes of places differ by orders of magnitude, years share shocks, levels are rounded at several steps, and accounts
add up as far as rounding lets them. `KINDS` names the processes that drive growth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from headframe.audit.grid import Column, Floats, Grid, grid_from
from headframe.core.seeds import generator

KINDS = ("smooth", "logistic", "growth", "unit-root", "heavy-tails", "calm-and-wild", "settling")
FIRST_YEAR = 1990
PROVINCES = 6


@dataclass(frozen=True)
class Series:
    """How one column is made: typical size in canonical units, spread of sizes, noise, drift, rounding step."""

    size: float
    spread: float
    noise: tuple[float, ...]
    drift: float
    step: tuple[float, ...]


# Sizes, noises and steps of the order in which yearbooks print such figures; only their variety matters.
COLUMNS: Mapping[str, Series] = {
    "population_registered": Series(3e6, 0.6, (0.002, 0.005, 0.01), 0.005, (100.0, 1e4)),
    "hospital_beds": Series(5e3, 0.6, (0.02, 0.05), 0.03, (1.0, 10.0)),
    "foreign_direct_investment": Series(1e8, 1.5, (0.2, 0.4), 0.08, (1e4,)),
    "sulphur_dioxide_emissions": Series(4e4, 1.0, (0.05, 0.15), -0.02, (1.0, 100.0)),
    "employment_urban_units": Series(3e5, 0.7, (0.02, 0.05), 0.01, (1.0, 100.0)),
}
# Amounts made as a ratio to product: typical ratio, spread, noise, drift, the most that the ratio can be, step.
RATIOS: Mapping[str, tuple[float, float, float, float, float, float]] = {
    "fixed_asset_investment": (0.4, 0.3, 0.06, 0.01, 1.5, 1e4),
    "retail_sales": (0.35, 0.2, 0.03, 0.0, 1.0, 1e6),
    "general_budget_revenue": (0.07, 0.3, 0.08, 0.01, 0.5, 1e4),
}
SECTORS = ("primary_value_added", "secondary_value_added", "tertiary_value_added")


def clean(kind: str, seed: int, *, places: int = 60, years: int = 30) -> Grid:
    """A clean panel of one kind with heterogeneous places, amounts, three sectors' accounts and their shares."""
    rng = generator(seed, "clean", kind, str(places), str(years))
    tables: dict[str, Floats] = {}
    size = rng.standard_normal(places)  # large places have more of everything
    for name, made in COLUMNS.items():
        tables[name] = _amount(rng, kind, made, size, years)
    _accounts(rng, kind, tables, places, years)
    return grid_of_tables(tables)


def _amount(rng: np.random.Generator, kind: str, made: Series, common: Floats, years: int) -> Floats:
    """Amounts of one column (place, year), rounded; most of their size is shared with other columns."""
    places = len(common)
    size = made.size * np.exp(made.spread * (0.9 * common + 0.45 * rng.standard_normal(places)))
    log = np.log(size)[:, None] + _path(rng, kind, float(rng.choice(made.noise)), made.drift, places, years)
    return _rounded(np.exp(log), float(rng.choice(made.step)))


def _path(
    rng: np.random.Generator, kind: str, noise: float, drift: float, places: int, years: int, common: float = 0.5
) -> Floats:
    """Logarithms of relative levels: the process of one kind plus shocks of the years that all places share."""
    time = np.arange(years)
    slope = drift + 0.3 * abs(drift) * rng.standard_normal((places, 1))
    shared = np.cumsum(common * noise * rng.standard_normal((1, years)), axis=1)
    own = noise * np.exp(0.5 * rng.standard_normal((places, 1)))
    shocks = rng.standard_normal((places, years))
    if kind == "smooth":
        return np.asarray(slope * time + own * shocks + shared)
    if kind == "logistic":
        middle, width = rng.uniform(5, years - 5, (places, 1)), rng.uniform(3, 8, (places, 1))
        rise = np.log(0.3 + 1.0 / (1.0 + np.exp(-(time - middle) / width)))
        return np.asarray(rise + own * shocks + shared)
    return np.asarray(np.cumsum(slope + own * _growth_shocks(rng, kind, shocks), axis=1) + shared)


def _growth_shocks(rng: np.random.Generator, kind: str, shocks: Floats) -> Floats:
    """Shocks to growth of the kinds whose levels have a unit root: independent, persistent, heavy-tailed, of changing
    size, or settling down to a fifth of their size.
    """
    places, years = shocks.shape
    if kind == "growth":
        growth, keep = np.zeros((places, years)), float(rng.choice((0.3, 0.6, 0.85)))
        for year in range(1, years):
            growth[:, year] = keep * growth[:, year - 1] + (1.0 - keep) * shocks[:, year]
        return growth
    if kind == "heavy-tails":
        return np.asarray(rng.standard_t(3, (places, years)) / np.sqrt(3.0))
    if kind == "settling":
        return np.asarray(np.geomspace(1.0, 0.2, years)[None, :] * shocks)
    if kind == "calm-and-wild":
        calm = np.exp(np.cumsum(0.2 * rng.standard_normal((places, years)), axis=1))
        return np.asarray(np.clip(calm, 0.3, 3.0) * shocks)
    return shocks


def _rounded(values: Floats, step: float) -> Floats:
    """Values rounded to a step; what would be rounded to nothing is missing, as it is in yearbooks."""
    found = np.rint(values / step) * step
    return np.where(found > 0, found, np.nan)


def _accounts(rng: np.random.Generator, kind: str, tables: dict[str, Floats], places: int, years: int) -> None:
    """Value added of three sectors, their sum, their shares, product per head, and amounts in ratio to product."""
    per_head = 6e3 * np.exp(0.4 * rng.standard_normal((places, 1)) + _path(rng, kind, 0.03, 0.07, places, years))
    people = tables["population_registered"]
    total = np.where(np.isfinite(people), people, np.nan) * per_head
    split = np.stack([_path(rng, kind, 0.04, drift, places, years, 0.2) for drift in (-0.03, 0.0, 0.01)])
    weight = np.exp(
        split + np.log(np.array([0.15, 0.5, 0.35]))[:, None, None] + 0.3 * rng.standard_normal((3, places, 1))
    )
    share = weight / weight.sum(axis=0)
    step = float(rng.choice((1e4, 1e6)))
    for sector, part in zip(SECTORS, share, strict=True):
        tables[sector] = _rounded(total * part, step)
    tables["gdp"] = np.sum([tables[sector] for sector in SECTORS], axis=0)
    digits = int(rng.choice((1, 2)))
    for name, sector in zip(("primary_share", "secondary_share", "tertiary_share"), SECTORS, strict=True):
        tables[name] = np.round(100.0 * tables[sector] / tables["gdp"], digits)
    mean = np.concatenate([people[:, :1], 0.5 * (people[:, 1:] + people[:, :-1])], axis=1)
    tables["gdp_per_head"] = _rounded(tables["gdp"] / mean, 1.0)
    for name, (middle, spread, noise, drift, most, least) in RATIOS.items():
        ratio = middle * np.exp(
            spread * rng.standard_normal((places, 1)) + _path(rng, kind, noise, drift, places, years)
        )
        tables[name] = _rounded(tables["gdp"] * np.minimum(ratio, most), least)
    growth = np.full((places, years), np.nan)
    growth[:, 1:] = 100.0 * np.diff(np.log(tables["gdp"]), axis=1) - 3.0 + rng.standard_normal((1, years - 1))
    tables["gdp_growth_real"] = np.round(growth, 1)


def grid_of_tables(tables: Mapping[str, Floats], first_year: int = FIRST_YEAR) -> Grid:
    """A grid from arrays (place, year) by indicator; places are spread over six made-up provinces."""
    places = tuple(f"p{number:03}" for number in range(len(next(iter(tables.values())))))
    parts = []
    for indicator, table in tables.items():
        place, year = np.nonzero(np.isfinite(table))
        parts.append(
            pl.DataFrame(
                {
                    "place": [places[n] for n in place.tolist()],
                    "indicator": [indicator] * len(place),
                    "year": (year + first_year).astype(np.int32),
                    "value": table[place, year],
                }
            )
        )
    empty = ("dims", "concept", "price_basis", "unit", "status", "method", "source", "vintage", "replaces", "locator")
    rows = pl.concat(parts).select(
        "place",
        "indicator",
        *(pl.lit("").alias(name) for name in empty[:3]),
        "year",
        "value",
        *(pl.lit(None, dtype=pl.Float64).alias(name) for name in ("low", "high")),
        pl.col("value").alias("printed"),
        pl.lit("=").alias("qualifier"),
        *(pl.lit("").alias(name) for name in empty[3:]),
        pl.format("{}/{}/{}", "place", "indicator", "year").alias("ref"),
        *(pl.lit(None, dtype=pl.Int32).alias(name) for name in ("first", "last")),
    )
    groups = {name: f"province-{number % PROVINCES}" for number, name in enumerate(places)}
    return grid_from(rows, rows, groups)


def changed(grid: Grid, values: Floats) -> Grid:
    """A clean grid with other values."""
    tables = {head.indicator: values[:, number] for number, head in enumerate(grid.columns)}
    return grid_of_tables(tables, grid.periods[0])


def named(grid: Grid, indicator: str) -> int:
    """The number of the column of an indicator without dimensions and concept."""
    return grid.columns.index(Column(indicator))
