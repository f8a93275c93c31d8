import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats.contingency import relative_risk

from headframe.core.seeds import generator
from headframe.methods.uncertainty import (
    dirichlet_weights,
    fieller_interval,
    probability_above,
    probability_share_above,
    quantile_interval,
    ratio_of_ratios_interval,
    relative_risk_interval,
)
from tests.methods.strategies import refused


def test_random_weights_have_the_stated_mean_and_spread() -> None:
    stated = np.array([5.0, 3.0, 2.0])
    drawn = dirichlet_weights(generator(1, "test"), stated, precision=30, draws=40_000)
    share = stated / 10
    assert drawn.shape == (40_000, 3)
    assert drawn.sum(axis=1) == pytest.approx(1)
    assert np.all(drawn >= 0)
    assert drawn.mean(axis=0) == pytest.approx(share, abs=0.003)
    assert drawn.var(axis=0) == pytest.approx(share * (1 - share) / 31, rel=0.05)
    again = dirichlet_weights(generator(1, "test"), stated, precision=30, draws=40_000)
    assert np.array_equal(drawn, again)


def test_a_drawn_interval_holds_its_level_and_says_how_sure_its_bounds_are() -> None:
    truth = scipy.stats.norm.ppf([0.05, 0.5, 0.95])
    missed, errors = 0, []
    for seed in range(400):
        interval = quantile_interval(generator(seed, "interval").normal(size=500), 0.9)
        missed += abs(interval.low - truth[0]) > interval.low_error
        missed += abs(interval.high - truth[2]) > interval.high_error
        errors.append(interval.high_error)
        assert interval.low <= interval.middle <= interval.high
        assert interval.draws == 500
    # A 95 % error may be exceeded in about one of twenty bounds.
    assert 0.01 < missed / 800 < 0.09
    larger = quantile_interval(generator(0, "interval").normal(size=50_000), 0.9)
    assert larger.high_error < np.median(errors) / 5


@given(
    a=st.floats(-5, 5),
    b=st.floats(0.5, 5),
    error_a=st.floats(0.001, 1),
    error_b=st.floats(0.001, 0.2),
    correlation=st.floats(-0.9, 0.9),
)
def test_fieller_bounds_are_where_the_difference_is_just_significant(
    a: float, b: float, error_a: float, error_b: float, correlation: float
) -> None:
    covariance = correlation * error_a * error_b
    interval = fieller_interval(a, b, error_a, error_b, covariance=covariance)
    z = scipy.stats.norm.ppf(0.975)
    for bound in (interval.low, interval.high):
        variance = error_a**2 - 2 * bound * covariance + bound**2 * error_b**2
        assert abs(a - bound * b) == pytest.approx(z * math.sqrt(variance), rel=1e-6, abs=1e-9)
    assert interval.low <= interval.middle <= interval.high


def test_fieller_agrees_with_draws_and_knows_its_limits() -> None:
    draw = generator(3, "ratio")
    ratios = draw.normal(8, 0.8, 400_000) / draw.normal(4, 0.3, 400_000)
    interval = fieller_interval(8, 4, 0.8, 0.3)
    assert (interval.low, interval.high) == pytest.approx(tuple(np.quantile(ratios, [0.025, 0.975])), rel=0.01)
    assert fieller_interval(8, 4, 0, 0) == pytest.approx((2, 2, 2, 0.95))
    turned = fieller_interval(8, -4, 0.8, 0.3)
    assert (turned.low, turned.high) == pytest.approx((-interval.high, -interval.low))
    unbounded = fieller_interval(8, 4, 0.8, 3)
    assert (unbounded.low, unbounded.high) == (-math.inf, math.inf)


