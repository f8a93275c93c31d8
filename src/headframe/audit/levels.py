"""Whole series and whole columns that stand at the wrong level: units taken for one another from beginning to end.

A series is held against its cross-section: how large figures of this indicator are in places otherwise like it. A
column is held against its own past: in one year all places together jump by a power of ten (another unit in another
edition), or their figures no longer go with those of the years beside it (another quantity under the same heading).
"""

from __future__ import annotations

import numpy as np

from headframe.audit.discovery import threshold
from headframe.audit.found import cell_at, figure, made, odds, picture
from headframe.audit.grid import Bools, Floats, Grid
from headframe.audit.options import AuditOptions
from headframe.audit.outcome import Outcome, covered
from headframe.audit.results import Finding, Step
from headframe.audit.slips import POWERS, SHIFTS
from headframe.audit.variation import Tail, quantile, tail_of
from headframe.core.results import type_of_value

DETECTOR = "levels"
COMPONENTS = 3
FEWEST_PLACES = 20  # places, for a cross-section to say what is usual
WIDEST = 0.55  # ln units: where places that are alike differ more than this, no level is out of the ordinary
OUTER = 0.9  # quantile that gives the shape: few places, so further out a single slip would decide
SHARE_OF_PLACES = 0.6  # of the places must jump by the same power of ten for the column to have another unit
TOLERANCE = float(np.log(3.0))
LOOSE, TIGHT = 0.4, 0.8  # rank correlations of neighbouring years: below, and usually above


