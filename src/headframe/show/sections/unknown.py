"""Section 8, what we do not know: contradictions, what could not be judged, old figures, what to collect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from headframe.core.results import Message, Ref
from headframe.diagnose.results import Collect, DiagnoseResult, Evidence
from headframe.show.blocks import (
    Block,
    Cell,
    Code,
    Column,
    Fold,
    Heading,
    Missing,
    Paragraph,
    Row,
    Said,
    SectionContent,
    Table,
    text,
)
from headframe.show.results_bundle import Kind, Report
from headframe.show.sections.base import State, state_of
from headframe.show.sections.why import badge


@dataclass(frozen=True)
class WhatWeDoNotKnow:
    """The limits of the report."""

    id: str = "unknown"
    order: int = 8
    requires: tuple[Kind, ...] = ("evidence", "measure", "diagnose")

    def state(self, report: Report, /) -> State:
        """Ready as soon as there is any result or evidence."""
        return state_of(self.requires, report)

    def build(self, report: Report, /) -> SectionContent:
        """Contradictions first, then what could not be judged, then what would help most."""
        blocks: list[Block] = []
        if report.diagnosed is not None:
            blocks.append(Paragraph((report.diagnosed.unknown.message,), "lead"))
        blocks += finding_blocks(report)
        if report.diagnosed is not None:
            blocks += _judgement_blocks(report.diagnosed)
            blocks += _age_blocks(report.diagnosed)
            blocks += _collect_blocks(report.diagnosed)
        needs = report.needs()
        if needs:
            blocks.append(Heading(text("page.missing.title"), 3, "unknown-missing"))
            folded = Missing(needs, text("page.missing.caption"))
            blocks.append(Fold(text("page.group.missing", n=len(needs)), (folded,)))
        blocks.append(Heading(text("page.not-there.title"), 3, "unknown-not-there"))
        blocks.append(Paragraph((text("page.not-there.calibration"), text("page.not-there.forecasts"))))
        return SectionContent(tuple(blocks))


def finding_blocks(report: Report) -> list[Block]:
    """What is recorded: the figures concerned, what stands against them, whether it can be decided.

    Findings that the audit still makes stand in its own section.
    """
    blocks: list[Block] = [Heading(text("page.findings.title"), 3, "unknown-findings")]
    listed = tuple(item for item in report.audit if report.audited is None or report.audited.finding(item.id) is None)
    if not listed:
        return [*blocks, Paragraph((text("page.findings.none"),))]
    heads = ("finding", "about", "against", "decidable")
    columns = tuple(
        Column(text(f"page.column.{head}"), wide=head == "finding", short=head == "decidable") for head in heads
    )
    rows = tuple(
        Row(
            (
                (badge("finding-kind", finding.kind), Said(finding.note_en, finding.note_zh)),
                _figures(report, finding.about),
                _figures(report, finding.against) or "–",
                text(f"page.decidable.{finding.decidable}"),
            ),
            anchor=f"finding:{finding.id}",
        )
        for finding in listed
    )
    table = Table("findings", text("page.findings.table"), columns, rows)
    return [*blocks, Paragraph((text("page.findings.about", n=len(listed)),)), table]


def _figures(report: Report, refs: Iterable[str]) -> Cell:
    found: list[Cell] = []
    for ref in refs:
        entry = report.entries.get(ref)
        if entry is None:
            found.append(Code(ref))
            continue
        name = Ref(kind="indicator", id=entry.indicator)
        shown = (
            text("page.evidence.figure", name=name, figure=entry.amount, period=entry.period or text("page.undated"))
            if entry.amount.known
            else name
        )
        found.append(shown)
    return tuple(found)


def _judgement_blocks(found: DiagnoseResult) -> list[Block]:
    names = [item.name for item in found.challenges if item.id in found.unknown.challenges]
    names += [item.name for item in found.judgements if item.id in found.unknown.judgements]
    if not names:
        return []
    title = Heading(text("page.unjudged.title"), 3, "unknown-judgements")
    said: tuple[Message, ...] = (text("page.unjudged.about", n=len(names), names=tuple(names)),)
    return [title, Paragraph(said)]


def _age_blocks(found: DiagnoseResult) -> list[Block]:
    pieces = [piece for piece in (*found.unknown.oldest, *found.unknown.undated) if piece.known]
    if not pieces:
        return []
    heads = ("evidence", "figure", "period", "age")
    columns = tuple(Column(text(f"page.column.{head}"), numeric=head in {"figure", "age"}) for head in heads)
    distinct = {piece.id: piece for piece in pieces}
    rows = tuple(
        Row((piece.indicator, piece.figure, piece.figure.period or text("page.undated"), _age(piece)))
        for piece in distinct.values()
    )
    table = Table("oldest", text("page.oldest.table"), columns, rows)
    return [Heading(text("page.oldest.title"), 3, "unknown-oldest"), table]


def _age(piece: Evidence) -> Message | str:
    if piece.age is None or not piece.dated:
        return "–"
    return text("page.age", n=round(piece.age))


def _collect_blocks(found: DiagnoseResult) -> list[Block]:
    if not found.unknown.collect:
        return []
    named = {item.id: item.name for item in found.challenges} | {item.id: item.name for item in found.judgements}
    heads = ("collect", "narrows", "serves", "command")
    columns = tuple(
        Column(text(f"page.column.{head}"), numeric=head == "narrows", wide=head == "collect") for head in heads
    )
    rows = tuple(Row(_collect(item, named)) for item in found.unknown.collect)
    table = Table("collect", text("page.collect.table"), columns, rows)
    return [Heading(text("page.collect.title"), 3, "unknown-collect"), table]


def _collect(item: Collect, named: dict[str, Message]) -> tuple[Cell, ...]:
    serves = tuple(named.get(identifier, Code(identifier)) for identifier in item.serves)
    wanted: list[Cell] = [Ref(kind="indicator", id=item.need.indicator)]
    if item.need.dims:
        wanted.append(Ref(kind="dims", id=item.need.dims))
    return (tuple(wanted), text("charts.number", value=item.narrows), serves, Code(item.need.command))
