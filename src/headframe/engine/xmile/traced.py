"""A model traced for people to read: constants by their names, initial values as their authors wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headframe.engine.declare import Constant, Declaration, Parameter, Stock
from headframe.engine.graph import Node
from headframe.engine.making.expand import initial_equation
from headframe.engine.making.tracing import Tracer, traced
from headframe.engine.making.wiring import of_kind
from headframe.engine.symbolic.dimensions import dimension
from headframe.engine.symbolic.symbol import Symbol
from headframe.engine.system import System

if TYPE_CHECKING:
    from headframe.engine.model import Model


def with_constants_named(model: Model) -> tuple[System, dict[str, Node]]:
    """The model's expressions with constants read by name instead of folded in, and where each stock starts.

    The initial values are in terms of other variables at the start, as their authors wrote them.
    """
    declarations = {name: _as_parameter(declared) for name, declared in model.declarations.items()}
    system, _ = traced(model.name, declarations, (model.order, model.order_at_start))
    tracer = Tracer(declarations, system.graph)
    scope = tracer.inputs() | tracer.stocks()
    for name in model.order:
        declared = declarations[name]
        axes = tuple(axis.name for axis in declared.axes)
        scope[name] = Symbol(tracer.trace, system.variables[name], axes, dimension(declared.unit))
    starts = {
        name: tracer.equation(initial_equation(stock), scope, stock.unit, cuts=False).node
        for name, stock in of_kind(declarations, Stock).items()
    }
    return system, starts


def _as_parameter(declared: Declaration) -> Declaration:
    if not isinstance(declared, Constant):
        return declared
    about = {name: getattr(declared, name) for name in ("name", "unit", "axes", "default")}
    return Parameter(**about)
