"""Samples of other tools: columns, bounds and distributions, experiments one by one and together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from headframe.core.axes import Axis
from headframe.core.errors import HeadframeError
from headframe.engine import flow, lever, parameter, stock
from headframe.engine.batch.backend import Batch
from headframe.engine.declare import feedback
from headframe.engine.ensembles.adapter import Adapter
from headframe.engine.model import Model
from headframe.engine.runs import Horizon, Outcomes
from tests.engine.closed_forms import ClosedForm

AGE = Axis("age", ("young", "old"))
HORIZON = Horizon(start=2000.0, years=3.0, steps_per_year=4, record_every=4)


@stock(unit="person", axes=(AGE,), initial="start", bounds=(0, 150))
def people(change):  # type: ignore[no-untyped-def]
    return change


@flow(unit="person/year", axes=(AGE,))
def change(people, rates, subsidy, shift):  # type: ignore[no-untyped-def]
    return people * rates + subsidy + shift


MODEL = Model(
    "town",
    (people, change),
    start=parameter([50.0, 40.0], low=[40.0, 30.0], high=[60.0, 50.0], unit="person", axes=(AGE,)),
    rates=parameter([0.01, -0.01], low=-0.05, high=0.05, unit="1/year", axes=(AGE,)),
    shift=parameter(1.0, low=0.5, high=4.0, unit="person/year", distribution="loguniform"),
    subsidy=lever(0.0, low=0.0, high=9.0, unit="person/year"),
    growth=feedback("growth", [("people", "change")]),
)
NAMES = ["start", "rates_0", "rates_1", "shift", "subsidy"]


def adapter(**about: Any) -> Adapter:
    def made(outcomes: Outcomes) -> Batch:
        return Batch(MODEL.system, HORIZON, outcomes, block=16)

    return Adapter.of(MODEL, HORIZON, ("people", "change"), made, **({"paths": ("subsidy",)} | about))


def code_of(error: pytest.ExceptionInfo[HeadframeError]) -> str:
    return error.value.problems[0].code


def by_hand(start: float, rates: Any, shift: float, subsidy: float) -> np.ndarray:
    """The model's Euler steps, written again: records of the two ages."""
    now = np.array([40.0, 30.0]) + start * np.array([20.0, 20.0])
    found = [now]
    for _ in range(3):
        for _ in range(4):
            now = now + 0.25 * (now * np.asarray(rates) + subsidy + shift)
        found.append(now)
    return np.array(found)


def drawn(count: int) -> np.ndarray:
    low, high = np.array([0.0, -0.05, -0.05, 0.5, 0.0]), np.array([1.0, 0.05, 0.05, 4.0, 9.0])
    return low + np.random.default_rng(0).random((count, 5)) * (high - low)


def test_the_problem_names_every_column_with_its_bounds_and_distribution() -> None:
    assert adapter().problem() == {
        "num_vars": 5,
        "names": NAMES,
        "bounds": [[0.0, 1.0], [-0.05, 0.05], [-0.05, 0.05], [0.5, 4.0], [0.0, 9.0]],
        "dists": ["unif", "unif", "unif", "logunif", "unif"],
    }
    uniform = adapter(uncertain=("start",), together={"start": False}, paths=())
    assert uniform.problem() == {"num_vars": 2, "names": ["start_0", "start_1"], "bounds": [[40.0, 60.0], [30.0, 50.0]]}


@pytest.mark.parametrize(("name", "peak"), [("triangular", 1.25), ("normal", 2.0)])
def test_distributions_are_said_in_numbers_that_mean_the_same(name: Any, peak: float) -> None:
    """The numbers, put into SciPy's distributions as SALib does, give the quantiles that the engine draws from."""
    model = MODEL.replaced(shift=parameter(peak, low=0.5, high=4.0, unit="person/year", distribution=name))
    made = Adapter.of(model, HORIZON, ("people",), lambda outcomes: Batch(model.system, HORIZON, outcomes))
    problem, u = made.problem(), np.linspace(0.0, 1.0, 11)
    bounds = problem["bounds"][problem["names"].index("shift")]
    if name == "triangular":
        expected = stats.triang.ppf(u, c=bounds[2], scale=bounds[1] - bounds[0], loc=bounds[0])
    else:
        low, high, mean, deviation = bounds
        expected = stats.truncnorm.ppf(u, (low - mean) / deviation, (high - mean) / deviation, mean, deviation)
    item = next(item.uncertain for item in made.inputs if item.uncertain.name == "shift")
    assert np.allclose(item.values(u[:, None])[:, 0], expected, atol=1e-7)


