"""What is held against what: the relations of `catalog/audit.yaml` and the accounting links of the indicators."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from headframe.catalog.load import FOLDER, read_yaml
from headframe.core.errors import HeadframeError

FILE = FOLDER / "audit.yaml"


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Boundaries(_Rule):
    """Indicators that a change of boundaries moves: people first, and the rest."""

    people: tuple[str, ...]
    others: tuple[str, ...]


class Within(_Rule):
    """A part that cannot be larger than `factor` times the whole."""

    part: str
    whole: str
    factor: Annotated[float, Field(gt=0)]


class ForeignUnit(_Rule):
    """A unit that a country's statistics do not use, and the one that is usually meant."""

    country: str
    unit: str
    meant: str


class Growth(_Rule):
    """A level and its rates of growth: real, nominal, and of unnamed kind."""

    level: str
    real: tuple[str, ...] = ()
    nominal: tuple[str, ...] = ()
    unspecified: tuple[str, ...] = ()


class Change(_Rule):
    """A change over a span in per cent, and the levels that it may be the change of."""

    change: str
    levels: tuple[str, ...]


class Difference(_Rule):
    """A rate that is one rate less another."""

    result: str
    more: str
    less: str


class Rules(_Rule):
    """All relations."""

    ratios: tuple[tuple[str, str], ...]
    boundaries: Boundaries
    within: tuple[Within, ...]
    foreign_units: tuple[ForeignUnit, ...]
    growth: tuple[Growth, ...]
    deflator: tuple[float, float]
    changes: tuple[Change, ...]
    differences: tuple[Difference, ...]
    stands_for: dict[str, tuple[str, ...]]
    additive: tuple[str, ...]
    targets: tuple[str, ...]

    def named(self) -> set[str]:
        """Every indicator that a rule names."""
        found = {name for pair in self.ratios for name in pair} | {*self.boundaries.people, *self.boundaries.others}
        found |= {name for rule in self.within for name in (rule.part, rule.whole)}
        for growth in self.growth:
            found |= {growth.level, *growth.real, *growth.nominal, *growth.unspecified}
        found |= {name for rule in self.changes for name in (rule.change, *rule.levels)}
        found |= {name for item in self.differences for name in (item.result, item.more, item.less)}
        found |= {name for key, names in self.stands_for.items() for name in (key, *names)}
        return found | set(self.additive) | set(self.targets)


@cache
def rules() -> Rules:
    """The relations as shipped. Raises HF430 when the file does not fit its schema."""
    return rules_from(read_yaml(FILE))


def rules_from(raw: dict[str, object]) -> Rules:
    """The relations in a mapping. Raises HF430."""
    try:
        return Rules.model_validate(raw)
    except ValueError as error:
        raise HeadframeError.of("HF430", "catalog/audit.yaml", reason=str(error).replace("\n", " ")) from error
