"""The phases of a program as JavaScript functions over one flat array of numbers.

A value that is used once, in the block that computes it, is written where it is used; so the branch of a choice that is
not taken is not computed. Loads may move behind stores in this way, as no part of a phase loads what it stores.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from headframe.engine.lowering.program import (
    Apply,
    Clock,
    Index,
    Interpolate,
    Load,
    Loop,
    Number,
    Phase,
    Region,
    Statement,
    Store,
    Table,
    statements,
)

LONGEST = 600  # characters of an expression that is written where it is used
TOGETHER = 4000  # characters of a function; engines do not optimise very long ones
LINEAR = 9  # points of a table up to which it is searched from one end, in place
_SIGNS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "less": "<", "less_equal": "<=", "greater": ">",
    "greater_equal": ">=", "equal": "===", "not_equal": "!==", "logical_and": "&&", "logical_or": "||",
}  # fmt: skip
_FUNCTIONS = {
    "absolute": "Math.abs", "exp": "Math.exp", "log": "Math.log", "sqrt": "Math.sqrt", "tanh": "Math.tanh",
    "sin": "Math.sin", "cos": "Math.cos", "floor": "Math.floor", "minimum": "Math.min", "maximum": "Math.max",
}  # fmt: skip
_ALONE = {"negative": "(-{})", "logical_not": "(!{})", "number": "({} ? 1 : 0)", "truth": "({} !== 0)"}
_REDUCED = {"sum": "0", "maximum_of": "-Infinity", "minimum_of": "Infinity"}


def number_text(value: float) -> str:
    """A number as JavaScript reads it, in brackets where it has a sign."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "(-Infinity)")
    text = repr(int(value)) if value == int(value) and abs(value) < 1e15 and value != 0 else repr(float(value))
    text = "0" if text == "0.0" else text
    return f"({text})" if text.startswith("-") else text


@dataclass
class _Block:
    """The lines of one loop's body; `rows` are parts of indices that are the same throughout it."""

    variables: tuple[int, ...]
    lines: list[str] = field(default_factory=list)
    rows: dict[str, str] = field(default_factory=dict)


