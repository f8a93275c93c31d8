"""The figures under audit as arrays: places × columns × years, with a reference behind every cell.

A column is what may be compared along time and across places: one indicator under one set of dimensions, one concept
and one price basis (law 6: nothing of different concept stands in one column).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headframe.catalog.load import catalog
from headframe.catalog.schema import Indicator
from headframe.evidence.collection import Collection
from headframe.evidence.folder import City
from headframe.evidence.panel import Panel
from headframe.evidence.place import Place
from headframe.evidence.reconcile import chosen
from headframe.evidence.tables import Evidence

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

KEY = ("indicator", "dims", "concept", "price_basis")
EARLIEST, LATEST = 1500, 2500  # years that can stand in a series
ROWS = pl.Schema(
    {
        "place": pl.String,
        "indicator": pl.String,
        "dims": pl.String,
        "concept": pl.String,
        "price_basis": pl.String,
        "year": pl.Int32,
        "value": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "printed": pl.Float64,
        "qualifier": pl.String,
        "unit": pl.String,
        "status": pl.String,
        "method": pl.String,
        "source": pl.String,
        "vintage": pl.String,
        "replaces": pl.String,
        "locator": pl.String,
        "ref": pl.String,
        "first": pl.Int32,
        "last": pl.Int32,
    }
)


@dataclass(frozen=True, order=True)
class Column:
    """One indicator under one set of dimensions, one concept and one price basis."""

    indicator: str
    dims: str = ""
    concept: str = ""
    price_basis: str = ""


@dataclass(frozen=True)
class Grid:
    """Values (place, column, year), NaN where missing, in the indicators' canonical units.

    `printed` holds the same values in the unit in which they were printed (equal to `values` where that is not known):
    rounding leaves its traces there. `refs` holds the observation behind a cell. `groups` names the province of each
    place (empty: not known), `countries` the country where it is known. `rows` is the long table of every candidate, of
    all vintages and sources; `first` and `last` in it are the years of a span.
    """

    places: tuple[str, ...]
    columns: tuple[Column, ...]
    periods: tuple[int, ...]
    values: Floats
    printed: Floats
    refs: Texts
    groups: tuple[str, ...]
    rows: pl.DataFrame = field(repr=False)
    countries: Mapping[str, str] = field(default_factory=dict, repr=False)
    entries: Mapping[str, Indicator] = field(default_factory=lambda: catalog().indicators, repr=False)

    @property
    def years(self) -> NDArray[np.int64]:
        """The years as an array."""
        return np.asarray(self.periods, dtype=np.int64)

    def column(self, number: int) -> Floats:
        """The values (place, year) of one column."""
        return np.asarray(self.values[:, number, :])

    def relative(self, number: int) -> bool:
        """Whether a column varies in proportion to its level: everything but percentages and columns that cross zero.

        An amount of people or money of a large place moves by more than that of a small one; a share does not. A stray
        zero (a twentieth of the figures at most) does not make a column one that crosses zero.
        """
        entry = self.entries.get(self.columns[number].indicator)
        values = self.column(number)
        bounded = entry is not None and entry.unit in {"%", "pp", "‰"}
        known = values[np.isfinite(values)]
        return not bounded and bool((known <= 0).mean() < 0.05 if known.size else True)

    def where(self, indicator: str) -> tuple[int, ...]:
        """The numbers of the columns of one indicator, without dimensions."""
        return tuple(n for n, item in enumerate(self.columns) if item.indicator == indicator and not item.dims)

    def ref(self, place: int, column: int, period: int) -> str:
        """The reference behind a cell, empty where there is none."""
        return str(self.refs[place, column, period] or "")


def rows_of(evidence: Evidence) -> pl.DataFrame:
    """The active observations of a folder in the columns of `ROWS`."""
    table = evidence.observations.filter("active")
    several = pl.col("period_start").is_not_null() & pl.col("period_end").is_not_null() & pl.col("year").is_null()
    return table.select(
        pl.col("place_id").alias("place"),
        pl.col("indicator_id").alias("indicator"),
        *(pl.col(name).fill_null("") for name in ("dims", "concept", "price_basis")),
        pl.col("year").cast(pl.Int32),
        pl.col("amount").alias("value"),
        pl.col("amount_low").alias("low"),
        pl.col("amount_high").alias("high"),
        pl.col("value").alias("printed"),
        *(pl.col(name).fill_null("") for name in ("qualifier", "unit", "status", "method")),
        pl.col("source_id").alias("source"),
        *(pl.col(name).fill_null("") for name in ("vintage", "replaces", "locator")),
        "ref",
        pl.when(several).then(pl.col("period_start").dt.year()).alias("first"),
        pl.when(several).then(pl.col("period_end").dt.year()).alias("last"),
    ).cast(ROWS)


def rows_of_panel(panel: Panel) -> pl.DataFrame:
    """A panel's table in the columns of `ROWS`; what it does not carry is empty."""
    names = panel.table.columns

    def text(name: str) -> pl.Expr:
        return (pl.col(name).fill_null("") if name in names else pl.lit("")).cast(pl.String)

    def number(name: str) -> pl.Expr:
        return (pl.col(name) if name in names else pl.lit(None)).cast(pl.Float64)

    own = pl.format("{}/{}/{}", "place", "indicator", "period")
    return panel.table.select(
        "place",
        "indicator",
        text("dims").alias("dims"),
        text("concept").alias("concept"),
        pl.lit("").alias("price_basis"),
        pl.col("period").cast(pl.Int32).alias("year"),
        number("value").alias("value"),
        number("low").alias("low"),
        number("high").alias("high"),
        number("value").alias("printed"),
        pl.lit("=").alias("qualifier"),
        pl.lit("").alias("unit"),
        text("status").alias("status"),
        text("method").alias("method"),
        pl.lit("").alias("source"),
        text("vintage").alias("vintage"),
        pl.lit("").alias("replaces"),
        pl.lit("").alias("locator"),
        (pl.col("ref").fill_null(own) if "ref" in names else own).alias("ref"),
        pl.lit(None).alias("first"),
        pl.lit(None).alias("last"),
    ).cast(ROWS)


