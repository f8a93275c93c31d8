"""Checks that the methods share: complete, non-negative, matching arrays, with the error family of the product.

The functions that the engine traces (`indices.min_max`, `indices.arithmetic_mean` …) use none of these, because a
check is a branch on a value.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headframe.core.errors import HeadframeError

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


def complete(name: str, values: ArrayLike, *, dimensions: int = 1, least: int = 1) -> NDArray[np.float64]:
    """`values` as a finite float64 array of the given number of dimensions with at least `least` entries per row.

    Errors: HF150 empty, HF151 missing or infinite, HF153 other number of dimensions, HF155 too few.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != dimensions:
        raise HeadframeError.of("HF153", name, name=name, shape=array.shape, expected=f"{dimensions}-d")
    if array.size == 0:
        raise HeadframeError.of("HF150", name, name=name)
    missing = int(np.count_nonzero(~np.isfinite(array)))
    if missing:
        raise HeadframeError.of("HF151", name, name=name, count=missing)
    if array.shape[-1] < least:
        raise HeadframeError.of("HF155", name, name=name, count=array.shape[-1], least=least)
    return array


def amounts(name: str, values: ArrayLike, *, dimensions: int = 1, least: int = 1) -> NDArray[np.float64]:
    """As `complete`, and none negative (HF152)."""
    array = complete(name, values, dimensions=dimensions, least=least)
    if np.any(array < 0):
        raise HeadframeError.of("HF152", name, name=name, lowest=float(array.min()))
    return array


def positive(name: str, values: ArrayLike, *, dimensions: int = 1, least: int = 1) -> NDArray[np.float64]:
    """As `complete`, and all above zero (HF154)."""
    array = amounts(name, values, dimensions=dimensions, least=least)
    if np.any(array == 0):
        raise HeadframeError.of("HF154", name, name=name)
    return array


def shares_of(name: str, values: ArrayLike, *, least: int = 1) -> Vector:
    """Non-negative values divided by their sum; HF154 if the sum is zero."""
    array = amounts(name, values, least=least)
    # Dividing by the largest first keeps sums of huge or tiny numbers finite.
    largest = float(array.max())
    if largest == 0:
        raise HeadframeError.of("HF154", name, name=name)
    scaled = array / largest
    return np.asarray(scaled / scaled.sum(), dtype=np.float64)


def same_shape(names: tuple[str, ...], *arrays: NDArray[np.float64]) -> None:
    """HF153 unless all arrays have the shape of the first."""
    for name, array in zip(names[1:], arrays[1:], strict=True):
        if array.shape != arrays[0].shape:
            raise HeadframeError.of(
                "HF153", name, name=name, shape=array.shape, expected=f"{arrays[0].shape} ({names[0]})"
            )


def within(name: str, value: float, low: float, high: float) -> float:
    """`value` if it lies strictly between `low` and `high`, else HF156."""
    number = float(value)
    if not low < number < high:
        raise HeadframeError.of("HF156", name, name=name, value=value, low=low, high=high)
    return number
