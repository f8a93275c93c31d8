"""Systems made by hand for tests of backends: equations in NumPy on symbolic arrays, without declarations or units."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from headframe.engine.graph import Graph
from headframe.engine.operations import Shape
from headframe.engine.runs import Events, Horizon, Runs, constant_paths
from headframe.engine.symbolic.functions import DISPATCH
from headframe.engine.symbolic.symbol import Symbol, Trace
from headframe.engine.system import Bound, Slots, StockEquations, System

Layout = Mapping[str, Shape]
Written = Mapping[str, Any]


def system(
    stocks: Layout,
    initial: Callable[[Any], Written],
    rates: Callable[[Any], Written],
    *,
    variables: Callable[[Any], Written] = lambda _: {},
    yearly: Callable[[Any], Written] = lambda _: {},
    parameters: Layout | None = None,
    paths: Layout | None = None,
    events: Layout | None = None,
    switches: Sequence[str] = (),
    bases: Layout | None = None,
    bounds: Sequence[Bound] = (),
    euler_only: bool = False,
) -> System:
    """A system whose equations read `v.name`, `v.cut_name`, `v.base_name`, `v.time` and `v.time_step`."""
    graph = Graph()
    trace = Trace(graph, DISPATCH)

    def symbol(kind: str, name: str, shape: Shape = ()) -> Symbol:
        return Symbol(trace, graph.input(kind, name, shape), (None,) * len(shape), None)

    laid_out = {"parameter": parameters or {}, "path": paths or {}, "event": events or {}, "stock": stocks}
    v = SimpleNamespace(time=symbol("time", "time"), time_step=symbol("time_step", "time_step"))
    for kind, layout in laid_out.items():
        for name, shape in layout.items():
            setattr(v, name, symbol(kind, name, shape))
    for name in switches:
        setattr(v, f"cut_{name}", symbol("switch", name))
    for name, shape in (bases or {}).items():
        setattr(v, f"base_{name}", symbol("base", name, shape))

    def node(value: Any, shape: Shape | None = None) -> Any:
        found = trace.symbol(value)
        return (found if shape is None else np.broadcast_to(found, shape)).node

    begun, moved, renewed, named = initial(v), rates(v), yearly(v), variables(v)
    equations = tuple(
        StockEquations(
            name,
            shape,
            node(begun[name], shape),
            node(moved[name], shape),
            node(renewed[name], shape) if name in renewed else None,
        )
        for name, shape in stocks.items()
    )
    return System(
        "by hand",
        graph,
        equations,
        {name: node(getattr(v, name)) for name in stocks} | {name: node(value) for name, value in named.items()},
        *(Slots.of(laid_out[kind].items()) for kind in ("parameter", "path", "event")),
        tuple(switches),
        Slots.of((bases or {}).items()),
        tuple(bounds),
        euler_only,
    )


def runs(
    made: System,
    horizon: Horizon,
    parameters: Any = None,
    *,
    count: int | None = None,
    paths: Any = None,
    path_set: Any = None,
    events: Events | None = None,
    cuts: Any = None,
) -> Runs:
    """Inputs for a system made by hand: `parameters` (runs, rows); what is not given is zero everywhere."""
    rows = np.zeros((count or 1, 0)) if parameters is None else np.asarray(parameters, dtype=np.float64)
    number = len(rows)
    return Runs(
        rows,
        constant_paths(horizon, np.zeros(made.paths.rows)) if paths is None else np.asarray(paths, dtype=np.float64),
        np.zeros(number, np.int32) if path_set is None else np.asarray(path_set, np.int32),
        Events.none(number) if events is None else events,
        np.zeros((number, len(made.switches)), np.bool_) if cuts is None else np.asarray(cuts, np.bool_),
    )
