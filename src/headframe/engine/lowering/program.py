"""The program of one run: what `lower` makes of a system, and what printers (LLVM, JavaScript) turn into code.

A `Program` says everything for one run, number by number; how runs are laid side by side is the printer's business.

**Regions** are named arrays of numbers (`Program.rows` gives their lengths). A run reads and writes them by row:

| region | written by | holds |
|---|---|---|
| `parameters` | the caller, before the run | parameters and structures, layout `System.parameters` |
| `switches` | the caller | 1 where a feedback is cut, else 0, in the order of `System.switches` |
| `paths`, `events` | the caller, before each evaluation | values at the time of the evaluation |
| `bases` | the caller, before each evaluation | what the run without cuts kept at this evaluation (else 0) |
| `state` | phase `initial`, then the caller | the stocks, layout `System.states` |
| `fixed` | phase `fixed` | expressions of parameters, switches and the time step alone |
| `rates` | phases `rates` and `yearly` | net rates of the stocks; new values of stocks that are renewed (same layout) |
| `kept` | phases `rates` and `yearly` | the variables in `System.bases`, to be read as `bases` in the run with cuts |
| `scratch` | every phase | temporaries; nothing in it outlives the phases that are evaluated together |
| `constants` | nobody | the literal numbers in `Program.constants`, the same for all runs |

**Phases** are lists of statements. The order of a run (see `headframe.engine.runs`) in terms of phases:

1. Fill `parameters`, `switches`, and `paths`, `events`, `bases` for t_0; run `fixed`, then `initial`.
2. At each step: fill `paths`, `events`, `bases` for t_k; run `rates`; if the run's bases are wanted, put `kept` aside;
   run `checks`; compare `Program.bounds`; if a record is due, run `records` and read `Program.outcomes`. Outcomes with
   the rule `mean` are complete after `checks`, so that they can be summed at every step. The scratch of `checks` and
   `records` builds on that of `rates`: run them right after it, in this order. Further Runge–Kutta stages need neither,
   and `records` is needed only where a record is due.
3. Move the state with `rates`.
4. When a year has ended: fill `paths`, `events`, `bases` for t_(k+1), run `yearly`, if wanted put `kept` aside; then
   copy the rows of `Program.renewed` from `rates` to `state`.

**Statements** work on values that are numbered within a phase and assigned once (SSA); a value is seen by the
statements after it in its own block and in the blocks inside, but not beyond the nest that it belongs to. Every value
is a number, except that of `Apply` with `boolean` set, which is a truth value; conversions are explicit (`number`,
`truth`), so that a printer needs no types.

- `Number(target, value)` a literal; `Clock(target, name)` the `time` of the evaluation or the `time_step`
- `Load(target, region, index)`, `Store(region, index, value)`
- `Apply(target, operation, arguments, boolean)` NumPy's function of that name on numbers; `logical_…` on truth values;
  `where` takes a truth value and two numbers; `truth` is `x != 0` (true for NaN), `number` gives 1 or 0
- `Interpolate(target, table, argument)`: `np.interp` on `Program.tables[table]`; NaN stays NaN
- `Loop(variable, extent, body, reductions)` runs the body for the variable from 0 to `extent - 1`; a `Reduction` names
  the value of the body that is summed (or whose maximum or minimum is taken) and the value that holds the result after
  the loop. Sums start from 0, maxima from minus infinity; NaN wins over every number.

**Indices** are rows within a region: `offset + Σ coefficient × variable + Σ index_tables[table][position]`, where each
position is an index again. A position and a row are never out of range.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from headframe.engine.runs import Rule

Region = Literal[
    "parameters", "switches", "paths", "events", "bases", "state", "fixed", "rates", "kept", "scratch", "constants"
]
REGIONS: tuple[Region, ...] = (
    "parameters", "switches", "paths", "events", "bases", "state", "fixed", "rates", "kept", "scratch", "constants",
)  # fmt: skip
PhaseName = Literal["fixed", "initial", "rates", "checks", "records", "yearly"]


@dataclass(frozen=True, slots=True)
class Index:
    """`offset + Σ coefficient × variable + Σ index_tables[table][position]`."""

    offset: int = 0
    terms: tuple[tuple[int, int], ...] = ()  # (variable, coefficient), by variable
    gathers: tuple[tuple[int, Index], ...] = ()  # (number of an index table, position in it)

    @property
    def variables(self) -> frozenset[int]:
        """The loop variables that the index depends on."""
        own = frozenset(variable for variable, _ in self.terms)
        return own.union(*(position.variables for _, position in self.gathers)) if self.gathers else own


@dataclass(frozen=True, slots=True)
class Number:
    """A literal number."""

    target: int
    value: float


@dataclass(frozen=True, slots=True)
class Clock:
    """The calendar time of the evaluation, or the length of a step, in years."""

    target: int
    name: Literal["time", "time_step"]


@dataclass(frozen=True, slots=True)
class Load:
    """A number read from a region."""

    target: int
    region: Region
    index: Index


@dataclass(frozen=True, slots=True)
class Apply:
    """An elementwise operation (`headframe.engine.operations`), or a conversion `number` or `truth`."""

    target: int
    operation: str
    arguments: tuple[int, ...]
    boolean: bool = False


@dataclass(frozen=True, slots=True)
class Interpolate:
    """Linear interpolation on a constant table, held at its ends."""

    target: int
    table: int
    argument: int


@dataclass(frozen=True, slots=True)
class Store:
    """A number written to a region."""

    region: Region
    index: Index
    value: int


@dataclass(frozen=True, slots=True)
class Reduction:
    """A value of a loop's body gathered over the loop; `target` holds the result after it."""

    target: int
    operation: Literal["sum", "maximum_of", "minimum_of"]
    value: int


