"""Checks of models: each passes for a sound model, fails for one broken on purpose, and says when it cannot tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from headframe.catalog.load import catalog
from headframe.core.axes import Axis
from headframe.core.errors import HeadframeError
from headframe.engine import (
    Horizon,
    Model,
    Outcomes,
    auxiliary,
    conserved,
    constant,
    flow,
    lever,
    parameter,
    stock,
    structure,
    yearly,
)
from headframe.engine.batch.backend import Batch
from headframe.engine.checking.checks import (
    Check,
    Condition,
    conservation,
    dimension_problems,
    dimensions,
    extremes,
    isolation,
    random_runs,
)
from headframe.engine.runs import Recorded, Runs
from tests.engine.models import cohorts, hazards

HORIZON = Horizon(2000.0, 3.0, 4, 4)
age = Axis("age", ("young", "old"))


@stock(unit="person", axes=(age,), initial="people_at_start", bounds=(0, None))
def people(births, deaths):
    return births - deaths


@flow(unit="person/year", axes=(age,))
def births(people, birth_rate, help_paid):
    return np.stack([people.sum() * birth_rate + help_paid, 0.0 * help_paid])


@flow(unit="person/year", axes=(age,))
def deaths(people, death_rate):
    return people * death_rate


@yearly("people")
def ageing(people):
    return np.stack([0.9 * people[0], people[1] + 0.1 * people[0]])


GIVEN = {
    "birth_rate": parameter(0.03, low=0.0, high=0.1, unit="1/year"),
    "death_rate": parameter([0.01, 0.05], low=0.0, high=0.5, unit="1/year", axes=(age,)),
    "people_at_start": parameter([600.0, 400.0], low=0.0, high=1e6, unit="person", axes=(age,)),
    "help_paid": lever(0.0, low=0.0, high=50.0, unit="person/year"),
    "everyone": conserved(stocks=("people",), gains=("births",), losses=("deaths",)),
}
TOWN = Model("town", [people, births, deaths, ageing], **GIVEN)


def said(check: Check) -> list[str]:
    """Everything a check says, in both languages."""
    return [catalog().words(lang).say(text) for lang in ("en", "zh") for text in (check.message, *check.findings)]


def test_dimensions_of_a_sound_model_fit() -> None:
    found = dimensions(TOWN)
    assert found.passed is True
    assert found.figures == {"equations": 3, "problems": 0}


def test_dimensions_that_do_not_fit_are_reported() -> None:
    @flow(unit="person/year", axes=(age,))
    def births(people, birth_rate):
        return people + people * birth_rate

    with pytest.raises(HeadframeError) as raised:
        TOWN.replaced(births)
    found = dimension_problems(raised.value)
    assert found.passed is False
    assert {text.values["code"] for text in found.findings} >= {"HF903"}
    assert dimension_problems(HeadframeError.of("HF931", "x", horizon="")).passed is None


def test_a_town_conserves_its_people() -> None:
    found = conservation(TOWN, HORIZON)
    assert found.passed is True, found
    assert found.figures["worst"] < 1e-13
    assert found.figures["runs"] == 64
    assert found.figures["steps"] == 12


@pytest.mark.parametrize("module", [cohorts, hazards])
def test_textbook_models_conserve_what_they_declare(module: Any) -> None:
    found = conservation(Model.of(module), replace(HORIZON, integrator="euler"))
    assert found.passed is True, said(found)


def test_a_leak_of_a_billionth_a_year_is_found() -> None:
    @flow(unit="person/year", axes=(age,))
    def deaths(people, death_rate):
        return people * death_rate

    @stock(unit="person", axes=(age,), initial="people_at_start")
    def people(births, deaths):
        return births - deaths * (1.0 + 1e-9)

    found = conservation(TOWN.replaced(people, deaths), HORIZON)
    assert found.passed is False
    assert found.findings[0].id == "engine-check.conservation.leak"
    assert 1e-12 < found.figures["worst"] < 1e-9


def test_a_leak_in_the_yearly_update_is_told_from_one_in_the_steps() -> None:
    @yearly("people")
    def ageing(people):
        return np.stack([0.9 * people[0], people[1] + 0.1 * people[0] - 0.0001 * people[1]])

    found = conservation(TOWN.replaced(ageing), HORIZON)
    assert found.passed is False
    assert found.findings[0].id == "engine-check.conservation.leak-yearly"


def test_a_gain_that_is_not_declared_is_a_leak() -> None:
    some = conserved(stocks=("people",), losses=("deaths",))
    assert conservation(TOWN.replaced(everyone=some), HORIZON).passed is False


def test_conservation_says_what_it_cannot_tell() -> None:
    nothing = conservation(TOWN.without("everyone"), HORIZON)
    assert nothing.passed is None
    assert nothing.message.id == "engine-check.conservation.undeclared"
    bad = conservation(
        TOWN, HORIZON, TOWN.runs(replace(HORIZON, record_every=1), parameters={"people_at_start": np.nan})
    )
    assert bad.passed is None
    assert bad.figures["runs_without_number"] == 1


def test_runs_that_stop_being_numbers_are_counted_and_the_others_judged() -> None:
    each = replace(HORIZON, record_every=1)
    runs = TOWN.runs(each, 2, parameters={"birth_rate": [0.01, np.inf]})
    found = conservation(TOWN, HORIZON, runs)
    assert found.passed is True
    assert found.figures["runs_without_number"] == 1


def test_a_town_survives_the_ends_of_its_ranges() -> None:
    check, found = extremes(TOWN, HORIZON)
    assert check.passed is True
    ranged = {"birth_rate", "death_rate", "people_at_start", "help_paid"}
    assert {(one.variable, one.end) for one in found if one.declared} == {
        (name, end) for name in ranged | {""} for end in ("low", "high")
    }
    assert {one.end for one in found if not one.declared} == {"zero", "huge", "infinite", "negative infinite"}
    beyond = {(one.variable, one.end): one for one in found}
    assert beyond["people_at_start", "infinite"].broken == "people"
    assert beyond["people_at_start", "infinite"].year == 2000.0
    assert beyond["birth_rate", "negative infinite"].broken == "people"
    assert not beyond["help_paid", "zero"].failed


def test_a_stock_that_falls_below_its_bound_is_a_failure_of_the_model() -> None:
    @flow(unit="person/year", axes=(age,))
    def deaths(people, death_rate):
        return people * death_rate * 10.0

    check, found = extremes(TOWN.replaced(deaths), HORIZON)
    assert check.passed is False
    assert any(text.values["variable"] == "death_rate" for text in check.findings)
    assert all(one.end == "high" for one in found if one.declared and one.failed)
    assert said(check)


def test_a_variable_without_number_within_the_ranges_is_a_failure() -> None:
    @auxiliary(unit="1")
    def share(people):
        return people[0] / people.sum()

    check, found = extremes(TOWN.replaced(share=share), HORIZON)
    assert check.passed is False  # nobody at the start is within the range: 0 / 0
    (one,) = [one for one in found if (one.variable, one.end) == ("people_at_start", "low")]
    assert one.not_finite == ("share",)
    assert check.figures["unreported"] == 0  # it has no bound that could have reported it


def test_what_happens_between_records_is_seen() -> None:
    @auxiliary(unit="1/year")
    def hyperbola(time, pole):
        return 1.0 / (time - pole)

    check, _ = extremes(TOWN.replaced(hyperbola, pole=constant(2000.25, unit="year")), HORIZON)
    assert check.passed is False


class Silent(Batch):
    """A backend that keeps its failures to itself."""

    def run(self, runs: Runs) -> Recorded:
        found = super().run(runs)
        return replace(found, failed_step=np.full_like(found.failed_step, -1))


def test_failures_that_are_not_reported_are_found() -> None:
    check, _ = extremes(TOWN, HORIZON, backend=Silent)
    assert check.passed is False
    assert check.figures["unreported"] > 0
    assert check.findings[0].id == "engine-check.extremes.unreported"


def test_conditions_of_the_user_are_asked() -> None:
    nobody = {"parameters": {"people_at_start": 0.0, "birth_rate": 0.1}}
    none_born = Condition("nobody begets nobody", lambda found: bool((found["people"] == 0.0).all()), nobody)
    some_born = Condition("somebody comes", lambda found: bool((found["people"] > 0.0).any()), nobody)
    check, _ = extremes(TOWN, HORIZON, [none_born])
    assert check.passed is True
    check, _ = extremes(TOWN, HORIZON, [none_born, some_born])
    assert check.passed is False
    assert check.findings[0].values == {"condition": "somebody comes"}
    with pytest.raises(HeadframeError, match="HF964"):
        extremes(TOWN, HORIZON, [none_born, none_born])


def test_a_model_without_ranges_is_not_decided() -> None:
    bare = {
        "birth_rate": parameter(0.03, unit="1/year"),
        "death_rate": parameter([0.01, 0.05], unit="1/year", axes=(age,)),
        "people_at_start": parameter([600.0, 400.0], unit="person", axes=(age,)),
        "help_paid": lever(0.0, unit="person/year"),
    }
    check, _ = extremes(TOWN.replaced(**bare), HORIZON)
    assert check.passed is None


def test_the_batch_backend_isolates_runs() -> None:
    runs = random_runs(TOWN, HORIZON, 40)
    found = isolation(Batch(TOWN.system, HORIZON, TOWN.outcomes()), runs)
    assert found.passed is True
    assert found.figures["runs"] == 40
    with pytest.raises(HeadframeError, match="HF961"):
        isolation(Batch(TOWN.system, HORIZON, TOWN.outcomes()), random_runs(TOWN, HORIZON, 1))


class Leaky(Batch):
    """A backend in which one run's number reaches the next, in the last digit; or that remembers earlier runs."""

    leaks = "neighbour"
    calls = 0

    def run(self, runs: Runs) -> Recorded:
        found = super().run(runs)
        values = found.values.copy()
        self.calls += 1
        if self.leaks == "neighbour":
            values[1:, -1, 0] *= 1.0 + 2.3e-16 * (runs.parameters[:-1, 0] > np.median(runs.parameters[:, 0]))
        elif self.leaks == "place":
            values[-1:, -1, 0] = np.nextafter(values[-1:, -1, 0], 0.0)
        elif self.calls > 1:
            values[:, -1, 0] = np.nextafter(values[:, -1, 0], 0.0)
        return replace(found, values=values)


