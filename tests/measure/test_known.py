"""What is known of a place: ratios from parts of one year, area and kind; nothing is filled in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from headframe.evidence.folder import City, open_city
from headframe.measure.known import Known, known_of, surroundings
from tests.measure.conftest import obs

Make = Callable[..., City]


def test_a_ratio_is_computed_where_it_was_not_reported(city: Make) -> None:
    rows = [
        obs("loans", 50, 2018),
        obs("deposits", 100, 2018),
        obs("loans", 70, 2020),
        obs("loan_to_deposit_ratio", 81, 2021),
    ]
    series = Known(city(rows)).series("loan_to_deposit_ratio")
    assert [(figure.period, figure.value, figure.method) for figure in series] == [
        ("2018", 50.0, "derived"),
        ("2021", 81.0, "reported"),
    ]


def test_a_missing_part_leaves_the_ratio_unknown_and_not_zero(city: Make) -> None:
    figure = Known(city([obs("loans", 50, 2018)])).at("loan_to_deposit_ratio", 2018)
    assert figure.value is None
    assert not figure.known


def test_parts_of_different_area_are_not_divided(city: Make) -> None:
    rows = [obs("loans", 50, 2018, concept="urban-districts"), obs("deposits", 100, 2018)]
    assert not Known(city(rows)).series("loan_to_deposit_ratio")


def test_patents_of_large_firms_are_not_those_of_the_city(city: Make) -> None:
    people = obs("population_resident", 1000, 2021, concept="resident;whole-city")
    narrow = obs("invention_patents_granted", 9, 2021, concept="above-designated-size")
    assert not Known(city([people, narrow])).series("invention_patents_per_head")
    assert Known(city([people, obs("invention_patents_granted", 9, 2021)])).series("invention_patents_per_head")


def test_residents_are_implied_by_product_and_product_per_head(city: Make) -> None:
    rows = [obs("gdp", 44.6e9, 2018), obs("gdp_per_head", 25340, 2018), obs("hospital_beds", 8000, 2018)]
    place = Known(city(rows))
    implied = place.implied_residents(2018)
    assert implied.value == pytest.approx(44.6e9 / 25340)
    assert implied.steps[0].id == "step.implied-residents"
    assert place.at("hospital_beds_per_head", 2018).value == pytest.approx(8 / (44.6e9 / 25340 / 1e6))


def test_product_per_head_is_not_derived_from_the_residents_it_implies(city: Make) -> None:
    place = Known(city([obs("gdp", 44.6e9, 2018)]))
    assert not place.at("gdp_per_head", 2018).known
    assert not place.implied_residents(2018).known


LABOUR = ("employment_urban_units", "employment_urban_private", "registered_unemployed")


def test_the_registered_unemployed_are_related_to_urban_workers_of_every_kind(city: Make) -> None:
    place = Known(city([obs(name, value, 2018) for name, value in zip(LABOUR, (150, 240, 10), strict=True)]))
    assert place.at("registered_urban_labour", 2018).value == pytest.approx(400)
    figure = place.at("registered_unemployed_to_employed", 2018)
    assert figure.value == pytest.approx(2.5)
    assert len(figure.observations) == 3
    assert [step.id for step in figure.steps] == ["step.total", "step.ratio"]


@pytest.mark.parametrize("left_out", LABOUR)
def test_a_total_lacks_no_part(city: Make, left_out: str) -> None:
    place = Known(city([obs(name, 10, 2018) for name in LABOUR if name != left_out]))
    assert not place.series("registered_urban_labour")
    assert not place.series("registered_unemployed_to_employed")


def test_parts_of_different_areas_are_not_added(city: Make) -> None:
    rows = [obs(name, 10, 2018) for name in LABOUR[:2]]
    rows.append(obs(LABOUR[2], 1, 2018, concept="urban-districts"))
    assert not Known(city(rows)).series("registered_urban_labour")


def test_the_built_in_city_counts_private_firms_and_the_self_employed() -> None:
    figure = Known(open_city("fuxin")).at("registered_unemployed_to_employed", 2018)
    assert figure.value == pytest.approx(100 * 18887 / (156035 + 231601 + 18887))


def test_the_mining_share_needs_the_mining_sector(city: Make) -> None:
    total = obs("employment_urban_units", 1000)
    with_mining = city([total, obs("employment_by_sector", 250, dims="sector=mining")])
    assert Known(with_mining).at("mining_employment_share", 2020).value == pytest.approx(25)
    assert not Known(city([total])).at("mining_employment_share", 2020).known


def test_a_day_counts_for_its_year_and_a_span_for_none(city: Make) -> None:
    day = obs("population_resident", 1, 2020, period_start="2020-11-01", period_end="2020-11-01", freq="P")
    span = obs("population_resident", 2, 2010, period_end="2015-12-31", freq="M")
    place = Known(city([day, span]))
    assert place.years("population_resident") == (2020,)
    assert place.at("population_resident", 2020).value == 1
    assert place.newest("population_resident").period == "2020-11-01"


def test_the_surroundings_of_a_built_in_city() -> None:
    around = surroundings(open_city("fuxin"))
    assert around.province is not None
    assert around.nation is not None
    assert (around.province.place.id, around.nation.place.id) == ("liaoning", "china")
    assert all(other.place.level == "prefecture_city" for other in around.others)
    assert "fuxin" not in {other.place.id for other in around.others}
    assert surroundings(open_city("china")).nation is None


def test_a_copy_of_a_built_in_city_is_not_its_own_peer(city: Make) -> None:
    around = surroundings(city([], name="fuxin", parent="liaoning"))
    assert around.province is not None
    assert "fuxin" not in {other.place.id for other in around.others}


def test_a_built_in_place_changed_in_memory_is_what_is_measured() -> None:
    built_in = open_city("fuxin")
    assert known_of(built_in) is known_of(built_in)
    changed = replace(built_in, observations=built_in.observations.filter(pl.col("indicator_id") != "gdp"))
    assert known_of(built_in).newest("gdp").known
    assert not known_of(changed).newest("gdp").known
    assert not surroundings(changed).here.newest("gdp").known
