"""Every backend computes the textbook models alike: law 7's tolerance in float64, the precision's own in float32."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from headframe.engine import Horizon, Recorded, Runs
from headframe.engine.batch.backend import Batch
from headframe.engine.checking.agreement import agreement, differences
from headframe.engine.javascript.write import JavaScript
from headframe.engine.kernel.backend import Kernel
from headframe.engine.reference import Reference
from headframe.engine.runs import Integrator, Outcomes
from tests.conftest import FULL
from tests.engine.models.collect import TEXTBOOK, textbook
from tests.engine.models.draws import drawn

RUNS = 200 if FULL else 24
EULER_ONLY = ("hazards", "cohorts")
CASES: list[tuple[str, Integrator]] = [
    (name, method) for name in TEXTBOOK for method in ("euler", "rk4") if not (method == "rk4" and name in EULER_ONLY)
]


def horizon(method: Integrator) -> Horizon:
    return Horizon(2000.0, 5.0, 8, 4, method)


def outcomes(name: str) -> Outcomes:
    """Every variable, the last one as a mean too."""
    variables = list(textbook(name).system.variables)
    return textbook(name).outcomes(variables, means=variables[-1:])


def runs(name: str, method: Integrator) -> Runs:
    return drawn(textbook(name), horizon(method), RUNS, 3)


@pytest.mark.parametrize(("name", "method"), CASES)
def test_all_agree(name: str, method: Integrator) -> None:
    backends: dict[str, Any] = {
        "batch": Batch,
        "kernel": Kernel,
        "kernel on two threads": partial(Kernel, threads=2),
        "javascript": JavaScript,
    }
    made = [Reference(textbook(name), horizon(method), outcomes(name))]
    made += [make(textbook(name).system, horizon(method), outcomes(name)) for make in backends.values()]
    check = agreement(textbook(name).system, horizon(method), made, runs(name, method))
    assert check.passed, (check.figures, check.findings)


@pytest.mark.parametrize(("name", "method"), CASES)
def test_single_precision_keeps_single_precision(name: str, method: Integrator) -> None:
    """Within some hundred times float32's rounding of each variable's largest value, but where a run is near a kink."""
    given = runs(name, method)
    system, wanted = textbook(name).system, outcomes(name)
    exact = Batch(system, horizon(method), wanted).run(given)
    single = Kernel(system, horizon(method), wanted, precision="float32").run(given)
    assert single.values.dtype == np.float32
    found = differences(exact, single, "float32").relative
    assert np.quantile(found, 0.9) < 2e-5
    assert np.median(found) > 0.0  # it does compute in single precision


def _bytes(found: Recorded) -> bytes:
    return found.values.tobytes() + found.failed_step.tobytes() + found.failed_bound.tobytes()


@pytest.mark.parametrize("name", ["works", "hazards", "loops", "lags"])
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_threads_and_company_change_no_byte(name: str, precision: str) -> None:
    given, system, wanted = runs(name, "euler"), textbook(name).system, outcomes(name)
    one = Kernel(system, horizon("euler"), wanted, precision=precision)
    two = Kernel(system, horizon("euler"), wanted, precision=precision, threads=2)
    together = one.run(given)
    assert _bytes(two.run(given)) == _bytes(together)
    for run in (0, 5, RUNS - 1):
        assert one.run(given.part(slice(run, run + 1))).values.tobytes() == together.values[run].tobytes()
