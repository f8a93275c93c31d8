"""EMA Workbench's own time for an experiment: its sequential evaluator on a function that does nothing."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

import numpy as np
from engine_shared import Options, main, per_thousand, task
from stopwatch import lacks

warnings.simplefilter("ignore")
try:
    ema: Any = import_module("ema_workbench")
except ImportError:
    lacks("ema_workbench")


def overhead(options: Options) -> tuple[float, Any]:
    """Seconds for 1,000 experiments with as many inputs and outcomes as the model has."""
    given = task(options)
    nothing = dict.fromkeys(given.columns, np.zeros(len(given.times)))
    model = ema.Model("nothing", function=lambda **_inputs: nothing)
    model.uncertainties = [ema.RealParameter(name, 0.0, 1.0) for name in given.names]
    model.outcomes = [ema.TimeSeriesOutcome(name) for name in given.columns]
    runs = options["runs"]

    def work() -> None:
        with ema.SequentialEvaluator(model) as evaluator:
            evaluator.perform_experiments(scenarios=runs)

    return per_thousand(work, runs, options["repeats"]), runs


if __name__ == "__main__":
    main({"overhead": overhead})
