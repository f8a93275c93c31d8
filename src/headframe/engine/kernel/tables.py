"""Lookup tables on vectors of lanes: linear interpolation on constant points, held at the ends."""

from __future__ import annotations

from itertools import pairwise

from headframe.engine.kernel.vectors import Vectors
from headframe.engine.lowering.program import Table

SUMMED = 12  # a table of up to so many intervals is a sum over them
INFINITE = float("inf")


def look_up(v: Vectors, table: Table, number: int, x: str) -> str:
    """`np.interp(x, table.xs, table.ys)`, in the way that is fastest for the table and the machine."""
    if table.spacing and len(table.xs) <= v.pickable:
        return _picked(v, table, number, x)
    x = v.larger(v.number(table.xs[0]), v.smaller(v.number(table.xs[-1]), x))
    return _summed(v, table, x) if len(table.xs) <= SUMMED + 1 else _searched(v, table, number, x)


def _picked(v: Vectors, table: Table, number: int, x: str) -> str:
    """The middle and the slope of an even interval from registers: middle + slope · (places from the middle)."""
    intervals = len(table.xs) - 1
    # places count from the middle of the first interval, so that rounding finds the interval
    place = v.fused(x, v.number(1.0 / table.spacing), v.number(-0.5 - table.xs[0] / table.spacing))
    place = v.larger(v.number(-0.5), v.smaller(v.number(intervals - 0.5), place))
    magic = v.number(1.5 * 2.0**v.real.mantissa)
    shifted = v.add(place, magic)
    rest = v.subtract(place, v.subtract(shifted, magic))
    middles = [(low + high) / 2.0 for low, high in pairwise(table.ys)]
    slopes = [high - low for low, high in pairwise(table.ys)]
    # rounding may reach the place behind the last interval, which therefore goes on as that one
    behind = v.pickable - intervals
    bits = v.as_bits(shifted)
    middle = v.pick(f"middles{number}", [*middles, *[middles[-1] + slopes[-1]] * behind], bits)
    slope = v.pick(f"slopes{number}", [*slopes, *[slopes[-1]] * behind], bits)
    return v.fused(slope, rest, middle)


def _summed(v: Vectors, table: Table, x: str) -> str:
    """A sum over the intervals, which needs no search: y₀ + Σ slope · (x limited to the interval − its start)."""
    value = v.number(table.ys[0])
    for (start, end), (low, high) in zip(pairwise(table.xs), pairwise(table.ys), strict=True):
        part = v.smaller(v.number(end - start), v.larger(v.number(0.0), v.subtract(x, v.number(start))))
        value = v.fused(part, v.number((high - low) / (end - start)), value)
    return value


def _searched(v: Vectors, table: Table, number: int, x: str) -> str:
    """Interval, start, value and slope from memory, found by halving what remains without a branch."""
    real = v.real
    intervals = len(table.xs) - 1
    size = 1 << (intervals - 1).bit_length()
    starts = [*table.xs[:-1], *[INFINITE] * (size - intervals)]
    slopes = [
        (high - low) / (end - start)
        for (start, end), (low, high) in zip(pairwise(table.xs), pairwise(table.ys), strict=True)
    ]
    index = real.whole(0)
    step = size // 2
    while step:
        further = v.whole("add", index, real.whole(step))
        reached = v.compare("ole", v.gather(f"starts{number}", starts, further), x)
        index = v.code.put(f"select {real.truths} {reached}, {real.integers} {further}, {real.integers} {index}")
        step //= 2
    start = v.gather(f"starts{number}", starts, index)
    value = v.gather(f"values{number}", table.ys, index)
    return v.fused(v.subtract(x, start), v.gather(f"rises{number}", slopes, index), value)
