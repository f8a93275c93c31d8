"""What is written of an equation: single numbers under indices, as a textbook has it.

An array expression becomes one for its element at an index of each axis: sums name what they run over, slices and
joined arrays become indices and cases. Every notation (Markdown, LaTeX, plain text, Python) is printed from the same
tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from headframe.core.axes import Axis
from headframe.engine.operations import Array, Shape

NOWHERE = -1  # the place of an index value that a case excludes


@dataclass(frozen=True, eq=False)
class Index:
    """What an axis of an equation, or a sum, runs over: `length` values, counted from 0. `axis` where it is known."""

    length: int
    axis: Axis | None = None


@dataclass(frozen=True)
class Place:
    """A place on an axis of a variable: `places[v]` where the index has its value v, or one fixed place."""

    index: Index | None
    places: tuple[int, ...]

    def through(self, chosen: tuple[int, ...]) -> Place:
        """The place on the axis that `chosen` picks from: place p becomes `chosen[p]`."""
        return Place(self.index, tuple(NOWHERE if place == NOWHERE else chosen[place] for place in self.places))

    def fixed(self) -> Place:
        """The same, without its index where all that is left of it is one place."""
        met = {place for place in self.places if place != NOWHERE}
        return Place(None, (met.pop(),)) if len(met) == 1 else self


Places = tuple[Place, ...]


@dataclass(frozen=True)
class Number:
    """A number; `truth` where it stands for true or false."""

    value: float
    truth: bool = False


@dataclass(frozen=True)
class Read:
    """A variable of some shape, or a definition of the equation itself (`local`), at its places."""

    name: str
    shape: Shape = ()
    places: Places = ()
    axes: tuple[Axis | None, ...] = ()
    local: bool = False


@dataclass(frozen=True)
class Literal:
    """Written-out numbers, at their places."""

    data: bytes
    shape: Shape
    places: Places

    @property
    def array(self) -> Array:
        """The numbers."""
        return np.frombuffer(self.data).reshape(self.shape)


@dataclass(frozen=True)
class Apply:
    """An operation on single numbers: those of `operations.ELEMENTWISE`, and the named ones of `equations_scalar`."""

    operation: str
    arguments: tuple[Tree, ...]


@dataclass(frozen=True)
class LookUp:
    """A table's value; one without a name is written with its points."""

    table: str
    points: tuple[tuple[float, ...], tuple[float, ...]]
    argument: Tree


@dataclass(frozen=True)
class Reduce:
    """A `sum`, `maximum` or `minimum` over what an index runs over."""

    operation: str
    index: Index
    body: Tree


@dataclass(frozen=True)
class Cases:
    """One of several by the value of an index: each with the values for which it holds."""

    index: Index
    groups: tuple[tuple[tuple[int, ...], Tree], ...]


Tree = Number | Read | Literal | Apply | LookUp | Reduce | Cases


def children(tree: Tree) -> tuple[Tree, ...]:
    """The parts of a tree, in the order in which they are read."""
    if isinstance(tree, Apply):
        return tree.arguments
    if isinstance(tree, LookUp):
        return (tree.argument,)
    if isinstance(tree, Reduce):
        return (tree.body,)
    return tuple(body for _, body in tree.groups) if isinstance(tree, Cases) else ()


def walk(tree: Tree) -> Iterator[Tree]:
    """A tree and all its parts."""
    yield tree
    for part in children(tree):
        yield from walk(part)


def rebuilt(tree: Tree, change: Callable[[Tree], Tree]) -> Tree:
    """The tree with every part changed."""
    if isinstance(tree, Apply):
        return replace(tree, arguments=tuple(change(part) for part in tree.arguments))
    if isinstance(tree, LookUp):
        return replace(tree, argument=change(tree.argument))
    if isinstance(tree, Reduce):
        return reduced(tree.operation, tree.index, change(tree.body))
    if isinstance(tree, Cases):
        return replace(tree, groups=tuple((values, change(body)) for values, body in tree.groups))
    return tree


def literal(array: Array, places: Places) -> Tree:
    """Numbers at their places; a single number where they are all the same there. Axes with fixed places fall away."""
    kept: list[Place] = []
    for position, place in reversed(list(enumerate(place.fixed() for place in places))):
        if place.index is None:
            array = np.take(array, place.places[0], axis=position)
        else:
            kept.insert(0, place)
    used = array[np.ix_(*[[p for p in place.places if p != NOWHERE] for place in kept])] if kept else array
    first = used.flat[0] if used.size else 0.0
    if (used == first).all() or not kept:
        return Number(float(first), truth=array.dtype == np.bool_)
    numbers = np.ascontiguousarray(array, dtype=np.float64)
    found = Literal(numbers.tobytes(), numbers.shape, tuple(kept))
    return Apply("greater", (found, Number(0.5))) if array.dtype == np.bool_ else found


def at_values(tree: Tree, index: Index, values: tuple[int, ...], fewer: Index | None) -> Tree:
    """The tree where an index has only some of its values: those of a new one, or the only one (`fewer` None)."""

    def place(old: Place) -> Place:
        return Place(fewer, tuple(old.places[value] for value in values)) if old.index is index else old

    def chosen(part: Tree) -> Tree:
        if isinstance(part, Read):
            return replace(part, places=tuple(map(place, part.places)))
        if isinstance(part, Literal):
            return literal(part.array, tuple(map(place, part.places)))
        if isinstance(part, Cases) and part.index is index:
            kept = [(tuple(n for n, v in enumerate(values) if v in held), body) for held, body in part.groups]
            left = tuple((held, chosen(body)) for held, body in kept if held)
            return left[0][1] if fewer is None or len(left) == 1 else Cases(fewer, left)
        return rebuilt(part, chosen)

    return chosen(tree)


def reduced(operation: str, index: Index, body: Tree) -> Tree:
    """A reduction; one over joined arrays is taken apart, and one over what does not vary is a multiple."""
    if isinstance(body, Cases) and body.index is index:
        parts = [_part(operation, index, values, inner) for values, inner in body.groups]
        joining = {"sum": "add"}.get(operation, operation)
        found = parts[0]
        for part in parts[1:]:
            found = Apply(joining, (found, part))
        return found
    if isinstance(body, Reduce) and body.operation == operation and _joined(body, index):
        return reduced(operation, body.index, reduced(operation, index, body.body))
    if index.length == 1:
        return at_values(body, index, (0,), None)
    if not uses(body, index):
        return body if operation != "sum" else Apply("multiply", (Number(float(index.length)), body))
    return Reduce(operation, index, body)


def _joined(body: Tree, index: Index) -> bool:
    """Whether a sum of sums adds up arrays that an index joins."""
    while isinstance(body, Reduce):
        body = body.body
    return isinstance(body, Cases) and body.index is index


def _part(operation: str, index: Index, values: tuple[int, ...], body: Tree) -> Tree:
    """A reduction over some values of an index only."""
    fewer = Index(len(values))
    return reduced(operation, fewer, at_values(body, index, values, fewer))


def uses(tree: Tree, index: Index) -> bool:
    """Whether anything in the tree depends on an index."""
    for part in walk(tree):
        places = part.places if isinstance(part, Read | Literal) else ()
        if (isinstance(part, Cases) and part.index is index) or any(place.index is index for place in places):
            return True
    return False
