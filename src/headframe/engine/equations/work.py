"""What a model costs: floating-point operations and memory of a run, by variable, block and phase.

Every expression is counted once, at the variable that needs it first in the order of computing; what others share with
it costs them nothing. Operations are those of `operations.flops`: the least that any backend has to do.

| phase | how often in a run | what |
|---|---|---|
| `initial` | once | initial values of stocks |
| `once` | once | parts of the step and of yearly updates that parameters alone decide |
| `step` | at every evaluation of rates | rates, and what bounds and cuts watch |
| `record` | at every record | outcomes that no rate needs |
| `yearly` | once a year | yearly updates, with all that they need at the year's end |
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from headframe.engine.batch.backend import CHANGING
from headframe.engine.declare import Equation, Yearly
from headframe.engine.graph import Node, depends_on, reachable
from headframe.engine.making.wiring import of_kind
from headframe.engine.operations import flops
from headframe.engine.runs import Horizon

if TYPE_CHECKING:
    import polars as pl

    from headframe.engine.model import Model

Phase = Literal["initial", "once", "step", "record", "yearly"]
NUMBER = 8  # bytes of a float64
# Operations for each number of the state and step: h · rate and a sum; three stages between, and the weighted sum.
INTEGRATION = {"euler": 2, "rk4": 14}


@dataclass(frozen=True)
class Share:
    """What one variable costs in one phase, for one evaluation and for a run."""

    variable: str
    kind: str
    block: str
    phase: Phase
    nodes: int
    numbers: int
    flops: int
    flops_per_run: int


@dataclass(frozen=True)
class ModelWork:
    """The cost of a run. `integration` is what moving the state costs in the run; bytes are those of float64.

    `held` is the memory of a run while it is computed, if every part keeps its numbers: the state, the parameters and
    all parts; `recorded` that of its outcomes. Paths are shared by many runs and take `path_set` bytes for each set.
    """

    model: str
    shares: tuple[Share, ...]
    integration: int
    held: int
    recorded: int
    path_set: int

    @property
    def flops_per_run(self) -> int:
        """Floating-point operations of a run."""
        return self.integration + sum(share.flops_per_run for share in self.shares)

    def flops(self, phase: Phase) -> int:
        """Floating-point operations of one evaluation of a phase."""
        return sum(share.flops for share in self.shares if share.phase == phase)

    def table(self) -> pl.DataFrame:
        """A row for each variable and phase, the costliest first."""
        import polars as pl

        fields = ("variable", "kind", "block", "phase", "nodes", "numbers", "flops", "flops_per_run")
        text = dict.fromkeys(fields[:4], pl.String)
        columns = {field: [getattr(share, field) for share in self.shares] for field in fields}
        found = pl.DataFrame(columns, schema={field: text.get(field, pl.Int64) for field in fields})
        return found.sort("flops_per_run", "variable", "phase", descending=[True, False, False])

    def by_block(self) -> pl.DataFrame:
        """Operations of a run by block and phase, and the share of the whole run."""
        import polars as pl

        phases = get_args(Phase)
        blocks = list(dict.fromkeys(share.block for share in self.shares))
        rows = [
            [sum(s.flops_per_run for s in self.shares if (s.block, s.phase) == (block, phase)) for phase in phases]
            for block in blocks
        ]
        whole = max(self.flops_per_run, 1)
        columns = {"block": blocks, **{phase: [row[at] for row in rows] for at, phase in enumerate(phases)}}
        columns |= {"flops_per_run": [sum(row) for row in rows], "share": [sum(row) / whole for row in rows]}
        other = {"block": pl.String, "share": pl.Float64}
        return pl.DataFrame(columns, schema={name: other.get(name, pl.Int64) for name in columns})


def model_work(model: Model, horizon: Horizon, outcomes: Iterable[str] | None = None) -> ModelWork:
    """What a run of a model costs over a horizon; `outcomes` are recorded (default: the author's own variables)."""
    system = model.system
    recorded = model.outcomes(outcomes).names
    rates = {stock.name: stock.rate for stock in system.stocks}
    yearly = {name: declared.stock for name, declared in of_kind(model.declarations, Yearly).items()}
    renewed = {stock.name: stock.yearly for stock in system.stocks if stock.yearly is not None}
    watched = [system.variables[name] for name in (*(bound.variable for bound in system.bounds), *system.bases.names)]
    needed = {node.number for node in reachable([*rates.values(), *watched])}
    roots: list[tuple[str, Node]] = [(name, system.variables[name]) for name in model.order]
    roots += rates.items()
    updates = [(name, renewed[stock]) for name, stock in yearly.items()]
    changing = depends_on([node for _, node in (*roots, *updates)], CHANGING)
    steady = _all([*roots, *updates]) - changing
    count = _Counter(model, _evaluations(horizon))
    count.phase("initial", [(stock.name, stock.initial) for stock in system.stocks], frozenset(), None)
    shown = {node.number for node in reachable([system.variables[name] for name in recorded])}
    count.phase("once", [*roots, *updates], frozenset(), steady & (needed | shown | _all(updates)))
    count.phase("step", roots, frozenset(), needed & changing)
    count.phase("record", roots, needed, shown & changing)
    count.phase("yearly", [*roots, *updates], frozenset(), _all(updates) & changing)
    numbers = sum(share.numbers for share in count.shares if share.phase != "initial")
    size = sum(system.variables[name].size for name in recorded)
    return ModelWork(
        model=model.name,
        shares=tuple(count.shares),
        integration=INTEGRATION[horizon.integrator] * system.states.rows * horizon.steps,
        held=NUMBER * (system.states.rows + system.parameters.rows + numbers),
        recorded=NUMBER * size * len(horizon.recorded_steps),
        path_set=NUMBER * system.paths.rows * len(horizon.points),
    )


def _all(roots: Iterable[tuple[str, Node]]) -> set[int]:
    return {node.number for node in reachable([root for _, root in roots])}


def _evaluations(horizon: Horizon) -> dict[Phase, int]:
    """How often each phase is evaluated in a run: the step once more at the end, to be checked and recorded."""
    stages = 1 if horizon.integrator == "euler" else 4
    years = horizon.steps // horizon.steps_per_year
    records = len(horizon.recorded_steps)
    return {"initial": 1, "once": 1, "step": horizon.steps * stages + 1, "record": records, "yearly": years}


class _Counter:
    """Adds up the cost of expressions, each at the variable that needs it first in its phase."""

    def __init__(self, model: Model, evaluations: dict[Phase, int]) -> None:
        self.model, self.evaluations = model, evaluations
        self.shares: list[Share] = []

    def phase(
        self, phase: Phase, roots: Iterable[tuple[str, Node]], done: Iterable[int], among: set[int] | None
    ) -> None:
        """Count a phase: what these roots need, without what is done elsewhere, among some nodes (None: all)."""
        seen = set(done)
        for name, root in roots:
            nodes = [
                node
                for node in reachable([root])
                if node.number not in seen
                and (among is None or node.number in among)
                and node.operation not in ("input", "constant")
            ]
            seen.update(node.number for node in nodes)
            if nodes:
                self.shares.append(self._share(name, phase, nodes))

    def _share(self, name: str, phase: Phase, nodes: list[Node]) -> Share:
        declared = self.model.declarations[name]
        assert isinstance(declared, Equation)
        cost = sum(
            flops(node.operation, node.attributes, [argument.shape for argument in node.arguments], node.shape)
            for node in nodes
        )
        numbers = sum(node.size for node in nodes)
        per_run = cost * self.evaluations[phase]
        return Share(name, declared.kind, declared.block, phase, len(nodes), numbers, cost, per_run)
