"""Slips of unit: figures ten, a hundred, a thousand or ten thousand times too large or too small.

A slip is held against the ordinary way of the series by a likelihood ratio: how probable are the jumps into and out of
the figures if they were multiplied by 10ᵐ, beside how probable they are if nothing happened. The mean of such ratios
over everything that was looked at has expectation 1 where nothing happened, so its inverse is a chance (Markov).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headframe.audit.discovery import thresholds
from headframe.audit.found import cell_at, figure, key, made, odds, picture
from headframe.audit.grid import Floats, Grid
from headframe.audit.jumps import Jumps, jumps
from headframe.audit.options import AuditOptions
from headframe.audit.outcome import Outcome, covered
from headframe.audit.results import Finding, Severity, Step, Treatment
from headframe.audit.traces import Ints
from headframe.core.results import type_of_value

DETECTOR = "slips"
POWERS = (-4, -3, -2, -1, 1, 2, 3, 4)
SHIFTS = np.log(10.0) * np.asarray(POWERS, dtype=np.float64)
# Prior shares of a single figure, a run that ends, a run that lasts to the end: so the ratios' mean stays 1.
SINGLE, ENDING, LASTING = 0.5, 0.25, 0.25
FEWEST = 3


@dataclass(frozen=True)
class Slip:
    """Figures at `years` (positions in the grid) of one series, 10^power times what they should be.

    `lasting`: the run reaches the first or the last figure. `fits`: without the slip the series goes on as before;
    where it does not, the figures are out of the series' way, but no power of ten explains them.
    """

    place: int
    column: int
    years: tuple[int, ...]
    power: int
    chance: float
    lasting: bool
    fits: bool = True
    after: int = 0  # the year right after its first jump


@dataclass(frozen=True)
class Ratios:
    """For every series and start: ln of the mean likelihood ratio, and the best end and power."""

    log_mean: Floats
    end: Ints
    power: Ints


def ratios(found: Jumps) -> Ratios:
    """Likelihood ratios of slips that begin at each figure, over all ends and powers, weighted to a mean of 1."""
    into, out = _sides(found)
    rows, length, powers = into.shape
    log_mean = np.full((rows, length), -np.inf)
    end, power = np.zeros((rows, length), dtype=np.int64), np.zeros((rows, length), dtype=np.int64)
    active = np.flatnonzero(found.count >= FEWEST)
    last = found.count[active] - 1
    longest = int(last.max(initial=-1)) + 1
    # The jump out of a run that ends at a figure is the one after it; after the last figure there is none.
    ending = np.concatenate([out[active, 1:longest], np.zeros((active.size, 1, powers))], axis=1)
    for start in range(longest):
        weight = _weights(start, longest, last) - np.log(powers)
        ratio = into[active, start][:, None] + ending[:, start:] + weight[:, :, None]
        flat = ratio.reshape(active.size, -1)
        best = np.argmax(flat, axis=1)
        end[active, start], power[active, start] = start + best // powers, best % powers
        log_mean[active, start] = _log_sum(flat)
    return Ratios(log_mean, end, power)


def _sides(found: Jumps) -> tuple[Floats, Floats]:
    """The ln ratios of the jump into a slip (at its first figure) and out of it (at the figure after), by power."""
    known = found.known[:, :, None]
    scale = np.where(found.known, found.scale, 1.0)[:, :, None]
    jump = found.jump[:, :, None]
    plain = found.tail.log_density(jump, scale)
    into = np.where(known, found.tail.log_density(jump - SHIFTS, scale) - plain, 0.0)
    out = np.where(known, found.tail.log_density(jump + SHIFTS, scale) - plain, 0.0)
    return into, out


def _weights(start: int, length: int, last: Ints) -> Floats:
    """The ln of the prior share of runs from `start` to each later position (series, position), −∞ where the series,
    whose last position is `last`, has none; a run of the whole series is none.
    """
    stop, final = np.arange(start, length)[None, :], last[:, None]
    within = np.maximum(final - start - 1, 1)  # runs longer than one that end before the last figure
    share = np.where(stop == start, SINGLE, ENDING / within)
    share = np.where(stop == final, np.where(stop == start, SINGLE + LASTING, LASTING), share)
    usable = (stop <= final) & ~((stop == final) & (start == 0))
    return np.where(usable, np.log(share), -np.inf)


def _log_sum(values: Floats) -> Floats:
    top = values.max(axis=1)
    safe = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        return np.where(np.isfinite(top), safe + np.log(np.exp(values - safe[:, None]).sum(axis=1)), -np.inf)


def slips(grid: Grid, options: AuditOptions) -> Outcome:
    """Single figures and runs of figures that are off by a power of ten from their own series."""
    columns = [n for n in range(len(grid.columns)) if grid.relative(n)]
    searched = {n: jumps(grid.column(n), grid.years) for n in columns}
    looked = {n: ratios(found) for n, found in searched.items()}
    chances = [np.exp(-np.maximum(looked[n].log_mean, 0.0)) for n in columns]
    tested = [np.isfinite(looked[n].log_mean) for n in columns]
    lines, together = thresholds([c[t] for c, t in zip(chances, tested, strict=True)], options.rate)
    listed: list[Slip] = []
    for number, column in enumerate(columns):
        passed = tested[number] & (chances[number] <= lines[number])
        for place in np.flatnonzero(passed.any(axis=1)).tolist():
            listed += _of_series(searched[column], looked[column], chances[number], passed, (place, column))
    findings = tuple(_finding(grid, slip) for slip in listed)
    known = np.isfinite(grid.values).sum(axis=2)
    checked = np.zeros_like(known)
    for column in columns:
        enough = searched[column].count >= FEWEST
        checked[:, column] = np.where(enough, known[:, column], 0)
    step = Step(
        detector=DETECTOR,
        tests=int(sum(t.sum() for t in tested)),
        listed=len(findings),
        rate=options.rate,
        threshold=together,
    )
    return Outcome(findings, covered(grid, DETECTOR, checked, known, "short-or-share"), (step,))


def _of_series(
    found: Jumps, looked: Ratios, chances: Floats, passed: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    where: tuple[int, int],
) -> list[Slip]:  # fmt: skip
    """The slips of one series, the most certain first, none sharing a jump with another."""
    place, column = where
    used: set[int] = set()
    listed: list[Slip] = []
    last = int(found.count[place]) - 1
    for start in sorted(np.flatnonzero(passed[place]).tolist(), key=lambda at: (float(chances[place, at]), -at)):
        stop, power = int(looked.end[place, start]), POWERS[int(looked.power[place, start])]
        edges = ({start} if start else set()) | ({stop + 1} if stop < last else set())
        if edges & used:
            continue
        used |= edges
        lasting = start == 0 or stop == last
        fits = _fits(found, place, (start, stop, last), power)
        first, final, by = _shorter(start, stop, last, power) if lasting else (start, stop, power)
        years = tuple(found.order[place, first : final + 1].tolist())
        after = int(found.order[place, start or stop + 1])
        listed.append(Slip(place, column, years, by, float(chances[place, start]), lasting, fits, after))
    return listed


def _fits(found: Jumps, place: int, run: tuple[int, int, int], power: int) -> bool:
    """Whether the series goes on as before once the slip is taken out: within a factor of two at both of its ends."""
    start, stop, last = run
    shift = power * np.log(10.0)
    left = abs(found.jump[place, start] - shift) if start else 0.0
    right = abs(found.jump[place, stop + 1] + shift) if stop < last else 0.0
    return bool(max(left, right) <= np.log(2.0))


def _shorter(start: int, stop: int, last: int, power: int) -> tuple[int, int, int]:
    """Of the two sides of a single jump the shorter one; which of them is off cannot be seen in the series itself."""
    if stop - start + 1 <= (last + 1) - (stop - start + 1):
        return start, stop, power
    return (stop + 1, last, -power) if start == 0 else (0, start - 1, -power)


def _finding(grid: Grid, slip: Slip) -> Finding:
    indices = [(slip.place, slip.column, t) for t in slip.years]
    series = grid.values[slip.place, slip.column]
    corrected = {grid.periods[t]: float(series[t] / 10.0**slip.power) for t in slip.years}
    replacement = figure(grid, indices[0], corrected[grid.periods[slip.years[0]]])
    printed = figure(grid, indices[0], float(series[slip.years[0]])).model_copy(update={"status": "A"})
    values: dict[str, type_of_value] = {"n": len(indices), "value": printed, "odds": odds(slip.chance)}
    severity: Severity = "high" if slip.fits and not slip.lasting else "medium"
    treatment: Treatment = "replace" if severity == "high" else "ask-source"
    if slip.fits:
        values |= {"factor": 10.0 ** abs(slip.power), "replacement": replacement}
    return made(
        DETECTOR,
        "unit-slip" if slip.fits else "spike",
        _reason(slip),
        [cell_at(grid, index) for index in indices],
        values=values,
        severity=severity,
        treatment=treatment,
        chance=slip.chance,
        score=float(abs(slip.power)),
        replacement=replacement if slip.fits else None,
        picture=picture(grid, slip.place, slip.column, slip.years, expected=corrected if slip.fits else None),
        about=(key(cell_at(grid, (slip.place, slip.column, slip.after))),),
    )


def _reason(slip: Slip) -> str:
    if not slip.fits:
        return "step-unexplained" if slip.lasting else "spike"
    way = "large" if slip.power > 0 else "small"
    return f"slip-lasting-{way}" if slip.lasting else f"slip-{way}"
