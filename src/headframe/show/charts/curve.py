"""A sensitivity curve: how the share of places listed depends on the threshold, inside a group and elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headframe.core.results import Figure, Message, Ref
from headframe.core.words import Words
from headframe.show.charts.chart import Chart, ChartCell
from headframe.show.charts.scale import round_domain, spread_labels, tick_values, wrapped
from headframe.show.charts.theme import frame, token

TONES = ("vermilion", "grey")
RIGHT, LINE = 96, 14


@dataclass(frozen=True, kw_only=True)
class CurveChart(Chart):
    """Two shares (0 to 1) over a threshold: `points` are (threshold, inside, elsewhere), `chosen` the one that held."""

    names: tuple[Ref | Message, Ref | Message]
    points: tuple[tuple[float, float, float], ...]
    chosen: float

    @property
    def figures(self) -> tuple[Figure, ...]:
        """No figure here is an observation's; the table tells the points."""
        return ()

    @property
    def columns(self) -> tuple[Message, ...]:
        """Threshold, share inside, share elsewhere."""
        head = Message(id="integrity.curve.threshold")
        values: list[dict[str, Any]] = [{"name": name} for name in self.names]
        named = (Message.model_construct(id="integrity.curve.share", values=one) for one in values)
        return (head, *named)

    @property
    def rows(self) -> tuple[tuple[ChartCell, ...], ...]:
        """One row per point."""
        return tuple((_number(at), _share(inside), _share(outside)) for at, inside, outside in self.points)

    def spec(self, words: Words, width: int) -> dict[str, Any]:
        """The chart as a Vega-Lite dict for a picture `width` pixels wide."""
        thresholds = [point[0] for point in self.points] or [0.0, 1.0]
        low, high, step = round_domain(thresholds, ticks=4 if width <= 400 else 8)
        height = 180 if width <= 400 else 240
        outer = frame(
            width, height, {"left": 40, "right": RIGHT, "top": 20, "bottom": 26}, description=words.say(self.alt)
        )
        plain = {"type": "quantitative"}
        x = {
            "field": "t",
            **plain,
            "scale": {"domain": [low, high], "nice": False},
            "axis": {"values": tick_values(low, high, step)},
        }
        y_axis = {"values": [0, 25, 50, 75, 100], "labelExpr": "datum.value + '%'"}
        y = {"field": "y", **plain, "scale": {"domain": [0, 100], "nice": False}, "axis": y_axis}
        layers = [*self._chosen(words, height), *self._lines(), *self._labels(words, high, height)]
        return {**outer, "layer": layers, "encoding": {"x": x, "y": y}}

    def _lines(self) -> list[dict[str, Any]]:
        layers = []
        for number, tone in reversed(list(enumerate(TONES))):
            rows = [{"t": point[0], "y": 100 * point[1 + number]} for point in self.points]
            mark = {"type": "line", "stroke": token(tone), "strokeWidth": 2}
            layers.append({"data": {"values": rows}, "mark": mark})
        return layers

    def _chosen(self, words: Words, height: int) -> list[dict[str, Any]]:
        rule = {"type": "rule", "stroke": token("grey"), "strokeDash": [5, 3]}
        label = {"type": "text", "align": "left", "dx": 4, "baseline": "bottom", "fill": token("soft")}
        said = [{"t": self.chosen, "label": words.say("integrity.curve.chosen", at=self.chosen)}]
        whole = {"y": {"value": 0}, "y2": {"value": height}}
        return [
            {"data": {"values": [{"t": self.chosen}]}, "mark": rule, "encoding": whole},
            {"data": {"values": said}, "mark": label, "encoding": {"text": {"field": "label"}, "y": {"value": -3}}},
        ]

    def _labels(self, words: Words, at: float, height: int) -> list[dict[str, Any]]:
        if not self.points:
            return []
        wanted = [100 * value for value in self.points[-1][1:]]
        placed = spread_labels(wanted, 100 * 32 / height, 4, 96)
        layers = []
        for name, y, tone in zip(self.names, placed, TONES, strict=True):
            said = words.name(name.kind, name.id) if isinstance(name, Ref) else words.say(name)
            lines = wrapped(said, RIGHT - LINE)
            mark = {
                "type": "text",
                "align": "left",
                "baseline": "middle",
                "dx": 7,
                "lineHeight": LINE,
                "fill": token("ink"),
            }
            mark |= {"dy": -LINE / 2 * (len(lines) - 1)}
            rows = [{"t": at, "y": y, "label": lines}]
            dot = {
                "type": "point",
                "shape": "square",
                "size": 30,
                "dx": 2,
                "fill": token(tone),
                "stroke": None,
                "opacity": 1,
            }
            layers += [
                {"data": {"values": rows}, "mark": mark, "encoding": {"text": {"field": "label"}}},
                {"data": {"values": [{"t": at, "y": y}]}, "mark": dot},
            ]
        return layers


def _number(value: float) -> Message:
    return Message(id="charts.number", values={"value": value})


def _share(value: float) -> Figure:
    return Figure(value=round(100 * value, 1), unit="%", method="derived")
