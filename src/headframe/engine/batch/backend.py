"""The batch backend: the expression graph computed with NumPy for blocks of runs at once, without compiling.

Runs are cut into blocks of a fixed length, the last one filled up with copies of its first run, and every block goes
through the same calls on arrays of the same shape. Within a block no operation mixes runs, so that the bytes of a run
do not depend on which runs stand beside it, nor on its place among them (law 7). Runs with cuts and runs without stand
in blocks of their own, because a run with cuts is computed twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from headframe.engine.batch.inputs import Inputs
from headframe.engine.batch.program import Call, Memory, bind, needed
from headframe.engine.batch.records import Guard, Recorder, bounded_variables
from headframe.engine.graph import Node, depends_on, reachable
from headframe.engine.operations import Array
from headframe.engine.runs import Floats, Horizon, Integers, Outcomes, Recorded, Runs, recorded
from headframe.engine.system import System

# By measurement: 128 costs a sixth more per run or worse, 512 a tenth less, but few runs cost as much as a block.
BLOCK = 256
CHANGING = frozenset({"path", "event", "stock", "base", "time"})  # what is without them stays the same through a run


class Watch(Protocol):
    """Looks at further expressions after each evaluation; for checks, at the price of time."""

    def expressions(self, program: str, roots: Sequence[Node]) -> list[Node]:
        """What to look at beside the roots of a program (initial, step, record, stage, yearly)."""

    def start(self, lanes: Integers) -> None:
        """A pass over these runs begins."""

    def see(self, program: str, arrays: Sequence[Array]) -> None:
        """The values of the expressions after an evaluation."""


class Batch:
    """Computes runs in blocks with NumPy. `block` is the number of runs computed at once, a multiple of 16."""

    name = "batch"

    def __init__(
        self,
        system: System,
        horizon: Horizon,
        outcomes: Outcomes,
        block: int = BLOCK,
        watch: Watch | None = None,
    ) -> None:
        if block < 16 or block % 16:  # other lengths would leave runs to the scalar ends of NumPy's loops
            raise ValueError(f"a block of {block} runs is no multiple of 16")
        self.system, self.horizon, self.outcomes = system, horizon, outcomes
        self.block, self.watch = block, watch

    def run(self, runs: Runs) -> Recorded:
        """Compute all the runs; failures are values (law 8)."""
        numbers = sum(self.outcomes.sizes(self.system))
        values = np.empty((len(runs), len(self.horizon.recorded_steps), numbers))
        failed_step, failed_bound = np.full((2, len(runs)), -1, np.int32)
        with np.errstate(all="ignore"):
            block = _Block(self)
            for chosen in _groups(runs, self.block):
                lanes = np.concatenate([chosen, np.full(self.block - len(chosen), chosen[0])])
                block.simulate(runs, lanes)
                values[chosen] = np.moveaxis(block.recorder.records, -1, 0)[: len(chosen)]
                failed_step[chosen] = block.guard.failed_step[: len(chosen)]
                failed_bound[chosen] = block.guard.failed_bound[: len(chosen)]
        return recorded(self.system, self.horizon, self.outcomes, values, (failed_step, failed_bound))


def _groups(runs: Runs, block: int) -> Iterator[Integers]:
    """The numbers of the runs of each block."""
    cut = runs.cuts.any(axis=1)
    for several in (np.flatnonzero(~cut), np.flatnonzero(cut)):
        for start in range(0, len(several), block):
            yield several[start : start + block].astype(np.int32)


@dataclass(frozen=True)
class _Program:
    """Calls, and the arrays that they leave their results in, by what the results are."""

    calls: list[Call]
    results: Mapping[str, Sequence[Array]]

    def run(self) -> None:
        for function, arguments, out in self.calls:
            function(*arguments, out=out)


class _Block:
    """A fixed number of runs that are computed together, again and again with other inputs."""

    def __init__(self, batch: Batch) -> None:
        self.system, self.horizon, self.watch = batch.system, batch.horizon, batch.watch
        self.inputs = Inputs(batch.system, batch.horizon, batch.block)
        wanted = _wanted(batch.system, batch.outcomes)
        if batch.watch is not None:
            for name, groups in wanted.items():
                roots = [node for nodes in groups.values() for node in nodes]
                groups["watched"] = batch.watch.expressions(name, roots)
        roots = [node for groups in wanted.values() for nodes in groups.values() for node in nodes]
        given = {node.number: self.inputs.array(node) for node in reachable(roots) if node.operation == "input"}
        lasting = _lasting(roots, given)
        calls, arrays = bind(lasting, given, Memory())
        self._before = _Program(calls, {})
        given |= {node.number: array for node, array in zip(lasting, arrays, strict=True)}
        self._rates, self._bases = np.zeros_like(self.inputs.state), np.zeros_like(self.inputs.bases)
        bounded = np.zeros((bounded_variables(batch.system).rows, batch.block))
        rows, memory = {"rates": self._rates, "bases": self._bases, "bounded": bounded}, Memory()
        self._programs = {name: _bound(groups, given, memory, rows) for name, groups in wanted.items()}
        self._kept: list[Floats] | None = None  # bases, where this pass keeps them for the next
        self._replayed: Iterator[Floats] | None = None  # bases of the pass before, where this pass is with cuts
        self.guard = Guard(batch.system, self.inputs.state, bounded)
        self.recorder = Recorder(batch.horizon, batch.outcomes, batch.outcomes.sizes(batch.system), batch.block)

    def simulate(self, runs: Runs, lanes: Integers) -> None:
        """Compute these runs, all with cuts or all without; results are left in `recorder` and `guard`."""
        cut = bool(runs.cuts[lanes[0]].any())
        self._kept, self._replayed = [] if cut else None, None
        if cut:
            self._pass(runs.base or runs, lanes, cut=False)
            self._kept, self._replayed = None, iter(self._kept or ())
        self._pass(runs, lanes, cut=cut)

    def _pass(self, runs: Runs, lanes: Integers, *, cut: bool) -> None:
        """One run of the block in the order that `headframe.engine.runs` lays down."""
        horizon, per_step = self.horizon, self.horizon.points_per_step
        advance = self._euler if horizon.integrator == "euler" else self._runge_kutta
        self.inputs.start(runs, lanes, cut=cut)
        self.guard.start()
        self.recorder.start()
        if self.watch is not None:
            self.watch.start(lanes)
        self._before.run()
        self._into_state(self._evaluate("initial", 0)["initial"], [stock.name for stock in self.system.stocks])
        for step in range(horizon.steps + 1):
            recording = step % horizon.record_every == 0
            results = self._evaluate("record" if recording else "step", step * per_step)
            self.guard.check(step)
            if recording:
                self.recorder.record(step, results["outcomes"])
            if step == horizon.steps:
                break
            self.recorder.add(results["averaged"])
            advance(step)
            if self.system.has_yearly and (step + 1) % horizon.steps_per_year == 0:
                renewed = [stock.name for stock in self.system.stocks if stock.yearly is not None]
                self._into_state(self._evaluate("yearly", (step + 1) * per_step)["yearly"], renewed)

    def _evaluate(self, name: str, point: int) -> Mapping[str, Sequence[Array]]:
        """The results of a program at one of the horizon's points, valid until the next evaluation."""
        program = self._programs[name]
        self.inputs.move(point)
        bases = name != "initial"
        if bases and self._replayed is not None:
            self.inputs.bases[:] = next(self._replayed)
        program.run()
        if bases and self._kept is not None:
            self._kept.append(self._bases.copy())
        if self.watch is not None:
            self.watch.see(name, program.results["watched"])
        return program.results

    def _into_state(self, arrays: Sequence[Array], names: Sequence[str]) -> None:
        """Set some stocks, all at once: their new values may be views of the state."""
        for name, array in zip(names, [array.copy() for array in arrays], strict=True):
            rows = self.inputs.state[self.system.states.slice(name)]
            rows.reshape(*array.shape[:-1], rows.shape[-1])[...] = array

    def _euler(self, _step: int) -> None:
        np.multiply(self._rates, self.horizon.time_step, out=self._rates)
        np.add(self.inputs.state, self._rates, out=self.inputs.state)

    def _runge_kutta(self, step: int) -> None:
        """The classical method: rates at the start, twice in the middle, at the end, weighted 1, 2, 2, 1."""
        state, length, point = self.inputs.state, self.horizon.time_step, 2 * step
        start, total = state.copy(), self._rates.copy()
        for moved, weight, place in ((length / 2, 2.0, 1), (length / 2, 2.0, 1), (length, 1.0, 2)):
            state[:] = start + moved * self._rates
            self._evaluate("stage", point + place)
            total += weight * self._rates
        state[:] = start + length / 6 * total


