"""The driver's functions that look at a step's values: checks of bounds, sums of means, records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf

from headframe.engine.kernel.vectors import FLAGS
from headframe.engine.kernel.writer import Buffers, Writer
from headframe.engine.lowering.program import BoundedPlace, Program

TOGETHER = 8  # rows that are checked in one turn
CHAINS = 4  # sums that do not wait for each other


class Records:
    """Writes the functions that note failures and write records."""

    def __init__(self, program: Program, buffers: Buffers) -> None:
        self.program, self.buffers, self.real = program, buffers, buffers.real
        self.starts = buffers.layout.starts

    def bounds(self) -> str:
        """Note the runs that fail before this step, each once; checks of single bounds only if something broke."""
        w, real = Writer(self.real), self.real
        vector = f"<{real.lanes} x i64>"
        steps, codes = w.lane_field("failed_step"), w.lane_field("failed_bound")
        unfailed = w.i64(f"icmp slt {vector} {w.load(vector, steps)}, zeroinitializer")
        kept = self.all_kept(w, _joined(self.program.bounds))
        broken = w.i64(f"xor {real.truths} {kept}, splat (i1 true)")
        broken = w.i64(f"and {real.truths} {broken}, {unfailed}")
        one = w.i64(f"insertelement {vector} poison, i64 %step, i64 0")
        now = w.i64(f"shufflevector {vector} {one}, {vector} poison, <{real.lanes} x i32> zeroinitializer")
        with w.when(w.any_truth(broken)):
            for code, bound in enumerate(self.program.bounds):
                kept = self.all_kept(w, [bound])
                old = w.load(vector, steps)
                open_ = w.i64(f"icmp slt {vector} {old}, zeroinitializer")
                broken = w.i64(f"xor {real.truths} {kept}, splat (i1 true)")
                chosen = w.i64(f"and {real.truths} {broken}, {open_}")
                w.store(vector, w.i64(f"select {real.truths} {chosen}, {vector} {now}, {vector} {old}"), steps)
                older = w.load(vector, codes)
                marked = w.i64(f"select {real.truths} {chosen}, {vector} splat (i64 {code}), {vector} {older}")
                w.store(vector, marked, codes)
        return w.function("internal void @bounds(ptr %lanes, ptr %buffer, i64 %step)")

    def all_kept(self, w: Writer, bounds: Sequence[BoundedPlace]) -> str:
        """Which lanes keep to some bounds.

        Rows are not compared one by one: the sum of all numbers times 0 is a number only if all of them are finite,
        and limits are compared with the least and the largest number of a place.
        """
        real = self.real
        zeros = ["zeroinitializer"] * CHAINS
        kept = "splat (i1 true)"
        for bound in bounds:
            zeros, extremes = self.gathered(w, bound, zeros)
            for predicate, limit, extreme in extremes:
                within = w.i64(f"fcmp {predicate} {real.vector} {extreme}, {real.splat(limit)}")
                kept = w.i64(f"and {real.truths} {kept}, {within}")
        for zero in zeros:
            finite = w.i64(f"fcmp ord {real.vector} {zero}, zeroinitializer")
            kept = w.i64(f"and {real.truths} {kept}, {finite}")
        return kept

    def gathered(
        self, w: Writer, bound: BoundedPlace, zeros: list[str]
    ) -> tuple[list[str], list[tuple[str, float, str]]]:
        """The sums of zeros, and what has to be compared with the limits; the last turn may repeat rows."""
        real, place = self.real, bound.place
        low, high = real.rounded(bound.low), real.rounded(bound.high)
        limits = [("oge", "olt", low, inf)] * (low > -real.largest) + [("ole", "ogt", high, -inf)] * (
            high < real.largest
        )
        source = w.rows(self.starts[place.region] + place.start)
        together = min(TOGETHER, place.size)
        carried = [(real.vector, zero) for zero in zeros] + [(real.vector, real.splat(start)) for *_, start in limits]
        with w.loop(-(-place.size // together), carried=tuple(carried)) as (turn, cells):
            ahead = w.multiply(turn, together)
            late = w.i64(f"icmp sgt i64 {ahead}, {place.size - together}")
            row = w.i64(f"select i1 {late}, i64 {place.size - together}, i64 {ahead}")
            first = w.element(real.vector, source, row)
            found = list(cells.old)
            for more in range(together):
                value = w.load(real.vector, first, more)
                chain = more % CHAINS
                nothing = w.i64(f"fmul {FLAGS} {real.vector} {value}, zeroinitializer")
                found[chain] = w.i64(f"fadd {FLAGS} {real.vector} {found[chain]}, {nothing}")
                for number, (_, nearer, *_) in enumerate(limits, start=CHAINS):
                    further = w.i64(f"fcmp {nearer} {real.vector} {found[number]}, {value}")
                    found[number] = w.i64(
                        f"select {real.truths} {further}, {real.vector} {found[number]}, {real.vector} {value}"
                    )
            cells.new = found
        extremes = zip(limits, cells.old[CHAINS:], strict=True)
        return cells.old[:CHAINS], [(predicate, limit, extreme) for (predicate, _, limit, _), extreme in extremes]

    def record(self) -> str:
        """Write a record: points as they are, means as the sums divided by the steps between records."""
        w, real, numbers = Writer(self.real), self.real, self.numbers
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
        w.fill(w.rows(self.buffers.means), self.averaged, 0.0)
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
        spread = w.spread(steps)
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


def _joined(bounds: Sequence[BoundedPlace]) -> list[BoundedPlace]:
    """The same checks with neighbouring places of one range taken together."""
    found: list[BoundedPlace] = []
    for bound in sorted(bounds, key=lambda bound: (bound.place.region, bound.low, bound.high, bound.place.start)):
        last = found[-1] if found else None
        place = bound.place
        if (
            last is not None
            and (last.place.region, last.low, last.high) == (place.region, bound.low, bound.high)
            and place.start <= last.place.start + last.place.size
        ):
            end = max(last.place.start + last.place.size, place.start + place.size)
            found[-1] = replace(last, place=replace(last.place, size=end - last.place.start))
        else:
            found.append(bound)
    return found
