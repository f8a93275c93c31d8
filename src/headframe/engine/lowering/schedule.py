"""The order of loops, which tasks share one, and where temporaries lie.

Tasks over equal index spaces share a loop where they can: a task may read what another of the same loop computes only
at the very same element; everything else that it reads must come from loops before (a temporary is read only by loops
scheduled after the one that fills it). Temporaries whose last reader has run leave their rows to later ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from headframe.engine.lowering.access import identity
from headframe.engine.lowering.plan import Plan, Read, Storage, Target, Task
from headframe.engine.operations import Shape


@dataclass
class Nest:
    """Tasks that share the loops over one index space."""

    section: int
    kind: tuple[Shape, str]
    tasks: list[Task] = field(default_factory=list)

    @property
    def space(self) -> Shape:
        """The extents of the loops."""
        return self.kind[0]


def schedule(plan: Plan) -> list[Nest]:
    """The nests in order; each task gets the number of its nest, and a place if a later nest reads it."""
    nests: list[Nest] = []
    joined: dict[int, int] = {}  # storage of a concatenation → the last nest that fills it
    for task in plan.tasks:
        first = next((place for place, nest in enumerate(nests) if nest.section == task.section), len(nests))
        position = max([first, *(_earliest(plan, read, joined) for read in task.reads)])
        places = range(position, len(nests))
        task.loop = next((place for place in places if nests[place].kind == task.kind), len(nests))
        if task.loop == len(nests):
            nests.append(Nest(task.section, task.kind))
        nests[task.loop].tasks.append(task)
        if task.target is not None:
            key = id(task.target.storage)
            joined[key] = max(joined.get(key, 0), task.loop)
    for task in plan.tasks:
        for read in task.reads:
            source = plan.stored.get(read.node.number)
            if source is not None and source.loop != task.loop and source.target is None:
                source.target = Target.whole(Storage(source.node.size), source.node.shape)
    return nests


def _earliest(plan: Plan, read: Read, joined: dict[int, int]) -> int:
    """The first nest in which a read finds its value."""
    if read.node.number in plan.joined:
        return joined[id(plan.joined[read.node.number].storage)] + 1
    source = plan.stored[read.node.number]
    same = source.kind == read.task.kind and read.element == identity(read.node.shape)
    return source.loop if same else source.loop + 1


def place(plan: Plan, nests: list[Nest], start: int = 0) -> int:
    """Give every storage of `scratch` its first row, from `start` on; returns the rows needed."""
    spans: dict[int, tuple[Storage, int, int]] = {}

    def touch(storage: Storage, when: int) -> None:
        _, first, last = spans.get(id(storage), (storage, when, when))
        spans[id(storage)] = (storage, min(first, when), len(nests) if storage.lasting else max(last, when))

    for task in plan.tasks:
        if task.target is not None:
            touch(task.target.storage, task.loop)
        for read in task.reads:
            source = plan.stored.get(read.node.number)
            target = plan.joined.get(read.node.number) or (source.target if source else None)
            if target is not None:
                touch(target.storage, task.loop)
    return _first_fit([span for span in spans.values() if span[0].region == "scratch"], start)


def _first_fit(spans: Iterable[tuple[Storage, int, int]], start: int) -> int:
    """Rows for storages that are used from one nest to another (both included), the first that are free throughout."""
    placed: list[tuple[Storage, int, int]] = []
    rows = start
    for storage, first, last in sorted(spans, key=lambda span: (span[1], -span[0].size)):
        busy = sorted(
            (other.start, other.start + other.size)
            for other, began, ended in placed
            if began <= last and first <= ended
        )
        storage.start = start
        for low, high in busy:
            if low >= storage.start + storage.size:
                break
            storage.start = max(storage.start, high)
        placed.append((storage, first, last))
        rows = max(rows, storage.start + storage.size)
    return rows
