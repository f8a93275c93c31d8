from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.core.axes import Axis
from headframe.core.errors import HeadframeError
from headframe.engine import (
    Model,
)
from headframe.engine.declare import Auxiliary, Equation, Structure, Table
from headframe.engine.equations.equation import Writer, equations
from headframe.engine.equations.latex import escaped
from headframe.engine.equations.printer import Style
from headframe.engine.making.expand import initial_equation
from headframe.engine.making.wiring import of_kind
from tests.engine import equations_drawn as drawn
from tests.engine.equations_rich import AGE, rich
from tests.engine.latex_reader import computed
from tests.engine.models.collect import TEXTBOOK, textbook

AXES = {axis.name: axis.labels for axis in (drawn.AGE, drawn.SECTOR)}


def python(source: str, name: str) -> Any:
    made: dict[str, Any] = {"np": np}
    exec(source, made)
    return made[name]


def assert_close(found: Any, expected: Any) -> None:
    """Equal but for rounding; sums and powers are written in another order than they are computed in."""
    scale = float(np.max(np.abs(expected), initial=1.0, where=np.isfinite(expected)))
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * scale)


@given(drawn.equations(), st.integers(0, 100))
def test_what_is_written_computes_what_the_function_computes(equation: Auxiliary, seed: int) -> None:
    check(equation, seed)


def test_every_operation_is_written_as_it_is_computed() -> None:
    for equation in drawn.every_operation():
        for seed in (1, 27):  # in the second, many are negative
            check(equation, seed)


def check(equation: Auxiliary, seed: int) -> None:
    """What Python and a reader of LaTeX make of what is written is what the function computes."""
    written = Writer(drawn.declarations(), Style()).step(equation)
    values = drawn.values(seed)
    with np.errstate(all="ignore"):
        expected = np.broadcast_to(np.asarray(equation.function(*values), dtype=float), equation.shape)
        assert_close(python(written.python, "drawn")(*values), expected)
        assert_close(computed(written.latex, dict(zip(drawn.READS, values, strict=True)), AXES), expected)
    assert not re.search("[-+−·/] −", "".join(written.text))


def at_random(model: Model, seed: int) -> dict[str, Any]:
    """Positive values for everything that can be read, and the tables themselves."""
    random = np.random.default_rng(seed)
    found: dict[str, Any] = {"time": np.float64(2.3), "time_step": np.float64(0.125)}
    for name, declared in model.declarations.items():
        found[name] = declared if isinstance(declared, Table) else random.uniform(0.1, 3.0, declared.shape)
    return found


@pytest.mark.parametrize("name", TEXTBOOK)
def test_every_equation_of_the_textbook_models_is_written_as_it_is_computed(name: str) -> None:
    model = textbook(name)
    values = at_random(model, 1)
    axes = {axis.name: axis.labels for declared in model.declarations.values() for axis in declared.axes}
    axes |= {name: closure.options for name, closure in of_kind(model.declarations, Structure).items()}
    for written in equations(model):
        declared = model.declarations[written.name]
        assert isinstance(declared, Equation)
        function = initial_equation(declared) if written.phase == "initial" else declared  # type: ignore[arg-type]
        expected = np.asarray(function.function(*(values[read] for read in function.reads)), dtype=float)
        expected = np.broadcast_to(expected, declared.shape)
        if written.phase == "step" and declared.kind == "stock":
            expected = expected - sum((values[leaving] for leaving in declared.exits), np.zeros(()))  # type: ignore[attr-defined]
        arguments = [values[read] for read in written.reads]
        target = getattr(declared, "stock", declared.name)
        assert_close(python(written.python, target)(*arguments), expected)
        left, right = re.split(" = " if written.phase != "yearly" else r" \\leftarrow ", written.latex[-1], maxsplit=1)
        indices = ", ".join(rf"\mathrm{{{axis}}}" for axis in written.axes)
        line = rf"\mathit{{it}}_{{{indices}}} = {right}" if indices else rf"\mathit{{it}} = {right}"
        if len(set(written.axes)) == len(written.axes):
            assert_close(computed((*written.latex[:-1], line), values, axes), expected)
        assert escaped(target) in left


