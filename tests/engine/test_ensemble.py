"""Ensembles: known answers, equal bytes for any chunk, thread and order, failures as values, folders that go on."""

from __future__ import annotations

import json
import threading
import time
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headframe.core import files
from headframe.core.axes import Axis
from headframe.core.errors import HeadframeError
from headframe.core.files import folder_lock
from headframe.core.jobs import Cancel
from headframe.engine.batch import Batch
from headframe.engine.ensemble import run_ensemble
from headframe.engine.ensemble_design import Experiment, Group, Setting
from headframe.engine.ensemble_result import EnsembleResult
from headframe.engine.model import Model
from headframe.engine.runs import Horizon, Outcomes, Recorded, Runs
from headframe.engine.statistics import Plan, Threshold
from headframe.engine.system import Bound
from tests.conftest import FULL
from tests.engine.closed_forms import HORIZON, ClosedForm, backend, experiment, inputs, system, total, unit_interval
from tests.engine.models import logistic

MODEL = Model.of(logistic)
YEARS = Horizon(years=6.0, steps_per_year=4, record_every=8)
PLAN = Plan(
    quantiles=(0.1, 0.5), bins=8, thresholds=(Threshold("people", 400.0), Threshold("people", 30.0, above=False))
)


def town(draws: int = 200, **changed: Any) -> Experiment:
    """A small ensemble of a real model, with two policies."""
    policies = (Setting("base"), Setting("small", parameters={"capacity": 120.0}))
    about: dict[str, Any] = {"policies": policies, "block": 32, "seed": 0, "statistics": PLAN, "trajectories": 100}
    return Experiment.of(MODEL, YEARS, ("people", "room_left"), draws, **(about | changed))


