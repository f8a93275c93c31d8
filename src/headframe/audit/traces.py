"""Series made ready for the search for straight runs: gaps closed, with rounding and density beside every figure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headframe.audit.grain import grains, steps
from headframe.audit.grid import Floats
from headframe.audit.variation import density

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Traces:
    """Series side by side, each moved to the left so that its known figures come first.

    `x` figures (or their logarithms), `times` their years, `count` how many; `grain` the rounding step that each
    printed figure shows and `step` that of its series, in printed units; `scale` turns printed units into units of x;
    `dense` bounds the density of the figure given those before it, per unit of x; `order` leads back to the year.
    """

    x: Floats
    times: Floats
    count: Ints
    grain: Floats
    step: Floats
    scale: Floats
    dense: Floats
    order: Ints

    @property
    def testable(self) -> NDArray[np.bool_]:
        """The series of which enough is known to say what is improbable."""
        return np.asarray(np.isfinite(self.dense[:, 0]) & (self.count >= 3))

    def windows(self) -> NDArray[np.bool_]:
        """Where a run of at least three figures can begin."""
        length = self.x.shape[1]
        return np.asarray((self.count[:, None] - 2 > np.arange(length)[None, :]) & self.testable[:, None])


def traces(values: Floats, years: Ints, *, relative: bool, logarithm: bool = False) -> Traces:
    """The traces of one column's series (place, year); with `logarithm` a run of equal growth is a straight one.

    `relative`: variation is in proportion to the level. Figures that have no logarithm count as missing.
    """
    y = np.where(values > 0, values, np.nan) if logarithm else values
    grain = grains(y)
    step = steps(grain)
    size = np.abs(y)
    if logarithm:
        x, scale, level = np.log(y), 1.0 / size, np.where(np.isfinite(y), 1.0, np.nan)
    else:
        level = np.where(size > 0, size, np.nan) if relative else np.where(np.isfinite(y), 1.0, np.nan)
        x, scale = y, np.where(np.isfinite(y), 1.0, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        bound = density(x, step[:, None] * scale, level)
        dense = bound[:, None] / level
    order = np.argsort(~np.isfinite(y), axis=1, kind="stable")

    def left(table: Floats) -> Floats:
        return np.take_along_axis(table, order, axis=1)

    times = np.asarray(years, dtype=np.float64)[order]
    # A zero has no level and so no density of its own: the series' bound per unit is taken as infinite there.
    dense = np.where(np.isfinite(y), np.where(np.isfinite(dense), dense, np.inf), np.nan)
    count = np.isfinite(y).sum(axis=1)
    return Traces(left(x), times, count, left(grain), step, left(scale), left(dense), order)


def stacked(parts: list[Traces]) -> Traces:
    """Several columns' traces below one another, so that they are searched in one pass."""
    names = ("x", "times", "count", "grain", "step", "scale", "dense", "order")
    return Traces(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
