"""What the subjects of the engine's benchmark share: the runs that all compute, timing, and the report.

NumPy and the standard library only, so that a peer's environment can run it too.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stopwatch import peak_mib

Options = Mapping[str, Any]
Numbers = NDArray[np.float64]
Case = Callable[[Options], tuple[float, Any]]


@dataclass(frozen=True)
class Task:
    """What every engine computes: `parameters` (runs, names) of a model, recorded in `columns` at every `every` step.

    `names` and `columns` are what the XMILE file calls the elements of parameters and outcomes.
    """

    names: list[str]
    columns: list[str]
    every: int
    times: list[float]
    parameters: Numbers


def task(options: Options) -> Task:
    """The task that the benchmark wrote into its scratch folder."""
    scratch = Path(options["scratch"])
    described = json.loads((scratch / "task.json").read_text(encoding="utf-8"))
    return Task(**described, parameters=np.load(scratch / "parameters.npy"))


def least(work: Callable[[], Any], repeats: int) -> float:
    """The least time of several in seconds."""
    found = []
    for _ in range(repeats):
        gc.collect()
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return min(found)


def per_thousand(work: Callable[[], Any], runs: int, repeats: int) -> float:
    """Seconds for 1,000 runs, scaled from the runs of one call."""
    return least(work, repeats) * 1000.0 / runs


def told(values: Any) -> list[list[list[float]]]:
    """Values (runs, recorded times, columns) as an answer."""
    listed: list[list[list[float]]] = np.asarray(values, dtype=np.float64).tolist()
    return listed


def main(cases: Mapping[str, Case]) -> None:
    """Run the case named on the command line and print the report as JSON."""
    seconds, answer = cases[sys.argv[1]](json.loads(sys.argv[2]))
    print(json.dumps({"seconds": seconds, "peak_mib": peak_mib(), "answer": answer}))
