"""The plan of a sequence of phases: which expressions become loops of their own, and which are part of others.

A `Task` computes one node over the node's own index space and stores it. Every other node is computed inside the one
task that reads it, provided that this repeats no work: an expression that a larger loop would evaluate again and again
becomes a task of its own, which is how small sub-expressions are hoisted out of large loops.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import prod

from headframe.engine.graph import Node
from headframe.engine.lowering.access import (
    ZERO,
    Element,
    Resolver,
    broadcast,
    identity,
    space_of,
    strides_of,
)
from headframe.engine.lowering.program import Index, Region
from headframe.engine.operations import ELEMENTWISE, REDUCTIONS, Shape

FIRST_INNER = 64  # loop variables of reductions are numbered from here while planning
Chain = tuple[tuple[int, int], ...]  # the loops around an expression, outermost first: (variable, extent)


@dataclass(eq=False)
class Storage:
    """Rows of a region. Those of `scratch` get their start when all is placed; `lasting` ones are read afterwards."""

    size: int
    region: Region = "scratch"
    start: int = 0
    lasting: bool = False


@dataclass(frozen=True)
class Target:
    """Where the elements of a node go: `storage` from `offset` on, with these strides for the node's axes."""

    storage: Storage
    offset: int
    strides: tuple[int, ...]

    @classmethod
    def whole(cls, storage: Storage, shape: Shape) -> Target:
        """All of a storage, in C order."""
        return cls(storage, 0, strides_of(shape))


@dataclass(frozen=True)
class Read:
    """An element of a node as some expression in a task reads it, inside these loops."""

    task: Task
    node: Node
    element: Element
    chain: Chain

    @property
    def evaluations(self) -> int:
        """How often the element is computed if it is computed where its index is known."""
        return prod(extent for _, extent in self.chain[: depth_in(self.chain, self.element)])


@dataclass(eq=False)
class Task:
    """A node computed over its own index space; `target` is where it must go, or None for a temporary."""

    node: Node
    section: int
    order: tuple[int, int]
    target: Target | None = None
    reads: list[Read] = field(default_factory=list)
    loop: int = -1  # position of the loop that computes it, when placed

    @property
    def space(self) -> Shape:
        """The extents of the loops around the task."""
        return space_of(self.node.shape)

    @property
    def kind(self) -> tuple[Shape, str]:
        """What tasks must have in common to share a nest."""
        return self.space, sort_of(self.node) if self.space else "plain"


@dataclass(frozen=True)
class Output:
    """A node that must lie in a given place when its section is done."""

    node: Node
    section: int
    target: Target


@dataclass
class Plan:
    """Tasks in an order that respects what they read, the nodes inside them, and where concatenations lie."""

    tasks: list[Task]
    inside: set[int]  # numbers of nodes that are computed inside the task that reads them
    joined: dict[int, Target]  # concatenations: where their pieces go
    stored: dict[int, Task]  # the tasks of nodes that others read


def depth_in(chain: Chain, element: Iterable[Index]) -> int:
    """How many of the loops of a chain must be entered before an element's index is known."""
    variables = frozenset[int]().union(*(index.variables for index in element))
    return max((place + 1 for place, (variable, _) in enumerate(chain) if variable in variables), default=0)


def reduced(node: Node) -> tuple[int, ...]:
    """The extents of the axes that a reduction or an Einstein summation runs over, outermost first."""
    if node.operation in REDUCTIONS:
        return tuple(node.arguments[0].shape[axis] for axis in sorted(node.attributes[0]))
    if node.operation != "einsum":
        return ()
    sizes = {
        letter: length
        for subscripts, argument in zip(node.attributes[0], node.arguments, strict=True)
        for letter, length in zip(subscripts, argument.shape, strict=True)
    }
    return tuple(length for letter, length in sizes.items() if letter not in node.attributes[1])


def operands(node: Node, element: Element, inner: tuple[Index, ...]) -> Iterator[tuple[Node, Element]]:
    """The elements of the arguments that an element of a result needs; `inner` are the indices of the reduced axes."""
    if node.operation in ELEMENTWISE or node.operation == "interpolate":
        for argument in node.arguments:
            yield argument, broadcast(element, argument.shape)
    elif node.operation in REDUCTIONS:
        rest, places = iter(element), dict(zip(sorted(node.attributes[0]), inner, strict=True))
        axes = range(len(node.arguments[0].shape))
        yield node.arguments[0], tuple(places[axis] if axis in places else next(rest) for axis in axes)
    elif node.operation == "einsum":
        subscripts, output = node.attributes
        letters = dict(zip(output, element, strict=True))
        free = [letter for letter in dict.fromkeys("".join(subscripts)) if letter not in letters]
        letters.update(zip(free, inner, strict=True))
        for letter_list, argument in zip(subscripts, node.arguments, strict=True):
            yield argument, broadcast(tuple(letters[letter] for letter in letter_list), argument.shape)


