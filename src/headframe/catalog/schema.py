"""The shape of every catalogue entry. Frozen models; an unknown key is an error, never a silent extra.

The files beside this module are mappings from an id to the fields below; the id itself is filled in by the reader.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from headframe.core.provenance import Source

__all__ = [
    "AccountingLink",
    "Classification",
    "Concept",
    "Concordance",
    "ConstantSum",
    "Entry",
    "Indicator",
    "Lever",
    "LeverEvidence",
    "Occupation",
    "ParameterCard",
    "Sector",
    "Source",
    "Term",
    "Threshold",
    "UnitName",
]

Grade = Literal["A", "B", "C", "D"]
HowRead = Literal["full", "excerpt", "abstract", "computed", "assumed"]
Status = Literal["verified", "unverified"]
Sign = Literal["positive", "negative", "no-effect", "mixed", "gross-claim"]
Challenge = Literal["structure", "labour", "ecology", "finance", "innovation", "policy"]
Subject = Literal[
    "structure",
    "labour",
    "ecology",
    "finance",
    "innovation",
    "service",
    "population",
    "resource",
    "forestry",
    "parks",
    "infrastructure",
    "livelihood",
    "context",
]


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text.strip()


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("must be a finite number")
    return value


Text = Annotated[str, AfterValidator(_filled)]
Number = Annotated[float, AfterValidator(_finite)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
ScopeRow = Annotated[str, Field(pattern=r"^[MDCSPEWG][0-9]{1,2}$")]


class Entry(BaseModel):
    """What every catalogue entry has: an id and a name in each language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    name_en: Text
    name_zh: Text

    def name(self, language: str) -> str:
        """The name in `language` (`en` or `zh`)."""
        return self.name_zh if language == "zh" else self.name_en


