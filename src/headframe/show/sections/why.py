"""Section 3, why: the six challenges with their evidence, the further judgements, and the loops at work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from headframe.core.results import Figure, Message, Ref
from headframe.diagnose.results import (
    Challenge,
    DatedEvent,
    DiagnoseResult,
    Evidence,
    Judgement,
    Line,
    Link,
    Loop,
    Sign,
    Threshold,
)
from headframe.show.blocks import (
    Badge,
    Block,
    Cell,
    Charts,
    Code,
    Column,
    Fold,
    Heading,
    Listing,
    Missing,
    Paragraph,
    Row,
    Said,
    SectionContent,
    Table,
    Tone,
    text,
)
from headframe.show.charts.rows import RowItem, RowsChart
from headframe.show.results_bundle import Kind, Report
from headframe.show.sections.base import State, state_of

TONES: dict[str, Tone] = {
    "none": "good",
    "concern": "concern",
    "severe": "severe",
    "not-known": "unknown",
    "beyond-severe": "severe",
    "beyond-concern": "concern",
    "within": "good",
    "no-threshold": "plain",
    "present": "severe",
    "partly": "concern",
    "absent": "good",
    "supported": "concern",
    "contradicted": "good",
    "mixed": "plain",
    "no-evidence": "unknown",
    "high": "strong",
    "moderate": "plain",
    "low": "weak",
}
CONCERN, SEVERE = 100 / 3, 200 / 3


@dataclass(frozen=True)
class Why:
    """The diagnosis."""

    id: str = "why"
    order: int = 3
    requires: tuple[Kind, ...] = ("diagnose",)

    def state(self, report: Report, /) -> State:
        """Needs the result of diagnose."""
        return state_of(self.requires, report)

    def build(self, report: Report, /) -> SectionContent:
        """Summary, severity of the six, one part each, the further judgements, loops, what is not judged."""
        found = report.diagnosed
        if found is None:
            return SectionContent(())
        blocks: list[Block] = [Paragraph((found.summary,), "lead"), Charts((severity_chart(found),))]
        for challenge in found.challenges:
            blocks += challenge_blocks(report, challenge)
        blocks.append(Heading(text("page.judgements.title"), 3, "why-judgements"))
        for judgement in found.judgements:
            blocks += judgement_blocks(judgement)
        blocks += loop_blocks(found.loops)
        if found.not_yet:
            blocks.append(Heading(text("page.not-yet.title"), 3, "why-not-yet"))
            blocks.append(
                Listing(tuple(text("page.named", name=item.name, message=item.message) for item in found.not_yet))
            )
        return SectionContent(tuple(blocks))


def severity_chart(found: DiagnoseResult) -> RowsChart:
    """Six rows: severity with its interval; a challenge that could not be judged is hatched."""
    items = tuple(
        RowItem(
            challenge.name,
            challenge.severity.value if challenge.known else None,
            challenge.severity if challenge.known else Figure(),
            _span(challenge.severity) if challenge.known else None,
            tone="vermilion",
        )
        for challenge in found.challenges
    )
    known = [item for item in found.challenges if item.known]
    severe = tuple(item.name for item in known if item.severity_class == "severe")
    if severe:
        title = text("charts.title.severe", n=len(severe), names=severe, m=len(found.challenges))
    elif known:
        worst = max(known, key=lambda item: item.severity.value or 0.0)
        title = text("charts.title.worst", name=worst.name)
    else:
        title = text("charts.title.not-judged", n=len(found.challenges))
    return RowsChart(
        id="severity",
        title=title,
        subtitle=text(
            "charts.subtitle.severity", level=Figure(value=round(100 * found.level), unit="%", method="derived")
        ),
        alt=text("charts.alt.rows", finding=title, n=len(items)),
        items=items,
        lines=((CONCERN, text("charts.line.concern")), (SEVERE, text("charts.line.severe"))),
    )


def _span(figure: Figure) -> tuple[float, float] | None:
    if figure.low is None or figure.high is None:
        return None
    return (max(0.0, figure.low), min(100.0, figure.high))


def badge(kind: str, state: str) -> Badge:
    """A state as a badge; `kind` names the list of states that it belongs to."""
    return Badge(text(f"page.{kind}.{state}"), TONES.get(state, "plain"))


def challenge_blocks(report: Report, challenge: Challenge) -> list[Block]:
    """One challenge: what it says, its strongest evidence, what contradicts it, what is missing."""
    anchor = f"why-{challenge.id}"
    blocks: list[Block] = [
        Heading(challenge.name, 3, anchor, badge("severity", challenge.severity_class)),
        Paragraph((challenge.message, challenge.confidence.message)),
    ]
    if challenge.strongest:
        caption = text("page.evidence.strongest", challenge=challenge.name)
        blocks.append(evidence_table(f"strongest-{challenge.id}", caption, challenge.strongest))
    findings = _findings(report, challenge.evidence)
    if findings:
        blocks.append(Listing(findings, caption=text("page.evidence.findings")))
    if challenge.events:
        blocks.append(Listing(tuple(_event(event) for event in challenge.events), caption=text("page.evidence.events")))
    if challenge.notes:
        blocks.append(Paragraph(challenge.notes, "note"))
    rest = tuple(piece for piece in challenge.evidence if piece not in challenge.strongest)
    if rest:
        caption = text("page.evidence.rest", challenge=challenge.name)
        table = evidence_table(f"evidence-{challenge.id}", caption, rest)
        blocks.append(Fold(text("page.evidence.more", n=len(rest)), (table,)))
    if challenge.missing:
        missing = Missing(challenge.missing, text("page.missing.caption"))
        blocks.append(Fold(text("page.group.missing", n=len(challenge.missing)), (missing,)))
    return blocks


def _findings(report: Report, pieces: Iterable[Evidence]) -> tuple[Cell, ...]:
    wanted = dict.fromkeys(name for piece in pieces for name in piece.findings)
    by_id = {finding.id: finding for finding in report.audit}
    return tuple(
        (badge("finding-kind", by_id[name].kind), Said(by_id[name].note_en, by_id[name].note_zh))
        for name in wanted
        if name in by_id
    )


def _event(event: DatedEvent) -> Cell:
    return (event.text or event.date, Said(event.title_en, event.title_zh), event.source, Code(event.locator))


def evidence_table(identifier: str, caption: Message, pieces: Iterable[Evidence]) -> Table:
    """Pieces of evidence: figure, threshold with its authority, standing, age, weight, and what stands against them."""
    heads = ("evidence", "figure", "threshold", "standing", "weight")
    columns = tuple(
        Column(
            text(f"page.column.{head}"),
            numeric=head in {"figure", "weight"},
            wide=head in {"evidence", "threshold"},
            small=head == "threshold",
        )
        for head in heads
    )
    rows = []
    for piece in pieces:
        named: tuple[Cell, ...] = (piece.indicator, *piece.notes)
        period = piece.figure.period or text("page.undated")
        figure: tuple[Cell, ...] = (piece.figure, period, *(_other(other) for other in piece.others))
        weight = Figure(value=round(100 * piece.weight), unit="%", method="derived") if piece.weight else "–"
        rows.append(Row((named, figure, threshold_cell(piece.threshold), badge("standing", piece.standing), weight)))
    return Table(identifier, caption, columns, tuple(rows))


def _other(figure: Figure) -> Message:
    return text("page.evidence.other", figure=figure, period=figure.period or text("page.undated"))


def threshold_cell(threshold: Threshold | None) -> Cell:
    """Where concern and severity begin, and who says so; an assumption of ours is called one."""
    if threshold is None:
        return text("page.threshold.none")
    points = (_point("concern", threshold, threshold.concern), _point("severe", threshold, threshold.severe))
    if threshold.reference is not None and threshold.relative_to:
        said = text(
            "page.threshold.relative", to=text(f"page.relative.{threshold.relative_to}"), figure=threshold.reference
        )
        return (*points, said)
    return points


def _point(point: str, threshold: Threshold, line: Line) -> Message:
    side = text(f"page.threshold.{threshold.worse}", figure=line.figure)
    grade = text(f"page.grade.{line.grade}")
    if line.source is None:
        return text(f"page.threshold.{point}-ours", side=side, grade=grade)
    return text(f"page.threshold.{point}", side=side, source=line.source, locator=line.locator, grade=grade)


def judgement_blocks(judgement: Judgement) -> list[Block]:
    """One further judgement: its state, its signs with their evidence, and what is missing."""
    blocks: list[Block] = [
        Heading(judgement.name, 4, f"why-judgement-{judgement.id}", badge("judgement", judgement.state)),
        Paragraph((judgement.message,)),
    ]
    if judgement.signs:
        blocks.append(Listing(tuple(_sign(sign) for sign in judgement.signs)))
    if judgement.notes:
        blocks.append(Paragraph(judgement.notes, "note"))
    inside: list[Block] = []
    pieces = (*judgement.evidence, *(piece for sign in judgement.signs for piece in sign.evidence))
    known = tuple(piece for piece in pieces if piece.known)
    if known:
        caption = text("page.evidence.rest", challenge=judgement.name)
        inside.append(evidence_table(f"judgement-{judgement.id}", caption, known))
    events = (*judgement.events, *(event for sign in judgement.signs for event in sign.events))
    if events:
        inside.append(Listing(tuple(_event(event) for event in events), caption=text("page.evidence.events")))
    if inside:
        blocks.append(Fold(text("page.evidence.more", n=len(known) + len(events)), tuple(inside)))
    missing = (*judgement.missing, *(need for sign in judgement.signs for need in sign.missing))
    if missing:
        caption = text("page.missing.caption")
        blocks.append(Fold(text("page.group.missing", n=len(missing)), (Missing(missing, caption),)))
    return blocks


def _sign(sign: Sign) -> Cell:
    return (badge("judgement", sign.state), text("page.named", name=sign.name, message=sign.message))


def loop_blocks(loops: tuple[Loop, ...]) -> list[Block]:
    """The feedback loops: what drives what, and what the evidence says of each arrow."""
    blocks: list[Block] = [
        Heading(text("page.loops.title"), 3, "why-loops"),
        Paragraph((text("page.loops.about"),), "note"),
    ]
    if not loops:
        return [*blocks, Paragraph((text("page.loops.none"),))]
    heads = ("arrow", "evidence", "state")
    columns = tuple(Column(text(f"page.column.{head}"), wide=head != "state") for head in heads)
    for loop in loops:
        span = _span_of_years(loop)
        blocks.append(Heading(loop.name, 4, f"why-loop-{loop.id}", badge("link", loop.state)))
        sentences = (text(f"page.loop.{loop.sign}"), loop.message, *span)
        blocks.append(Paragraph(sentences))
        rows = tuple(Row((_arrow(link), _link_evidence(link), badge("link", link.state))) for link in loop.links)
        table = Table(f"loop-{loop.id}", text("page.loop.table", loop=loop.name), columns, rows)
        blocks.append(Fold(text("page.loop.links", n=len(rows)), (table,)))
    return blocks


def _span_of_years(loop: Loop) -> tuple[Message, ...]:
    if loop.since is None:
        return ()
    if loop.until is None or loop.until == loop.since:
        return (text("page.loop.since", year=str(loop.since)),)
    return (text("page.loop.span", first=str(loop.since), last=str(loop.until)),)


def _arrow(link: Link) -> Message:
    sign = "more" if link.sign == "+" else "less"
    return text(f"page.arrow.{sign}", cause=link.cause, effect=link.effect)


def _link_evidence(link: Link) -> Cell:
    said: list[Cell] = [link.message]
    said += [
        text(
            "page.evidence.figure",
            name=Ref(kind="indicator", id=f.indicator),
            figure=f,
            period=f.period or text("page.undated"),
        )
        for f in link.figures
    ]
    said += [(source, Code(locator)) for source, locator in zip(link.sources, link.locators, strict=False)]
    return tuple(said)
