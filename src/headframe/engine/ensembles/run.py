"""Ensembles: many runs, computed in units of work, of which only statistics are kept.

    experiment = Experiment.of(model, horizon, ("people",), draws=10_000, policies=[…], scenarios=[…])
    result = run_ensemble(experiment, lambda: Kernel(model.system, horizon, experiment.outcomes), threads=2)
    result.table()

A unit of work is one block of draws in one group, always computed by one call of the backend with the same inputs. So
neither the length of chunks, nor threads, nor the order in which units are done, nor a kill in between changes a byte.
Memory is that of the units in work and of the statistics: per group about (2 × bins + 20) × 8 bytes for each outcome
number and recorded time, however many runs there are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from headframe.core.errors import HeadframeError
from headframe.core.files import folder_lock
from headframe.core.jobs import Cancel, Progress, silent
from headframe.engine.ensembles.design import Experiment
from headframe.engine.ensembles.result import EnsembleResult
from headframe.engine.ensembles.store import FAILURES, STATE, STATISTICS, Store, record_of
from headframe.engine.ensembles.work import Backends, Pool, Work

STAGE = "progress.ensemble"
UNITS_PER_THREAD = 4  # in a chunk, unless its length is given
PACE = 5.0  # seconds between two checkpoints, at least
SHARE = 20.0  # a checkpoint waits until this many times as long as the last one took has passed


def run_ensemble(
    experiment: Experiment,
    backend: Backends,
    *,
    progress: Progress = silent,
    cancel: Cancel | None = None,
    folder: Path | None = None,
    chunk: int | None = None,
    threads: int = 1,
    pace: float = PACE,
) -> EnsembleResult:
    """Compute an ensemble, or what is left of it.

    `backend` is a backend, used by one thread at a time, or a function that makes one, called once for each of
    `threads`. After `chunk` runs (rounded up to whole units of work) and at least `pace` seconds, or after every chunk
    where `pace` is 0, the state is written to `folder`, if one is given. A later call with the same experiment goes on
    from there; one whose folder is complete computes nothing. `progress` counts runs.

    Raises HF116 when `cancel` was requested (the folder then holds what is done), HF951 for a folder with another
    ensemble, HF952 for a damaged one, HF111 where somebody else writes to it, HF953 for no threads, an empty chunk, or
    trajectories without a folder. Failures of runs are values (law 8).
    """
    kept = experiment.trajectories not in (0, ()) and folder is None
    if threads < 1 or (chunk is not None and chunk < 1) or kept:
        asked = {"threads": threads, "chunk": chunk, "trajectories": experiment.trajectories, "folder": folder}
        raise HeadframeError.of("HF953", "ensemble", what=", ".join(f"{key} {value}" for key, value in asked.items()))
    pool = Pool(backend, threads)
    record = record_of(experiment, pool.first)
    work = Work(experiment, pool)
    units = threads * UNITS_PER_THREAD if chunk is None else -(-chunk // experiment.block)
    lock: AbstractContextManager[None] = nullcontext() if folder is None else folder_lock(folder)
    with lock:
        store = None if folder is None else Store(folder, record)
        if store is not None:
            _take_up(work, store)
        _Run(work, store, progress, cancel, pace).all(units, threads)
        result = EnsembleResult(experiment, record, tuple(tally.finish() for tally in work.tallies))
        if store is not None:
            store.save(work.state())
            store.finish({STATISTICS: result.table(), FAILURES: result.failures()})
    return result


def _take_up(work: Work, store: Store) -> None:
    """Go on from what the folder holds. Raises HF951, HF952."""
    state = store.begin()
    if state is None:
        return
    try:
        work.restore(state)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise HeadframeError.of("HF952", str(store.folder / STATE), reason=error) from error
    for unit in np.flatnonzero(work.done):
        if len(work.experiment.chosen(int(unit))):
            store.check_part(int(unit))


@dataclass
class _Run:
    """One call of `run_ensemble`: who is told, who may stop it, and when a checkpoint is due."""

    work: Work
    store: Store | None
    progress: Progress
    cancel: Cancel | None
    pace: float

    def all(self, units: int, threads: int) -> None:
        """Do what is left, `units` at a time."""
        saved, cost = time.monotonic(), 0.0
        self._tell()
        with _executor(threads) as executor:
            for chunk in self.work.chunks(units):
                self._chunk(chunk, executor)
                waited = time.monotonic() - saved >= max(self.pace, SHARE * cost)
                if self.store is not None and (waited or not self.pace):
                    cost = _seconds(self._save)
                    saved = time.monotonic()

    def _chunk(self, units: Sequence[int], executor: ThreadPoolExecutor | None) -> None:
        for done in self.work.results(units, executor):
            if self.store is not None and done.trajectories is not None:
                self.store.save_part(done.unit, done.trajectories)
            self.work.add(done)
            self._tell()
            self._check()

    def _tell(self) -> None:
        self.progress(self.work.runs_done, self.work.experiment.runs, STAGE)

    def _check(self) -> None:
        try:
            if self.cancel is not None:
                self.cancel.check()
        except HeadframeError:
            self._save()
            raise

    def _save(self) -> None:
        if self.store is not None:
            self.store.save(self.work.state())


def _executor(threads: int) -> AbstractContextManager[ThreadPoolExecutor | None]:
    return ThreadPoolExecutor(threads) if threads > 1 else nullcontext()


def _seconds(work: Callable[[], None]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun
