"""Digits: whether last digits are evenly spread, and whether first digits follow Benford's law.

What a person makes up has favourite digits. The tests speak of columns (and of provinces), never of a cell, and they
cannot show that anything was made up: rounding, heaping at thresholds and narrow ranges move digits too. Last digits
of nought come of rounding in the first place, so the other nine are tested. Tests are run only where their conditions
hold, and both a chance and a size of the departure are given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from headframe.audit.discovery import threshold
from headframe.audit.found import cell_at, made, odds
from headframe.audit.grain import grains
from headframe.audit.grid import Bools, Floats, Grid
from headframe.audit.options import AuditOptions
from headframe.audit.outcome import Outcome, covered
from headframe.audit.results import Checked, Finding, Step
from headframe.audit.traces import Ints
from headframe.core.results import Ref, type_of_value

LAST, FIRST = "last-digits", "benford"
FEWEST_LAST = 200  # figures: more than twenty expected of each last digit
FEWEST_FIRST = 100  # places in one year: about five expected of the rarest first digit
SIZE_LAST, SIZE_FIRST = 0.08, 0.08  # Cramér's V below which a departure is not worth a word, whatever its chance
DIGITS = 3  # a last digit counts if at least three stand before it: then nature spreads it evenly
DECADES = 2.0  # orders of magnitude that the middle 95 per cent must span for Benford's law
EVEN = np.full(9, 1.0 / 9.0)
BENFORD = np.log10(1.0 + 1.0 / np.arange(1, 10))


@dataclass(frozen=True)
class Test:
    """One test of digits: what it is about, counts, expected shares, chance and size (Cramér's V)."""

    column: int
    year: int | None
    group: str
    counts: Ints
    chance: float
    size: float


def chi_square(counts: Ints, shares: Floats) -> tuple[float, float]:
    """Chance of counts at least as uneven if the shares hold (Pearson's χ²), and Cramér's V = √(χ²/(n·(k − 1)))."""
    number = counts.sum()
    expected = number * shares
    statistic = float(((counts - expected) ** 2 / expected).sum())
    freedom = len(counts) - 1
    return float(stats.chi2.sf(statistic, freedom)), float(np.sqrt(statistic / (number * freedom)))


def last_digits(printed: Floats) -> tuple[Ints, Bools]:
    """The last digit of every figure at the rounding step of its column, and which figures count.

    The step is the finest power of ten that at least half of the column's figures need. Figures with fewer than
    `DIGITS` digits before the last one, and figures that end in nought, do not count.
    """
    grain = grains(printed)
    known = np.isfinite(grain) & (printed != 0)
    digit = np.full(printed.shape, -1, dtype=np.int64)
    if not known.any():
        return digit, known
    step = 10.0 ** np.floor(np.median(np.log10(grain[known])) + 1e-9)
    whole = np.rint(np.abs(np.where(known, printed, 0.0)) / step)
    counted = known & (whole >= 10.0**DIGITS) & (grain >= 0.999 * step) & (whole % 10 != 0)
    digit[counted] = (whole[counted] % 10).astype(np.int64)
    return digit, counted


def first_digits(values: Floats) -> tuple[Ints, Bools]:
    """The first digit of every figure above zero, and which figures there are."""
    counted = np.isfinite(values) & (values > 0)
    size = np.where(counted, values, 1.0)
    lead = size / 10.0 ** np.floor(np.log10(size) + 1e-12)
    return np.clip(np.floor(lead + 1e-9), 1, 9).astype(np.int64), counted


def spans(values: Floats) -> bool:
    """Whether the middle 95 per cent of the figures span at least two orders of magnitude."""
    low, high = np.quantile(values, (0.025, 0.975))
    return bool(low > 0 and np.log10(high / low) >= DECADES)


def tests_of_last(grid: Grid) -> Iterator[Test]:
    """One test for each column with enough figures, and one for each province in it that has enough by itself."""
    groups = np.asarray(grid.groups, dtype=object)
    for column in range(len(grid.columns)):
        digit, counted = last_digits(np.asarray(grid.printed[:, column, :]))
        for group in ("", *sorted({name for name in grid.groups if name})):
            inside = counted & (np.ones_like(groups, dtype=bool) if not group else groups == group)[:, None]
            if inside.sum() >= FEWEST_LAST:
                counts = np.bincount(digit[inside] - 1, minlength=9)
                yield Test(column, None, group, counts, *chi_square(counts, EVEN))


def tests_of_first(grid: Grid) -> Iterator[Test]:
    """One test for each column in its best-filled year: figures of one place in several years are not independent."""
    for column in range(len(grid.columns)):
        values = grid.column(column)
        if not grid.relative(column):
            continue
        digit, counted = first_digits(values)
        year = int(counted.sum(axis=0).argmax())
        here = counted[:, year]
        if here.sum() >= FEWEST_FIRST and spans(values[here, year]):
            counts = np.bincount(digit[here, year] - 1, minlength=9)
            yield Test(column, year, "", counts, *chi_square(counts, BENFORD))


def digits(grid: Grid, options: AuditOptions) -> Outcome:
    """Columns (and provinces) whose last digits are unevenly spread, and columns that depart from Benford's law."""
    findings: list[Finding] = []
    stages: list[Step] = []
    coverage: list[Checked] = []
    known = np.isfinite(grid.values).sum(axis=2)
    for name, found, least in (
        (LAST, list(tests_of_last(grid)), SIZE_LAST),
        (FIRST, list(tests_of_first(grid)), SIZE_FIRST),
    ):
        line = threshold(np.array([test.chance for test in found]), options.rate)
        passed = [test for test in found if test.chance <= line and test.size >= least]
        findings += [_finding(grid, name, test) for test in passed]
        stages.append(Step(detector=name, tests=len(found), listed=len(passed), rate=options.rate, threshold=line))
        tested = {test.column for test in found}
        checked = np.array([[n in tested for n in range(len(grid.columns))]] * len(grid.places)) * known
        coverage += covered(grid, name, checked.reshape(known.shape), known, f"{name}-conditions")
    return Outcome(tuple(findings), tuple(coverage), tuple(stages))


def _finding(grid: Grid, name: str, test: Test) -> Finding:
    groups = np.asarray(grid.groups, dtype=object)
    inside = np.ones(len(grid.places), dtype=bool) if not test.group else groups == test.group
    years = [test.year] if test.year is not None else [len(grid.periods) - 1]
    places = np.flatnonzero(inside & np.isfinite(grid.values[:, test.column]).any(axis=1)).tolist()
    shares = test.counts / test.counts.sum()
    expected = EVEN if name == LAST else BENFORD
    most = int(np.argmax(shares - expected))
    values: dict[str, type_of_value] = {
        "n": int(test.counts.sum()),
        "digit": most + 1,
        "share": 100.0 * float(shares[most]),
        "expected": 100.0 * float(expected[most]),
        "odds": odds(test.chance),
        "size": test.size,
    }
    if test.group:
        values["group"] = Ref(kind="place", id=test.group)
    last = [max(np.flatnonzero(np.isfinite(grid.values[p, test.column])).tolist()) for p in places]
    cells = [
        cell_at(grid, (place, test.column, years[0] if test.year is not None else year))
        for place, year in zip(places, last, strict=True)
    ]
    return made(
        name,
        "digits",
        f"{name}-group" if test.group else name,
        cells,
        values=values,
        severity="low",
        treatment="keep",
        decidable="no",
        chance=test.chance,
        score=test.size,
        about=(test.group,),
    )
