"""What goes into a set of runs and what comes out: the same arrays for every backend.

**The order of a run**, which every backend keeps (k counts steps, t_k = start + k / steps_per_year):

1. The state is set from the `initial` expressions (paths and events at t_0).
2. At t_k the `step` expressions are evaluated. Bounds are checked. If k is a multiple of `record_every`, outcomes are
   recorded, means over the values since the record before. If k is the last step, the run ends.
3. The values at t_k are added to the means. Euler: state += time_step × rate. Runge–Kutta: the classical four
   stages, at t_k, twice at t_k + time_step / 2, and at t_k + time_step.
4. If k + 1 is a multiple of `steps_per_year`, the `yearly` expressions are evaluated with the state after the step, at
   t_(k+1), and replace their stocks, all at once.

A run with cuts is computed twice: once without any cut and with the inputs of `Runs.base`, keeping the variables in
`System.bases` at each evaluation of `step` (each stage) and `yearly`; then with its own inputs and the cuts, where the
`base` inputs read what was kept at the same evaluation. The base run must differ in its inputs, by a policy or an event
that it lacks: with equal inputs every cut link would read what it reads anyway, and cutting would change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from headframe.core.errors import HeadframeError
from headframe.engine.system import System

Integrator = Literal["euler", "rk4"]
Rule = Literal["point", "mean"]
Floats = NDArray[np.float64]
Integers = NDArray[np.int32]
# The classical Runge–Kutta method: for each stage, how far into the step it looks, and its weight.
CLASSICAL = ((0.0, 1.0 / 6.0), (0.5, 1.0 / 3.0), (0.5, 1.0 / 3.0), (1.0, 1.0 / 6.0))


@dataclass(frozen=True)
class Horizon:
    """When runs start and end, how they step, and when they are recorded.

    `start` is a calendar year, `years` the length of a run (a whole number of steps), `steps_per_year` the inverse of
    the step, `record_every` the steps from one record to the next. Times are computed, never accumulated:
    `start + k / steps_per_year`. A year ends after every `steps_per_year` steps. Raises HF931 for what fits no run.
    """

    start: float = 0.0
    years: float = 20.0
    steps_per_year: int = 8
    record_every: int = 8
    integrator: Integrator = "euler"

    def __post_init__(self) -> None:
        whole = self.years * self.steps_per_year
        fits = self.steps_per_year >= 1 and self.record_every >= 1 and whole >= 1 and abs(whole - round(whole)) < 1e-9
        if not (fits and np.isfinite(self.start) and self.integrator in ("euler", "rk4")):
            raise HeadframeError.of("HF931", "horizon", horizon=self)

    @property
    def steps(self) -> int:
        """How many steps a run has."""
        return round(self.years * self.steps_per_year)

    @property
    def time_step(self) -> float:
        """The length of a step in years."""
        return 1.0 / self.steps_per_year

    @property
    def points_per_step(self) -> int:
        """At how many times per step paths are looked up: 1 for Euler; 2 for Runge–Kutta, which also looks half-way."""
        return 1 if self.integrator == "euler" else 2

    @property
    def points(self) -> Floats:
        """The times at which paths are looked up, `steps × points_per_step + 1` of them."""
        per_year = self.steps_per_year * self.points_per_step
        return self.start + np.arange(self.steps * self.points_per_step + 1) / per_year

    @property
    def recorded_steps(self) -> Integers:
        """The steps before which variables are recorded: 0, `record_every`, … up to the end of the run."""
        return np.arange(0, self.steps + 1, self.record_every, dtype=np.int32)

    @property
    def recorded_times(self) -> Floats:
        """The calendar times of the records."""
        return self.start + self.recorded_steps / self.steps_per_year


@dataclass(frozen=True)
class Outcomes:
    """Which variables are recorded, each with all its elements, and by which rule.

    `point` is the value at the recorded time. `mean` is the average of the values before each step since the record
    before; a flow's total over that span is its mean times the span. It has no value (NaN) at the first record.
    """

    names: tuple[str, ...]
    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, names: Iterable[str], *, means: Iterable[str] = ()) -> Outcomes:
        """Outcomes with those in `means` recorded as means, the others at points."""
        listed, averaged = tuple(names), frozenset(means)
        return cls(listed, tuple("mean" if name in averaged else "point" for name in listed))

    def sizes(self, system: System) -> tuple[int, ...]:
        """How many numbers each outcome has."""
        return tuple(system.variables[name].size for name in self.names)


@dataclass(frozen=True)
class Events:
    """An event register as a sparse list per run: in run r the entries `offsets[r]` to `offsets[r + 1]`.

    Entry e adds `amounts[e]` to the event number `rows[e]` (in the layout of `System.events`) at every time t with
    `starts[e] <= t < ends[e]`.
    """

    offsets: Integers
    rows: Integers
    starts: Floats
    ends: Floats
    amounts: Floats

    @classmethod
    def none(cls, runs: int) -> Events:
        """No event in any run."""
        return cls(np.zeros(runs + 1, np.int32), np.zeros(0, np.int32), np.zeros(0), np.zeros(0), np.zeros(0))

    def of_runs(self, chosen: slice) -> Events:
        """The register of a range of runs."""
        first, last, _ = chosen.indices(len(self.offsets) - 1)
        offsets = self.offsets[first : last + 1]
        entries = slice(int(offsets[0]), int(offsets[-1]))
        parts = (self.rows[entries], self.starts[entries], self.ends[entries], self.amounts[entries])
        return Events(offsets - offsets[0], *parts)

    def expand(self, run: int, rows: int, times: Floats) -> Floats:
        """The register of one run as a dense array (time, event number)."""
        dense = np.zeros((len(times), rows))
        for entry in range(int(self.offsets[run]), int(self.offsets[run + 1])):
            active = (times >= self.starts[entry]) & (times < self.ends[entry])
            dense[active, self.rows[entry]] += self.amounts[entry]
        return dense


@dataclass(frozen=True)
class Runs:
    """The inputs of a set of runs.

    `parameters` (runs, parameter rows); `paths` (path sets, points of the horizon, path rows), shared by many runs,
    run r reading set `path_set[r]`; `events`; `cuts` (runs, switches), true where a feedback is cut. `base` has the
    inputs of the runs, as many and in the same order, whose variables cut links read; its cuts are not looked at, and
    None stands for the same inputs.
    """

    parameters: Floats
    paths: Floats
    path_set: Integers
    events: Events
    cuts: NDArray[np.bool_]
    base: Runs | None = None

    def __len__(self) -> int:
        return int(self.parameters.shape[0])

    def part(self, chosen: slice) -> Runs:
        """The inputs of a range of runs; the path sets are shared, not copied."""
        return Runs(
            self.parameters[chosen],
            self.paths,
            self.path_set[chosen],
            self.events.of_runs(chosen),
            self.cuts[chosen],
            None if self.base is None else self.base.part(chosen),
        )


@dataclass(frozen=True)
class Recorded:
    """What a set of runs gave: `values` (runs, recorded times, outcome numbers in the order of the request).

    `failed_step` is the first step before which a bound was broken, -1 where none was; `failed_bound` the index of the
    bound in `System.bounds`, the lowest where several broke at once. Values of failed runs are as computed.
    """

    outcomes: Outcomes
    sizes: tuple[int, ...]
    times: Floats
    values: NDArray[np.floating]
    failed_step: Integers
    failed_bound: Integers
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @cached_property
    def _columns(self) -> dict[str, slice]:
        ends = np.cumsum(self.sizes)
        return {
            name: slice(int(end) - size, int(end))
            for name, size, end in zip(self.outcomes.names, self.sizes, ends, strict=True)
        }

    def __getitem__(self, name: str) -> NDArray[np.floating]:
        """One outcome: (runs, recorded times, *its axes)."""
        found = self.values[:, :, self._columns[name]]
        return found.reshape(*found.shape[:2], *self.shapes[name])


def recorded(
    system: System,
    horizon: Horizon,
    outcomes: Outcomes,
    values: NDArray[np.floating],
    failures: tuple[Integers, Integers],
) -> Recorded:
    """The result of a backend with its layout written beside it."""
    shapes = {name: system.variables[name].shape for name in outcomes.names}
    return Recorded(outcomes, outcomes.sizes(system), horizon.recorded_times, values, *failures, shapes)


class Backend(Protocol):
    """Something that computes runs: made for a system, a horizon and the outcomes wanted."""

    name: str

    def run(self, runs: Runs) -> Recorded:
        """Compute all the runs."""


def constant_paths(horizon: Horizon, values: Sequence[float] | Floats) -> Floats:
    """One path set (1, points, rows) that holds the same values at all times."""
    row = np.asarray(values, dtype=np.float64).reshape(1, 1, -1)
    return np.ascontiguousarray(np.broadcast_to(row, (1, len(horizon.points), prod(row.shape))))
