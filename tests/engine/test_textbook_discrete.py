"""Competing hazards, yearly shifts, event registers, alternative structures and cuts: exact answers at any step."""

from __future__ import annotations

import numpy as np
import pytest

from headframe.engine import Horizon, Recorded
from tests.engine.models.cohorts import AGES
from tests.engine.models.collect import textbook

OUT = {"dead": "death_hazard", "departed": "leaving_hazard", "retired": "retirement_hazard"}


def members(steps_per_year: int, years: float = 6.0, **parameters: object) -> Recorded:
    """The group that people leave, recorded once a year."""
    horizon = Horizon(0.0, years, steps_per_year, steps_per_year)
    names = ("members", "dead", "departed", "retired", "recruited", "deaths", "departures", "retirements")
    return textbook("hazards").simulate(horizon, names, parameters=parameters)


@pytest.mark.parametrize("steps_per_year", [1, 2, 8, 32])
def test_competing_hazards_leave_and_split_exactly_at_any_step(steps_per_year: int) -> None:
    """With constant hazards h of the sum H: exp(−H t) remain, and 1 − exp(−H t) have left in proportion h / H."""
    hazards = {"death_hazard": [0.02, 0.01], "leaving_hazard": [0.3, 1.7], "retirement_hazard": [0.1, 0.0]}
    total = np.sum(list(hazards.values()), axis=0)
    found = members(steps_per_year)
    remaining = np.array([800.0, 200.0]) * np.exp(-np.outer(found.times, total))
    assert np.abs(found["members"][0] - remaining).max() < 1e-11
    for stock, hazard in OUT.items():
        gone = (np.array([800.0, 200.0]) - remaining) * (np.array(hazards[hazard]) / total)
        assert np.abs(found[stock][0] - gone).max() < 1e-11


def test_where_nobody_leaves_nobody_is_lost() -> None:
    found = members(8, death_hazard=0.0, leaving_hazard=0.0, retirement_hazard=0.0)
    assert (found["members"] == found["members"][:, :1]).all()
    assert not found["departed"].any()


@pytest.mark.parametrize("hazard", [1e-12, 1e-4, 0.2399, 0.2401, 5.0, 1e3])
def test_a_hazard_keeps_its_digits_whatever_its_size(hazard: float) -> None:
    """What leaves in a step is stock × (1 − exp(−H h)), also for tiny hazards and on both sides of the series."""
    found = members(8, 1.0, death_hazard=hazard, leaving_hazard=0.0, retirement_hazard=0.0)
    left = 800.0 * -np.expm1(-hazard / 8) * 8
    assert found["deaths"][0, 0, 0] == pytest.approx(left, rel=4e-15)


def test_recruits_are_taken_before_hazards() -> None:
    """In a step the hazards find the stock less what was recruited, so both together take no more than there is."""
    found = members(4, 20.0, recruits=16.0)
    step, total = 0.25, 0.42
    expected, held = [800.0], 800.0
    for _ in range(80):
        held = (held - step * 16.0) * np.exp(-total * step)
        expected.append(held)
    assert np.abs(found["members"][0, :, 0] - np.array(expected)[::4]).max() < 1e-11


def cohort(years: int = 30, steps_per_year: int = 8, **given: object) -> np.ndarray:
    """People by age at the end of each year (years, ages)."""
    horizon = Horizon(2000.0, float(years), steps_per_year, steps_per_year)
    return np.asarray(textbook("cohorts").simulate(horizon, ("people",), **given)["people"][0])


@pytest.mark.parametrize("steps_per_year", [1, 8, 12])
def test_steady_births_come_to_a_stationary_population(steps_per_year: int) -> None:
    """With q = exp(−μ₀ h), births b h (1 − qⁿ)/(1 − q) become one year old; exp(−μ) survive each year after that."""
    mortality = np.linspace(0.0, 0.3, AGES)
    mortality[0] = 0.05
    found = cohort(60, steps_per_year, parameters={"mortality": mortality})
    step, kept = 1.0 / steps_per_year, np.exp(-0.05 / steps_per_year)
    expected = np.zeros(AGES)
    expected[1] = 50.0 * step * (1.0 - kept**steps_per_year) / (1.0 - kept)
    for age in range(2, AGES):
        expected[age] = expected[age - 1] * np.exp(-mortality[age - 1])
    expected[-1] /= 1.0 - np.exp(-mortality[-1])  # the last age is open: a geometric sum
    assert np.abs(found[-1] - expected).max() < 1e-4  # the open age needs 1/0.3 years for each power of e
    assert np.abs(found[AGES:, :-1] - expected[:-1]).max() < 1e-10


def test_a_birth_wave_moves_up_without_spreading() -> None:
    """Births of one year stay in one age, to the last bit, until the open age takes them in."""
    horizon = Horizon(2000.0, 10.0, 8, 8)
    year = np.floor(horizon.points).astype(int)
    births = np.where(year == 2002, 480.0, 48.0)
    found = cohort(10, parameters={"mortality": 0.0}, paths={"births": births})
    for after in range(3, 11):
        assert found[after, after - 2] == 480.0
        others = np.delete(found[after, 1 : after + 1], after - 3)
        assert (others == 48.0).all()


