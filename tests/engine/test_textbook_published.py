"""Runs that others published, made with Vensim: the figures as printed, six digits.

Source: the System Dynamics test models of the SDXorg community, repository SDXorg/test-models on GitHub (MIT licence),
commit 21aab027 of 14 March 2025: `samples/SIR/output.csv` and `samples/teacup/output.csv` (James Houghton, Vensim DSS
6.3, 27 August 2015), `tests/smooth/output.tab` and `tests/delays/output.tab` (James Houghton, Vensim DSS 7.1a,
2 October 2017). All are runs of Euler's method. The time unit of a published run (day, minute, month) plays the year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from headframe.engine import Horizon, Model, Recorded, auxiliary, flow, parameter, stock
from tests.engine.models.collect import textbook

Printed = Mapping[float, Sequence[float]]

EPIDEMIC: Printed = {  # time: susceptible, infectious, recovered; step 1/32
    0: (1000, 5, 0),
    1: (998.426, 5.52376, 1.04991),
    10: (974.918, 13.1481, 16.9339),
    20: (915.504, 30.6473, 58.8484),
    30: (804.752, 55.4567, 144.791),
    40: (664.627, 68.0812, 272.292),
    50: (548.746, 56.2736, 399.981),
    60: (478.383, 35.1738, 491.444),
    80: (424.317, 9.2946, 571.389),
    100: (412.158, 2.07135, 590.771),
}
TEACUP: Printed = {  # time: temperature, loss of heat; step 1/8
    0: (180, 11),
    1: (169.469, 9.94694),
    5: (136.508, 6.65085),
    10: (110.212, 4.02125),
    20: (84.7004, 1.47004),
    30: (75.374, 0.537402),
}
SMOOTHS: Printed = {  # time: SMOOTH, SMOOTHI, SMOOTH3, SMOOTH3I; step 1/4
    0: (-1, 5, -1, 5),
    1: (-1, 2.51709, -1, 4.09033),
    2: (-1, 1.06165, -1, 1.21841),
    5: (-1, -0.584747, -1, -0.959601),
    5.25: (-0.375, -0.011654, -1, -0.972331),
    5.75: (0.650391, 0.928577, -0.736328, -0.723499),
    6: (1.06909, 1.31251, -0.241943, -0.233253),
    8: (2.99291, 3.07655, 3.43228, 3.43263),
    10: (3.65396, 3.6827, 3.96633, 3.96635),
    10.25: (3.67558, 3.70253, 3.97164, 3.97165),
    12: (3.79351, 3.81066, 3.9916, 3.99161),
    15: (3.90482, 3.91272, 3.99901, 3.99902),
    20: (3.97382, 3.97599, 3.99998, 3.99998),
}
DELAYS: Printed = {  # time: DELAY1, DELAY1I, DELAY3, DELAY3I; step 1
    0: (-1, 6, -1, 6),
    1: (-1, 4.25, -1, 6),
    2: (-1, 2.9375, -1, 6),
    3: (-1, 1.95312, -1, 3.04688),
    5: (-1, 0.661133, -1, -0.275391),
    6: (0.25, 1.49585, -1, -0.736816),
    8: (1.89062, 2.59142, 1.10938, 1.13896),
    10: (2.81348, 3.20767, 3.48242, 3.48533),
    14: (3.62458, 3.7493, 3.99329, 3.99331),
    15: (2.47896, 2.54132, 2.66528, 2.66528),
    16: (2.73246, 2.78443, 2.66592, 2.66593),
    17: (2.94372, 2.98703, 2.66627, 2.66627),
    20: (3.38873, 3.41379, 3.33327, 3.33327),
    40: (3.98406, 3.98471, 3.99999, 3.99999),
}


def agrees(found: Recorded, names: Sequence[str], printed: Printed) -> None:
    """Every printed figure agrees to its six digits."""
    for time, figures in printed.items():
        record = int(np.flatnonzero(found.times == time)[0])
        for name, figure in zip(names, figures, strict=True):
            assert float(found[name][0, record]) == pytest.approx(figure, rel=5.1e-6), (time, name)


def test_an_epidemic() -> None:
    """In the published model all 1,000 are susceptible beside the first five infectious."""

    @stock(unit="person", initial="population")
    def susceptible(infections):
        return -infections

    model = textbook("epidemic").replaced(susceptible)
    names = ("susceptible", "infectious", "recovered")
    given = {"contact_rate": 0.3, "recovery_rate": 1 / 5}
    agrees(model.simulate(Horizon(0.0, 100.0, 32, 32), names, parameters=given), names, EPIDEMIC)


def test_a_cup_of_tea() -> None:
    @stock(unit="1", initial=180.0)
    def temperature(heat_loss):
        return -heat_loss

    @flow(unit="1/year")
    def heat_loss(temperature, room, characteristic_time):
        return (temperature - room) / characteristic_time

    given = {"room": parameter(70.0), "characteristic_time": parameter(10.0, unit="year")}
    model = Model("teacup", [temperature, heat_loss], **given)
    found = model.simulate(Horizon(0.0, 30.0, 8, 1), ("temperature", "heat_loss"))
    agrees(found, ("temperature", "heat_loss"), TEACUP)


def _lagged(
    horizon: Horizon, first_time: float, second_time: float, changed: float, kind: str, start: float
) -> Recorded:
    """The four lags of one kind: at rest at first and from a given start, of first and third order.

    The signal steps from −1 to 4 at time 5; the time of the lag steps too.
    """
    from headframe.engine import delay, exogenous, smooth

    lag = smooth if kind == "smooth" else delay
    made = {
        "first": lag("sent", time="lag_time", order=1),
        "first_from": lag("sent", time="lag_time", order=1, initial=start),
        "third": lag("sent", time="lag_time", order=3),
        "third_from": lag("sent", time="lag_time", order=3, initial=start),
        "signal": exogenous(0.0, unit="person/year"),
        "lag_time": exogenous(1.0, unit="year"),
    }

    @auxiliary(unit="person/year")
    def sent(signal):
        return 1.0 * signal

    @stock(unit="person", initial=0.0)
    def received(first, first_from, third, third_from):
        return first + first_from + third + third_from

    points = horizon.points
    paths = {
        "signal": np.where(points >= 5.0, 4.0, -1.0),
        "lag_time": np.where(points >= changed, second_time, first_time),
    }
    model = Model("lags", [sent, received], **made)
    return model.simulate(horizon, LAGGED, paths=paths)


LAGGED = ("first", "first_from", "third", "third_from")


def test_smooths_of_first_and_third_order() -> None:
    found = _lagged(Horizon(0.0, 20.0, 4, 1), 2.0, 4.0, 10.0, "smooth", 5.0)
    agrees(found, LAGGED, SMOOTHS)


def test_delays_of_first_and_third_order() -> None:
    found = _lagged(Horizon(0.0, 40.0, 1, 1), 4.0, 6.0, 15.0, "delay", 6.0)
    agrees(found, LAGGED, DELAYS)
