"""What every face says of the audit: where a finding is, its treatment, decision and rate, and what rests on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError
from headframe.core.results import Figure, Message, Ref
from headframe.show.blocks import Tone, text

if TYPE_CHECKING:
    import polars as pl

    from headframe.audit.results import AuditResult, Cell, Curve, Decision, Finding, Measured
    from headframe.measure.results import Contribution, MeterYear
    from headframe.show.results_bundle import Report

PANEL = "panel"  # the place of a finding about several places
TONES: Mapping[str, Tone] = {"high": "severe", "medium": "concern", "low": "plain"}
FEW = 6  # names or years that are listed one by one


@dataclass(frozen=True)
class Check:
    """One detector: how many it tested and listed, how many figures it could and could not check, and its rates.

    `alarms` are its false alarms on clean synthetic panels; `best` and `worst` what it found, in per cent, of injected
    faults that a person could tell, by kind of fault (None: not measured).
    """

    detector: str
    tests: int
    listed: int
    checked: int
    unchecked: int
    gaps: tuple[Message, ...] = ()
    alarms: Measured | None = None
    worst: float | None = None
    best: float | None = None


@dataclass(frozen=True)
class Resting:
    """An input of the meter that a finding is about, in the newest year that has a score."""

    year: MeterYear
    contribution: Contribution
    findings: tuple[Finding, ...]


def unit(indicator: str) -> str:
    """The unit of an indicator, `1` where the catalogue has none."""
    entry = catalog().indicators.get(indicator)
    return entry.unit if entry is not None else "1"


def counts(result: AuditResult) -> dict[str, int]:
    """How many findings of each severity there are."""
    found = Counter(item.severity for item in result.findings)
    return {name: found.get(name, 0) for name in ("high", "medium", "low")}


def summary(result: AuditResult) -> Message:
    """How many findings there are in how many figures, by severity; or that there is none, which proves nothing."""
    # Figures without a year stand in no series; the checks that look at single figures count them.
    cells = result.cells or max((one.checked + one.unchecked for one in checks(result)), default=0)
    if not cells:
        return text("integrity.nothing")
    if not result.findings:
        return text("integrity.none", cells=cells)
    return text("audit.told.findings", n=len(result.findings), cells=cells, **counts(result))


def where(finding: Finding, home: str = "") -> Message:
    """What a finding is about: its series and periods, after its place where that is not `home`."""
    cells = finding.cells
    series = tuple(dict.fromkeys((cell.indicator, cell.dims, cell.concept) for cell in cells))
    named = tuple(_series(*one) for one in series[:FEW])
    names = text("integrity.and-more", names=named, n=len(series) - FEW) if len(series) > FEW else named
    told = (
        text("integrity.where", names=names, years=periods(cells))
        if periods(cells)
        else text("integrity.of", names=names)
    )
    if finding.place == home:
        return told
    place: Message | Ref = text("integrity.places") if finding.place == PANEL else Ref(kind="place", id=finding.place)
    return text("integrity.at", place=place, where=told)


def _series(indicator: str, dims: str, concept: str) -> Message | Ref:
    name = Ref(kind="indicator", id=indicator)
    marks = [Ref(kind="dims", id=dims)] if dims else []
    marks += [Ref(kind="concept", id=part) for part in concept.split(";") if part]
    return text("told.marked", name=name, marks=tuple(marks)) if marks else name


def periods(cells: Iterable[Cell]) -> str:
    """The periods of cells: a span where every year in it is meant, few of them one by one, many by their ends."""
    names = sorted({cell.period for cell in cells if cell.period})
    years = [int(name) for name in names if name.isdigit()]
    if len(names) > 2 and len(years) == len(names) and years[-1] - years[0] == len(years) - 1:
        return f"{years[0]}–{years[-1]}"
    if len(names) > FEW:
        return f"{names[0]} … {names[-1]}"
    return " / ".join(names)


def treatment(finding: Finding) -> Message:
    """What the audit suggests, with what would be put in the figure's place where it names that."""
    said = text(f"integrity.treatment.{finding.treatment}")
    if finding.replacement is None or not finding.replacement.known:
        return said
    return text("integrity.treatment-with", treatment=said, figure=finding.replacement)


def decided(decision: Decision | None) -> Message:
    """The decision that holds, with its treatment, author and date; or that none was taken."""
    if decision is None:
        return text("integrity.decision.open")
    said = text(f"integrity.decision.{decision.decision}")
    if decision.decision == "accept" and decision.treatment:
        said = text("integrity.decision-as", decision=said, treatment=text(f"integrity.treatment.{decision.treatment}"))
    if not decision.by:
        return said
    return text("integrity.decision-by", decision=said, by=decision.by, date=decision.date)


def is_open(decision: Decision | None) -> bool:
    """Whether a finding still waits for a decision."""
    return decision is None or decision.decision == "later"


def alarms(result: AuditResult, detector: str) -> Message:
    """How often a detector cries wolf on clean synthetic panels, or that this was not measured."""
    rate = _rate(result, detector)
    if rate is None:
        return text("integrity.alarms.unknown")
    return text("integrity.alarms", alarms=rate.alarms, series=rate.series)


def alarms_short(rate: Measured | None) -> Message | str:
    """The rate alone, for a column that says what it is."""
    return text("integrity.per-thousand", alarms=rate.alarms) if rate is not None else "–"


