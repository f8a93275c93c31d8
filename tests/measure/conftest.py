"""Synthetic cities: folders with just the evidence that a test is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from headframe.catalog.load import catalog
from headframe.core.units import is_money
from headframe.evidence.change import csv_text
from headframe.evidence.create import create
from headframe.evidence.folder import City, load_city
from headframe.evidence.schema import EVENT_COLUMNS, OBSERVATION_COLUMNS
from headframe.measure.known import Known, Surroundings
from headframe.measure.plain import Scene

Row = dict[str, str]
SOURCE = "lin-lyu-2025"


def obs(indicator: str, value: float | str, year: int | str = 2020, **changes: str) -> Row:
    """One observation in the indicator's own unit; a year given as text is printed as it is and left undated."""
    unit = changes.get("unit", catalog().indicators[indicator].unit)
    dated = isinstance(year, int)
    row = {
        "indicator_id": indicator,
        "period_start": f"{year}-01-01" if dated else "",
        "period_end": f"{year}-12-31" if dated else "",
        "period_text": str(year),
        "freq": "A" if dated else "N",
        "qualifier": "=",
        "value": str(value),
        "unit": unit,
        "price_basis": "nominal" if is_money(unit) else "",
        "concept": "whole-city",
        "status": "A",
        "method": "reported",
        "vintage": "2021",
        "source_id": SOURCE,
        "locator": "p. 1",
    }
    return {**row, **changes}


def event(kind: str, date: str) -> Row:
    """One dated event."""
    return {"date_start": date, "date_end": date, "date_text": date, "kind": kind, "source_id": SOURCE}


def write(
    folder: Path,
    rows: Sequence[Row],
    *,
    resource: str = "coal",
    country: str = "CHN",
    level: str = "prefecture_city",
    parent: str = "",
    events: Sequence[Row] = (),
) -> City:
    """Write a city folder and open it; an existing folder's evidence is replaced."""
    slug = folder.name
    if not (folder / "city.toml").exists():
        create(
            folder, name_en=slug, name_zh="试城", level=level, country=country, resource_type=resource, parent=parent
        )
    numbered = [{"obs_id": f"{slug}-{n:04}", "place_id": slug, **row} for n, row in enumerate(rows, start=1)]
    (folder / "evidence/observations.csv").write_text(csv_text(OBSERVATION_COLUMNS, numbered), encoding="utf-8")
    listed = [{"event_id": f"{slug}-e{n:02}", "place_id": slug, **row} for n, row in enumerate(events, start=1)]
    (folder / "events.csv").write_text(csv_text(EVENT_COLUMNS, listed), encoding="utf-8")
    return load_city(folder)


@pytest.fixture
def city(tmp_path: Path) -> Callable[..., City]:
    """Makes a city from rows: `city([obs(...)], name="one", resource="oil")`."""

    def make(rows: Sequence[Row], name: str = "testville", **place: object) -> City:
        return write(tmp_path / name, rows, **place)  # type: ignore[arg-type]

    return make


def known(place: City) -> Known:
    """What is known of a city."""
    return Known(place)


def alone(place: City, *others: City, province: City | None = None, nation: City | None = None) -> Surroundings:
    """A place with exactly these surroundings and no built-in place."""
    return Surroundings(
        Known(place),
        Known(province) if province else None,
        Known(nation) if nation else None,
        tuple(Known(item) for item in others),
    )


def scene(place: City, *others: City, province: City | None = None, nation: City | None = None) -> Scene:
    """A scene in which the others are the peers."""
    around = alone(place, *others, province=province, nation=nation)
    return Scene(around, around.others)
