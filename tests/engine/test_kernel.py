"""The compiled backend: random graphs against plain evaluation, bytes in any company, the cache, what it refuses."""

from __future__ import annotations

import builtins
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headframe.core.errors import HeadframeError
from headframe.engine.batch.backend import Batch
from headframe.engine.checking.kinks import kinks
from headframe.engine.kernel import backend as kernel
from headframe.engine.kernel import compiler as llvm_compile
from headframe.engine.kernel.backend import Kernel
from headframe.engine.runs import Events, Horizon, Outcomes, Recorded, Runs
from headframe.engine.system import Bound, System
from tests.engine import systems
from tests.engine.direct import Direct
from tests.engine.llvm_calls import machines, needs_kernel
from tests.engine.lower_graphs import grown_system
from tests.engine.random_systems import random_runs, random_system

pytestmark = needs_kernel
HORIZON = Horizon(2000.0, 3.0, 4, 3)


@pytest.fixture(autouse=True, scope="module")
def no_cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A cache folder of the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADFRAME_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def everything(system: System) -> Outcomes:
    """All variables, every other one as a mean."""
    names = list(system.variables)
    return Outcomes.of(names, means=names[::2])


def close(found: Any, exact: Any, tolerance: float) -> Any:
    """Where numbers agree: to a share of the larger of themselves and the largest of their variable."""
    with np.errstate(all="ignore"):
        largest = np.max(np.abs(exact), axis=(0, 1), where=np.isfinite(exact), initial=0.0)
        near = np.abs(found - exact) <= tolerance * np.maximum(np.abs(exact), largest)
    return near | (found == exact) | (np.isnan(found) & np.isnan(exact))


def bytes_of(found: Recorded, run: int) -> bytes:
    """All that a run gave."""
    return b"".join(part[run].tobytes() for part in (found.values, found.failed_step, found.failed_bound))


@settings(max_examples=15)
@given(st.integers(0, 10**9), st.integers(5, 50), st.sampled_from(["euler", "rk4"]))
def test_kernels_compute_what_plain_evaluation_does(seed: int, size: int, integrator: Any) -> None:
    system = random_system(seed, size)
    horizon = replace(HORIZON, integrator=integrator)
    runs, outcomes = random_runs(system, horizon, 11, seed), everything(system)
    values, failures = Direct(system, horizon, outcomes).run(runs)
    found = Kernel(system, horizon, outcomes).run(runs)
    near = kinks(system, horizon, runs)  # there the last digit decides between two answers
    assert close(found.values, values, 1e-12)[~near.near_kinks].all()
    sure = ~(near.near_kinks | near.near_bounds)
    failed = np.stack([found.failed_step, found.failed_bound], axis=1)
    np.testing.assert_array_equal(failed[sure], np.array(failures)[sure])


@settings(max_examples=6)
@given(st.integers(0, 10**9))
def test_kernels_of_all_operations_on_all_shapes(seed: int) -> None:
    system = grown_system(seed, 100)
    horizon, rng = Horizon(0.0, 1.0, 2, 1), np.random.default_rng(seed)
    runs = systems.runs(system, horizon, rng.normal(size=(9, system.parameters.rows)))
    outcomes = everything(system)
    exact = Batch(system, horizon, outcomes).run(runs).values
    sure = ~kinks(system, horizon, runs).near_kinks
    assert close(Kernel(system, horizon, outcomes).run(runs).values, exact, 1e-12)[sure].all()


@settings(max_examples=8)
@given(st.integers(0, 10**9))
def test_single_precision_keeps_some_five_digits(seed: int) -> None:
    """Runs whose comparisons fall on the other side of a kink may differ by more; they are few."""
    system = random_system(seed, 30)
    runs, outcomes = random_runs(system, HORIZON, 40, seed), everything(system)
    exact = Batch(system, HORIZON, outcomes).run(runs)
    found = Kernel(system, HORIZON, outcomes, "float32").run(runs)
    assert found.values.dtype == np.float32
    assert close(found.values, exact.values, 1e-4).mean() > 0.9


