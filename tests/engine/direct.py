"""The order of a run written down once more, as plainly as can be: one run, dense arrays, `evaluate` on every node."""

from __future__ import annotations

from typing import Any

import numpy as np

from headframe.engine.graph import evaluate, reachable
from headframe.engine.runs import Horizon, Outcomes, Runs
from headframe.engine.system import Slots, System


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
                kept: list[dict[str, Any]] = []
                if runs.cuts[index].any():
                    self._one(runs.base or runs, index, [], kept, cut=False)
                records, failure = self._one(runs, index, kept, [], cut=True)
                values.append(records)
                failures.append(failure)
        return np.array(values), failures

    def _one(self, runs: Runs, index: int, base: list[Any], kept: list[Any], *, cut: bool) -> tuple[Any, Any]:
        system, horizon = self.system, self.horizon
        per_step, length = horizon.points_per_step, horizon.time_step
        events = runs.events.expand(index, system.events.rows, horizon.points)
        cuts = runs.cuts[index] & cut
        evaluations = 0

        def at(point: int, state: dict[str, Any], nodes: list[Any]) -> list[Any]:
            given = dict(state)
            layouts: list[tuple[str, Slots, Any]] = [
                ("parameter", system.parameters, runs.parameters[index]),
                ("path", system.paths, runs.paths[runs.path_set[index], point]),
                ("event", system.events, events[point]),
            ]
            given = {("stock", name): value for name, value in state.items()}
            given |= {
                (kind, name): rows[slots.slice(name)].reshape(slots.shape[name])
                for kind, slots, rows in layouts
                for name in slots.names
            }
            given |= {("switch", name): float(on) for name, on in zip(system.switches, cuts, strict=True)}
            bases = base[evaluations] if evaluations < len(base) else {}
            given |= {
                ("base", name): bases.get(name, np.zeros(system.bases.shape[name])) for name in system.bases.names
            }
            given |= {("time", "time"): horizon.points[point], ("time_step", "time_step"): length}
            found = reachable(nodes)
            values = {n.number: np.asarray(given[n.attributes])[..., None] for n in found if n.operation == "input"}
            evaluate(found, values)
            return [values[node.number][..., 0] for node in nodes]

        def rates(point: int, state: dict[str, Any]) -> dict[str, Any]:
            nonlocal evaluations
            names = [*system.bases.names]
            wanted = [stock.rate for stock in system.stocks] + [system.variables[name] for name in names]
            found = at(point, state, wanted)
            kept.append(dict(zip(names, found[len(state) :], strict=True)))
            evaluations += 1
            return {name: np.broadcast_to(found[i], np.shape(state[name])) for i, name in enumerate(state)}

        begun = at(0, {}, [stock.initial for stock in system.stocks])
        state = {s.name: np.array(value, dtype=float) for s, value in zip(system.stocks, begun, strict=True)}
        records, before, failure = [], [], (-1, -1)
        for step in range(horizon.steps + 1):
            shown = at(step * per_step, state, [system.variables[name] for name in self.outcomes.names])
            flat = np.concatenate([np.ravel(value).astype(float) for value in shown])
            held = at(step * per_step, state, [system.variables[bound.variable] for bound in system.bounds])
            for number, (bound, value) in enumerate(zip(system.bounds, held, strict=True)):
                within = np.isfinite(value) & (value >= bound.low) & (value <= bound.high)
                if failure[0] < 0 and not within.all():
                    failure = (step, number)
            if step % horizon.record_every == 0:
                mean = np.mean(before, axis=0) if before else np.full_like(flat, np.nan)
                rule = np.repeat([r == "mean" for r in self.outcomes.rules], self.outcomes.sizes(system))
                records.append(np.where(rule, mean, flat))
                before = []
            point = step * per_step
            first = rates(point, state)
            if step == horizon.steps:
                break
            before.append(flat)
            if horizon.integrator == "euler":
                state = {name: state[name] + length * first[name] for name in state}
            else:
                second = rates(point + 1, {n: state[n] + length / 2 * first[n] for n in state})
                third = rates(point + 1, {n: state[n] + length / 2 * second[n] for n in state})
                fourth = rates(point + 2, {n: state[n] + length * third[n] for n in state})
                state = {
                    n: state[n] + length / 6 * (first[n] + 2 * second[n] + 2 * third[n] + fourth[n]) for n in state
                }
            if system.has_yearly and (step + 1) % horizon.steps_per_year == 0:
                renewed = [stock for stock in system.stocks if stock.yearly is not None]
                names = system.bases.names
                wanted = [stock.yearly for stock in renewed] + [system.variables[name] for name in names]
                found = at(point + per_step, state, wanted)
                kept.append(dict(zip(names, found[len(renewed) :], strict=True)))
                evaluations += 1
                state |= {stock.name: value for stock, value in zip(renewed, found, strict=False)}
        return np.array(records), failure
