"""The small parts that diagnoses are made of: thresholds, pieces of evidence, confidence, dated events.

`results` gives these names on; other rooms import them from there.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from headframe.core.results import Figure, Message, Ref
from headframe.measure.results import Need

Severity = Literal["none", "concern", "severe", "not-known"]
Standing = Literal["beyond-severe", "beyond-concern", "within", "no-threshold", "no-independent-line", "not-known"]
Grip = Literal["high", "moderate", "low", "none"]
State = Literal["present", "partly", "absent", "not-known"]
LinkState = Literal["supported", "contradicted", "mixed", "no-evidence"]
StageId = Literal["factor", "investment", "innovation", "wealth"]

CHALLENGES = ("structure", "labour", "ecology", "finance", "innovation", "policy")
STAGES: tuple[StageId, ...] = ("factor", "investment", "innovation", "wealth")
UNKNOWN = Figure()


class Frozen(BaseModel):
    """A frozen part of a result; unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Line(Frozen):
    """One point of a severity scale with its authority: `Ref(kind="threshold", id=id)` has a name and a meaning.

    `figure` is the point in the indicator's unit (for a relative scale: the reference with its margin); `source` (kind
    `source`) and `locator` say who drew the line, `grade` A–D how good that evidence is. `source` None: an assumption
    of ours, always grade D.
    """

    id: str
    figure: Figure
    source: Ref | None = None
    locator: str = ""
    grade: Literal["A", "B", "C", "D"]


class Threshold(Frozen):
    """A severity scale: from `concern` on a figure is a concern, from `severe` on it is severe.

    `worse` says on which side of the points the trouble lies. A relative scale is drawn from a `reference` figure of
    the nation, the province or the peers (`relative_to`); it is None for an absolute scale.
    """

    scale: str
    indicator: Ref
    worse: Literal["above", "below"]
    concern: Line
    severe: Line
    relative_to: Literal["nation", "province", "peers", "own-past", ""] = ""
    reference: Figure | None = None


class Evidence(Frozen):
    """One piece of evidence: a figure, the threshold it is held against, and what follows.

    `severity` (0–100, interval) is what this piece alone would give; 33⅓ is the concern point, 66⅔ the severe point.
    `weight` is its share of the judgement after discounting (the shares of one judgement's measured pieces add up
    to 1); `discount` is what age, missing date and the source's reliability left of its stated weight (0 to 1; 0 also
    for a piece that is only shown because another answers the same question better). `age` is in years at the result's
    `as_of` (None: the source gives no date). `others` are contradicting or older figures for the same thing,
    `findings` the ids of audit findings that touch it.

    `standing` is `no-independent-line` where the only line was set with this place's own figure known: it is told and
    nothing is judged from it; `not-known` where the record itself marks the value as unusable. `within_error`: the
    nearest point of the scale lies within the doubt of the figure, so that which side it is on is open.
    """

    id: str
    indicator: Ref
    figure: Figure
    threshold: Threshold | None = None
    standing: Standing = "not-known"
    severity: Figure = UNKNOWN
    weight: float = 0.0
    discount: float = 1.0
    reliability: Literal["high", "medium", "low", ""] = ""
    age: float | None = None
    dated: bool = True
    others: tuple[Figure, ...] = ()
    findings: tuple[str, ...] = ()
    within_error: bool = False
    message: Message
    notes: tuple[Message, ...] = ()

    @property
    def known(self) -> bool:
        """Whether there is a figure."""
        return self.figure.known


class Confidence(Frozen):
    """How firmly a judgement stands: coverage × reliability × freshness, each from 0 to 1, and their product.

    `coverage` is the share of the stated weight of criteria that has evidence, `reliability` the mean reliability of
    its sources, `freshness` the mean of what age leaves. `grip` is the product in words.
    """

    grip: Grip
    score: float
    coverage: float
    reliability: float
    freshness: float
    message: Message


class SeverityShares(Frozen):
    """Probabilities (per cent, adding up to 100) of the three classes; value None when nothing is known."""

    none: Figure = UNKNOWN
    concern: Figure = UNKNOWN
    severe: Figure = UNKNOWN


class DatedEvent(Frozen):
    """An event used as evidence; `date` and `until` are ISO dates or empty, `text` is the date as printed, `qualifier`
    the source's doubt about it (`~`: about).
    """

    id: str
    place: str
    kind: str
    date: str
    until: str = ""
    text: str = ""
    title_en: str
    title_zh: str
    source: Ref
    locator: str = ""
    qualifier: str = "="

    def title(self, language: str) -> str:
        """The event's title in the asked language."""
        return self.title_zh if language == "zh" else self.title_en


class Sign(Frozen):
    """One sign inside a judgement (for example: a missed window): whether it shows, and on what it rests."""

    id: str
    name: Message
    state: State
    message: Message
    evidence: tuple[Evidence, ...] = ()
    events: tuple[DatedEvent, ...] = ()
    missing: tuple[Need, ...] = ()


class Judgement(Frozen):
    """A further judgement of one kind: its state, the signs it is made of, and what is missing.

    `state` is `present` (the thing is there), `partly`, `absent` (evidence speaks against it) or `not-known`.
    """

    id: str
    name: Message
    scope: str
    state: State
    message: Message
    signs: tuple[Sign, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    events: tuple[DatedEvent, ...] = ()
    missing: tuple[Need, ...] = ()
    notes: tuple[Message, ...] = ()
