"""Equations as text: precedence and parentheses once, for every notation; plain text and Python here.

A part is shown with the level of what binds it together; where a place needs a tighter level, it is put in brackets.
A sum over an index reaches as far as products do: `Σ[i] a[i] · b` is the sum of the products.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isinf, isnan

import numpy as np

from headframe.core.axes import Axis
from headframe.engine.equations.names import Along, Named, Naming, along, cases_by, naming
from headframe.engine.equations.scalar import Definition
from headframe.engine.equations.tree import NOWHERE, Apply, Cases, Literal, LookUp, Number, Place, Read, Reduce, Tree

LOOSEST, OR, AND, NOT, COMPARISON, SUM, OVER, PRODUCT, POWER, CALL, ATOM = range(11)
COMPARED = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")
INFIX = {  # level of the result, least level of the left side and of the right side
    "logical_or": (OR, OR, AND),
    "logical_and": (AND, AND, NOT),
    "add": (SUM, SUM, SUM),
    "subtract": (SUM, SUM, OVER),
    "multiply": (PRODUCT, PRODUCT, OVER),
    "divide": (PRODUCT, PRODUCT, POWER),
    "power": (POWER, ATOM, ATOM),
    **dict.fromkeys(COMPARED, (COMPARISON, SUM, SUM)),
}
WORDS: Mapping[str, str] = {"if": "if", "otherwise": "otherwise"}
Shown = tuple[str, int]


@dataclass(frozen=True)
class Style:
    """What a printer may be told: LaTeX for names, options of structures (their numbers are shown by name), words."""

    symbols: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=lambda: WORDS)


class Printer:
    """Plain text."""

    signs: Mapping[str, str] = {
        "logical_or": " ∨ ",
        "logical_and": " ∧ ",
        "add": " + ",
        "subtract": " − ",
        "multiply": " · ",
        "divide": " / ",
        "power": "^",
        "less": " < ",
        "less_equal": " ≤ ",
        "greater": " > ",
        "greater_equal": " ≥ ",
        "equal": " = ",
        "not_equal": " ≠ ",
        "negative": "−",
        "logical_not": "¬ ",
    }
    functions: Mapping[str, str] = {
        "absolute": "abs",
        "log": "ln",
        "sign": "sgn",
        "minimum": "min",
        "maximum": "max",
        "sum": "Σ",
    }

    none = "*"  # in a list of places, where a case excludes the index's value

    def __init__(self, names: Naming, style: Style | None = None) -> None:
        self.names, self.style = names, style or Style()

    def at(self, tree: Tree, level: int) -> str:
        """A part in a place that needs this level: in brackets where its own is looser."""
        text, own = self.show(tree)
        return text if own >= level else self.grouped(text)

    def show(self, tree: Tree) -> Shown:
        """A part and its level."""
        if isinstance(tree, Number):
            return self.number(tree)
        if isinstance(tree, Read):
            return self.read(tree), ATOM
        if isinstance(tree, Literal):
            return self.literal(tree)
        if isinstance(tree, LookUp):
            return self.look_up(tree), CALL
        if isinstance(tree, Reduce):
            return self.reduce(tree)
        return self.cases(self.rows(tree)) if isinstance(tree, Cases) else self.apply(tree)

    def apply(self, tree: Apply) -> Shown:
        """An operation."""
        if tree.operation in INFIX:
            return self.infix(tree)
        if tree.operation in ("negative", "logical_not"):
            least, level = (OVER, SUM) if tree.operation == "negative" else (NOT, NOT)
            return self.signs[tree.operation] + self.at(tree.arguments[0], least), level
        if tree.operation == "where":
            return self.cases(self.rows(tree))
        if tree.operation == "count":
            return self.count(self.at(tree.arguments[0], LOOSEST)), ATOM
        return self.function(tree)

    def infix(self, tree: Apply) -> Shown:
        """Two parts with a sign between them; a minus never follows another sign."""
        level, least_left, least_right = INFIX[tree.operation]
        one, other = tree.arguments
        left, right = self.option(tree) or (self.at(one, least_left), self.at(other, least_right))
        if level in (SUM, PRODUCT) and right.startswith(self.signs["negative"]):
            right = self.grouped(right)
        open_ended = level == PRODUCT and self.show(other)[1] == OVER
        return left + self.signs[tree.operation] + right, OVER if open_ended else level

    def option(self, tree: Apply) -> tuple[str, str] | None:
        """Both sides of a comparison of a structure with the number of an option, which is shown by name."""
        one, other = tree.arguments
        if tree.operation not in ("equal", "not_equal") or not isinstance(one, Read) or not isinstance(other, Number):
            return None
        options = self.style.options.get(one.name, ())
        fits = other.value.is_integer() and 0 <= other.value < len(options)
        return (self.read(one), self.label(options[int(other.value)])) if fits else None

    def function(self, tree: Apply) -> Shown:
        """A function of its arguments."""
        if tree.operation == "expm1":
            return self.show(Apply("subtract", (Apply("exp", tree.arguments), Number(1.0))))
        if tree.operation == "log1p":
            return self.show(Apply("log", (Apply("add", (Number(1.0), *tree.arguments)),)))
        name = self.functions.get(tree.operation, tree.operation)
        return self.call(name, [self.at(argument, LOOSEST) for argument in tree.arguments]), CALL

    def rows(self, tree: Tree) -> list[tuple[str, str]]:
        """The cases of a choice: value and condition; the last one's condition is empty."""
        if isinstance(tree, Apply) and tree.operation == "where":
            condition, one, other = tree.arguments
            return [(self.at(one, LOOSEST), self.at(condition, LOOSEST)), *self.rows(other)]
        if isinstance(tree, Cases):
            named = self.names[tree.index]
            rows = [(self.at(body, LOOSEST), self.membership(named, held)) for held, body in cases_by(tree, self.names)]
            return [*rows[:-1], (rows[-1][0], "")]
        return [(self.at(tree, LOOSEST), "")]

    def number(self, tree: Number) -> Shown:
        """A number, as short as it can be without losing a digit."""
        if tree.truth:
            return ("true" if tree.value else "false"), ATOM
        if isnan(tree.value):
            return "NaN", ATOM
        text = "∞" if isinf(tree.value) else digits(abs(tree.value))
        return (self.signs["negative"] + text, SUM) if tree.value < 0 else (text, ATOM)

    def read(self, tree: Read) -> str:
        """A variable at its places."""
        places = zip(tree.places, tree.axes or (None,) * len(tree.places), tree.shape, strict=True)
        name = self.part(tree.name) if tree.local else self.name(tree.name)
        return self.indexed(name, [self.place(*place) for place in places])

    def literal(self, tree: Literal) -> Shown:
        """Written-out numbers at their places; 1 on a diagonal or triangle, 0 elsewhere, as a condition."""
        sign = self.pattern(tree)
        if sign is not None:
            one, other = (self.names[place.index] for place in tree.places if place.index is not None)
            return self.count(self.index(other) + self.signs[sign] + self.index(one)), ATOM
        places = [self.place(place, None, length) for place, length in zip(tree.places, tree.shape, strict=True)]
        return self.indexed(self.array(tree.array), places), ATOM

    def pattern(self, tree: Literal) -> str | None:
        """How the second index stands to the first where an array of two axes is 1, if that is a comparison."""
        if len(tree.shape) != 2 or tree.shape[0] != tree.shape[1]:
            return None
        named = [self.names[place.index] for place in tree.places if place.index is not None]
        plain = all(place.places == tuple(range(tree.shape[0])) for place in tree.places)
        if not plain or named[0].domain != named[1].domain or list(named[0].domain) != sorted(named[0].domain):
            return None
        rows, columns = np.indices(tree.shape)
        compared = {"equal": columns == rows, "less_equal": columns <= rows, "less": columns < rows}
        compared |= {"greater_equal": columns >= rows, "greater": columns > rows}
        return next((sign for sign, truth in compared.items() if (tree.array == truth).all()), None)

    def place(self, place: Place, axis: Axis | None, length: int) -> str:
        """A place on an axis."""
        if place.index is None:
            return self.position(place.places[0], axis)
        named = self.names[place.index]
        return self.along(along(place, named, length), named, axis)

    def position(self, place: int, axis: Axis | None) -> str:
        """A place by its label, or by its number from 0 where there is none."""
        return str(place) if axis is None else self.label(axis.labels[place])

    def along(self, line: Along, named: Named, axis: Axis | None) -> str:
        """A place that moves with an index."""
        if line.listed:
            places = (self.none if p == NOWHERE else self.position(p, axis) for p in line.listed)
            return self.indexed("[" + ", ".join(places) + "]", [self.index(named)])
        index = self.index(named)
        if abs(line.factor) != 1:
            index = f"{abs(line.factor)}{self.signs['multiply']}{index}"
        if line.factor < 0:
            text = f"{line.offset}{self.signs['subtract']}{index}"
        else:
            sign = self.signs["add"] if line.offset > 0 else self.signs["subtract"]
            text = f"{index}{sign}{abs(line.offset)}" if line.offset else index
        return self.modulo(text, line.around) if line.around else text

    def membership(self, named: Named, held: Sequence[int]) -> str:
        """The condition that an index has one of some values."""
        names = [self.position(value, named.axis) for value in held]
        index = self.index(named)
        if len(held) == 1:
            return f"{index}{self.signs['equal']}{names[0]}"
        if tuple(held) == tuple(range(held[0], held[-1] + 1)):
            if held[0] == named.domain[0]:
                return f"{index}{self.signs['less_equal']}{names[-1]}"
            if held[-1] == named.domain[-1]:
                return f"{index}{self.signs['greater_equal']}{names[0]}"
            return f"{names[0]}{self.signs['less_equal']}{index}{self.signs['less_equal']}{names[-1]}"
        return self.among(index, names)

    def ends(self, named: Named) -> tuple[str, str] | None:
        """The first and last label where an index runs over a stretch of its axis; None where it runs otherwise."""
        domain = named.domain
        if domain != tuple(range(domain[0], domain[-1] + 1)):
            return None
        return self.position(domain[0], named.axis), self.position(domain[-1], named.axis)

    def reduce(self, tree: Reduce) -> Shown:
        """A sum, or a greatest or least, over an index."""
        header, body = [self.range(self.names[tree.index])], tree.body
        while isinstance(body, Reduce) and body.operation == tree.operation:
            header.append(self.range(self.names[body.index]))
            body = body.body
        return f"{self.functions[tree.operation]}[{', '.join(header)}] {self.at(body, OVER)}", OVER

    def range(self, named: Named) -> str:
        """What an index of a sum runs over."""
        if named.axis is not None and named.runs_along_all:
            return self.index(named)
        ends = self.ends(named)
        if ends is not None:
            return f"{self.index(named)} = {ends[0]} … {ends[1]}"
        return self.among(self.index(named), [self.position(place, named.axis) for place in named.domain])

    def look_up(self, tree: LookUp) -> str:
        """A table's value."""
        argument = self.at(tree.argument, LOOSEST)
        if tree.table:
            return self.call(self.name(tree.table), [argument])
        return self.interpolated(argument, [(self.plain(x), self.plain(y)) for x, y in zip(*tree.points, strict=True)])

    def plain(self, value: float) -> str:
        """A number by itself."""
        return self.at(Number(value), LOOSEST)

    # How each thing looks, for other notations to change.

    def name(self, name: str) -> str:
        """A variable's name."""
        return name

    def part(self, name: str) -> str:
        """The name of a part that is defined beside its equation."""
        return name

    def index(self, named: Named) -> str:
        """An index."""
        return self.label(named.name) + "′" * named.primes

    def label(self, label: str) -> str:
        """A label of an axis; in quotes where it could be read as something else."""
        return label if re.fullmatch(r"\w+", label) else f'"{label}"'

    def indexed(self, name: str, places: Sequence[str]) -> str:
        """A name with its places."""
        return f"{name}[{', '.join(places)}]" if places else name

    def array(self, array: np.ndarray) -> str:
        """Written-out numbers."""
        if array.ndim == 0:
            return self.plain(float(array))
        return "[" + ", ".join(self.array(part) for part in array) + "]"

    def grouped(self, text: str) -> str:
        """In brackets."""
        return f"({text})"

    def call(self, name: str, arguments: Sequence[str]) -> str:
        """A function with its arguments."""
        return f"{name}({', '.join(arguments)})"

    def count(self, condition: str) -> str:
        """1 where a condition holds, 0 elsewhere."""
        return f"[{condition}]"

    def interpolated(self, argument: str, points: Sequence[tuple[str, str]]) -> str:
        """A table without a name, by its points."""
        return self.call("interpolate", [f"{argument}; {', '.join(f'{x}: {y}' for x, y in points)}"])

    def among(self, index: str, names: Sequence[str]) -> str:
        """The condition that an index is one of several."""
        return f"{index} ∈ {{{', '.join(names)}}}"

    def modulo(self, text: str, length: int) -> str:
        """A place on an axis that closes to a ring."""
        return f"({text}) mod {length}"

    def cases(self, rows: Sequence[tuple[str, str]]) -> Shown:
        """A choice."""
        told = [f"{value} {self.style.words['if']} {condition}" for value, condition in rows[:-1]]
        return "{" + "; ".join([*told, f"{rows[-1][0]} {self.style.words['otherwise']}"]) + "}", ATOM


def digits(value: float) -> str:
    """A number, as short as it can be without losing a digit."""
    return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def shown(definition: Definition, made: Callable[[Naming], Printer], *, part: bool = False) -> tuple[str, str]:
    """Both sides of a definition; `part` for one that stands beside an equation."""
    names = naming(definition.indices, definition.body)
    printer = made(names)
    places = [printer.index(names[index]) for index in definition.indices]
    name = printer.part(definition.name) if part else printer.name(definition.name)
    return printer.indexed(name, places), printer.at(definition.body, LOOSEST)