@pytest.fixture(scope="module", name="rich")
def the_rich_model() -> Model:
    return rich()


def test_an_equation_names_only_what_it_reads(rich: Model) -> None:
    written = equations(rich)
    assert written.of("the_same_room").text == ("the_same_room = crowding_effect((Σ[age] people[age]) / capacity)",)
    assert written.of("empty_share").text == ("empty_share = 1 − room",)
    known = set(rich.declarations)
    for equation in written:
        words = set(re.findall(r"\w+", re.sub(r'"[^"]*"', "", " ".join(equation.text))))
        assert words & known <= {*equation.reads, equation.name, getattr(rich.declarations[equation.name], "stock", "")}


def test_exits_are_shown_in_closed_form_with_the_sum_of_hazards(rich: Model) -> None:
    assert equations(rich).of("deaths").text == (
        "H[age] = hazard[age] + hazard[age]",
        "deaths[age] = people[age] · hazard[age] / H[age] · (1 − exp(−H[age] · time_step)) / time_step",
    )
    model = textbook("hazards")
    values = at_random(model, 3)
    for name in ("deaths", "departures", "retirements"):
        declared, written = model.declarations[name], equations(model).of(name)
        assert isinstance(declared, Equation)
        given_ = [values[read] for read in written.reads]
        assert_close(
            python(written.python, name)(*given_), declared.function(*(values[read] for read in declared.reads))
        )


def test_rates_of_stocks_have_their_exits_and_initial_values_and_updates_stand_apart(rich: Model) -> None:
    written = equations(rich)
    assert written.of("people").text[-1].startswith("d people[age]/dt = {births if age = ")
    assert written.of("people").text[-1].endswith("otherwise} − deaths[age] − moves[age]")
    assert written.of("people", "initial").text == ("people[age](start) = start[age]",)
    labels = [f'"{label}"' for label in AGE.labels]
    cases = (
        f"0 if age = {labels[0]}; people[{labels[0]}] if age = {labels[1]}; "
        f"Σ[age′ = {labels[1]} … {labels[2]}] people[age′] otherwise"
    )
    assert written.of("ageing", "yearly").text == (f"people[age] ← {{{cases}}}",)


def test_tables_with_equal_points_and_constants_keep_their_names() -> None:
    def function(a: Any, effect: Any, same_effect: Any) -> Any:
        return effect(a) - same_effect(a)

    reads = ("a", "effect", "same_effect")
    written = Writer(drawn.declarations(), Style()).step(Auxiliary(name="x", function=function, reads=reads))
    assert written.text == ("x = effect(a) − same_effect(a)",)


def test_every_character_that_latex_takes_for_its_own_is_escaped() -> None:
    assert escaped('a\\b{c}$&#%\n_^~<>|`"').replace("{}", "") == (
        r"a\textbackslashb\{c\}\$\&\#\% \_\textasciicircum\textasciitilde\textless\textgreater\textbar"
        r"\textasciigrave\textquotedbl"
    )


def test_joined_arrays_and_truth_values_are_written_plainly() -> None:
    def joined(row: Any, other_row: Any) -> Any:
        return np.concatenate([np.concatenate([row[:1], other_row[:1]]), row[2:]])

    def counted(a: Any, b: Any) -> Any:
        return (a > 0) * b

    def added(row: Any, other_row: Any) -> Any:
        return np.sum(np.stack([row, other_row])) - np.max(np.concatenate([row[:1], other_row]))

    writer = Writer(drawn.declarations(), Style())
    total = "x = Σ[age] (row[age] + other_row[age]) − max(row[young], max[age] other_row[age])"
    assert writer.step(Auxiliary(name="x", function=added, reads=("row", "other_row"))).text == (total,)
    cases = "{row[young] if age = young; other_row[young] if age = middle; row[old] otherwise}"
    equation = Auxiliary(name="x", function=joined, reads=("row", "other_row"), axes=(drawn.AGE,))
    assert writer.step(equation).text == (f"x[age] = {cases}",)
    assert writer.step(Auxiliary(name="x", function=counted, reads=("a", "b"))).text == ("x = [a > 0] · b",)


