"""A small ensemble of a real model, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from headframe.core import files
from headframe.engine.batch.backend import Batch
from headframe.engine.ensembles.design import Experiment, Setting
from headframe.engine.ensembles.statistics import Plan, Threshold
from headframe.engine.model import Model
from headframe.engine.runs import Horizon
from tests.engine.models import logistic

MODEL = Model.of(logistic)
YEARS = Horizon(years=6.0, steps_per_year=4, record_every=8)
PLAN = Plan(
    quantiles=(0.1, 0.5), bins=8, thresholds=(Threshold("people", 400.0), Threshold("people", 30.0, above=False))
)


def town(draws: int = 200, **changed: Any) -> Experiment:
    """A small ensemble of a real model, with two policies."""
    policies = (Setting("base"), Setting("small", parameters={"capacity": 120.0}))
    about: dict[str, Any] = {"policies": policies, "block": 32, "seed": 0, "statistics": PLAN, "trajectories": 100}
    return Experiment.of(MODEL, YEARS, ("people", "room_left"), draws, **(about | changed))


def batch(of: Experiment) -> Batch:
    return Batch(of.system, of.horizon, of.outcomes, block=16)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder but the lock, by its path."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != files.LOCK)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
