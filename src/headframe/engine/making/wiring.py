"""How names wire themselves: what reads what, in which order to compute, and what does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from headframe.core.errors import Problems, did_you_mean
from headframe.engine.declare import (
    Conserved,
    Declaration,
    Equation,
    Feedback,
    Flow,
    Stock,
    Structure,
    Table,
    Value,
    Yearly,
)
from headframe.engine.making.expand import TIME_STEP, initial_equation

TIME = "time"
RESERVED = (TIME, TIME_STEP)
Kind = TypeVar("Kind", bound=Declaration)


def of_kind(declarations: Mapping[str, Declaration], kind: type[Kind]) -> dict[str, Kind]:
    """The declarations of one kind, in order."""
    return {name: found for name, found in declarations.items() if isinstance(found, kind)}


def readable(declaration: Declaration) -> bool:
    """Whether equations may read it."""
    return isinstance(declaration, Value | Structure | Table | Equation) and not isinstance(declaration, Yearly)


def check_wiring(declarations: Mapping[str, Declaration], problems: Problems) -> None:
    """Every reader finds what it reads, every flow moves a stock, every stock is moved, every link is there."""
    known = [name for name, found in declarations.items() if readable(found)]
    for name, equation in of_kind(declarations, Equation).items():
        own = (TIME, TIME_STEP) if equation.generated else (TIME,)
        _check_names(problems, name, equation.reads, [*known, *own])
    for name, stock in of_kind(declarations, Stock).items():
        needed = [read for read in initial_equation(stock).reads if read not in stock.reads]
        _check_names(problems, f"{name} (initial)", needed, [*known, TIME])
    _check_flows(declarations, problems)
    _check_yearly(declarations, problems)
    for name, feedback in of_kind(declarations, Feedback).items():
        for source, target in feedback.links:
            reader = declarations.get(target)
            reads = reader.reads if isinstance(reader, Equation) else ()
            if source not in reads or not isinstance(declarations.get(source), Equation):
                problems.add("HF920", name, source=source, target=target, reads=", ".join(reads) or "—")
    for name, total in of_kind(declarations, Conserved).items():
        _check_names(problems, name, total.stocks, list(of_kind(declarations, Stock)))
        _check_names(problems, name, (*total.gains, *total.losses), list(of_kind(declarations, Equation)))


def _check_names(problems: Problems, where: str, names: Iterable[str], known: list[str]) -> None:
    for name in names:
        if name not in known:
            near = did_you_mean(name, known)
            problems.add("HF901", where, name=name, suggestion=near or ", ".join(known[:8]))


def _check_flows(declarations: Mapping[str, Declaration], problems: Problems) -> None:
    """A flow moves a stock by being read in its rate, directly or through an auxiliary that adds flows up."""
    moved = {name for stock in of_kind(declarations, Stock).values() for name in (*stock.reads, *stock.exits)}
    waiting = list(moved)
    while waiting:  # an auxiliary between a flow and its stock passes the flow on
        reader = declarations.get(waiting.pop())
        further = set(reader.reads) - moved if isinstance(reader, Equation) and reader.kind == "auxiliary" else set()
        moved |= further
        waiting += further
    for name in of_kind(declarations, Flow):
        if name not in moved:
            problems.add("HF911", name, flow=name)
    renewed = {yearly.stock for yearly in of_kind(declarations, Yearly).values()}
    for name, stock in of_kind(declarations, Stock).items():
        if not stock.reads and not stock.exits and name not in renewed:
            problems.add("HF912", name, stock=name)


def _check_yearly(declarations: Mapping[str, Declaration], problems: Problems) -> None:
    stocks = of_kind(declarations, Stock)
    seen: set[str] = set()
    for name, yearly in of_kind(declarations, Yearly).items():
        if yearly.stock not in stocks or yearly.stock in seen:
            near = did_you_mean(yearly.stock, list(stocks))
            problems.add("HF919", name, stock=yearly.stock, suggestion=near or ", ".join(list(stocks)[:8]))
        seen.add(yearly.stock)


def step_order(declarations: Mapping[str, Declaration], problems: Problems) -> list[str]:
    """Flows and auxiliaries in the order in which a step computes them. A cycle without a stock is HF902."""
    computed = {
        name: equation
        for name, equation in of_kind(declarations, Equation).items()
        if not isinstance(equation, Stock | Yearly)
    }
    return _ordered({name: [r for r in computed[name].reads if r in computed] for name in computed}, problems)


def initial_order(declarations: Mapping[str, Declaration], problems: Problems) -> list[str]:
    """Stocks and what their initial values read, in the order of computing."""
    equations = of_kind(declarations, Equation)
    needed: dict[str, list[str]] = {}
    waiting = list(of_kind(declarations, Stock))
    while waiting:
        name = waiting.pop()
        if name not in needed:
            equation = equations[name]
            reads = initial_equation(equation).reads if isinstance(equation, Stock) else equation.reads
            needed[name] = [read for read in reads if read in equations]
            waiting += needed[name]
    return _ordered(needed, problems)


def _ordered(reads: Mapping[str, list[str]], problems: Problems) -> list[str]:
    try:
        return list(TopologicalSorter(reads).static_order())
    except CycleError as error:
        cycle = list(error.args[1])
        problems.add("HF902", cycle[0], cycle=" → ".join(cycle))
        return []