def test_people_are_born_die_or_live() -> None:
    horizon = Horizon(2000.0, 20.0, 8, 1)
    found = textbook("cohorts").simulate(horizon, ("people", "newborn", "deaths"), parameters={"people_at_start": 10.0})
    change = np.diff(found["people"][0].sum(axis=1))
    flows = (found["newborn"] - found["deaths"])[0, :-1].sum(axis=1) / 8
    assert np.abs(change - flows).max() < 1e-11


REGISTER = [
    ("opened", 2001.0, 2003.0, 3.0),
    ("opened", 2002.5, 2004.25, 2.0),  # overlaps, and ends within a year
    ("opened", 1990.0, 2000.5, 1.0),  # began before the run
    ("opened", 2009.0, 2050.0, 8.0),  # goes on after it
    ("digging", 2003.0, 2004.0, [1.0, 5.0]),
]


@pytest.mark.parametrize("steps_per_year", [4, 8, 16])
def test_an_event_register_is_summed_exactly(steps_per_year: int) -> None:
    """Amount × duration within the run, on top of a basic output of 4 a year for 10 years."""
    horizon = Horizon(2000.0, 10.0, steps_per_year, steps_per_year)
    found = textbook("works").simulate(horizon, ("made", "dug"), events=REGISTER, structures={"closure": "supply"})
    expected = 40.0 + 3.0 * 2.0 + 2.0 * 1.75 + 1.0 * 0.5 + 8.0 * 1.0
    assert found["made"][0, -1] == pytest.approx(expected, abs=1e-12)
    assert found["dug"][0, -1] == pytest.approx([1.0, 5.0], abs=1e-12)


def test_an_event_begins_at_the_first_step_not_before_its_start() -> None:
    horizon = Horizon(2000.0, 2.0, 8, 1)
    found = textbook("works").simulate(horizon, ("capacity",), events=[("opened", 2000.30, 2000.80, 1.0)])
    assert list(found["capacity"][0, :8]) == [4.0, 4.0, 4.0, 5.0, 5.0, 5.0, 5.0, 4.0]


@pytest.mark.parametrize(("option", "made"), [("supply", 40.0), ("demand", 60.0), ("smaller", 40.0)])
def test_structures_choose_between_equations(option: str, made: float) -> None:
    found = textbook("works").simulate(Horizon(2000.0, 10.0, 8, 8), ("made",), structures={"closure": option})
    assert found["made"][0, -1] == pytest.approx(made, abs=1e-12)


def test_structures_may_differ_from_run_to_run() -> None:
    found = textbook("works").simulate(
        Horizon(2000.0, 10.0, 8, 8), ("made",), count=4, structures={"closure": np.array([1.0, 0.0, 2.0, 1.0])}
    )
    assert found["made"][:, -1] == pytest.approx([60.0, 40.0, 40.0, 60.0], abs=1e-12)


def town(cuts: tuple[str, ...], **given: object) -> np.ndarray:
    """The people of a town to which a lever brings 20 a year, by step."""
    horizon = Horizon(2000.0, 10.0, 8, 1)
    found = textbook("loops").simulate(horizon, ("people",), paths={"invitations": 20.0}, cuts=cuts, **given)
    return np.asarray(found["people"][0])


def grown(rate: float, inflow: float) -> np.ndarray:
    """1,000 people under Euler's method with a constant rate of growth and a constant inflow."""
    factor = (1.0 + rate / 8) ** np.arange(81)
    return np.asarray(1000.0 * factor + inflow * (factor - 1.0) / rate)


def test_a_cut_loop_takes_its_path_from_the_run_without_the_policy() -> None:
    """With births and deaths those of the run without arrivals, arrivals only add up."""
    t = np.arange(81) / 8
    assert np.abs(town(()) - grown(0.04, 20.0)).max() < 1e-9
    assert np.abs(town(("growth", "mortality")) - (grown(0.04, 0.0) + 20.0 * t)).max() < 1e-9


def test_each_loop_is_cut_by_itself() -> None:
    """Cut births: x′ = b·base − d·x + 20, whose difference from the base has only deaths: 20 (1 − (1 − d h)ⁿ)/d."""
    lost = 20.0 * (1.0 - (1.0 - 0.02 / 8) ** np.arange(81)) / 0.02
    assert np.abs(town(("growth",)) - grown(0.04, 0.0) - lost).max() < 1e-9
    gained = 20.0 * ((1.0 + 0.06 / 8) ** np.arange(81) - 1.0) / 0.06
    assert np.abs(town(("mortality",)) - grown(0.04, 0.0) - gained).max() < 1e-9


def test_the_run_that_cut_links_read_may_have_a_policy_of_its_own() -> None:
    """Where both runs have the same arrivals, cutting changes nothing."""
    same = town(("growth", "mortality"), base={"paths": {"invitations": 20.0}})
    assert (same == town(())).all()
    half = town(("growth", "mortality"), base={"paths": {"invitations": 10.0}})
    assert np.abs(half - (grown(0.04, 10.0) + 10.0 * np.arange(81) / 8)).max() < 1e-9