def batch(of: Experiment) -> Batch:
    return Batch(of.system, of.horizon, of.outcomes, block=16)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder but the lock, by its path."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != files.LOCK)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def code_of(error: pytest.ExceptionInfo[HeadframeError]) -> str:
    return error.value.problems[0].code


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the small ensemble, computed in one go."""
    folder = tmp_path_factory.mktemp("undisturbed")
    run_ensemble(town(), batch(town()), folder=folder)
    return contents(folder)


@pytest.mark.parametrize("method", ["latin hypercube", "sobol", "monte carlo"])
def test_means_and_quantiles_of_a_sum_of_two_uniform_numbers(method: Any) -> None:
    """x + y has mean 1, variance 1/6, and at p ≤ 1/2 the quantile √(2 p); outcomes are 1, 2, 3 … times that."""
    of = experiment(40_000, method=method)
    result = run_ensemble(of, backend(of))
    times = np.arange(1.0, 6.0)
    near = 5.0 * times * np.sqrt(1.0 / 6.0 / 40_000)
    assert (np.abs(result.mean("total")[0, 0] - times) < near).all()
    assert result.deviation("total")[0, 0] == pytest.approx(times * np.sqrt(1.0 / 6.0), rel=0.02)
    for p in (0.05, 0.25, 0.5):
        estimate, low, high = (part[0, 0] for part in result.quantile("total", p))
        assert (np.abs(estimate - np.sqrt(2.0 * p) * times) < 0.01 * times).all()
        assert (high - low < 0.05 * times).all()


def test_standard_errors_tell_how_far_means_are_off() -> None:
    """Over 60 seeds, the error of the mean in units of its stated standard error is about one."""
    for method in ("latin hypercube", "monte carlo"):
        ratios = []
        for seed in range(60):
            of = experiment(1024, method=method, seed=seed, block=64)
            found = run_ensemble(of, backend(of, total(lambda x, y: np.exp(x * y))))
            true = 1.3179021514544038  # Σ 1 / (n! (n + 1)), n from 0: the mean of exp(x y)
            ratios.append((found.mean("total")[0, 0, 0] - true) / found.standard_error("total")[0, 0, 0])
        assert 0.7 < np.sqrt(np.mean(np.square(ratios))) < 1.4, method
    of = experiment(64, method="sobol")
    assert np.isnan(run_ensemble(of, backend(of)).standard_error("total")).all()


@settings(max_examples=300 if FULL else 25)
@given(st.integers(1, 3), st.integers(1, 200), st.integers(1, 5), st.integers(0, 3))
def test_chunks_threads_and_order_change_no_byte(threads: int, chunk: int, block: int, seed: int) -> None:
    made = system({"x": (), "y": ()}, {"total": ()}, bounds=(Bound("total", high=10.0),))
    groups = (Group(inputs(made)), Group(inputs(made, x=0.5), frozenset({"x"})))
    of = experiment(
        37, system=made, groups=groups, policies=("a", "b"), block=block, seed=seed, statistics=Plan(bins=4, listed=7)
    )
    random = np.random.default_rng(chunk)

    class Uneven(ClosedForm):
        def run(self, runs: Runs) -> Recorded:
            time.sleep(float(random.random()) * 1e-4 * (threads - 1))
            return super().run(runs)

    def failed(runs: Runs) -> Any:
        return np.where(runs.parameters[:, 1] > 0.8, 3, -1)

    about = (of.system, of.horizon, of.outcomes, total(), failed)
    plain = run_ensemble(of, ClosedForm(*about))
    other = run_ensemble(of, lambda: Uneven(*about), threads=threads, chunk=chunk)
    assert plain.table().equals(other.table(), null_equal=True)
    for one, two in zip(plain.groups, other.groups, strict=True):
        for name in ("mean", "deviation", "edges", "cells", "failures", "failed", "lost"):
            assert np.asarray(getattr(one, name)).tobytes() == np.asarray(getattr(two, name)).tobytes(), name
    assert plain.failures().equals(other.failures())


@pytest.mark.parametrize(("threads", "chunk", "pace"), [(1, 1, 0.0), (2, 100, 0.0), (3, 7000, 5.0)])
def test_files_do_not_depend_on_chunks_threads_and_checkpoints(
    tmp_path: Path, undisturbed: dict[str, bytes], threads: int, chunk: int, pace: float
) -> None:
    of = town()
    run_ensemble(of, lambda: batch(of), folder=tmp_path, threads=threads, chunk=chunk, pace=pace)
    assert contents(tmp_path) == undisturbed


def test_statistics_of_a_model_are_those_of_its_runs_together() -> None:
    of = town(trajectories=0)
    result = run_ensemble(of, batch(of))
    for policy in range(2):
        runs = [of.inputs(block * 2 + policy) for block in range(of.design.blocks)]
        values = np.concatenate([batch(of).run(part)["people"] for part in runs])
        assert np.allclose(result.mean("people")[policy, 0], values.mean(axis=0), rtol=1e-12)
        assert np.allclose(result.deviation("people")[policy, 0], values.std(axis=0, ddof=1), rtol=1e-10)
        assert (result.maximum("people")[policy, 0] == values.max(axis=0)).all()
        _, low, high = (part[policy, 0] for part in result.quantile("people", 0.1))
        exact = np.sort(values, axis=0)[19]
        assert ((low <= exact) & (exact <= high)).all()
        above = result.groups[policy].crossings[0]
        assert above.at[:, 0].tolist() == (values > 400.0).sum(axis=0).tolist()
        assert above.ever[0] == (values > 400.0).any(axis=1).sum()


def test_common_draws_make_differences_between_policies_sharp() -> None:
    """y differs by 0.01 between the policies in every run: so do the means, whatever their own errors."""
    made = system({"x": (), "y": ()}, {"total": ()})
    groups = (Group(inputs(made, y=0.0), frozenset({"y"})), Group(inputs(made, y=0.01), frozenset({"y"})))
    of = experiment(500, system=made, groups=groups, policies=("a", "b"), method="monte carlo", block=64)
    mean = run_ensemble(of, backend(of)).mean("total")[:, 0, 0]
    assert mean[1] - mean[0] == pytest.approx(0.01, abs=1e-14)


def failing(of: Experiment) -> ClosedForm:
    """Runs with x above 0.9 fail before step 3, which is between the second and the third record."""
    return backend(of, failed=lambda runs: np.where(runs.parameters[:, 0] > 0.9, 3, -1))


def test_failures_are_values_that_say_which_when_and_which_bound() -> None:
    of = experiment(1000, block=100, statistics=Plan(listed=10))
    result = run_ensemble(of, failing(of))
    assert result.count("total")[0, 0].tolist() == [1000, 1000, 900, 900, 900]
    assert result.mean("total")[0, 0, 2] == pytest.approx(3.0 * 0.95, abs=15.0 * np.sqrt(1.81 / 12.0 / 900.0))
    assert result.failures().rows() == [("base", "base", "total", None, 10.0, 2001.5, 100, 1000)]
    listed = result.failed_runs()
    assert listed.columns == ["run", "draw", "policy", "scenario", "time", "variable"]
    assert len(listed) == 10
    drawn = np.concatenate([of.drawn(block).values["x"][:, 0] for block in range(10)])
    assert listed["run"].to_list() == np.flatnonzero(drawn > 0.9)[:10].tolist()
    assert set(listed["time"]) == {2001.5}


def test_the_table_says_what_of_what_when_between_which_ends_and_over_how_many() -> None:
    plan = Plan(quantiles=(0.5,), thresholds=(Threshold("total", 4.0),))
    of = experiment(1000, block=100, statistics=plan)
    table = run_ensemble(of, failing(of)).table()
    assert table.columns == [
        "policy", "scenario", "outcome", "element", "time", "statistic", "value", "low", "high", "count",
    ]  # fmt: skip
    assert len(table) == 5 * 8 + 1
    assert set(table["statistic"].cast(pl.String)) == {
        "mean", "standard_error", "standard_deviation", "minimum", "maximum", "lost", "quantile_0.5", "share_above_4",
        "ever_above_4",
    }  # fmt: skip
    median = table.filter(pl.col("statistic") == "quantile_0.5")
    assert median["time"].to_list() == [2000.0, 2001.0, 2002.0, 2003.0, 2004.0]
    assert median["count"].to_list() == [1000, 1000, 900, 900, 900]
    assert (median["low"] <= median["value"]).all()
    assert (median["value"] <= median["high"]).all()
    ever = table.filter(pl.col("statistic") == "ever_above_4").row(0, named=True)
    assert ever["time"] is None
    assert ever["value"] is None, "a hundred runs failed before they could tell"
    assert ever["high"] - ever["low"] == pytest.approx(0.1, abs=0.01)


def test_elements_are_named_by_their_axes() -> None:
    made = system({"x": (), "y": ()}, {"total": (2, 2)})
    axes = (Axis("age", ("young", "old")), Axis("sex", ("women", "men")))
    of = experiment(10, system=made, groups=(Group(inputs(made)),), axes={"total": axes})
    found = run_ensemble(
        of, ClosedForm(made, HORIZON, of.outcomes, lambda runs, _: {"total": np.arange(4.0).reshape(2, 2)})
    )
    means = found.table().filter((pl.col("statistic") == "mean") & (pl.col("time") == 2000.0))
    assert list(zip(means["element"], means["value"], strict=True)) == [
        ("young, women", 0.0), ("young, men", 1.0), ("old, women", 2.0), ("old, men", 3.0),
    ]  # fmt: skip
    assert found.mean("total").shape == (1, 1, 5, 2, 2)
    bare = run_ensemble(replace(of, axes={}), ClosedForm(made, HORIZON, of.outcomes, lambda runs, _: {"total": 0.0}))
    assert set(bare.table()["element"]) == {"0, 0", "0, 1", "1, 0", "1, 1"}


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


def test_progress_counts_runs() -> None:
    of, seen = experiment(100, block=30), []
    run_ensemble(of, backend(of), progress=lambda done, whole, stage: seen.append((done, whole, stage)))
    assert seen == [(done, 100, "engine.stage.ensemble") for done in (0, 30, 60, 90, 100)]


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
    monkeypatch.setattr("headframe.engine.ensemble.folder_lock", lambda folder: folder_lock(folder, wait=0.1))
    with folder_lock(tmp_path), pytest.raises(HeadframeError) as error:
        run_ensemble(of, batch(of), folder=tmp_path)
    assert code_of(error) == "HF111"


@pytest.mark.parametrize("wrong", [{"threads": 0}, {"chunk": 0}])
def test_no_threads_and_empty_chunks(wrong: dict[str, int]) -> None:
    of = experiment(8)
    with pytest.raises(HeadframeError) as error:
        run_ensemble(of, backend(of), **wrong)  # type: ignore[arg-type]
    assert code_of(error) == "HF953"


def test_trajectories_need_a_folder() -> None:
    of = experiment(8, trajectories=(1,))
    with pytest.raises(HeadframeError) as error:
        run_ensemble(of, backend(of))
    assert code_of(error) == "HF953"


def test_one_backend_is_used_by_one_thread_at_a_time_and_several_are_made_once_each() -> None:
    of = experiment(200, block=10)
    busy, most, made = 0, 0, []
    guard = threading.Lock()

    class Watched(ClosedForm):
        def run(self, runs: Runs) -> Recorded:
            nonlocal busy, most
            with guard:
                busy += 1
                most = max(most, busy)
            time.sleep(1e-3)
            found = super().run(runs)
            with guard:
                busy -= 1
            return found

    def make() -> Watched:
        made.append(Watched(of.system, of.horizon, of.outcomes, total()))
        return made[-1]

    run_ensemble(of, make(), threads=4)
    assert most == 1
    made.clear()
    run_ensemble(of, make, threads=3)
    assert len(made) == 3
    assert sum(each.calls for each in made) == 20


def test_errors_of_a_backend_come_through() -> None:
    of = experiment(100, block=10)

    def broken(runs: Runs, horizon: Horizon) -> Any:
        raise ZeroDivisionError("a programming mistake")

    for threads in (1, 2):
        with pytest.raises(ZeroDivisionError):
            run_ensemble(of, backend(of, broken), threads=threads)


def test_memory_does_not_grow_with_the_number_of_runs() -> None:
    def peak(draws: int) -> int:
        of = experiment(draws, block=256)
        tracemalloc.start()
        run_ensemble(of, backend(of))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(512)
    assert peak(40_960) < 1.2 * peak(4096)


def test_an_ensemble_without_uncertain_parameters_is_one_run_over_and_over() -> None:
    of = experiment(20, uncertain=(), block=8)
    result = run_ensemble(of, backend(of))
    assert (result.deviation("total") == 0.0).all()


def test_groups_are_found_by_name() -> None:
    of = town(trajectories=0)
    result = run_ensemble(of, batch(of))
    assert isinstance(result, EnsembleResult)
    assert result.group("small", "base") is result.groups[1]
    for names in (("large", "base"), ("small", "bright")):
        with pytest.raises(HeadframeError) as error:
            result.group(*names)
        assert code_of(error) == "HF956"


def test_outcomes_as_means_have_none_at_the_first_record() -> None:
    outcomes = Outcomes.of(("total",), means=("total",))
    of = experiment(30, outcomes=outcomes, uncertain=unit_interval("x"))
    result = run_ensemble(of, backend(of))
    assert result.count("total")[0, 0].tolist() == [0, 30, 30, 30, 30]
    first = result.table().filter((pl.col("statistic") == "mean") & (pl.col("time") == 2000.0))
    assert first["value"].to_list() == [None]
