"""Folders of ensembles: equal bytes whatever happens, going on after cancels and stops, refusal of others."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from headframe.core import files
from headframe.core.errors import HeadframeError
from headframe.core.files import folder_lock
from headframe.core.jobs import Cancel
from headframe.engine.batch.backend import Batch
from headframe.engine.ensembles.design import Experiment
from headframe.engine.ensembles.run import run_ensemble
from headframe.engine.ensembles.statistics import Plan
from headframe.engine.runs import Recorded, Runs
from tests.conftest import FULL
from tests.engine.closed_forms import backend, experiment
from tests.engine.models import logistic
from tests.engine.town import MODEL, PLAN, YEARS, batch, contents, town


def code_of(error: pytest.ExceptionInfo[HeadframeError]) -> str:
    return error.value.problems[0].code


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the small ensemble, computed in one go."""
    folder = tmp_path_factory.mktemp("undisturbed")
    run_ensemble(town(), batch(town()), folder=folder)
    return contents(folder)


@pytest.mark.parametrize(("threads", "chunk", "pace"), [(1, 1, 0.0), (2, 100, 0.0), (3, 7000, 5.0)])
def test_files_do_not_depend_on_chunks_threads_and_checkpoints(
    tmp_path: Path, undisturbed: dict[str, bytes], threads: int, chunk: int, pace: float
) -> None:
    of = town()
    run_ensemble(of, lambda: batch(of), folder=tmp_path, threads=threads, chunk=chunk, pace=pace)
    assert contents(tmp_path) == undisturbed


def test_trajectories_are_the_records_of_the_chosen_runs(tmp_path: Path) -> None:
    chosen = (3, 250, 251, 399)
    of = town(trajectories=chosen)
    run_ensemble(of, batch(of), folder=tmp_path)
    kept = pl.read_parquet(tmp_path / "trajectories/*.parquet").sort("run", "time")
    assert kept["run"].unique().sort().to_list() == list(chosen)
    assert kept.columns == ["run", "draw", "policy", "scenario", "time", "sane", "people", "room_left"]
    for run in chosen:
        rows = kept.filter(pl.col("run") == run)
        draw, policy, _ = of.place(run)
        unit = draw // 32 * 2 + policy
        expected = batch(of).run(of.inputs(unit))["people"][draw % 32]
        assert rows["people"].to_numpy().tobytes() == expected.tobytes()
        assert set(rows["policy"]) == {("base", "small")[policy]}
        assert set(rows["draw"]) == {draw}
        assert rows["time"].to_list() == [0.0, 2.0, 4.0, 6.0]


def test_trajectories_tell_where_a_run_had_failed(tmp_path: Path) -> None:
    of = experiment(50, trajectories=50)
    failed = backend(of, failed=lambda runs: np.where(runs.parameters[:, 0] > 0.9, 4, -1))  # before the third record
    run_ensemble(of, failed, folder=tmp_path)
    kept = pl.read_parquet(tmp_path / "trajectories/*.parquet")
    drawn = of.drawn(0).values["x"][:, 0]
    for run, rows in kept.group_by("run"):
        expected = [True, True, False, False, False] if drawn[run[0]] > 0.9 else [True] * 5
        assert rows.sort("time")["sane"].to_list() == expected


def test_a_record_says_what_it_takes_to_repeat(tmp_path: Path) -> None:
    of = town(seed=0)
    result = run_ensemble(of, batch(of), folder=tmp_path)
    written = json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))
    assert written["seed"] == 0
    assert written["id"] == result.record.id
    assert written["inputs"]["system"] == MODEL.system.digest
    assert written["versions"]["numpy"] == np.__version__
    assert written["backend"].startswith("batch float64; ")
    assert written["options"]["draws"] == "200"


def cancelled_after(units: int) -> tuple[Cancel, Callable[[int, int, str], None]]:
    """A request to stop that comes when so many units are done."""
    cancel, seen = Cancel(), []

    def progress(done: int, whole: int, stage: str) -> None:
        seen.append(done)
        if len(seen) == units + 1:
            cancel.request()

    return cancel, progress


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("units", [1, 2, 5])
def test_cancelling_leaves_a_folder_that_goes_on(
    tmp_path: Path, undisturbed: dict[str, bytes], units: int, threads: int
) -> None:
    of = town()
    cancel, progress = cancelled_after(units)
    with pytest.raises(HeadframeError) as error:
        run_ensemble(of, lambda: batch(of), folder=tmp_path, cancel=cancel, progress=progress, threads=threads)
    assert code_of(error) == "HF116"
    seen: list[int] = []
    run_ensemble(of, lambda: batch(of), folder=tmp_path, progress=lambda done, *_: seen.append(done))
    assert seen[0] >= 8, "what was done is not done again"
    assert len(seen) == 14 - units + 1
    assert contents(tmp_path) == undisturbed


