"""Peers are found by distance over what is shared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from headframe.evidence.folder import City
from headframe.measure.bounds import EVERYONE, Bounds, read_bounds
from headframe.measure.definition import PeerRule
from headframe.measure.known import Known
from headframe.measure.peers import nearest, peers
from tests.measure.conftest import Row, alone, obs

Make = Callable[..., City]
NAMES = ("primary_share", "secondary_share", "fiscal_self_sufficiency")
RULE = PeerRule(count=2, fewest_shared=2, reason_en="-", reason_zh="-", indicators=NAMES)
ROW = {"places": 30, "left_out": 0, "q05": 0, "q25": 10, "q50": 20, "q75": 30, "q95": 50}


@pytest.fixture
def scale() -> Bounds:
    return read_bounds({"bounds": {name: {"years": {2020: {EVERYONE: ROW}, 2018: {EVERYONE: ROW}}} for name in NAMES}})


def rows(*values: float, year: int = 2020) -> list[Row]:
    """The three shares of a year."""
    return [obs(name, value, year) for name, value in zip(NAMES, values, strict=False)]


def test_the_nearest_are_found_in_order(city: Make, scale: Bounds) -> None:
    here = city(rows(10, 20, 30))
    others = [city(rows(value, 20, 30), name=f"at-{value}") for value in (40, 12, 25)]
    found = nearest(Known(here), [Known(item) for item in others], RULE, 2020, scale)
    assert [peer.place for peer in found] == ["at-12", "at-25"]
    assert [peer.distance for peer in found] == pytest.approx([2 / 50 / 3, 15 / 50 / 3])
    assert found[0].shared == NAMES


def test_a_place_that_shares_too_little_is_no_peer(city: Make, scale: Bounds) -> None:
    here = city(rows(10, 20, 30))
    assert nearest(Known(here), [Known(city(rows(10), name="one"))], RULE, 2020, scale) == ()
    assert nearest(Known(city(rows(10), name="bare")), [Known(here)], RULE, 2020, scale) == ()


def test_the_year_that_shares_most_is_taken(city: Make, scale: Bounds) -> None:
    here = city([*rows(10, 20, 30, year=2018), *rows(10, 20, year=2020)])
    other = city([*rows(10, 20, 30, year=2018), *rows(50, 60, 70, year=2020)], name="other")
    assert peers(alone(here, other), RULE, scale)[0].shared == NAMES
    assert peers(alone(here), RULE, scale) == ()
