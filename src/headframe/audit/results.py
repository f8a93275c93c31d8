"""What `audit` returns: findings with their cells, reasons and pictures, what could be checked, and what changed.

This is the seam to `show` and to the command line. Everything is frozen; text stands here only as `Message` and `Ref`.
A finding says what does not look like a measurement and why, never that anybody did anything: it is to be verified.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from headframe.core.results import Figure, Message, Ref, Result, type_of_value

if TYPE_CHECKING:
    import polars as pl

Treatment = Literal["keep", "low-reliability", "set-aside", "replace", "ask-source"]
Severity = Literal["high", "medium", "low"]
Decidable = Literal["yes", "partly", "no"]
TREATMENTS: tuple[Treatment, ...] = ("keep", "low-reliability", "set-aside", "replace", "ask-source")
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low")
FINDING_TABLE = (
    *("finding_id", "state", "detector", "kind", "place", "indicator", "dims", "concept", "first", "last", "cells"),
    *("severity", "treatment", "replacement", "unit", "chance", "score", "decision", "refs"),
)
COVERAGE_TABLE = ("detector", "indicator", "dims", "concept", "checked", "unchecked", "why")


class Frozen(BaseModel):
    """A frozen part of a result; unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Cell(Frozen):
    """One value in question: place, indicator, dimensions, concept, price basis, period and observation behind it."""

    place: str
    indicator: str
    period: str
    dims: str = ""
    concept: str = ""
    price_basis: str = ""
    ref: str = ""
    value: float | None = None


class Picture(Frozen):
    """The figures that a chart of a finding needs, all of one indicator in its canonical unit.

    `points` are (year, value) of the series in question, `marked` the years that the finding is about, `expected` the
    line or level that the detector compared with, `band` what other places did (year, low, middle, high).
    """

    indicator: str
    unit: str
    points: tuple[tuple[int, float], ...] = ()
    marked: tuple[int, ...] = ()
    expected: tuple[tuple[int, float], ...] = ()
    band: tuple[tuple[int, float, float, float], ...] = ()


class Finding(Frozen):
    """One thing that does not look right.

    `chance` is the probability of something at least as striking in figures that were really measured, before the
    correction for the number of tests, which decided whether it is listed (`None`: not a matter of chance, such as a
    sum that does not add up). `score` is the detector's own measure, named by the detector's words. `replacement` is
    what the figure would be if the explanation holds; it is never put in its place without a decision. `decidable`
    says whether the figures alone can settle the matter.
    """

    id: str
    detector: str
    kind: str
    place: str
    cells: tuple[Cell, ...]
    against: tuple[Cell, ...] = ()
    reason: Message
    severity: Severity
    treatment: Treatment
    decidable: Decidable = "partly"
    chance: float | None = None
    score: float = 0.0
    replacement: Figure | None = None
    picture: Picture | None = None

    @property
    def refs(self) -> tuple[str, ...]:
        """The observations that the finding is about."""
        return tuple(cell.ref for cell in self.cells if cell.ref)

    @property
    def years(self) -> tuple[str, ...]:
        """The periods that the finding is about, in order, each once."""
        return tuple(dict.fromkeys(cell.period for cell in self.cells))


class Decision(Frozen):
    """What the analyst decided on a finding: accept, reject or later, with a treatment."""

    finding_id: str
    decision: Literal["accept", "reject", "later"]
    treatment: str = ""
    by: str = ""
    date: str = ""
    note: str = ""


class Checked(Frozen):
    """What one detector could check of one column, in cells, and why not the rest (a text id; empty: all checked)."""

    detector: str
    indicator: str
    dims: str = ""
    concept: str = ""
    checked: int
    unchecked: int
    why: str = ""


class Step(Frozen):
    """How one detector came to its list: how many tests, at which level, with which correction, how many listed.

    `threshold` is the largest chance that was still listed (None: the detector does not test chances); `rate` is the
    share of false findings that is allowed among the listed ones.
    """

    detector: str
    tests: int
    listed: int
    rate: float | None = None
    threshold: float | None = None


class Measured(Frozen):
    """What was measured of a detector on synthetic panels: its false alarms, and how much of the injected it found.

    `alarms` are findings per thousand series of clean panels; `recall` and `precision` are over injected faults of all
    sizes, `visible` is the recall over those that a person could tell. All are computed by `audit.rates`.
    """

    detector: str
    fault: str
    series: int
    alarms: float
    recall: float | None = None
    precision: float | None = None
    visible: float | None = None


class Curve(Frozen):
    """How the share of places listed depends on the threshold, for one group and for all others.

    `chosen` is the threshold that the other groups fixed; every point is (threshold, share inside, share outside).
    """

    detector: str
    indicator: Ref
    group: str
    first: int
    last: int
    chosen: float
    points: tuple[tuple[float, float, float], ...]


class Changes(Frozen):
    """What changed since the last recorded audit: ids of findings that are new, gone, or there as before.

    `altered` are those of the unchanged ones that are now about other observations, such as a run that grew by a year:
    a decision on them was taken on fewer figures.
    """

    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()


