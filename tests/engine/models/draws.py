"""Random runs of a model: everything that can differ from run to run does."""

from __future__ import annotations

import numpy as np

from headframe.core.seeds import generator
from headframe.engine import Events, Horizon, Model, Runs
from headframe.engine.declare import Parameter, Path, Structure

SETS = 8  # path sets; the first has the defaults
LONGEST = 6.0  # years that an event lasts


def drawn(model: Model, horizon: Horizon, count: int, seed: int, *, cuts: bool = True) -> Runs:
    """Runs with parameters anywhere in their ranges, any structures, paths, events, and cuts in every fourth run."""
    random = generator(seed, "drawn runs", model.name)
    system = model.system
    given = model.runs(horizon, count)
    parameters, path_sets = given.parameters.copy(), np.repeat(given.paths, SETS, axis=0)
    for name, declared in model.declarations.items():
        if isinstance(declared, Parameter) and declared.low is not None and declared.high is not None:
            size = (count, *declared.shape)
            values = random.uniform(np.broadcast_to(declared.low, size), np.broadcast_to(declared.high, size))
            parameters[:, system.parameters.slice(name)] = values.reshape(count, -1)
        elif isinstance(declared, Structure):
            options = random.integers(0, len(declared.options), (count, 1))
            parameters[:, system.parameters.slice(name)] = options
        elif isinstance(declared, Path) and name in system.paths.names and declared.low is not None:
            path_sets[1:, :, system.paths.slice(name)] = _ramps(declared, horizon, random)
    chosen = random.integers(0, SETS, count).astype(np.int32)
    cut = np.zeros_like(given.cuts)
    base = None
    if cuts and cut.size:
        cut[::4] = random.random(cut[::4].shape) < 0.7
        base = Runs(parameters, path_sets, np.zeros(count, np.int32), Events.none(count), np.zeros_like(cut))
    return Runs(parameters, path_sets, chosen, _register(model, horizon, count, random), cut, base)


def _ramps(declared: Path, horizon: Horizon, random: np.random.Generator) -> np.ndarray:
    """Paths from one point of the range to another; every second one stays at the default."""
    assert declared.low is not None
    assert declared.high is not None
    size = (SETS - 1, *declared.shape)
    low, high = np.broadcast_to(declared.low, size), np.broadcast_to(declared.high, size)
    ends = random.uniform(low, high, (2, *size))
    ends = np.where(random.random(size) < 0.5, declared.default, ends).reshape(2, SETS - 1, 1, -1)
    gone = np.linspace(0.0, 1.0, len(horizon.points))[None, :, None]
    return np.asarray(ends[0] + (ends[1] - ends[0]) * gone)


def _register(model: Model, horizon: Horizon, count: int, random: np.random.Generator) -> Events:
    """None to three events in each run, of some tens or hundreds of their unit."""
    rows = model.system.events.rows
    each = random.integers(0, 4 if rows else 1, count)
    offsets = np.concatenate([[0], np.cumsum(each)]).astype(np.int32)
    total = int(offsets[-1])
    starts = horizon.start + random.uniform(-1.0, horizon.years, total)
    return Events(
        offsets,
        random.integers(0, max(rows, 1), total).astype(np.int32),
        starts,
        starts + random.uniform(0.05, LONGEST, total),
        random.uniform(0.0, 20.0, total),
    )
