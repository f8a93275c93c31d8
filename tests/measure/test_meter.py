"""The meter around the pure score: hand-computed, honest about what is missing, repeatable."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headframe.core.errors import HeadframeError
from headframe.core.jobs import Cancel
from headframe.core.results import Figure
from headframe.evidence.doubt import Doubt
from headframe.evidence.folder import City, open_city
from headframe.measure import draws as drawing
from headframe.measure.bounds import EVERYONE, Bounds, read_bounds
from headframe.measure.bounds import bounds as built_in_bounds
from headframe.measure.definition import Area, Definition, Item, definition
from headframe.measure.known import Known
from headframe.measure.meter import Instrument, as_bounded, doubted, meter
from headframe.measure.results import Meter
from headframe.measure.spans import assumption
from tests.measure.conftest import Row, alone, obs

Make = Callable[..., City]
ROW = {"places": 30, "left_out": 0, "q05": 0, "q25": 25, "q50": 50, "q75": 75, "q95": 100}
NAMES = ("tertiary_share", "fiscal_self_sufficiency", "pm25", "sewage_treatment_rate")
VALUES = {"tertiary_share": 40, "fiscal_self_sufficiency": 30, "pm25": 20, "sewage_treatment_rate": 90}


def item(direction: str = "up") -> Item:
    """An item on a fixed scale."""
    return Item(direction=direction, scale="fixed", reason_en="-", reason_zh="-")  # type: ignore[arg-type]


@pytest.fixture
def rule() -> Definition:
    """Two fields of two indicators each, all on a scale from 0 to 100."""
    areas = {
        "money": Area(name="meter.field.legacy", weight=1, indicators={NAMES[0]: item(), NAMES[1]: item()}),
        "land": Area(name="meter.field.ecology", weight=3, indicators={NAMES[2]: item("down"), NAMES[3]: item()}),
    }
    return definition().model_copy(update={"fields": areas, "marks": (2008, 2020)})


@pytest.fixture
def scale() -> Bounds:
    """Every indicator is spread evenly from 0 to 100 in 2020."""
    return read_bounds({"bounds": {name: {"years": {2020: {EVERYONE: ROW}}} for name in NAMES}})


def rows(values: Mapping[str, float], year: int = 2020) -> list[Row]:
    """Observations of one year."""
    return [obs(name, value, year) for name, value in values.items()]


def read(place: City, rule: Definition, scale: Bounds, *others: City, seed: int = 1, draws: int = 2000) -> Meter:
    """The meter of a place without built-in places."""
    return meter(alone(place, *others), rule, seed=seed, draws=draws, bounds=scale)


def test_a_hand_computed_example(city: Make, rule: Definition, scale: Bounds) -> None:
    found = read(city(rows(VALUES)), rule, scale).at(2020)
    assert found is not None
    # weights 1/8, 1/8, 3/8, 3/8; points 40, 30, 100 − 20, 90
    expected = (40 + 30) / 8 + 3 * (80 + 90) / 8
    assert found.default.value == pytest.approx(expected)
    assert sum(part.points.value or 0 for part in found.contributions) == pytest.approx(expected)
    assert [part.weight for part in found.contributions] == pytest.approx([0.125, 0.125, 0.375, 0.375])
    assert [part.score.value for part in found.contributions] == pytest.approx([40, 30, 80, 90])
    assert found.coverage == pytest.approx(1)
    assert found.score.low is not None
    assert found.score.high is not None
    assert found.score.low < expected < found.score.high
    assert len(found.score.observations) == 4
    assert found.needs == ()


def test_marks_without_evidence_are_not_known_and_say_what_they_need(
    city: Make, rule: Definition, scale: Bounds
) -> None:
    found = read(city(rows(VALUES)), rule, scale)
    mark = found.at(2008)
    assert mark is not None
    assert mark.mark
    assert mark.score.value is None
    assert not mark.score.known
    assert not mark.rank.known
    assert mark.coverage == 0
    assert [need.indicator for need in mark.needs] == list(NAMES)
    assert {need.period for need in mark.needs} == {"2008"}
    assert [entry.year for entry in found.scored] == [2020]


@pytest.mark.parametrize("missing", NAMES)
def test_missing_evidence_widens_the_interval_and_is_never_zero(
    city: Make, rule: Definition, scale: Bounds, missing: str
) -> None:
    whole = read(city(rows(VALUES), name="whole"), rule, scale).at(2020)
    kept = {name: value for name, value in VALUES.items() if name != missing}
    less = read(city(rows(kept), name="less"), rule, scale).at(2020)
    assert whole is not None
    assert less is not None
    assert width(less.score) > width(whole.score)
    part = next(part for part in less.contributions if part.indicator == missing)
    assert not part.observed
    assert part.value.value is None
    assert part.score.value == pytest.approx(50, abs=3)  # drawn from the whole spread, not set to 0
    assert [need.indicator for need in less.needs] == [missing]


def width(figure: object) -> float:
    """The width of a figure's interval."""
    return float(getattr(figure, "high")) - float(getattr(figure, "low"))  # noqa: B009


