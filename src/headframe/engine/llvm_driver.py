"""The driver around the phases: one compiled function that runs a range of blocks for the whole horizon.

A block is as many runs as a vector has lanes. Everything that a caller may change between calls is an argument
(`ARGUMENTS`); nothing of it is compiled in. The order of a run is that of `headframe.engine.runs`; a block in which
some run has cuts is run twice, the first time without cuts and only to keep the bases.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from headframe.engine.llvm_phase import Layout
from headframe.engine.llvm_vectors import FLAGS, Code, Machine, Real, Vectors
from headframe.engine.lower_program import BoundedPlace, Program

# What the function is given, eight bytes each: addresses, then whole numbers, then the length of a step.
ARGUMENTS = (
    "parameters", "paths", "path_set", "offsets", "event_rows", "event_starts", "event_ends", "event_amounts", "cuts",
    "points", "values", "failed_step", "failed_bound", "buffer", "bases",
    "runs", "first_block", "last_block", "steps", "steps_per_year", "record_every", "point_count", "record_count",
    "runge_kutta", "any_cuts",
    "time_step",
)  # fmt: skip
POINTERS = frozenset(ARGUMENTS[:15])
LANE_FIELDS = ("run", "path", "first_entry", "last_entry", "failed_step", "failed_bound")


@dataclass(frozen=True)
class Buffers:
    """Rows of a thread's buffer: the regions, then the sums of means, then what Runge–Kutta needs."""

    layout: Layout
    means: int
    start: int
    total: int
    rows: int

    @classmethod
    def of(cls, program: Program, layout: Layout) -> Buffers:
        """The rows behind the regions."""
        averaged = sum(outcome.place.size for outcome in program.outcomes if outcome.rule == "mean")
        state = program.rows["state"]
        first = layout.rows
        return cls(layout, first, first + averaged, first + averaged + state, first + averaged + 2 * state)


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
        """a + b."""
        return self.i64(f"add i64 {a}, {b}")

    def multiply(self, a: str, b: str | int) -> str:
        """a · b."""
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