def test_an_array_of_samples_gives_the_outcomes_of_each() -> None:
    samples = drawn(40)
    found = adapter()(samples)
    assert {name: values.shape for name, values in found.items()} == {"people": (40, 4, 2), "change": (40, 4, 2)}
    for row, values in zip(samples, found["people"], strict=True):
        assert np.allclose(values, by_hand(row[0], row[1:3], row[3], row[4]), rtol=1e-12)


@pytest.mark.parametrize("form", [lambda columns: columns, pl.DataFrame])
def test_columns_by_name_in_any_order_and_those_left_out_keep_their_value(form: Callable[..., Any]) -> None:
    samples = drawn(7)
    columns = {NAMES[place]: samples[:, place] for place in (4, 0, 2)}
    found = adapter()(form(columns))["people"]
    for row, values in zip(samples, found, strict=True):
        assert np.allclose(values, by_hand(row[0], [0.01, row[2]], 1.0, row[4]), rtol=1e-12)


def test_samples_are_computed_in_blocks_with_equal_results() -> None:
    class Counted(ClosedForm):
        longest = 0

        def run(self, runs: Any) -> Any:
            Counted.longest = max(Counted.longest, len(runs))
            return super().run(runs)

    def form(runs: Any, horizon: Horizon) -> Mapping[str, Any]:
        return {"people": runs.parameters.sum(axis=1)[:, None, None], "change": 0.0}

    plain = adapter()
    made = replace(plain, backend=Counted(MODEL.system, HORIZON, plain.outcomes, form))
    samples = drawn(3000)
    found = made(samples)["people"]
    assert found.shape == (3000, 4, 2)
    assert Counted.longest == 1024
    assert np.array_equal(found[2500:2600], made(samples[2500:2600])["people"])


def test_failed_runs_have_no_values_from_their_failure_on() -> None:
    """With 9 + 4 persons a year more, the young break their bound of 150 after years, and not at the start."""
    model_bound = adapter()
    columns = {"start": [1.0, 0.0], "subsidy": [9.0, 0.0], "shift": [4.0, 0.5], "rates_0": [5.0, 0.0]}
    found = model_bound(columns)["people"]
    assert np.isfinite(found[1]).all()
    assert np.isfinite(found[0, 0]).all()
    assert np.isnan(found[0, 1:]).all()


def test_a_run_that_fails_at_a_record_has_no_value_there() -> None:
    plain = adapter()
    failing = ClosedForm(MODEL.system, HORIZON, plain.outcomes, lambda *_: {"people": 1.0, "change": 0.0}, lambda _: 4)
    found = replace(plain, backend=failing).one()["people"]
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1:]).all()


def test_one_experiment_by_name_is_what_it_is_among_many() -> None:
    made = adapter()
    row = dict(zip(NAMES, map(float, drawn(1)[0]), strict=True))
    alone, together = made.one(**row), made.all([row, row])
    assert alone["people"].shape == (4, 2)
    assert np.array_equal(together["people"][1], alone["people"])
    assert np.allclose(made.one()["people"], by_hand(0.5, [0.01, -0.01], 1.0, 0.0), rtol=1e-12)


def test_fixed_inputs_and_cuts_stay_in_force() -> None:
    made = adapter(parameters={"shift": 2.0}, uncertain=("start",), paths=())
    assert np.allclose(made.one(start=0.5)["people"], by_hand(0.5, [0.01, -0.01], 2.0, 0.0), rtol=1e-12)
    cut = adapter(cuts=("growth",))
    runs = cut.runs({"shift": np.array([2.0, 3.0]), "subsidy": np.array([1.0, 2.0])}, 2)
    assert runs.cuts.all()
    assert runs.base is not None
    assert runs.base.parameters.tobytes() == runs.parameters.tobytes()
    assert (runs.base.paths == 0.0).all()
    assert (runs.paths[:, :, 0] == np.array([[1.0], [2.0]])).all()


@pytest.mark.parametrize(
    ("samples", "code"),
    [
        (np.zeros(5), "HF957"),
        (np.zeros((3, 4)), "HF957"),
        ([["a", "b", "c", "d", "e"]], "HF957"),
        ({"start": [1.0], "shift": [1.0, 2.0]}, "HF957"),
        ({"start": 1.0}, "HF957"),
        ({"start": ["much"]}, "HF957"),
        ({"strat": [1.0]}, "HF956"),
        ({"rates": [1.0]}, "HF956"),
    ],
)
def test_samples_that_do_not_fit(samples: Any, code: str) -> None:
    with pytest.raises(HeadframeError) as error:
        adapter()(samples)
    assert code_of(error) == code