def rate_of(result: AuditResult, detector: str) -> Measured | None:
    """The measured false alarms of a detector, None where they were not measured."""
    return _rate(result, detector)


def _rate(result: AuditResult, detector: str) -> Measured | None:
    return next((one for one in result.measured if one.detector == detector and not one.fault), None)


def checks(result: AuditResult) -> tuple[Check, ...]:
    """One entry per detector that ran, in their order."""
    found: dict[str, Check] = {}
    names = dict.fromkeys((*(step.detector for step in result.steps), *(one.detector for one in result.coverage)))
    for name in names:
        steps = [step for step in result.steps if step.detector == name]
        covered = [one for one in result.coverage if one.detector == name]
        seen = [
            one.visible for one in result.measured if one.detector == name and one.fault and one.visible is not None
        ]
        found[name] = Check(
            detector=name,
            tests=sum(step.tests for step in steps),
            listed=sum(step.listed for step in steps),
            checked=sum(one.checked for one in covered),
            unchecked=sum(one.unchecked for one in covered),
            gaps=_gaps(result, name),
            alarms=_rate(result, name),
            worst=100 * min(seen) if seen else None,
            best=100 * max(seen) if seen else None,
        )
    return tuple(found.values())


def _gaps(result: AuditResult, detector: str) -> tuple[Message, ...]:
    missed: Counter[str] = Counter()
    for one in result.coverage:
        if one.detector == detector and one.unchecked and one.why:
            missed[one.why] += one.unchecked
    return tuple(text(f"audit.gap.{why}", n=number) for why, number in missed.items())


def casts_doubt(finding: Finding, decision: Decision | None) -> bool:
    """Whether a finding, once recorded, takes from the reliability of its figures: unless rejected or kept as it is."""
    if decision is not None and decision.decision == "reject":
        return False
    accepted = decision is not None and decision.decision == "accept"
    return ((decision.treatment if accepted and decision is not None else "") or finding.treatment) != "keep"


def resting(report: Report) -> tuple[Resting, ...]:
    """The inputs of the meter's newest score that findings put in doubt, the heaviest first."""
    result, measured = report.audited, report.measured
    if result is None or measured is None or not measured.meter.scored:
        return ()
    about: dict[str, list[Finding]] = {}
    for finding in result.findings:
        if casts_doubt(finding, result.decision(finding.id)):
            for ref in finding.refs:
                about.setdefault(ref, []).append(finding)
    year = measured.meter.scored[-1]
    found = []
    for part in year.contributions:
        hit = {one.id: one for ref in part.value.observations for one in about.get(ref, ())}
        if part.observed and hit:
            found.append(Resting(year, part, tuple(hit.values())))
    return tuple(sorted(found, key=lambda one: -one.contribution.weight))


def share(parts: Iterable[Contribution]) -> Figure:
    """The share of the meter's weight that parts have together, in per cent."""
    return Figure(value=round(100 * sum(part.weight for part in parts), 1), unit="%", method="derived")


def proposed(
    result: AuditResult, identifier: str, treatment: str, observations: pl.DataFrame
) -> tuple[str, dict[str, str]] | None:
    """The correction that accepting a recorded finding asks for: an observation's id and its new columns.

    None where the treatment (the given one, else the suggested) is another than `replace`, and where the finding is not
    recorded. The figure is in the indicator's own unit, and estimated. Raises HF447 where the audit names none, and
    where one of the `observations` in force replaces the figure already.
    """
    finding = result.finding(identifier) if identifier in result.changes.unchanged else None
    if finding is None and not (treatment == "replace" and identifier in result.changes.gone):
        return None
    if finding is not None and (treatment or finding.treatment) != "replace":
        return None
    figure = finding.replacement if finding is not None else None
    about = (figure.observations or finding.refs) if finding is not None and figure is not None else ()
    done = observations.filter("active").get_column("replaces").to_list()
    if figure is None or figure.value is None or len(about) != 1 or about[0].partition("/")[2] in done:
        raise HeadframeError.of("HF447", identifier[:80], text=identifier[:80])
    cleared = dict.fromkeys(("low", "high", "value_text"), "")
    changes = {**cleared, "value": f"{figure.value:.15g}", "unit": figure.unit, "qualifier": "=", "status": "E"}
    return about[0].partition("/")[2], changes


def curve_told(curve: Curve) -> Message:
    """What a curve says: the shares of places listed inside the group and elsewhere at the threshold chosen."""
    at = min(curve.points, key=lambda point: abs(point[0] - curve.chosen), default=(curve.chosen, 0.0, 0.0))
    inside, outside = (Figure(value=round(100 * part, 1), unit="%", method="derived") for part in at[1:])
    group = Ref(kind="place", id=curve.group)
    span = f"{curve.first}–{curve.last}"
    return text(
        "integrity.curve.title", indicator=curve.indicator, years=span, group=group, inside=inside, outside=outside
    )


def gone(report: Report) -> tuple[tuple[str, str, str], ...]:
    """Findings of the last recorded audit that are found no more: id, and what was said of them in both languages."""
    if report.audited is None:
        return ()
    notes = {one.id: (one.note_en, one.note_zh) for one in report.audit}
    return tuple((name, *notes.get(name, ("", ""))) for name in report.audited.changes.gone)
