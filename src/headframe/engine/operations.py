"""The operations of the expression graph: what each does to arrays, to shapes, and what it costs.

Every array that `apply` sees carries the runs as its last axis (length 1 where a value is the same in all runs), so
that NumPy's own broadcasting, which aligns last axes first, also aligns variables of different rank.

| operation | attributes | meaning |
|---|---|---|
| `constant` | (bytes, shape, boolean) | a literal array |
| `input` | (kind, name) | a value given from outside, see `headframe.engine.system` |
| elementwise | () | NumPy's function of the same name, with broadcasting |
| `where` | () | `np.where(condition, a, b)` |
| `index` | one entry per input axis or new axis | `("slice", start, step, count)`, `("integer", i)`, `("new",)` |
| `take` | (axis, indices) | constant indices along one axis |
| `transpose` | (order of axes,) | `np.transpose` |
| `broadcast` | (shape,) | `np.broadcast_to` |
| `concatenate` | (axis,) | `np.concatenate` |
| `sum`, `maximum_of`, `minimum_of` | (axes,) | reductions that drop the axes |
| `einsum` | (input subscripts, output subscripts) | Einstein summation, letters as in `np.einsum` |
| `interpolate` | (xs, ys) | `np.interp` on a constant table: linear, held at the ends |
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]

UNARY = frozenset({"negative", "absolute", "exp", "log", "sqrt", "tanh", "sin", "cos", "floor", "logical_not"})
ARITHMETIC = frozenset({"add", "subtract", "multiply", "divide", "power", "minimum", "maximum"})
COMPARISONS = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"})
LOGICAL = frozenset({"logical_and", "logical_or", "logical_not"})
BINARY = ARITHMETIC | COMPARISONS | (LOGICAL - UNARY)
ELEMENTWISE = UNARY | BINARY | {"where"}
REDUCTIONS = {"sum": "sum", "maximum_of": "max", "minimum_of": "min"}  # the library's names for them
VIEWS = frozenset({"index", "take", "transpose", "broadcast"})

# Floating-point operations of one element, as the flop floor counts them: a function of the library as its polynomial.
COST = {"exp": 20, "log": 24, "power": 45, "tanh": 26, "sqrt": 8, "divide": 4, "sin": 20, "cos": 20}


def is_boolean(operation: str) -> bool:
    """Whether an elementwise operation answers with truth values."""
    return operation in COMPARISONS or operation in LOGICAL


def apply(
    operation: str, attributes: tuple[Any, ...], arguments: Sequence[Array], rank: int, library: Any = np
) -> Array:
    """The value of one operation; `rank` is the number of axes of the result without the axis of runs.

    `library` is NumPy or a library with the same functions, whose arrays are then computed with.
    """
    if operation in ELEMENTWISE:
        result: Array = getattr(library, operation)(*arguments)
        return result
    if operation in REDUCTIONS:
        reduced: Array = getattr(library, REDUCTIONS[operation])(arguments[0], axis=attributes[0])
        return reduced
    return _SHAPING[operation](library, attributes, arguments, rank)


def _index(_library: Any, attributes: tuple[Any, ...], arguments: Sequence[Array], _rank: int) -> Array:
    found: Array = arguments[0][(*map(_selector, attributes), slice(None))]
    return found


def _selector(entry: tuple[Any, ...]) -> Any:
    if entry[0] == "new":
        return None
    if entry[0] == "integer":
        return entry[1]
    start, step, count = entry[1:]
    stop = start + step * count
    return slice(start, stop if stop >= 0 else None, step)


def _take(library: Any, attributes: tuple[Any, ...], arguments: Sequence[Array], _rank: int) -> Array:
    axis, indices = attributes
    taken: Array = library.take(arguments[0], np.array(indices), axis=axis)
    return taken


def _transpose(library: Any, attributes: tuple[Any, ...], arguments: Sequence[Array], rank: int) -> Array:
    turned: Array = library.transpose(arguments[0], (*attributes[0], rank))
    return turned


def _broadcast(library: Any, attributes: tuple[Any, ...], arguments: Sequence[Array], _rank: int) -> Array:
    spread: Array = library.broadcast_to(arguments[0], (*attributes[0], arguments[0].shape[-1]))
    return spread


def _concatenate(library: Any, attributes: tuple[Any, ...], arguments: Sequence[Array], _rank: int) -> Array:
    runs = max(argument.shape[-1] for argument in arguments)
    spread = [library.broadcast_to(argument, (*argument.shape[:-1], runs)) for argument in arguments]
    joined: Array = library.concatenate(spread, axis=attributes[0])
    return joined


def _einsum(library: Any, attributes: tuple[Any, ...], arguments: Sequence[Array], _rank: int) -> Array:
    """Operands that are the same in all runs keep no axis of runs, so that nothing is multiplied twice."""
    inputs, output = attributes
    runs = max(argument.shape[-1] for argument in arguments)
    shared = [argument.shape[-1] == 1 and runs > 1 for argument in arguments]
    letters = [subscripts if alone else subscripts + "Z" for subscripts, alone in zip(inputs, shared, strict=True)]
    operands = [argument[..., 0] if alone else argument for argument, alone in zip(arguments, shared, strict=True)]
    result = output if all(shared) else output + "Z"
    product: Array = library.einsum(f"{','.join(letters)}->{result}", *operands)
    return product


def _interpolate(library: Any, attributes: tuple[Any, ...], arguments: Sequence[Array], _rank: int) -> Array:
    found: Array = library.interp(arguments[0], np.array(attributes[0]), np.array(attributes[1]))
    return found


_SHAPING: dict[str, Callable[[Any, tuple[Any, ...], Sequence[Array], int], Array]] = {
    "index": _index,
    "take": _take,
    "transpose": _transpose,
    "broadcast": _broadcast,
    "concatenate": _concatenate,
    "einsum": _einsum,
    "interpolate": _interpolate,
}


def shape_of(operation: str, attributes: tuple[Any, ...], shapes: Sequence[Shape]) -> Shape:
    """The shape of a result. Raises ValueError where NumPy would."""
    if operation in ELEMENTWISE:
        return np.broadcast_shapes(*shapes)
    if operation in REDUCTIONS:
        return tuple(length for axis, length in enumerate(shapes[0]) if axis not in attributes[0])
    if operation == "interpolate":
        return shapes[0]
    if operation == "einsum":
        sizes = {
            letter: length
            for subscripts, shape in zip(attributes[0], shapes, strict=True)
            for letter, length in zip(subscripts, shape, strict=True)
        }
        return tuple(sizes[letter] for letter in attributes[1])
    probe = [np.empty((*shape, 1)) for shape in shapes]
    return apply(operation, attributes, probe, len(shapes[0])).shape[:-1]


def flops(operation: str, attributes: tuple[Any, ...], shapes: Sequence[Shape], result: Shape) -> int:
    """Floating-point operations of one evaluation (moves and views cost none)."""
    if operation in ELEMENTWISE:
        return COST.get(operation, 1) * prod(result)
    if operation in REDUCTIONS:
        return prod(shapes[0]) - prod(result)
    if operation == "interpolate":
        return (2 * len(attributes[0]).bit_length() + 6) * prod(result)
    if operation == "einsum":
        sizes = {
            letter: length
            for subscripts, shape in zip(attributes[0], shapes, strict=True)
            for letter, length in zip(subscripts, shape, strict=True)
        }
        return len(shapes) * prod(sizes.values())
    return 0
