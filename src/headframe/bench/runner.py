"""Running a benchmark: find its file, run its cases beside their peers, compare answers, then report times."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from headframe.bench.peers import environment_of, install_peers
from headframe.bench.rows import BenchResult, Row
from headframe.bench.subject import Timing, environment_python, measure, same_answer
from headframe.core.errors import HeadframeError, did_you_mean
from headframe.core.jobs import Cancel, Progress, silent
from headframe.core.provenance import run_record
from headframe.core.results import Message
from headframe.core.seeds import DEFAULT_SEED

FOLDER = Path(__file__).resolve().parents[3] / "benchmarks"
REPEATS = 3


@dataclass(frozen=True)
class Bench:
    """What a benchmark's `cases(bench)` works with: a scratch folder, a seed, and the means to compare.

    `sample` asks for a small version of the same work, for tests.
    """

    name: str
    benchmarks: Path
    scratch: Path
    seed: int
    sample: bool
    report: Callable[[], None]

    def compare(self, case: str, subject: str, peer: str = "", options: Mapping[str, object] | None = None) -> Row:
        """One row: our subject beside a peer, each `benchmarks/subjects/<benchmark>_<name>.py`.

        Answers are compared before times are: where they differ the row has no ratio and says so. A peer that is not
        installed gives a row that says so. Raises HF803 when a subject fails.
        """
        self.report()
        repeats = 1 if self.sample else REPEATS
        given = dict(options or {})
        ours = measure(self._script(subject), case, given, repeats=repeats)
        peer_python = environment_python(environment_of(self.benchmarks, self.name))
        theirs = measure(self._script(peer), case, given, python=peer_python, repeats=repeats) if peer else None
        return row_of(case, (subject, ours), (peer, theirs))

    def _script(self, subject: str) -> Path:
        return self.benchmarks / "subjects" / f"{self.name}_{subject}.py"


def row_of(case: str, ours: tuple[str, Timing | None], theirs: tuple[str, Timing | None]) -> Row:
    """The row that two timings make, with the notes that belong to it."""
    (subject, our), (peer, their) = ours, theirs
    notes: list[Message] = []
    if our is None:
        notes.append(Message(id="bench.subject-missing", values={"subject": subject}))
    if peer and their is None:
        notes.append(Message(id="bench.peer-missing", values={"peer": peer}))
    agree = our is not None and their is not None and same_answer(our.answer, their.answer)
    if our is not None and their is not None and not agree:
        notes.append(Message(id="bench.answers-differ", values={"subject": subject, "peer": peer}))
    if any(timing is not None and timing.peak_mib is None for timing in (our, their)):
        notes.append(Message(id="bench.memory-not-measured"))
    return Row(
        case=case,
        subject=subject,
        seconds=our and our.seconds,
        peer=peer,
        peer_seconds=their and their.seconds,
        ratio=their.seconds / our.seconds if agree and our and their and our.seconds > 0 else None,
        note=tuple(notes),
        peak_mib=our and our.peak_mib,
        peer_peak_mib=their and their.peak_mib,
    )


def benchmark_names(folder: Path = FOLDER) -> tuple[str, ...]:
    """The names of the benchmarks in a folder, sorted."""
    return tuple(sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")))


def find_benchmark(name: str, folder: Path = FOLDER) -> Path:
    """The file of a benchmark. Raises HF801 where there is no folder of benchmarks, HF802 for an unknown name."""
    if not folder.is_dir():
        raise HeadframeError.of("HF801", name[:80], folder=str(folder))
    names = benchmark_names(folder)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name not in names:
        suggestion = did_you_mean(name, list(names)) or ", ".join(names)
        raise HeadframeError.of("HF802", name[:80], name=name[:80], suggestion=suggestion)
    return folder / f"{name}.py"


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"headframe_benchmark_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise LookupError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def machine() -> dict[str, str]:
    """What the times belong to: processors, kind of processor, system, Python."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return {
        "processors": str(usable),
        "architecture": platform.machine(),
        "system": platform.system(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def run(
    name: str,
    *,
    with_peers: bool = False,
    sample: bool = False,
    seed: int = DEFAULT_SEED,
    folder: Path = FOLDER,
    progress: Progress = silent,
    cancel: Cancel | None = None,
) -> BenchResult:
    """Run a benchmark by name and give back its rows. Errors: HF801–HF805, HF116 when cancelled.

    `with_peers` first installs the peers into their own environment (the one thing here that uses a network). `sample`
    runs a small version of the same work. Scratch files go to a temporary folder and are removed.
    """
    path = find_benchmark(name, folder)
    if with_peers:
        install_peers(folder, name)
    cases: Callable[[Bench], Iterable[Row]] = _load(path).cases
    rows: list[Row] = []

    def report() -> None:
        if cancel is not None:
            cancel.check()
        progress(len(rows), max(len(rows) + 1, 1), "bench.stage")

    with tempfile.TemporaryDirectory(prefix="headframe-bench-") as scratch:
        bench = Bench(name, folder, Path(scratch), seed, sample, report)
        for row in cases(bench):
            rows.append(row)
            report()
    record = run_record("bench", {"benchmark": name}, {"sample": sample}, seed)
    return BenchResult(name=name, rows=tuple(rows), record=record, machine=machine())
