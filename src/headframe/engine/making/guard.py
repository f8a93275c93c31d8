"""Whether the graph computes what the equations compute, tried at two random points when a model is made.

An equation that draws random numbers or reads something that changes is frozen by tracing and would silently be wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from headframe.core.seeds import generator
from headframe.engine.declare import Constant, Declaration, Equation, Stock, Structure, Table, Value, Yearly
from headframe.engine.graph import Node, evaluate, inputs_of, reachable
from headframe.engine.making.wiring import of_kind
from headframe.engine.operations import Array
from headframe.engine.system import System

POINTS = 2
TOLERANCE = 1e-9


def differences(declarations: Mapping[str, Declaration], system: System) -> list[tuple[str, str, str]]:
    """Equations whose function and expression differ at a random point: name, place, and what the function raised."""
    found: dict[str, tuple[str, str]] = {}
    for point in range(POINTS):
        random = generator(point, "engine guard", system.name)
        with np.errstate(all="ignore"):
            values, nodes = _evaluated(declarations, system, random)
            for name, node in _expressions(declarations, system).items():
                equation = declarations[name]
                if isinstance(equation, Equation) and not equation.generated:
                    raised = _tried(equation, declarations, values, nodes[node.number][..., 0])
                    if raised is not None:
                        code = equation.function.__code__
                        found[name] = f"{Path(code.co_filename).name}:{code.co_firstlineno}", raised
    return [(name, *where) for name, where in found.items()]


def _expressions(declarations: Mapping[str, Declaration], system: System) -> dict[str, Node]:
    """What each function should give: a variable's value, a stock's whole net rate, a stock's renewed value."""
    renewed = {equation.stock: name for name, equation in of_kind(declarations, Yearly).items()}
    found = {name: node for name, node in system.variables.items() if not isinstance(declarations[name], Stock)}
    for stock in system.stocks:
        found[stock.name] = stock.rate
        if stock.yearly is not None:
            found[renewed[stock.name]] = stock.yearly
    return found


def _tried(
    equation: Equation, declarations: Mapping[str, Declaration], values: Mapping[str, Array], expected: Array
) -> str | None:
    """None where the function gives what is expected; else what it raised, or nothing."""
    arguments = [_argument(read, declarations, values) for read in equation.reads]
    try:
        given = equation.function(*arguments)
    except Exception as error:  # noqa: BLE001 — whatever an author's function raises is the author's to see
        return str(error) or type(error).__name__
    if isinstance(equation, Stock):
        given = given - sum((values[name] for name in equation.exits), start=np.zeros(()))
    return None if _agree(given, expected) else ""


def _evaluated(
    declarations: Mapping[str, Declaration], system: System, random: np.random.Generator
) -> tuple[dict[str, Array], dict[int, Array]]:
    """Every variable by name, and every node by number, by the graph, at random inputs near the defaults."""
    roots = [*system.step_roots(system.variables), *system.yearly_roots()]
    values: dict[int, Array] = {}
    named: dict[str, Array] = {}
    for node in inputs_of(roots):
        kind, name = node.attributes
        centre = _centre(declarations.get(name), kind)
        drawn = np.broadcast_to(centre * random.uniform(0.5, 1.5, node.shape), node.shape)
        values[node.number] = (np.round(drawn) if isinstance(declarations.get(name), Structure) else drawn)[..., None]
        if kind == "switch":
            values[node.number] = np.zeros(1)
        if kind != "base":
            named[name] = values[node.number][..., 0]
    evaluate(reachable(roots), values)
    return named | {name: values[node.number][..., 0] for name, node in system.variables.items()}, values


def _centre(declared: Declaration | None, kind: str) -> Array:
    if kind in ("time", "time_step"):
        return np.array(1.0)
    if isinstance(declared, Value):
        return np.where(declared.default == 0, 1.0, declared.default)
    return np.array(1.0 if isinstance(declared, Structure) else 100.0)


def _argument(name: str, declarations: Mapping[str, Declaration], values: Mapping[str, Array]) -> Any:
    declared = declarations.get(name)
    if isinstance(declared, Table):
        return declared
    if isinstance(declared, Constant):
        value = np.array(np.broadcast_to(declared.default, declared.shape))
    elif name in values:
        value = np.array(values[name])
    else:  # what no expression needs may still be read for its shape
        value = np.array(np.broadcast_to(_centre(declared, ""), declared.shape if declared else ()))
    value.flags.writeable = False
    return value


def _agree(one: Any, other: Array) -> bool:
    scale = max(float(np.max(np.abs(other), initial=0.0, where=np.isfinite(other))), 1e-300)
    return bool(np.allclose(one, other, rtol=TOLERANCE, atol=TOLERANCE * scale, equal_nan=True))
