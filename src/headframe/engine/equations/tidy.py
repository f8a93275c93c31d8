"""The small rules by which an equation is written as a person would: no sum of a negative, no factor of one.

Each rule keeps the value exactly, or up to the rounding of one operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeGuard

from headframe.engine.equations.tree import Apply, Number, Tree

ONE, ZERO, TWO = Number(1.0), Number(0.0), Number(2.0)
Rule = Callable[[Sequence[Tree]], Tree | None]


def applied(operation: str, parts: Sequence[Tree]) -> Tree:
    """An operation on its parts, in the form in which it is written."""
    rule = _RULES.get(operation)
    found = rule(parts) if rule is not None else None
    return Apply(operation, tuple(parts)) if found is None else found


def counted(tree: Tree) -> Tree:
    """What is true or false as 1 or 0 (Iverson's bracket)."""
    if isinstance(tree, Number):
        return Number(tree.value)
    return Apply("count", (tree,))


def _is(tree: Tree, operation: str) -> TypeGuard[Apply]:
    return isinstance(tree, Apply) and tree.operation == operation


def _counts(tree: Tree) -> TypeGuard[Number]:
    return isinstance(tree, Number) and tree.value.is_integer() and tree.value > 1


def _inner(tree: Tree) -> Tree:
    assert isinstance(tree, Apply)
    return tree.arguments[0]


def _negated(tree: Tree) -> Tree | None:
    """What a negative is the negative of; None where it is none."""
    if isinstance(tree, Number):
        return Number(-tree.value) if tree.value < 0 and not tree.truth else None
    return _inner(tree) if _is(tree, "negative") else None


def _add(parts: Sequence[Tree]) -> Tree | None:
    one, other = parts
    if one == ZERO:
        return other
    if other == ZERO:
        return one
    taken = _negated(other)
    return None if taken is None else applied("subtract", (one, taken))


def _subtract(parts: Sequence[Tree]) -> Tree | None:
    one, other = parts
    if other == ZERO:
        return one
    if one == ZERO:
        return applied("negative", (other,))
    added = _negated(other)
    return None if added is None else applied("add", (one, added))


def _negative(parts: Sequence[Tree]) -> Tree | None:
    (one,) = parts
    if isinstance(one, Number) and not one.truth:
        return Number(-one.value)
    return _inner(one) if _is(one, "negative") else None


def _multiply(parts: Sequence[Tree]) -> Tree | None:
    one, other = parts
    if ONE in (one, other):
        return other if one == ONE else one
    if Number(-1.0) in (one, other):
        return applied("negative", (other if one == Number(-1.0) else one,))
    if _is(one, "negative"):
        return applied("negative", (applied("multiply", (_inner(one), other)),))
    if _is(one, "power") and one.arguments[0] == other and _counts(exponent := one.arguments[1]):
        return Apply("power", (other, Number(exponent.value + 1.0)))
    return Apply("power", (one, TWO)) if one == other else None


def _divide(parts: Sequence[Tree]) -> Tree | None:
    one, other = parts
    if other == ONE:
        return one
    return applied("negative", (applied("divide", (_inner(one), other)),)) if _is(one, "negative") else None


def _power(parts: Sequence[Tree]) -> Tree | None:
    one, other = parts
    if other == ONE:
        return one
    return Apply("sqrt", (one,)) if other == Number(0.5) else None


def _flat(operation: str) -> Rule:
    """Least of a least: one of all."""

    def rule(parts: Sequence[Tree]) -> Tree:
        inner = [
            part.arguments if isinstance(part, Apply) and part.operation == operation else (part,) for part in parts
        ]
        return Apply(operation, tuple(argument for arguments in inner for argument in arguments))

    return rule


_RULES: dict[str, Rule] = {
    "add": _add,
    "subtract": _subtract,
    "negative": _negative,
    "multiply": _multiply,
    "divide": _divide,
    "power": _power,
    "minimum": _flat("minimum"),
    "maximum": _flat("maximum"),
}
