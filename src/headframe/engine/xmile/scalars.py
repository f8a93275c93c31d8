"""Expressions of single numbers: what arrays become in a file format that is read by tools without our arrays.

Every distinct expression is kept once. Sums and products with a literal 0 or 1 are shortened on the way, which takes
the zeros of constant matrices out of the sums over them; values are taken to be finite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from headframe.engine.operations import COMPARISONS

TERMS = 32  # a longer sum is a sum of sums, so that no equation grows without end


@dataclass(frozen=True, eq=False, slots=True)
class Scalar:
    """An expression: `number` and `truth` (a literal), `name`, `lookup` (a table of an argument), or an operation."""

    number: int
    operation: str
    arguments: tuple[Scalar, ...] = ()
    payload: Any = None
    boolean: bool = False


class Scalars:
    """The pool of expressions of one file. `whole` holds the names whose values are whole numbers."""

    def __init__(self) -> None:
        self.entries: list[Scalar] = []
        self.whole: set[str] = set()
        self._known: dict[tuple[Any, ...], Scalar] = {}

    def make(
        self, operation: str, arguments: Sequence[Scalar] = (), payload: Any = None, *, boolean: bool = False
    ) -> Scalar:
        """The expression, as written."""
        key = (operation, tuple(argument.number for argument in arguments), payload)
        if key not in self._known:
            made = Scalar(len(self.entries), operation, tuple(arguments), payload, boolean)
            self.entries.append(made)
            self._known[key] = made
        return self._known[key]

    def literal(self, value: float) -> Scalar:
        """A number."""
        return self.make("number", payload=float(value) + 0.0)  # no negative zero: it would be another literal

    def truth(self, value: object) -> Scalar:
        """A literal truth value."""
        return self.make("truth", payload=bool(value), boolean=True)

    def name(self, identifier: str, *, whole: bool = False) -> Scalar:
        """A variable of the file."""
        if whole:
            self.whole.add(identifier)
        return self.make("name", payload=identifier)

    def lookup(self, table: tuple[tuple[float, ...], tuple[float, ...]], argument: Scalar) -> Scalar:
        """A table, linear between its points and held at its ends."""
        return self.make("lookup", (self.number(argument),), table)

    def number(self, value: Scalar) -> Scalar:
        """A value as a number: 1 and 0 for truth values."""
        return self.choose(value, self.literal(1), self.literal(0)) if value.boolean else value

    def condition(self, value: Scalar) -> Scalar:
        """A value as a truth value: any number but 0 is true."""
        if value.boolean:
            return value
        if value.operation == "number":
            return self.truth(value.payload != 0)
        if value.operation == "where" and [branch.payload for branch in value.arguments[1:]] == [1.0, 0.0]:
            return value.arguments[0]
        return self.any([self.compare("less", value, self.literal(0)), self.compare("greater", value, self.literal(0))])

    def choose(self, condition: Scalar, one: Scalar, other: Scalar) -> Scalar:
        """`np.where` of one truth value and two numbers."""
        if one is other:
            return one
        if condition.operation == "truth":
            return one if condition.payload else other
        return self.make("where", (condition, one, other))

    def all(self, values: Iterable[Scalar]) -> Scalar:
        """Whether all are true."""
        return self._joined("logical_and", values, absorbing=False)

    def any(self, values: Iterable[Scalar]) -> Scalar:
        """Whether one is true."""
        return self._joined("logical_or", values, absorbing=True)

    def _joined(self, operation: str, values: Iterable[Scalar], *, absorbing: bool) -> Scalar:
        listed = [value for value in dict.fromkeys(values) if value.payload is not (not absorbing)]
        if any(value.operation == "truth" for value in listed):
            return self.truth(absorbing)
        if not listed:
            return self.truth(not absorbing)
        while len(listed) > TERMS:
            parts = (listed[first : first + TERMS] for first in range(0, len(listed), TERMS))
            listed = [self.make(operation, part, boolean=True) if len(part) > 1 else part[0] for part in parts]
        return listed[0] if len(listed) == 1 else self.make(operation, listed, boolean=True)

    def opposite(self, value: Scalar) -> Scalar:
        """Whether it is not true."""
        if value.operation == "truth":
            return self.truth(not value.payload)
        if value.operation == "logical_not":
            return value.arguments[0]
        return self.make("logical_not", (value,), boolean=True)

    def compare(self, operation: str, one: Scalar, other: Scalar) -> Scalar:
        """A comparison of two numbers.

        Tools take nearly equal numbers for equal; where a number need not be whole, equality is written as not above
        and not below, which is exact everywhere.
        """
        if one.operation == other.operation == "number":
            return self.truth(bool(getattr(np, operation)(one.payload, other.payload)))
        if operation in ("equal", "not_equal") and not (self._whole(one) and self._whole(other)):
            if operation == "equal":
                return self.all([self.compare("less_equal", one, other), self.compare("greater_equal", one, other)])
            return self.any([self.compare("less", one, other), self.compare("greater", one, other)])
        return self.make(operation, (one, other), boolean=True)

    def _whole(self, value: Scalar) -> bool:
        if value.operation == "number":
            return bool(value.payload == np.floor(value.payload))
        return value.operation == "int" or (value.operation == "name" and value.payload in self.whole)

    def sum(self, values: Iterable[Scalar]) -> Scalar:
        """A sum of numbers, in order."""
        listed = [value for value in values if value.payload != 0.0 or value.operation != "number"]
        while len(listed) > TERMS:
            listed = [self._sum(listed[first : first + TERMS]) for first in range(0, len(listed), TERMS)]
        return self._sum(listed)

    def _sum(self, listed: Sequence[Scalar]) -> Scalar:
        if not listed:
            return self.literal(0)
        if all(value.operation == "number" for value in listed):
            return self.literal(float(np.add.reduce([value.payload for value in listed])))
        return listed[0] if len(listed) == 1 else self.make("add", listed)

    def multiply(self, one: Scalar, other: Scalar) -> Scalar:
        """A product of two numbers."""
        for factor, rest in ((one, other), (other, one)):
            if factor.operation == "number" and rest.operation != "number":
                if factor.payload == 0:
                    return factor
                if abs(factor.payload) == 1:
                    return rest if factor.payload > 0 else self.negative(rest)
        return self._folded("multiply", one, other)

    def negative(self, value: Scalar) -> Scalar:
        """A number with its sign turned."""
        return value.arguments[0] if value.operation == "negative" else self._folded("negative", value)

    def apply(self, operation: str, *values: Scalar) -> Scalar:
        """An elementwise operation on numbers that gives a number."""
        special = _SPECIAL.get(operation)
        found = special(self, *values) if special is not None else None
        return self._folded(operation, *values) if found is None else found

    def _subtract(self, one: Scalar, other: Scalar) -> Scalar | None:
        if other.operation == "number" and other.payload == 0:
            return one
        return self.negative(other) if one.operation == "number" and one.payload == 0 else None

    def _by_one(self, one: Scalar, other: Scalar) -> Scalar | None:
        return one if other.operation == "number" and other.payload == 1 else None

    def _same(self, one: Scalar, other: Scalar) -> Scalar | None:
        return one if one is other else None

    def _tanh(self, value: Scalar) -> Scalar:
        """1 − 2 / (exp(2x) + 1): right at both ends, where exp overflows or vanishes."""
        if value.operation == "number":
            return self._folded("tanh", value)
        grown = self.sum([self.apply("exp", self.multiply(self.literal(2), value)), self.literal(1)])
        return self.apply("subtract", self.literal(1), self.apply("divide", self.literal(2), grown))

    def _floor(self, value: Scalar) -> Scalar:
        """XMILE's INT is the floor, but some tools cut decimals off: one less where that went up."""
        if value.operation == "number":
            return self._folded("floor", value)
        cut = self.make("int", (value,))
        above = self.choose(self.compare("greater", cut, value), self.literal(1), self.literal(0))
        return self.apply("subtract", cut, above)

    def _folded(self, operation: str, *values: Scalar) -> Scalar:
        if all(value.operation == "number" for value in values):
            with np.errstate(all="ignore"):
                return self.literal(float(getattr(np, operation)(*(value.payload for value in values))))
        return self.make(operation, values, boolean=operation in COMPARISONS)


_SPECIAL: dict[str, Callable[..., Scalar | None]] = {
    "add": lambda pool, *values: pool.sum(values),
    "multiply": Scalars.multiply,
    "negative": Scalars.negative,
    "subtract": Scalars._subtract,
    "divide": Scalars._by_one,
    "power": Scalars._by_one,
    "minimum": Scalars._same,
    "maximum": Scalars._same,
    "tanh": Scalars._tanh,
    "floor": Scalars._floor,
}
