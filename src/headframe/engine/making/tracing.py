"""From equations to expressions: each function is called once with symbolic arrays, in the order of computing."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from headframe.core.errors import HeadframeError, Problem, Problems
from headframe.engine.declare import (
    Constant,
    Declaration,
    Equation,
    Event,
    Feedback,
    Stock,
    Structure,
    Table,
    Value,
    Yearly,
)
from headframe.engine.declare import (
    Path as TimePath,
)
from headframe.engine.graph import Graph, Node, inputs_of
from headframe.engine.making.expand import TIME_STEP, initial_equation, rate_unit
from headframe.engine.making.wiring import TIME, of_kind
from headframe.engine.symbolic.dimensions import dimension
from headframe.engine.symbolic.functions import DISPATCH, elementwise
from headframe.engine.symbolic.shapes import describe_axes
from headframe.engine.symbolic.symbol import Symbol, Trace
from headframe.engine.system import Bound, Slots, StockEquations, System

_ENGINE = str(Path(__file__).parents[1])
Scope = dict[str, Any]  # name → symbolic array or table


class Tracer:
    """One tracing of a model: the same graph may be traced again, which must give the same nodes."""

    def __init__(self, declarations: Mapping[str, Declaration], graph: Graph) -> None:
        self.declarations = declarations
        self.trace = Trace(graph, DISPATCH)
        self.problems = Problems()
        self.links = {
            link: feedback.name for feedback in of_kind(declarations, Feedback).values() for link in feedback.links
        }

    def inputs(self) -> Scope:
        """Everything that is given: parameters, paths, constants, tables, the time."""
        scope: Scope = {
            TIME: self._input("time", TIME, (), "year"),
            TIME_STEP: self._input("time_step", "", (), "year"),
        }
        for name, declared in self.declarations.items():
            if isinstance(declared, Constant):
                scope[name] = self._declared(
                    self.trace.constant(np.broadcast_to(declared.default, declared.shape)), declared
                )
            elif isinstance(declared, Value):
                scope[name] = self._input(_kind(declared), name, declared.axes, declared.unit)
            elif isinstance(declared, Structure):
                scope[name] = self._input("parameter", name, (), "1")
            elif isinstance(declared, Table):
                scope[name] = declared
        return scope

    def stocks(self) -> Scope:
        """The state."""
        return {
            name: self._input("stock", name, stock.axes, stock.unit)
            for name, stock in of_kind(self.declarations, Stock).items()
        }

    def _input(self, kind: str, name: str, axes: Any, unit: str) -> Symbol:
        node = self.trace.graph.input(kind, name, tuple(len(axis) for axis in axes))
        self.trace.names.setdefault(node.number, name)
        return Symbol(self.trace, node, tuple(axis.name for axis in axes), dimension(unit))

    def _declared(self, symbol: Symbol, declaration: Declaration) -> Symbol:
        self.trace.names.setdefault(symbol.node.number, declaration.name)
        names = tuple(axis.name for axis in declaration.axes)
        return Symbol(self.trace, symbol.node, names, dimension(declaration.unit))

    def equation(self, equation: Equation, scope: Scope, unit: str, *, cuts: bool = True) -> Symbol:
        """The expression of one equation, checked against what it declares; a placeholder where it cannot be traced."""
        self.trace.variable = equation.name
        try:
            arguments = [self._read(name, equation, scope, cuts=cuts) for name in equation.reads]
            found = self.trace.symbol(equation.function(*arguments))
            return self._fitted(found, equation, unit)
        except HeadframeError as error:
            for problem in error.problems:
                values: dict[str, Any] = dict(problem.values)
                self.problems.add(problem.code, _place(problem, equation), **values)
        except Exception as error:  # noqa: BLE001 — whatever an author's function raises is the author's to see
            self.problems.add("HF910", _line_of(error, equation), variable=equation.name, error=str(error), line="")
        return self._input("parameter", f"({equation.name})", equation.axes, equation.unit)

    def _read(self, name: str, equation: Equation, scope: Scope, *, cuts: bool) -> Any:
        """A variable as an equation reads it: from the base run where the link is cut."""
        switch = self.links.get((name, equation.name)) if cuts else None
        value = scope[name]
        if switch is None:
            return value
        base = Symbol(self.trace, self.trace.graph.input("base", name, value.shape), value.axes, value.dimension)
        return elementwise(self.trace, "where", self._input("switch", switch, (), "1") > 0.5, base, value)

    def _fitted(self, found: Symbol, equation: Equation, unit: str) -> Symbol:
        """The result with the declared axes and unit. Reports HF904 and HF906 where they differ."""
        declared = dimension(unit)
        plain = equation.generated and not equation.reads  # a number given as it is has the unit it is declared with
        if found.dimension is not None and not plain and not found.dimension.agrees(declared):
            self.problems.add(
                "HF904", _definition(equation), variable=equation.name, found=found.dimension, declared=declared
            )
        names = tuple(axis.name for axis in equation.axes)
        named_otherwise = any(
            here is not None and here != there
            for here, there in zip(reversed(found.axes), reversed(names))  # noqa: B905
        )
        try:
            node = self.trace.graph.apply("broadcast", (found.node,), (equation.shape,))
        except ValueError:
            node, named_otherwise = found.node, True
        if named_otherwise:
            shown = ", ".join(f"{axis.name} {len(axis)}" for axis in equation.axes) or "a single number"
            self.problems.add(
                "HF906", _definition(equation), variable=equation.name, found=describe_axes(found), declared=shown
            )
            node = self.trace.graph.input("parameter", f"({equation.name})", equation.shape)
        self.trace.names.setdefault(node.number, equation.name)
        return Symbol(self.trace, node, names, declared)

    def step(self, order: Iterable[str]) -> tuple[Scope, dict[str, Node]]:
        """Every variable in the step, and the net rate of each stock."""
        scope = self.inputs() | self.stocks()
        for name in order:
            equation = self.declarations[name]
            assert isinstance(equation, Equation)
            scope[name] = self.equation(equation, scope, equation.unit)
        rates: dict[str, Node] = {}
        for name, stock in of_kind(self.declarations, Stock).items():
            rate = self.equation(stock, scope, rate_unit(stock.unit))
            for exit_flow in stock.exits:
                rate = elementwise(self.trace, "subtract", rate, scope[exit_flow])
            rates[name] = rate.node
        return scope, rates

    def initial(self, order: Iterable[str]) -> dict[str, Node]:
        """The initial value of each stock; links are whole here, as there is no base run before the start."""
        scope = self.inputs()
        for name in order:
            equation = self.declarations[name]
            assert isinstance(equation, Equation)
            equation = initial_equation(equation) if isinstance(equation, Stock) else equation
            if isinstance(equation, Equation):
                scope[name] = self.equation(equation, scope, equation.unit, cuts=False)
        return {name: scope[name].node for name in of_kind(self.declarations, Stock)}

    def yearly(self, scope: Scope) -> dict[str, Node]:
        """The new value of each stock that is renewed when a year has ended."""
        found = {}
        for yearly in of_kind(self.declarations, Yearly).values():
            found[yearly.stock] = self.equation(yearly, scope, yearly.unit).node
        return found

    def all_problems(self) -> list[Problem]:
        """What stopped equations and what did not, in the order found."""
        return [*self.problems, *self.trace.problems]


def _kind(declared: Declaration) -> str:
    if isinstance(declared, Event):
        return "event"
    return "path" if isinstance(declared, TimePath) else "parameter"


def _definition(equation: Equation) -> str:
    code = getattr(equation.function, "__code__", None)
    return f"{Path(code.co_filename).name}:{code.co_firstlineno}" if code and not equation.generated else equation.name


def _place(problem: Problem, equation: Equation) -> str:
    return problem.where if ":" in problem.where else _definition(equation)


def _line_of(error: Exception, equation: Equation) -> str:
    """The last line outside the engine and NumPy that an exception passed through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(_ENGINE)]
    own = [frame for frame in frames if "numpy" not in frame.filename]
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else _definition(equation)


