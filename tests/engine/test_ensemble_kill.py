"""A process that computes an ensemble is killed again and again; what comes of it is what an undisturbed one writes."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.engine.town import contents
from tests.house.tree import ROOT

WORKER = """
import sys
from pathlib import Path
from headframe.engine.batch.backend import Batch
from headframe.engine.ensembles.run import run_ensemble
from headframe.engine.ensembles.design import Experiment, Setting
from headframe.engine.model import Model
from headframe.engine.runs import Horizon
from tests.engine.models import logistic

folder, draws, block, threads, pace = Path(sys.argv[1]), *map(int, sys.argv[2:5]), float(sys.argv[5])
policies = (Setting("base"), Setting("small", parameters={"capacity": 300.0}))
of = Experiment.of(
    Model.of(logistic),
    Horizon(years=10.0, steps_per_year=4, record_every=8),
    ("people", "net_births"),
    draws,
    policies=policies,
    block=block,
    trajectories=3000,
)
run_ensemble(
    of,
    lambda: Batch(of.system, of.horizon, of.outcomes),
    progress=lambda done, whole, stage: print(done, whole, flush=True),
    folder=folder,
    threads=threads,
    chunk=block,
    pace=pace,
)
"""


def worker(folder: Path, draws: int, block: int, threads: int, pace: float = 0.0) -> subprocess.Popen[bytes]:
    arguments = [str(folder), *map(str, (draws, block, threads, pace))]
    return subprocess.Popen([sys.executable, "-c", WORKER, *arguments], cwd=ROOT, stdout=subprocess.PIPE)


def done_before_kill(process: subprocess.Popen[bytes], reports: int, pause: float) -> tuple[int, int] | None:
    """Kill after so many reports of progress and a pause: the runs done at the start and last heard of.

    None where the process came to its end.
    """
    assert process.stdout is not None
    heard: list[int] = []
    for line in process.stdout:
        heard.append(int(line.split()[0]))
        if len(heard) > reports:
            break
    else:
        assert process.wait() == 0
        process.stdout.close()
        return None
    time.sleep(pause)
    process.kill()
    process.wait()
    heard += [int(line.split()[0]) for line in process.stdout.read().splitlines() if line.split()]
    process.stdout.close()
    return heard[0], heard[-1]


def killed_until_done(
    folder: Path, draws: int, block: int, reports: tuple[int, int], kills: int
) -> list[tuple[int, int]]:
    """Start and kill a worker `kills` times at drawn moments, then let it end: what was done at starts and kills."""
    drawn, found = random.Random(20130045), []
    for _ in range(kills):
        process = worker(folder, draws, block, threads=drawn.choice((1, 2)))
        at = done_before_kill(process, drawn.randint(*reports), drawn.random() * 0.02)
        if at is None:
            break
        found.append(at)
    with worker(folder, draws, block, threads=1) as process:
        assert process.stdout is not None
        process.stdout.read()
    assert process.returncode == 0
    return found


def test_kill_at_random_moments_and_resume_gives_the_same_bytes(tmp_path: Path) -> None:
    with worker(tmp_path / "undisturbed", 2000, 64, 1) as process:
        assert process.stdout is not None
        process.stdout.read()
    kills = killed_until_done(tmp_path / "killed", 2000, 64, (3, 18), 4)
    assert len(kills) == 4
    assert kills[-1][0] > 0, "later processes go on from where earlier ones were killed"
    assert all(start <= last < 4000 for start, last in kills)
    expected = contents(tmp_path / "undisturbed")
    assert len(expected) == 4 + 2 * 24
    assert contents(tmp_path / "killed") == expected


@pytest.mark.full
def test_kill_an_ensemble_of_100000_runs_half_way_and_resume(tmp_path: Path) -> None:
    """The same at the size that the engine promises; peak memory stays below 1 GB."""
    resource = pytest.importorskip("resource")
    with worker(tmp_path / "undisturbed", 50_000, 1024, 2, pace=1.0) as process:
        assert process.stdout is not None
        process.stdout.read()
    assert process.returncode == 0
    kills = killed_until_done(tmp_path / "killed", 50_000, 1024, (10, 40), 5)
    assert any(30_000 < last < 70_000 for _, last in kills), "one kill at least half-way"
    assert contents(tmp_path / "killed") == contents(tmp_path / "undisturbed")
    assert json.loads((tmp_path / "killed/record.json").read_text(encoding="utf-8"))["options"]["draws"] == "50000"
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1_000_000, "kB"