def test_bytes_of_a_run_depend_on_nothing_but_the_run() -> None:
    system = random_system(11, 40)
    runs, outcomes = random_runs(system, HORIZON, 53, 4), everything(system)
    for precision in ("float64", "float32"):
        whole = Kernel(system, HORIZON, outcomes, precision).run(runs)
        for threads in (2, 3, 64):
            other = Kernel(system, HORIZON, outcomes, precision, threads).run(runs)
            assert all(bytes_of(other, run) == bytes_of(whole, run) for run in range(53))
        for first, last in ((0, 1), (3, 4), (5, 22), (40, 53), (0, 52)):
            part = Kernel(system, HORIZON, outcomes, precision).run(runs.part(slice(first, last)))
            assert all(bytes_of(part, run - first) == bytes_of(whole, run) for run in range(first, last))


def test_no_runs_are_no_trouble() -> None:
    system = random_system(3, 10)
    runs = random_runs(system, HORIZON, 3, 4).part(slice(0, 0))
    found = Kernel(system, HORIZON, everything(system), threads=2).run(runs)
    assert found.values.shape[0] == 0
    assert found.failed_step.shape == (0,)


GROWTH = systems.system(
    {"x": (3,)},
    lambda v: {"x": v.start},
    lambda v: {"x": v.x * v.rate + v.plant},
    variables=lambda v: {"sum": v.x.sum(), "root": np.sqrt(v.x), "plant": v.plant, "start": v.start},
    parameters={"start": (3,), "rate": ()},
    events={"plant": ()},
    bounds=(Bound("sum", high=50.0), Bound("root", 0.0), Bound("x", 0.5), Bound("start")),
)


def test_the_first_broken_bound_is_noted_with_its_step() -> None:
    inputs = [[1, 1, 1, 1.0], [1, 1, -1, 0.0], [1, 1, 0.4, 0.0], [1, 2, 3, 0.0], [np.nan, 1, 1, 0.0], [np.inf, 1, 1, 0]]
    horizon = Horizon(0.0, 6.0, 2, 1)
    found = Kernel(GROWTH, horizon, Outcomes.of(["x"])).run(systems.runs(GROWTH, horizon, inputs))
    # 3 · 1.5ⁿ passes 50 at n = 7; the root of a negative number is none, which comes before the bound of x itself
    assert found.failed_step.tolist() == [7, 0, 0, -1, 0, 0]
    assert found.failed_bound.tolist() == [0, 1, 2, -1, 0, 0]
    np.testing.assert_allclose(found["x"][0, :, 0], 1.5 ** np.arange(13), rtol=1e-15)


def test_infinity_is_no_number_also_without_bounds() -> None:
    system = replace(GROWTH, bounds=(Bound("x"),))
    horizon = Horizon(0.0, 2.0, 2, 1)
    inputs = systems.runs(
        system, horizon, [[1.0, 1.0, np.inf, 0.0], [1.0, -np.inf, 1.0, 0.0], [1e300, 1.0, 1.0, 1e300]]
    )
    found = Kernel(system, horizon, Outcomes.of([])).run(inputs)
    assert found.failed_step.tolist() == [0, 0, 1]


def test_events_hold_from_their_start_to_before_their_end() -> None:
    horizon = Horizon(2000.0, 2.0, 4, 1)
    events = Events(
        np.array([0, 3, 3, 4], np.int32),
        np.zeros(4, np.int32),
        np.array([2000.25, 2000.5, 2001.0, 1990.0]),
        np.array([2000.75, 2003.0, 2001.25, 2000.3]),
        np.array([1.0, 10.0, 100.0, 7.0]),
    )
    found = Kernel(GROWTH, horizon, Outcomes.of(["plant"])).run(
        systems.runs(GROWTH, horizon, np.zeros((3, 4)), events=events)
    )
    assert found["plant"].tolist() == [[0, 1, 11, 10, 110, 10, 10, 10, 10], [0] * 9, [7, 7, 0, 0, 0, 0, 0, 0, 0]]


