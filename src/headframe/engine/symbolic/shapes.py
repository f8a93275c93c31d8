"""Indexing, joining and rearranging symbolic arrays, with the names of their axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from headframe.engine.graph import Node
from headframe.engine.symbolic.symbol import Axes, Symbol, Trace


def aligned_axes(trace: Trace, symbols: Sequence[Symbol]) -> Axes:
    """Names of the axes of a broadcast result. Reports HF905 where arrays meet along different axes."""
    rank = max(symbol.ndim for symbol in symbols)
    found: list[str | None] = [None] * rank
    for position in range(1, rank + 1):
        meeting = [s for s in symbols if s.ndim >= position and s.shape[-position] != 1]
        lengths = {symbol.shape[-position] for symbol in meeting}
        names = {symbol.axes[-position] for symbol in meeting} - {None}
        if len(lengths) > 1 or len(names) > 1:
            shown = " × ".join(describe_axes(symbol) for symbol in symbols)
            if len(lengths) > 1:
                trace.refuse("HF905", shown=shown)
            trace.report("HF905", shown=shown)
        found[-position] = min(names, default=None)  # type: ignore[type-var]
    return tuple(found)


def describe_axes(symbol: Symbol) -> str:
    """An array's axes in words: `people (age 4, sex 2)`."""
    axes = ", ".join(f"{name or '?'} {length}" for name, length in zip(symbol.axes, symbol.shape, strict=True))
    name = symbol.trace.names.get(symbol.node.number, "…")
    return f"{name} ({axes or 'a single number'})"


def getitem(symbol: Symbol, key: Any) -> Symbol:
    """`symbol[key]` with slices, integers, new axes, an ellipsis, and constant lists of indices or truth values."""
    trace = symbol.trace
    entries = list(key) if isinstance(key, tuple) else [key]
    if any(isinstance(entry, Symbol) for entry in entries):
        trace.refuse("HF908", asked="an index that is computed")
    used = sum(entry is not None and entry is not Ellipsis for entry in entries)
    if Ellipsis in [entry for entry in entries if not isinstance(entry, np.ndarray | list)]:
        position = next(i for i, entry in enumerate(entries) if entry is Ellipsis)
        entries[position : position + 1] = [slice(None)] * (symbol.ndim - used)
    entries += [slice(None)] * (symbol.ndim - sum(entry is not None for entry in entries))
    if sum(entry is not None for entry in entries) > symbol.ndim:
        trace.refuse("HF910", error=f"too many indices for {describe_axes(symbol)}")
    return _indexed(symbol, entries)


def _indexed(symbol: Symbol, entries: list[Any]) -> Symbol:
    """Lists first, by `take`; the rest in one `index`."""
    trace, node = symbol.trace, symbol.node
    axes: list[str | None] = []
    simple: list[tuple[Any, ...]] = []
    axis, lists = 0, 0
    for entry in entries:
        if entry is None:
            simple.append(("new",))
            axes.append(None)
            continue
        length = symbol.shape[axis]
        if isinstance(entry, slice):
            start, _, step = entry.indices(length)
            count = len(range(*entry.indices(length)))
            simple.append(("slice", start if count else 0, step if count > 1 else 1, count))
            axes.append(symbol.axes[axis] if count == length and step == 1 else None)
        elif isinstance(entry, int | np.integer) and not isinstance(entry, bool):
            if not -length <= entry < length:
                trace.refuse("HF910", error=f"index {entry} of {describe_axes(symbol)}")
            simple.append(("integer", int(entry) % length))
        else:
            indices = _constant_indices(trace, entry, length)
            node = trace.graph.apply("take", (node,), (axis, indices))
            simple.append(("slice", 0, 1, len(indices)))
            axes.append(None)
            lists += 1
        axis += 1
    if lists > 1:
        trace.refuse("HF908", asked="two lists of indices at once (take one axis after the other)")
    return Symbol(trace, trace.graph.apply("index", (node,), tuple(simple)), tuple(axes), symbol.dimension)


def _constant_indices(trace: Trace, entry: Any, length: int) -> tuple[int, ...]:
    array = np.asarray(entry)
    if array.ndim != 1 or array.dtype.kind not in "biu" or (array.dtype.kind == "b" and len(array) != length):
        trace.refuse("HF908", asked=f"the index {entry!r:.40}")
    indices = np.flatnonzero(array) if array.dtype.kind == "b" else array
    if ((indices < -length) | (indices >= length)).any():
        trace.refuse("HF910", error=f"index {entry!r:.40} of an axis of {length}")
    return tuple(int(index) % length for index in indices)


def positive_axes(symbol: Symbol, axis: Any) -> tuple[int, ...]:
    """The axes that an `axis` argument means, all for None."""
    if axis is None:
        return tuple(range(symbol.ndim))
    listed: Iterable[int] = axis if isinstance(axis, tuple) else (axis,)
    return tuple(sorted(np.lib.array_utils.normalize_axis_index(int(one), symbol.ndim) for one in listed))


