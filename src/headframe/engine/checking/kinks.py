"""How near a run comes to a kink, and whether it crosses one: expressions made beside those of a system.

A kink is where a result jumps: a comparison whose sides are equal, a `floor` of a whole number. Two backends that
differ in the last digit may stand on different sides of it, so that runs which come near one are counted apart (law
7). Sides that every backend knows to the last digit, such as a parameter and a constant, are no kink.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np

from headframe.engine.batch.backend import CHANGING, Batch
from headframe.engine.graph import Graph, Node, depends_on, reachable
from headframe.engine.operations import COMPARISONS, LOGICAL, VIEWS, Array
from headframe.engine.runs import Floats, Horizon, Integers, Outcomes, Runs
from headframe.engine.system import System

NEAR = 1e-9  # what law 7 calls near, relative to the largest numbers that the two sides are sums of
_GIVEN = frozenset({"parameter", "path", "switch", "time", "time_step"})
_ROUNDS_NOTHING = VIEWS | COMPARISONS | LOGICAL | {"concatenate", "where", "minimum", "maximum", "negative", "absolute"}
_ROUNDS_ONCE = frozenset({"add", "subtract", "multiply", "divide", "floor"})
_OF_MAGNITUDES = VIEWS | {"concatenate", "sum", "einsum", "multiply"}


class KinkWatch:
    """Keeps how near each run comes to a kink and to each bound, in all evaluations.

    `distances` (runs,) is relative, and infinite without a kink. `gaps` and `sizes` (bounds, runs) are the smallest
    distance of a bounded variable from the bound, and its largest number.
    """

    def __init__(self, system: System, runs: int) -> None:
        self._system = system
        self.distances: Floats = np.full(runs, np.inf)
        self.gaps: Floats = np.full((len(system.bounds), runs), np.inf)
        self.sizes: Floats = np.zeros((len(system.bounds), runs))
        self._lanes: Integers = np.zeros(0, np.int32)

    @property
    def near_kinks(self) -> Array:
        """Which runs come near a kink."""
        return self.distances <= NEAR

    @property
    def near_bounds(self) -> Array:
        """Which runs come near a bound, relative to the largest number that the variable has in the run."""
        return np.asarray(((self.gaps <= NEAR * self.sizes) & (self.sizes > 0)).any(axis=0))

    def expressions(self, program: str, roots: Sequence[Node]) -> list[Node]:
        """The smallest distance to a kink in one evaluation, and the gap and size of each bounded variable."""
        graph = self._system.graph
        found = [smallest_distance(graph, roots)]
        if program in ("step", "record"):
            variables = [self._system.variables[bound.variable] for bound in self._system.bounds]
            pairs = zip(variables, self._system.bounds, strict=True)
            found += [_smallest(graph, _gap(graph, node, bound.low, bound.high)) for node, bound in pairs]
            found += [_largest(graph, graph.apply("absolute", (node,))) for node in variables]
        return found

    def start(self, lanes: Integers) -> None:
        """A pass over these runs begins."""
        self._lanes = lanes

    def see(self, _program: str, arrays: Sequence[Array]) -> None:
        """Keep what is smaller, or larger, than before."""
        distance, *others = (np.broadcast_to(array, self._lanes.shape) for array in arrays)
        np.minimum.at(self.distances, self._lanes, distance)
        count = len(others) // 2
        for index in range(count):
            np.fmin.at(self.gaps[index], self._lanes, others[index])
            np.fmax.at(self.sizes[index], self._lanes, others[count + index])


class BranchWatch:
    """Notes the runs in which a comparison or floor changes its branch; `crossed` (runs,).

    With `corners` also minimum, maximum, absolute and tables, whose values go on but whose slopes jump.
    """

    def __init__(self, system: System, runs: int, *, corners: bool) -> None:
        self._graph, self._corners = system.graph, corners
        self.crossed = np.zeros(runs, np.bool_)
        self._lanes: Integers = np.zeros(0, np.int32)
        self._numbers: dict[str, list[int]] = {}
        self._first: dict[int, Array] = {}

    def expressions(self, program: str, roots: Sequence[Node]) -> list[Node]:
        """Which branch each of them takes."""
        found = branches(self._graph, roots, corners=self._corners)
        self._numbers[program] = [node.number for node in found]
        return found

    def start(self, lanes: Integers) -> None:
        """A pass over these runs begins."""
        self._lanes, self._first = lanes, {}

    def see(self, program: str, arrays: Sequence[Array]) -> None:
        """Compare with the branches of the first evaluation."""
        for number, array in zip(self._numbers[program], arrays, strict=True):
            if number not in self._first:
                self._first[number] = array.copy()
                continue
            other = (array != self._first[number]).any(axis=tuple(range(array.ndim - 1)))
            self.crossed[self._lanes] |= np.broadcast_to(other, self._lanes.shape)


def kinks(system: System, horizon: Horizon, runs: Runs) -> KinkWatch:
    """How near each run comes to a kink and to each bound, computed by the batch backend."""
    watch = KinkWatch(system, len(runs))
    Batch(system, horizon, Outcomes.of(()), watch=watch).run(runs)
    return watch


def crossed_branches(system: System, horizon: Horizon, runs: Runs, *, corners: bool = True) -> Array:
    """Which runs cross a kink or, with `corners`, a corner (runs,).

    No method keeps its order over a kink, and none but the first order over a corner.
    """
    watch = BranchWatch(system, len(runs), corners=corners)
    Batch(system, horizon, Outcomes.of(()), watch=watch).run(runs)
    return watch.crossed


def smallest_distance(graph: Graph, roots: Sequence[Node]) -> Node:
    """The smallest distance to a kink anywhere in some expressions: one number, infinite where there is no kink.

    The distance of a comparison is |a − b| / (A + B), where A is the largest number that `a` is a sum or difference
    of; a side that is exactly zero, and not as a difference, is zero in every backend.
    """
    nodes = reachable(roots)
    exact, magnitudes = _exact(nodes), _Magnitudes(graph)
    found = []
    for node in nodes:
        if all(argument.number in exact or argument.boolean for argument in node.arguments):
            continue  # truth values come from comparisons, which are looked at themselves
        if node.operation in COMPARISONS:
            one, other = node.arguments
            gap = graph.apply("absolute", (graph.apply("subtract", (one, other)),))
            found.append(_relative(graph, gap, graph.apply("add", (magnitudes.of(one), magnitudes.of(other)))))
        elif node.operation == "floor":
            x = node.arguments[0]
            nearest = graph.apply("floor", (graph.apply("add", (x, graph.constant(0.5))),))
            gap = graph.apply("absolute", (graph.apply("subtract", (x, nearest)),))
            size = magnitudes.of(x)
            at_least_one = graph.apply("maximum", (size, graph.constant(1.0)))
            none = graph.apply("equal", (size, graph.constant(0.0)))
            found.append(_relative(graph, gap, graph.apply("where", (none, graph.constant(0.0), at_least_one))))
    lowest = [_smallest(graph, node) for node in found]
    return reduce(lambda one, other: graph.apply("minimum", (one, other)), lowest, graph.constant(np.inf))


def _smallest(graph: Graph, node: Node) -> Node:
    return graph.apply("minimum_of", (node,), (tuple(range(len(node.shape))),))


def _largest(graph: Graph, node: Node) -> Node:
    return graph.apply("maximum_of", (node,), (tuple(range(len(node.shape))),))


def _gap(graph: Graph, node: Node, low: float, high: float) -> Node:
    """The distance from the nearer bound; infinite on the bound, where a value was put and did not come by rounding."""
    sides = [
        graph.apply("absolute", (graph.apply("subtract", (node, graph.constant(side))),))
        for side in (low, high)
        if np.isfinite(side)
    ]
    nearer = reduce(lambda one, other: graph.apply("minimum", (one, other)), sides, graph.constant(np.inf))
    off = graph.apply("greater", (nearer, graph.constant(0.0)))
    return graph.apply("where", (off, nearer, graph.constant(np.inf)))


def _relative(graph: Graph, gap: Node, scale: Node) -> Node:
    """The gap over the scale; infinite where the scale is zero, or where there is no number."""
    ratio = graph.apply("divide", (gap, scale))
    known = graph.apply("greater_equal", (ratio, graph.constant(0.0)))
    return graph.apply("where", (known, ratio, graph.constant(np.inf)))


def _exact(nodes: Sequence[Node]) -> set[int]:
    """Nodes that every backend computes to the last digit: given, or one rounding away from what is given."""
    unrounded: set[int] = set()
    once: set[int] = set()
    for node in nodes:
        arguments = {argument.number for argument in node.arguments}
        given = node.operation == "constant" or (node.operation == "input" and node.attributes[0] in _GIVEN)
        if given or (node.operation in _ROUNDS_NOTHING and arguments <= unrounded):
            unrounded.add(node.number)
        elif (node.operation in _ROUNDS_ONCE and arguments <= unrounded) or (
            node.operation in _ROUNDS_NOTHING and arguments <= unrounded | once
        ):
            once.add(node.number)
    return unrounded | once


class _Magnitudes:
    """The largest numbers that expressions are made of by adding: what their rounding errors are relative to."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._known: dict[int, Node] = {}

    def of(self, node: Node) -> Node:
        """The magnitude of an expression, of its shape."""
        for earlier in reachable([node]):
            if earlier.number not in self._known:
                self._known[earlier.number] = self._made(earlier)
        return self._known[node.number]

    def _made(self, node: Node) -> Node:
        apply = self._graph.apply
        sizes = tuple(self._known[argument.number] for argument in node.arguments)
        itself = apply("absolute", (node,)) if not node.boolean else node
        made: dict[str, Callable[[], Node]] = {
            "negative": lambda: sizes[0],
            "absolute": lambda: sizes[0],
            "add": lambda: apply("add", sizes),
            "subtract": lambda: apply("add", sizes),
            "divide": lambda: apply("divide", (sizes[0], apply("absolute", (node.arguments[1],)))),
            "where": lambda: apply("where", (node.arguments[0], *sizes[1:])),
            "minimum": lambda: self._of_the_chosen(node, sizes),
            "maximum": lambda: self._of_the_chosen(node, sizes),
            "log": lambda: apply("add", (itself, self._graph.constant(1.0))),
        }
        if node.operation in _OF_MAGNITUDES:
            return apply(node.operation, sizes, node.attributes)
        return made.get(node.operation, lambda: itself)()

    def _of_the_chosen(self, node: Node, sizes: tuple[Node, ...]) -> Node:
        """That of the argument chosen by a minimum or maximum; of both, where another backend may choose the other."""
        apply = self._graph.apply
        one, other = node.arguments
        either = apply("add", sizes)
        gap = apply("absolute", (apply("subtract", (one, other)),))
        near = apply("less_equal", (gap, apply("multiply", (either, self._graph.constant(NEAR)))))
        first = apply("equal", (node, one))
        return apply("where", (near, either, apply("where", (first, *sizes))))


