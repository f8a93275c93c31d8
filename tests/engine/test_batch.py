"""The batch backend: closed forms, random graphs against plain evaluation, and bytes that do not depend on company."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.engine.batch.backend import Batch
from headframe.engine.runs import Events, Horizon, Outcomes, Recorded, Runs
from headframe.engine.system import Bound, System
from tests.engine import systems
from tests.engine.direct import Direct
from tests.engine.random_systems import random_runs, random_system

DECAY = systems.system(
    {"y": ()},
    lambda v: {"y": v.start},
    lambda v: {"y": -v.rate * v.y},
    parameters={"start": (), "rate": ()},
    variables=lambda v: {"outflow": v.rate * v.y},
)
OSCILLATOR = systems.system(
    {"place": (), "speed": ()},
    lambda v: {"place": v.start, "speed": 0.0},
    lambda v: {"place": v.speed, "speed": -v.stiffness * v.place},
    parameters={"start": (), "stiffness": ()},
)


def bytes_of(found: Recorded, run: int) -> bytes:
    """All that a run gave."""
    parts = (found.values[run], found.failed_step[run], found.failed_bound[run])
    return b"".join(np.ascontiguousarray(part).tobytes() for part in parts)


def chosen(runs: Runs, indices: list[int]) -> Runs:
    """Some runs, in this order, some perhaps twice."""
    parts = [runs.part(slice(index, index + 1)) for index in indices]
    entries = [part.events for part in parts]
    events = Events(
        np.concatenate([[0], np.cumsum([len(e.rows) for e in entries])]).astype(np.int32),
        *(np.concatenate([getattr(e, name) for e in entries]) for name in ("rows", "starts", "ends", "amounts")),
    )
    return Runs(
        np.concatenate([part.parameters for part in parts]),
        runs.paths,
        np.concatenate([part.path_set for part in parts]),
        events,
        np.concatenate([part.cuts for part in parts]),
        None if runs.base is None else chosen(runs.base, indices),
    )


@given(st.floats(0.1, 10.0), st.floats(0.01, 2.0), st.integers(1, 12))
def test_euler_of_decay_is_the_power_that_it_must_be(start: float, rate: float, per_year: int) -> None:
    horizon = Horizon(0.0, 3.0, per_year, 1)
    found = Batch(DECAY, horizon, Outcomes.of(["y"])).run(systems.runs(DECAY, horizon, [[start, rate]]))
    steps = np.arange(horizon.steps + 1)
    np.testing.assert_allclose(found["y"][0], start * (1.0 - rate / per_year) ** steps, rtol=1e-12, atol=1e-13)


def test_runge_kutta_of_an_oscillator_is_that_of_its_polynomial() -> None:
    """For a linear system each classical step multiplies by the Taylor polynomial of fourth degree."""
    horizon = Horizon(0.0, 4.0, 8, 1, "rk4")
    stiffness = np.array([1.0, 4.0, 9.0])
    inputs = systems.runs(OSCILLATOR, horizon, np.stack([np.ones(3), stiffness], axis=1))
    found = Batch(OSCILLATOR, horizon, Outcomes.of(["place", "speed"])).run(inputs)
    for run, one in enumerate(stiffness):
        step = np.array([[0.0, 1.0], [-one, 0.0]]) / 8.0
        factor = sum(np.linalg.matrix_power(step, n) / np.prod(np.arange(1.0, n + 1)) for n in range(5))
        expected = [np.linalg.matrix_power(factor, n) @ [1.0, 0.0] for n in range(33)]
        np.testing.assert_allclose(found.values[run], expected, rtol=0, atol=1e-12)
        np.testing.assert_allclose(found["place"][run, -1], np.cos(np.sqrt(one) * 4.0), atol=0.01)


def test_runge_kutta_reads_paths_half_way() -> None:
    """Integrating t³ exactly takes the values in the middle of a step: Simpson's rule."""
    system = systems.system({"y": ()}, lambda _: {"y": 0.0}, lambda v: {"y": v.rate}, paths={"rate": ()})
    horizon = Horizon(0.0, 2.0, 3, 1, "rk4")
    inputs = systems.runs(system, horizon, paths=(horizon.points**3)[None, :, None])
    found = Batch(system, horizon, Outcomes.of(["y"])).run(inputs)
    np.testing.assert_allclose(found["y"][0], horizon.recorded_times**4 / 4.0, rtol=1e-14, atol=1e-15)


