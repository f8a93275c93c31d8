"""Whether backends agree (law 7): |a − b| ≤ 1e-12 × max(|a|, largest value of that variable in the run).

Runs that come within 1e-9 of a kink are counted apart: there the last digit decides between two answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headframe.core.errors import HeadframeError
from headframe.core.results import Message
from headframe.engine.checking.check import Check
from headframe.engine.checking.kinks import kinks
from headframe.engine.operations import Array
from headframe.engine.runs import Backend, Floats, Horizon, Recorded, Runs
from headframe.engine.system import System

TOLERANCE = 1e-12


@dataclass(frozen=True)
class Difference:
    """How a backend differs from the first one.

    `relative` (runs, outcomes): the largest |a − b| / max(|a|, largest value of the outcome in the run), infinite
    where only one of them has no number. `failures` (runs,): whether step or bound of the first failure differ.
    """

    backend: str
    outcomes: tuple[str, ...]
    relative: Floats
    failures: Array


def differences(first: Recorded, other: Recorded, backend: str) -> Difference:
    """Compare two results of the same runs and outcomes."""
    if first.outcomes != other.outcomes or first.values.shape != other.values.shape:
        raise ValueError("the two results are not of the same runs and outcomes")
    with np.errstate(all="ignore"):
        columns = [_relative(first[name], other[name]) for name in first.outcomes.names]
    relative = np.stack(columns, axis=1) if columns else np.zeros((len(first.values), 0))
    failures = (first.failed_step != other.failed_step) | (first.failed_bound != other.failed_bound)
    return Difference(backend, first.outcomes.names, relative, failures)


def _relative(a: Array, b: Array) -> Floats:
    """The largest relative difference of each run; equal infinities and two that are no number agree."""
    one, other = (x.reshape(len(x), -1).astype(np.float64) for x in (a, b))
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    finite = np.where(np.isfinite(one), np.abs(one), 0.0)
    largest = finite.max(axis=1, keepdims=True, initial=0.0)
    ratio = np.abs(one - other) / np.maximum(np.abs(one), largest)
    found: Floats = np.where(same, 0.0, np.where(np.isnan(ratio), np.inf, ratio)).max(axis=1, initial=0.0)
    return found


def agreement(
    system: System, horizon: Horizon, backends: Sequence[Backend], runs: Runs, tolerance: float = TOLERANCE
) -> Check:
    """Whether the backends, all made for this system and horizon, agree with the first of them.

    Passed when every run that is not near a kink agrees in every outcome and in its first failure; not decided when
    every run is near a kink. Raises HF963 for fewer than two backends or no runs.
    """
    if len(backends) < 2 or not len(runs):
        raise HeadframeError.of("HF963", system.name, backends=len(backends), runs=len(runs))
    results = [backend.run(runs) for backend in backends]
    watch = kinks(system, horizon, runs)
    near, near_bounds = watch.near_kinks, watch.near_kinks | watch.near_bounds
    figures: dict[str, float] = {"runs": len(runs), "near_kinks": int(near.sum()), "tolerance": tolerance}
    figures["failed_near_bounds"] = 0
    findings = []
    for backend, result in zip(backends[1:], results[1:], strict=True):
        found = differences(results[0], result, backend.name)
        figures[f"worst_{backend.name}"] = float(found.relative[~near].max(initial=0.0))
        figures["failed_near_bounds"] += int((found.failures & near_bounds & ~near).sum())
        beyond = (found.relative > tolerance) & ~near[:, None]
        findings += [_differs(found, outcome, beyond[:, index]) for index, outcome in enumerate(found.outcomes)]
        findings.append(_fails_otherwise(found, found.failures & ~near_bounds))
    kept = tuple(finding for finding in findings if finding is not None)
    figures["worst"] = max(value for name, value in figures.items() if name.startswith("worst_"))
    return Check("agreement", None if near.all() else not kept, _answer(figures, kept, near), figures, kept)


def _fails_otherwise(found: Difference, runs: Array) -> Message | None:
    if not runs.any():
        return None
    values = {"backend": found.backend, "runs": int(runs.sum()), "run": int(runs.argmax())}
    return Message(id="engine-check.agreement.failures", values=values)


def _differs(found: Difference, outcome: str, beyond: Array) -> Message | None:
    if not beyond.any():
        return None
    relative = np.where(beyond, found.relative[:, found.outcomes.index(outcome)], -1.0)
    values = {"backend": found.backend, "outcome": outcome, "runs": int(beyond.sum()), "run": int(relative.argmax())}
    return Message(id="engine-check.agreement.differs", values=values | {"relative": float(relative.max())})


def _answer(figures: dict[str, float], findings: Sequence[Message], near: Array) -> Message:
    counted = {name: figures[name] for name in ("runs", "near_kinks", "worst")}
    if near.all():
        return Message(id="engine-check.agreement.undecided", values=counted)
    held = "engine-check.agreement.broken" if findings else "engine-check.agreement.held"
    return Message(id=held, values=counted)
