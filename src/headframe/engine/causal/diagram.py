"""The causal-loop diagram as text that drawing programs read: Mermaid (which Markdown viewers draw) and Graphviz."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from headframe.engine.causal.links import CausalGraph, Node, causal_graph
from headframe.engine.runs import Horizon

if TYPE_CHECKING:
    from headframe.engine.model import Model

MERMAID_SHAPES = {"stock": ('["', '"]'), "flow": ('>"', '"]'), "auxiliary": ('("', '")')}
GRAPHVIZ_SHAPES = {"stock": "box", "flow": "cds", "auxiliary": "ellipse"}
SIGNS = {"+": "+", "-": "−", "mixed": "±", "0": "0"}


def causal_diagram(model: Model, horizon: Horizon) -> str:
    """The causal-loop diagram of a model as a fenced Mermaid block for a Markdown file."""
    return f"```mermaid\n{mermaid(causal_graph(model, horizon))}```\n"


def mermaid(graph: CausalGraph) -> str:
    """The diagram as a Mermaid flow chart: stocks as boxes, links with their sign, one frame per block."""
    number = {node.name: f"v{index}" for index, node in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    for index, (block, nodes) in enumerate(_blocks(graph)):
        indent = "    " if block else "  "
        if block:
            lines.append(f'  subgraph b{index}["{_mermaid_text(block)}"]')
        for node in nodes:
            before, after = MERMAID_SHAPES.get(node.kind, ('{{"', '"}}'))
            lines.append(f"{indent}{number[node.name]}{before}{_mermaid_text(node.name)}{after}")
        if block:
            lines.append("  end")
    for link in graph.links:
        arrow = "-.->" if link.yearly else "-->"
        lines.append(f"  {number[link.source]} {arrow}|{SIGNS[link.sign]}| {number[link.target]}")
    return "\n".join(lines) + "\n"


def graphviz(graph: CausalGraph) -> str:
    """The diagram in Graphviz' language: widths by strength, yearly links dashed, one cluster per block."""
    lines = [f"digraph {_quoted(graph.name)} {{", "  rankdir=LR;", "  node [fontname=Helvetica];"]
    for index, (block, nodes) in enumerate(_blocks(graph)):
        lines.append(f"  subgraph cluster_{index} {{ label={_quoted(block)};" if block else "  {")
        lines += [f"    {_quoted(node.name)} [shape={GRAPHVIZ_SHAPES.get(node.kind, 'plain')}];" for node in nodes]
        lines.append("  }")
    for link in graph.links:
        width = 0.5 + 2.5 * min(link.strength, 1.0) if link.strength == link.strength else 0.5
        style = "dashed" if link.yearly else "solid"
        about = f"label={_quoted(SIGNS[link.sign])}, penwidth={width:.2f}, style={style}"
        lines.append(f"  {_quoted(link.source)} -> {_quoted(link.target)} [{about}];")
    return "\n".join([*lines, "}"]) + "\n"


def _blocks(graph: CausalGraph) -> list[tuple[str, list[Node]]]:
    ordered = sorted(graph.nodes, key=lambda node: node.block)
    return [(block, list(nodes)) for block, nodes in groupby(ordered, key=lambda node: node.block)]


def _mermaid_text(text: str) -> str:
    """Inside quotes, Mermaid reads entities of its own."""
    escaped = text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
    return escaped.replace("\n", " ")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