def test_experiments_of_different_names_and_paths_without_a_range() -> None:
    with pytest.raises(HeadframeError) as error:
        adapter().all([{"start": 1.0}, {"shift": 1.0}])
    assert code_of(error) == "HF957"
    with pytest.raises(HeadframeError) as error:
        adapter(paths=("shift",))
    assert code_of(error) == "HF956"
    assert adapter().all([])["people"].shape == (0, 4, 2)


class Point(dict[str, float]):
    """A scenario or policy as EMA Workbench makes them: a mapping with a name."""

    def __init__(self, name: str, **values: float) -> None:
        super().__init__(values)
        self.name = name


@dataclass
class Named:
    name: str
    variable_name: list[str] = field(default_factory=list)
    value: float = 0.0

    def process(self, values: list[Any]) -> Any:
        return values[0][-1].sum()


@dataclass
class Workbench:
    """What the evaluator reads of a model of EMA Workbench."""

    name: str = "town"
    uncertainties: tuple[Named, ...] = (Named("begin", ["start"]),)
    levers: tuple[Named, ...] = (Named("subsidy", ["subsidy"]),)
    constants: tuple[Named, ...] = (Named("shift", value=2.0),)
    outcomes: tuple[Named, ...] = (Named("at the end", ["people"]),)


@pytest.mark.parametrize("combine", ["factorial", "sample"])
def test_the_evaluator_gives_every_combination_to_the_callback_in_order(combine: str) -> None:
    made, heard = adapter(), []
    scenarios = [Point(str(number), begin=number / 4.0) for number in range(5)]
    policies = [Point("little", subsidy=1.0), Point("much", subsidy=8.0)]
    evaluator = made.evaluator(Workbench())
    evaluator.evaluate_experiments(scenarios, policies, lambda *both: heard.append(both), combine=combine)
    assert [experiment.experiment_id for experiment, _ in heard] == list(range(10 if combine == "factorial" else 5))
    for experiment, outcomes in heard:
        start, subsidy = experiment.scenario["begin"], experiment.policy["subsidy"]
        expected = by_hand(start, [0.01, -0.01], 2.0, subsidy)[-1].sum()
        assert outcomes == {"at the end": pytest.approx(expected, rel=1e-12)}
    if combine == "factorial":
        assert [experiment.policy.name for experiment, _ in heard] == ["little"] * 5 + ["much"] * 5


@pytest.mark.filterwarnings("ignore")
def test_indices_of_salib_for_a_sum_are_its_shares_of_variance() -> None:
    sobol_samples = pytest.importorskip("SALib.sample.sobol")
    sobol = pytest.importorskip("SALib.analyze.sobol")
    made = adapter(uncertain=("start",), paths=("subsidy",))
    problem = made.problem()
    outcomes = made(sobol_samples.sample(problem, 256))["people"][:, -1, 0]
    found = sobol.analyze(problem, outcomes)
    # At the end: 20 (1 + h r)¹² start + h Σ (1 + h r)^k subsidy, both uniform, with r = 0.01 and h = 1/4.
    growth = 1.0025
    parts = np.array([20.0 * growth**12, 9.0 * 0.25 * sum(growth**k for k in range(12))]) ** 2
    assert found["S1"] == pytest.approx(parts / parts.sum(), abs=0.02)


@pytest.mark.filterwarnings("ignore")
def test_ema_workbench_gets_the_same_from_its_own_evaluator_and_from_ours() -> None:
    ema = pytest.importorskip("ema_workbench")
    made = adapter()
    model = ema.Model("town", function=lambda **values: {"people": made.one(**values)["people"]})
    model.uncertainties = [ema.RealParameter("start", 0.0, 1.0), ema.RealParameter("shift", 0.5, 4.0)]
    model.levers = [ema.RealParameter("subsidy", 0.0, 9.0)]
    model.outcomes = [ema.ArrayOutcome("people")]
    scenarios = [ema.Scenario(str(n), start=n / 9.0, shift=1.0 + n / 9.0) for n in range(9)]
    policies = [ema.Policy(str(n), subsidy=float(n)) for n in range(3)]
    about = {"scenarios": scenarios, "policies": policies}
    cases, own = ema.perform_experiments(model, **about)
    ours_cases, ours = ema.perform_experiments(model, **about, evaluator=made.evaluator(model))
    assert own["people"].shape == (27, 4, 2)
    assert np.array_equal(own["people"], ours["people"])
    assert cases.equals(ours_cases)
