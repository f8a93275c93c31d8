"""Printed quotients beside the quotient of what they are made of, such as product per head × population = product.

Three ways of not agreeing are told apart: off by a power of ten (a slip in one of the three figures); off in single
years while the years around agree; off by the same small factor all the time, as when product per head is taken on
another population than the one printed beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from headframe.audit.found import cell_at, figure, key, made, picture
from headframe.audit.grid import Bools, Floats, Grid
from headframe.audit.options import AuditOptions
from headframe.audit.outcome import Outcome, covered
from headframe.audit.results import Cell, Finding, Severity, Step, Treatment
from headframe.audit.rules import rules
from headframe.audit.sums import fine, half_steps
from headframe.core.results import Ref, type_of_value
from headframe.core.units import factor

DETECTOR = "quotients"
# What a definition leaves open: the mean of the year or its end, a population revised since.
PEOPLE, OTHERWISE = 0.05, 0.005
ALONE = 8.0  # robust spreads, for a year to stand apart from those around it
SLIP = 0.15  # ln units around a power of ten


@dataclass(frozen=True)
class Link:
    """Columns of a quotient, its numerator and its denominator, the factor between units, and the open definition."""

    quotient: int
    above: int
    below: int
    by: float
    slack: float
    stand_in: bool

    @property
    def columns(self) -> tuple[int, int, int]:
        """The three columns."""
        return self.quotient, self.above, self.below


def quotients(grid: Grid, options: AuditOptions) -> Outcome:  # noqa: ARG001 - every detector takes the options
    """Printed quotients that their parts contradict by more than rounding and open definitions allow."""
    findings: list[Finding] = []
    checked = np.zeros(grid.values.shape, dtype=bool)
    settled = np.zeros(grid.values.shape, dtype=bool)
    tests = 0
    for link in _links(grid):
        away, slack = departures(grid, link)
        done = np.isfinite(away) & ~settled[:, link.quotient]
        for column in link.columns:
            checked[:, column] |= done
        tests += int(done.sum())
        settled[:, link.quotient] |= np.isfinite(away)
        for place in np.flatnonzero(done.any(axis=1)).tolist():
            findings += _of_place(grid, link, place, np.where(done[place], away[place], np.nan), slack[place])
    known = np.isfinite(grid.values).sum(axis=2)
    step = Step(detector=DETECTOR, tests=tests, listed=len(findings))
    return Outcome(tuple(findings), covered(grid, DETECTOR, checked.sum(axis=2), known, "no-link"), (step,))


def _links(grid: Grid) -> Iterator[Link]:
    """Every quotient of the catalogue whose columns are there, the denominator of its definition first."""
    for name in sorted({head.indicator for head in grid.columns}):
        entry = grid.entries.get(name)
        ratio = entry.adds_up_to.ratio if entry is not None and entry.adds_up_to is not None else None
        if entry is None or ratio is None:
            continue
        above, below = ratio
        for stand_in, denominator in enumerate(rules().stands_for.get(below, (below,))):
            units = [grid.entries[item].unit for item in (above, denominator)]
            by = factor(f"({units[0]})/({units[1]})", entry.unit)
            slack = PEOPLE if grid.entries[denominator].unit == "person" else OTHERWISE
            for quotient in grid.where(name):
                for one in grid.where(above):
                    for other in grid.where(denominator):
                        if _together(grid, (quotient, one, other)):
                            yield Link(quotient, one, other, by, slack, stand_in > 0)


def _together(grid: Grid, columns: tuple[int, int, int]) -> bool:
    """Whether the columns are of one area and one revision, as far as they name them."""
    quotient, above, below = (set(grid.columns[number].concept.split(";")) for number in columns)
    for narrow in ("urban-districts", "above-designated-size", "first-release", "cumulative"):
        if (narrow in quotient) != (narrow in above):
            return False
    if ("urban-districts" in above) != ("urban-districts" in below):
        return False
    return grid.columns[columns[0]].price_basis == grid.columns[columns[1]].price_basis


def departures(grid: Grid, link: Link) -> tuple[Floats, Floats]:
    """ln(printed / computed) and what rounding of the three figures allows, by place and year; NaN where unknown."""
    quotient, above, below = (grid.column(number) for number in link.columns)
    with np.errstate(divide="ignore", invalid="ignore"):
        away = _log_ratio(quotient, above / below * link.by)
        if link.slack == PEOPLE:
            # People may be those at the end of the year or the mean of both ends; the nearer of the two is meant.
            mean = below.copy()
            mean[:, 1:] = 0.5 * (below[:, 1:] + below[:, :-1])
            other = _log_ratio(quotient, above / mean * link.by)
            away = np.where(np.abs(other) < np.abs(away), other, away)
        slack = sum(fine(half_steps(grid, number)) / np.abs(grid.column(number)) for number in link.columns)
    return away, np.asarray(slack, dtype=np.float64)


def _log_ratio(one: Floats, other: Floats) -> Floats:
    return np.log(np.where((one > 0) & (other > 0), one / other, np.nan))


def _of_place(grid: Grid, link: Link, place: int, away: Floats, slack: Floats) -> list[Finding]:
    """The findings of one place for one quotient: slips, single years, and the rest together."""
    allowed = slack + link.slack
    wrong = np.isfinite(away) & (np.abs(away) > allowed)
    power = np.rint(np.nan_to_num(away) / np.log(10.0)).astype(np.int64)
    slipped = wrong & (power != 0) & (np.abs(away - power * np.log(10.0)) <= SLIP + slack)
    apart = _apart(np.where(slipped, np.nan, away), allowed)
    found = [
        _finding(grid, link, place, (year,), away, f"quotient-slip-{'large' if power[year] > 0 else 'small'}")
        for year in np.flatnonzero(slipped).tolist()
    ]
    found += [_finding(grid, link, place, (year,), away, "quotient-jump") for year in np.flatnonzero(apart).tolist()]
    rest = tuple(np.flatnonzero(wrong & ~slipped & ~apart).tolist())
    if rest:
        reason = "other-population" if link.stand_in else "quotient"
        found.append(_finding(grid, link, place, rest, away, reason))
    return found


def _apart(away: Floats, allowed: Floats) -> Bools:
    """Years whose departure differs from that of the four years around by more than is allowed and usual."""
    around = np.full(away.shape, np.nan)
    for year in range(away.size):
        beside = np.delete(away[max(0, year - 2) : year + 3], min(year, 2))
        beside = beside[np.isfinite(beside)]
        if beside.size >= 3:
            around[year] = np.median(beside)
    left = np.abs(away - around)
    known = left[np.isfinite(left)]
    usual = 1.4826 * float(np.median(known)) if known.size >= 5 else 0.0
    return np.asarray(np.isfinite(left) & (left > np.maximum(allowed, ALONE * usual)) & (np.abs(away) > allowed))


def _about(grid: Grid, link: Link, index: tuple[int, int, int], *, single: bool) -> tuple[str, ...]:
    """What a finding is about: the denominator, and a slip or a jump its figure."""
    below = grid.columns[link.below]
    return (below.indicator, below.concept, *((key(cell_at(grid, index)),) if single else ()))


def _finding(grid: Grid, link: Link, place: int, years: tuple[int, ...], away: Floats, reason: str) -> Finding:
    worst = max(years, key=lambda year: abs(float(away[year])))
    index = (place, link.quotient, worst)
    printed = float(grid.values[index])
    computed = printed / float(np.exp(away[worst]))
    slip = reason.startswith("quotient-slip")
    values: dict[str, type_of_value] = {
        "value": figure(grid, index, printed).model_copy(update={"status": "A", "method": "reported"}),
        "computed": figure(grid, index, computed),
        "above": Ref(kind="indicator", id=grid.columns[link.above].indicator),
        "below": Ref(kind="indicator", id=grid.columns[link.below].indicator),
        "worst": str(grid.periods[worst]),
        "percent": 100.0 * float(abs(np.expm1(away[worst]))),
    }
    if slip:
        values["factor"] = 10.0 ** float(abs(np.rint(away[worst] / np.log(10.0))))
    severity: Severity = "high" if slip else "low" if reason == "other-population" else "medium"
    treatment: Treatment = "keep" if reason == "other-population" else "ask-source"
    against: list[Cell] = [cell_at(grid, (place, n, year)) for year in years for n in (link.above, link.below)]
    return made(
        DETECTOR,
        "unit-slip" if slip else "vague-definition" if reason == "other-population" else "arithmetic",
        reason,
        [cell_at(grid, (place, link.quotient, year)) for year in years],
        against=against,
        values=values,
        severity=severity,
        treatment=treatment,
        decidable="yes" if slip else "partly",
        score=float(abs(away[worst])),
        picture=picture(grid, place, link.quotient, years, expected={grid.periods[worst]: computed}),
        about=_about(grid, link, index, single=slip or reason == "quotient-jump"),
    )
