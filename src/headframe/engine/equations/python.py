"""Equations as Python: the same trees, computed element by element.

What a notation gets wrong in structure, precedence or indices shows in numbers here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import isinf, isnan

import numpy as np

from headframe.core.axes import Axis
from headframe.engine.equations.names import Along, Named, naming
from headframe.engine.equations.printer import ATOM, LOOSEST, SUM, Printer, Shown
from headframe.engine.equations.scalar import Definition
from headframe.engine.equations.tree import Apply, LookUp, Number, Place, Reduce


class PythonPrinter(Printer):
    """Python that computes one element, with `np` for NumPy."""

    signs: Mapping[str, str] = {
        "logical_or": " or ",
        "logical_and": " and ",
        "add": " + ",
        "subtract": " - ",
        "multiply": " * ",
        "divide": " / ",
        "power": "**",
        "less": " < ",
        "less_equal": " <= ",
        "greater": " > ",
        "greater_equal": " >= ",
        "equal": " == ",
        "not_equal": " != ",
        "negative": "-",
        "logical_not": "not ",
    }
    functions: Mapping[str, str] = {"sum": "sum", "maximum": "max", "minimum": "min"}

    def function(self, tree: Apply) -> Shown:
        """A function of its arguments; one of several numbers takes them two by two."""
        parts = [self.at(argument, LOOSEST) for argument in tree.arguments]
        text = self.call(f"np.{tree.operation}", parts[:2])
        for part in parts[2:]:
            text = self.call(f"np.{tree.operation}", [text, part])
        return text, ATOM

    def option(self, tree: Apply) -> tuple[str, str] | None:
        """Options are numbers here."""
        del tree
        return None

    def number(self, tree: Number) -> Shown:
        """A literal of Python."""
        if tree.truth:
            return str(bool(tree.value)), ATOM
        if isnan(tree.value) or isinf(tree.value):
            return f"np.float64('{tree.value}')", ATOM
        return repr(tree.value), SUM if tree.value < 0 else ATOM

    def reduce(self, tree: Reduce) -> Shown:
        """A sum, or a greatest or least, over an index."""
        body = self.at(tree.body, LOOSEST)
        named = self.names[tree.index]
        return f"np.{self.functions[tree.operation]}([{body} for {self.index(named)} in {named.domain}])", ATOM

    def look_up(self, tree: LookUp) -> str:
        """A table's value."""
        argument = self.at(tree.argument, LOOSEST)
        return (
            self.call(tree.table, [argument])
            if tree.table
            else self.call("np.interp", [argument, *map(str, tree.points)])
        )

    def place(self, place: Place, axis: Axis | None, length: int) -> str:
        """A place on an axis, by number."""
        del axis
        return super().place(place, None, length)

    def index(self, named: Named) -> str:
        """An index, apart from all variables."""
        return f"_{re.sub(r'[^0-9A-Za-z]', lambda met: f'_{ord(met.group()):x}_', named.name)}_{named.primes}"

    def label(self, label: str) -> str:
        """Labels are not needed here."""
        raise TypeError(label)

    def array(self, array: np.ndarray) -> str:
        """Written-out numbers."""
        return f"np.array({array.tolist()!r})"

    def count(self, condition: str) -> str:
        """1 where a condition holds, 0 elsewhere."""
        return f"np.float64({condition})"

    def membership(self, named: Named, held: Sequence[int]) -> str:
        """The condition that an index has one of some values."""
        return f"{self.index(named)} in {tuple(held)}"

    def along(self, line: Along, named: Named, axis: Axis | None) -> str:
        """A place that moves with an index."""
        if line.listed:
            return f"{dict(zip(named.domain, line.listed, strict=True))}[{self.index(named)}]"
        return super().along(line, named, axis)

    def modulo(self, text: str, length: int) -> str:
        """A place on an axis that closes to a ring."""
        return f"({text}) % {length}"

    def cases(self, rows: Sequence[tuple[str, str]]) -> Shown:
        """A choice."""
        told = "".join(f"{value} if {condition} else " for value, condition in rows[:-1])
        return f"({told}{rows[-1][0]})", ATOM


def python_source(definitions: Sequence[Definition], reads: Sequence[str]) -> str:
    """A Python function of the variables read that computes an equation element by element, with `np` for NumPy."""
    lines = [f"def {definitions[-1].name}({', '.join(dict.fromkeys(reads))}):"]
    for definition in definitions:
        names = naming(definition.indices, definition.body)
        printer = PythonPrinter(names)
        text = printer.at(definition.body, LOOSEST)
        for index in reversed(definition.indices):
            text = f"[{text} for {printer.index(names[index])} in {names[index].domain}]"
        start = "return" if definition is definitions[-1] else f"{definition.name} ="
        lines.append(f"    {start} np.array({text})")
    return "\n".join(lines) + "\n"