def test_a_complete_folder_computes_nothing(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    of = town()
    first = run_ensemble(of, batch(of), folder=tmp_path)

    class Counted(Batch):
        calls = 0

        def run(self, runs: Runs) -> Recorded:
            Counted.calls += 1
            return super().run(runs)

    again = run_ensemble(of, Counted(of.system, of.horizon, of.outcomes, block=16), folder=tmp_path)
    assert Counted.calls == 0
    assert again.table().equals(first.table(), null_equal=True)
    assert again.failed_runs().equals(first.failed_runs())
    assert contents(tmp_path) == undisturbed


class Killed(BaseException):
    """Stands for a kill: nothing catches it, and nothing is written after it."""


@pytest.mark.parametrize("stop_after", range(1, 151) if FULL else (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144))
def test_a_stop_between_any_two_steps_of_writing_is_made_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: dict[str, bytes], stop_after: int
) -> None:
    of, calls = town(), 0

    def counted(operation: Any) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > stop_after:
                raise Killed
            return operation(*args, **kwargs)

        return run

    with monkeypatch.context() as patch:
        patch.setattr(files, "_write_durably", counted(files._write_durably))
        patch.setattr(Path, "replace", counted(Path.replace))
        patch.setattr(files, "_flush_folder", counted(files._flush_folder))
        patch.setattr(files.shutil, "rmtree", counted(files.shutil.rmtree))
        with pytest.raises(Killed):
            run_ensemble(of, batch(of), folder=tmp_path, chunk=1, pace=0.0)
    run_ensemble(of, batch(of), folder=tmp_path)
    assert contents(tmp_path) == undisturbed


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"seed": 1}, "seed: 0 → 1"),
        ({"draws": 201}, "options.draws: 200 → 201"),
        ({"statistics": Plan(bins=9)}, "options.statistics"),
        ({"uncertain": ("growth_rate",)}, "inputs.uncertain"),
    ],
)
def test_a_folder_of_another_ensemble_is_refused(tmp_path: Path, changed: Mapping[str, Any], named: str) -> None:
    of = town()
    run_ensemble(of, batch(of), folder=tmp_path)
    before = contents(tmp_path)
    other = town(**changed)
    with pytest.raises(HeadframeError) as error:
        run_ensemble(other, batch(other), folder=tmp_path)
    assert code_of(error) == "HF951"
    assert named in str(error.value)
    assert contents(tmp_path) == before


def test_a_folder_of_another_model_or_backend_is_refused(tmp_path: Path) -> None:
    of = town()
    run_ensemble(of, batch(of), folder=tmp_path)
    renamed = batch(of)
    renamed.name = "other"
    for other in (renamed,):
        with pytest.raises(HeadframeError) as error:
            run_ensemble(of, other, folder=tmp_path)
        assert "backend: batch" in str(error.value)
    model = MODEL.replaced(net_births=logistic.flow(unit="person/year", name="net_births")(_fewer_births))
    changed = Experiment.of(model, YEARS, ("people", "room_left"), 200, block=32, seed=0, statistics=PLAN)
    with pytest.raises(HeadframeError) as error:
        run_ensemble(changed, batch(changed), folder=tmp_path)
    assert "inputs.system" in str(error.value)


def _fewer_births(people, growth_rate, room_left):  # type: ignore[no-untyped-def]
    return 0.5 * growth_rate * people * room_left


def damage_state(folder: Path) -> None:
    path = folder / "state.npz"
    path.write_bytes(path.read_bytes()[:1000])


def exchange_state(folder: Path) -> None:
    with np.load(folder / "state.npz") as stored:
        kept = {name: stored[name] for name in stored.files if "mean" not in name}
    np.savez(folder / "state.npz", **kept)


@pytest.mark.parametrize(
    "damage",
    [
        damage_state,
        exchange_state,
        lambda folder: (folder / "record.json").unlink(),
        lambda folder: (folder / "record.json").write_text("{}", encoding="utf-8"),
        lambda folder: (folder / "trajectories/000001.parquet").unlink(),
    ],
)
def test_damaged_folders_are_told(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    of = town()
    run_ensemble(of, batch(of), folder=tmp_path)
    damage(tmp_path)
    with pytest.raises(HeadframeError) as error:
        run_ensemble(of, batch(of), folder=tmp_path)
    assert code_of(error) == "HF952"


def test_a_folder_has_one_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of = town()
    monkeypatch.setattr("headframe.engine.ensembles.run.folder_lock", lambda folder: folder_lock(folder, wait=0.1))
    with folder_lock(tmp_path), pytest.raises(HeadframeError) as error:
        run_ensemble(of, batch(of), folder=tmp_path)
    assert code_of(error) == "HF111"


def test_trajectories_need_a_folder() -> None:
    of = experiment(8, trajectories=(1,))
    with pytest.raises(HeadframeError) as error:
        run_ensemble(of, backend(of))
    assert code_of(error) == "HF953"
