"""Whether the graph computes what the equations compute, tried at two random points when a model is made.

An equation that draws random numbers or reads something that changes is frozen by tracing and would silently be wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from headframe.core.seeds import generator
from headframe.engine.declare import Constant, Declaration, Equation, Structure, Table, Value
from headframe.engine.graph import evaluate, inputs_of, reachable
from headframe.engine.operations import Array
from headframe.engine.system import System

POINTS = 2
TOLERANCE = 1e-9


def differences(declarations: Mapping[str, Declaration], system: System, order: Sequence[str]) -> list[tuple[str, str]]:
    """Variables whose function and expression differ at a random point, with the place of the function."""
    found: dict[str, str] = {}
    for point in range(POINTS):
        random = generator(point, "engine guard", system.name)
        with np.errstate(all="ignore"):
            values = _evaluated(declarations, system, random)
            for name in order:
                equation = declarations[name]
                if isinstance(equation, Equation) and not equation.generated:
                    arguments = [_argument(read, declarations, values) for read in equation.reads]
                    if not _agree(equation.function(*arguments), values[name]):
                        code = equation.function.__code__
                        found[name] = f"{Path(code.co_filename).name}:{code.co_firstlineno}"
    return list(found.items())


def _evaluated(
    declarations: Mapping[str, Declaration], system: System, random: np.random.Generator
) -> dict[str, Array]:
    """Every variable, by the graph, at random inputs near the defaults."""
    roots = [*system.step_roots(system.variables)]
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
    return named | {name: values[node.number][..., 0] for name, node in system.variables.items()}


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
