"""The panel meter on the yearbooks and the research panel: runs, coverage, known cities, stability."""

from __future__ import annotations

import pytest

from headframe.evidence.collection import Collection
from headframe.measure.definition import definition
from headframe.measure.meter import meter
from headframe.measure.panel.measure import measure_panel
from headframe.measure.panel.places import coordinates
from headframe.measure.panel.results import PanelMeasure
from tests.measure import real_panel
from tests.measure.conftest import alone
from tests.reference import yearbook

DRAWS = 200


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """The collection, made once."""
    folder = yearbook.data_folder()
    if folder is None:
        pytest.skip("no data folder (HEADFRAME_DATA, default ../shared/data)")
    return real_panel.make(tmp_path_factory.mktemp("real") / "cities", folder.parent)


@pytest.fixture(scope="module")
def found(cities: Collection) -> PanelMeasure:
    """Its result."""
    return measure_panel(cities, draws=DRAWS)


def test_it_runs_on_all_cities_and_says_what_is_covered(
    found: PanelMeasure, capsys: pytest.CaptureFixture[str]
) -> None:
    assert found.scored_years == tuple(yearbook.YEARS)
    with capsys.disabled():
        for year in found.scored_years:
            ranked = found.ranked(year)
            mean = sum(item.coverage for item in ranked) / len(ranked)
            print(f"\n{year}: {len(ranked)} of {len(found.places)} places scored, mean coverage {mean:.0%}", end="")
    for year in found.scored_years:
        assert len(found.ranked(year)) > 0.9 * len(found.places)
    silent = [item for item in found.readings if item.year not in found.scored_years]
    assert silent
    assert all(not item.score.known and item.coverage < found.coverage_needed + 0.5 for item in silent)


def test_known_cities_stand_where_they_are_known_to_stand(found: PanelMeasure) -> None:
    for year in found.scored_years:
        ranked = [item.place for item in found.ranked(year)]
        tenth = len(ranked) // 10
        assert {"shenzhen", "nanjing", "suzhou"} & set(ranked[:tenth])
        assert {"longnan", "zhaotong"} & set(ranked[-tenth:])
        assert not {"hegang", "fuxin", "qitaihe", "shuangyashan"} & set(ranked[: len(ranked) // 3])


def test_ranks_are_stable_under_the_seed_within_their_intervals(cities: Collection, found: PanelMeasure) -> None:
    again = measure_panel(cities, draws=DRAWS, seed=99, years=list(found.scored_years))
    held = [
        (reading.rank.low or 0) <= (other.rank.value or 0) <= (reading.rank.high or 0)
        for reading in found.readings
        if reading.score.known and (other := again.readings_at[reading.place, reading.year]).rank.known
    ]
    assert sum(held) >= 0.99 * len(held)


@pytest.mark.parametrize("place", ["fuxin", "daqing", "shenzhen", "longnan"])
def test_a_city_of_the_collection_alone_has_the_same_score(cities: Collection, found: PanelMeasure, place: str) -> None:
    city = cities.city(place)
    # The collection's research panel has medium reliability and no doubt, so that no margin is added.
    for year in meter(alone(city), definition(), draws=DRAWS).scored:
        reading = found.readings_at[place, year.year]
        assert (reading.score.value, reading.score.low, reading.score.high) == (
            year.score.value,
            year.score.low,
            year.score.high,
        )


def test_the_gazetteer_knows_where_nearly_all_of_them_lie(cities: Collection, found: PanelMeasure) -> None:
    points = coordinates(cities.places)
    assert len(points) > 0.95 * len(cities.places)
    assert all(3 < latitude < 54 and 73 < longitude < 136 for latitude, longitude in points.values())
    assert len({place.province for place in found.places}) == 31
