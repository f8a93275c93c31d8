"""The definition of the meter as data: fields, indicators, directions, scales, weights and the reason for each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from headframe.catalog.load import FOLDER, catalog, read_yaml
from headframe.core.errors import Problems, did_you_mean
from headframe.evidence.folder import City
from headframe.evidence.place import read_toml
from headframe.measure.score import Array

WEIGHTS = "weights/meter.toml"
LEAST = "meter_least_coverage"


class Part(BaseModel):
    """A frozen part of the definition."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Item(Part):
    """One indicator of a field; `weight` is relative to the field's other indicators."""

    direction: Literal["up", "down"]
    scale: Literal["fixed", "year", "natural"]
    natural: tuple[float, float] | None = None
    weight: float = 1.0
    reason_en: str
    reason_zh: str


class Area(Part):
    """One of the four fields; `name` is a text id."""

    name: str
    weight: float
    indicators: Mapping[str, Item]


class PeerRule(Part):
    """How peers are found."""

    count: int
    fewest_shared: int
    reason_en: str
    reason_zh: str
    indicators: tuple[str, ...]


class Definition(Part):
    """The whole definition. Arrays are in the order of `indicators` and `fields`."""

    schema_version: Literal[1]
    marks: tuple[int, ...]
    field_coverage_needed: float = Field(ge=0, le=1)
    precision: float = Field(gt=0)
    reason_en: str
    reason_zh: str
    source: str
    locator: str
    fields: Mapping[str, Area]
    peers: PeerRule

    @property
    def coverage_needed(self) -> float:
        """The share of weight that must rest on evidence before a score is printed (threshold, 0 to 1)."""
        return catalog().thresholds[LEAST].value / 100.0

    @property
    def indicators(self) -> tuple[str, ...]:
        """The indicators of all fields in order."""
        return tuple(name for area in self.fields.values() for name in area.indicators)

    def item(self, indicator: str) -> Item:
        """The entry of one indicator."""
        return next(area.indicators[indicator] for area in self.fields.values() if indicator in area.indicators)

    def field_of(self, indicator: str) -> str:
        """The field that an indicator belongs to."""
        return next(name for name, area in self.fields.items() if indicator in area.indicators)

    @property
    def membership(self) -> Array:
        """Zeros and ones: fields × indicators."""
        rows = [[float(name in area.indicators) for name in self.indicators] for area in self.fields.values()]
        return np.array(rows)

    @property
    def direction(self) -> Array:
        """+1 where more is better, −1 where less is."""
        return np.array([1.0 if self.item(name).direction == "up" else -1.0 for name in self.indicators])

    @property
    def field_weights(self) -> Array:
        """Weights of the fields, adding up to 1."""
        weights = np.array([area.weight for area in self.fields.values()])
        return np.asarray(weights / weights.sum())

    @property
    def weights(self) -> Array:
        """Weights of the indicators, adding up to 1: the field's weight times the share within the field."""
        within = np.array([self.item(name).weight for name in self.indicators])
        totals = self.membership @ within
        return np.asarray(within * ((self.field_weights / totals) @ self.membership))


@cache
def definition() -> Definition:
    """The built-in definition, read once."""
    return Definition.model_validate(read_yaml(FOLDER / "meter.yaml"))


def definition_for(city: City) -> Definition:
    """The built-in definition with the weights of the city's own `weights/meter.toml`, where there is one.

    The file has the tables `[fields]` and `[indicators]`, name = weight. Errors, all at once: HF401 for a name that
    the meter does not have, HF402 for a weight that is no number above zero.
    """
    path = city.folder / WEIGHTS
    if not path.is_file():
        return definition()
    return with_weights(definition(), read_toml(path), str(path))


def with_weights(built_in: Definition, table: Mapping[str, Any], where: str) -> Definition:
    """The definition with other weights. Errors as `definition_for`."""
    problems = Problems()
    fields = _read(table, "fields", tuple(built_in.fields), where, problems)
    items = _read(table, "indicators", built_in.indicators, where, problems)
    for key in table.keys() - {"fields", "indicators"}:
        problems.add("HF401", f"{where}, [{key}]", name=key, suggestion="fields, indicators")
    problems.raise_if_any()
    areas = {
        name: area.model_copy(
            update={
                "weight": fields.get(name, area.weight),
                "indicators": {
                    key: item.model_copy(update={"weight": items.get(key, item.weight)})
                    for key, item in area.indicators.items()
                },
            }
        )
        for name, area in built_in.fields.items()
    }
    return built_in.model_copy(update={"fields": areas})


def _read(
    table: Mapping[str, Any], key: str, known: tuple[str, ...], where: str, problems: Problems
) -> dict[str, float]:
    entries = table.get(key, {})
    if not isinstance(entries, Mapping):
        problems.add("HF402", f"{where}, {key}", name=key, value=str(entries)[:40])
        return {}
    found: dict[str, float] = {}
    for name, value in entries.items():
        if name not in known:
            suggestion = did_you_mean(name, list(known)) or ", ".join(known)
            problems.add("HF401", f"{where}, [{key}], {name}", name=name, suggestion=suggestion)
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            problems.add("HF402", f"{where}, [{key}], {name}", name=name, value=str(value)[:40])
        else:
            found[name] = float(value)
    return found
