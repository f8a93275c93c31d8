"""Lowering: from the expressions of a system to the program of one run (`headframe.engine.lowering.program`).

Expressions of parameters, switches and the time step alone are computed once a run (phase `fixed`). What is needed
only for checks or records stands in phases of its own, so that a step does no more than it must.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headframe.engine.graph import Node, depends_on, reachable
from headframe.engine.lowering.access import Element, IndexTables, Resolver, identity, row, strides_of
from headframe.engine.lowering.emit import Emitter
from headframe.engine.lowering.plan import Output, Storage, Target, plan
from headframe.engine.lowering.program import (
    BoundedPlace,
    Index,
    Outcome,
    Phase,
    PhaseName,
    Place,
    Program,
    Region,
    Table,
)
from headframe.engine.lowering.rewrite import rewritten
from headframe.engine.lowering.schedule import place, schedule
from headframe.engine.operations import VIEWS
from headframe.engine.runs import Outcomes
from headframe.engine.system import Slots, System

STEP_PHASES: tuple[PhaseName, ...] = ("rates", "checks", "records")
CHECKED, RECORDED = 1, 2  # positions in STEP_PHASES
PASSING = frozenset({"path", "event", "stock", "base", "time"})  # kinds of input that change during a run
_REGION_OF: dict[str, Region] = {
    "parameter": "parameters",
    "switch": "switches",
    "path": "paths",
    "event": "events",
    "base": "bases",
    "stock": "state",
}


def lower(system: System, outcomes: Outcomes) -> Program:
    """The program of one run of a system that records these outcomes."""
    return _Lowering(rewritten(system), outcomes).program()


class _Lowering:
    """The parts of a program while it is made: constants, tables and regions grow as phases are lowered."""

    def __init__(self, system: System, outcomes: Outcomes) -> None:
        self.system = system
        self.outcomes = outcomes
        self.index_tables = IndexTables()
        self.tables: dict[Any, int] = {}
        self.constants: list[float] = []
        self.constant_starts: dict[int, int] = {}
        self.slots: dict[str, Slots] = {
            "parameter": system.parameters,
            "path": system.paths,
            "event": system.events,
            "base": system.bases,
            "stock": system.states,
            "switch": Slots.of((name, ()) for name in system.switches),
        }
        roots = self.roots()
        passing = depends_on(roots, PASSING)
        self.fixed = {node.number: node for node in self.frontier(roots, passing)}
        self.fixed_starts = Slots.of((str(number), node.shape) for number, node in self.fixed.items()).starts
        self.phases: dict[PhaseName, Phase] = {}
        self.scratch = 0

    def roots(self) -> list[Node]:
        """Every expression that the program needs."""
        system = self.system
        yearly = system.yearly_roots()
        kept = self.kept_variables() if yearly else []
        return [*(s.initial for s in system.stocks), *system.step_roots(self.outcomes.names), *yearly, *kept]

    def kept_variables(self) -> list[Node]:
        return [self.system.variables[name] for name in self.system.bases.names]

    def frontier(self, roots: list[Node], passing: set[int]) -> Iterable[Node]:
        """The nodes that do not change during a run and are read by what does, or are roots; no views or inputs."""
        wanted = {root.number: root for root in roots}
        for node in reachable(roots):
            if node.number in passing or node.number in wanted:
                for argument in node.arguments if node.number in passing else ():
                    wanted[argument.number] = argument
        found: dict[int, Node] = {}
        waiting = [node for node in wanted.values() if node.number not in passing]
        while waiting:
            node = waiting.pop()
            if node.operation in VIEWS:
                waiting.append(node.arguments[0])
            elif node.operation not in ("input", "constant"):
                found[node.number] = node
        return sorted(found.values(), key=lambda node: node.number)

    def program(self) -> Program:
        """Lower the phases one after the other."""
        system = self.system
        starts = system.states.starts
        self.lower_sequence(
            ("fixed",),
            [Output(node, 0, self.target(node, "fixed", self.fixed_starts[str(n)])) for n, node in self.fixed.items()],
            leaves=frozenset(),
        )
        initial = [
            Output(s.initial, 0, self.target(s.initial, "state", starts[s.name], s.shape)) for s in system.stocks
        ]
        self.lower_sequence(("initial",), initial)
        rates = [Output(s.rate, 0, self.target(s.rate, "rates", starts[s.name], s.shape)) for s in system.stocks]
        kept = self.kept_outputs()
        recorded = self.recorded_outputs()
        self.lower_sequence(STEP_PHASES, [*rates, *kept, *(output for output in recorded.values() if output)])
        yearly = [
            Output(s.yearly, 0, self.target(s.yearly, "rates", starts[s.name], s.shape))
            for s in system.stocks
            if s.yearly is not None
        ]
        self.lower_sequence(("yearly",), [*yearly, *(kept if yearly else [])])
        return self.assembled({name: self.place_of(name, output) for name, output in recorded.items()})

    def target(self, node: Node, region: Region, start: int, shape: tuple[int, ...] | None = None) -> Target:
        return Target.whole(Storage(node.size, region, start), node.shape if shape is None else shape)

    def kept_outputs(self) -> list[Output]:
        starts = self.system.bases.starts
        return [
            Output(node, 0, self.target(node, "kept", starts[name]))
            for name, node in zip(self.system.bases.names, self.kept_variables(), strict=True)
        ]

    def recorded_outputs(self) -> dict[str, Output | None]:
        """Outcomes and bounded variables that must be put somewhere; None for those that lie somewhere anyway."""
        sections: dict[str, int] = {}
        for name, rule in zip(self.outcomes.names, self.outcomes.rules, strict=True):
            sections[name] = min(sections.get(name, RECORDED), CHECKED if rule == "mean" else RECORDED)
        for bound in self.system.bounds:
            sections[bound.variable] = CHECKED
        found: dict[str, Output | None] = {}
        for name, section in sections.items():
            node = self.system.variables[name]
            lies = node.number in self.fixed or (node.operation == "input" and node.attributes[0] in _REGION_OF)
            storage = Storage(node.size, lasting=True)
            found[name] = None if lies else Output(node, section, Target.whole(storage, node.shape))
        return found

    def place_of(self, name: str, output: Output | None) -> Place:
        node = self.system.variables[name]
        if output is not None:
            return Place("scratch", output.target.storage.start, node.size)
        region, index = self.lying(node, identity(node.shape))
        return Place(region, index.offset, node.size)

    def lower_sequence(
        self, names: tuple[PhaseName, ...], outputs: list[Output], leaves: frozenset[int] | None = None
    ) -> None:
        """Lower phases that share their scratch."""
        fixed = frozenset(self.fixed) if leaves is None else leaves
        resolver = Resolver(self.index_tables, fixed)
        made = plan(outputs, resolver)
        nests = schedule(made)
        self.scratch = max(self.scratch, place(made, nests))
        for section, name in enumerate(names):
            emitter = Emitter(made, resolver, self.leaf, self.table_number)
            written = emitter.phase(nest for nest in nests if nest.section == section)
            self.phases[name] = Phase(name, written, emitter.values, emitter.variables)

    def leaf(self, node: Node, element: Element) -> tuple[Region, Index] | float:
        """Where an element of an input, constant or fixed expression lies, or its value."""
        if node.operation != "constant":
            return self.lying(node, element)
        value = node.value
        if all(not index.variables for index in element):
            place = row(self.index_tables, element, strides_of(node.shape)).offset
            return float(value.flat[place])
        first = value.flat[0]
        if bool(np.all(value == first)):
            return float(first)
        if node.number not in self.constant_starts:
            self.constant_starts[node.number] = len(self.constants)
            self.constants.extend(value.astype(np.float64).ravel().tolist())
        return "constants", row(self.index_tables, element, strides_of(node.shape), self.constant_starts[node.number])

    def lying(self, node: Node, element: Element) -> tuple[Region, Index]:
        """Where an element of an input or of a fixed expression lies."""
        if node.number in self.fixed:
            start = self.fixed_starts[str(node.number)]
            return "fixed", row(self.index_tables, element, strides_of(node.shape), start)
        kind, name = node.attributes
        start = self.slots[kind].starts[name]
        return _REGION_OF[kind], row(self.index_tables, element, strides_of(node.shape), start)

    def table_number(self, attributes: tuple[Any, ...]) -> int:
        """The number of a lookup table."""
        return self.tables.setdefault(attributes, len(self.tables))

    def assembled(self, places: dict[str, Place]) -> Program:
        """The program when every phase is lowered."""
        system, starts = self.system, self.system.states.starts
        rows: dict[Region, int] = {
            "parameters": system.parameters.rows,
            "switches": len(system.switches),
            "paths": system.paths.rows,
            "events": system.events.rows,
            "bases": system.bases.rows,
            "state": system.states.rows,
            "fixed": sum(node.size for node in self.fixed.values()),
            "rates": system.states.rows,
            "kept": system.bases.rows,
            "scratch": self.scratch,
            "constants": len(self.constants),
        }
        return Program(
            rows=rows,
            phases=self.phases,
            constants=np.array(self.constants, dtype=np.float64),
            index_tables=tuple(self.index_tables.entries),
            tables=tuple(table_of(xs, ys) for xs, ys in self.tables),
            outcomes=tuple(
                Outcome(places[name], rule) for name, rule in zip(self.outcomes.names, self.outcomes.rules, strict=True)
            ),
            bounds=tuple(BoundedPlace(places[bound.variable], bound.low, bound.high) for bound in system.bounds),
            renewed=tuple(
                (starts[s.name], system.states.slice(s.name).stop - starts[s.name])
                for s in system.stocks
                if s.yearly is not None
            ),
        )


def table_of(xs: Iterable[float], ys: Iterable[float]) -> Table:
    """A table; evenly spaced if no x is further than rounding from its place on the even grid."""
    points = np.asarray(tuple(xs), dtype=np.float64)
    spacing = float((points[-1] - points[0]) / max(len(points) - 1, 1))
    even = points[0] + spacing * np.arange(len(points))
    limit = 4 * np.finfo(np.float64).eps * float(np.max(np.abs(points)))
    uniform = bool(len(points) > 1 and np.all(np.abs(points - even) <= limit))
    return Table(tuple(points.tolist()), tuple(float(y) for y in ys), spacing if uniform else 0.0)