class Part(BaseModel):
    """A nested group of fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AccountingLink(Part):
    """How an indicator is made of others: a total of parts, or a ratio of two, or both."""

    total: Id | None = None
    parts: tuple[Id, ...] = ()
    ratio: tuple[Id, Id] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if (self.total is None) != (not self.parts) or (self.total is None and self.ratio is None):
            raise ValueError("needs total with parts, or ratio with numerator and denominator")
        return self


class ConstantSum(Part):
    """A set of indicators that add up to a fixed number, such as three shares to 100 per cent."""

    constant: Number
    parts: Annotated[tuple[Id, ...], Field(min_length=2)]


class Indicator(Entry):
    """A quantity that observations report.

    A flow whose unit carries `/year` is a rate (annual rule `mean`); any other flow is the amount of its period
    (annual rule `sum`). `range` holds what is plausible in the indicator's unit; null means no bound.
    """

    unit: Text
    kind: Literal["stock", "flow", "ratio"]
    annual_rule: Literal["end", "mean", "sum", "last"]
    direction: Literal["up", "down", "none"]
    subject: Subject
    definition_en: Text
    definition_zh: Text
    adds_up_to: AccountingLink | None = None
    sums_with: ConstantSum | None = None
    range: tuple[Number | None, Number | None] = (None, None)
    scope: tuple[ScopeRow, ...] = ()
    core: bool = True

    @model_validator(mode="after")
    def _rule_fits_kind(self) -> Self:
        if self.kind == "flow" and self.annual_rule != ("mean" if self.unit.endswith("/year") else "sum"):
            raise ValueError("a flow is summed over the year; a rate per year is averaged")
        if self.kind == "stock" and self.annual_rule not in {"end", "mean"}:
            raise ValueError("a stock is taken at the end of the year or averaged")
        low, high = self.range
        if low is not None and high is not None and low >= high:
            raise ValueError("range must run from low to high")
        return self


class Concept(Entry):
    """What an observation counts; concepts of one axis exclude each other."""

    axis: Text
    definition_en: Text
    definition_zh: Text


class Concordance(Part):
    """Codes of one classification that belong to a sector or occupation.

    `codes` belong wholly; `shared` codes are split between several entries of the axis, and `shared_note` says how.
    """

    codes: tuple[Text, ...] = ()
    shared: tuple[Text, ...] = ()
    shared_note: str = ""


class Sector(Entry):
    """One of the fourteen sectors of the model, with its codes in five classifications."""

    definition_en: Text
    definition_zh: Text
    family: Text
    hue: Annotated[str, Field(pattern=r"^#[0-9A-F]{6}$")]
    closure: Literal["price-taker", "share-taker", "local", "government"]
    tradable: bool
    concordance: dict[Literal["gbt_4754_2017", "isic_4", "nace_2", "naics_2017", "yearbook_19"], Concordance]


class Occupation(Entry):
    """One of the twelve occupations of the model, with its ISCO-08 groups."""

    definition_en: Text
    definition_zh: Text
    concordance: dict[Literal["isco_08"], Concordance]


class Classification(Entry):
    """A published classification: every code at the level used here, and how that list was checked.

    `titles` are in the classification's own language, kept where users meet the codes by name.
    """

    version: Text
    level: Text
    codes: tuple[Text, ...]
    titles: dict[str, Text] = {}
    status: Status
    verified_how_en: Text
    verified_how_zh: Text
    source: Id


class Threshold(Entry):
    """A line on an indicator's scale with its authority.

    Absolute: `value` in `unit`. Relative (`relative_to`): the indicator is compared with the nation, the province, the
    peers' `quantile` or the place's own past; with margin `difference` the line lies at reference + value, with margin
    `ratio` at reference × value. A line of method (role `rule`) may have no indicator. Grades: A an official Chinese
    rule, target or standard; B a rule used elsewhere or in the literature; C derived from data or from a figure that a
    source calls grave; D our assumption. `seen_in` names the built-in places whose own figure was known when a line of
    ours was set, or from whose source it was taken: such a line was not drawn independently of them, so that a
    diagnosis does not judge them by it.
    """

    indicator: Id | None = None
    comparison: Literal[">", ">=", "<", "<="]
    value: Number
    unit: Text
    relative_to: Literal["nation", "province", "peers", "own-past"] | None = None
    margin: Literal["difference", "ratio"] = "difference"
    quantile: Annotated[float, Field(gt=0, lt=1)] | None = None
    role: Literal["rule", "concern", "severe", "class"]
    scale: Id | None = None
    challenges: tuple[Challenge, ...] = ()
    meaning_en: Text
    meaning_zh: Text
    source: Id | None = None
    locator: str = ""
    grade: Grade
    how_read: HowRead
    seen_in: tuple[Id, ...] = ()
    note_en: str = ""
    note_zh: str = ""
    scope: tuple[ScopeRow, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.quantile is not None) != (self.relative_to == "peers"):
            raise ValueError("a quantile belongs to a comparison with peers, and that comparison needs one")
        if self.role in {"concern", "severe"} and not (self.scale and self.challenges and self.indicator):
            raise ValueError("a point of a severity scale names its indicator, its scale and its challenges")
        if self.grade != "D" and not (self.source and self.locator.strip()):
            raise ValueError("a cited threshold needs a source and a locator")
        if self.source is None and self.how_read != "assumed":
            raise ValueError("a threshold without a source is assumed")
        return self

    def line(self, reference: float | None = None) -> float:
        """Where the line lies, in `unit`; `reference` is the other's value, needed exactly for relative lines."""
        if self.relative_to is None:
            return self.value
        if reference is None:
            raise ValueError(f"threshold {self.id} is relative and needs a reference")
        return reference * self.value if self.margin == "ratio" else reference + self.value

    def crossed_by(self, value: float, reference: float | None = None) -> bool:
        """Whether `value` (in `unit`) is on the far side of the line."""
        line = self.line(reference)
        match self.comparison:
            case ">":
                return value > line
            case ">=":
                return value >= line
            case "<":
                return value < line
            case _:
                return value <= line


