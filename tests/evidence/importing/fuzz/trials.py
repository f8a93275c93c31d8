"""Trials: cases run in a process of their own, which is started again when a case kills it; figures of many cases."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.conftest import ROOT
from tests.evidence.importing.fuzz.cases import case
from tests.evidence.importing.fuzz.worker import SECONDS, Outcome

PATIENCE = 10 * SECONDS  # seconds of the clock without an answer
LISTED = 12


class Trials:
    """Runs cases in a child process; a case that ends the process is an outcome with a fault."""

    def __init__(self, folder: Path, seed: int, command: tuple[str, ...] = ()) -> None:
        self._folder, self._seed = folder, seed
        self._command = command or (sys.executable, "-m", f"{__package__}.worker")
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def tried(self, number: int, *, into: bool = True) -> Outcome:
        """What comes of a case; with `into` it is imported into a folder as well."""
        child = self._child or self._started()
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(f"{number} {'into' if into else 'read'}\n".encode())
        child.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            answered = bool(selector.select(PATIENCE))
        line = child.stdout.readline() if answered else b""
        if line:
            return Outcome(**json.loads(line))
        fault = self._death() if answered else f"no answer within {PATIENCE} s"
        self._end()
        made = case(number, self._seed)
        return Outcome(number, made.trick, len(made.file.data), "", {}, "", 0.0, 0.0, fault)

    def _started(self) -> subprocess.Popen[bytes]:
        temporary = self._folder / "cases" / "temporary"
        temporary.mkdir(parents=True, exist_ok=True)
        environment = {
            **os.environ,
            "TMPDIR": str(temporary),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONWARNINGS": "error",
            "POLARS_MAX_THREADS": "1",
            "HEADFRAME_LANG": "en",
            "PYTHONPATH": str(ROOT),
        }
        command = (*self._command, str(self._folder / "cases"), str(self._seed))
        with (self._folder / "errors.txt").open("wb") as errors:
            self._child = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
            )
        return self._child

    def _death(self) -> str:
        assert self._child is not None
        status = self._child.wait()
        name = signal.Signals(-status).name if status < 0 else str(status)
        told = (self._folder / "errors.txt").read_text(encoding="utf-8", errors="replace")
        return f"the process died: {name}\n{told[-2000:]}"

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if child.stdin is not None:
            child.stdin.close()
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def run(
    numbers: Iterable[int], folder: Path, seed: int, kept: Path | None = None, into_every: int = 1
) -> Iterator[Outcome]:
    """Outcomes of cases in their order; those in the file `kept` are not run again, new ones are added to it.

    Every so many cases are imported into a folder as well, those that are refused when read among them.
    """
    known, broken = dict[int, Outcome](), False
    if kept is not None and kept.is_file():
        text = kept.read_text(encoding="utf-8")
        lines, broken = text.splitlines(), not text.endswith("\n")
        known = {entry["number"]: Outcome(**entry) for line in lines if (entry := _entry(line))}
    with Trials(folder, seed) as trials:
        for number in numbers:
            outcome = known.get(number) or trials.tried(number, into=number % into_every == 0)
            if kept is not None and number not in known:
                with kept.open("a", encoding="utf-8") as out:
                    out.write("\n" * broken + json.dumps(asdict(outcome)) + "\n")
                broken = False
            yield outcome


def _entry(line: str) -> dict[str, Any]:
    """An outcome that was written; nothing for a line that was cut off."""
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError:
        return {}
    return found


def figures(outcomes: Iterable[Outcome], seed: int) -> dict[str, Any]:
    """What is recorded of many cases: counts by outcome, the slowest, the largest, and every fault."""
    found = sorted(outcomes, key=lambda one: one.number)
    layouts: dict[str, Counter[str]] = {}
    for one in found:
        for name, outcome in one.layouts.items():
            layouts.setdefault(name, Counter())[outcome] += 1
    return {
        "seed": seed,
        "cases": len(found),
        "faults": [
            {"number": one.number, "trick": one.trick, "fault": one.fault[-1500:]} for one in found if one.fault
        ],
        "reading": dict(Counter(one.reading or "fault" for one in found).most_common()),
        "importing": dict(
            Counter(one.imported or ("fault" if one.fault else "not tried") for one in found).most_common()
        ),
        "layouts": {name: dict(counts.most_common()) for name, counts in sorted(layouts.items())},
        "tricks": dict(sorted(Counter(one.trick.partition(" ")[0] for one in found).items())),
        "processor_seconds": round(sum(one.seconds for one in found), 1),
        "slowest": [
            {"number": one.number, "trick": one.trick, "bytes": one.size, "seconds": one.seconds}
            for one in sorted(found, key=lambda one: -one.seconds)[:LISTED]
        ],
        "largest": [
            {"number": one.number, "trick": one.trick, "bytes": one.size, "megabytes": one.megabytes}
            for one in sorted(found, key=lambda one: -one.megabytes)[:LISTED]
        ],
    }
