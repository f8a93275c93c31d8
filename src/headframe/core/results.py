"""What every verb returns: frozen results made of figures, messages and references, never of sentences.

A `Figure` is a number that may be printed; it knows its unit, interval, period, status and the observations behind it.
A `Message` is a text id with values; `core.words.Words` turns it into a sentence in either language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from headframe.core.provenance import RunRecord

if TYPE_CHECKING:
    import polars as pl


class Ref(BaseModel):
    """A name to be shown in the reader's language: `Ref(kind="indicator", id="gdp")`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    id: str


class Figure(BaseModel):
    """One number as it may be printed. `value` None means not known; it is never shown as zero (law 3).

    `low` and `high` bound the interval (its level is stated by the result); `qualifier` keeps the source's own
    doubt (`>`, `~`, `range` …). `observations` holds `place/obs_id` references; `steps` says how it was derived.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = "1"
    qualifier: str = "="
    period: str = ""
    price_basis: str = ""
    concept: str = ""
    status: str = "A"
    method: str = "reported"
    indicator: str = ""
    place: str = ""
    observations: tuple[str, ...] = ()
    steps: tuple[Message, ...] = ()

    @property
    def known(self) -> bool:
        """Whether there is anything to print: a value or at least one bound."""
        return self.value is not None or self.low is not None or self.high is not None


type_of_value = str | int | float | bool | Ref | Figure | tuple[Ref, ...]


class Message(BaseModel):
    """A text id and the values for its slots; rendered by `Words.say`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    values: dict[str, type_of_value] = {}


class Result(BaseModel):
    """The base of every verb's result: frozen, with a run record, published as one JSON schema per verb."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: str
    record: RunRecord

    def table(self) -> pl.DataFrame:
        """The result as one long table."""
        raise NotImplementedError

    def figures(self) -> tuple[Figure, ...]:
        """Every figure anywhere inside the result, in reading order."""
        return tuple(_figures_in(self))

    def sources(self) -> tuple[str, ...]:
        """The `place/obs_id` references of every observation that the result rests on, sorted."""
        return tuple(sorted({ref for figure in self.figures() for ref in figure.observations}))

    def explain(self) -> tuple[Message, ...]:
        """The result told as text ids with values."""
        raise NotImplementedError


def _figures_in(item: Any) -> list[Figure]:
    found: list[Figure] = []
    if isinstance(item, Figure):
        found.append(item)
    if isinstance(item, BaseModel):
        for name in type(item).model_fields:
            found.extend(_figures_in(getattr(item, name)))
    elif isinstance(item, dict):
        for value in item.values():
            found.extend(_figures_in(value))
    elif isinstance(item, (list, tuple)):
        for value in item:
            found.extend(_figures_in(value))
    return found


Figure.model_rebuild()
