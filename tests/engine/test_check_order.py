"""The check of the order of convergence: integrators of known order, one of a lower one, and runs that tell nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from headframe.core.errors import HeadframeError
from headframe.engine import Horizon, Model
from headframe.engine.batch.backend import Batch
from headframe.engine.checking.checks import order
from headframe.engine.runs import Recorded, Runs
from headframe.engine.system import System
from tests.engine import systems
from tests.engine.models import logistic


def decay(integrator: str) -> tuple[System, Horizon, Callable[[Horizon], Runs]]:
    system = systems.system(
        {"y": (), "z": ()},
        lambda v: {"y": 1.0, "z": v.rate},
        lambda v: {"y": -v.rate * v.y, "z": v.y * v.y - v.z},
        parameters={"rate": ()},
    )
    rows = np.array([[0.5], [1.0], [1.7]])
    return system, Horizon(0.0, 2.0, 4, 2, integrator), lambda h: systems.runs(system, h, rows)  # type: ignore[arg-type]


@pytest.mark.parametrize(("integrator", "declared"), [("euler", 1), ("rk4", 4)])
def test_each_integrator_has_its_declared_order(integrator: str, declared: int) -> None:
    system, horizon, runs = decay(integrator)
    exact = order(
        system,
        horizon,
        ["y"],
        runs,
        closed_form=lambda given, times: {"y": np.exp(-given.parameters[:, :1] * times)},
        levels=5,
    )
    alone = order(system, horizon, ["y", "z"], runs, levels=5)
    for found in (exact, alone):
        assert found.passed is True
        assert found.figures["declared"] == declared
        assert found.figures["median"] == pytest.approx(declared, abs=0.12)
        assert found.figures["decided"] == 3


def test_a_wrong_closed_form_has_no_order() -> None:
    system, horizon, runs = decay("rk4")
    wrong = lambda given, times: {"y": np.exp(-given.parameters[:, :1] * times) + 1e-3}  # noqa: E731
    assert order(system, horizon, ["y"], runs, closed_form=wrong).passed is False


class SecondOrder(Batch):
    """A Runge–Kutta method with a wrong weight: consistent, but no longer of fourth order."""

    def run(self, runs: Runs) -> Recorded:
        fine, coarse = super().run(runs), Batch(self.system, replace(self.horizon, integrator="euler"), self.outcomes)
        return replace(fine, values=fine.values + (coarse.run(runs).values - fine.values) ** 2)


def test_an_integrator_of_lower_order_is_found() -> None:
    system, horizon, runs = decay("rk4")
    found = order(system, horizon, ["y"], runs, backend=SecondOrder)
    assert found.passed is False
    assert found.figures["median"] == pytest.approx(2.0, abs=0.3)


def test_the_order_of_the_logistic_model_is_that_of_its_method() -> None:
    model = Model.of(logistic)
    names = model.stocks
    for integrator, declared in (("euler", 1.0), ("rk4", 4.0)):
        horizon = Horizon(0.0, 4.0, 4, 4, integrator)  # type: ignore[arg-type]
        found = order(model.system, horizon, names, model.runs, levels=4)
        assert found.passed is True, found
        assert found.figures["median"] == pytest.approx(declared, abs=0.25)


def test_runs_that_cross_a_corner_are_left_out_of_the_order() -> None:
    system = systems.system(
        {"y": ()},
        lambda v: {"y": v.start},
        lambda v: {"y": -np.maximum(v.y, 0.7) * np.where(v.y > 0.6, 1.0, 2.0)},
        parameters={"start": ()},
    )
    horizon = Horizon(0.0, 1.0, 4, 1, "rk4")
    mixed = order(system, horizon, ["y"], lambda h: systems.runs(system, h, [[1.0], [9.0], [8.0]]))
    assert mixed.passed is True
    assert mixed.figures["crossed"] == 1
    assert mixed.figures["decided"] == 2
    crossing = order(system, horizon, ["y"], lambda h: systems.runs(system, h, [[1.0], [0.9]]))
    assert crossing.passed is None


def test_differences_of_rounding_alone_tell_no_order() -> None:
    system = systems.system({"y": ()}, lambda _: {"y": 1.0}, lambda _: {"y": 0.5})
    horizon = Horizon(0.0, 1.0, 4, 1)
    assert order(system, horizon, ["y"], lambda h: systems.runs(system, h)).passed is None


def test_two_step_lengths_are_too_few() -> None:
    system, horizon, runs = decay("euler")
    with pytest.raises(HeadframeError, match="HF962"):
        order(system, horizon, ["y"], runs, levels=2)


def test_a_corner_spoils_the_fourth_order_and_not_the_first() -> None:
    """y falls towards 0.4 over a corner of its rate at 0.7."""
    system = systems.system(
        {"y": ()},
        lambda v: {"y": v.start},
        lambda v: {"y": 0.4 - v.y - np.maximum(v.y, 0.7)},
        parameters={"start": ()},
    )
    runs = lambda h: systems.runs(system, h, [[1.0]])  # noqa: E731
    first = order(system, Horizon(0.0, 1.0, 8, 1, "euler"), ["y"], runs, levels=6)
    assert first.passed is True
    assert first.figures["median"] == pytest.approx(1.0, abs=0.2)
    assert order(system, Horizon(0.0, 1.0, 8, 1, "rk4"), ["y"], runs).passed is None
