"""The meter of a whole panel: the single city's scores, honest about what is missing, repeatable."""

from __future__ import annotations

import jsonschema
import numpy as np
import polars as pl
import pytest

from headframe.core.errors import HeadframeError
from headframe.core.jobs import Cancel
from headframe.evidence.folder import City, builtin_places, open_city
from headframe.measure.definition import definition, definition_for
from headframe.measure.known import surroundings
from headframe.measure.measure import measure
from headframe.measure.meter import meter
from headframe.measure.panel.measure import bounds_for, measure_panel
from headframe.measure.panel.meter import pairs_of, ranks
from headframe.measure.panel.results import COLUMNS, STANDINGS, PanelMeasure, Ranged
from headframe.measure.results import MeterYear
from tests.measure.panels import Made, at_level, frame, places, row, scaled

DRAWS = 200


def prefectures() -> tuple[City, ...]:
    """The built-in places at prefecture level."""
    opened = (open_city(name) for name in builtin_places())
    return tuple(city for city in opened if city.place.level == "prefecture_city")


@pytest.fixture(scope="module")
def together() -> PanelMeasure:
    """The built-in places measured together, no margins added."""
    return measure_panel(prefectures(), draws=DRAWS, doubt=False)


def made(count: int = 30, years: tuple[int, ...] = (2018, 2020, 2022), seed: int = 1, **changes: str) -> Made:
    """Places whose level in every indicator persists, with a little noise from year to year."""
    random = np.random.default_rng(seed)
    level = {name: random.random(count) for name in definition().indicators}
    rows = []
    for year in years:
        for name in scaled()[year]:
            noisy = np.clip(level[name] + random.normal(0, 0.02, count), 0, 1)
            values = at_level(name, year, noisy)
            rows += [row(f"p{n:03}", name, year, float(value)) for n, value in enumerate(values)]
    return Made(places(count, **changes), frame(rows))


def same(reading: Ranged, other: Ranged) -> bool:
    """Whether two numbers with bounds are equal to the last digit."""
    return (reading.value, reading.low, reading.high) == (other.value, other.low, other.high)


def of(year: MeterYear) -> Ranged:
    """The score of a single city's meter."""
    return Ranged(value=year.score.value, low=year.score.low, high=year.score.high)


def test_every_score_is_that_of_the_single_city_to_the_last_digit(together: PanelMeasure) -> None:
    compared = 0
    for city in prefectures():
        for year in meter(surroundings(city), definition_for(city), draws=DRAWS).years:
            reading = together.readings_at.get((city.place.id, year.year))
            if reading is None:
                assert not year.score.known
                continue
            assert same(reading.score, of(year)), (city.place.id, year.year)
            assert reading.coverage == pytest.approx(year.coverage)
            assert reading.default == (None if year.default.value is None else pytest.approx(year.default.value))
            for field, alone_field in zip(reading.fields, year.fields, strict=False):
                assert (field.score.value, field.score.low) == (alone_field.score.value, alone_field.score.low)
            compared += year.score.known
    assert compared > 20


def test_it_is_the_score_of_the_whole_verb_too(together: PanelMeasure) -> None:
    alone_measured = measure(open_city("fuxin"), draws=DRAWS)
    for year in alone_measured.meter.scored:
        assert same(together.readings_at["fuxin", year.year].score, of(year))


def test_bounds_of_the_panel_are_those_that_the_single_meter_can_be_given() -> None:
    panel = made(40)
    own = bounds_for(panel, doubt=False)
    found = measure_panel(panel, draws=DRAWS, doubt=False, reference="panel")
    assert found.scored_years == (2018, 2020, 2022)
    reference = own.knots("pm25", 2020)
    assert reference is not None
    values = panel.observations.filter(panel.observations["indicator_id"] == "pm25").to_dicts()
    of_year = [item["amount"] for item in values if item["period_start"].year == 2020]
    assert reference[2] == pytest.approx(np.median(of_year))
    other = measure_panel(panel, draws=DRAWS, doubt=False)
    assert [item.score for item in other.readings] != [item.score for item in found.readings]


def test_a_common_basket_is_that_of_the_single_city(together: PanelMeasure) -> None:
    compared = 0
    for city in prefectures():
        for year in meter(surroundings(city), definition_for(city), draws=DRAWS).scored:
            move = next(
                (
                    item
                    for item in together.moves
                    if year.basket
                    and (item.place, item.since, item.year) == (city.place.id, year.basket.since, year.year)
                ),
                None,
            )
            if move is None or year.basket is None:
                continue
            assert move.change.value == pytest.approx(year.basket.change.value, abs=1e-9)
            assert move.common.value == pytest.approx(year.basket.common_change.value, abs=1e-9)
            assert (move.gained, move.lost) == (len(year.basket.gained), len(year.basket.lost))
            compared += 1
    assert compared > 5


