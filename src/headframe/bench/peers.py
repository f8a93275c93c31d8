"""Peers' environments: one per benchmark, beside it and outside git, so that no peer can disturb our own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from headframe.bench.subject import environment_python
from headframe.core.errors import HeadframeError

ENVIRONMENTS = ".envs"


def environment_of(benchmarks: Path, name: str) -> Path:
    """Where the peers of a benchmark are installed."""
    return benchmarks / ENVIRONMENTS / name


def install_peers(benchmarks: Path, name: str) -> Path:
    """Make the environment of a benchmark's peers from `requirements-<name>.txt`; gives back its interpreter.

    Raises HF805 where the benchmark has no peers, HF804 when the environment cannot be made.
    """
    requirements = benchmarks / f"requirements-{name}.txt"
    if not requirements.is_file():
        raise HeadframeError.of("HF805", name, name=name)
    environment = environment_of(benchmarks, name)
    python = environment_python(environment)
    if not python.is_file():
        _run([sys.executable, "-m", "venv", str(environment)], name)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    _run([*pip, "--requirement", str(requirements)], name)
    return python


def _run(command: list[str], name: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 (our words)
    except OSError as error:
        raise HeadframeError.of("HF804", name, reason=str(error)) from error
    if done.returncode:
        lines = (done.stderr or done.stdout).decode("utf-8", errors="replace").strip().splitlines()
        raise HeadframeError.of("HF804", name, reason=lines[-1][:200] if lines else f"exit code {done.returncode}")
