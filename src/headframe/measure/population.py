"""Population (M10): urban shrinkage, ageing, births, outflow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from headframe.core.results import Figure, Message, Ref, type_of_value
from headframe.evidence.reconcile import UNUSABLE
from headframe.measure import spans
from headframe.measure.known import Known, year_of
from headframe.measure.needs import need
from headframe.measure.plain import Scene, missing_evidence, of_series
from headframe.measure.results import Measure, Need
from headframe.measure.subjects import across, listed, rest

ALWAYS = ("population_registered", "population_resident", "natural_growth_rate", "age_65_plus_share")
WHEN_KNOWN = ("population_urban_districts", "birth_rate", "death_rate", "age_60_plus_share", "population_change")

# Years: a shorter record may well begin after the peak. The length is a convention.
LONG_ENOUGH = 15


def measures(scene: Scene) -> list[Measure]:
    """All measures of population."""
    found = [*listed(scene, "M10", ALWAYS, WHEN_KNOWN), since_peak(scene)]
    have = {item.id for item in found}
    if "resident_to_registered" not in have:
        found.append(across(scene, "resident_to_registered", "M10", "population_resident", "population_registered"))
    return found + rest(scene, "population", "M10", found)


def since_peak(scene: Scene) -> Measure:
    """Newest population / highest recorded population of the same concept and area − 1, per cent (M10).

    The peak of the record is not the peak of the place where the record begins late: below 15 years the figure says
    `at most` (at least this fall), and where a short record shows no fall nothing is known, with a need.
    """
    series = [figure for name in ("population_resident", "population_registered") for figure in scene.here.series(name)]
    longest = longest_record(series, boundaries(scene.here))
    figure = change_since_peak(longest)
    needs = []
    if figure is None:
        indicator = longest[0].indicator if longest else "population_resident"
        needs = [_need(scene, longest) if longest else missing_evidence(scene, indicator)]
    formula = Message(id="formula.since-peak", values={"indicator": Ref(kind="indicator", id="population_resident")})
    found = [figure] if figure is not None else []
    notes = [_short(longest)] if figure is not None and figure.qualifier == "<=" else []
    return of_series(scene, "population_change_since_peak", "M10", found, formula=formula, notes=notes, needs=needs)


def boundaries(here: Known) -> dict[str, str]:
    """Observation → the version of the place's boundary that it is of, where it states one."""
    rows = here.city.observations.select("ref", "boundary_version").iter_rows()
    return {str(ref): str(version) for ref, version in rows if version}


def longest_record(series: Sequence[Figure], boundary: Mapping[str, str]) -> list[Figure]:
    """The dated figures of one indicator, concept and boundary that reach over most years, in time order.

    Of records that reach equally far, the one with more figures. Figures of low reliability are left out.
    """
    groups: dict[tuple[str, str, str], list[Figure]] = defaultdict(list)
    for figure in series:
        usable = figure.value is not None and figure.qualifier in {"=", "~"} and figure.status not in UNUSABLE
        if usable and year_of(figure) is not None:
            versions = sorted({boundary[ref] for ref in figure.observations if ref in boundary})
            groups[figure.indicator, figure.concept, ";".join(versions)].append(figure)
    ordered = [sorted(group, key=_year) for group in groups.values()]
    return max(ordered, key=lambda group: (reach(group), len(group)), default=[])


def reach(record: Sequence[Figure]) -> int:
    """Years from the first to the last figure of a record."""
    return _year(record[-1]) - _year(record[0]) if record else 0


def _year(figure: Figure) -> int:
    return year_of(figure) or 0


def change_since_peak(record: Sequence[Figure]) -> Figure | None:
    """100 × (newest / highest − 1) of one record in time order; None with fewer than two figures.

    A record that reaches back less than `LONG_ENOUGH` years may begin after the peak, so its change is an upper bound
    (qualifier `<=`): the place has fallen at least so far. Without a fall in a short record: None.
    """
    if len(record) < 2:
        return None
    newest, peak = record[-1], max(record, key=lambda figure: figure.value or 0.0)
    short = reach(record) < LONG_ENOUGH
    if short and (newest.value or 0.0) >= (peak.value or 0.0):
        return None
    quotient = spans.scaled(spans.quotient(spans.span(newest), spans.span(peak)), 100.0)
    value, low, high = (
        None if part is None else part - 100.0 for part in (quotient.value, quotient.low, quotient.high)
    )
    if peak is newest:
        value = low = high = 0.0
    years: dict[str, type_of_value] = {"year": str(_year(newest)), "peak_year": str(_year(peak))}
    figure = spans.derived(
        spans.Span(value, low, high),
        [newest, peak],
        indicator="population_change_since_peak",
        unit="%",
        step=Message(id="step.since-peak", values={"newest": newest, "peak": peak, **years}),
    )
    if not short:
        return figure
    at_most = value if high is None else high
    return figure.model_copy(update={"value": at_most, "low": None, "high": None, "qualifier": "<="})


def _short(record: Sequence[Figure]) -> Message:
    return Message(id="measure.note.short-record", values={"year": str(_year(record[0])), "least": LONG_ENOUGH})


def _need(scene: Scene, record: Sequence[Figure]) -> Need:
    """Earlier figures: how far back the record would have to reach."""
    name = record[0].indicator
    before = str(_year(record[-1]) - LONG_ENOUGH)
    return need(
        name,
        scene.here.place.id,
        "measure.need.longer-record",
        period=before,
        indicator=Ref(kind="indicator", id=name),
        year=str(_year(record[0])),
        before=before,
    )