def test_a_sum_over_scattered_places_says_which() -> None:
    zone = Axis("zone", ("a", "b", "c", "d"))
    inputs = {"x": drawn.a_parameter("x", (zone,)), "y": drawn.a_parameter("y", (zone,))}

    def scattered(x: Any, y: Any) -> Any:
        return np.sum(x[1:] * y[[3, 1, 0]]) + np.sum(x[[3, 0, 2]])

    written = Writer(inputs, Style()).step(Auxiliary(name="z", function=scattered, reads=("x", "y")))
    assert written.text == ("z = Σ[i = 0 … 2] x[i + 1] · y[[d, b, a][i]] + Σ[zone ∈ {d, a, c}] x[zone]",)
    x, y = np.array([1.0, 2.0, 4.0, 8.0]), np.array([3.0, 5.0, 7.0, 11.0])
    assert_close(computed(written.latex, {"x": x, "y": y}, {"zone": zone.labels}), np.asarray(scattered(x, y)))
    assert_close(python(written.python, "z")(x, y), np.asarray(scattered(x, y)))


def test_options_of_structures_are_shown_by_name(rich: Model) -> None:
    assert 'if closure = "demand side" ∧ room < 0.9 ∨ ' in equations(rich).of("births").text[0]


def test_long_equations_name_their_parts() -> None:
    def twice(a: Any, b: Any) -> Any:
        value = a
        for _ in range(40):  # written out, more terms than there are atoms
            value = np.tanh(value * b + 1.0) * value - np.sqrt(np.abs(value) + b * b + 0.5)
        return value

    def deep(a: Any, b: Any) -> Any:
        value = a
        for _ in range(400):
            value = np.tanh(value + b)
        return value

    inputs = {"a": drawn.a_parameter("a"), "b": drawn.a_parameter("b")}
    for function, at_least in ((twice, 30), (deep, 5)):
        written = Writer(inputs, Style()).step(Auxiliary(name="x", function=function, reads=("a", "b")))
        assert len(written.text) > at_least
        assert len(written.text[0]) < 4000
        assert_close(python(written.python, "x")(0.3, 0.2), np.asarray(function(0.3, 0.2)))
        assert_close(computed(written.latex, {"a": np.float64(0.3), "b": np.float64(0.2)}, {}), function(0.3, 0.2))


def test_parts_do_not_take_names_that_are_read() -> None:
    def function(q1: Any, H: Any) -> Any:
        part = np.exp(q1) * H + np.tanh(q1 - H) - np.sqrt(q1 * q1 + H * H)
        for _ in range(4):
            part = part * np.sin(part + H) + q1
        return part

    inputs = {"q1": drawn.a_parameter("q1"), "H": drawn.a_parameter("H")}
    written = Writer(inputs, Style()).step(Auxiliary(name="q2", function=function, reads=("q1", "H")))
    assert len(written.text) > 1
    assert written.text[0].startswith("q3 = ")
    assert_close(python(written.python, "q2")(0.3, 0.2), np.asarray(function(0.3, 0.2)))


def test_unknown_names_are_an_error(rich: Model) -> None:
    with pytest.raises(HeadframeError) as raised:
        equations(rich, ["births", "birth", "capacity"])
    assert [(problem.code, problem.where) for problem in raised.value.problems] == [
        ("HF966", "birth"),
        ("HF966", "capacity"),
    ]
    assert [equation.name for equation in equations(rich, ["room", "births"])] == ["room", "births"]


def test_symbols_and_words_can_be_given(rich: Model) -> None:
    written = equations(rich, symbols={"growth": r"\beta_0", "people": "P"}, words={"if": "wenn", "otherwise": "sonst"})
    line = written.of("births").latex[0]
    assert r"{\beta_0}" in line
    assert r"{P}_{\mathrm{age}}" in line
    assert r"\text{wenn }" in line
    assert "sonst}" in written.of("births").text[0]
    barred = equations(rich, symbols={"growth": r"|\beta|"}).markdown()
    assert r"{\vert \beta\vert }" in barred
    assert "Symbol" in written.listings()[0].columns
    assert "Symbol" not in equations(rich).listings()[0].columns