def grid_of_panel(panel: Panel, groups: Mapping[str, str] | None = None) -> Grid:
    """The grid of a panel; of several vintages of one cell the latest stands in the arrays, all stay in `rows`."""
    rows = rows_of_panel(panel)
    # Of one vintage the largest figure stands: not the last row, so that the order of rows takes no part.
    latest = rows.sort("vintage", "value").unique(["place", *KEY, "year"], keep="last", maintain_order=True)
    return grid_from(latest, rows, groups or {})


def grid_of_evidence(folders: Sequence[Evidence]) -> Grid:
    """The grid of folders: for every column the figures that reconciliation chooses among those of its concept.

    The doubts that earlier audits cast take no part in the choice.
    """
    rows = pl.concat([pl.DataFrame(schema=ROWS), *map(rows_of, folders)])
    refs = [ref for evidence in folders for ref in _chosen_refs(evidence)]
    places = {place.id: place for evidence in folders for place in places_of(evidence)}
    grid = grid_from(
        rows.filter(pl.col("ref").is_in(refs)), rows, {name: place.parent for name, place in places.items()}
    )
    return replace(grid, countries={name: place.country for name, place in places.items()})


def places_of(evidence: Evidence) -> tuple[Place, ...]:
    """The places that a folder is about."""
    if isinstance(evidence, Collection):
        return tuple(evidence.places.values())
    return (evidence.place,) if isinstance(evidence, City) else ()


def _chosen_refs(evidence: Evidence) -> list[str]:
    dated = evidence.observations.filter("active", pl.col("year").is_not_null(), pl.col("amount").is_not_null())
    # Reconciliation chooses within one place; with the place in the indicator it does so for all of them at once.
    parts = dated.with_columns(
        pl.col("concept", "price_basis").fill_null(""), (pl.col("place_id") + "/" + pl.col("indicator_id"))
        .alias("indicator_id"),
    ).partition_by("concept", "price_basis", maintain_order=True)  # fmt: skip
    order = tuple(evidence.catalogue.concepts)
    return [ref for part in parts for ref in chosen(part, evidence.sources, order).get_column("ref").to_list()]


def grid_from(cells: pl.DataFrame, rows: pl.DataFrame, groups: Mapping[str, str]) -> Grid:
    """The grid whose cells are the rows of one table; `rows` are all candidates.

    Rows without a year, or with one that no statistics are of, have no cell: a mistyped 20150 would make an array of
    eighteen thousand years.
    """
    rows = rows.sort("place", *KEY, "year", "source", "vintage", "ref", "value")
    dated = cells.filter(
        pl.col("year").is_between(EARLIEST, LATEST), pl.col("value").is_not_null(), pl.col("value").is_finite()
    )
    places = tuple(sorted(dated.get_column("place").unique().to_list()))
    columns = tuple(sorted(Column(*row) for row in dated.select(KEY).unique().iter_rows()))
    years = dated.get_column("year").unique().to_list()
    periods = tuple(range(min(years), max(years) + 1)) if years else ()
    shape = (len(places), len(columns), len(periods))
    order = pl.DataFrame([vars(column) for column in columns], schema=dict.fromkeys(KEY, pl.String)).with_row_index(
        "at"
    )
    named = dated.select(*KEY).join(order, on=list(KEY), how="left", maintain_order="left")
    at = (
        np.searchsorted(np.asarray(places, dtype=object), dated.get_column("place").to_numpy()),
        named.get_column("at").to_numpy().astype(np.int64),
        dated.get_column("year").to_numpy().astype(np.int64) - (periods[0] if periods else 0),
    )
    values, printed = np.full(shape, np.nan), np.full(shape, np.nan)
    refs: Texts = np.full(shape, None, dtype=object)
    values[at] = dated.get_column("value").to_numpy()
    printed[at] = dated.get_column("printed").to_numpy()
    refs[at] = dated.get_column("ref").to_numpy()
    _one_unit(dated, at, values, printed)
    return Grid(places, columns, periods, values, printed, refs, tuple(groups.get(name, "") for name in places), rows)


def _one_unit(dated: pl.DataFrame, at: tuple[NDArray[np.int64], ...], values: Floats, printed: Floats) -> None:
    """Where a series was printed in several units, its canonical values stand for the printed ones."""
    place, column, _ = at
    series = pl.DataFrame({"place": place, "column": column, "unit": dated.get_column("unit")})
    mixed = series.group_by("place", "column").agg(pl.col("unit").n_unique()).filter(pl.col("unit") > 1)
    for p, c in mixed.select("place", "column").iter_rows():
        printed[p, c] = values[p, c]
