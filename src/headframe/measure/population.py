"""Population (M10): urban shrinkage, ageing, births, outflow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from headframe.core.results import Figure, Message, Ref
from headframe.measure import spans
from headframe.measure.known import year_of
from headframe.measure.plain import Scene, missing_evidence, of_series
from headframe.measure.results import Measure
from headframe.measure.subjects import across, listed, rest

ALWAYS = ("population_registered", "population_resident", "natural_growth_rate", "age_65_plus_share")
WHEN_KNOWN = ("population_urban_districts", "birth_rate", "death_rate", "age_60_plus_share", "population_change")


def measures(scene: Scene) -> list[Measure]:
    """All measures of population."""
    found = [*listed(scene, "M10", ALWAYS, WHEN_KNOWN), since_peak(scene)]
    have = {item.id for item in found}
    if "resident_to_registered" not in have:
        found.append(across(scene, "resident_to_registered", "M10", "population_resident", "population_registered"))
    return found + rest(scene, "population", "M10", found)


def since_peak(scene: Scene) -> Measure:
    """Newest population / highest recorded population of the same concept − 1, per cent (M10).

    The peak of the record is not the peak of the place where the record begins late; both years are in the steps.
    """
    series = [figure for name in ("population_resident", "population_registered") for figure in scene.here.series(name)]
    figure = change_since_peak(series)
    known = figure is not None
    needs = [] if known else [missing_evidence(scene, "population_resident")]
    formula = Message(id="formula.since-peak", values={"indicator": Ref(kind="indicator", id="population_resident")})
    found = [figure] if figure is not None else []
    return of_series(scene, "population_change_since_peak", "M10", found, formula=formula, needs=needs)


def change_since_peak(series: Sequence[Figure]) -> Figure | None:
    """100 × (newest / highest − 1) within the concept that has the most dated figures; None with fewer than two."""
    groups: dict[tuple[str, str], list[Figure]] = defaultdict(list)
    for figure in series:
        if year_of(figure) is not None and figure.value is not None and figure.qualifier in {"=", "~"}:
            groups[figure.indicator, figure.concept].append(figure)
    longest = max(groups.values(), key=len, default=[])
    if len(longest) < 2:
        return None
    newest = max(longest, key=lambda figure: year_of(figure) or 0)
    peak = max(longest, key=lambda figure: figure.value or 0.0)
    quotient = spans.scaled(spans.quotient(spans.span(newest), spans.span(peak)), 100.0)
    value, low, high = (
        None if part is None else part - 100.0 for part in (quotient.value, quotient.low, quotient.high)
    )
    if peak is newest:
        value = low = high = 0.0
    return spans.derived(
        spans.Span(value, low, high),
        [newest, peak],
        indicator="population_change_since_peak",
        unit="%",
        step=Message(id="step.since-peak", values={"newest": newest, "peak": peak}),
    )
