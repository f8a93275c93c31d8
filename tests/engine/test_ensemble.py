"""Ensembles: known answers, equal statistics for any chunk, thread and order, failures as values, tables."""

from __future__ import annotations

import threading
import time
import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headframe.core.axes import Axis
from headframe.core.errors import HeadframeError
from headframe.engine.ensembles.design import Experiment, Group
from headframe.engine.ensembles.result import EnsembleResult
from headframe.engine.ensembles.run import run_ensemble
from headframe.engine.ensembles.statistics import Plan, Threshold
from headframe.engine.runs import Horizon, Outcomes, Recorded, Runs
from headframe.engine.system import Bound
from tests.conftest import FULL
from tests.engine.closed_forms import HORIZON, ClosedForm, backend, experiment, inputs, system, total, unit_interval
from tests.engine.town import batch, town


def code_of(error: pytest.ExceptionInfo[HeadframeError]) -> str:
    return error.value.problems[0].code


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


def test_progress_counts_runs() -> None:
    of, seen = experiment(100, block=30), []
    run_ensemble(of, backend(of), progress=lambda done, whole, stage: seen.append((done, whole, stage)))
    assert seen == [(done, 100, "progress.ensemble") for done in (0, 30, 60, 90, 100)]


@pytest.mark.parametrize("wrong", [{"threads": 0}, {"chunk": 0}])
def test_no_threads_and_empty_chunks(wrong: dict[str, int]) -> None:
    of = experiment(8)
    with pytest.raises(HeadframeError) as error:
        run_ensemble(of, backend(of), **wrong)  # type: ignore[arg-type]
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


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_the_compiled_kernel_gives_the_same_bytes_on_any_threads_and_agrees_with_the_batch(precision: Any) -> None:
    pytest.importorskip("llvmlite")
    from headframe.engine.kernel.backend import Kernel

    of = town(trajectories=0)
    compiled = Kernel(of.system, of.horizon, of.outcomes, precision)
    plain = run_ensemble(of, compiled)
    other = run_ensemble(of, Kernel(of.system, of.horizon, of.outcomes, precision, threads=2), threads=2, chunk=40)
    assert plain.table().equals(other.table(), null_equal=True)
    assert plain.record.id == other.record.id
    near = 1e-12 if precision == "float64" else 1e-4
    expected = run_ensemble(of, batch(of))
    assert expected.record.id != plain.record.id
    assert np.allclose(plain.mean("people"), expected.mean("people"), rtol=near)
