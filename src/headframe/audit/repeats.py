"""Repeated values: the same figure year after year, carried forward rather than counted anew."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from headframe.audit.discovery import thresholds
from headframe.audit.found import cell_at, key, made, odds, picture
from headframe.audit.grain import grains, steps
from headframe.audit.grid import Floats, Grid
from headframe.audit.options import AuditOptions
from headframe.audit.outcome import Outcome, covered
from headframe.audit.results import Finding, Severity, Step
from headframe.audit.variation import quantile, tail_of

DETECTOR = "repeats"
AROUND = 3  # steps on either side of a run
COMMON = 0.2  # share of equal steps in a column above which equal figures are its nature (land, counts of parks)


@dataclass(frozen=True)
class Runs:
    """For each place and year at which a run of equal figures begins: how many figures repeat it, and the chance."""

    length: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
    chance: Floats
    usual: float


def runs(values: Floats, *, relative: bool, bounds: tuple[float | None, float | None] = (None, None)) -> Runs:
    """Runs of equal figures in one column (place, year).

    A figure repeats the one before with a chance of at most q = max(rounding step × density of steps at zero, share of
    equal steps at other places); a run of r repetitions has chance qʳ. Figures at a bound of the plausible range
    (0 or 100 per cent) stay there by nature and are left out, and so are zeros.
    """
    known = np.isfinite(values) & (values != 0)
    for bound in bounds:
        if bound is not None:
            known &= values != bound
    y = np.where(known, values, np.nan)
    x = np.log(np.where(y > 0, y, np.nan)) if relative else y
    step = np.full(values.shape, np.nan)
    with np.errstate(invalid="ignore"):
        step[:, 1:] = np.diff(x, axis=1)
    equal = np.zeros(values.shape, dtype=bool)
    equal[:, 1:] = y[:, 1:] == y[:, :-1]
    tail = tail_of(np.where(equal, np.nan, step))
    with np.errstate(divide="ignore", invalid="ignore"):
        rounding = steps(grains(y)) / (quantile(np.abs(y), 0.5) if relative else 1.0)
        zero = np.full((len(y), 1), 0.0)
        density = np.exp(tail.log_density(zero, tail.scale[:, None]))[:, 0]
    lattice = np.where(np.isfinite(tail.scale), rounding * density, 1.0)
    pairs = np.isfinite(step).sum(axis=1)
    elsewhere = (equal.sum() - equal.sum(axis=1)) / np.maximum(pairs.sum() - pairs, 1)
    chance_of_one = np.clip(np.maximum(np.nan_to_num(lattice, nan=1.0), elsewhere), 1e-12, 1.0)
    length = np.zeros(values.shape, dtype=np.int64)
    for year in range(values.shape[1] - 2, -1, -1):
        length[:, year] = np.where(equal[:, year + 1], length[:, year + 1] + 1, 0)
    begins = np.isfinite(y) & ~equal
    chance = np.where(begins, chance_of_one[:, None] ** length, np.nan)
    usual = float(equal.sum() / pairs.sum()) if pairs.sum() else 0.0
    return Runs(np.where(begins, length, 0), chance, usual)


def repeats(grid: Grid, options: AuditOptions) -> Outcome:
    """Runs of equal figures that chance and the nature of their column do not explain."""
    found = []
    for number, head in enumerate(grid.columns):
        entry = grid.entries.get(head.indicator)
        bounds = entry.range if entry is not None else (None, None)
        one = runs(np.asarray(grid.printed[:, number, :]), relative=grid.relative(number), bounds=bounds)
        found.append(one if one.usual > COMMON else beside(grid, one, number))
    chances = [one.chance[np.isfinite(one.chance)] for one in found]
    lines, together = thresholds(chances, options.rate)
    findings = []
    known = np.isfinite(grid.values).sum(axis=2)
    checked = np.zeros_like(known)
    for number, one in enumerate(found):
        if one.usual > COMMON:
            continue
        checked[:, number] = np.where(np.isfinite(one.chance).any(axis=1), known[:, number], 0)
        passed = (one.length > 0) & (one.chance <= lines[number])
        for place, year in np.argwhere(passed).tolist():
            findings.append(_finding(grid, one, (place, number, year), float(one.chance[place, year])))
    tests = int(sum(chance.size for chance in chances))
    step = Step(detector=DETECTOR, tests=tests, listed=len(findings), rate=options.rate, threshold=together)
    return Outcome(tuple(findings), covered(grid, DETECTOR, checked, known, "equal-by-nature"), (step,))


def beside(grid: Grid, found: Runs, column: int) -> Runs:
    """The runs of a column with the chance of each beside the steps next to it."""
    chance = found.chance.copy()
    for place, year in np.argwhere(found.length > 0).tolist():
        chance[place, year] = nearby(grid, found, column, (place, year))
    return replace(found, chance=chance)


def nearby(grid: Grid, found: Runs, column: int, at: tuple[int, int]) -> float:
    """The chance of a run beside the steps next to it: a series that has come to rest repeats itself by nature.

    The chance of one repetition is at least rounding step / (2 × median |step| of the `AROUND` steps nearest to it).
    """
    place, year = at
    length = int(found.length[place, year])
    values = np.asarray(grid.printed[place, column])
    known = np.flatnonzero(np.isfinite(values))
    before, after = known[known <= year], known[known >= year + length]
    sizes = [*np.abs(np.diff(values[before]))[::-1][:AROUND], *np.abs(np.diff(values[after]))[:AROUND]]
    moved = [float(size) for size in sizes if size > 0]
    step = float(steps(grains(values[None]))[0])
    local = step / (2.0 * float(np.median(moved))) if moved else 1.0
    return max(float(found.chance[place, year]), min(1.0, local) ** length)


def _finding(grid: Grid, found: Runs, at: tuple[int, int, int], chance: float) -> Finding:
    place, column, year = at
    length = int(found.length[place, year])
    years = list(range(year + 1, year + 1 + length))
    cells = [cell_at(grid, (place, column, t)) for t in years]
    severity: Severity = "high" if length >= 4 else "medium" if length >= 2 else "low"
    return made(
        DETECTOR,
        "repeated",
        "repeated",
        cells,
        against=[cell_at(grid, (place, column, year))],
        values={"n": length, "first": str(grid.periods[year]), "odds": odds(chance), "usual": 100.0 * found.usual},
        severity=severity,
        treatment="low-reliability",
        chance=chance,
        score=float(length),
        picture=picture(grid, place, column, years),
        about=(key(cells[0]),),
    )
