"""The further judgements made of signs: skills (D3), policy (D5), anchors (D8), limits of consumption (D10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from headframe.core.results import Figure, Message, Ref
from headframe.diagnose.criteria import JudgementSpec, Look
from headframe.diagnose.events import events_of
from headframe.diagnose.gather import Scene, find
from headframe.diagnose.hold import evidence_of
from headframe.diagnose.parts import DatedEvent, Evidence, Sign, State
from headframe.diagnose.results import AnchorDependence, ConsumerLimits, Mismatch, PolicyCoherence, SkillsMismatch
from headframe.diagnose.signs import combined, signs
from headframe.evidence.folder import builtin_places, open_city
from headframe.measure.needs import need
from headframe.measure.plain import parse_dims
from headframe.measure.results import Need

OLDER = "45+"
EVENTS = "event-risk"


def frame(identifier: str, spec: JudgementSpec, found: Sequence[Sign], state: State | None = None) -> dict[str, Any]:
    """The fields that every judgement has, from its signs."""
    kind = combined([sign.state for sign in found]) if state is None else state
    shown = sum(sign.state in {"present", "partly"} for sign in found)
    text = {
        "present": "diagnose.judgement.present",
        "partly": "diagnose.judgement.partly",
        "absent": "diagnose.judgement.absent",
        "not-known": "diagnose.judgement.not-known",
    }[kind]
    return {
        "id": identifier,
        "name": Message(id=spec.name),
        "scope": spec.scope,
        "state": kind,
        "message": Message(id=text, values={"shown": shown, "asked": len(found)}),
        "signs": tuple(found),
    }


def skills(scene: Scene, spec: JudgementSpec) -> SkillsMismatch:
    """Whether people without work and posts without people stand side by side (D3).

    A mismatch is present where both are shown, partly where one is, absent where evidence speaks against both; the age
    of the laid-off and the departure of the young are signs beside them. Pairs put the two sides of one industry next
    to each other, as far as the evidence names industries.
    """
    found = signs(scene, spec)
    states = {sign.id: sign.state for sign in found}
    sides = [states.get("idle-people", "not-known"), states.get("open-posts", "not-known")]
    pairs = tuple(_pairs(scene))
    fields = frame("skills", spec, found, _both(sides))
    return SkillsMismatch(**fields, missing=tuple(_skills_needs(scene)), pairs=pairs, evidence=tuple(_training(scene)))


def _both(sides: Sequence[State]) -> State:
    shown = sum(side in {"present", "partly"} for side in sides)
    if shown == 2:
        return "present"
    if shown == 1:
        return "partly"
    return "absent" if "not-known" not in sides else "not-known"


def _pairs(scene: Scene) -> Iterable[Mismatch]:
    vacancies = find(scene, Look(indicator="vacancy_rate_technical", dims="any"))
    laid_off = next(iter(find(scene, Look(indicator="laid_off_aged_45_plus_share", dims="any"))), None)
    for item in vacancies:
        tags = parse_dims(item.dims) or {}
        older = Figure(unit="%", status="M") if laid_off is None else laid_off.figure
        yield Mismatch(
            industry=tags.get("industry", ""),
            occupation=tags.get("occupation", ""),
            age=OLDER if older.known else "",
            supply=older,
            demand=item.figure,
            message=Message(
                id="diagnose.skills.pair" if older.known else "diagnose.skills.pair-one-sided",
                values={"demand": item.figure, "supply": older} if older.known else {"demand": item.figure},
            ),
        )


def _training(scene: Scene) -> Iterable[Evidence]:
    """What is claimed of training: told beside the mismatch, never counted against it, because the rates are gross."""
    for indicator in ("trained_workers", "reemployment_rate_gross", "training_capacity"):
        for item in find(scene, Look(indicator=indicator, dims="any")):
            piece = evidence_of(scene, item, f"{indicator}/{item.dims}")
            if indicator == "reemployment_rate_gross":
                gross = Message(id="diagnose.note.gross", values={"figure": item.figure})
                piece = piece.model_copy(update={"notes": (*piece.notes, gross)})
            yield piece


def _skills_needs(scene: Scene) -> Iterable[Need]:
    place = scene.city.place.id
    for indicator, dims in (
        ("vacancy_rate_technical", "occupation=*"),
        ("registered_unemployed", "age=*;occupation=*"),
    ):
        name = Ref(kind="indicator", id=indicator)
        if not any("occupation=" in text for text in scene.here.dims_of(indicator)):
            yield need(indicator, place, "diagnose.need.by-occupation", dims=dims, indicator=name)


def policy(scene: Scene, spec: JudgementSpec) -> PolicyCoherence:
    """Missed window, churn of plans, distorted price, profits flowing out: a sign each, and the dated events (D5)."""
    found = signs(scene, spec)
    kinds = ("designation", "law", "programme", "plan", "closure", "bankruptcy")
    nation = scene.around.nation
    laws = events_of(nation.city, ("law",)) if nation else ()
    return PolicyCoherence(**frame("policy", spec, found), events=in_time((*events_of(scene.city, kinds), *laws)))


def in_time(events: Iterable[DatedEvent]) -> tuple[DatedEvent, ...]:
    """Events in time order, undated ones last, each once."""
    kept = {(event.place, event.id): event for event in events}
    return tuple(sorted(kept.values(), key=lambda event: (event.date == "", event.date, event.place, event.id)))


def anchor(scene: Scene, spec: JudgementSpec) -> AnchorDependence:
    """Whether a place hangs on one firm or industry: its weight, its debt, its losses, its leaving (D8)."""
    found = signs(scene, spec)
    shares = find(scene, Look(indicator="industry_share_of_employment", dims="only"))
    shares += find(scene, Look(indicator="industry_share_of_economy", dims="only"))
    largest = max(shares, key=lambda item: item.figure.value or 0.0, default=None)
    above = [event for known in scene.above for event in events_of(known.city, ("bankruptcy", "ownership"))]
    events = in_time((*events_of(scene.city, ("relocation", "bankruptcy", "ownership", "closure")), *above))
    ref = None if largest is None else Ref(kind="dims", id=largest.dims)
    return AnchorDependence(**frame("anchor", spec, found), events=events, anchor=ref)


def consumer(scene: Scene, spec: JudgementSpec) -> ConsumerLimits:
    """Limits of living from consumers and events: density, youth, departure, and accidents at events (D10).

    `events` are the festivals and accidents of the place itself; `cases` the accidents of other built-in places, shown
    wherever a place holds events or the judgement is asked for at all.
    """
    found = signs(scene, spec)
    own = events_of(scene.city, ("festival", "accident"))
    cases = in_time(
        event
        for slug in builtin_places()
        if slug != scene.city.place.id
        for event in events_of(open_city(slug), ("accident",))
    )
    exposed = tuple(event for event in own if event.kind == "festival")
    found = tuple(_exposed(sign, exposed) if sign.id == EVENTS and exposed else sign for sign in found)
    beside = tuple(evidence_of(scene, item, look.indicator) for look in spec.context for item in find(scene, look))
    return ConsumerLimits(**frame("consumer", spec, found), events=own, cases=cases, evidence=beside)


def _exposed(sign: Sign, events: tuple[DatedEvent, ...]) -> Sign:
    """A place that holds events is open to their risk, although nothing has happened there."""
    if sign.state != "not-known":
        return sign
    told = Message(id="diagnose.sign.exposed", values={"n": len(events)})
    return sign.model_copy(update={"state": "partly", "message": told, "events": events})
