"""When evidence disappears the meter stays where it was, says so, and is compared on what both years have."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from headframe.evidence.folder import City, open_city
from headframe.measure import draws as drawing
from headframe.measure.bounds import EVERYONE, LEVELS, Bounds, read_bounds
from headframe.measure.definition import Area, Definition, Item, definition
from headframe.measure.known import Surroundings, surroundings
from headframe.measure.meter import meter
from headframe.measure.results import Meter, MeterYear
from tests.measure.conftest import alone, obs

Make = Callable[..., City]
ROW = {"places": 30, "left_out": 0, "q05": 0, "q25": 25, "q50": 50, "q75": 75, "q95": 100}
NAMES = ("tertiary_share", "fiscal_self_sufficiency", "pm25", "sewage_treatment_rate")
LOW = dict.fromkeys(NAMES, 20.0)
DRAWS = 2000


@pytest.fixture
def rule() -> Definition:
    """One field of four indicators, all from 0 to 100, more being better."""
    items = {name: Item(direction="up", scale="fixed", reason_en="-", reason_zh="-") for name in NAMES}
    area = Area(name="meter.field.legacy", weight=1, indicators=items)
    return definition().model_copy(update={"fields": {"all": area}, "marks": ()})


@pytest.fixture
def scale() -> Bounds:
    return read_bounds({"bounds": {name: {"years": {2018: {EVERYONE: ROW}}} for name in NAMES}})


def entry_of(found: Meter, year: int) -> MeterYear:
    """The entry of a year that must be there."""
    entry = found.at(year)
    assert entry is not None
    return entry


def score(entry: MeterYear) -> float:
    """The score of a year that must be known."""
    assert entry.score.value is not None
    return entry.score.value


def test_the_meter_does_not_rise_because_evidence_disappears(city: Make, rule: Definition, scale: Bounds) -> None:
    kept = [obs(name, LOW[name], 2020) for name in NAMES[:2]]
    place = city([*(obs(name, LOW[name], 2018) for name in NAMES), *kept])
    found = meter(alone(place), rule, bounds=scale, draws=DRAWS)
    assert score(entry_of(found, 2020)) == pytest.approx(score(entry_of(found, 2018)), abs=4)
    forgetful = meter(alone(city(kept, name="forgetful")), rule, bounds=scale, draws=DRAWS)
    assert score(entry_of(forgetful, 2020)) > score(entry_of(found, 2018)) + 8  # drawn from the whole group


def test_the_change_of_the_basket_is_named_and_left_out(city: Make, rule: Definition, scale: Bounds) -> None:
    first = {"tertiary_share": 20.0, "fiscal_self_sufficiency": 20.0, "pm25": 5.0}
    then = {"tertiary_share": 30.0, "fiscal_self_sufficiency": 30.0, "sewage_treatment_rate": 90.0}
    rows = [obs(name, value, 2018) for name, value in first.items()]
    place = city([*rows, *(obs(name, value, 2020) for name, value in then.items())])
    found = meter(alone(place), rule, bounds=scale, draws=DRAWS)
    basket = entry_of(found, 2020).basket
    assert basket is not None
    assert (basket.since, basket.lost, basket.gained) == (2018, ("pm25",), ("sewage_treatment_rate",))
    assert basket.common == NAMES[:2]
    assert basket.common_change.value == pytest.approx(10, abs=2)
    assert entry_of(found, 2018).basket is None
    told = {message.id: message.values for message in found.notes}
    assert told["measure.meter.basket-changed"]["year"] == "2020"
    assert told["measure.meter.basket-changed"]["since"] == "2018"
    assert "measure.meter.common-basket" in told


def test_the_common_basket_keeps_the_weights(city: Make, rule: Definition, scale: Bounds) -> None:
    items = {
        name: item.model_copy(update={"weight": 3.0 if name == NAMES[0] else 1.0})
        for name, item in rule.fields["all"].indicators.items()
    }
    heavy = rule.model_copy(update={"fields": {"all": rule.fields["all"].model_copy(update={"indicators": items})}})
    rows = [*(obs(name, 30.0, 2018) for name in NAMES[:3]), obs(NAMES[0], 30.0, 2020), obs(NAMES[1], 70.0, 2020)]
    basket = entry_of(meter(alone(city(rows)), heavy, bounds=scale, draws=DRAWS), 2020).basket
    assert basket is not None
    assert basket.lost == ("pm25",)
    assert basket.common_change.value == pytest.approx(10, abs=2.5)  # (3 × 0 + 1 × 40) / 4


def test_an_unchanged_basket_is_not_spoken_of(city: Make, rule: Definition, scale: Bounds) -> None:
    place = city([obs(name, LOW[name], year) for name in NAMES for year in (2018, 2020)])
    found = meter(alone(place), rule, bounds=scale, draws=DRAWS)
    assert not [note for note in found.notes if note.id.startswith("measure.meter")]
    basket = entry_of(found, 2020).basket
    assert basket is not None
    assert basket.change == basket.common_change.model_copy(update={"steps": basket.change.steps})


def test_near_in_time_a_place_stays_and_far_away_it_may_be_anywhere() -> None:
    levels = np.random.default_rng(1).random(20_000)
    where, firm = np.full(20_000, 0.2), np.full(20_000, 0.9)

    def moved(years: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return drawing.moved_on(drawing.Remembered(where, years), levels, firm)

    assert moved(0) == pytest.approx(where)
    assert float(moved(1).mean()) < float(moved(5).mean()) < float(moved(200).mean())
    assert float(moved(1).std()) < float(moved(5).std()) < float(moved(200).std())
    assert np.quantile(moved(200), LEVELS) == pytest.approx(LEVELS, abs=0.02)
    assert float(np.median(moved(2))) == pytest.approx(0.2477, abs=0.01)  # Φ(0.81 Φ⁻¹(0.2))


def test_the_nearest_year_is_remembered_and_of_two_the_earlier(city: Make, rule: Definition, scale: Bounds) -> None:
    rows = [obs("pm25", 10.0, 2010), obs("pm25", 90.0, 2014)]
    rows += [obs(name, 20.0, year) for name in NAMES[:2] for year in (2011, 2012)]
    found = meter(alone(city(rows)), rule, bounds=scale, draws=DRAWS)
    points = [
        next(part.score.value or 0.0 for part in entry_of(found, year).contributions if part.indicator == "pm25")
        for year in (2011, 2012)
    ]
    assert all(point < 35 for point in points)


def test_a_missing_percentage_is_drawn_between_its_own_limits(city: Make, rule: Definition, scale: Bounds) -> None:
    natural = Item(direction="up", scale="natural", natural=(0, 100), reason_en="-", reason_zh="-")
    items = {**rule.fields["all"].indicators, "hazard_eliminated_share": natural}
    area = rule.fields["all"].model_copy(update={"indicators": items})
    wider = rule.model_copy(update={"fields": {"all": area}})
    found = meter(alone(city([obs(name, 20.0, 2018) for name in NAMES])), wider, bounds=scale, draws=DRAWS)
    part = entry_of(found, 2018).contributions[-1]
    assert (part.bound_low, part.bound_high) == (0, 100)
    assert (part.score.low, part.score.value, part.score.high) == pytest.approx((5, 50, 95), abs=3)
    once = [*(obs(name, 20.0, 2018) for name in NAMES), obs("hazard_eliminated_share", 10.0, 2019)]
    beside = meter(alone(city(once, name="once")), wider, bounds=scale, draws=DRAWS)
    assert (entry_of(beside, 2018).contributions[-1].score.value or 100) < 20


def test_a_built_in_city_says_what_its_meter_lost() -> None:
    around: Surroundings = surroundings(open_city("fuxin"))
    here = Surroundings(around.here, None, None, ())
    basket = entry_of(meter(here, definition(), draws=200), 2020).basket
    assert basket is not None
    assert {"registered_unemployed_to_employed", "mining_employment_share"} <= set(basket.lost)
