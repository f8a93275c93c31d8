"""Agreement of backends: what differs is found, what lies at a kink is counted apart, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.core.errors import HeadframeError
from headframe.engine.batch.backend import Batch
from headframe.engine.checking.agreement import agreement, differences
from headframe.engine.checking.check import rearranged
from headframe.engine.checking.kinks import crossed_branches, kinks
from headframe.engine.runs import Horizon, Outcomes, Recorded, Runs
from headframe.engine.system import Bound, System
from tests.engine import systems
from tests.engine.random_systems import random_runs, random_system

HORIZON = Horizon(0.0, 2.0, 4, 2)
FALLING = systems.system(
    {"y": (), "row": (3,)},
    lambda v: {"y": v.start, "row": np.array([1.0, 2.0, 3.0])},
    lambda v: {"y": -v.y, "row": -v.row},
    parameters={"start": ()},
    variables=lambda v: {"twice": 2.0 * v.y},
    bounds=(Bound("y", -1e9),),
)
RUNS = systems.runs(FALLING, HORIZON, [[1.0], [2.0], [3.0]])
ALL = Outcomes.of(["y", "row", "twice"])


class Altered:
    """A backend that alters what the batch backend gives."""

    name = "altered"

    def __init__(self, system: System, alter: Callable[[Recorded], Recorded], outcomes: Outcomes = ALL) -> None:
        self._batch, self._alter = Batch(system, HORIZON, outcomes), alter

    def run(self, runs: Runs) -> Recorded:
        return self._alter(self._batch.run(runs))


def with_value(run: int, record: int, column: int, change: Callable[[float], float]) -> Callable[[Recorded], Recorded]:
    def alter(found: Recorded) -> Recorded:
        values = found.values.copy()
        values[run, record, column] = change(values[run, record, column])
        return replace(found, values=values)

    return alter


def check(alter: Callable[[Recorded], Recorded], **options: Any) -> Any:
    backends = [Batch(FALLING, HORIZON, ALL), Altered(FALLING, alter)]
    return agreement(FALLING, HORIZON, backends, RUNS, **options)


def test_equal_backends_agree() -> None:
    found = check(lambda recorded: recorded)
    assert found.passed is True
    assert found.figures["worst"] == 0.0
    assert found.figures["runs"] == 3
    assert found.message.id == "engine-check.agreement.held"


def test_a_difference_is_found_and_named() -> None:
    found = check(with_value(1, 2, 4, lambda value: value + 1e-11 * 4.0))
    assert found.passed is False
    (finding,) = found.findings
    assert finding.values["outcome"] == "twice"
    assert finding.values["run"] == 1
    assert finding.values["runs"] == 1
    assert found.figures["worst"] == pytest.approx(1e-11, rel=1e-3)
    assert check(with_value(1, 2, 4, lambda value: value + 1e-11 * 4.0), tolerance=1e-10).passed is True


def test_the_measure_is_the_largest_value_of_the_variable_in_the_run() -> None:
    """The last value of y is a tenth of the first, and may differ as if it were the first."""
    assert check(with_value(0, 4, 0, lambda value: value + 0.9e-12)).passed is True
    assert check(with_value(0, 4, 0, lambda value: value + 1.1e-12)).passed is False
    # the elements of one variable share its largest value, 3 here for the first element, 1
    assert check(with_value(0, 0, 1, lambda value: value + 2.9e-12)).passed is True
    assert check(with_value(0, 0, 1, lambda value: value + 3.1e-12)).passed is False


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_no_number_in_one_backend_differs(value: float) -> None:
    found = check(with_value(2, 1, 0, lambda _: value))
    assert found.passed is False
    assert found.figures["worst"] == np.inf


def test_values_that_are_no_numbers_in_both_agree() -> None:
    runs = systems.runs(FALLING, HORIZON, [[np.nan], [np.inf], [-np.inf]])
    found = agreement(FALLING, HORIZON, [Batch(FALLING, HORIZON, ALL)] * 2, runs)
    assert found.passed is True


def test_other_failures_differ() -> None:
    found = check(lambda recorded: replace(recorded, failed_step=recorded.failed_step + np.int32([0, 3, 0])))
    assert found.passed is False
    assert found.findings[0].id == "engine-check.agreement.failures"
    assert found.findings[0].values["run"] == 1


def test_a_failure_that_rounding_decides_is_counted_apart() -> None:
    """y starts just below its bound: another backend may find it just above."""
    bounded = replace(FALLING, bounds=(Bound("y", -1e9, 2.0 + 1e-12),))

    def failing(*steps: int) -> Callable[[Recorded], Recorded]:
        failed = np.array(steps, np.int32)
        return lambda found: replace(found, failed_step=failed, failed_bound=np.minimum(failed, 0))

    def judged(*steps: int) -> Any:
        return agreement(bounded, HORIZON, [Batch(bounded, HORIZON, ALL), Altered(bounded, failing(*steps))], RUNS)

    assert judged(-1, -1, 0).figures["failed_near_bounds"] == 0  # as it is
    near = judged(-1, 0, 0)
    assert near.passed is True
    assert near.figures["failed_near_bounds"] == 1
    far = judged(0, 0, 0)
    assert far.passed is False
    assert far.findings[0].values == {"backend": "altered", "runs": 1, "run": 0}


def test_results_of_other_runs_are_not_compared() -> None:
    one, other = (Batch(FALLING, HORIZON, Outcomes.of([name])).run(RUNS) for name in ("y", "twice"))
    with pytest.raises(ValueError, match="same runs"):
        differences(one, other, "other")


def test_too_few_backends_or_runs_are_refused() -> None:
    with pytest.raises(HeadframeError, match="HF963"):
        agreement(FALLING, HORIZON, [Batch(FALLING, HORIZON, ALL)], RUNS)
    with pytest.raises(HeadframeError, match="HF963"):
        agreement(FALLING, HORIZON, [Batch(FALLING, HORIZON, ALL)] * 2, rearranged(RUNS, []))


def watched(rates: Callable[[Any], Any], start: Any, **options: Any) -> Any:
    """The kinks of runs of one stock `y` that starts at each of the values given."""
    layout = {"start": (), "limit": ()}
    system = systems.system(
        {"y": ()}, lambda v: {"y": v.start}, lambda v: {"y": rates(v)}, parameters=layout, **options
    )
    rows = np.atleast_2d(start) if np.ndim(start) == 2 else np.stack([start, np.ones(len(start))], axis=1)
    return kinks(system, HORIZON, systems.runs(system, HORIZON, rows))


def test_a_comparison_is_near_when_its_sides_are() -> None:
    found = watched(lambda v: np.where(v.y > v.limit, 0.0, 0.0), [1.0, 1.0 + 1e-10, 1.0 - 1e-10, 1.0 + 1e-8, 2.0, 0.0])
    assert found.near_kinks.tolist() == [True, True, True, False, False, False]
    assert found.distances[4] == pytest.approx(1.0 / 3.0)


def test_a_kink_that_is_met_only_between_two_others_is_near() -> None:
    """y falls from 2 to 1 to 0.5 …: only in one evaluation is it at the limit."""
    found = watched(lambda v: -2.0 * v.y + np.where(v.y < 0.25, 1e-3, 0.0), [2.0, 3.0])
    assert found.near_kinks.tolist() == [True, False]


def test_what_every_backend_knows_exactly_is_no_kink() -> None:
    def rates(v: Any) -> Any:
        chosen = np.where(v.limit == 1.0, 0.0, 1.0) + np.where(v.time >= 0.5, 0.0, 0.0)
        return 0.0 * chosen + 0.0 * np.floor(v.time) + np.where(v.time - v.limit < 0.0, 0.0, 0.0)

    assert np.isinf(watched(rates, [1.0, 2.0]).distances).all()


def test_a_computed_whole_number_is_a_kink_of_floor() -> None:
    found = watched(lambda v: 0.0 * np.floor(v.y * 1.1 / 1.1), [3.0, 3.5, 3.0 + 1e-12, 0.0, 3.0 - 1e-7])
    assert found.near_kinks.tolist() == [True, False, True, False, False]


def test_zero_by_difference_is_near_and_zero_by_clipping_is_not() -> None:
    def gap(v: Any) -> Any:
        return v.y * 1.1 - v.limit * 1.1

    rows = [[1.0, 1.0], [1.0 + 1e-12, 1.0], [1.0 - 1e-12, 1.0], [0.5, 1.0], [2.0, 1.0]]
    near = [True, True, True, False, False]
    assert watched(lambda v: np.where(gap(v) > 0.0, 0.0, 0.0), rows).near_kinks.tolist() == near
    clipped = watched(lambda v: np.where(np.maximum(gap(v), 0.0) > 0.0, 0.0, 0.0), rows)
    assert clipped.near_kinks.tolist() == near


def test_minima_maxima_and_tables_are_continuous() -> None:
    found = watched(lambda v: 0.0 * (np.minimum(v.y, v.limit) + np.absolute(v.y - v.limit)), [1.0])
    assert np.isinf(found.distances[0])
    assert np.isinf(watched(lambda v: 0.0 * np.interp(v.y, [0.0, 1.0], [0.0, 1.0]), [1.0]).distances[0])


def test_kinks_of_the_start_and_of_yearly_updates_count() -> None:
    quiet = {"parameters": {"start": (), "limit": ()}}
    at_start = systems.system(
        {"y": ()},
        lambda v: {"y": np.where(v.start * 1.1 * 1.1 > v.limit * 1.21, 1.0, 2.0)},
        lambda _: {"y": 0.0},
        **quiet,
    )
    at_end = systems.system(
        {"y": ()},
        lambda v: {"y": v.start},
        lambda _: {"y": 0.0},
        yearly=lambda v: {"y": np.where(v.y * 1.1 > v.limit * 1.1, v.y, v.y)},
        **quiet,
    )
    for system in (at_start, at_end):
        found = kinks(system, HORIZON, systems.runs(system, HORIZON, [[1.0, 1.0], [1.5, 1.0]]))
        assert found.near_kinks.tolist() == [True, False]


def test_runs_that_are_no_numbers_hide_no_kink_of_others() -> None:
    found = watched(lambda v: np.where(v.y > v.limit, 0.0, 0.0), [np.nan, np.inf, 1.0, 3.0])
    assert found.near_kinks.tolist() == [False, False, True, False]


def test_agreement_counts_runs_at_a_kink_apart() -> None:
    system = systems.system(
        {"y": ()},
        lambda v: {"y": v.start},
        lambda v: {"y": np.where(v.y * 1.1 >= 1.1, 1.0, -1.0)},
        parameters={"start": ()},
    )
    runs = systems.runs(system, HORIZON, [[1.0], [3.0]])
    outcomes = Outcomes.of(["y"])
    other = Altered(system, with_value(0, 4, 0, lambda value: -value), outcomes)
    found = agreement(system, HORIZON, [Batch(system, HORIZON, outcomes), other], runs)
    assert found.passed is True
    assert found.figures["near_kinks"] == 1
    alone = agreement(system, HORIZON, [Batch(system, HORIZON, outcomes), other], rearranged(runs, [0]))
    assert alone.passed is None  # all runs are at a kink: nothing is decided


@pytest.mark.parametrize(
    ("expression", "crossed"),
    [
        (lambda v: np.maximum(v.y, 1.0), [True, False, False]),
        (lambda v: np.absolute(v.y - 1.0), [True, False, False]),
        (lambda v: np.where(v.y > 1.0, v.y, v.y), [True, False, False]),
        (lambda v: np.floor(v.y), [True, False, True]),
        (lambda v: np.interp(v.y, [0.0, 1.0, 9.0], [0.0, 1.0, 2.0]), [True, False, False]),
        (lambda v: np.max(np.stack([v.y, 1.0 + 0.0 * v.y])), [True, False, False]),
        (lambda v: np.exp(v.y), [False, False, False]),
    ],
)
def test_crossing_a_corner_is_noticed(expression: Callable[[Any], Any], crossed: list[bool]) -> None:
    """y falls by a half in the whole run, from 1.2, 0.9 and 2.2."""
    system = systems.system(
        {"y": ()},
        lambda v: {"y": v.start},
        lambda v: {"y": -0.25 + 0.0 * expression(v)},
        parameters={"start": ()},
    )
    runs = systems.runs(system, HORIZON, [[1.2], [0.9], [2.2]])
    assert crossed_branches(system, HORIZON, runs).tolist() == crossed


def test_branches_are_compared_within_a_run_and_not_between_runs() -> None:
    system = systems.system(
        {"y": ()}, lambda v: {"y": v.start}, lambda v: {"y": np.where(v.y > 0.0, 1.0, -1.0)}, parameters={"start": ()}
    )
    starts = np.where(np.arange(600) < 256, 1.0, -1.0)
    assert not crossed_branches(system, HORIZON, systems.runs(system, HORIZON, starts[:, None])).any()


@given(st.integers(0, 10**9))
def test_watching_changes_nothing(seed: int) -> None:
    system = random_system(seed)
    horizon = Horizon(2000.0, 1.0, 4, 1)
    runs = random_runs(system, horizon, 6, seed)
    before = system.digest
    plain = Batch(system, horizon, Outcomes.of(system.variables), block=16).run(runs)
    kinks(system, horizon, runs)
    crossed_branches(system, horizon, runs)
    assert system.digest == before
    again = Batch(system, horizon, Outcomes.of(system.variables), block=16).run(runs)
    assert again.values.tobytes() == plain.values.tobytes()


@given(st.integers(0, 10**9), st.lists(st.integers(0, 9), max_size=12))
def test_rearranged_runs_are_the_runs(seed: int, order: list[int]) -> None:
    system = random_system(seed, size=5)
    horizon = Horizon(2000.0, 1.0, 2, 1)
    runs = random_runs(system, horizon, 10, seed)
    found = rearranged(runs, order)
    assert len(found) == len(order)
    for place, run in enumerate(order):
        assert (found.parameters[place] == runs.parameters[run]).all()
        assert found.path_set[place] == runs.path_set[run]
        assert (found.cuts[place] == runs.cuts[run]).all()
        one = found.events.expand(place, system.events.rows, horizon.points)
        assert (one == runs.events.expand(run, system.events.rows, horizon.points)).all()
        assert found.base is not None
        assert runs.base is not None
        assert (found.base.parameters[place] == runs.base.parameters[run]).all()
