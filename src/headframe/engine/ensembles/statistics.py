"""Statistics of an ensemble that never hold its runs: the same bytes whatever the order in which blocks come in.

Runs come in blocks of a fixed size. `summarise` reduces a block to a `Leaf`; a `Tally` takes up the leaves of a group.
Counts, extremes and histograms are sums and comparisons without rounding, so that their order is free. Means and
squared deviations round; they are merged along a fixed binary tree over the numbers of the blocks, with the update for
two samples of Chan, Golub and LeVeque (1983), The American Statistician 37(3), 242–247.

A value counts unless its run has failed at or before that time, or the value is no finite number; every statistic is
over the values that count, and says how many they are.

**Quantiles.** The quantile p of n values is the one of rank ⌈n p⌉. While a group has one block only, all its values
are kept and quantiles are exact. Beyond that, the first block, the pilot, sets the edges of a histogram for every
number and time, at evenly spaced ranks of its values; all values are counted in the cells. The cell that holds the
value asked for is then known for certain: its ends are stated beside an estimate from within it. The outermost cells
end at the smallest and the largest value. A value that the pilot repeats has a cell of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headframe.core.errors import HeadframeError
from headframe.engine.runs import Floats, Horizon, Outcomes, Recorded
from headframe.engine.system import System

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Threshold:
    """A value whose crossing is counted: runs in which `outcome` is `above` it (or below), strictly, per element."""

    outcome: str
    value: float
    above: bool = True


@dataclass(frozen=True)
class Plan:
    """Which statistics a table shows, how fine the histograms are (`bins`), how many failed runs are listed at most.

    Raises HF953 for probabilities outside (0, 1), no bins, or a threshold that is no number.
    """

    quantiles: tuple[float, ...] = (0.05, 0.25, 0.5, 0.75, 0.95)
    thresholds: tuple[Threshold, ...] = ()
    bins: int = 256
    listed: int = 1000

    def __post_init__(self) -> None:
        sensible = all(0.0 < p < 1.0 for p in self.quantiles) and self.bins >= 1 and self.listed >= 0
        if not (sensible and all(np.isfinite(threshold.value) for threshold in self.thresholds)):
            raise HeadframeError.of("HF953", "statistics", what=self)


@dataclass(frozen=True, eq=False)
class Layout:
    """What the arrays of one group look like: T recorded times, K outcome numbers, C = T × K columns."""

    plan: Plan
    outcomes: Outcomes
    sizes: tuple[int, ...]
    recorded_steps: NDArray[np.int32]
    steps: int
    bounds: int
    blocks: int  # in the group
    block: int  # draws in a whole block

    @classmethod
    def of(cls, plan: Plan, system: System, horizon: Horizon, outcomes: Outcomes, blocks: int, block: int) -> Layout:
        """The layout for an ensemble."""
        sizes, bounds = outcomes.sizes(system), len(system.bounds)
        return cls(plan, outcomes, sizes, horizon.recorded_steps, horizon.steps, bounds, blocks, block)

    @property
    def shape(self) -> tuple[int, int]:
        """Recorded times and outcome numbers."""
        return len(self.recorded_steps), sum(self.sizes)

    @property
    def exact(self) -> bool:
        """Whether all values are kept, because there is one block only."""
        return self.blocks == 1

    @cached_property
    def exists(self) -> NDArray[np.bool_]:
        """Which numbers there are at which time (T, K): a mean has none at the first record."""
        found = np.ones(self.shape, dtype=np.bool_)
        found[0] = np.repeat([rule == "point" for rule in self.outcomes.rules], self.sizes)
        return found

    def columns(self, outcome: str) -> slice:
        """The outcome numbers of a name."""
        place = self.outcomes.names.index(outcome)
        start = sum(self.sizes[:place])
        return slice(start, start + self.sizes[place])


@dataclass(frozen=True, eq=False)
class Moments:
    """How many values, their mean, and the sum of their squared deviations from it, elementwise."""

    count: Counts
    mean: Floats
    squares: Floats

    def merged(self, other: Moments) -> Moments:
        """The moments of both samples together."""
        count = self.count + other.count
        with np.errstate(all="ignore"):
            share = np.where(count > 0, other.count / np.maximum(count, 1), 0.0)
            apart = other.mean - self.mean
            mean = np.where(self.count == 0, other.mean, self.mean + apart * share)
            between = np.where((self.count > 0) & (other.count > 0), apart * apart * (self.count * share), 0.0)
            return Moments(count, mean, self.squares + other.squares + between)


@dataclass(frozen=True, eq=False)
class Crossings:
    """Runs beyond one threshold, by element of its outcome.

    `at` (T, elements): runs beyond it at each time. `ever`: at any recorded time before a failure. `never`: at none,
    in runs that have a value at every time. The other runs ended before they could tell.
    """

    at: Counts
    ever: Counts
    never: Counts


@dataclass(frozen=True, eq=False)
class Leaf:
    """One block of runs, reduced. Arrays are (T, K) but for `cells` (C, bins + 2), or, where the values are kept,
    `ordered` (C, runs): each row sorted, what does not count at its end as NaN.

    `failures` (bounds, steps + 1) counts runs by what they broke first and before which step; `failed` lists them
    (run, step, bound).
    """

    runs: int
    moments: Moments
    lost: Counts
    minimum: Floats
    maximum: Floats
    crossings: tuple[Crossings, ...]
    failures: Counts
    failed: Counts
    cells: Counts | None
    ordered: Floats | None


def summarise(layout: Layout, recorded: Recorded, runs: Counts, edges: Floats | None) -> Leaf:
    """Reduce a block of runs, with these run numbers; `edges` (C, bins + 1) are None for the first block of a group."""
    times, numbers = layout.shape
    count, lost = np.zeros((2, times, numbers), dtype=np.int64)
    mean, squares, minimum, maximum = np.zeros((4, times, numbers))
    ordered = np.empty((times, numbers, len(runs))) if edges is None else None
    cells = None if edges is None else np.empty((times, numbers, layout.plan.bins + 2), dtype=np.int64)
    watched = [_Crossing(layout, threshold, len(runs)) for threshold in layout.plan.thresholds]
    failed_step = recorded.failed_step.astype(np.int64)
    with np.errstate(all="ignore"):
        for time, step in enumerate(layout.recorded_steps):
            alive = (failed_step < 0) | (step < failed_step)
            found = np.array(recorded.values[:, time, :].T, dtype=np.float64, order="C")
            found += 0.0  # makes −0 a 0: which of the two is the smaller would depend on their order
            there = alive[None, :] & layout.exists[time][:, None]
            valid = there & np.isfinite(found)
            count[time] = valid.sum(axis=1)
            lost[time] = there.sum(axis=1) - count[time]
            for crossing in watched:
                crossing.see(time, found, valid)
            mean[time], squares[time] = _moments(found, valid, count[time])
            found[~valid] = np.nan
            found.sort(axis=1)
            minimum[time] = found[:, 0]
            maximum[time] = np.take_along_axis(found, np.maximum(count[time] - 1, 0)[:, None], axis=1)[:, 0]
            if ordered is not None:
                ordered[time] = found
            if cells is not None and edges is not None:
                count_cells(found, count[time], edges[time * numbers : (time + 1) * numbers], cells[time])
    return Leaf(
        len(runs),
        Moments(count, mean, squares),
        lost,
        minimum,
        maximum,
        tuple(crossing.counted() for crossing in watched),
        *_failures(layout, recorded, runs),
        None if cells is None else cells.reshape(times * numbers, -1),
        None if ordered is None else ordered.reshape(times * numbers, -1),
    )


def _moments(found: Floats, valid: NDArray[np.bool_], count: Counts) -> tuple[Floats, Floats]:
    """Mean and squared deviations of the valid values of each row."""
    mean = np.where(valid, found, 0.0).sum(axis=1) / np.maximum(count, 1)
    apart = np.where(valid, found - mean[:, None], 0.0)
    return mean, np.asarray((apart * apart).sum(axis=1))


def count_cells(ordered: Floats, count: Counts, edges: Floats, cells: Counts) -> None:
    """How many values of each sorted row lie in (−∞, e₀], (e₀, e₁], …, (e_last, ∞)."""
    for row, (values, number) in enumerate(zip(ordered, count, strict=True)):
        places = np.searchsorted(values[:number], edges[row], side="right")
        cells[row, 0] = places[0]
        np.subtract(places[1:], places[:-1], out=cells[row, 1:-1])
        cells[row, -1] = number - places[-1]


class _Crossing:
    """Counts one threshold over the times of a block."""

    def __init__(self, layout: Layout, threshold: Threshold, runs: int) -> None:
        self._columns, self._threshold = layout.columns(threshold.outcome), threshold
        self._exists = layout.exists[:, self._columns]
        size = self._exists.shape[1]
        self._at = np.zeros((len(layout.recorded_steps), size), dtype=np.int64)
        self._crossed = np.zeros((size, runs), dtype=np.bool_)
        self._complete = np.ones((size, runs), dtype=np.bool_)

    def see(self, time: int, found: Floats, valid: NDArray[np.bool_]) -> None:
        values, counts = found[self._columns], valid[self._columns]
        beyond = counts & (values > self._threshold.value if self._threshold.above else values < self._threshold.value)
        self._at[time] = beyond.sum(axis=1)
        self._crossed |= beyond
        self._complete &= counts | ~self._exists[time][:, None]

    def counted(self) -> Crossings:
        never = self._complete & ~self._crossed
        return Crossings(self._at, self._crossed.sum(axis=1), never.sum(axis=1))


def _failures(layout: Layout, recorded: Recorded, runs: Counts) -> tuple[Counts, Counts]:
    which = np.flatnonzero(recorded.failed_step >= 0)
    steps, bounds = recorded.failed_step[which], recorded.failed_bound[which]
    counted = np.zeros((layout.bounds, layout.steps + 1), dtype=np.int64)
    np.add.at(counted, (bounds, steps), 1)
    return counted, np.stack([runs[which], steps, bounds], axis=1).astype(np.int64)


def edges_of(ordered: Floats, count: Counts, bins: int) -> Floats:
    """The edges (C, bins + 1) that a pilot's sorted values (C, runs) set: evenly spaced ranks of those that count.

    Where edges coincide, the first of them moves down to the next number below, so that the repeated value has a cell
    of its own. Without any value all edges are 0: the cells then say little, and their ends say so.
    """
    ranks = np.rint(np.linspace(0.0, 1.0, bins + 1) * np.maximum(count - 1, 0)[:, None]).astype(np.int64)
    edges = np.take_along_axis(ordered, ranks, axis=1)
    edges[count == 0] = 0.0
    tied = edges[:, :-1] == edges[:, 1:]
    first = tied.copy()
    first[:, 1:] &= ~tied[:, :-1]
    edges[:, :-1][first] = np.nextafter(edges[:, :-1][first], -np.inf)
    return edges


class Tree:
    """Moments of blocks 0 … blocks − 1, merged in pairs of neighbours, then pairs of pairs, whatever comes first."""

    def __init__(self, blocks: int) -> None:
        self.blocks = blocks
        self.waiting: dict[tuple[int, int], Moments] = {}  # (level, place in it) → moments whose neighbour is missing

    def add(self, block: int, moments: Moments) -> None:
        """Take up one block."""
        level, place = 0, block
        while (1 << level) < self.blocks:
            neighbour = place ^ 1
            if neighbour << level < self.blocks:
                if (level, neighbour) not in self.waiting:
                    break
                other = self.waiting.pop((level, neighbour))
                moments = other.merged(moments) if neighbour < place else moments.merged(other)
            level, place = level + 1, place >> 1
        self.waiting[level, place] = moments

    def total(self) -> Moments:
        """The moments of all the blocks; those that are there where some are missing."""
        nodes = [moments for _, moments in sorted(self.waiting.items())]
        found = nodes[0]
        for other in nodes[1:]:
            found = found.merged(other)
        return found

    def state(self) -> dict[str, NDArray[Any]]:
        """What is held, as arrays."""
        keys = sorted(self.waiting)
        found: dict[str, NDArray[Any]] = {"places": np.array(keys, dtype=np.int64).reshape(-1, 2)}
        for field in fields(Moments):
            found[field.name] = np.array([getattr(self.waiting[key], field.name) for key in keys])
        return found

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take up what `state` gave."""
        parts = [list(state[field.name]) for field in fields(Moments)]
        for number, (level, place) in enumerate(state["places"]):
            self.waiting[int(level), int(place)] = Moments(*(part[number] for part in parts))