def traits(grid: Grid) -> Floats:
    """What places are like, as columns of a design (place, up to three): the leading principal components of the
    standardised medians of all amounts, each clipped at three spreads so that a wrong unit cannot lead them.
    """
    parts = []
    for number in range(len(grid.columns)):
        middle = medians(grid.column(number)) if grid.relative(number) else np.zeros(0)
        known = np.isfinite(middle)
        if known.sum() < FEWEST_PLACES:
            continue
        centre = np.median(middle[known])
        spread = 1.4826 * np.median(np.abs(middle[known] - centre))
        if spread > 0:
            parts.append(np.where(known, np.clip((middle - centre) / spread, -3.0, 3.0), 0.0))
    if len(parts) < 2:
        return np.full((len(grid.places), 1), np.nan)
    table = np.stack(parts, axis=1)
    left, strength, _ = np.linalg.svd(table - table.mean(axis=0), full_matrices=False)
    number = min(COMPONENTS, max(1, len(parts) // 3))
    return np.asarray(left[:, :number] * strength[:number])


def medians(values: Floats) -> Floats:
    """The median over the years of each place's logarithms; NaN where there are none."""
    logs = np.where(values > 0, np.log(np.where(values > 0, values, 1.0)), np.nan)
    return quantile(logs, 0.5)


def residuals(level: Floats, traits: Floats) -> Floats:
    """Levels less what places like them have: least absolute deviations by reweighting."""
    both = np.isfinite(level) & np.isfinite(traits).all(axis=1)
    found = np.full(level.shape, np.nan)
    if both.sum() < FEWEST_PLACES:
        return found
    design = np.column_stack([np.ones(int(both.sum())), traits[both]])
    weight = np.ones(len(design))
    left = level[both]
    for _ in range(30):
        root = np.sqrt(weight)[:, None]
        line, *_ = np.linalg.lstsq(design * root, level[both] * root[:, 0], rcond=None)
        left = level[both] - design @ line
        weight = 1.0 / np.maximum(np.abs(left), 1e-3)
    found[both] = left
    return found


def levels(grid: Grid, options: AuditOptions) -> Outcome:
    """Series a power of ten off their cross-section, columns that change their unit or their meaning in one year."""
    likeness = traits(grid)
    columns = [n for n in range(len(grid.columns)) if grid.relative(n)]
    chances = np.full((len(grid.places), len(grid.columns)), np.nan)
    powers = np.zeros_like(chances, dtype=np.int64)
    for number in columns:
        chances[:, number], powers[:, number] = _series_chances(medians(grid.column(number)), likeness)
    line = threshold(chances, options.rate)
    passed = np.argwhere(np.isfinite(chances) & (chances <= line))
    findings = [_series_finding(grid, int(p), int(c), int(powers[p, c]), float(chances[p, c])) for p, c in passed]
    for number in range(len(grid.columns)):
        findings += _column_findings(grid, number)
    known = np.isfinite(grid.values).sum(axis=2)
    checked = np.where(np.isfinite(chances), known, 0)
    step = Step(
        detector=DETECTOR,
        tests=int(np.isfinite(chances).sum()),
        listed=len(findings),
        rate=options.rate,
        threshold=line,
    )
    return Outcome(tuple(findings), covered(grid, DETECTOR, checked, known, "no-cross-section"), (step,))


def _series_chances(level: Floats, likeness: Floats) -> tuple[Floats, np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """Chance and power of ten for each place of a column: inverse of the mean likelihood ratio over the powers."""
    left = residuals(level, likeness)
    tail = _tail_of_places(left)
    powers = np.zeros(left.shape, dtype=np.int64)
    if tail is None:
        return np.full(left.shape, np.nan), powers
    known = np.isfinite(left)
    scale = np.full((int(known.sum()), 1), float(tail.scale[0]))
    away = left[known][:, None]
    ratio = tail.log_density(away - SHIFTS, scale) - tail.log_density(away, scale)
    top = ratio.max(axis=1)
    mean = top + np.log(np.exp(ratio - top[:, None]).mean(axis=1))
    chances = np.full(left.shape, np.nan)
    chances[known] = np.exp(-np.maximum(mean, 0.0))
    best = np.argmax(ratio, axis=1)
    fits = np.abs(left[known] - SHIFTS[best]) <= TOLERANCE
    powers[known] = np.asarray(POWERS)[best]
    chances[known] = np.where(fits, chances[known], 1.0)
    return chances, powers


def _tail_of_places(left: Floats) -> Tail | None:
    """How places that are alike differ; None where that is too much, or too few places are known."""
    known = left[np.isfinite(left)]
    if known.size < FEWEST_PLACES:
        return None
    tail = tail_of(known[None, :], OUTER)
    return tail if 0 < float(tail.scale[0]) <= WIDEST else None


def _series_finding(grid: Grid, place: int, column: int, power: int, chance: float) -> Finding:
    years = np.flatnonzero(np.isfinite(grid.values[place, column])).tolist()
    corrected = {grid.periods[t]: float(grid.values[place, column, t] / 10.0**power) for t in years}
    last = (place, column, years[-1])
    way = "large" if power > 0 else "small"
    replacement = figure(grid, last, corrected[grid.periods[years[-1]]])
    return made(
        DETECTOR,
        "unit-slip",
        f"series-{way}",
        [cell_at(grid, (place, column, t)) for t in years],
        values={"n": len(years), "factor": 10.0 ** abs(power), "odds": odds(chance), "replacement": replacement},
        severity="high",
        treatment="ask-source",
        chance=chance,
        score=float(abs(power)),
        replacement=replacement,
        picture=picture(grid, place, column, years, expected=corrected),
        about=("series",),
    )


def _column_findings(grid: Grid, number: int) -> list[Finding]:
    """A column whose places all jump by one power of ten, and one whose figures of a year go with no other year's."""
    values = grid.column(number)
    logs = np.where(values > 0, np.log(np.where(values > 0, values, 1.0)), np.nan)
    found = []
    steps_taken = np.diff(logs, axis=1)
    for year in range(1, len(grid.periods)):
        jump = steps_taken[:, year - 1]
        known = np.isfinite(jump)
        if known.sum() < FEWEST_PLACES:
            continue
        power = _shared_power(jump[known])
        if power:
            values_of: dict[str, type_of_value] = {"factor": 10.0 ** abs(power), "n": int(known.sum())}
            way = "large" if power > 0 else "small"
            found.append(_of_year(grid, number, year, known, f"column-{way}", values_of, float(abs(power))))
    return found + _scrambled(grid, number, logs)


def _shared_power(jump: Floats) -> int:
    """The power of ten by which most places jump together; 0 where there is none."""
    for power, shift in zip(POWERS, SHIFTS, strict=True):
        near = np.abs(jump - shift) < np.minimum(np.abs(jump), 0.5)
        if near.mean() >= SHARE_OF_PLACES:
            return power
    return 0


def _scrambled(grid: Grid, number: int, logs: Floats) -> list[Finding]:
    """Years whose figures do not rank places as the years before and after do, although those agree."""
    found = []
    for year in range(1, logs.shape[1] - 1):
        before, here, after = logs[:, year - 1], logs[:, year], logs[:, year + 1]
        known = np.isfinite(before) & np.isfinite(here) & np.isfinite(after)
        if known.sum() < FEWEST_PLACES:
            continue
        beside = rank_correlation(before[known], after[known])
        near = max(rank_correlation(before[known], here[known]), rank_correlation(here[known], after[known]))
        if beside >= TIGHT and near <= LOOSE:
            values: dict[str, type_of_value] = {"n": int(known.sum()), "near": near, "beside": beside}
            found.append(_of_year(grid, number, year, known, "column-other", values, beside - near))
    return found


def rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's rank correlation, equal figures in the order of places."""
    ranks = [np.argsort(np.argsort(part, kind="stable"), kind="stable").astype(np.float64) for part in (one, other)]
    spread = ranks[0].std() * ranks[1].std()
    return float(((ranks[0] - ranks[0].mean()) * (ranks[1] - ranks[1].mean())).mean() / spread) if spread else 0.0


def _of_year(
    grid: Grid, number: int, year: int, known: Bools, reason: str, values: dict[str, type_of_value], score: float
) -> Finding:
    places = np.flatnonzero(known).tolist()
    return made(
        DETECTOR,
        "unit-slip" if "factor" in values else "break",
        reason,
        [cell_at(grid, (place, number, year)) for place in places],
        values=values,
        severity="high",
        treatment="ask-source",
        decidable="yes",
        score=score,
        picture=picture(grid, places[0], number, [year]),
        about=(str(grid.periods[year]), "unit" if "factor" in values else "meaning"),
    )