@pytest.mark.parametrize("leaks", ["neighbour", "place", "memory"])
def test_a_backend_that_does_not_isolate_runs_is_found(leaks: str) -> None:
    backend = Leaky(TOWN.system, HORIZON, TOWN.outcomes())
    backend.leaks = leaks
    found = isolation(backend, random_runs(TOWN, HORIZON, 20))
    assert found.passed is False
    assert said(found)


def test_random_runs_fill_the_ranges_and_repeat_with_their_seed() -> None:
    born = parameter(0.03, low=0.02, high=0.1, unit="1/year")
    chosen = TOWN.replaced(closure=structure(("a", "b", "c")), read=read_closure, birth_rate=born)
    runs = random_runs(chosen, HORIZON, 200, seed=3)
    again = random_runs(chosen, HORIZON, 200, seed=3)
    other = random_runs(chosen, HORIZON, 200, seed=4)
    assert runs.parameters.tobytes() == again.parameters.tobytes()
    assert runs.paths.tobytes() == again.paths.tobytes()
    assert runs.parameters.tobytes() != other.parameters.tobytes()
    slots = chosen.system.parameters
    rates = runs.parameters[:, slots.slice("death_rate")]
    assert rates.min() >= 0.0
    assert rates.max() <= 0.5
    assert rates.std() == pytest.approx(0.5 / np.sqrt(12.0), rel=0.1)
    assert runs.parameters[:, slots.slice("birth_rate")].min() >= 0.02
    assert set(runs.parameters[:, slots.slice("closure")].ravel()) == {0.0, 1.0, 2.0}
    assert len(np.unique(runs.paths[:, 0, 0])) == len(runs.paths) > 1
    assert runs.paths.min() >= 0.0
    assert runs.paths.max() <= 50.0
    with pytest.raises(HeadframeError, match="HF961"):
        random_runs(TOWN, HORIZON, 0)


@auxiliary(unit="1", name="read")
def read_closure(closure):
    return closure + 0.0


def test_every_answer_can_be_said_in_both_languages() -> None:
    checks = [
        dimensions(TOWN),
        conservation(TOWN, HORIZON),
        extremes(TOWN, HORIZON)[0],
        isolation(Batch(TOWN.system, HORIZON, Outcomes.of(["people"])), random_runs(TOWN, HORIZON, 3)),
    ]
    for check in checks:
        english, chinese = said(check)[:2]
        assert "{" not in english + chinese
        assert english != chinese
