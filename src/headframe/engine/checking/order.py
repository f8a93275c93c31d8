"""The order of convergence: how fast the error falls when the step is halved, against what the method promises.

With closed forms the error is measured; without, the differences between one step and half of it take its place,
which fall at the same rate. The order is log2 of the ratio of two of them. Runs that cross a kink keep no method's
order, and those that cross a corner none above the first (see `headframe.engine.checking.kinks`); they are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from headframe.core.errors import HeadframeError
from headframe.core.results import Message
from headframe.engine.batch.backend import Batch
from headframe.engine.checking.check import Check
from headframe.engine.checking.kinks import crossed_branches
from headframe.engine.operations import Array
from headframe.engine.runs import Backend, Floats, Horizon, Outcomes, Runs
from headframe.engine.system import System

DECLARED = {"euler": 1, "rk4": 4}
ALLOWED = 0.25  # how far the measured order may stay below the declared one
ROUNDING = 1e-12  # relative; smaller differences are rounding and say nothing about the step
Maker = Callable[[System, Horizon, Outcomes], Backend]
ClosedForm = Callable[[Runs, Floats], Mapping[str, Array]]


def order(
    system: System,
    horizon: Horizon,
    outcomes: Sequence[str],
    runs: Callable[[Horizon], Runs],
    *,
    levels: int = 4,
    closed_form: ClosedForm | None = None,
    backend: Maker = Batch,
) -> Check:
    """Whether the integrator of `horizon` reaches its declared order on this system.

    The runs are computed with `levels` steps, each half the one before; `runs` gives the same inputs for each horizon.
    `closed_form` answers the true outcomes, (runs, recorded times, *axes) by name, from the runs and the recorded
    times. Passed when the median of the measured orders is at most a quarter below the declared one; not decided when
    no run stays clear of kinks with differences above rounding. Raises HF962 for fewer than three levels.
    """
    if levels < 3:
        raise HeadframeError.of("HF962", system.name, levels=levels)
    horizons = [_finer(horizon, 2**level) for level in range(levels)]
    wanted = Outcomes.of(outcomes)
    values = [backend(system, each, wanted).run(runs(each)).values for each in horizons]
    corners = DECLARED[horizon.integrator] > 1
    crossed = np.any([crossed_branches(system, each, runs(each), corners=corners) for each in horizons], axis=0)
    if closed_form is not None:
        true = closed_form(runs(horizon), horizon.recorded_times)
        exact = np.concatenate([np.reshape(true[name], (*values[0].shape[:2], -1)) for name in outcomes], axis=2)
        errors = [_largest(value - exact, exact) for value in values]
    else:
        errors = [_largest(one - other, values[-1]) for one, other in pairwise(values)]
    measured = np.array([_measured([error[run] for error in errors]) for run in range(len(crossed))])
    decided = np.isfinite(measured) & ~crossed
    return _answer(horizon, measured[decided], {"runs": len(crossed), "crossed": int(crossed.sum())})


def _finer(horizon: Horizon, times: int) -> Horizon:
    """The same horizon with shorter steps, recorded at the same times."""
    return replace(horizon, steps_per_year=horizon.steps_per_year * times, record_every=horizon.record_every * times)


def _largest(difference: Array, values: Array) -> Floats:
    """The largest difference of each run, relative to the largest number of the column in the run."""
    with np.errstate(all="ignore"):
        scale = np.abs(values).max(axis=1, keepdims=True)
        relative = np.where(difference == 0.0, 0.0, difference / scale)
        found: Floats = np.abs(relative).max(axis=(1, 2), initial=0.0)
    return found


def _measured(errors: Sequence[float]) -> float:
    """The order between the finest two errors that are above rounding; no number where there are none."""
    found = float("nan")
    for one, other in pairwise(errors):
        if np.isfinite([one, other]).all() and one > ROUNDING and other > ROUNDING:
            found = float(np.log2(one / other))
    return found


def _answer(horizon: Horizon, measured: Floats, counted: dict[str, int]) -> Check:
    declared = DECLARED[horizon.integrator]
    figures: dict[str, float] = {**counted, "decided": len(measured), "declared": declared}
    if not len(measured):
        values = {"runs": counted["runs"], "crossed": counted["crossed"]}
        return Check("order", None, Message(id="engine-check.order.undecided", values=values), figures)
    middle = float(np.median(measured))
    figures |= {"median": middle, "lowest": float(measured.min()), "highest": float(measured.max())}
    passed = middle >= declared - ALLOWED
    text = "engine-check.order.held" if passed else "engine-check.order.broken"
    found: dict[str, float] = {"declared": declared, "measured": middle, "runs": len(measured)}
    return Check("order", passed, Message(id=text, values=found), figures)
