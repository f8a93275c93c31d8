"""Growth, decay, epidemics, predators and swings against their closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import lambertw

from headframe.engine import Horizon
from tests.engine.models.collect import textbook


def simulated(name: str, years: float = 20.0, steps_per_year: int = 32, **given: Any) -> tuple[np.ndarray, Any]:
    """The times since the start and the records of one run, by Runge–Kutta with a record every step."""
    horizon = Horizon(2000.0, years, steps_per_year, 1, integrator="rk4")
    found = textbook(name).simulate(horizon, **given)
    return found.times - 2000.0, found


def close(found: np.ndarray, expected: np.ndarray, tolerance: float = 1e-7) -> bool:
    """Whether both agree within a part of the largest value."""
    return bool(np.abs(found - expected).max() <= tolerance * np.abs(expected).max())


@pytest.mark.parametrize(("parent_rate", "daughter_rate"), [(0.7, 0.25), (0.1, 0.9), (1.5, 0.05)])
def test_a_decay_chain_follows_bateman(parent_rate: float, daughter_rate: float) -> None:
    given = {"parent_decay_rate": parent_rate, "daughter_decay_rate": daughter_rate, "parent_at_start": 40.0}
    t, found = simulated("decay", parameters=given)
    parent = 40.0 * np.exp(-parent_rate * t)
    apart = parent_rate / (daughter_rate - parent_rate)
    daughter = 40.0 * apart * (np.exp(-parent_rate * t) - np.exp(-daughter_rate * t))
    assert close(found["parent"][0], parent)
    assert close(found["daughter"][0], daughter)
    assert close(found["stable"][0], 40.0 - parent - daughter)


def test_logistic_growth_follows_verhulst() -> None:
    t, found = simulated("logistic")
    assert close(found["people"][0], 1000.0 / (1.0 + (1000.0 - 20.0) / 20.0 * np.exp(-0.8 * t)))


def test_an_epidemic_ends_at_its_final_size() -> None:
    """With x the share that escapes: ln(x / x₀) = −R₀ (1 − x), which Lambert's function solves; R₀ = 2.5."""
    _, found = simulated("epidemic", years=80.0)
    susceptible = found["susceptible"][0] / 1000.0
    ratio, begun = 2.0 / 0.8, 0.995
    escaped = -lambertw(-begun * ratio * np.exp(-ratio)).real / ratio
    assert found["infectious"][0, -1] < 1e-12 * 1000.0
    assert abs(susceptible[-1] - escaped) < 1e-8
    along = np.log(susceptible / begun) + ratio * found["recovered"][0] / 1000.0  # is 0 all the way
    assert np.abs(along).max() < 1e-8


def test_an_epidemic_peaks_where_each_infects_one() -> None:
    """At the peak the susceptible share is 1/R₀, and the infectious share 1 − (1 + ln(R₀ x₀)) / R₀."""
    _, found = simulated("epidemic", years=30.0, steps_per_year=128)
    peak = int(found["infectious"][0].argmax())
    ratio = 2.5
    assert abs(found["susceptible"][0, peak] / 1000.0 - 1.0 / ratio) < 2e-3  # the peak lies between two steps
    assert abs(found["infectious"][0, peak] / 1000.0 - (1.0 - (1.0 + np.log(ratio * 0.995)) / ratio)) < 1e-5


@pytest.mark.parametrize(("contact_rate", "spreads"), [(0.79, False), (0.80, False), (0.82, True), (3.0, True)])
def test_an_epidemic_has_a_threshold(contact_rate: float, spreads: bool) -> None:
    """It spreads when each infects more than one: contact rate × susceptible share > recovery rate."""
    _, found = simulated("epidemic", years=10.0, parameters={"contact_rate": contact_rate})
    infectious = found["infectious"][0]
    assert bool(infectious.max() > infectious[0]) is spreads
    assert (contact_rate * 0.995 > 0.8) is spreads


