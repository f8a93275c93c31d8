"""Gaps to province, nation, peers and past; levels that a printed gap implies."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from headframe.core.results import Figure, Ref
from headframe.evidence.folder import City
from headframe.measure.plain import plain
from tests.measure.conftest import obs, scene

Make = Callable[..., City]


def test_the_nations_unemployment_is_implied_by_level_and_gap(city: Make) -> None:
    rows = [
        obs("unemployment_rate", 7.2, "once (n.d.)"),
        obs("unemployment_gap_to_nation", 3, "once (n.d.)"),
    ]
    compared = plain(scene(city(rows)), "unemployment_rate", "M5").compared_with("nation")
    assert compared is not None
    assert compared.figure.value == pytest.approx(4.2)
    assert compared.gap.value == 3
    assert compared.figure.steps[0].id == "step.implied-level"
    assert compared.figure.observations == ("testville/testville-0001", "testville/testville-0002")


def test_a_mining_area_is_labelled_and_implies_no_national_rate(city: Make) -> None:
    rows = [
        obs("unemployment_rate", 7.2, 2002, concept="mining-areas"),
        obs("unemployment_gap_to_nation", 3, 2002, concept="mining-areas"),
    ]
    nation = city([obs("unemployment_rate", 4.0, 2002)], name="land", level="country")
    for indicator in ("unemployment_rate", "unemployment_gap_to_nation"):
        found = plain(scene(city(rows), nation=nation), indicator, "M5")
        assert found.known
        assert found.comparisons == ()
        note = next(note for note in found.notes if note.id == "measure.note.part-of-the-place")
        assert note.values["area"] == Ref(kind="concept", id="mining-areas")


def test_a_gap_of_another_period_implies_nothing(city: Make) -> None:
    rows = [obs("unemployment_rate", 7.2, 2002), obs("unemployment_gap_to_nation", 3, 2003)]
    assert plain(scene(city(rows)), "unemployment_rate", "M5").compared_with("nation") is None


def test_gaps_are_of_the_latest_shared_year(city: Make) -> None:
    here = city([obs("rd_intensity", 0.5, 2018), obs("rd_intensity", 0.96, 2020), obs("rd_intensity", 1.2, 2022)])
    province = city([obs("rd_intensity", 2.19, 2020)], name="somewhere", level="province")
    nation = city([obs("rd_intensity", 2.14, 2018), obs("rd_intensity", 2.5, 2022)], name="land", level="country")
    found = plain(scene(here, province=province, nation=nation), "rd_intensity", "M8")
    gaps = {item.kind: (item.gap.period, item.gap.value, item.gap.unit) for item in found.comparisons}
    assert gaps["province"] == ("2020", pytest.approx(-1.23), "pp")
    assert gaps["nation"] == ("2022", pytest.approx(-1.3), "pp")
    assert gaps["past"] == ("2022", pytest.approx(0.7), "pp")


def test_money_in_current_prices_is_not_held_against_its_own_past(city: Make) -> None:
    rows = [obs("gdp_per_head", 10000, 2010), obs("gdp_per_head", 30000, 2020)]
    assert plain(scene(city(rows)), "gdp_per_head", "M4").compared_with("past") is None


def test_amounts_are_not_held_against_larger_places(city: Make) -> None:
    nation = city([obs("gdp", 1e14)], name="land", level="country")
    assert plain(scene(city([obs("gdp", 1e11)]), nation=nation), "gdp", "M4").comparisons == ()


def test_peers_give_their_median_and_their_range(city: Make) -> None:
    others = [city([obs("pm25", value)], name=f"peer-{value}") for value in (20, 30, 40, 50, 60)]
    compared = plain(scene(city([obs("pm25", 44)]), *others), "pm25", "M6").compared_with("peers")
    assert compared is not None
    assert (compared.figure.value, compared.figure.low, compared.figure.high) == (40, 20, 60)
    assert (compared.gap.value, compared.gap.low, compared.gap.high) == (4, -16, 24)
    assert len(compared.spread) == 5


def test_too_few_peers_are_no_comparison(city: Make) -> None:
    others = [city([obs("pm25", value)], name=f"peer-{value}") for value in (20, 30, 40, 50)]
    assert plain(scene(city([obs("pm25", 44)]), *others), "pm25", "M6").comparisons == ()


def test_figures_of_different_area_are_not_compared(city: Make) -> None:
    nation = city([obs("unemployment_rate", 4.0)], name="land", level="country")
    districts = city([obs("unemployment_rate", 6.0), obs("unemployment_rate", 7.0, 2021, concept="mining-areas")])
    found = plain(scene(districts, nation=nation), "unemployment_rate", "M5")
    compared = found.compared_with("nation")
    assert compared is not None
    assert compared.gap.period == "2020"
    assert [note.id for note in found.notes] == ["measure.note.concepts-differ", "measure.note.part-of-the-place"]


def test_an_undated_figure_says_so_and_a_missing_one_asks(city: Make) -> None:
    place = scene(city([obs("gangue_heaps", 28, "n.d.")]))
    assert [note.id for note in plain(place, "gangue_heaps", "M6").notes] == ["measure.note.undated"]
    missing = plain(place, "subsidence_area", "M6")
    assert missing.figure == Figure(unit="km2", indicator="subsidence_area", place="testville", status="M")
    assert [(need.indicator, need.place) for need in missing.needs] == [("subsidence_area", "testville")]
    assert missing.needs[0].command.startswith("headframe correct testville")
