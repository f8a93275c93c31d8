"""Parts that do not add up: totals and parts, shares that must come to a fixed sum, parts larger than the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from headframe.audit.found import cell_at, figure, key, made, picture
from headframe.audit.grain import grains
from headframe.audit.grid import Floats, Grid
from headframe.audit.options import AuditOptions
from headframe.audit.outcome import Outcome, covered
from headframe.audit.results import Finding, Severity, Step
from headframe.audit.rules import rules
from headframe.core.results import Figure, Ref, type_of_value
from headframe.core.units import factor

DETECTOR = "sums"
GRAVE, NOTABLE = 0.05, 0.005  # relative discrepancies
CLEARLY = 3.0  # times the most that a part may be: then a slip is likelier than an unusual place


@dataclass(frozen=True)
class Sum:
    """Columns that must add up: parts to a total column, or to a constant; not `whole`: a part of them is missing, so
    that they may only stay below.
    """

    parts: tuple[int, ...]
    total: int | None = None
    constant: float = 0.0
    whole: bool = True


def sums(grid: Grid, options: AuditOptions) -> Outcome:  # noqa: ARG001 - every detector takes the options
    """Accounting links of the catalogue that do not hold within what rounding allows, and parts above their whole."""
    findings: list[Finding] = []
    checked = np.zeros(grid.values.shape, dtype=bool)
    number = 0
    for link in links(grid):
        done, found = _checked_sum(grid, link)
        checked |= done
        number += int(done.any(axis=1).sum())
        findings += found
    for part, whole, most in _parts(grid):
        done, found = _checked_part(grid, part, whole, most)
        checked |= done
        number += int(done[:, part].sum())
        findings += found
    known = np.isfinite(grid.values).sum(axis=2)
    step = Step(detector=DETECTOR, tests=number, listed=len(findings))
    return Outcome(tuple(findings), covered(grid, DETECTOR, checked.sum(axis=2), known, "no-link"), (step,))


def links(grid: Grid) -> Iterator[Sum]:
    """Every sum whose columns are in the grid, for each concept and price basis by itself."""
    totals: dict[str, tuple[str, ...]] = {}
    constants: dict[tuple[str, ...], float] = {}
    for entry in grid.entries.values():
        if entry.adds_up_to is not None and entry.adds_up_to.total is not None:
            totals[entry.adds_up_to.total] = entry.adds_up_to.parts
        if entry.sums_with is not None:
            constants[entry.sums_with.parts] = entry.sums_with.constant
    for total, parts in sorted(totals.items()):
        for whole in grid.where(total):
            found = alike(grid, whole, parts)
            if found is not None:
                yield Sum(found, total=whole)
    for parts, constant in sorted(constants.items()):
        present = tuple(name for name in parts if grid.where(name))
        for first in grid.where(present[0]) if len(present) > 1 else ():
            found = alike(grid, first, present)
            if found is not None:
                yield Sum(found, constant=constant, whole=len(present) == len(parts))


def alike(grid: Grid, like: int, names: Sequence[str]) -> tuple[int, ...] | None:
    """The columns of these indicators with the concept and price basis of another column; None if one is missing."""
    head = grid.columns[like]
    found = []
    for name in names:
        match = [
            number
            for number in grid.where(name)
            if (grid.columns[number].concept, grid.columns[number].price_basis) == (head.concept, head.price_basis)
        ]
        if not match:
            return None
        found.append(match[0])
    return tuple(found)


def half_steps(grid: Grid, column: int) -> Floats:
    """Half the rounding step of every figure of a column, in canonical units."""
    printed = np.asarray(grid.printed[:, column, :])
    values = grid.column(column)
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = np.abs(np.where(printed != 0, values / printed, 1.0))
    step = np.minimum(grains(printed) * unit, np.where(values != 0, np.abs(values), np.inf))
    return np.where(np.isfinite(values), 0.5 * step, np.nan)


def _checked_sum(grid: Grid, link: Sum) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.bool_]], list[Finding]]:
    """Which cells took part in a sum, and the findings: |total − Σ parts| above the sum of half the rounding steps.

    A figure whose trailing zeros happen to be digits has a finer step than it seems; so the step of a column's
    typical figure is an upper bound: the smaller of its own and the tenth-smallest of the series.
    """
    parts = np.stack([grid.column(number) for number in link.parts])
    total = grid.column(link.total) if link.total is not None else np.full(parts.shape[1:], link.constant)
    columns = [*link.parts, *([link.total] if link.total is not None else [])]
    slack = np.sum([fine(half_steps(grid, number)) for number in columns], axis=0)
    away = parts.sum(axis=0) - total
    done = np.isfinite(away)
    marked = np.zeros(grid.values.shape, dtype=bool)
    for number in columns:
        marked[:, number] = done
    with np.errstate(invalid="ignore"):
        wrong = done & ((np.abs(away) if link.whole else away) > slack * 1.001 + 1e-9 * np.abs(total))
    found = []
    for place in np.flatnonzero(wrong.any(axis=1)).tolist():
        found += _sum_findings(grid, link, place, {int(t): float(away[place, t]) for t in np.flatnonzero(wrong[place])})
    return marked, found


def fine(steps: Floats) -> Floats:
    """Steps no coarser than the median of their series: a round figure may be round by chance."""
    found = steps.copy()
    for row in found:
        known = np.isfinite(row)
        if known.any():
            row[known] = np.minimum(row[known], np.median(row[known]))
    return found


def _sum_findings(grid: Grid, link: Sum, place: int, away: dict[int, float]) -> list[Finding]:
    """One finding for each slip of a power of ten that explains a year, and one for all other years of the place."""
    found, rest = [], {}
    for year, value in away.items():
        relative = abs(value) / _should(grid, link, place, year)
        slip = _slipped(grid, link, place, year, value) if relative > GRAVE and link.whole else None
        if slip is None:
            rest[year] = value
        else:
            found.append(_slip_finding(grid, link, (place, slip[0], year), slip[1], relative))
    return found + ([_sum_finding(grid, link, place, rest)] if rest else [])


def _should(grid: Grid, link: Sum, place: int, year: int) -> float:
    return abs(float(grid.values[place, link.total, year])) if link.total is not None else link.constant


def _sum_finding(grid: Grid, link: Sum, place: int, away: dict[int, float]) -> Finding:
    years = sorted(away)
    relative = {year: abs(away[year]) / max(_should(grid, link, place, year), 1e-300) for year in years}
    worst = max(years, key=lambda year: relative[year])
    severity: Severity = "high" if relative[worst] > GRAVE else "medium" if relative[worst] > NOTABLE else "low"
    index = (place, link.parts[0], worst)
    should = _should(grid, link, place, worst)
    values: dict[str, type_of_value] = {
        "n": len(link.parts),
        "sum": figure(grid, index, should + away[worst]),
        "should": figure(grid, index, should),
        "worst": str(grid.periods[worst]),
        "percent": 100.0 * relative[worst],
    }
    total = [] if link.total is None else [cell_at(grid, (place, link.total, year)) for year in years]
    return made(
        DETECTOR,
        "arithmetic",
        "sum" if link.total is not None else "shares" if link.whole else "shares-above",
        [cell_at(grid, (place, number, year)) for year in years for number in link.parts],
        against=total,
        values=values,
        severity=severity,
        treatment="ask-source" if severity == "high" else "keep",
        decidable="yes",
        score=relative[worst],
        picture=picture(grid, place, link.parts[0] if link.total is None else link.total, years),
        about=tuple(grid.columns[n].indicator for n in (*link.parts, *([] if link.total is None else [link.total]))),
    )


def _slip_finding(grid: Grid, link: Sum, at: tuple[int, int, int], replaced: float, relative: float) -> Finding:
    place, column, year = at
    columns = [*link.parts, *([link.total] if link.total is not None else [])]
    replacement = figure(grid, at, replaced)
    value = figure(grid, at, float(grid.values[at])).model_copy(update={"status": "A"})
    return made(
        DETECTOR,
        "unit-slip",
        "sum-slip",
        [cell_at(grid, at)],
        against=[cell_at(grid, (place, number, year)) for number in columns if number != column],
        values={"value": value, "replacement": replacement},
        severity="high",
        treatment="replace",
        decidable="yes",
        score=relative,
        replacement=replacement,
        picture=picture(grid, place, column, [year], expected={grid.periods[year]: replaced}),
        about=("slip", key(cell_at(grid, at))),
    )


def _slipped(grid: Grid, link: Sum, place: int, year: int, away: float) -> tuple[int, float] | None:
    """The one part (or total) with which, times a power of ten, the sum holds; None if there is none or several."""
    columns = [*link.parts, *([link.total] if link.total is not None else [])]
    slack = sum(float(half_steps(grid, number)[place, year]) for number in columns)
    near = max(slack, 0.002 * _should(grid, link, place, year))
    fits = []
    for number, power in product(columns, (-4, -3, -2, -1, 1, 2, 3, 4)):
        value = float(grid.values[place, number, year])
        sign = -1.0 if number == link.total else 1.0
        if value and abs(away + sign * (value * 10.0**power - value)) <= near:
            fits.append((number, value * 10.0**power))
    return fits[0] if len(fits) == 1 else None


def _parts(grid: Grid) -> Iterator[tuple[int, int, float]]:
    """Columns that cannot exceed another: the rules, and urban districts beside the whole city."""
    for rule in rules().within:
        for part, whole in product(grid.where(rule.part), grid.where(rule.whole)):
            if _comparable(grid, part, whole):
                yield part, whole, rule.factor
    for part, head in enumerate(grid.columns):
        if "urban-districts" in head.concept.split(";"):
            other = head.concept.replace("urban-districts", "whole-city")
            for whole in (n for n, item in enumerate(grid.columns) if item.concept == other):
                same = (grid.columns[whole].indicator, grid.columns[whole].dims) == (head.indicator, head.dims)
                entry = grid.entries.get(head.indicator)
                if same and entry is not None and entry.kind != "ratio":
                    yield part, whole, 1.0


def _comparable(grid: Grid, part: int, whole: int) -> bool:
    """Whether two columns have one price basis, and the whole is not the narrower area."""
    one, other = grid.columns[part], grid.columns[whole]
    narrower = "urban-districts" in other.concept.split(";") and "urban-districts" not in one.concept.split(";")
    return one.price_basis == other.price_basis and not narrower and "cumulative" not in one.concept.split(";")


def _checked_part(
    grid: Grid, part: int, whole: int, most: float
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.bool_]], list[Finding]]:
    """Findings where a part exceeds `most` times its whole by more than rounding."""
    by = factor(_unit(grid, part), _unit(grid, whole))
    one, other = grid.column(part) * by, grid.column(whole)
    done = np.isfinite(one) & np.isfinite(other) & (other > 0)
    slack = half_steps(grid, part) * by + most * half_steps(grid, whole)
    with np.errstate(invalid="ignore"):
        wrong = done & (one > most * other + slack * 1.001)
    marked = np.zeros(grid.values.shape, dtype=bool)
    marked[:, part], marked[:, whole] = done, done
    places = np.flatnonzero(wrong.any(axis=1)).tolist()
    rule = (part, whole, most)
    return marked, [_part_finding(grid, rule, place, np.flatnonzero(wrong[place]).tolist()) for place in places]


def _unit(grid: Grid, column: int) -> str:
    return grid.entries[grid.columns[column].indicator].unit


def _part_finding(grid: Grid, rule: tuple[int, int, float], place: int, years: list[int]) -> Finding:
    part, whole, most = rule
    by = factor(_unit(grid, part), _unit(grid, whole))
    ratios = {year: float(grid.values[place, part, year] * by / grid.values[place, whole, year]) for year in years}
    worst = max(years, key=lambda year: ratios[year])
    ratio, index = ratios[worst], (place, part, worst)
    value = float(grid.values[index])
    powers = [power for power in (1, 2, 3, 4) if ratio / 10.0**power <= most]
    replaced = value / 10.0 ** powers[0] if powers and ratio > CLEARLY * most else None
    values: dict[str, type_of_value] = {
        "value": figure(grid, index, value).model_copy(update={"status": "A"}),
        "whole": _as_printed(grid, (place, whole, worst)),
        "other": Ref(kind="indicator", id=grid.columns[whole].indicator),
        "worst": str(grid.periods[worst]),
        "ratio": ratio,
        "most": most,
    }
    return made(
        DETECTOR,
        "impossible",
        "part-above-whole" if most == 1.0 else "part-too-large",
        [cell_at(grid, (place, part, year)) for year in years],
        against=[cell_at(grid, (place, whole, year)) for year in years],
        values=values,
        severity="high" if ratio > 1.2 * most else "medium",
        treatment="ask-source" if replaced is None else "replace",
        decidable="yes" if most == 1.0 or ratio > CLEARLY * most else "partly",
        score=ratio / most,
        replacement=None if replaced is None else figure(grid, index, replaced),
        picture=picture(grid, place, part, years),
        about=("part-of", grid.columns[whole].indicator, grid.columns[whole].concept),
    )


def _as_printed(grid: Grid, index: tuple[int, int, int]) -> Figure:
    return figure(grid, index, float(grid.values[index])).model_copy(update={"status": "A", "method": "reported"})
