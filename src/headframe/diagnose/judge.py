"""From the evidence on a challenge to its severity: answers found, held against thresholds, drawn, and summed up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from headframe.core.results import Figure, Message, Ref, type_of_value
from headframe.diagnose import severity
from headframe.diagnose.criteria import ChallengeSpec, Criterion, Look, scales, specification
from headframe.diagnose.events import events_of
from headframe.diagnose.gather import Found, Scene, find, unusable, worded
from headframe.diagnose.hold import evidence_of, freshness, held, in_words, independent, quoted, worth
from headframe.diagnose.parts import Confidence, Evidence, Grip, Severity, SeverityShares
from headframe.diagnose.results import Challenge
from headframe.measure.needs import need
from headframe.measure.results import Need


@dataclass(frozen=True)
class Answer:
    """The answer to one criterion: the evidence, the piece that is drawn from it (None without a threshold), and what
    the other looks show beside it, which is not counted.
    """

    criterion: str
    evidence: Evidence
    piece: severity.Piece | None
    beside: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Draws:
    """How many draws, from which seed, and the level of the intervals."""

    count: int
    seed: int
    level: float


def answer(scene: Scene, identifier: str, criterion: Criterion) -> Answer | None:
    """The best answer to a criterion: a figure that can be held against its scale before one that cannot, then by
    what reliability, age and validity leave of its weight, of equals that of the first look.
    """
    found = [item for look in criterion.looks for item in find(scene, look)]
    if not found:
        return None
    tried = [(item, *held(scene, item, identifier, criterion)) for item in found]
    best = max(tried, key=lambda item: (item[2] is not None, worth(scene, item[0], criterion)))
    beside = tuple(uncounted(item, evidence) for item, evidence, _ in tried if item is not best[0])
    return Answer(identifier, best[1], best[2], beside)


def without_line(given: Answer | None) -> bool:
    """Whether all that a criterion has is a figure from which the line itself was set."""
    return given is not None and given.piece is None and given.evidence.standing == "no-independent-line"


def uncounted(found: Found, evidence: Evidence) -> Evidence:
    """A piece that answers a question which another figure answers better: shown, named so, and without weight."""
    note = () if evidence.standing == "no-independent-line" else (Message(id="diagnose.note.beside"),)
    name = "/".join(filter(None, (evidence.id, found.look.indicator, found.dims)))
    return evidence.model_copy(update={"id": name, "discount": 0.0, "notes": (*evidence.notes, *note)})


def wanted_look(scene: Scene, criterion: Criterion) -> Look | None:
    """The first look whose line was drawn without the figures of this place; None where there is none, so that no
    further figure of the place would tell anything.
    """
    place = scene.city.place.id
    return next((look for look in criterion.looks if independent(scales()[look.scale], place)), None)


def criterion_need(scene: Scene, criterion: Criterion, given: Answer | None) -> Need:
    """What would answer a criterion: a figure of its first look with an independent line, or where there is none a line
    that somebody else drew.
    """
    look = wanted_look(scene, criterion)
    if look is not None and (given is None or without_line(given)):
        return missing_need(scene, look.indicator)
    indicator = criterion.looks[0].indicator if given is None else given.evidence.indicator.id
    name = Ref(kind="indicator", id=indicator)
    text = "diagnose.need.independent-line" if without_line(given) or look is None else "diagnose.need.fitting-line"
    return need(indicator, scene.city.place.id, text, indicator=name)


def missing_need(scene: Scene, indicator: str) -> Need:
    """What would answer a question; where a source speaks of it in words alone, the reason quotes them."""
    name, rows = Ref(kind="indicator", id=indicator), worded(scene, indicator)
    if rows:
        words = str(rows[0]["raw_text"] or rows[0]["value_text"] or "")
        return need(indicator, scene.city.place.id, "diagnose.need.only-words", indicator=name, words=words)
    return need(indicator, scene.city.place.id, "diagnose.need.no-figure", indicator=name)


def challenge(scene: Scene, identifier: str, spec: ChallengeSpec, draws: Draws) -> Challenge:
    """The judgement on one challenge from everything that the evidence says of its criteria."""
    answers = {name: answer(scene, name, criterion) for name, criterion in spec.criteria.items()}
    measured = [item for item in answers.values() if item is not None and item.piece is not None]
    absent = {name: spec.criteria[name].weight for name, item in answers.items() if item is None or item.piece is None}
    drawn = severity.draw(
        [item.piece for item in measured if item.piece is not None],
        absent,
        scene.assumed.spreads,
        seed=draws.seed,
        purpose=identifier,
        draws=draws.count,
    )
    evidence = _weighted(measured, drawn, draws)
    needs = [criterion_need(scene, spec.criteria[name], answers[name]) for name in absent]
    figure, shares, kind = _summed(drawn, draws, scene.assumed.at_least)
    confidence = _confidence(scene, spec, measured)
    unheld = [item.evidence for item in answers.values() if item is not None and item.piece is None]
    own = [item.evidence for item in answers.values() if item is not None and without_line(item)]
    unheld += [piece for item in answers.values() if item is not None for piece in item.beside]
    unheld += [*_referred(scene, spec), *_quoted(scene, spec), *_words(scene, spec)]
    return Challenge(
        id=identifier,
        name=Message(id=spec.name),
        severity=figure,
        severity_class=kind,
        shares=shares,
        confidence=confidence,
        strongest=_strongest(evidence, kind),
        evidence=(*evidence, *unheld, *_context(scene, spec.context)),
        events=events_of(scene.city, spec.events),
        missing=tuple(needs),
        message=_told(kind, figure, confidence.grip, (len(measured), len(spec.criteria), len(own))),
        notes=_notes(evidence, absent, own),
    )


def _weighted(measured: Sequence[Answer], drawn: severity.Drawn | None, draws: Draws) -> list[Evidence]:
    total = sum(item.piece.weight for item in measured if item.piece is not None)
    found = []
    for item in measured:
        if item.piece is None or drawn is None:
            continue
        low, middle, high = severity.interval(drawn.scores[item.criterion], draws.level)
        score = Figure(value=middle, low=low, high=high, unit="1", method="simulated")
        found.append(item.evidence.model_copy(update={"severity": score, "weight": item.piece.weight / total}))
    return sorted(found, key=lambda piece: (-(piece.severity.value or 0.0), piece.id))


def _strongest(evidence: Sequence[Evidence], kind: Severity) -> tuple[Evidence, ...]:
    """At most three pieces: those that pull farthest above the concern score, or below it where there is no trouble."""
    way = -1.0 if kind == "none" else 1.0

    def pull(piece: Evidence) -> float:
        return piece.weight * way * ((piece.severity.value or 0.0) - severity.CONCERN_SCORE)

    pulling = [piece for piece in evidence if pull(piece) > 0]
    return tuple(sorted(pulling, key=lambda piece: (-pull(piece), piece.id))[:3])


def _summed(drawn: severity.Drawn | None, draws: Draws, at_least: float) -> tuple[Figure, SeverityShares, Severity]:
    """Severity, class probabilities, and the class (`classed`)."""
    if drawn is None:
        return Figure(unit="1", method="simulated", status="M"), SeverityShares(), "not-known"
    low, middle, high = severity.interval(drawn.total, draws.level)
    parts = severity.shares_of(drawn.total)
    shares = SeverityShares(
        **{name: Figure(value=part, unit="%", method="simulated") for name, part in zip(NAMES, parts, strict=True)}
    )
    figure = Figure(value=middle, low=low, high=high, unit="1", method="simulated")
    return figure, shares, classed(parts, at_least)


def classed(parts: tuple[float, float, float], at_least: float) -> Severity:
    """The class that is more likely than not; a concern, too, where trouble of either degree has the probability
    `at_least` (per cent); `not-known` where the draws leave it open.
    """
    none, concern, severe = parts
    if severe >= 50.0:
        return "severe"
    if none >= 50.0:
        return "none"
    return "concern" if concern >= 50.0 or concern + severe >= at_least else "not-known"


NAMES: tuple[Severity, Severity, Severity] = ("none", "concern", "severe")


# Class and grip to the sentence that names both.
TOLD: Mapping[tuple[str, str], str] = {
    ("none", "high"): "diagnose.challenge.none-high",
    ("none", "moderate"): "diagnose.challenge.none-moderate",
    ("none", "low"): "diagnose.challenge.none-low",
    ("concern", "high"): "diagnose.challenge.concern-high",
    ("concern", "moderate"): "diagnose.challenge.concern-moderate",
    ("concern", "low"): "diagnose.challenge.concern-low",
    ("severe", "high"): "diagnose.challenge.severe-high",
    ("severe", "moderate"): "diagnose.challenge.severe-moderate",
    ("severe", "low"): "diagnose.challenge.severe-low",
}


def _told(kind: Severity, figure: Figure, grip: Grip, counts: tuple[int, int, int]) -> Message:
    """The judgement in one sentence that reads after a name; `counts` are criteria answered, asked, and those that have
    only figures from which the line itself was set.
    """
    answered, asked, own = counts
    if answered == 0 and own:
        return Message(id="diagnose.challenge.own-lines-only", values={"n": own, "asked": asked})
    if answered == 0:
        return Message(id="diagnose.challenge.no-evidence", values={"asked": asked})
    values: dict[str, type_of_value] = {"answered": answered, "asked": asked, "severity": figure}
    values |= {"low": round(figure.low or 0.0), "high": round(figure.high or 0.0)}
    return Message(id=TOLD.get((kind, grip), "diagnose.challenge.undecided"), values=values)


def _confidence(scene: Scene, spec: ChallengeSpec, measured: Sequence[Answer]) -> Confidence:
    """Coverage × reliability × freshness, the last two as means over the stated weights of what has evidence."""
    if not measured:
        return Confidence(
            grip="none",
            score=0.0,
            coverage=0.0,
            reliability=0.0,
            freshness=0.0,
            message=Message(id="diagnose.confidence.none"),
        )
    weights = [spec.criteria[item.criterion].weight for item in measured]
    coverage = sum(weights) / spec.weight
    left = scene.assumed.reliability
    reliability = sum(w * left[item.evidence.reliability] for w, item in zip(weights, measured, strict=True)) / sum(
        weights
    )
    fresh = [freshness(scene, spec.criteria[item.criterion], item.evidence.age) for item in measured]
    freshness_mean = sum(w * part for w, part in zip(weights, fresh, strict=True)) / sum(weights)
    product = coverage * reliability * freshness_mean
    grips = scene.assumed.grips
    grip: Grip = "high" if product >= grips["high"] else "moderate" if product >= grips["moderate"] else "low"
    text = {
        "high": "diagnose.confidence.high",
        "moderate": "diagnose.confidence.moderate",
        "low": "diagnose.confidence.low",
    }[grip]
    values = {"coverage": coverage * 100, "reliability": reliability * 100, "freshness": freshness_mean * 100}
    return Confidence(
        grip=grip,
        score=product,
        coverage=coverage,
        reliability=reliability,
        freshness=freshness_mean,
        message=Message(id=text, values={key: round(value) for key, value in values.items()}),
    )


def _context(scene: Scene, looks: Sequence[Look]) -> list[Evidence]:
    """What is told without a threshold: one piece for each look that has a figure, dimensions each for itself."""
    found: list[Found] = [item for look in looks for item in find(scene, look)]
    return [evidence_of(scene, item, "/".join(filter(None, (item.look.indicator, item.dims)))) for item in found]


def _words(scene: Scene, spec: ChallengeSpec) -> list[Evidence]:
    """What sources say in words alone of anything that is asked."""
    looks = [look for criterion in spec.criteria.values() for look in criterion.looks] + list(spec.context)
    rows = [row for indicator in dict.fromkeys(look.indicator for look in looks) for row in worded(scene, indicator)]
    return [in_words(scene, scene.here, row) for row in rows]


# The note under which a criterion is told outside its home.
HOMES: Mapping[str, str] = {
    "structure": "diagnose.note.counted-in-structure",
    "labour": "diagnose.note.counted-in-labour",
    "ecology": "diagnose.note.counted-in-ecology",
    "finance": "diagnose.note.counted-in-finance",
    "innovation": "diagnose.note.counted-in-innovation",
    "policy": "diagnose.note.counted-in-policy",
}


def _referred(scene: Scene, spec: ChallengeSpec) -> Iterator[Evidence]:
    """Criteria of other challenges that bear on this one, told without weight: they are counted in their home alone."""
    for path in spec.refers:
        home, _, name = path.partition("/")
        given = answer(scene, name, specification().challenges[home].criteria[name])
        if given is not None:
            notes = (*given.evidence.notes, Message(id=HOMES[home]))
            yield given.evidence.model_copy(update={"id": path, "discount": 0.0, "notes": notes})


def _quoted(scene: Scene, spec: ChallengeSpec) -> list[Evidence]:
    """Figures that the record marks as unusable, of everything that is asked."""
    looks = [look for criterion in spec.criteria.values() for look in criterion.looks] + list(spec.context)
    found = {(item.look.indicator, item.figure): item for look in looks for item in unusable(scene, look)}
    return [quoted(scene, item) for item in found.values()]


def _notes(evidence: Sequence[Evidence], absent: Mapping[str, float], own: Sequence[Evidence]) -> tuple[Message, ...]:
    """What holds for the whole: undated pieces, criteria that are drawn without evidence, and what sources assert where
    the only line was set with their figures known.
    """
    undated = sum(not piece.dated for piece in evidence)
    notes = []
    if undated:
        notes.append(Message(id="diagnose.note.undated-pieces", values={"n": undated, "of": len(evidence)}))
    if evidence and absent:
        notes.append(Message(id="diagnose.note.missing-drawn", values={"n": len(absent)}))
    if own and evidence:
        notes.append(Message(id="diagnose.note.own-lines", values={"n": len(own)}))
    return (*notes, *(piece.message for piece in own))
