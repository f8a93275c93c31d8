"""Section 1, on one page: a sentence for each question that can be answered, five numbers, one picture."""

from __future__ import annotations

from dataclasses import dataclass

from headframe.core.results import Figure, Message, Ref
from headframe.diagnose.results import DiagnoseResult
from headframe.measure.results import Measure, MeasureResult, MeterYear
from headframe.show.audited import summary as audit_summary
from headframe.show.blocks import Answer, Block, Charts, Number, Numbers, SectionContent, text
from headframe.show.charts.time import Series, TimeChart
from headframe.show.results_bundle import Kind, Report
from headframe.show.sections.base import State, state_of
from headframe.show.sections.common import event_marks, held_against, longest, measure_name, since, spanned

# Candidates for the five numbers, one from each group in turn; the first known one of a group stands for it.
HEADLINES: tuple[tuple[str, ...], ...] = (
    ("population_resident", "population_registered", "population_urban_districts"),
    ("unemployment_rate_surveyed", "unemployment_rate_registered", "unemployment_rate", "employment_urban_units"),
    ("gdp_per_head", "gdp"),
    ("general_budget_revenue", "resource_share_of_revenue"),
    ("subsidence_area", "gangue_mass", "water_per_head_relative", "pm25"),
    ("resource_share_of_output", "tertiary_share", "secondary_share"),
    ("rd_intensity", "invention_patents_granted"),
    ("laid_off_aged_45_plus_share", "out_migration_young", "average_wage_urban_units"),
)
PICTURE: tuple[tuple[tuple[str, ...], str], ...] = (
    (("population_resident", "population_registered", "population_urban_districts"), "blue"),
    (("employment_urban_units", "employment"), "orange"),
    (("general_budget_revenue",), "green"),
)
FIRST_YEAR = 2000


@dataclass(frozen=True)
class OnOnePage:
    """The first screen. A sentence whose room is missing is left out."""

    id: str = "one-page"
    order: int = 1
    requires: tuple[Kind, ...] = ("measure", "diagnose", "evidence")

    def state(self, report: Report, /) -> State:
        """Ready as soon as there is any result or evidence."""
        return state_of(self.requires, report)

    def build(self, report: Report, /) -> SectionContent:
        """The answers, the numbers and the picture."""
        blocks: list[Block] = list(answers(report))
        if report.measured is not None:
            numbers = five_numbers(report.measured)
            blocks += [Numbers(numbers)] if numbers else []
            picture = since_the_peak(report, report.measured)
            blocks += [Charts((picture,))] if picture else []
        return SectionContent(tuple(blocks))


def answers(report: Report) -> tuple[Answer, ...]:
    """One answer per question whose room has a result."""
    where = _where(report)
    found = [Answer(text("page.answer.where"), where)] if where else []
    if report.diagnosed is not None:
        found.append(Answer(text("page.answer.why"), _why(report.diagnosed)))
    unknown = _unknown(report)
    if unknown:
        found.append(Answer(text("page.answer.unknown"), unknown))
    return tuple(found)


def _why(diagnosed: DiagnoseResult) -> tuple[Message, ...]:
    """The summary, then the strongest piece of evidence of each judged challenge, the worst first, at most three."""
    judged = [item for item in diagnosed.challenges if item.known and item.strongest]
    judged.sort(key=lambda item: -(item.severity.value or 0.0))
    return (diagnosed.summary, *(item.strongest[0].message for item in judged[:3]))


def _where(report: Report) -> tuple[Message, ...]:
    sentences = [kind_of_place(report)]
    if report.measured is None:
        return tuple(sentences)
    batch = report.measured.exhaustion.official.exhausted_batch
    if batch:
        sentences.append(text("page.where.listed", year=batch))
    sentences.append(meter_sentence(report.measured))
    return tuple(sentences)


def kind_of_place(report: Report) -> Message:
    """What the place is: its level, what it lies in, and what it lives or lived from."""
    place = report.place
    here = Ref(kind="place", id=place.id)
    level = text(f"page.level.{place.level}")
    resource = text(f"page.resource.{place.resource_type}")
    if place.parent:
        parent = Ref(kind="place", id=place.parent)
        return text("page.where.place-in", place=here, level=level, parent=parent, resource=resource)
    return text("page.where.place", place=here, level=level, resource=resource)