class Printer:
    """Prints phases.

    `starts` are the first rows of the regions, `index_starts` those of the index tables, `clock` is the row of the
    time, with that of the step's length behind it: numbers in memory, unlike arguments, are never put into boxes.
    """

    def __init__(
        self, starts: Mapping[Region, int], index_starts: Sequence[int], clock: int, tables: Sequence[Table]
    ) -> None:
        self.starts, self.index_starts, self.clock, self.tables = starts, index_starts, clock, tables
        self.blocks: list[_Block] = []
        self.texts: dict[int, str] = {}
        self.uses: Counter[int] = Counter()
        self.homes: dict[int, int] = {}
        self.parts = 0

    def phase(self, phase: Phase) -> Iterator[str]:
        """The functions of a phase: parts of limited length, and one of the phase's name that calls them."""
        parts: list[list[str]] = [[]]
        length = 0
        for nest in phase.nests:
            lines = self.nest(nest)
            size = sum(map(len, lines))
            if length and length + size > TOGETHER:
                parts.append([])
                length = 0
            parts[-1] += lines
            length += size
        named = [f"{phase.name}{number}" for number in range(1, len(parts) + 1)]
        for name, lines in zip(named, parts, strict=True):
            yield from (f"function {name}() {{", *_indented(lines), "}")
        yield from (f"function {phase.name}() {{", *_indented(f"{name}();" for name in named), "}")

    def nest(self, nest: Sequence[Statement]) -> list[str]:
        """The lines of one nest, in a block of their own."""
        self.texts, self.parts = {}, 0
        self.uses, self.homes = _uses(nest)
        return ["{", *_indented(self.block(nest, ())), "}"]

    def block(self, body: Sequence[Statement], variables: tuple[int, ...]) -> list[str]:
        """The lines of a body of statements inside loops over these variables."""
        block = _Block(variables)
        self.blocks.append(block)
        for statement in body:
            self.statement(statement, block)
        self.blocks.pop()
        return [*(f"const {name} = {text};" for text, name in block.rows.items()), *block.lines]

    def statement(self, statement: Statement, block: _Block) -> None:
        """Write a statement, or keep it until it is used."""
        if isinstance(statement, Loop):
            self.loop(statement, block)
        elif isinstance(statement, Store):
            place = self.place(statement.region, statement.index)
            block.lines.append(f"memory[{place}] = {_bare(self.texts[statement.value])};")
        else:
            text = self.text(statement, block)
            once = self.uses[statement.target] <= 1 and self.homes.get(statement.target) == id(statement)
            if isinstance(statement, Number | Clock) or (once and len(text) <= LONGEST):
                self.texts[statement.target] = text
            else:
                self.texts[statement.target] = f"v{statement.target}"
                block.lines.append(f"const v{statement.target} = {_bare(text)};")

    def loop(self, loop: Loop, block: _Block) -> None:
        """A loop, with the variables that gather its reductions before it."""
        for reduction in loop.reductions:
            block.lines.append(f"let v{reduction.target} = {_REDUCED[reduction.operation]};")
            self.texts[reduction.target] = f"v{reduction.target}"
        inside = self.block(loop.body, (*block.variables, loop.variable))
        for reduction in loop.reductions:
            total, value = f"v{reduction.target}", self.texts[reduction.value]
            way = "min" if reduction.operation == "minimum_of" else "max"
            gathered = f"{total} += {_bare(value)};" if reduction.operation == "sum" else ""
            inside.append(gathered or f"{total} = Math.{way}({total}, {_bare(value)});")
        name = f"i{loop.variable}"
        head = f"for (let {name} = 0; {name} < {loop.extent}; {name} += 1) {{"
        block.lines += [head, *_indented(inside), "}"]

    def text(self, statement: Number | Clock | Load | Apply | Interpolate, block: _Block) -> str:
        """The expression that a statement computes, in brackets where others may stand beside it.

        Short tables and powers are written out: a number that a function answers with would be put into a box.
        """
        if isinstance(statement, Number):
            return number_text(statement.value)
        if isinstance(statement, Clock):
            return f"memory[{self.clock + (statement.name == 'time_step')}]"
        if isinstance(statement, Load):
            return f"memory[{self.place(statement.region, statement.index)}]"
        if isinstance(statement, Interpolate):
            return self.interpolated(self.texts[statement.argument], statement.table, block)
        arguments = [self.texts[argument] for argument in statement.arguments]
        return self.power(block, *arguments) if statement.operation == "power" else operation_text(statement, arguments)

    def interpolated(self, argument: str, number: int, block: _Block) -> str:
        """A look-up."""
        if len(self.tables[number].xs) > LINEAR:
            return f"table{number}({_bare(argument)})"
        return looked_up(self.tables[number], self.held(argument, block))

    def power(self, block: _Block, base: str, exponent: str) -> str:
        """A power: by exp and log where that is right to some units of the last place, as it is twice as fast."""
        x, y = self.held(base, block), self.held(exponent, block)
        grown = self.held(f"({y} * Math.log({x}))", block)
        return f"({grown} > -32 && {grown} < 32 ? Math.exp({grown}) : +power({x}, {y}))"

    def held(self, text: str, block: _Block) -> str:
        """A name for an expression that is used several times."""
        if re.fullmatch(r"v\d+|[\d.e]+", text):
            return text
        name = f"h{self.parts}"
        self.parts += 1
        block.lines.append(f"const {name} = {_bare(text)};")
        return name

    def place(self, region: Region, index: Index) -> str:
        """The row of an element in memory."""
        return self.row(Index(index.offset + self.starts[region], index.terms, index.gathers))

    def row(self, index: Index) -> str:
        """A row; what an inner loop does not change is computed once outside it."""
        gathered = [self.gathered(table, position) for table, position in index.gathers]
        if not index.terms:
            return " + ".join([*gathered, *([str(index.offset)] if index.offset or not gathered else [])])
        depths = {variable: depth for depth, variable in enumerate(self.blocks[-1].variables)}
        *outer, inner = sorted(index.terms, key=lambda term: depths[term[0]])
        moving = _term(*inner)
        base = [*([str(index.offset)] if index.offset else []), *(_term(*term) for term in outer)]
        if len(base) > 1:
            base = [self.named(" + ".join(base), depths[outer[-1][0]])]
        return " + ".join([*gathered, *base, moving])

    def named(self, text: str, depth: int) -> str:
        """A constant in the block of a loop that holds a part of an index."""
        rows = self.blocks[len(self.blocks) - len(self.blocks[-1].variables) + depth].rows
        if text not in rows:
            rows[text] = f"r{self.parts}"
            self.parts += 1
        return rows[text]

    def gathered(self, table: int, position: Index) -> str:
        """An entry of an index table."""
        start = self.index_starts[table]
        return f"tables[{self.row(Index(position.offset + start, position.terms, position.gathers))}]"