def sort_of(node: Node) -> str:
    """What a node shares nests with: its like.

    Sums have loops of their own, which work best for some elements side by side. Powers take long, but do not wait for
    those of other elements, of which the processor has several under way where little stands between them.
    """
    if any(extent > 1 for extent in reduced(node)):
        return "sum"
    return "power" if node.operation == "power" else "plain"


def reduction_chain(node: Node, element: Element, chain: Chain, first: int) -> tuple[Chain, tuple[Index, ...]]:
    """The loops inside a reduction, its own variables numbered from `first`, and the indices of the reduced axes."""
    extents = reduced(node)
    around = chain[: depth_in(chain, element)]
    variables = [first + place for place in range(len(extents))]
    inner = tuple(ZERO if extent == 1 else Index(0, ((v, 1),)) for v, extent in zip(variables, extents, strict=True))
    own = tuple((v, extent) for v, extent in zip(variables, extents, strict=True) if extent != 1)
    return around + own, inner


class _Planner:
    """Visits the nodes that the outputs need, readers before what they read, and decides on each."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.plan = Plan([], set(), {}, {})
        self.reads: dict[int, list[Read]] = {}
        self.waiting: list[int] = []
        self.nodes: dict[int, Node] = {}
        self.variables = FIRST_INNER

    def add_task(self, task: Task) -> None:
        if task.node.size == 0:
            return
        self.plan.tasks.append(task)
        chain = tuple(enumerate(task.space))
        if task.target is not None and task.node.number not in self.plan.stored:
            self.read(task, task.node, identity(task.node.shape), chain)
        else:
            self.expand(task, task.node, identity(task.node.shape), chain)

    def read(self, task: Task, node: Node, element: Element, chain: Chain) -> None:
        node, element = self.resolver(node, element, dict(chain))
        if self.resolver.leaf(node):
            return
        if node.number not in self.nodes:
            self.nodes[node.number] = node
            heappush(self.waiting, -node.number)
        read = Read(task, node, element, chain)
        self.reads.setdefault(node.number, []).append(read)
        task.reads.append(read)

    def expand(self, task: Task, node: Node, element: Element, chain: Chain) -> None:
        """Read what an element of a node needs."""
        inner: tuple[Index, ...] = ()
        if node.operation in REDUCTIONS or node.operation == "einsum":
            chain, inner = reduction_chain(node, element, chain, self.variables)
            self.variables += len(inner)
        for argument, argument_element in operands(node, element, inner):
            self.read(task, argument, argument_element, chain)

    def run(self) -> Plan:
        while self.waiting:
            node = self.nodes[-heappop(self.waiting)]
            self.decide(node, self.reads.pop(node.number))
        self.plan.tasks.sort(key=lambda task: (task.section, task.order))
        return self.plan

    def decide(self, node: Node, reads: list[Read]) -> None:
        section = min(read.task.section for read in reads)
        if node.operation == "concatenate":
            self.join(node, section, self.take_over(node, reads))
            return
        first = reads[0]
        alone = all(read.task is first.task and read.element == first.element for read in reads)
        apart = sort_of(node) != "plain" and first.task.space != () and first.task.node is not node
        if alone and first.evaluations <= node.size and not apart:
            self.plan.inside.add(node.number)
            first.task.reads = [read for read in first.task.reads if read.node is not node]
            self.expand(first.task, node, first.element, first.chain)
            return
        task = Task(node, section, (node.number, 0), self.take_over(node, reads))
        self.plan.stored[node.number] = task
        self.add_task(task)

    def take_over(self, node: Node, reads: list[Read]) -> Target | None:
        """The target of a task that would only copy this node; that task is dropped."""
        for read in reads:
            task = read.task
            if task.node is node and task.target is not None:
                self.plan.tasks.remove(task)
                return task.target
        return None

    def join(self, node: Node, section: int, target: Target | None) -> None:
        """Tasks that put the pieces of a concatenation beside each other."""
        target = target or Target.whole(Storage(node.size), node.shape)
        self.plan.joined[node.number] = target
        axis, offset = node.attributes[0], target.offset
        for piece in node.arguments:
            self.add_task(Task(piece, section, (node.number, 1), Target(target.storage, offset, target.strides)))
            offset += piece.shape[axis] * target.strides[axis]


def plan(outputs: Iterable[Output], resolver: Resolver) -> Plan:
    """The tasks that bring about the outputs."""
    planner = _Planner(resolver)
    for output in outputs:
        planner.add_task(Task(output.node, output.section, (output.node.number, 2), output.target))
    return planner.run()
