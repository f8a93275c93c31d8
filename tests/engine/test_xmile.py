"""XMILE files run by pysimlin, an independent engine, against the reference."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headframe.core.axes import Axis
from headframe.core.errors import HeadframeError
from headframe.engine import Horizon, Model, auxiliary, constant, event, flow, lever, parameter, stock, yearly
from headframe.engine.reference import Reference
from headframe.engine.runs import Runs
from headframe.engine.xmile import write as xmile
from tests.engine import random_systems, xmile_cases
from tests.engine.models.collect import TEXTBOOK, textbook
from tests.engine.models.medium import HORIZON as MEDIUM_HORIZON
from tests.engine.models.medium import medium

simlin = pytest.importorskip("simlin")
SPACE = {"x": xmile.NAMESPACE}
TOLERANCE = 1e-9  # of the variable's largest value, as issued; what is found is nearer to 1e-15


@cache
def everything() -> Model:
    return Model.of(xmile_cases)


def simulated(text: str) -> Any:
    """Every variable at every step, as pysimlin computes a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.xmile"
        path.write_text(text, encoding="utf-8")
        model = simlin.load(path)
        assert not [issue for issue in model.check() if issue.severity == "error"]
        with model.simulate() as simulation:
            simulation.run_to_end()
            return simulation.get_run().results


def differences(model: Model, horizon: Horizon, runs: Runs) -> dict[str, float]:
    """The largest difference of each variable, relative to its largest value."""
    results = simulated(xmile.write(model, horizon, runs))
    every = list(model.system.variables)
    expected = Reference(model, horizon, model.outcomes(every)).run(runs)
    found = {}
    for name, identifiers in xmile.names(model).items():
        if name in every:
            wanted = expected[name][0]
            given_back = np.empty_like(wanted)
            for place, identifier in np.ndenumerate(identifiers):
                column = results[identifier.lower()].to_numpy()
                assert len(column) == len(wanted)
                given_back[(..., *place)] = column
            found[name] = float(np.max(np.abs(given_back - wanted)) / max(np.max(np.abs(wanted)), 1e-300))
    assert len(found) == len(every)
    return found


def every_step(start: float, years: float, per_year: int, integrator: Any = "euler") -> Horizon:
    return Horizon(start, years, per_year, 1, integrator)


def xml(text: str) -> ET.Element:
    return ET.fromstring(text.encode())


def described_run(model: Model, horizon: Horizon, **more: Any) -> Runs:
    """A run of the model that uses everything in which everything happens."""
    start = horizon.start
    paths = {
        "subsidy": {start + 1: 0.1, start + 2: 0.7, start + 4: 0.2},
        "regional": {start: [0.1, 0.2, 0.3], start + 6: [0.3, 0.1, 0.5]},
    }
    events = [("plant", start + 1.5, start + 3, 10.0), ("closures", start + 2, start + 2.3, [0.1, 0.2, 0.3])]
    return model.runs(horizon, paths=paths, events=events, **({"structures": {"closure": "smaller"}} | more))


@pytest.mark.parametrize("name", TEXTBOOK)
@pytest.mark.parametrize("integrator", ["euler", "rk4"])
@pytest.mark.parametrize(("start", "per_year"), [(0.0, 8), (2003.5, 12)])
def test_textbook_models_agree(name: str, integrator: Any, start: float, per_year: int) -> None:
    model = textbook(name)
    horizon = every_step(start, 4, per_year, integrator)
    if integrator == "rk4" and (model.system.euler_only or model.system.has_yearly):
        with pytest.raises(HeadframeError, match=r"HF938|HF945"):
            xmile.write(model, horizon)
        return
    assert max(differences(model, horizon, model.runs(horizon)).values()) < TOLERANCE


@pytest.mark.parametrize("per_year", [1, 4, 7, 12])
@pytest.mark.parametrize("start", [2000.0, 2000.3])
def test_everything_agrees_on_every_grid(start: float, per_year: int) -> None:
    horizon = every_step(start, 6, per_year)
    found = differences(everything(), horizon, described_run(everything(), horizon))
    assert max(found.values()) < TOLERANCE, max(found, key=lambda name: found[name])


