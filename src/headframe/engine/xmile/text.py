"""Equations in XMILE's notation, with auxiliaries for what would otherwise be written out again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from headframe.engine.xmile.names import Names
from headframe.engine.xmile.scalars import Scalar, Scalars

Points = tuple[tuple[float, ...], tuple[float, ...]]
Written = tuple[str, int]  # a text and how tightly its outermost operation binds

IF, OR, AND, NOT, COMPARISON, SUM, PRODUCT, POWER, ATOM = range(9)
BARE = ("name", "number", "truth")
SAVING = 60  # an auxiliary must save so many characters
LONGEST = 2000  # characters of an expression before it is taken apart; tools limit the length of equations
_INFIX = {"subtract": (" - ", SUM), "multiply": (" * ", PRODUCT), "divide": (" / ", PRODUCT)}
_COMPARED = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "=", "not_equal": "<>"}
_FUNCTIONS = {
    "absolute": "ABS", "exp": "EXP", "log": "LN", "sqrt": "SQRT", "sin": "SIN", "cos": "COS",
    "minimum": "MIN", "maximum": "MAX", "int": "INT",
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A variable of the file: its expression (of a stock: its initial value) and what stands beside it.

    `points` are those of a graphical function, whose argument the expression then is. `variable` is the name in the
    model that it belongs to.
    """

    kind: str  # "stock", "flow" or "aux"
    name: str
    root: Scalar
    variable: str
    points: Points | None = None
    unit: str | None = None
    description: str = ""
    limits: tuple[float | None, float | None] = (None, None)
    inflows: tuple[str, ...] = ()
    outflows: tuple[str, ...] = ()
    text: str = field(default="", compare=False)


def reachable(roots: Iterable[Scalar]) -> list[Scalar]:
    """The roots and all that they need, arguments first."""
    found: dict[int, Scalar] = {}
    waiting = list(roots)
    while waiting:
        scalar = waiting.pop()
        if scalar.number not in found:
            found[scalar.number] = scalar
            waiting.extend(scalar.arguments)
    return [found[number] for number in sorted(found)]


def number_text(value: float) -> str:
    """The shortest decimal that reads back as the same number."""
    if not np.isfinite(value):
        return "0 / 0" if np.isnan(value) else ("INF" if value > 0 else "-INF")
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def written(scalars: Scalars, entries: Sequence[Entry], names: Names, tables: Mapping[Points, Entry]) -> list[Entry]:
    """The entries with their equations, each followed by the auxiliaries that it needs first.

    `tables` are the tables of the model by their points: what their look-ups are called, and their unit.
    """
    return _Writer(scalars, entries, names, tables).entries()


