"""What the subject modules share: lists of indicators, ratios across periods, and what else is known of a subject."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headframe.catalog.load import catalog
from headframe.core.results import Figure, Message, Ref, type_of_value
from headframe.measure import spans
from headframe.measure.known import same_area, year_of
from headframe.measure.plain import Scene, missing_evidence, of_series, parse_dims, plain
from headframe.measure.results import Measure


def listed(scene: Scene, scope: str, always: Iterable[str], when_known: Iterable[str] = ()) -> list[Measure]:
    """The measures of listed indicators: `always` with a need where nothing is known, `when_known` only with evidence.

    An indicator reported under dimensions gives one measure per set of dimensions.
    """
    found: list[Measure] = []
    for indicator in always:
        found.extend(under_all_dims(scene, indicator, scope) or [plain(scene, indicator, scope)])
    for indicator in when_known:
        found.extend(under_all_dims(scene, indicator, scope))
    return found


def under_all_dims(scene: Scene, indicator: str, scope: str) -> list[Measure]:
    """One measure of an indicator for each set of dimensions under which anything is known."""
    dims = ("", *scene.here.dims_of(indicator))
    return [plain(scene, indicator, scope, item) for item in dims if scene.here.series(indicator, parse_dims(item))]


def rest(scene: Scene, subject: str, scope: str, shown: Iterable[Measure]) -> list[Measure]:
    """What else is known of a subject: core indicators with evidence that no measure in `shown` is about.

    Employment by sector is left to the indices of structure.
    """
    have = {item.id for item in shown} | {"employment_by_sector"}
    found: list[Measure] = []
    for indicator in catalog().indicators.values():
        if indicator.subject == subject and indicator.core and indicator.id not in have:
            row = next((row for row in indicator.scope if row.startswith("M")), scope)
            found.extend(under_all_dims(scene, indicator.id, row))
    return found


def across(
    scene: Scene, indicator: str, scope: str, numerator: str, denominator: str, *, computed_in: str = ""
) -> Measure:
    """The ratio of the newest figures of two indicators whose periods may differ, which is then said.

    Same-year parts are taken where both are dated and share a year; else the newest of each. `computed_in` names the
    unit of the quotient where the indicator's own unit leaves out what is counted (jobs per dwelling: no unit).
    """
    one, other = _pair(scene, numerator, denominator)
    missing = [
        missing_evidence(scene, name) for name, part in ((numerator, one), (denominator, other)) if not part.known
    ]
    unit = catalog().indicators[indicator].unit
    figure = scene.here.unknown(indicator)
    if not missing and same_area(one, other):
        quotient = spans.ratio(one, other, indicator=indicator, unit=computed_in or unit)
        figure = quotient.model_copy(update={"unit": unit})
    notes = []
    if figure.known and one.period != other.period:
        figure = figure.model_copy(update={"period": span_of_periods(one, other), "status": "E"})
        values: dict[str, type_of_value] = {"numerator": one, "denominator": other}
        values |= {"first": one.period, "second": other.period}
        notes.append(Message(id="measure.note.periods-differ", values=values))
    series = (figure,) if figure.known else ()
    return of_series(
        scene, indicator, scope, series, formula=ratio_formula(numerator, denominator), notes=notes, needs=missing
    )


def ratio_formula(numerator: str, denominator: str) -> Message:
    """The formula text of a quotient of two indicators."""
    names = {"numerator": Ref(kind="indicator", id=numerator), "denominator": Ref(kind="indicator", id=denominator)}
    return Message(id="formula.ratio", values={**names})


def span_of_periods(one: Figure, other: Figure) -> str:
    """Both periods in one text, the numerator's first."""
    return " / ".join(dict.fromkeys((one.period, other.period)))


def _pair(scene: Scene, numerator: str, denominator: str) -> tuple[Figure, Figure]:
    here = scene.here
    years = sorted(set(here.years(numerator)) & set(here.years(denominator)))
    if years:
        return here.at(numerator, years[-1]), here.at(denominator, years[-1])
    return here.newest(numerator), here.newest(denominator)


def newest_common_year(scene: Scene, indicators: Sequence[str]) -> int | None:
    """The latest year for which all these indicators are known here; None where there is none."""
    years = [set(scene.here.years(indicator)) for indicator in indicators]
    shared = set.intersection(*years) if years else set()
    return max(shared) if shared else None


def in_year(figures: Sequence[Figure], year: int) -> list[Figure]:
    """The figures of one year."""
    return [figure for figure in figures if year_of(figure) == year]
