"""Rows on one horizontal scale: what is known as a mark with its interval, what is not known as hatching."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from headframe.core.results import Figure, Message, Ref
from headframe.core.words import Words
from headframe.show.charts.chart import Chart, ChartCell
from headframe.show.charts.scale import shortened, tick_values, wrapped
from headframe.show.charts.theme import HATCH, frame, token
from headframe.show.linked import bounds, doubtful

SHAPES = {"peer": "stroke", "median": "stroke", "province": "triangle-up", "nation": "square", "past": "diamond"}


@dataclass(frozen=True)
class Beside:
    """Something the row is held against: where it stands on the scale, what kind of thing it is, its figure."""

    at: float
    kind: Literal["peer", "median", "province", "nation", "past"]
    figure: Figure


@dataclass(frozen=True)
class RowItem:
    """One row: its name, where its mark stands (None: not known), its interval, and the figure printed at its end."""

    name: Ref | Message
    at: float | None
    shown: Figure
    span: tuple[float, float] | None = None
    beside: tuple[Beside, ...] = ()
    tone: str = "blue"


@dataclass(frozen=True, kw_only=True)
class RowsChart(Chart):
    """Rows over one scale from `bounds[0]` to `bounds[1]`.

    `lines` are reference points with a name at the top; `ends` name the two ends of a scale that has no unit.
    """

    items: tuple[RowItem, ...]
    bounds: tuple[float, float] = (0.0, 100.0)
    lines: tuple[tuple[float, Message], ...] = ()
    ends: tuple[Message, Message] | None = None
    bars: bool = False

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures drawn, each row's own first."""
        return tuple(
            figure
            for item in self.items
            for figure in (item.shown, *(beside.figure for beside in item.beside))
            if figure.known
        )

    @property
    def columns(self) -> tuple[Message, ...]:
        """Row, figure, interval, and what it is held against."""
        names = ["row", "value", "interval"]
        if any(item.beside for item in self.items):
            names += ["province", "nation", "peers"]
        return tuple(Message(id=f"charts.column.{name}") for name in names)

    @property
    def rows(self) -> tuple[tuple[ChartCell, ...], ...]:
        """One row per item; not known is said, never zero."""
        table: list[tuple[ChartCell, ...]] = []
        compared = any(item.beside for item in self.items)
        for item in self.items:
            span: ChartCell = bounds(item.shown) or ""
            found = {beside.kind: beside.figure for beside in item.beside}
            others = [found.get(kind, "") for kind in ("province", "nation", "median")] if compared else []
            table.append((item.name, item.shown, span, *others))
        return tuple(table)

    def spec(self, words: Words, width: int) -> dict[str, Any]:
        """The chart as a Vega-Lite dict for a picture `width` pixels wide."""
        return _Drawing(self, words, width).spec()


