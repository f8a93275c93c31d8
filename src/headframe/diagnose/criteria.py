"""What is asked in each judgement: the criteria of `catalog/challenges.yaml`, read strictly.

A criterion is one question, weighted; its looks are the indicators that can answer it, each with the severity scale
of `catalog/thresholds*.yaml` that it is held against. The look whose figure keeps most of its weight by reliability,
age and validity answers (of equals the first); figures of the others stand beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from headframe.catalog.load import FOLDER, catalog, read_yaml
from headframe.catalog.schema import Threshold as Point
from headframe.core.errors import HeadframeError
from headframe.diagnose.severity import Assumptions

FILE = "challenges.yaml"
Reliability = Literal["high", "medium", "low"]
Positive = Annotated[float, Field(gt=0)]


class Part(BaseModel):
    """A frozen group of fields; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Look(Part):
    """One way to answer: an indicator, the scale it is held against (empty: shown without a threshold), and `dims`.

    `dims`: `none` looks at rows without dimensions only, `any` also at rows that have some (one zone, one industry),
    `only` at those alone. `validity` is what a stand-in is worth beside the thing that is asked for (a proxy ½),
    `without` names concepts whose figures do not answer because they count another population, and from the age
    `oldest` (years) on a figure is told but not held against the scale.
    """

    indicator: str
    scale: str = ""
    dims: Literal["none", "any", "only"] = "none"
    validity: Annotated[float, Field(gt=0, le=1)] = 1.0
    without: tuple[str, ...] = ()
    oldest: Positive | None = None


class Criterion(Part):
    """One weighted question of a challenge.

    `drift` overrides the general drift where evidence on it is at hand; a `lasting` answer (a fact about the past)
    neither drifts nor loses weight with age.
    """

    weight: Positive = 1.0
    drift: Positive | None = None
    lasting: bool = False
    looks: Annotated[tuple[Look, ...], Field(min_length=1)]


class ChallengeSpec(Part):
    """A challenge: its name and the summary for when it stands worst (text ids), its criteria, indicators told without
    a threshold, and kinds of events. `refers` names criteria of other challenges (`ecology/repair-gap`) that bear on
    this one too: they are told here without weight.
    """

    name: str
    worst: str
    criteria: dict[str, Criterion]
    refers: tuple[str, ...] = ()
    context: tuple[Look, ...] = ()
    events: tuple[str, ...] = ()

    @property
    def weight(self) -> float:
        """The sum of the criteria's weights."""
        return sum(item.weight for item in self.criteria.values())


Where = Literal["here", "above"]


class SignSpec(Part):
    """One sign of a judgement: what shows it.

    `looks` are held against their scale, or, without one, read by `reads`: `positive` figures show the sign, with
    `some` only in part, because a number without a scale does not say how much it is. `context` is told and decides
    nothing. `rules` are lines of the catalogue (role `rule`) whose crossing
    shows the sign. `statements` are tags of what sources say in words (`industry=coal`), `events` kinds of events that
    show it. `where`: the place itself, and whether the places above it may answer where it does not.
    """

    name: str
    looks: tuple[Look, ...] = ()
    reads: Literal["scale", "positive", "some"] = "scale"
    context: tuple[Look, ...] = ()
    rules: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    where: Where = "here"
    lasting: bool = False


class Exchange(Part):
    """Bounds of an exchange rate in yuan for one dollar, and the sources whose printed pairs imply them."""

    low: Positive
    high: Positive
    sources: tuple[str, ...]


class JudgementSpec(Part):
    """A further judgement: its name (a text id), the signs it is made of, what is told beside them without a threshold,
    and for the stage the exchange rate.
    """

    name: str
    scope: str
    signs: dict[str, SignSpec] = {}
    context: tuple[Look, ...] = ()
    exchange: Exchange | None = None


class AssumptionFields(Part):
    """The assumptions of `severity.Assumptions`, and those of discounting, as they stand in the file."""

    value_error: dict[str, float]
    qualifier_error: dict[str, float]
    line_error: dict[str, float]
    drift: Positive
    missing_spread: Positive
    weight_shape: Positive
    exponents: tuple[Positive, Positive]
    reliability: dict[str, float]
    half_life: Positive
    undated_span: Positive
    evidence_as_of: int
    at_least: Positive
    grips: dict[Literal["high", "moderate"], float]
    basis_en: str
    basis_zh: str

    @property
    def spreads(self) -> Assumptions:
        """The part that the draws use."""
        return Assumptions(
            value_error=self.value_error,
            qualifier_error=self.qualifier_error,
            line_error=self.line_error,
            undated_span=self.undated_span,
            missing_spread=self.missing_spread,
            weight_shape=self.weight_shape,
            exponents=self.exponents,
        )


