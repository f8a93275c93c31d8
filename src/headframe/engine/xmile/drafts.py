"""The variables of an XMILE file: every element of a model's variables with its expression, drafted for one run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from headframe.engine.declare import (
    Constant,
    Declaration,
    Equation,
    Flow,
    Path,
    Stock,
    Structure,
    Table,
    Value,
    Yearly,
)
from headframe.engine.graph import Node
from headframe.engine.making.wiring import of_kind
from headframe.engine.operations import Array
from headframe.engine.runs import Horizon, Runs
from headframe.engine.xmile.clock import AFTER, counted_time, exact_clock, year_end
from headframe.engine.xmile.names import Names, variable_names
from headframe.engine.xmile.paths import path_values, thinned
from headframe.engine.xmile.scalars import Scalar, Scalars
from headframe.engine.xmile.text import Entry, Points
from headframe.engine.xmile.traced import with_constants_named
from headframe.engine.xmile.unroll import Place, Unroller

if TYPE_CHECKING:
    from headframe.engine.model import Model


class Drafts:
    """The entries of a file while it is made: what is given and computed at first, stocks and what they need after it.

    An entry that is needed only where a year ends (a variable as it is after the step) is drafted when it is asked for.
    """

    def __init__(self, model: Model, horizon: Horizon, runs: Runs) -> None:
        self.model, self.horizon, self.runs = model, horizon, runs
        self.declarations = model.declarations
        self.system, self.starts = with_constants_named(model)
        self.names, self.scalars = Names(), Scalars()
        self.variables = variable_names(self.names, self.declarations)
        self.paths = path_values(self.system, horizon, runs)
        self.entries: dict[str, Entry] = {}
        self.changes: dict[str, Scalar] = {}  # stock → its net rate, by the names of its flows
        self._asked: dict[tuple[str, Place], str] = {}
        self._waiting: list[Callable[[], None]] = []
        for name, declared in self.declarations.items():
            if isinstance(declared, Value | Structure):
                self._given(name, declared)
            elif isinstance(declared, Equation) and not isinstance(declared, Stock | Yearly):
                self._computed(name, declared)

    def finished(self) -> dict[str, Entry]:
        """Every entry by name, in the order of the model, when all that was asked for is drafted."""
        while self._waiting:
            self._waiting.pop(0)()
        names = [str(one) for elements in self.variables.values() for one in elements.flat]
        ordered = [name for name in names if name in self.entries]
        return {name: self.entries[name] for name in dict.fromkeys([*ordered, *self.entries])}

    def add(self, name: str, root: Scalar, declared: Declaration, **more: Any) -> None:
        """Draft an entry; what is not given is as declared."""
        kind = "stock" if isinstance(declared, Stock) else "flow" if isinstance(declared, Flow) else "aux"
        about = {"kind": kind, "unit": declared.unit, "description": described(declared), "variable": declared.name}
        self.entries[name] = Entry(name=name, root=root, **(about | more))

    def _given(self, name: str, declared: Value | Structure) -> None:
        """Parameters, constants and paths: their values in the run."""
        values = self._values(name, declared)
        for place, identifier in np.ndenumerate(self.variables[name]):
            limits = tuple(_limit(getattr(declared, side, None), place) for side in ("low", "high"))
            self._value(identifier, declared, _element(values, place), limits=limits)

    def _value(self, identifier: str, declared: Declaration, value: Any, *, after: bool = False, **more: Any) -> None:
        """A number, or a path that is a graphical function of the time."""
        if np.ndim(value) and np.any(value != value[0]):
            points = thinned(self.horizon.points, value)
            self.add(identifier, self.clock(after=after), declared, points=points, **more)
        else:
            self.add(identifier, self.scalars.literal(np.ravel(value)[0]), declared, **more)

    def _values(self, name: str, declared: Value | Structure) -> Array:
        if name in self.paths:
            return self.paths[name]
        if isinstance(declared, Constant):
            return np.asarray(np.broadcast_to(declared.default, declared.shape))
        slots = self.model.system.parameters
        values: Array = self.runs.parameters[0, slots.slice(name)].reshape(slots.shape[name])
        return values

    def _computed(self, name: str, declared: Equation) -> None:
        unroller = self.unroller(declared.reads, self.reference)
        for place, identifier in np.ndenumerate(self.variables[name]):
            self.add(identifier, unroller.number(self.system.variables[name], place), declared)

    def unroller(self, reads: Iterable[str], reference: Callable[[str, Place], Scalar]) -> Unroller:
        """What reads an equation's expressions by the names of the variables that it reads."""
        named: dict[int, str] = {}
        for name in reads:
            declared = self.declarations.get(name)
            if isinstance(declared, Equation):
                named.setdefault(self.system.variables[name].number, name)

        def leaf(node: Node, place: Place) -> Scalar | None:
            name = named.get(node.number)
            if name is None and node.operation == "input":
                kind, name = node.attributes
                if kind == "time_step":
                    return self.step_length()
                return self.clock(after=reference != self.reference) if kind == "time" else reference(name, place)
            return None if name is None else reference(name, place)

        return Unroller(self.scalars, leaf)

    def reference(self, name: str, place: Place) -> Scalar:
        """An element of a variable at the time of the evaluation."""
        declared = self.declarations[name]
        if isinstance(declared, Constant) and declared.axes and declared.default[place] in (0.0, 1.0):
            return self.scalars.literal(declared.default[place])  # so that it shortens sums and products
        return self.scalars.name(self.variables[name][place], whole=isinstance(declared, Structure))

    def reference_after(self, name: str, place: Place) -> Scalar:
        """An element of a variable after the step, before stocks are renewed; an auxiliary holds it."""
        declared = self.declarations[name]
        fixed = isinstance(declared, Value | Structure) and not isinstance(declared, Path)
        if fixed or (isinstance(declared, Path) and self.entries[self.variables[name][place]].points is None):
            return self.reference(name, place)
        if (name, place) not in self._asked:
            identifier = self.names.claim(f"{self.variables[name][place]}_{AFTER}")
            self._asked[name, place] = identifier
            self._waiting.append(lambda: self._draft_after(identifier, declared, place))
        return self.scalars.name(self._asked[name, place])

    def _draft_after(self, identifier: str, declared: Declaration, place: Place) -> None:
        own = self.variables[declared.name][place]
        about = {"kind": "aux", "description": f"{own} when this step has ended."}
        if isinstance(declared, Path):
            self._value(identifier, declared, _element(self.paths[declared.name], place), after=True, **about)
        elif isinstance(declared, Stock):
            change = self.scalars.multiply(self.step_length(), self.changes[own])
            self.add(identifier, self.scalars.sum([self.scalars.name(own), change]), declared, **about)
        elif isinstance(declared, Equation):
            unroller = self.unroller(declared.reads, self.reference_after)
            root = unroller.number(self.system.variables[declared.name], place)
            self.add(identifier, root, declared, **about)

    def _once(self, wanted: str, root: Callable[[], Scalar], about: str, unit: str) -> Scalar:
        """An auxiliary of the file itself."""
        if (wanted, ()) not in self._asked:
            name = self._asked[wanted, ()] = self.names.claim(wanted)
            self.entries[name] = Entry("aux", name, root(), wanted, unit=unit, description=about)
        return self.scalars.name(self._asked[wanted, ()])

    def step_length(self) -> Scalar:
        """The length of a step in years; a number in one place, as not every tool knows DT."""
        about = "The length of a step: the same number as DT, with which it must be changed."
        return self._once("length_of_step", lambda: self.scalars.literal(self.horizon.time_step), about, "year")

    def clock(self, *, after: bool = False) -> Scalar:
        """The calendar time; counted in whole steps where adding steps up would round."""
        if exact_clock(self.horizon):
            time = self.scalars.name("TIME")
            return self.scalars.sum([time, self.step_length()]) if after else time
        about = "TIME without the rounding that adds up from step to step" + (", one step later." if after else ".")
        wanted = f"calendar_time_{AFTER}" if after else "calendar_time"
        return self._once(wanted, lambda: counted_time(self.scalars, self.horizon, after=after), about, "year")

    def year_ends(self) -> Scalar:
        """1 in the step that ends a year, else 0."""
        about = "1 in the step that ends a year, else 0."
        return self._once("year_ends", lambda: year_end(self.scalars, self.horizon), about, "1")

    def tables(self) -> dict[Points, Entry]:
        """The tables of the model by their points."""
        found: dict[Points, Entry] = {}
        for name, declared in of_kind(self.declarations, Table).items():
            entry = Entry(
                "aux", name, self.scalars.literal(0), name, unit=declared.unit, description=described(declared)
            )
            found.setdefault((declared.xs, declared.ys), entry)
        return found


def described(declared: Declaration) -> str:
    """What a variable is, the options of a structure, and its source."""
    options = "; ".join(f"{n}: {option}" for n, option in enumerate(getattr(declared, "options", ())))
    source = f"Source: {declared.source}" if declared.source else ""
    return "\n".join(part for part in (declared.description, options, source) if part)


def _element(values: Array, place: Place) -> Array:
    """One element of a variable: a number, or its path."""
    index: Any = (..., *place)
    return np.asarray(values[index])


def _limit(side: Any, place: Place) -> float | None:
    return None if side is None else float(side[place] if np.ndim(side) else side)
