"""The causal graph: signs found by evaluation, loops known from textbooks, diagrams that cannot be broken into."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from headframe.engine import Horizon, Model, auxiliary, feedback, flow, parameter, smooth, stock, yearly
from headframe.engine.causal.diagram import graphviz, mermaid
from headframe.engine.causal.links import CausalGraph, Link, Node, causal_graph
from headframe.engine.causal.loops import components, feedback_loops, independent_loops
from tests.engine.models import epidemic, hazards, logistic, medium, predators

HORIZON = Horizon(0.0, 10.0, 8, 8)


def loops_of(model: Model) -> dict[frozenset[str], str]:
    found = feedback_loops(causal_graph(model, HORIZON))
    assert found.complete
    return {frozenset(loop.variables): loop.polarity for loop in found.loops}


def test_predators_and_prey_have_their_textbook_loops() -> None:
    assert (
        loops_of(Model.of(predators))
        == {
            frozenset({"prey", "prey_births"}): "reinforcing",
            frozenset({"prey", "prey_eaten"}): "balancing",
            frozenset({"predators", "predator_deaths"}): "balancing",
            frozenset({"predators", "prey_eaten", "predator_births"}): "reinforcing",
            frozenset({"prey", "prey_eaten", "predators", "predator_births"} - {"prey"}): "reinforcing",
        }
        | {}
    )


def test_an_epidemic_grows_by_infection_and_ends_by_lack_of_the_susceptible() -> None:
    found = loops_of(Model.of(epidemic))
    assert found[frozenset({"infectious", "infectious_share", "infections"})] == "reinforcing"
    assert found[frozenset({"susceptible", "infections"})] == "balancing"
    assert found[frozenset({"infectious", "recoveries"})] == "balancing"
    assert len(found) == 3


def test_growth_to_a_limit_is_one_loop_whose_sign_turns() -> None:
    graph = causal_graph(Model.of(logistic), HORIZON, given=True)
    signs = {(link.source, link.target): link.sign for link in graph.links}
    assert "mixed" in signs.values() or "-" in signs.values(), "growth must be held back"


def test_exits_take_away_and_a_smaller_stock_loses_less() -> None:
    graph = causal_graph(Model.of(hazards), HORIZON, given=True, draws=1)
    sign = {(link.source, link.target): link.sign for link in graph.links}
    for exit_flow in ("deaths", "departures", "retirements"):
        assert sign[exit_flow, "members"] == "-"
        assert sign["members", exit_flow] == "+"
    assert sign["death_hazard", "deaths"] == "+"
    # A competing hazard leaves fewer people to die.
    assert sign["leaving_hazard", "deaths"] == "-"


@stock(unit="1", initial=0.0)
def level(closing: Any) -> Any:
    return closing


@flow(unit="1/year")
def closing(goal: Any, seen: Any, pace: Any) -> Any:
    return (goal - seen) * pace


@auxiliary()
def turning(level: Any, goal: Any) -> Any:
    return (level - 0.5 * goal) ** 2


@auxiliary()
def idle(level: Any) -> Any:
    return 0.0 * level


SEEKING = Model(
    "seeking",
    [level, closing, turning, idle, feedback("seeking", [("seen", "closing")])],
    goal=parameter(10.0, low=5.0, high=20.0),
    pace=parameter(0.8, unit="1/year"),
    lag=parameter(1.0, unit="year"),
    seen=smooth("level", time="lag"),
)


def test_a_delayed_goal_is_sought_by_balancing_loops_that_a_feedback_cuts() -> None:
    graph = causal_graph(SEEKING, HORIZON)
    loops = {frozenset(loop.variables): loop for loop in feedback_loops(graph).loops}
    assert set(loops) == {frozenset({"seen"}), frozenset({"level", "seen", "closing"})}
    assert all(loop.polarity == "balancing" for loop in loops.values())
    assert loops[frozenset({"level", "seen", "closing"})].feedbacks == ("seeking",)
    assert loops[frozenset({"seen"})].feedbacks == ()


def test_signs_that_turn_are_mixed_and_links_without_effect_say_so() -> None:
    link = causal_graph(SEEKING, Horizon(0.0, 10.0, 8, 8), times=11).link
    assert link["level", "turning"].sign == "mixed"
    assert 0.5 <= link["level", "turning"].share < 1.0
    assert link["level", "idle"].sign == "0"
    assert np.isnan(link["level", "idle"].share)


def test_strength_is_the_elasticity_of_a_proportional_link() -> None:
    graph = causal_graph(Model.of(predators), Horizon(0.0, 0.125, 8, 1), draws=1, times=2)
    assert graph.link["prey", "prey_births"].strength == pytest.approx(1.0, rel=0.1)


def test_a_yearly_update_is_a_link_of_its_own() -> None:
    @yearly("level")
    def halved(level: Any, keep: Any) -> Any:
        return keep * level

    model = SEEKING.replaced(halved, keep=parameter(0.5))
    graph = causal_graph(model, HORIZON, given=True)
    (link,) = [link for link in graph.links if link.yearly and link.source == "level"]
    assert (link.target, link.sign) == ("level", "-")
    assert graph.link["keep", "level"].sign == "+"
    assert "-.->" in mermaid(graph)


def test_the_same_seed_gives_the_same_graph() -> None:
    model = Model.of(predators)
    assert causal_graph(model, HORIZON, seed=3) == causal_graph(model, HORIZON, seed=3)


def dense(nodes: int, degree: int) -> CausalGraph:
    random = np.random.default_rng(0)
    names = [f"v{index}" for index in range(nodes)]
    pairs = {(a, names[b]) for a in names for b in random.choice(nodes, degree, replace=False)}
    links = tuple(Link(a, b, "+", 1.0, 1.0, 1) for a, b in sorted(pairs))
    return CausalGraph("dense", tuple(Node(name, "auxiliary", "", generated=False) for name in names), links, {})


def test_a_large_graph_is_answered_in_bounded_time_and_says_what_is_missing() -> None:
    graph = dense(300, 12)
    began = time.monotonic()
    found = feedback_loops(graph)
    small = independent_loops(graph)
    assert time.monotonic() - began < 60
    assert not found.complete
    assert len(found.loops) == 10_000
    assert {link for loop in small.loops for link in loop.links} == {link for c in [graph.links] for link in passed(c)}


def passed(links: tuple[Link, ...]) -> list[tuple[str, str]]:
    """In a graph this dense every link lies on a loop."""
    return [(link.source, link.target) for link in links]


def test_independent_loops_are_shortest_first_and_each_passes_something_new() -> None:
    graph = dense(30, 3)
    seen: set[tuple[str, str]] = set()
    lengths = []
    for loop in independent_loops(graph).loops:
        assert not seen.issuperset(loop.links)
        seen.update(loop.links)
        lengths.append(len(loop.variables))
    assert all(one <= other for one, other in pairwise(lengths))


def test_components_hold_what_influences_one_another() -> None:
    assert components(causal_graph(SEEKING, HORIZON)) == (("closing", "level", "seen"),)


def test_the_medium_model_has_blocks_loops_and_a_diagram() -> None:
    graph = causal_graph(medium.medium(), medium.HORIZON, draws=2, times=3)
    found = independent_loops(graph)
    assert found.loops
    assert any(len(loop.blocks) > 1 for loop in found.loops)
    assert any(loop.feedbacks for loop in found.loops)
    assert {loop.polarity for loop in found.loops} >= {"reinforcing", "balancing"}
    drawn = mermaid(graph)
    assert drawn.count("subgraph") == len({node.block for node in graph.nodes})
    assert graph.table().height == len(graph.links)
    assert found.table().height == len(found.loops)


def test_names_cannot_break_out_of_a_diagram() -> None:
    node = Node('a"]; click v0 "javascript:x" <b>#', "stock", 'block"\n<script>', generated=False)
    graph = CausalGraph('g"{', (node,), (Link(node.name, node.name, "+", 1.0, 1.0, 1),), {})
    assert '"javascript' not in mermaid(graph)
    assert "<" not in mermaid(graph).replace("-->", "")
    assert '\\"' in graphviz(graph)
