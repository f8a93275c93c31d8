"""The scale and the draws: pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.diagnose import severity
from headframe.diagnose.criteria import specification
from headframe.diagnose.severity import Assumptions, Drawn, Piece

ASSUMED: Assumptions = specification().assumptions.spreads
PIECE = Piece(
    id="one",
    weight=1.0,
    value=12.0,
    low=None,
    high=None,
    qualifier="=",
    reliability="medium",
    concern=10.0,
    severe=20.0,
    grades=("B", "C"),
    age=3.0,
    drift=0.48,
)


def drawn(pieces: Sequence[Piece], missing: dict[str, float] | None = None, draws: int = 500) -> Drawn:
    found = severity.draw(pieces, missing or {}, ASSUMED, seed=1, purpose="test", draws=draws)
    assert found is not None
    return found


def test_the_points_of_the_scale_score_a_third_and_two_thirds() -> None:
    scores = severity.score(np.array([0.0, 0.5, 1.0]))
    assert scores == pytest.approx([100 / 3, 50.0, 200 / 3])


def test_every_step_multiplies_the_odds_by_four() -> None:
    points = severity.score(np.array([-2.0, -1.0, 3.0, 4.0]))
    odds = points / (100 - points)
    assert odds[1] / odds[0] == pytest.approx(4.0)
    assert odds[3] / odds[2] == pytest.approx(4.0)


@given(st.floats(-20, 20))
def test_position_and_score_are_inverse(x: float) -> None:
    there = severity.score(np.array([x]))
    assert 0 < there[0] < 100
    if abs(x) < 10:
        assert severity.position_of_score(there)[0] == pytest.approx(x, abs=1e-6)


def test_no_figure_however_extreme_overflows_or_leaves_the_scale() -> None:
    scores = severity.score(np.array([-1e12, 1e12]))
    assert np.isfinite(scores).all()
    assert (scores >= 0).all()
    assert (scores <= 100).all()


def test_the_power_mean_is_the_weighted_mean_for_one_and_the_root_mean_square_for_two() -> None:
    scores, weights = np.array([[20.0, 20.0], [80.0, 80.0]]), np.array([[3.0, 3.0], [1.0, 1.0]])
    means = severity.power_mean(scores, weights, np.array([1.0, 2.0]))
    assert means == pytest.approx([35.0, math.sqrt((3 * 20**2 + 80**2) / 4)])


finite = st.floats(-50, 80)
ages = st.none() | st.floats(0, 40)


@given(
    value=finite,
    worse=st.floats(0, 60),
    margin=st.none() | st.tuples(st.floats(0, 10), st.floats(0, 10)),
    qualifier=st.sampled_from(["=", "~", ">", "<", ">=", "<="]),
    below=st.booleans(),
    age=ages,
    other=finite,
    missing=st.integers(0, 3),
)
def test_worse_evidence_never_lowers_any_draw(
    value: float,
    worse: float,
    margin: tuple[float, float] | None,
    qualifier: str,
    below: bool,
    age: float | None,
    other: float,
    missing: int,
) -> None:
    """Draw by draw, so for every quantile and every probability that is made of them."""
    concern, severe = (20.0, 10.0) if below else (10.0, 20.0)
    moved = value - worse if below else value + worse

    def pieces(at: float) -> list[Piece]:
        low, high = (None, None) if margin is None else (at - margin[0], at + margin[1])
        one = replace(PIECE, value=at, low=low, high=high, qualifier=qualifier, concern=concern, severe=severe, age=age)
        return [one, replace(PIECE, id="two", value=other, weight=0.5)]

    absent = {f"absent-{n}": 1.0 for n in range(missing)}
    before, after = drawn(pieces(value), absent), drawn(pieces(moved), absent)
    assert (after.total >= before.total - 1e-9).all()
    assert (after.scores["one"] >= before.scores["one"] - 1e-9).all()


@given(low=st.floats(-30, 30), value=st.floats(0, 10), high=st.floats(0, 10), rise=st.floats(0, 20))
def test_raising_one_end_of_an_interval_never_lowers_a_draw(low: float, value: float, high: float, rise: float) -> None:
    one = replace(PIECE, low=low, value=low + value, high=low + value + high)
    up = replace(one, high=low + value + high + rise)
    assert (drawn([up]).total >= drawn([one]).total - 1e-9).all()


def test_a_criterion_changes_nothing_in_the_draws_of_the_others() -> None:
    two = replace(PIECE, id="two", value=30.0)
    assert np.array_equal(drawn([PIECE]).scores["one"], drawn([PIECE, two]).scores["one"])
    assert np.array_equal(drawn([PIECE, two]).total, drawn([two, PIECE]).total)


def test_nothing_known_is_not_drawn() -> None:
    assert severity.draw([], {"one": 1.0}, ASSUMED, seed=1, purpose="test", draws=500) is None


def test_without_evidence_of_any_weight_the_three_classes_are_equally_probable() -> None:
    """The spread of what is missing is that of indifference; a piece of no weight leaves it alone."""
    nothing = replace(PIECE, weight=1e-12, value=15.0, age=0.0)
    shares = severity.shares_of(drawn([nothing], {"a": 1.0, "b": 1.0, "c": 1.0}, draws=20_000).total)
    assert shares == pytest.approx([100 / 3] * 3, abs=1.5)


def test_many_missing_criteria_do_not_average_each_other_into_certainty() -> None:
    few = severity.interval(drawn([PIECE], {"a": 1.0}).total, 0.9)
    many = severity.interval(drawn([PIECE], {f"a{n}": 1.0 for n in range(12)}).total, 0.9)
    assert many[2] - many[0] > few[2] - few[0]


@pytest.mark.parametrize(
    ("name", "sure", "unsure"),
    [
        ("age", 0.0, 20.0),
        ("age", 2.0, None),
        ("reliability", "high", "low"),
        ("grades", ("A", "A"), ("D", "D")),
        ("qualifier", "=", "~"),
    ],
)
def test_weaker_evidence_widens_the_interval(name: str, sure: object, unsure: object) -> None:
    base = replace(PIECE, age=0.0, value=15.0)
    narrow = severity.interval(drawn([replace(base, **{name: sure})], draws=4000).total, 0.9)  # type: ignore[arg-type]
    wide = severity.interval(drawn([replace(base, **{name: unsure})], draws=4000).total, 0.9)  # type: ignore[arg-type]
    assert wide[2] - wide[0] > narrow[2] - narrow[0]


def test_more_than_is_drawn_upwards_only_and_less_than_downwards_only() -> None:
    exact = replace(ASSUMED, value_error=dict.fromkeys(ASSUMED.value_error, 0.0))
    random = np.random.default_rng
    more = severity.draw_value(replace(PIECE, qualifier=">"), exact, random(1), 500)
    less = severity.draw_value(replace(PIECE, qualifier="<"), exact, random(1), 500)
    floor = severity.draw_value(replace(PIECE, value=None, low=12.0), exact, random(1), 500)
    assert more.min() >= 12.0 > less.min()
    assert less.max() <= 12.0 < more.max()
    assert floor.min() >= 12.0


def test_draws_stay_inside_a_given_interval() -> None:
    exact = replace(ASSUMED, value_error=dict.fromkeys(ASSUMED.value_error, 0.0))
    drawn_values = severity.draw_value(replace(PIECE, low=11.0, high=19.0), exact, np.random.default_rng(1), 4000)
    assert drawn_values.min() >= 11.0
    assert drawn_values.max() <= 19.0
    assert np.median(drawn_values) == pytest.approx(12.0, abs=0.2)


def test_shares_of_the_classes_add_up() -> None:
    none, concern, severe = severity.shares_of(np.array([10.0, 33.4, 50.0, 66.7, 99.0]))
    assert (none, concern, severe) == pytest.approx((20.0, 40.0, 40.0))


def test_a_ninety_per_cent_interval_leaves_a_tenth_of_the_mass_outside() -> None:
    exact = replace(ASSUMED, value_error=dict.fromkeys(ASSUMED.value_error, 0.0))
    piece = replace(PIECE, low=11.0, high=19.0, bounds="ninety")
    values = severity.draw_value(piece, exact, np.random.default_rng(1), 40_000)
    assert np.mean(values < 11.0) == pytest.approx(0.05, abs=0.005)
    assert np.mean(values > 19.0) == pytest.approx(0.05, abs=0.005)
    assert np.median(values) == pytest.approx(12.0, abs=0.05)


def test_one_fact_has_one_set_of_draws_whatever_the_judgement() -> None:
    one, two = (severity.draw([PIECE], {}, ASSUMED, seed=1, purpose=purpose, draws=200) for purpose in ("a", "b"))
    assert one is not None
    assert two is not None
    assert np.array_equal(one.scores["one"], two.scores["one"])
