"""Figures that other figures imply: growth beside the levels it is the growth of, changes beside their levels, rates
that are the difference of two others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from headframe.audit.contradictions import as_figure, interval, middle
from headframe.audit.found import cell_of, made
from headframe.audit.grid import Grid
from headframe.audit.options import AuditOptions
from headframe.audit.outcome import Outcome
from headframe.audit.results import Checked, Finding, Step
from headframe.audit.rules import Growth, rules

DETECTOR = "implied"
Row = Mapping[str, object]
SAME = 0.6  # percentage points: a rate that is this near to another is that one, as printed
FAR = 1.5  # percentage points: a rate that is this far from another is not
MISTAKEN = 0.5  # share of a change over a span that its levels may miss
UNUSED = ("M", "O", "L", "H", "Q")


def implied(grid: Grid, options: AuditOptions) -> Outcome:  # noqa: ARG001 - every detector takes the options
    """Printed rates and changes that the printed levels contradict."""
    rows = grid.rows.filter(~pl.col("status").is_in(UNUSED) & pl.col("value").is_not_null())
    findings: dict[str, Finding] = {}
    tests = 0
    asked: set[str] = set()
    answered: set[str] = set()
    for done, names, found in (*_growths(grid, rows), *_changes(grid, rows), *_differences(grid, rows)):
        tests += done
        asked |= names
        answered |= names if done else set()
        findings |= {item.id: item for item in found}
    counts = dict(rows.group_by("indicator").len().iter_rows())
    coverage = tuple(
        Checked(
            detector=DETECTOR,
            indicator=name,
            checked=counts[name] if name in answered else 0,
            unchecked=0 if name in answered else counts[name],
            why="" if name in answered else "no-level",
        )
        for name in sorted(asked & counts.keys())
    )
    step = Step(detector=DETECTOR, tests=tests, listed=len(findings))
    return Outcome(tuple(findings.values()), coverage, (step,))


Found = Iterator[tuple[int, set[str], list[Finding]]]


def _of(rows: Sequence[Row], names: tuple[str, ...]) -> list[Row]:
    return [row for row in rows if row["indicator"] in names]


def _places(rows: pl.DataFrame, names: Iterable[str]) -> dict[str, list[Row]]:
    """The dated rows without dimensions of these indicators, by place."""
    wanted = pl.col("indicator").is_in(list(names)) & pl.col("year").is_not_null() & (pl.col("dims") == "")
    found: dict[str, list[Row]] = {}
    for row in rows.filter(wanted).sort("place", maintain_order=True).iter_rows(named=True):
        found.setdefault(str(row["place"]), []).append(row)
    return found


def _growths(grid: Grid, rows: pl.DataFrame) -> Found:
    """Real growth beside the change of nominal levels, and growth of unnamed kind that is nominal."""
    for rule in rules().growth:
        names = (rule.level, *rule.real, *rule.nominal, *rule.unspecified)
        for part in _places(rows, names).values():
            levels = [row for row in _of(part, (rule.level,)) if row["price_basis"] in {"", "nominal"}]
            real, nominal, unnamed = (_of(part, group) for group in (rule.real, rule.nominal, rule.unspecified))
            done, found = _deflators(levels, real)
            yield done, {*rule.real}, found
            done, found = _mistaken(grid, levels, real, (*nominal, *unnamed), rule)
            yield done, {*rule.nominal, *rule.unspecified}, found


def _year(row: Row) -> int:
    return int(str(row["year"]))


def _pairs(levels: list[Row]) -> Iterator[tuple[Row, Row, float]]:
    """Neighbouring levels of one concept with the mean yearly change in per cent."""
    for concept in sorted({str(row["concept"]) for row in levels}):
        same = sorted((row for row in levels if row["concept"] == concept), key=_year)
        for before, after in pairwise(same):
            years = _year(after) - _year(before)
            if years >= 1 and middle(before) > 0 and middle(after) > 0:
                yield before, after, 100.0 * float((middle(after) / middle(before)) ** (1.0 / years) - 1.0)


def _deflators(levels: list[Row], real: list[Row]) -> tuple[int, list[Finding]]:
    """Levels whose change leaves a deflator that nobody would believe beside the printed real growth.

    With several years between the levels, printed growth of any of them stands for all, and the span of believable
    deflators widens by the years that are not printed (3 points for each).
    """
    low, high = rules().deflator
    found, done = [], 0
    for before, after, change in _pairs(levels):
        inside = [row for row in real if _year(before) < _year(row) <= _year(after)]
        if not inside:
            continue
        done += 1
        years = _year(after) - _year(before)
        growth = float(np.mean([middle(row) for row in inside]))
        deflator = 100.0 * ((1.0 + change / 100.0) / (1.0 + growth / 100.0) - 1.0)
        room = 3.0 * (years - len(inside)) / years
        if low - room <= deflator <= high + room:
            continue
        found.append(
            made(
                DETECTOR,
                "contradicts-itself",
                "level-against-growth",
                [cell_of(after), *(cell_of(row) for row in inside)],
                against=[cell_of(before)],
                values={
                    "first": str(before["year"]),
                    "last": str(after["year"]),
                    "change": 100.0 * float(middle(after) / middle(before) - 1.0),
                    "growth": growth,
                    "deflator": deflator,
                },
                severity="high",
                treatment="low-reliability",
                decidable="partly",
                score=abs(deflator),
            )
        )
    return done, found


def _mistaken(
    grid: Grid, levels: list[Row], real: list[Row], others: tuple[Row, ...], rule: Growth
) -> tuple[int, list[Finding]]:
    """Growth printed as real, or of unnamed kind, that equals the nominal change and not the real growth."""
    nominal = {
        _year(after): (before, after, change)
        for before, after, change in _pairs(levels)
        if _year(after) - _year(before) == 1
    }
    unnamed = [row for row in others if row["indicator"] in rule.unspecified]
    found, done = [], 0
    for row in (*real, *unnamed):
        year = _year(row)
        beside = [other for other in real if _year(other) == year and other["ref"] != row["ref"]]
        if not beside:
            continue
        done += 1
        printed = [other for other in others if other["indicator"] in rule.nominal and _year(other) == year]
        changes = [middle(other) for other in printed] + ([nominal[year][2]] if year in nominal else [])
        far = min(abs(middle(row) - middle(other)) for other in beside)
        near = min((abs(middle(row) - change) for change in changes), default=np.inf)
        if far > FAR and (not changes or near <= SAME):
            against = [*beside, *printed, *(nominal[year][:2] if year in nominal else ())]
            found.append(_mistaken_finding(grid, row, against, known=bool(changes), far=far))
    return done, found


def _mistaken_finding(grid: Grid, row: Row, against: list[Row], *, known: bool, far: float) -> Finding:
    return made(
        DETECTOR,
        "nominal-for-real" if known else "contradicts-source",
        "nominal-for-real" if known else "growth-apart",
        [cell_of(row)],
        against=[cell_of(other) for other in against],
        values={"value": as_figure(grid, row), "real": as_figure(grid, against[0])},
        severity="high" if known else "medium",
        treatment="low-reliability",
        decidable="yes" if known else "partly",
        score=far,
    )


def _changes(grid: Grid, rows: pl.DataFrame) -> Found:
    """A change over a span beside the levels at its ends."""
    for rule in rules().changes:
        spans = rows.filter((pl.col("indicator") == rule.change) & pl.col("first").is_not_null())
        by_place = _places(rows, rule.levels)
        for row in spans.iter_rows(named=True):
            first, last = int(row["first"]), int(row["last"])
            levels = by_place.get(str(row["place"]), [])
            done, found = 0, []
            for concept, indicator in sorted({(str(x["concept"]), str(x["indicator"])) for x in levels}):
                same = {_year(x): x for x in levels if (x["concept"], x["indicator"]) == (concept, indicator)}
                if first not in same or last not in same or middle(same[first]) <= 0:
                    continue
                done += 1
                change = 100.0 * (middle(same[last]) / middle(same[first]) - 1.0)
                low, high = interval(row)
                if max(low - change, change - high) > MISTAKEN * max(1.0, abs(change)):
                    found.append(_change_finding(grid, row, same[first], same[last], change))
            yield done, {rule.change}, found


def _change_finding(grid: Grid, row: Row, first: Row, last: Row, change: float) -> Finding:
    return made(
        DETECTOR,
        "contradicts-source",
        "change-against-levels",
        [cell_of(row)],
        against=[cell_of(first), cell_of(last)],
        values={
            "value": as_figure(grid, row),
            "change": change,
            "first": str(first["year"]),
            "last": str(last["year"]),
        },
        severity="medium",
        treatment="ask-source",
        decidable="partly",
        score=abs(middle(row) - change),
    )


def _differences(grid: Grid, rows: pl.DataFrame) -> Found:
    """A rate beside the difference of the two that it is made of."""
    for rule in rules().differences:
        names = (rule.result, rule.more, rule.less)
        for part in _places(rows, names).values():
            by_key: dict[tuple[int, str], dict[str, Row]] = {}
            for row in part:
                by_key.setdefault((_year(row), str(row["concept"])), {})[str(row["indicator"])] = row
            done, found = 0, []
            for trio in by_key.values():
                if len(trio) < 3:
                    continue
                done += 1
                result, more, less = (trio[name] for name in names)
                (low, high), (low1, high1), (low2, high2) = interval(result), interval(more), interval(less)
                if low > high1 - low2 + 1e-9 or high < low1 - high2 - 1e-9:
                    found.append(_difference_finding(grid, result, more, less))
            yield done, {rule.result}, found


def _difference_finding(grid: Grid, result: Row, more: Row, less: Row) -> Finding:
    computed = middle(more) - middle(less)
    return made(
        DETECTOR,
        "arithmetic",
        "difference",
        [cell_of(result)],
        against=[cell_of(more), cell_of(less)],
        values={
            "value": as_figure(grid, result),
            "computed": as_figure(grid, result).model_copy(update={"value": computed, "observations": ()}),
        },
        severity="medium",
        treatment="ask-source",
        decidable="yes",
        score=abs(middle(result) - computed),
    )
