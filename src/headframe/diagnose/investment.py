"""Investment efficiency and heavy lock-in (D4): investment multiplied, industry grew heavier, jobs did not follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from headframe.core.results import Figure, Message, Ref
from headframe.diagnose.criteria import JudgementSpec, Look
from headframe.diagnose.gather import Row, Scene, find, usable
from headframe.diagnose.judge import missing_need
from headframe.diagnose.judgements import frame
from headframe.diagnose.parts import Sign, State
from headframe.diagnose.results import InvestmentLockIn, InvestmentSpan
from headframe.diagnose.signs import signs
from headframe.measure import spans
from headframe.measure.known import Known, year_of

SERIES = ("industrial_investment", "fixed_asset_investment")
HEAVY = "heavy_industry_share"
JOBS = "employment_secondary"


def investment(scene: Scene, spec: JudgementSpec) -> InvestmentLockIn:
    """Whether investment multiplied while industry grew heavier and jobs did not follow.

    Spans are computed for the place and its province; what shows only in the province counts for the place in part.
    """
    places = (scene.here, *scene.provinces)
    found = tuple(span for known in places if (span := span_of(scene, known)) is not None)
    all_signs = (*_signs(scene, found), *signs(scene, spec))
    fields = frame("investment", spec, all_signs)
    here = [span for span in found if span.place.id == scene.city.place.id]
    needs = () if here else tuple(missing_need(scene, indicator) for indicator in (*SERIES, HEAVY, JOBS))
    notes: list[Message] = []
    for note in (note for span in found for note in span.notes):
        notes += [] if note in notes else [note]
    return InvestmentLockIn(**fields, missing=needs, spans=found, notes=tuple(notes))


def span_of(scene: Scene, known: Known) -> InvestmentSpan | None:
    """Investment from its first to its last dated year at one place, with what came of it; None without two years.

    The span is the longest within one concept and price basis, so that two ways of counting are never joined. fold =
    last / first, both as reported (nominal amounts contain the change of prices); heavy industry's share at the last
    date up to the first year and at the last date up to the last year; jobs as change in per cent.
    """
    longest = next((found for indicator in SERIES if len(found := one_concept(known.series(indicator))) > 1), ())
    if not longest:
        return None
    first, last = longest[0], longest[-1]
    years = (year_of(first) or 0, year_of(last) or 0)
    fold = spans.ratio(last, first, indicator="industrial_investment_multiple", unit="1")
    period = f"{years[0]}–{years[-1]}"
    slips = tuple(finding for finding in _findings(known) if finding["kind"] == "unit-slip")
    corrected = any(_corrected(figure, slips) for figure in (first, last))
    values = {"first": first, "last": last, "fold": fold, "start": str(years[0]), "end": str(years[1])}
    return InvestmentSpan(
        place=Ref(kind="place", id=known.place.id),
        period=period,
        first=first,
        last=last,
        fold=fold.model_copy(update={"period": period}),
        product_fold=_fold(known, years[0], years[-1]).model_copy(update={"period": period}),
        coefficient=_coefficient(scene, known),
        heavy_before=_up_to(known, HEAVY, years[0]),
        heavy_after=_up_to(known, HEAVY, years[-1], after=years[0]),
        jobs=_change(known, JOBS, years[0], years[-1]),
        corrected=corrected,
        message=Message(id="diagnose.investment.span", values={**values}),
        notes=tuple(_notes(first, known, corrected=corrected)),
    )


def one_concept(series: Sequence[Figure]) -> tuple[Figure, ...]:
    """The dated, usable figures of the one concept and price basis that spans the most years, in time order."""
    groups: dict[tuple[str, str], list[Figure]] = {}
    for figure in series:
        if figure.value is not None and usable(figure) and year_of(figure) is not None:
            groups.setdefault((figure.concept, figure.price_basis), []).append(figure)

    if not groups:
        return ()
    longest = max(groups.values(), key=lambda one: ((year_of(one[-1]) or 0) - (year_of(one[0]) or 0), len(one)))
    return tuple(longest)


def _fold(known: Known, first: int, last: int) -> Figure:
    """Gross domestic product of the last year over that of the first, as reported; not known across two concepts."""
    one, other = known.at("gdp", first), known.at("gdp", last)
    if (one.concept, one.price_basis) != (other.concept, other.price_basis):
        return known.unknown("gdp").model_copy(update={"unit": "1"})
    return spans.ratio(other, one, indicator="gdp", unit="1")


def _findings(known: Known) -> tuple[Row, ...]:
    return tuple(known.city.findings.iter_rows(named=True))


def _corrected(figure: Figure, slips: Sequence[Row]) -> bool:
    """Whether a figure is the corrected reading of a slip: derived, and named by a finding on a slip of unit."""
    ids = {ref.partition("/")[2] for ref in figure.observations}
    named = {
        part
        for slip in slips
        for column in ("obs_ids", "against_obs_ids")
        for part in str(slip[column] or "").split(";")
    }
    return figure.method == "derived" and bool(ids & named)


def _coefficient(scene: Scene, known: Known) -> Figure:
    """As its line was drawn, from nominal increases (`derive.investment_effect`); real where nothing else is known."""
    found = find(scene, Look(indicator="investment_effect_coefficient"), known)
    return found[0].figure if found else known.unknown("investment_effect_coefficient")


def _up_to(known: Known, indicator: str, year: int, *, after: int | None = None) -> Figure:
    """The last figure dated up to a year (and after another, where asked), or an unknown one."""
    found = [year_of(figure) for figure in known.series(indicator)]
    fit = [item for item in found if item is not None and item <= year and (after is None or item > after)]
    return known.at(indicator, max(fit)) if fit else known.unknown(indicator)


def _change(known: Known, indicator: str, first: int, last: int) -> Figure:
    """The change between two years in per cent of the first; not known where either is not."""
    one, other = known.at(indicator, first), known.at(indicator, last)
    ratio = spans.ratio(other, one, indicator=indicator, unit="%")
    if not ratio.known:
        return known.unknown(indicator).model_copy(update={"unit": "%"})
    shift = {name: None if part is None else part - 100.0 for name, part in _bounds(ratio).items()}
    return ratio.model_copy(update={**shift, "period": f"{first}–{last}"})


def _bounds(figure: Figure) -> dict[str, float | None]:
    return {"value": figure.value, "low": figure.low, "high": figure.high}


def _notes(first: Figure, known: Known, *, corrected: bool) -> Iterator[Message]:
    if corrected:
        yield Message(id="diagnose.investment.corrected")
    if first.price_basis == "nominal":
        yield Message(id="diagnose.investment.nominal")
    if known.city.observations.filter(known.city.observations["indicator_id"] == "statistical_integrity_report").height:
        yield Message(id="diagnose.investment.integrity", values={"place": Ref(kind="place", id=known.place.id)})
    stated = known.newest("industrial_investment_multiple")
    if stated.known:
        yield Message(id="diagnose.investment.stated", values={"figure": stated})


def _signs(scene: Scene, found: Sequence[InvestmentSpan]) -> Iterator[Sign]:
    """The two signs that spans show: investment multiplied, and industry grew heavier."""
    for identifier, name, read in (
        ("investment-multiplied", "diagnose.sign.investment-multiplied", _multiplied),
        ("heavier", "diagnose.sign.heavier", _heavier),
    ):
        span = next((one for one in found if read(one) != "not-known"), None)
        state: State = "not-known" if span is None else read(span)
        if span is not None and span.place.id != scene.city.place.id and state == "present":
            state = "partly"
        told = Message(id="diagnose.sign.not-known") if span is None else _told(identifier, span)
        yield Sign(id=identifier, name=Message(id=name), state=state, message=told)


def _multiplied(span: InvestmentSpan) -> State:
    """Present where investment outgrew product, absent where it did not; with product unknown a rise shows in part."""
    if span.fold.value is None:
        return "not-known"
    if span.product_fold.value is None:
        return "partly" if span.fold.value > 1.0 else "absent"
    return "present" if span.fold.value > span.product_fold.value else "absent"


def _heavier(span: InvestmentSpan) -> State:
    if span.heavy_before.value is None or span.heavy_after.value is None:
        return "not-known"
    return "present" if span.heavy_after.value > span.heavy_before.value else "absent"


def _told(identifier: str, span: InvestmentSpan) -> Message:
    if identifier == "heavier":
        values = {"place": span.place, "before": span.heavy_before, "after": span.heavy_after}
        years = {"start": span.heavy_before.period, "end": span.heavy_after.period}
        return Message(id="diagnose.investment.heavier", values={**values, **years})
    start, end = span.first.period, span.last.period
    values = {"place": span.place, "fold": span.fold}
    nominal = span.first.price_basis == "nominal"
    if span.product_fold.known:
        text = "diagnose.investment.outgrew-nominal" if nominal else "diagnose.investment.outgrew"
        return Message(id=text, values={**values, "start": start, "end": end, "product": span.product_fold})
    text = "diagnose.investment.multiplied-nominal" if nominal else "diagnose.investment.multiplied"
    return Message(id=text, values={**values, "start": start, "end": end})