class LeverEvidence(Part):
    """What is documented about a lever: a parameter card or a source with the sign that it reports."""

    card: Id | None = None
    source: Id | None = None
    locator: str = ""
    sign: Sign
    finding_en: Text
    finding_zh: Text

    @model_validator(mode="after")
    def _one_authority(self) -> Self:
        if (self.card is None) == (self.source is None):
            raise ValueError("evidence cites either a card or a source")
        if self.source is not None and not self.locator.strip():
            raise ValueError("evidence from a source needs a locator")
        return self


class Lever(Entry):
    """Something a city can do, described; numbers that nobody has documented are null."""

    theme: Literal["industry", "extraction", "restoration", "jobs", "livelihood", "business"]
    family: Text
    description_en: Text
    description_zh: Text
    unit: Text
    low: Number | None = None
    high: Number | None = None
    cost_note_en: Text
    cost_note_zh: Text
    cost_card: Id | None = None
    lag_years: Number | None = None
    ramp_years: Number | None = None
    payers: Annotated[
        tuple[Literal["centre", "province", "city", "state-firm", "private", "household", "insurance-fund"], ...],
        Field(min_length=1),
    ]
    channel_en: Text
    channel_zh: Text
    documented: Sign | Literal["undocumented"]
    evidence: tuple[LeverEvidence, ...] = ()
    scope: tuple[ScopeRow, ...] = ()

    @model_validator(mode="after")
    def _documented_needs_evidence(self) -> Self:
        if (self.documented == "undocumented") == bool(self.evidence):
            raise ValueError("a documented sign needs evidence, and evidence makes a lever documented")
        return self


class ParameterCard(Entry):
    """One parameter: its value with bounds, how good the evidence is and how it was read (law 4).

    `default` may be null where sources bound a quantity but none supports a central value.
    """

    block: Text
    symbol: str = ""
    unit: Text
    default: Number | None
    low: Number | None
    high: Number | None
    grade: Grade
    source: Id | None = None
    locator: str = ""
    how_read: HowRead
    vintage: str = ""
    places: Annotated[int, Field(ge=1)] | None = None
    note_en: str = ""
    note_zh: str = ""
    scope: tuple[ScopeRow, ...] = ()

    @model_validator(mode="after")
    def _ordered_and_honest(self) -> Self:
        known = [x for x in (self.low, self.default, self.high) if x is not None]
        if not known:
            raise ValueError("a card without any number says nothing")
        if known != sorted(known):
            raise ValueError("low, default and high must be in order")
        if (self.how_read == "assumed") != (self.source is None):
            raise ValueError("a card is either assumed or cites a source that was seen")
        if self.how_read == "assumed" and self.grade != "D":
            raise ValueError("what was not seen is grade D")
        if self.source is not None and not self.locator.strip():
            raise ValueError("a cited value needs a locator")
        return self


class Term(Entry):
    """One concept of the field and its single Chinese term.

    `verified` means read in an official text or official statistics, `chosen` our own naming.
    """

    definition_en: Text
    definition_zh: Text
    avoid_zh: tuple[Text, ...] = ()
    status: Status | Literal["chosen"]
    evidence_en: str = ""
    evidence_zh: str = ""
    source: Id | None = None

    @model_validator(mode="after")
    def _verified_by(self) -> Self:
        if self.status == "verified" and not (self.source and self.evidence_en.strip()):
            raise ValueError("a verified term names the source in which it was seen, and where")
        if self.name_zh in self.avoid_zh:
            raise ValueError("a term cannot be its own forbidden synonym")
        return self


class UnitName(Part):
    """The name of a unit as a reader sees it; empty where the number alone is enough (counts in English)."""

    id: Id
    unit: Text
    name_en: str
    name_zh: str

    def name(self, language: str) -> str:
        """The name in `language` (`en` or `zh`)."""
        return self.name_zh if language == "zh" else self.name_en
