"""Expressions bound to memory: a flat list of NumPy calls that read and write arrays fixed beforehand.

A block of runs is evaluated by the same calls on the same arrays again and again, so all that can be settled once is:
which array an expression reads and writes, which expressions are mere views of others, and which array can be used
again because nobody reads it any more. What remains for each evaluation is `for call, arguments in calls`.

Every array has the runs as its last axis, of one fixed length, and that axis is contiguous, so that each run goes
through the same instructions of the processor whatever its place in the block. Matrix products stay away from BLAS,
whose kernels may treat the columns at the edge of a matrix differently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import prod
from typing import Any

import numpy as np

from headframe.engine.graph import Node
from headframe.engine.operations import ELEMENTWISE, Array, Shape, apply, is_boolean

Call = tuple[Callable[..., Any], tuple[Any, ...], Array]  # function, arguments, the array that it writes
VIEWS = frozenset({"index", "transpose", "broadcast"})
REDUCTIONS = {"sum": np.add.reduce, "maximum_of": np.maximum.reduce, "minimum_of": np.minimum.reduce}
KEEP_BOOLEANS = frozenset(
    {"add", "multiply", "minimum", "maximum", "absolute", "where", "maximum_of", "minimum_of", "take", "concatenate"}
)


class Memory:
    """Arrays to write to, used again when nobody reads them any more."""

    def __init__(self) -> None:
        self._all: dict[tuple[int, bool], list[Array]] = {}
        self._free: dict[tuple[int, bool], list[Array]] = {}

    def reset(self) -> None:
        """Let every array be used again."""
        self._free = {key: list(arrays) for key, arrays in self._all.items()}

    def take(self, shape: Shape, *, boolean: bool) -> Array:
        """An array of this shape with any content."""
        key = (prod(shape), boolean)
        free = self._free.setdefault(key, [])
        if not free:
            free.append(np.zeros(key[0], np.bool_ if boolean else np.float64))
            self._all.setdefault(key, []).append(free[-1])
        return free.pop().reshape(shape)

    def give_back(self, array: Array) -> None:
        """Let one array be used again."""
        self._free[array.size, array.dtype == np.bool_].append(array.reshape(-1))


def bind(
    roots: Sequence[Node],
    given: Mapping[int, Array],
    memory: Memory,
    places: Mapping[int, Array] | None = None,
) -> tuple[list[Call], list[Array]]:
    """The calls that compute `roots` from `given` (node number → array), and the arrays that then hold the roots.

    All of `memory` is used again from here on: what a program that was bound to it before has computed must be read
    before this one runs.
    `places` says where some of the roots are to be written; a root that is a view is left where it is.
    """
    memory.reset()
    nodes = needed(roots, given)
    holders = _holders(nodes)
    last = _last_readers(nodes, holders, roots)
    values = dict(given)
    calls: list[Call] = []
    for position, node in enumerate(nodes):
        arguments = [values[argument.number] for argument in node.arguments]
        if node.operation == "constant":
            values[node.number] = node.value[..., None]
        elif node.operation in VIEWS:
            values[node.number] = apply(node.operation, node.attributes, arguments, len(node.shape))
        else:
            shape = (*node.shape, max((argument.shape[-1] for argument in arguments), default=1))
            ends = {a.number for a in node.arguments if last.get(holders.get(a.number)) == position}
            unread = [values[number] for number in {holders[number] for number in ends}]
            # An elementwise result may take the place of an argument, if they lie in memory alike.
            alike = all(holders[number] == number and values[number].shape == shape for number in ends)
            in_place = alike and node.operation in ELEMENTWISE
            for array in unread if in_place else ():
                memory.give_back(array)
            out = (places or {}).get(node.number)
            if out is None or out.shape != shape:
                out = memory.take(shape, boolean=_is_boolean(node.operation, arguments))
            values[node.number] = out
            calls.append(_call(node, arguments, out))
            for array in () if in_place else unread:
                memory.give_back(array)
    return calls, [values[root.number] for root in roots]


def needed(roots: Sequence[Node], given: Mapping[int, Any]) -> list[Node]:
    """The nodes between `given` and the roots, arguments before results."""
    found: dict[int, Node] = {}
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node.number not in found and node.number not in given:
            found[node.number] = node
            waiting.extend(node.arguments)
    return [found[number] for number in sorted(found)]


def _is_boolean(operation: str, arguments: Sequence[Array]) -> bool:
    """Whether a result holds truth values; where NumPy would answer with half precision, it holds numbers."""
    read = arguments[1:] if operation == "where" else arguments
    kept = operation in KEEP_BOOLEANS and all(argument.dtype == np.bool_ for argument in read)
    return is_boolean(operation) or kept


def _holders(nodes: Sequence[Node]) -> dict[int, int]:
    """Which node's memory holds each computed node; nodes that are given or constant have none to be used again."""
    holders: dict[int, int] = {}
    for node in nodes:
        if node.operation in VIEWS:
            source = holders.get(node.arguments[0].number)
            if source is not None:
                holders[node.number] = source
        elif node.operation != "constant":
            holders[node.number] = node.number
    return holders


