"""The medium model: an artificial region that lives from ore, about as large as engines meet in practice.

It is a test, not a study: its structure uses everything that the engine offers, and its numbers are made up.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from headframe.engine import Horizon, Model

BLOCKS = (
    "resource",
    "production",
    "capital",
    "labour",
    "population",
    "households",
    "land",
    "innovation",
    "budget",
)
HORIZON = Horizon(start=2000.0, years=20.0, steps_per_year=8, record_every=8)


@cache
def medium() -> Model:
    """The model, made once."""
    modules = [import_module(f"tests.engine.models.medium.{block}") for block in BLOCKS]
    return Model.of(*modules, name="medium", prices="real:2020")