def test_yearly_updates_happen_after_the_step_that_ends_a_year() -> None:
    system = systems.system(
        {"cohorts": (4,), "other": ()},
        lambda _: {"cohorts": np.array([4.0, 3.0, 2.0, 1.0]), "other": 0.0},
        lambda v: {"cohorts": 0.5, "other": 1.0},
        yearly=lambda v: {
            "cohorts": np.concatenate([(v.other + 100.0 * v.time)[None], v.cohorts[:-1]]),
            "other": v.cohorts[3],
        },
    )
    horizon = Horizon(10.0, 2.0, 2, 1)
    found = Batch(system, horizon, Outcomes.of(["cohorts", "other"])).run(systems.runs(system, horizon))
    expected = [[4, 3, 2, 1, 0], [4.25, 3.25, 2.25, 1.25, 0.5]]
    expected += [[1.0 + 1100.0, 4.5, 3.5, 2.5, 1.5], [1101.25, 4.75, 3.75, 2.75, 2.0]]  # all from the old values
    expected += [[2.5 + 1200.0, 1101.5, 5.0, 4.0, 3.0]]
    np.testing.assert_array_equal(found.values[0], expected)


def test_means_are_of_the_values_before_the_steps_since_the_last_record() -> None:
    horizon = Horizon(0.0, 3.0, 4, 4)
    found = Batch(DECAY, horizon, Outcomes.of(["y", "outflow"], means=["outflow"])).run(
        systems.runs(DECAY, horizon, [[5.0, 0.3]])
    )
    assert np.isnan(found["outflow"][0, 0])
    np.testing.assert_allclose(-np.diff(found["y"][0]), found["outflow"][0, 1:], rtol=1e-13)  # what left is the flow


def test_records_need_not_meet_the_end_of_the_run() -> None:
    horizon = Horizon(0.0, 5.0, 1, 2)
    bounded = replace(DECAY, bounds=(Bound("y", 0.4),))
    found = Batch(bounded, horizon, Outcomes.of(["y"])).run(systems.runs(DECAY, horizon, [[1.0, 0.15]]))
    np.testing.assert_allclose(found["y"][0], 0.85 ** np.array([0, 2, 4]), rtol=1e-14)
    horizon = Horizon(0.0, 6.0, 1, 6)
    found = Batch(bounded, horizon, Outcomes.of(["y"])).run(systems.runs(DECAY, horizon, [[1.0, 0.15]]))
    assert found.failed_step.tolist() == [6]  # 0.85⁶ < 0.4: found at the last step


def test_events_add_up_while_they_last() -> None:
    system = systems.system(
        {"y": ()},
        lambda v: {"y": 0.0 * v.plant},
        lambda v: {"y": v.plant + v.closures[1]},
        events={"plant": (), "closures": (2,)},
        variables=lambda v: {"plant": v.plant, "closures": v.closures},
    )
    horizon = Horizon(2000.0, 2.0, 4, 1)
    events = Events(
        np.array([0, 3, 3, 4], np.int32),
        np.array([0, 0, 2, 1], np.int32),
        np.array([2000.25, 2000.5, 2001.0, 1990.0]),
        np.array([2000.75, 2003.0, 2001.25, 2000.3]),
        np.array([1.0, 10.0, 100.0, 7.0]),
    )
    found = Batch(system, horizon, Outcomes.of(["plant", "closures"])).run(
        systems.runs(system, horizon, count=3, events=events)
    )
    assert found["plant"][0].tolist() == [0, 1, 11, 10, 10, 10, 10, 10, 10]
    assert found["closures"][0, :, 1].tolist() == [0, 0, 0, 0, 100, 0, 0, 0, 0]
    assert found["closures"][2, :, 0].tolist() == [7, 7, 0, 0, 0, 0, 0, 0, 0]
    assert not found.values[1].any()


