"""What is known of many places at once is what is known of each of them alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars import DataFrame

from headframe.catalog.load import catalog
from headframe.core.results import Figure
from headframe.evidence.doubt import ASIDE, DOUBTFUL, Doubt
from headframe.evidence.folder import City, builtin_places, open_city
from headframe.measure import spans
from headframe.measure.bounds import bounds
from headframe.measure.definition import definition
from headframe.measure.known import Known
from headframe.measure.meter import as_bounded
from headframe.measure.panel.known import Batch, ManyKnown, many_known, needed
from headframe.measure.panel.spans import spanned
from tests.conftest import FULL
from tests.measure.conftest import Row, obs, write

Make = Callable[..., City]
INDICATORS = definition().indicators
YEARBOOK = "cn-city-statistical-yearbook-2021"


def many(*cities: City, doubt: bool = False) -> ManyKnown:
    """What is known of some cities together."""
    sources = {key: source for city in cities for key, source in city.sources.items()}
    batches = [Batch(city.observations, city.doubts) for city in cities]
    return many_known({city.place.id: city.place for city in cities}, batches, sources, INDICATORS, doubt=doubt)


def told(figure: Figure) -> tuple[object, ...]:
    """What has to be equal of a figure: its span, period, status and observations."""
    span = spans.span(figure)
    return (span.value, span.low, span.high, figure.period, figure.status, set(figure.observations))


def rows_of(table: DataFrame, indicator: str) -> dict[tuple[str, int], tuple[object, ...]]:
    """The same of a table's rows, by place and year."""
    names = ("place", "year", "middle", "least", "most", "period", "status", "refs")
    found = spanned(table, indicator).select(names).iter_rows()
    return {(place, year): (*rest[:5], set(rest[5])) for place, year, *rest in found}


def assert_same(*cities: City) -> int:
    """Every indicator and year: the figure, and the figure as bounded. Returns how many were compared."""
    together, compared = many(*cities), 0
    for name in INDICATORS:
        plain, held = rows_of(together.at(name), name), rows_of(together.as_bounded(name, bounds()), name)
        for city in cities:
            alone = Known(city)
            years = {*alone.years(name), *(year for _, year in plain), *(year for _, year in held), 2018, 2020, 2022}
            for year in years:
                key = (city.place.id, year)
                for table, figure in ((plain, alone.at(name, year)), (held, as_bounded(alone, name, year, bounds()))):
                    assert table.get(key) == (told(figure) if figure.known else None), (name, key)
                    compared += 1
    return compared


def test_built_in_places_are_known_alike_together_and_alone() -> None:
    cities = [open_city(name) for name in builtin_places()]
    assert assert_same(*cities) > 500


def test_everything_that_a_ratio_can_come_from_is_looked_up() -> None:
    found = needed(["doctors_per_head", "registered_unemployed_to_employed"])
    assert {"doctors", "population_resident", "gdp", "gdp_per_head", "population_registered"} <= found
    assert {"registered_urban_labour", *catalog().indicators["registered_urban_labour"].adds_up_to.parts} <= found  # type: ignore[union-attr]


PARTS = (
    *("gdp", "gdp_per_head", "population_resident", "population_registered", "doctors", "hospital_beds"),
    *("general_budget_revenue", "general_budget_expenditure", "sulphur_dioxide_emissions", "sewage_treatment_rate"),
    *("employment_urban_units", "employment_urban_private", "registered_unemployed", "road_area"),
    "population_urban_districts",
)
CONCEPTS = ("whole-city", "urban-districts", "", "resident;whole-city", "above-designated-size;whole-city")


