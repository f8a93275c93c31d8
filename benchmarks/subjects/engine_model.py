"""The model of the engine's benchmark: the medium model of the tests, or a small one for a sample."""

from __future__ import annotations

from importlib import import_module
from typing import Any

MEDIUM = (
    *("gross_product", "population", "unemployment_rate", "wage_index", "debt_ratio", "depletion", "amenity_index"),
    *("concentration", "talent", "savings", "output", "employed_by_occupation"),
)


def described(name: str, *, anew: bool = False) -> tuple[Any, Any, Any]:
    """The model, its horizon and the outcomes that are recorded once a year; made again where that is asked."""
    from headframe.engine import Horizon

    if name == "medium":
        source = import_module("tests.engine.models.medium")
        model = source.medium.__wrapped__() if anew else source.medium()
        return model, source.HORIZON, model.outcomes(MEDIUM)
    collect = import_module("tests.engine.models.collect")
    model = collect.textbook.__wrapped__(name) if anew else collect.textbook(name)
    return model, Horizon(0.0, 10.0, 8, 8), model.outcomes()
