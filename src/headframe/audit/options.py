"""What an audit can be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class AuditOptions:
    """The choices of an audit.

    `rate`: the share of false findings allowed among the listed ones of each detector that tests chances.
    `alarm`: the share of places elsewhere that the threshold for breaks may list.
    `groups`: the province of each place of a panel. `targets`: the published growth target in per cent, by group and
    year (group `` for all places). `detectors`: which to run (empty: all). Which figures are held against which others
    is catalogue data (`catalog/audit.yaml`).
    """

    rate: float = 0.05
    alarm: float = 0.01
    groups: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[tuple[str, int], float] = field(default_factory=dict)
    detectors: tuple[str, ...] = ()