class _Writer:
    def __init__(
        self, scalars: Scalars, entries: Sequence[Entry], names: Names, tables: Mapping[Points, Entry]
    ) -> None:
        self.scalars, self.drafts, self.names, self.tables = scalars, entries, names, tables
        self.order = reachable(entry.root for entry in entries)
        self.uses = self._uses()
        self.owners = self._owners()
        self.holders: dict[int, Entry] = {}  # expressions that are the whole equation of a variable
        for entry in entries:
            if entry.kind != "stock" and entry.points is None and entry.root.operation not in ("name", "number"):
                self.holders.setdefault(entry.root.number, entry)
        self.lookups = [scalar for scalar in self.order if scalar.operation == "lookup"]
        self.bodies: dict[int, Written] = {}
        self.references: dict[int, Written] = {}
        self.added: dict[str, list[Entry]] = {}

    def _uses(self) -> dict[int, int]:
        uses = dict.fromkeys((scalar.number for scalar in self.order), 0)
        for read in [entry.root for entry in self.drafts] + [one for each in self.order for one in each.arguments]:
            uses[read.number] += 1
        return uses

    def _owners(self) -> dict[int, Entry]:
        """The first entry that needs an expression."""
        owners: dict[int, Entry] = {}
        for entry in self.drafts:
            waiting = [entry.root]
            while waiting:
                scalar = waiting.pop()
                if scalar.number not in owners:
                    owners[scalar.number] = entry
                    waiting.extend(scalar.arguments)
        return owners

    def entries(self) -> list[Entry]:
        for scalar in self.order:
            self._settle(scalar)
        found = []
        for entry in self.drafts:
            finished = self._finished(entry)
            found += [finished, *self.added.get(entry.name, ())]
        return found

    def _settle(self, scalar: Scalar) -> None:
        """Decide where an expression is written out and how others refer to it."""
        body = self.bodies[scalar.number] = self._short(scalar)
        repeated = (self.uses[scalar.number] - 1) * len(body[0]) > SAVING
        if scalar.operation == "lookup" or (repeated and scalar.operation not in BARE):
            self._name(scalar)
        else:
            self.references[scalar.number] = body

    def _short(self, scalar: Scalar) -> Written:
        """The text of an expression; its longest parts get names of their own until it is short enough."""
        body = self._text(scalar)
        while len(body[0]) > LONGEST:
            parts = [part for part in scalar.arguments if self._written_out(part)]
            if not parts:
                break
            self._name(max(parts, key=lambda part: len(self.references[part.number][0])))
            body = self._text(scalar)
        return body

    def _written_out(self, scalar: Scalar) -> bool:
        """Whether others repeat its text, which is more than a name or a number."""
        return scalar.operation not in BARE and self.references[scalar.number] is self.bodies[scalar.number]

    def _name(self, scalar: Scalar) -> None:
        """Refer to an expression by the variable that is equal to it, or an auxiliary made for it."""
        holder = self.holders.get(scalar.number)
        self.references[scalar.number] = (holder.name, ATOM) if holder is not None else self._helper(scalar)

    def _helper(self, scalar: Scalar) -> Written:
        """An auxiliary of its own."""
        owner = self.owners[scalar.number]
        if scalar.operation == "lookup":
            table = self.tables.get(scalar.payload) or Entry("aux", "lookup", scalar, owner.variable)
            alone = sum(other.payload == scalar.payload for other in self.lookups) == 1
            name = self.names.claim(table.name if alone else f"{table.name}_{owner.name}")
            entry = replace(table, name=name, root=scalar, variable=owner.variable)
        else:
            about = f"Part of {owner.variable}."
            entry = Entry("aux", self.names.claim(f"{owner.variable}_part"), scalar, owner.variable, description=about)
        text = self.bodies[scalar.number][0]
        text = f"IF {text} THEN 1 ELSE 0" if scalar.boolean else text
        self.added.setdefault(owner.name, []).append(
            replace(entry, text=text, points=scalar.payload if scalar.operation == "lookup" else None)
        )
        return (f"{entry.name} > 0.5", COMPARISON) if scalar.boolean else (entry.name, ATOM)

    def _finished(self, entry: Entry) -> Entry:
        holds = self.holders.get(entry.root.number) is entry
        text = self.bodies[entry.root.number] if holds else self.references[entry.root.number]
        if holds and entry.root.operation == "lookup":
            return replace(entry, text=text[0], points=entry.root.payload)
        return replace(entry, text=text[0])

    def _text(self, scalar: Scalar) -> Written:
        operation = scalar.operation
        if operation == "number":
            text = number_text(scalar.payload)
            return text, ATOM if text[0] != "-" and " " not in text else SUM
        if operation == "truth":
            return ("1 > 0" if scalar.payload else "0 > 1"), COMPARISON
        if operation == "name":
            return scalar.payload, ATOM
        if operation == "lookup":  # the graphical function stands beside the equation of its argument
            return self._bound(scalar.arguments[0], IF), ATOM
        if operation in _FUNCTIONS:
            inside = ", ".join(self._bound(argument, IF) for argument in scalar.arguments)
            return f"{_FUNCTIONS[operation]}({inside})", ATOM
        return _OPERATORS.get(operation, _Writer._infix)(self, scalar)

    def _bound(self, scalar: Scalar, loosest: int) -> str:
        """A reference to an expression, in brackets where it binds more loosely than its place allows."""
        text, binding = self.references[scalar.number]
        return text if binding >= loosest else f"({text})"

    def _infix(self, scalar: Scalar) -> Written:
        one, other = scalar.arguments
        if scalar.operation in _COMPARED:
            return f"{self._bound(one, SUM)} {_COMPARED[scalar.operation]} {self._bound(other, SUM)}", COMPARISON
        sign, binding = _INFIX[scalar.operation]
        return f"{self._bound(one, binding)}{sign}{self._bound(other, binding + 1)}", binding

    def _sum(self, scalar: Scalar) -> Written:
        text = self._bound(scalar.arguments[0], SUM)
        for term in scalar.arguments[1:]:
            bare, binding = self.references[term.number]
            if binding == SUM and bare.startswith("-") and term.operation in ("negative", "number"):
                text += f" - {bare[1:]}"
            else:
                text += f" + {self._bound(term, PRODUCT)}"
        return text, SUM

    def _negative(self, scalar: Scalar) -> Written:
        text, binding = self.references[scalar.arguments[0].number]
        bare = binding in (ATOM, PRODUCT)  # tools differ in whether a sign or a power comes first
        return f"-{text}" if bare else f"-({text})", SUM

    def _power(self, scalar: Scalar) -> Written:
        one, other = scalar.arguments
        return f"{self._bound(one, ATOM)} ^ {self._bound(other, ATOM)}", POWER

    def _not(self, scalar: Scalar) -> Written:
        return f"NOT ({self.references[scalar.arguments[0].number][0]})", NOT

    def _both(self, scalar: Scalar) -> Written:
        word, binding = (" AND ", AND) if scalar.operation == "logical_and" else (" OR ", OR)
        return word.join(self._bound(argument, NOT) for argument in scalar.arguments), binding

    def _where(self, scalar: Scalar) -> Written:
        condition, one, other = scalar.arguments
        return f"IF {self._bound(condition, OR)} THEN {self._bound(one, SUM)} ELSE {self._bound(other, SUM)}", IF


_OPERATORS: dict[str, Callable[[_Writer, Scalar], Written]] = {
    "add": _Writer._sum,
    "negative": _Writer._negative,
    "power": _Writer._power,
    "logical_not": _Writer._not,
    "logical_and": _Writer._both,
    "logical_or": _Writer._both,
    "where": _Writer._where,
}
