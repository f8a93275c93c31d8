"""A chart: what it finds, its unit, its figures, its data as a table, and how it is drawn at a given width."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal

from headframe.core.results import Figure, Message, Ref
from headframe.core.words import Words

ChartCell = Figure | Ref | Message | str


@dataclass(frozen=True, kw_only=True)
class Chart(ABC):
    """The part that all charts share.

    `title` states the finding, `subtitle` the unit, `alt` tells a reader who cannot see it what it shows. `figures`
    are the numbers drawn (their sources are printed below it); `eventful` charts carry the timeline of dated events.
    """

    id: str
    title: Message
    subtitle: Message
    alt: Message
    size: Literal["wide", "half"] = "wide"
    notes: tuple[Message, ...] = ()

    @property
    @abstractmethod
    def figures(self) -> tuple[Figure, ...]:
        """The figures drawn, in reading order."""

    @property
    def eventful(self) -> bool:
        """Whether the timeline of events is drawn on it."""
        return False

    @property
    @abstractmethod
    def columns(self) -> tuple[Message, ...]:
        """The headings of the data table."""

    @property
    @abstractmethod
    def rows(self) -> tuple[tuple[ChartCell, ...], ...]:
        """The data drawn, as a table."""

    def below_title(self, words: Words) -> Message:  # noqa: ARG002 (some charts choose their unit by language)
        """The subtitle, with the unit in which the axis is read in this language."""
        return self.subtitle

    @abstractmethod
    def spec(self, words: Words, width: int) -> dict[str, Any]:
        """The chart as a Vega-Lite dict for a picture `width` pixels wide, in the language of `words`."""