class AuditResult(Result):
    """The findings of an audit, gravest first, with what was and was not checked.

    `measured` are the rates of the detectors on synthetic panels as shipped with this version; `decisions` are those of
    the folder; `changes` compares with the findings recorded there.
    """

    findings: tuple[Finding, ...]
    coverage: tuple[Checked, ...]
    steps: tuple[Step, ...]
    measured: tuple[Measured, ...] = ()
    curves: tuple[Curve, ...] = ()
    decisions: tuple[Decision, ...] = ()
    changes: Changes = Changes()
    cells: int = 0

    def finding(self, identifier: str) -> Finding | None:
        """The finding of this id, or None."""
        return next((item for item in self.findings if item.id == identifier), None)

    def decision(self, identifier: str) -> Decision | None:
        """The latest decision on a finding, or None."""
        return next((item for item in reversed(self.decisions) if item.finding_id == identifier), None)

    def of(self, detector: str) -> tuple[Finding, ...]:
        """The findings of one detector."""
        return tuple(item for item in self.findings if item.detector == detector)

    def state(self, identifier: str) -> str:
        """Whether a finding is `new`, `altered` or `unchanged` beside the last record; empty if there is none."""
        names = ("new", "altered", "unchanged")
        return next((name for name in names if identifier in getattr(self.changes, name)), "")

    def sources(self) -> tuple[str, ...]:
        """The observations that the findings are about or set against, sorted."""
        cells = (cell for item in self.findings for cell in (*item.cells, *item.against))
        return tuple(sorted({cell.ref for cell in cells if cell.ref}))

    def table(self) -> pl.DataFrame:
        """One row per finding with the columns of `FINDING_TABLE`."""
        import polars as pl

        numbers = {"replacement", "chance", "score"}
        schema = {name: pl.Float64 if name in numbers else pl.String for name in FINDING_TABLE} | {"cells": pl.Int64}
        rows = [self._row(item) for item in self.findings]
        return pl.DataFrame(rows, schema=schema, orient="row")

    def coverage_table(self) -> pl.DataFrame:
        """One row per detector and column: cells checked, cells not checked, and why (columns of `COVERAGE_TABLE`)."""
        import polars as pl

        schema = {name: pl.Int64 if name.endswith("checked") else pl.String for name in COVERAGE_TABLE}
        rows = [tuple(getattr(item, name) for name in COVERAGE_TABLE) for item in self.coverage]
        return pl.DataFrame(rows, schema=schema, orient="row")

    def explain(self) -> tuple[Message, ...]:
        """The result told as text ids with values: the count, each detector's steps, gaps, and every finding."""
        grave = Counter(item.severity for item in self.findings)
        counts: dict[str, type_of_value] = {name: grave.get(name, 0) for name in SEVERITIES}
        told = [Message(id="audit.told.findings", values={"n": len(self.findings), "cells": self.cells, **counts})]
        for step in self.steps:
            told += [Message(id=f"audit.detector.{step.detector}"), _step_told(step)]
            told += [_rate_told(rate) for rate in self.measured if rate.detector == step.detector]
            told += _gaps_told(self.coverage, step.detector)
        if self.changes != Changes():
            values: dict[str, type_of_value] = {
                name: len(getattr(self.changes, name)) for name in ("new", "gone", "unchanged")
            }
            told.append(Message(id="audit.told.changes", values=values))
        return (*told, *(item.reason for item in self.findings), Message(id="audit.told.limits"))

    def _row(self, item: Finding) -> tuple[str | float | int | None, ...]:
        first = item.cells[0] if item.cells else None
        about = (first.indicator, first.dims, first.concept) if first else ("", "", "")
        years = item.years or ("",)
        replaced = item.replacement
        decided = self.decision(item.id)
        return (
            *(item.id, self.state(item.id), item.detector, item.kind, item.place, *about, years[0], years[-1]),
            *(len(item.cells), item.severity, item.treatment, replaced.value if replaced else None),
            *(replaced.unit if replaced else "", item.chance, item.score, decided.decision if decided else ""),
            ";".join(item.refs),
        )


def _step_told(step: Step) -> Message:
    values: dict[str, type_of_value] = {"n": step.listed, "tests": step.tests}
    if step.rate is None:
        return Message(id="audit.told.exact", values=values)
    return Message(id="audit.told.tested", values={**values, "rate": 100 * step.rate})


def _rate_told(rate: Measured) -> Message:
    if not rate.fault:
        return Message(id="audit.told.alarms", values={"alarms": rate.alarms, "series": rate.series})
    shares = {"recall": rate.recall, "precision": rate.precision, "visible": rate.visible}
    return Message(id=f"audit.power.{rate.fault}", values={name: 100.0 * (x or 0.0) for name, x in shares.items()})


def _gaps_told(coverage: tuple[Checked, ...], detector: str) -> list[Message]:
    """One message for each reason: how many cells a detector could not check."""
    missed: Counter[str] = Counter()
    for item in coverage:
        if item.unchecked and item.detector == detector:
            missed[item.why] += item.unchecked
    return [Message(id=f"audit.gap.{why}", values={"n": number}) for why, number in missed.items()]