def traced(
    name: str, declarations: Mapping[str, Declaration], orders: tuple[list[str], list[str]]
) -> tuple[System, list[Problem]]:
    """The system of a model and the problems met on the way; two tracings that differ are one of them (HF914)."""
    graph = Graph()
    first, second = (Tracer(declarations, graph) for _ in range(2))
    scope, rates = first.step(orders[0])
    initial, yearly = first.initial(orders[1]), first.yearly(scope)
    again, rates_again = second.step(orders[0])
    if not first.all_problems():
        initial_again, yearly_again = second.initial(orders[1]), second.yearly(again)
        pairs = [
            (name, scope[name].node, again[name].node) for name in of_kind(declarations, Equation) if name in scope
        ]
        for one, other in ((initial, initial_again), (rates, rates_again), (yearly, yearly_again)):
            pairs += [(key, one[key], other[key]) for key in one]
        for variable in dict.fromkeys(found for found, one, other in pairs if one is not other):
            first.problems.add("HF914", variable, variable=variable)
    variables = {n: scope[n].node for n in of_kind(declarations, Equation) if n in scope}
    return _system(name, declarations, graph, variables, (initial, rates, yearly)), first.all_problems()


def _system(
    name: str,
    declarations: Mapping[str, Declaration],
    graph: Graph,
    variables: dict[str, Node],
    phases: tuple[dict[str, Node], dict[str, Node], dict[str, Node]],
) -> System:
    initial, rates, yearly = phases
    stocks = tuple(
        StockEquations(name, stock.shape, initial[name], rates[name], yearly.get(name))
        for name, stock in of_kind(declarations, Stock).items()
    )
    read = inputs_of([*rates.values(), *variables.values(), *yearly.values()])
    bases = sorted({node.attributes[1] for node in read if node.attributes[0] == "base"})
    bounds = [
        Bound(
            name,
            *(side if side is not None else infinite for side, infinite in zip(limits, (-np.inf, np.inf), strict=True)),
        )
        for name, equation in of_kind(declarations, Equation).items()
        if (limits := equation.bounds or ((None, None) if isinstance(equation, Stock) else None))
    ]
    paths = {n: d for n, d in of_kind(declarations, TimePath).items() if not isinstance(d, Event)}
    return System(
        name=name,
        graph=graph,
        stocks=stocks,
        variables=variables,
        parameters=Slots.of(
            (n, d.shape)
            for n, d in declarations.items()
            if isinstance(d, Value | Structure) and _kind(d) == "parameter" and not isinstance(d, Constant)
        ),
        paths=Slots.of((n, d.shape) for n, d in paths.items()),
        events=Slots.of((n, d.shape) for n, d in of_kind(declarations, Event).items()),
        switches=tuple(of_kind(declarations, Feedback)),
        bases=Slots.of((base, variables[base].shape) for base in bases),
        bounds=tuple(bounds),
        euler_only=any(stock.exits for stock in of_kind(declarations, Stock).values()),
    )