def test_doubtful_evidence_widens_the_interval(city: Make, rule: Definition, scale: Bounds) -> None:
    sure = read(city(rows(VALUES), name="sure"), rule, scale).at(2020)
    doubtful = [obs("pm25", "", low="5", high="60", qualifier="range"), *rows(VALUES)[:2], *rows(VALUES)[3:]]
    vague = read(city(doubtful, name="vague"), rule, scale).at(2020)
    assert sure is not None
    assert vague is not None
    assert width(vague.score) > width(sure.score)
    assert vague.coverage == 1
    part = next(part for part in vague.contributions if part.indicator == "pm25")
    # uniform from 5 to 60, less is better: 5 per cent of 55 in from each end
    assert (part.score.low, part.score.high) == (pytest.approx(42.75, abs=1), pytest.approx(92.25, abs=1))


def test_too_little_evidence_gives_no_score(city: Make, rule: Definition, scale: Bounds) -> None:
    only_land = read(city(rows({"pm25": 20, "sewage_treatment_rate": 90})), rule, scale).at(2020)
    assert only_land is not None
    assert only_land.coverage == pytest.approx(0.75)
    assert only_land.score.value is None  # the other field has nothing
    assert [field.coverage for field in only_land.fields] == [0, 1]


def test_ranks_count_places_with_enough_evidence_only(city: Make, rule: Definition, scale: Bounds) -> None:
    better = city(rows({**VALUES, "tertiary_share": 95, "pm25": 1, "fiscal_self_sufficiency": 95}), name="better")
    best = city(rows(dict.fromkeys(NAMES, 99.0) | {"pm25": 0}), name="best")
    worse = city(rows(dict.fromkeys(NAMES, 5.0) | {"pm25": 95}), name="worse")
    unknown = city(rows({"pm25": 50}), name="unknown")
    found = read(city(rows(VALUES)), rule, scale, better, best, worse, unknown).at(2020)
    assert found is not None
    assert found.ranked == ("best", "better", "testville", "worse")
    assert (found.rank.value, found.rank.low, found.rank.high) == (3, 3, 3)


def test_alone_there_is_no_rank(city: Make, rule: Definition, scale: Bounds) -> None:
    found = read(city(rows(VALUES)), rule, scale).at(2020)
    assert found is not None
    assert not found.rank.known


def test_the_same_seed_gives_the_same_result_whatever_else_is_there(
    city: Make, rule: Definition, scale: Bounds
) -> None:
    kept = {name: value for name, value in VALUES.items() if name != "pm25"}
    place, other = city(rows(kept)), city(rows(kept), name="other")
    first = read(place, rule, scale)
    assert first == read(place, rule, scale)
    assert first.at(2020) != read(place, rule, scale, seed=2).at(2020)
    beside = read(place, rule, scale, other).at(2020)
    entry = first.at(2020)
    assert beside is not None
    assert entry is not None
    assert beside.score == entry.score


def test_two_places_with_the_same_gap_are_drawn_apart() -> None:
    here, there = (drawing.missing_draws(place, "pm25", 1, 500) for place in ("here", "there"))
    assert abs(float(np.corrcoef(here, there)[0, 1])) < 0.2


@given(st.sampled_from(NAMES), st.floats(0, 99), st.floats(0, 1))
@settings(max_examples=15)
def test_better_evidence_never_lowers_any_draw(name: str, value: float, step: float) -> None:
    areas = {
        "all": Area(
            name="meter.field.legacy", weight=1, indicators={n: item("down" if n == "pm25" else "up") for n in NAMES}
        )
    }
    rule = definition().model_copy(update={"fields": areas})
    how = drawing.ways(rule, 3, 200)
    ruler = drawing.Ruler(np.tile(np.array([0.0, 25, 50, 75, 100]), (4, 1)), rule.direction)
    base = np.tile(np.array([40.0, 30, 20, 90]), (200, 1))
    number = NAMES.index(name)
    base[:, number] = value
    better = base.copy()
    better[:, number] += rule.direction[number] * step
    totals = [
        drawing.scores_by_way(drawing.points_by_way(values, ruler, how), how, rule.membership)[0]
        for values in (base, better)
    ]
    assert np.all(totals[1] >= totals[0] - 1e-9)