def meter_sentence(measured: MeasureResult) -> Message:
    """What the meter says: newest score and rank, or why there is no score."""
    scored = measured.meter.scored
    if not scored:
        best = max((item.coverage for item in measured.meter.years), default=0.0)
        needed = 100 * measured.meter.coverage_needed
        return text("page.where.no-score", coverage=_per_cent(100 * best), needed=_per_cent(needed))
    newest: MeterYear = scored[-1]
    if newest.rank.value is not None and newest.ranked:
        return text(
            "page.where.score-rank",
            score=spanned(newest.score),
            year=str(newest.year),
            rank=spanned(newest.rank),
            n=len(newest.ranked),
        )
    return text("page.where.score", score=spanned(newest.score), year=str(newest.year))


def _per_cent(value: float) -> Figure:
    return Figure(value=round(value), unit="%", method="derived")


def _unknown(report: Report) -> tuple[Message, ...]:
    sentences: list[Message] = []
    if report.diagnosed is not None:
        sentences.append(report.diagnosed.unknown.message)
    elif report.audit:
        sentences.append(text("page.unknown.findings", n=len(report.audit)))
    if report.audited is not None and report.audited.findings:
        sentences.append(audit_summary(report.audited))
    needs = len({(need.indicator, need.place) for need in report.needs()})
    if needs:
        sentences.append(text("page.unknown.needs", n=needs))
    return tuple(sentences)


def five_numbers(measured: MeasureResult) -> tuple[Number, ...]:
    """At most five known headline measures with their movement and comparisons."""
    chosen: list[Measure] = []
    for group in HEADLINES:
        known = [found for name in group if (found := measured.measure(name)) is not None and found.known]
        chosen += known[:1]
    return tuple(Number(measure_name(item), item.figure, _beside(item)) for item in chosen[:5])


def _beside(measure: Measure) -> tuple[Message, ...]:
    moved = since(measure.series)
    period = measure.figure.period
    dated = (text("page.number.period", period=period),) if period else (text("page.number.undated"),)
    return (*dated, *((moved,) if moved else ()), *held_against(measure)[:2])


def since_the_peak(report: Report, measured: MeasureResult) -> TimeChart | None:
    """Population, jobs and revenue, each as a percentage of its own highest known figure."""
    lines: list[Series] = []
    for names, tone in PICTURE:
        found = [item for name in names if (item := measured.measure(name)) is not None]
        line = max(found, key=lambda item: len(longest(item.series)), default=None)
        if line is not None and len(longest(line.series)) >= 2:
            lines.append(Series(line.title, indexed(longest(line.series)), tone))
    if not lines:
        return None
    first = text("charts.title.peak", **_peak_values(lines))
    return TimeChart(
        id="since-the-peak",
        title=first,
        subtitle=text("charts.subtitle.peak"),
        alt=text("charts.alt.time", name=text("charts.name.peak"), n=len(lines), finding=first),
        series=tuple(lines),
        unit="%",
        events=event_marks(report),
        from_year=FIRST_YEAR,
        notes=(text("charts.note.peak"), text("charts.note.no-fan")),
    )


def _peak_values(lines: list[Series]) -> dict[str, Message | Figure | Ref]:
    last = min((line.figures[-1] for line in lines), key=lambda figure: figure.value or 0.0)
    name = next(line.name for line in lines if line.figures[-1] is last)
    return {"name": name, "figure": last, "period": text("charts.plain", text=last.period)}


def indexed(series: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """Each figure as a percentage of the highest one; the steps name both."""
    top = max(series, key=lambda figure: figure.value or 0.0)
    if not top.value:
        return ()
    return tuple(
        Figure(
            value=100 * (figure.value or 0.0) / top.value,
            unit="%",
            period=figure.period,
            concept=figure.concept,
            price_basis=figure.price_basis,
            status=figure.status,
            method="derived" if figure.method == "reported" else figure.method,
            indicator=figure.indicator,
            place=figure.place,
            observations=tuple(dict.fromkeys((*figure.observations, *top.observations))),
            steps=(text("charts.step.peak", figure=figure, top=top, period=top.period),),
        )
        for figure in series
    )
