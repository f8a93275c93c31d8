"""Growth just above its target: more figures right above a published target than right below it.

A density that jumps at the target can come of effort as well as of the pen; the test tells that the target, and not
chance, sorts the figures, and it says nothing on any single figure. Figures printed to a tenth heap at whole and half
per cents whatever the target, so the same statistic is taken at thresholds that are no targets, and the target must
stand out among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from headframe.audit.discovery import threshold
from headframe.audit.found import cell_at, made, odds
from headframe.audit.grid import Bools, Floats, Grid
from headframe.audit.options import AuditOptions
from headframe.audit.outcome import Outcome, covered
from headframe.audit.results import Finding, Step
from headframe.audit.rules import rules
from headframe.core.results import Ref, type_of_value

DETECTOR = "targets"
WIDTH = 0.5  # percentage points on either side of the target
FEWEST = 40  # figures within the width, for a test
REACH = 3.0  # percentage points on either side in which other thresholds are taken
SPACING = 0.5


@dataclass(frozen=True)
class Jump:
    """Figures right below and right above a threshold; `ratio` = ln((above + ½)/(below + ½)); `chance` one-sided.

    `placebo` is the share of other thresholds, equally round, at which the ratio is at least as large.
    """

    below: int
    above: int
    ratio: float
    chance: float
    placebo: float


def counts(distance: Floats, at: float, width: float = WIDTH) -> tuple[int, int]:
    """How many distances lie within `width` below `at`, and how many at it or within `width` above."""
    moved = distance - at
    slack = 1e-9
    below = int(((moved < -slack) & (moved >= -width - slack)).sum())
    above = int(((moved >= -slack) & (moved < width - slack)).sum())
    return below, above


def jump(distance: Floats) -> Jump | None:
    """The jump of the density of distances from the target at zero; None where too few figures are near it.

    Under a density that is smooth at the target, a figure near it falls on either side with a probability p that
    follows from the density around: p is taken from the mean of the neighbouring intervals' log ratios, which allows
    for a slope. The chance is P(Binomial(n, p) ≥ above).
    """
    known = distance[np.isfinite(distance)]
    below, above = counts(known, 0.0)
    if below + above < FEWEST:
        return None
    places = [x for x in np.arange(-REACH, REACH + SPACING / 2, SPACING) if abs(x) > WIDTH - 1e-9]
    others = []
    for at in places:
        under, over = counts(known, float(at))
        if under + over >= FEWEST / 2:
            others.append(_ratio(under, over))
    ratio = _ratio(below, above)
    around = [other for at, other in zip(places, others, strict=False) if abs(at) <= 2 * WIDTH + 1e-9]
    slope = float(np.mean(around)) if around else 0.0
    share = 1.0 / (1.0 + np.exp(-slope))
    chance = float(stats.binom.sf(above - 1, below + above, min(max(share, 0.5), 0.9)))
    placebo = (1 + sum(other >= ratio for other in others)) / (1 + len(others))
    return Jump(below, above, ratio, chance, float(placebo))


def _ratio(below: int, above: int) -> float:
    return float(np.log((above + 0.5) / (below + 0.5)))


def distances(grid: Grid, column: int, targets: Mapping[tuple[str, int], float]) -> Floats:
    """Growth less its target by place and year; the target of the place's province, else the one for all."""
    found = np.full((len(grid.places), len(grid.periods)), np.nan)
    for place, group in enumerate(grid.groups):
        for year, period in enumerate(grid.periods):
            target = targets.get((group, period), targets.get(("", period)))
            if target is not None:
                found[place, year] = grid.values[place, column, year] - target
    return found


def targets(grid: Grid, options: AuditOptions) -> Outcome:
    """Groups (and all places together) whose growth bunches just above its target."""
    groups = np.asarray(grid.groups, dtype=object)
    known = np.isfinite(grid.values).sum(axis=2)
    checked = np.zeros_like(known)
    found: list[tuple[int, str, Jump, Bools]] = []
    for name in rules().targets:
        for column in grid.where(name):
            away = distances(grid, column, options.targets)
            checked[:, column] = np.isfinite(away).sum(axis=1)
            for group in ("", *sorted({item for item in grid.groups if item})):
                inside = np.ones(len(groups), dtype=bool) if not group else np.asarray(groups == group, dtype=bool)
                one = jump(away[inside])
                if one is not None:
                    found.append((column, group, one, inside[:, None] & _near(away)))
    line = threshold(np.array([one.chance for _, _, one, _ in found]), options.rate)
    findings = [
        _finding(grid, column, group, one, near)
        for column, group, one, near in found
        if one.chance <= line and one.placebo <= options.rate * 2
    ]
    step = Step(detector=DETECTOR, tests=len(found), listed=len(findings), rate=options.rate, threshold=line)
    return Outcome(tuple(findings), covered(grid, DETECTOR, checked, known, "no-target"), (step,))


def _near(away: Floats) -> Bools:
    """Figures at their target or less than the width above it."""
    with np.errstate(invalid="ignore"):
        return np.asarray((away >= -1e-9) & (away < WIDTH - 1e-9))


def _finding(grid: Grid, column: int, group: str, one: Jump, near: Bools) -> Finding:
    values: dict[str, type_of_value] = {
        "n": one.above,
        "below": one.below,
        "width": WIDTH,
        "odds": odds(one.chance),
    }
    if group:
        values["group"] = Ref(kind="place", id=group)
    cells = [cell_at(grid, (int(p), column, int(t))) for p, t in np.argwhere(near)]
    return made(
        DETECTOR,
        "bunching",
        "bunching-group" if group else "bunching",
        cells,
        values=values,
        severity="low",
        treatment="keep",
        decidable="no",
        chance=one.chance,
        score=one.ratio,
        about=(group,),
    )
