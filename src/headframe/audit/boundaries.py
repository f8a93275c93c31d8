"""Boundary jumps: people, product and the rest of a place all step to another level in one year, and stay there.

A district that joins a city brings its people, its shops and its beds along. So a change of boundaries is a step of
one size in several series at once, which no fault in a single table imitates; it is no fault at all, but figures on
its two sides must not be joined (law 6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headframe.audit.discovery import threshold
from headframe.audit.found import cell_at, key, made, odds, picture
from headframe.audit.grid import Floats, Grid
from headframe.audit.jumps import common_path
from headframe.audit.options import AuditOptions
from headframe.audit.outcome import Outcome, covered
from headframe.audit.results import Finding, Step
from headframe.audit.rules import rules
from headframe.audit.variation import Tail, tail_of
from headframe.core.results import type_of_value

DETECTOR = "boundaries"
FEWEST_OTHERS = 2  # series beside people that must step along
# What joins a city is often poorer than the city: the rest steps by a part of the step of its people.
PARTS = (0.15, 0.3, 0.5, 0.75, 1.0)
LEAST, MOST = 0.04, 1.5  # ln units: steps of people that a change of boundaries may bring
BACK = 0.5  # share of the step that may be lost in the year after


@dataclass(frozen=True)
class Steps:
    """Yearly steps of one column in ln units, less the common ones, with their tail and scale by place."""

    column: int
    step: Floats
    tail: Tail


def steps(grid: Grid, column: int) -> Steps:
    """The yearly steps of a column; NaN where one of two neighbouring years is missing."""
    values = grid.column(column)
    x = np.log(np.where(values > 0, values, np.nan))
    x = x - common_path(x)[None, :]
    found = np.full(values.shape, np.nan)
    with np.errstate(invalid="ignore"):
        found[:, 1:] = np.diff(x, axis=1)
    return Steps(column, found, tail_of(found))


def people_ratio(found: Steps) -> Floats:
    """The ln likelihood ratio of a change of boundaries (any step up to `MOST`, equally probable) against none."""
    scale = np.broadcast_to(found.tail.scale[:, None], found.step.shape)
    known = np.isfinite(found.step) & np.isfinite(scale)
    step, width = np.where(known, found.step, 0.0), np.where(known, scale, 1.0)
    inside = known & (np.abs(step) >= LEAST) & (np.abs(step) <= MOST)
    ratio = -np.log(2.0 * (MOST - LEAST)) - found.tail.log_density(step, width)
    return np.where(inside, ratio, -np.inf)


def along(found: Steps, size: Floats) -> Floats:
    """The ln likelihood ratio of a step of the given size (place, year) against none; NaN where the step is unknown."""
    scale = np.broadcast_to(found.tail.scale[:, None], found.step.shape)
    known = np.isfinite(found.step) & np.isfinite(scale) & np.isfinite(size)
    step, width = np.where(known, found.step, 0.0), np.where(known, scale, 1.0)
    shift = np.where(known, size, 0.0)
    ratio = found.tail.log_density(step - shift, width) - found.tail.log_density(step, width)
    return np.where(known, ratio, np.nan)


def witnesses(found: list[Steps]) -> float:
    """How many independent series these are worth: n / (1 + (n − 1) ρ), ρ their mean correlation (at least 0.1).

    In a good year a place's product, revenue and loans rise together without any change of boundaries.
    """
    standard = [np.clip(item.step / item.tail.scale[:, None], -4.0, 4.0).ravel() for item in found]
    correlations = []
    for number, one in enumerate(standard):
        for other in standard[number + 1 :]:
            both = np.isfinite(one) & np.isfinite(other)
            if both.sum() > 50:
                correlations.append(float(np.corrcoef(one[both], other[both])[0, 1]))
    shared = max(0.1, float(np.mean(correlations))) if correlations else 0.3
    return len(found) / (1.0 + (len(found) - 1) * shared)


def boundaries(grid: Grid, options: AuditOptions) -> Outcome:
    """Years in which people and most of the rest of a place step together and stay.

    With s the step of people, the likelihood ratio is that of the people's step times the mean, over λ in `PARTS`, of
    those of the other series for a step of λs, raised to the power w/n: n is their number and w what they are worth
    together (`witnesses`).
    """
    people = [n for name in rules().boundaries.people for n in grid.where(name) if grid.relative(n)][:1]
    others = [n for name in rules().boundaries.others for n in grid.where(name) if grid.relative(n)]
    known = np.isfinite(grid.values).sum(axis=2)
    if not people or len(others) < FEWEST_OTHERS:
        step = Step(detector=DETECTOR, tests=0, listed=0, rate=options.rate)
        return Outcome((), covered(grid, DETECTOR, np.zeros_like(known), known, "no-people"), (step,))
    first, rest = steps(grid, people[0]), [steps(grid, n) for n in others]
    together, agreeing, heard = _together(first, rest)
    log_ratio = people_ratio(first) + together
    tested = np.isfinite(first.step) & np.isfinite(first.tail.scale)[:, None] & (heard >= FEWEST_OTHERS)
    chances = np.where(tested, np.exp(-np.maximum(log_ratio, 0.0)), np.nan)
    line = threshold(chances, options.rate)
    passed = tested & (chances <= line) & (2 * agreeing > heard) & _stays(first.step)
    findings = tuple(
        _finding(grid, first, rest, (int(p), int(t)), float(chances[p, t])) for p, t in np.argwhere(passed)
    )
    checked = np.zeros_like(known)
    checked[:, people[0]] = tested.sum(axis=1)
    step = Step(detector=DETECTOR, tests=int(tested.sum()), listed=len(findings), rate=options.rate, threshold=line)
    return Outcome(findings, covered(grid, DETECTOR, checked, known, "no-people"), (step,))


def _together(first: Steps, rest: list[Steps]) -> tuple[Floats, Floats, Floats]:
    """The ln likelihood ratio of all other series together, how many speak for a step, and how many are known."""
    worth = witnesses(rest) / len(rest)
    ratios = np.stack([np.stack([along(item, part * first.step) for item in rest]) for part in PARTS])
    summed = worth * np.nansum(ratios, axis=1)
    best = np.argmax(summed, axis=0)[None]
    top = np.take_along_axis(summed, best, axis=0)[0]
    mean = top + np.log(np.exp(summed - top[None]).mean(axis=0))
    with np.errstate(invalid="ignore"):
        agreeing = np.take_along_axis((ratios > 0).sum(axis=1), best, axis=0)[0]
    heard = np.isfinite(ratios[0]).sum(axis=0)
    return mean, agreeing.astype(np.float64), heard.astype(np.float64)


def _stays(step: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Whether neither the year after takes most of the step back, nor the step takes back most of that of the year
    before: a slip goes back, a boundary does not.
    """
    known = np.nan_to_num(step)
    beside = np.zeros_like(known)
    beside[:, :-1] = np.minimum(beside[:, :-1], known[:, 1:] * np.sign(known[:, :-1]))
    beside[:, 1:] = np.minimum(beside[:, 1:], known[:, :-1] * np.sign(known[:, 1:]))
    return np.asarray(beside > -BACK * np.abs(known))


def _finding(grid: Grid, first: Steps, rest: list[Steps], at: tuple[int, int], chance: float) -> Finding:
    place, year = at
    size = float(first.step[at])
    moved = [
        item for item in rest if np.isfinite(item.step[at]) and item.step[at] * np.sign(size) > PARTS[0] * abs(size)
    ]
    cells = [cell_at(grid, (place, item.column, year)) for item in (first, *moved)]
    group = [n for n, name in enumerate(grid.groups) if name and name == grid.groups[place] and n != place]
    beside = first.step[group, year] if group else np.zeros(0)
    opposite = int((beside * np.sign(size) < -0.03).sum())
    values: dict[str, type_of_value] = {
        "percent": 100.0 * float(abs(np.expm1(first.step[at]))),
        "n": len(moved),
        "odds": odds(chance),
        "opposite": opposite,
    }
    return made(
        DETECTOR,
        "boundary-jump",
        f"boundary-{'gain' if size > 0 else 'loss'}",
        cells,
        against=[cell_at(grid, (place, item.column, year - 1)) for item in (first, *moved)],
        values=values,
        severity="medium",
        treatment="keep",
        chance=chance,
        score=abs(size),
        picture=picture(grid, place, first.column, [year]),
        about=(key(cells[0]),),
    )
