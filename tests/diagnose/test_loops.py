"""Loops from evidence alone: moves, overlap in time, signs, prices."""

from __future__ import annotations

import pytest

from headframe.diagnose.loops import Moved, distinct, link_state, loop_file, loops, overlap
from headframe.diagnose.results import Loop
from headframe.evidence.folder import City
from tests.diagnose.conftest import Make, event, fact, obs, scene_of

LEAVING = fact("population_change", -5.0, freq="M", period_start="2010-01-01", period_end="2018-12-31")
SHRINKING = fact("industrial_output_change", -30.0, freq="M", period_start="2012-01-01", period_end="2017-12-31")


def loop_of(city: City, identifier: str = "talent-industry", as_of: int | None = None) -> Loop:
    return next(loop for loop in loops(scene_of(city, as_of)) if loop.id == identifier)


@pytest.mark.parametrize(
    ("cause", "effect", "sign", "expected"),
    [
        ("down", "down", "+", "supported"),
        ("down", "up", "+", "contradicted"),
        ("down", "up", "-", "supported"),
        ("up", "up", "-", "contradicted"),
    ],
)
def test_two_moves_agree_with_a_sign_or_not(cause: str, effect: str, sign: str, expected: str) -> None:
    one, other = Moved(cause, (2010, 2018)), Moved(effect, (2012, 2020))  # type: ignore[arg-type]
    assert link_state([one], [other], sign) == expected


def test_moves_of_other_years_say_nothing_and_undated_ones_leave_it_mixed() -> None:
    early, late, undated = Moved("down", (2001, 2005)), Moved("down", (2010, 2018)), Moved("down", None)
    assert link_state([early], [late], "+") == "no-evidence"
    assert link_state([early], [undated], "+") == "mixed"
    assert link_state([], [late], "+") == "no-evidence"
    assert link_state([late, Moved("up", (2010, 2018))], [late], "+") == "mixed"


def test_spans_of_years_overlap_at_their_ends() -> None:
    assert overlap((2001, 2005), (2005, 2009))
    assert not overlap((2001, 2004), (2005, 2009))
    assert not overlap(None, (2005, 2009))


def test_people_leaving_while_industry_shrinks_supports_the_loop(make: Make) -> None:
    found = loop_of(make([LEAVING, SHRINKING]))
    assert found.state == "supported"
    assert (found.since, found.until) == (2012, 2017)
    assert [(link.mutual, link.message.id) for link in found.links] == [(True, "diagnose.link.moved-together")]
    assert len(found.links[0].sources) > 1
    assert found.message.id == "diagnose.loop-state.moved-together"
    assert found.where is not None
    assert (found.where.id, found.message.values["place"]) == ("testville", found.where)
    assert all(link.state == "supported" and link.figures and link.sources for link in found.links)
    assert found.sign == "reinforcing"


def test_people_coming_while_industry_shrinks_contradicts_it(make: Make) -> None:
    found = loop_of(make([LEAVING | {"value": "5"}, SHRINKING]))
    assert found.state == "contradicted"


def test_one_end_alone_is_no_evidence_and_asks_for_the_other(make: Make) -> None:
    found = loop_of(make([SHRINKING]))
    assert found.state == "no-evidence"
    assert [need.indicator for need in found.links[0].missing] == ["out_migration_young"]


def test_a_change_that_may_be_a_rise_or_a_fall_is_no_move(make: Make) -> None:
    unsure = LEAVING | {"value": "-1", "low": "-3", "high": "1"}
    assert loop_of(make([unsure, SHRINKING])).state == "no-evidence"


def trend(indicator: str, first: float, last: float, concept: str = "whole-city") -> list[dict[str, str]]:
    return [fact(indicator, first, 2018, concept=concept), fact(indicator, last, 2022, concept=concept)]


def test_trends_compare_one_concept_only(make: Make) -> None:
    rows = [
        fact("population_registered", 100.0, 2018),
        fact("population_registered", 60.0, 2022, concept="urban-districts"),
        *trend("doctors", 100.0, 90.0),
    ]
    assert loop_of(make(rows), "outflow-services").state == "no-evidence"
    same = [*trend("population_registered", 100.0, 60.0), *trend("doctors", 100.0, 90.0)]
    assert loop_of(make(same, name="same"), "outflow-services").state == "supported"
    more = [*trend("population_registered", 100.0, 60.0), *trend("doctors", 100.0, 120.0)]
    assert loop_of(make(more, name="more"), "outflow-services").state == "contradicted"


def test_a_change_of_less_than_two_per_cent_is_no_move(make: Make) -> None:
    rows = [*trend("population_registered", 100.0, 60.0), *trend("doctors", 100.0, 101.0)]
    assert loop_of(make(rows), "outflow-services").state == "no-evidence"


@pytest.mark.parametrize(("country", "last", "state"), [("XYZ", 105.0, "no-evidence"), ("XYZ", 80.0, "supported")])
def test_a_nominal_fall_is_a_fall_and_a_nominal_rise_without_prices_says_nothing(
    make: Make, country: str, last: float, state: str
) -> None:
    rows = [*trend("general_budget_revenue", 100.0, 80.0), *trend("general_budget_expenditure", 100.0, last)]
    found = loop_of(make(rows, country=country), "revenue-investment")
    link = next(link for link in found.links if link.id == "own-revenue/public-spending")
    assert link.state == state


def test_a_nominal_rise_below_the_rise_of_prices_is_a_fall(make: Make) -> None:
    """National consumer prices rose by about 8 per cent from 2018 to 2022."""
    rows = [*trend("general_budget_revenue", 100.0, 80.0), *trend("general_budget_expenditure", 100.0, 103.0)]
    found = loop_of(make(rows, country="CHN"), "revenue-investment")
    link = next(link for link in found.links if link.id == "own-revenue/public-spending")
    assert link.state == "supported"


def test_a_planned_event_is_no_evidence_of_the_past(make: Make) -> None:
    reserves = fact("exhaustion_ratio", 0.9, 2020)
    planned = make([reserves], events=[event("closure", "2035-01-01")])
    done = make([reserves], name="done", events=[event("closure", "2020-06-01")])
    ahead = loop_of(planned, "depletion-closure", as_of=2025)
    assert (ahead.state, ahead.until) == ("no-evidence", None)
    found = loop_of(done, "depletion-closure", as_of=2025)
    assert next(link for link in found.links if link.id == "reserves/mining").state == "supported"


def test_the_signs_of_the_links_make_the_loop_reinforcing_or_balancing() -> None:
    balancing = {name for name, loop in loop_file().loops.items() if loop.model.startswith("B")}
    found = {name for name, loop in loop_file().loops.items() if sum(link.sign == "-" for link in loop.links) % 2}
    assert found == balancing


def test_undated_evidence_never_supports_a_loop(make: Make) -> None:
    rows = [obs("out_migration_young", 3000.0, "n.d."), SHRINKING]
    assert loop_of(make(rows)).state == "mixed"


def test_two_ends_that_act_on_each_other_are_one_co_movement_unless_their_signs_differ() -> None:
    counted = {name: len(distinct(loop.links)) for name, loop in loop_file().loops.items()}
    assert (counted["talent-industry"], counted["depletion-closure"], counted["revenue-investment"]) == (1, 2, 3)
