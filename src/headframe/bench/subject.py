"""Subjects: scripts that do one piece of work in a fresh process and tell its time, peak memory and answer.

A subject is a file in `benchmarks/subjects/` that uses nothing of ours but `stopwatch.py` beside it, so that it can
run in a peer's own environment. Its last line of output is JSON: `{"seconds": …, "peak_mib": …, "answer": …}`.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headframe.core.errors import HeadframeError

LACKS_A_MODULE = 3  # the exit code by which a subject says that what it measures is not installed


@dataclass(frozen=True)
class Timing:
    """The least time of the repeats in seconds, the largest peak memory in MiB, and the answer."""

    seconds: float
    peak_mib: float | None
    answer: Any


def environment_python(environment: Path) -> Path:
    """The interpreter of a virtual environment, on either kind of system."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def measure(
    script: Path, case: str, options: Mapping[str, object], *, python: Path | None = None, repeats: int = 3
) -> Timing | None:
    """Run a case of a subject `repeats` times, each in a fresh process; None when what it measures is not installed.

    Raises HF803 when the subject fails otherwise, or when two repeats give different answers.
    """
    if python is not None and not python.is_file():
        return None
    runs: list[dict[str, Any]] = []
    for _ in range(repeats):
        run = _once([str(python or sys.executable), "-X", "utf8", str(script), case, json.dumps(options)], script)
        if run is None:
            return None
        runs.append(run)
    if not all(same_answer(run["answer"], runs[0]["answer"]) for run in runs):
        raise HeadframeError.of("HF803", f"{script.name} {case}", reason="repeats differ")
    peaks = [float(run["peak_mib"]) for run in runs if run["peak_mib"] is not None]
    return Timing(min(float(run["seconds"]) for run in runs), max(peaks, default=None), runs[0]["answer"])


def _once(command: Sequence[str], script: Path) -> dict[str, Any] | None:
    done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 (our words)
    if done.returncode == LACKS_A_MODULE:
        return None
    lines = done.stdout.decode("utf-8", errors="replace").strip().splitlines()
    try:
        report = json.loads(lines[-1]) if done.returncode == 0 and lines else None
    except ValueError:
        report = None
    if not isinstance(report, dict) or not {"seconds", "peak_mib", "answer"} <= report.keys():
        said = done.stderr.decode("utf-8", errors="replace").strip().splitlines() or lines
        reason = said[-1][:200] if said else f"exit code {done.returncode}"
        raise HeadframeError.of("HF803", f"{script.name} {command[-2]}", reason=reason)
    return report


def same_answer(one: Any, other: Any, tolerance: float = 1e-9) -> bool:
    """Whether two answers agree: equal in shape, text and counts; floats within a relative tolerance."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_answer(one[key], other[key], tolerance) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same_answer(a, b, tolerance) for a, b in zip(one, other, strict=True))
    if isinstance(one, float) or isinstance(other, float):
        numbers = isinstance(one, int | float) and isinstance(other, int | float)
        return numbers and math.isclose(one, other, rel_tol=tolerance, abs_tol=0.0)
    return bool(one == other) and type(one) is type(other)
