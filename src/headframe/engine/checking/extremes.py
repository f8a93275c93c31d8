"""Extreme conditions: what a model does at the ends of its ranges, and beyond them.

Within the declared ranges nothing may fail. Beyond them, at zero, huge and infinite inputs, a model may fail, but then
the failure must stand in the result (law 8) and nothing may be raised. Conditions of the user's own say what must hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headframe.core.errors import HeadframeError
from headframe.core.results import Message
from headframe.engine.batch.backend import Batch
from headframe.engine.checking.check import Check, range_of
from headframe.engine.checking.order import Maker
from headframe.engine.declare import Path, Value
from headframe.engine.making.wiring import of_kind
from headframe.engine.operations import Array
from headframe.engine.runs import Horizon, Outcomes, Recorded, Runs

if TYPE_CHECKING:
    from headframe.engine.model import Model

HUGE = 1e12  # times the default


@dataclass(frozen=True)
class Condition:
    """Inputs under which something must hold: `given` as in `Model.runs`, `holds` asked of what was recorded."""

    name: str
    holds: Callable[[Recorded], bool]
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Extreme:
    """One run of the check: which input (empty for all), at which end, whether that lies within what is declared, and
    what became of it: the variable whose bound broke and the year, and the recorded variables that are no number.
    """

    variable: str
    end: str
    declared: bool
    broken: str
    year: float | None
    not_finite: tuple[str, ...]

    @property
    def failed(self) -> bool:
        """Whether anything went wrong."""
        return bool(self.broken or self.not_finite)

    @property
    def unreported(self) -> bool:
        """Whether something is no number that has a bound, and no failure says so."""
        return bool(self.not_finite) and not self.broken


def extremes(
    model: Model,
    horizon: Horizon,
    conditions: Sequence[Condition] = (),
    *,
    outcomes: Sequence[str] | None = None,
    backend: Maker = Batch,
) -> tuple[Check, tuple[Extreme, ...]]:
    """Run the model with every parameter and path at its ends, one at a time and all together, and beyond.

    Passed when nothing fails within the declared ranges, every failure of a bounded variable is reported, and every
    condition holds; not decided when no range and no condition is given. `outcomes` (default: stocks, flows and
    auxiliaries) are looked at every step. Raises HF964 for a condition with a name that another has.
    """
    names = [condition.name for condition in conditions]
    if len(set(names)) < len(names):
        raise HeadframeError.of("HF964", model.name, name=next(n for n in names if names.count(n) > 1))
    every_step = replace(horizon, record_every=1)
    wanted = model.outcomes(outcomes)
    cases = list(_cases(model, every_step))
    found = _results(model, every_step, wanted, cases, backend) if cases else ()
    findings = [_finding(one) for one in found if (one.failed and one.declared) or _hidden(model, one)]
    for condition in conditions:
        runs = model.runs(horizon, **condition.given)
        if not condition.holds(backend(model.system, horizon, wanted).run(runs)):
            findings.append(Message(id="engine-check.extremes.condition", values={"condition": condition.name}))
    declared = sum(one.declared for one in found)
    figures = {
        "runs": len(found),
        "declared": declared,
        "failed_declared": sum(one.failed for one in found if one.declared),
        "failed_beyond": sum(one.failed for one in found if not one.declared),
        "unreported": sum(_hidden(model, one) for one in found),
        "conditions": len(conditions),
    }
    undecided = not declared and not conditions and not findings
    passed = None if undecided else not findings
    answer = {None: "engine-check.extremes.undecided", True: "engine-check.extremes.held"}
    text = answer.get(passed, "engine-check.extremes.broken")
    return Check("extremes", passed, Message(id=text, values=dict(figures)), figures, tuple(findings)), found


def _hidden(model: Model, one: Extreme) -> bool:
    """Whether a bounded variable is no number and no failure says so."""
    bounded = {bound.variable for bound in model.system.bounds}
    return one.unreported and not bounded.isdisjoint(one.not_finite)


def _finding(one: Extreme) -> Message:
    """What failed, in words: all inputs together are shown as `*`."""
    variable = one.variable or "*"
    if one.broken:
        text = "engine-check.extremes.bound-low" if one.end == "low" else "engine-check.extremes.bound-high"
        return Message(id=text, values={"variable": variable, "broken": one.broken, "year": one.year or 0.0})
    outcomes = ", ".join(one.not_finite)
    if one.declared:
        text = "engine-check.extremes.no-number-low" if one.end == "low" else "engine-check.extremes.no-number-high"
        return Message(id=text, values={"variable": variable, "outcomes": outcomes})
    return Message(id="engine-check.extremes.unreported", values={"variable": variable, "outcomes": outcomes})


def _cases(model: Model, horizon: Horizon) -> Iterator[tuple[str, str, bool, Runs]]:
    """Variable, end, whether it is within the declared range, and the run."""
    values = {
        name: declared
        for name, declared in of_kind(model.declarations, Value).items()
        if name in model.system.parameters.names or name in model.system.paths.names
    }
    ranged = {name: ends for name, declared in values.items() if (ends := range_of(declared)) is not None}
    for side, end in enumerate(("low", "high")):
        if ranged:
            yield "", end, True, _given(model, horizon, {name: ends[side] for name, ends in ranged.items()})
        for name, ends in ranged.items():
            yield name, end, True, _given(model, horizon, {name: ends[side]})
    for name, declared in values.items():
        size = np.where(declared.default == 0.0, 1.0, np.abs(declared.default))
        beyond = {
            "zero": 0.0 * size,
            "huge": HUGE * size,
            "infinite": np.inf * size,
            "negative infinite": -np.inf * size,
        }
        for end, value in beyond.items():
            yield name, end, False, _given(model, horizon, {name: value})


def _given(model: Model, horizon: Horizon, values: Mapping[str, Array]) -> Runs:
    paths = of_kind(model.declarations, Path)
    return model.runs(
        horizon,
        parameters={name: value for name, value in values.items() if name not in paths},
        paths={name: value for name, value in values.items() if name in paths},
    )


def _results(
    model: Model,
    horizon: Horizon,
    wanted: Outcomes,
    cases: Sequence[tuple[str, str, bool, Runs]],
    backend: Maker,
) -> tuple[Extreme, ...]:
    together = _joined([runs for *_, runs in cases])
    found = backend(model.system, horizon, wanted).run(together)
    results = []
    for run, (variable, end, declared, _) in enumerate(cases):
        step, bound = int(found.failed_step[run]), int(found.failed_bound[run])
        results.append(
            Extreme(
                variable,
                end,
                declared,
                model.system.bounds[bound].variable if step >= 0 else "",
                horizon.start + step / horizon.steps_per_year if step >= 0 else None,
                tuple(name for name in wanted.names if not np.isfinite(found[name][run]).all()),
            )
        )
    return tuple(results)


def _joined(several: Sequence[Runs]) -> Runs:
    """Runs of one each, with a path set each, as one set of runs; without events."""
    first = several[0]
    return replace(
        first,
        parameters=np.concatenate([runs.parameters for runs in several]),
        paths=np.concatenate([runs.paths for runs in several]),
        path_set=np.arange(len(several), dtype=np.int32),
        events=type(first.events).none(len(several)),
        cuts=np.concatenate([runs.cuts for runs in several]),
    )
