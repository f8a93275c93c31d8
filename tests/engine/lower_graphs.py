"""Random graphs of all operations on arrays of up to three axes, some of length one, with views in every way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from headframe.engine.graph import Graph, Node
from headframe.engine.operations import ELEMENTWISE, UNARY
from headframe.engine.system import Slots, StockEquations, System

LENGTHS = (1, 2, 3, 5)
STOCKS = {"x": (2, 3, 5), "y": (5,), "z": (3, 1), "one": ()}
PARAMETERS = {"a": (3, 5), "b": (), "c": (1, 5)}
# Nothing that comes near a kink or leaves the range: what is compared is the arithmetic of places.
GENTLE = sorted(ELEMENTWISE - {"equal", "not_equal", "floor", "log", "sqrt", "power", "divide"})


@dataclass
class Growing:
    """A graph that grows at random."""

    rng: np.random.Generator
    graph: Graph = field(default_factory=Graph)
    pool: list[Node] = field(default_factory=list)

    def any(self) -> Node:
        """A node made before, rather a late one."""
        return self.pool[-1 - min(int(self.rng.exponential(6.0)), len(self.pool) - 1)]

    def add(self, operation: str, arguments: tuple[Node, ...], attributes: tuple[Any, ...] = ()) -> None:
        """One more node, if it is not too large."""
        made = self.graph.apply(operation, arguments, attributes)
        if made.size <= 200 and len(made.shape) <= 4:
            self.pool.append(made)
            if operation in ("multiply", "einsum", "sum") and self.rng.random() < 0.8:
                self.bounded()  # else numbers grow until rounding is all that is left of them

    def grow(self) -> None:
        """One more node of some kind."""
        kinds = (self.elementwise, self.elementwise, self.index, self.take, self.transpose, self.broadcast)
        kinds += (self.concatenate, self.reduce, self.einsum, self.interpolate)
        kinds[self.rng.integers(len(kinds))]()

    def fitting(self, node: Node) -> Node:
        """Something that broadcasts with a node."""
        for _ in range(20):
            other = self.any()
            try:
                np.broadcast_shapes(node.shape, other.shape)
            except ValueError:
                continue
            return other
        return self.graph.constant(self.rng.normal())

    def elementwise(self) -> None:
        operation = str(self.rng.choice(GENTLE))
        one = self.any()
        others = () if operation in UNARY else (self.fitting(one),)
        if operation == "where":
            mixed = self.graph.apply("greater", (one, *others))
            self.add("where", (mixed, self.fitting(mixed), one))
            return
        if operation.startswith("logical"):
            one, *others = (self.graph.apply("less", (node, self.graph.constant(0.3))) for node in (one, *others))
        elif any(node.boolean for node in (one, *others)):
            return  # NumPy knows truths in arithmetic, models do not
        if operation == "exp":
            one = self.graph.apply("tanh", (one,))
        self.add(operation, (one, *others))

    def bounded(self) -> None:
        """Keeps numbers in range."""
        node = self.pool.pop()
        self.pool.append(self.graph.apply("tanh", (self.graph.apply("multiply", (node, self.graph.constant(0.7))),)))

    def index(self) -> None:
        node, entries = self.any(), []
        for length in node.shape:
            way = self.rng.integers(4) if length else 1
            if way == 0:
                entries.append(("integer", int(self.rng.integers(length))))
            elif way == 1:
                entries.append(("slice", max(length - 1, 0), -1, length))
            else:
                start, step = int(self.rng.integers(length + (length > 2))), int(self.rng.integers(1, 3))
                entries.append(("slice", start, step, (length - start + step - 1) // step))
            if self.rng.random() < 0.2:
                entries.append(("new",))
        self.add("index", (node,), tuple(entries))

    def take(self) -> None:
        node = self.any()
        if node.size:
            axis = int(self.rng.integers(max(len(node.shape), 1)))
        if node.size and node.shape:
            indices = self.rng.integers(0, node.shape[axis], self.rng.integers(1, 6))
            self.add("take", (node,), (axis, tuple(map(int, indices))))

    def transpose(self) -> None:
        node = self.any()
        self.add("transpose", (node,), (tuple(map(int, self.rng.permutation(len(node.shape)))),))

    def broadcast(self) -> None:
        node = self.any()
        shape = tuple(length if length != 1 else int(self.rng.choice(LENGTHS)) for length in node.shape)
        self.add("broadcast", (node,), ((int(self.rng.choice(LENGTHS)), *shape),))

    def concatenate(self) -> None:
        node = self.any()
        alike = [other for other in self.pool if len(other.shape) == len(node.shape) and other.boolean == node.boolean]
        if node.shape:
            axis = int(self.rng.integers(len(node.shape)))
            rest = [length for place, length in enumerate(node.shape) if place != axis]
            fit = [n for n in alike if [length for place, length in enumerate(n.shape) if place != axis] == rest]
            pieces = [fit[self.rng.integers(len(fit))] for _ in range(self.rng.integers(2, 4))]
            self.add("concatenate", tuple(pieces), (axis,))

    def reduce(self) -> None:
        node = self.any()
        axes = tuple(axis for axis in range(len(node.shape)) if self.rng.random() < 0.6)
        if axes and not node.boolean:
            operation = str(self.rng.choice(["sum", "sum", "maximum_of", "minimum_of"])) if node.size else "sum"
            self.add(operation, (node,), (axes,))

    def einsum(self) -> None:
        one = self.any()
        letters = "abcd"[: len(one.shape)]
        subscripts, arguments = [letters], [one]
        lengths = dict(zip(letters, one.shape, strict=True))
        for _ in range(self.rng.integers(1, 3)):
            other = self.any()
            chosen = ""
            for length in other.shape:
                fit = [letter for letter, known in lengths.items() if known == length and letter not in chosen]
                free = next(letter for letter in "efghijkl" if letter not in lengths)
                letter = str(self.rng.choice(fit)) if fit else free
                lengths[letter] = length
                chosen += letter
            subscripts.append(chosen)
            arguments.append(other)
        output = [letter for letter in lengths if self.rng.random() < 0.5]
        if not any(argument.boolean for argument in arguments) and np.prod(list(lengths.values())) <= 2000:
            order = "".join(self.rng.permutation(output)) if output else ""
            self.add("einsum", tuple(arguments), (tuple(subscripts), order))

    def interpolate(self) -> None:
        node = self.any()
        if not node.boolean:
            xs = tuple(np.cumsum(self.rng.uniform(0.1, 1.0, 5)).tolist())
            self.add("interpolate", (node,), (xs, tuple(self.rng.normal(size=5).tolist())))


def grown_system(seed: int, size: int) -> System:
    """A system whose variables are all that has grown, so that everything is looked at."""
    made = Growing(np.random.default_rng(seed))
    graph = made.graph
    stocks = {name: graph.input("stock", name, shape) for name, shape in STOCKS.items()}
    made.pool = [*stocks.values(), *(graph.input("parameter", name, shape) for name, shape in PARAMETERS.items())]
    made.pool.append(graph.constant(np.round(made.rng.normal(size=(2, 3)), 3)))
    for _ in range(size):
        made.grow()
    equations = tuple(
        StockEquations(name, shape, graph.constant(np.full(shape, 0.1)), graph.apply("negative", (stocks[name],)))
        for name, shape in STOCKS.items()
    )
    shown = {f"v{place}": made.pool[place] for place in made.rng.permutation(len(made.pool))[: max(3, size // 3)]}
    layouts = (Slots.of(PARAMETERS.items()), Slots.of([]), Slots.of([]))
    return System("grown", graph, equations, stocks | shown, *layouts, (), Slots.of([]), (), euler_only=False)
