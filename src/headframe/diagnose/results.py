"""What `diagnose` returns: six challenges, the further judgements, loops, and what is not known.

This is the seam to `show` and `choose`. Everything is frozen; text stands here only as `Message` and `Ref`; a figure
that is not known has value None, and what would make it known stands beside it as a `Need`. Scores run from 0 to 100
and probabilities are in per cent; the level of every simulated interval is `DiagnoseResult.level`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from headframe.core.results import Figure, Message, Ref, Result
from headframe.diagnose.parts import (
    CHALLENGES,
    STAGES,
    UNKNOWN,
    Confidence,
    DatedEvent,
    Evidence,
    Frozen,
    Grip,
    Judgement,
    Line,
    LinkState,
    Severity,
    SeverityShares,
    Sign,
    StageId,
    Standing,
    State,
    Threshold,
)
from headframe.measure.results import Need

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "CHALLENGES",
    "STAGES",
    "UNKNOWN",
    "AnchorDependence",
    "Challenge",
    "Collect",
    "Confidence",
    "ConsumerLimits",
    "Contradiction",
    "DatedEvent",
    "DiagnoseResult",
    "Evidence",
    "Frozen",
    "Grip",
    "InvestmentLockIn",
    "InvestmentSpan",
    "Judgement",
    "Line",
    "Link",
    "LinkState",
    "Loop",
    "Mismatch",
    "Need",
    "NotYet",
    "PolicyCoherence",
    "Severity",
    "SeverityShares",
    "Sign",
    "SkillsMismatch",
    "Stage",
    "StageId",
    "StageShare",
    "Standing",
    "State",
    "Threshold",
    "Unknown",
]


class Challenge(Frozen):
    """One of the six challenges (D1).

    `severity` is the median of the draws (0–100) with its interval; `severity_class` the class that is more likely than
    not, or `not-known` where the draws leave it open. `strongest` are at most three pieces, by weight × distance from
    the concern score; `evidence` is everything that was looked at, measured pieces first; `missing` what has no figure.
    """

    id: str
    name: Message
    severity: Figure
    severity_class: Severity
    shares: SeverityShares
    confidence: Confidence
    strongest: tuple[Evidence, ...]
    evidence: tuple[Evidence, ...]
    events: tuple[DatedEvent, ...] = ()
    missing: tuple[Need, ...] = ()
    message: Message
    notes: tuple[Message, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the challenge could be judged at all."""
        return self.severity_class != "not-known"


class Mismatch(Frozen):
    """Supply of and demand for one group of skills (D3): those looking for work beside the posts that stand open."""

    industry: str
    occupation: str
    age: str
    supply: Figure
    demand: Figure
    message: Message


class SkillsMismatch(Judgement):
    """Skills mismatch by occupation and age against vacancies, as far as evidence carries (D3)."""

    pairs: tuple[Mismatch, ...] = ()


class InvestmentSpan(Frozen):
    """Investment and what came of it over one span of years, at one place (the city itself, or the province it is in).

    `fold` is last / first investment, `product_fold` the same of gross domestic product; `coefficient` the rise of
    output divided by investment; `heavy_before` and `heavy_after` the share of heavy industry; `jobs` the change of
    employment in per cent. `corrected`: an evident slip of unit was corrected in the evidence before computing.
    """

    place: Ref
    period: str
    first: Figure
    last: Figure
    fold: Figure
    product_fold: Figure = UNKNOWN
    coefficient: Figure = UNKNOWN
    heavy_before: Figure = UNKNOWN
    heavy_after: Figure = UNKNOWN
    jobs: Figure = UNKNOWN
    corrected: bool = False
    message: Message
    notes: tuple[Message, ...] = ()


class InvestmentLockIn(Judgement):
    """Investment efficiency and heavy lock-in (D4)."""

    spans: tuple[InvestmentSpan, ...] = ()


class PolicyCoherence(Judgement):
    """Missed window, churn of plans, distorted prices, profits flowing out (D5): one sign for each, dated."""


