"""How finely a figure was rounded: the decimal place below which it has nothing but zeros."""

from __future__ import annotations

import numpy as np

from headframe.audit.grid import Floats

FINEST, COARSEST = -6, 9
# Relative error that a conversion between units may leave in a number that was printed with few digits.
SLACK = 1e-9


def grains(values: Floats) -> Floats:
    """For each value the largest power of ten (10⁻⁶ to 10⁹) of which it is a whole multiple; NaN where missing.

    Zero is a multiple of everything and gets the coarsest. A value with more decimals than 10⁻⁶ gets 10⁻⁶.
    """
    known = np.isfinite(values)
    size = np.where(known, np.abs(values), 0.0)
    found = np.full(values.shape, 10.0**FINEST)
    still = known.copy()
    for power in range(FINEST + 1, COARSEST + 1):
        quotient = size / 10.0**power
        # A number of 15 digits has no digits left to tell a multiple by.
        still &= np.abs(quotient - np.rint(quotient)) <= np.maximum(SLACK * quotient, 1e-9)
        found[still] = 10.0**power
    return np.where(known, found, np.nan)


def steps(grain: Floats) -> Floats:
    """The rounding step of each series (last axis): a tenth of its values at most may be finer.

    Values that were filled in often carry more decimals than the others, and must not hide how the others were
    rounded. NaN where a series is empty.
    """
    number = np.isfinite(grain).sum(axis=-1)
    ordered = np.sort(np.where(np.isfinite(grain), grain, np.inf), axis=-1)
    position = np.floor(0.1 * np.maximum(number - 1, 0)).astype(np.int64)
    found = np.take_along_axis(ordered, position[..., None], axis=-1)[..., 0]
    return np.where(number > 0, found, np.nan)