class Driver:
    """Writes the functions of the driver for one program."""

    def __init__(self, program: Program, buffers: Buffers, real: Real, machine: Machine) -> None:
        self.program, self.buffers, self.real, self.machine = program, buffers, real, machine
        self.starts = buffers.layout.starts
        self.declared: set[str] = set()

    def writer(self) -> Writer:
        return Writer(self.real)

    def copy(self, w: Writer, target: str, source: str, rows: int) -> None:
        """Copy rows of vectors."""
        with w.loop(rows) as (row, _):
            value = w.load(self.real.vector, source, row)
            w.store(self.real.vector, value, target, row)

    def fill(self, w: Writer, target: str, rows: int, value: float) -> None:
        """Set rows of vectors to one number."""
        with w.loop(rows) as (row, _):
            w.store(self.real.vector, self.real.splat(value), target, row)

    def gathered(self, w: Writer, source: str, kind: str, stride: str | int, field: str, target: str, rows: int) -> None:
        """Fill rows from an array with one line per run or path set, found by a field of each lane."""
        offsets = w.lane_field(field)
        with w.loop(self.real.lanes) as (lane, _):
            line = w.element(kind, source, w.multiply(w.load("i64", offsets, lane), stride))
            with w.loop(rows) as (row, _):
                value = w.load(kind, line, row)
                value = w.i64(f"uitofp i8 {value} to double") if kind == "i8" else value
                place = w.add(w.multiply(row, self.real.lanes), lane)
                w.store(self.real.scalar, w.to_real(value), target, place)

    def lanes(self) -> str:
        """Which run each lane of a block is, where its paths begin, and its entries in the event register."""
        w = self.writer()
        last = w.add("%runs", -1)
        path_set, offsets, points = w.argument("path_set"), w.argument("offsets"), w.argument("point_count")
        with w.loop(self.real.lanes) as (lane, _):
            asked = w.add(w.multiply("%block", self.real.lanes), lane)
            beyond = w.i64(f"icmp sgt i64 {asked}, {last}")
            run = w.i64(f"select i1 {beyond}, i64 {last}, i64 {asked}")
            chosen = w.i64(f"sext i32 {w.load('i32', path_set, run)} to i64")
            line = w.multiply(w.multiply(chosen, points), self.program.rows["paths"])
            entries = [w.i64(f"sext i32 {w.load('i32', offsets, w.add(run, more))} to i64") for more in (0, 1)]
            for field, value in zip(LANE_FIELDS, (run, line, *entries, "-1", "-1"), strict=True):
                w.store("i64", value, w.lane_field(field), lane)
        return w.function("internal void @lanes(ptr %arguments, ptr %lanes, i64 %block, i64 %runs)")

    def start(self) -> str:
        """What holds through a pass: parameters, switches, no bases, no events yet, no means yet."""
        w, rows, starts = self.writer(), self.program.rows, self.starts
        source = w.argument("parameters")
        self.gathered(w, source, "double", rows["parameters"], "run", w.rows(starts["parameters"]), rows["parameters"])
        self.fill(w, w.rows(starts["switches"]), rows["switches"], 0.0)
        self.fill(w, w.rows(starts["bases"]), rows["bases"], 0.0)
        self.fill(w, w.rows(starts["events"]), rows["events"], 0.0)
        self.fill(w, w.rows(self.buffers.means), self.buffers.start - self.buffers.means, float("nan"))
        cutting = w.i64("icmp ne i64 %cut, 0")
        with w.when(cutting):
            cuts = w.argument("cuts")
            self.gathered(w, cuts, "i8", rows["switches"], "run", w.rows(starts["switches"]), rows["switches"])
        w.store("double", self._infinite(negative=True), "%change")
        return w.function("internal void @start(ptr %arguments, ptr %lanes, ptr %buffer, ptr %change, i64 %cut)")

    @staticmethod
    def _infinite(*, negative: bool = False) -> str:
        return "0xFFF0000000000000" if negative else "0x7FF0000000000000"

    def move(self) -> str:
        """Look up paths and events at a point of time; events only when some begin or end."""
        w, rows = self.writer(), self.program.rows
        if rows["paths"]:
            self.paths(w)
        if rows["events"]:
            changes = w.load("double", "%change")
            due = w.i64(f"fcmp oge double %now, {changes}")
            with w.when(due):
                self.events(w)
        return w.function(
            "internal void @move(ptr %arguments, ptr %lanes, ptr %buffer, ptr %change, i64 %point, double %now)"
        )

    def paths(self, w: Writer) -> None:
        """One load for all lanes where they share a path set, else one for each."""
        rows, real = self.program.rows["paths"], self.real
        source = w.element("double", w.argument("paths"), w.multiply("%point", rows))
        offsets, target = w.lane_field("path"), w.rows(self.starts["paths"])
        vector = f"<{real.lanes} x i64>"
        all_offsets = w.load(vector, offsets)
        first = w.load("i64", offsets)
        one = w.i64(f"insertelement {vector} poison, i64 {first}, i64 0")
        spread = w.i64(f"shufflevector {vector} {one}, {vector} poison, <{real.lanes} x i32> zeroinitializer")
        differ = w.i64(f"icmp ne {vector} {all_offsets}, {spread}")
        bits = w.i64(f"bitcast {real.truths} {differ} to i{real.lanes}")
        several = w.i64(f"icmp ne i{real.lanes} {bits}, 0")
        shared = w.i64(f"xor i1 {several}, true")
        with w.when(shared):
            line = w.element("double", source, first)
            with w.loop(rows) as (row, _):
                value = w.to_real(w.load("double", line, row))
                one = w.i64(f"insertelement {real.vector} poison, {real.scalar} {value}, i64 0")
                spread = w.i64(
                    f"shufflevector {real.vector} {one}, {real.vector} poison, <{real.lanes} x i32> zeroinitializer"
                )
                w.store(real.vector, spread, target, row)
        with w.when(several):
            self.gathered(w, source, "double", 1, "path", target, rows)

    def events(self, w: Writer) -> None:
        """Add up the entries that hold now, and find out when that changes next."""
        rows, real = self.program.rows["events"], self.real
        target = w.rows(self.starts["events"])
        self.fill(w, target, rows, 0.0)
        w.store("double", self._infinite(), "%change")
        event_rows, amounts = w.argument("event_rows"), w.argument("event_amounts")
        starts, ends = w.argument("event_starts"), w.argument("event_ends")
        first, last = w.lane_field("first_entry"), w.lane_field("last_entry")
        with w.loop(real.lanes) as (lane, _):
            end, begin = w.load("i64", last, lane), w.load("i64", first, lane)
            with w.loop(end, begin) as (entry, _):
                times = [w.load("double", source, entry) for source in (starts, ends)]
                for time in times:
                    ahead = w.i64(f"fcmp ogt double {time}, %now")
                    change = w.load("double", "%change")
                    sooner = w.i64(f"fcmp olt double {time}, {change}")
                    both = w.i64(f"and i1 {ahead}, {sooner}")
                    w.store("double", w.i64(f"select i1 {both}, double {time}, double {change}"), "%change")
                begun = w.i64(f"fcmp oge double %now, {times[0]}")
                running = w.i64(f"fcmp olt double %now, {times[1]}")
                active = w.i64(f"and i1 {begun}, {running}")
                with w.when(active):
                    row = w.i64(f"sext i32 {w.load('i32', event_rows, entry)} to i64")
                    place = w.add(w.multiply(row, real.lanes), lane)
                    amount = w.to_real(w.load("double", amounts, entry))
                    total = w.i64(f"fadd {real.scalar} {w.load(real.scalar, target, place)}, {amount}")
                    w.store(real.scalar, total, target, place)

    def bounds(self) -> str:
        """Note the runs that fail before this step, each once; checks of single bounds only if something broke."""
        w, real = self.writer(), self.real
        vector = f"<{real.lanes} x i64>"
        steps, codes = w.lane_field("failed_step"), w.lane_field("failed_bound")
        unfailed = w.i64(f"icmp slt {vector} {w.load(vector, steps)}, zeroinitializer")
        kept = "splat (i1 true)"
        for bound in self.program.bounds:
            kept = w.i64(f"and {real.truths} {kept}, {self.kept(w, bound)}")
        broken = w.i64(f"xor {real.truths} {kept}, splat (i1 true)")
        broken = w.i64(f"and {real.truths} {broken}, {unfailed}")
        bits = w.i64(f"bitcast {real.truths} {broken} to i{real.lanes}")
        one = w.i64(f"insertelement {vector} poison, i64 %step, i64 0")
        now = w.i64(f"shufflevector {vector} {one}, {vector} poison, <{real.lanes} x i32> zeroinitializer")
        with w.when(w.i64(f"icmp ne i{real.lanes} {bits}, 0")):
            for code, bound in enumerate(self.program.bounds):
                old = w.load(vector, steps)
                open_ = w.i64(f"icmp slt {vector} {old}, zeroinitializer")
                broken = w.i64(f"xor {real.truths} {self.kept(w, bound)}, splat (i1 true)")
                chosen = w.i64(f"and {real.truths} {broken}, {open_}")
                w.store(vector, w.i64(f"select {real.truths} {chosen}, {vector} {now}, {vector} {old}"), steps)
                older = w.load(vector, codes)
                marked = w.i64(f"select {real.truths} {chosen}, {vector} splat (i64 {code}), {vector} {older}")
                w.store(vector, marked, codes)
        return w.function("internal void @bounds(ptr %lanes, ptr %buffer, i64 %step)")

    def kept(self, w: Writer, bound: BoundedPlace) -> str:
        """Which lanes keep to a bound in all rows, some rows at a time; the last turn may repeat rows."""
        real, place = self.real, bound.place
        low, high = max(real.rounded(bound.low), -real.largest), min(real.rounded(bound.high), real.largest)
        source = w.rows(self.starts[place.region] + place.start)
        together = min(4, place.size)
        with w.loop(-(-place.size // together), carried=((real.truths, "splat (i1 true)"),)) as (turn, cells):
            ahead = w.multiply(turn, together)
            late = w.i64(f"icmp sgt i64 {ahead}, {place.size - together}")
            row = w.i64(f"select i1 {late}, i64 {place.size - together}, i64 {ahead}")
            kept = [w.element(real.vector, source, row)]
            found = cells.old[0]
            for more in range(together):
                value = w.load(real.vector, kept[0], more)
                above = w.i64(f"fcmp oge {real.vector} {value}, {real.splat(low)}")
                below = w.i64(f"fcmp ole {real.vector} {value}, {real.splat(high)}")
                both = w.i64(f"and {real.truths} {above}, {below}")
                found = w.i64(f"and {real.truths} {found}, {both}")
            cells.new = [found]
        return cells.old[0]

    def record(self) -> str:
        """Write a record: points as they are, means as the sums divided by the steps between records."""
        w, real, numbers = self.writer(), self.real, self.numbers
        values, steps = w.argument("values"), w.argument("record_every")
        across = w.multiply(w.argument("record_count"), numbers)
        self.averages(w, w.i64(f"sitofp i64 {steps} to {real.scalar}"))
        runs = w.lane_field("run")
        with w.loop(real.lanes) as (lane, _):
            line = w.element(real.scalar, values, w.multiply(w.load("i64", runs, lane), across))
            line = w.element(real.scalar, line, w.multiply("%record", numbers))
            column, mean = 0, self.buffers.means
            for outcome in self.program.outcomes:
                place = outcome.place
                first = mean if outcome.rule == "mean" else self.starts[place.region] + place.start
                mean += place.size if outcome.rule == "mean" else 0
                source, target = w.rows(first), w.element(real.scalar, line, column)
                column += place.size
                with w.loop(place.size) as (row, _):
                    number = w.add(w.multiply(row, real.lanes), lane)
                    w.store(real.scalar, w.load(real.scalar, source, number), target, row)
        self.fill(w, w.rows(self.buffers.means), self.averaged, 0.0)
        return w.function("internal void @record(ptr %arguments, ptr %lanes, ptr %buffer, i64 %record)")

    @property
    def numbers(self) -> int:
        """How many numbers a record has."""
        return sum(outcome.place.size for outcome in self.program.outcomes)

    @property
    def averaged(self) -> int:
        """How many of them are means."""
        return self.buffers.start - self.buffers.means

    def averages(self, w: Writer, steps: str) -> None:
        """Divide the sums."""
        real = self.real
        one = w.i64(f"insertelement {real.vector} poison, {real.scalar} {steps}, i64 0")
        spread = w.i64(
            f"shufflevector {real.vector} {one}, {real.vector} poison, <{real.lanes} x i32> zeroinitializer"
        )
        sums = w.rows(self.buffers.means)
        with w.loop(self.averaged) as (row, _):
            total = w.load(real.vector, sums, row)
            w.store(real.vector, w.i64(f"fdiv {real.vector} {total}, {spread}"), sums, row)

    def add_means(self, w: Writer) -> None:
        """Add the values before a step to the sums."""
        real, mean = self.real, self.buffers.means
        for outcome in self.program.outcomes:
            if outcome.rule == "mean":
                source = w.rows(self.starts[outcome.place.region] + outcome.place.start)
                sums = w.rows(mean)
                mean += outcome.place.size
                with w.loop(outcome.place.size) as (row, _):
                    value = w.load(real.vector, source, row)
                    total = w.i64(f"fadd {real.vector} {w.load(real.vector, sums, row)}, {value}")
                    w.store(real.vector, total, sums, row)

    def evaluate(self, w: Writer, phase: str, point: str) -> None:
        """Everything for a time, then a phase; bases are read from what a pass before has kept, or kept for the next."""
        now = w.load("double", w.argument("points"), point)
        w.code.do(
            f"call void @move(ptr %arguments, ptr %lanes, ptr %buffer, ptr %change, i64 {point}, double {now})"
        )
        rows, bytes_ = self.program.rows["bases"], self.real.bytes
        place = ""
        if rows:
            count = w.load("i64", "%evaluations")
            place = w.element("i8", "%kept", w.multiply(count, rows * bytes_))
            with w.when("%replaying"):
                self.copy(w, w.rows(self.starts["bases"]), place, rows)
            w.store("i64", w.add(count, 1), "%evaluations")
        self.phase(w, phase, now)
        if rows:
            with w.when("%keeping"):
                self.copy(w, place, w.rows(self.starts["kept"]), rows)

    def phase(self, w: Writer, phase: str, now: str) -> None:
        """Call the function of a phase."""
        scalar = self.real.scalar
        w.code.do(f"call void @{phase}(ptr %buffer, {scalar} {w.to_real(now)}, {scalar} %length)")

    def moved(self, w: Writer, target: int, source: int, rate: int, factor: str) -> None:
        """target = source + factor · rate for all rows of the state."""
        real = self.real
        one = w.i64(f"insertelement {real.vector} poison, {real.scalar} {factor}, i64 0")
        spread = w.i64(
            f"shufflevector {real.vector} {one}, {real.vector} poison, <{real.lanes} x i32> zeroinitializer"
        )
        addresses = [w.rows(first) for first in (target, source, rate)]
        with w.loop(self.program.rows["state"]) as (row, _):
            change = w.i64(f"fmul {FLAGS} {real.vector} {w.load(real.vector, addresses[2], row)}, {spread}")
            value = w.i64(f"fadd {FLAGS} {real.vector} {w.load(real.vector, addresses[1], row)}, {change}")
            w.store(real.vector, value, addresses[0], row)

    def euler(self) -> str:
        """state += time step × rate."""
        w = self.writer()
        self.moved(w, self.starts["state"], self.starts["state"], self.starts["rates"], "%length")
        return w.function(f"internal void @euler(ptr noalias %buffer, {self.real.scalar} %length)")

    def runge_kutta(self) -> str:
        """The further three stages of the classical method, and the step."""
        w, real, rows = self.writer(), self.real, self.program.rows["state"]
        state, rates = self.starts["state"], self.starts["rates"]
        start, total = self.buffers.start, self.buffers.total
        self.copy(w, w.rows(start), w.rows(state), rows)
        self.copy(w, w.rows(total), w.rows(rates), rows)
        half = w.i64(f"fmul {real.scalar} %length, {real.literal(0.5)}")
        for factor, weight, ahead in ((half, 2.0, 1), (half, 2.0, 1), ("%length", 1.0, 2)):
            self.moved(w, state, start, rates, factor)
            self.evaluate(w, "rates", w.add("%point", ahead))
            self.moved(w, total, total, rates, real.literal(weight))
        sixth = w.i64(f"fdiv {real.scalar} %length, {real.literal(6.0)}")
        self.moved(w, state, start, total, sixth)
        head = "internal void @runge_kutta(ptr %arguments, ptr %lanes, ptr %buffer, ptr %change, ptr %kept, "
        return w.function(
            head + f"ptr %evaluations, i1 %keeping, i1 %replaying, {real.scalar} %length, i64 %point)"
        )

    def run_pass(self) -> str:
        """One run of a block: to keep bases (without cuts), or to record."""
        w, real = self.writer(), self.real
        code = w.code
        code.do("%change = alloca double")
        code.do("%evaluations = alloca i64")
        w.store("i64", "0", "%evaluations")
        code.do("%kept = load ptr, ptr " + w.element("i64", "%arguments", ARGUMENTS.index("bases")))
        code.do("%recording = xor i1 %keeping, true")
        cut = w.i64("zext i1 %replaying to i64")
        code.do(f"call void @start(ptr %arguments, ptr %lanes, ptr %buffer, ptr %change, i64 {cut})")
        code.do(f"%length = {self._length(w)}")
        first = w.load("double", w.argument("points"))
        code.do(f"call void @move(ptr %arguments, ptr %lanes, ptr %buffer, ptr %change, i64 0, double {first})")
        self.phase(w, "fixed", first)
        self.phase(w, "initial", first)
        steps, per_year, every = (w.argument(name) for name in ("steps", "steps_per_year", "record_every"))
        stages = w.argument("runge_kutta")
        per_step = w.add(stages, 1)
        code.do(f"%classical = icmp ne i64 {stages}, 0")
        with w.loop(w.add(steps, 1)) as (step, _):
            point = w.multiply(step, per_step)
            self.evaluate(w, "rates", point)
            now = w.load("double", w.argument("points"), point)
            with w.when("%recording"):
                self.phase(w, "checks", now)
                if self.program.bounds:
                    code.do(f"call void @bounds(ptr %lanes, ptr %buffer, i64 {step})")
                record = w.i64(f"sdiv i64 {step}, {every}")
                since = w.i64(f"sub i64 {step}, {w.multiply(record, every)}")
                with w.when(w.i64(f"icmp eq i64 {since}, 0")):
                    self.phase(w, "records", now)
                    code.do(f"call void @record(ptr %arguments, ptr %lanes, ptr %buffer, i64 {record})")
            with w.when(w.i64(f"icmp slt i64 {step}, {steps}")):
                self.advance(w, step, point, per_step, per_year)
        head = "internal void @run_pass(ptr %arguments, ptr %lanes, ptr %buffer, i1 %keeping, i1 %replaying)"
        return w.function(head)

    def _length(self, w: Writer) -> str:
        given = w.argument("time_step")
        return f"fptrunc double {given} to float" if self.real.bits == 32 else f"fadd double {given}, 0.0"

    def advance(self, w: Writer, step: str, point: str, per_step: str, per_year: str) -> None:
        """From one step to the next."""
        code, scalar = w.code, self.real.scalar
        self.add_means(w)
        with w.when("%classical"):
            code.do(
                "call void @runge_kutta(ptr %arguments, ptr %lanes, ptr %buffer, ptr %change, ptr %kept, "
                f"ptr %evaluations, i1 %keeping, i1 %replaying, {scalar} %length, i64 {point})"
            )
        with w.when(w.i64("xor i1 %classical, true")):
            code.do(f"call void @euler(ptr %buffer, {scalar} %length)")
        if self.program.renewed:
            following = w.add(step, 1)
            with w.when(w.i64(f"icmp eq i64 {w.i64(f'srem i64 {following}, {per_year}')}, 0")):
                self.evaluate(w, "yearly", w.multiply(following, per_step))
                for first, rows in self.program.renewed:
                    target, source = self.starts["state"] + first, self.starts["rates"] + first
                    self.copy(w, w.rows(target), w.rows(source), rows)

    def run(self) -> str:
        """The function that is called: some blocks, one after the other."""
        w, real = self.writer(), self.real
        code = w.code
        code.do(f"%lanes = alloca [{len(LANE_FIELDS) * real.lanes} x i64], align 64")
        code.do("%buffer = load ptr, ptr " + w.element("i64", "%arguments", ARGUMENTS.index("buffer")))
        runs, steps, codes = w.argument("runs"), w.argument("failed_step"), w.argument("failed_bound")
        any_cuts = w.i64(f"icmp ne i64 {w.argument('any_cuts')}, 0")
        switches = self.program.rows["switches"]
        with w.loop(w.argument("last_block"), w.argument("first_block")) as (block, _):
            code.do(f"call void @lanes(ptr %arguments, ptr %lanes, i64 {block}, i64 {runs})")
            cut = "false"
            if switches:
                cut = w.i64(f"and i1 {any_cuts}, {self.some_cut(w)}")
                with w.when(cut):
                    code.do("call void @run_pass(ptr %arguments, ptr %lanes, ptr %buffer, i1 true, i1 false)")
            code.do(f"call void @run_pass(ptr %arguments, ptr %lanes, ptr %buffer, i1 false, i1 {cut})")
            with w.loop(real.lanes) as (lane, _):
                number = w.load("i64", w.lane_field("run"), lane)
                for field, target in (("failed_step", steps), ("failed_bound", codes)):
                    value = w.i64(f"trunc i64 {w.load('i64', w.lane_field(field), lane)} to i32")
                    w.store("i32", value, target, number)
        return w.function("void @run(ptr %arguments)")

    def some_cut(self, w: Writer) -> str:
        """Whether any lane of the block has a cut."""
        cuts, switches = w.argument("cuts"), self.program.rows["switches"]
        with w.loop(self.real.lanes, carried=(("i8", "0"),)) as (lane, cells):
            line = w.element("i8", cuts, w.multiply(w.load("i64", w.lane_field("run"), lane), switches))
            found = cells.old[0]
            for switch in range(switches):
                found = w.i64(f"or i8 {found}, {w.load('i8', line, switch)}")
            cells.new = [found]
        return w.i64(f"icmp ne i8 {cells.old[0]}, 0")

    def functions(self) -> str:
        """All functions of the driver."""
        parts = (
            self.lanes, self.start, self.move, self.bounds, self.record, self.euler, self.runge_kutta,
            self.run_pass, self.run,
        )  # fmt: skip
        return "\n".join(part() for part in parts)
