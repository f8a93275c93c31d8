"""Movers and rank intervals hold what they promise: on noise, on simulated panels with known truth, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.measure import draws as drawing
from headframe.measure.bounds import bounds
from headframe.measure.definition import definition
from headframe.measure.panel.grid import grid
from headframe.measure.panel.known import Batch, many_known
from headframe.measure.panel.measure import measure_panel
from headframe.measure.panel.meter import Instrument, ranks
from headframe.measure.panel.movers import FALSE_SHARE, Scatter, discoveries, moves, scatter
from headframe.measure.reading import LEVEL
from headframe.measure.score import Array
from tests.measure.panels import Made, at_level, frame, places, row, scaled

YEARS = (2018, 2020, 2022)


def test_scatter_is_found_from_straight_courses() -> None:
    random = np.random.default_rng(1)
    years = (2010, 2012, 2013, 2017, 2018)
    slope, start = random.normal(0, 3, (400, 1)), random.uniform(20, 80, (400, 1))
    course = start + slope * (np.array(years) - 2010)
    found = scatter(course + random.normal(0, 2.0, course.shape), years)
    assert found.by == "courses"
    assert found.residuals == 400 * 3
    assert found.deviation == pytest.approx(2.0, rel=0.1)
    assert scatter(course, years).deviation == pytest.approx(0, abs=1e-9)


def test_a_few_places_that_turn_hardly_count_as_scatter() -> None:
    random = np.random.default_rng(2)
    calm = random.normal(50, 1.0, (300, 3))
    turned = calm.copy()
    turned[:15, 1] += 30
    assert scatter(turned, YEARS).deviation == pytest.approx(scatter(calm, YEARS).deviation, rel=0.2)


def test_what_moves_every_place_alike_is_no_scatter() -> None:
    middles = np.tile([40.0, 60.0, 45.0], (50, 1)) + np.random.default_rng(3).normal(0, 0.5, (50, 3))
    assert scatter(middles, YEARS).deviation == pytest.approx(0.5, rel=0.35)


def test_two_years_are_held_against_the_other_places_and_few_places_against_nothing() -> None:
    random = np.random.default_rng(4)
    two = scatter(random.normal(50, 2.0, (300, 2)), (2018, 2022))
    assert (two.by, two.residuals) == ("changes", 300)
    assert two.deviation == pytest.approx(2.0, rel=0.15)
    few = scatter(random.normal(50, 2.0, (10, 2)), (2018, 2022))
    assert (few.by, few.deviation) == ("unknown", 0.0)
    assert not moves(np.full((10, 50), 30.0), few, 1, LEVEL).found.any()


def test_discoveries_by_hand() -> None:
    p_values = np.array([0.001, 0.10, 0.019, 0.9, np.nan])
    judged = np.array([True, True, True, True, False])
    # sorted: 0.001 ≤ 0.025, 0.019 ≤ 0.05, 0.10 > 0.075, 0.9 > 0.1
    assert discoveries(p_values, judged, 0.10).tolist() == [True, False, True, False, False]
    assert not discoveries(p_values, np.zeros(5, bool)).any()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.floats(0.01, 0.5))
def test_a_smaller_p_value_is_never_left_out_before_a_larger_one(values: list[float], share: float) -> None:
    p_values = np.array(values)
    found = discoveries(p_values, np.ones(len(values), bool), share)
    if found.any():
        assert found[p_values <= p_values[found].max()].all()
    stricter = discoveries(p_values, np.ones(len(values), bool), share / 2)
    assert not (stricter & ~found).any()


def test_the_sign_must_not_hang_on_the_weights() -> None:
    sure = np.full((30, 400), 20.0)
    torn = np.where(np.arange(400) % 5 == 0, -20.0, 20.0) * np.ones((30, 1))
    spread = Scatter(1.0, 100, "courses")
    assert moves(sure, spread, 1, LEVEL).found.all()
    assert not moves(torn, spread, 1, LEVEL).found.any()
    assert moves(torn, spread, 1, LEVEL).chance == pytest.approx(np.full(30, 0.8))
    assert moves(np.full((3, 400), np.nan), spread, 1, LEVEL).found.tolist() == [False] * 3


def noise(seed: int, count: int = 60, jump: float = 0.0, movers: int = 0) -> Made:
    """Places whose level in every indicator stays where it is but for noise; `movers` jump up in the last year.

    Indicators on one scale for all years are read off one year's spread, so that nothing moves all places together.
    """
    random = np.random.default_rng(seed)
    level = {name: random.uniform(0.25, 0.75, count) for name in definition().indicators}
    common = [name for name in definition().indicators if all(name in scaled()[year] for year in YEARS)]
    rows = []
    for year in YEARS:
        moved = np.where((np.arange(count) < movers) & (year == YEARS[-1]), jump, 0.0)
        for name in common:
            sign = 1.0 if definition().item(name).direction == "up" else -1.0
            noisy = np.clip(level[name] + random.normal(0, 0.05, count) + sign * moved, 0.05, 0.95)
            values = at_level(name, 2020 if definition().item(name).scale == "fixed" else year, noisy)
            rows += [row(f"p{n:03}", name, year, float(value)) for n, value in enumerate(values)]
    return Made(places(count), frame(rows))


def test_pure_noise_has_few_movers_and_jumps_are_found() -> None:
    panels, alarms = 12, 0
    for seed in range(panels):  # 60 places each
        found = measure_panel(noise(seed), draws=100).moved(2018, 2022)
        alarms += any(move.found for move in found)
    # All changes are noise, so that every panel with any found counts; the rule allows a share of FALSE_SHARE.
    assert alarms <= panels * FALSE_SHARE + 3 * np.sqrt(panels * FALSE_SHARE * (1 - FALSE_SHARE))
    found = measure_panel(noise(99, jump=0.4, movers=6), draws=100).moved(2018, 2022)
    real = {f"p{n:03}" for n in range(6)}
    hits = {move.place for move in found if move.found}
    assert len(hits & real) >= 4
    assert len(hits - real) <= 1


def simulated(seed: int, count: int, width: float) -> tuple[Made, dict[str, Array]]:
    """A panel of 2020 whose figures are known within bounds, and the true values behind it."""
    random = np.random.default_rng(seed)
    truth: dict[str, Array] = {}
    rows = []
    for name in scaled()[2020]:
        if definition().item(name).scale == "natural":
            continue
        truth[name] = at_level(name, 2020, random.random(count))
        knots = bounds().knots(name, 2020)
        assert knots is not None
        half = width * float(knots[-1] - knots[0])
        printed = truth[name] + random.uniform(-half, half, count)
        for n, value in enumerate(printed):
            ends = {"qualifier": "range", "amount_low": float(value) - half, "amount_high": float(value) + half}
            rows.append(row(f"p{n:03}", name, 2020, None, **ends))
    return Made(places(count), frame(rows)), truth


def true_ranks(panel: Made, truth: dict[str, Array], seed: int, draws: int) -> Array:
    """Ranks of the true values under ways of scoring drawn anew, what is missing drawn anew too (places × draws)."""
    rule = definition()
    known = many_known(panel.places, [Batch(panel.observations, {})], panel.sources, rule.indicators)
    tool = Instrument(grid(known, rule, bounds(), (2020,), anywhere=False), rule, bounds(), seed, draws)
    values, ruler = tool.values(np.arange(len(panel.places)), 2020)
    for number, name in enumerate(rule.indicators):
        if name in truth:
            values[:, :, number] = truth[name][:, None]
    scores = drawing.scores_by_way(tool.points(values, ruler), tool.ways, rule.membership)[0]
    return ranks(scores)


def test_rank_intervals_cover_the_true_ranks_at_the_stated_rate() -> None:
    inside = []
    for seed in range(4):
        panel, truth = simulated(seed, 40, 0.08)
        found = measure_panel(panel, draws=400, years=[2020])
        ends = [(item.rank.low, item.rank.high) for item in (found.readings_at[name, 2020] for name in panel.places)]
        low, high = np.array(ends, dtype=float).T
        real = true_ranks(panel, truth, 1000 + seed, 60)
        inside.append(((real >= low[:, None]) & (real <= high[:, None])).mean())
    # Whole numbers make intervals of ranks a little wider than 90 per cent.
    assert 0.87 <= float(np.mean(inside)) <= 0.97, inside
