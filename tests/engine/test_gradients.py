"""Gradients by JAX where it is installed; a plain error where it is not."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest

from headframe.core.errors import HeadframeError
from headframe.engine import Horizon, Model, delay, event, flow, lever, parameter, stock, table, yearly

HAS_JAX = importlib.util.find_spec("jax") is not None


@stock(unit="t", initial="start")
def ore(extraction: Any, find: Any) -> Any:
    return find - extraction


@flow(unit="t/year")
def extraction(ore: Any, rate: Any, effort: Any, effect: Any) -> Any:
    return ore * rate * effect(effort)


@stock(unit="t", initial=0.0)
def sold(arriving: Any) -> Any:
    return arriving


@yearly("sold")
def discounted(sold: Any, kept: Any) -> Any:
    return kept * sold


MODEL = Model(
    "mine",
    [ore, extraction, sold, discounted],
    rate=parameter(0.3, unit="1/year"),
    start=parameter(100.0, unit="t"),
    kept=parameter(0.9),
    transit=parameter(1.5, unit="year"),
    effort=lever(1.0),
    find=event(unit="t/year"),
    effect=table([0, 1, 3], [0, 1, 2]),
    arriving=delay("extraction", time="transit", order=2),
)


@pytest.mark.skipif(HAS_JAX, reason="JAX is installed")
def test_without_jax_the_error_says_how_to_add_it() -> None:
    from headframe.engine.gradients import Gradients

    with pytest.raises(HeadframeError) as caught:
        Gradients(MODEL.system, Horizon(), MODEL.outcomes(["ore"]))
    assert caught.value.problems[0].code == "HF925"


@pytest.mark.skipif(not HAS_JAX, reason="JAX is not installed; gradients are optional")
@pytest.mark.parametrize("integrator", ["euler", "rk4"])
def test_gradients_are_those_of_central_differences(integrator: Any) -> None:
    from headframe.engine.gradients import Gradients
    from headframe.engine.reference import Reference

    horizon = Horizon(2000.0, 4, 8, 8, integrator)
    outcomes = MODEL.outcomes(["ore", "sold"])
    given = {"paths": {"effort": {2000: 0.5, 2004: 2.0}}, "events": [("find", 2001.0, 2002.0, 8.0)]}
    runs = MODEL.runs(horizon, **given)
    gradients = Gradients(MODEL.system, horizon, outcomes)
    values = Reference(MODEL, horizon, outcomes).run(runs).values[0]
    np.testing.assert_allclose(gradients.run(runs), values, rtol=1e-12)
    for row in range(MODEL.system.parameters.rows):
        sides = []
        for sign in (1, -1):
            moved = MODEL.runs(horizon, **given)
            moved.parameters[0, row] *= 1 + sign * 1e-5
            sides.append(Reference(MODEL, horizon, outcomes).run(moved).values[0])
        slope = (sides[0] - sides[1]) / (2e-5 * runs.parameters[0, row])
        np.testing.assert_allclose(gradients.jacobian(runs)[..., row], slope, rtol=1e-5, atol=1e-7)
