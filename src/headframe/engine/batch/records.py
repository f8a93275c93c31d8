"""What a block of runs leaves behind: the recorded outcomes, and the first failure of each run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from headframe.engine.operations import Array
from headframe.engine.runs import Floats, Horizon, Outcomes
from headframe.engine.system import Bound, Slots, System


def bounded_variables(system: System) -> Slots:
    """The layout of the variables that have bounds and are no stocks."""
    names = dict.fromkeys(bound.variable for bound in system.bounds)
    stocks = system.states.names
    return Slots.of((name, system.variables[name].shape) for name in names if name not in stocks)


class Guard:
    """Checks bounds before each step and keeps the first failure of each run.

    What is bounded stands in two arrays, stocks in the `state`, other variables in `bounded`, laid out as
    `bounded_variables` says. They are compared as wholes; which bound it is is asked only when another run fails.
    """

    def __init__(self, system: System, state: Floats, bounded: Floats) -> None:
        laid_out = ((system.states, state), (bounded_variables(system), bounded))
        bounds = [_closed(bound) for bound in system.bounds]
        arrays = {name: array[slots.slice(name)] for slots, array in laid_out for name in slots.names}
        self._bounds = [(arrays[bound.variable], bound.low, bound.high) for bound in bounds]
        self._wholes = [whole for slots, array in laid_out for whole in _wholes(slots, array, bounds)]
        self.failed_step = np.full(state.shape[-1], -1, np.int32)
        self.failed_bound = np.full(state.shape[-1], -1, np.int32)

    def start(self) -> None:
        """Forget the runs before."""
        self.failed_step[:] = -1
        self.failed_bound[:] = -1

    def check(self, step: int) -> None:
        """Note the runs that fail before this step and have not failed before."""
        for rows, low, high in self._wholes:
            inside = (rows >= low) & (rows <= high)
            if not (inside.all() or (inside.all(axis=0) | (self.failed_step >= 0)).all()):
                self._note(step)
                return

    def _note(self, step: int) -> None:
        for index, (rows, low, high) in enumerate(self._bounds):
            broken = ~((rows >= low) & (rows <= high)).all(axis=0) & (self.failed_step < 0)
            self.failed_step[broken] = step
            self.failed_bound[broken] = index


def _closed(bound: Bound) -> Bound:
    """The same bound without the infinities, which are no numbers either."""
    largest = float(np.finfo(np.float64).max)
    return Bound(bound.variable, max(bound.low, -largest), min(bound.high, largest))


def _wholes(slots: Slots, array: Floats, bounds: Sequence[Bound]) -> list[tuple[Floats, Floats, Floats]]:
    """The rows of an array that have bounds, neighbours together, with their lowest and highest values."""
    low, high = np.full((len(array), 1), -np.inf), np.full((len(array), 1), np.inf)
    bounded = np.zeros(len(array) + 2, np.int8)
    for bound in bounds:
        if bound.variable in slots.names:
            rows = slots.slice(bound.variable)
            low[rows], high[rows] = np.maximum(low[rows], bound.low), np.minimum(high[rows], bound.high)
            bounded[rows.start + 1 : rows.stop + 1] = 1
    turns = np.flatnonzero(np.diff(bounded)).reshape(-1, 2)
    return [(array[first:end], low[first:end], high[first:end]) for first, end in turns]


class Recorder:
    """Writes outcomes at the recorded steps; means are sums over the steps between, divided by their number."""

    def __init__(self, horizon: Horizon, outcomes: Outcomes, sizes: Sequence[int], width: int) -> None:
        self.every = horizon.record_every
        self.records = np.empty((len(horizon.recorded_steps), sum(sizes), width))
        ends = np.cumsum([0, *sizes])
        self._rows = [slice(int(first), int(end)) for first, end in pairwise(ends)]
        self._mean = [index for index, rule in enumerate(outcomes.rules) if rule == "mean"]
        self._point = [index for index, rule in enumerate(outcomes.rules) if rule == "point"]
        self._sums = np.zeros((sum(sizes), width))

    def start(self) -> None:
        """Begin with no means; those of the first record have no value."""
        self._sums[:] = 0.0
        self.records[0] = np.nan

    def record(self, step: int, arrays: Sequence[Array]) -> None:
        """Write one record, from the outcomes' arrays."""
        now = self.records[step // self.every]
        for index in self._point:
            _rows_of(now, self._rows[index], arrays[index])[...] = arrays[index]
        for index in self._mean if step else ():
            np.divide(self._sums[self._rows[index]], self.every, now[self._rows[index]])
            self._sums[self._rows[index]] = 0.0

    def add(self, averaged: Sequence[Array]) -> None:
        """Add the values before a step to the means; `averaged` are the outcomes that are recorded as means."""
        for index, array in zip(self._mean, averaged, strict=True):
            sums = _rows_of(self._sums, self._rows[index], array)
            np.add(sums, array, sums)


def _rows_of(rows: Array, chosen: slice, like: Array) -> Array:
    """Some rows in the shape of an array."""
    return rows[chosen].reshape(*like.shape[:-1], rows.shape[-1])
