"""The caterpillar of ranks: every place a bar from its best to its worst likely rank, in order of the middle one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headframe.core.results import Figure, Message, Ref
from headframe.core.words import Words
from headframe.measure.panel.results import Ranged
from headframe.show.charts.chart import Chart, ChartCell
from headframe.show.charts.scale import round_domain, tick_values
from headframe.show.charts.theme import frame, token
from headframe.show.panel.charts.legend import legend


@dataclass(frozen=True)
class Bar:
    """One place: its name, rank with interval, and the colour token of its group."""

    name: Ref
    rank: Ranged
    tone: str

    @property
    def figure(self) -> Figure:
        """The middle rank as a whole number."""
        return Figure(value=self.rank.value, method="derived")

    @property
    def span(self) -> str:
        """The interval in whole numbers."""
        return f"{self.rank.low or 0:.0f}–{self.rank.high or 0:.0f}"


@dataclass(frozen=True, kw_only=True)
class CaterpillarChart(Chart):
    """Rank intervals of all places from the best on the left to the last on the right; rank 1 is at the top."""

    bars: tuple[Bar, ...]
    tones: tuple[tuple[str, Message], ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The ranks drawn."""
        return tuple(bar.figure for bar in self.bars)

    @property
    def columns(self) -> tuple[Message, ...]:
        """Place, rank, interval."""
        return tuple(Message(id=f"panel.column.{name}") for name in ("place", "rank", "interval"))

    @property
    def rows(self) -> tuple[tuple[ChartCell, ...], ...]:
        """One row per place."""
        return tuple((bar.name, bar.figure, bar.span) for bar in self.bars)

    def spec(self, words: Words, width: int) -> dict[str, Any]:
        """The chart as a Vega-Lite dict for a picture `width` pixels wide."""
        height = 300 if width > 400 else 240
        count = len(self.bars)
        _, top, step = round_domain([0.0, float(count)], ticks=4)
        padding = {"left": 40, "right": 12, "top": 52 if width <= 400 else 34, "bottom": 12}
        outer = frame(width, height, padding, description=words.say(self.alt))
        plot = width - padding["left"] - padding["right"]
        x = {
            "field": "x",
            "type": "quantitative",
            "scale": {"domain": [0, count + 1], "nice": False, "zero": False},
            "axis": None,
        }
        ticks = [1.0, *(tick for tick in tick_values(0.0, top, step) if 0 < tick <= count)]
        y = {
            "field": "y",
            "type": "quantitative",
            "scale": {"domain": [0, count + 1], "nice": False, "zero": False, "reverse": True},
            "axis": {"values": ticks, "format": "d"},
        }
        thick = max(0.8, min(7.0, 0.72 * plot / max(count, 1)))
        layers = [*self._legend(words, width), *self._bars(words, thick)]
        return {**outer, "layer": layers, "encoding": {"x": x, "y": y}}

    def _bars(self, words: Words, thick: float) -> list[dict[str, Any]]:
        layers: list[dict[str, Any]] = []
        for tone, _ in self.tones:
            rows = [
                {
                    "x": number,
                    "y": bar.rank.low,
                    "y2": bar.rank.high,
                    "middle": bar.rank.value,
                    "tip": words.say("panel.tip.rank", place=bar.name, rank=bar.figure, span=bar.span),
                }
                for number, bar in enumerate(self.bars, start=1)
                if bar.tone == tone
            ]
            if not rows:
                continue
            data, tip = {"data": {"values": rows}}, {"tooltip": {"field": "tip"}}
            span = {"type": "rule", "stroke": token(tone), "strokeWidth": thick, "opacity": 0.5}
            layers.append({**data, "mark": span, "encoding": {"y2": {"field": "y2"}, **tip}})
            dot = {"type": "point", "shape": "circle", "size": max(4.0, 3 * thick**2), "filled": True, "opacity": 1}
            dot["fill"] = token(tone)
            layers.append({**data, "mark": dot, "encoding": {"y": {"field": "middle", "type": "quantitative"}, **tip}})
        return layers

    def _legend(self, words: Words, width: int) -> list[dict[str, Any]]:
        held = [(tone, name) for tone, name in self.tones if any(bar.tone == tone for bar in self.bars)]
        return legend([(tone, words.say(name)) for tone, name in held], width - 50)
