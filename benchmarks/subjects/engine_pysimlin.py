"""The model's XMILE file run by pysimlin: one simulation object, reset and given new parameters for each run."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from engine_shared import Numbers, Options, Task, main, per_thousand, task, told
from stopwatch import lacks

try:
    simlin: Any = import_module("simlin")
except ImportError:
    lacks("pysimlin")


def opened(options: Options, given: Task) -> Any:
    """The model, which keeps only the steps that are recorded."""
    model = simlin.load(Path(options["scratch"]) / "model.xmile")
    model.project.set_sim_specs(save_step=given.times[1] - given.times[0])
    return model


def computed(model: Any, given: Task, runs: int) -> Numbers:
    """Some runs (runs, recorded times, columns)."""
    found = np.empty((runs, len(given.times), len(given.columns)))
    with model.simulate() as simulation:
        for run in range(runs):
            simulation.reset()
            for name, value in zip(given.names, given.parameters[run], strict=True):
                simulation.set_value(name, float(value))
            simulation.run_to_end()
            for place, column in enumerate(given.columns):
                found[run, :, place] = simulation.get_series(column)
    return found


def values(options: Options) -> tuple[float, Any]:
    """The first runs."""
    given = task(options)
    return 0.0, told(computed(opened(options, given), given, options["compared"]))


def timed(options: Options) -> tuple[float, Any]:
    """Seconds for 1,000 runs; loading is not in it."""
    given = task(options)
    model, runs = opened(options, given), options["runs"]
    computed(model, given, 1)
    return per_thousand(lambda: computed(model, given, runs), runs, options["repeats"]), runs


if __name__ == "__main__":
    main({"values": values, "time": timed})