class AnchorDependence(Judgement):
    """Dependence on anchor firms (D8): their weight, their debt beside the nation's, the private share."""

    anchor: Ref | None = None


class StageShare(Frozen):
    """The probability (per cent) of one stage of development; value None when nothing is known."""

    stage: StageId
    name: Message
    probability: Figure


class Stage(Judgement):
    """Stage of development (D9): factor-, investment-, innovation- or wealth-driven, as four probabilities.

    `most_probable` is None when nothing is known or when the first two stages cannot be told apart.
    """

    shares: tuple[StageShare, ...] = ()
    most_probable: StageId | None = None


class ConsumerLimits(Judgement):
    """Limits of a consumer economy (D10): density, youth, services, and the risk of events with its known cases."""

    cases: tuple[DatedEvent, ...] = ()


class Link(Frozen):
    """One arrow of a loop: `sign` + (the same way) or − (the other way), with what the evidence says of it.

    `figures` are the figures that bear on it, `sources` the documents that assert it. `mutual`: the two ends act on
    each other with one sign, and this one co-movement is all that evidence can show of both arrows.
    """

    id: str
    cause: Message
    effect: Message
    sign: Literal["+", "-"]
    mutual: bool = False
    state: LinkState
    figures: tuple[Figure, ...] = ()
    sources: tuple[Ref, ...] = ()
    locators: tuple[str, ...] = ()
    missing: tuple[Need, ...] = ()
    message: Message


class Loop(Frozen):
    """A feedback loop, named and dated (D7), from evidence alone; nothing is simulated.

    `sign` is reinforcing or balancing (the product of the links' signs); `state` is that of its weakest known link;
    `since` and `until` bound the years in which readings of linked ends overlap; `asserted` are documents that name the
    loop for this place; `where` is whose figures show it.
    """

    id: str
    name: Message
    sign: Literal["reinforcing", "balancing"]
    state: LinkState
    links: tuple[Link, ...]
    events: tuple[DatedEvent, ...] = ()
    since: int | None = None
    until: int | None = None
    asserted: tuple[Ref, ...] = ()
    where: Ref | None = None
    message: Message


class Contradiction(Frozen):
    """A contradiction or slip recorded in the evidence, as the audit data has it."""

    id: str
    place: str
    kind: str
    severity: str
    decidable: str
    note_en: str
    note_zh: str
    observations: tuple[str, ...] = ()
    message: Message

    def note(self, language: str) -> str:
        """The finding in the asked language."""
        return self.note_zh if language == "zh" else self.note_en


class Collect(Frozen):
    """Data to collect next: `narrows` is by how many points (0–100) the intervals of the judgements it serves would
    narrow in sum if a fresh, reliable figure were there; `serves` are those judgements.
    """

    need: Need
    narrows: float
    serves: tuple[str, ...]
    message: Message


class Unknown(Frozen):
    """What is not known: contradictions, judgements without evidence, the oldest data in use, what to collect next."""

    contradictions: tuple[Contradiction, ...] = ()
    challenges: tuple[str, ...] = ()
    judgements: tuple[str, ...] = ()
    undated: tuple[Evidence, ...] = ()
    oldest: tuple[Evidence, ...] = ()
    collect: tuple[Collect, ...] = ()
    message: Message


class NotYet(Frozen):
    """A judgement that this version does not make, with the reason; never a made-up value."""

    id: str
    name: Message
    scope: str
    message: Message


