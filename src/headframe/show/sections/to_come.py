"""Sections whose room is not built yet: they say what will stand there and what of it can be had already."""

from __future__ import annotations

from dataclasses import dataclass

from headframe.show.blocks import SectionContent
from headframe.show.results_bundle import Kind, Report
from headframe.show.sections.base import State, empty


@dataclass(frozen=True)
class ToCome:
    """A section without a room: always empty, and it says so."""

    id: str
    order: int
    requires: tuple[Kind, ...]

    def state(self, _report: Report, /) -> State:
        """Always empty."""
        return "empty"

    def build(self, report: Report, /) -> SectionContent:
        """The notice that nothing is there yet."""
        return SectionContent((empty(self, report),))


def to_come() -> tuple[ToCome, ...]:
    """The four sections of the reading order that later rooms will fill."""
    return (
        ToCome("could-follow", 4, ("choose",)),
        ToCome("try-it", 5, ("simulate",)),
        ToCome("plan", 6, ("plan",)),
        ToCome("programmes", 7, ("evaluate",)),
    )
