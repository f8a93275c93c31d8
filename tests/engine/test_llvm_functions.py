"""Elementary functions of vectors against NumPy in extended precision, and at their edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.engine.kernel.tables import look_up
from headframe.engine.kernel.vectors import Machine, Precision
from headframe.engine.lowering.lower import table_of
from tests.engine.llvm_calls import elementary, machines, needs_kernel, vectorised

pytestmark = needs_kernel
PRECISIONS: tuple[Precision, ...] = ("float64", "float32")
# Function, range of arguments (float64, float32), errors allowed in units of the last place.
RANGES = [
    ("exp", (-708.0, 709.0), (-87.0, 88.0), 1.2),
    ("exp", (-1.0, 1.0), (-1.0, 1.0), 1.2),
    ("log", (0.01, 20.0), (0.01, 20.0), 1.2),
    ("log", (0.9, 1.1), (0.9, 1.1), 1.2),
    ("tanh", (-20.0, 20.0), (-9.0, 9.0), 3.0),
    ("tanh", (-1e-3, 1e-3), (-1e-3, 1e-3), 3.0),
    ("sin", (-0.8, 0.8), (-0.8, 0.8), 2.0),
    ("cos", (-0.8, 0.8), (-0.8, 0.8), 2.0),
]
EDGES = [
    0.0,
    1.0,
    -1.0,
    2.0,
    -2.0,
    0.5,
    -0.5,
    3.0,
    -3.0,
    7.0,
    -7.0,
    2.5,
    -2.5,
    800.0,
    -800.0,
    105.0,
    -105.0,
    1e30,
    -1e30,
]
EDGES += [np.inf, -np.inf, np.nan, 1e-40, -1e-40, 1e-310, 5e-324, 1.4e-45, 1e300]


def targets() -> list[Machine]:
    try:
        return machines()
    except Exception:  # noqa: BLE001 — collected also where nothing can be compiled
        return []


def last_places(found: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """Errors in units of the last place."""
    unit = np.spacing(np.abs(exact).astype(found.dtype)).astype(np.longdouble)
    return np.abs(found.astype(np.longdouble) - exact) / unit


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.processor)
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(("name", "wide", "narrow", "allowed"), RANGES)
def test_functions_are_right_to_the_last_places(name, wide, narrow, allowed, precision, target) -> None:
    low, high = wide if precision == "float64" else narrow
    x = np.random.default_rng(7).uniform(low, high, 40000).astype(precision)
    exact = getattr(np, name)(x.astype(np.longdouble))
    assert last_places(elementary(name, 1, target, precision)(x), exact).max() <= allowed


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.processor)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_logarithms_of_all_magnitudes(precision, target) -> None:
    low, high = np.log([1e-307, 1e308] if precision == "float64" else [1e-37, 1e38])
    x = np.exp(np.random.default_rng(7).uniform(low, high, 40000)).astype(precision)
    exact = np.log(x.astype(np.longdouble))
    assert last_places(elementary("log", 1, target, precision)(x), exact).max() <= 1.2


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.processor)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_powers_are_right_to_the_last_places(precision, target) -> None:
    rng = np.random.default_rng(7)
    reach = 300.0 if precision == "float64" else 30.0
    for size, most in ((3.0, 12.0), (reach, 2.0)):
        x = np.exp(rng.uniform(-size, size, 40000)).astype(precision)
        y = rng.uniform(-most, most, 40000).astype(precision)
        exact = np.power(x.astype(np.longdouble), y.astype(np.longdouble))
        assert last_places(elementary("power", 2, target, precision)(x, y), exact).max() <= 2.0


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.processor)
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", ["sin", "cos"])
def test_angles_of_many_turns(name, precision, target) -> None:
    """Absolutely as good as a number of the size of one can be, also after very many turns."""
    for turns in (10.0, 1e5, 1e8) if precision == "float64" else (10.0, 1e5):
        x = np.random.default_rng(7).uniform(-turns, turns, 20000).astype(precision)
        exact = getattr(np, name)(x.astype(np.longdouble))
        error = np.abs(elementary(name, 1, target, precision)(x).astype(np.longdouble) - exact)
        assert error.max() <= np.finfo(precision).eps


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.processor)
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", ["exp", "log", "tanh", "sin", "cos"])
def test_edges_are_those_of_numpy(name, precision, target) -> None:
    with np.errstate(all="ignore"):
        x = np.array(EDGES).astype(precision)
        if name in ("sin", "cos"):
            x = x[~(np.abs(x) > 1e6) | np.isinf(x)]
        found, expected = elementary(name, 1, target, precision)(x), getattr(np, name)(x)
    np.testing.assert_allclose(found, expected, rtol=4 * np.finfo(precision).eps, atol=np.finfo(precision).tiny)


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.processor)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_edges_of_powers_are_those_of_numpy(precision, target) -> None:
    with np.errstate(all="ignore"):
        x, y = (grid.ravel() for grid in np.meshgrid(*[np.array(EDGES).astype(precision)] * 2))
        found, expected = elementary("power", 2, target, precision)(x, y), np.power(x, y)
    np.testing.assert_allclose(found, expected, rtol=1e-3 if precision == "float32" else 1e-12)


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_extremes_let_no_nan_vanish(a: float, b: float) -> None:
    if not _EXTREMES:
        _EXTREMES["larger"] = vectorised(lambda v, x: v.larger(*x), 2, machines()[0], "float64")
        _EXTREMES["smaller"] = vectorised(lambda v, x: v.smaller(*x), 2, machines()[0], "float64")
    x, y = np.array([a, a, np.nan, np.nan]), np.array([b, np.nan, b, np.nan])
    np.testing.assert_array_equal(_EXTREMES["larger"](x, y), np.maximum(x, y))
    np.testing.assert_array_equal(_EXTREMES["smaller"](x, y), np.minimum(x, y))


_EXTREMES: dict = {}


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.processor)
def test_extremes_with_a_literal_let_no_nan_vanish(target) -> None:
    x = np.array([np.nan, -1.0, 2.0, np.inf, -np.inf])
    for literal in (0.0, 1.0):
        for order in (lambda v, a, c=literal: (a, v.number(c)), lambda v, a, c=literal: (v.number(c), a)):
            larger = vectorised(lambda v, a, o=order: v.larger(*o(v, a[0])), 1, target, "float64")
            smaller = vectorised(lambda v, a, o=order: v.smaller(*o(v, a[0])), 1, target, "float64")
            np.testing.assert_array_equal(larger(x), np.maximum(x, literal))
            np.testing.assert_array_equal(smaller(x), np.minimum(x, literal))


TABLES = {
    "even": (np.linspace(-1.3, 2.9, 8), [0.3, -2.0, 5.0, 5.0, 1.0, -7.0, 0.1, 2.0]),
    "two points": ([0.1, 0.7], [1.0, 3.0]),
    "far from zero": (np.linspace(1999.7, 2040.1, 11), np.cos(np.arange(11.0))),
    "uneven": ([-3.0, -1.0, -0.9, 0.0, 2.5, 4.0], [1.0, 2.0, -2.0, 0.0, 0.5, 9.0]),
    "long and even": (np.linspace(0.0, 1.0, 40), np.sin(np.arange(40.0))),
    "long and uneven": (np.cumsum(0.1 + np.abs(np.sin(np.arange(51.0)))), np.cos(np.arange(51.0))),
}


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.processor)
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", TABLES)
def test_tables_interpolate_as_numpy_does(name, precision, target) -> None:
    xs, ys = (tuple(map(float, values)) for values in TABLES[name])
    table = table_of(xs, ys)
    assert bool(table.spacing) == ("uneven" not in name)
    call = vectorised(lambda v, x: look_up(v, table, 0, x[0]), 1, target, precision)
    between = np.random.default_rng(1).uniform(xs[0] - 1.0, xs[-1] + 1.0, 5000)
    x = np.concatenate([between, xs, np.nextafter(xs, -np.inf), np.nextafter(xs, np.inf), [np.inf, -np.inf, np.nan]])
    expected = np.interp(x.astype(precision).astype(float), xs, ys)
    steepest = np.abs(np.diff(ys) / np.diff(xs)).max() * np.abs(xs).max() + np.abs(ys).max()
    np.testing.assert_allclose(call(x), expected, rtol=0, atol=4 * np.finfo(precision).eps * steepest)
