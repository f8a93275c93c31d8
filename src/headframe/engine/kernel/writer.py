"""Writing functions of the driver in LLVM's textual form: whole numbers, memory, loops and conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from headframe.engine.kernel.arguments import ARGUMENTS
from headframe.engine.kernel.phase import Layout
from headframe.engine.kernel.vectors import Code, Real
from headframe.engine.lowering.program import Program

POINTERS = frozenset(ARGUMENTS[:15])
LANE_FIELDS = ("run", "path", "first_entry", "last_entry", "failed_step", "failed_bound", "cut")


@dataclass(frozen=True)
class Buffers:
    """Rows of a thread's buffer: the regions, then the sums of means, then what Runge–Kutta needs."""

    real: Real
    layout: Layout
    means: int
    start: int
    total: int
    rows: int

    @classmethod
    def of(cls, program: Program, layout: Layout, real: Real) -> Buffers:
        """The rows behind the regions."""
        averaged = sum(outcome.place.size for outcome in program.outcomes if outcome.rule == "mean")
        state = program.rows["state"]
        first = layout.rows
        return cls(real, layout, first, first + averaged, first + averaged + state, first + averaged + 2 * state)


@dataclass
class Cells:
    """Values that a loop carries from one turn to the next; `old` holds the last ones after the loop."""

    old: list[str]
    new: list[str] = field(default_factory=list)


class Writer:
    """Helpers for a function that mixes whole numbers, memory and loops."""

    def __init__(self, real: Real) -> None:
        self.code = Code()
        self.real = real
        self.labels = 0

    def i64(self, instruction: str) -> str:
        """A whole number (not looked up among earlier ones, because memory may have changed)."""
        return self.code.always(instruction)

    def add(self, a: str, b: str | int) -> str:
        """A + b."""
        return self.i64(f"add i64 {a}, {b}")

    def multiply(self, a: str, b: str | int) -> str:
        """A · b."""
        return self.i64(f"mul i64 {a}, {b}")

    def argument(self, name: str) -> str:
        """One of `ARGUMENTS`."""
        address = self.i64(f"getelementptr i64, ptr %arguments, i64 {ARGUMENTS.index(name)}")
        kind = "ptr" if name in POINTERS else "double" if name == "time_step" else "i64"
        return self.i64(f"load {kind}, ptr {address}")

    def element(self, kind: str, base: str, index: str | int) -> str:
        """The address of an element of an array."""
        return self.i64(f"getelementptr {kind}, ptr {base}, i64 {index}")

    def load(self, kind: str, base: str, index: str | int = 0) -> str:
        """An element of an array."""
        return self.i64(f"load {kind}, ptr {self.element(kind, base, index)}")

    def store(self, kind: str, value: str, base: str, index: str | int = 0) -> None:
        """Set an element of an array."""
        self.code.do(f"store {kind} {value}, ptr {self.element(kind, base, index)}")

    def lane_field(self, name: str) -> str:
        """The address of a field of the block's lanes."""
        return self.element("i64", "%lanes", LANE_FIELDS.index(name) * self.real.lanes)

    def to_real(self, value: str) -> str:
        """A float64 in the precision of the kernel."""
        return value if self.real.bits == 64 else self.i64(f"fptrunc double {value} to float")

    @contextmanager
    def loop(
        self, count: str | int, first: str | int = 0, carried: tuple[tuple[str, str], ...] = ()
    ) -> Iterator[tuple[str, Cells]]:
        """Repeat for a whole number from `first` to below `count`, carrying values (type, start) along."""
        code = self.code
        self.labels += 1
        head, body, end = (f"{part}{self.labels}" for part in ("head", "body", "end"))
        before, counter, following = code.block, code.name("i"), code.name("n")
        cells = Cells([code.name("c") for _ in carried])
        code.do(f"br label %{head}")
        code.label(head)
        place = len(code.lines)
        inside = self.i64(f"icmp slt i64 {counter}, {count}")
        code.do(f"br i1 {inside}, label %{body}, label %{end}")
        code.label(body)
        yield counter, cells
        code.do(f"{following} = add nsw i64 {counter}, 1")
        phis = [f"  {counter} = phi i64 [{first}, %{before}], [{following}, %{code.block}]"]
        for (kind, start), old, new in zip(carried, cells.old, cells.new, strict=True):
            phis.append(f"  {old} = phi {kind} [{start}, %{before}], [{new}, %{code.block}]")
        code.do(f"br label %{head}")
        code.lines[place:place] = phis
        code.label(end)

    @contextmanager
    def when(self, condition: str) -> Iterator[None]:
        """Only where a condition holds."""
        self.labels += 1
        then, end = f"then{self.labels}", f"endif{self.labels}"
        self.code.do(f"br i1 {condition}, label %{then}, label %{end}")
        self.code.label(then)
        yield
        self.code.do(f"br label %{end}")
        self.code.label(end)

    def rows(self, first: int, index: str | int = 0, base: str = "%buffer") -> str:
        """The address of a row of the buffer."""
        start = self.element(self.real.vector, base, first)
        return self.element(self.real.vector, start, index)

    def function(self, head: str) -> str:
        """The text of the function written."""
        body = "\n".join(self.code.lines)
        return f"define {head} {{\nentry:\n{body}\n  ret void\n}}\n"

    def spread(self, scalar: str) -> str:
        """A scalar in all lanes."""
        real = self.real
        one = self.i64(f"insertelement {real.vector} poison, {real.scalar} {scalar}, i64 0")
        return self.i64(
            f"shufflevector {real.vector} {one}, {real.vector} poison, <{real.lanes} x i32> zeroinitializer"
        )

    def any_truth(self, truths: str) -> str:
        """Whether a truth value holds in any lane."""
        lanes = self.real.lanes
        bits = self.i64(f"bitcast {self.real.truths} {truths} to i{lanes}")
        return self.i64(f"icmp ne i{lanes} {bits}, 0")

    def each_row(self, rows: int, body: Callable[[str], None]) -> None:
        """A body for every row, four to a turn."""
        turns, rest = divmod(rows, 4)
        if turns:
            with self.loop(turns) as (turn, _):
                first = self.multiply(turn, 4)
                for more in range(4):
                    body(self.add(first, more))
        for more in range(rest):
            body(str(4 * turns + more))

    def copy(self, target: str, source: str, rows: int) -> None:
        """Copy rows of vectors."""
        vector = self.real.vector
        self.each_row(rows, lambda row: self.store(vector, self.load(vector, source, row), target, row))

    def fill(self, target: str, rows: int, value: float) -> None:
        """Set rows of vectors to one number."""
        number = self.real.splat(value)
        self.each_row(rows, lambda row: self.store(self.real.vector, number, target, row))
