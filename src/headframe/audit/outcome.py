"""What a detector hands back: findings, what it could check, and how it decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headframe.audit.grid import Grid
from headframe.audit.options import AuditOptions
from headframe.audit.results import Checked, Curve, Finding, Step


@dataclass(frozen=True)
class Outcome:
    """Findings, coverage by column, the steps that led to the list, and curves of sensitivity where there are some."""

    findings: tuple[Finding, ...] = ()
    coverage: tuple[Checked, ...] = ()
    steps: tuple[Step, ...] = ()
    curves: tuple[Curve, ...] = ()


Detector = Callable[[Grid, AuditOptions], Outcome]


def covered(
    grid: Grid, detector: str, checked: NDArray[np.int64], known: NDArray[np.int64], why: str
) -> tuple[Checked, ...]:
    """Coverage by column from counts of cells (place, column): checked, and known; `why` names the gap."""
    found = []
    for number, head in enumerate(grid.columns):
        have, done = int(known[:, number].sum()), int(checked[:, number].sum())
        found.append(
            Checked(
                detector=detector,
                indicator=head.indicator,
                dims=head.dims,
                concept=head.concept,
                checked=done,
                unchecked=have - done,
                why=why if have > done else "",
            )
        )
    return tuple(found)
