"""The parts of an XMILE file by themselves: names, units, equations as text, thinned paths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from headframe.core.axes import Axis
from headframe.engine import Horizon, Model, auxiliary, constant, flow, parameter, stock
from headframe.engine.xmile import write as xmile
from headframe.engine.xmile.names import RESERVED, Names, element_names, identifier, unit_definitions, unit_equation
from headframe.engine.xmile.paths import thinned
from headframe.engine.xmile.scalars import Scalars
from headframe.engine.xmile.text import LONGEST, Entry, number_text, written
from tests.engine.test_xmile import SPACE, simulated, xml

HORIZON = Horizon(0.0, 1, 4, 1)


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=12))
def test_names_are_valid_and_each_is_there_once(wanted: list[str]) -> None:
    names = Names()
    claimed = [names.claim(text) for text in wanted]
    assert len({name.casefold() for name in claimed}) == len(claimed)
    for name in claimed:
        assert name.isidentifier()
        assert name.casefold() not in RESERVED
        assert name == name.strip("_").replace("__", "_")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("birth_rate", "birth_rate"),
        ("birth  rate", "birth_rate"),
        ("_hidden_", "hidden"),
        ("2nd", "v_2nd"),
        ("煤炭 & 电力", "煤炭_电力"),
        ("a.b(c)", "a_b_c"),
        ("&", "variable"),
    ],
)
def test_identifiers(text: str, name: str) -> None:
    assert identifier(text) == name


def test_reserved_and_repeated_names_get_another() -> None:
    names = Names()
    assert [names.claim(text) for text in ("Time", "people", "PEOPLE", "people_2")] == [
        "Time_value",
        "people",
        "PEOPLE_2",
        "people_2_2",
    ]
    odd = element_names(names, "x", [Axis("sign", ("+", "-", "±"))])
    assert list(odd) == ["x_1", "x_2", "x_3"]


@pytest.mark.parametrize(
    ("unit", "equation"),
    [
        ("person/year", "person/year"),
        ("(person)/year", "person/year"),
        ("(1)/year", "1/year"),
        ("(person/year)/year", "(person/year)/year"),
        ("1/year", "1/year"),
        ("%", "percent"),
        ("亿元/年", "亿元/年"),
        ("m**2", "m^2"),
        ("t*km/year", "t*km/year"),
        ("10,000 yuan", "unit_of_10_000_yuan"),
        ("1e4 CNY/person", "unit_of_1e4_CNY/person"),
        ("billion CNY", "billion_CNY"),
        ("", "1"),
    ],
)
def test_units(unit: str, equation: str) -> None:
    assert unit_equation(unit) == equation


def test_names_of_one_unit_are_aliases() -> None:
    found = {
        name: (equation, aliases) for name, equation, aliases in unit_definitions(["人/年", "person/year", "ratio"])
    }
    assert found == {"人": ("", ("person",)), "年": ("", ("year",)), "ratio": ("1", ())}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back_as_they_were(value: float) -> None:
    assert float(number_text(value)) == value


@given(arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e6, 1e6)), st.integers(1, 12))
def test_thinned_paths_meet_every_point(values: np.ndarray, per_year: int) -> None:
    times = 2000.0 + np.arange(len(values)) / per_year
    xs, ys = thinned(times, values)
    assert set(xs) <= set(times)
    assert np.max(np.abs(np.interp(times, xs, ys) - values)) <= 1e-14 * np.max(np.abs(values))


def test_straight_paths_keep_their_corners_only() -> None:
    times = 2000.0 + np.arange(321) / 8
    assert thinned(times, np.interp(times, [2005.0, 2010.0], [0.0, 50.0])) == (
        (2000.0, 2005.0, 2010.0, 2040.0),
        (0.0, 0.0, 50.0, 50.0),
    )
    stepped = thinned(times, np.where(times >= 2010.0, 3.0, 1.0))
    assert stepped == ((2000.0, 2009.875, 2010.0, 2040.0), (1.0, 1.0, 3.0, 3.0))


def equations(model: Model) -> dict[str, str]:
    root = xml(xmile.write(model, HORIZON))
    return {
        element.get("name", ""): element.findtext("x:eqn", "", SPACE)
        for element in root.find(".//x:variables", SPACE) or ()
        if "group" not in element.tag
    }


def one_stock(function: object, **given_values: object) -> Model:
    """A model with a stock that nothing changes and an auxiliary `found` with this function."""

    @stock(unit="1", initial=1.0)
    def kept(nothing):
        return nothing

    @flow(unit="1/year")
    def nothing():
        return 0.0

    return Model("one", [kept, nothing, auxiliary(name="found")(function)], **given_values)  # type: ignore[arg-type]


def found(function: object, **values: float) -> float:
    """What another engine makes of a function of parameters."""
    model = one_stock(function, **{name: parameter(value) for name, value in values.items()})
    return float(simulated(xmile.write(model, HORIZON))["found"].iloc[0])


@pytest.mark.parametrize("x", [-3.0, -2.5, -0.0, 0.5, 7.0, 1e9 + 0.5])
def test_floor_and_tanh(x: float) -> None:
    assert found(lambda x: 1.0 * np.floor(x), x=x) == np.floor(x)
    assert found(lambda x: 1.0 * np.tanh(x), x=x) == pytest.approx(np.tanh(x), abs=1e-15)


@pytest.mark.parametrize(("x", "y"), [(0.0, 0.0), (1e-17, 0.0), (1.0, 1.0 + 2.3e-16), (-1.0, 1.0), (3.0, 3.0)])
def test_equality_is_exact(x: float, y: float) -> None:
    assert found(lambda x, y: np.where(x == y, 1.0, 2.0), x=x, y=y) == (1.0 if x == y else 2.0)
    assert found(lambda x, y: np.where(x != y, 1.0, 2.0), x=x, y=y) == (1.0 if x != y else 2.0)


@pytest.mark.parametrize("x", [2.0, -3.0])
def test_signs_powers_and_brackets(x: float) -> None:
    y = 0.75
    assert found(lambda x, y: -(x**2.0) - (-y) ** 3.0 - (x - (y - x)), x=x, y=y) == pytest.approx(
        -(x**2) - (-y) ** 3 - (x - (y - x))
    )
    assert found(lambda x, y: x / (y * x) / (x / y) - 2.0 ** (x * y), x=x, y=y) == pytest.approx(
        x / (y * x) / (x / y) - 2.0 ** (x * y)
    )
    assert found(lambda x, y: -x * -y + -(x + y) * 2.0 - -y, x=x, y=y) == pytest.approx(-x * -y + -(x + y) * 2.0 + y)


def test_floors_are_right_where_int_cuts_decimals_off() -> None:
    """Vensim's and PySD's INTEGER go towards zero, where XMILE's INT goes down."""
    text = equations(one_stock(lambda x: np.floor(x) * 1.0, x=parameter(-2.5)))["found"]
    assert text == "INT(x) - (IF INT(x) > x THEN 1 ELSE 0)"


