"""What a check of a model gives, and the random runs that checks are made on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headframe.core.errors import HeadframeError
from headframe.core.results import Message
from headframe.core.seeds import DEFAULT_SEED, generator
from headframe.engine.declare import Path, Structure, Value
from headframe.engine.making.wiring import of_kind
from headframe.engine.runs import Events, Floats, Horizon, Integers, Runs

if TYPE_CHECKING:
    from headframe.engine.model import Model

PATH_SETS = 16  # different sets of paths among random runs


@dataclass(frozen=True)
class Check:
    """The answer of one check. `passed` is None where it could not be decided, which is no pass.

    `figures` are the numbers that the answer rests on, by name; `message` says the answer, `findings` what was found
    in particular, as text ids with values.
    """

    name: str
    passed: bool | None
    message: Message
    figures: Mapping[str, float] = field(default_factory=dict)
    findings: tuple[Message, ...] = ()


def random_runs(model: Model, horizon: Horizon, count: int, seed: int = DEFAULT_SEED, purpose: str = "checks") -> Runs:
    """Runs with every parameter uniform in its range, every structure any of its options, and paths that go straight
    from one value of their range to another. What has no range keeps its default. Raises HF961 for no runs.
    """
    if count < 1:
        raise HeadframeError.of("HF961", purpose, count=count, least=1)
    random = generator(seed, "engine", purpose)
    given: dict[str, dict[str, Any]] = {"parameters": {}, "structures": {}}
    for name, declared in of_kind(model.declarations, Value).items():
        if name in model.system.parameters.names and range_of(declared) is not None:
            given["parameters"][name] = _drawn(declared, random, count)
    for name, structure in of_kind(model.declarations, Structure).items():
        given["structures"][name] = random.integers(0, len(structure.options), count)
    drawn = model.runs(horizon, count, **given)
    sets = [
        model.runs(horizon, paths=_random_paths(model, horizon, random)).paths[0]
        for _ in range(min(count, PATH_SETS) if _ranged_paths(model) else 1)
    ]
    return replace(drawn, paths=np.stack(sets), path_set=np.arange(count, dtype=np.int32) % np.int32(len(sets)))


def range_of(declared: Value) -> tuple[Floats, Floats] | None:
    """The lowest and highest value over the axes, or None where one of them is not known or infinite."""
    if declared.low is None or declared.high is None:
        return None
    low, high = (np.broadcast_to(side, declared.shape) for side in (declared.low, declared.high))
    return (low, high) if np.isfinite(low).all() and np.isfinite(high).all() else None


def _drawn(declared: Value, random: np.random.Generator, count: int) -> Floats:
    low, high = range_of(declared) or (declared.default, declared.default)
    drawn: Floats = random.uniform(low, high, (count, *declared.shape))
    return drawn


def _ranged_paths(model: Model) -> dict[str, Path]:
    paths = of_kind(model.declarations, Path)
    return {n: path for n, path in paths.items() if n in model.system.paths.names and range_of(path) is not None}


def _random_paths(model: Model, horizon: Horizon, random: np.random.Generator) -> dict[str, Any]:
    ends = horizon.start, horizon.start + horizon.years
    return {name: dict(zip(ends, _drawn(path, random, 2), strict=True)) for name, path in _ranged_paths(model).items()}


def rearranged(runs: Runs, order: Sequence[int] | Integers) -> Runs:
    """The runs with these numbers, in this order; a number may stand more than once."""
    chosen = np.asarray(order, dtype=np.intp)
    offsets = runs.events.offsets
    counts = (offsets[1:] - offsets[:-1])[chosen]
    ends = np.cumsum(counts)
    entries = np.repeat(offsets[chosen], counts) + np.arange(counts.sum()) - np.repeat(ends - counts, counts)
    register = runs.events
    events = Events(
        np.concatenate([[0], ends]).astype(np.int32),
        register.rows[entries],
        register.starts[entries],
        register.ends[entries],
        register.amounts[entries],
    )
    return Runs(
        runs.parameters[chosen],
        runs.paths,
        runs.path_set[chosen],
        events,
        runs.cuts[chosen],
        None if runs.base is None else rearranged(runs.base, order),
    )