def view(symbol: Symbol, operation: str, attributes: tuple[Any, ...], axes: Axes) -> Symbol:
    """The same values arranged otherwise."""
    node: Node = symbol.trace.graph.apply(operation, (symbol.node,), attributes)
    return Symbol(symbol.trace, node, axes, symbol.dimension)


def transpose(symbol: Symbol, order: Any = None) -> Symbol:
    """The axes in another order, as `np.transpose`."""
    if order is not None and len(order) == 1 and isinstance(order[0], tuple | list):
        order = order[0]
    chosen = tuple(reversed(range(symbol.ndim))) if order is None else tuple(int(axis) % symbol.ndim for axis in order)
    return view(symbol, "transpose", (chosen,), tuple(symbol.axes[axis] for axis in chosen))


def expand_dims(symbol: Symbol, axis: int) -> Symbol:
    """`np.expand_dims` for one axis."""
    position = axis % (symbol.ndim + 1)
    return symbol[(*(slice(None),) * position, None)]


def broadcast_to(symbol: Symbol, shape: int | Sequence[int]) -> Symbol:
    """The values repeated along new axes, as `np.broadcast_to`."""
    wanted = (int(shape),) if isinstance(shape, int | np.integer) else tuple(map(int, shape))
    np.broadcast_shapes(symbol.shape, wanted)
    extra = len(wanted) - symbol.ndim
    kept = [name if length == new else None for name, length, new in zip(symbol.axes, symbol.shape, wanted[extra:])]  # noqa: B905
    return view(symbol, "broadcast", (wanted,), (None,) * extra + tuple(kept))


def concatenate(trace: Trace, parts: Sequence[Any], axis: int = 0) -> Symbol:
    """`np.concatenate`; the joined axis has no name until a variable gives it one."""
    symbols = [trace.symbol(part) for part in parts]
    position = np.lib.array_utils.normalize_axis_index(axis, symbols[0].ndim)
    dimension = same_unit(trace, symbols, "np.concatenate")
    node = trace.graph.apply("concatenate", tuple(symbol.node for symbol in symbols), (position,))
    others = aligned_axes(trace, [symbol[_one_of(position)] for symbol in symbols])
    return Symbol(trace, node, (*others[:position], None, *others[position + 1 :]), dimension)


def _one_of(position: int) -> tuple[slice, ...]:
    return (*(slice(None),) * position, slice(0, 1))


def stack(trace: Trace, parts: Sequence[Any], axis: int = 0) -> Symbol:
    """Arrays joined along a new axis, as `np.stack`."""
    symbols = [trace.symbol(part) for part in parts]
    position = axis % (max(symbol.ndim for symbol in symbols) + 1)
    return concatenate(trace, [expand_dims(symbol, position) for symbol in symbols], position)


def roll(symbol: Symbol, shift: int, axis: int | None = None) -> Symbol:
    """`np.roll` along one axis."""
    if axis is None and symbol.ndim != 1:
        symbol.trace.refuse("HF909", function="np.roll without an axis")
    position = 0 if axis is None else axis % symbol.ndim
    length = symbol.shape[position]
    indices = tuple((index - shift) % length for index in range(length))
    return view(symbol, "take", (position, indices), _without_name(symbol.axes, position))


def flip(symbol: Symbol, axis: int | None = None) -> Symbol:
    """`np.flip` along one axis, or all."""
    flipped = positive_axes(symbol, axis)
    return symbol[tuple(slice(None, None, -1) if one in flipped else slice(None) for one in range(symbol.ndim))]


def take(symbol: Symbol, indices: Any, axis: int | None = None) -> Symbol:
    """`np.take` with constant indices along one axis."""
    position = 0 if axis is None and symbol.ndim == 1 else (axis or 0) % symbol.ndim
    return getitem(symbol, (*(slice(None),) * position, indices))


def repeat(symbol: Symbol, times: Any, axis: int | None = None) -> Symbol:
    """`np.repeat` with constant counts along one axis."""
    position = 0 if axis is None else axis % symbol.ndim
    indices = np.repeat(np.arange(symbol.shape[position]), times)
    return take(symbol, indices, position)


def diff(symbol: Symbol, axis: int = -1) -> Symbol:
    """`np.diff` of first order."""
    before = (slice(None),) * (axis % symbol.ndim)
    later: Symbol = symbol[(*before, slice(1, None))]
    found: Symbol = later - symbol[(*before, slice(None, -1))]
    return found


def _without_name(axes: Axes, position: int) -> Axes:
    return tuple(None if index == position else name for index, name in enumerate(axes))


def same_unit(trace: Trace, symbols: Sequence[Symbol], operation: str) -> Any:
    """The unit that all share. Reports HF903 with both sides where two differ."""
    known = [symbol for symbol in symbols if symbol.dimension is not None]
    for other in known[1:]:
        if not known[0].dimension.agrees(other.dimension):  # type: ignore[union-attr, arg-type]
            trace.report("HF903", operation=operation, one=trace.describe(known[0]), other=trace.describe(other))
            return None
    return known[0].dimension if known else None
