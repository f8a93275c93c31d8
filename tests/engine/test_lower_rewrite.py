"""Rewriting: fewer operations, equal values, and limits that stay where they were."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.engine.graph import evaluate, inputs_of, reachable, work
from headframe.engine.lowering.rewrite import rewritten
from headframe.engine.system import System
from tests.engine import systems
from tests.engine.random_systems import random_system

SHAPES = {"x": (4, 3), "row": (3,), "one": ()}


def both(write: Any) -> tuple[System, System]:
    """A system with a variable `found` as written, and rewritten."""
    system = systems.system(
        SHAPES, lambda _: dict.fromkeys(SHAPES, 1.0), lambda v: {"x": -v.x, "row": -v.row, "one": -v.one},
        variables=lambda v: {"found": write(v)}, parameters={"a": (), "b": (3,)},
    )  # fmt: skip
    return system, rewritten(system)


def value(system: System, given_by_name: dict[str, Any]) -> Any:
    """`found` for some inputs."""
    root = system.variables["found"]
    values = {node.number: given_by_name[node.attributes[1]][..., None] for node in inputs_of([root])}
    with np.errstate(all="ignore"):
        evaluate(reachable([root]), values)
    return values[root.number][..., 0]


def random_inputs(low: float = -2.0) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    return {name: rng.uniform(low, 3.0, shape) for name, shape in (SHAPES | {"a": (), "b": (3,)}).items()}


def operations(system: System) -> Counter[str]:
    """How many numbers each operation of `found` computes."""
    found: Counter[str] = Counter()
    for node in reachable([system.variables["found"]]):
        found[node.operation] += node.size
    return found


CASES = {
    "by a constant": (lambda v: v.x / 7.0, {"divide": 0, "multiply": 12}),
    "by one for each column": (lambda v: v.x / v.row, {"divide": 3, "multiply": 12}),
    "by one for each row": (lambda v: v.x / (v.x.sum(axis=1))[:, None], {"divide": 4, "multiply": 12}),
    "by as many": (lambda v: v.x / (1.0 + np.absolute(v.x)), {"divide": 12}),
    "by an exponential": (lambda v: v.x / np.exp(v.x + 1.0), {"divide": 0, "exp": 12, "multiply": 12}),
    "by a power": (lambda v: v.x / np.absolute(v.x) ** (v.a + 0.3), {"divide": 0, "power": 12, "negative": 1}),
    "order of factors": (lambda v: v.x * v.a * v.row * 2.0 * v.one, {"multiply": 1 + 1 + 3 + 12}),
    "factors of factors": (lambda v: (v.x * v.a) * (v.row * v.a), {"multiply": 1 + 3 + 12}),
    "out of a sum": (lambda v: (v.x * v.a * v.row).sum(axis=0), {"multiply": 3 + 3}),
    "out of a whole sum": (lambda v: (v.x * v.a * 0.5).sum(), {"multiply": 2}),
    "out of sums along either axis": (
        lambda v: (v.x * v.row * v.a).sum(axis=1).sum() + (v.x * v.row * v.a).sum(axis=0).sum(),
        {"multiply": 12 + 1 + 3 + 1},
    ),
    "square": (lambda v: v.x**2, {"power": 0, "multiply": 12}),
    "cube of a reciprocal": (lambda v: v.x**-3.0, {"power": 0, "divide": 12}),
    "root": (lambda v: np.absolute(v.x) ** 0.5, {"power": 0, "sqrt": 12}),
    "root and a whole": (lambda v: np.absolute(v.x) ** -1.5, {"power": 0, "sqrt": 12, "divide": 12}),
    "other powers": (lambda v: np.absolute(v.x) ** 0.7 + v.x**7, {"power": 24}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_fewer_operations_give_the_same(name: str) -> None:
    write, wanted = CASES[name]
    system, made = both(write)
    np.testing.assert_allclose(value(made, random_inputs()), value(system, random_inputs()), rtol=1e-13, atol=1e-14)
    counted = operations(made)
    assert {operation: counted[operation] for operation in wanted} == wanted
    assert work([made.variables["found"]]).flops <= work([system.variables["found"]]).flops


def test_products_of_three_are_made_two_by_two() -> None:
    """aᵢ Bᵢⱼ cⱼ for a chain of matrices costs far less than the loop over all indices."""
    system, made = both(lambda v: np.einsum("ij,j,kj,kl->il", v.x, v.row, v.x, v.x))
    np.testing.assert_allclose(value(made, random_inputs()), value(system, random_inputs()), rtol=1e-13)
    assert work([made.variables["found"]]).flops < work([system.variables["found"]]).flops / 2
    assert max(len(node.arguments) for node in reachable([made.variables["found"]])) == 2


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("extreme", [0.0, np.inf, -np.inf, np.nan])
def test_what_is_no_number_stays_none(name: str, extreme: float) -> None:
    system, made = both(CASES[name][0])
    inputs = random_inputs()
    inputs["x"][1, 1] = inputs["row"][2] = extreme
    np.testing.assert_allclose(value(made, inputs), value(system, inputs), rtol=1e-12, atol=1e-14)


def test_a_quotient_by_something_tiny_stays_one() -> None:
    """Its reciprocal would be infinite."""
    system, made = both(lambda v: v.x / 1e-305)
    assert value(made, random_inputs() | {"x": np.full((4, 3), 1e-305)}) == pytest.approx(1.0)
    assert operations(made) == operations(system)


def test_truths_are_not_taken_for_numbers() -> None:
    system, made = both(lambda v: ((v.x > 0.5) & (v.row > 0.0)).sum() / 3.0 + (v.x > 0.5) * v.a)
    np.testing.assert_allclose(value(made, random_inputs()), value(system, random_inputs()), rtol=1e-14)


@given(st.integers(0, 10**9), st.integers(5, 60))
def test_random_systems_keep_their_layout_and_values(seed: int, size: int) -> None:
    system = random_system(seed, size)
    made = rewritten(system)
    assert made.states == system.states
    assert list(made.variables) == list(system.variables)
    rng = np.random.default_rng(seed)
    given_by_kind: dict[tuple[str, str], Any] = {}

    def values(one: System) -> list[Any]:
        roots = [*one.step_roots(one.variables), *(stock.initial for stock in one.stocks), *one.yearly_roots()]
        found: dict[int, Any] = {}
        for node in inputs_of(roots):
            found[node.number] = given_by_kind.setdefault(node.attributes, rng.normal(size=(*node.shape, 1)))
        with np.errstate(all="ignore"):
            evaluate(reachable(roots), found)
        return [np.broadcast_to(found[root.number], (*root.shape, 1)) for root in roots]

    for found, wanted in zip(values(made), values(system), strict=True):
        np.testing.assert_allclose(found.astype(float), wanted.astype(float), rtol=1e-10, atol=1e-12)


def test_empty_arrays_vanish() -> None:
    """A slice may have nothing in it; its sum is 0, and beside others it is nothing."""
    system, made = both(lambda v: np.concatenate([v.row[3:], v.row[:2]]) + v.x[4:].sum() + np.sum(v.row[:0] @ v.x[:0]))
    np.testing.assert_allclose(value(made, random_inputs()), value(system, random_inputs()), rtol=1e-14)
    assert all(node.size for node in reachable([made.variables["found"]]))
