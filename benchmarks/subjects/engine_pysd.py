"""The model's XMILE file translated to Python and run by PySD."""

from __future__ import annotations

import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from engine_shared import Numbers, Options, Task, main, per_thousand, task, told
from stopwatch import lacks

try:
    pysd: Any = import_module("pysd")
except ImportError:
    lacks("pysd")


def opened(options: Options) -> Any:
    """The translated model: translated once, loaded afterwards."""
    scratch = Path(options["scratch"])
    if (scratch / "model.py").is_file():
        return pysd.load(str(scratch / "model.py"))
    return pysd.read_xmile(str(scratch / "model.xmile"))


def computed(model: Any, given: Task, runs: int) -> Numbers:
    """Some runs (runs, recorded times, columns)."""
    found = np.empty((runs, len(given.times), len(given.columns)))
    wanted = {"return_columns": given.columns, "return_timestamps": given.times, "cache_output": False}  # the fastest
    for run in range(runs):
        table = model.run(params=dict(zip(given.names, given.parameters[run].tolist(), strict=True)), **wanted)
        found[run] = table[given.columns].to_numpy()
    return found


def values(options: Options) -> tuple[float, Any]:
    """The first runs."""
    return 0.0, told(computed(opened(options), task(options), options["compared"]))


def timed(options: Options) -> tuple[float, Any]:
    """Seconds for 1,000 runs; translation is not in it."""
    given, model, runs = task(options), opened(options), options["runs"]
    return per_thousand(lambda: computed(model, given, runs), runs, options["repeats"]), runs


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main({"values": values, "time": timed})
