"""Index arithmetic: from an element of a node to the elements of its arguments, through views without copying.

The index of an element of a node is a tuple of `Index`, one per axis. Views (slices, transposition, broadcasting,
constant indices) only change that tuple; an element of a concatenation is an element of one of its pieces where the
index does not leave that piece.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from headframe.engine.graph import Node
from headframe.engine.lowering.program import Index
from headframe.engine.operations import VIEWS, Shape

Element = tuple[Index, ...]
ZERO = Index()


class IndexTables:
    """The index tables of a program, each once."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[int, ...], int] = {}
        self.entries: list[tuple[int, ...]] = []

    def number(self, entries: tuple[int, ...]) -> int:
        """The number of a table with these entries."""
        if entries not in self.numbers:
            self.numbers[entries] = len(self.entries)
            self.entries.append(entries)
        return self.numbers[entries]

    def gather(self, entries: tuple[int, ...], position: Index) -> Index:
        """`entries[position]`: an affine index where the entries are evenly spaced."""
        step = entries[1] - entries[0] if len(entries) > 1 else 0
        if all(entry == entries[0] + step * place for place, entry in enumerate(entries)):
            return add(scaled(self, position, step), entries[0])
        if not position.terms and not position.gathers:
            return Index(entries[position.offset])
        return Index(0, (), ((self.number(entries), position),))

    def span(self, index: Index, extents: Mapping[int, int]) -> tuple[int, int]:
        """The least and the largest value an index may take while its variables stay below their extents."""
        low = high = index.offset
        for variable, coefficient in index.terms:
            reach = coefficient * (extents[variable] - 1)
            low, high = low + min(reach, 0), high + max(reach, 0)
        for table, _ in index.gathers:
            low, high = low + min(self.entries[table]), high + max(self.entries[table])
        return low, high


def add(index: Index, offset: int) -> Index:
    """An index shifted by a number of rows."""
    return index if offset == 0 else Index(index.offset + offset, index.terms, index.gathers)


def scaled(tables: IndexTables, index: Index, factor: int) -> Index:
    """An index times a whole number."""
    if factor == 1:
        return index
    if factor == 0:
        return ZERO
    gathers = tuple(
        (tables.number(tuple(entry * factor for entry in tables.entries[table])), position)
        for table, position in index.gathers
    )
    return Index(index.offset * factor, tuple((variable, c * factor) for variable, c in index.terms), gathers)


def row(tables: IndexTables, element: Element, strides: Sequence[int], start: int = 0) -> Index:
    """The row of an element of an array that is laid out with these strides from a starting row."""
    offset, terms, gathers = start, dict[int, int](), list[tuple[int, Index]]()
    for index, stride in zip(element, strides, strict=True):
        part = scaled(tables, index, stride)
        offset += part.offset
        gathers.extend(part.gathers)
        for variable, coefficient in part.terms:
            terms[variable] = terms.get(variable, 0) + coefficient
    kept = tuple(sorted((variable, c) for variable, c in terms.items() if c))
    return Index(offset, kept, tuple(gathers))


def strides_of(shape: Shape) -> tuple[int, ...]:
    """The strides, in numbers, of an array in C order."""
    return tuple(accumulate(reversed(shape[1:]), int.__mul__, initial=1))[::-1] if shape else ()


def identity(shape: Shape) -> Element:
    """Every element in its own place: variables 0, 1, … for the axes that are longer than one."""
    variables = iter(range(len(shape)))
    return tuple(ZERO if length == 1 else Index(0, ((next(variables), 1),)) for length in shape)


def space_of(shape: Shape) -> Shape:
    """The extents that `identity` runs over."""
    return tuple(length for length in shape if length != 1)


def broadcast(element: Element, shape: Shape) -> Element:
    """The element of an argument of this shape that NumPy's broadcasting pairs with an element of the result."""
    trailing = element[len(element) - len(shape) :]
    return tuple(ZERO if length == 1 else index for index, length in zip(trailing, shape, strict=True))


@dataclass(frozen=True)
class Resolver:
    """Finds the node that holds an element; `stored` are the numbers of nodes that lie ready in a region."""

    tables: IndexTables
    stored: frozenset[int]

    def leaf(self, node: Node) -> bool:
        """Whether a node is loaded and never computed."""
        return node.operation in ("input", "constant") or node.number in self.stored

    def __call__(self, node: Node, element: Element, extents: Mapping[int, int]) -> tuple[Node, Element]:
        """The node and where in it the element is, past views and concatenations that need no copy."""
        while not self.leaf(node):
            if node.operation in VIEWS:
                element = _through_view(self.tables, node, element)
                node = node.arguments[0]
                continue
            found = _piece(self.tables, node, element, extents) if node.operation == "concatenate" else None
            if found is None:
                break
            node, element = found
        return node, element


def _through_view(tables: IndexTables, node: Node, element: Element) -> Element:
    source = node.arguments[0].shape
    if node.operation == "broadcast":
        return broadcast(element, source)
    if node.operation == "transpose":
        order = node.attributes[0]
        return tuple(element[order.index(axis)] for axis in range(len(source)))
    if node.operation == "take":
        axis, indices = node.attributes
        entries = tuple(int(entry) % source[axis] for entry in indices)
        return (*element[:axis], tables.gather(entries, element[axis]), *element[axis + 1 :])
    found, axis = list[Index](), 0
    for entry in node.attributes:
        if entry[0] == "integer":
            found.append(Index(entry[1] % source[len(found)]))
            continue
        if entry[0] == "slice":
            found.append(add(scaled(tables, element[axis], entry[2]), entry[1]))
        axis += 1
    return tuple(found)


def _piece(
    tables: IndexTables, node: Node, element: Element, extents: Mapping[int, int]
) -> tuple[Node, Element] | None:
    axis = node.attributes[0]
    low, high = tables.span(element[axis], extents)
    start = 0
    for piece in node.arguments:
        end = start + piece.shape[axis]
        if start <= low and high < end:
            return piece, (*element[:axis], add(element[axis], -start), *element[axis + 1 :])
        start = end
    return None
