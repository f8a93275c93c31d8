"""NumPy's functions on symbolic arrays: which expression each becomes, and what it does to the unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from headframe.engine.operations import COMPARISONS, LOGICAL
from headframe.engine.symbolic import shapes
from headframe.engine.symbolic.dimensions import PURE, Dimension, dimension
from headframe.engine.symbolic.shapes import aligned_axes, positive_axes, same_unit
from headframe.engine.symbolic.symbol import Dispatch, Symbol, Trace

if TYPE_CHECKING:
    from headframe.engine.declare import Table

SAME_UNIT = frozenset({"add", "subtract", "minimum", "maximum"}) | COMPARISONS
KEEPS_UNIT = frozenset({"negative", "absolute", "floor"})
NEEDS_PURE = frozenset({"exp", "log", "tanh", "sin", "cos"})
SIGNS = {"add": "+", "subtract": "−", "less": "<", "less_equal": "≤", "greater": ">", "greater_equal": "≥"}
UFUNC_NAMES = {
    "true_divide": "divide",
    "bitwise_and": "logical_and",
    "bitwise_or": "logical_or",
    "invert": "logical_not",
}


def elementwise(trace: Trace, operation: str, *values: Any) -> Symbol:
    """One elementwise operation, with axes and units checked."""
    symbols = [trace.symbol(value) for value in values]
    if operation in COMPUTES and all(symbol.node.boolean for symbol in symbols):
        trace.refuse("HF908", asked=f"np.{operation} of truth values alone (write np.where(condition, 1.0, 0.0))")
    axes = aligned_axes(trace, symbols)
    node = trace.graph.apply(operation, tuple(symbol.node for symbol in symbols))
    return Symbol(trace, node, axes, _unit(trace, operation, symbols))


def _unit(trace: Trace, operation: str, symbols: Sequence[Symbol]) -> Dimension | None:
    found: Dimension | None = PURE  # of comparisons, logic and transcendental functions
    if operation in SAME_UNIT or operation == "where":
        compared = symbols[1:] if operation == "where" else symbols
        shared = same_unit(trace, compared, SIGNS.get(operation, f"np.{operation}"))
        found = PURE if operation in COMPARISONS else shared
    elif operation in KEEPS_UNIT:
        found = symbols[0].dimension
    elif operation in NEEDS_PURE:
        _need_pure(trace, f"np.{operation}", symbols[0])
    elif operation == "power":
        found = _power_unit(trace, symbols)
    elif operation not in LOGICAL:
        found = _scaled_unit(operation, [symbol.dimension for symbol in symbols])
    return found


def _scaled_unit(operation: str, units: Sequence[Dimension | None]) -> Dimension | None:
    """The unit of a root, a product or a quotient; unknown where one of its parts is."""
    one, other = units[0], units[-1]
    if one is None or other is None:
        return None
    if operation == "sqrt":
        return one.power(0.5)
    return one * other if operation == "multiply" else one / other


def _power_unit(trace: Trace, symbols: Sequence[Symbol]) -> Dimension | None:
    base, exponent = symbols
    _need_pure(trace, "** (exponent)", exponent)
    if base.dimension is None or base.dimension.pure:
        return base.dimension
    if exponent.node.operation == "constant" and exponent.node.size == 1:
        return base.dimension.power(float(exponent.node.value.item()))
    _need_pure(trace, "** (base, as the exponent is computed)", base)
    return None


def _need_pure(trace: Trace, operation: str, symbol: Symbol) -> None:
    if symbol.dimension is not None and not symbol.dimension.pure:
        trace.report("HF922", operation=operation, one=trace.describe(symbol))


def look_up(x: Symbol, table: Table) -> Symbol:
    """A table's value at `x`; the unit of `x` must be that of the table's xs."""
    wanted = dimension(table.x_unit)
    if x.dimension is not None and not x.dimension.agrees(wanted):
        name = f"{table.name or 'table'} [{wanted}]"
        x.trace.report("HF903", operation="look-up", one=x.trace.describe(x), other=name)
    return _interpolate(x, table.xs, table.ys, dimension(table.unit))


def _interpolate(x: Symbol, xs: Any, ys: Any, unit: Dimension | None) -> Symbol:
    points = tuple(map(float, xs)), tuple(map(float, ys))
    if len(points[0]) < 2 or not (np.diff(points[0]) > 0).all() or len(points[0]) != len(points[1]):
        x.trace.refuse("HF910", error="np.interp needs two points or more whose xs rise")
    return Symbol(x.trace, x.trace.graph.apply("interpolate", (x.node,), points), x.axes, unit)


def small_difference(x: Any, numerator: Callable[[Any], Any], coefficients: Sequence[float], limit: float) -> Any:
    """A function of x that loses digits near 0: there its power series, elsewhere as written."""
    series: Any = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        series = coefficient + x * series
    return np.where(np.abs(x) < limit, x * series, numerator(x))


def _expm1(x: Any) -> Any:
    series = [1.0 / float(np.prod(np.arange(1, n + 1, dtype=float))) for n in range(1, 9)]
    return small_difference(x, lambda y: np.exp(y) - 1.0, series, 0.03)


def _log1p(x: Any) -> Any:
    return small_difference(x, lambda y: np.log(1.0 + y), [(-1.0) ** n / (n + 1) for n in range(9)], 0.01)


COMPOSED: dict[str, Callable[..., Any]] = {
    "positive": lambda x: x,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1.0 / x,
    "fabs": np.absolute,
    "sign": lambda x: np.where(x > 0, 1.0, np.where(x < 0, -1.0, 0.0)),
    "log2": lambda x: np.log(x) / np.log(2.0),
    "log10": lambda x: np.log(x) / np.log(10.0),
    "exp2": lambda x: np.exp(x * np.log(2.0)),
    "expm1": _expm1,
    "log1p": _log1p,
    "cosh": lambda x: (np.exp(x) + np.exp(-x)) / 2.0,
    "float_power": np.power,
    "remainder": lambda x, y: x - np.floor(x / y) * y,
    "logical_xor": lambda x, y: (x | y) & ~(x & y),
    "bitwise_xor": lambda x, y: (x | y) & ~(x & y),
    "isnan": lambda x: x != x,  # noqa: PLR0124
    "isfinite": lambda x: np.absolute(x) < np.inf,
}


def call_ufunc(trace: Trace, ufunc: np.ufunc, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """What `__array_ufunc__` answers."""
    name = UFUNC_NAMES.get(ufunc.__name__, ufunc.__name__)
    if options.get("out") is not None or options.get("where", True) is not True:
        trace.refuse("HF908", asked="writing into an existing array (out=, where=)")
    if method == "__call__":
        if ufunc.__name__ in BITWISE and not all(trace.symbol(value).node.boolean for value in inputs):
            trace.refuse("HF908", asked=f"{BITWISE[ufunc.__name__]} on numbers (compare them first)")
        if name in ELEMENTWISE_NAMES:
            return elementwise(trace, name, *inputs)
        if name in COMPOSED:
            return COMPOSED[name](*(trace.symbol(value) for value in inputs))
        if name == "matmul":
            return matmul(trace, *inputs)
    if method == "reduce" and name in REDUCED_BY:
        return call_function(trace, REDUCED_BY[name], (inputs[0],), {"axis": options.get("axis", 0)})
    if method == "outer" and name == "multiply":
        return outer(trace, *inputs)
    return trace.refuse("HF909", function=f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}"))


BITWISE = {"bitwise_and": "&", "bitwise_or": "|", "bitwise_xor": "^", "invert": "~"}
# NumPy computes these on truth values alone by rules of its own (half precision, or instead of and).
COMPUTES = NEEDS_PURE | KEEPS_UNIT | {"add", "subtract", "multiply", "divide", "power", "sqrt"}
ELEMENTWISE_NAMES = SAME_UNIT | KEEPS_UNIT | NEEDS_PURE | LOGICAL | {"sqrt", "multiply", "divide", "power"}
REDUCED_BY = {"add": "sum", "maximum": "max", "minimum": "min", "multiply": "prod"}


def call_function(trace: Trace, name: str, arguments: Sequence[Any], options: dict[str, Any]) -> Any:
    """What `__array_function__` answers."""
    known = FUNCTIONS.get(name)
    if known is None:
        trace.refuse("HF909", function=f"np.{name}")
    return known(trace, *arguments, **options)


def reduce(operation: str, trace: Trace, value: Any, axis: Any = None, *, keepdims: bool = False) -> Symbol:
    """A reduction; `keepdims` leaves axes of length one."""
    symbol = trace.symbol(value)
    dropped = positive_axes(symbol, axis)
    kept = tuple(name for position, name in enumerate(symbol.axes) if position not in dropped)
    result = Symbol(trace, trace.graph.apply(operation, (symbol.node,), (dropped,)), kept, symbol.dimension)
    if keepdims:
        return result[tuple(None if position in dropped else slice(None) for position in range(symbol.ndim))]
    return result


def mean(trace: Trace, value: Any, axis: Any = None, *, keepdims: bool = False) -> Symbol:
    """The sum over the number of elements."""
    symbol = trace.symbol(value)
    count = np.prod([symbol.shape[position] for position in positive_axes(symbol, axis)])
    found: Symbol = reduce("sum", trace, symbol, axis, keepdims=keepdims) / float(count)
    return found


def average(trace: Trace, value: Any, axis: Any = None, weights: Any = None) -> Symbol:
    """`np.average`: the weighted mean."""
    if weights is None:
        return mean(trace, value, axis)
    symbol, weight = trace.symbol(value), trace.symbol(weights)
    found: Symbol = reduce("sum", trace, symbol * weight, axis) / reduce("sum", trace, weight, axis)
    return found


def product(trace: Trace, value: Any, axis: Any = None) -> Symbol:
    """`np.prod` along one short axis."""
    symbol = trace.symbol(value)
    dropped = positive_axes(symbol, axis)
    if len(dropped) != 1 or symbol.shape[dropped[0]] > 64:
        trace.refuse("HF909", function="np.prod over more than one axis or 64 elements")
    found = shapes.take(symbol, [0], dropped[0])
    for position in range(1, symbol.shape[dropped[0]]):
        found = found * shapes.take(symbol, [position], dropped[0])
    return found[(*(slice(None),) * dropped[0], 0)]


def einsum(trace: Trace, subscripts: Any, *operands: Any, optimize: Any = None) -> Symbol:
    """`np.einsum` with an explicit result (`ij,j->i`); no letter twice in one operand."""
    del optimize
    text = str(subscripts).replace(" ", "")
    inputs, arrow, output = text.partition("->")
    listed = tuple(inputs.split(","))
    symbols = [trace.symbol(operand) for operand in operands]
    twice = any(len(set(letters)) != len(letters) for letters in (*listed, output))
    if not arrow or twice or "." in text or [len(letters) for letters in listed] != [s.ndim for s in symbols]:
        trace.refuse("HF909", function=f"np.einsum({text!r})")
    names: dict[str, str | None] = {}
    for letters, symbol in zip(listed, symbols, strict=True):
        for letter, name, length in zip(letters, symbol.axes, symbol.shape, strict=True):
            met = [
                other.shape[other_letters.index(letter)]
                for other_letters, other in zip(listed, symbols, strict=True)
                if letter in other_letters
            ]
            if any(other != length for other in met) or (name and names.get(letter) not in (None, name)):
                shown = " × ".join(shapes.describe_axes(one) for one in symbols)
                (trace.refuse if len(set(met)) > 1 else trace.report)("HF905", shown=shown)
            names[letter] = names.get(letter) or name
    node = trace.graph.apply("einsum", tuple(symbol.node for symbol in symbols), (listed, output))
    return Symbol(trace, node, tuple(names[letter] for letter in output), _product_unit(symbols))


def _product_unit(symbols: Sequence[Symbol]) -> Dimension | None:
    found: Dimension | None = PURE
    for symbol in symbols:
        found = None if found is None or symbol.dimension is None else found * symbol.dimension
    return found


def matmul(trace: Trace, left: Any, right: Any) -> Symbol:
    """The matrix product of arrays of one or two axes."""
    one, other = trace.symbol(left), trace.symbol(right)
    letters = {(1, 1): "i,i->", (2, 1): "ij,j->i", (1, 2): "i,ij->j", (2, 2): "ij,jk->ik"}.get((one.ndim, other.ndim))
    if letters is None:
        trace.refuse("HF909", function=f"@ of arrays of {one.ndim} and {other.ndim} axes (use np.einsum)")
    return einsum(trace, letters, one, other)


def dot(trace: Trace, left: Any, right: Any) -> Symbol:
    """`np.dot`: the product where one side is a single number, else the matrix product."""
    one, other = trace.symbol(left), trace.symbol(right)
    return elementwise(trace, "multiply", one, other) if 0 in (one.ndim, other.ndim) else matmul(trace, one, other)


def outer(trace: Trace, left: Any, right: Any) -> Symbol:
    """`np.outer` of two arrays of one axis."""
    one, other = trace.symbol(left), trace.symbol(right)
    if (one.ndim, other.ndim) != (1, 1):
        trace.refuse("HF909", function="np.outer of arrays that have not one axis")
    found: Symbol = one[:, None] * other[None, :]
    return found


def tensordot(trace: Trace, left: Any, right: Any, axes: Any = 2) -> Symbol:
    """The sum of products along pairs of axes, as `np.tensordot`."""
    one, other = trace.symbol(left), trace.symbol(right)
    if isinstance(axes, int):
        pairs = (list(range(one.ndim - axes, one.ndim)), list(range(axes)))
    else:
        pairs = tuple([int(a)] if np.ndim(a) == 0 else list(a) for a in axes)  # type: ignore[assignment]
    first = [chr(97 + position) for position in range(one.ndim)]
    second = [chr(110 + position) for position in range(other.ndim)]
    for here, there in zip(*pairs, strict=True):
        second[there % other.ndim] = first[here % one.ndim]
    output = [letter for letter in first + second if (letter in first) != (letter in second)]
    return einsum(trace, f"{''.join(first)},{''.join(second)}->{''.join(output)}", one, other)


def clip(trace: Trace, value: Any, a_min: Any = None, a_max: Any = None, **named: Any) -> Symbol:
    """`np.clip`: the maximum with the lower bound, then the minimum with the upper one."""
    low, high = named.get("min", a_min), named.get("max", a_max)
    found = trace.symbol(value)
    found = found if low is None else elementwise(trace, "maximum", found, low)
    return found if high is None else elementwise(trace, "minimum", found, high)


def like(number: float | None, trace: Trace, value: Any, fill_value: Any = None, **_options: Any) -> Symbol:
    """`np.zeros_like`, `np.ones_like`, `np.full_like`."""
    symbol = trace.symbol(value)
    filled = shapes.broadcast_to(trace.symbol(number if fill_value is None else fill_value), symbol.shape)
    return Symbol(trace, filled.node, symbol.axes, filled.dimension)


def interp(trace: Trace, x: Any, xs: Any, ys: Any) -> Symbol:
    """`np.interp` on a literal table, which has no units."""
    if isinstance(xs, Symbol) or isinstance(ys, Symbol):
        trace.refuse("HF908", asked="np.interp on a table that is computed")
    symbol = trace.symbol(x)
    _need_pure(trace, "np.interp", symbol)
    return _interpolate(symbol, xs, ys, PURE)


def _plain(function: Callable[..., Symbol]) -> Callable[..., Symbol]:
    """A function of a symbolic array as a function of the trace and whatever was given."""
    return lambda trace, value, *rest, **options: function(trace.symbol(value), *rest, **options)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "where": lambda trace, condition, one, other: elementwise(trace, "where", condition, one, other),
    "clip": clip,
    "sum": lambda trace, value, axis=None, keepdims=False: reduce("sum", trace, value, axis, keepdims=keepdims),
    "max": lambda trace, value, axis=None, keepdims=False: reduce("maximum_of", trace, value, axis, keepdims=keepdims),
    "min": lambda trace, value, axis=None, keepdims=False: reduce("minimum_of", trace, value, axis, keepdims=keepdims),
    "mean": mean,
    "average": average,
    "prod": product,
    "einsum": einsum,
    "tensordot": tensordot,
    "dot": dot,
    "outer": outer,
    "interp": interp,
    "concatenate": shapes.concatenate,
    "stack": shapes.stack,
    "roll": _plain(shapes.roll),
    "flip": _plain(shapes.flip),
    "take": _plain(shapes.take),
    "repeat": _plain(shapes.repeat),
    "diff": lambda trace, value, axis=-1: shapes.diff(trace.symbol(value), axis),
    "transpose": lambda trace, value, axes=None: shapes.transpose(trace.symbol(value), axes),
    "expand_dims": _plain(shapes.expand_dims),
    "broadcast_to": _plain(shapes.broadcast_to),
    "zeros_like": lambda trace, value, **options: like(0.0, trace, value, **options),
    "ones_like": lambda trace, value, **options: like(1.0, trace, value, **options),
    "full_like": lambda trace, value, fill_value, **options: like(None, trace, value, fill_value, **options),
    "shape": lambda trace, value: trace.symbol(value).shape,
    "ndim": lambda trace, value: trace.symbol(value).ndim,
    "size": lambda trace, value: trace.symbol(value).size,
}
FUNCTIONS |= {"amax": FUNCTIONS["max"], "amin": FUNCTIONS["min"]}
DISPATCH = Dispatch(call_ufunc, call_function, shapes.getitem, look_up)
