from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.core.axes import Axis
from headframe.core.errors import HeadframeError
from headframe.engine import (
    Model,
    auxiliary,
    conserved,
    constant,
    event,
    exogenous,
    feedback,
    flow,
    lever,
    parameter,
    stock,
    structure,
    table,
    yearly,
)
from headframe.engine.declare import Auxiliary, Equation, Structure, Table
from headframe.engine.equations import Writer, equations
from headframe.engine.equations_latex import escaped
from headframe.engine.equations_print import Style
from headframe.engine.equations_render import latex, markdown
from headframe.engine.equations_tables import documentation
from headframe.engine.expand import initial_equation
from headframe.engine.wiring import of_kind
from tests.engine import equations_drawn as drawn
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
        for seed in (1, 2):
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


AGE = Axis("age", ("0-4 | young", "5_9 & 50%", "old {x} $1 \\ ^~#<b>`"))
capacity = constant(2000.0, unit="person")
growth = parameter(0.03, low=0.01, high=0.05, unit="1/year", source="Smith & Jones (2001), p. 3 | table_2")
same_growth = parameter(0.03, unit="1/year")
start = parameter([1.0, 2.0, 3.0], unit="person", axes=(AGE,))
hazard = parameter([0.1, 0.2, 0.3], unit="1/year", axes=(AGE,))
help_given = lever(0.0, low=0.0, high=5.0, unit="person/year")
climate = exogenous({"default": 1.0}["default"], description="A path\nover two lines")
shock = event(unit="person/year")
closure = structure(("supply", "demand side"))
crowding_effect = table([0, 1, 2.5], [1.2, 1.0, -0.3])


@stock(unit="person", axes=(AGE,), initial="start", exits={"deaths": "hazard", "moves": "hazard"})
def people(births):
    """People, by age: *all* of them | even `these` [see](it)."""
    return np.concatenate([np.reshape(np.array(1.0), (1,)) * births, np.zeros(2)])


@flow(unit="person/year")
def births(people, growth, room, help_given, shock, climate, closure):
    grown = people.sum() * growth * climate
    return np.where(closure == 1, help_given + shock, grown * room)


@auxiliary()
def room(people, capacity, crowding_effect):
    return crowding_effect(people.sum() / capacity)


@auxiliary()
def the_same_room(people, capacity, crowding_effect):
    return crowding_effect(people.sum() / capacity)


@auxiliary()
def empty_share(room):
    return 1.0 - room


@yearly("people")
def ageing(people):
    return np.concatenate([np.zeros(1), people[:-2], people[-2:].sum()[None]])


@pytest.fixture(scope="module")
def rich() -> Model:
    parts = [people, births, room, the_same_room, empty_share, ageing]
    named = {"capacity": capacity, "growth": growth, "same_growth": same_growth, "start": start, "hazard": hazard}
    named |= {"help_given": help_given, "climate": climate, "shock": shock, "closure": closure}
    total = conserved(stocks=("people",), gains=("births",), losses=("deaths", "moves"))
    loop = feedback("R1", [("room", "births")])
    return Model("rich", parts, crowding_effect=crowding_effect, total=total, R1=loop, **named)


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


def test_options_of_structures_are_shown_by_name(rich: Model) -> None:
    assert 'if closure = "demand side"; ' in equations(rich).of("births").text[0]


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


def cells(line: str) -> list[str]:
    """The cells of a line as GitHub's tables split it: at bars that no backslash precedes."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)][1:-1]


@pytest.mark.parametrize("formulas", ["math", "code"])
def test_markdown_tables_hold_together_whatever_stands_in_them(rich: Model, formulas: Any) -> None:
    listings = documentation(rich)
    text = markdown(listings, formulas)
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert titles == [
        "Equations",
        "Initial values",
        "Yearly updates",
        "Parameters",
        "Constants",
        "Levers",
        "Exogenous paths",
        "Events",
        "Structures",
        "Tables",
        "Feedbacks",
        "Conserved totals",
    ]
    for listing, section in zip(listings, text.split("## ")[1:], strict=True):
        lines = [line for line in section.splitlines() if line.startswith("|")]
        assert [len(cells(line)) for line in lines] == [len(listing.columns)] * (len(listing.rows) + 2)
    assert "operatorname" not in text
    assert r"\*all\* of them \| even \`these\` \[see\](it)." in text
    row = next(line for line in text.splitlines() if line.startswith("| `births`"))
    formula = cells(row)[5]
    if formulas == "math":
        assert formula.startswith(r"$`\displaystyle \mathit{births} = \begin{cases} ")
        assert all("|" not in cell and cell.count("`") == 2 for cell in formula.split("<br>"))
    else:
        assert formula.startswith("`births = {help_given + shock if closure = ")


def test_latex_escapes_everything_and_compiles(rich: Model, tmp_path: Path) -> None:
    listings = [*documentation(rich), *(table for name in TEXTBOOK for table in documentation(textbook(name)))]
    text = latex(listings)
    plain = re.sub(r"\\[a-zA-Z]+\*?|\\.", "", text)
    assert not set("#$%&~") & set(re.sub(r"\$.*?\$|^.* & .*$|^%$", "", plain, flags=re.MULTILINE))
    if shutil.which("pdflatex") is None:
        pytest.skip("no pdflatex on the PATH")
    (tmp_path / "model.tex").write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "model.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Missing character" not in (tmp_path / "model.log").read_text(encoding="utf-8", errors="replace")


def test_tables_say_what_a_model_is_given(rich: Model) -> None:
    tables = {listing.title: listing.table() for listing in documentation(rich)}
    parameters = tables["Parameters"]
    assert parameters.row(by_predicate=pl.col("Name") == "growth", named=True) == {
        "Name": "growth",
        "Default": "0.03",
        "Low": "0.01",
        "High": "0.05",
        "Unit": "1/year",
        "Axes": "",
        "Distribution": "uniform",
        "Block": "",
        "Description": "",
        "Source": "Smith & Jones (2001), p. 3 | table_2",
    }
    assert parameters.filter(pl.col("Name") == "same_growth")["Distribution"].item() == ""
    assert tables["Tables"]["Points"].to_list() == ["0 → 1.2, 1 → 1, 2.5 → -0.3"]
    assert tables["Structures"].row(0)[:3] == ("closure", "supply, demand side", "supply")
    assert tables["Feedbacks"].row(0)[:2] == ("R1", "room → births")
    assert tables["Conserved totals"].row(0)[:4] == ("total", "people", "births", "deaths, moves")
    every = equations(rich).table()
    assert every.filter(pl.col("Phase") == "yearly")["Name"].to_list() == ["ageing"]
    assert len(every) == len(equations(rich).equations)


def test_the_same_model_is_written_in_the_same_bytes(rich: Model) -> None:
    assert latex(documentation(rich)) == latex(documentation(rich.replaced()))
