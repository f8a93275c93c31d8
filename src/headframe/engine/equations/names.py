"""Names for indices: after the axis that they run along, with a prime where the name is taken in the same sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headframe.core.axes import Axis
from headframe.engine.equations.tree import NOWHERE, Cases, Index, Literal, Place, Read, Reduce, Tree, children, walk

LETTERS = ("i", "j", "k", "l", "m", "n")


@dataclass(frozen=True)
class Named:
    """How an index is written. Its value number v stands for the place `domain[v]` on its axis."""

    name: str
    primes: int
    domain: tuple[int, ...]
    axis: Axis | None

    @property
    def runs_along_all(self) -> bool:
        """Whether it runs over the whole axis from end to end."""
        return self.axis is None or self.domain == tuple(range(len(self.axis)))


Naming = Mapping[Index, Named]


def naming(indices: Sequence[Index], body: Tree) -> Naming:
    """Names for an equation's own indices and for those of its sums; no two that meet are the same."""
    meeting: dict[Index, set[Index]] = {index: set(indices) - {index} for index in indices}
    _meet(body, tuple(indices), meeting)
    found: dict[Index, Named] = {}
    for index, others in meeting.items():
        axis, domain = (index.axis, tuple(range(index.length))) if index in indices else _along(body, index)
        near = [found[other] for other in others if other in found]
        if axis is None:
            letter = next((one for one in LETTERS if one not in [other.name for other in near]), LETTERS[-1])
            primes = _free(letter, near) if letter in [other.name for other in near] else 0
            found[index] = Named(letter, primes, domain, None)
        else:
            found[index] = Named(axis.name, _free(axis.name, near), domain, axis)
    return found


def _meet(tree: Tree, around: tuple[Index, ...], meeting: dict[Index, set[Index]]) -> None:
    """Note which indices a sum stands within."""
    if isinstance(tree, Reduce):
        met = meeting.setdefault(tree.index, set())
        met.update(around)
        for other in around:
            meeting[other].add(tree.index)
        around = (*around, tree.index)
    for part in children(tree):
        _meet(part, around, meeting)


def _free(name: str, near: Sequence[Named]) -> int:
    taken = {other.primes for other in near if other.name == name}
    return next(primes for primes in range(len(taken) + 1) if primes not in taken)


def _along(body: Tree, index: Index) -> tuple[Axis | None, tuple[int, ...]]:
    """The axis that a sum's index is named after, and the places on it.

    It is that of the first variable that the index picks from, each place once, if all other places are simple in its
    terms.
    """
    used = [
        (place, axis, length)
        for part in walk(body)
        if isinstance(part, Read | Literal)
        for place, axis, length in zip(part.places, _axes(part), part.shape, strict=True)
        if place.index is index
    ]
    for chosen, axis, _ in used:
        once = NOWHERE not in chosen.places and len(set(chosen.places)) == len(chosen.places)
        if axis is not None and once:
            named = Named(axis.name, 0, chosen.places, axis)
            if named.runs_along_all or not any(along(place, named, length).listed for place, _, length in used):
                return axis, chosen.places
    return None, tuple(range(index.length))


def _axes(part: Read | Literal) -> tuple[Axis | None, ...]:
    return part.axes if isinstance(part, Read) and part.axes else (None,) * len(part.places)


@dataclass(frozen=True)
class Along:
    """A place in terms of an index: `factor · index + offset`, or `listed` place by place where it is no such line.

    With `around` the sum is taken modulo that length.
    """

    factor: int = 1
    offset: int = 0
    around: int = 0
    listed: tuple[int, ...] = ()


def along(place: Place, named: Named, length: int) -> Along:
    """How a place on an axis of some length depends on an index."""
    pairs = [(value, there) for value, there in zip(named.domain, place.places, strict=True) if there != NOWHERE]
    (first, at_first), (second, at_second) = pairs[0], pairs[-1]
    span = second - first
    factor = (at_second - at_first) // span if span and (at_second - at_first) % span == 0 else 1
    offset = at_first - factor * first
    if factor and all(there == factor * value + offset for value, there in pairs):
        return Along(factor, offset)
    turn = at_first - first
    if all(there == (value + turn) % length for value, there in pairs):
        return Along(1, turn if abs(turn) <= abs(turn % length - length) else turn % length - length, length)
    return Along(listed=place.places)


def cases_by(tree: Cases, naming: Naming) -> list[tuple[tuple[int, ...], Tree]]:
    """The cases with the places on the index's axis for which each holds."""
    domain = naming[tree.index].domain
    return [(tuple(domain[value] for value in values), body) for values, body in tree.groups]
