"""Many tests at once: which chances are small enough to be listed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headframe.audit.grid import Floats


def threshold(chances: Floats, rate: float) -> float:
    """The largest chance that is listed when at most `rate` of the listed ones may be false (Benjamini, Hochberg).

    With p₍₁₎ ≤ … ≤ p₍ₙ₎: the largest p₍ᵢ₎ ≤ rate·i/n; 0 where there is none. Holds for independent tests and for tests
    that are positively dependent, such as runs that overlap; NaN counts as no test.
    """
    ordered = np.sort(chances[np.isfinite(chances)])
    if not ordered.size:
        return 0.0
    passed = np.flatnonzero(ordered <= rate * np.arange(1, ordered.size + 1) / ordered.size)
    return float(ordered[passed[-1]]) if passed.size else 0.0


def thresholds(chances: Sequence[Floats], rate: float) -> tuple[Floats, float]:
    """The threshold of each family of tests (a column): its own, and no more than that of all families together.

    The first keeps a column without faults from being listed because others are full of them; the second keeps many
    small families from adding up their false findings. Returns the families' thresholds and that of all together.
    """
    together = threshold(np.concatenate(chances), rate) if chances else 0.0
    return np.array([min(together, threshold(family, rate)) for family in chances]), together
