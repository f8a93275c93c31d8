"""The driver's functions that bring in a block's inputs: its lanes, parameters, paths, events and cuts."""

from __future__ import annotations

from headframe.engine.kernel.vectors import Real
from headframe.engine.kernel.writer import LANE_FIELDS, Buffers, Writer
from headframe.engine.lowering.program import Program

INFINITE, MINUS_INFINITE = "0x7FF0000000000000", "0xFFF0000000000000"


class Inputs:
    """Writes the functions that fill the regions which a program only reads."""

    def __init__(self, program: Program, buffers: Buffers, real: Real) -> None:
        self.program, self.buffers, self.real = program, buffers, real
        self.starts = buffers.layout.starts

    def gathered(
        self, w: Writer, source: str, kind: str, stride: str | int, field: str, target: str, rows: int
    ) -> None:
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
        w = Writer(self.real)
        last = w.add("%runs", -1)
        path_set, offsets, points = w.argument("path_set"), w.argument("offsets"), w.argument("point_count")
        with w.loop(self.real.lanes) as (lane, _):
            asked = w.add(w.multiply("%block", self.real.lanes), lane)
            beyond = w.i64(f"icmp sgt i64 {asked}, {last}")
            run = w.i64(f"select i1 {beyond}, i64 {last}, i64 {asked}")
            chosen = w.i64(f"sext i32 {w.load('i32', path_set, run)} to i64")
            line = w.multiply(w.multiply(chosen, points), self.program.rows["paths"])
            entries = [w.i64(f"sext i32 {w.load('i32', offsets, w.add(run, more))} to i64") for more in (0, 1)]
            for field, value in zip(LANE_FIELDS, (run, line, *entries, "-1", "-1", self.cut(w, run)), strict=True):
                w.store("i64", value, w.lane_field(field), lane)
        return w.function("internal void @lanes(ptr %arguments, ptr %lanes, i64 %block, i64 %runs)")

    def cut(self, w: Writer, run: str) -> str:
        """Whether a run has any cut, as a whole number."""
        switches = self.program.rows["switches"]
        line = w.element("i8", w.argument("cuts"), w.multiply(run, switches))
        found = "0"
        for switch in range(switches):
            found = w.i64(f"or i8 {found}, {w.load('i8', line, switch)}")
        return w.i64(f"zext i8 {found} to i64")

    def start(self) -> str:
        """What holds through a pass: parameters, switches, no bases, no events yet, no means yet."""
        w, rows, starts = Writer(self.real), self.program.rows, self.starts
        source = w.argument("parameters")
        self.gathered(w, source, "double", rows["parameters"], "run", w.rows(starts["parameters"]), rows["parameters"])
        w.fill(w.rows(starts["switches"]), rows["switches"], 0.0)
        w.fill(w.rows(starts["bases"]), rows["bases"], 0.0)
        w.fill(w.rows(starts["events"]), rows["events"], 0.0)
        w.fill(w.rows(self.buffers.means), self.buffers.start - self.buffers.means, float("nan"))
        cutting = w.i64("icmp ne i64 %cut, 0")
        with w.when(cutting):
            cuts = w.argument("cuts")
            self.gathered(w, cuts, "i8", rows["switches"], "run", w.rows(starts["switches"]), rows["switches"])
        w.store("double", MINUS_INFINITE, "%change")
        return w.function("internal void @start(ptr %arguments, ptr %lanes, ptr %buffer, ptr %change, i64 %cut)")

    def move(self) -> str:
        """Look up paths and events at a point of time; events only when some begin or end."""
        w, rows = Writer(self.real), self.program.rows
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
        several = w.any_truth(differ)
        shared = w.i64(f"xor i1 {several}, true")
        with w.when(shared):
            line = w.element("double", source, first)
            with w.loop(rows) as (row, _):
                value = w.to_real(w.load("double", line, row))
                w.store(real.vector, w.spread(value), target, row)
        with w.when(several):
            self.gathered(w, source, "double", 1, "path", target, rows)

    def events(self, w: Writer) -> None:
        """Add up the entries that hold now, and find out when that changes next."""
        rows, real = self.program.rows["events"], self.real
        target = w.rows(self.starts["events"])
        w.fill(target, rows, 0.0)
        w.store("double", INFINITE, "%change")
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
