"""A matrix of shares or counts: rows by columns, the darker the more; what cannot be is hatched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headframe.core.results import Figure, Message, Ref
from headframe.core.words import Words
from headframe.show.charts.chart import Chart, ChartCell
from headframe.show.charts.scale import shortened, text_width
from headframe.show.charts.theme import HATCH, frame, token

Name = Ref | Message | str
FEW = 8  # columns up to which names may take more room
LEGIBLE = 24  # pixels of a cell from which its number is printed


@dataclass(frozen=True, kw_only=True)
class MatrixChart(Chart):
    """`cells[row][column]`: a number between 0 and `most`, or None. `percent`: shares, printed with their sign."""

    row_names: tuple[Name, ...]
    column_names: tuple[Name, ...]
    cells: tuple[tuple[float | None, ...], ...]
    most: float = 100.0
    percent: bool = True
    corner: Message

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The numbers drawn."""
        return tuple(self._figure(value) for row in self.cells for value in row if value is not None)

    @property
    def columns(self) -> tuple[Message, ...]:
        """Row, then each column."""
        return (self.corner, *(_message(name) for name in self.column_names))

    @property
    def rows(self) -> tuple[tuple[ChartCell, ...], ...]:
        """One row per row."""
        return tuple(
            (name, *("" if value is None else self._figure(value) for value in row))
            for name, row in zip(self.row_names, self.cells, strict=True)
        )

    def _figure(self, value: float) -> Figure:
        return Figure(value=round(value), unit="%" if self.percent else "1", method="derived")

    def spec(self, words: Words, width: int) -> dict[str, Any]:
        """The chart as a Vega-Lite dict for a picture `width` pixels wide."""
        narrow = width <= 400
        rows = [_text(words, name) for name in self.row_names]
        heads = [_text(words, name) for name in self.column_names]
        left = int(
            min(max(text_width(name, 11) for name in rows) + 10, (104 if len(heads) > FEW else 170) if narrow else 230)
        )
        cell = min(46.0, (width - left - 10) / max(len(heads), 1))
        height = max(14, min(24, cell)) if narrow else max(18, min(26, cell))
        upright = max(text_width(name, 11) for name in heads) > cell - 8
        most = 96 if narrow and len(heads) > FEW else 160
        top = int(min(max(text_width(name, 11) for name in heads), most) + 12) if upright else 24
        padding = {"left": left, "right": int(width - left - cell * len(heads)), "top": top, "bottom": 4}
        outer = frame(width, round(height * len(rows)), padding, description=words.say(self.alt))
        x = _scale("x", cell * len(heads))
        y = _scale("y", height * len(rows))
        shown = [shortened(name, left - 8, 11) for name in rows]
        layers = [*self._cells(words, cell, height, rows, heads), *self._numbers(cell, height)]
        layers.append(_labels(shown, "right", [(-6.0, height * (n + 0.5)) for n in range(len(rows))], 0))
        spots = [(cell * (n + 0.5), -8.0) for n in range(len(heads))]
        cut = [shortened(name, most, 11) for name in heads]
        layers.append(_labels(cut, "left" if upright else "center", spots, -90 if upright else 0))
        return {**outer, "layer": layers, "encoding": {"x": x, "y": y}}

    def _cells(
        self, words: Words, cell: float, height: float, rows: list[str], heads: list[str]
    ) -> list[dict[str, Any]]:
        known, unknown = [], []
        for at, row in enumerate(self.cells):
            for place, value in enumerate(row):
                box = {"x": cell * place, "x2": cell * (place + 1) - 1, "y": height * at, "y2": height * (at + 1) - 1}
                if value is None:
                    unknown.append(box)
                    continue
                shown = words.figure(self._figure(value))
                tip = words.say("panel.tip.cell", row=rows[at], column=heads[place], value=shown)
                known.append({**box, "share": 0.06 + 0.94 * min(1.0, value / self.most) if value else 0.0, "tip": tip})
        both = {"x2": {"field": "x2"}, "y2": {"field": "y2"}}
        layers: list[dict[str, Any]] = []
        if known:
            shade = {"field": "share", "type": "quantitative", "scale": {"domain": [0, 1], "range": [0, 0.85]}}
            mark = {"type": "rect", "fill": token("blue"), "stroke": token("rule"), "strokeWidth": 0.5}
            coded = {**both, "fillOpacity": shade, "tooltip": {"field": "tip"}}
            layers.append({"data": {"values": known}, "mark": mark, "encoding": coded})
        if unknown:
            hatched = {"type": "rect", "fill": HATCH, "stroke": token("rule"), "strokeWidth": 0.5}
            layers.append({"data": {"values": unknown}, "mark": hatched, "encoding": both})
        return layers

    def _numbers(self, cell: float, height: float) -> list[dict[str, Any]]:
        if cell < LEGIBLE:
            return []
        layers: list[dict[str, Any]] = []
        for dark in (False, True):
            found = [
                {"x": cell * (place + 0.5), "y": height * (at + 0.5), "text": f"{round(value)}"}
                for at, row in enumerate(self.cells)
                for place, value in enumerate(row)
                if value and (value / self.most > 0.55) == dark
            ]
            if found:
                mark = {"type": "text", "baseline": "middle", "align": "center", "fontSize": 11}
                mark["fill"] = token("paper" if dark else "ink")
                layers.append({"data": {"values": found}, "mark": mark, "encoding": {"text": {"field": "text"}}})
        return layers


def _scale(name: str, size: float) -> dict[str, Any]:
    scale = {"domain": [0, size], "nice": False, "zero": False}
    return {
        "field": name,
        "type": "quantitative",
        "scale": {**scale, "reverse": True} if name == "y" else scale,
        "axis": None,
    }


def _labels(names: list[str], align: str, spots: list[tuple[float, float]], angle: int) -> dict[str, Any]:
    rows = [{"x": x, "y": y, "name": name} for name, (x, y) in zip(names, spots, strict=True)]
    mark = {"type": "text", "align": align, "baseline": "middle", "fontSize": 11, "angle": angle, "clip": False}
    return {"data": {"values": rows}, "mark": mark, "encoding": {"text": {"field": "name"}}}


def _text(words: Words, name: Name) -> str:
    match name:
        case str():
            return name
        case Ref():
            return words.name(name.kind, name.id)
        case _:
            return words.say(name)


def _message(name: Name) -> Message:
    return name if isinstance(name, Message) else Message(id="panel.text", values={"text": name})
