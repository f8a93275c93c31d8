"""The results of every verb behind a report, as one document with a published schema."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from headframe.audit.results import AuditResult
from headframe.diagnose.results import DiagnoseResult
from headframe.evidence.results import Fault
from headframe.measure.results import MeasureResult
from headframe.show.results_bundle import KINDS, Kind, Report


class Frozen(BaseModel):
    """A frozen part of the document; unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Stopped(Frozen):
    """A verb that stopped, with every problem in both languages."""

    verb: Kind
    problems: tuple[Fault, ...]


class ReportResults(Frozen):
    """What a report was drawn from: the result of each verb (null where it was not run or stopped).

    `stale` names the verbs whose evidence has changed since they ran, `stopped` those that failed.
    """

    place: str
    audited: AuditResult | None = None
    measured: MeasureResult | None = None
    diagnosed: DiagnoseResult | None = None
    stale: tuple[Kind, ...] = ()
    stopped: tuple[Stopped, ...] = ()


def results_of(report: Report) -> ReportResults:
    """The results in a bundle, for `--json` and the file beside the page."""
    return ReportResults(
        place=report.place.id,
        audited=report.audited,
        measured=report.measured,
        diagnosed=report.diagnosed,
        stale=tuple(kind for kind in KINDS if kind in report.stale),
        stopped=tuple(
            Stopped(verb=kind, problems=tuple(Fault.of(problem) for problem in report.failures[kind].problems))
            for kind in KINDS
            if kind in report.failures
        ),
    )
