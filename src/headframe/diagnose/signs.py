"""Signs: the parts of the further judgements, each shown, half shown, spoken against, or not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from headframe.catalog.load import catalog
from headframe.catalog.schema import Threshold as Rule
from headframe.core.results import Figure, Message, Ref
from headframe.core.units import factor
from headframe.diagnose.criteria import Criterion, JudgementSpec, Look, SignSpec
from headframe.diagnose.events import events_of
from headframe.diagnose.gather import Found, Scene, find, statements, worded
from headframe.diagnose.hold import evidence_of, held, in_words, worth
from headframe.diagnose.judge import missing_need, uncounted
from headframe.diagnose.parts import DatedEvent, Evidence, Sign, State
from headframe.diagnose.telling import told
from headframe.measure.gaps import all_comparisons
from headframe.measure.results import Need

BY_STANDING: dict[str, State] = {"beyond-severe": "present", "beyond-concern": "partly", "within": "absent"}
RANK: dict[State, int] = {"present": 3, "partly": 2, "absent": 1, "not-known": 0}


def sign(scene: Scene, identifier: str, spec: SignSpec) -> Sign:
    """One sign from figures, rules, events and statements, the firmest kind of evidence deciding: figures and rules
    first, then events, then words. Words alone, figures of the province, and figures whose doubt spans the line show a
    sign at most in part; figures from which the line itself was set show nothing.
    """
    evidence, state = _measured(scene, identifier, spec)
    said = tuple(_statements(scene, spec))
    events = _events(scene, spec)
    if state == "not-known" and spec.events and events:
        state = "present"
    if state == "not-known" and said:
        state = "partly"
    needs = () if evidence else tuple(_needs(scene, spec))
    return Sign(
        id=identifier,
        name=Message(id=spec.name),
        state=state,
        message=_message(state, evidence, said, events),
        evidence=(*evidence, *told_beside(scene, identifier, spec), *said),
        events=events,
        missing=needs,
    )


def signs(scene: Scene, spec: JudgementSpec) -> tuple[Sign, ...]:
    """Every sign of a judgement, in the order of its specification."""
    return tuple(sign(scene, identifier, one) for identifier, one in spec.signs.items())


def combined(states: Sequence[State]) -> State:
    """The state of a judgement from those of its signs: absent where at least half of all are known and all known ones
    are absent, present where at least half of all are, partly where fewer show, else not known: a few signs that are
    absent do not speak for those that nobody has looked at.
    """
    known = [state for state in states if state != "not-known"]
    if all(state == "absent" for state in known):
        return "absent" if known and 2 * len(known) >= len(states) else "not-known"
    return "present" if 2 * sum(state == "present" for state in known) >= len(states) else "partly"


def _measured(scene: Scene, identifier: str, spec: SignSpec) -> tuple[tuple[Evidence, ...], State]:
    """The evidence of looks and rules, and the firmest state among them."""
    pieces: list[tuple[Evidence, State]] = []
    for rule in spec.rules:
        pieces += _ruled(scene, identifier, catalog().thresholds[rule])
    found = [item for look in spec.looks for item in find(scene, look)]
    if found:
        pieces += _best(scene, identifier, spec, found)
    elif spec.where == "above" and not pieces:
        pieces += _from_above(scene, identifier, spec)
    if not pieces:
        return (), "not-known"
    return tuple(piece for piece, _ in pieces), max((state for _, state in pieces), key=lambda state: RANK[state])


def _best(scene: Scene, identifier: str, spec: SignSpec, found: Sequence[Found]) -> list[tuple[Evidence, State]]:
    """The best answer with the state that it shows, and the other ones beside it, which decide nothing."""
    criterion = Criterion(looks=spec.looks, lasting=spec.lasting)
    judged = [item for item in found if spec.reads != "scale" or held(scene, item, identifier, criterion)[1]]
    best = max(judged or found, key=lambda item: worth(scene, item, criterion))
    answers: list[tuple[Evidence, State]] = []
    for item in (best, *(other for other in found if other is not best)):
        if spec.reads == "scale":
            evidence, _ = held(scene, item, identifier, criterion)
            state = BY_STANDING.get(evidence.standing, "not-known")
            state = _at_most_partly(state) if evidence.within_error else state
        else:
            evidence = evidence_of(scene, item, identifier, lasting=spec.lasting)
            state = _read(spec.reads, item.figure)
        answers.append((evidence, state) if item is best else (uncounted(item, evidence), "not-known"))
    return answers


def _read(reads: str, figure: Figure) -> State:
    value = figure.value if figure.value is not None else figure.low if figure.low is not None else figure.high
    if value is None:
        return "not-known"
    if value <= 0:
        return "absent"
    return "partly" if reads == "some" else "present"


def _from_above(scene: Scene, identifier: str, spec: SignSpec) -> Iterator[tuple[Evidence, State]]:
    """The province answers where it has a figure; what it says of a part of it is at most half shown.

    The nation does not: some lines are its own level, and what holds for a whole country says little of one city.
    """
    for known in scene.provinces:
        found = [item for look in spec.looks for item in find(scene, look, known)]
        if found:
            evidence, state = _best(scene, identifier, spec, found)[0]
            note = Message(id="diagnose.note.of-place-above", values={"place": Ref(kind="place", id=known.place.id)})
            yield evidence.model_copy(update={"notes": (*evidence.notes, note)}), _at_most_partly(state)
            return


def told_beside(scene: Scene, identifier: str, spec: SignSpec) -> Iterator[Evidence]:
    """What is told beside a sign and decides nothing: its context, of the place or else of the province."""
    places = (scene.here, *(scene.provinces if spec.where == "above" else ()))
    for look in spec.context:
        found = next((some for known in places if (some := find(scene, look, known))), ())
        for item in found:
            name = "/".join(filter(None, (identifier, look.indicator, item.dims)))
            yield evidence_of(scene, item, name).model_copy(update={"discount": 0.0})


def _at_most_partly(state: State) -> State:
    return "partly" if state == "present" else state


def _ruled(scene: Scene, identifier: str, rule: Rule) -> Iterator[tuple[Evidence, State]]:
    """A line that is no severity scale: crossed or not, where a figure and its reference are known."""
    for item in find(scene, Look(indicator=rule.indicator or ""))[:1]:
        value = item.figure.value
        reference = _reference(scene, item, rule)
        if value is None or (rule.relative_to and reference is None):
            continue
        by = factor(item.figure.unit, rule.unit) if not rule.relative_to else 1.0
        crossed = rule.crossed_by(value * by, reference)
        evidence = evidence_of(scene, item, f"{identifier}/{rule.id}")
        message = told(scene, item, "rule-crossed" if crossed else "rule-kept", rule=Ref(kind="threshold", id=rule.id))
        yield evidence.model_copy(update={"message": message}), "present" if crossed else "absent"


def _reference(scene: Scene, item: Found, rule: Rule) -> float | None:
    if not rule.relative_to:
        return None
    comparisons = all_comparisons((item.figure,), scene.around, ())
    return next((one.figure.value for one in comparisons if one.kind == rule.relative_to), None)


def _statements(scene: Scene, spec: SignSpec) -> Iterator[Evidence]:
    places = (scene.here, *scene.above) if spec.where == "above" else (scene.here,)
    for look in spec.looks:
        yield from (in_words(scene, scene.here, row) for row in worded(scene, look.indicator))
    for known in places:
        for tag in spec.statements:
            yield from (in_words(scene, known, row) for row in statements(known, tag))


def _events(scene: Scene, spec: SignSpec) -> tuple[DatedEvent, ...]:
    return events_of(scene.city, spec.events) if spec.events else ()


def _needs(scene: Scene, spec: SignSpec) -> Iterator[Need]:
    indicators = [look.indicator for look in spec.looks] + [catalog().thresholds[rule].indicator for rule in spec.rules]
    yield from (missing_need(scene, indicator) for indicator in indicators if indicator)


def _message(
    state: State, evidence: Sequence[Evidence], said: Sequence[Evidence], events: Sequence[DatedEvent]
) -> Message:
    if evidence:
        return evidence[0].message
    if events and state == "present":
        return Message(id="diagnose.sign.events", values={"n": len(events)})
    return said[0].message if said else Message(id="diagnose.sign.not-known")
