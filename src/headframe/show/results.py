"""The results of every verb that ran, as one document for programs: schema `report`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from headframe.diagnose.results import DiagnoseResult
from headframe.measure.results import MeasureResult
from headframe.show.results_bundle import Report


class ReportResults(BaseModel):
    """What `report` writes beside page and workbook; a verb that did not run or failed is null."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: str
    measure: MeasureResult | None
    diagnose: DiagnoseResult | None


def results_of(report: Report) -> ReportResults:
    """The results that a report was drawn from."""
    return ReportResults(place=report.place.id, measure=report.measured, diagnose=report.diagnosed)