def test_drawn_weights_are_weights(rule: Definition) -> None:
    how = drawing.ways(rule, 5, 4000)
    assert how.weights.sum(axis=1) == pytest.approx(np.ones(4000))
    assert how.weights.mean(axis=0) == pytest.approx(rule.weights, abs=0.01)
    assert set(how.normalisation) == {0, 1, 2}
    assert 0.45 < how.geometric.mean() < 0.55


def test_the_bounds_are_not_for_foreign_cities(city: Make, rule: Definition, scale: Bounds) -> None:
    found = read(city(rows(VALUES), country="DEU"), rule, scale)
    assert found.scored == ()
    assert [note.id for note in found.notes] == ["meter.chinese-only"]
    assert all(entry.needs == () for entry in found.years)


def test_too_few_draws_are_refused_and_a_stop_is_heard(city: Make, rule: Definition, scale: Bounds) -> None:
    place = city(rows(VALUES))
    with pytest.raises(HeadframeError, match="HF403"):
        read(place, rule, scale, draws=99)
    stop = Cancel()
    stop.request()
    with pytest.raises(HeadframeError, match="HF116"):
        meter(alone(place), rule, bounds=scale, cancel=stop)


def test_evidence_without_bounds_of_its_year_is_not_scored(city: Make, rule: Definition, scale: Bounds) -> None:
    yearly = {
        name: area.model_copy(
            update={"indicators": {k: v.model_copy(update={"scale": "year"}) for k, v in area.indicators.items()}}
        )
        for name, area in rule.fields.items()
    }
    found = read(city(rows(VALUES, 2008)), rule.model_copy(update={"fields": yearly}), scale).at(2008)
    assert found is not None
    assert found.score.value is None
    assert {need.reason.id for need in found.needs} == {"meter.need-bounds"}


def test_figures_per_head_use_the_population_of_the_bounds(city: Make) -> None:
    people = [
        obs("population_resident", 900, 2018, concept="resident;whole-city"),
        obs("population_registered", 1000, 2018, concept="registered;whole-city"),
    ]
    place = Known(city([*people, obs("hospital_beds", 9, 2018)]))
    with_registered = Bounds({}, {2018: "registered"})
    assert as_bounded(place, "hospital_beds_per_head", 2018, with_registered).value == pytest.approx(9.0)
    assert as_bounded(place, "hospital_beds_per_head", 2018, Bounds({}, {})).value == pytest.approx(10.0)
    printed = Known(city([*people, obs("hospital_beds_per_head", 11, 2018)], name="printed"))
    assert as_bounded(printed, "hospital_beds_per_head", 2018, with_registered).value == pytest.approx(11.0)


def test_findings_widen_what_the_meter_reads() -> None:
    figure = Figure(value=100.0, unit="person", indicator="hospital_beds", observations=("x/a", "x/b"))
    half = Doubt(1, 0.5, ("f1",))
    assert doubted(figure, {}) == figure
    assert doubted(figure, {"c": half}) == figure
    wide = doubted(figure, {"a": half, "b": Doubt(1, 0.8, ("f2",))})
    about = assumption("about_half_width")
    assert (wide.low, wide.high) == (pytest.approx(100 - 200 * about), pytest.approx(100 + 200 * about))
    assert wide.value == 100.0


def test_a_share_beyond_its_limit_leaves_the_meter_running(city: Make) -> None:
    place = Known(city([obs("tertiary_share", 4139, 2018), obs("tertiary_share", 41.4, 2020)]))
    tool = Instrument(definition(), built_in_bounds(), 1, 100)
    assert "tertiary_share" not in tool.figures(place, 2018)
    assert "tertiary_share" in tool.figures(place, 2020)


def test_the_instrument_agrees_with_the_evidence_of_a_built_in_city() -> None:
    tool = Instrument(definition(), read_bounds({"bounds": {}}), 1, 100)
    assert tool.figures(Known(open_city("fuxin")), 2020) == {}
    assert tool.coverage(Known(open_city("fuxin")), 2020)[0] == 0
