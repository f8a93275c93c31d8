"""Collections made of arrays: canonical observations of many places without files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from headframe.catalog.load import catalog
from headframe.core.provenance import Source
from headframe.core.units import is_money
from headframe.evidence.doubt import Doubt
from headframe.evidence.folder import City
from headframe.evidence.place import Place
from headframe.measure.bounds import LEVELS, bounds
from headframe.measure.definition import definition
from headframe.measure.score import Array

SOURCE = "cn-city-statistical-yearbook-2021"
EVENTS = {"place_id": pl.String, "kind": pl.String}


@dataclass(frozen=True)
class Made:
    """A collection in memory."""

    places: Mapping[str, Place]
    observations: pl.DataFrame
    doubts: Mapping[str, Doubt] = field(default_factory=dict)
    id: str = "made"
    name_en: str = "Made places"
    name_zh: str = "试验集合"
    folder: Path = Path("nowhere")
    events: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=EVENTS))
    inputs_hash: str = "0"

    @property
    def sources(self) -> Mapping[str, Source]:
        """The sources of the catalogue."""
        return catalog().sources

    def city(self, place_id: str) -> City:
        """No place of it is ever opened: it has no evidence on reserves."""
        raise KeyError(place_id)


def places(count: int, **changes: str) -> dict[str, Place]:
    """Places p000, p001 …"""
    told = {"level": "prefecture_city", "country": "CHN", **changes}
    names = [f"p{number:03}" for number in range(count)]
    return {name: Place(id=name, name_en=name.upper(), name_zh=f"试{name}", **told) for name in names}


def row(place: str, indicator: str, year: int, value: float | None, **changes: object) -> dict[str, object]:
    """One canonical observation in the indicator's own unit."""
    nominal = "nominal" if is_money(catalog().indicators[indicator].unit) else ""
    return {
        "place_id": place,
        "indicator_id": indicator,
        "period_start": f"{year}-01-01",
        "period_end": f"{year}-12-31",
        "period_text": str(year),
        "dims": "",
        "qualifier": "=",
        "price_basis": nominal,
        "concept": "whole-city",
        "status": "A",
        "method": "reported",
        "vintage": "2023",
        "source_id": SOURCE,
        "locator": "p. 1",
        "replaces": "",
        "amount": value,
        "amount_low": None,
        "amount_high": None,
        "active": True,
        **changes,
    }


def frame(rows: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    """Rows as a canonical frame, numbered."""
    numbers = dict.fromkeys(("amount", "amount_low", "amount_high"), pl.Float64)
    table = pl.DataFrame(list(rows), schema_overrides=numbers, infer_schema_length=None)
    dates = [pl.col(name).str.to_date("%Y-%m-%d") for name in ("period_start", "period_end")]
    named = pl.format("o{}", pl.int_range(pl.len()))
    return table.with_columns(*dates, named.alias("obs_id")).with_columns(
        (pl.col("place_id") + "/" + pl.col("obs_id")).alias("ref")
    )


def scaled() -> dict[int, tuple[str, ...]]:
    """The indicators of the meter that each year of the bounds has a scale for, besides those between limits."""
    rule = definition()
    years = sorted({year for name in rule.indicators for year in bounds().years(name)})
    return {year: tuple(name for name in rule.indicators if year in bounds().years(name)) for year in years}


def at_level(indicator: str, year: int, level: Array | float) -> Array:
    """Values at levels (0 to 1) of the spread of all cities."""
    knots = bounds().knots(indicator, year)
    assert knots is not None
    return np.asarray(np.interp(level, LEVELS, knots))
