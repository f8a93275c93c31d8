"""What is not known: contradictions, judgements left open, the oldest evidence, and what to collect next.

What to collect is ranked by how much it would narrow: for every criterion, answered or not, the challenge is drawn
again as if a fresh figure of a reliable source stood there, at the place on the scale where the present draws have
their middle. The narrowing of the interval is what that figure would be worth, wherever it fell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from headframe.core.results import Message, Ref
from headframe.diagnose import severity
from headframe.diagnose.criteria import ChallengeSpec, Criterion
from headframe.diagnose.gather import Scene
from headframe.diagnose.judge import Answer, Draws, answer, missing_need, wanted_look
from headframe.diagnose.parts import Evidence, Judgement
from headframe.diagnose.results import Challenge, Collect, Contradiction, Unknown
from headframe.measure.needs import need

OLDEST = 5
LISTED = 12
LEAST = 0.5  # points: what narrows less is not worth a line
TEXTS = {
    "contradicts-source": "diagnose.contradiction.source",
    "contradicts-itself": "diagnose.contradiction.itself",
    "unit-slip": "diagnose.contradiction.unit-slip",
    "nominal-for-real": "diagnose.contradiction.nominal-for-real",
    "impossible": "diagnose.contradiction.impossible",
    "arithmetic": "diagnose.contradiction.arithmetic",
    "vague-definition": "diagnose.contradiction.vague-definition",
    "series-stops": "diagnose.contradiction.series-stops",
    "selective": "diagnose.contradiction.selective",
}
ORDER = {"high": 0, "medium": 1, "low": 2}


def unknown(
    scene: Scene,
    specs: Sequence[tuple[str, ChallengeSpec]],
    challenges: Sequence[Challenge],
    judgements: Sequence[Judgement],
    draws: Draws,
) -> Unknown:
    """Everything that the result has to say about its own gaps."""
    pieces = _unique(piece for challenge in challenges for piece in challenge.evidence)
    open_challenges = tuple(item.id for item in challenges if not item.known)
    open_judgements = tuple(item.id for item in judgements if item.state == "not-known")
    undated = tuple(piece for piece in pieces if not piece.dated)
    dated = sorted((piece for piece in pieces if piece.age), key=lambda piece: (-(piece.age or 0.0), piece.id))
    contradictions = tuple(_contradictions(scene))
    values = {"contradictions": len(contradictions), "challenges": len(open_challenges), "undated": len(undated)}
    return Unknown(
        contradictions=contradictions,
        challenges=open_challenges,
        judgements=open_judgements,
        undated=undated,
        oldest=tuple(dated[:OLDEST]),
        collect=collect(scene, specs, draws),
        message=Message(id="diagnose.unknown.told", values={**values}),
    )


def _unique(pieces: Iterator[Evidence]) -> tuple[Evidence, ...]:
    seen: dict[tuple[str, tuple[str, ...]], Evidence] = {}
    for piece in pieces:
        seen.setdefault((piece.indicator.id, piece.figure.observations), piece)
    return tuple(seen.values())


def _contradictions(scene: Scene) -> Iterator[Contradiction]:
    place = scene.city.place.id
    rows = sorted(scene.findings, key=lambda row: (ORDER.get(str(row["severity"]), 3), str(row["finding_id"])))
    for row in rows:
        names = [
            name for column in ("obs_ids", "against_obs_ids") for name in str(row[column] or "").split(";") if name
        ]
        kind = str(row["kind"] or "")
        yield Contradiction(
            id=str(row["finding_id"]),
            place=place,
            kind=kind,
            severity=str(row["severity"] or ""),
            decidable=str(row["decidable"] or ""),
            note_en=str(row["note_en"] or ""),
            note_zh=str(row["note_zh"] or ""),
            observations=tuple(f"{place}/{name}" for name in names),
            message=Message(id=TEXTS.get(kind, "diagnose.contradiction.other"), values={"n": len(names)}),
        )


def collect(scene: Scene, specs: Sequence[tuple[str, ChallengeSpec]], draws: Draws) -> tuple[Collect, ...]:
    """What to collect next, the most narrowing first; at most twelve entries, each narrowing at least half a point."""
    worth: dict[str, float] = {}
    serves: dict[str, list[str]] = {}
    answered: dict[str, bool] = {}
    for identifier, spec in specs:
        answers = {name: answer(scene, name, criterion) for name, criterion in spec.criteria.items()}
        for name, criterion in spec.criteria.items():
            given = answers[name]
            if given is not None and given.piece is not None and criterion.lasting:
                continue
            if wanted_look(scene, criterion) is None:  # no figure of this place would tell: its line is not independent
                continue
            narrowing = _narrowing(scene, identifier, spec, answers, name, draws)
            indicator = _wanted(scene, given, criterion)
            worth[indicator] = worth.get(indicator, 0.0) + narrowing
            serves.setdefault(indicator, []).append(identifier)
            answered[indicator] = given is not None and given.piece is not None
    ranked = sorted((item for item in worth.items() if item[1] >= LEAST), key=lambda item: (-item[1], item[0]))
    return tuple(_entry(scene, name, points, serves[name], answered=answered[name]) for name, points in ranked[:LISTED])


def _wanted(scene: Scene, given: Answer | None, criterion: Criterion) -> str:
    """The indicator that would answer best: the one that answers now, else the first that could."""
    look = wanted_look(scene, criterion) or criterion.looks[0]
    return given.evidence.indicator.id if given is not None and given.piece is not None else look.indicator


def _entry(scene: Scene, indicator: str, points: float, serves: Sequence[str], *, answered: bool) -> Collect:
    name = Ref(kind="indicator", id=indicator)
    wanted = missing_need(scene, indicator)
    if answered:
        period = str(scene.as_of or "")
        wanted = need(indicator, scene.city.place.id, "diagnose.need.fresher", period=period, indicator=name)
    return Collect(
        need=wanted,
        narrows=points,
        serves=tuple(serves),
        message=Message(id="diagnose.collect.told", values={"indicator": name, "points": points}),
    )


def _narrowing(
    scene: Scene,
    identifier: str,
    spec: ChallengeSpec,
    answers: dict[str, Answer | None],
    wanted: str,
    draws: Draws,
) -> float:
    """By how many points the interval of a challenge would narrow with a fresh, reliable answer to one criterion.

    Where nothing at all is known the width before is that of the whole scale's indifference: one answer is drawn at the
    middle, and the other criteria stay missing.
    """
    weights = {name: criterion.weight for name, criterion in spec.criteria.items()}
    pieces = {name: item.piece for name, item in answers.items() if item is not None and item.piece is not None}
    before = _drawn(scene, identifier, pieces, weights, draws)
    middle = severity.MIDDLE
    if before is not None:
        middle = float(severity.position_of_score(np.asarray(np.median(before.total))))
    fresh = severity.Piece(
        id=wanted,
        weight=weights[wanted],
        value=middle,
        low=None,
        high=None,
        qualifier="=",
        reliability="high",
        concern=0.0,
        severe=1.0,
        grades=("A", "A"),
        age=0.0,
        drift=scene.assumed.drift,
    )
    after = _drawn(scene, identifier, {**pieces, wanted: fresh}, weights, draws)
    return max(0.0, _width(before, draws.level) - _width(after, draws.level))


def _drawn(
    scene: Scene, identifier: str, pieces: dict[str, severity.Piece], weights: dict[str, float], draws: Draws
) -> severity.Drawn | None:
    absent = {name: weight for name, weight in weights.items() if name not in pieces}
    return severity.draw(
        [replace(piece, id=name) for name, piece in sorted(pieces.items())],
        absent,
        scene.assumed.spreads,
        seed=draws.seed,
        purpose=identifier,
        draws=draws.count,
    )


def _width(drawn: severity.Drawn | None, level: float) -> float:
    if drawn is None:
        return 100.0 * level
    low, _, high = severity.interval(drawn.total, level)
    return high - low
