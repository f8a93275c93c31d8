"""Impossible values: outside what the indicator can be, below zero, or in a unit that the country does not use."""

from __future__ import annotations

import numpy as np
import polars as pl

from headframe.audit.found import cell_of, made, picture
from headframe.audit.grid import Column, Grid
from headframe.audit.options import AuditOptions
from headframe.audit.outcome import Outcome
from headframe.audit.results import Checked, Finding, Picture, Severity, Treatment
from headframe.audit.results import Step as Stage
from headframe.audit.rules import ForeignUnit, rules
from headframe.core.results import Figure, type_of_value
from headframe.core.units import factor

DETECTOR = "impossible"
NEAR = 3  # years
FIT = np.log(1.5)  # a corrected value must come this near to the rest of its series


def impossible(grid: Grid, options: AuditOptions) -> Outcome:  # noqa: ARG001 - every detector takes the options
    """Values outside the catalogue's plausible range, dated or not, and values in foreign units."""
    findings: list[Finding] = []
    coverage: list[Checked] = []
    rows = grid.rows.filter(pl.col("value").is_not_null())
    for (indicator, dims, concept), part in rows.partition_by(
        "indicator", "dims", "concept", as_dict=True, maintain_order=True
    ).items():
        entry = grid.entries.get(str(indicator))
        low, high = entry.range if entry is not None else (None, None)
        ranged = low is not None or high is not None
        coverage.append(
            Checked(
                detector=DETECTOR,
                indicator=str(indicator),
                dims=str(dims),
                concept=str(concept),
                checked=part.height if ranged else 0,
                unchecked=0 if ranged else part.height,
                why="" if ranged else "no-range",
            )
        )
        outside = pl.lit(value=False)
        if low is not None:
            outside |= pl.col("value") < low
        if high is not None:
            outside |= pl.col("value") > high
        findings += [_finding(grid, row, low, high) for row in part.filter(outside).iter_rows(named=True)]
    findings += _foreign(grid, rows)
    stage = Stage(detector=DETECTOR, tests=rows.height, listed=len(findings))
    return Outcome(tuple(findings), tuple(coverage), (stage,))


def _finding(grid: Grid, row: dict[str, object], low: float | None, high: float | None) -> Finding:
    cell = cell_of(row)
    value = float(cell.value or 0.0)
    below = low is not None and value < low
    bound = low if below else high
    replaced = _slip(grid, row, value, low, high)
    far = abs(value - float(bound or 0.0)) > 0.2 * max(abs(float(bound or 0.0)), 1.0)
    severity: Severity = "high" if far or below else "medium"
    treatment: Treatment = "replace" if replaced is not None else "set-aside" if below or far else "ask-source"
    values: dict[str, type_of_value] = {
        "value": _printed(grid, row, value),
        "bound": _printed(grid, row, float(bound or 0.0)).model_copy(update={"observations": ()}),
    }
    if replaced is not None:
        values["replacement"] = _printed(grid, row, replaced)
    reason = "below-range" if below else "above-range"
    return made(
        DETECTOR,
        "unit-slip" if replaced is not None else "impossible",
        f"{reason}-slip" if replaced is not None else reason,
        [cell],
        values=values,
        severity=severity,
        treatment=treatment,
        decidable="yes" if replaced is not None or below else "partly",
        score=abs(value - float(bound or 0.0)),
        replacement=None if replaced is None else _printed(grid, row, replaced),
        picture=_picture(grid, row),
    )


def _slip(grid: Grid, row: dict[str, object], value: float, low: float | None, high: float | None) -> float | None:
    """The value divided by the one power of ten that brings it into the range and near to the rest of its series."""
    series = grid.rows.filter(
        (pl.col("place") == row["place"])
        & (pl.col("indicator") == row["indicator"])
        & (pl.col("dims") == row["dims"])
        & (pl.col("value") > 0)
        & (pl.col("ref") != row["ref"])
    )
    if row["year"] is not None:
        near_in_time = series.filter((pl.col("year") - int(str(row["year"]))).abs() <= NEAR)
        series = near_in_time if near_in_time.height else series
    others = series.get_column("value").to_list()
    if not others or value <= 0:
        return None
    middle = float(np.median(others))
    fits = [value / 10.0**power for power in (-4, -3, -2, -1, 1, 2, 3, 4)]
    fits = [x for x in fits if (low is None or x >= low) and (high is None or x <= high)]
    near = [x for x in fits if abs(np.log(x / middle)) <= FIT]
    return near[0] if len(near) == 1 else None


def _printed(grid: Grid, row: dict[str, object], value: float) -> Figure:
    entry = grid.entries.get(str(row["indicator"]))
    return Figure(
        value=value,
        unit=entry.unit if entry is not None else "1",
        period="" if row["year"] is None else str(row["year"]),
        indicator=str(row["indicator"]),
        place=str(row["place"]),
        concept=str(row["concept"] or ""),
        price_basis=str(row["price_basis"] or ""),
        observations=(str(row["ref"]),),
    )


def _picture(grid: Grid, row: dict[str, object]) -> Picture | None:
    """The series that a row stands in; None where it has no year."""
    head = Column(*(str(row[name] or "") for name in ("indicator", "dims", "concept", "price_basis")))
    if row["year"] is None or head not in grid.columns or row["place"] not in grid.places:
        return None
    place, column = grid.places.index(str(row["place"])), grid.columns.index(head)
    return picture(grid, place, column, [grid.periods.index(int(str(row["year"])))])


def _foreign(grid: Grid, rows: pl.DataFrame) -> list[Finding]:
    """Values printed in a unit that the statistics of their country do not use."""
    found = []
    for rule in rules().foreign_units:
        places = [name for name, country in grid.countries.items() if country == rule.country]
        ends = pl.col("unit").str.strip_chars().str.to_lowercase().str.ends_with(rule.unit)
        part = rows.filter(pl.col("place").is_in(places) & ends)
        found += [_foreign_finding(grid, row, rule) for row in part.iter_rows(named=True)]
    return found


def _foreign_finding(grid: Grid, row: dict[str, object], rule: ForeignUnit) -> Finding:
    cell = cell_of(row)
    value = float(cell.value or 0.0)
    replaced = value / factor(rule.unit, rule.meant)
    return made(
        DETECTOR,
        "unit-slip",
        "foreign-unit",
        [cell],
        values={
            "value": _printed(grid, row, value),
            "unit": rule.unit,
            "meant": rule.meant,
            "replacement": _printed(grid, row, replaced),
        },
        severity="high",
        treatment="replace",
        decidable="yes",
        score=factor(rule.unit, rule.meant),
        replacement=_printed(grid, row, replaced),
    )
