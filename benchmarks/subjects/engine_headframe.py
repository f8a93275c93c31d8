"""Our own engine's backends: see benchmarks/engine.py."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    os.environ["HEADFRAME_CACHE"] = str(Path(json.loads(sys.argv[2])["scratch"]) / "cache")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from engine_shared import Numbers, Options, least, main, per_thousand, task, told

from headframe.engine.batch.backend import Batch
from headframe.engine.ensembles.design import Experiment
from headframe.engine.ensembles.run import run_ensemble
from headframe.engine.javascript.write import JavaScript
from headframe.engine.kernel.backend import Kernel
from headframe.engine.model import Model
from headframe.engine.reference import Reference
from headframe.engine.runs import Backend, Horizon, Outcomes, Recorded, Runs, recorded


@dataclass(frozen=True)
class Made:
    """The model of the task, and what is asked of it."""

    model: Model
    horizon: Horizon
    outcomes: Outcomes
    parameters: Numbers

    def runs(self, count: int) -> Runs:
        """So many runs, the given ones again and again."""
        chosen = np.arange(count) % len(self.parameters)
        return replace(self.model.runs(self.horizon, count), parameters=self.parameters[chosen])

    def backend(self, options: Options) -> Backend:
        """The backend that is asked for."""
        name, system = options["backend"], self.model.system
        if name == "kernel":
            return Kernel(system, self.horizon, self.outcomes, options["precision"], options["threads"])
        if name == "batch":
            return Batch(system, self.horizon, self.outcomes)
        if name == "javascript":
            return JavaScript(system, self.horizon, self.outcomes)
        return Reference(self.model, self.horizon, self.outcomes)


def made(options: Options) -> Made:
    """The model, as `benchmarks/engine.py` describes it."""
    source = import_module("engine_model")
    model, horizon, outcomes = source.described(options["model"])
    return Made(model, horizon, outcomes, task(options).parameters)


def values(options: Options) -> tuple[float, Any]:
    """The first runs."""
    ours = made(options)
    return 0.0, told(ours.backend(options).run(ours.runs(options["compared"])).values)


def timed(options: Options) -> tuple[float, Any]:
    """Seconds for 1,000 runs; compiling is not in it."""
    ours, runs = made(options), options["runs"]
    backend, given = ours.backend(options), ours.runs(runs)
    if isinstance(backend, JavaScript):  # node tells the time itself, so that its start and the exchange are not in it
        return backend.seconds(given, options["repeats"] + 1) * 1000.0 / runs, runs
    if options["backend"] != "reference":
        backend.run(given.part(slice(0, min(16, runs))))
    return per_thousand(lambda: backend.run(given), runs, options["repeats"]), runs


def start(options: Options) -> tuple[float, Any]:
    """From a model to the first eight runs: compiled where the cache is `cold`, else read from it."""
    cache, cold = Path(os.environ["HEADFRAME_CACHE"]), options["cold"]
    ours = made(options)
    given = ours.runs(8)
    if cold:
        shutil.rmtree(cache, ignore_errors=True)
    begun = time.perf_counter()
    kernel = Kernel(ours.model.system, ours.horizon, ours.outcomes)
    kernel.run(given)
    seconds = time.perf_counter() - begun
    if kernel.compiled.from_cache is cold:
        raise RuntimeError("the cache was not in the state that is measured")
    return seconds, cold


def making(options: Options) -> tuple[float, Any]:
    """Collecting, wiring, tracing and checking the model, without what Python's imports take."""
    source = import_module("engine_model")
    source.described(options["model"])
    return least(lambda: source.described(options["model"], anew=True), options["repeats"]), options["model"]


class Nothing:
    """A backend that computes nothing, to time what an ensemble takes beside its runs."""

    name = "nothing"

    def __init__(self, experiment: Experiment) -> None:
        self.system, self.horizon, self.outcomes = experiment.system, experiment.horizon, experiment.outcomes
        numbers = sum(self.outcomes.sizes(self.system))
        self.values = np.random.default_rng(0).random((experiment.block, len(self.horizon.recorded_steps), numbers))

    def run(self, runs: Runs) -> Recorded:
        """The same numbers whatever is asked."""
        failures = np.full(len(runs), -1, np.int32), np.full(len(runs), -1, np.int32)
        return recorded(self.system, self.horizon, self.outcomes, self.values[: len(runs)], failures)


def _experiment(options: Options) -> Experiment:
    ours = made(options)
    return Experiment.of(ours.model, ours.horizon, ours.outcomes, draws=options["runs"])


def overhead(options: Options) -> tuple[float, Any]:
    """Seconds for 1,000 runs of an ensemble that computes nothing: drawing, passing on, statistics."""
    experiment = _experiment(options)
    backend = Nothing(experiment)
    return per_thousand(lambda: run_ensemble(experiment, backend), options["runs"], options["repeats"]), options["runs"]


def ensemble(options: Options) -> tuple[float, Any]:
    """An ensemble as a user runs it, with statistics and a store, and its peak memory."""
    experiment = _experiment(options)

    def backend() -> Backend:
        return Kernel(experiment.system, experiment.horizon, experiment.outcomes)

    folder = Path(options["scratch"]) / "ensemble"
    found: dict[str, Any] = {}

    def work() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        found["result"] = run_ensemble(experiment, backend, folder=folder, threads=options["threads"])

    seconds = least(work, 1)
    result = found["result"]
    means = [float(np.ravel(result.mean(name))[-1]) for name in experiment.outcomes.names]
    return seconds, {"runs": experiment.runs, "failed": len(result.failed_runs()), "means": means}


CASES: dict[str, Callable[[Options], tuple[float, Any]]] = {
    "values": values,
    "time": timed,
    "start": start,
    "making": making,
    "overhead": overhead,
    "ensemble": ensemble,
}

if __name__ == "__main__":
    main(CASES)