class Specification(Part):
    """The whole file."""

    assumptions: AssumptionFields
    challenges: dict[str, ChallengeSpec]
    judgements: dict[str, JudgementSpec]

    @model_validator(mode="after")
    def _scales_are_known(self) -> Self:
        looks = [
            look
            for challenge in self.challenges.values()
            for criterion in challenge.criteria.values()
            for look in criterion.looks
        ]
        signs = [sign for judgement in self.judgements.values() for sign in judgement.signs.values()]
        looks += [look for sign in signs for look in sign.looks if sign.reads == "scale"]
        for rule in (rule for sign in signs for rule in sign.rules):
            if catalog().thresholds[rule].indicator is None:
                raise ValueError(f"the rule {rule} is for no indicator")
        for look in looks:
            if look.scale not in scales():
                raise ValueError(f"{look.indicator} is held against the unknown scale {look.scale!r}")
            if scales()[look.scale].indicator != look.indicator:
                raise ValueError(f"the scale {look.scale} is for another indicator than {look.indicator}")
        looks += [look for sign in signs for look in (*sign.looks, *sign.context)]
        looks += [look for judgement in self.judgements.values() for look in judgement.context]
        looks += [look for challenge in self.challenges.values() for look in challenge.context]
        unknown = {look.indicator for look in looks} - set(catalog().indicators)
        if unknown:
            raise ValueError(f"unknown indicators: {sorted(unknown)}")
        concepts = {concept for look in looks for concept in look.without} - set(catalog().concepts)
        if concepts:
            raise ValueError(f"unknown concepts: {sorted(concepts)}")
        return self

    @model_validator(mode="after")
    def _criteria_have_one_home(self) -> Self:
        names = [name for challenge in self.challenges.values() for name in challenge.criteria]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"criteria of two challenges: {sorted(twice)}")
        homes = {f"{home}/{name}" for home, challenge in self.challenges.items() for name in challenge.criteria}
        lost = {name for challenge in self.challenges.values() for name in challenge.refers} - homes
        if lost:
            raise ValueError(f"unknown criteria: {sorted(lost)}")
        return self


class Scale(Part):
    """The two points of a severity scale, as the catalogue has them."""

    id: str
    concern: Point
    severe: Point

    @property
    def indicator(self) -> str:
        """The indicator that the scale is for."""
        return self.concern.indicator or ""

    @property
    def worse(self) -> Literal["above", "below"]:
        """On which side of its points the trouble lies."""
        return "above" if self.concern.comparison in {">", ">="} else "below"


@cache
def scales() -> Mapping[str, Scale]:
    """Every severity scale of the catalogue by id. Raises HF501 for a scale that is not whole."""
    points: dict[str, dict[str, list[Point]]] = {}
    for point in catalog().thresholds.values():
        if point.role in {"concern", "severe"} and point.scale:
            points.setdefault(point.scale, {}).setdefault(point.role, []).append(point)
    return {identifier: scale_from(identifier, roles) for identifier, roles in points.items()}


def scale_from(identifier: str, roles: Mapping[str, list[Point]]) -> Scale:
    """A scale from its points. Raises HF501 unless there is one concern and one severe point of one indicator and
    one side, and the severe one lies farther out.
    """
    found = [roles.get(role, []) for role in ("concern", "severe")]
    if [len(item) for item in found] != [1, 1]:
        raise HeadframeError.of("HF501", f"thresholds, {identifier}", scale=identifier)
    concern, severe = found[0][0], found[1][0]
    same = all(
        getattr(concern, name) == getattr(severe, name)
        for name in ("indicator", "unit", "relative_to", "margin", "quantile")
    )
    scale = Scale(id=identifier, concern=concern, severe=severe)
    outward = severe.value - concern.value
    outward = outward if scale.worse == "above" else -outward
    one_side = severe.comparison[0] == concern.comparison[0]
    if not (same and one_side and outward > 0):
        raise HeadframeError.of("HF501", f"thresholds, {identifier}", scale=identifier)
    return scale


@cache
def specification(path: Path = FOLDER / FILE) -> Specification:
    """The criteria and assumptions, read once. Raises HF502 when the file does not fit its schema."""
    try:
        return Specification.model_validate(read_yaml(path))
    except ValueError as error:
        raise HeadframeError.of("HF502", path.name, reason=" ".join(str(error).split())) from error
