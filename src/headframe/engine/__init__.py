"""The stock-flow engine: models as small NumPy functions, one expression graph, many ways to compute it."""

from headframe.engine.declare import (
    auxiliary,
    conserved,
    constant,
    delay,
    event,
    exogenous,
    feedback,
    flow,
    lever,
    parameter,
    smooth,
    stock,
    structure,
    table,
    yearly,
)
from headframe.engine.model import Model
from headframe.engine.runs import Events, Horizon, Outcomes, Recorded, Runs

__all__ = [
    "Events",
    "Horizon",
    "Model",
    "Outcomes",
    "Recorded",
    "Runs",
    "auxiliary",
    "conserved",
    "constant",
    "delay",
    "event",
    "exogenous",
    "feedback",
    "flow",
    "lever",
    "parameter",
    "smooth",
    "stock",
    "structure",
    "table",
    "yearly",
]