@settings(max_examples=max(4, settings().max_examples // 10))
@given(draw=st.integers(0, 2**32 - 1), option=st.sampled_from(["supply", "demand", "smaller"]))
def test_everything_agrees_at_random_parameters(draw: int, option: str) -> None:
    model, horizon = everything(), every_step(2000.0, 4, 8)
    rng = np.random.default_rng(draw)
    parameters = {
        name: rng.uniform(declared.low, declared.high, declared.shape)
        for name, declared in model.declarations.items()
        if declared.kind == "parameter"
    }
    jumps = rng.uniform(0.0, 1.0, (len(horizon.points), 3))
    runs = described_run(model, horizon, parameters=parameters, structures={"closure": option})
    runs.paths[0, :, model.system.paths.slice("regional")] = jumps
    assert max(differences(model, horizon, runs).values()) < TOLERANCE


ROW, COLUMN = Axis("row", ("x", "y", "z")), Axis("column", ("p", "q"))
AXES: dict[tuple[int, ...], tuple[Axis, ...]] = {(): (), (3,): (ROW,), (2, 3): (COLUMN, ROW)}


def random_equations(seed: int) -> Model:
    """A model of three random equations of parameters with every operation in them."""
    rng = np.random.default_rng(seed)
    shapes = {"a": (), "b": (3,), "c": (2, 3), "d": ()}
    parameters = {name: parameter(rng.normal(size=shape), axes=AXES[shape]) for name, shape in shapes.items()}

    def equation(shape: tuple[int, ...]) -> Any:
        def made(a, b, c, d):
            maker = random_systems._Maker(np.random.default_rng([seed, 1]), [a, b, c, d])
            maker.grow(30)
            return maker.pool[shape][-1] * 1.0

        return auxiliary(name=f"made{len(shape)}", axes=AXES[shape])(made)

    @stock(unit="1", initial=1.0)
    def kept(nothing):
        return nothing

    @flow(unit="1/year")
    def nothing():
        return 0.0

    return Model("random", [kept, nothing, *map(equation, random_systems.SHAPES)], **parameters)


@settings(max_examples=settings().max_examples // 2)
@given(st.integers(0, 2**32 - 1))
def test_random_equations_agree(seed: int) -> None:
    model, horizon = random_equations(seed), every_step(0.0, 1, 2)
    assert max(differences(model, horizon, model.runs(horizon)).values()) < TOLERANCE


@pytest.mark.parametrize("draw", range(2))
def test_the_medium_model_agrees(draw: int) -> None:
    model, rng = medium(), np.random.default_rng(draw)
    horizon = every_step(MEDIUM_HORIZON.start, MEDIUM_HORIZON.years, MEDIUM_HORIZON.steps_per_year)
    parameters = {
        name: rng.uniform(declared.low, declared.high, declared.shape)
        for name, declared in model.declarations.items()
        if declared.kind == "parameter" and declared.low is not None and declared.high is not None
    }
    levers = {name: declared for name, declared in model.declarations.items() if declared.kind == "lever"}
    paths = {
        name: {2004.0: declared.default, 2004.0 + 4.0 * draw + 1.0 / 3.0: declared.high}
        for name, declared in levers.items()
        if declared.high is not None
    }
    assert parameters
    assert paths
    found = differences(model, horizon, model.runs(horizon, parameters=parameters, paths=paths))
    assert max(found.values()) < TOLERANCE, max(found, key=lambda name: found[name])


def test_a_jump_stays_between_two_points_of_the_grid() -> None:
    jumping = lever(0.0, unit="person/year")
    works = event(unit="person/year")

    @stock(unit="person", initial=0.0)
    def moved(coming):
        return coming

    @flow(unit="person/year")
    def coming(jumping, works, time, opening):
        return jumping + works + np.where(time >= opening, 1.0, 0.0) * works

    opening = constant(2002.0, unit="year")
    model = Model("jump", [moved, coming], jumping=jumping, works=works, opening=opening)
    for integrator, per_year in (("euler", 8), ("rk4", 4), ("rk4", 5), ("euler", 12)):
        horizon = every_step(2000.0, 4, per_year, integrator)
        path = np.where(horizon.points >= 2001.5, 5.0, 0.0) + np.where(horizon.points == horizon.points[9], 3.0, 0.0)
        runs = model.runs(horizon, paths={"jumping": path}, events=[("works", 2001.0, 2003.0, 7.0)])
        assert max(differences(model, horizon, runs).values()) < TOLERANCE
        root = xml(xmile.write(model, horizon, runs))
        assert len(root.find(".//x:aux[@name='works']/x:gf/x:xpts", SPACE).text.split(",")) == 6


def test_cuts_are_off_and_the_file_says_so() -> None:
    horizon = every_step(2000.0, 3, 8)
    whole, cut = described_run(everything(), horizon), described_run(everything(), horizon, cuts=("R1",))
    text = xmile.write(everything(), horizon, cut)
    assert text == xmile.write(everything(), horizon, whole)
    assert "no feedback is cut" in xml(text).find("x:header/x:caption", SPACE).text
    assert "R1" not in text


def test_yearly_updates_read_everything_as_it_is_after_the_step() -> None:
    """A yearly update that reads a flow, a path, an event and the time, each of which jumps at the year's end."""
    rising = lever(0.0)
    shock = event()
    slope = parameter(0.3, unit="1/year")
    group = Axis("group", ("one", "two"))

    @stock(unit="person", axes=(group,), initial=np.array([1.0, 2.0]))
    def held(growing):
        return growing

    @flow(unit="person/year", axes=(group,))
    def growing(held, slope, rising):
        return held * slope * (1.0 + rising)

    @yearly("held")
    def turned(held, rising, shock, growing, slope, time, middle):
        later = np.where(time > middle, 2.0, 1.0)
        return held[::-1] * (1.0 + rising + shock) * later + growing / slope

    given_values = {"rising": rising, "shock": shock, "slope": slope, "middle": constant(2001.5, unit="year")}
    model = Model("yearly", [held, growing, turned], **given_values)
    for per_year in (1, 2, 5, 8):
        horizon = every_step(2000.0, 4, per_year)
        runs = model.runs(horizon, paths={"rising": horizon.points - 2000.0}, events=[("shock", 2001.0, 2001.9, 0.5)])
        assert max(differences(model, horizon, runs).values()) < TOLERANCE


def test_stocks_have_the_flows_that_the_model_names() -> None:
    horizon = every_step(2000.0, 2, 8)
    root = xml(xmile.write(everything(), horizon))
    flows = {
        stock.get("name"): tuple(tuple(e.text for e in stock.findall(f"x:{side}flow", SPACE)) for side in ("in", "out"))
        for stock in root.iterfind(".//x:stock", SPACE)
    }
    assert flows["people_0_14"] == (("births", "ageing_0_14"), ("deaths_0_14", "departures_0_14"))
    assert flows["away_15_59"] == (("departures_15_59",), ("forgotten_15_59", "returning_15_59"))
    assert flows["home_again"] == (("returning_0_14", "returning_15_59", "returning_60"), ())
    assert flows["level_new"] == (("growth_new",), ())
    assert flows["twice"] == (("births_into_twice", "births_into_twice_2"), ("arrivals",))
    declared = {flow.get("name") for flow in root.iterfind(".//x:flow", SPACE)}
    for side in (0, 1):
        used = Counter(name for sides in flows.values() for name in sides[side])
        assert set(used) <= declared
        assert set(used.values()) == {1}, "a flow has one end on each side"


def test_names_texts_and_units_survive() -> None:
    horizon = every_step(2000.0, 2, 8)
    root = xml(xmile.write(everything(), horizon, described_run(everything(), horizon)))
    people = root.find(".//x:stock[@name='people_60']", SPACE)
    assert people.find("x:doc", SPACE).text == 'Everybody\'s "home" <here> & now;\\nsecond line with a back\\\\slash.'
    assert people.find("x:eqn", SPACE).text == "人口初值_60"
    assert people.find("x:units", SPACE).text == "person"
    birth_rate = root.find(".//x:aux[@name='birth_rate']", SPACE)
    assert birth_rate.find("x:doc", SPACE).text == "Source: A & B <2020>, p. 7"
    assert birth_rate.find("x:range", SPACE).attrib == {"min": "0.01", "max": "0.05"}
    crowding = root.find(".//x:aux[@name='crowding']", SPACE)
    assert crowding.find("x:eqn", SPACE).text == "(people_0_14 + people_15_59 + people_60) / capacity"
    assert crowding.find("x:gf/x:xpts", SPACE).text == "0,0.5,1,2.5"
    assert root.find(".//x:flow[@name='births']/x:eqn", SPACE).text == "people_15_59 * birth_rate * crowding"
    assert root.find(".//x:aux[@name='closure']/x:eqn", SPACE).text == "2"
    assert "1: demand" in root.find(".//x:aux[@name='closure']/x:doc", SPACE).text
    groups = {group.get("name"): len(group) for group in root.iterfind(".//x:group", SPACE)}
    assert groups.keys() == {"people", "sectors", "xmile_cases"}
    everything_named = [
        element.get("name") for element in root.find(".//x:variables", SPACE) if "group" not in element.tag
    ]
    assert len({name.casefold() for name in everything_named}) == len(everything_named)


# Elements of XMILE 1.0 that the files use: children that the standard allows, and attributes (required ones starred).
VARIABLE = {"doc", "eqn", "gf", "units", "range"}
ALLOWED: dict[str, tuple[set[str], set[str]]] = {
    "xmile": ({"header", "sim_specs", "model_units", "model"}, {"version*"}),
    "header": ({"vendor", "product", "name", "caption"}, set()),
    "product": (set(), {"version*", "lang"}),
    "sim_specs": ({"start", "stop", "dt"}, {"method", "time_units"}),
    "dt": (set(), {"reciprocal"}),
    "model_units": ({"unit"}, set()),
    "unit": ({"eqn", "alias"}, {"name*"}),
    "model": ({"variables"}, set()),
    "variables": ({"stock", "flow", "aux", "group"}, set()),
    "stock": ((VARIABLE - {"gf"}) | {"inflow", "outflow"}, {"name*"}),
    "flow": (VARIABLE, {"name*"}),
    "aux": (VARIABLE, {"name*"}),
    "group": ({"entity"}, {"name*"}),
    "entity": (set(), {"name*"}),
    "gf": ({"xpts", "ypts"}, {"type"}),
    "range": (set(), {"min", "max"}),
}


def test_elements_are_those_of_the_standard() -> None:
    horizon = every_step(2000.0, 2, 8)
    root = xml(xmile.write(everything(), horizon, described_run(everything(), horizon)))
    assert root[0].tag.endswith("}header")
    for element in root.iter():
        tag = element.tag.removeprefix(f"{{{xmile.NAMESPACE}}}")
        children, attributes = ALLOWED.get(tag, (set(), set()))
        inside = Counter(child.tag.partition("}")[2] for child in element)
        assert set(inside) <= children, tag
        assert set(element.attrib) <= {name.rstrip("*") for name in attributes}, tag
        assert set(element.attrib) >= {name[:-1] for name in attributes if name.endswith("*")}, tag
        if tag in ("stock", "flow", "aux"):
            assert all(inside[once] <= 1 for once in VARIABLE)
            assert inside["eqn"] == 1
    for graph in root.iterfind(".//x:gf", SPACE):
        xs, ys = (list(map(float, graph.findtext(f"x:{side}pts", "", SPACE).split(","))) for side in "xy")
        assert len(xs) == len(ys) >= 2
        assert xs == sorted(set(xs))
    known = {element.get("name") for element in root.find(".//x:variables", SPACE)}
    assert {entity.get("name") for entity in root.iterfind(".//x:entity", SPACE)} <= known


def test_an_element_that_a_yearly_update_leaves_has_no_flow_of_it() -> None:
    root = xml(xmile.write(textbook("cohorts"), every_step(0.0, 2, 8)))
    flows = [element.get("name") for element in root.iterfind(".//x:flow", SPACE)]
    assert flows
    group = Axis("group", ("one", "two"))

    @stock(unit="person", axes=(group,), initial=1.0)
    def held(nothing):
        return nothing

    @flow(unit="person/year", axes=(group,))
    def nothing():
        return np.zeros(2)

    @yearly("held")
    def turned(held):
        return np.stack([held[0], held[0] + held[1]])

    text = xmile.write(Model("left", [held, nothing, turned]), every_step(0.0, 2, 8))
    assert 'name="turned_two"' in text
    assert 'name="turned_one"' not in text


def test_units_are_consistent_for_the_other_engine() -> None:
    horizon = every_step(2000.0, 2, 8)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.xmile"
        path.write_text(xmile.write(everything(), horizon), encoding="utf-8")
        assert simlin.load(path).check() == ()


def test_only_what_outcomes_need_is_written() -> None:
    model, horizon = everything(), every_step(2000.0, 2, 8)
    whole = xml(xmile.write(model, horizon))
    part = xml(xmile.write(model, horizon, outcomes=model.outcomes(["by_zone"])))
    names = [
        {e.get("name") for e in root.find(".//x:variables", SPACE) if "group" not in e.tag} for root in (whole, part)
    ]
    assert names[1] <= names[0]
    lookup = textbook("lookup")
    unread = lookup.replaced(idle=parameter(1.0))
    assert 'name="idle"' in xmile.write(unread, horizon)
    shortened = xmile.write(unread, horizon, outcomes=unread.outcomes([]))
    assert 'name="idle"' not in shortened
    assert simulated(shortened).shape[0] == horizon.steps + 1


def test_what_no_file_can_hold_is_an_error() -> None:
    model = textbook("logistic")
    horizon = every_step(0.0, 2, 8)
    with pytest.raises(HeadframeError, match="HF946"):
        xmile.write(model, horizon, model.runs(horizon, 2))
    name = model.system.parameters.names[0]
    with pytest.raises(HeadframeError, match="HF946"):
        xmile.write(model, horizon, model.runs(horizon, parameters={name: np.nan}))
    grown = textbook("cohorts")
    fine = grown.runs(every_step(0.0, 2, 8))
    with pytest.raises(HeadframeError, match="HF945"):
        xmile.write(grown, every_step(0.0, 2, 8, "rk4"), fine)


def test_the_same_model_gives_the_same_bytes() -> None:
    horizon = every_step(2000.0, 3, 8)
    assert xmile.write(everything(), horizon) == xmile.write(Model.of(xmile_cases), horizon)
