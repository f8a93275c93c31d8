"""Symbolic arrays: every supported function gives the expression that computes what NumPy computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headframe.core.axes import Axis
from headframe.core.errors import HeadframeError
from headframe.engine import Model, auxiliary, constant, parameter, table
from headframe.engine.graph import evaluate, reachable

ROWS, COLUMNS, AGES = Axis("row", ("a", "b", "c")), Axis("column", ("p", "q", "r", "s")), Axis("age", tuple("uvwxyz"))
WEIGHTS = np.arange(12.0).reshape(4, 3) / 7

# Each function of x (3, 4), v (3), w (4), z (6) and s (single), all positive.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "arithmetic": lambda x, v, w, z, s: -x * w + v[:, None] / s - 3 * (x - 1) ** 2,
    "reflected": lambda x, v, w, z, s: 2.0 / x + 1 - (5 - x) + 2.0**w,
    "power": lambda x, v, w, z, s: x**s + np.power(x, 0.3) + np.sqrt(x) + np.square(w),
    "transcendental": lambda x, v, w, z, s: np.exp(-x) + np.log(x) + np.tanh(x - 1) + np.sin(w) * np.cos(w),
    "small differences": lambda x, v, w, z, s: np.expm1(x * 1e-9) * 1e9 + np.log1p(w * 1e-9) * 1e9 + np.expm1(x),
    "logarithms": lambda x, v, w, z, s: np.log2(x) + np.log10(w) + np.exp2(x / 9) + np.log1p(x) + np.cosh(w / 3),
    "steps": lambda x, v, w, z, s: np.floor(x * 3) + np.sign(x - 1) + np.remainder(w, 0.7) + np.abs(1 - x),
    "counts": lambda x, v, w, z, s: (x > 1).sum() + (v > 1).mean() + np.minimum(x > 1, w > 1) * 2.0,
    "where": lambda x, v, w, z, s: np.where((x > w) & ~(w <= s) | (x == 2), x, -w),
    "exclusive or": lambda x, v, w, z, s: np.where((x > 1) ^ (w > 1), 1.0, 2.0),
    "not a number": lambda x, v, w, z, s: np.where(np.isnan(x / x) | ~np.isfinite(w), 0.0, x + w),
    "bounds": lambda x, v, w, z, s: np.clip(x, 0.5, w) + np.maximum(x, s) - np.minimum(w, 1.0) + x.clip(1, 2),
    "sums": lambda x, v, w, z, s: x.sum() + x.sum(axis=0)[:3] + x.sum(axis=1) + np.sum(x, axis=(0, 1)),
    "kept axes": lambda x, v, w, z, s: x / x.sum(axis=1, keepdims=True) + x.mean(axis=0, keepdims=True),
    "extremes": lambda x, v, w, z, s: x.max(axis=1) - x.min(axis=1) + np.max(w) + np.min(z) + np.add.reduce(v),
    "means": lambda x, v, w, z, s: x.mean() + np.average(v, weights=v) + np.average(w) + np.prod(v),
    "products": lambda x, v, w, z, s: x @ w + v @ x @ w + np.dot(v, v) * s + WEIGHTS.T @ w + np.dot(s, v),
    "einsum": lambda x, v, w, z, s: np.einsum("ij,j,i->i", x, w, v) + np.einsum("ij->", x),
    "outer": lambda x, v, w, z, s: np.outer(v, w) + np.multiply.outer(v, w) + np.tensordot(v, x, axes=1),
    "tensordot": lambda x, v, w, z, s: np.tensordot(x, x, axes=([1], [1])) + np.tensordot(x, x, axes=2),
    "slices": lambda x, v, w, z, s: x[1:, ::2] + x[-2:, [1, 3]] + x[0, 1] + x[..., 1][1:, None] + x[::-1][1:, :2],
    "indices": lambda x, v, w, z, s: x[np.array([2, 0])][:, 1] + x[np.array([True, False, True]), 2] + z[[5, 1]],
    "joined": lambda x, v, w, z, s: np.concatenate([v, w[1:], 2 * v]) + np.concatenate([[1.0], z, [2.0, 3.0]]),
    "stacked": lambda x, v, w, z, s: np.stack([v, 2 * v], axis=1) + np.stack([s, v[0]]),
    "rolled": lambda x, v, w, z, s: np.roll(z, 2) + np.roll(z, -1) + np.flip(z) + np.roll(z, 7),
    "turned": lambda x, v, w, z, s: x.T + np.transpose(x) + np.transpose(x, (1, 0)) + np.expand_dims(v, 0),
    "repeated": lambda x, v, w, z, s: np.repeat(v, 2) + np.take(z, [0, 0, 1, 1, 2, 2]) + np.repeat(v, [1, 2, 3]),
    "differences": lambda x, v, w, z, s: np.diff(z) + np.broadcast_to(s, (5,)) + np.diff(z[:, None], axis=0)[:, 0],
    "like": lambda x, v, w, z, s: np.zeros_like(x) + np.ones_like(x) * s + np.full_like(x, 3.0),
    "table": lambda x, v, w, z, s: np.interp(x, [0.5, 1.0, 1.5, 4.0], [2.0, 1.0, 5.0, -1.0]),
    "counted": lambda x, v, w, z, s: x / np.size(x) + x * np.shape(x)[0] + len(v) + np.ndim(x) + x.size,
    "loop": lambda x, v, w, z, s: sum(x[:, column] * column for column in range(1, x.shape[1])),
    "composed": lambda x, v, w, z, s: np.reciprocal(x) + np.positive(x) + np.fabs(x) + np.float_power(x, 2),
}
SHAPES = {"x": (3, 4), "v": (3,), "w": (4,), "z": (6,), "s": ()}


def given_as(axes: dict[str, tuple[Axis, ...]]) -> dict[str, Any]:
    return {name: parameter(np.ones([len(axis) for axis in shape]), axes=shape) for name, shape in axes.items()}


PARAMETERS = given_as({"x": (ROWS, COLUMNS), "v": (ROWS,), "w": (COLUMNS,), "z": (AGES,), "s": ()})


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), runs=st.sampled_from([1, 3]))
def test_a_traced_function_computes_what_it_computes_by_hand(name: str, seed: int, runs: int) -> None:
    function = FUNCTIONS[name]
    random = np.random.default_rng(seed)
    values = {n: random.uniform(0.2, 3.0, (*shape, runs)) for n, shape in SHAPES.items()}
    by_hand = [np.asarray(function(**{n: v[..., run] for n, v in values.items()}), dtype=float) for run in range(runs)]
    node = traced(name, function, by_hand[0].shape)
    held = {n.number: values[n.attributes[1]] for n in reachable([node]) if n.operation == "input"}
    evaluate(reachable([node]), held)
    found = np.broadcast_to(held[node.number], (*by_hand[0].shape, runs))
    for run in range(runs):
        np.testing.assert_allclose(found[..., run], by_hand[run], rtol=1e-13, atol=1e-13)


def traced(name: str, function: Callable[..., Any], shape: tuple[int, ...]) -> Any:
    axes = tuple(Axis(f"result_{position}", tuple(map(str, range(length)))) for position, length in enumerate(shape))

    def result(x: Any, v: Any, w: Any, z: Any, s: Any) -> Any:
        # The result's axes have no names, so that any variable may hold it.
        found = function(x, v, w, z, s)
        if hasattr(found, "axes"):
            found.axes = (None,) * found.ndim
        return found

    result.__name__ = "result"
    return Model(name, [auxiliary(axes=axes)(result)], **PARAMETERS).system.variables["result"]


def refused(function: Callable[..., Any], **named: Any) -> HeadframeError:
    function.__name__ = "result"
    with pytest.raises(HeadframeError) as caught:
        Model("refused", [auxiliary()(function)], **({"x": parameter(2.0), "v": PARAMETERS["v"]} | named))
    return caught.value


@pytest.mark.parametrize(
    ("code", "function"),
    [
        ("HF907", lambda x: x if x > 1 else 0.0),
        ("HF907", lambda x: 1.0 if 0 < x < 2 else 0.0),
        ("HF907", lambda x: max(x, 1.0)),
        ("HF907", lambda x: (x > 1) and (x < 2)),
        ("HF908", lambda x: 1.0 + float(x)),
        ("HF908", lambda x: 1.0 + int(x)),
        ("HF908", lambda x: [1, 2, 3][x]),
        ("HF908", lambda x: __import__("math").exp(x)),
        ("HF908", lambda x: f"{x}"),
        ("HF908", lambda x: np.array([x, x]).sum()),
        ("HF908", lambda v: v[np.array([0.5])]),
        ("HF908", lambda v: ((v > 1) + (v > 2)).sum() * 1.0),
        ("HF908", lambda x: np.exp(x > 1)),
        ("HF908", lambda x: np.where(x & (x > 1), 1.0, 0.0)),
        ("HF908", lambda x: np.where(~x, 1.0, 0.0)),
        ("HF908", lambda v: np.interp(v, v, v).sum()),
        ("HF909", lambda v: np.cumsum(v)[0]),
        ("HF909", lambda v: np.sort(v)[0]),
        ("HF909", lambda v: v.reshape(1, 3).sum()),
        ("HF909", lambda x: np.arctan(2 * x)),
        ("HF909", lambda v: np.einsum("i,j->ii", v, v).sum()),
        ("HF910", lambda v: v[7]),
        ("HF908", lambda v: v["a"]),
        ("HF910", lambda v: v + undefined),  # type: ignore[name-defined]  # noqa: F821
    ],
)
def test_what_no_expression_can_be_made_of_is_refused_with_its_line(code: str, function: Callable[..., Any]) -> None:
    error = refused(function)
    assert error.problems[0].code == code, error
    assert error.problems[0].where.startswith("test_symbol.py:"), error


def test_assignment_into_an_array_is_refused() -> None:
    def assigned(v: Any) -> Any:
        v[0] = 1.0
        return v.sum()

    assert refused(assigned).problems[0].code == "HF908"


def test_a_refusal_names_the_line_and_quotes_it() -> None:
    def two_lines(x: Any) -> Any:
        doubled = 2 * x
        return doubled if doubled > 1 else x

    problem = refused(two_lines).problems[0]
    assert "doubled if doubled > 1" in problem.why("en")
    assert problem.where == f"test_symbol.py:{two_lines.__code__.co_firstlineno + 2}"


@pytest.mark.parametrize(
    ("code", "function"),
    [
        ("HF903", lambda people, money: people + money),
        ("HF903", lambda people, money: np.where(people > money, 1.0, 2.0)),
        ("HF903", lambda people, money: np.stack([people, money]).sum() / people),
        ("HF903", lambda people, thousands: people / (people + thousands)),
        ("HF903", lambda people: people / (people + 1.0)),
        ("HF903", lambda share, people: (1 - share) * people / people),
        ("HF904", lambda people: people),
        ("HF904", lambda people: people**2 / people),
        ("HF904", lambda ore, tonnes: ore / tonnes),
        ("HF922", lambda people: np.exp(-people)),
        ("HF922", lambda people: 2.0**people),
        ("HF922", lambda people: np.interp(people, [0, 1], [0, 1])),
        ("HF903", lambda people, effect: effect(people)),
    ],
)
def test_units_that_do_not_fit_are_reported_with_both_sides(code: str, function: Callable[..., Any]) -> None:
    named = {
        "people": parameter(3.0, unit="person"),
        "thousands": parameter(3.0, unit="1000 person"),
        "money": parameter(3.0, unit="t"),
        "ore": parameter(2.0, unit="Mt"),
        "tonnes": parameter(2.0, unit="t"),
        "share": parameter(20.0, unit="%"),
        "effect": table([0, 1], [0, 1], x_unit="1"),
    }
    error = refused(function, **named)
    assert [problem.code for problem in error.problems] == [code], error
    if code == "HF903":
        assert "[person]" in str(error) or "[0.01 1]" in str(error)


def test_units_that_fit_pass() -> None:
    def index(people: Any, area: Any, rate: Any, per_year: Any, hundred: Any, share: Any, effect: Any) -> Any:
        density = people / area
        grown = np.maximum(density, 0.0) ** 0.5 / np.sqrt(density) * np.exp(rate / per_year)
        return np.where(people > 0, grown, 0.0) + share / hundred + effect(people) + (people * people) ** 0.5 / people

    Model(
        "fits",
        [auxiliary()(index)],
        people=parameter(3.0, unit="person"),
        area=parameter(2.0, unit="km2"),
        rate=parameter(0.1, unit="1/year"),
        per_year=constant(1.0, unit="1/year"),
        hundred=constant(100.0, unit="%"),
        share=parameter(20.0, unit="%"),
        effect=table([0, 9], [0, 1], x_unit="person"),
    )


@pytest.mark.parametrize(
    "function",
    [
        lambda v, other: (v + other).sum(),
        lambda v, other: np.where(v > other, v, other).sum(),
        lambda v, other: v @ other,
        lambda v, other: np.einsum("i,i->", v, other),
        lambda v, other: np.concatenate([v[:, None], other[:, None]], axis=1).sum(),
    ],
)
def test_arrays_of_equal_length_along_different_axes_are_reported(function: Callable[..., Any]) -> None:
    sector = Axis("sector", ("k", "l", "m"))
    error = refused(function, other=parameter([1.0, 2.0, 3.0], axes=(sector,)))
    assert [problem.code for problem in error.problems] == ["HF905"]
    assert "row 3" in str(error)
    assert "sector 3" in str(error)


def test_lengths_that_do_not_fit_are_reported() -> None:
    error = refused(lambda v, w: (v + w).sum(), w=PARAMETERS["w"])
    assert error.problems[0].code == "HF905"


@pytest.mark.parametrize("function", [lambda x, v: x * v, lambda v: v[:, None] * v[None, :]])
def test_a_result_that_is_not_what_the_variable_declares_is_reported(function: Callable[..., Any]) -> None:
    assert refused(function).problems[0].code == "HF906"


def test_problems_of_several_equations_come_together() -> None:
    def one(x: Any) -> Any:
        return float(x)

    def other(v: Any) -> Any:
        return v

    def third(missing: Any) -> Any:
        return missing

    with pytest.raises(HeadframeError) as caught:
        Model("several", [auxiliary()(one), auxiliary()(other)], x=parameter(1.0), v=PARAMETERS["v"])
    assert {problem.code for problem in caught.value.problems} == {"HF908", "HF906"}
    with pytest.raises(HeadframeError) as caught:
        Model("misses", [auxiliary()(third)], missed=parameter(1.0))
    assert caught.value.problems[0].code == "HF901"
    assert "missed" in str(caught.value)
