"""Feedback loops of a causal graph: which there are, whether they reinforce or balance, and which pass where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, Literal

from headframe.engine.causal.links import CausalGraph

if TYPE_CHECKING:
    import polars as pl

Polarity = Literal["reinforcing", "balancing", "unknown", "inactive"]
LONGEST, MOST = 12, 10_000


@dataclass(frozen=True)
class Loop:
    """A closed chain of links, each variable once, beginning with the first by name.

    It reinforces where an even number of its links is negative and balances where an odd number is; it is `unknown`
    where a link has mixed signs and `inactive` where a link showed no effect. `feedbacks` are those that cut it.
    """

    variables: tuple[str, ...]
    polarity: Polarity
    blocks: tuple[str, ...]
    feedbacks: tuple[str, ...]

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """Its links (source, target)."""
        return tuple(pairwise((*self.variables, self.variables[0])))

    def __str__(self) -> str:
        return " → ".join((*self.variables, self.variables[0]))


@dataclass(frozen=True)
class Loops:
    """Loops found; `complete` is whether these are all loops up to `longest` links, rather than the first `MOST`."""

    loops: tuple[Loop, ...]
    complete: bool
    longest: int | None

    def table(self) -> pl.DataFrame:
        """The loops as a table."""
        import polars as pl

        rows = [
            {
                "loop": str(loop),
                "length": len(loop.variables),
                "polarity": loop.polarity,
                "blocks": ", ".join(loop.blocks),
                "feedbacks": ", ".join(loop.feedbacks),
            }
            for loop in self.loops
        ]
        schema = {"loop": pl.String, "length": pl.Int64, "polarity": pl.String, "blocks": pl.String}
        return pl.DataFrame(rows, schema=schema | {"feedbacks": pl.String})

    def within(self, block: str) -> tuple[Loop, ...]:
        """The loops that never leave a block."""
        return tuple(loop for loop in self.loops if loop.blocks == (block,))


def feedback_loops(graph: CausalGraph, *, longest: int = LONGEST, most: int = MOST) -> Loops:
    """Every loop of at most `longest` links, shortest first; the first `most` found where there are more.

    In a large model their number explodes: `independent_loops` is then the list to read.
    """
    import networkx as nx

    cycles = list(islice(nx.simple_cycles(_network(graph), length_bound=longest), most + 1))
    loops = sorted((_loop(graph, cycle) for cycle in cycles[:most]), key=_order)
    return Loops(tuple(loops), complete=len(cycles) <= most, longest=longest)


def independent_loops(graph: CausalGraph) -> Loops:
    """The shortest loops that together pass every link that lies on a loop.

    For each link the shortest loop through it; of these, shortest first, each that passes a link that none before
    does (the shortest independent loop set of Oliva, System Dynamics Review 20(4), 2004, 313–336). Such a set is
    small, tells the whole feedback structure, and need not be unique.
    """
    import networkx as nx

    network = _network(graph)
    shortest: dict[tuple[str, ...], Loop] = {}
    for component in nx.strongly_connected_components(network):
        inside = network.subgraph(component)
        for source, target in inside.edges:
            loop = _loop(graph, nx.shortest_path(inside, target, source))
            shortest[loop.variables] = loop
    kept, passed = [], set[tuple[str, str]]()
    for loop in sorted(shortest.values(), key=_order):
        if not passed.issuperset(loop.links):
            kept.append(loop)
            passed.update(loop.links)
    return Loops(tuple(kept), complete=True, longest=None)


def components(graph: CausalGraph) -> tuple[tuple[str, ...], ...]:
    """The sets of variables that all influence one another, largest first; single ones without a loop are left out."""
    import networkx as nx

    network = _network(graph)
    found = [
        tuple(sorted(component))
        for component in nx.strongly_connected_components(network)
        if len(component) > 1 or network.has_edge(*(list(component) * 2))
    ]
    return tuple(sorted(found, key=lambda component: (-len(component), component)))


def _network(graph: CausalGraph) -> Any:
    import networkx as nx

    network = nx.DiGraph()
    network.add_nodes_from(sorted(node.name for node in graph.nodes))
    network.add_edges_from(sorted(graph.link))  # sorted, so that what is found first does not depend on hashing
    return network


def _loop(graph: CausalGraph, cycle: Sequence[str]) -> Loop:
    first = cycle.index(min(cycle))
    variables = (*cycle[first:], *cycle[:first])
    links = list(pairwise((*variables, variables[0])))
    block = {node.name: node.block for node in graph.nodes}
    blocks = dict.fromkeys(block[name] for name in variables)
    cut = dict.fromkeys(graph.feedbacks[link] for link in links if link in graph.feedbacks)
    return Loop(variables, _polarity(graph.link[link].sign for link in links), tuple(blocks), tuple(cut))


def _polarity(signs: Iterable[str]) -> Polarity:
    listed = list(signs)
    if "0" in listed:
        return "inactive"
    if "mixed" in listed:
        return "unknown"
    return "balancing" if listed.count("-") % 2 else "reinforcing"


def _order(loop: Loop) -> tuple[int, tuple[str, ...]]:
    return len(loop.variables), loop.variables