def _uses(nest: Sequence[Statement]) -> tuple[Counter[int], dict[int, int]]:
    """How often each value is used; and for values that are used in the block that computes them, their statement."""
    uses: Counter[int] = Counter()
    homes: dict[int, int] = {}
    blocks: list[Sequence[Statement]] = [nest]
    for statement in statements(tuple(nest)):
        if isinstance(statement, Loop):
            blocks.append(statement.body)
            uses.update(reduction.value for reduction in statement.reductions)
        uses.update(_read(statement))
    for body in blocks:
        made = {statement.target: statement for statement in body if not isinstance(statement, Loop | Store)}
        read = {value for statement in body for value in _read(statement)}
        read |= _gathered_in(body, nest)
        homes.update((value, id(made[value])) for value in read if value in made)
    return uses, homes


def _gathered_in(body: Sequence[Statement], nest: Sequence[Statement]) -> set[int]:
    """Values that the loop around a body gathers."""
    for statement in statements(tuple(nest)):
        if isinstance(statement, Loop) and statement.body is body:
            return {reduction.value for reduction in statement.reductions}
    return set()


def _read(statement: Statement) -> tuple[int, ...]:
    if isinstance(statement, Apply):
        return statement.arguments
    if isinstance(statement, Interpolate):
        return (statement.argument,)
    return (statement.value,) if isinstance(statement, Store) else ()


def _term(variable: int, coefficient: int) -> str:
    return f"i{variable}" if coefficient == 1 else f"{coefficient} * i{variable}"


def _bare(text: str) -> str:
    """An expression without the brackets around all of it."""
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return text[1:-1] if place == len(text) - 1 else text
    return text


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def operation_text(statement: Apply, arguments: Sequence[str]) -> str:
    """An operation on texts."""
    operation = statement.operation
    if operation in _SIGNS:
        return f"({f' {_SIGNS[operation]} '.join(arguments)})"
    if operation in _FUNCTIONS:
        return f"{_FUNCTIONS[operation]}({', '.join(map(_bare, arguments))})"
    if operation == "where":
        return f"({arguments[0]} ? {arguments[1]} : {arguments[2]})"
    return _ALONE[operation].format(arguments[0])


def looked_up(table: Table, x: str) -> str:
    """A short table as an expression of a name: linear between its points, held at its ends, NaN for NaN."""
    points = list(zip(table.xs, table.ys, strict=True))
    text = f"({x} <= {number_text(points[0][0])} ? {number_text(points[0][1])}"
    for (start, low), (end, high) in pairwise(points):
        text += f" : {x} < {number_text(end)} ? {_line(start, low, (high - low) / (end - start), x)}"
    return f"{text} : {x} >= {number_text(points[-1][0])} ? {number_text(points[-1][1])} : NaN)"


def table_function(number: int, table: Table) -> Iterator[str]:
    """A long table as a function, which halves it until a short part is left."""
    if len(table.xs) > LINEAR:
        yield f"function table{number}(x) {{"
        yield from _indented(_halved(list(zip(table.xs, table.ys, strict=True))))
        yield "}"


def _halved(points: Sequence[tuple[float, float]]) -> Iterator[str]:
    if len(points) > LINEAR:
        middle = len(points) // 2
        yield f"if (x < {number_text(points[middle][0])}) {{"
        yield from _indented(_halved(points[: middle + 1]))
        yield "}"
        yield from _halved(points[middle:])
    else:
        xs, ys = zip(*points, strict=True)
        yield f"return {_bare(looked_up(Table(xs, ys, 0.0), 'x'))};"


def _line(start: float, low: float, slope: float, x: str) -> str:
    return f"{number_text(slope)} * ({x} - {number_text(start)}) + {number_text(low)}"
