"""From scheduled tasks to the statements of a phase."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from headframe.engine.graph import Node
from headframe.engine.lowering.access import Element, Resolver, identity, row
from headframe.engine.lowering.plan import Chain, Plan, Target, Task, depth_in, operands, reduction_chain
from headframe.engine.lowering.program import (
    Apply,
    Clock,
    Index,
    Interpolate,
    Load,
    Loop,
    Number,
    Reduction,
    Region,
    Statement,
    Store,
)
from headframe.engine.lowering.schedule import Nest
from headframe.engine.operations import COMPARISONS, LOGICAL, REDUCTIONS

Source = Callable[[Node, Element], tuple[Region, Index] | float]


@dataclass
class _Scope:
    """The statements of one loop's body, and the values that it can see besides those of the scopes around it."""

    body: list[Statement] = field(default_factory=list)
    known: dict[object, int] = field(default_factory=dict)


class Emitter:
    """Writes the nests of one phase; `leaf` says where an element of an input or constant is found, or its value."""

    def __init__(
        self, plan: Plan, resolver: Resolver, leaf: Source, table_number: Callable[[tuple[object, ...]], int]
    ) -> None:
        self.plan = plan
        self.resolver = resolver
        self.tables = resolver.tables
        self.leaf = leaf
        self.table_number = table_number
        self.values = 0
        self.variables = 0
        self.scopes: list[_Scope] = []
        self.chain: Chain = ()
        self.depths: dict[int, int] = {}
        self.truths: set[int] = set()

    def phase(self, nests: Iterable[Nest]) -> tuple[tuple[Statement, ...], ...]:
        """The statements of some nests, in order."""
        return tuple(self.nest(nest) for nest in nests)

    def nest(self, nest: Nest) -> tuple[Statement, ...]:
        """One nest: a scope for each depth, every statement in the outermost one that knows what it needs."""
        self.chain = tuple(enumerate(nest.space))
        self.scopes = [_Scope() for _ in range(len(self.chain) + 1)]
        self.depths, self.truths = {}, set()
        self.variables = max(self.variables, len(self.chain))
        for task in nest.tasks:
            self.task(task)
        body = self.scopes[-1].body
        for (variable, extent), scope in zip(reversed(self.chain), reversed(self.scopes[:-1]), strict=True):
            scope.body.append(Loop(variable, extent, tuple(body)))
            body = scope.body
        return tuple(body)

    def task(self, task: Task) -> None:
        """Compute a task and store what must be stored."""
        element = identity(task.node.shape)
        if self.plan.stored.get(task.node.number) is task:
            value = self.compute(task.node, element)
            self.know((task.node.number, element), value, self.depths[value])
        else:
            value = self.value(task.node, element)
        if task.target is not None:
            region, index = self.at(task.target, element)
            self.scopes[-1].body.append(Store(region, index, self.number(value)))

    def at(self, target: Target, element: Element) -> tuple[Region, Index]:
        """The place of an element of a stored node."""
        storage = target.storage
        return storage.region, row(self.tables, element, target.strides, storage.start + target.offset)

    def value(self, node: Node, element: Element) -> int:
        """The value of an element of any node."""
        node, element = self.resolver(node, element, dict(self.chain))
        key = (node.number, element)
        known = self.find(key)
        if known is not None:
            return known
        if node.number in self.plan.inside:
            value = self.compute(node, element)
            return self.know(key, value, self.depths[value])
        return self.know(key, self.loaded(node, element), depth_in(self.chain, element))

    def loaded(self, node: Node, element: Element) -> int:
        """The value of an element that lies in a region, or of a literal."""
        if node.operation == "input" and node.attributes[0] in ("time", "time_step"):
            return self.put(0, lambda target: Clock(target, node.attributes[0]), node.number)
        target = self.plan.joined.get(node.number)
        source = self.plan.stored.get(node.number)
        place: tuple[Region, Index] | float
        if target is not None:
            place = self.at(target, element)
        elif source is not None and source.target is not None:
            place = self.at(source.target, element)
        else:
            place = self.leaf(node, element)
        if isinstance(place, float):
            value = place
            return self.put(0, lambda target: Number(target, value), ("number", value.hex()))
        region, index = place
        depth = depth_in(self.chain, (index,))
        return self.put(depth, lambda target: Load(target, region, index), (region, index))

    def compute(self, node: Node, element: Element) -> int:
        """The value of an element computed here."""
        if node.operation in REDUCTIONS or node.operation == "einsum":
            return self.reduction(node, element)
        arguments = [self.value(*operand) for operand in operands(node, element, ())]
        if node.operation == "interpolate":
            table = self.table_number(node.attributes)
            argument = self.number(arguments[0])
            depth = self.depths[argument]
            return self.put(
                depth, lambda target: Interpolate(target, table, argument), ("interpolate", table, argument)
            )
        return self.elementwise(node.operation, arguments)

    def elementwise(self, operation: str, arguments: list[int]) -> int:
        """An operation with the conversions that it needs. As in NumPy, sums and products of truths are truths."""
        if operation in _OF_TRUTHS and all(argument in self.truths for argument in arguments):
            operation = _OF_TRUTHS[operation]
        if operation in LOGICAL:
            return self.apply(operation, [self.truth(argument) for argument in arguments], boolean=True)
        if operation == "where":
            chosen = [self.truth(arguments[0]), *map(self.number, arguments[1:])]
            return self.apply(operation, chosen)
        return self.apply(
            operation, [self.number(argument) for argument in arguments], boolean=operation in COMPARISONS
        )

    def apply(self, operation: str, arguments: list[int], *, boolean: bool = False) -> int:
        """An operation in the outermost scope that knows its arguments."""
        depth = max(self.depths[argument] for argument in arguments)
        key = (operation, *arguments)
        return self.put(depth, lambda target: Apply(target, operation, tuple(arguments), boolean), key, boolean=boolean)

    def number(self, value: int) -> int:
        """A value as a number."""
        return self.apply("number", [value]) if value in self.truths else value

    def truth(self, value: int) -> int:
        """A value as a truth value."""
        return value if value in self.truths else self.apply("truth", [value], boolean=True)

    def reduction(self, node: Node, element: Element) -> int:
        """Loops over the reduced axes around the product of the operands (or the one argument)."""
        outer_chain, outer_scopes = self.chain, self.scopes
        base = depth_in(self.chain, element)
        self.chain, inner = reduction_chain(node, element, self.chain, self.variables)
        self.variables += len(inner)
        added = len(self.chain) - base
        self.scopes = [*self.scopes[: base + 1], *(_Scope() for _ in range(added))]
        factors = [self.number(self.value(*operand)) for operand in operands(node, element, inner)]
        value = factors[0]
        for factor in factors[1:]:
            value = self.apply("multiply", [value, factor])
        kind = node.operation if node.operation in REDUCTIONS else "sum"
        for depth in range(len(self.chain), base, -1):
            variable, extent = self.chain[depth - 1]
            target = self.new(depth - 1)
            body = tuple(self.scopes[depth].body)
            gathered = Reduction(target, kind, value)  # type: ignore[arg-type]
            self.scopes[depth - 1].body.append(Loop(variable, extent, body, (gathered,)))
            value = target
        self.chain, self.scopes = outer_chain, outer_scopes
        return value

    def new(self, depth: int, *, boolean: bool = False) -> int:
        """The number of a new value that is known at this depth."""
        value = self.values
        self.values += 1
        self.depths[value] = depth
        if boolean:
            self.truths.add(value)
        return value

    def put(self, depth: int, make: Callable[[int], Statement], key: object, *, boolean: bool = False) -> int:
        """Append a statement to the scope of a depth unless the same is known already."""
        known = self.find(key)
        if known is not None:
            return known
        value = self.new(depth, boolean=boolean)
        self.scopes[depth].body.append(make(value))
        return self.know(key, value, depth)

    def find(self, key: object) -> int | None:
        """The value that is known by a key in the scopes around, if any."""
        for scope in self.scopes:
            if key in scope.known:
                return scope.known[key]
        return None

    def know(self, key: object, value: int, depth: int) -> int:
        """Let a value be found by a key from now on."""
        self.scopes[depth].known[key] = value
        return value


_OF_TRUTHS = {
    "add": "logical_or",
    "multiply": "logical_and",
    "minimum": "logical_and",
    "maximum": "logical_or",
}