def test_the_first_broken_bound_is_kept_and_nothing_is_raised() -> None:
    system = systems.system(
        {"y": (2,), "z": ()},
        lambda v: {"y": v.start, "z": 1.0},
        lambda v: {"y": v.rate, "z": 1.0},
        parameters={"start": (2,), "rate": (2,)},
        variables=lambda v: {"root": np.sqrt(v.y[0]), "inverse": 1.0 / v.y[1]},
        bounds=(Bound("z", high=100.0), Bound("inverse"), Bound("root", high=2.0), Bound("y", -5.0, 8.0)),
    )
    horizon = Horizon(0.0, 8.0, 1, 8)
    rows = [
        [1, 2, 0, 0],
        [1, 2, -0.5, 0],
        [1, 2, 0, -1],
        [1, 2, 1, 0],
        [1, 2, np.inf, 0],
        [np.nan, 2, 0, 0],
        [1, 2, 0, 1],
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = Batch(system, horizon, Outcomes.of(["y", "root"])).run(systems.runs(system, horizon, rows))
    # sound; √ of a negative number; 1/0; root above 2; infinite rate; no number from the start; y at last above 8
    assert found.failed_step.tolist() == [-1, 3, 2, 4, 1, 0, 7]
    assert found.failed_bound.tolist() == [-1, 2, 1, 2, 2, 2, 3]
    assert np.isnan(found["root"][1, -1])


def test_a_bounded_stock_beside_an_unbounded_one_that_is_no_number() -> None:
    system = systems.system(
        {"a": (), "b": (), "c": ()},
        lambda v: {"a": 1.0, "b": v.b0, "c": 1.0},
        lambda v: {"a": 0.0, "b": 0.0, "c": v.fall},
        parameters={"b0": (), "fall": ()},
        bounds=(Bound("a", 0.0), Bound("c", 0.0)),
    )
    horizon = Horizon(0.0, 4.0, 1, 1)
    found = Batch(system, horizon, Outcomes.of(["a"])).run(
        systems.runs(system, horizon, [[np.nan, 0.0], [0.0, -0.4], [np.nan, -0.6]])
    )
    assert found.failed_step.tolist() == [-1, 3, 2]
    assert found.failed_bound.tolist() == [-1, 1, 1]


def test_a_cut_link_reads_the_base_run() -> None:
    """y' = −rate · read(y), where the cut link reads y of the base run, which has a rate of its own."""
    system = systems.system(
        {"y": ()},
        lambda v: {"y": 1.0},
        lambda v: {"y": -v.rate * np.where(v.cut_loop > 0.5, v.base_y, v.y)},
        parameters={"rate": ()},
        switches=["loop"],
        bases={"y": ()},
    )
    horizon = Horizon(0.0, 1.0, 4, 1)
    own = systems.runs(system, horizon, [[0.4], [0.4], [0.8]], cuts=[[True], [False], [True]])
    base = systems.runs(system, horizon, [[0.2], [0.2], [0.2]])
    found = Batch(system, horizon, Outcomes.of(["y"])).run(replace(own, base=base))["y"]
    base_path = 0.95 ** np.arange(4)
    np.testing.assert_allclose(found[0], 1.0 - 0.1 * np.concatenate([[0], np.cumsum(base_path)]), rtol=1e-14)
    np.testing.assert_allclose(found[1], 0.9 ** np.arange(5), rtol=1e-14)
    np.testing.assert_allclose(found[2], 1.0 - 0.2 * np.concatenate([[0], np.cumsum(base_path)]), rtol=1e-14)


@given(st.integers(0, 10**9), st.sampled_from(["euler", "rk4"]), st.integers(1, 4))
def test_random_systems_compute_as_their_expressions_say(seed: int, integrator: str, every: int) -> None:
    system = random_system(seed)
    horizon = Horizon(2000.0, 2.0, 4, every, integrator)  # type: ignore[arg-type]
    outcomes = Outcomes.of(system.variables, means=list(system.variables)[::2])
    runs = random_runs(system, horizon, 5, seed)
    expected, failures = Direct(system, horizon, outcomes).run(runs)
    found = Batch(system, horizon, outcomes, block=16).run(runs)
    largest = np.nanmax(np.abs(expected), axis=(0, 1), initial=0.0)
    np.testing.assert_array_equal(np.isnan(found.values), np.isnan(expected))
    assert (np.nan_to_num(np.abs(found.values - expected)) <= 1e-12 * largest).all()
    assert list(zip(found.failed_step.tolist(), found.failed_bound.tolist(), strict=True)) == failures


@given(st.integers(0, 10**9), st.sampled_from(["euler", "rk4"]), st.data())
def test_the_bytes_of_a_run_do_not_depend_on_its_company(seed: int, integrator: str, data: st.DataObject) -> None:
    system = random_system(seed)
    horizon = Horizon(2000.0, 2.0, 4, 2, integrator)  # type: ignore[arg-type]
    batch = Batch(system, horizon, Outcomes.of(system.variables), block=16)
    runs = random_runs(system, horizon, 20, seed)
    wild = runs.parameters.copy()
    wild[::3] = np.random.default_rng(seed).choice([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300, -1e300], wild[::3].shape)
    runs = replace(runs, parameters=wild)  # some neighbours are no numbers at all
    together = batch.run(runs)
    order = data.draw(st.lists(st.integers(0, 19), min_size=1, max_size=40))
    again = batch.run(chosen(runs, order))
    for place, index in enumerate(order):
        assert bytes_of(again, place) == bytes_of(together, index)


def test_every_block_length_gives_the_same_bytes() -> None:
    """Not promised, but expected: no operation is computed otherwise for longer rows."""
    system = random_system(7, size=60)
    horizon = Horizon(2000.0, 3.0, 8, 1, "rk4")
    outcomes = Outcomes.of(system.variables)
    runs = random_runs(system, horizon, 300, 7)
    first = Batch(system, horizon, outcomes, block=16).run(runs)
    for block in (32, 48, 128, 256, 512):
        other = Batch(system, horizon, outcomes, block=block).run(runs)
        assert other.values.tobytes() == first.values.tobytes()


def test_matrix_products_do_not_depend_on_the_place_in_a_block() -> None:
    """A large product, where kernels of linear algebra would treat the last columns otherwise."""
    matrix = np.random.default_rng(3).normal(size=(37, 41))
    system = systems.system(
        {"y": (41,)},
        lambda v: {"y": v.start},
        lambda v: {"y": np.tanh(matrix.T @ np.tanh(matrix @ v.y) + np.einsum("i,ij,kj->k", v.y, v.mix, v.mix))},
        parameters={"start": (41,), "mix": (41, 41)},
    )
    horizon = Horizon(0.0, 1.0, 4, 1)
    rows = np.random.default_rng(4).normal(size=(1, system.parameters.rows)) * 0.2
    found = Batch(system, horizon, Outcomes.of(["y"]), block=48).run(
        systems.runs(system, horizon, np.repeat(rows, 100, axis=0))
    )
    assert len({bytes_of(found, run) for run in range(100)}) == 1


def test_expressions_of_parameters_alone_are_computed_once_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    real = np.tanh

    def counted(*arguments: object, **named: object) -> object:
        calls.append("tanh")
        return real(*arguments, **named)  # type: ignore[call-overload]

    system = systems.system(
        {"y": ()},
        lambda v: {"y": np.tanh(v.a)},
        lambda v: {"y": np.tanh(v.a) - v.y * np.tanh(v.a * v.time_step)},
        parameters={"a": ()},
    )
    horizon = Horizon(0.0, 5.0, 4, 1, "rk4")
    monkeypatch.setattr(np, "tanh", counted)
    Batch(system, horizon, Outcomes.of(["y"]), block=16).run(systems.runs(system, horizon, np.ones((20, 1))))
    assert len(calls) == 2 * 2  # two expressions, two blocks of runs


def test_inputs_stay_as_they_were_and_results_are_not_shared() -> None:
    system = random_system(11)
    horizon = Horizon(2000.0, 1.0, 4, 1)
    runs = random_runs(system, horizon, 20, 11)
    before = [array.copy() for array in (runs.parameters, runs.paths, runs.events.amounts)]
    for array in (runs.parameters, runs.paths, runs.path_set, runs.cuts, runs.events.amounts):
        array.flags.writeable = False
    batch = Batch(system, horizon, Outcomes.of(system.variables), block=16)
    one, two = batch.run(runs), batch.run(runs)
    assert one.values.tobytes() == two.values.tobytes()
    one.values[:] = -1.0
    assert two.values.tobytes() == batch.run(runs).values.tobytes()
    for array, copy in zip((runs.parameters, runs.paths, runs.events.amounts), before, strict=True):
        assert array.tobytes() == copy.tobytes()


def test_truth_values_are_numbers_where_they_are_computed_with() -> None:
    def made(v: object) -> dict[str, object]:
        low, high = v.y > 1.0, v.y < 3.0  # type: ignore[attr-defined]
        return {
            "count": np.sum(low) + np.sum(high),
            "ratio": low / (1.0 + np.sum(high)),
            "share": np.where(low, high, low) * 0.5,
            "product": np.einsum("i,i->i", low, v.y),  # type: ignore[attr-defined]
            "highest": np.max(low & high),
        }

    system = systems.system(
        {"y": (3,)}, lambda _: {"y": np.array([0.5, 2.0, 5.0])}, lambda _: {"y": 0.0}, variables=made
    )
    horizon = Horizon(0.0, 1.0, 1, 1)
    found = Batch(system, horizon, Outcomes.of([name for name in system.variables if name != "y"])).run(
        systems.runs(system, horizon)
    )
    assert found["count"][0, 0] == 4.0
    np.testing.assert_allclose(found["ratio"][0, 0], [0.0, 1.0 / 3.0, 1.0 / 3.0], rtol=1e-15)
    assert found["share"][0, 0].tolist() == [0.0, 0.5, 0.0]
    assert found["product"][0, 0].tolist() == [0.0, 2.0, 5.0]
    assert found["highest"][0, 0] == 1.0


@pytest.mark.parametrize("block", [0, 8, 20])
def test_blocks_that_would_leave_runs_to_the_ends_of_loops_are_refused(block: int) -> None:
    with pytest.raises(ValueError, match="multiple of 16"):
        Batch(DECAY, Horizon(), Outcomes.of(["y"]), block=block)


def test_no_runs_give_no_values() -> None:
    horizon = Horizon(0.0, 1.0, 1, 1)
    empty: System = DECAY
    found = Batch(empty, horizon, Outcomes.of(["y"])).run(systems.runs(empty, horizon, np.zeros((0, 2))))
    assert found.values.shape == (0, 2, 1)