def test_a_class_is_that_of_the_single_city(together: PanelMeasure) -> None:
    for name in ("fuxin", "fushun", "daqing"):
        city = open_city(name)
        found = measure(city, draws=DRAWS)
        year = found.meter.scored[-1].year
        held = together.classes_at[name, year]
        for chance in found.lifecycle.classes:
            ours = getattr(held, chance.lifecycle)
            assert ours.value == pytest.approx(chance.probability.value)
        if found.lifecycle.most_probable is not None:
            assert held.standing == found.lifecycle.most_probable
    assert {item.standing for item in together.classes} <= set(STANDINGS)


def test_missing_fields_are_never_filled_in() -> None:
    panel = made(25)
    ecology = definition().fields["ecology"].indicators
    without = panel.observations.filter(
        ~((panel.observations["place_id"] == "p003") & panel.observations["indicator_id"].is_in(list(ecology)))
    )
    found = measure_panel(Made(panel.places, without), draws=DRAWS)
    for year in found.scored_years:
        assert not found.readings_at["p003", year].score.known
        assert found.readings_at["p003", year].fields[2].coverage == 0
        assert all(not field.score.known for field in found.readings_at["p003", year].fields)
        assert "p003" not in {item.place for item in found.ranked(year)}
    assert "p003" not in {item.place for item in found.moves}


def test_a_missing_indicator_widens_the_score_and_is_counted() -> None:
    panel = made(25)
    rows = panel.observations
    without = rows.filter(~((rows["place_id"] == "p003") & (rows["indicator_id"] == "gdp_per_head")))
    whole, less = (measure_panel(Made(panel.places, table), draws=800) for table in (rows, without))
    one, other = (found.readings_at["p003", 2020] for found in (whole, less))
    assert other.coverage == pytest.approx(one.coverage - 0.05)
    assert other.observed == one.observed - 1
    states = {(cell.place, cell.indicator): cell.states for cell in less.coverage}
    assert states["p003", "gdp_per_head"] == "---"
    assert states["p002", "gdp_per_head"] == "ooo"
    assert (other.score.high or 0) - (other.score.low or 0) > (one.score.high or 0) - (one.score.low or 0)


def test_figures_of_years_without_bounds_are_told_apart_from_missing_ones() -> None:
    panel = made(25)
    more = frame([row("p000", "gdp_per_head", 2015, 40_000.0)])
    found = measure_panel(Made(panel.places, with_rows(panel, more)), draws=DRAWS)
    states = {(cell.place, cell.indicator): cell.states for cell in found.coverage}
    assert found.years == (2015, 2018, 2020, 2022)
    assert states["p000", "gdp_per_head"] == "booo"
    assert states["p001", "gdp_per_head"] == "-ooo"


def with_rows(panel: Made, more: pl.DataFrame) -> pl.DataFrame:
    """The rows of a collection and others, their ids kept apart."""
    named = more.with_columns((pl.lit("x") + pl.col("obs_id")).alias("obs_id"))
    return pl.concat([panel.observations, named.select(panel.observations.columns)], how="vertical_relaxed")


def test_only_the_years_asked_for_are_told() -> None:
    panel = made(25)
    every = measure_panel(panel, draws=DRAWS)
    found = measure_panel(panel, draws=DRAWS, years=[2022, 2018])
    assert found.years == (2018, 2022)
    assert {item.year for item in found.readings} == {2018, 2022}
    assert {(item.since, item.year) for item in found.moves} == {(2018, 2022)}
    assert found.readings_at["p000", 2018] == every.readings_at["p000", 2018]


def test_the_same_panel_gives_the_same_result_whatever_the_order_of_its_rows() -> None:
    panel = made(25)
    shuffled = Made(
        dict(reversed(list(panel.places.items()))), panel.observations.sample(fraction=1.0, shuffle=True, seed=3)
    )
    one, other = (measure_panel(item, draws=DRAWS) for item in (panel, shuffled))
    assert one.model_dump_json() == other.model_dump_json()
    assert measure_panel(panel, draws=DRAWS, seed=7).readings != one.readings


