"""The expression graph: every distinct expression of a model once, arguments before results.

A node is made only through its `Graph`, which folds constants and returns the node that already exists for the same
expression (hash-consing). Nodes know arrays only; names of axes, units and places in the source live with the tracer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from math import prod
from typing import Any

import numpy as np

from headframe.engine.operations import VIEWS, Array, Shape, apply, flops, is_boolean, shape_of

# Operations whose result is a truth value where what they carry is one.
CARRIES_TRUTH = VIEWS | {"where", "concatenate", "minimum", "maximum", "minimum_of", "maximum_of"}
INPUT_KINDS = ("parameter", "path", "event", "stock", "switch", "base", "time", "time_step")


@dataclass(frozen=True, eq=False)
class Node:
    """One expression: an operation on earlier nodes. Two equal expressions of one graph are the same object."""

    number: int
    operation: str
    arguments: tuple[Node, ...]
    attributes: tuple[Any, ...]
    shape: Shape
    boolean: bool

    @property
    def size(self) -> int:
        """How many numbers the node holds for one run."""
        return prod(self.shape)

    @cached_property
    def value(self) -> Array:
        """The array of a `constant` node (read-only)."""
        if self.operation != "constant":
            raise TypeError(f"node {self.number} is no constant but {self.operation}")
        data, shape, boolean = self.attributes
        return np.frombuffer(data, dtype=np.bool_ if boolean else np.float64).reshape(shape)

    def __repr__(self) -> str:
        arguments = ", ".join(f"n{argument.number}" for argument in self.arguments)
        return f"n{self.number}={self.operation}({arguments}){list(self.shape)}"


class Graph:
    """A pool of nodes, one for each distinct expression. The pool belongs to one model."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._known: dict[tuple[Any, ...], Node] = {}

    def constant(self, value: Any) -> Node:
        """The node of a literal number or array."""
        array = np.asarray(value)
        boolean = array.dtype == np.bool_
        data = np.ascontiguousarray(array, dtype=np.bool_ if boolean else np.float64)
        attributes = (data.tobytes(), array.shape, boolean)
        return self._add("constant", (), attributes, array.shape, boolean=boolean)

    def input(self, kind: str, name: str, shape: Shape = ()) -> Node:
        """The node of a value from outside: a parameter, a path, a stock, the time (see `INPUT_KINDS`)."""
        if kind not in INPUT_KINDS:
            raise ValueError(kind)
        return self._add("input", (), (kind, name), shape, boolean=False)

    def apply(self, operation: str, arguments: tuple[Node, ...], attributes: tuple[Any, ...] = ()) -> Node:
        """The node of an operation; the constant it folds to where every argument is constant."""
        shape = shape_of(operation, attributes, [argument.shape for argument in arguments])
        if all(argument.operation == "constant" for argument in arguments):
            with np.errstate(all="ignore"):
                values = [argument.value[..., None] for argument in arguments]
                return self.constant(apply(operation, attributes, values, len(shape))[..., 0])
        boolean = is_boolean(operation) or (
            operation in CARRIES_TRUTH and all(argument.boolean for argument in arguments[operation == "where" :])
        )
        if _changes_nothing(operation, arguments, attributes, shape):
            return arguments[0]
        return self._add(operation, arguments, attributes, shape, boolean=boolean)

    def _add(
        self, operation: str, arguments: tuple[Node, ...], attributes: tuple[Any, ...], shape: Shape, *, boolean: bool
    ) -> Node:
        key = (operation, tuple(argument.number for argument in arguments), attributes, shape)
        known = self._known.get(key)
        if known is None:
            known = Node(len(self.nodes), operation, arguments, attributes, shape, boolean)
            self._known[key] = known
            self.nodes.append(known)
        return known


def _changes_nothing(operation: str, arguments: tuple[Node, ...], attributes: tuple[Any, ...], shape: Shape) -> bool:
    """Whether the result is its first argument: a view of everything in the same order and shape."""
    if operation not in ("index", "broadcast", "transpose", "concatenate") or shape != arguments[0].shape:
        return False
    if operation == "index":
        return all(entry[0] == "slice" and entry[2] == 1 for entry in attributes)
    if operation == "transpose":
        return bool(attributes[0] == tuple(range(len(shape))))
    return operation == "broadcast" or len(arguments) == 1


def reachable(roots: Iterable[Node]) -> list[Node]:
    """The roots and everything that they need, arguments before results."""
    found: dict[int, Node] = {}
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node.number not in found:
            found[node.number] = node
            waiting.extend(node.arguments)
    return [found[number] for number in sorted(found)]


def evaluate(nodes: Iterable[Node], values: dict[int, Array]) -> None:
    """Fill `values` (node number → array with the runs last) for nodes in order; inputs must be there already."""
    for node in nodes:
        if node.number in values:
            continue
        if node.operation == "constant":
            values[node.number] = node.value[..., None]
        else:
            arguments = [values[argument.number] for argument in node.arguments]
            values[node.number] = apply(node.operation, node.attributes, arguments, len(node.shape))


def substitute(graph: Graph, roots: Iterable[Node], replaced: Mapping[int, Node]) -> dict[int, Node]:
    """The same expressions with some nodes replaced: old node number → new node of the same graph."""
    found = dict(replaced)
    for node in reachable(roots):
        if node.number in found:
            continue
        arguments = tuple(found[argument.number] for argument in node.arguments)
        same = arguments == node.arguments
        found[node.number] = node if same else graph.apply(node.operation, arguments, node.attributes)
    return found


def depends_on(roots: Iterable[Node], kinds: frozenset[str]) -> set[int]:
    """Numbers of the nodes, among the roots and what they need, that depend on inputs of these kinds."""
    found: set[int] = set()
    for node in reachable(roots):
        touched = node.operation == "input" and node.attributes[0] in kinds
        if touched or any(argument.number in found for argument in node.arguments):
            found.add(node.number)
    return found


def inputs_of(roots: Iterable[Node]) -> Iterator[Node]:
    """The input nodes that the roots need, in order."""
    return (node for node in reachable(roots) if node.operation == "input")


@dataclass(frozen=True)
class Work:
    """What one evaluation of some expressions takes, per run."""

    nodes: int
    numbers: int
    flops: int


def work(roots: Iterable[Node]) -> Work:
    """Nodes, numbers held and floating-point operations (see `operations.COST`) of one evaluation."""
    nodes = [node for node in reachable(roots) if node.operation not in ("constant", "input")]
    counted = (
        flops(node.operation, node.attributes, [argument.shape for argument in node.arguments], node.shape)
        for node in nodes
    )
    return Work(len(nodes), sum(node.size for node in nodes), sum(counted))


def digest(roots: Iterable[Node]) -> str:
    """A hash of expressions that does not depend on how the graph came about."""
    known: dict[int, bytes] = {}
    for node in reachable(roots):
        text = repr((node.operation, node.attributes, node.shape)).encode()
        known[node.number] = sha256(text + b"".join(known[a.number] for a in node.arguments)).digest()
    return sha256(b"".join(known[root.number] for root in roots)).hexdigest()