class _Drawing:
    """The layers of one chart of rows at one width in one language."""

    def __init__(self, chart: RowsChart, words: Words, width: int) -> None:
        self.chart, self.words, self.width = chart, words, width
        self.stacked = width <= 400
        self.pitch = 44 if self.stacked else 34
        left = 12 if self.stacked else 240
        right = 16 if self.stacked else 130
        bottom = 22 if chart.ends or not chart.lines else 24
        self.padding = {"left": left, "right": right, "top": 24 if chart.lines else 8, "bottom": bottom}
        self.plot = width - left - right
        self.height = self.pitch * len(chart.items)
        self.low, self.high = chart.bounds

    def spec(self) -> dict[str, Any]:
        outer = frame(self.width, self.height, self.padding, description=self.words.say(self.chart.alt))
        layers = [*self._tracks(), *self._reference(), *self._beside(), *self._spans(), *self._marks(), *self._names()]
        x = {
            "field": "x",
            "type": "quantitative",
            "scale": {"domain": [self.low, self.high], "nice": False, "zero": False},
            "axis": self._axis(),
        }
        y = {
            "field": "y",
            "type": "quantitative",
            "scale": {"domain": [0, self.height], "nice": False, "zero": False, "reverse": True},
            "axis": None,
        }
        return {**outer, "layer": layers, "encoding": {"x": x, "y": y}}

    def _axis(self) -> dict[str, Any]:
        if self.chart.ends:
            first, last = (self.words.say(end) for end in self.chart.ends)
            expression = f"datum.value === {self.low} ? {_quoted(first)} : {_quoted(last)}"
            align = {"condition": {"test": f"datum.value === {self.low}", "value": "left"}, "value": "right"}
            return {"values": [self.low, self.high], "labelExpr": expression, "labelAlign": align, "ticks": False}
        ticks = tick_values(self.low, self.high, (self.high - self.low) / 4)
        return {"values": ticks, "format": ",.4~r"}

    def _middle(self, row: int) -> float:
        return row * self.pitch + (30 if self.stacked else self.pitch / 2)

    def _tracks(self) -> list[dict[str, Any]]:
        known = [
            {"x": self.low, "x2": self.high, "y": self._middle(row)}
            for row, item in enumerate(self.chart.items)
            if item.at is not None
        ]
        unknown = [
            {"x": self.low, "x2": self.high, "y": self._middle(row) - 8, "y2": self._middle(row) + 8}
            for row, item in enumerate(self.chart.items)
            if item.at is None
        ]
        layers: list[dict[str, Any]] = []
        if known:
            mark = {"type": "rule", "stroke": token("rule"), "strokeWidth": 1}
            layers.append({"data": {"values": known}, "mark": mark, "encoding": {"x2": {"field": "x2"}}})
        if unknown:
            mark = {"type": "rect", "fill": HATCH, "stroke": token("rule")}
            both = {"x2": {"field": "x2"}, "y2": {"field": "y2"}}
            layers.append({"data": {"values": unknown}, "mark": mark, "encoding": both})
        return layers

    def _reference(self) -> list[dict[str, Any]]:
        if not self.chart.lines:
            return []
        rows = [{"x": at, "y": 0, "y2": self.height, "label": self.words.say(name)} for at, name in self.chart.lines]
        rule = {"type": "rule", "stroke": token("grey"), "strokeDash": [4, 3]}
        text = {"type": "text", "baseline": "bottom", "dy": -5, "fill": token("soft")}
        data = {"data": {"values": rows}}
        return [
            {**data, "mark": rule, "encoding": {"y2": {"field": "y2"}}},
            {**data, "mark": text, "encoding": {"text": {"field": "label"}}},
        ]

    def _tip(self, item: RowItem, figure: Figure, kind: str = "") -> str:
        say = self.words.say
        name = self._name(item)
        if kind:
            return say(f"charts.tip-{kind}", name=name, figure=figure, place=Ref(kind="place", id=figure.place))
        return say("charts.tip-row", name=name, figure=figure)

    def _beside(self) -> list[dict[str, Any]]:
        layers: list[dict[str, Any]] = []
        for kind, shape in SHAPES.items():
            values = [
                {"x": beside.at, "y": self._middle(row), "tip": self._tip(item, beside.figure, kind)}
                for row, item in enumerate(self.chart.items)
                for beside in item.beside
                if beside.kind == kind
            ]
            if not values:
                continue
            thin = kind == "peer"
            mark: dict[str, Any] = {"type": "tick", "orient": "vertical", "thickness": 1.5 if thin else 3}
            mark |= {"size": 12 if thin else 20, "fill": token("grey" if thin else "soft"), "opacity": 1}
            if shape != "stroke":
                mark = {"type": "point", "shape": shape, "size": 60, "filled": False, "opacity": 1}
                mark |= {"fill": token("paper"), "stroke": token("soft"), "strokeWidth": 1.5}
            tip = {"tooltip": {"field": "tip"}}
            layers.append({"data": {"values": values}, "mark": mark, "encoding": tip})
        return layers

    def _spans(self) -> list[dict[str, Any]]:
        layers: list[dict[str, Any]] = []
        for tone in sorted({item.tone for item in self.chart.items}):
            rows = [
                {"x": item.span[0], "x2": item.span[1], "y": self._middle(row)}
                for row, item in enumerate(self.chart.items)
                if item.span is not None and item.tone == tone
            ]
            if rows:
                mark = {"type": "rule", "stroke": token(tone), "strokeWidth": 9, "opacity": 0.3}
                layers.append({"data": {"values": rows}, "mark": mark, "encoding": {"x2": {"field": "x2"}}})
        return layers

    def _marks(self) -> list[dict[str, Any]]:
        layers: list[dict[str, Any]] = []
        kinds = sorted({(item.tone, doubtful(item.shown)) for item in self.chart.items if item.at is not None})
        for tone, hollow in kinds:
            rows = [
                {"x": item.at, "y": self._middle(row), "zero": self.low, "tip": self._tip(item, item.shown)}
                for row, item in enumerate(self.chart.items)
                if item.at is not None and (item.tone, doubtful(item.shown)) == (tone, hollow)
            ]
            data = {"data": {"values": rows}}
            tip = {"tooltip": {"field": "tip"}}
            if self.chart.bars:
                bar = {"type": "rule", "stroke": token(tone), "strokeWidth": 9}
                layers.append({**data, "mark": bar, "encoding": {"x2": {"field": "zero"}, **tip}})
                continue
            mark = {"type": "point", "shape": "circle", "size": 90, "filled": False, "opacity": 1}
            mark |= {"fill": token("paper") if hollow else token(tone), "stroke": token(tone), "strokeWidth": 2}
            layers.append({**data, "mark": mark, "encoding": tip})
        return layers

    def _name(self, item: RowItem) -> str:
        name = item.name
        return self.words.name(name.kind, name.id) if isinstance(name, Ref) else self.words.say(name)

    def _names(self) -> list[dict[str, Any]]:
        values = [self.words.figure(item.shown) for item in self.chart.items]
        names = [self._name(item) for item in self.chart.items]
        if self.stacked:
            rows: list[dict[str, Any]] = [
                {"y": row * self.pitch + 11, "name": shortened(name, self.width * 0.62), "value": shortened(value, 120)}
                for row, (name, value) in enumerate(zip(names, values, strict=True))
            ]
            left, right = {"value": 0}, {"value": self.plot}
        else:
            rows = [
                {"y": self._middle(row), "name": wrapped(name, 228), "value": wrapped(value, 118)}
                for row, (name, value) in enumerate(zip(names, values, strict=True))
            ]
            left, right = {"value": -10}, {"value": self.plot + 10}
        name_mark = {"type": "text", "align": "left" if self.stacked else "right", "baseline": "middle"}
        value_mark = {"type": "text", "align": "right" if self.stacked else "left", "baseline": "middle"}
        value_mark["fill"] = token("soft")
        layers: list[dict[str, Any]] = []
        for field, mark, x in (("name", name_mark, left), ("value", value_mark, right)):
            for lines in (1, 2):
                found = [row for row in rows if _lines(row[field]) == lines]
                if found:
                    shifted = {**mark, "lineHeight": 14, "dy": -7 * (lines - 1)}
                    encoding = {"x": x, "text": {"field": field}}
                    layers.append({"data": {"values": found}, "mark": shifted, "encoding": encoding})
        return layers


def _lines(text: str | list[str]) -> int:
    return len(text) if isinstance(text, list) else 1


def _quoted(text: str) -> str:
    """A text as a literal of the chart's expression language."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", " ")
    return f"'{escaped}'"
