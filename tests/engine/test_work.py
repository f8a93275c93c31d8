from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from headframe.core.axes import Axis
from headframe.engine import Horizon, Model, auxiliary, flow, parameter, stock, yearly
from headframe.engine.equations.work import ModelWork, Phase, model_work
from headframe.engine.graph import work
from headframe.engine.operations import COST
from tests.engine.models.collect import TEXTBOOK, textbook
from tests.engine.models.medium import HORIZON, medium

AGE = Axis("age", ("a", "b", "c"))
TWO_YEARS = Horizon(0.0, 2.0, 4, 2)


@stock(unit="person", axes=(AGE,), initial="start", block="people")
def people(births: Any) -> Any:
    return births * np.array([1.0, 0.0, 0.0])


@flow(unit="person/year", block="people")
def births(people: Any, rate: Any, factor: Any) -> Any:
    return people.sum() * rate * factor


@auxiliary(block="given")
def factor(strength: Any) -> Any:
    return np.exp(strength) + 1.0


@auxiliary(unit="person", block="shown")
def mean_age(people: Any) -> Any:
    return (people * np.array([1.0, 2.0, 3.0])).sum()


@yearly("people")
def ageing(people: Any, factor: Any) -> Any:
    return np.concatenate([np.zeros(1), people[:-1]]) * factor


@pytest.fixture(scope="module")
def model() -> Model:
    parts = [people, births, factor, mean_age, ageing]
    start = parameter([1.0, 2.0, 3.0], unit="person", axes=(AGE,))
    return Model("town", parts, start=start, rate=parameter(0.1, unit="1/year"), strength=parameter(0.2))


def costs(found: ModelWork) -> dict[tuple[str, str], tuple[int, int]]:
    return {(share.variable, share.phase): (share.flops, share.flops_per_run) for share in found.shares}


def test_each_variable_costs_what_it_adds_as_often_as_it_is_computed(model: Model) -> None:
    found = model_work(model, TWO_YEARS)
    assert costs(found) == {
        ("factor", "once"): (COST["exp"] + 1, COST["exp"] + 1),  # parameters alone
        ("births", "step"): (2 + 2, 4 * 9),  # eight steps, and the end
        ("people", "step"): (3, 3 * 9),
        ("mean_age", "record"): (3 + 2, 5 * 5),  # nothing needs it but the record
        ("ageing", "yearly"): (3, 3 * 2),
    }
    assert found.integration == 2 * 3 * 8
    assert found.flops_per_run == 48 + 21 + 36 + 27 + 25 + 6
    assert found.flops("step") == 7
    assert found.recorded == 8 * (3 + 1 + 1 + 1) * 5


def test_runge_and_kutta_evaluate_four_times(model: Model) -> None:
    found = model_work(model, Horizon(0.0, 2.0, 4, 2, "rk4"))
    assert costs(found)["births", "step"] == (4, 4 * (4 * 8 + 1))
    assert found.integration == 14 * 3 * 8


def test_what_is_not_recorded_costs_nothing(model: Model) -> None:
    assert ("mean_age", "record") not in costs(model_work(model, TWO_YEARS, ["people"]))


@pytest.mark.parametrize("name", [*TEXTBOOK, "medium"])
def test_shares_add_up_to_the_whole(name: str) -> None:
    model, horizon = (medium(), HORIZON) if name == "medium" else (textbook(name), Horizon(0.0, 2.0, 4, 4))
    found = model_work(model, horizon)
    system = model.system
    assert found.flops("initial") == work([stock.initial for stock in system.stocks]).flops
    whole = work([*system.step_roots(model.outcomes().names), *system.yearly_roots()])
    beside = [share for share in found.shares if share.phase in ("once", "step", "record")]
    if not system.has_yearly:
        assert sum(share.flops for share in beside) == whole.flops
        assert sum(share.nodes for share in beside) == whole.nodes
        assert sum(share.numbers for share in beside) == whole.numbers
    blocks = found.by_block()
    assert blocks["flops_per_run"].sum() == found.flops_per_run - found.integration
    for phase in get_args(Phase):
        assert blocks[phase].sum() == sum(s.flops_per_run for s in found.shares if s.phase == phase)
    assert found.table()["flops_per_run"].is_sorted(descending=True)
    assert found.path_set == 8 * system.paths.rows * len(horizon.points)
