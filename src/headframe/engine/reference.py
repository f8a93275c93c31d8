"""The reference: the modeller's own functions, called in order at every step, one run after the other.

It knows nothing of the graph, so that everything made from the graph can be compared with it. Arrays that functions
receive are read-only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from headframe.engine.declare import Constant, Declaration, Equation, Feedback, Stock, Table, Yearly
from headframe.engine.making.expand import TIME_STEP, initial_equation
from headframe.engine.making.wiring import TIME, of_kind
from headframe.engine.operations import Array
from headframe.engine.runs import CLASSICAL, Horizon, Outcomes, Recorded, Runs, recorded
from headframe.engine.system import System

Values = dict[str, Any]


class Modelled(Protocol):
    """What the reference needs of a model."""

    declarations: dict[str, Declaration]
    system: System
    order: list[str]
    order_at_start: list[str]

    @property
    def stocks(self) -> tuple[str, ...]:
        """The names of the stocks."""


class Reference:
    """Computes runs with NumPy and nothing else; the measure of every other backend."""

    name = "reference"

    def __init__(self, model: Modelled, horizon: Horizon, outcomes: Outcomes) -> None:
        self.model, self.horizon, self.outcomes = model, horizon, outcomes

    def run(self, runs: Runs) -> Recorded:
        """Compute all the runs."""
        system, records = self.model.system, len(self.horizon.recorded_steps)
        values = np.empty((len(runs), records, sum(self.outcomes.sizes(system))))
        failed_step, failed_bound = (np.full(len(runs), -1, np.int32) for _ in range(2))
        with np.errstate(all="ignore"):
            for index in range(len(runs)):
                one = runs.part(slice(index, index + 1))
                kept: list[Values] = []
                if one.cuts.any():
                    _Run(self, one.base or one, {}, kept).compute()
                run = _Run(self, one, {"cut": set(np.flatnonzero(one.cuts[0])), "base": kept}, [])
                values[index] = run.compute()
                failed_step[index], failed_bound[index] = run.failure
        return recorded(system, self.horizon, self.outcomes, values, (failed_step, failed_bound))


class _Run:
    """One run: its inputs, its state, and what it has recorded."""

    def __init__(self, reference: Reference, runs: Runs, cutting: dict[str, Any], kept: list[Values]) -> None:
        self.model, self.horizon, self.outcomes = reference.model, reference.horizon, reference.outcomes
        self.system = self.model.system
        self.runs, self.kept = runs, kept
        self.base: list[Values] = cutting.get("base", [])
        cut = {self.system.switches[index] for index in cutting.get("cut", ())}
        feedbacks = of_kind(self.model.declarations, Feedback).values()
        self.cut_links = {link for feedback in feedbacks if feedback.name in cut for link in feedback.links}
        self.given = self._given()
        self.events = runs.events.expand(0, self.system.events.rows, self.horizon.points)
        self.evaluations = 0
        self.failure = (-1, -1)

    def _given(self) -> Values:
        found: Values = {TIME_STEP: np.float64(self.horizon.time_step)}
        for name, declared in self.model.declarations.items():
            if isinstance(declared, Constant):
                found[name] = _frozen(np.broadcast_to(declared.default, declared.shape))
            elif isinstance(declared, Table):
                found[name] = declared
        slots = self.system.parameters
        for name in slots.names:
            found[name] = _frozen(self.runs.parameters[0, slots.slice(name)].reshape(slots.shape[name]))
        return found

    def _at(self, point: int) -> Values:
        """What is given at one point of the horizon."""
        found = self.given | {TIME: np.float64(self.horizon.points[point])}
        for slots, rows in (
            (self.system.paths, self.runs.paths[self.runs.path_set[0], point]),
            (self.system.events, self.events[point]),
        ):
            for name in slots.names:
                found[name] = _frozen(rows[slots.slice(name)].reshape(slots.shape[name]))
        return found

    def _call(self, equation: Equation, values: Mapping[str, Any]) -> Array:
        arguments = [
            self.base[self.evaluations][name] if (name, equation.name) in self.cut_links else values[name]
            for name in equation.reads
        ]
        return _frozen(np.broadcast_to(np.asarray(equation.function(*arguments), dtype=np.float64), equation.shape))

    def _initial(self) -> Values:
        values, cut = self._at(0), self.cut_links
        self.cut_links = set()  # there is no base run before the start
        for name in self.model.order_at_start:
            equation = self.model.declarations[name]
            assert isinstance(equation, Equation)
            values[name] = self._call(initial_equation(equation) if isinstance(equation, Stock) else equation, values)
        self.cut_links = cut
        return {name: values[name] for name in self.model.stocks}

    def _variables(self, state: Values, point: int) -> Values:
        values = self._at(point) | state
        for name in self.model.order:
            equation = self.model.declarations[name]
            assert isinstance(equation, Equation)
            values[name] = self._call(equation, values)
        self.kept.append({name: values[name] for name in self.system.bases.names})
        return values

    def _rates(self, values: Values) -> Values:
        found = {}
        for name, stock in of_kind(self.model.declarations, Stock).items():
            rate = self._call(stock, values)
            for exit_flow in stock.exits:
                rate = rate - values[exit_flow]
            found[name] = rate
        self.evaluations += 1
        return found

    def compute(self) -> Array:
        """The records of the run (times, outcome numbers)."""
        horizon, state, records = self.horizon, self._initial(), []
        totals = np.zeros(sum(self.outcomes.sizes(self.system)))
        per_step = horizon.points_per_step
        for step in range(horizon.steps + 1):
            values = self._variables(state, step * per_step)
            self._check(values, step)
            flat = np.concatenate([np.ravel(values[name]) for name in self.outcomes.names] or [np.zeros(0)])
            if step % horizon.record_every == 0:
                records.append(self._record(flat, totals, step))
                totals = np.zeros_like(totals)
            if step == horizon.steps:
                break
            totals = totals + flat
            state = self._stepped(state, values, step * per_step)
            if (step + 1) % horizon.steps_per_year == 0 and self.system.has_yearly:
                state = self._renewed(state, (step + 1) * per_step)
        return np.array(records)

    def _record(self, flat: Array, totals: Array, step: int) -> Array:
        means = totals / self.horizon.record_every if step else np.full_like(totals, np.nan)
        by_mean = np.repeat([rule == "mean" for rule in self.outcomes.rules], self.outcomes.sizes(self.system))
        return np.where(by_mean, means, flat)

    def _check(self, values: Values, step: int) -> None:
        if self.failure[0] < 0:
            for index, bound in enumerate(self.system.bounds):
                held = values[bound.variable]
                if not (np.isfinite(held) & (held >= bound.low) & (held <= bound.high)).all():
                    self.failure = (step, index)
                    return

    def _stepped(self, state: Values, values: Values, point: int) -> Values:
        step = self.horizon.time_step
        rates = self._rates(values)
        if self.horizon.integrator == "euler":
            return {name: state[name] + step * rates[name] for name in state}
        sums = {name: CLASSICAL[0][1] * rates[name] for name in state}
        for offset, weight in CLASSICAL[1:]:
            at = {name: state[name] + offset * step * rates[name] for name in state}
            rates = self._rates(self._variables(at, point + round(2 * offset)))
            sums = {name: sums[name] + weight * rates[name] for name in state}
        return {name: state[name] + step * sums[name] for name in state}

    def _renewed(self, state: Values, point: int) -> Values:
        values = self._variables(state, point)
        found = dict(state)
        for yearly in of_kind(self.model.declarations, Yearly).values():
            found[yearly.stock] = self._call(yearly, values)
        self.evaluations += 1
        return found


def _frozen(array: Array) -> Array:
    copy = np.array(array, dtype=np.float64)
    copy.flags.writeable = False
    return copy
