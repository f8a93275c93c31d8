"""A result of diagnose made by hand."""

from __future__ import annotations

from typing import Any

from headframe.core.results import Figure, Ref
from headframe.diagnose.results import (
    AnchorDependence,
    Challenge,
    Collect,
    Confidence,
    ConsumerLimits,
    DatedEvent,
    DiagnoseResult,
    Evidence,
    InvestmentLockIn,
    Line,
    Link,
    Loop,
    NotYet,
    PolicyCoherence,
    SeverityShares,
    SkillsMismatch,
    Stage,
    Threshold,
    Unknown,
)
from tests.show.fake_evidence import HOME, figure, record, said
from tests.show.fake_measured import need

CHALLENGES = ("structure", "labour", "ecology", "finance", "innovation", "policy")


def piece(entry: dict[str, Any] | None, indicator: str) -> Evidence:
    scale = Threshold(
        scale="scale",
        indicator=Ref(kind="indicator", id=indicator),
        worse="above",
        concern=Line(
            id="c", figure=Figure(value=40.0, unit="%"), source=Ref(kind="source", id="paper"), locator="§2", grade="C"
        ),
        severe=Line(id="s", figure=Figure(value=60.0, unit="%"), grade="D"),
    )
    found = figure(entry) if entry else Figure()
    return Evidence(
        id=f"{indicator}-e",
        indicator=Ref(kind="indicator", id=indicator),
        figure=found,
        threshold=scale if entry else None,
        standing="beyond-severe" if entry else "not-known",
        severity=Figure(value=80.0, low=60.0, high=95.0) if entry else Figure(),
        weight=0.4 if entry else 0.0,
        findings=("f-1",),
        message=said("page.figure", figure=found),
        age=None,
        dated=False,
    )


EVENT = DatedEvent(
    id="e-1",
    place=HOME,
    kind="closure",
    date="2005-05-31",
    text="2005-05-31",
    title_en="Pit closes",
    title_zh="矿坑关闭",
    source=Ref(kind="source", id="paper"),
)


def challenge(identifier: str, number: int, aged: dict[str, Any] | None) -> Challenge:
    name = said(f"page.group.{'money' if identifier == 'finance' else 'people'}")
    known = identifier != "policy" and (identifier != "labour" or aged is not None)
    found = piece(aged, "laid_off_aged_45_plus_share") if identifier == "labour" else piece(None, "rd_intensity")
    value = (
        Figure(value=30.0 + 9 * number, low=20.0 + 8 * number, high=45.0 + 9 * number, method="derived")
        if known
        else Figure()
    )
    trust = Confidence(grip="low", score=0.2, coverage=0.5, reliability=0.5, freshness=0.8, message=said())
    return Challenge(
        id=identifier,
        name=name,
        severity=value,
        severity_class="severe" if known and number > 3 else "concern" if known else "not-known",
        shares=SeverityShares(),
        confidence=trust,
        strongest=(found,) if found.known else (),
        evidence=(found,),
        events=(EVENT,),
        missing=() if found.known else (need("rd_intensity"),),
        message=said("page.figure", figure=value),
        notes=(said(),),
    )


def judgement(kind: Any, identifier: str) -> Any:
    return kind(
        id=identifier, name=said("page.peers.title"), scope="D3", state="not-known", message=said("page.peers.none")
    )


def loop(entries: list[dict[str, Any]]) -> Loop:
    return Loop(
        id="talent",
        name=said("page.loops.title"),
        sign="reinforcing",
        state="mixed",
        since=2001,
        until=2020,
        message=said("page.loops.about"),
        links=(
            Link(
                id="l",
                cause=said("page.group.people"),
                effect=said("page.group.money"),
                sign="+",
                state="mixed",
                figures=(figure(entries[0]),) if entries else (),
                sources=(Ref(kind="source", id="paper"),),
                locators=("¶9",),
                message=said(),
            ),
        ),
    )


def diagnosed(entries: list[dict[str, Any]]) -> DiagnoseResult:
    aged = next((entry for entry in entries if entry["indicator_id"] == "laid_off_aged_45_plus_share"), None)
    challenges = tuple(challenge(identifier, number, aged) for number, identifier in enumerate(CHALLENGES))
    collect = Collect(need=need("rd_intensity"), narrows=12.5, serves=("innovation",), message=said())
    return DiagnoseResult(
        place=HOME,
        record=record("diagnose"),
        level=0.9,
        draws=100,
        as_of=2025,
        challenges=challenges,
        skills=judgement(SkillsMismatch, "skills"),
        investment=judgement(InvestmentLockIn, "investment"),
        policy=judgement(PolicyCoherence, "policy"),
        anchor=judgement(AnchorDependence, "anchor"),
        stage=judgement(Stage, "stage"),
        consumer=judgement(ConsumerLimits, "consumer"),
        loops=(loop(entries),),
        unknown=Unknown(
            challenges=("policy",),
            judgements=("skills",),
            undated=(piece(aged, "laid_off_aged_45_plus_share"),),
            collect=(collect,),
            message=said("page.findings.none"),
        ),
        not_yet=(NotYet(id="d2", name=said("page.column.note"), scope="D2", message=said("page.derived.none")),),
        summary=said("page.findings.about", n=2),
    )
