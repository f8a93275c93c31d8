"""Random equations for tests of how equations are written: every operation, shapes that meet in every way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from headframe.core.axes import Axis
from headframe.engine import table
from headframe.engine.declare import Auxiliary, Declaration, Parameter, parameter

AGE = Axis("age", ("young", "middle", "old"))
SECTOR = Axis("sector", ("farms", "works"))
AXES = {"a": (), "b": (), "row": (AGE,), "other_row": (AGE,), "grid": (SECTOR, AGE), "square": (AGE, AGE)}
SHAPES: tuple[tuple[int, ...], ...] = ((), (3,), (2, 3), (3, 3))
OWN_AXES: dict[tuple[int, ...], tuple[Axis, ...]] = dict(
    zip(SHAPES, ((), (AGE,), (SECTOR, AGE), (AGE, AGE)), strict=True)
)
EFFECTS = {
    "effect": table([-2.0, 0.0, 1.0, 3.0], [0.5, 1.5, -1.0, 2.0]),
    "same_effect": table([-2.0, 0.0, 1.0, 3.0], [0.5, 1.5, -1.0, 2.0]),  # the same points by another name
}
READS = (*AXES, *EFFECTS)
Draw = Callable[[st.SearchStrategy[Any]], Any]


def declarations() -> dict[str, Declaration]:
    """What random equations read."""
    found: dict[str, Declaration] = {
        name: parameter(np.ones(tuple(len(axis) for axis in axes)), axes=axes).called(name)
        for name, axes in AXES.items()
    }
    return found | {name: effect.called(name) for name, effect in EFFECTS.items()}


def values(seed: int) -> list[Any]:
    """Numbers for what random equations read, in order: eighths, which add up without rounding, some of them equal."""
    random = np.random.default_rng(seed)
    drawn = [random.integers(-16, 17, tuple(map(len, axes))) / 8.0 for axes in AXES.values()]
    return [*drawn, *(EFFECTS[name] for name in EFFECTS)]


@st.composite
def equations(draw: Draw) -> Auxiliary:
    """A random equation; the same choices are made however often its function is called."""
    steps = draw(st.integers(1, 12))
    choices = [draw(st.integers(0, 10**6)) for _ in range(12 * steps)]
    shape = draw(st.sampled_from(SHAPES))

    def function(*arguments: Any) -> Any:
        return _Maker(choices, dict(zip(READS, arguments, strict=True))).equation(steps, shape)

    return Auxiliary(name="drawn", function=function, reads=READS, axes=OWN_AXES[shape])


def every_operation() -> list[Auxiliary]:
    """An equation for each operation that random ones are made of, on what is given, twice with other operands."""
    found = []
    given = {name: np.zeros(tuple(map(len, axes))) for name, axes in AXES.items()} | EFFECTS
    for shape, axes in OWN_AXES.items():
        for choices in ([1, 0, 1, 2], [1, 1, 2, 1, 0]):
            first = _Maker(choices, given)
            for way in range(len(first.elementwise(shape)) + len(first.shaping(shape))):

                def function(*arguments: Any, shape: Any = shape, choices: Any = choices, way: int = way) -> Any:
                    maker = _Maker(choices, dict(zip(READS, arguments, strict=True)))
                    return [*maker.elementwise(shape), *maker.shaping(shape)][way]()

                found.append(Auxiliary(name="drawn", function=function, reads=READS, axes=axes))
    return found


class _Maker:
    """Expressions made one from another, as a list of choices says."""

    def __init__(self, choices: list[int], given: dict[str, Any]) -> None:
        self.choices, self.next = choices, 0
        self.given = given
        self.pool = {shape: [given[n] for n in AXES if np.shape(given[n]) == shape] for shape in SHAPES}

    def choose(self, count: int) -> int:
        self.next += 1
        return self.choices[(self.next - 1) % len(self.choices)] % count

    def any(self, shape: tuple[int, ...]) -> Any:
        """Something made before, the newest half of the time, or a literal."""
        kind = self.choose(8)
        if kind == 0:
            flat = np.array([0.5, -2.0, 1.0, 0.0, 3.0, -1.0, 0.25, 2.0, 1.0])
            return flat[: int(np.prod(shape))].reshape(shape) if shape else float(flat[self.choose(9)])
        pool = self.pool[shape]
        return pool[-1] if kind < 4 else pool[self.choose(len(pool))]

    def equation(self, steps: int, shape: tuple[int, ...]) -> Any:
        for _ in range(steps):
            made = SHAPES[self.choose(len(SHAPES))]
            ways = [*self.elementwise(made), *self.shaping(made)]
            value = ways[self.choose(len(ways))]()
            assert np.shape(value) == made
            self.pool[made].append(value)
        if not shape:
            return sum(np.sum(self.pool[each][-1]) for each in SHAPES)
        return self.pool[shape][-1] * self.pool[()][-1] + np.mean(self.pool[(2, 3)][-1])

    def elementwise(self, shape: tuple[int, ...]) -> list[Callable[[], Any]]:
        fitting = [each for each in SHAPES if shape[len(shape) - len(each) :] == each]
        one, two = self.any(shape), self.any(fitting[self.choose(len(fitting))])
        three = self.any(shape)
        whole = np.zeros(shape) + two
        positive = np.abs(one) + 0.5
        exponent = (2.0, 3.0, 0.5, -1.0, 1.0)[self.choose(5)]
        effect = self.given[("effect", "same_effect")[self.choose(2)]]
        return [
            lambda: one + two,
            lambda: one - two,
            lambda: one - (three - two),
            lambda: one * two,
            lambda: -one * two,
            lambda: one + -three,
            lambda: one + (-three * two + 1.0),
            lambda: one * one,
            lambda: one * one * one - one * one,
            lambda: one / positive,
            lambda: (one / positive) ** 2,
            lambda: one / (positive / (three * three + 1.0)),
            lambda: 2.0 - one * (three - 1.0),
            lambda: -(one**2) + (-one) ** 2,
            lambda: positive**exponent,
            lambda: positive ** np.tanh(whole),
            lambda: (positive**1.5) ** exponent,
            lambda: np.exp(-positive) ** 2,
            lambda: np.minimum(one, np.minimum(whole, three)),
            lambda: np.maximum(one, whole),
            lambda: np.clip(one, -0.5, 0.75),
            lambda: np.log(positive) + np.log10(positive) - np.log2(positive),
            lambda: np.sqrt(positive) * np.floor(one),
            lambda: np.expm1(np.tanh(one)) - np.log1p(positive) * np.sign(one),
            lambda: np.sin(one) - np.cos(one) * np.abs(three),
            lambda: np.where(one > two, three, one * 2.0),
            lambda: np.where((one > 0) & (whole <= 1.0), np.where(three >= 0.5, 1.0, -one), three),
            lambda: np.where((one < 0) | ~(whole != three), one, 0.0),
            lambda: (one > 0) * three - (two < 1.0) * 2.0 * (one > -1.0),
            lambda: np.where(np.maximum(one > 0, three > 0) & np.minimum(one > -1.0, three < 1.0), one, three),
            lambda: effect(one) * effect(0.5) - effect(three + whole),
            lambda: one + effect(np.zeros_like(one)),
            lambda: np.interp(np.tanh(one), (-1.0, 0.0, 1.0), (2.0, 0.0, 1.0)),
        ]

    def shaping(self, shape: tuple[int, ...]) -> list[Callable[[], Any]]:
        ways = {(): self._numbers, (3,): self._rows, (2, 3): self._grids, (3, 3): self._squares}
        parts = self.any((3,)), self.any((3,)), self.any((2, 3)), self.any((3, 3)), self.any(())
        return ways[shape](*parts)

    @staticmethod
    def _numbers(row: Any, again: Any, grid: Any, square: Any, a: Any) -> list[Callable[[], Any]]:
        return [
            lambda: np.sum(row),
            lambda: np.sum(row * again) * a - np.sum(square),
            lambda: a * np.sum(grid) / (1.0 + np.abs(a)),
            lambda: row @ again,
            lambda: np.max(grid) - np.min(row),
            lambda: np.max(row * again) * a,
            lambda: a * np.min(row) * again[0] + np.max(-square) ** 2,
            lambda: np.sum(row > 0),
            lambda: row[1] - again[-1],
            lambda: np.sum(np.stack([row, again])),
            lambda: np.sum(row[1:] * again[:-1]),
            lambda: np.max(np.concatenate([row[:1], again])),
            lambda: np.sum(grid[:, 2] * grid[:, 0]) - np.sum(np.repeat(row, 2)),
            lambda: np.sum(np.broadcast_to(a, (3,))) + np.max(np.broadcast_to(a, (3,))),
            lambda: np.prod(row),
            lambda: np.sum(row[[1, 2, 0]] * again[[2, 1, 0]]),
            lambda: np.sum(row[1:] * again[[2, 0]]),
            lambda: np.einsum("ij,j,k->", grid, row, again),
        ]

    @staticmethod
    def _rows(row: Any, again: Any, grid: Any, square: Any, a: Any) -> list[Callable[[], Any]]:
        lower = np.tril(np.ones((3, 3)))
        return [
            lambda: square @ row,
            lambda: row @ square,
            lambda: lower @ row,
            lambda: np.eye(3) @ row - (1.0 - lower) @ again,
            lambda: np.sum(grid, axis=0) * row,
            lambda: np.max(square, axis=1) - np.min(square, axis=0),
            lambda: np.mean(grid, axis=0),
            lambda: np.stack([a, row[0], np.sum(again)]),
            lambda: np.concatenate([np.reshape(np.array(0.0), (1,)), row[:-1]]),
            lambda: np.concatenate([row[1:], again[:1]]),
            lambda: np.roll(row, 1) + np.roll(again, -1),
            lambda: np.roll(row, 2) * row[::-1],
            lambda: row[[2, 0, 0]],
            lambda: square[:, 1] - square[2],
            lambda: np.repeat(grid[:, 0], [1, 2]),
            lambda: np.concatenate([np.diff(row), row[:1]]),
            lambda: np.concatenate([np.concatenate([row[:1], again[:1]]), row[2:]]) * row,
        ]

    @staticmethod
    def _grids(row: Any, again: Any, grid: Any, square: Any, a: Any) -> list[Callable[[], Any]]:
        return [
            lambda: grid[:, 0][:, None] * row,
            lambda: grid @ square,
            lambda: np.stack([row, again]),
            lambda: np.stack([grid[0] * 2.0, row]) - grid,
            lambda: np.outer(grid[:, 1], row),
            lambda: square[1:],
            lambda: grid[::-1],
            lambda: np.einsum("ij,jk->ik", grid, square) - grid[:, [1, 1, 0]],
            lambda: grid / (1.0 + np.sum(np.abs(grid), axis=1, keepdims=True)),
            lambda: np.broadcast_to(row, (2, 3)) + a,
            lambda: np.concatenate([square[:1], grid[1:] * 2.0]),
        ]

    @staticmethod
    def _squares(row: Any, again: Any, grid: Any, square: Any, _a: Any) -> list[Callable[[], Any]]:
        lower = np.tril(np.ones((3, 3)))
        return [
            lambda: square.T,
            lambda: square @ square,
            lambda: row[:, None] - row[None, :],
            lambda: np.transpose(square) * square,
            lambda: np.einsum("ki,kj->ij", square, square),
            lambda: np.einsum("ki,kj->ij", grid, grid),
            lambda: np.einsum("ij->ji", square) + np.eye(3) * row,
            lambda: np.concatenate([grid, row[None, :]]),
            lambda: np.stack([row, again, row], axis=1),
            lambda: lower * square,
        ]


def a_parameter(name: str, axes: tuple[Axis, ...] = ()) -> Parameter:
    """A parameter to read."""
    made = parameter(np.ones(tuple(len(axis) for axis in axes)), axes=axes).called(name)
    assert isinstance(made, Parameter)
    return made