def test_an_epidemic_loses_nobody() -> None:
    _, found = simulated("epidemic", years=40.0)
    total = found["susceptible"] + found["infectious"] + found["recovered"]
    assert np.abs(total - 1000.0).max() < 1e-10


def _invariant(found: Any, prey_growth: float = 1.1, predator_loss: float = 0.5) -> np.ndarray:
    """c·a·x − m·ln x + a·y − g·ln y, which stays the same along an orbit."""
    prey, predators = found["prey"][0], found["predators"][0]
    prey_part = 0.25 * 0.02 * prey - predator_loss * np.log(prey)
    return np.asarray(prey_part + 0.02 * predators - prey_growth * np.log(predators))


def test_predators_and_prey_return_to_their_orbit() -> None:
    _, found = simulated("predators", years=50.0, steps_per_year=64, parameters={"prey_at_start": 300.0})
    kept = _invariant(found)
    assert found["prey"].max() > 3.0 * found["prey"].min()  # far from the point of rest
    assert np.abs(kept - kept[0]).max() < 1e-8 * abs(kept[0])


def test_predators_and_prey_swing_with_the_period_of_small_swings() -> None:
    """Near the point of rest the period is 2π / √(growth of prey × loss of predators)."""
    rest = {"prey_at_start": 0.5 / (0.25 * 0.02) * 1.001, "predators_at_start": 1.1 / 0.02}
    t, found = simulated("predators", years=60.0, steps_per_year=64, parameters=rest)
    away = found["prey"][0] - 0.5 / (0.25 * 0.02)
    rising = np.flatnonzero((away[:-1] < 0.0) & (away[1:] >= 0.0))
    crossings = t[rising] - away[rising] / (away[rising + 1] - away[rising]) * (t[rising + 1] - t[rising])
    assert len(crossings) > 5
    assert np.abs(np.diff(crossings) - 2.0 * np.pi / np.sqrt(1.1 * 0.5)).max() < 1e-4


def test_a_mass_on_a_spring_follows_sine_and_cosine() -> None:
    t, found = simulated("oscillator", years=30.0, steps_per_year=64)
    position = 2.0 * np.cos(1.3 * t) - 0.5 / 1.3 * np.sin(1.3 * t)
    assert close(found["position"][0], position)
    assert close(found["velocity"][0], -2.0 * 1.3 * np.sin(1.3 * t) - 0.5 * np.cos(1.3 * t))


def test_euler_drives_a_spring_out_by_a_known_factor() -> None:
    """Each step of Euler multiplies the amplitude by √(1 + (ω h)²)."""
    horizon = Horizon(0.0, 5.0, 16, 1)
    found = textbook("oscillator").simulate(horizon)
    amplitude = np.hypot(found["position"][0], found["velocity"][0] / 1.3)
    assert np.abs(amplitude / amplitude[0] - np.hypot(1.0, 1.3 / 16) ** np.arange(81)).max() < 1e-12


@pytest.mark.parametrize(("correction_time", "hiring_time"), [(0.8, 1.5), (0.5, 4.0), (2.0, 0.7)])
def test_a_firm_swings_around_its_goal(correction_time: float, hiring_time: float) -> None:
    """The gap x of its goods obeys x″ + x′/τ + x/(τ c) = 0, with hiring time τ and correction time c."""
    given = {"correction_time": correction_time, "hiring_time": hiring_time}
    t, found = simulated("inventory", years=15.0, steps_per_year=64, parameters=given)
    damping = 1.0 / (2.0 * hiring_time)
    frequency = np.sqrt(complex(1.0 / (hiring_time * correction_time) - damping**2))
    gap, slope = 200.0 - 300.0, 10.0 * 10.0 - 100.0
    sine = np.sin(frequency * t) / frequency * (slope + damping * gap)
    expected = (np.exp(-damping * t) * (gap * np.cos(frequency * t) + sine)).real + 300.0
    assert close(found["inventory"][0], expected)
    swings = int((np.diff(np.sign(found["inventory"][0] - 300.0)) != 0).sum())
    assert (swings > 1) is bool(frequency.real > 0.0)
