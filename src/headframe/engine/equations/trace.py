"""One equation by itself: its function traced in a graph of its own, in terms of exactly the names that it reads.

In the graph of a model equal expressions are one node and constants are folded, so that a node does not say by which
name an equation came to it. Here every name that is read is an input of its own: two variables with the same
expression stay two, declared constants and tables keep their names, and nothing appears that is not read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headframe.engine.declare import Declaration, Equation, Stock, Table
from headframe.engine.graph import Graph, Node
from headframe.engine.making.expand import TIME_STEP
from headframe.engine.making.wiring import TIME
from headframe.engine.symbolic.functions import DISPATCH
from headframe.engine.symbolic.symbol import Symbol, Trace

Points = tuple[tuple[float, ...], tuple[float, ...]]
Written = Callable[..., Any]  # a function of a place to note parts by name, and of an equation's arguments
_TINY = 5e-324  # the least number there is: no author writes a table of such points


@dataclass(frozen=True, eq=False)
class Traced:
    """An equation's expression: `root` over `inputs` (name → input node), with the tables that it looks up.

    `tables` gives the table for the points that stand in an `interpolate` node; `noted` are nodes that are to be
    written by a name of their own.
    """

    graph: Graph
    root: Node
    inputs: Mapping[str, Node]
    tables: Mapping[Points, Table]
    noted: Mapping[int, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Named(Table):
    """A table that leaves a mark of its own in the graph, so that tables with equal points stay apart."""

    mark: Points = ((), ())

    def __call__(self, x: Any) -> Any:
        if isinstance(x, Symbol) and x.node.operation == "constant":
            value = np.interp(x.node.value, self.xs, self.ys)
            return Symbol(x.trace, x.trace.graph.constant(value), x.axes, None)
        if isinstance(x, Symbol):
            return x.look_up(replace(self, xs=self.mark[0], ys=self.mark[1], unit="1", x_unit="1"))
        return super().__call__(x)


def trace(declarations: Mapping[str, Declaration], equation: Equation, written: Written | None = None) -> Traced:
    """The expression of an equation, or of another form of it of the same `reads`, broadcast to its declared axes."""
    graph = Graph()
    tracing = Trace(graph, DISPATCH)
    tracing.variable = equation.name
    tables: dict[Points, Table] = {}
    inputs: dict[str, Node] = {}
    arguments: list[Any] = []
    for name in equation.reads:
        declared = declarations.get(name)
        if isinstance(declared, Table):
            mark: Points = ((0.0, _TINY), (_TINY * (len(tables) + 1), -_TINY))
            tables[mark] = declared
            values = {field: getattr(declared, field) for field in ("name", "xs", "ys", "unit", "x_unit")}
            arguments.append(_Named(mark=mark, **values))
        else:
            arguments.append(_argument(tracing, inputs, name, declared))
    noted: dict[str, Symbol] = {}
    found = tracing.symbol(equation.function(*arguments) if written is None else written(noted, *arguments))
    root = graph.apply("broadcast", (found.node,), (equation.shape,))
    return Traced(graph, root, inputs, tables, {symbol.node.number: name for name, symbol in noted.items()})


def _argument(tracing: Trace, inputs: dict[str, Node], name: str, declared: Declaration | None) -> Symbol:
    """A name as its equation receives it; units were checked when the model was made."""
    axes = declared.axes if declared is not None and name not in (TIME, TIME_STEP) else ()
    node = tracing.graph.input("parameter", name, tuple(len(axis) for axis in axes))
    inputs[name] = node
    return Symbol(tracing, node, tuple(axis.name for axis in axes), None)


def net_rate(stock: Stock) -> Equation:
    """The net rate of a stock with its exits taken off, as one equation that reads them too."""
    exits = tuple(stock.exits)
    reads = stock.reads

    def rate(*arguments: Any) -> Any:
        found = stock.function(*arguments[: len(reads)])
        for leaving in arguments[len(reads) :]:
            found = found - leaving
        return found

    return replace(stock, function=rate, reads=(*reads, *exits)) if exits else stock


def exit_of(declarations: Mapping[str, Declaration], name: str) -> tuple[Stock, int] | None:
    """The stock that a flow is an exit of, and which of its exits."""
    for declared in declarations.values():
        if isinstance(declared, Stock) and name in declared.exits:
            return declared, list(declared.exits).index(name)
    return None


def exit_in_closed_form(stock: Stock, chosen: int) -> Written:
    """An exit as a textbook writes it, for the same arguments: `remaining · h/H · (1 − e^(−H Δt)) / Δt`.

    `remaining` is the stock less what the flows in `after` take in the step; it is undefined where H = 0, where the
    engine's own form gives 0.
    """
    count = len(stock.exits)

    def leaving(noted: dict[str, Any], held: Any, *rest: Any) -> Any:
        hazards, taken, step = rest[:count], rest[count:-1], rest[-1]
        total = hazards[0]
        for hazard in hazards[1:]:
            total = total + hazard
        remaining = held
        if taken:
            used = taken[0]
            for flow in taken[1:]:
                used = used + flow
            remaining = held - step * used
        gone = (1.0 - np.exp(-(total * step))) / step
        if count == 1:
            return remaining * gone
        noted["H"] = total
        return remaining * (hazards[chosen] / total) * gone

    return leaving