@dataclass(frozen=True, slots=True)
class Loop:
    """A body repeated for each value of a variable. Iterations do not depend on each other but for the reductions."""

    variable: int
    extent: int
    body: tuple[Statement, ...]
    reductions: tuple[Reduction, ...] = ()


Statement = Number | Clock | Load | Apply | Interpolate | Store | Loop


@dataclass(frozen=True)
class Phase:
    """Statements that are run together, and how many values and loop variables they number.

    `nests` cuts the statements into parts that share no values; a part stores nothing that it loads itself.
    """

    name: PhaseName
    nests: tuple[tuple[Statement, ...], ...] = ()
    values: int = 0
    variables: int = 0

    @property
    def body(self) -> tuple[Statement, ...]:
        """All statements of the phase in order."""
        return tuple(statement for nest in self.nests for statement in nest)


@dataclass(frozen=True)
class Table:
    """A lookup table; `spacing` is the distance of its xs where that is the same everywhere, else 0."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    spacing: float


@dataclass(frozen=True)
class Place:
    """Where a variable lies: `size` numbers in C order from row `start` of a region."""

    region: Region
    start: int
    size: int


@dataclass(frozen=True)
class Outcome:
    """A recorded variable: its place and its rule."""

    place: Place
    rule: Rule


@dataclass(frozen=True)
class BoundedPlace:
    """A checked variable: its place and the range it must keep to. The index in `Program.bounds` is the code."""

    place: Place
    low: float
    high: float


@dataclass(frozen=True)
class Program:
    """Everything that one run computes; see the description of this module."""

    rows: dict[Region, int]
    phases: dict[PhaseName, Phase]
    constants: NDArray[np.float64]
    index_tables: tuple[tuple[int, ...], ...]
    tables: tuple[Table, ...]
    outcomes: tuple[Outcome, ...]
    bounds: tuple[BoundedPlace, ...]
    renewed: tuple[tuple[int, int], ...] = field(default=())  # (first row of the state, rows) of renewed stocks


def statements(body: tuple[Statement, ...]) -> Iterator[Statement]:
    """All statements of a body, those inside loops after their loop."""
    for statement in body:
        yield statement
        if isinstance(statement, Loop):
            yield from statements(statement.body)
