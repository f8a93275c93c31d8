"""A small city folder to damage, and a builder of observation rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from headframe.evidence.change import csv_text
from headframe.evidence.create import create
from headframe.evidence.schema import OBSERVATION_COLUMNS

PLAIN = {
    "place_id": "testville",
    "indicator_id": "gdp",
    "period_start": "2020-01-01",
    "period_end": "2020-12-31",
    "freq": "A",
    "qualifier": "=",
    "value": "500",
    "unit": "亿元",
    "price_basis": "nominal",
    "concept": "whole-city",
    "status": "A",
    "method": "reported",
    "vintage": "2021",
    "source_id": "lin-lyu-2025",
}


def row(number: int, **changes: str) -> dict[str, str]:
    """One sound observation, with changes."""
    return {"obs_id": f"testville-{number:04}", **PLAIN, **changes}


def write_rows(folder: Path, rows: list[dict[str, str]], name: str = "observations.csv") -> None:
    """Write the table of observations."""
    (folder / "evidence" / name).write_text(csv_text(OBSERVATION_COLUMNS, rows), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A new city folder with three years of product."""
    path = tmp_path / "testville"
    create(path, name_en="Testville", name_zh="试城", level="city", country="CHN", resource_type="coal")
    years = [row(n, period_start=str(2017 + n), period_end=str(2017 + n), value=str(400 + n)) for n in (1, 2, 3)]
    write_rows(path, years)
    return path
