"""The driver around the phases: one compiled function that runs a range of blocks for the whole horizon.

A block is as many runs as a vector has lanes. Everything that a caller may change between calls is an argument
(`headframe.engine.kernel.writer.ARGUMENTS`); nothing of it is compiled in. The order of a run is that of
`headframe.engine.runs`; a block in which some run has cuts is run twice, the first time with the inputs of the base
runs, without cuts and only to keep the bases.
"""

from __future__ import annotations

from headframe.engine.kernel.arguments import ARGUMENTS
from headframe.engine.kernel.inputs import Inputs
from headframe.engine.kernel.records import Records
from headframe.engine.kernel.vectors import FLAGS
from headframe.engine.kernel.writer import LANE_FIELDS, Buffers, Writer
from headframe.engine.lowering.program import Program


class Driver:
    """Writes the functions of the driver for one program."""

    def __init__(self, program: Program, buffers: Buffers) -> None:
        real = buffers.real
        self.program, self.buffers, self.real = program, buffers, real
        self.starts = buffers.layout.starts
        self.inputs = Inputs(program, buffers, real)
        self.records = Records(program, buffers)

    def evaluate(self, w: Writer, phase: str, point: str) -> None:
        """Everything for a time, then a phase; bases are read as a pass before has kept them, or kept for the next."""
        now = w.load("double", w.argument("points"), point)
        w.code.do(f"call void @move(ptr %arguments, ptr %lanes, ptr %buffer, ptr %change, i64 {point}, double {now})")
        rows, bytes_ = self.program.rows["bases"], self.real.bytes
        place = ""
        if rows:
            count = w.load("i64", "%evaluations")
            place = w.element("i8", "%kept", w.multiply(count, rows * bytes_))
            with w.when("%replaying"):
                self.replay(w, place)
            w.store("i64", w.add(count, 1), "%evaluations")
        self.phase(w, phase, now)
        if rows:
            with w.when("%keeping"):
                w.copy(place, w.rows(self.starts["kept"]), rows)

    def phase(self, w: Writer, phase: str, now: str) -> None:
        """Call the function of a phase."""
        scalar = self.real.scalar
        w.code.do(f"call void @{phase}(ptr %buffer, {scalar} {w.to_real(now)}, {scalar} %length)")

    def moved(self, w: Writer, target: int, source: int, rate: int, factor: str) -> None:
        """Target = source + factor · rate for all rows of the state."""
        real = self.real
        spread = w.spread(factor)
        addresses = [w.rows(first) for first in (target, source, rate)]

        def move(row: str) -> None:
            change = w.i64(f"fmul {FLAGS} {real.vector} {w.load(real.vector, addresses[2], row)}, {spread}")
            value = w.i64(f"fadd {FLAGS} {real.vector} {w.load(real.vector, addresses[1], row)}, {change}")
            w.store(real.vector, value, addresses[0], row)

        w.each_row(self.program.rows["state"], move)

    def euler(self) -> str:
        """State += time step × rate."""
        w = Writer(self.real)
        self.moved(w, self.starts["state"], self.starts["state"], self.starts["rates"], "%length")
        return w.function(f"internal void @euler(ptr noalias %buffer, {self.real.scalar} %length)")

    def runge_kutta(self) -> str:
        """The further three stages of the classical method, and the step."""
        w, real, rows = Writer(self.real), self.real, self.program.rows["state"]
        state, rates = self.starts["state"], self.starts["rates"]
        start, total = self.buffers.start, self.buffers.total
        w.copy(w.rows(start), w.rows(state), rows)
        w.copy(w.rows(total), w.rows(rates), rows)
        half = w.i64(f"fmul {real.scalar} %length, {real.literal(0.5)}")
        for factor, weight, ahead in ((half, 2.0, 1), (half, 2.0, 1), ("%length", 1.0, 2)):
            self.moved(w, state, start, rates, factor)
            self.evaluate(w, "rates", w.add("%point", ahead))
            self.moved(w, total, total, rates, real.literal(weight))
        sixth = w.i64(f"fdiv {real.scalar} %length, {real.literal(6.0)}")
        self.moved(w, state, start, total, sixth)
        head = "internal void @runge_kutta(ptr %arguments, ptr %lanes, ptr %buffer, ptr %change, ptr %kept, "
        return w.function(head + f"ptr %evaluations, i1 %keeping, i1 %replaying, {real.scalar} %length, i64 %point)")

    def run_pass(self) -> str:
        """One run of a block: to keep bases (without cuts), or to record."""
        w = Writer(self.real)
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
        self.records.add_means(w)
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
                    w.copy(w.rows(target), w.rows(source), rows)

    def run(self) -> str:
        """The function that is called: some blocks, one after the other."""
        w, real = Writer(self.real), self.real
        code = w.code
        code.do(f"%lanes = alloca [{len(LANE_FIELDS) * real.lanes} x i64], align 64")
        code.do("%buffer = load ptr, ptr " + w.element("i64", "%arguments", ARGUMENTS.index("buffer")))
        runs, steps, codes = w.argument("runs"), w.argument("failed_step"), w.argument("failed_bound")
        any_cuts = w.i64(f"icmp ne i64 {w.argument('any_cuts')}, 0")
        with w.loop(w.argument("last_block"), w.argument("first_block")) as (block, _):
            cut = "false"
            if self.program.rows["switches"]:
                code.do(f"call void @lanes(ptr %arguments, ptr %lanes, i64 {block}, i64 {runs})")
                cut = w.i64(f"and i1 {any_cuts}, {self.some_cut(w)}")
                with w.when(cut):
                    code.do(f"call void @lanes(ptr %base, ptr %lanes, i64 {block}, i64 {runs})")
                    code.do("call void @run_pass(ptr %base, ptr %lanes, ptr %buffer, i1 true, i1 false)")
            code.do(f"call void @lanes(ptr %arguments, ptr %lanes, i64 {block}, i64 {runs})")
            code.do(f"call void @run_pass(ptr %arguments, ptr %lanes, ptr %buffer, i1 false, i1 {cut})")
            with w.loop(real.lanes) as (lane, _):
                number = w.load("i64", w.lane_field("run"), lane)
                for field, target in (("failed_step", steps), ("failed_bound", codes)):
                    value = w.i64(f"trunc i64 {w.load('i64', w.lane_field(field), lane)} to i32")
                    w.store("i32", value, target, number)
        return w.function("void @run(ptr %arguments, ptr %base)")

    def some_cut(self, w: Writer) -> str:
        """Whether any lane of the block has a cut."""
        return w.any_truth(self.cut_lanes(w))

    def cut_lanes(self, w: Writer) -> str:
        """Which lanes have a cut."""
        vector = f"<{self.real.lanes} x i64>"
        return w.i64(f"icmp ne {vector} {w.load(vector, w.lane_field('cut'))}, zeroinitializer")

    def replay(self, w: Writer, kept: str) -> None:
        """Let the lanes with cuts read the bases that were kept; the others read 0, as they do in any company."""
        real, target = self.real, w.rows(self.starts["bases"])
        cut = self.cut_lanes(w)

        def row(place: str) -> None:
            value = w.load(real.vector, kept, place)
            chosen = w.i64(f"select {real.truths} {cut}, {real.vector} {value}, {real.vector} zeroinitializer")
            w.store(real.vector, chosen, target, place)

        w.each_row(self.program.rows["bases"], row)

    def functions(self) -> str:
        """All functions of the driver."""
        parts = (
            self.inputs.lanes, self.inputs.start, self.inputs.move, self.records.bounds, self.records.record,
            self.euler, self.runge_kutta, self.run_pass, self.run,
        )  # fmt: skip
        return "\n".join(part() for part in parts)