def test_means_are_of_the_steps_since_the_last_record() -> None:
    horizon = Horizon(0.0, 3.0, 4, 4)
    found = Kernel(GROWTH, horizon, Outcomes.of(["x", "sum"], means=["sum"])).run(
        systems.runs(GROWTH, horizon, [[1.0, 2.0, 3.0, 0.2]])
    )
    steps = 6.0 * 1.05 ** np.arange(12)
    assert np.isnan(found["sum"][0, 0])
    np.testing.assert_allclose(found["sum"][0, 1:], steps.reshape(3, 4).mean(axis=1), rtol=1e-14)


def test_cut_links_read_the_base_run() -> None:
    """Growth that reads its stock, or the stock of a run in which nothing was planted."""
    system = systems.system(
        {"x": ()},
        lambda _: {"x": 1.0},
        lambda v: {"x": np.where(v.cut_growth > 0.5, v.base_x, v.x) + v.lever},
        paths={"lever": ()},
        switches=("growth",),
        bases={"x": ()},
    )
    for integrator, factor in (("euler", 1.5), ("rk4", 1 + 0.5 + 0.125 + 0.125 / 6 + 0.0625 / 24)):
        horizon = Horizon(0.0, 2.0, 2, 1, integrator)  # type: ignore[arg-type]
        paths = np.zeros((2, len(horizon.points), 1))
        paths[1] = 2.0
        cuts = np.array([[False], [True], [False]] * 7)
        policy = systems.runs(system, horizon, count=21, paths=paths, path_set=[1] * 21, cuts=cuts)
        base = systems.runs(system, horizon, count=21, paths=paths, path_set=[0] * 21)
        found = Kernel(system, horizon, Outcomes.of(["x"])).run(replace(policy, base=base))["x"]
        alone = factor ** np.arange(5)
        np.testing.assert_allclose(found[1::3], np.tile(alone + 2.0 * np.arange(5) / 2, (7, 1)), rtol=1e-14)
        np.testing.assert_allclose(found[0::3], np.tile(3.0 * alone - 2.0, (7, 1)), rtol=1e-14)


def one_run(system: System, horizon: Horizon = HORIZON, **options: Any) -> tuple[Kernel, Recorded]:
    made = Kernel(system, horizon, everything(system), **options)
    return made, made.run(random_runs(system, horizon, 5, 1))


def test_code_is_kept_and_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADFRAME_CACHE", str(tmp_path))
    system = random_system(21, 20)
    first, values = one_run(system)
    assert not first.compiled.from_cache
    again, same = one_run(random_system(21, 20))
    assert again.compiled.from_cache
    assert again.compiled.object_bytes == first.compiled.object_bytes
    assert same.values.tobytes() == values.values.tobytes()


def test_other_horizons_and_integrators_need_no_compiling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADFRAME_CACHE", str(tmp_path))
    system = random_system(21, 20)
    one_run(system)
    for horizon in (Horizon(1990.0, 7.0, 12, 5), Horizon(1.0, 2.0, 1, 1, "rk4")):
        made, found = one_run(system, horizon)
        assert made.compiled.from_cache
        values, _ = Direct(system, horizon, everything(system)).run(random_runs(system, horizon, 5, 1))
        assert close(found.values, values, 1e-12).all()


def test_other_systems_outcomes_and_precisions_are_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADFRAME_CACHE", str(tmp_path))
    system = random_system(21, 20)
    one_run(system)
    assert not one_run(system, precision="float32")[0].compiled.from_cache
    assert not one_run(replace(system, bounds=system.bounds[1:]))[0].compiled.from_cache
    assert not Kernel(system, HORIZON, Outcomes.of(["row"])).compiled.from_cache
    assert not Kernel(system, HORIZON, Outcomes.of(["row"], means=["row"])).compiled.from_cache


def test_code_of_another_generator_or_machine_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADFRAME_CACHE", str(tmp_path))
    system = random_system(21, 20)
    one_run(system)
    with monkeypatch.context() as patch:
        patch.setattr(kernel, "generator_version", lambda: "another")
        assert not one_run(system)[0].compiled.from_cache
    with monkeypatch.context() as patch:
        patch.setattr(kernel, "compiler_version", lambda: "another")
        assert not one_run(system)[0].compiled.from_cache
    assert one_run(system)[0].compiled.from_cache


