"""Systems of random equations, for comparing backends: every operation of the graph, shapes that meet in every way."""

from __future__ import annotations

from typing import Any

import numpy as np

from headframe.engine.runs import Events, Horizon, Runs
from headframe.engine.system import Bound, System
from tests.engine import systems

SHAPES = ((), (3,), (2, 3))
STOCKS = {"one": (), "row": (3,), "grid": (2, 3)}
PARAMETERS = {"a": (), "b": (3,), "c": (2, 3), "d": ()}
PATHS = {"lever": (), "climate": (3,)}
EVENTS = {"plant": (), "closures": (3,)}
SWITCHES = ("first", "second")
BASES = {"mixed": (3,), "level": ()}


class _Maker:
    """Random expressions of bounded size; every one made may be used again in those that follow."""

    def __init__(self, rng: np.random.Generator, inputs: list[Any]) -> None:
        self.rng = rng
        self.pool = {shape: [value for value in inputs if value.shape == shape] for shape in SHAPES}

    def any(self, shape: tuple[int, ...]) -> Any:
        """Something made before, or a constant."""
        pool = self.pool[shape]
        if not pool or self.rng.random() < 0.1:
            return np.round(self.rng.normal(size=shape), 2)
        return pool[self.rng.integers(len(pool))]

    def fitting(self, shape: tuple[int, ...]) -> Any:
        """Something that broadcasts to a shape."""
        chosen = [other for other in SHAPES if len(other) <= len(shape)]
        return self.any(chosen[self.rng.integers(len(chosen))])

    def grow(self, times: int) -> None:
        """Make more."""
        for _ in range(times):
            shape = SHAPES[self.rng.integers(len(SHAPES))]
            made = self._ways(shape)[self.rng.integers(len(self._ways(shape)))]
            value = made()
            if value.shape == shape:
                self.pool[shape].append(value)

    def _ways(self, shape: tuple[int, ...]) -> list[Any]:
        one, two, three = self.any(shape), self.fitting(shape), self.fitting(shape)
        grid, row, other_row = self.any((2, 3)), self.any((3,)), self.any((3,))
        whole = lambda value: np.zeros(shape) + value  # noqa: E731
        ways = [
            lambda: whole(one + two),
            lambda: whole(one - two * three),
            lambda: whole(one / (1.5 + np.absolute(two))),
            lambda: np.minimum(one, whole(two)),
            lambda: np.maximum(one, whole(two)),
            lambda: np.exp(-np.absolute(one)),
            lambda: np.log(1.0 + np.absolute(one)),
            lambda: np.tanh(one) + np.sin(one) - np.cos(one),
            lambda: (1.0 + np.sqrt(np.absolute(one))) ** np.tanh(whole(two)),
            lambda: np.where(whole(two) > three, one, -one),
            lambda: np.where((one <= two) & ~(one == three) | (one != two), whole(three), one),
            lambda: (one >= two) * 0.7 + (one < three),
            lambda: np.floor(one * 1.37) * 0.1,
            lambda: np.interp(one, (-1.0, 0.0, 0.4, 2.0), (0.3, -0.2, 0.9, 0.1)),
        ]
        if shape == ():
            return [
                *ways,
                lambda: np.sum(grid),
                lambda: np.max(row),
                lambda: np.min(grid),
                lambda: np.einsum("i,i,i->", row, other_row, row),
                lambda: row[1],
                lambda: grid[1, 2],
                lambda: np.sum(row > other_row) * 0.2,
            ]
        if shape == (3,):
            return [
                *ways,
                lambda: np.sum(grid, axis=0),
                lambda: np.max(grid, axis=0),
                lambda: np.einsum("ji,jk,k->i", grid, grid, row),
                lambda: row[::-1],
                lambda: row[[2, 0, 2]],
                lambda: np.concatenate([row[1:], grid[0, :1]]),
                lambda: np.einsum("ij,j->i", np.array([[0.1, 0.2, 0.0], [0.0, 0.3, -0.1], [0.2, 0.2, 0.2]]), row),
                lambda: np.roll(row, 1),
            ]
        return [
            *ways,
            lambda: grid[::-1],
            lambda: np.transpose(np.transpose(grid) * row[:, None]),
            lambda: np.stack([row, other_row]),
            lambda: np.einsum("ij,jk->ik", grid, row[:, None] * other_row[None, :] * 0.1),
            lambda: np.broadcast_to(row, (2, 3)) * 0.5,
            lambda: np.take(grid, [1, 0], axis=0),
        ]


