"""The order of a run written down once more, as plainly as can be: one run, dense arrays, `evaluate` on every node."""

from __future__ import annotations

from typing import Any

import numpy as np

from headframe.engine.graph import evaluate, reachable
from headframe.engine.runs import Horizon, Outcomes, Runs
from headframe.engine.system import System

State = dict[str, Any]


class Direct:
    """Computes runs one by one; slow, and different from the batch backend in everything but the graph."""

    name = "direct"

    def __init__(self, system: System, horizon: Horizon, outcomes: Outcomes) -> None:
        self.system, self.horizon, self.outcomes = system, horizon, outcomes

    def run(self, runs: Runs) -> tuple[np.ndarray, list[tuple[int, int]]]:
        """Values (runs, records, numbers), and step and bound of the first failures."""
        values, failures = [], []
        with np.errstate(all="ignore"):
            for index in range(len(runs)):
                base: list[State] = []
                if runs.cuts[index].any():
                    first = _Run(self, runs.base or runs, index, np.zeros(len(self.system.switches)), [])
                    first.compute()
                    base = first.kept
                run = _Run(self, runs, index, runs.cuts[index], base)
                values.append(run.compute())
                failures.append(run.failure)
        return np.array(values), failures


class _Run:
    def __init__(self, direct: Direct, runs: Runs, index: int, cuts: Any, base: list[State]) -> None:
        self.system, self.horizon, self.outcomes = direct.system, direct.horizon, direct.outcomes
        self.runs, self.index, self.cuts, self.base = runs, index, cuts, base
        self.events = runs.events.expand(index, self.system.events.rows, self.horizon.points)
        self.kept: list[State] = []  # one entry for each evaluation of the rates or the yearly updates
        self.failure = (-1, -1)

    def at(self, point: int, state: State, nodes: list[Any]) -> list[Any]:
        """The values of some expressions."""
        system, runs = self.system, self.runs
        given: dict[Any, Any] = {("stock", name): value for name, value in state.items()}
        for kind, slots, rows in (
            ("parameter", system.parameters, runs.parameters[self.index]),
            ("path", system.paths, runs.paths[runs.path_set[self.index], point]),
            ("event", system.events, self.events[point]),
        ):
            given |= {(kind, name): rows[slots.slice(name)].reshape(slots.shape[name]) for name in slots.names}
        given |= {("switch", name): float(on) for name, on in zip(system.switches, self.cuts, strict=True)}
        bases = self.base[len(self.kept)] if self.base else {}
        given |= {("base", name): bases.get(name, np.zeros(system.bases.shape[name])) for name in system.bases.names}
        given |= {("time", "time"): self.horizon.points[point], ("time_step", "time_step"): self.horizon.time_step}
        found = reachable(nodes)
        values = {n.number: np.asarray(given[n.attributes])[..., None] for n in found if n.operation == "input"}
        evaluate(found, values)
        return [values[node.number][..., 0] for node in nodes]

    def keeping(self, point: int, state: State, nodes: list[Any]) -> list[Any]:
        """The same, keeping the bases of cuts."""
        names = self.system.bases.names
        found = self.at(point, state, nodes + [self.system.variables[name] for name in names])
        self.kept.append(dict(zip(names, found[len(nodes) :], strict=True)))
        return found[: len(nodes)]

    def rates(self, point: int, state: State) -> State:
        """The rate of each stock."""
        found = self.keeping(point, state, [stock.rate for stock in self.system.stocks])
        return {name: np.broadcast_to(rate, np.shape(state[name])) for name, rate in zip(state, found, strict=True)}

    def stepped(self, point: int, state: State, first: State) -> State:
        """The state after a step."""
        length = self.horizon.time_step
        if self.horizon.integrator == "euler":
            return {name: state[name] + length * first[name] for name in state}
        second = self.rates(point + 1, {n: state[n] + length / 2 * first[n] for n in state})
        third = self.rates(point + 1, {n: state[n] + length / 2 * second[n] for n in state})
        fourth = self.rates(point + 2, {n: state[n] + length * third[n] for n in state})
        return {n: state[n] + length / 6 * (first[n] + 2 * second[n] + 2 * third[n] + fourth[n]) for n in state}

    def check(self, step: int, point: int, state: State) -> None:
        """Keep the first failure."""
        held = self.at(point, state, [self.system.variables[bound.variable] for bound in self.system.bounds])
        for number, (bound, value) in enumerate(zip(self.system.bounds, held, strict=True)):
            within = np.isfinite(value) & (value >= bound.low) & (value <= bound.high)
            if self.failure[0] < 0 and not within.all():
                self.failure = (step, number)

    def compute(self) -> Any:
        """The records."""
        system, horizon, per_step = self.system, self.horizon, self.horizon.points_per_step
        begun = self.at(0, {}, [stock.initial for stock in system.stocks])
        state = {s.name: np.array(value, dtype=float) for s, value in zip(system.stocks, begun, strict=True)}
        rule = np.repeat([r == "mean" for r in self.outcomes.rules], self.outcomes.sizes(system))
        renewed = [stock for stock in system.stocks if stock.yearly is not None]
        records: list[Any] = []
        before: list[Any] = []
        for step in range(horizon.steps + 1):
            point = step * per_step
            shown = self.at(point, state, [system.variables[name] for name in self.outcomes.names])
            flat = np.concatenate([np.ravel(value).astype(float) for value in shown])
            self.check(step, point, state)
            if step % horizon.record_every == 0:
                mean = np.mean(before, axis=0) if before else np.full_like(flat, np.nan)
                records.append(np.where(rule, mean, flat))
                before = []
            first = self.rates(point, state)
            if step == horizon.steps:
                break
            before.append(flat)
            state = self.stepped(point, state, first)
            if renewed and (step + 1) % horizon.steps_per_year == 0:
                found = self.keeping(point + per_step, state, [stock.yearly for stock in renewed])
                state |= {stock.name: value for stock, value in zip(renewed, found, strict=True)}
        return np.array(records)
