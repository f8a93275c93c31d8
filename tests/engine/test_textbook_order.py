"""Euler's and the Runge–Kutta method converge with the order that they declare, on models with known answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from headframe.core.errors import HeadframeError
from headframe.engine import Horizon, Runs
from headframe.engine.checking.checks import order, random_runs
from headframe.engine.checking.order import DECLARED, ClosedForm
from tests.engine.models.collect import textbook

RUNS = 24
Answers = Mapping[str, np.ndarray]


def _given(name: str, runs: Runs) -> dict[str, np.ndarray]:
    """The parameters of runs by name, as columns that stand beside times."""
    slots = textbook(name).system.parameters
    return {one: runs.parameters[:, slots.slice(one)] for one in slots.names}


def decay(runs: Runs, t: np.ndarray) -> Answers:
    p = _given("decay", runs)
    first, second, begun = p["parent_decay_rate"], p["daughter_decay_rate"], p["parent_at_start"]
    parent, later = begun * np.exp(-first * t), begun * np.exp(-second * t)
    daughter = first / (second - first) * (parent - later)
    return {"parent": parent, "daughter": daughter, "stable": begun - parent - daughter}


def logistic(runs: Runs, t: np.ndarray) -> Answers:
    p = _given("logistic", runs)
    capacity, begun = p["capacity"], p["people_at_start"]
    return {"people": capacity / (1.0 + (capacity / begun - 1.0) * np.exp(-p["growth_rate"] * t))}


def oscillator(runs: Runs, t: np.ndarray) -> Answers:
    p = _given("oscillator", runs)
    w, x, v = p["angular_frequency"], p["position_at_start"], p["velocity_at_start"]
    return {
        "position": x * np.cos(w * t) + v / w * np.sin(w * t),
        "velocity": v * np.cos(w * t) - x * w * np.sin(w * t),
    }


CLOSED: dict[str, ClosedForm] = {"decay": decay, "logistic": logistic, "oscillator": oscillator}
WITHOUT = {
    "epidemic": ("susceptible", "infectious", "recovered"),
    "predators": ("prey", "predators"),
    "inventory": ("inventory", "workers"),
    "lags": ("smoothed_thrice", "arriving_late", "arrived", "smoothed_from_signal"),
    "loops": ("people",),
}


def _runs(name: str) -> Callable[[Horizon], Runs]:
    return lambda horizon: random_runs(textbook(name), horizon, RUNS, 7)


def _horizon(integrator: str) -> Horizon:
    return Horizon(0.0, 4.0, 4 if integrator == "rk4" else 32, 4 if integrator == "rk4" else 32, integrator)


@pytest.mark.parametrize("integrator", list(DECLARED))
@pytest.mark.parametrize("name", list(CLOSED))
def test_errors_fall_with_the_declared_order(name: str, integrator: str) -> None:
    horizon = _horizon(integrator)
    outcomes = tuple(CLOSED[name](_runs(name)(horizon), horizon.recorded_times))
    found = order(textbook(name).system, horizon, outcomes, _runs(name), closed_form=CLOSED[name])
    assert found.figures["decided"] == RUNS
    assert found.figures["median"] == pytest.approx(DECLARED[integrator], abs=0.15)


@pytest.mark.parametrize("integrator", list(DECLARED))
@pytest.mark.parametrize("name", list(WITHOUT))
def test_differences_fall_with_the_declared_order(name: str, integrator: str) -> None:
    found = order(textbook(name).system, _horizon(integrator), WITHOUT[name], _runs(name))
    assert found.figures["decided"] > RUNS // 2
    assert found.figures["median"] == pytest.approx(DECLARED[integrator], abs=0.2)


def test_hazards_are_for_euler_alone() -> None:
    """Competing hazards take the step into account, so that no other order can be declared for them."""
    with pytest.raises(HeadframeError) as refused:
        textbook("hazards").runs(Horizon(0.0, 4.0, 8, 8, "rk4"))
    assert [problem.code for problem in refused.value.problems] == ["HF938"]


def test_a_corner_in_a_table_costs_the_order() -> None:
    """The measure sees it: where a run passes the corners of a table, no run counts."""
    found = order(textbook("lookup").system, _horizon("rk4"), ("height",), _runs("lookup"))
    assert found.figures["crossed"] > RUNS // 2