@given(st.integers(1, 200), st.integers(1, 200), st.integers(201, 900), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_relative_risk_agrees_with_scipy(cases: int, others: int, people: int, level: float) -> None:
    interval = relative_risk_interval(cases, people, others, people + 50, level=level)
    peer = relative_risk(cases, people, others, people + 50)
    bounds = peer.confidence_interval(level)
    assert interval.middle == pytest.approx(peer.relative_risk)
    assert (interval.low, interval.high) == pytest.approx((bounds.low, bounds.high))


def test_a_ratio_of_two_counted_ratios_is_the_relative_risk() -> None:
    errors = [math.sqrt(1 / 45 - 1 / 411), math.sqrt(1 / 73 - 1 / 411)]
    both = ratio_of_ratios_interval(45 / 411, 73 / 411, errors)
    assert both == pytest.approx(relative_risk_interval(45, 411, 73, 411))
    wider = ratio_of_ratios_interval(45 / 411, 73 / 411, [*errors, 0.2])
    assert wider.low < both.low < both.high < wider.high


@given(
    centre=st.floats(0.05, 0.95),
    deviation=st.floats(0.02, 0.5),
    threshold=st.floats(-0.2, 1.2),
)
def test_probability_above_agrees_with_the_truncated_normal(centre: float, deviation: float, threshold: float) -> None:
    bounds = (0 - centre) / deviation, (1 - centre) / deviation
    peer = scipy.stats.truncnorm.sf(threshold, *bounds, loc=centre, scale=deviation)
    assert probability_above(threshold, centre, deviation, low=0, high=1) == pytest.approx(peer, abs=1e-9)


def test_certainty_gives_a_switch_and_doubt_a_slope() -> None:
    assert [probability_above(0.7, centre, 0.0) for centre in (0.69, 0.7, 0.71)] == [0, 0, 1]
    slope = [probability_above(0.7, centre, 0.1, high=1) for centre in (0.5, 0.6, 0.7, 0.8, 0.9)]
    assert slope == sorted(slope)
    assert 0 < slope[0] < 0.1
    assert 0.9 < slope[-1] < 1
    assert probability_above(1, 0.5, 0.2, high=1) == 0


@given(mean=st.floats(0.05, 0.95), part=st.floats(0.05, 0.9), threshold=st.floats(0, 1))
def test_share_above_agrees_with_the_beta_distribution(mean: float, part: float, threshold: float) -> None:
    deviation = part * math.sqrt(mean * (1 - mean))
    strength = mean * (1 - mean) / deviation**2 - 1
    peer = scipy.stats.beta(mean * strength, (1 - mean) * strength)
    assert peer.mean() == pytest.approx(mean)
    assert peer.std() == pytest.approx(deviation)
    assert probability_share_above(threshold, mean, deviation) == pytest.approx(peer.sf(threshold), abs=1e-9)


def test_what_has_no_interval_is_refused() -> None:
    draw = generator(1, "refused")
    refused("HF154", dirichlet_weights, draw, [1, 0], 10, 5)
    refused("HF156", dirichlet_weights, draw, [1, 1], 0, 5)
    refused("HF155", dirichlet_weights, draw, [1, 1], 10, 0)
    refused("HF155", quantile_interval, np.arange(19.0))
    refused("HF156", quantile_interval, np.arange(30.0), 1.0)
    refused("HF151", quantile_interval, [math.nan] * 30)
    refused("HF154", fieller_interval, 1, 0, 1, 1)
    refused("HF156", fieller_interval, 1, 1, -1, 1)
    refused("HF156", fieller_interval, 1, 1, 1, 1, covariance=2)
    refused("HF154", relative_risk_interval, 0, 10, 1, 10)
    refused("HF156", relative_risk_interval, 11, 10, 1, 10)
    refused("HF154", ratio_of_ratios_interval, 0, 1, [0.1])
    refused("HF152", ratio_of_ratios_interval, 1, 1, [-0.1])
    refused("HF156", probability_above, 0.7, 1.2, 0.1, high=1)
    refused("HF156", probability_above, 0.7, 0.5, -0.1)
    refused("HF156", probability_share_above, 0.7, 1.0, 0.1)
    refused("HF156", probability_share_above, 0.7, 0.5, 0.5)
