"""JavaScript: a model as one script for a page, a worker or node, and a backend that runs it in node.

The script is the program of a run (`headframe.engine.lowering.program`) with `runtime.js` around it.
Parameters, paths, events, cuts, structures and the horizon are inputs; nothing has to be written anew to change them.
"""

from __future__ import annotations

import json
from importlib.resources import files
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headframe.engine.javascript.node import computed
from headframe.engine.javascript.printer import Printer, table_function
from headframe.engine.lowering.lower import lower
from headframe.engine.lowering.program import REGIONS, Program
from headframe.engine.runs import Floats, Horizon, Integers, Integrator, Outcomes, Recorded, Runs, recorded
from headframe.engine.system import Slots, System

LARGEST = float(np.finfo(np.float64).max)


def write(system: System, outcomes: Outcomes, integrator: Integrator = "euler") -> str:
    """The script of a system that records these outcomes; what it offers stands at its head."""
    program = lower(system, outcomes)
    machine = _machine(program, integrator)
    index_starts = list(accumulate((len(table) for table in program.index_tables), initial=0))
    printer = Printer(machine["first"], index_starts, machine["first"]["clock"], program.tables)
    lines = [line for number, table in enumerate(program.tables) for line in table_function(number, table)]
    for phase in program.phases.values():
        lines += printer.phase(phase)
    filled = {
        '/*{layout}*/"{}"': _quoted(layout(system, outcomes, integrator)),
        '/*{machine}*/"{}"': _quoted(machine),
        "/*{phases}*/": "\n  ".join(lines),
    }
    text = files("headframe.engine.javascript").joinpath("runtime.js").read_text(encoding="utf-8")
    for marker, content in filled.items():
        text = text.replace(marker, content)
    return text


def layout(system: System, outcomes: Outcomes, integrator: Integrator = "euler") -> dict[str, Any]:
    """What lies where in the arrays that the script reads and writes, by name; can be written as JSON.

    Each entry has its name, shape, first row (of outcomes: column) and number of rows; `pointsPerStep` says how densely
    paths are given.
    """
    shapes = [(name, system.variables[name].shape) for name in outcomes.names]
    recorded = _entries(Slots.of(shapes))
    return {
        "name": system.name,
        "digest": system.digest,
        "integrator": integrator,
        "pointsPerStep": 1 if integrator == "euler" else 2,
        "parameters": _entries(system.parameters),
        "paths": _entries(system.paths),
        "events": _entries(system.events),
        "switches": list(system.switches),
        "outcomes": [entry | {"rule": rule} for entry, rule in zip(recorded, outcomes.rules, strict=True)],
        "bounds": [bound.variable for bound in system.bounds],
    }


def _entries(slots: Slots) -> list[dict[str, Any]]:
    found = []
    row = 0
    for name, shape in zip(slots.names, slots.shapes, strict=True):
        size = int(np.prod(shape, dtype=int))
        found.append({"name": name, "shape": list(shape), "row": row, "size": size})
        row += size
    return found


def _machine(program: Program, integrator: Integrator) -> dict[str, Any]:
    """Where everything lies in the script's memory."""
    rows: dict[str, int] = {region: program.rows[region] for region in REGIONS}
    rows["sums"] = sum(outcome.place.size for outcome in program.outcomes if outcome.rule == "mean")
    stages = 0 if integrator == "euler" else rows["state"]
    rows |= {"start": stages, "total": stages, "clock": 2}
    first = dict(zip(rows, accumulate(rows.values(), initial=0), strict=False))
    return {
        "rows": rows,
        "first": first,
        "memory": sum(rows.values()),
        "constants": program.constants.tolist(),
        "tables": [entry for table in program.index_tables for entry in table],
        "outcomes": [
            {"start": first[o.place.region] + o.place.start, "size": o.place.size, "mean": o.rule == "mean"}
            for o in program.outcomes
        ],
        "bounds": [
            {
                "start": first[b.place.region] + b.place.start,
                "size": b.place.size,
                "low": max(b.low, -LARGEST),
                "high": min(b.high, LARGEST),
            }
            for b in program.bounds
        ],
        "renewed": [{"start": start, "size": size} for start, size in program.renewed],
    }


def _quoted(value: Any) -> str:
    """JSON as a literal that may stand in a page's script element."""
    text = json.dumps(json.dumps(value, allow_nan=False))
    return text.replace("<", "\\u003c")


class JavaScript:
    """Computes runs with the script in node; for tests and benchmarks, as it starts a process for every set of runs.

    Raises HF947 where there is no node, HF948 where it fails.
    """

    name = "javascript"

    def __init__(self, system: System, horizon: Horizon, outcomes: Outcomes) -> None:
        self.system, self.horizon, self.outcomes = system, horizon, outcomes
        self.script = write(system, outcomes, horizon.integrator)

    def run(self, runs: Runs) -> Recorded:
        """Compute all the runs; failures are values (law 8)."""
        values, failures, _ = self._computed(runs, 1)
        return recorded(self.system, self.horizon, self.outcomes, values, failures)

    def seconds(self, runs: Runs, repeats: int = 3) -> float:
        """The least time that computing all the runs took in `repeats` turns of one process, its start not counted."""
        return self._computed(runs, repeats)[2]

    def _computed(self, runs: Runs, repeats: int) -> tuple[Floats, tuple[Integers, Integers], float]:
        horizon, count = self.horizon, len(runs)
        numbers = {
            "start": horizon.start,
            "steps": horizon.steps,
            "stepsPerYear": horizon.steps_per_year,
            "recordEvery": horizon.record_every,
        }
        request = {"horizon": numbers, "runs": count, "repeats": repeats, "base": runs.base is not None}
        arrays = _arrays("own", runs)
        if runs.base is not None:
            arrays |= _arrays("base", runs.base)
        found = computed(self.script, request, arrays)
        shape = (count, len(horizon.recorded_steps), sum(self.outcomes.sizes(self.system)))
        failures = np.frombuffer(found[-8 * count :], np.int32) if count else np.zeros(0, np.int32)
        values = np.frombuffer(found[8 : len(found) - 8 * count], np.float64).reshape(shape)
        return values.copy(), (failures[:count].copy(), failures[count:].copy()), float(np.frombuffer(found[:8])[0])


def _arrays(whose: str, runs: Runs) -> dict[str, NDArray[Any]]:
    events = runs.events
    given: dict[str, tuple[NDArray[Any], type]] = {
        "parameters": (runs.parameters, np.float64),
        "paths": (runs.paths, np.float64),
        "path_set": (runs.path_set, np.int32),
        "offsets": (events.offsets, np.int32),
        "rows": (events.rows, np.int32),
        "starts": (events.starts, np.float64),
        "ends": (events.ends, np.float64),
        "amounts": (events.amounts, np.float64),
        "cuts": (runs.cuts, np.uint8),
    }
    return {f"{whose}_{name}": np.asarray(array, kind) for name, (array, kind) in given.items()}
