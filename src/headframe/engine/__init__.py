"""The stock-flow engine: models as small NumPy functions, one expression graph, many ways to compute it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from headframe.engine.backends import fastest
    from headframe.engine.causal.diagram import causal_diagram
    from headframe.engine.causal.links import causal_graph
    from headframe.engine.ensembles.design import Experiment, Setting
    from headframe.engine.ensembles.run import run_ensemble
    from headframe.engine.equations.tables import equation_tables
    from headframe.engine.xmile.write import write as write_xmile

# Names that are loaded when first used, with their module and their name there: what a run does not need costs nothing.
_LATER = {
    "Experiment": ("ensembles.design", "Experiment"),
    "Setting": ("ensembles.design", "Setting"),
    "causal_diagram": ("causal.diagram", "causal_diagram"),
    "causal_graph": ("causal.links", "causal_graph"),
    "equation_tables": ("equations.tables", "equation_tables"),
    "fastest": ("backends", "fastest"),
    "run_ensemble": ("ensembles.run", "run_ensemble"),
    "write_xmile": ("xmile.write", "write"),
}

__all__ = [
    "Events",
    "Experiment",
    "Horizon",
    "Model",
    "Outcomes",
    "Recorded",
    "Runs",
    "Setting",
    "auxiliary",
    "causal_diagram",
    "causal_graph",
    "conserved",
    "constant",
    "delay",
    "equation_tables",
    "event",
    "exogenous",
    "fastest",
    "feedback",
    "flow",
    "lever",
    "parameter",
    "run_ensemble",
    "smooth",
    "stock",
    "structure",
    "table",
    "write_xmile",
    "yearly",
]


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(name)
    module, attribute = _LATER[name]
    return getattr(import_module(f"headframe.engine.{module}"), attribute)
