"""Synthetic cities and the pieces that diagnoses are tested with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from headframe.core.results import Message
from headframe.diagnose.criteria import specification
from headframe.diagnose.diagnose import diagnose
from headframe.diagnose.gather import Scene
from headframe.diagnose.judge import Draws, challenge
from headframe.diagnose.results import Challenge, DiagnoseResult
from headframe.evidence.change import csv_text
from headframe.evidence.folder import City, load_city, open_city
from headframe.evidence.schema import FINDING_COLUMNS
from headframe.measure.known import surroundings
from headframe.measure.measure import measure
from tests.measure.conftest import Row, event, obs, write

YEARBOOK = "cn-city-statistical-yearbook-2021"
AS_OF = 2023  # the year after the figures that most tests are about
FEW = Draws(count=400, seed=7, level=0.9)
__all__ = ["FEW", "YEARBOOK", "City", "Row", "event", "fact", "finding", "judged", "messages", "obs", "scene_of"]

Make = Callable[..., City]


def fact(indicator: str, value: float | str, year: int | str = 2022, **changes: str) -> Row:
    """An observation from a reliable yearbook, published the year after."""
    return obs(indicator, value, year, **{"source_id": YEARBOOK, "vintage": "2023", **changes})


def finding(identifier: str, kind: str, obs_ids: str, **changes: str) -> Row:
    """One audit finding."""
    return {
        "finding_id": identifier,
        "kind": kind,
        "obs_ids": obs_ids,
        "decidable": "no",
        "severity": "high",
        **changes,
    }


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes a city from rows, in a country that has no built-in folder unless another is asked for."""

    def made(rows: Sequence[Row], name: str = "testville", findings: Sequence[Row] = (), **place: Any) -> City:
        folder = tmp_path / name
        city = write(folder, rows, **{"country": "XYZ", **place})
        if findings:
            (folder / "audit").mkdir(exist_ok=True)
            listed = [{"place_id": city.place.id, **row} for row in findings]
            (folder / "audit/findings.csv").write_text(csv_text(FINDING_COLUMNS, listed), encoding="utf-8")
            city = load_city(folder)
        return city

    return made


def scene_of(city: City, as_of: int | None = None) -> Scene:
    """The scene of a city without measures, counted to 2023 unless another year is asked for."""
    return Scene(surroundings(city), None, AS_OF if as_of is None else as_of, specification().assumptions)


def judged(city: City, identifier: str, as_of: int | None = None, draws: Draws = FEW) -> Challenge:
    """One challenge of a city."""
    return challenge(scene_of(city, as_of), identifier, specification().challenges[identifier], draws)


@cache
def diagnosed(name: str) -> DiagnoseResult:
    """The diagnosis of a built-in place, with its measures."""
    city = open_city(name)
    return diagnose(city, measure(city, draws=100), draws=400)


def messages(item: object) -> Iterator[Message]:
    """Every message anywhere inside a result."""
    if isinstance(item, Message):
        yield item
        return
    if isinstance(item, BaseModel):
        for name in type(item).model_fields:
            yield from messages(getattr(item, name))
    elif isinstance(item, Mapping):
        for value in item.values():
            yield from messages(value)
    elif isinstance(item, list | tuple):
        for value in item:
            yield from messages(value)