def test_places_of_other_countries_are_scored_on_their_own_panel_only() -> None:
    panel = made(25, country="DEU")
    assert measure_panel(panel, draws=DRAWS).scored_years == ()
    own = measure_panel(panel, draws=DRAWS, reference="panel")
    assert own.scored_years == (2018, 2020, 2022)
    assert [note.id for note in own.notes].count("panel.told.reference-panel") == 1


def test_the_result_is_published_with_a_schema(together: PanelMeasure) -> None:
    jsonschema.validate(together.model_dump(mode="json"), PanelMeasure.model_json_schema())
    table = together.table()
    assert table.columns == list(COLUMNS)
    assert table.filter(table["part"] == "score").height == len(together.readings)
    assert len(together.figures()) == len(together.used)
    assert all("/" in ref for ref in together.sources())
    assert together.explain() == together.notes


def test_ranks_by_hand() -> None:
    scores = np.array([[10.0, 50.0], [30.0, 50.0], [20.0, 10.0], [np.nan, np.nan]])
    found = ranks(scores)
    assert found[:3].tolist() == [[3, 1], [1, 1], [2, 3]]
    assert np.isnan(found[3]).all()


def test_pairs_are_of_neighbours_and_of_both_ends() -> None:
    assert pairs_of((2018, 2020, 2022)) == ((2018, 2020), (2020, 2022), (2018, 2022))
    assert pairs_of((2018, 2022)) == ((2018, 2022),)
    assert pairs_of((2018,)) == pairs_of(()) == ()


def test_doubt_widens_intervals_and_is_counted() -> None:
    panel = made(25)
    estimated = panel.observations.with_columns(status=panel.observations["status"].replace({"A": "E"}))
    sure, doubtful = (measure_panel(Made(panel.places, rows), draws=800) for rows in (panel.observations, estimated))
    width = [sum((r.score.high or 0) - (r.score.low or 0) for r in found.readings) for found in (sure, doubtful)]
    assert width[1] > width[0]
    assert sum(r.doubted for r in sure.readings) == 0
    assert doubtful.readings_at["p000", 2018].doubted == doubtful.readings_at["p000", 2018].observed
    plain = measure_panel(Made(panel.places, estimated), draws=800, doubt=False)
    assert [r.score for r in plain.readings] == [r.score for r in sure.readings]


def test_an_impossible_share_is_not_scored_and_is_told() -> None:
    panel = made(25)
    rows = panel.observations
    here = (rows["place_id"] == "p001") & (rows["indicator_id"] == "tertiary_share")
    wrong = rows.with_columns(pl.when(here).then(pl.lit(4139.0)).otherwise(pl.col("amount")).alias("amount"))
    one, other = (measure_panel(Made(panel.places, table), draws=DRAWS) for table in (wrong, rows.filter(~here)))
    assert one.readings_at["p001", 2020].score == other.readings_at["p001", 2020].score
    assert [note.values["n"] for note in one.notes if note.id == "panel.told.impossible"] == [3]
    assert "panel.told.impossible" not in [note.id for note in other.notes]


def code_of(call: object, /, *given: object, **options: object) -> str:
    """The code of the error that a call raises."""
    with pytest.raises(HeadframeError) as caught:
        call(*given, **options)  # type: ignore[operator]
    return caught.value.problems[0].code


def test_errors_say_what_is_wrong() -> None:
    panel, fuxin = made(3), open_city("fuxin")
    assert code_of(measure_panel, []) == "HF404"
    assert code_of(measure_panel, Made({}, panel.observations)) == "HF404"
    assert code_of(measure_panel, [fuxin, fuxin]) == "HF405"
    for years in ([], [3000], [True], list(range(1500, 1800))):
        assert code_of(measure_panel, panel, years=years) == "HF406"
    assert code_of(measure_panel, panel, draws=10) == "HF403"


def test_it_can_be_cancelled_and_tells_how_far_it_is() -> None:
    seen: list[str] = []
    measure_panel(made(25), draws=DRAWS, progress=lambda done, total, stage: seen.append(f"{stage} {done <= total}"))
    assert dict.fromkeys(seen) == dict.fromkeys(
        ["panel.stage.figures True", "panel.stage.meter True", "panel.stage.classes True"]
    )
    cancel = Cancel()
    cancel.request()
    assert code_of(measure_panel, made(25), draws=DRAWS, cancel=cancel) == "HF116"


def test_a_panel_without_any_evidence_is_a_state() -> None:
    panel = made(3)
    found = measure_panel(Made(panel.places, panel.observations.clear()), draws=DRAWS)
    assert found.newest is None
    assert not found.readings
    assert not found.moves
    assert not found.classes
    assert "panel.told.no-score" in [note.id for note in found.notes]