def _wanted(system: System, outcomes: Outcomes) -> dict[str, dict[str, list[Node]]]:
    """The expressions that each program has to compute, by what they are for."""
    rates = {"rates": [stock.rate for stock in system.stocks]}
    bases = {"bases": [system.variables[name] for name in system.bases.names]}
    bounded = {"bounded": [system.variables[name] for name in bounded_variables(system).names]}
    shown = [system.variables[name] for name in outcomes.names]
    averaged = [node for node, rule in zip(shown, outcomes.rules, strict=True) if rule == "mean"]
    step = rates | bases | bounded | {"averaged": averaged}
    return {
        "initial": {"initial": [stock.initial for stock in system.stocks]},
        "step": dict(step),
        "record": step | {"outcomes": shown},
        "stage": rates | bases,
        "yearly": {"yearly": system.yearly_roots()} | bases,
    }


def _lasting(roots: Sequence[Node], given: Mapping[int, Array]) -> list[Node]:
    """What stays the same through a run and is read by something that does not, or is itself wanted."""
    changing = depends_on(roots, CHANGING)
    read = [argument for node in needed(roots, given) if node.number in changing for argument in node.arguments]
    found = {node.number: node for node in [*roots, *read] if node.number not in changing}
    return [node for _, node in sorted(found.items()) if node.operation not in ("input", "constant")]


def _bound(
    groups: Mapping[str, Sequence[Node]], given: Mapping[int, Array], memory: Memory, rows: Mapping[str, Floats]
) -> _Program:
    """A program; the groups named in `rows` are written there, their arrays one below the other."""
    roots = [node for nodes in groups.values() for node in nodes]
    places = {name: _places(groups[name], rows[name]) for name in rows if name in groups}
    first_places = {
        node.number: place for name in places for node, place in zip(groups[name], places[name], strict=True)
    }
    calls, arrays = bind(roots, given, memory, first_places)
    remaining = iter(arrays)
    results = {group: [next(remaining) for _ in nodes] for group, nodes in groups.items()}
    elsewhere = [
        (_copied, (array,), place)
        for name in places
        for array, place in zip(results[name], places[name], strict=True)
        if array is not place
    ]
    return _Program([*calls, *elsewhere], results)


def _places(nodes: Sequence[Node], rows: Floats) -> list[Array]:
    """The rows of arrays that lie one below the other."""
    ends = np.cumsum([0, *(node.size for node in nodes)])
    return [
        rows[first:end].reshape(*node.shape, rows.shape[-1])
        for node, (first, end) in zip(nodes, pairwise(ends), strict=True)
    ]


def _copied(array: Array, out: Array) -> None:
    np.copyto(out, array)