@pytest.mark.skipif(not kernel.available() or len(machines()) < 2, reason="no machine with wider and narrower vectors")
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_narrower_vectors_compute_the_same(precision: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    system = random_system(8, 50)
    runs, outcomes = random_runs(system, HORIZON, 29, 3), everything(system)
    wide = Kernel(system, HORIZON, outcomes, precision)
    monkeypatch.setattr(kernel, "host", lambda: machines()[1])
    narrow = Kernel(system, HORIZON, outcomes, precision)
    assert narrow.compiled.shape.lanes == wide.compiled.shape.lanes // 2
    near = close(narrow.run(runs).values, wide.run(runs).values, 1e-12 if precision == "float64" else 1e-4)
    assert near.mean() > (0.9999 if precision == "float64" else 0.9)


def test_old_kernels_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADFRAME_CACHE", str(tmp_path))
    monkeypatch.setattr(kernel, "KEPT", 2)
    system = random_system(21, 5)
    for name in ("one", "row", "grid"):
        Kernel(system, HORIZON, Outcomes.of([name]))
    assert len(list(tmp_path.glob("kernel-*"))) == 2
    assert Kernel(system, HORIZON, Outcomes.of(["grid"])).compiled.from_cache
    assert not Kernel(system, HORIZON, Outcomes.of(["one"])).compiled.from_cache


@pytest.mark.parametrize("damage", ["cut short", "one bit", "emptied", "other writer"])
def test_damaged_code_is_made_again(damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADFRAME_CACHE", str(tmp_path))
    system = random_system(21, 20)
    _, values = one_run(system)
    (stored,) = tmp_path.glob("kernel-*")
    content = bytearray(stored.read_bytes())
    content[len(content) // 2] ^= 4
    written = {"cut short": content[: len(content) // 2], "one bit": content, "emptied": b""}
    if damage == "other writer":
        from headframe.core import cache

        cache.keep(stored.name, b'{"rows": 3}\nno object code')
    else:
        stored.write_bytes(written[damage])
    made, again = one_run(system)
    assert not made.compiled.from_cache
    assert again.values.tobytes() == values.values.tobytes()
    assert one_run(system)[0].compiled.from_cache


def test_without_llvmlite_the_batch_backend_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    llvm_compile.started.cache_clear()
    llvm_compile.host.cache_clear()
    real = builtins.__import__

    def missing(name: str, *rest: Any, **options: Any) -> Any:
        if name.startswith("llvmlite"):
            raise ImportError(f"No module named {name!r}")
        return real(name, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", missing)
        assert not kernel.available()
        with pytest.raises(HeadframeError, match="HF941") as caught:
            one_run(random_system(1, 5))
    assert "batch" in caught.value.problems[0].fix("en")
    llvm_compile.started.cache_clear()
    assert kernel.available()


def test_processors_without_the_vectors_needed_are_refused() -> None:
    for triple, features in (("x86_64-linux-gnu", {"avx2": True}), ("riscv64-linux-gnu", {"avx2": True, "fma": True})):
        with pytest.raises(HeadframeError, match="HF942"):
            llvm_compile.machine(triple, "generic", features, "")
    assert llvm_compile.machine("aarch64-apple-darwin", "apple-m1", {}, "").lanes("float64") == 4


@pytest.mark.parametrize("options", [{"precision": "float16"}, {"threads": 0}])
def test_precisions_and_threads_that_there_are_not(options: dict[str, Any]) -> None:
    with pytest.raises(HeadframeError, match="HF943"):
        Kernel(GROWTH, HORIZON, Outcomes.of(["x"]), **options)


def test_runs_are_not_changed() -> None:
    system = random_system(5, 30)
    runs = random_runs(system, HORIZON, 9, 2)
    before = [part.tobytes() for part in _arrays(runs)]
    Kernel(system, HORIZON, everything(system)).run(runs)
    assert [part.tobytes() for part in _arrays(runs)] == before


def _arrays(runs: Runs) -> list[Any]:
    return [runs.parameters, runs.paths, runs.path_set, runs.cuts, runs.events.amounts, runs.events.starts]
