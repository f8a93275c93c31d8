"""Where places go and come from: successors, predecessors, and whether two years stand for the same area."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from headframe.evidence.places.load import COMPLETE_FROM
from headframe.evidence.places.records import Change, Comparison, KnownPlace, Lineage

MOST_STEPS = 12  # changes followed one after the other
Known = Callable[[str], KnownPlace | None]


def by_place(changes: Iterable[Change]) -> Mapping[str, tuple[Change, ...]]:
    """The changes that touch each place, oldest first."""
    found: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        for identifier in dict.fromkeys((*change.from_ids, *change.to_ids)):
            found[identifier].append(change)
    return {place: tuple(sorted(own, key=lambda change: change.date)) for place, own in found.items()}


def line(place: KnownPlace, year: int, changes: Mapping[str, tuple[Change, ...]], known: Known) -> Lineage:
    """The places of `year` that this place became or came from; itself where it existed then.

    Followed through splits, mergers and abolitions, forwards where the place had ended, backwards where it had not
    begun. Several ids are all of the parts (or all of the origins), not a choice between them.
    """
    if place.exists(year):
        return Lineage(place.id, year, (place.id,))
    forwards = bool(place.last) and int(place.last[:4]) < year
    ids: dict[str, None] = {}
    used: list[Change] = []
    seen, waiting = {place.id}, [(place, 0)]
    while waiting:
        one, steps = waiting.pop(0)
        for change in changes.get(one.id, ()):
            others = change.to_ids if forwards else change.from_ids
            own = change.from_ids if forwards else change.to_ids
            ends = change.kind in {"split", "merger", "abolished"} and one.id in own and one.id not in others
            if not ends or steps >= MOST_STEPS:
                continue
            used.append(change)
            for identifier in others:
                other = known(identifier)
                if other is None or identifier in seen:
                    continue
                seen.add(identifier)
                if other.exists(year):
                    ids[identifier] = None
                else:
                    waiting.append((other, steps + 1))
    return Lineage(place.id, year, tuple(ids), tuple(used))


def compare(place: KnownPlace, from_year: int, to_year: int, changes: tuple[Change, ...]) -> Comparison:
    """Whether figures of the two years (as at their ends) stand for the same area; see `Comparison`."""
    early, late = sorted((from_year, to_year))
    between = tuple(change for change in changes if early < change.year <= late)
    breaks = tuple(change for change in between if change.alters_boundaries)
    complete = early >= COMPLETE_FROM.get(place.country, 0)
    there = place.exists(early) and place.exists(late)
    return Comparison(place.id, from_year, to_year, there and not breaks, complete, between, breaks)
