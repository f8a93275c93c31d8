"""One meter for evidence and simulated futures."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from headframe.core.errors import HeadframeError
from headframe.evidence.folder import City
from headframe.evidence.panel import Panel, panel_of
from headframe.measure.bounds import EVERYONE, Bounds, read_bounds
from headframe.measure.definition import Area, Definition, Item, definition
from headframe.measure.meter import meter
from headframe.measure.panel.score import score_panel
from tests.measure.conftest import alone, obs

Make = Callable[..., City]
ROW = {"places": 30, "left_out": 0, "q05": 0, "q25": 25, "q50": 50, "q75": 75, "q95": 100}
NAMES = ("tertiary_share", "loan_to_deposit_ratio")


@pytest.fixture
def rule() -> Definition:
    indicators = {name: Item(direction="up", scale="year", reason_en="-", reason_zh="-") for name in NAMES}
    return definition().model_copy(
        update={"fields": {"all": Area(name="meter.field.legacy", weight=1, indicators=indicators)}, "marks": (2020,)}
    )


@pytest.fixture
def scale() -> Bounds:
    return read_bounds({"bounds": {name: {"years": {2020: {EVERYONE: ROW}}} for name in NAMES}})


def simulated(cells: list[tuple[str, int, int, float]]) -> Panel:
    """A panel of draws: indicator, year, draw, value."""
    rows = [("x", name, year, "", "", "", draw, value) for name, year, draw, value in cells]
    columns = ["place", "indicator", "period", "dims", "concept", "vintage", "draw", "value"]
    return Panel(pl.DataFrame(rows, schema=columns, orient="row"))


def test_evidence_scores_as_in_the_meter(city: Make, rule: Definition, scale: Bounds) -> None:
    place = city([obs("tertiary_share", 40), obs("loans", 30), obs("deposits", 50)])
    table = score_panel(panel_of([place], ["tertiary_share", "loans", "deposits"]), rule, scale)
    entry = meter(alone(place), rule, bounds=scale, draws=100).at(2020)
    assert entry is not None
    assert table.to_dicts() == [
        {"place": "testville", "period": 2020, "score": pytest.approx(50), "all": pytest.approx(50)}
    ]
    assert entry.default.value == pytest.approx(50)


def test_every_draw_of_a_future_is_scored_on_the_bounds_of_one_year(rule: Definition, scale: Bounds) -> None:
    cells = [
        (name, year, draw, 10.0 * draw + (year - 2030)) for name in NAMES for year in (2030, 2040) for draw in (1, 2)
    ]
    table = score_panel(simulated(cells), rule, scale, bounds_year=2020)
    assert table.select("period", "draw", "score").rows() == [
        (2030, 1, 10.0),
        (2030, 2, 20.0),
        (2040, 1, 20.0),
        (2040, 2, 30.0),
    ]


def test_a_missing_indicator_or_missing_bounds_give_null_and_not_zero(rule: Definition, scale: Bounds) -> None:
    only = simulated([("tertiary_share", 2020, 1, 40.0)])
    assert score_panel(only, rule, scale).get_column("score").to_list() == [None]
    both = simulated([(name, 2030, 1, 40.0) for name in NAMES])
    assert score_panel(both, rule, scale).get_column("score").to_list() == [None]


def test_two_values_for_one_cell_are_refused(rule: Definition, scale: Bounds) -> None:
    with pytest.raises(HeadframeError, match="HF347"):
        score_panel(simulated([("tertiary_share", 2020, 1, 40.0), ("tertiary_share", 2020, 1, 41.0)]), rule, scale)


def test_a_total_of_ours_is_added_up_in_a_panel_as_in_evidence() -> None:
    name = "registered_unemployed_to_employed"
    items = {name: Item(direction="down", scale="year", reason_en="-", reason_zh="-")}
    rule = definition().model_copy(
        update={"fields": {"all": Area(name="meter.field.legacy", weight=1, indicators=items)}, "marks": (2020,)}
    )
    table = read_bounds({"bounds": {name: {"years": {2020: {EVERYONE: ROW}}}}})
    amounts = {"employment_urban_units": 10.0, "employment_urban_private": 15.0, "registered_unemployed": 75.0}
    cells = [(part, 2020, 1, value) for part, value in amounts.items()]
    assert score_panel(simulated(cells), rule, table).get_column("score").to_list() == [pytest.approx(25.0)]
    assert score_panel(simulated(cells[1:]), rule, table).get_column("score").to_list() == [None]
