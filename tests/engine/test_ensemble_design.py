"""Which run is which, common draws, registers, settings, and the fingerprint of an ensemble."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from headframe.core.errors import HeadframeError
from headframe.core.seeds import generator
from headframe.engine import event, exogenous, flow, lever, parameter, stock, structure
from headframe.engine.declare import feedback
from headframe.engine.ensembles.design import Experiment, Group, Setting, combined
from headframe.engine.ensembles.events import DrawnRegister, PoissonRegister
from headframe.engine.ensembles.statistics import Plan, Threshold
from headframe.engine.model import Model
from headframe.engine.runs import Horizon, Outcomes, Runs
from tests.engine.closed_forms import experiment, inputs, system, unit_interval

HORIZON = Horizon(start=2000.0, years=10.0, steps_per_year=1, record_every=1)


def code_of(error: pytest.ExceptionInfo[HeadframeError]) -> str:
    return error.value.problems[0].code


@stock(unit="person", initial="start", bounds=(0, None))
def people(arrivals, births):  # type: ignore[no-untyped-def]
    return arrivals + births


@flow(unit="person/year")
def births(people, birth_rate, rule):  # type: ignore[no-untyped-def]
    return people * birth_rate * (1.0 - 0.5 * rule)


@flow(unit="person/year")
def arrivals(subsidy, national, plant):  # type: ignore[no-untyped-def]
    return subsidy + national + plant


MODEL = Model(
    "town",
    (people, births, arrivals),
    start=parameter(100.0, low=50.0, high=150.0, unit="person"),
    birth_rate=parameter(0.01, low=0.0, high=0.02, unit="1/year"),
    subsidy=lever(0.0, low=0.0, high=9.0, unit="person/year"),
    national=exogenous(1.0, unit="person/year"),
    plant=event(unit="person/year"),
    rule=structure(("none", "half")),
    growth=feedback("growth", [("people", "births")]),
)
PLANTS = PoissonRegister("plant", 0.4, 2000.0, 2010.0, duration=(1.0, 4.0), amount=(5.0, 9.0))
POLICIES = (
    Setting("none"),
    Setting("subsidy", paths={"subsidy": {2002: 0.0, 2004: 3.0}}),
    Setting("rule", structures={"rule": "half"}, parameters={"start": 70.0}),
)
SCENARIOS = (Setting("calm"), Setting("plants", paths={"national": 2.0}, register=PLANTS))


def town(draws: int = 40, **changed: Any) -> Experiment:
    about: dict[str, Any] = {"policies": POLICIES, "scenarios": SCENARIOS, "block": 16, "seed": 0}
    return Experiment.of(MODEL, HORIZON, ("people",), draws, **(about | changed))


def same(one: Runs, other: Runs) -> bool:
    arrays = [
        (part.parameters, part.paths[part.path_set], part.cuts, part.events.expand(0, 1, HORIZON.points))
        for part in (one, other)
    ]
    return all(a.tobytes() == b.tobytes() for a, b in zip(*arrays, strict=True))


def column(runs: Runs, name: str) -> list[float]:
    return [float(value) for value in runs.parameters[:, MODEL.system.parameters.slice(name)].ravel()]


def test_every_run_is_in_one_unit_and_each_number_means_a_draw_a_policy_and_a_scenario() -> None:
    of = town()
    assert (of.runs, of.units) == (240, 18)
    numbers = np.concatenate([of.runs_of(unit) for unit in range(of.units)])
    assert sorted(numbers.tolist()) == list(range(240))
    assert of.place(0) == (0, 0, 0)
    assert of.place(1) == (0, 0, 1)
    assert of.place(2) == (0, 1, 0)
    assert of.place(6 * 17 + 5) == (17, 2, 1)
    for unit in (0, 7, 17):
        block, group = divmod(unit, 6)
        assert {of.place(int(run))[1:] for run in of.runs_of(unit)} == {divmod(group, 2)}
        assert {of.place(int(run))[0] // 16 for run in of.runs_of(unit)} == {block}


@given(st.integers(0, 239))
def test_a_single_run_has_the_inputs_that_it_has_in_its_unit(run: int) -> None:
    of = town()
    draw, policy, scenario = of.place(run)
    unit = (draw // 16) * 6 + policy * 2 + scenario
    assert same(of.inputs_of(run), of.inputs(unit).part(slice(draw % 16, draw % 16 + 1)))
    assert of.runs_of(unit)[draw % 16] == run


def test_all_groups_see_the_same_draws_and_all_policies_the_same_register() -> None:
    of = town()
    found = [of.inputs(unit) for unit in range(6, 12)]  # the second block
    for other in found[1:]:
        assert column(other, "birth_rate") == column(found[0], "birth_rate")
    assert len(set(column(found[0], "birth_rate"))) == 16
    registers = [runs.events for runs in found]
    assert [len(register.rows) for register in registers[::2]] == [0, 0, 0]
    assert len(registers[1].rows) > 0
    for register in registers[3::2]:
        assert register.starts.tobytes() == registers[1].starts.tobytes()
        assert register.amounts.tobytes() == registers[1].amounts.tobytes()


def test_what_a_policy_sets_is_not_drawn_there() -> None:
    of = town()
    assert column(of.inputs(4), "start") == [70.0] * 16
    assert len(set(column(of.inputs(2), "start"))) == 16
    assert column(of.inputs(4), "rule") == [1.0] * 16
    assert column(of.inputs(2), "rule") == [0.0] * 16


def test_paths_of_policy_and_scenario_are_both_there() -> None:
    runs = town().inputs(3)
    paths = runs.paths[runs.path_set]
    subsidy, national = (paths[:, :, MODEL.system.paths.slice(name)][..., 0] for name in ("subsidy", "national"))
    assert subsidy[0].tolist() == [0.0, 0.0, 0.0, 1.5, 3.0, *[3.0] * 6]
    assert (national == 2.0).all()


def test_the_register_of_a_run_comes_from_its_own_seed() -> None:
    of = town()
    entries = list(PLANTS.draw(generator(0, "run", "21")))
    events = of.inputs_of(21 * 6 + 1).events
    assert events.starts.tolist() == [entry[1] for entry in entries]
    assert events.amounts.tolist() == [entry[3] for entry in entries]
    other = town(seed=1).inputs_of(21 * 6 + 1).events
    assert other.starts.tolist() != events.starts.tolist()


def test_fixed_events_come_before_drawn_ones_in_every_run() -> None:
    policies = (Setting("works", events=[("plant", 2001.0, 2002.0, 4.0)]),)
    of = town(policies=policies)
    alone, both = of.inputs(0).events, of.inputs(1).events
    assert alone.starts.tolist() == [2001.0] * 16
    lengths = np.diff(both.offsets)
    assert lengths.tolist() == [1 + len(list(PLANTS.draw(generator(0, "run", str(draw))))) for draw in range(16)]
    assert both.starts[both.offsets[:-1]].tolist() == [2001.0] * 16


def test_poisson_registers_have_their_rate_and_their_ranges() -> None:
    entries = [list(PLANTS.draw(generator(0, "run", str(draw)))) for draw in range(2000)]
    numbers = np.array([len(each) for each in entries])
    assert numbers.mean() == pytest.approx(4.0, abs=5.0 * np.sqrt(4.0 / 2000.0))
    assert numbers.var(ddof=1) == pytest.approx(4.0, rel=0.2)
    flat = np.array([entry[1:] for each in entries for entry in each])
    for values, low, width in ((flat[:, 0], 2000.0, 10.0), (flat[:, 1] - flat[:, 0], 1.0, 3.0), (flat[:, 2], 5.0, 4.0)):
        assert stats.kstest(values, stats.uniform(low, width).cdf).pvalue > 0.001


def test_cut_links_read_the_policy_that_is_named_or_a_run_without_policies() -> None:
    cut = Setting("cut", paths={"subsidy": 3.0}, cuts=("growth",))
    against = replace(cut, name="cut against", against="subsidy")
    of = town(policies=(POLICIES[0], POLICIES[1], cut, against))
    plain, named = of.inputs(5).base, of.inputs(7).base
    assert plain is not None
    assert named is not None
    assert (plain.paths[..., MODEL.system.paths.slice("subsidy")] == 0.0).all()
    assert len(plain.events.rows) == 0
    assert column(plain, "start") == column(of.inputs(5), "start")
    assert same(replace(named, base=None), of.inputs(3))
    assert of.inputs(3).base is None
    assert bool(of.inputs(7).cuts.all())
    with pytest.raises(HeadframeError) as error:
        town(policies=(POLICIES[0], replace(cut, against="nothing")))
    assert code_of(error) == "HF956"


def test_a_policy_and_a_scenario_cannot_set_the_same() -> None:
    for kind, value in (("paths", {"national": 1.0}), ("parameters", {"start": 1.0}), ("structures", {"rule": 1})):
        with pytest.raises(HeadframeError) as error:
            combined(Setting("p", **{kind: value}), Setting("s", **{kind: value}))
        assert code_of(error) == "HF955"
    with pytest.raises(HeadframeError) as error:
        town(policies=(Setting("p", register=PLANTS),))
    assert code_of(error) == "HF955"


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (("plnat", 2000.0, 2001.0, 1.0), "HF956"),
        (("plant", 2001.0, 2001.0, 1.0), "HF959"),
        (("plant", 2000.0, np.nan, 1.0), "HF959"),
        (("plant", 2000.0, 2001.0, [1.0, 2.0]), "HF959"),
        (("plant", 2000.0, 2001.0, "much"), "HF959"),
        (("plant", "then", 2001.0, 1.0), "HF959"),
    ],
)
def test_drawn_entries_that_are_no_event(entry: Any, code: str) -> None:
    register = DrawnRegister("one", lambda _: [entry])
    with pytest.raises(HeadframeError) as error:
        town(scenarios=(Setting("s", register=register),)).inputs(0)
    assert code_of(error) == code


def test_the_fingerprint_changes_with_whatever_changes_the_numbers() -> None:
    def mark(**changed: Any) -> str:
        of = town(**changed)
        return repr((of.fingerprint(), of.options(), of.seed))

    assert mark() == mark()
    heavier = replace(PLANTS, amount=(5.0, 10.0))
    silent = DrawnRegister("same words", PLANTS.draw)
    changed = DrawnRegister("same words", heavier.draw)
    ways: list[dict[str, Any]] = [
        {},
        {"seed": 1},
        {"draws": 41},
        {"block": 8},
        {"method": "sobol"},
        {"uncertain": ("start",)},
        {"trajectories": 3},
        {"trajectories": (0, 1)},
        {"trajectories": (0, 2)},
        {"statistics": Plan(bins=9)},
        {"statistics": Plan(thresholds=(Threshold("people", 5.0),))},
        {"policies": POLICIES[:2]},
        {"policies": (*POLICIES[:2], replace(POLICIES[2], name="other"))},
        {"policies": (*POLICIES[:2], replace(POLICIES[2], cuts=("growth",)))},
        {"scenarios": (SCENARIOS[0], replace(SCENARIOS[1], register=heavier))},
        {"scenarios": (SCENARIOS[0], replace(SCENARIOS[1], register=silent))},
        {"scenarios": (SCENARIOS[0], replace(SCENARIOS[1], register=changed))},
        {"scenarios": (SCENARIOS[0], replace(SCENARIOS[1], paths={"national": 2.5}))},
    ]
    marks = [mark(**way) for way in ways]
    assert len(set(marks)) == len(ways)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"draws": 0}, "HF953"),
        ({"seed": -1}, "HF953"),
        ({"groups": ()}, "HF953"),
        ({"outcomes": Outcomes.of(())}, "HF953"),
        ({"policies": ("a", "b")}, "HF953"),
        ({"outcomes": Outcomes.of(("totla",))}, "HF956"),
        ({"uncertain": unit_interval("x", "z")}, "HF956"),
        ({"statistics": Plan(thresholds=(Threshold("x", 1.0),))}, "HF956"),
        ({"trajectories": 9}, "HF956"),
        ({"trajectories": (0, 8)}, "HF956"),
        ({"trajectories": -1}, "HF956"),
    ],
)
def test_ensembles_of_nothing(wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(HeadframeError) as error:
        experiment(**({"draws": 8} | wrong))
    assert code_of(error) == code


def test_two_policies_of_one_name_are_refused() -> None:
    made = system({"x": ()}, {"total": ()})
    with pytest.raises(HeadframeError) as error:
        experiment(4, groups=(Group(inputs(made)),) * 2, policies=("a", "a"))
    assert code_of(error) == "HF953"
