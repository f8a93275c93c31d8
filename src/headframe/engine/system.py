"""A traced model: the expressions that every backend works from, and the layout of what goes in and comes out.

A run is three sets of expressions over one graph:

- **initial**: the value of each stock at the start, from parameters and from paths at the start;
- **step**: the net rate of each stock per year, and every variable, from the stocks and paths at one time;
- **yearly**: for some stocks a new value, from stocks and paths *after* the step that ends a year.

Inputs of the graph are told apart by kind:

| kind | name | given by |
|---|---|---|
| `parameter` | parameter or structure | `Runs.parameters` |
| `path` | lever or exogenous path | `Runs.paths` at the time of evaluation |
| `event` | event variable | `Runs.events`: the sum of the amounts that are active |
| `stock` | stock | the state |
| `switch` | feedback that can be cut | `Runs.cuts`: 1 where the feedback is cut |
| `base` | variable that a cut link reads | the variable's value in the run without cuts, at the same evaluation |
| `time`, `time_step` | | the calendar year, and the length of a step in years |
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from math import prod

from headframe.engine.graph import Graph, Node, digest, reachable
from headframe.engine.operations import Shape

SYSTEM_VERSION = 1  # part of every digest: raise it when backends change what a system means


@dataclass(frozen=True)
class Slots:
    """Names laid out one after the other in a flat array: arrays in C order, `rows` numbers in all."""

    names: tuple[str, ...]
    shapes: tuple[Shape, ...]

    @classmethod
    def of(cls, entries: Iterable[tuple[str, Shape]]) -> Slots:
        """The layout of these names and shapes, in order."""
        listed = list(entries)
        return cls(tuple(name for name, _ in listed), tuple(shape for _, shape in listed))

    @cached_property
    def starts(self) -> dict[str, int]:
        """The first row of each name."""
        found, row = {}, 0
        for name, shape in zip(self.names, self.shapes, strict=True):
            found[name] = row
            row += prod(shape)
        return found

    @cached_property
    def shape(self) -> dict[str, Shape]:
        """The shape of each name."""
        return dict(zip(self.names, self.shapes, strict=True))

    @property
    def rows(self) -> int:
        """How many numbers there are in all."""
        return sum(map(prod, self.shapes))

    def slice(self, name: str) -> slice:
        """The rows of one name."""
        start = self.starts[name]
        return slice(start, start + prod(self.shape[name]))


@dataclass(frozen=True)
class StockEquations:
    """One stock: its value at the start, its net rate per year, and its new value when a year has ended (or None)."""

    name: str
    shape: Shape
    initial: Node
    rate: Node
    yearly: Node | None = None


@dataclass(frozen=True)
class Bound:
    """A range that a variable must keep to in every run; a value outside it, infinite or no number, is a failure."""

    variable: str
    low: float = float("-inf")
    high: float = float("inf")


@dataclass(frozen=True)
class System:
    """The expressions of a model and the layout of its inputs; made by `Model.system`, read by every backend."""

    name: str
    graph: Graph
    stocks: tuple[StockEquations, ...]
    variables: dict[str, Node]  # every variable's expression in the step, stocks included (their input node)
    parameters: Slots  # parameters and structures
    paths: Slots  # levers and exogenous paths
    events: Slots
    switches: tuple[str, ...]  # feedbacks that can be cut
    bases: Slots  # variables that cut links read from the run without cuts
    bounds: tuple[Bound, ...]  # the index of a bound is the code of its failure
    euler_only: bool  # competing hazards take the step into account, so that only Euler is of its declared order

    @property
    def states(self) -> Slots:
        """The layout of the state: the stocks in order."""
        return Slots.of((stock.name, stock.shape) for stock in self.stocks)

    @property
    def has_yearly(self) -> bool:
        """Whether any stock is renewed when a year has ended."""
        return any(stock.yearly is not None for stock in self.stocks)

    def step_roots(self, recorded: Iterable[str] = ()) -> list[Node]:
        """The expressions that a step has to evaluate: rates, bounds, bases of cuts, and what is recorded."""
        names = [*recorded, *(bound.variable for bound in self.bounds), *self.bases.names]
        return [*(stock.rate for stock in self.stocks), *(self.variables[name] for name in names)]

    def yearly_roots(self) -> list[Node]:
        """The expressions that are evaluated only when a year has ended."""
        return [stock.yearly for stock in self.stocks if stock.yearly is not None]

    @cached_property
    def digest(self) -> str:
        """A hash of all that a backend computes from: equal for equal models, whatever the order of tracing."""
        roots = [stock.initial for stock in self.stocks] + self.step_roots(self.variables) + self.yearly_roots()
        layout = (
            SYSTEM_VERSION,
            [(stock.name, stock.shape, stock.yearly is not None) for stock in self.stocks],
            list(self.variables),
            (self.parameters, self.paths, self.events, self.bases),
            self.switches,
            self.bounds,
        )
        return sha256((repr(layout) + digest(roots)).encode()).hexdigest()

    def nodes(self) -> list[Node]:
        """Every node that any phase needs, arguments first."""
        roots = [stock.initial for stock in self.stocks] + self.step_roots(self.variables) + self.yearly_roots()
        return reachable(roots)
