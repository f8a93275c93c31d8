"""Paths over time as graphical functions: as few points as give every value on the grid of steps."""

from __future__ import annotations

import numpy as np

from headframe.engine.runs import Floats, Horizon, Runs
from headframe.engine.system import System
from headframe.engine.xmile.text import Points

ROUNDING = 8 * np.finfo(np.float64).eps


def thinned(times: Floats, values: Floats) -> Points:
    """The points of a path that a straight line between others would miss, the two ends included.

    The line through the points kept meets every given value to rounding (8 ε of the path's largest value), so that a
    jump from one point of the grid to the next stays between those two.
    """
    limit = ROUNDING * float(np.max(np.abs(values), initial=0.0))
    kept, start, last = [0], 0, len(values) - 1
    while start < last:
        start = _farthest(times, values, start, limit)
        kept.append(start)
    return tuple(times[kept].tolist()), tuple(values[kept].tolist())


def _farthest(times: Floats, values: Floats, start: int, limit: float) -> int:
    """The last point that a line from `start` can go to without missing one between (by doubling, then halving)."""
    reach, last = 1, len(values) - 1
    while start + 2 * reach <= last and _straight(times, values, (start, start + 2 * reach), limit):
        reach *= 2
    step = reach
    while step:
        if start + reach + step <= last and _straight(times, values, (start, start + reach + step), limit):
            reach += step
        else:
            step //= 2
    return start + reach


def _straight(times: Floats, values: Floats, ends: tuple[int, int], limit: float) -> bool:
    span = slice(ends[0], ends[1] + 1)
    line = np.interp(times[span], times[list(ends)], values[list(ends)])
    return bool(np.all(np.abs(line - values[span]) <= limit))


def path_values(system: System, horizon: Horizon, runs: Runs) -> dict[str, Floats]:
    """Levers, exogenous paths and events of the one run by name: (points of the horizon, *axes)."""
    points = horizon.points
    found = {}
    given = runs.paths[runs.path_set[0]]
    for slots, rows in ((system.paths, given), (system.events, runs.events.expand(0, system.events.rows, points))):
        for name in slots.names:
            found[name] = rows[:, slots.slice(name)].reshape(len(points), *slots.shape[name])
    return found
