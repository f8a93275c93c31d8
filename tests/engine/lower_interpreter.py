"""A program computed statement by statement in Python, with every index checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from headframe.engine.lowering.program import (
    Apply,
    Clock,
    Index,
    Interpolate,
    Load,
    Loop,
    Number,
    PhaseName,
    Program,
    Statement,
    Store,
)

START = {"sum": 0.0, "maximum_of": -np.inf, "minimum_of": np.inf}
MERGE = {"sum": np.add, "maximum_of": np.maximum, "minimum_of": np.minimum}


class Interpreter:
    """The regions of one run, filled with NaN, and how phases change them; `computed` counts elementwise operations."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.regions: dict[str, Any] = {region: np.full(rows, np.nan) for region, rows in program.rows.items()}
        self.regions["constants"] = program.constants
        self.computed: dict[str, int] = {}
        self.values: dict[int, Any] = {}
        self.variables: dict[int, int] = {}
        self.clock = {"time": 0.0, "time_step": 0.0}

    def run(self, phase: PhaseName, time: float = 0.0, time_step: float = 0.0) -> None:
        """Compute a phase."""
        self.clock = {"time": time, "time_step": time_step}
        with np.errstate(all="ignore"):
            for nest in self.program.phases[phase].nests:
                self.values = {}
                self.body(nest)

    def row(self, index: Index) -> int:
        found = index.offset + sum(coefficient * self.variables[variable] for variable, coefficient in index.terms)
        for table, position in index.gathers:
            entries = self.program.index_tables[table]
            place = self.row(position)
            assert 0 <= place < len(entries)
            found += entries[place]
        return found

    def body(self, statements: tuple[Statement, ...]) -> None:
        for statement in statements:
            if isinstance(statement, Loop):
                self.loop(statement)
            elif isinstance(statement, Store):
                row = self.row(statement.index)
                assert 0 <= row < self.program.rows[statement.region]
                assert not isinstance(self.values[statement.value], bool | np.bool_)
                self.regions[statement.region][row] = self.values[statement.value]
            else:
                assert statement.target not in self.values or self.variables
                self.values[statement.target] = self.value(statement)

    def value(self, statement: Number | Clock | Load | Apply | Interpolate) -> Any:
        if isinstance(statement, Number):
            return statement.value
        if isinstance(statement, Clock):
            return self.clock[statement.name]
        if isinstance(statement, Load):
            row = self.row(statement.index)
            assert 0 <= row < self.program.rows[statement.region]
            return self.regions[statement.region][row]
        if isinstance(statement, Interpolate):
            table = self.program.tables[statement.table]
            return np.interp(self.values[statement.argument], table.xs, table.ys)
        given = [self.values[argument] for argument in statement.arguments]
        self.computed[statement.operation] = self.computed.get(statement.operation, 0) + 1
        return self.applied(statement, given)

    @staticmethod
    def applied(statement: Apply, given: list[Any]) -> Any:
        truths = [isinstance(value, bool | np.bool_) for value in given]
        if statement.operation == "truth":
            assert truths == [False]
            return bool(given[0] != 0)
        if statement.operation == "number":
            assert truths == [True]
            return float(given[0])
        if statement.operation == "where":
            assert truths == [True, False, False]
            return given[1] if given[0] else given[2]
        assert all(truths) if statement.operation.startswith("logical") else not any(truths)
        found = getattr(np, statement.operation)(
            *(v if t else np.float64(v) for v, t in zip(given, truths, strict=True))
        )
        assert isinstance(found, np.bool_) == statement.boolean
        return found

    def loop(self, loop: Loop) -> None:
        results = {reduction.target: START[reduction.operation] for reduction in loop.reductions}
        before = dict(self.values)
        for turn in range(loop.extent):
            self.variables[loop.variable] = turn
            self.values = dict(before)
            self.body(loop.body)
            for reduction in loop.reductions:
                merge = MERGE[reduction.operation]
                results[reduction.target] = merge(results[reduction.target], self.values[reduction.value])
        del self.variables[loop.variable]
        self.values = before | results
