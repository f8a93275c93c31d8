"""Reference bounds: scales by year and fixed ones, what missing values are drawn from."""

from __future__ import annotations

import numpy as np
import pytest

from headframe.measure.bounds import EVERYONE, EXHAUSTED, LEVELS, Bounds, bounds, group_of, increasing, read_bounds
from headframe.measure.definition import Item, definition
from headframe.measure.results import Official

ROW = {"places": 30, "left_out": 0, "q05": 10, "q25": 20, "q50": 30, "q75": 40, "q95": 60}
LATER = ROW | {"q05": 20, "q95": 70}
FEW = ROW | {"places": 19}
RAW = {
    "population": {2018: "registered", 2020: "resident"},
    "bounds": {"pm25": {"unit": "ug/m3", "years": {2018: {EVERYONE: ROW, EXHAUSTED: FEW}, 2020: {EVERYONE: LATER}}}},
}


def item(scale: str, natural: tuple[float, float] | None = None) -> Item:
    """An item with a scale."""
    return Item(direction="up", scale=scale, natural=natural, reason_en="-", reason_zh="-")  # type: ignore[arg-type]


@pytest.fixture
def table() -> Bounds:
    return read_bounds(RAW)


def test_statistics_over_fewer_than_twenty_places_are_left_out(table: Bounds) -> None:
    assert table.knots("pm25", 2018, EXHAUSTED) is None
    assert table.years("pm25") == (2018, 2020)


def test_a_fixed_scale_is_the_mean_of_the_years(table: Bounds) -> None:
    scale = table.scale("pm25", item("fixed"), 2001)
    assert scale is not None
    assert (scale[0], scale[-1]) == (15, 65)


def test_a_yearly_scale_exists_for_its_years_only(table: Bounds) -> None:
    assert table.scale("pm25", item("year"), 2019) is None
    scale = table.scale("pm25", item("year"), 2020)
    assert scale is not None
    assert scale[0] == 20


def test_a_natural_scale_needs_no_statistics(table: Bounds) -> None:
    scale = table.scale("anything", item("natural", (0, 100)), 2001)
    assert scale is not None
    assert (scale[0], scale[2], scale[-1]) == pytest.approx((0, 50, 100))
    pair = table.for_missing("anything", item("natural", (0, 100)), 2001, EVERYONE)
    assert pair is not None
    assert [(knots[0], knots[-1]) for knots in pair] == [(0, 100), (0, 100)]


def test_missing_values_come_from_the_nearest_year_and_the_narrowest_group_known(table: Bounds) -> None:
    pair = table.for_missing("pm25", item("year"), 2030, EXHAUSTED)
    assert pair is not None
    assert (pair[0][0], pair[1][0]) == (20, 20)  # the group is not known: that of everyone
    assert table.for_missing("nothing", item("year"), 2030, EXHAUSTED) is None


def test_tied_quantiles_are_made_to_increase() -> None:
    knots = increasing(np.array([90.0, 100.0, 100.0, 100.0, 100.0]))
    assert np.all(np.diff(knots) > 0)
    assert knots == pytest.approx([90, 100, 100, 100, 100], abs=1e-3)


def test_groups_follow_the_official_lists() -> None:
    assert group_of(Official(known=True, lifecycle="declining", exhausted_batch="2008")) == EXHAUSTED
    assert group_of(Official(known=True, lifecycle="mature")) == "resource-based"
    assert group_of(Official(known=True)) == EVERYONE


def test_the_built_in_bounds_cover_the_definition() -> None:
    table, rule = bounds(), definition()
    for name in rule.indicators:
        entry = rule.item(name)
        assert entry.scale == "natural" or table.years(name), name
        for year in table.years(name):
            knots = table.knots(name, year)
            assert knots is not None
            assert len(knots) == len(LEVELS)
            assert np.all(np.diff(knots) > 0)
