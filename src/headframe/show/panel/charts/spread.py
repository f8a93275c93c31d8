"""The spread of scores over the years: nested bands around the median, and the medians of groups of places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headframe.core.results import Figure, Message
from headframe.core.words import Words
from headframe.show.charts.chart import Chart, ChartCell
from headframe.show.charts.scale import spread_labels, text_width
from headframe.show.charts.theme import frame, token
from headframe.show.panel.charts.legend import legend


@dataclass(frozen=True)
class Quantiles:
    """The spread of places in one year: 5, 25, 50, 75 and 95 per cent, and how many places it is of."""

    year: int
    levels: tuple[float, float, float, float, float]
    places: int


@dataclass(frozen=True)
class Line:
    """The median of a group of places by year."""

    name: Message
    tone: str
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True, kw_only=True)
class SpreadChart(Chart):
    """Bands of 5–95 and 25–75 per cent of places over years; years without a score are gaps under dashed lines."""

    quantiles: tuple[Quantiles, ...]
    lines: tuple[Line, ...] = ()
    height: int = 260

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The medians drawn."""
        return tuple(_plain(item.levels[2], str(item.year)) for item in self.quantiles)

    @property
    def columns(self) -> tuple[Message, ...]:
        """Year, places, and the five quantiles."""
        names = ("year", "places", "q05", "q25", "q50", "q75", "q95")
        return tuple(Message(id=f"panel.column.{name}") for name in names)

    @property
    def rows(self) -> tuple[tuple[ChartCell, ...], ...]:
        """One row per year."""
        return tuple(
            (str(item.year), str(item.places), *(_plain(level, str(item.year)) for level in item.levels))
            for item in self.quantiles
        )

    def spec(self, words: Words, width: int) -> dict[str, Any]:
        """The chart as a Vega-Lite dict for a picture `width` pixels wide."""
        small = self.size == "half"
        height = 130 if small else self.height if width > 400 else 220
        named = [(line, words.say(line.name)) for line in self.lines if line.points]
        beside = width > 400 and not small  # names stand beside their lines where there is room, else above
        right = 16 + int(max((text_width(name) for _, name in named), default=20)) if beside else 16
        top = 10 if beside or small or not named else 52
        padding = {"left": 34, "right": right, "top": top, "bottom": 24}
        outer = frame(width, height, padding, description=words.say(self.alt))
        years = [item.year for item in self.quantiles]
        first, last = min(years) - 0.4, max(years) + 0.4
        room = max(2, (width - 34 - right) // 42)
        ticks = years[:: max(1, -(-len(years) // room))]
        x = {
            "field": "t",
            "type": "quantitative",
            "scale": {"domain": [first, last], "nice": False, "zero": False},
            "axis": {"values": ticks, "format": "d"},
        }
        y = {
            "field": "y",
            "type": "quantitative",
            "scale": {"domain": [0, 100], "nice": False},
            "axis": {"values": [0, 25, 50, 75, 100]},
        }
        layers = [*self._bands(), *self._bars(words), *self._lines()]
        if beside:
            layers += self._names(named, height)
        elif not small:
            layers += legend([(line.tone, name) for line, name in named], width - 50)
        return {**outer, "layer": layers, "encoding": {"x": x, "y": y}}

    def _bands(self) -> list[dict[str, Any]]:
        """The two bands, drawn pale between the years and as bars at them."""
        layers: list[dict[str, Any]] = []
        for low, high, opacity in ((0, 4, 0.12), (1, 3, 0.16)):
            rows = [{"t": item.year, "y": item.levels[low], "y2": item.levels[high]} for item in self.quantiles]
            mark = {"type": "area", "fill": token("blue"), "opacity": opacity}
            layers.append({"data": {"values": rows}, "mark": mark, "encoding": {"y2": {"field": "y2"}}})
        return layers

    def _bars(self, words: Words) -> list[dict[str, Any]]:
        layers: list[dict[str, Any]] = []
        for low, high, size in ((0, 4, 2), (1, 3, 7)):
            rows = [{"t": item.year, "y": item.levels[low], "y2": item.levels[high]} for item in self.quantiles]
            mark = {"type": "rule", "stroke": token("blue"), "strokeWidth": size, "opacity": 0.55}
            layers.append({"data": {"values": rows}, "mark": mark, "encoding": {"y2": {"field": "y2"}}})
        medians: list[dict[str, Any]] = [
            {
                "t": item.year,
                "y": item.levels[2],
                "tip": words.say("panel.tip.spread", year=str(item.year), value=item.levels[2]),
            }
            for item in self.quantiles
        ]
        point = {"type": "point", "shape": "circle", "size": 70, "filled": False, "opacity": 1}
        point |= {"fill": token("blue"), "stroke": token("paper"), "strokeWidth": 1.5}
        layers.append({"data": {"values": medians}, "mark": point, "encoding": {"tooltip": {"field": "tip"}}})
        return layers

    def _lines(self) -> list[dict[str, Any]]:
        layers: list[dict[str, Any]] = []
        for line in self.lines:
            rows = [{"t": year, "y": value} for year, value in line.points]
            if not rows:
                continue
            drawn = {"type": "line", "stroke": token(line.tone), "strokeWidth": 2, "strokeDash": [5, 3]}
            dot = {
                "type": "point",
                "shape": "circle",
                "size": 40,
                "filled": True,
                "opacity": 1,
                "fill": token(line.tone),
            }
            layers += [{"data": {"values": rows}, "mark": drawn}, {"data": {"values": rows}, "mark": dot}]
        return layers

    def _names(self, named: list[tuple[Line, str]], height: int) -> list[dict[str, Any]]:
        """The names of the lines at their right ends, moved apart where they would touch."""
        wanted = [height * (1 - line.points[-1][1] / 100) for line, _ in named]
        placed = spread_labels(wanted, 16, 8, height - 4)
        return [
            {
                "data": {"values": [{"t": line.points[-1][0], "y": 100 * (1 - at / height), "name": name}]},
                "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 12, "fill": token(line.tone)},
                "encoding": {"text": {"field": "name"}},
            }
            for (line, name), at in zip(named, placed, strict=True)
        ]


def _plain(value: float, period: str) -> Figure:
    return Figure(value=round(value, 1), unit="1", period=period, method="derived")