class DiagnoseResult(Result):
    """Why a place stands where it stands. `as_of` is the year the ages of evidence are counted to."""

    level: float
    draws: int
    as_of: int | None
    challenges: tuple[Challenge, ...]
    skills: SkillsMismatch
    investment: InvestmentLockIn
    policy: PolicyCoherence
    anchor: AnchorDependence
    stage: Stage
    consumer: ConsumerLimits
    loops: tuple[Loop, ...]
    unknown: Unknown
    not_yet: tuple[NotYet, ...]
    summary: Message

    def challenge(self, identifier: str) -> Challenge | None:
        """The challenge of this id, or None."""
        return next((item for item in self.challenges if item.id == identifier), None)

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """The further judgements, in reading order."""
        return (self.skills, self.investment, self.policy, self.anchor, self.stage, self.consumer)

    def needs(self) -> tuple[Need, ...]:
        """Everything that is missing, each need once, in reading order."""
        groups: list[Iterable[Need]] = [item.missing for item in self.challenges]
        for item in self.judgements:
            groups += [item.missing, *(sign.missing for sign in item.signs)]
        groups += (link.missing for loop in self.loops for link in loop.links)
        seen: dict[tuple[str, str, str, str], Need] = {}
        for need in (need for group in groups for need in group):
            seen.setdefault((need.indicator, need.place, need.period, need.dims), need)
        return tuple(seen.values())

    def table(self) -> pl.DataFrame:
        """One row per score, probability and piece of evidence, in reading order; columns as in `TABLE`."""
        import polars as pl

        return pl.DataFrame([*_challenge_rows(self), *_judgement_rows(self)], schema=TABLE, orient="row")

    def explain(self) -> tuple[Message, ...]:
        """The diagnosis told as text ids with values: summary, challenges, judgements, loops, what is not known."""
        told = [self.summary]
        for item in self.challenges:
            told += [item.message, *(piece.message for piece in item.strongest), *item.notes]
        for judgement in self.judgements:
            told += [judgement.message, *(sign.message for sign in judgement.signs), *judgement.notes]
        told += [*(loop.message for loop in self.loops), *(item.message for item in self.not_yet)]
        return (*told, self.unknown.message)


TABLE = {
    "part": str,
    "id": str,
    "item": str,
    "state": str,
    "value": float,
    "low": float,
    "high": float,
    "unit": str,
    "period": str,
    "weight": float,
    "severity": float,
    "threshold": str,
    "method": str,
    "status": str,
    "observations": str,
}


def _row(
    part: str, identifier: str, item: str, state: str, figure: Figure, piece: Evidence | None = None
) -> tuple[object, ...]:
    return (
        part,
        identifier,
        item,
        state,
        figure.value,
        figure.low,
        figure.high,
        figure.unit,
        figure.period,
        piece.weight if piece else None,
        piece.severity.value if piece else None,
        piece.threshold.scale if piece and piece.threshold else "",
        figure.method,
        figure.status,
        ";".join(figure.observations),
    )


def _pieces(part: str, identifier: str, pieces: Iterable[Evidence]) -> Iterable[tuple[object, ...]]:
    return (_row(part, identifier, piece.id, piece.standing, piece.figure, piece) for piece in pieces)


def _challenge_rows(result: DiagnoseResult) -> Iterable[tuple[object, ...]]:
    for item in result.challenges:
        yield _row("challenge", item.id, "severity", item.severity_class, item.severity)
        for name in ("none", "concern", "severe"):
            yield _row("challenge", item.id, f"probability:{name}", "", getattr(item.shares, name))
        yield from _pieces("challenge", item.id, item.evidence)


def _judgement_rows(result: DiagnoseResult) -> Iterable[tuple[object, ...]]:
    for judgement in result.judgements:
        yield _row("judgement", judgement.id, "state", judgement.state, UNKNOWN)
        yield from _pieces("judgement", judgement.id, judgement.evidence)
        for sign in judgement.signs:
            yield _row("judgement", judgement.id, f"sign:{sign.id}", sign.state, UNKNOWN)
            yield from _pieces("judgement", judgement.id, sign.evidence)
    for share in result.stage.shares:
        yield _row("judgement", result.stage.id, f"probability:{share.stage}", "", share.probability)
    for span in result.investment.spans:
        for name in ("fold", "coefficient", "heavy_before", "heavy_after", "jobs"):
            yield _row("judgement", result.investment.id, f"{span.place.id}:{name}", "", getattr(span, name))
    for loop in result.loops:
        for link in loop.links:
            figures = link.figures or (UNKNOWN,)
            yield from (_row("loop", loop.id, link.id, link.state, figure) for figure in figures)
