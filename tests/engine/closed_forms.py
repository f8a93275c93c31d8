"""A backend whose outcomes are closed forms of its inputs, so that the statistics of an ensemble are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from headframe.engine.ensembles.design import Experiment, Group
from headframe.engine.ensembles.sampling import Uncertain
from headframe.engine.graph import Graph
from headframe.engine.operations import Shape
from headframe.engine.runs import Backend, Events, Horizon, Outcomes, Recorded, Runs, recorded
from headframe.engine.system import Bound, Slots, System

HORIZON = Horizon(start=2000.0, years=4.0, steps_per_year=2, record_every=2)
Form = Callable[[Runs, Horizon], Mapping[str, Any]]


def system(
    parameters: Mapping[str, Shape],
    variables: Mapping[str, Shape],
    *,
    paths: Mapping[str, Shape] | None = None,
    events: Mapping[str, Shape] | None = None,
    switches: tuple[str, ...] = (),
    bounds: Sequence[Bound] = (),
) -> System:
    """A system with this layout and no equations."""
    graph = Graph()
    return System(
        name="closed",
        graph=graph,
        stocks=(),
        variables={name: graph.input("stock", name, shape) for name, shape in variables.items()},
        parameters=Slots.of(parameters.items()),
        paths=Slots.of((paths or {}).items()),
        events=Slots.of((events or {}).items()),
        switches=switches,
        bases=Slots.of(()),
        bounds=tuple(bounds),
        euler_only=False,
    )


class ClosedForm(Backend):
    """Outcomes computed by `form(runs, horizon)`: name → (runs, recorded times, *shape) or what broadcasts to it.

    A run fails before the step in `failed(runs)`, where that is not −1, by bound 0.
    """

    name = "closed form"

    def __init__(
        self,
        system: System,
        horizon: Horizon,
        outcomes: Outcomes,
        form: Form,
        failed: Callable[[Runs], Any] = lambda runs: -1,
    ) -> None:
        self.system, self.horizon, self.outcomes, self.form, self.failed = system, horizon, outcomes, form, failed
        self.calls = 0

    def run(self, runs: Runs) -> Recorded:
        self.calls += 1
        found = self.form(runs, self.horizon)
        times = len(self.horizon.recorded_steps)
        parts = []
        for name, size in zip(self.outcomes.names, self.outcomes.sizes(self.system), strict=True):
            whole = np.broadcast_to(found[name], (len(runs), times, *self.system.variables[name].shape))
            parts.append(whole.reshape(len(runs), times, size))
        values = np.concatenate(parts, axis=2).astype(np.float64)
        for place, rule in enumerate(np.repeat(self.outcomes.rules, self.outcomes.sizes(self.system))):
            if rule == "mean":
                values[:, 0, place] = np.nan
        step = np.broadcast_to(self.failed(runs), len(runs)).astype(np.int32)
        return recorded(self.system, self.horizon, self.outcomes, values, (step, np.where(step < 0, -1, 0)))


def inputs(system: System, horizon: Horizon = HORIZON, **fixed: Any) -> Runs:
    """The inputs of one run: parameters 0 unless `fixed` says otherwise, paths 0, nothing cut."""
    parameters = np.zeros((1, system.parameters.rows))
    for name, value in fixed.items():
        parameters[:, system.parameters.slice(name)] = value
    paths = np.zeros((1, len(horizon.points), system.paths.rows))
    cuts = np.zeros((1, len(system.switches)), np.bool_)
    return Runs(parameters, paths, np.zeros(1, np.int32), Events.none(1), cuts)


def unit_interval(*names: str) -> tuple[Uncertain, ...]:
    """Parameters that are uniform between 0 and 1."""
    return tuple(Uncertain(name, np.array(0.5), np.array(0.0), np.array(1.0)) for name in names)


def experiment(draws: int, **changed: Any) -> Experiment:
    """An ensemble of `x` and `y`, uniform parameters, whose outcome `total` is a function of them."""
    made = system({"x": (), "y": ()}, {"total": ()}, bounds=(Bound("total", high=10.0),))
    about: dict[str, Any] = {
        "system": made,
        "horizon": HORIZON,
        "outcomes": Outcomes.of(("total",)),
        "groups": (Group(inputs(made)),),
        "uncertain": unit_interval("x", "y"),
        "seed": 0,
    }
    return Experiment(draws=draws, **(about | changed))


def total(of: Callable[[Any, Any], Any] = lambda x, y: x + y) -> Form:
    """The outcome `total`: a function of x and y, times 1, 2, 3 … at the recorded times."""

    def form(runs: Runs, horizon: Horizon) -> Mapping[str, Any]:
        value = of(runs.parameters[:, 0], runs.parameters[:, 1])
        return {"total": value[:, None] * (1.0 + np.arange(len(horizon.recorded_steps)))}

    return form


def backend(of: Experiment, form: Form | None = None, **about: Any) -> ClosedForm:
    """The backend of an experiment."""
    return ClosedForm(of.system, of.horizon, of.outcomes, total() if form is None else form, **about)
