"""The lifecycle of a resource-based city as two dimensions: how long the resource lasts, how well the city stands."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from headframe.core.errors import HeadframeError
from headframe.methods.checks import complete, same_shape

Class = Literal["growing", "mature", "declining", "regenerating"]
CLASSES: tuple[Class, ...] = get_args(Class)


def class_probabilities(
    security: ArrayLike, sustainability: ArrayLike, security_cut: float, sustainability_cut: float
) -> dict[Class, float]:
    """Share of joint draws in each of the four quadrants of resource security and sustainability. Shares, sum 1.

    growing: security at or above its cut, sustainability below; mature: both at or above; regenerating: security below,
    sustainability at or above; declining: both below. `security` and `sustainability` are joint draws of one city in
    any unit, the cuts in the same unit. Errors: HF150, HF151, HF153, HF156 (a cut that is not finite).
    The two dimensions: Yu, Li and Zhang 2019, Journal of Geographical Sciences 29(8), 1300–1314,
    doi 10.1007/s11442-019-1660-8 (abstract read); the quadrants are our reading of them, not the plan's own rule.
    """
    first, second = complete("security", security), complete("sustainability", sustainability)
    same_shape(("security", "sustainability"), first, second)
    for name, cut in (("security_cut", security_cut), ("sustainability_cut", sustainability_cut)):
        if not np.isfinite(cut):
            raise HeadframeError.of("HF156", name, name=name, value=cut, low="−∞", high="∞")
    lasting, standing = first >= security_cut, second >= sustainability_cut
    quadrants = (lasting & ~standing, lasting & standing, ~lasting & ~standing, ~lasting & standing)
    return {name: float(np.mean(inside)) for name, inside in zip(CLASSES, quadrants, strict=True)}
