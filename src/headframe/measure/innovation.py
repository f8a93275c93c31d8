"""Innovation (M8): research and development and its gap to the province, patents granted and in force, firms."""

from __future__ import annotations

from headframe.core.results import Message, Ref
from headframe.measure import spans
from headframe.measure.known import year_of
from headframe.measure.plain import Scene, of_series, plain
from headframe.measure.results import Measure
from headframe.measure.subjects import listed, rest

ALWAYS = ("rd_intensity", "invention_patents_granted", "invention_patents_in_force", "high_technology_firms")
WHEN_KNOWN = ("patents_granted", "invention_patents_per_head", "patents_per_head", "science_expenditure_share")


def measures(scene: Scene) -> list[Measure]:
    """All measures of innovation."""
    found = listed(scene, "M8", ALWAYS, WHEN_KNOWN)
    found.insert(1, research_gap(scene))
    return found + rest(scene, "innovation", "M8", found)


def research_gap(scene: Scene) -> Measure:
    """Research intensity here minus the province's, in percentage points: as printed, and from both levels by year."""
    printed = plain(scene, "rd_intensity_gap_to_province", "M8")
    have = {year_of(figure) for figure in printed.series}
    series = list(printed.series)
    for here in scene.here.series("rd_intensity"):
        year = year_of(here)
        there = scene.around.province.at("rd_intensity", year) if scene.around.province and year is not None else None
        if there is not None and there.known and year not in have:
            figure = spans.gap(here, there)
            series.append(figure.model_copy(update={"indicator": "rd_intensity_gap_to_province"}))
    if len(series) == len(printed.series):
        return printed
    series.sort(key=lambda figure: year_of(figure) or 0)
    formula = Message(id="formula.gap-to-province", values={"indicator": Ref(kind="indicator", id="rd_intensity")})
    return of_series(scene, "rd_intensity_gap_to_province", "M8", series, formula=formula)
