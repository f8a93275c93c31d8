"""Faults of known kinds put into clean panels, to measure how many of them the detectors find.

Each fault says which cells it touched and whether a person who looks at the series could tell. What a person could
tell is taken from the figures alone and not from any detector: a fill of three figures or more that bends ten times
less than the figures around it do, a slip six times as large as the usual jump, and so on (`visible` of each maker).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from headframe.audit.clean import changed, named
from headframe.audit.grain import grains, steps
from headframe.audit.grid import Bools, Floats, Grid

SHARE = 0.08  # of the series get a fault
NOISE = 0.03  # of a noisy fill, in units of how far the replaced figures were from the line
CLOSER = 10.0  # times less bent than what is around it: then a person could tell a fill
AROUND = 10  # second differences nearest to a fill that say how the series bends by itself
CLEARER = 6.0  # times the usual jump: then a person could tell a slip


@dataclass(frozen=True)
class Spoilt:
    """A panel with faults: the cells that are wrong, and those of them that a person could tell."""

    grid: Grid
    wrong: Bools
    visible: Bools


Spoiler = Callable[[Grid, np.random.Generator], Spoilt]


def _series(grid: Grid, rng: np.random.Generator, share: float = SHARE) -> list[tuple[int, int]]:
    """Some series of amounts and shares with figures in every year, at random."""
    full = np.isfinite(grid.values).all(axis=2)
    places, columns = np.nonzero(full & (rng.random(full.shape) < share))
    skipped = {"gdp_growth_real", "gdp_per_head"}
    pairs = zip(places.tolist(), columns.tolist(), strict=True)
    return [(p, c) for p, c in pairs if grid.columns[c].indicator not in skipped]


def _spoilt(grid: Grid, values: Floats, wrong: Bools, visible: Bools | None = None) -> Spoilt:
    return Spoilt(changed(grid, values), wrong, wrong if visible is None else visible)


def filled(kind: str) -> Spoiler:
    """Fills of 1 to 12 years between two figures: `linear`, `rounded` (ten times coarser), `ratio`, `noisy`."""

    def spoil(grid: Grid, rng: np.random.Generator) -> Spoilt:
        values = grid.values.copy()
        wrong, visible = np.zeros(values.shape, dtype=bool), np.zeros(values.shape, dtype=bool)
        length = values.shape[2]
        for place, column in _series(grid, rng):
            number = int(rng.integers(1, 13))
            first = int(rng.integers(0, length - number - 1))
            inner = slice(first + 1, first + 1 + number)
            low, high = values[place, column, first], values[place, column, first + 1 + number]
            share = np.arange(1, number + 1) / (number + 1)
            line = low * (high / low) ** share if kind == "ratio" else low + (high - low) * share
            step = float(steps(grains(grid.values[place, column][None]))[0])
            away = float(np.sqrt(np.mean((values[place, column, inner] - line) ** 2)))
            made = line + (rng.normal(0.0, NOISE * away, number) if kind == "noisy" else 0.0)
            step *= 10.0 if kind == "rounded" else 1.0
            made = np.rint(made / step) * step
            values[place, column, inner] = made
            wrong[place, column, inner] = True
            told = seen(values[place, column], first, number, growth=kind == "ratio", rounding=step)
            visible[place, column, inner] = told and number >= (6 if kind == "noisy" else 3)
        return _spoilt(grid, values, wrong, visible)

    return spoil


def seen(series: Floats, first: int, number: int, *, growth: bool, rounding: float) -> bool:
    """Whether a person could tell the `number` figures after position `first` as a fill.

    A figure bends by |second difference| relative to the mean of the three figures, or by that of logarithms where
    growth is equal. The median bend of the ten figures nearest to the fill must be ten times that within it, which is
    taken as half a rounding step at least.
    """
    if growth:
        bend = np.abs(np.diff(np.log(series), n=2))
    else:
        bend = np.abs(np.diff(series, n=2)) / ((series[:-2] + series[1:-1] + series[2:]) / 3.0)
    inside = slice(first + 1, first + 1 + number)
    within = max(float(np.median(bend[first : first + number])), 0.5 * rounding / float(np.mean(series[inside])))
    centre = np.arange(1, len(series) - 1)
    away = np.maximum(first - centre, centre - first - number - 1)  # 0 at the ends of the fill, which are its kinks
    nearest = np.argsort(away, kind="stable")
    around = nearest[away[nearest] > 0][:AROUND]
    return bool(np.median(bend[around]) >= CLOSER * within)


def slipped(kind: str) -> Spoiler:
    """Figures times 10ᵐ, m = ±1, ±2, ±4: one inside a series, a run of 2 to 5, or the rest, a third at most."""

    def spoil(grid: Grid, rng: np.random.Generator) -> Spoilt:
        values = grid.values.copy()
        wrong, visible = np.zeros(values.shape, dtype=bool), np.zeros(values.shape, dtype=bool)
        length = values.shape[2]
        for place, column in _series(grid, rng, SHARE / 2):
            if not grid.relative(column):
                continue
            usual = float(np.median(np.abs(np.diff(np.log(values[place, column])))))
            power = int(rng.choice((-4, -2, -1, 1, 2, 4)))
            first = int(rng.integers(length * 2 // 3 if kind == "rest" else 1, length - 6))
            last = {"cell": first, "run": first + int(rng.integers(1, 5)), "rest": length - 1}[kind]
            at = slice(first, last + 1)
            values[place, column, at] *= 10.0**power
            wrong[place, column, at] = True
            visible[place, column, at] = abs(power) * np.log(10.0) >= CLEARER * usual
        return _spoilt(grid, values, wrong, visible)

    return spoil


def series_slipped(grid: Grid, rng: np.random.Generator) -> Spoilt:
    """Whole series times 10ᵐ, m = ±2, ±4: yuan for ten thousand yuan from beginning to end.

    A person could tell if the series then lies more than threefold outside the range of all other places' series.
    """
    values = grid.values.copy()
    wrong, visible = np.zeros(values.shape, dtype=bool), np.zeros(values.shape, dtype=bool)
    for place, column in _series(grid, rng, 0.01):
        if grid.relative(column):
            others = np.delete(grid.values[:, column], place, axis=0)
            middles = np.array([np.median(row[np.isfinite(row)]) for row in others if np.isfinite(row).any()])
            values[place, column] *= 10.0 ** int(rng.choice((-4, -2, 2, 4)))
            middle = float(np.median(values[place, column]))
            wrong[place, column] = True
            visible[place, column] = middle > 3.0 * middles.max() or middle < middles.min() / 3.0
    return _spoilt(grid, values, wrong, visible)


def repeated(grid: Grid, rng: np.random.Generator) -> Spoilt:
    """A figure carried forward for 1 to 5 years; a person could tell from two repetitions on in a series that moves."""
    values = grid.values.copy()
    wrong, visible = np.zeros(values.shape, dtype=bool), np.zeros(values.shape, dtype=bool)
    for place, column in _series(grid, rng):
        number = int(rng.integers(1, 6))
        first = int(rng.integers(0, values.shape[2] - number - 1))
        at = slice(first + 1, first + 1 + number)
        step = float(steps(grains(values[place, column][None]))[0])
        moved = float(np.median(np.abs(np.diff(values[place, column]))))
        values[place, column, at] = values[place, column, first]
        wrong[place, column, at] = True
        visible[place, column, at] = number >= 2 and moved >= CLOSER * step
    return _spoilt(grid, values, wrong, visible)


def unsummed(grid: Grid, rng: np.random.Generator) -> Spoilt:
    """One part of a total changed by 2 to 50 per cent, in one year; wrong are all parts."""
    values, wrong = grid.values.copy(), np.zeros(grid.values.shape, dtype=bool)
    parts = [named(grid, name) for name in ("primary_value_added", "secondary_value_added", "tertiary_value_added")]
    for place in np.flatnonzero(rng.random(len(grid.places)) < 0.3).tolist():
        year, part = int(rng.integers(values.shape[2])), int(rng.choice(parts))
        values[place, part, year] *= 1.0 + float(rng.choice((-1, 1))) * float(rng.uniform(0.02, 0.5))
        wrong[place, parts, year] = True
    return _spoilt(grid, values, wrong & np.isfinite(values))


def unquotiented(grid: Grid, rng: np.random.Generator) -> Spoilt:
    """Product per head off by 10 to 60 per cent in one year."""
    values, wrong = grid.values.copy(), np.zeros(grid.values.shape, dtype=bool)
    column = named(grid, "gdp_per_head")
    for place in np.flatnonzero(rng.random(len(grid.places)) < 0.3).tolist():
        year = int(rng.integers(values.shape[2]))
        values[place, column, year] = np.rint(values[place, column, year] * float(rng.uniform(1.1, 1.6)))
        wrong[place, column, year] = True
    return _spoilt(grid, values, wrong & np.isfinite(values))


def inflated(grid: Grid, rng: np.random.Generator) -> Spoilt:
    """Investment of one province inflated for years, 1.4- to 3-fold, and then corrected within one or three years.

    A person could tell if it was inflated six times as far as the ratio to product usually moves in such a span.
    """
    values = grid.values.copy()
    wrong, visible = np.zeros(values.shape, dtype=bool), np.zeros(values.shape, dtype=bool)
    column = named(grid, "fixed_asset_investment")
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(grid.values[:, column] / grid.values[:, named(grid, "gdp")])
    group = str(rng.choice(sorted(set(grid.groups))))
    inside = [p for p, name in enumerate(grid.groups) if name == group and rng.random() < 0.9]
    end = int(rng.integers(12, values.shape[2] - 4))
    fall = int(rng.choice((1, 3)))
    usual = float(np.nanmedian(np.abs(ratio[:, fall:] - ratio[:, :-fall])))
    for place in inside:
        factor = float(rng.uniform(1.4, 3.0))
        values[place, column, :end] *= factor
        fade = factor ** (1.0 - np.arange(1, fall + 1) / fall)
        values[place, column, end : end + fall] *= fade
        wrong[place, column, end - 1 : end + fall] = True
        visible[place, column, end - 1 : end + fall] = np.log(factor) >= CLEARER * usual
    return _spoilt(grid, values, wrong, visible)


def redrawn(grid: Grid, rng: np.random.Generator) -> Spoilt:
    """Places that gain or lose a tenth to a half of their people in one year, and part of the rest with them."""
    values = grid.values.copy()
    wrong, visible = np.zeros(values.shape, dtype=bool), np.zeros(values.shape, dtype=bool)
    people = named(grid, "population_registered")
    amounts = [n for n in range(len(grid.columns)) if grid.relative(n) and n != named(grid, "gdp_per_head")]
    for place in np.flatnonzero(rng.random(len(grid.places)) < 0.1).tolist():
        year, size = int(rng.integers(3, values.shape[2] - 3)), float(rng.choice((-1, 1)) * rng.uniform(0.1, 0.5))
        part = float(rng.uniform(0.4, 1.0))
        for column in amounts:
            by = size if column == people else size * part
            values[place, column, year:] *= np.exp(by)
        wrong[place, amounts, year] = True
        visible[place, people, year] = True
    return _spoilt(grid, values, wrong, visible)


def stopped(grid: Grid, rng: np.random.Generator) -> Spoilt:
    """Series that end 3 to 10 years early; wrong is their last figure."""
    values, wrong = grid.values.copy(), np.zeros(grid.values.shape, dtype=bool)
    for place, column in _series(grid, rng):
        last = values.shape[2] - 1 - int(rng.integers(3, 11))
        values[place, column, last + 1 :] = np.nan
        wrong[place, column, last] = True
    return _spoilt(grid, values, wrong)


def bunched(grid: Grid, rng: np.random.Generator) -> Spoilt:
    """Real growth less than half a point below 7 per cent put right above it, seven times in ten; wrong are those."""
    values, wrong = grid.values.copy(), np.zeros(grid.values.shape, dtype=bool)
    column = named(grid, "gdp_growth_real")
    table = values[:, column]
    near = np.isfinite(table) & (table >= 6.5) & (table < 7.0) & (rng.random(table.shape) < 0.7)
    table[near] = np.round(7.0 + 0.3 * rng.random(int(near.sum())), 1)
    wrong[:, column] = near
    return _spoilt(grid, values, wrong)


def invented(grid: Grid, rng: np.random.Generator) -> Spoilt:
    """Last digits of one column as a person would choose them: 3 and 7 three times as often as the others."""
    values, wrong = grid.values.copy(), np.zeros(grid.values.shape, dtype=bool)
    column = named(grid, str(rng.choice(("retail_sales", "hospital_beds", "employment_urban_units"))))
    table = values[:, column]
    known = np.isfinite(table)
    step = float(np.nanmin(steps(grains(table))))
    liked = np.array([1, 1, 1, 3, 1, 1, 1, 3, 1, 1], dtype=np.float64)
    digit = rng.choice(10, size=table.shape, p=liked / liked.sum())
    values[:, column] = np.where(known, np.floor(table / (10.0 * step)) * 10.0 * step + digit * step, np.nan)
    wrong[:, column] = known
    return _spoilt(grid, values, wrong)


def beyond(grid: Grid, rng: np.random.Generator) -> Spoilt:
    """Shares above 100 per cent and amounts below zero."""
    values, wrong = grid.values.copy(), np.zeros(grid.values.shape, dtype=bool)
    for place, column in _series(grid, rng, 0.03):
        year = int(rng.integers(values.shape[2]))
        value = values[place, column, year]
        values[place, column, year] = -value if grid.relative(column) else 100.0 + value
        wrong[place, column, year] = True
    return _spoilt(grid, values, wrong)


# Kind of fault → how it is made, and the detector that is there for it.
FAULTS: Mapping[str, tuple[Spoiler, str]] = {
    "linear": (filled("linear"), "fills"),
    "rounded": (filled("rounded"), "fills"),
    "ratio": (filled("ratio"), "fills"),
    "noisy": (filled("noisy"), "fills"),
    "repeated": (repeated, "repeats"),
    "slip": (slipped("cell"), "slips"),
    "slip-run": (slipped("run"), "slips"),
    "slip-rest": (slipped("rest"), "slips"),
    "series-slip": (series_slipped, "levels"),
    "sum": (unsummed, "sums"),
    "quotient": (unquotiented, "quotients"),
    "break": (inflated, "breaks"),
    "boundary": (redrawn, "boundaries"),
    "stop": (stopped, "stops"),
    "impossible": (beyond, "impossible"),
    "bunching": (bunched, "targets"),
    "digits": (invented, "last-digits"),
}
