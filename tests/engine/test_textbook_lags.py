"""Smooths, delays and tables against their closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import gammainc

from headframe.engine import Horizon, Model, delay, flow, parameter, smooth, stock
from tests.engine.models import lookup
from tests.engine.models.collect import textbook

STEPS = 32
LAGS = ("smoothed", "smoothed_thrice", "arriving", "arriving_late", "arriving_in_balance", "smoothed_from_signal")


def simulated(years: float = 20.0, **given: Any) -> tuple[np.ndarray, Any]:
    """The lags by Runge–Kutta: times since the start and records."""
    found = textbook("lags").simulate(Horizon(2000.0, years, STEPS, 1, "rk4"), LAGS, **given)
    return found.times - 2000.0, found


@pytest.mark.parametrize(
    ("lag", "order"), [("smoothed", 1), ("smoothed_thrice", 3), ("arriving", 1), ("arriving_late", 3)]
)
def test_a_step_comes_through_as_erlang_has_it(lag: str, order: int) -> None:
    """The response to a step is Erlang's distribution function, the regularised incomplete gamma function."""
    t, found = simulated()
    assert np.abs(found[lag][0] - gammainc(order, order * t / 4.0)).max() < 1e-7


@pytest.mark.parametrize(("lag", "order"), [("smoothed", 1), ("smoothed_thrice", 3), ("arriving_late", 3)])
def test_a_ramp_comes_through_later_by_the_lag_time(lag: str, order: int) -> None:
    """Long after it began, a signal that rises steadily is behind by the time of the lag, whatever the order."""
    t, found = simulated(60.0, paths={"signal": {2000.0: 0.0, 2060.0: 6.0}, "lag_time": 3.0})
    assert found[lag][0, -1] == pytest.approx(0.1 * (t[-1] - 3.0), abs=1e-5)


def test_lags_begin_at_rest_with_what_they_follow() -> None:
    _, found = simulated(paths={"signal": -2.5})
    for lag in ("smoothed_from_signal", "arriving_in_balance"):
        assert np.abs(found[lag] + 2.5).max() < 1e-12


def test_what_is_sent_is_under_way_or_has_arrived() -> None:
    """Also while the time of the delay changes, and under a signal that swings."""
    points = Horizon(2000.0, 20.0, STEPS, 1, "rk4").points - 2000.0
    paths = {"signal": 3.0 + 2.0 * np.sin(points), "lag_time": 4.0 + np.cos(0.7 * points)}
    stocks = tuple(f"arriving_late_under_way_{stage}" for stage in (1, 2, 3))
    horizon = Horizon(2000.0, 20.0, STEPS, 1, "rk4")
    found = textbook("lags").simulate(horizon, ("sent_so_far", "arrived", *stocks), paths=paths)
    under_way = sum(found[name] for name in stocks)
    assert found["arrived"][0, -1] > 40.0
    assert np.abs(under_way + found["arrived"] - found["sent_so_far"]).max() < 1e-11


def _piecewise(start: float, years: np.ndarray) -> np.ndarray:
    """x(t) for x′ = table(x), solved segment by segment: x′ = a + b x has x = x₀ + (f₀/b)(exp(b t) − 1)."""
    xs, ys = np.array(lookup.pace.xs), np.array(lookup.pace.ys)
    found, reached, at = np.empty_like(years), 0.0, start
    for left, right, low, high in zip(xs[:-1], xs[1:], ys[:-1], ys[1:], strict=True):
        if at >= right:
            continue
        slope, pace = (high - low) / (right - left), np.interp(at, xs, ys)
        takes = np.log(high / pace) / slope if slope else (right - at) / pace
        inside = (years >= reached) & (years <= reached + takes)
        gone = years[inside] - reached
        found[inside] = at + (pace * np.expm1(slope * gone) / slope if slope else pace * gone)
        reached, at = reached + takes, right
    beyond = years > reached
    found[beyond] = at + ys[-1] * (years[beyond] - reached)
    return found


def test_growth_read_from_a_table_follows_its_segments() -> None:
    found = textbook("lookup").simulate(Horizon(2000.0, 10.0, 512, 64, "rk4"), ("height",))
    expected = _piecewise(0.1, found.times - 2000.0)
    assert expected[-1] > lookup.pace.xs[-1]  # through every segment and beyond the last
    assert np.abs(found["height"][0] - expected).max() < 1e-6  # a step across a kink is not of fourth order


def test_a_table_is_held_below_its_first_point() -> None:
    found = textbook("lookup").simulate(Horizon(2000.0, 1.0, 8, 8), ("height",), parameters={"height_at_start": -1.0})
    assert found["height"][0, -1] == pytest.approx(-1.0 + 0.5, abs=1e-14)


def test_a_table_of_the_calendar_is_summed_exactly() -> None:
    """Runge–Kutta is exact on straight lines whose kinks lie between steps: 2 + 2 − 1/2 metres, then level."""
    found = textbook("lookup").simulate(Horizon(2000.0, 6.0, 8, 8, "rk4"), ("swell",))
    assert found["swell"][0] == pytest.approx([0.0, 2.0, 4.0, 4.0, 3.5, 3.5, 3.5], abs=1e-12)


@pytest.mark.parametrize("unit", ["10000 person", "万人", "10,000 yuan/person", "million t", "1"])
def test_lags_and_exits_take_units_with_a_number_in_front(unit: str) -> None:
    """The units that statistics print: the rate of a stock of them is so many of them per year."""
    from headframe.engine.making.expand import rate_unit

    @stock(unit=unit, initial=1.0, exits={"leaving": "hazard"})
    def held(coming):
        return coming

    @flow(unit=rate_unit(unit))
    def coming(held, hazard):
        return held * hazard

    @stock(unit=unit, initial=0.0)
    def received(later):
        return later

    hazard, time = parameter(0.1, unit="1/year"), parameter(2.0, unit="year")
    lags = {"later": delay("coming", time="time_of_lag", order=2), "seen": smooth("leaving", time="time_of_lag")}
    lags["seen_later"] = smooth("seen", time="time_of_lag")
    prices = "real:2020" if "yuan" in unit else None
    model = Model("units", [held, coming, received], hazard=hazard, time_of_lag=time, prices=prices, **lags)
    assert model.system.states.rows == 6
