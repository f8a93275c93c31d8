"""Fills: figures on one straight line, or growing at one rate, closer than measured figures ever lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from headframe.audit.discovery import thresholds
from headframe.audit.found import cell_at, key, made, odds, picture
from headframe.audit.grain import grains
from headframe.audit.grid import Bools, Floats, Grid
from headframe.audit.options import AuditOptions
from headframe.audit.outcome import Outcome, covered
from headframe.audit.results import Checked, Finding, Severity, Step
from headframe.audit.straight import band, scatter, unchanged
from headframe.audit.traces import Ints, Traces, stacked, traces

DETECTOR = "fills"
LINE, GROWTH = 0, 1  # which search found a run
MOST_SERIES = 20_000  # searched in one pass, to bound memory


@dataclass(frozen=True)
class Search:
    """The most striking run from every start of every series: chance, end, and whether it is one of equal growth.

    Series are numbered place by place within each column of `columns`; `order` leads from positions to years.
    """

    columns: tuple[int, ...]
    places: int
    log_chance: Floats
    end: Ints
    growth: Bools
    order: Ints
    starts: Bools
    testable: Bools

    def index(self, series: int) -> tuple[int, int]:
        """Place and column of a series."""
        block, place = divmod(series, self.places)
        return place, self.columns[block]


def search(grid: Grid) -> Search:
    """Look at every column of a grid, as it stands and in logarithms where a column varies with its level."""
    columns = tuple(n for n in range(len(grid.columns)) if np.isfinite(grid.column(n)).sum() >= 3)
    per_pass = max(1, MOST_SERIES // max(1, len(grid.places)))
    parts = [_searched(grid, columns[at : at + per_pass]) for at in range(0, len(columns), per_pass)]
    if not parts:
        empty = np.zeros((0, len(grid.periods)))
        none = empty.astype(bool)
        whole = empty.astype(np.int64)
        return Search((), len(grid.places), empty, whole, none, whole, none, none[:, 0] if none.size else none[:, :0])
    joined = [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]
    return Search(columns, len(grid.places), *joined)


def _searched(grid: Grid, columns: Sequence[int]) -> tuple[Floats, Ints, Bools, Ints, Bools, Bools]:
    years = grid.years
    printed = {n: np.asarray(grid.printed[:, n, :]) for n in columns}
    straight = stacked([traces(printed[n], years, relative=grid.relative(n)) for n in columns])
    found = [scatter(straight), band(straight)]
    kinds = [LINE, LINE]
    grown = {n: traces(printed[n], years, relative=True, logarithm=True) for n in columns if grid.relative(n)}
    if grown:
        nothing = _silent(straight, len(grid.places))
        growth = stacked([grown.get(n, nothing) for n in columns])
        found += [scatter(growth), band(growth)]
        kinds += [GROWTH, GROWTH]
    chances = np.stack([runs.log_chance for runs in found])
    best = np.argmin(chances, axis=0)[None]
    log_chance = np.take_along_axis(chances, best, axis=0)[0] + np.log(len(found))
    end = np.take_along_axis(np.stack([runs.end for runs in found]), best, axis=0)[0]
    growth_won = np.asarray(kinds)[best[0]] == GROWTH
    log_chance = np.where(_flat(straight, end), 0.0, np.minimum(log_chance, 0.0))
    return log_chance, end, growth_won, straight.order, straight.windows(), straight.testable


def _silent(like: Traces, places: int) -> Traces:
    """Traces in which nothing is improbable: they stand in for a column that is not searched in logarithms."""
    rows = slice(0, places)
    dense = np.full_like(like.dense[rows], np.inf)
    return Traces(
        like.x[rows], like.times[rows], like.count[rows], like.grain[rows], like.step[rows], like.scale[rows], dense,
        like.order[rows],
    )  # fmt: skip


def _flat(lines: Traces, end: Ints) -> Bools:
    """Runs of which more than half the steps are between equal figures."""
    steps = unchanged(lines)
    last = np.maximum(end, 0)
    equal = np.take_along_axis(steps, last, axis=1) - steps
    return np.asarray(equal > 0.5 * (last - np.arange(steps.shape[1])[None, :]))


@dataclass(frozen=True)
class Fill:
    """A run listed: place, column, positions in the grid from the first to the last figure, and how it was found."""

    place: int
    column: int
    years: tuple[int, ...]
    growth: bool
    log_chance: float

    @property
    def inner(self) -> tuple[int, ...]:
        """The figures between the two ends, which are what was filled in."""
        return self.years[1:-1]


def listed(found: Search, rate: float) -> tuple[list[Fill], float, int]:
    """The runs that are listed at this rate, none overlapping; threshold of all columns together; tests made."""
    chances = np.exp(found.log_chance)
    blocks = [slice(n * found.places, (n + 1) * found.places) for n in range(len(found.columns))]
    lines, together = thresholds([chances[block][found.starts[block]] for block in blocks], rate)
    passed = found.starts & (chances <= np.repeat(lines, found.places)[:, None])
    fills = [fill for series in np.flatnonzero(passed.any(axis=1)).tolist() for fill in _apart(found, passed, series)]
    return fills, together, int(found.starts.sum())


def _apart(found: Search, passed: Bools, series: int) -> list[Fill]:
    """The listed runs of one series, the most striking first, without those that overlap a more striking one."""
    taken = np.zeros(passed.shape[1], dtype=bool)
    place, column = found.index(series)
    fills = []
    starts = np.flatnonzero(passed[series]).tolist()
    for start in sorted(starts, key=lambda at: (float(found.log_chance[series, at]), at)):
        last = int(found.end[series, start])
        if taken[start:last].any():
            continue
        taken[start:last] = True
        years = tuple(found.order[series, start : last + 1].tolist())
        growth, chance = bool(found.growth[series, start]), float(found.log_chance[series, start])
        fills.append(Fill(place, column, years, growth, chance))
    return fills


def fills(grid: Grid, options: AuditOptions) -> Outcome:
    """Straight-line and equal-growth fills, exact, rounded and with a little noise, with control of false findings."""
    found = search(grid)
    runs, line, tests = listed(found, options.rate)
    methods = _declared(grid)
    grain = {column: grains(np.asarray(grid.printed[:, column, :])) for column in {run.column for run in runs}}
    findings = tuple(_finding(grid, run, methods, grain[run.column][run.place]) for run in runs)
    step = Step(detector=DETECTOR, tests=tests, listed=len(findings), rate=options.rate, threshold=line)
    return Outcome(findings, _coverage(grid, found), (step,))


def _declared(grid: Grid) -> Mapping[str, tuple[str, str]]:
    """Observation → how its source says it was made, and the vintage; those for which neither is known are left out."""
    told = grid.rows.filter((pl.col("method") != "") | (pl.col("vintage") != ""))
    return {ref: (method, vintage) for ref, method, vintage in told.select("ref", "method", "vintage").iter_rows()}


def expected_values(grid: Grid, run: Fill) -> dict[int, float]:
    """Year → the value on the line (or curve of equal growth) between the two ends of a run."""
    values = grid.values[run.place, run.column]
    first, last = run.years[0], run.years[-1]
    share = (np.arange(first, last + 1) - first) / (last - first)
    if run.growth:
        line = values[first] * (values[last] / values[first]) ** share
    else:
        line = values[first] + (values[last] - values[first]) * share
    return {grid.periods[first + n]: float(value) for n, value in enumerate(line)}


def _finding(grid: Grid, run: Fill, methods: Mapping[str, tuple[str, str]], grain: Floats) -> Finding:
    cells = [cell_at(grid, (run.place, run.column, t)) for t in run.inner]
    ends = [cell_at(grid, (run.place, run.column, t)) for t in (run.years[0], run.years[-1])]
    chance = float(np.exp(run.log_chance))
    kind = "equal-growth" if run.growth else "straight-line"
    line = expected_values(grid, run)
    number = len(cells)
    known = int(np.isfinite(grid.values[run.place, run.column]).sum())
    declared = all(methods.get(cell.ref, ("", ""))[0] == "interpolated" for cell in cells)
    severity: Severity = "low" if declared or number == 1 else "high" if number >= 5 else "medium"
    return made(
        DETECTOR,
        kind,
        _reason(
            kind, declared=declared, between=_between_vintages(ends, methods), exact=_exact(grid, run, line, grain)
        ),
        cells,
        values={
            "n": number,
            "first": ends[0].period,
            "last": ends[1].period,
            "odds": odds(chance),
            "of": known,
        },
        severity=severity,
        treatment="keep" if declared else "low-reliability",
        against=ends,
        decidable="yes" if declared else "partly",
        chance=chance,
        score=-run.log_chance / np.log(10.0),
        picture=picture(grid, run.place, run.column, run.inner, expected=line),
        about=(key(cells[0]),),
    )


def _reason(kind: str, *, declared: bool, between: bool, exact: bool) -> str:
    if declared:
        return "fill-declared"
    if between:
        return f"{kind}-between-vintages"
    return kind if exact else f"{kind}-noisy"


def _between_vintages(ends: Sequence[object], methods: Mapping[str, tuple[str, str]]) -> bool:
    vintages = [methods.get(getattr(cell, "ref", ""), ("", ""))[1] for cell in ends]
    return bool(vintages[0] and vintages[1] and vintages[0] != vintages[1])


def _exact(grid: Grid, run: Fill, line: Mapping[int, float], grain: Floats) -> bool:
    """Whether every figure lies within one rounding step (that of most figures filled in) of the line."""
    printed = grid.printed[run.place, run.column]
    values = grid.values[run.place, run.column]
    unit = values[run.years[0]] / printed[run.years[0]] if printed[run.years[0]] else 1.0
    step = float(np.median(grain[list(run.inner)]))
    away = max(abs(values[t] - line[grid.periods[t]]) for t in run.inner)
    return bool(away <= 1.001 * abs(unit) * step)


def _coverage(grid: Grid, found: Search) -> tuple[Checked, ...]:
    """Cells inside series that could be tested, and those of series too short or too coarse, by column."""
    testable = np.zeros((len(grid.places), len(grid.columns)), dtype=bool)
    for series in np.flatnonzero(found.testable).tolist():
        testable[found.index(series)] = True
    known = np.isfinite(grid.values).sum(axis=2)
    return covered(grid, DETECTOR, np.where(testable, known, 0), known, "short-or-coarse")


def frame(grid: Grid, runs: Sequence[Fill]) -> pl.DataFrame:
    """The filled cells as a long table: place, indicator, period."""
    rows = [
        (grid.places[r.place], grid.columns[r.column].indicator, grid.periods[t]) for r in runs for t in r.inner
    ]  # fmt: skip
    schema = {"place": pl.String, "indicator": pl.String, "period": pl.Int32}
    return pl.DataFrame(rows, schema=schema, orient="row")
