"""The list of all places as rows that a page, a terminal and a workbook can show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from headframe.core.results import Message
from headframe.measure.panel.results import Ranged
from headframe.show.blocks import text
from headframe.show.panel.bundle import PanelReport
from headframe.show.panel.sections import signed

UNKNOWN_RESOURCES = ("", "unknown")


@dataclass(frozen=True)
class Entry:
    """One place in the newest scored year; messages where words depend on the language, numbers to sort by."""

    place: str
    province: str
    group: str
    resource: str
    lifecycle: str
    batch: str
    score: Ranged
    rank: Ranged
    change: float | None
    found: bool
    coverage: float | None
    standing: str
    told_change: Message | None

    @property
    def official(self) -> Message:
        """What the official lists say."""
        if self.batch:
            name = f"panel.official.{self.lifecycle or 'none'}"
            return text("panel.official-batch", name=text(name), batch=self.batch)
        return text(f"panel.official.{self.lifecycle or 'none'}")

    @property
    def resource_name(self) -> Message | None:
        """The resource, or None where it is not recorded."""
        return None if self.resource in UNKNOWN_RESOURCES else text(f"panel.resource.{self.resource}")

    @property
    def standing_name(self) -> Message | None:
        """The computed class, or None where the classes say nothing of the place."""
        return text(f"panel.standing.{self.standing}") if self.standing else None


def entries(panel: PanelReport) -> Iterator[Entry]:
    """Every place, province by province, the highest score first within each."""
    for key, _, members in panel.provinces:
        for place in members:
            yield entry(panel, place, key)


def entry(panel: PanelReport, place: str, province: str) -> Entry:
    """One place of the list."""
    told, reading, move = panel.result.by_place[place], panel.reading(place), panel.moves.get(place)
    held = None if panel.year is None else panel.result.classes_at.get((place, panel.year))
    return Entry(
        place=place,
        province=province,
        group=panel.groups[place],
        resource=told.resource,
        lifecycle=told.lifecycle,
        batch=told.batch,
        score=panel.score(place),
        rank=Ranged() if reading is None else reading.rank,
        change=None if move is None else move.change.value,
        found=move is not None and move.found,
        coverage=None if reading is None else reading.coverage,
        standing=held.standing if held is not None and held.applies else "",
        told_change=None if move is None else signed(move),
    )
