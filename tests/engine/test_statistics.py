"""Streamed statistics against the whole sample: moments, quantiles within their stated ends, crossings, failures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from headframe.core.errors import HeadframeError
from headframe.engine.ensembles.statistics import Layout, Moments, Plan, Threshold, Tree, summarise
from headframe.engine.ensembles.tally import GroupStatistics, Tally
from headframe.engine.runs import Floats, Horizon, Outcomes, Recorded
from tests.engine.closed_forms import system

HORIZON = Horizon(years=2.0, steps_per_year=2, record_every=2)  # records before the steps 0, 2 and 4
SYSTEM = system({}, {"one": (), "pair": (2,)}, bounds=())
OUTCOMES = Outcomes.of(("one", "pair"))
awkward = st.one_of(
    st.floats(-1e3, 1e3), st.sampled_from([0.0, -0.0, 1.0, 1.0, 7.0, np.nan, np.inf, -np.inf, 1e-300, 1e300])
)


def layout(runs: int, block: int, plan: Plan | None = None, outcomes: Outcomes = OUTCOMES, bounds: int = 1) -> Layout:
    made = plan if plan is not None else Plan(bins=8)
    sizes = outcomes.sizes(SYSTEM)
    return Layout(made, outcomes, sizes, HORIZON.recorded_steps, HORIZON.steps, bounds, -(-runs // block), block)


def tallied(
    of: Layout, values: Floats, failed: Any = -1, order: Sequence[int] = (), bound: int = 0
) -> tuple[Tally, GroupStatistics]:
    """Values (runs, times, numbers) taken up block by block, the first block first, the others in this order."""
    failed_step = np.broadcast_to(failed, len(values)).astype(np.int32)
    tally = Tally(of)
    for block in (0, *(order or range(1, of.blocks))):
        chosen = slice(block * of.block, (block + 1) * of.block)
        steps = failed_step[chosen]
        bounds = np.where(steps < 0, -1, bound).astype(np.int32)
        recorded = Recorded(of.outcomes, of.sizes, HORIZON.recorded_times, values[chosen], steps, bounds)
        runs = np.arange(len(values), dtype=np.int64)[chosen]
        tally.add(block, summarise(of, recorded, runs, None if block == 0 else tally.edges))
    return tally, tally.finish()


def spread(values: Any) -> Floats:
    """Values by run, at every time and number of `OUTCOMES`."""
    return np.array(np.broadcast_to(np.asarray(values, dtype=float)[:, None, None], (len(values), 3, 3)))


def by_rank(values: Floats, p: float) -> float:
    """The value of rank ⌈n p⌉, by sorting."""
    kept = np.sort(values[np.isfinite(values)])
    return float(kept[max(int(np.ceil(round(len(kept) * p, 9))), 1) - 1])


@given(st.lists(awkward, min_size=1, max_size=90), st.integers(1, 20), st.integers(1, 12))
def test_statistics_are_those_of_the_whole_sample(listed: list[float], block: int, bins: int) -> None:
    values = np.array(listed)
    kept = values[np.isfinite(values)]
    _, found = tallied(layout(len(values), block, Plan(bins=bins)), spread(values))
    assert (found.count == len(kept)).all()
    assert (found.lost == len(values) - len(kept)).all()
    if not len(kept):
        assert all(np.isnan(part).all() for part in (found.mean, found.deviation, found.minimum, found.quantile(0.5)))
        return
    scale = np.abs(kept).max()
    assert np.allclose(found.mean, kept.mean() if scale < 1e299 else found.mean, rtol=1e-12, atol=1e-13 * scale)
    if len(kept) > 1 and scale < 1e100:
        assert np.allclose(found.deviation, kept.std(ddof=1), rtol=1e-9, atol=1e-12 * scale)
    assert (found.minimum == kept.min()).all()
    assert (found.maximum == kept.max()).all()


@given(st.lists(awkward, min_size=1, max_size=120), st.integers(1, 30), st.integers(1, 20), st.floats(0.001, 0.999))
def test_quantiles_lie_within_their_stated_ends(listed: list[float], block: int, bins: int, p: float) -> None:
    values = np.array(listed)
    of = layout(len(values), block, Plan(bins=bins))
    _, found = tallied(of, spread(values))
    estimate, low, high = found.quantile(p)
    if not np.isfinite(values).any():
        assert np.isnan([estimate, low, high]).all()
        return
    exact = by_rank(values, p)
    assert (low <= exact).all()
    assert (exact <= high).all()
    assert (low <= estimate).all()
    assert (estimate <= high).all()
    if of.exact:
        assert (low == high).all()


@given(st.data(), st.integers(2, 9))
def test_any_order_of_blocks_gives_the_same_bytes(data: st.DataObject, blocks: int) -> None:
    block = 4
    draw = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    values = draw.lognormal(size=(blocks * block - 1, 3, 3)) * draw.choice([1.0, -0.0, np.nan], size=(1, 3, 3))
    failed = draw.choice([-1, -1, 0, 3], size=len(values))
    plan = Plan(bins=3, listed=5, thresholds=(Threshold("pair", 1.0), Threshold("one", 0.5, above=False)))
    order = data.draw(st.permutations(range(1, blocks)))
    straight, _ = tallied(layout(len(values), block, plan), values, failed)
    mixed, _ = tallied(layout(len(values), block, plan), values, failed, order)
    one, other = straight.state(), mixed.state()
    assert one.keys() == other.keys()
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)
    middle = Tally(layout(len(values), block, plan))
    middle.restore(one)
    assert {name: array.tobytes() for name, array in middle.state().items()} == {
        name: array.tobytes() for name, array in one.items()
    }


def test_the_sign_of_zero_does_not_depend_on_the_order() -> None:
    for values in ([0.0, -0.0, 0.0, -0.0], [-0.0, 0.0, -0.0, 0.0]):
        _, found = tallied(layout(4, 1), spread(values))
        assert not np.signbit(found.minimum).any()
        assert not np.signbit(found.maximum).any()


@given(st.integers(1, 40), st.permutations(range(9)))
def test_the_tree_merges_the_same_pairs_in_any_order(blocks: int, order: list[int]) -> None:
    numbers = np.random.default_rng(blocks).normal(size=blocks)
    totals = set()
    for places in (range(blocks), sorted(range(blocks), key=lambda number: order[number % 9])):
        tree = Tree(blocks)
        for place in places:
            tree.add(place, Moments(np.array([1]), numbers[place : place + 1], np.zeros(1)))
        assert len(tree.waiting) == 1
        totals.add(tree.total().mean.tobytes() + tree.total().squares.tobytes())
    assert len(totals) == 1
    assert tree.total().mean[0] == pytest.approx(numbers.mean(), abs=1e-14)


def test_the_tree_holds_no_more_than_its_height_when_blocks_come_in_order() -> None:
    tree, most = Tree(1000), 0
    for block in range(1000):
        tree.add(block, Moments(np.array([1]), np.zeros(1), np.zeros(1)))
        most = max(most, len(tree.waiting))
    assert most <= 10


def test_moments_of_large_numbers_with_a_small_spread_are_kept() -> None:
    values = 1e9 + np.random.default_rng(1).normal(size=5000)
    _, found = tallied(layout(5000, 64), spread(values))
    assert found.deviation == pytest.approx(np.full((3, 3), values.std(ddof=1)), rel=1e-7)


def test_a_value_that_repeats_has_a_cell_of_its_own() -> None:
    """A third of the runs are at 2 exactly: quantiles there are known exactly, though all are counted in cells."""
    draw = np.random.default_rng(5)
    values = np.where(draw.random(6000) < 1.0 / 3.0, 2.0, draw.normal(2.0, 3.0, 6000))
    _, found = tallied(layout(6000, 256, Plan(bins=16)), spread(values))
    for p in (0.4, 0.5, 0.6):
        assert [float(part[0, 0]) for part in found.quantile(p)] == [2.0, 2.0, 2.0]


@pytest.mark.parametrize(("name", "known"), [("normal", stats.norm()), ("lognormal", stats.lognorm(2.0))])
def test_quantiles_of_known_distributions(name: str, known: Any) -> None:
    """In ranks: an estimate is off by the sampling error and less than a cell; the cell is narrow."""
    runs, bins = 40_000, 256
    values = known.ppf((np.random.default_rng(3).permutation(runs) + 0.5) / runs)
    _, found = tallied(layout(runs, 1024, Plan(bins=bins)), spread(values))
    for p in (0.05, 0.25, 0.5, 0.75, 0.95):
        estimate, low, high = (float(part[0, 0]) for part in found.quantile(p))
        assert known.cdf(high) - known.cdf(low) < 4.0 / bins
        assert abs(known.cdf(estimate) - p) < 1.0 / bins


def test_estimates_are_linear_within_a_cell() -> None:
    """Evenly spread values and four wide cells: estimates are far closer than the cells are wide."""
    values = (np.random.default_rng(8).permutation(20_000) + 0.5) / 20_000
    _, found = tallied(layout(20_000, 1024, Plan(bins=4)), spread(values))
    for p in np.linspace(0.05, 0.95, 19):
        estimate, low, high = (float(part[0, 0]) for part in found.quantile(float(p)))
        assert abs(estimate - p) < 0.0005
        assert high - low > 0.15


@pytest.mark.parametrize("p", [0.05, 0.5, 0.9])
@pytest.mark.parametrize(("runs", "block"), [(200, 200), (600, 64)])
def test_intervals_of_quantiles_hold_them_as_often_as_stated(p: float, runs: int, block: int) -> None:
    """Coverage over 2,000 ensembles, a column each; at most three standard deviations below the level stated."""
    ensembles, level = 2000, 0.9
    draw = np.random.default_rng(12)
    sizes = (ensembles,)
    of = Layout(Plan(bins=64), Outcomes.of(("all",)), sizes, HORIZON.recorded_steps, 4, 0, -(-runs // block), block)
    values = np.broadcast_to(draw.exponential(size=(runs, 1, ensembles)), (runs, 3, ensembles))
    _, found = tallied(of, values)
    low, high = (part[0] for part in found.interval(p, level))
    true = -np.log(1.0 - p)
    covered = float(((low <= true) & (true <= high)).mean())
    assert covered > level - 3.0 * np.sqrt(level * (1.0 - level) / ensembles)
    assert covered < 0.999, "an interval that always holds says nothing"


@pytest.mark.parametrize("p", [0.07, 0.14, 0.28, 0.29, 0.55, 0.56, 0.57, 0.58])
def test_ranks_that_are_whole_but_for_rounding_are_whole(p: float) -> None:
    """0.07 × 100 is a little more than 7 in floating point; the quantile is the seventh value all the same."""
    _, found = tallied(layout(100, 100), spread(np.arange(1.0, 101.0)))
    assert found.quantile(p)[0][0, 0] == round(100 * p)


def test_intervals_are_infinite_where_too_few_runs_are_there() -> None:
    _, found = tallied(layout(5, 5), spread(np.arange(5.0)))
    low, high = found.interval(0.01)
    assert low[0, 0] == -np.inf
    assert np.isfinite(high[0, 0])
    assert found.interval(0.99)[1][0, 0] == np.inf


def test_values_from_the_failure_on_are_left_out() -> None:
    """Records stand before the steps 0, 2 and 4; a run that failed before step 2 has a value at the first only."""
    values = spread([1.0, 2.0, 3.0, 4.0])
    values[1:, 1:] = 1e9
    _, found = tallied(layout(4, 2), values, failed=[-1, 1, 2, 0])
    assert found.count.T.tolist() == [[3, 1, 1]] * 3
    assert found.mean[:, 0].tolist() == [2.0, 1.0, 1.0]
    assert found.maximum.max() == 3.0
    assert found.lost.sum() == 0
    assert found.failures.tolist() == [[1, 1, 1, 0, 0]]
    assert found.failed.tolist() == [[1, 1, 0], [2, 2, 0], [3, 0, 0]]
    assert found.runs == 4


def test_failures_are_counted_by_bound_and_the_first_runs_listed() -> None:
    plan = Plan(bins=4, listed=3)
    failed = np.tile([-1, 3], 10)
    _, found = tallied(layout(20, 4, plan, bounds=3), spread(np.zeros(20)), failed, order=(4, 3, 2, 1), bound=2)
    assert found.failures.tolist() == [[0] * 5, [0] * 5, [0, 0, 0, 10, 0]]
    assert found.failed.tolist() == [[1, 3, 2], [3, 3, 2], [5, 3, 2]]


def test_crossings_at_a_time_ever_and_never() -> None:
    values = np.array([[0.0, 2.0, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, 5.0], [3.0, 0.0, 0.0], [0.0, 0.0, 9.0]])
    failed = [-1, -1, 2, 1, 4]  # the third is cut before it crosses, the fourth after it, the fifth as it does
    plan = Plan(bins=2, thresholds=(Threshold("pair", 1.0), Threshold("one", 1.0, above=False)))
    _, found = tallied(layout(5, 2, plan), np.repeat(values[:, :, None], 3, axis=2), failed)
    above, below = found.crossings
    assert above.at.tolist() == [[1, 1], [1, 1], [0, 0]]
    assert above.ever.tolist() == [2, 2]
    assert above.never.tolist() == [1, 1]  # the third and the fifth ended before they could tell
    assert below.at.tolist() == [[4], [2], [2]]
    assert below.ever.tolist() == [4]  # the fourth ended before it could tell
    assert below.never.tolist() == [0]


def test_means_have_no_value_at_the_first_record() -> None:
    outcomes = Outcomes.of(("one", "pair"), means=("one",))
    values = spread([1.0, 2.0, 3.0])
    values[:, 0, 0] = np.nan
    plan = Plan(bins=2, thresholds=(Threshold("one", 9.0),))
    _, found = tallied(layout(3, 2, plan, outcomes), values)
    assert found.count[:, 0].tolist() == [0, 3, 3]
    assert found.lost.sum() == 0
    assert np.isnan(found.mean[0, 0])
    assert found.crossings[0].never.tolist() == [3]


def test_a_pilot_without_values_leaves_wide_but_true_ends() -> None:
    values = spread([np.nan] * 4 + [5.0, -3.0, 1.0, 2.0])
    _, found = tallied(layout(8, 4), values)
    estimate, low, high = (part[0, 0] for part in found.quantile(0.9))
    assert low <= 5.0 <= high == 5.0
    assert low <= estimate <= high


def test_the_standard_error_of_complete_blocks_is_the_spread_of_their_means() -> None:
    draw = np.random.default_rng(2)
    values = draw.normal(size=(16, 64)) * 0.01 + draw.normal(size=(1, 64))  # blocks that repeat one design
    _, found = tallied(layout(1024, 64), spread(values.ravel()))
    means = values.mean(axis=1)
    expected = means.std(ddof=1) / 4.0
    assert found.standard_error(independent=False)[0, 0] == pytest.approx(expected, rel=1e-9)
    assert found.standard_error(independent=True)[0, 0] == pytest.approx(values.ravel().std(ddof=1) / 32.0, rel=1e-9)
    _, few = tallied(layout(448, 64), spread(values.ravel()[:448]))
    assert (few.standard_error(independent=False) == few.standard_error(independent=True)).all()


def test_other_blocks_wait_for_the_pilot() -> None:
    tally = Tally(layout(8, 4))
    pilot, _ = tallied(layout(8, 4), spread(np.arange(8.0)))
    recorded = Recorded(OUTCOMES, (1, 2), HORIZON.recorded_times, spread(np.zeros(4)), *np.full((2, 4), -1, np.int32))
    with pytest.raises(ValueError, match="pilot"):
        tally.add(1, summarise(tally.layout, recorded, np.arange(4, 8), pilot.edges))


@pytest.mark.parametrize(
    "wrong",
    [{"quantiles": (0.0,)}, {"quantiles": (1.5,)}, {"bins": 0}, {"thresholds": (Threshold("one", np.nan),)}],
)
def test_plans_that_say_nothing(wrong: dict[str, Any]) -> None:
    with pytest.raises(HeadframeError) as error:
        Plan(**wrong)
    assert error.value.problems[0].code == "HF953"
