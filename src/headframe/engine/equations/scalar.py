"""From an equation's array expression to what is written of it: one number at an index of each axis.

Long equations are divided: a part that is used twice gets a name of its own, as an author would give it one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from headframe.core.axes import Axis
from headframe.engine.equations.tidy import applied, counted
from headframe.engine.equations.trace import Traced
from headframe.engine.equations.tree import (
    NOWHERE,
    Cases,
    Index,
    LookUp,
    Place,
    Places,
    Read,
    Tree,
    literal,
    reduced,
    walk,
)
from headframe.engine.graph import Node, reachable
from headframe.engine.operations import COMPARISONS, ELEMENTWISE, LOGICAL, VIEWS
from headframe.engine.symbolic.functions import COMPOSED, DISPATCH
from headframe.engine.symbolic.symbol import Symbol, Trace

WHOLE = 16  # an equation of so many operations is written in one piece
WORTH_A_NAME = 4  # operations of a part that is used twice
DEEPEST = 60  # operations within one another in one piece
REDUCED = {"sum": "sum", "maximum_of": "maximum", "minimum_of": "minimum"}
RECOGNISED = ("expm1", "log1p", "sign")  # functions that the engine composes of several operations
TRUTH = {"maximum": "logical_or", "minimum": "logical_and"}
Axes = tuple[Axis | None, ...]


@dataclass(frozen=True, eq=False)
class Definition:
    """`name` at `indices` is `body`."""

    name: str
    indices: tuple[Index, ...]
    body: Tree


def written(traced: Traced, indices: Sequence[Index], axes: Mapping[str, Axes], name: str) -> list[Definition]:
    """The definitions of the parts of an equation and, last, the equation itself.

    `indices` are those of its own axes; `axes` the axes of each variable that it may read. Parts are called `q1`, `q2`.
    """
    taken = {*traced.inputs, *(table.name for table in traced.tables.values()), *traced.noted.values(), name}
    free = (f"q{number}" for number in count(1) if f"q{number}" not in taken)
    parts = _parts(traced)
    lowering = _Lowering(traced, axes, {node.number: traced.noted.get(node.number) or next(free) for node in parts})
    return [*map(lowering.part, parts), Definition(name, tuple(indices), lowering.root(traced.root, indices))]


def _parts(traced: Traced) -> list[Node]:
    """The nodes that get a name: heavy ones that are used twice, where the whole is long, and every so many levels."""
    root = traced.root
    nodes = reachable([root])
    used = dict.fromkeys((node.number for node in nodes), 0)
    for node in nodes:
        for argument in node.arguments:
            used[argument.number] += 1
    long = _weights(nodes, {}, lambda _node, _weight: False)[root.number] > WHOLE
    depth = dict.fromkeys(used, 0)
    found: list[Node] = []

    def named(node: Node, weight: int) -> bool:
        depth[node.number] = 1 + max((depth[argument.number] for argument in node.arguments), default=0)
        heavy = long and used[node.number] > 1 and weight >= WORTH_A_NAME and node.operation not in VIEWS
        if node is root or not (heavy or depth[node.number] > DEEPEST or node.number in traced.noted):
            return False
        found.append(node)
        depth[node.number] = 0
        return True

    _weights(nodes, {}, named)
    return found


def _weights(nodes: Sequence[Node], weights: dict[int, int], named: Callable[[Node, int], bool]) -> dict[int, int]:
    """How many operations are written for each node; a named part is written elsewhere."""
    for node in nodes:
        own = 0 if node.operation in VIEWS or node.operation in ("input", "constant") else 1
        total = own + sum(weights[argument.number] for argument in node.arguments)
        weights[node.number] = 0 if named(node, total) else total
    return weights


class _Lowering:
    """Writes the nodes of one equation; the same node at the same places is the same tree."""

    def __init__(self, traced: Traced, axes: Mapping[str, Axes], parts: Mapping[int, str]) -> None:
        self.traced, self.axes, self.parts = traced, axes, parts
        self.names = {node.number: name for name, node in traced.inputs.items()}
        self.part_axes: dict[int, Axes] = {}
        self.known: dict[tuple[int, Places], Tree] = {}
        self.symbols = Trace(traced.graph, DISPATCH)

    def root(self, node: Node, indices: Sequence[Index]) -> Tree:
        """A node at every index of its axes."""
        return self._operation(node, tuple(whole(index) for index in indices))

    def part(self, node: Node) -> Definition:
        """The definition of a named part, along the axes of what it reads, where that is clear."""
        unnamed = [Index(length) for length in node.shape]
        body = self.root(node, unnamed)
        axes = tuple(axis_of(body, index) for index in unnamed)
        indices = tuple(Index(length, axis) for length, axis in zip(node.shape, axes, strict=True))
        self.part_axes[node.number] = axes
        return Definition(self.parts[node.number], indices, self.root(node, indices))

    def tree(self, node: Node, places: Places) -> Tree:
        """What is written of a node at these places."""
        if node.number in self.parts:
            shown = tuple(place.fixed() for place in places)
            return Read(self.parts[node.number], node.shape, shown, self.part_axes[node.number], local=True)
        key = (node.number, places)
        if key not in self.known:
            self.known[key] = self._operation(node, places)
        return self.known[key]

    def _operation(self, node: Node, places: Places) -> Tree:
        if node.operation == "constant":
            return literal(node.value, places)
        if node.operation == "input":
            name = self.names[node.number]
            return Read(name, node.shape, tuple(place.fixed() for place in places), self.axes.get(name, ()))
        if node.operation in ELEMENTWISE:
            return self._elementwise(node, places)
        if node.operation in REDUCED:
            return self._reduction(node, places)
        if node.operation == "interpolate":
            table = self.traced.tables.get(node.attributes)
            points = (table.xs, table.ys) if table is not None else node.attributes
            return LookUp(table.name if table is not None else "", points, self.tree(node.arguments[0], places))
        return _SHAPING[node.operation](self, node, places)

    def _elementwise(self, node: Node, places: Places) -> Tree:
        named = self._recognised(node)
        operation, nodes = named or (node.operation, node.arguments)
        parts = [self.tree(argument, _broadcast(argument, places)) for argument in nodes]
        if node.boolean and operation in TRUTH:
            return applied(TRUTH[operation], parts)
        if operation not in LOGICAL and operation not in COMPARISONS and not node.boolean:
            choosing = operation == "where"
            parts = [
                counted(part) if argument.boolean and not (choosing and position == 0) else part
                for position, (part, argument) in enumerate(zip(parts, nodes, strict=True))
            ]
        return applied(operation, parts)

    def _recognised(self, node: Node) -> tuple[str, tuple[Node, ...]] | None:
        """The function that the engine composed a node of, found by composing it again: equal nodes are the same."""
        if node.operation == "where":
            condition = node.arguments[0].arguments
            for candidate in (*condition, *(inner for argument in condition for inner in argument.arguments)):
                if candidate.shape == node.shape and not candidate.boolean:
                    symbol = Symbol(self.symbols, candidate, (None,) * len(candidate.shape), None)
                    for name in RECOGNISED:
                        if COMPOSED[name](symbol).node is node:
                            return name, (candidate,)
        if node.operation == "divide" and node.arguments[0].operation == "log":
            divisor = node.arguments[1]
            for base in (2, 10):
                if divisor.operation == "constant" and divisor.shape == () and divisor.value == np.log(float(base)):
                    return f"log{base}", node.arguments[0].arguments
        return None

    def _reduction(self, node: Node, places: Places) -> Tree:
        argument, remaining = node.arguments[0], iter(places)
        new = {axis: Index(argument.shape[axis]) for axis in node.attributes[0]}
        inner = tuple(whole(new[axis]) if axis in new else next(remaining) for axis in range(len(argument.shape)))
        tree = self.tree(argument, inner)
        tree = counted(tree) if argument.boolean and not node.boolean else tree
        for axis in reversed(node.attributes[0]):
            tree = reduced(REDUCED[node.operation], new[axis], tree)
        return tree

    def _einsum(self, node: Node, places: Places) -> Tree:
        """The sum, over the letters that do not stay, of the product of the operands."""
        inputs, output = node.attributes
        at = dict(zip(output, places, strict=True))
        summed: list[Index] = []
        for letters, argument in zip(inputs, node.arguments, strict=True):
            for letter, length in zip(letters, argument.shape, strict=True):
                if letter not in at:
                    summed.append(Index(length))
                    at[letter] = whole(summed[-1])
        factors = []
        for letters, argument in zip(inputs, node.arguments, strict=True):
            factor = self.tree(argument, tuple(at[letter] for letter in letters))
            factors.append(counted(factor) if argument.boolean else factor)
        tree = factors[0]
        for factor in factors[1:]:
            tree = applied("multiply", [tree, factor])
        for index in reversed(summed):
            tree = reduced("sum", index, tree)
        return tree

    def _index(self, node: Node, places: Places) -> Tree:
        inner: list[Place] = []
        outer = iter(places)
        for entry in node.attributes:
            if entry[0] == "integer":
                inner.append(Place(None, (entry[1],)))
            elif entry[0] == "new":
                next(outer)
            else:
                start, step, count = entry[1:]
                inner.append(next(outer).through(tuple(start + step * number for number in range(count))))
        return self.tree(node.arguments[0], tuple(inner))

    def _take(self, node: Node, places: Places) -> Tree:
        axis, chosen = node.attributes
        inner = [place.through(chosen) if position == axis else place for position, place in enumerate(places)]
        return self.tree(node.arguments[0], tuple(inner))

    def _transpose(self, node: Node, places: Places) -> Tree:
        inner = dict(zip(node.attributes[0], places, strict=True))
        return self.tree(node.arguments[0], tuple(inner[axis] for axis in range(len(places))))

    def _spread(self, node: Node, places: Places) -> Tree:
        return self.tree(node.arguments[0], _broadcast(node.arguments[0], places))

    def _concatenate(self, node: Node, places: Places) -> Tree:
        """The part in which a place lies; one of several by the value of the index."""
        axis = node.attributes[0]
        place, first = places[axis], 0
        groups: dict[Tree, tuple[int, ...]] = {}
        for part in node.arguments:
            length = part.shape[axis]
            inside = tuple(p - first if first <= p < first + length else NOWHERE for p in place.places)
            held = tuple(value for value, p in enumerate(inside) if p != NOWHERE)
            if held:
                tree = self.tree(part, (*places[:axis], Place(place.index, inside), *places[axis + 1 :]))
                for values, inner in _spliced(tree, place.index, held):
                    groups[inner] = (*groups.get(inner, ()), *values)
            first += length
        if len(groups) == 1 or place.index is None:
            return next(iter(groups))
        return Cases(place.index, tuple((tuple(sorted(held)), tree) for tree, held in groups.items()))


def _spliced(tree: Tree, index: Index | None, held: tuple[int, ...]) -> list[tuple[tuple[int, ...], Tree]]:
    """The cases of a joined array that is itself joined of others, or all in one."""
    if not isinstance(tree, Cases) or tree.index is not index:
        return [(held, tree)]
    return [(tuple(value for value in values if value in held), inner) for values, inner in tree.groups]


_SHAPING: dict[str, Callable[[_Lowering, Node, Places], Tree]] = {
    "index": _Lowering._index,
    "take": _Lowering._take,
    "transpose": _Lowering._transpose,
    "broadcast": _Lowering._spread,
    "concatenate": _Lowering._concatenate,
    "einsum": _Lowering._einsum,
}


def whole(index: Index) -> Place:
    """The places of an index on an axis that it runs along from end to end."""
    return Place(index, tuple(range(index.length)))


def _broadcast(argument: Node, places: Places) -> Places:
    """The places on an argument's own axes, the last ones; an axis of length one has one place."""
    own = places[len(places) - len(argument.shape) :]
    return tuple(Place(None, (0,)) if length == 1 else place for length, place in zip(argument.shape, own, strict=True))


def axis_of(tree: Tree, index: Index) -> Axis | None:
    """The axis that an index runs along from end to end in the first variable that it is used on, or None."""
    for part in walk(tree):
        if isinstance(part, Read):
            for place, axis in zip(part.places, part.axes, strict=True):
                if axis is not None and place == whole(index) and len(axis) == index.length:
                    return axis
    return None
