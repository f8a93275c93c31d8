"""Expressions rewritten to equal ones that take fewer operations, before they are lowered.

Equal means up to rounding (a few units of the last place); numbers beyond all measure, whose partial products leave the
range of the format, are the one exception. What is rewritten:

- a quotient by something smaller than the result, by a constant, by a power or by an exponential function becomes a
  product with the reciprocal;
- the factors of a product are multiplied in an order that keeps partial products small;
- factors that do not change along a summed axis are taken out of the sum;
- Einstein sums of more than two operands become sums of two, in the order that costs least;
- whole and half powers become products and roots;
- empty arrays vanish.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from math import prod

import numpy as np

from headframe.engine.graph import Graph, Node, reachable
from headframe.engine.operations import Shape
from headframe.engine.system import StockEquations, System

LARGEST_RECIPROCAL = 1e300
LARGEST_POWER = 4
Factors = list[Node]


def rewritten(system: System) -> System:
    """The same system with rewritten expressions, in a graph of its own."""
    initial = [stock.initial for stock in system.stocks]
    rates = [stock.rate for stock in system.stocks]
    roots = [*initial, *rates, *system.yearly_roots(), *system.variables.values()]
    made = _Rewriter(roots).run()
    stocks = tuple(
        StockEquations(
            stock.name,
            stock.shape,
            made[stock.initial.number],
            made[stock.rate.number],
            None if stock.yearly is None else made[stock.yearly.number],
        )
        for stock in system.stocks
    )
    variables = {name: made[node.number] for name, node in system.variables.items()}
    return replace(system, stocks=stocks, variables=variables)


class _Rewriter:
    """Rewrites arguments before results; `made` maps numbers of old nodes to new ones."""

    def __init__(self, roots: Sequence[Node]) -> None:
        self.nodes = reachable(roots)
        self.graph = Graph()
        self.made: dict[int, Node] = {}
        self.factors: dict[int, Factors] = {}  # of products, by the number of the old node
        self.uses = Counter(argument.number for node in self.nodes for argument in set(node.arguments))
        self.uses.update(root.number for root in roots)
        summed = Counter(node.arguments[0].number for node in self.nodes if node.operation == "sum")
        self.only_summed = {number for number, count in summed.items() if count == self.uses[number]}

    def run(self) -> dict[int, Node]:
        """The new node of every old one."""
        rules: dict[str, Callable[[Node, tuple[Node, ...]], Node]] = {
            "divide": self.divide,
            "multiply": self.multiply,
            "sum": self.sum,
            "einsum": self.einsum,
            "power": self.power,
        }
        for node in self.nodes:
            if node.operation == "input":
                kind, name = node.attributes
                self.made[node.number] = self.graph.input(kind, name, node.shape)
                continue
            if node.operation == "constant":
                self.made[node.number] = self.graph.constant(node.value)
                continue
            arguments = tuple(self.made[argument.number] for argument in node.arguments)
            if node.size and any(argument.size == 0 for argument in arguments):
                self.made[node.number] = self.of_nothing(node, arguments)
                continue
            rule = rules.get(node.operation, self.unchanged)
            self.made[node.number] = self.shaped(rule(node, arguments), node.shape)
        return self.made

    def unchanged(self, node: Node, arguments: tuple[Node, ...]) -> Node:
        """The same operation on the new arguments."""
        return self.graph.apply(node.operation, arguments, node.attributes)

    def of_nothing(self, node: Node, arguments: tuple[Node, ...]) -> Node:
        """What empty arrays amount to: nothing beside others, and sums of 0."""
        if node.operation == "concatenate":
            return self.graph.apply("concatenate", tuple(one for one in arguments if one.size), node.attributes)
        return self.graph.constant(np.zeros(node.shape))

    def shaped(self, node: Node, shape: Shape) -> Node:
        """A node as large as it should be."""
        return node if node.shape == shape else self.graph.apply("broadcast", (node,), (shape,))

    def power(self, node: Node, arguments: tuple[Node, ...]) -> Node:
        """Powers that are products or roots."""
        base, exponent = arguments
        if exponent.operation != "constant" or np.unique(exponent.value).size != 1:
            return self.unchanged(node, arguments)
        value = abs(float(exponent.value.flat[0]))
        times, half = divmod(value, 1.0)
        if half not in (0.0, 0.5) or not 0.0 < value <= LARGEST_POWER:
            return self.unchanged(node, arguments)
        parts = [base] * int(times) + [self.graph.apply("sqrt", (base,))] * bool(half)
        product = parts[0]
        for part in parts[1:]:
            product = self.graph.apply("multiply", (product, part))
        return product if exponent.value.flat[0] > 0 else self.reciprocal(product)

    def divide(self, node: Node, arguments: tuple[Node, ...]) -> Node:
        """Quotients that are products with a reciprocal, taken of fewer numbers or beforehand."""
        over, under = arguments
        if under.operation in ("power", "exp") and self.uses[node.arguments[1].number] == 1:
            wanted = True
        elif under.operation == "constant":
            with np.errstate(all="ignore"):
                size = np.abs(1.0 / under.value)
            wanted = bool(np.all((size < LARGEST_RECIPROCAL) & (size > 1.0 / LARGEST_RECIPROCAL)))
        else:
            wanted = distinct(under) < prod(node.shape)
        if not wanted or over.operation == "constant":
            return self.unchanged(node, arguments)
        inverse = self.reciprocal(under)
        factors = [*self.factors_of(node.arguments[0]), inverse]
        self.factors[node.number] = factors
        return self.product(factors)

    def reciprocal(self, node: Node) -> Node:
        """1 / node, computed before views spread it out."""
        if node.operation in ("broadcast", "index") and distinct(node) <= node.arguments[0].size:
            inner = self.reciprocal(node.arguments[0])
            return self.graph.apply(node.operation, (inner,), node.attributes)
        if node.operation == "exp":
            return self.graph.apply("exp", (self.graph.apply("negative", node.arguments),))
        if node.operation == "power":
            base, exponent = node.arguments
            return self.graph.apply("power", (base, self.graph.apply("negative", (exponent,))))
        return self.graph.apply("divide", (self.graph.constant(1.0), node))

    def factors_of(self, old: Node) -> Factors:
        """The factors of an argument that nothing else reads, or the argument."""
        if old.number in self.factors and (self.uses[old.number] == 1 or old.number in self.only_summed):
            return self.factors[old.number]
        node = self.made[old.number]
        while node.operation == "broadcast":
            node = node.arguments[0]
        return [node]

    def multiply(self, node: Node, arguments: tuple[Node, ...]) -> Node:
        """A product in the best order; truths are no numbers and are left alone."""
        if any(argument.boolean for argument in arguments):
            return self.unchanged(node, arguments)
        factors = [factor for argument in node.arguments for factor in self.factors_of(argument)]
        self.factors[node.number] = factors
        return self.product(factors)

    def product(self, factors: Iterable[Node]) -> Node:
        """The product, always of the two factors with the smallest result, the first of them where several are."""
        waiting = list(factors)
        while len(waiting) > 1:
            pairs = [(first, second) for first in range(len(waiting)) for second in range(first + 1, len(waiting))]
            first, second = min(pairs, key=lambda pair: (_joint_size(waiting[pair[0]], waiting[pair[1]]), *pair[::-1]))
            joint = self.graph.apply("multiply", (waiting[first], waiting[second]))
            waiting[first] = joint
            del waiting[second]
        return waiting[0]

    def sum(self, node: Node, arguments: tuple[Node, ...]) -> Node:
        """A sum of products without the factors that do not change along the axes."""
        old, axes = node.arguments[0], node.attributes[0]
        shape = old.shape
        factors = self.factors_of(old)
        if len(factors) < 2:
            return self.unchanged(node, arguments)
        constant = [factor for factor in factors if all(_length(factor, shape, axis) == 1 for axis in axes)]
        changing = [factor for factor in factors if factor not in constant]
        if not constant or not changing:
            return self.unchanged(node, arguments)
        inner = self.product(changing)
        summed = self.graph.apply("sum", (self.shaped(inner, shape),), (axes,))
        kept = [self.without(factor, shape, axes) for factor in constant]
        self.factors[node.number] = [summed, *kept]
        return self.product([summed, *kept])

    def without(self, node: Node, shape: Shape, axes: tuple[int, ...]) -> Node:
        """A factor without the axes that it does not change along."""
        missing = len(shape) - len(node.shape)
        entries = [
            ("integer", 0) if place + missing in axes else ("slice", 0, 1, length)
            for place, length in enumerate(node.shape)
        ]
        return self.graph.apply("index", (node,), tuple(entries))

    def einsum(self, node: Node, arguments: tuple[Node, ...]) -> Node:
        """Operands joined two by two."""
        subscripts, output = list(node.attributes[0]), node.attributes[1]
        operands = list(arguments)
        if len(operands) > 2:
            path = np.einsum_path(
                f"{','.join(subscripts)}->{output}",
                *(np.empty(operand.shape) for operand in operands),
                optimize="greedy",
            )[0][1:]
            for chosen in path[:-1]:
                parts = [(subscripts.pop(place), operands.pop(place)) for place in sorted(chosen, reverse=True)][::-1]
                needed = set("".join([*subscripts, output]))
                kept = "".join(dict.fromkeys(letter for letters, _ in parts for letter in letters if letter in needed))
                attributes = (tuple(letters for letters, _ in parts), kept)
                operands.append(self.graph.apply("einsum", tuple(operand for _, operand in parts), attributes))
                subscripts.append(kept)
        return self.graph.apply("einsum", tuple(operands), (tuple(subscripts), output))


def distinct(node: Node) -> int:
    """How many numbers of a node can differ: those before axes were added and lengths repeated."""
    if node.operation == "broadcast":
        return distinct(node.arguments[0])
    if node.operation == "index":
        return min(node.size, distinct(node.arguments[0]))
    return node.size


def _joint_size(one: Node, other: Node) -> int:
    return prod(np.broadcast_shapes(one.shape, other.shape))


def _length(factor: Node, shape: Shape, axis: int) -> int:
    """The length of a factor along an axis of the product that it broadcasts to."""
    place = axis - (len(shape) - len(factor.shape))
    return 1 if place < 0 else factor.shape[place]