@st.composite
def evidence(draw: st.DrawFn) -> list[Row]:
    """Evidence with doubt of every kind: bounds, about, several sources of one figure, odd periods, other areas."""
    found = []
    for _ in range(draw(st.integers(0, 25))):
        name = draw(st.sampled_from(PARTS))
        value = draw(st.sampled_from([0.5, 3.0, 40.0, 101.0, 1200.0]))
        kind = draw(st.sampled_from(["=", "=", "=", "~", ">", "<", "range"]))
        changes = {"qualifier": kind, "concept": draw(st.sampled_from(CONCEPTS))}
        changes["status"] = draw(st.sampled_from(["A", "A", "E", "U", "P"]))
        changes["vintage"] = draw(st.sampled_from(["2019", "2023"]))
        changes["source_id"] = draw(st.sampled_from(["lin-lyu-2025", "cn-city-statistical-yearbook-2021"]))
        if kind == "range":
            changes |= {"low": str(value), "high": str(2 * value)}
        year = draw(st.sampled_from([2018, 2019, 2020]))
        if draw(st.integers(0, 7)) == 0:
            changes |= {"freq": "P", "period_start": f"{year}-06-30", "period_end": f"{year}-06-30"}
        found.append(obs(name, "" if kind == "range" else value, year, **changes))
    return found


@settings(max_examples=300 if FULL else 12)
@given(one=evidence(), other=evidence())
def test_any_evidence_is_known_alike_together_and_alone(
    tmp_path_factory: pytest.TempPathFactory, one: list[Row], other: list[Row]
) -> None:
    folder = tmp_path_factory.mktemp("many")
    cities = [write(folder / name, rows) for name, rows in (("first", one), ("second", other))]
    assert_same_where_possible(*cities)


def assert_same_where_possible(*cities: City) -> None:
    """As `assert_same`, but for values beyond the natural limits of their indicator."""
    together = many(*cities)
    for name in INDICATORS:
        plain = rows_of(together.at(name), name)
        held = rows_of(together.as_bounded(name, bounds()), name)
        for city in cities:
            alone = Known(city)
            for year in (2018, 2019, 2020):
                key = (city.place.id, year)
                for table, figure in ((plain, alone.at(name, year)), (held, as_bounded(alone, name, year, bounds()))):
                    span = spans.span(figure)
                    if span.low is not None and span.high is not None and span.low > span.high:
                        assert key in table
                        continue
                    assert table.get(key) == (told(figure) if figure.known else None), (name, key)


def test_what_was_set_aside_counts_as_not_known(city: Make) -> None:
    place = city([obs("pm25", 40, source_id=YEARBOOK), obs("tertiary_share", 50, source_id=YEARBOOK)])
    names = dict(place.observations.select("indicator_id", "obs_id").iter_rows())
    doubts = {names["pm25"]: Doubt(ASIDE, 0.0, ("f1",)), names["tertiary_share"]: Doubt(DOUBTFUL, 0.5, ("f2",))}
    batch = [Batch(place.observations, doubts)]
    found = many_known({place.place.id: place.place}, batch, place.sources, INDICATORS)
    assert found.at("pm25").is_empty()
    assert found.at("tertiary_share").get_column("margin").to_list() == [pytest.approx(0.05 / 0.5 * 50)]
    kept = many_known({place.place.id: place.place}, batch, place.sources, INDICATORS, doubt=False)
    assert kept.at("pm25").get_column("value").to_list() == [40]
    assert kept.at("tertiary_share").get_column("margin").to_list() == [0]


@pytest.mark.parametrize(
    ("changes", "margin"),
    [
        ({}, 0.0),
        ({"source_id": "lin-lyu-2025"}, 2.1),
        ({"status": "E"}, 2.1),
        ({"method": "interpolated"}, 2.1),
        ({"qualifier": "~"}, 2.1),
    ],
    ids=["sound", "source", "estimated", "interpolated", "about"],
)
def test_a_figure_that_is_not_sound_gets_a_margin(city: Make, changes: dict[str, str], margin: float) -> None:
    place = city([obs("pm25", 42, **{"source_id": YEARBOOK, **changes})])
    found = many(place, doubt=True).at("pm25").get_column("margin").item()
    assert found == pytest.approx(margin)


def test_nobody_knows_nothing() -> None:
    assert many_known({}, [], {}, INDICATORS).at("pm25").is_empty()
