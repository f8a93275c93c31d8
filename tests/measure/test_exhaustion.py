"""The 70 per cent rule as a probability, against scipy's distributions."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate
from scipy.stats import lognorm, norm

from headframe.catalog.load import catalog
from headframe.evidence.folder import City, open_city
from headframe.measure.exhaustion import chance_uniform, exhaustion
from headframe.measure.known import Known, Surroundings
from headframe.measure.plain import Scene
from tests.measure.conftest import obs, scene

Make = Callable[..., City]
CARD = catalog().cards["reserve_log_sd"]
DOUBT = CARD.default or 0.0


@given(st.floats(0.1, 50), st.floats(0.01, 50), st.floats(0.1, 100), st.floats(0.05, 0.5))
def test_the_quadrature_agrees_with_scipy(low: float, width: float, median: float, log_sd: float) -> None:
    exact, _ = integrate.quad(
        lambda x: lognorm.cdf(x, s=log_sd, scale=median) / width, low, low + width, limit=200, points=[median]
    )
    assert chance_uniform(low, low + width, median, log_sd) == pytest.approx(exact, abs=2e-4)


def test_exact_extraction_against_estimated_reserves_is_a_normal_integral(city: Make) -> None:
    rows = [obs("cumulative_extraction", 900), obs("recoverable_reserves_original", 1200)]
    found = exhaustion(scene(city(rows)))
    chances = [100 * norm.cdf(math.log(900 / 0.7 / 1200) / doubt) for doubt in (DOUBT, CARD.low, CARD.high)]
    assert found.probability.value == pytest.approx(chances[0], abs=1e-6)
    assert (found.probability.low, found.probability.high) == pytest.approx((min(chances), max(chances)), abs=1e-6)
    assert found.ratio.value == pytest.approx(0.75)
    assert found.threshold.value == 0.7


def test_remaining_reserves_do_as_well(city: Make) -> None:
    rows = [obs("cumulative_extraction", 530), obs("recoverable_reserves_remaining", 332)]
    found = exhaustion(scene(city(rows)))
    # E/(E + R) ≥ 0.7 means R ≤ 0.3 E / 0.7
    assert found.probability.value == pytest.approx(100 * norm.cdf(math.log(0.3 * 530 / 0.7 / 332) / DOUBT), abs=1e-6)
    assert found.ratio.value == pytest.approx(530 / 862)
    assert found.probability.observations == ("testville/testville-0001", "testville/testville-0002")


def test_a_printed_range_widens_the_doubt(city: Make) -> None:
    spread = obs("recoverable_reserves_original", "", low="600", high="2400", qualifier="range")
    found = exhaustion(scene(city([obs("cumulative_extraction", 900), spread])))
    log_sd = math.log(4) / (2 * 1.6448536269514722)
    middle = math.sqrt(600 * 2400)
    assert found.probability.value == pytest.approx(100 * norm.cdf(math.log(900 / 0.7 / middle) / log_sd), abs=1e-6)


def test_bounds_on_one_side_bound_the_probability_on_one_side(city: Make) -> None:
    reserves = obs("recoverable_reserves_original", 1200)
    at_least = exhaustion(scene(city([obs("cumulative_extraction", 900, qualifier=">"), reserves]))).probability
    assert at_least.value is None
    assert at_least.high == 100
    assert 0 < (at_least.low or 0) < 100
    more = obs("recoverable_reserves_original", 1200, qualifier=">")
    at_most = exhaustion(scene(city([obs("cumulative_extraction", 900), more]))).probability
    assert (at_most.value, at_most.low) == (None, 0)


def test_without_reserves_nothing_is_known_and_the_need_is_named(city: Make) -> None:
    found = exhaustion(scene(city([obs("cumulative_extraction", 900)])))
    assert not found.probability.known
    assert found.probability.steps == ()
    assert [need.indicator for need in found.needs] == ["recoverable_reserves_original"]
    assert found.agrees is None
    assert found.reasons[0].id == "exhaustion.not-known"


def test_single_mines_are_a_lower_bound_for_the_place(city: Make) -> None:
    mines = [obs("cumulative_extraction", value, dims=f"site=mine-{value}") for value in (244, 56)]
    found = exhaustion(scene(city([*mines, obs("recoverable_reserves_original", 400)])))
    assert (found.extracted.value, found.extracted.low) == (None, 300)
    assert found.probability.value is None
    assert found.probability.high == 100


def test_the_rule_is_not_applied_to_forests(city: Make) -> None:
    rows = [obs("cumulative_extraction", 900), obs("recoverable_reserves_original", 1200)]
    found = exhaustion(scene(city(rows, resource="forestry")))
    assert not found.probability.known
    assert found.needs == ()


def built_in(name: str) -> Scene:
    """A built-in city without surroundings."""
    return Scene(Surroundings(Known(open_city(name)), None, None, ()))


def test_fushun_is_listed_though_the_rule_probably_does_not_hold() -> None:
    found = exhaustion(built_in("fushun"))
    # "two-thirds", whatever the amounts: ln(2/3 / 0.7) / σ
    assert found.probability.value == pytest.approx(100 * norm.cdf(math.log(0.6667 / 0.7) / DOUBT), abs=0.1)
    assert found.official.exhausted_batch == "2009"
    assert found.agrees is False
    assert "exhaustion.disagrees" in [reason.id for reason in found.reasons]


def test_the_lists_are_silent_on_a_foreign_city() -> None:
    found = exhaustion(built_in("detroit"))
    assert not found.official.known
    assert exhaustion(built_in("daqing")).official.lifecycle == "mature"
    assert exhaustion(built_in("daqing")).official.exhausted_batch == ""
