"""Programs against plain evaluation of the expressions they come from, and what lowering promises about their work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headframe.engine.graph import Node, evaluate, inputs_of, reachable
from headframe.engine.lowering.lower import lower
from headframe.engine.lowering.program import Load, Loop, Program, Statement, Store, statements
from headframe.engine.runs import Outcomes
from headframe.engine.system import System
from tests.engine import systems
from tests.engine.lower_graphs import grown_system
from tests.engine.lower_interpreter import Interpreter
from tests.engine.random_systems import random_system

TIME, TIME_STEP = 2003.5, 0.25
GIVEN = ("parameters", "paths", "events", "bases", "state", "switches")


def interpreted(system: System, outcomes: Outcomes, seed: int = 0) -> Interpreter:
    """A program whose regions for inputs hold random numbers."""
    program = lower(system, outcomes)
    found = Interpreter(program)
    rng = np.random.default_rng(seed)
    for region in GIVEN:
        found.regions[region] = rng.normal(size=program.rows[region])
    found.regions["switches"] = rng.integers(0, 2, program.rows["switches"]).astype(float)
    return found


def expected(system: System, regions: dict[str, Any], roots: list[Node]) -> dict[int, Any]:
    """The values of expressions by `graph.evaluate`, from the same inputs."""
    layouts = {
        "parameter": ("parameters", system.parameters),
        "path": ("paths", system.paths),
        "event": ("events", system.events),
        "base": ("bases", system.bases),
        "stock": ("state", system.states),
    }
    values: dict[int, Any] = {}
    for node in inputs_of(roots):
        kind, name = node.attributes
        if kind in layouts:
            region, slots = layouts[kind]
            values[node.number] = regions[region][slots.slice(name)].reshape(*node.shape, 1)
        elif kind == "switch":
            values[node.number] = regions["switches"][[system.switches.index(name)]]
        else:
            values[node.number] = np.array([TIME if kind == "time" else TIME_STEP])
    with np.errstate(all="ignore"):
        evaluate(reachable(roots), values)
    return {number: np.asarray(value, float) for number, value in values.items()}


def agree(found: Any, values: dict[int, Any], node: Node) -> None:
    """Whether rows hold what a node should be."""
    wanted = np.broadcast_to(values[node.number][..., 0], node.shape).ravel()
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12)


@given(st.integers(0, 10**9), st.integers(5, 60))
def test_programs_compute_what_their_expressions_say(seed: int, size: int) -> None:
    system = random_system(seed, size)
    names = list(system.variables)
    outcomes = Outcomes.of(names, means=names[::2])
    made = interpreted(system, outcomes, seed)
    regions, states = made.regions, system.states
    state = regions["state"].copy()
    roots = [stock.initial for stock in system.stocks] + system.step_roots(names) + system.yearly_roots()
    values = expected(system, regions, roots)
    made.run("fixed", TIME, TIME_STEP)
    made.run("initial", TIME, TIME_STEP)
    for stock in system.stocks:
        agree(regions["state"][states.slice(stock.name)], values, stock.initial)
    regions["state"][:] = state
    for phase in ("rates", "checks"):
        made.run(phase, TIME, TIME_STEP)
    for stock in system.stocks:
        agree(regions["rates"][states.slice(stock.name)], values, stock.rate)
    for bound, checked in zip(system.bounds, made.program.bounds, strict=True):
        place = checked.place
        agree(regions[place.region][place.start :][: place.size], values, system.variables[bound.variable])
    kept(system, made, values)
    made.run("records", TIME, TIME_STEP)
    for name, outcome in zip(names, made.program.outcomes, strict=True):
        place = outcome.place
        agree(regions[place.region][place.start :][: place.size], values, system.variables[name])
    regions["kept"][:] = np.nan
    regions["scratch"][:] = np.nan
    made.run("yearly", TIME, TIME_STEP)
    renewed = [stock for stock in system.stocks if stock.yearly is not None]
    assert [states.starts[stock.name] for stock in renewed] == [first for first, _ in made.program.renewed]
    for stock in renewed:
        agree(regions["rates"][states.slice(stock.name)], values, stock.yearly)
    if renewed:
        kept(system, made, values)


@given(st.integers(0, 10**9), st.integers(5, 120))
def test_views_sums_and_pieces_find_their_places(seed: int, size: int) -> None:
    system = grown_system(seed, size)
    names = list(system.variables)
    made = interpreted(system, Outcomes.of(names, means=names[::3]), seed)
    for phase in ("fixed", "rates", "checks", "records"):
        made.run(phase, TIME, TIME_STEP)
    values = expected(system, made.regions, system.step_roots(names))
    for name, outcome in zip(names, made.program.outcomes, strict=True):
        place = outcome.place
        agree(made.regions[place.region][place.start :][: place.size], values, system.variables[name])


def kept(system: System, made: Interpreter, values: dict[int, Any]) -> None:
    """The bases that an evaluation leaves."""
    for name in system.bases.names:
        agree(made.regions["kept"][system.bases.slice(name)], values, system.variables[name])


def test_an_expression_of_few_numbers_is_not_repeated_in_a_larger_loop() -> None:
    system = systems.system(
        {"x": (5,), "grid": (7, 5)},
        lambda _: {"x": 1.0, "grid": 1.0},
        lambda v: {"x": -v.x, "grid": -v.grid * np.exp(v.x) * np.exp(v.x[:1] * 2.0)},
    )
    made = interpreted(system, Outcomes.of([]))
    made.run("rates")
    assert made.computed["exp"] == 5 + 1


def test_what_depends_on_an_outer_index_alone_is_computed_outside_the_inner_loop() -> None:
    system = systems.system(
        {"x": (5,), "grid": (5, 7)},
        lambda _: {"x": 1.0, "grid": 1.0},
        lambda v: {"x": -v.x, "grid": -v.grid * np.exp(v.x)[:, None]},
    )
    made = interpreted(system, Outcomes.of([]))
    made.run("rates")
    assert made.computed["exp"] == 5


def test_expressions_of_parameters_alone_are_left_out_of_the_step() -> None:
    system = systems.system(
        {"x": (5,)},
        lambda _: {"x": 1.0},
        lambda v: {"x": -v.x * np.exp(v.a)},
        parameters={"a": ()},
    )
    made = interpreted(system, Outcomes.of([]))
    made.run("fixed")
    assert made.computed == {"exp": 1}
    made.computed.clear()
    made.run("rates")
    assert "exp" not in made.computed


def test_what_only_records_need_is_left_out_of_the_step() -> None:
    system = systems.system(
        {"x": (5,)},
        lambda _: {"x": 1.0},
        lambda v: {"x": -v.x},
        variables=lambda v: {"shown": np.exp(v.x), "averaged": np.log(v.x)},
    )
    made = interpreted(system, Outcomes.of(["shown", "averaged"], means=["averaged"]))
    counts = {}
    for phase in ("rates", "checks", "records"):
        made.computed.clear()
        made.run(phase)
        counts[phase] = (made.computed.get("exp", 0), made.computed.get("log", 0))
    assert counts == {"rates": (0, 0), "checks": (0, 5), "records": (5, 0)}


def test_views_and_pieces_are_read_where_they_lie() -> None:
    system = systems.system(
        {"x": (4, 3), "y": (3,)},
        lambda _: {"x": 1.0, "y": 1.0},
        lambda v: {"x": -v.x[::-1], "y": np.stack([v.x[:, 1], v.x[:, 2]])[1, [2, 0, 1]]},
    )
    program = lower(system, Outcomes.of([]))
    assert program.rows["scratch"] == 0


def test_temporaries_share_rows_when_their_readers_have_run() -> None:
    def rates(v: Any) -> dict[str, Any]:
        value = v.x
        for _ in range(12):
            value = np.tanh(value[::-1] + value.sum())
        return {"x": value}

    system = systems.system({"x": (20,)}, lambda _: {"x": 1.0}, rates)
    assert lower(system, Outcomes.of([])).rows["scratch"] <= 3 * 20


def test_equal_spaces_share_a_loop() -> None:
    system = systems.system(
        {f"x{n}": (9,) for n in range(6)},
        lambda _: {f"x{n}": 1.0 for n in range(6)},
        lambda v: {f"x{n}": getattr(v, f"x{n}") * n - v.x0 for n in range(6)},
    )
    phase = lower(system, Outcomes.of([])).phases["rates"]
    assert sum(isinstance(statement, Loop) for statement in statements(phase.body)) == 1


@given(st.integers(0, 10**9))
def test_a_nest_reads_nothing_that_it_writes(seed: int) -> None:
    """So that copies of a loop's body may be computed side by side."""
    system = random_system(seed, 40)
    program = lower(system, Outcomes.of(list(system.variables)))
    for phase in program.phases.values():
        for nest in phase.nests:
            written = {row for region, row in _rows(program, nest, Store) if region == "scratch"}
            read = {row for region, row in _rows(program, nest, Load) if region == "scratch"}
            assert not written & read


def _rows(program: Program, body: tuple[Statement, ...], kind: type) -> Iterator[tuple[str, int]]:
    """All rows that statements of a kind touch."""
    made = Interpreter(program)

    def visit(part: tuple[Statement, ...]) -> Iterator[tuple[str, int]]:
        for statement in part:
            if isinstance(statement, Loop):
                for turn in range(statement.extent):
                    made.variables[statement.variable] = turn
                    yield from visit(statement.body)
            elif isinstance(statement, kind):
                yield statement.region, made.row(statement.index)  # type: ignore[attr-defined]

    yield from visit(body)
