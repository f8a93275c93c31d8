"""What matching found for each series: the target, how sure it is, why, and what is to be asked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from headframe.core.results import Message

SURE = 0.8  # below this confidence the indicator itself is asked about


class Ask(StrEnum):
    """What a person has to decide before a series is converted."""

    INDICATOR = "indicator"  # no label matched surely enough
    UNIT = "unit"  # the file says none, or one that does not fit
    CONCEPT = "concept"  # such as registered or resident
    PRICES = "prices"  # constant prices of an unknown year
    TARGET = "target"  # another series has the same target
    VALUES = "values"  # the figures are outside what is plausible


@dataclass(frozen=True)
class Alternative:
    """Another target that a series might have."""

    indicator: str
    dims: str = ""
    concept: str = ""
    confidence: float = 0.0


@dataclass(frozen=True)
class SeriesMatch:
    """What one series is. An empty `indicator` says that nothing is near; `asks` that a person has to decide.

    `unit` is in the notation of core.units and fits the indicator; `concept` is a list of concept ids, `dims` as
    observations write them.
    """

    key: str
    indicator: str = ""
    dims: str = ""
    concept: str = ""
    unit: str = ""
    price_basis: str = ""
    confidence: float = 0.0
    asks: tuple[Ask, ...] = ()
    reasons: tuple[Message, ...] = ()
    alternatives: tuple[Alternative, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether nothing has to be asked."""
        return bool(self.indicator) and not self.asks

    @property
    def target(self) -> tuple[str, str, str]:
        """What two series must not share."""
        return self.indicator, self.dims, self.concept
