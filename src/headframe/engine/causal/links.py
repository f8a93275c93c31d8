"""The causal-loop graph of a model: what influences what, in which direction, how strongly.

Links are what equations read. Their signs are found by evaluation: at points of a reference run, and of runs with other
parameters, the source is raised by a thousandth, all else held, and the target is looked at. Elements of arrays are
raised together and their response is added up, so that a sign is that of the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from headframe.core.seeds import DEFAULT_SEED, generator
from headframe.engine.declare import Constant, Equation, Lag, Parameter, Path, Stock, Structure, Yearly
from headframe.engine.inputs import ranged
from headframe.engine.making.wiring import TIME
from headframe.engine.runs import Floats, Horizon, Outcomes

if TYPE_CHECKING:
    import polars as pl

    from headframe.engine.model import Model

Sign = Literal["+", "-", "mixed", "0"]
SMALL = 1e-3  # relative change of a source
NO_EFFECT = 1e-9  # relative to what a proportional response would be


@dataclass(frozen=True)
class Node:
    """A variable of the causal graph."""

    name: str
    kind: str
    block: str
    generated: bool


@dataclass(frozen=True)
class Link:
    """What `source` does to `target` directly.

    `sign` is `+` or `-` where every point that shows an effect agrees, `mixed` where they do not, `0` where none shows
    one. `share` is the share of the points with an effect that have the commoner sign, NaN without any. `strength` is
    the median size of the effect in per cent of the target's usual size for one per cent of the source. `points` is
    the number of points at which both could be computed. A `yearly` link acts when a year has ended.
    """

    source: str
    target: str
    sign: Sign
    share: float
    strength: float
    points: int
    yearly: bool = False


@dataclass(frozen=True)
class CausalGraph:
    """The variables of a model and the signed links between them."""

    name: str
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    feedbacks: Mapping[tuple[str, str], str]  # links that a feedback cuts, with its name

    @cached_property
    def link(self) -> dict[tuple[str, str], Link]:
        """The links by source and target; a link that also acts yearly is there by what it does in the step."""
        return {(link.source, link.target): link for link in reversed(self.links)}

    def table(self) -> pl.DataFrame:
        """The links as a table."""
        import polars as pl

        fields = ("source", "target", "sign", "share", "strength", "points", "yearly")
        return pl.DataFrame([{field: getattr(link, field) for field in fields} for link in self.links])


def causal_graph(
    model: Model,
    horizon: Horizon,
    *,
    draws: int = 8,
    times: int = 6,
    seed: int = DEFAULT_SEED,
    given: bool = False,
) -> CausalGraph:
    """The causal graph of a model, its signs found along `draws` runs at `times` points of the horizon.

    The first run has the default parameters, the others draw those that have a range. With `given`, parameters, paths
    and structures are nodes too. Nothing is inferred from how an equation is written.
    """
    points = _points(model, horizon, draws, times, seed)
    links: list[Link] = []
    for name, equation in model.declarations.items():
        if isinstance(equation, Equation):
            links += _links_to(equation, name, points, _sources(model, equation, given=given))
    named = {name for link in links for name in (link.source, link.target)}
    nodes = tuple(
        Node(name, declared.kind, declared.block, bool(getattr(declared, "generated", False)))
        for name, declared in model.declarations.items()
        if name in named or (isinstance(declared, Equation) and not isinstance(declared, Yearly))
    )
    cut = {link: feedback.name for feedback in model.feedbacks.values() for link in feedback.links}
    return CausalGraph(model.name, nodes, tuple(links), cut)


def _sources(model: Model, equation: Equation, *, given: bool) -> list[str]:
    kinds = (Equation, Parameter, Path, Structure) if given else (Equation,)
    exits = tuple(equation.exits) if isinstance(equation, Stock) else ()
    names = dict.fromkeys((*equation.reads, *exits))
    return [name for name in names if isinstance(model.declarations.get(name), kinds)]


Values = Mapping[str, Any]


def _points(model: Model, horizon: Horizon, draws: int, times: int, seed: int) -> list[Values]:
    """Everything that equations read, at each point: a time of a run."""
    from headframe.engine.batch.backend import Batch

    every = max(horizon.steps // max(times - 1, 1), 1)
    recording = Horizon(horizon.start, horizon.years, horizon.steps_per_year, every, horizon.integrator)
    drawn = {
        name: np.concatenate([value.default[None], _drawn(value, draws - 1, generator(seed, "causal graph", name))])
        for name, value in ranged(model.declarations).items()
    }
    runs = model.runs(recording, count=draws, parameters=drawn)
    system = model.system
    found = Batch(system, recording, Outcomes.of(system.variables)).run(runs)
    fixed: dict[str, Any] = {
        name: declared if not isinstance(declared, Constant) else np.broadcast_to(declared.default, declared.shape)
        for name, declared in model.declarations.items()
        if not isinstance(declared, Equation | Lag)
    }
    points: list[Values] = []
    for run in range(draws):
        for record, step in enumerate(recording.recorded_steps):
            values = dict(fixed)
            for slots, rows in (
                (system.parameters, runs.parameters[run]),
                (system.paths, runs.paths[0, step * recording.points_per_step]),
                (system.events, np.zeros(system.events.rows)),
            ):
                values |= {name: rows[slots.slice(name)].reshape(slots.shape[name]) for name in slots.names}
            values |= {name: found[name][run, record] for name in system.variables}
            points.append(values | {TIME: recording.recorded_times[record], "time_step": recording.time_step})
    return points


def _drawn(value: Any, count: int, random: np.random.Generator) -> Floats:
    low, high = (np.broadcast_to(end, value.shape) for end in (value.low, value.high))
    return np.asarray(random.uniform(low, high, (count, *value.shape)))


def _links_to(equation: Equation, name: str, points: list[Values], sources: Iterable[str]) -> list[Link]:
    """The links to a variable; those of a yearly update go to its stock."""
    yearly = isinstance(equation, Yearly)
    target = equation.stock if isinstance(equation, Yearly) else name
    with np.errstate(all="ignore"):
        before = np.array([_value(equation, values) for values in points])
        usual = np.nanmax(np.abs(before), initial=0.0) or 1.0
        found = []
        for source in sources:
            scale = max((float(np.max(np.abs(values[source]), initial=0.0)) for values in points), default=0.0) or 1.0
            after = np.array(
                [_value(equation, {**values, source: _raised(values[source], scale)}) for values in points]
            )
            found.append(_link(source, target, (after - before) / (SMALL * usual), yearly=yearly))
    return found


def _raised(value: Any, scale: float) -> Any:
    """A little more of a value: of each element by its own size, of zeros by the usual size."""
    array = np.asarray(value, dtype=np.float64)
    return array + SMALL * np.where(array == 0, scale, np.abs(array))


def _value(equation: Equation, values: Values) -> float:
    """What an equation gives, added up; for a stock its net rate, for a yearly update the change of the stock."""
    given = equation.function(*(values[read] for read in equation.reads))
    result = np.sum(np.broadcast_to(given, equation.shape))
    if isinstance(equation, Stock):
        result -= sum(np.sum(values[name]) for name in equation.exits)
    elif isinstance(equation, Yearly):
        result -= np.sum(values[equation.stock])
    return float(result)


def _link(source: str, target: str, effects: NDArray[np.float64], *, yearly: bool) -> Link:
    known = effects[np.isfinite(effects)]
    shown = known[np.abs(known) > NO_EFFECT]
    strength = float(np.median(np.abs(known))) if known.size else float("nan")
    if not shown.size:
        return Link(source, target, "0", float("nan"), strength, known.size, yearly)
    rising = float((shown > 0).mean())
    sign: Sign = "+" if rising == 1.0 else "-" if rising == 0.0 else "mixed"
    return Link(source, target, sign, max(rising, 1 - rising), strength, known.size, yearly)
