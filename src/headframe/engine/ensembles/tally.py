"""The statistics of one group while blocks come in, and when all are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headframe.engine.ensembles.statistics import Counts, Crossings, Layout, Leaf, Moments, Tree, count_cells, edges_of
from headframe.engine.runs import Floats

Arrays = dict[str, NDArray[Any]]

SLACK = 1e-12  # relative; n × p is meant to be whole where rounding alone lifts it above
FEWEST_BLOCKS = 8  # whose spread is taken for the spread of means


@dataclass(frozen=True, eq=False)
class GroupStatistics:
    """Statistics over the runs of one policy in one scenario; arrays are (T, K): recorded times, outcome numbers.

    `runs` were computed. Of their values `count` count at each time; `lost` more were no finite number in a run that
    had not failed. `mean`, `deviation` (sample standard deviation, n − 1), `minimum`, `maximum` are over those that
    count and NaN where there are none. `failures` (bounds, steps + 1) counts failed runs by the bound that they broke
    first and the step before which they did; `failed` lists those with the lowest run numbers (run, step, bound).
    """

    layout: Layout
    runs: int
    count: Counts
    lost: Counts
    mean: Floats
    deviation: Floats
    block_means: Moments
    minimum: Floats
    maximum: Floats
    crossings: tuple[Crossings, ...]
    failures: Counts
    failed: Counts
    edges: Floats | None
    cells: Counts | None
    ordered: Floats | None

    def quantile(self, p: float) -> tuple[Floats, Floats, Floats]:
        """The quantile `p` of the values that count: an estimate, and the ends between which it lies for certain.

        The value of rank ⌈n p⌉; the estimate is linear in the rank within the cell. All NaN where nothing counts.
        """
        ranks = np.ceil(self.count * p * (1.0 - SLACK)).astype(np.int64)
        return self._of_rank(np.clip(ranks, 1, np.maximum(self.count, 1)))

    def interval(self, p: float, level: float = 0.95) -> tuple[Floats, Floats]:
        """An interval that holds the quantile `p` of what the runs are drawn from, with probability `level` at least.

        From order statistics, without assumptions on the distribution: the ranks are quantiles of the binomial
        distribution of how many of n independent values lie below. The ends are those of the cells, so that counting
        in cells can only widen it. Infinite where too few runs are there to say. Exact for independent draws; Latin
        hypercubes and Sobol' sequences are not independent (for monotone outcomes their intervals are too wide).
        """
        from scipy.stats import binom

        lower = binom.ppf((1.0 - level) / 2.0, self.count, p).astype(np.int64)
        upper = binom.ppf((1.0 + level) / 2.0, self.count, p).astype(np.int64) + 1
        most = np.maximum(self.count, 1)
        low = np.where(lower < 1, -np.inf, self._of_rank(np.clip(lower, 1, most))[1])
        high = np.where(upper > self.count, np.inf, self._of_rank(np.clip(upper, 1, most))[2])
        return np.where(self.count > 0, low, np.nan), np.where(self.count > 0, high, np.nan)

    def standard_error(self, *, independent: bool) -> Floats:
        """How far the mean may be off, as a standard deviation.

        Independent draws: deviation / √n. Blocks that are complete designs of their own, such as Latin hypercubes:
        the standard deviation of the means of B whole blocks / √B, from eight blocks on. With fewer the value for
        independent draws is given, which for a Latin hypercube of n points is too large but for a factor √(n/(n−1)).
        """
        with np.errstate(all="ignore"):
            alone = np.asarray(self.deviation / np.sqrt(np.maximum(self.count, 1)))
            blocks = np.maximum(self.block_means.count, 2)
            between = np.sqrt(self.block_means.squares / (blocks - 1) / blocks)
        return alone if independent else np.where(self.block_means.count >= FEWEST_BLOCKS, between, alone)

    def _of_rank(self, rank: Counts) -> tuple[Floats, Floats, Floats]:
        shape, flat = self.count.shape, rank.reshape(-1, 1)
        if self.ordered is not None:
            exact = np.take_along_axis(self.ordered, flat - 1, axis=1).reshape(shape)
            return exact, exact, exact
        low, high, share = self._cell_of_rank(flat)
        low, high, share = (part.reshape(shape) for part in (low, high, share))
        low, high = np.maximum(low, self.minimum), np.minimum(high, self.maximum)
        estimate = np.clip(low + share * (high - low), low, high)
        return estimate, low, high

    def _cell_of_rank(self, rank: Counts) -> tuple[Floats, Floats, Floats]:
        """The ends of the cells that hold the ranks (C, 1), and how far into them the ranks are."""
        if self.cells is None or self.edges is None:
            raise TypeError("neither values nor cells were kept")
        reached = np.cumsum(self.cells, axis=1)
        cell = np.minimum((reached < rank).sum(axis=1, keepdims=True), self.cells.shape[1] - 1)
        inside = np.take_along_axis(self.cells, cell, axis=1)
        before = np.take_along_axis(reached, cell, axis=1) - inside
        above = np.nextafter(self.edges, np.inf)  # a cell is open below: its least number is the next above the edge
        outside = np.full((len(rank), 1), np.inf)
        low = np.take_along_axis(np.hstack([-outside, above]), cell, axis=1)
        high = np.take_along_axis(np.hstack([self.edges, outside]), cell, axis=1)
        return low, high, (rank - before - 0.5) / np.maximum(inside, 1)


class Tally:
    """Takes up the leaves of one group. Block 0 comes first (it sets the cells), the others in any order."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        times, numbers = layout.shape
        sizes = [layout.columns(threshold.outcome) for threshold in layout.plan.thresholds]
        self.edges: Floats | None = None
        self._moments, self._means = Tree(layout.blocks), Tree(layout.blocks)
        self._arrays: Arrays = {
            "runs": np.zeros((), dtype=np.int64),
            "lost": np.zeros((times, numbers), dtype=np.int64),
            "minimum": np.full((times, numbers), np.nan),
            "maximum": np.full((times, numbers), np.nan),
            "failures": np.zeros((layout.bounds, layout.steps + 1), dtype=np.int64),
            "failed": np.zeros((0, 3), dtype=np.int64),
        }
        for number, columns in enumerate(sizes):
            size = columns.stop - columns.start
            self._arrays[f"at {number}"] = np.zeros((times, size), dtype=np.int64)
            self._arrays[f"ever {number}"] = np.zeros(size, dtype=np.int64)
            self._arrays[f"never {number}"] = np.zeros(size, dtype=np.int64)

    def add(self, block: int, leaf: Leaf) -> None:
        """Take up the leaf of a block. Raises ValueError for another block before block 0."""
        held = self._arrays
        if leaf.ordered is not None and block == 0:
            self._begin(leaf.ordered, leaf.moments.count.ravel())
        elif self.edges is None:
            raise ValueError(f"block {block} before the pilot")
        if leaf.cells is not None:
            held["cells"] = held["cells"] + leaf.cells
        self._moments.add(block, leaf.moments)
        whole = (leaf.moments.count > 0) & (leaf.runs == self.layout.block)
        mean = np.where(whole, leaf.moments.mean, 0.0)
        self._means.add(block, Moments(whole.astype(np.int64), mean, np.zeros_like(mean)))
        held["runs"] = held["runs"] + leaf.runs
        held["lost"] = held["lost"] + leaf.lost
        held["failures"] = held["failures"] + leaf.failures
        held["minimum"] = np.fmin(held["minimum"], leaf.minimum)
        held["maximum"] = np.fmax(held["maximum"], leaf.maximum)
        failed = np.concatenate([held["failed"], leaf.failed])
        held["failed"] = failed[np.argsort(failed[:, 0], kind="stable")][: self.layout.plan.listed]
        for number, crossings in enumerate(leaf.crossings):
            for name in ("at", "ever", "never"):
                held[f"{name} {number}"] = held[f"{name} {number}"] + getattr(crossings, name)

    def _begin(self, ordered: Floats, count: Counts) -> None:
        """Keep all the values of the only block, or let those of the pilot set the cells and count them."""
        if self.layout.exact:
            self._arrays["ordered"] = ordered
            self.edges = np.zeros((0, 0))
            return
        self.edges = edges_of(ordered, count, self.layout.plan.bins)
        cells = np.zeros((len(ordered), self.layout.plan.bins + 2), dtype=np.int64)
        count_cells(ordered, count, self.edges, cells)
        self._arrays["edges"], self._arrays["cells"] = self.edges, cells

    def state(self) -> Arrays:
        """Everything held, as arrays that `restore` takes up; equal for equal sets of blocks."""
        found = dict(self._arrays)
        for name, tree in (("moments", self._moments), ("means", self._means)):
            found |= {f"{name}/{key}": array for key, array in tree.state().items()}
        return found

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take up what `state` gave. Raises KeyError or ValueError where something is missing or of another shape."""
        for name, array in self._arrays.items():
            if name != "failed" and state[name].shape != array.shape:
                raise ValueError(name)
        self._arrays = {name: array for name, array in state.items() if "/" not in name}
        for name, tree in (("moments", self._moments), ("means", self._means)):
            tree.restore({key.partition("/")[2]: array for key, array in state.items() if key.startswith(f"{name}/")})
        self.edges = state.get("edges", np.zeros((0, 0)) if "ordered" in state else None)

    def finish(self) -> GroupStatistics:
        """The statistics over the blocks that are there."""
        held, total = self._arrays, self._moments.total()
        with np.errstate(all="ignore"):
            deviation = np.where(total.count > 1, np.sqrt(total.squares / np.maximum(total.count - 1, 1)), np.nan)
        thresholds = range(len(self.layout.plan.thresholds))
        return GroupStatistics(
            layout=self.layout,
            runs=int(held["runs"]),
            count=total.count,
            mean=np.where(total.count > 0, total.mean, np.nan),
            deviation=deviation,
            block_means=self._means.total(),
            crossings=tuple(Crossings(held[f"at {n}"], held[f"ever {n}"], held[f"never {n}"]) for n in thresholds),
            edges=held.get("edges"),
            cells=held.get("cells"),
            ordered=held.get("ordered"),
            **{name: held[name] for name in ("lost", "minimum", "maximum", "failures", "failed")},
        )
