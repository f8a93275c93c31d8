"""The work of an ensemble: its units, which of them are done, and what they have given so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache
from queue import SimpleQueue
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headframe.engine.ensembles.design import Experiment
from headframe.engine.ensembles.statistics import Layout, Leaf, summarise
from headframe.engine.ensembles.store import parquet, trajectories
from headframe.engine.ensembles.tally import Tally
from headframe.engine.runs import Backend

Backends = Backend | Callable[[], Backend]


@dataclass(frozen=True, eq=False)
class Done:
    """What a unit of work gave: its statistics, and its trajectories as a file where any are kept."""

    unit: int
    leaf: Leaf
    trajectories: bytes | None


class Pool:
    """Backends, each used by one thread at a time."""

    def __init__(self, backend: Backends, threads: int) -> None:
        self.threads = threads
        made = [backend] if _is_backend(backend) else [backend() for _ in range(threads)]  # type: ignore[operator]
        self.first: Backend = made[0]  # type: ignore[assignment]
        self._free: SimpleQueue[Any] = SimpleQueue()
        for each in made:
            self._free.put(each)

    def use(self, work: Callable[[Backend], Any]) -> Any:
        """Call `work` with a backend that is free, waiting for one."""
        backend = self._free.get()
        try:
            return work(backend)
        finally:
            self._free.put(backend)


def _is_backend(given: Backends) -> bool:
    return not isinstance(given, type) and hasattr(given, "run")


class Work:
    """The units of an experiment. `add` and `restore` belong to one thread; `compute` may run in any."""

    def __init__(self, experiment: Experiment, pool: Pool) -> None:
        self.experiment, self._pool = experiment, pool
        blocks, groups = experiment.design.blocks, len(experiment.groups)
        made = (experiment.system, experiment.horizon, experiment.outcomes, blocks, experiment.block)
        self.layout = Layout.of(experiment.statistics, *made)
        self.tallies = [Tally(self.layout) for _ in range(groups)]
        self.done = np.zeros(experiment.units, dtype=np.bool_)
        self.runs_done = 0
        self._cached = lru_cache(maxsize=pool.threads + 1)(experiment.drawn)  # the groups of a block follow one another
        self._drawing = Lock()

    def chunks(self, units: int) -> Iterator[Sequence[int]]:
        """What is left to do, `units` at a time; no chunk holds both pilots and others, which need their cells."""
        left = np.flatnonzero(~self.done)
        groups = len(self.experiment.groups)
        for some in (left[left < groups], left[left >= groups]):
            for start in range(0, len(some), units):
                yield [int(unit) for unit in some[start : start + units]]

    def results(self, units: Sequence[int], executor: ThreadPoolExecutor | None) -> Iterator[Done]:
        """Compute units, each given when it is ready. Those not begun are dropped when the caller stops asking."""
        if executor is None:
            yield from map(self.compute, units)
            return
        futures = [executor.submit(self.compute, unit) for unit in units]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            for future in futures:
                future.cancel()

    def compute(self, unit: int) -> Done:
        """Compute one unit and reduce it."""
        block, group = divmod(unit, len(self.experiment.groups))
        with self._drawing:  # threads at one block wait for one of them to draw it
            drawn = self._cached(block)
        runs = self.experiment.inputs(unit, drawn)
        recorded = self._pool.use(lambda backend: backend.run(runs))
        edges = None if block == 0 else self.tallies[group].edges
        leaf = summarise(self.layout, recorded, self.experiment.runs_of(unit), edges)
        frame = trajectories(self.experiment, unit, recorded)
        return Done(unit, leaf, None if frame is None else parquet(frame))

    def add(self, done: Done) -> None:
        """Take up a unit."""
        block, group = divmod(done.unit, len(self.tallies))
        self.tallies[group].add(block, done.leaf)
        self.done[done.unit] = True
        self.runs_done += done.leaf.runs

    def state(self) -> dict[str, NDArray[Any]]:
        """All that it takes to go on: arrays that are equal for equal sets of units, whatever their order."""
        found: dict[str, NDArray[Any]] = {"done": np.packbits(self.done)}
        for number, tally in enumerate(self.tallies):
            found |= {f"{number}/{name}": array for name, array in tally.state().items()}
        return found

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take up what `state` gave. Raises KeyError or ValueError where it is of another experiment or damaged."""
        done = np.unpackbits(state["done"], count=len(self.done)).astype(np.bool_)
        for number, tally in enumerate(self.tallies):
            prefix = f"{number}/"
            tally.restore({name.removeprefix(prefix): a for name, a in state.items() if name.startswith(prefix)})
        self.done = done
        self.runs_done = sum(len(self.experiment.runs_of(int(unit))) for unit in np.flatnonzero(done))
