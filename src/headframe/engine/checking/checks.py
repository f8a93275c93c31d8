"""Checks of a model: units, conservation, order of convergence, extremes, isolation of runs, agreement of backends.

Each is a pure function that gives a `Check`; nothing is printed and nothing is raised for what a model does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headframe.core.errors import HeadframeError, Problem
from headframe.core.results import Message
from headframe.core.seeds import DEFAULT_SEED
from headframe.engine.batch.backend import Batch
from headframe.engine.checking.agreement import agreement
from headframe.engine.checking.check import Check, random_runs, rearranged
from headframe.engine.checking.extremes import Condition, Extreme, extremes
from headframe.engine.checking.order import Maker, order
from headframe.engine.declare import Conserved, Equation, Yearly
from headframe.engine.making.tracing import traced
from headframe.engine.making.wiring import of_kind
from headframe.engine.operations import Array
from headframe.engine.runs import Backend, Floats, Horizon, Outcomes, Recorded, Runs

if TYPE_CHECKING:
    from headframe.engine.model import Model

__all__ = [
    "Check",
    "Condition",
    "Extreme",
    "agreement",
    "conservation",
    "dimension_problems",
    "dimensions",
    "extremes",
    "isolation",
    "order",
    "random_runs",
]

UNIT_ERRORS = frozenset({"HF903", "HF904", "HF922", "HF923"})
TOLERANCE = 1e-12  # of the total, as law 7


def dimensions(model: Model) -> Check:
    """Whether the units of every equation fit: traced once more, with all that does not fit collected.

    A `Model` refuses to be made with units that do not fit, so that this passes for every model that could be made;
    for one that could not, `dimension_problems` reads the error.
    """
    _, problems = traced(model.name, model.declarations, (model.order, model.order_at_start))
    equations = {n: e for n, e in of_kind(model.declarations, Equation).items() if not isinstance(e, Yearly)}
    return _of_units(len(equations), [problem for problem in problems if problem.code in UNIT_ERRORS])


def dimension_problems(error: HeadframeError) -> Check:
    """The same check for a model that could not be made: what its error says about units, not decided without any."""
    found = [problem for problem in error.problems if problem.code in UNIT_ERRORS]
    if found:
        return _of_units(0, found)
    values = {"code": error.problems[0].code}
    return Check("dimensions", None, Message(id="engine-check.dimensions.undecided", values=values))


def _of_units(equations: int, problems: Sequence[Problem]) -> Check:
    figures = {"equations": equations, "problems": len(problems)}
    held = "engine-check.dimensions.broken" if problems else "engine-check.dimensions.held"
    findings = tuple(
        Message(id="engine-check.dimensions.problem", values={"code": problem.code, "where": problem.where})
        for problem in problems
    )
    return Check("dimensions", not problems, Message(id=held, values=dict(figures)), figures, findings)


@dataclass(frozen=True)
class _Balance:
    """How far one declared total is from its balance, relative to the largest total or turnover of the run."""

    name: str
    relative: Floats  # (runs, steps)
    finite: Array  # (runs, steps): where the run has numbers

    @property
    def worst(self) -> float:
        return float(np.where(self.finite, self.relative, 0.0).max(initial=0.0))


def conservation(
    model: Model,
    horizon: Horizon,
    runs: Runs | int = 64,
    *,
    seed: int = DEFAULT_SEED,
    tolerance: float = TOLERANCE,
    backend: Maker = Batch,
) -> Check:
    """Whether every declared total changes by its gains and losses alone, in every step and at every year's end.

    With S the sum of the stocks, G and L those of gains and losses before step k, and h its length, it asks that
    |S(k+1) − S(k) − h (G − L)| ≤ tolerance × the largest Σ|stocks| + h Σ|gains and losses| of the run. `runs` are
    runs, or how many random ones. Steps are Euler's: the balance of the rates at a moment is what is declared. Not
    decided where nothing is declared, or no run stays finite for a step.
    """
    each_step = replace(horizon, record_every=1, integrator="euler")
    totals = of_kind(model.declarations, Conserved)
    given = random_runs(model, each_step, runs, seed, "conservation") if isinstance(runs, int) else runs
    if not totals:
        return Check("conservation", None, Message(id="engine-check.conservation.undeclared", values={}))
    names = dict.fromkeys(name for c in totals.values() for name in (*c.stocks, *c.gains, *c.losses))
    found = backend(model.system, each_step, Outcomes.of(names)).run(given)
    balances = [_balance(name, declared, found, each_step) for name, declared in totals.items()]
    finite = sum(int(balance.finite.any(axis=1).sum()) for balance in balances)
    figures: dict[str, float] = {"totals": len(totals), "runs": len(given), "steps": each_step.steps}
    figures |= {"runs_without_number": len(given) * len(totals) - finite, "tolerance": tolerance}
    figures |= {"worst": max(balance.worst for balance in balances)}
    if not all(balance.finite.any() for balance in balances):
        return Check("conservation", None, Message(id="engine-check.conservation.undecided", values={}), figures)
    findings = tuple(_leak(balance, each_step, tolerance) for balance in balances if balance.worst > tolerance)
    text = "engine-check.conservation.broken" if findings else "engine-check.conservation.held"
    values = {name: figures[name] for name in ("totals", "runs", "steps", "worst")}
    return Check("conservation", not findings, Message(id=text, values=values), figures, findings)


def _balance(name: str, declared: Conserved, found: Recorded, horizon: Horizon) -> _Balance:
    def total(names: Sequence[str], *, sizes: bool = False) -> Array:
        columns = [found[one].reshape(*found.values.shape[:2], -1) for one in names]
        each = [np.abs(column) if sizes else column for column in columns]
        return sum((column.sum(axis=2) for column in each), np.zeros(found.values.shape[:2]))

    with np.errstate(all="ignore"):
        stocks, flows = total(declared.stocks), total(declared.gains) - total(declared.losses)
        missing = np.diff(stocks, axis=1) - horizon.time_step * flows[:, :-1]
        turnover = total((*declared.gains, *declared.losses), sizes=True)
        sizes = total(declared.stocks, sizes=True) + horizon.time_step * turnover
        scale = np.where(np.isfinite(sizes), sizes, 0.0).max(axis=1, keepdims=True)
        return _Balance(name, np.where(missing == 0.0, 0.0, np.abs(missing) / scale), np.isfinite(missing))


def _leak(balance: _Balance, horizon: Horizon, tolerance: float) -> Message:
    """Where a total leaks most, and whether only at the ends of years."""
    kept = np.where(balance.finite, balance.relative, 0.0)
    run, step = np.unravel_index(kept.argmax(), kept.shape)
    ends = (np.arange(horizon.steps) + 1) % horizon.steps_per_year == 0
    where = {"total": balance.name, "run": int(run), "relative": balance.worst}
    if kept[:, ~ends].max(initial=0.0) > tolerance or not (~ends).any():
        return Message(
            id="engine-check.conservation.leak", values={**where, "year": horizon.start + int(step) * horizon.time_step}
        )
    return Message(id="engine-check.conservation.leak-yearly", values=where)


def isolation(backend: Backend, runs: Runs) -> Check:
    """Whether a run gives the same bytes alone, first, last, among others, in other order and a second time.

    Every run is looked at in another order and again; the first, the middle and the last also alone. Raises HF961 for
    fewer than two runs.
    """
    if len(runs) < 2:
        raise HeadframeError.of("HF961", "isolation", count=len(runs), least=2)
    together = backend.run(runs)
    number = len(runs)
    arrangements = [list(range(number)), list(reversed(range(number))), [*range(1, number), 0]]
    arrangements += [[one] for one in sorted({0, number // 2, number - 1})]
    arrangements += [[number // 2] * 3, list(range(0, number, 2)), list(range(1, number, 2))]
    differing: set[int] = set()
    for arrangement in arrangements:
        again = backend.run(rearranged(runs, arrangement))
        differing |= {
            run for place, run in enumerate(arrangement) if _bytes_of(again, place) != _bytes_of(together, run)
        }
    figures = {"runs": number, "arrangements": len(arrangements), "differing": len(differing)}
    values = {"backend": backend.name, **figures}
    if differing:
        values["run"] = min(differing)
        return Check(
            "isolation",
            passed=False,
            message=Message(id="engine-check.isolation.broken", values=values),
            figures=figures,
        )
    return Check(
        "isolation", passed=True, message=Message(id="engine-check.isolation.held", values=values), figures=figures
    )


def _bytes_of(found: Recorded, run: int) -> bytes:
    parts = (found.values[run], found.failed_step[run], found.failed_bound[run])
    return b"".join(np.ascontiguousarray(part).tobytes() for part in parts)
