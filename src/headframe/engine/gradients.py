"""Gradients of outcomes with respect to parameters, by interpreting the graph with JAX.

JAX is no dependency of Headframe: where it is missing the error says how to add it. Gradients pass through `where`,
minimum and maximum on the side that was taken; at a kink they are one-sided. Yearly updates, look-ups and both
integrators are supported; cuts are not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headframe.core.errors import HeadframeError
from headframe.engine.graph import Node, reachable
from headframe.engine.operations import apply
from headframe.engine.runs import CLASSICAL, Floats, Horizon, Outcomes, Runs
from headframe.engine.system import Slots, System


class Gradients:
    """One run as a function of its parameter rows that JAX can differentiate; double precision.

    Outcomes are recorded at points (means are not supported). Raises HF925 without JAX.
    """

    def __init__(self, system: System, horizon: Horizon, outcomes: Outcomes) -> None:
        try:
            import jax
        except ImportError:
            raise HeadframeError.of("HF925", "jax") from None
        jax.config.update("jax_enable_x64", True)  # noqa: FBT003 — the library's own signature
        self._jax, self.system, self.horizon, self.outcomes = jax, system, horizon, outcomes

    def run(self, runs: Runs) -> Floats:
        """Outcomes of the first run (recorded times, outcome numbers)."""
        return np.asarray(self._jax.jit(self._records)(runs.parameters[0], *self._given(runs)))

    def jacobian(self, runs: Runs) -> Floats:
        """∂ outcome / ∂ parameter of the first run (recorded times, outcome numbers, parameter rows)."""
        derivative = self._jax.jit(self._jax.jacfwd(self._records))
        return np.asarray(derivative(runs.parameters[0], *self._given(runs)))

    def _given(self, runs: Runs) -> tuple[Floats, Floats]:
        events = runs.events.expand(0, self.system.events.rows, self.horizon.points)
        return runs.paths[runs.path_set[0]], events

    def _records(self, parameters: Any, paths: Any, events: Any) -> Any:
        """A run: the initial state, then a scan over the steps."""
        numpy, per_step = self._jax.numpy, self.horizon.points_per_step

        def at(point: Any, state: Any) -> dict[str, tuple[Slots, Any]]:
            system = self.system
            return {
                "parameter": (system.parameters, parameters),
                "path": (system.paths, paths[point]),
                "event": (system.events, events[point]),
                "stock": (system.states, state),
                "switch": (Slots.of((name, ()) for name in system.switches), numpy.zeros(len(system.switches))),
                "base": (system.bases, numpy.zeros(system.bases.rows)),
                "time": (Slots.of([("time", ())]), numpy.asarray(self.horizon.points)[point, None]),
                "time_step": (Slots.of([("", ())]), numpy.full(1, self.horizon.time_step)),
            }

        def evaluated(roots: Iterable[Node], point: Any, state: Any) -> Any:
            listed = list(roots)
            return self._flat(listed, _evaluated(numpy, listed, at(point, state)))

        def rate(point: Any, state: Any) -> Any:
            return evaluated((stock.rate for stock in self.system.stocks), point, state)

        def step(state: Any, index: Any) -> tuple[Any, Any]:
            recorded = evaluated((self.system.variables[name] for name in self.outcomes.names), index * per_step, state)
            state = self._stepped(rate, state, index * per_step)
            renewed = evaluated(
                (
                    stock.yearly or self.system.graph.input("stock", stock.name, stock.shape)
                    for stock in self.system.stocks
                ),
                (index + 1) * per_step,
                state,
            )
            ends = (index + 1) % self.horizon.steps_per_year == 0
            return numpy.where(ends, renewed, state), recorded

        start = evaluated((stock.initial for stock in self.system.stocks), 0, numpy.zeros(self.system.states.rows))
        final, records = self._jax.lax.scan(step, start, numpy.arange(self.horizon.steps))
        last = evaluated((self.system.variables[name] for name in self.outcomes.names), len(paths) - 1, final)
        return numpy.concatenate([records, last[None]])[self.horizon.recorded_steps]

    def _stepped(self, rate: Any, state: Any, point: Any) -> Any:
        length = self.horizon.time_step
        slope = rate(point, state)
        if self.horizon.integrator == "euler":
            return state + length * slope
        total = CLASSICAL[0][1] * slope
        for offset, weight in CLASSICAL[1:]:
            slope = rate(point + round(2 * offset), state + offset * length * slope)
            total = total + weight * slope
        return state + length * total

    def _flat(self, nodes: Iterable[Node], values: dict[int, Any]) -> Any:
        numpy = self._jax.numpy
        parts = [numpy.broadcast_to(values[node.number][..., 0], node.shape).ravel() for node in nodes]
        return numpy.concatenate([part.astype(float) for part in parts])


def _evaluated(numpy: Any, roots: list[Node], given: dict[str, tuple[Slots, Any]]) -> dict[int, Any]:
    """Node number → JAX array with one run as the last axis."""
    values: dict[int, Any] = {}
    for node in reachable(roots):
        if node.operation == "constant":
            values[node.number] = node.value[..., None]
        elif node.operation == "input":
            slots, rows = given[node.attributes[0]]
            values[node.number] = rows[slots.slice(node.attributes[1])].reshape(*node.shape, 1)
        else:
            arguments = [numpy.asarray(values[argument.number]) for argument in node.arguments]
            values[node.number] = apply(node.operation, node.attributes, arguments, len(node.shape), numpy)
    return values