def branches(graph: Graph, roots: Sequence[Node], *, corners: bool) -> list[Node]:
    """What tells the branch that each comparison or floor, or corner, takes; only of what can change in a run."""
    changing = depends_on(roots, CHANGING)
    nodes = [node for node in reachable(roots) if node.number in changing]
    found = [node for node in nodes if node.operation in COMPARISONS or node.operation == "floor"]
    found += [branch for node in nodes if corners and (branch := _side(graph, node)) is not None]
    return list({node.number: node for node in found}.values())


def _side(graph: Graph, node: Node) -> Node | None:
    """Which side of its corner a node is on; None for one that has none."""
    if node.operation in ("minimum", "maximum"):
        return graph.apply("less", node.arguments)
    if node.operation == "absolute":
        return graph.apply("less", (node.arguments[0], graph.constant(0.0)))
    if node.operation in ("minimum_of", "maximum_of"):
        argument = node.arguments[0]
        kept = [("new",) if axis in node.attributes[0] else ("slice", 0, 1, n) for axis, n in enumerate(argument.shape)]
        return graph.apply("equal", (argument, graph.apply("index", (node,), tuple(kept))))
    if node.operation == "interpolate":
        x = node.arguments[0]
        passed = [graph.apply("greater", (x, graph.constant(point))) for point in node.attributes[0]]
        counts = [graph.apply("multiply", (one, graph.constant(1.0))) for one in passed]
        return reduce(lambda one, other: graph.apply("add", (one, other)), counts)
    return None
