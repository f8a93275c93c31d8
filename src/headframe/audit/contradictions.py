"""Contradictions: two sources, or two editions of one source, that give different figures for one and the same cell."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import polars as pl

from headframe.audit.found import cell_of, made
from headframe.audit.grain import grains
from headframe.audit.grid import KEY, Grid
from headframe.audit.options import AuditOptions
from headframe.audit.outcome import Outcome
from headframe.audit.results import Checked, Finding, Severity, Step
from headframe.core.results import Figure, Ref

DETECTOR = "contradictions"
ABOUT = 0.05  # what "about" leaves open, as in measure
GRAVE, NOTABLE = 0.10, 0.02
Row = Mapping[str, object]
UNUSED = ("M", "O", "L", "H", "Q")
FROM_OTHERS = ("derived", "interpolated", "estimated", "assumed", "simulated")


def contradictions(grid: Grid, options: AuditOptions) -> Outcome:  # noqa: ARG001 - every detector takes the options
    """Cells with several figures whose intervals, as printed, have nothing in common."""
    rows = grid.rows.filter(
        pl.any_horizontal(pl.col("value", "low", "high").is_not_null())
        & ~pl.col("status").is_in(UNUSED)
        & ~pl.col("method").is_in(FROM_OTHERS)
        & pl.col("year").is_not_null()
    )
    replaced = set(grid.rows.get_column("replaces").to_list())
    rows = rows.filter(~pl.col("ref").str.split("/").list.last().is_in(list(replaced - {""})))
    several = rows.filter(pl.len().over("place", *KEY, "year") > 1)
    findings: list[Finding] = []
    pairs = 0
    for part in several.partition_by(["place", *KEY, "year"], maintain_order=True):
        for one, other in combinations(list(part.iter_rows(named=True)), 2):
            pairs += 1
            if not overlap(one, other):
                findings.append(_finding(grid, one, other))
    step = Step(detector=DETECTOR, tests=pairs, listed=len(findings))
    return Outcome(tuple(findings), _coverage(rows), (step,))


def _coverage(rows: pl.DataFrame) -> tuple[Checked, ...]:
    """Figures that have another beside them, and those that stand alone, by column."""
    alone = pl.len().over("place", *KEY, "year") == 1
    counts = rows.with_columns(alone.alias("alone")).group_by("indicator", "dims", "concept", maintain_order=True)
    table = counts.agg(pl.col("alone").sum().alias("alone"), pl.len().alias("all"))
    return tuple(
        Checked(
            detector=DETECTOR,
            indicator=indicator,
            dims=dims,
            concept=concept,
            checked=number - single,
            unchecked=single,
            why="one-source" if single else "",
        )
        for indicator, dims, concept, single, number in table.iter_rows()
    )


def interval(row: Row) -> tuple[float, float]:
    """What a printed figure leaves open: half its last digit, five per cent for `about`, an open side, a range."""
    value, low, high = (_number(row[name]) for name in ("value", "low", "high"))
    qualifier = str(row["qualifier"] or "=")
    if value is None:
        return (-np.inf if low is None else low), (np.inf if high is None else high)
    half = _half_step(row, value)
    if qualifier == "~":
        half = max(half, ABOUT * abs(value))
    if qualifier in {">", ">="}:
        return value - half, np.inf
    if qualifier in {"<", "<="}:
        return -np.inf, value + half
    return value - half, value + half


def overlap(one: Row, other: Row) -> bool:
    """Whether two figures can both be right as printed."""
    (low, high), (low2, high2) = interval(one), interval(other)
    slack = 1e-9 * max(abs(x) for x in (low, high, low2, high2) if np.isfinite(x))
    return max(low, low2) <= min(high, high2) + slack


def _half_step(row: Row, value: float) -> float:
    """Half the rounding step of a figure in canonical units."""
    printed = _number(row["printed"])
    if printed is None or printed == 0 or value == 0:
        return 0.0
    return 0.5 * float(grains(np.array([printed]))[0]) * abs(value / printed)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def middle(row: Row) -> float:
    """A figure's value, or the middle or the known end of its interval."""
    value = _number(row["value"])
    low, high = (_number(row[name]) for name in ("low", "high"))
    known = [x for x in (low, high) if x is not None]
    return value if value is not None else sum(known) / len(known)


def as_figure(grid: Grid, row: Row) -> Figure:
    """The figure of a row of the long table."""
    entry = grid.entries.get(str(row["indicator"]))
    return Figure(
        value=_number(row["value"]),
        low=_number(row["low"]),
        high=_number(row["high"]),
        unit=entry.unit if entry is not None else "1",
        qualifier=str(row["qualifier"] or "="),
        period="" if row["year"] is None else str(row["year"]),
        price_basis=str(row["price_basis"] or ""),
        concept=str(row["concept"] or ""),
        status=str(row["status"] or "A"),
        method=str(row["method"] or "reported"),
        indicator=str(row["indicator"]),
        place=str(row["place"]),
        observations=(str(row["ref"]),),
    )


def _finding(grid: Grid, one: Row, other: Row) -> Finding:
    first, second = middle(one), middle(other)
    size = max(abs(first), abs(second), 1e-300)
    relative = abs(first - second) / size
    same = one["source"] == other["source"]
    severity: Severity = "high" if relative > GRAVE else "medium" if relative > NOTABLE else "low"
    if same and one["vintage"] != other["vintage"]:
        severity = "medium" if relative > GRAVE else "low"
        reason = "revision"
    else:
        reason = "two-figures" if same else "two-sources"
    return made(
        DETECTOR,
        "contradicts-itself" if same else "contradicts-source",
        reason,
        [cell_of(one)],
        against=[cell_of(other)],
        values={
            "value": as_figure(grid, one),
            "other": as_figure(grid, other),
            "source": Ref(kind="source", id=str(one["source"])),
            "against": Ref(kind="source", id=str(other["source"])),
            "percent": 100.0 * relative,
        },
        severity=severity,
        treatment="keep" if reason == "revision" else "ask-source",
        decidable="no",
        score=relative,
    )
