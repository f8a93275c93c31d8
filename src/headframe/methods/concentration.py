"""How evenly an amount is spread: concentration, diversity and inequality.

All functions take the amounts themselves (output, jobs, revenue) in any one unit and normalise inside, so that the
result has no unit. Functions with `sizes` compare the shares of the amount with the shares of the groups that hold it
(people, area); without `sizes` every group counts the same. Errors of all: HF150 empty, HF151 missing, HF152 negative,
HF153 shapes differ, HF154 nothing to divide by, HF155 too few.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from headframe.core.errors import HeadframeError
from headframe.methods.checks import Vector, positive, same_shape, shares_of, within


def shares(values: ArrayLike) -> Vector:
    """Each amount's share of the total: s_i = x_i / Σx. Range 0 to 1, sum 1."""
    return shares_of("values", values)


def herfindahl_hirschman(values: ArrayLike) -> float:
    """Herfindahl–Hirschman index H = Σ s_i². Range 1/n (all equal) to 1 (all in one); × 10,000 for the index in points.

    Source: Dörsam 2004, as worked in the manual of REAT 3.0.3 (doi 10.32614/CRAN.package.REAT).
    """
    s = shares_of("values", values)
    return float(np.dot(s, s))


def herfindahl_hirschman_normalised(values: ArrayLike) -> float:
    """(H − 1/n) / (1 − 1/n). Range 0 (all n amounts equal) to 1 (one holds everything). Needs n ≥ 2 (HF155).

    Unlike H it can be compared between lists of different length. Source as for `herfindahl_hirschman`.
    """
    s = shares_of("values", values, least=2)
    least = 1.0 / s.size
    return max(0.0, (float(np.dot(s, s)) - least) / (1.0 - least))


def effective_number(values: ArrayLike) -> float:
    """1/H: how many equally large parts would give the same index. Range 1 to n."""
    return 1.0 / herfindahl_hirschman(values)


def shannon_entropy(values: ArrayLike, *, base: float = math.e) -> float:
    """Shannon entropy E = −Σ s_i log s_i, with 0 log 0 = 0. Range 0 (one part) to log n.

    Unit nat for base e, bit for base 2; `base` must exceed 1 (HF156). Independent check: scipy.stats.entropy.
    """
    within("base", base, 1.0, math.inf)
    return _entropy(shares_of("values", values)) / math.log(base)


def shannon_evenness(values: ArrayLike) -> float:
    """E / log n: entropy as a share of the most that n parts allow. Range 0 to 1; needs n ≥ 2 (HF155)."""
    s = shares_of("values", values, least=2)
    return _entropy(s) / math.log(s.size)


def _entropy(s: Vector) -> float:
    present = s[s > 0]
    return max(0.0, float(-np.dot(present, np.log(present))))


class EntropyParts(NamedTuple):
    """Diversity split at the level of groups; `total` = `between` + `within`, in nats."""

    total: float
    between: float
    within: float


def entropy_decomposition(values: ArrayLike, groups: Sequence[Hashable]) -> EntropyParts:
    """Theil's entropy decomposition of diversity: Σ s log 1/s = Σ_g S_g log 1/S_g + Σ_g S_g H_g.

    `between` is the entropy of the groups' shares S_g (unrelated variety when groups are broad sectors), `within` the
    weighted mean of the entropies H_g inside the groups (related variety). In nats; range of each part 0 to the log of
    its number of classes. `groups` gives one label per value (HF153). The identity itself is tested.
    """
    s = shares_of("values", values)
    if len(groups) != s.size:
        raise HeadframeError.of("HF153", "groups", name="groups", shape=(len(groups),), expected=f"{s.shape} (values)")
    number = {label: index for index, label in enumerate(dict.fromkeys(groups))}
    between = np.zeros(len(number))
    np.add.at(between, [number[label] for label in groups], s)
    total, among = _entropy(s), _entropy(between)
    return EntropyParts(total, among, max(0.0, total - among))


def _pair(values: ArrayLike, sizes: ArrayLike | None) -> tuple[Vector, Vector]:
    y = shares_of("values", values)
    if sizes is None:
        return y, np.full(y.size, 1.0 / y.size)
    x = shares_of("sizes", positive("sizes", sizes))
    same_shape(("values", "sizes"), y, x)
    return y, x


def theil_index(values: ArrayLike, sizes: ArrayLike | None = None) -> float:
    """Theil index T = Σ y_i ln(y_i / x_i), y shares of the amount, x shares of the groups. Range 0 to ln(1/min x).

    Theil's first measure (T); his second is `mean_log_deviation`, and some books call that one the Theil index.
    Independent check: inequality (PySAL).
    """
    y, x = _pair(values, sizes)
    held = y > 0
    return max(0.0, float(np.dot(y[held], np.log(y[held] / x[held]))))


def mean_log_deviation(values: ArrayLike, sizes: ArrayLike | None = None) -> float:
    """Mean logarithmic deviation L = Σ x_i ln(x_i / y_i), Theil's second measure. Range 0 to ∞; all amounts positive.

    A group that holds nothing makes it infinite, which is refused (HF154).
    Source: Störmann 2009, worked under the name of Theil in the manual of REAT 3.0.3.
    """
    y, x = _pair(positive("values", values), sizes)
    return max(0.0, float(np.dot(x, np.log(x / y))))


def lorenz_curve(values: ArrayLike, sizes: ArrayLike | None = None) -> tuple[Vector, Vector]:
    """Cumulative shares of groups and amount, groups in rising order of amount per size. Range 0 to 1."""
    y, x = _pair(values, sizes)
    order = np.argsort(y / x, kind="stable")
    zero = np.zeros(1)
    return np.concatenate([zero, np.cumsum(x[order])]), np.concatenate([zero, np.cumsum(y[order])])


def gini_coefficient(values: ArrayLike, sizes: ArrayLike | None = None, *, corrected: bool = False) -> float:
    """Gini coefficient: twice the area between Lorenz curve and diagonal, G = 1 − Σ Δx_i (y_i + y_{i−1}).

    Range 0 to 1 − min x (to 1 − 1/n without sizes). `corrected` multiplies by n/(n−1), so that 1 is reached when one of
    n equal units holds everything; it needs n ≥ 2 (HF155) and, with sizes, is not defined (HF156).
    Source: Dörsam 2004, worked in the manual of REAT 3.0.3; independent check: inequality (PySAL).
    """
    x, y = lorenz_curve(values, sizes)
    gini = max(0.0, 1.0 - float(np.dot(np.diff(x), y[1:] + y[:-1])))
    if not corrected:
        return gini
    if sizes is not None:
        raise HeadframeError.of("HF156", "corrected", name="corrected", value=True, low=False, high=False)
    n = x.size - 1
    if n < 2:
        raise HeadframeError.of("HF155", "values", name="values", count=n, least=2)
    return gini * n / (n - 1)


def hoover_index(values: ArrayLike, sizes: ArrayLike | None = None) -> float:
    """Hoover (Robin Hood) index ½ Σ |y_i − x_i|: the share of the amount to be moved for equality.

    Range 0 to 1 − min x. Source: Huang and Leung 2009, worked in the manual of REAT 3.0.3.
    """
    y, x = _pair(values, sizes)
    return 0.5 * float(np.abs(y - x).sum())
