"""How probable it is that figures lie as close to one straight line as they do.

Both searches look at every run of at least three figures from every start, and rest on one argument: if the density of
a figure given those before it is nowhere above f, then the chance that the k figures after the first two fall into a
region of volume V is at most fᵏ·V. `scatter` takes for the region all figures whose sum of squares around their line is
no larger (which also finds fills with a little noise), `band` all figures within half a rounding step of one line
(which is sharper for long runs of coarse figures).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from headframe.audit.grid import Floats
from headframe.audit.traces import Ints, Traces


@dataclass(frozen=True)
class Runs:
    """For every series and start: ln of the chance of its most striking run (0: nothing striking), and where it ends.

    Start and end are positions among the known figures of the series.
    """

    log_chance: Floats
    end: Ints


def scatter(lines: Traces) -> Runs:
    """Runs with little scatter around their least-squares line.

    With R² the residual sum of squares, X the design (1, t), k = m − 2 and rounding step g the chance is at most

        (R + g√k/2)ᵏ · π^(k/2)/Γ(k/2 + 1) · √det(X′X)/(t₂ − t₁) · Π fₜ · k(k + 1),

    the first factors being the volume of {residual sum ≤ R²} over the last k figures (the determinant of their block of
    the residual maker is (t₂ − t₁)²/det X′X), g√k/2 allowing for figures on a lattice, and k(k + 1) the price of
    looking at every length, since Σ 1/k(k + 1) = 1.
    """
    rows, length = lines.x.shape
    best, end = np.zeros((rows, length)), np.full((rows, length), -1, dtype=np.int64)
    for start in range(length - 2):
        active = np.flatnonzero((lines.count > start + 2) & lines.testable)
        if active.size:
            chance, where = _scatter_from(lines, active, start)
            best[active, start], end[active, start] = chance, where
    return Runs(best, end)


def _scatter_from(lines: Traces, active: Ints, start: int) -> tuple[Floats, Ints]:
    """The ln chance and end of the most striking run that begins at one position, for the active series."""
    last = int(lines.count[active].max())
    cut = slice(start, last)
    t = lines.times[active, cut] - lines.times[active, start][:, None]
    x = lines.x[active, cut] - lines.x[active, start][:, None]
    position = np.arange(start, last)[None, :]
    known = position < lines.count[active][:, None]
    t, x = np.where(known, t, 0.0), np.where(known, x, 0.0)
    number = np.arange(1, last - start + 1, dtype=np.float64)[None, :]
    residual = _residual_sums(t, x, number)
    st, stt = np.cumsum(t, axis=1), np.cumsum(t * t, axis=1)
    k = number - 2.0
    with np.errstate(divide="ignore", invalid="ignore"):
        determinant = 0.5 * np.log(number * stt - st * st) - np.log(t[:, 1:2])
        lattice = np.minimum.accumulate(np.where(known, lines.grain[active, cut], np.inf), axis=1)
        square = np.cumsum(np.where(known, lines.scale[active, cut], 0.0)[:, 2:] ** 2, axis=1)
        radius = np.sqrt(residual[:, 2:]) + 0.5 * lattice[:, 2:] * np.sqrt(square)
        dense = np.cumsum(np.log(lines.dense[active, cut])[:, 2:], axis=1)
        k = k[:, 2:]
        volume = 0.5 * k * np.log(np.pi) - gammaln(0.5 * k + 1.0) + k * np.log(radius)
        chance = volume + dense + determinant[:, 2:] + np.log(k * (k + 1.0))
    chance = np.where(known[:, 2:] & ~np.isnan(chance), np.minimum(chance, 0.0), 0.0)
    found = np.argmin(chance, axis=1)
    value = np.take_along_axis(chance, found[:, None], axis=1)[:, 0]
    return value, np.where(value < 0.0, found + start + 2, -1)


def _residual_sums(t: Floats, x: Floats, number: Floats) -> Floats:
    """Residual sum of squares of the least-squares line through the first n figures, for every n, row by row.

    Recursive residuals, so that an exact line has residuals of the size of rounding errors whatever its level.
    """
    st, stt = np.cumsum(t, axis=1), np.cumsum(t * t, axis=1)
    sx, stx = np.cumsum(x, axis=1), np.cumsum(t * x, axis=1)
    n = number[:, :-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_t, mean_x = st[:, :-1] / n, sx[:, :-1] / n
        spread = stt[:, :-1] - n * mean_t * mean_t
        slope = (stx[:, :-1] - n * mean_t * mean_x) / spread
        ahead = t[:, 1:] - mean_t
        error = x[:, 1:] - mean_x - slope * ahead
        square = error * error / (1.0 + 1.0 / n + ahead * ahead / spread)
    square[:, :1] = 0.0  # two figures are always on a line
    summed = np.cumsum(np.nan_to_num(square, nan=0.0, posinf=0.0), axis=1)
    return np.concatenate([np.zeros((len(t), 1)), summed], axis=1)


def band(lines: Traces) -> Runs:
    """Runs that stay within half a rounding step of one line.

    A line through all figures within hₜ exists if and only if the slopes allowed by each pair of them,
    (xⱼ − xᵢ ± (hᵢ + hⱼ))/(tⱼ − tᵢ), have one in common. Given the slopes allowed so far, the next figure must fall
    into an interval of width w; on a lattice of step g that has a chance of at most (w + g)·f. The chance of a run is
    the product, its end being where the next figure falls outside.
    """
    rows, length = lines.x.shape
    best, end = np.zeros((rows, length)), np.full((rows, length), -1, dtype=np.int64)
    half = 0.5 * lines.step[:, None] * lines.scale
    for start in range(length - 2):
        active = np.flatnonzero((lines.count > start + 2) & lines.testable)
        if active.size:
            _band_from(lines, half, active, start, (best, end))
    return Runs(best, end)


def _band_from(lines: Traces, half: Floats, active: Ints, start: int, out: tuple[Floats, Ints]) -> None:
    """Follow the bands that begin at one position until each is left; `out` is filled for the active series."""
    best, end = out
    x, t = lines.x, lines.times
    rise = x[active, start + 1] - x[active, start]
    slack = half[active, start] + half[active, start + 1]
    years = t[active, start + 1] - t[active, start]
    low, high = (rise - slack) / years, (rise + slack) / years
    chance = np.zeros(active.size)
    lattice = np.minimum(lines.grain[active, start], lines.grain[active, start + 1])
    for at in range(start + 2, int(lines.count[active].max())):
        keep = lines.count[active] > at
        active, low, high = active[keep], low[keep], high[keep]
        chance, lattice = chance[keep], lattice[keep]
        past = slice(start, at)
        ahead = t[active, at][:, None] - t[active, past]
        here, around = half[active, at], half[active, past]
        top = (x[active, past] + around + high[:, None] * ahead).min(axis=1) + here
        bottom = (x[active, past] - around + low[:, None] * ahead).max(axis=1) - here
        lattice = np.minimum(lattice, lines.grain[active, at])
        step = lattice * lines.scale[active, at]
        with np.errstate(invalid="ignore"):
            likely = (np.maximum(top - bottom, 0.0) + step) * lines.dense[active, at]
        chance = chance + np.log(np.minimum(likely, 1.0))
        rise = x[active, at][:, None] - x[active, past]
        slack = here[:, None] + around
        low = np.maximum(low, ((rise - slack) / ahead).max(axis=1))
        high = np.minimum(high, ((rise + slack) / ahead).min(axis=1))
        inside = low <= high + 1e-12 * np.abs(high)
        active, low, high = active[inside], low[inside], high[inside]
        chance, lattice = chance[inside], lattice[inside]
        if not active.size:
            return
        better = chance < best[active, start]
        best[active[better], start] = chance[better]
        end[active[better], start] = at


def unchanged(lines: Traces) -> NDArray[np.int64]:
    """How many steps up to each position are between equal figures: a run of equal figures is no straight-line fill."""
    equal = (np.diff(lines.x, axis=1) == 0.0).astype(np.int64)
    return np.concatenate([np.zeros((len(lines.x), 1), dtype=np.int64), np.cumsum(equal, axis=1)], axis=1)
