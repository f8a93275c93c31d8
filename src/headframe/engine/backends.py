"""The fastest way to compute ensembles on this machine."""

from __future__ import annotations

from collections.abc import Callable

from headframe.engine.runs import Backend, Horizon, Outcomes
from headframe.engine.system import System


def fastest(system: System, horizon: Horizon, outcomes: Outcomes) -> Callable[[], Backend]:
    """What makes a backend, one for each thread that asks: compiled code, or NumPy where nothing can be compiled."""

    def made() -> Backend:
        from headframe.engine.batch.backend import Batch
        from headframe.engine.kernel.backend import Kernel, available

        return Kernel(system, horizon, outcomes) if available() else Batch(system, horizon, outcomes)

    return made
