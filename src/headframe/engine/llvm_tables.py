"""Lookup tables on vectors of lanes: linear interpolation on constant points, held at the ends."""

from __future__ import annotations

from headframe.engine.llvm_vectors import Vectors
from headframe.engine.lower_program import Table


def look_up(v: Vectors, table: Table, x: str) -> str:
    """`np.interp(x, table.xs, table.ys)`.

    As a sum over the intervals: y₀ + Σ slope · (x limited to the interval − its start), which needs no search.
    """
    value = v.number(table.ys[0])
    bounded = v.larger(v.number(table.xs[0]), v.smaller(v.number(table.xs[-1]), x))
    for start, end, low, high in zip(table.xs, table.xs[1:], table.ys, table.ys[1:], strict=False):
        width = end - start
        part = v.smaller(v.number(width), v.larger(v.number(0.0), v.subtract(bounded, v.number(start))))
        value = v.fused(part, v.number((high - low) / width), value)
    return value
