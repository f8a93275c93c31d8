"""Printing the phases of a program as LLVM functions on vectors of lanes.

A phase becomes functions `void (ptr buffer, T time, T time_step)`. The buffer holds a vector for every row of every
region but `constants`, one region after the other. Loops are kept, so that code stays small, but short bodies are
repeated a few times per turn: copies of a body are *instances*, each with its own values and its own place in the loop
variables. Loops inside are run once for all instances together, so that what they share is loaded once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headframe.engine.kernel.functions_wide import functions_for
from headframe.engine.kernel.tables import look_up
from headframe.engine.kernel.vectors import Code, Machine, Real, Vectors
from headframe.engine.lowering.program import (
    Apply,
    Clock,
    Index,
    Interpolate,
    Load,
    Loop,
    Number,
    Program,
    Reduction,
    Region,
    Statement,
    Store,
)

UNROLLED = 48  # a loop whose instances together weigh no more is written without a loop
REPEATED = 24  # a turn of a loop holds instances up to this weight
CHAINS = 4  # independent sums of a reduction
JAMMED = 4  # instances that share the loops inside them
WEIGHTS = {"exp": 20, "log": 24, "power": 60, "tanh": 26, "sin": 24, "cos": 24}
COMPARED = {
    "less": "olt", "less_equal": "ole", "greater": "ogt", "greater_equal": "oge", "equal": "oeq", "not_equal": "une",
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """The first row of each region in the buffer, and the rows in all."""

    starts: dict[Region, int]
    rows: int

    @classmethod
    def of(cls, program: Program) -> Layout:
        """One region after the other."""
        starts: dict[Region, int] = {}
        rows = 0
        for region, count in program.rows.items():
            if region != "constants":
                starts[region] = rows
                rows += count
        return cls(starts, rows)


@dataclass(frozen=True)
class Instance:
    """One copy of a body: its values, and for each loop variable a register (or none) and what is added to it."""

    values: dict[int, str]
    variables: dict[int, tuple[str | None, int]]

    def at(self, variable: int, register: str | None, offset: int) -> Instance:
        """A copy further inside, at a value of a loop variable."""
        return Instance(dict(self.values), {**self.variables, variable: (register, offset)})


def weight(body: Sequence[Statement]) -> int:
    """About how many instructions a body is."""
    found = 0
    for statement in body:
        if isinstance(statement, Loop):
            found += statement.extent * weight(statement.body)
        elif isinstance(statement, Apply):
            found += WEIGHTS.get(statement.operation, 1)
        elif isinstance(statement, Interpolate):
            found += 20
        elif isinstance(statement, Load | Store):
            found += 1
    return found


class PhasePrinter:
    """Writes the statements of one function."""

    def __init__(self, program: Program, layout: Layout, real: Real, machine: Machine) -> None:
        self.program, self.layout, self.real = program, layout, real
        self.code = Code()
        self.vectors = Vectors(self.code, real, machine)
        self.functions = functions_for(self.vectors)
        self.labels = 0

    def nest(self, body: Sequence[Statement]) -> None:
        """One nest; what it has loaded is forgotten after it."""
        self.code.known = [{}]
        self.run(body, [Instance({}, {})])

    def run(self, body: Sequence[Statement], instances: Sequence[Instance]) -> None:
        """Some statements for all instances: straight ones for one instance after the other, loops for all at once."""
        straight: list[Statement] = []
        for statement in body:
            if isinstance(statement, Loop):
                self.straight(straight, instances)
                straight = []
                self.loop(statement, instances)
            else:
                straight.append(statement)
        self.straight(straight, instances)

    def straight(self, body: Sequence[Statement], instances: Sequence[Instance]) -> None:
        """Statements without loops."""
        for instance in instances:
            for statement in body:
                self.statement(statement, instance)

    def statement(self, statement: Statement, instance: Instance) -> None:
        """One statement that is no loop."""
        v, values = self.vectors, instance.values
        if isinstance(statement, Store):
            address = self.address(statement.region, statement.index, instance)
            self.code.do(f"store {self.real.vector} {values[statement.value]}, ptr {address}, align {self.real.bytes}")
        elif isinstance(statement, Number):
            values[statement.target] = v.number(statement.value)
        elif isinstance(statement, Clock):
            values[statement.target] = splat(v, f"%{statement.name}")
        elif isinstance(statement, Load):
            values[statement.target] = self.load(statement.region, statement.index, instance)
        elif isinstance(statement, Interpolate):
            table = self.program.tables[statement.table]
            values[statement.target] = look_up(v, table, statement.table, values[statement.argument])
        elif isinstance(statement, Apply):
            arguments = [values[argument] for argument in statement.arguments]
            values[statement.target] = self.apply(statement.operation, arguments)

    def load(self, region: Region, index: Index, instance: Instance) -> str:
        """A number of every lane, or a constant in all lanes."""
        address = self.address(region, index, instance)
        if region == "constants":
            return splat(self.vectors, self.code.put(f"load {self.real.scalar}, ptr {address}"))
        return self.code.put(f"load {self.real.vector}, ptr {address}, align {self.real.bytes}")

    def address(self, region: Region, index: Index, instance: Instance) -> str:
        """The address of a row."""
        offset, register = self.position(index, instance)
        if region == "constants":
            base, unit = "@constants", self.real.scalar
        else:
            base, unit = "%buffer", self.real.vector
            offset += self.layout.starts[region]
        if register is not None:
            base = self.code.put(f"getelementptr {unit}, ptr {base}, i64 {register}")
        return self.code.put(f"getelementptr {unit}, ptr {base}, i64 {offset}") if offset else base

    def position(self, index: Index, instance: Instance) -> tuple[int, str | None]:
        """An index as a literal offset and a register (or none)."""
        put, offset = self.code.put, index.offset
        parts: list[str] = []
        for variable, coefficient in index.terms:
            register, more = instance.variables[variable]
            offset += coefficient * more
            if register is not None:
                parts.append(register if coefficient == 1 else put(f"mul i64 {register}, {coefficient}"))
        for table, place in index.gathers:
            start, register = self.position(place, instance)
            if register is None:
                offset += self.program.index_tables[table][start]
                continue
            address = put(f"getelementptr i64, ptr @indices{table}, i64 {register}")
            address = put(f"getelementptr i64, ptr {address}, i64 {start}") if start else address
            parts.append(put(f"load i64, ptr {address}"))
        total: str | None = None
        for part in parts:
            total = part if total is None else put(f"add i64 {total}, {part}")
        return offset, total

    def apply(self, operation: str, arguments: list[str]) -> str:
        """An elementwise operation."""
        v, functions = self.vectors, self.functions
        if operation in COMPARED:
            return v.compare(COMPARED[operation], *arguments)
        simple = {
            "add": v.add, "subtract": v.subtract, "multiply": v.multiply, "divide": v.divide, "negative": v.negative,
            "minimum": v.smaller, "maximum": v.larger, "where": v.select, "exp": functions.exp, "log": functions.log,
            "tanh": functions.tanh, "sin": functions.sin, "cos": functions.cos, "power": functions.power,
            "logical_and": v.both, "logical_or": v.either, "logical_not": v.neither,
            "truth": v.truth, "number": v.from_truth,
        }  # fmt: skip
        if operation in simple:
            return simple[operation](*arguments)  # type: ignore[operator,no-any-return]
        return v.call({"absolute": "fabs"}.get(operation, operation), *arguments)

    def loop(self, loop: Loop, instances: Sequence[Instance]) -> None:
        """A loop, as copies of its body where that is short."""
        repeats = self.repeats(loop, len(instances))
        if repeats >= loop.extent:
            self.copies(loop, instances, None, 0, loop.extent, [])
            return
        turns, rest = divmod(loop.extent, repeats)
        gathered = self.turns(loop, instances, repeats, turns)
        self.copies(loop, instances, None, turns * repeats, rest, gathered)

    def repeats(self, loop: Loop, instances: int) -> int:
        """How many copies of a loop's body one turn should hold."""
        heavy = weight(loop.body) * instances
        if loop.extent * heavy <= UNROLLED:
            return loop.extent
        if any(isinstance(statement, Loop) for statement in loop.body):
            return min(JAMMED, loop.extent) if instances == 1 else 1
        return max(1, min(REPEATED // max(heavy, 1), 4, loop.extent))

    def copies(
        self,
        loop: Loop,
        instances: Sequence[Instance],
        register: str | None,
        first: int,
        count: int,
        gathered: list[list[list[str]]],
    ) -> list[list[list[str]]]:
        """Copies of a body at `register + first`, …; ends the reductions unless inside a turn (with a register).

        `gathered` holds, by instance and reduction, the partial results so far.
        """
        made = [[instance.at(loop.variable, register, first + copy) for instance in instances] for copy in range(count)]
        self.run(loop.body, [instance for row in made for instance in row])
        gathered = gathered or [[[] for _ in loop.reductions] for _ in instances]
        for row in made:
            for instance, partial in zip(row, gathered, strict=True):
                for reduction, chains in zip(loop.reductions, partial, strict=True):
                    chains.append(instance.values[reduction.value])
        if register is None:
            for instance, partial in zip(instances, gathered, strict=True):
                for reduction, chains in zip(loop.reductions, partial, strict=True):
                    instance.values[reduction.target] = self.combined(reduction, chains)
        return gathered

    def combined(self, reduction: Reduction, chains: list[str]) -> str:
        """All partial results as one: a few sums side by side, then pairs of them."""
        heads = chains[:CHAINS]
        for place, value in enumerate(chains[CHAINS:]):
            heads[place % CHAINS] = self.merge(reduction, heads[place % CHAINS], value)
        while len(heads) > 1:
            half = (len(heads) + 1) // 2
            pairs = [self.merge(reduction, a, b) for a, b in zip(heads, heads[half:], strict=False)]
            heads = pairs + heads[len(pairs) : half]
        return heads[0]

    def merge(self, reduction: Reduction, a: str, b: str) -> str:
        """Two partial results as one."""
        merges = {"sum": self.vectors.add, "maximum_of": self.vectors.larger, "minimum_of": self.vectors.smaller}
        return merges[reduction.operation](a, b)

    def turns(self, loop: Loop, instances: Sequence[Instance], repeats: int, turns: int) -> list[list[list[str]]]:
        """The loop proper; returns the partial results, one for each copy in a turn."""
        code, vector = self.code, self.real.vector
        self.labels += 1
        label, before = f"loop{self.labels}", code.block
        code.do(f"br label %{label}")
        code.label(label)
        known = len(code.known)
        code.known.append({})
        header = len(code.lines)
        counter, following = code.name("i"), code.name("n")
        starts = {"sum": 0.0, "maximum_of": float("-inf"), "minimum_of": float("inf")}
        partial = [[[code.name("p") for _ in range(repeats)] for _ in loop.reductions] for _ in instances]
        found = self.copies(loop, instances, counter, 0, repeats, [])
        merged = [
            [
                [self.merge(reduction, old, new) for old, new in zip(olds, news, strict=True)]
                for reduction, olds, news in zip(loop.reductions, partial[place], found[place], strict=True)
            ]
            for place in range(len(instances))
        ]
        code.do(f"{following} = add nuw nsw i64 {counter}, {repeats}")
        done = code.always(f"icmp eq i64 {following}, {turns * repeats}")
        after = f"after{self.labels}_{label}"
        phis = [f"  {counter} = phi i64 [0, %{before}], [{following}, %{code.block}]"]
        for place in range(len(instances)):
            for number, reduction in enumerate(loop.reductions):
                start = self.vectors.number(starts[reduction.operation])
                phis += [
                    f"  {old} = phi {vector} [{start}, %{before}], [{new}, %{code.block}]"
                    for old, new in zip(partial[place][number], merged[place][number], strict=True)
                ]
        code.lines[header:header] = phis
        code.do(f"br i1 {done}, label %{after}, label %{label}")
        code.label(after)
        del code.known[known:]
        return merged


def splat(vectors: Vectors, scalar: str) -> str:
    """A scalar in all lanes."""
    real = vectors.real
    one = vectors.code.put(f"insertelement {real.vector} poison, {real.scalar} {scalar}, i64 0")
    return vectors.code.put(
        f"shufflevector {real.vector} {one}, {real.vector} poison, <{real.lanes} x i32> zeroinitializer"
    )


def functions(program: Program, layout: Layout, real: Real, machine: Machine) -> Iterator[tuple[str, Vectors]]:
    """The function of each phase, and the vectors that know what it needs declared."""
    for name, phase in program.phases.items():
        printer = PhasePrinter(program, layout, real, machine)
        for nest in phase.nests:
            printer.nest(nest)
        body = "\n".join(printer.code.lines)
        parameters = f"ptr noalias %buffer, {real.scalar} %time, {real.scalar} %time_step"
        head = f"define internal void @{name}({parameters}) {{\nentry:\n"
        yield f"{head}{body}\n  ret void\n}}\n", printer.vectors
