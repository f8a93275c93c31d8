"""Series that stop, and gaps in series: what was printed every year and then no more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headframe.audit.found import cell_at, made, picture
from headframe.audit.grid import Bools, Grid
from headframe.audit.options import AuditOptions
from headframe.audit.outcome import Outcome, covered
from headframe.audit.results import Cell, Finding, Severity, Step
from headframe.core.results import type_of_value

DETECTOR = "stops"
FEWEST = 5  # yearly figures, for a series to count as one that is printed every year
DENSE = 0.8  # share of the years between its first and last figure that such a series has
SHARE = 0.5  # of the places, for a column to have a last year of its own
LATE = 2  # years without a figure before a series is said to have stopped


def stops(grid: Grid, options: AuditOptions) -> Outcome:  # noqa: ARG001 - every detector takes the options
    """Columns and series that end before the record does, and years missing inside series that others have."""
    findings: list[Finding] = []
    have = np.isfinite(grid.values)
    known = have.sum(axis=2)
    regular = np.array([[_regular(have[p, c]) for c in range(have.shape[1])] for p in range(have.shape[0])], dtype=bool)
    regular = regular.reshape(have.shape[:2])
    for column in range(len(grid.columns)):
        end = _column_end(have[:, column], regular[:, column])
        if end is None:
            continue
        if end <= len(grid.periods) - 1 - LATE and regular[:, column].sum() > 1:
            findings.append(_column_finding(grid, column, end, have[:, column]))
        for place in np.flatnonzero(regular[:, column]).tolist():
            findings += _series_findings(grid, place, column, end, have[:, column])
    step = Step(detector=DETECTOR, tests=int(regular.sum()), listed=len(findings))
    checked = np.where(regular, known, 0)
    return Outcome(tuple(findings), covered(grid, DETECTOR, checked, known, "not-yearly"), (step,))


def _regular(have: Bools) -> bool:
    """Whether a series has a figure in nearly every year from its first to its last."""
    years = np.flatnonzero(have)
    return bool(years.size >= FEWEST and years.size >= DENSE * (years[-1] - years[0] + 1))


def _column_end(have: Bools, regular: Bools) -> int | None:
    """The last year (position) in which at least half of the regular series have a figure; None without such series."""
    if not regular.any():
        return None
    if regular.sum() == 1:  # a single place has nobody to be compared with: the record's end is the measure
        return int(have.shape[1] - 1)
    share = have[regular].mean(axis=0)
    return int(np.flatnonzero(share >= SHARE * float(share.max()))[-1])


def _column_finding(grid: Grid, column: int, end: int, have: Bools) -> Finding:
    places = np.flatnonzero(have[:, end]).tolist()
    cells = [cell_at(grid, (place, column, end)) for place in places]
    return made(
        DETECTOR,
        "series-stops",
        "column-stops",
        cells,
        values={"last": str(grid.periods[end]), "end": str(grid.periods[-1]), "n": len(places)},
        severity="medium",
        treatment="ask-source",
        decidable="yes",
        score=float(len(grid.periods) - 1 - end),
        picture=picture(grid, places[0], column, [end]),
        about=(str(grid.periods[end]),),
    )


def _series_findings(grid: Grid, place: int, column: int, end: int, have: Bools) -> list[Finding]:
    own = have[place]
    years = np.flatnonzero(own)
    found = []
    last = int(years[-1])
    if end - last >= LATE:
        severity: Severity = "medium" if end - last >= LATE + 1 else "low"
        found.append(_finding(grid, (place, column), [last], "series-stops", severity, range(last + 1, end + 1)))
    others = len(have) - 1
    usual = (have.sum(axis=0) - own) >= DENSE * others if others else np.ones(own.size, dtype=bool)
    gaps = [t for t in range(int(years[0]) + 1, last) if not own[t] and usual[t]]
    if gaps:
        beside = [int(years[years < gaps[0]][-1]), int(years[years > gaps[-1]][0])]
        found.append(_finding(grid, (place, column), beside, "gap", "low", gaps))
    return found


def _finding(
    grid: Grid, at: tuple[int, int], beside: list[int], reason: str, severity: Severity, missing: Sequence[int]
) -> Finding:
    place, column = at
    cells: list[Cell] = [cell_at(grid, (place, column, t)) for t in beside]
    values: dict[str, type_of_value] = {
        "first": str(grid.periods[missing[0]]),
        "last": str(grid.periods[beside[0]] if reason == "series-stops" else grid.periods[missing[-1]]),
        "end": str(grid.periods[missing[-1]]),
        "n": len(missing),
    }
    return made(
        DETECTOR,
        reason,
        reason,
        cells,
        values=values,
        severity=severity,
        treatment="ask-source" if reason == "series-stops" else "keep",
        decidable="yes",
        score=float(len(missing)),
        picture=picture(grid, place, column, beside),
        about=(reason, str(grid.periods[missing[0]])),
    )
