"""What a block of runs leaves behind: the recorded outcomes, and the first failure of each run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from headframe.engine.operations import Array
from headframe.engine.runs import Floats, Horizon, Outcomes
from headframe.engine.system import System


class Guard:
    """Checks bounds before each step and keeps the first failure of each run."""

    def __init__(self, system: System, state: Floats, width: int) -> None:
        largest = np.finfo(np.float64).max  # infinity is no number either
        self._bounds = [(max(bound.low, -largest), min(bound.high, largest)) for bound in system.bounds]
        self._stocks = _ranges_of_stocks(system, self._bounds, state)
        stocks = set(system.states.names)
        self._others = [index for index, bound in enumerate(system.bounds) if bound.variable not in stocks]
        self.failed_step = np.full(width, -1, np.int32)
        self.failed_bound = np.full(width, -1, np.int32)

    def start(self) -> None:
        """Forget the runs before."""
        self.failed_step[:] = -1
        self.failed_bound[:] = -1

    def check(self, step: int, arrays: Sequence[Array]) -> None:
        """Note the runs that fail before this step; `arrays` are the bounded variables in the order of the bounds."""
        if not self._sound(arrays):
            for index, array in enumerate(arrays):
                broken = ~self._within(index, array) & (self.failed_step < 0)
                self.failed_step[broken] = step
                self.failed_bound[broken] = index

    def _sound(self, arrays: Sequence[Array]) -> bool:
        """Whether no run fails that has not failed before; all the stocks in a few comparisons."""
        for state, low, high in self._stocks:
            inside = (state >= low) & (state <= high)
            if not (inside.all() or (inside.all(axis=0) | (self.failed_step >= 0)).all()):
                return False
        return all((self._within(index, arrays[index]) | (self.failed_step >= 0)).all() for index in self._others)

    def _within(self, index: int, array: Array) -> Array:
        """Which runs keep a bound in every element."""
        low, high = self._bounds[index]
        axes = tuple(range(array.ndim - 1))
        kept: Array = (np.minimum.reduce(array, axes) >= low) & (np.maximum.reduce(array, axes) <= high)
        return kept


def _ranges_of_stocks(
    system: System, bounds: Sequence[tuple[float, float]], state: Floats
) -> list[tuple[Floats, Floats, Floats]]:
    """The rows of the state that have bounds, in runs of neighbours, with their lowest and highest values."""
    low, high = np.full((len(state), 1), -np.inf), np.full((len(state), 1), np.inf)
    bounded = np.zeros(len(state) + 2, np.int8)
    for bound, (lowest, highest) in zip(system.bounds, bounds, strict=True):
        if bound.variable in system.states.names:
            rows = system.states.slice(bound.variable)
            low[rows], high[rows] = np.maximum(low[rows], lowest), np.minimum(high[rows], highest)
            bounded[rows.start + 1 : rows.stop + 1] = 1
    turns = np.flatnonzero(np.diff(bounded)).reshape(-1, 2)
    return [(state[first:end], low[first:end], high[first:end]) for first, end in turns]


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
