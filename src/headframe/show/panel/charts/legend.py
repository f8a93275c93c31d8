"""The names of colours above a chart, in as many lines as they need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from headframe.show.charts.scale import text_width
from headframe.show.charts.theme import token

LINE, GAP = 17, 30  # pixels between lines, and taken by a mark with the spaces around it


def legend(entries: Sequence[tuple[str, str]], room: float, *, shape: str = "square") -> list[dict[str, Any]]:
    """Layers with a mark and a name for each colour token, in lines of `room` pixels; the last line is nearest."""
    lines: list[list[tuple[float, str, str]]] = [[]]
    left = 0.0
    for tone, name in entries:
        taken = text_width(name) + GAP
        if lines[-1] and left + taken > room:
            lines.append([])
            left = 0.0
        lines[-1].append((left, tone, name))
        left += taken
    layers: list[dict[str, Any]] = []
    for number, line in enumerate(lines):
        at = {"y": {"value": -14 - LINE * (len(lines) - 1 - number)}}
        for start, tone, name in line:
            mark = {"type": "point", "shape": shape, "size": 64, "filled": True, "opacity": 1, "fill": token(tone)}
            layers.append({"data": {"values": [{}]}, "mark": mark, "encoding": {"x": {"value": start + 5}, **at}})
            told = {"type": "text", "align": "left", "baseline": "middle", "fill": token("soft")}
            shown = {"x": {"value": start + 14}, **at, "text": {"value": name}}
            layers.append({"data": {"values": [{}]}, "mark": told, "encoding": shown})
    return layers
