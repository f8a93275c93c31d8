"""Logarithms of a column's figures without the years' common shocks, and the jumps between neighbouring ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headframe.audit.grain import grains, steps
from headframe.audit.grid import Bools, Floats
from headframe.audit.traces import Ints
from headframe.audit.variation import Tail, quantile, tail_of

FEWEST_PLACES = 10  # places, for a year to have a common shock
# Where neither the series nor its column says how figures jump: an assumption, wide enough for small places.
ASSUMED = Tail(np.array([0.25]), 3.0)


@dataclass(frozen=True)
class Jumps:
    """Series moved to the left so that known figures come first.

    `x` logarithms less the common path, `jump[:, i]` = x[i] − x[i−1] (0 at the first), `scale[:, i]` the scale of that
    jump (its series' scale times the root of the years between), `order` leads back to the year, `common` is the
    common path by year.
    """

    x: Floats
    jump: Floats
    scale: Floats
    count: Ints
    order: Ints
    common: Floats
    tail: Tail
    assumed: bool

    @property
    def known(self) -> Bools:
        """Where there is a jump whose scale is known."""
        position = np.arange(self.x.shape[1])[None, :]
        return np.asarray((position >= 1) & (position < self.count[:, None]) & np.isfinite(self.scale))


def jumps(values: Floats, years: Ints) -> Jumps:
    """The jumps of one column (place, year); figures that are not positive count as missing."""
    y = np.where(values > 0, values, np.nan)
    common = common_path(np.log(y))
    x = np.log(y) - common[None, :]
    order = np.argsort(~np.isfinite(x), axis=1, kind="stable")
    left = np.take_along_axis(x, order, axis=1)
    times = np.asarray(years, dtype=np.float64)[order]
    count = np.isfinite(y).sum(axis=1)
    jump, gap = np.zeros_like(left), np.ones_like(left)
    jump[:, 1:] = np.diff(left, axis=1)
    gap[:, 1:] = np.diff(times, axis=1)
    inside = (np.arange(left.shape[1])[None, :] >= 1) & (np.arange(left.shape[1])[None, :] < count[:, None])
    standard = np.where(inside, jump / np.sqrt(np.where(inside, gap, 1.0)), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        rounding = np.nan_to_num(steps(grains(y)) / quantile(y, 0.5), nan=0.0, posinf=0.0)
    tail = tail_of(standard)
    assumed = not np.isfinite(tail.scale).any()
    if assumed:
        tail = Tail(np.full(len(left), float(ASSUMED.scale[0])), ASSUMED.shape)
    scale = np.maximum(tail.scale, rounding)[:, None] * np.sqrt(np.where(inside, gap, 1.0))
    return Jumps(left, np.where(inside, jump, 0.0), scale, count, order, common, tail, assumed)


def common_path(x: Floats) -> Floats:
    """The years' common shocks added up: median jump of all places with figures of both years; 0 where they are few."""
    path = np.zeros(x.shape[1])
    with np.errstate(invalid="ignore"):
        steps_taken = np.diff(x, axis=1)
    for year in range(1, x.shape[1]):
        here = steps_taken[:, year - 1]
        here = here[np.isfinite(here)]
        shock = float(np.median(here)) if here.size >= FEWEST_PLACES else 0.0
        path[year] = path[year - 1] + shock
    return path
