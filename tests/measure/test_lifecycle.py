"""The four classes as products of two probabilities."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, truncnorm

from headframe.catalog.load import catalog
from headframe.core.results import Figure, Message
from headframe.evidence.folder import City
from headframe.measure.exhaustion import exhaustion
from headframe.measure.lifecycle import chance_above, class_probabilities, leading, lifecycle, names_a_mine
from headframe.measure.results import Lifecycle, Meter, MeterYear
from headframe.measure.spans import Span
from tests.measure.conftest import event, obs, scene

Make = Callable[..., City]
chances = st.floats(0, 100)


def meter(value: float | None, width: float = 10.0) -> Meter:
    """A meter of one year."""
    bounds = {} if value is None else {"low": value - width, "high": value + width}
    figure = Figure(value=value, **bounds)
    year = MeterYear(
        year=2020,
        mark=True,
        score=figure,
        default=figure,
        fields=(),
        rank=Figure(),
        ranked=(),
        coverage=0,
        contributions=(),
    )
    return Meter(years=(year,), marks=(2020,), coverage_needed=0.5, draws=100, level=0.9)


def judged(place: City, score: float | None, width: float = 10.0) -> Lifecycle:
    """M2 for a city whose meter stands at `score`."""
    here = scene(place)
    return lifecycle(here, exhaustion(here), meter(score, width))


@given(chances, chances)
def test_the_four_add_up_to_one_hundred(security: float, sustainability: float) -> None:
    classes = class_probabilities(
        Span(security, security, security), Span(sustainability, sustainability, sustainability)
    )
    assert sum(item.value or 0 for item in classes.values()) == pytest.approx(100)
    assert classes["mature"].value == pytest.approx(security * sustainability / 100)
    assert classes["declining"].value == pytest.approx((100 - security) * (100 - sustainability) / 100)


@given(st.floats(0, 100), st.floats(0.5, 30), st.floats(40, 60))
def test_the_chance_of_being_above_the_line_is_normal(score: float, half: float, line: float) -> None:
    sd = half / norm.ppf(0.95)
    expected = 100 * truncnorm.sf(line, -score / sd, (100 - score) / sd, loc=score, scale=sd)
    assert chance_above(Span(score, score - half, score + half), line) == pytest.approx(expected)


def test_a_score_without_doubt_is_above_or_not() -> None:
    assert chance_above(Span(60, 60, 60), 50) == 100
    assert chance_above(Span(40, 40, 40), 50) == 0


def test_exhausted_and_weak_is_declining(city: Make) -> None:
    rows = [obs("cumulative_extraction", 900), obs("recoverable_reserves_original", 1000)]
    found = judged(city(rows), 30)
    assert found.most_probable == "declining"
    by_class = {item.lifecycle: item.probability.value or 0 for item in found.classes}
    doubt = catalog().cards["reserve_log_sd"].default or 0
    low_security = 100 * norm.cdf(math.log(900 / 0.5 / 1000) / doubt)
    low_capacity = 100 - (found.sustainability.value or 0)
    assert by_class["declining"] == pytest.approx(low_security * low_capacity / 100)
    assert judged(city(rows), 75).most_probable == "regenerating"


def test_a_place_just_below_the_exhaustion_rule_is_not_secure(city: Make) -> None:
    rows = [obs("cumulative_extraction", 667), obs("recoverable_reserves_original", 1000)]
    found = judged(city(rows), 30)
    assert (exhaustion(scene(city(rows))).probability.value or 0) < 50
    by_class = {item.lifecycle: item.probability for item in found.classes}
    assert (by_class["declining"].value or 0) > 90
    assert (by_class["declining"].low or 0) < (by_class["growing"].high or 0)
    assert found.most_probable is None  # the card's upper line calls the place secure, so its class is open
    assert found.agrees is None
    assert [message.id for message in found.reasons][-2:] == ["lifecycle.undecided", "lifecycle.not-in-plan"]


def test_rich_reserves_make_growing_or_mature(city: Make) -> None:
    rows = [obs("cumulative_extraction", 100), obs("recoverable_reserves_original", 1000)]
    assert judged(city(rows), 30).most_probable == "growing"
    assert judged(city(rows), 75).most_probable == "mature"
    assert judged(city(rows), 50).most_probable is None


def test_the_life_of_reserves_stands_in_for_the_rule(city: Make) -> None:
    found = judged(city([obs("reserve_life", 3)]), 30)
    assert found.most_probable == "declining"
    assert found.reasons[0].id == "lifecycle.by-life"


def test_closed_mines_stand_in_with_a_stated_assumption(city: Make) -> None:
    mines = event("bankruptcy", "2001-01-01") | {"title_en": "Bankruptcy of three mines"}
    found = judged(city([], events=[mines, event("closure", "2005-05-31")]), 30)
    card = catalog().cards["security_low_after_closure"]
    assert found.security.value == pytest.approx(100 - (card.default or 0))
    assert found.reasons[0] == Message(id="lifecycle.by-closures", values={"year": "2001"})
    assert [need.indicator for need in found.needs] == ["recoverable_reserves_remaining"]


def test_without_a_sign_of_reserves_there_are_bounds_and_no_class(city: Make) -> None:
    found = judged(city([], events=[event("festival", "2021-07-18")]), 30)
    assert not found.security.known
    assert [(item.probability.value, item.probability.low) for item in found.classes] == [(None, 0.0)] * 4
    declining = next(item for item in found.classes if item.lifecycle == "declining")
    high_capacity = (found.sustainability.low or 0) / 100
    assert declining.probability.high == pytest.approx(100 * (1 - high_capacity))
    assert found.most_probable is None


def test_with_nothing_known_nothing_is_said(city: Make) -> None:
    found = judged(city([]), None)
    assert found.classes == ()
    assert found.agrees is None
    assert {need.indicator for need in found.needs} == {"recoverable_reserves_remaining", "gdp_per_head"}


def test_the_bankruptcy_of_any_firm_is_no_sign_of_reserves(city: Make) -> None:
    company = event("bankruptcy", "2004-01-01") | {"title_en": "The company declared bankrupt", "title_zh": "公司破产"}
    found = judged(city([], events=[company]), 30)
    assert not found.security.known
    assert found.reasons[0].id == "lifecycle.no-reserves"
    assert names_a_mine(None, "平安矿获批破产")
    assert names_a_mine("The Ping'an colliery goes bankrupt", None)
    assert not names_a_mine("Undetermined steelworks", "")


def test_a_class_is_named_only_where_its_interval_stands_clear() -> None:
    low, high = Span(20, 10, 40), Span(80, 41, 95)
    assert leading({"growing": low, "declining": high}) == "declining"
    assert leading({"growing": low, "declining": Span(80, 40, 95)}) is None
    assert leading({"growing": low, "declining": Span(None, 41, 95)}) is None
    assert leading({"growing": Span(20, 10, None), "declining": high}) is None
    assert leading({}) is None


def test_probabilities_are_told_with_their_intervals_and_never_as_nought(city: Make) -> None:
    rows = [obs("cumulative_extraction", 990), obs("recoverable_reserves_original", 1000)]
    found = judged(city(rows), 20, width=3)
    assert found.most_probable == "declining"
    told = {message.id: message.values for message in found.reasons}
    assert "lifecycle.named-declining" in told
    assert told["lifecycle.chance-mature"]["chance"] == Figure(value=1, qualifier="<", unit="%")
    assert told["lifecycle.chance-declining"]["high"] == Figure(value=99, qualifier=">", unit="%")
    assert "less than 1%" in catalog().words("en").say("lifecycle.chance-mature", **told["lifecycle.chance-mature"])
    for name in ("lifecycle.by-reserves", "lifecycle.by-meter"):
        assert {"chance", "low", "high"} <= told[name].keys()
    assert {"year", "score_low", "score_high"} <= told["lifecycle.by-meter"].keys()
    unknown = judged(city([], name="unknown"), 30)
    assert {message.id for message in unknown.reasons} >= {"lifecycle.between-growing", "lifecycle.undecided"}
