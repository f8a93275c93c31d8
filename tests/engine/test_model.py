"""Collecting, wiring and checking models; replacing parts; what is given to runs."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pytest

from headframe.core.axes import Axis
from headframe.core.errors import HeadframeError
from headframe.engine import (
    Events,
    Horizon,
    Model,
    auxiliary,
    conserved,
    constant,
    delay,
    event,
    exogenous,
    feedback,
    flow,
    lever,
    parameter,
    smooth,
    stock,
    structure,
    table,
    yearly,
)

HORIZON = Horizon(2000.0, 3, 4, 4)


@stock(unit="t", initial="start")
def ore(extraction: Any) -> Any:
    """What is left in the ground."""
    return -extraction


@flow(unit="t/year")
def extraction(ore: Any, rate: Any) -> Any:
    """What is raised."""
    return ore * rate


RATE, START = parameter(0.1, low=0.05, high=0.2, unit="1/year"), parameter(100.0, unit="t")


def mine(*parts: Any, **named: Any) -> Model:
    return Model("mine", [ore, extraction, *parts], **({"rate": RATE, "start": START} | named))


def codes(function: Any) -> list[str]:
    with pytest.raises(HeadframeError) as caught:
        function()
    return [problem.code for problem in caught.value.problems]


def test_a_module_is_a_model_and_its_name_a_block() -> None:
    module = types.ModuleType("land.mining")
    module.__dict__.update(ore=ore, extraction=extraction, rate=RATE, start=START, helper=np.exp)
    model = Model.of(module)
    assert model.name == "mining"
    assert set(model.declarations) == {"ore", "extraction", "rate", "start"}
    assert {declared.block for declared in model.declarations.values()} == {"mining"}
    assert model.declarations["ore"].description == "What is left in the ground."


def test_modules_may_import_from_each_other_but_not_declare_twice() -> None:
    one, other = types.ModuleType("one"), types.ModuleType("other")
    one.__dict__.update(ore=ore, extraction=extraction, start=START)
    other.__dict__.update(extraction=extraction, rate=RATE)
    assert Model.of(one, other).name == "one"
    other.__dict__.update(start=parameter(5.0, unit="t"))
    assert codes(lambda: Model.of(one, other)) == ["HF913"]


def test_the_run_without_inputs_is_the_default_run() -> None:
    found = mine().simulate(HORIZON)
    steps = 100.0 * (1 - 0.1 / 4) ** np.arange(0, 13, 4)
    np.testing.assert_allclose(found["ore"][0], steps, rtol=1e-14)
    np.testing.assert_allclose(found.times, [2000, 2001, 2002, 2003])


def test_parts_are_replaced_without_copying_the_rest() -> None:
    @flow(unit="t/year", name="extraction")
    def constant_extraction(quota: Any) -> Any:
        return quota

    model = mine()
    changed = model.replaced(constant_extraction, quota=lever(10.0, unit="t/year"))
    np.testing.assert_allclose(changed.simulate(HORIZON)["ore"][0], [100, 90, 80, 70])
    assert model.simulate(HORIZON)["ore"][0, -1] > 70
    assert changed.declarations["rate"] is model.declarations["rate"]
    assert codes(lambda: model.without("nothing")) == ["HF901"]
    assert codes(lambda: model.without("rate")) == ["HF901"]


def test_an_algebraic_loop_is_named() -> None:
    @auxiliary()
    def a(c: Any) -> Any:
        return c

    @auxiliary()
    def b(a: Any) -> Any:
        return a

    @auxiliary()
    def c(b: Any) -> Any:
        return b

    with pytest.raises(HeadframeError) as caught:
        mine(a, b, c)
    problem = caught.value.problems[0]
    assert problem.code == "HF902"
    assert set(str(problem.values["cycle"]).split(" → ")) == {"a", "b", "c"}


def test_initial_values_may_not_need_one_another() -> None:
    @stock(unit="1", initial="right")
    def left(move: Any) -> Any:
        return move

    @stock(unit="1", initial="left")
    def right(move: Any) -> Any:
        return -move

    @flow(unit="1/year")
    def move(left: Any, pace: Any) -> Any:
        return left * pace

    pace = parameter(1.0, unit="1/year")
    assert codes(lambda: Model("circle", [left, right, move], pace=pace)) == ["HF902"]


def test_an_initial_value_is_an_equation_of_inputs_and_of_other_starts() -> None:
    @auxiliary(unit="t")
    def half(ore: Any) -> Any:
        return ore / 2

    @stock(unit="t", initial=lambda half, ore: half + ore)
    def waste(extraction: Any) -> Any:
        return extraction

    model = mine(half, waste)
    found = model.simulate(HORIZON, ["waste"], parameters={"start": 40.0})
    assert found["waste"][0, 0] == 60.0


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("HF901", lambda: mine(auxiliary(name="b")(lambda oar: oar))),
        ("HF901", lambda: mine(stock(unit="t", initial="stat", name="b")(lambda extraction: extraction))),
        ("HF901", lambda: mine(auxiliary(name="b")(lambda time_step: time_step))),
        ("HF901", lambda: mine(s=smooth("oar", time="start"))),
        ("HF901", lambda: mine(c=conserved(stocks=("extraction",)))),
        ("HF911", lambda: mine(flow(unit="t/year", name="b")(lambda ore, rate: ore * rate))),
        ("HF912", lambda: mine(stock(unit="t", initial=0.0, name="b")(lambda: 0.0))),
        ("HF913", lambda: mine(auxiliary(name="ore")(lambda rate: rate))),
        ("HF918", lambda: mine(auxiliary(name="time")(lambda rate: rate))),
        ("HF918", lambda: mine(auxiliary(name="1st")(lambda rate: rate))),
        ("HF918", lambda: mine(auxiliary()(lambda rate: rate))),
        ("HF919", lambda: mine(yearly("extraction", name="b")(lambda ore: ore))),
        ("HF919", lambda: mine(yearly("ore", name="b")(lambda ore: ore), yearly("ore", name="c")(lambda ore: ore))),
        ("HF920", lambda: mine(feedback("R1", [("rate", "extraction")]))),
        ("HF920", lambda: mine(feedback("R1", [("extraction", "missing")]))),
        ("HF923", lambda: mine(price=parameter(3.0, unit="CNY/t"))),
        ("HF101", lambda: mine(price=parameter(3.0, unit="florin/t"))),
    ],
)
def test_what_does_not_wire_is_refused(code: str, made: Any) -> None:
    assert codes(made) == [code]


@pytest.mark.parametrize(
    "made",
    [
        lambda: parameter(3.0, low=4.0, high=5.0),
        lambda: parameter(float("nan")),
        lambda: parameter([1.0, 2.0], axes=(Axis("a", ("x", "y", "z")),)),
        lambda: table([0, 0], [1, 2]),
        lambda: table([0, 1, 2], [1, 2]),
        lambda: table([0], [1]),
        lambda: delay("x", time="t", order=0),
    ],
)
def test_values_that_fit_nothing_are_refused_where_they_are_declared(made: Any) -> None:
    assert codes(made) == ["HF917"]


@pytest.mark.parametrize("function", [lambda *x: x, lambda **x: x, lambda x=1: x])
def test_an_argument_that_is_no_name_is_refused(function: Any) -> None:
    assert codes(lambda: auxiliary()(function)) == ["HF916"]


def test_money_with_prices_passes() -> None:
    Model("money", [ore, extraction], prices="real:2020", rate=RATE, start=START, price=parameter(3.0, unit="CNY/t"))


def test_an_equation_with_random_numbers_is_refused() -> None:
    def noisy(rate: Any) -> Any:
        return rate * np.random.default_rng().normal()

    assert codes(lambda: mine(auxiliary(unit="1/year")(noisy))) == ["HF914"]


def test_an_equation_that_reads_something_else_is_refused() -> None:
    seen: list[Any] = []

    def changing(rate: Any) -> Any:
        seen.append(rate)
        return rate * (2.0 if hasattr(rate, "node") else 3.0)

    assert codes(lambda: mine(auxiliary(unit="1/year")(changing))) == ["HF915"]


def test_functions_receive_arrays_they_cannot_change() -> None:
    def writing(ore: Any) -> Any:
        if isinstance(ore, np.ndarray):
            ore[...] = 0.0
        return ore

    with pytest.raises(HeadframeError) as caught:
        mine(auxiliary(unit="t")(writing))
    assert caught.value.problems[0].code == "HF910"
    assert "read-only" in str(caught.value)


def test_a_stock_and_a_yearly_update_are_tried_like_any_equation() -> None:
    def changing(ore: Any) -> Any:
        return ore * (2.0 if hasattr(ore, "node") else 3.0)

    assert codes(lambda: mine(yearly("ore")(changing))) == ["HF915"]

    @stock(unit="t", initial=0.0)
    def heap(extraction: Any) -> Any:
        return extraction * (2.0 if hasattr(extraction, "node") else 3.0)

    assert codes(lambda: mine(heap)) == ["HF915"]


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("HF932", {"parameters": {"rat": 0.1}}),
        ("HF932", {"paths": {"quot": 0.1}}),
        ("HF932", {"structures": {"closures": "a"}}),
        ("HF932", {"events": [("shok", 2000, 2001, 1.0)]}),
        ("HF933", {"parameters": {"rate": [0.1, 0.2, 0.3]}}),
        ("HF933", {"parameters": {"rate": "much"}}),
        ("HF933", {"count": 0}),
        ("HF924", {"structures": {"closure": "neither"}}),
        ("HF924", {"structures": {"closure": 2}}),
        ("HF935", {"paths": {"quota": np.zeros(5)}}),
        ("HF935", {"paths": {"quota": {}}}),
        ("HF936", {"events": [("shock", 2002, 2001, 1.0)]}),
        ("HF936", {"events": [("shock", 2001, 2002, [1.0, 2.0])]}),
        ("HF936", {"events": Events.none(3)}),
        ("HF937", {"cuts": ("R2",)}),
        ("HF937", {"cuts": np.zeros((1, 3), dtype=bool)}),
    ],
)
def test_inputs_that_do_not_fit_are_refused(code: str, given: dict[str, Any]) -> None:
    assert codes(lambda: with_everything().runs(HORIZON, **given)) == [code]


def with_everything() -> Model:
    @stock(unit="t", initial=0.0)
    def heap(quota: Any, shock: Any, growth: Any, closure: Any) -> Any:
        return quota + shock + np.where(closure == 0, growth, 0.0)

    return mine(
        heap,
        feedback("R1", [("ore", "extraction")]),
        quota=lever(1.0, unit="t/year"),
        growth=exogenous(2.0, unit="t/year"),
        shock=event(unit="t/year"),
        closure=structure(("supply", "demand")),
    )


def test_paths_events_and_structures_reach_the_equations() -> None:
    model = with_everything()

    def heap(**given: Any) -> Any:
        return model.simulate(HORIZON, ["heap"], **given)["heap"][0, -1]

    assert heap() == 9.0
    assert heap(structures={"closure": "demand"}) == 3.0
    assert heap(paths={"quota": 2.0}) == 12.0
    # A ramp from 0 to 3 over three years, held at each step's start: quarters of 0, 0.25, …, 2.75.
    assert heap(paths={"quota": {2000: 0.0, 2003: 3.0}}) == pytest.approx(6.0 + sum(np.arange(0, 3, 0.25)) / 4)
    assert heap(events=[("shock", 2001.0, 2001.5, 8.0), ("shock", 2001.25, 2002.0, 4.0)]) == 9.0 + 4.0 + 3.0
    assert heap(paths={"quota": np.arange(13.0)}) == pytest.approx(6.0 + sum(range(12)) / 4)


def test_two_runs_of_one_call_differ_only_by_what_is_given_per_run() -> None:
    model = with_everything()
    both = model.simulate(HORIZON, ["ore"], count=2, parameters={"rate": [0.1, 0.2]})["ore"]
    for index, rate in enumerate((0.1, 0.2)):
        alone = model.simulate(HORIZON, ["ore"], parameters={"rate": rate})["ore"]
        np.testing.assert_allclose(both[index], alone[0], rtol=1e-14)


def test_a_cut_feedback_reads_the_base_run() -> None:
    model = with_everything()
    base = model.simulate(HORIZON, ["ore", "extraction"], parameters={"rate": 0.4})
    cut = model.simulate(HORIZON, ["ore", "extraction"], parameters={"rate": 0.4}, cuts=("R1",))
    # The cut link reads the very path that it had, so that alone nothing changes.
    np.testing.assert_array_equal(cut.values, base.values)


def test_runge_kutta_is_refused_for_competing_exits() -> None:
    @stock(unit="person", initial=10.0, exits={"deaths": "mortality"})
    def people() -> Any:
        return 0.0

    model = Model("exits", [people], mortality=parameter(0.1, unit="1/year"))
    assert codes(lambda: model.runs(Horizon(integrator="rk4"))) == ["HF938"]
    assert codes(lambda: model.outcomes(["peopel"])) == ["HF939"]


@pytest.mark.parametrize(
    "made",
    [
        lambda: Horizon(years=0.3, steps_per_year=4),
        lambda: Horizon(years=0),
        lambda: Horizon(steps_per_year=0),
        lambda: Horizon(record_every=0),
        lambda: Horizon(start=float("inf")),
        lambda: Horizon(integrator="heun"),  # type: ignore[arg-type]
    ],
)
def test_a_horizon_that_fits_no_run_is_refused(made: Any) -> None:
    assert codes(made) == ["HF931"]


def test_constants_fold_and_parameters_do_not() -> None:
    def area(radius: Any, scale: Any) -> Any:
        return scale * np.sqrt(4.0) * radius

    def twice(scale: Any) -> Any:
        return scale * 2.0

    model = Model(
        "fold", [auxiliary(unit="m")(area), auxiliary()(twice)], radius=parameter(2.0, unit="m"), scale=constant(3.0)
    )
    assert model.system.variables["twice"].operation == "constant"
    assert model.system.variables["area"].operation == "multiply"


def test_equal_expressions_are_one_node() -> None:
    def one(x: Any, y: Any) -> Any:
        return np.exp(x * y) + 1.0

    def other(x: Any, y: Any) -> Any:
        return np.exp(x * y) - 1.0

    model = Model("same", [auxiliary()(one), auxiliary()(other)], x=parameter(1.0), y=parameter(2.0))
    one_node, other_node = model.system.variables["one"], model.system.variables["other"]
    assert one_node.arguments[0] is other_node.arguments[0]


def test_the_digest_tells_models_apart_and_knows_equal_ones() -> None:
    assert mine().system.digest == mine().system.digest
    assert mine().system.digest != mine(rate=parameter(0.1, unit="1/year"), spare=parameter(1.0)).system.digest
    assert mine().system.digest != mine(auxiliary(unit="t", name="b")(lambda ore: ore)).system.digest
