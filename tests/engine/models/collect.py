"""The models of this folder, made once for a whole test run."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from headframe.engine import Model

TEXTBOOK = (
    "decay",
    "logistic",
    "epidemic",
    "predators",
    "lags",
    "lookup",
    "oscillator",
    "hazards",
    "cohorts",
    "inventory",
    "works",
    "loops",
)


@cache
def textbook(name: str) -> Model:
    """The model of one module."""
    return Model.of(import_module(f"tests.engine.models.{name}"))