def test_equations_read_as_written() -> None:
    written_equations = equations(one_stock(lambda kept, limit: np.minimum(kept / limit, 1.0), limit=constant(4.0)))
    assert written_equations["found"] == "MIN(kept / limit, 1)"
    assert written_equations["limit"] == "4"
    together = equations(one_stock(lambda a, b: np.where((a > b) & ~(a < 0.0) | (b >= 2.0), a, -b),
                                   a=parameter(1.0), b=parameter(2.0)))  # fmt: skip
    assert together["found"] == "IF (a > b AND NOT (a < 0)) OR b >= 2 THEN a ELSE -b"


def test_shared_expressions_do_not_blow_up() -> None:
    def doubled(x):
        for _ in range(60):
            x = x * x + x * 0.5
        return x

    written_equations = equations(one_stock(doubled, x=parameter(0.3)))
    assert sum(map(len, written_equations.values())) < 10_000
    assert found(doubled, x=0.3) == pytest.approx(float(doubled(np.array(0.3))), rel=1e-9)


def test_long_sums_are_taken_apart() -> None:
    many = Axis("many", tuple(f"number_{index}" for index in range(3000)))
    values = np.linspace(0.1, 1.0, 3000)
    model = one_stock(lambda x: (x * x).sum(), x=parameter(values, axes=(many,)))
    assert max(map(len, equations(model).values())) <= LONGEST
    assert float(simulated(xmile.write(model, HORIZON))["found"].iloc[0]) == pytest.approx((values**2).sum(), rel=1e-12)


def test_long_conditions_are_taken_apart() -> None:
    many = Axis("many", tuple(f"a_rather_long_label_{index}" for index in range(400)))
    values = np.linspace(0.1, 1.0, 400)
    model = one_stock(
        lambda x, y: np.where((x > y).min(), 1.0, 2.0), x=parameter(values, axes=(many,)), y=parameter(0.0)
    )
    assert max(map(len, equations(model).values())) <= LONGEST
    assert float(simulated(xmile.write(model, HORIZON))["found"].iloc[0]) == 1.0


def test_zeros_of_constant_matrices_leave_no_terms() -> None:
    sector = Axis("sector", ("a", "b", "c"))
    model = one_stock(
        lambda x, m: (m @ x).sum(),
        x=parameter([1.0, 2.0, 3.0], axes=(sector,)),
        m=constant([[0.0, 2.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]], axes=(sector, sector)),
    )
    assert equations(model)["found"] == "m_a_b * x_b + x_c"


def test_an_expression_that_is_a_variable_is_not_written_twice() -> None:
    pool = Scalars()
    x, y = pool.name("x"), pool.name("y")
    long = pool.sum([pool.multiply(x, pool.literal(n + 0.5)) for n in range(20)])
    entries = [Entry("aux", "first", long, "first"), Entry("aux", "second", pool.multiply(long, y), "second")]
    texts = {entry.name: entry.text for entry in written(pool, entries, Names(), {})}
    assert texts["second"] == "first * y"
    assert texts.keys() == {"first", "second"}
