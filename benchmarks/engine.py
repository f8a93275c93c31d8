"""The stock-flow engine beside its peers: one model, the same runs, every backend of ours.

First every engine computes the same few runs, which are compared with the equations themselves; an engine that
differs is not timed. Then come seconds per 1,000 runs, what starting and ensembles take, and how far the compiled
kernel is from what the machine's multiplications and additions alone would take.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from headframe.bench.peers import environment_of
from headframe.bench.rows import Row
from headframe.bench.runner import REPEATS, Bench
from headframe.bench.subject import Timing, environment_python, measure
from headframe.core.results import Message
from headframe.engine.batch.backend import CHANGING
from headframe.engine.checking.checks import random_runs
from headframe.engine.declare import Structure
from headframe.engine.graph import depends_on, reachable, work
from headframe.engine.making.wiring import of_kind
from headframe.engine.xmile import write as xmile

UNIT = "s/1000 runs"
COMPARED = 4
EXACT, PRINTED, SINGLE = 1e-12, 1e-6, 1e-4  # PySD prints tables with eight decimals; float32 has seven digits


class Engine(NamedTuple):
    """Something that computes the task: its script and options, and how near it has to be.

    It times `runs` at once, `repeats` times in each of three processes, and the least counts; a slow one has a process.
    """

    name: str
    script: str
    runs: int
    repeats: int = 1
    tolerance: float = EXACT
    options: Mapping[str, Any] = MappingProxyType({})
    peer: bool = False

    def scaled(self) -> bool:
        """Whether its time for 1,000 runs is worked out from fewer."""
        return self.runs < 1000


def kernel(precision: str, threads: int) -> Engine:
    """The compiled kernel in one of its forms."""
    name = f"kernel {precision}, {threads} thread" + "s" * (threads > 1)
    tolerance = EXACT if precision == "float64" else SINGLE
    options = {"backend": "kernel", "precision": precision, "threads": threads}
    return Engine(name, "headframe", 1024, 6, tolerance, options)


REFERENCE = Engine("reference", "headframe", 2, options={"backend": "reference"})
OURS = (
    *(kernel(precision, threads) for precision in ("float64", "float32") for threads in (1, 2)),
    Engine("batch", "headframe", 1000, 2, options={"backend": "batch"}),
    Engine("JavaScript in node", "headframe", 100, 6, options={"backend": "javascript"}),
    REFERENCE,
)
PEERS = (
    Engine("pysimlin", "pysimlin", 8, 6, peer=True),
    Engine("PySD", "pysd", 2, tolerance=PRINTED, peer=True),
)
SAMPLE = {"kernel": 64, "batch": 32, "javascript": 32, "reference": 2, "pysimlin": 4, "pysd": 1}


def cases(bench: Bench) -> Iterable[Row]:
    """Runs beside each peer, the floor, starting, and ensembles."""
    model = "epidemic" if bench.sample else "medium"
    flops = write_task(bench, model)
    base = {"scratch": str(bench.scratch), "model": model, "compared": COMPARED}
    engines = [sized(engine, sample=bench.sample) for engine in (*OURS, *PEERS)]
    answers = {engine.name: answer(bench, engine, base) for engine in engines}
    expected = answers[REFERENCE.name]
    apart = {name: None if found is None else difference(expected, found) for name, found in answers.items()}
    times = {engine.name: timing(bench, engine, base, apart[engine.name]) for engine in engines}
    for ours in (engine for engine in engines if not engine.peer):
        for theirs in (engine for engine in engines if engine.peer):
            yield compared(ours, theirs, times, apart)
    yield from floors(bench, base, flops, times)
    yield from starts(bench, base)
    yield from ensembles(bench, base)


def sized(engine: Engine, *, sample: bool) -> Engine:
    """The engine with the number of runs of a sample, where one is asked for."""
    return engine._replace(runs=SAMPLE[engine.options.get("backend", engine.script)]) if sample else engine


def write_task(bench: Bench, name: str) -> int:
    """What every engine reads: drawn parameters, and the model as XMILE. The floating-point operations of a run."""
    sys.path.insert(0, str(bench.benchmarks.parent))
    model, horizon, outcomes = _source(bench.benchmarks).described(name)
    system = model.system
    drawn = random_runs(model, horizon, 64, bench.seed, "bench").parameters
    for structure, declared in of_kind(model.declarations, Structure).items():
        drawn[:, system.parameters.slice(structure)] = declared.default
    np.save(bench.scratch / "parameters.npy", drawn)
    text = xmile.write(model, horizon, outcomes=outcomes)
    (bench.scratch / "model.xmile").write_text(text, encoding="utf-8")
    called = xmile.names(model)
    task = {
        "names": [str(one).lower() for parameter in system.parameters.names for one in called[parameter].flat],
        "columns": [str(one).lower() for outcome in outcomes.names for one in called[outcome].flat],
        "every": horizon.record_every,
        "times": horizon.recorded_times.tolist(),
    }
    (bench.scratch / "task.json").write_text(json.dumps(task), encoding="utf-8")
    roots = system.step_roots(outcomes.names)
    changing = depends_on(roots, CHANGING)
    once = work([node for node in reachable(roots) if node.number not in changing]).flops
    return int(once + (work(roots).flops - once) * horizon.steps)


def _source(benchmarks: Path) -> Any:
    spec = importlib.util.spec_from_file_location("engine_model", benchmarks / "subjects/engine_model.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measured(bench: Bench, engine: Engine, case: str, options: Mapping[str, Any], repeats: int) -> Timing | None:
    """A case of an engine in fresh processes; None where it is not installed."""
    bench.report()
    python = environment_python(environment_of(bench.benchmarks, bench.name)) if engine.peer else None
    script = bench.benchmarks / "subjects" / f"{bench.name}_{engine.script}.py"
    given = {**options, **engine.options, "runs": engine.runs, "repeats": 1 if bench.sample else engine.repeats}
    return measure(script, case, given, python=python, repeats=1 if bench.sample else repeats)


def answer(bench: Bench, engine: Engine, base: Mapping[str, Any]) -> NDArray[np.float64] | None:
    """The first runs (runs, recorded times, columns)."""
    found = measured(bench, engine, "values", base, 1)
    return None if found is None else np.array(found.answer, dtype=np.float64)


def difference(expected: NDArray[np.float64] | None, found: NDArray[np.float64]) -> float:
    """The largest |a − b| / max(|a|, largest of that column in the run), infinite where one is no number (law 7)."""
    if expected is None or expected.shape != found.shape or not np.isfinite(found).all():
        return float("inf")
    scale = np.maximum(np.abs(expected), np.abs(expected).max(axis=1, keepdims=True))
    apart = np.abs(expected - found)
    return float(np.divide(apart, scale, out=np.where(apart == 0.0, 0.0, np.inf), where=scale > 0.0).max())


def timing(bench: Bench, engine: Engine, base: Mapping[str, Any], apart: float | None) -> Timing | None:
    """The time for 1,000 runs of an engine that is there and agrees."""
    if apart is None or apart > engine.tolerance:
        return None
    return measured(bench, engine, "time", base, REPEATS if engine.repeats > 1 else 1)


def compared(
    ours: Engine, theirs: Engine, times: Mapping[str, Timing | None], apart: Mapping[str, float | None]
) -> Row:
    """One of our backends beside a peer, with how far both are from the equations themselves."""
    notes = []
    for engine in (ours, theirs):
        distance = apart[engine.name]
        if distance is None:
            notes.append(Message(id="bench.peer-missing", values={"peer": engine.name}))
        elif distance > engine.tolerance:
            notes.append(Message(id="bench.answers-differ", values={"subject": engine.name, "peer": REFERENCE.name}))
        else:
            values: dict[str, object] = {"subject": engine.name, "difference": f"{distance:.0e}"}
            notes.append(Message(id="bench.agrees", values=values))
            if engine.scaled():
                notes.append(Message(id="bench.scaled", values={"subject": engine.name, "runs": engine.runs}))
    return beside("runs", ours.name, times[ours.name], theirs.name, times[theirs.name], tuple(notes))


def beside(
    case: str, subject: str, our: Timing | None, peer: str, their: Timing | None, notes: tuple[Message, ...] = ()
) -> Row:
    """A row of two times for 1,000 runs."""
    return Row(
        case=case,
        subject=subject,
        seconds=our and our.seconds,
        peer=peer,
        peer_seconds=their and their.seconds,
        ratio=their.seconds / our.seconds if our and their else None,
        unit=UNIT,
        note=notes,
        peak_mib=our and our.peak_mib,
        peer_peak_mib=their and their.peak_mib,
    )


def floors(bench: Bench, base: Mapping[str, Any], flops: int, times: Mapping[str, Timing | None]) -> Iterator[Row]:
    """The kernel on one thread beside its multiplications and additions alone; the ratio is the part reached."""
    for precision in ("float64", "float32"):
        options = {**base, "flops": flops, "precision": precision}
        floor = measured(bench, Engine("floor", "floor", 0, 200), "floor", options, REPEATS)
        assert floor is not None
        rate = 1000.0 * flops / floor.seconds / 1e9
        note = Message(id="bench.floor", values={"flops": flops, "rate": f"{rate:.1f}"})
        name = kernel(precision, 1).name
        yield beside("floor", name, times[name], "multiply-add loop", floor, (note,))


def starts(bench: Bench, base: Mapping[str, Any]) -> Iterator[Row]:
    """From functions to a model, and from a model to its first runs with an empty and with a full cache."""
    ours = Engine("kernel float64", "headframe", 8, 3)
    for case, script, options in (
        ("make the model", "making", base),
        ("cold start", "start", {**base, "cold": True}),
        ("cached start", "start", {**base, "cold": False}),
    ):
        found = measured(bench, ours, script, options, REPEATS)
        assert found is not None
        yield Row(case=case, subject=ours.name, seconds=found.seconds, peak_mib=found.peak_mib)


def ensembles(bench: Bench, base: Mapping[str, Any]) -> Iterator[Row]:
    """What an ensemble takes beside its runs, and a large one with its memory."""
    ours = Engine("ensemble of nothing", "headframe", 256 if bench.sample else 20_480, 3)
    theirs = Engine("EMA Workbench", "ema_workbench", 20 if bench.sample else 1000, 3, peer=True)
    our, their = measured(bench, ours, "overhead", base, REPEATS), measured(bench, theirs, "overhead", base, REPEATS)
    notes = () if their else (Message(id="bench.peer-missing", values={"peer": theirs.name}),)
    yield beside("overhead", ours.name, our, theirs.name, their, notes)
    large = Engine("kernel float64, 2 threads", "headframe", 256 if bench.sample else 100_000)
    found = measured(bench, large, "ensemble", {**base, "threads": 2}, 1)
    assert found is not None
    case = f"ensemble of {large.runs}"
    yield Row(case=case, subject=large.name, seconds=found.seconds, peak_mib=found.peak_mib)
