"""The medium model: large enough, sane in all its ranges, and the same in every backend."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headframe.engine.batch.backend import Batch
from headframe.engine.checking.agreement import agreement, differences
from headframe.engine.checking.checks import conservation, extremes, isolation
from headframe.engine.declare import Equation, Lever, Parameter, Stock, Table, Yearly
from headframe.engine.javascript.write import JavaScript
from headframe.engine.kernel.backend import Kernel
from headframe.engine.making.wiring import of_kind
from headframe.engine.reference import Reference
from headframe.engine.runs import Backend, Outcomes, Runs
from headframe.engine.xmile import write as xmile
from tests.conftest import FULL
from tests.engine.models.draws import drawn
from tests.engine.models.medium import HORIZON, medium

EVERY = medium().outcomes(medium().system.variables, means=("gross_product", "hires"))
BESIDE_THE_REFERENCE = 8  # runs: the reference takes half a second for each
TOGETHER = 128  # runs of one example: eight make the thousand


def test_it_is_as_large_as_it_should_be() -> None:
    model, system = medium(), medium().system
    computed = {n: e for n, e in of_kind(model.declarations, Equation).items() if not isinstance(e, Stock | Yearly)}
    assert system.states.rows >= 280
    assert len(system.stocks) >= 30
    assert len(system.variables) >= 140
    assert sum(equation.size for equation in (system.variables[name] for name in computed)) >= 680
    assert len(of_kind(model.declarations, Parameter)) >= 40
    assert sum(int(np.prod(system.paths.shape[name])) for name in of_kind(model.declarations, Lever)) >= 25
    assert len(of_kind(model.declarations, Table)) >= 19
    assert system.has_yearly
    assert len(system.switches) == 2
    assert HORIZON.steps == 160
    used = {node.operation for node in system.nodes()}
    assert used >= {
        *("power", "exp", "log", "tanh", "sqrt", "where", "minimum", "maximum", "concatenate", "take", "einsum"),
        *("interpolate", "sum", "maximum_of", "divide", "broadcast", "index"),
    }
    products = [[a.shape for a in node.arguments] for node in system.nodes() if node.operation == "einsum"]
    assert [(14, 14), (14,)] in products
    assert [(12, 12), (12, 4)] in products


def test_it_stays_sane_in_all_its_ranges() -> None:
    """No bound is broken and everything has a number, wherever parameters, paths, events and structures lie."""
    count = 20_000 if FULL else 1_024
    found = Batch(medium().system, HORIZON, medium().outcomes()).run(drawn(medium(), HORIZON, count, 11))
    assert (found.failed_step == -1).all()
    assert np.isfinite(found.values).all()
    assert found["gross_product"].max() > 5.0 * found["gross_product"].min()  # draws do differ
    assert found["unemployment_rate"].max() - found["unemployment_rate"].min() > 0.5


def test_it_stays_sane_at_the_ends_of_its_ranges() -> None:
    check, found = extremes(medium(), replace(HORIZON, years=6.0), outcomes=("gross_product", "people", "employed"))
    within = [one for one in found if one.declared]
    assert len(within) > 150
    assert not [one for one in within if one.failed]
    assert check.figures["unreported"] == 0


def test_it_conserves_what_it_declares() -> None:
    runs = drawn(medium(), replace(HORIZON, record_every=1), 64, 5)
    check = conservation(medium(), HORIZON, runs)
    assert check.passed, check.findings
    assert check.figures["totals"] == 4


def test_its_runs_do_not_touch_each_other() -> None:
    backend = Batch(medium().system, replace(HORIZON, years=3.0), medium().outcomes())
    assert isolation(backend, drawn(medium(), backend.horizon, 9, 3)).passed


def test_levers_events_structures_and_cuts_change_it() -> None:
    """Each part of the model is connected: otherwise backends would agree on nothing."""
    horizon = replace(HORIZON, years=8.0)
    plain = medium().simulate(horizon, EVERY.names)
    for changed in (
        {"structures": {"closure": "supply"}},
        {"paths": {"extraction_cap": 5.0}},
        {"events": [("large_project", 2001.0, 2003.0, 500.0)]},
        {"events": [("landslide", 2001.0, 2001.5, 300.0)]},
    ):
        other = medium().simulate(horizon, EVERY.names, **changed)
        moved = [name for name in EVERY.names if not np.array_equal(other[name][0, -1], plain[name][0, -1])]
        assert len(moved) > 60, changed
    shock = {"paths": {"world_price": 200.0}}
    whole = medium().simulate(horizon, EVERY.names, **shock)
    for feedback in medium().feedbacks:
        cut = medium().simulate(horizon, EVERY.names, cuts=(feedback,), **shock)
        assert not np.array_equal(cut["gross_product"][0, 2:], whole["gross_product"][0, 2:]), feedback


@cache
def compiled(outcomes: Outcomes = EVERY) -> tuple[Backend, ...]:
    """Every backend that works from the graph, the batch first."""
    system = medium().system
    kernels = [Kernel(system, HORIZON, outcomes), Kernel(system, HORIZON, outcomes, threads=2)]
    return (Batch(system, HORIZON, outcomes), *kernels, JavaScript(system, HORIZON, outcomes))


def agrees(runs: Runs, *backends: Backend) -> None:
    """Law 7: in every variable, at every recorded time, in every run that is not near a kink."""
    check = agreement(medium().system, HORIZON, backends, runs)
    assert check.passed, (check.figures, check.findings)
    assert check.figures["near_kinks"] <= len(runs) // 4


@settings(max_examples=400 if FULL else 8)
@given(seed=st.integers(0, 2**63 - 1))
def test_all_backends_agree_in_a_thousand_runs(seed: int) -> None:
    agrees(drawn(medium(), HORIZON, TOGETHER, seed), *compiled())


def test_they_agree_with_the_equations_themselves() -> None:
    runs = drawn(medium(), HORIZON, BESIDE_THE_REFERENCE, 21)
    agrees(runs, Reference(medium(), HORIZON, EVERY), *compiled())


@pytest.mark.full
@pytest.mark.parametrize("part", range(10))
def test_they_agree_with_the_equations_in_a_thousand_runs(part: int) -> None:
    runs = drawn(medium(), HORIZON, 100, 1000 + part)
    agrees(runs, Reference(medium(), HORIZON, EVERY), *compiled())


def test_single_precision_stays_near() -> None:
    """Half of the figures within a millionth of the largest value, nine tenths within a ten thousandth."""
    runs = drawn(medium(), HORIZON, TOGETHER, 33, cuts=False)
    single = Kernel(medium().system, HORIZON, EVERY, precision="float32").run(runs)
    found = differences(compiled()[0].run(runs), single, "float32").relative
    assert np.median(found) < 1e-6
    assert np.quantile(found, 0.9) < 1e-4
    assert (single.failed_step == -1).all()


def by_pysimlin(runs: Runs, wanted: Outcomes, folder: Path) -> dict[str, np.ndarray]:
    """One run as an independent engine computes its XMILE file: variable → (steps, *axes)."""
    simlin = pytest.importorskip("simlin")
    path = folder / "medium.xmile"
    path.write_text(xmile.write(medium(), HORIZON, runs, wanted), encoding="utf-8")
    found, called = dict[str, np.ndarray](), xmile.names(medium())
    with simlin.load(path).simulate() as simulation:
        simulation.run_to_end()
        for name in wanted.names:
            columns = [simulation.get_series(str(one).lower()) for one in called[name].flat]
            found[name] = np.stack(columns, axis=1).reshape(-1, *called[name].shape)
    return found


@pytest.mark.parametrize("seed", range(60 if FULL else 3))
def test_its_xmile_agrees_in_another_engine(seed: int, tmp_path: Path) -> None:
    """Run by pysimlin, with structures, paths and events, every step to 1e-9 of each variable's largest value."""
    every_step = replace(HORIZON, record_every=1)
    wanted = medium().outcomes(medium().system.variables)
    runs = drawn(medium(), HORIZON, 1, 900 + seed, cuts=False)
    expected = Kernel(medium().system, every_step, wanted).run(runs)
    found = by_pysimlin(runs, wanted, tmp_path)
    assert len(found) == len(medium().system.variables)
    for name, values in found.items():
        largest = np.abs(expected[name][0]).max()
        assert np.abs(values - expected[name][0]).max() <= 1e-9 * largest, name
