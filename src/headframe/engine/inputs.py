"""From what a user gives by name to the arrays that backends read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from headframe.core.errors import Problems, did_you_mean
from headframe.engine.declare import Constant, Declaration, Event, Path, Structure, Value
from headframe.engine.making.wiring import of_kind
from headframe.engine.operations import Shape
from headframe.engine.runs import Events, Floats, Horizon, Runs
from headframe.engine.system import System

PathValue = ArrayLike | Mapping[float, ArrayLike]
EventEntry = tuple[str, float, float, ArrayLike]


@dataclass(frozen=True)
class Given:
    """What differs from the defaults.

    `parameters`: name → one value for all runs (a number or an array over its axes), or one per run (runs first).
    `structures`: name → an option, or its number per run. `paths`: lever or exogenous path → a number or array that
    holds at all times, `{year: value}` with straight lines between and the ends held, or an array (points of the
    horizon, *axes). `events`: `(name, start, end, amount)` entries that happen in every run, or an `Events` register.
    `cuts`: the feedbacks that are cut in every run, or truth values (runs, feedbacks). `base`: the `paths` and `events`
    of the run that cut links read; without them it has the default paths and no event. Its parameters and structures
    are those of the run.
    """

    parameters: Mapping[str, ArrayLike] = field(default_factory=dict)
    structures: Mapping[str, str | ArrayLike] = field(default_factory=dict)
    paths: Mapping[str, PathValue] = field(default_factory=dict)
    events: Events | Iterable[EventEntry] = ()
    cuts: Sequence[str] | np.ndarray = ()
    base: Mapping[str, Any] = field(default_factory=dict)


def runs_of(
    declarations: Mapping[str, Declaration], system: System, horizon: Horizon, count: int, given: Given
) -> Runs:
    """Inputs for `count` runs. All that does not fit is raised together: HF924, HF932 to HF938."""
    problems = Problems()
    if system.euler_only and horizon.integrator != "euler":
        problems.add("HF938", system.name, integrator=horizon.integrator)
    if count < 1:
        problems.add("HF933", "count", name="count", shape=count, expected=">= 1")
        problems.raise_if_any()
    parameters = _parameters(declarations, system, count, given, problems)
    paths = path_set(declarations, system, horizon, given.paths, problems)
    events = _events(declarations, system, count, given.events, problems)
    cuts = _cuts(system, count, given.cuts, problems)
    sets = np.zeros(count, np.int32)
    base: Runs | None = None
    if cuts.any():
        uncut = Given(**given.base)
        base_paths = path_set(declarations, system, horizon, uncut.paths, problems)
        base_events = _events(declarations, system, count, uncut.events, problems)
        base = Runs(parameters, base_paths[None], sets, base_events, np.zeros_like(cuts))
    problems.raise_if_any()
    return Runs(parameters, paths[None], sets, events, cuts, base)


def _known(name: str, known: Iterable[str], what: str, problems: Problems) -> bool:
    listed = list(known)
    if name not in listed:
        problems.add("HF932", what, name=name, suggestion=did_you_mean(name, listed) or ", ".join(listed[:8]) or "—")
    return name in listed


def _parameters(
    declarations: Mapping[str, Declaration], system: System, count: int, given: Given, problems: Problems
) -> Floats:
    values = np.empty((count, system.parameters.rows))
    for name in system.parameters.names:
        values[:, system.parameters.slice(name)] = default_of(declarations[name]).ravel()
    structures = of_kind(declarations, Structure)
    for name, value in given.structures.items():
        if _known(name, structures, "structures", problems):
            numbers = structures[name].number(value) if isinstance(value, str) else np.asarray(value, dtype=float)
            if np.any((numbers < 0) | (numbers >= len(structures[name].options)) | (numbers != np.floor(numbers))):
                problems.add("HF924", name, option=value, options=", ".join(structures[name].options))
            else:
                _set(values, system, name, numbers, problems)
    for name, value in given.parameters.items():
        if _known(name, [n for n in system.parameters.names if n not in structures], "parameters", problems):
            _set(values, system, name, value, problems)
    return values


def default_of(declared: Declaration) -> Floats:
    """The default of a parameter, path or structure over its axes."""
    default = declared.default if isinstance(declared, Value | Structure) else 0.0
    return np.array(np.broadcast_to(np.asarray(default, dtype=np.float64), declared.shape))


def _set(values: Floats, system: System, name: str, value: ArrayLike, problems: Problems) -> None:
    """One value for all runs, or one per run."""
    shape = system.parameters.shape[name]
    try:
        array = np.asarray(value, dtype=np.float64)
        per_run = array.shape == (len(values), *shape)
        whole = array if per_run else np.broadcast_to(array, (len(values), *shape))
        if not per_run and array.ndim > len(shape):
            raise ValueError
        values[:, system.parameters.slice(name)] = whole.reshape(len(values), -1)
    except (ValueError, TypeError):
        problems.add("HF933", "parameters", name=name, shape=np.shape(value), expected=(len(values), *shape))


def path_set(
    declarations: Mapping[str, Declaration],
    system: System,
    horizon: Horizon,
    given: Mapping[str, PathValue],
    problems: Problems,
) -> Floats:
    """One path set (points of the horizon, path rows): what is given, and the default of every other path."""
    found = np.empty((len(horizon.points), system.paths.rows))
    for name in system.paths.names:
        found[:, system.paths.slice(name)] = default_of(declarations[name]).ravel()
    for name, value in given.items():
        if _known(name, system.paths.names, "paths", problems):
            try:
                path = _path(value, horizon, system.paths.shape[name])
                found[:, system.paths.slice(name)] = path.reshape(len(horizon.points), -1)
            except (ValueError, TypeError):
                expected = (len(horizon.points), *system.paths.shape[name])
                shape = "{…}" if isinstance(value, Mapping) else np.shape(value)
                problems.add("HF935", "paths", name=name, shape=shape, expected=expected)
    return found


def _path(value: PathValue, horizon: Horizon, shape: Shape) -> Floats:
    points = horizon.points
    if isinstance(value, Mapping):
        years = sorted(float(year) for year in value)
        by_year = {float(year): np.asarray(entry, dtype=np.float64) for year, entry in value.items()}
        knots = np.array([np.broadcast_to(by_year[year], shape).ravel() for year in years])
        if not years or not np.isfinite(years).all():
            raise ValueError
        columns = [np.interp(points, years, knots[:, column]) for column in range(knots.shape[1])]
        return np.stack(columns, axis=1)
    array = np.asarray(value, dtype=np.float64)
    if array.shape != (len(points), *shape) and array.ndim > len(shape):
        raise ValueError
    return np.broadcast_to(array, (len(points), *shape))


def _events(
    declarations: Mapping[str, Declaration],
    system: System,
    count: int,
    given: Events | Iterable[EventEntry],
    problems: Problems,
) -> Events:
    if isinstance(given, Events):
        if len(given.offsets) != count + 1:
            problems.add("HF936", "events", name="offsets", shape=len(given.offsets), expected=count + 1)
        return given
    events = of_kind(declarations, Event)
    rows: list[int] = []
    spans: list[tuple[float, float, float]] = []
    for name, start, end, amount in given:
        if _known(name, events, "events", problems):
            try:
                amounts = np.broadcast_to(np.asarray(amount, dtype=np.float64), events[name].shape).ravel()
            except (ValueError, TypeError):
                problems.add("HF936", "events", name=name, shape=np.shape(amount), expected=events[name].shape)
                continue
            if not start < end:
                problems.add("HF936", "events", name=name, shape=f"{start} – {end}", expected="start < end")
            first = system.events.starts[name]
            rows += range(first, first + len(amounts))
            spans += [(start, end, float(one)) for one in amounts]
    each = len(rows)
    columns = np.array(spans, dtype=np.float64).reshape(-1, 3)
    return Events(
        np.arange(count + 1, dtype=np.int32) * np.int32(each),
        np.tile(np.array(rows, dtype=np.int32), count),
        *(np.tile(column, count) for column in columns.T),
    )


def _cuts(system: System, count: int, given: Sequence[str] | np.ndarray, problems: Problems) -> Any:
    if isinstance(given, np.ndarray) and given.dtype == np.bool_:
        if given.shape != (count, len(system.switches)):
            problems.add("HF937", "cuts", name=given.shape, suggestion=(count, len(system.switches)))
        return given
    cuts = np.zeros((count, len(system.switches)), dtype=np.bool_)
    for name in given:
        if name not in system.switches:
            near = did_you_mean(name, list(system.switches)) or ", ".join(system.switches) or "—"
            problems.add("HF937", "cuts", name=name, suggestion=near)
        else:
            cuts[:, system.switches.index(name)] = True
    return cuts


def ranged(declarations: Mapping[str, Declaration]) -> dict[str, Value]:
    """The parameters that have a range, in order: what an ensemble draws."""
    return {
        name: declared
        for name, declared in of_kind(declarations, Value).items()
        if not isinstance(declared, Path | Constant) and declared.low is not None and declared.high is not None
    }