def random_system(seed: int, size: int = 25) -> System:
    """A system of random equations whose rates are bounded."""
    rng = np.random.default_rng(seed)

    def maker(v: Any, names: list[str]) -> _Maker:
        made = _Maker(rng, [getattr(v, name) for name in names])
        made.grow(size)
        return made

    given = [*PARAMETERS, *PATHS, *EVENTS]
    links = [f"base_{name}" for name in BASES] + ["time"]

    def initial(v: Any) -> dict[str, Any]:
        made = maker(v, [*given, "time_step"])
        return {name: np.tanh(made.any(shape)) for name, shape in STOCKS.items()}

    made_step: dict[str, Any] = {}

    def step(v: Any) -> _Maker:
        if "step" not in made_step:
            made = maker(v, [*given, *STOCKS, *links])
            mixed, level = made.any((3,)), made.any(())
            made.pool[(3,)].append(np.where(v.cut_first > 0.5, v.base_mixed, mixed))
            made.pool[()].append(np.where(v.cut_second > 0.5, v.base_level, level))
            made.grow(size // 2)
            made_step.update(step=made, mixed=mixed, level=level)
        return made_step["step"]

    def rates(v: Any) -> dict[str, Any]:
        return {name: np.tanh(step(v).any(shape)) for name, shape in STOCKS.items()}

    def variables(v: Any) -> dict[str, Any]:
        made = step(v)
        shown = {f"shown{i}": made.any(SHAPES[i % 3]) for i in range(5)}
        return shown | {"mixed": made_step["mixed"], "level": made_step["level"]}

    def yearly(v: Any) -> dict[str, Any]:
        made = maker(v, [*given, *STOCKS, *links])
        return {name: np.tanh(made.any(STOCKS[name])) for name in ("row", "grid") if rng.random() < 0.7}

    return systems.system(
        STOCKS,
        initial,
        rates,
        variables=variables,
        yearly=yearly,
        parameters=PARAMETERS,
        paths=PATHS,
        events=EVENTS,
        switches=SWITCHES,
        bases=BASES,
        bounds=(Bound("grid", -1.5, 1.5), Bound("shown1", -2.0), Bound("one", -1.5), Bound("shown0", high=2.0)),
    )


def random_runs(system: System, horizon: Horizon, count: int, seed: int) -> Runs:
    """Random inputs: parameters, three path sets, a few events in each run, cuts in a third of them, a base run."""
    rng = np.random.default_rng(seed)

    def some() -> Runs:
        counts = rng.integers(0, 4, count)
        entries = int(counts.sum())
        starts = horizon.start + rng.uniform(-0.5, horizon.years, entries)
        events = Events(
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
            rng.integers(0, max(system.events.rows, 1), entries).astype(np.int32),
            starts,
            starts + rng.uniform(0.1, 2.0, entries),
            rng.normal(size=entries),
        )
        return Runs(
            rng.normal(size=(count, system.parameters.rows)),
            rng.normal(size=(3, len(horizon.points), system.paths.rows)),
            rng.integers(0, 3, count).astype(np.int32),
            events,
            rng.random((count, len(system.switches))) < 0.2,
        )

    own, base = some(), some()
    return Runs(own.parameters, own.paths, own.path_set, own.events, own.cuts, base)