def _last_readers(nodes: Sequence[Node], holders: Mapping[int, int], roots: Sequence[Node]) -> dict[int | None, int]:
    """The position of the last node that reads each holder; holders of roots are read for ever."""
    last: dict[int | None, int] = {}
    for position, node in enumerate(nodes):
        for argument in node.arguments:
            if argument.number in holders:
                last[holders[argument.number]] = position
    for root in roots:
        last.pop(holders.get(root.number), None)
    return last


def _call(node: Node, arguments: Sequence[Array], out: Array) -> Call:
    """The call that computes one node into `out`."""
    operation, attributes = node.operation, node.attributes
    if operation in _PREPARED:
        return _PREPARED[operation](attributes, arguments, out)
    if operation in REDUCTIONS:
        return REDUCTIONS[operation], (arguments[0], attributes[0], None), out
    function = getattr(np, operation)
    if out.dtype != np.bool_ and all(argument.dtype == np.bool_ for argument in arguments):
        function = partial(function, dtype=np.float64)
    return function, tuple(arguments), out


def _take(attributes: tuple[Any, ...], arguments: Sequence[Array], out: Array) -> Call:
    axis, indices = attributes
    return partial(np.take, mode="clip"), (arguments[0], np.array(indices, np.intp), axis), out


def _concatenate(attributes: tuple[Any, ...], arguments: Sequence[Array], out: Array) -> Call:
    parts = tuple(np.broadcast_to(argument, (*argument.shape[:-1], out.shape[-1])) for argument in arguments)
    return np.concatenate, (parts, attributes[0]), out


def _where(_attributes: tuple[Any, ...], arguments: Sequence[Array], out: Array) -> Call:
    return _choose, tuple(arguments), out


def _choose(condition: Array, one: Array, other: Array, out: Array) -> None:
    np.copyto(out, np.where(condition, one, other))


def _interpolate(attributes: tuple[Any, ...], arguments: Sequence[Array], out: Array) -> Call:
    xs, ys = attributes
    return _look_up, (arguments[0], np.array(xs), np.array(ys)), out


def _look_up(x: Array, xs: Array, ys: Array, out: Array) -> None:
    np.copyto(out, np.interp(x, xs, ys))


def _einsum(attributes: tuple[Any, ...], arguments: Sequence[Array], out: Array) -> Call:
    """Products of two arrays from left to right, letters summed as soon as no array after them has them.

    The axis of runs has the letter Z; an operand that is the same in all runs goes without it.
    """
    runs = out.shape[-1]
    shared = [argument.shape[-1] == 1 and runs > 1 for argument in arguments]
    letters = [inner if alone else inner + "Z" for inner, alone in zip(attributes[0], shared, strict=True)]
    operands = [argument[..., 0] if alone else argument for argument, alone in zip(arguments, shared, strict=True)]
    goal = attributes[1] + "Z"
    sizes = {
        letter: size
        for inner, operand in zip(letters, operands, strict=True)
        for letter, size in zip(inner, operand.shape, strict=True)
    }
    before: list[Call] = []
    while len(operands) > 2:
        wanted = set(goal).union(*letters[2:]) & set(letters[0] + letters[1])
        kept = "".join(sorted(wanted - {"Z"})) + "Z" * ("Z" in wanted)
        product = np.zeros([sizes[letter] for letter in kept])
        before.append((np.einsum, (f"{letters[0]},{letters[1]}->{kept}", *operands[:2]), product))
        letters, operands = [kept, *letters[2:]], [product, *operands[2:]]
    whole: Call = (np.einsum, (f"{','.join(letters)}->{goal}", *operands), out)
    return (_all_of, ((*before, whole),), out) if before else whole


def _all_of(calls: Sequence[Call], out: Array) -> None:  # noqa: ARG001
    for function, arguments, result in calls:
        function(*arguments, out=result)


_PREPARED: dict[str, Callable[[tuple[Any, ...], Sequence[Array], Array], Call]] = {
    "where": _where,
    "take": _take,
    "concatenate": _concatenate,
    "interpolate": _interpolate,
    "einsum": _einsum,
}
