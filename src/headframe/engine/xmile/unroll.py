"""From expressions over arrays to expressions of single numbers, one element at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product

from headframe.engine.graph import Node
from headframe.engine.operations import COMPARISONS, LOGICAL, REDUCTIONS, Shape
from headframe.engine.xmile.scalars import Scalar, Scalars

Place = tuple[int, ...]
Leaf = Callable[[Node, Place], Scalar | None]
_OF_TRUTHS = {"add": "any", "maximum": "any", "multiply": "all", "minimum": "all"}


class Unroller:
    """Elements of nodes as scalars. `leaf` says which scalar stands for an element of a node, or None to go deeper.

    Cut links are read as they are without cuts.
    """

    def __init__(self, scalars: Scalars, leaf: Leaf) -> None:
        self.scalars = scalars
        self.leaf = leaf
        self._known: dict[tuple[int, Place], Scalar] = {}

    def number(self, node: Node, place: Place) -> Scalar:
        """An element as a number."""
        return self.scalars.number(self.element(node, place))

    def element(self, node: Node, place: Place) -> Scalar:
        """An element as it is: a number or a truth value."""
        key = node.number, place
        if key not in self._known:
            found = self.leaf(node, place)
            self._known[key] = self._computed(node, place) if found is None else found
        return self._known[key]

    def _computed(self, node: Node, place: Place) -> Scalar:
        operation = node.operation
        if operation == "constant":
            value = node.value[place]
            return self.scalars.truth(bool(value)) if node.boolean else self.scalars.literal(float(value))
        if operation in _SOURCES:
            return self.element(*_SOURCES[operation](node, place))
        if operation in REDUCTIONS or operation == "einsum":
            return self._reduced(node, place)
        if operation == "interpolate":
            return self.scalars.lookup(node.attributes, self.element(node.arguments[0], place))
        if operation == "where" and _is_cut(node):
            return self.element(node.arguments[2], _broadcast(node.arguments[2], place))
        return self._elementwise(node, [self.element(one, _broadcast(one, place)) for one in node.arguments])

    def _elementwise(self, node: Node, values: Sequence[Scalar]) -> Scalar:
        """As in NumPy, sums and products of truth values are truth values."""
        pool, operation = self.scalars, node.operation
        if operation in _OF_TRUTHS and all(value.boolean for value in values):
            joined: Scalar = getattr(pool, _OF_TRUTHS[operation])(values)
            return joined
        if operation in LOGICAL:
            truths = [pool.condition(value) for value in values]
            if operation == "logical_not":
                return pool.opposite(truths[0])
            return pool.all(truths) if operation == "logical_and" else pool.any(truths)
        if operation == "where":
            return pool.choose(pool.condition(values[0]), pool.number(values[1]), pool.number(values[2]))
        numbers = [pool.number(value) for value in values]
        return pool.compare(operation, *numbers) if operation in COMPARISONS else pool.apply(operation, *numbers)

    def _reduced(self, node: Node, place: Place) -> Scalar:
        if node.operation == "einsum":
            return self.scalars.sum(self._product(node, letters) for letters in _summed(node, place))
        source, axes = node.arguments[0], node.attributes[0]
        values = [self.element(source, spot) for spot in _along(source.shape, axes, place)]
        if node.operation != "sum" and all(value.boolean for value in values):
            return self.scalars.any(values) if node.operation == "maximum_of" else self.scalars.all(values)
        numbers = [self.scalars.number(value) for value in values]
        if node.operation == "sum":
            return self.scalars.sum(numbers)
        pairwise = "maximum" if node.operation == "maximum_of" else "minimum"
        while len(numbers) > 1:
            pairs = [numbers[first : first + 2] for first in range(0, len(numbers), 2)]
            numbers = [self.scalars.apply(pairwise, *pair) if len(pair) == 2 else pair[0] for pair in pairs]
        return numbers[0]

    def _product(self, node: Node, letters: dict[str, int]) -> Scalar:
        found = None
        for subscripts, argument in zip(node.attributes[0], node.arguments, strict=True):
            factor = self.number(argument, tuple(letters[letter] for letter in subscripts))
            found = factor if found is None else self.scalars.multiply(found, factor)
        assert found is not None
        return found


def _is_cut(node: Node) -> bool:
    """Whether this chooses between the run without cuts and this run."""
    return any(
        argument.operation == "input" and argument.attributes[0] == "switch" for argument in node.arguments[0].arguments
    )


def _broadcast(argument: Node, place: Place) -> Place:
    trailing = place[len(place) - len(argument.shape) :]
    return tuple(0 if length == 1 else index for index, length in zip(trailing, argument.shape, strict=True))


def _along(shape: Shape, axes: Sequence[int], place: Place) -> Iterator[Place]:
    rest = iter(place)
    fixed = [None if axis in axes else next(rest) for axis in range(len(shape))]
    ranges = [range(length) if index is None else (index,) for index, length in zip(fixed, shape, strict=True)]
    return product(*ranges)


def _summed(node: Node, place: Place) -> Iterator[dict[str, int]]:
    inputs, output = node.attributes
    lengths = {
        letter: length
        for subscripts, argument in zip(inputs, node.arguments, strict=True)
        for letter, length in zip(subscripts, argument.shape, strict=True)
    }
    fixed = dict(zip(output, place, strict=True))
    free = [letter for letter in lengths if letter not in fixed]
    for chosen in product(*(range(lengths[letter]) for letter in free)):
        yield fixed | dict(zip(free, chosen, strict=True))


def _of_index(node: Node, place: Place) -> tuple[Node, Place]:
    source, found, axis = node.arguments[0], list[int](), 0
    for entry in node.attributes:
        if entry[0] == "integer":
            found.append(entry[1] % source.shape[len(found)])
            continue
        if entry[0] == "slice":
            found.append(entry[1] + entry[2] * place[axis])
        axis += 1
    return source, tuple(found)


def _of_take(node: Node, place: Place) -> tuple[Node, Place]:
    axis, indices = node.attributes
    source = node.arguments[0]
    return source, (*place[:axis], int(indices[place[axis]]) % source.shape[axis], *place[axis + 1 :])


def _of_transpose(node: Node, place: Place) -> tuple[Node, Place]:
    order = node.attributes[0]
    return node.arguments[0], tuple(place[order.index(axis)] for axis in range(len(order)))


def _of_concatenate(node: Node, place: Place) -> tuple[Node, Place]:
    axis = node.attributes[0]
    index = place[axis]
    for piece in node.arguments:
        if index < piece.shape[axis]:
            return piece, (*place[:axis], index, *place[axis + 1 :])
        index -= piece.shape[axis]
    raise IndexError(place)


_SOURCES: dict[str, Callable[[Node, Place], tuple[Node, Place]]] = {
    "index": _of_index,
    "take": _of_take,
    "transpose": _of_transpose,
    "broadcast": lambda node, place: (node.arguments[0], _broadcast(node.arguments[0], place)),
    "concatenate": _of_concatenate,
}
