"""Time charts: lines through what was observed, with doubt drawn on them and dated events behind them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from headframe.core.results import Figure, Message, Ref
from headframe.core.words import Words, significant_digits
from headframe.show.charts.chart import Chart, ChartCell
from headframe.show.charts.scale import (
    Reading,
    reading,
    round_domain,
    spread_labels,
    text_width,
    tick_values,
    wrapped,
    year_of,
    year_ticks,
)
from headframe.show.charts.theme import HATCH, frame, token
from headframe.show.linked import bounds, doubtful, standing

SIGNS = {"~": "≈", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}
LABEL, EVENT_ROOM = 12.0, 18


@dataclass(frozen=True)
class Series:
    """A line: its name, its figures and the colour token it has everywhere on the page."""

    name: Ref | Message
    figures: tuple[Figure, ...]
    tone: str = "blue"
    quiet: bool = False

    @property
    def drawn(self) -> tuple[Figure, ...]:
        """The figures with a value and a year, in time order."""
        dated = [(year_of(figure), figure) for figure in self.figures if figure.value is not None]
        known = [(year, figure) for year, figure in dated if year is not None]
        return tuple(figure for _, figure in sorted(known, key=lambda pair: pair[0]))


@dataclass(frozen=True)
class EventMark:
    """A dated event on a time axis with the number it has in the list of events."""

    number: int
    at: float


@dataclass(frozen=True, kw_only=True)
class TimeChart(Chart):
    """Series over years. Years without a figure break the line into a dashed one: nothing is filled in.

    Series must share the unit. `events` are drawn where they fall inside the years shown; `bounds` fixes the axis
    (0–100 for scores); `from_year` starts the axis earlier than the figures do, what lies before them is hatched.
    """

    series: tuple[Series, ...]
    unit: str
    events: tuple[EventMark, ...] = ()
    bounds: tuple[float, float] | None = None
    height: int = 250
    lines: tuple[tuple[float, Message], ...] = ()
    from_year: int | None = None

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures drawn, in reading order."""
        return tuple(figure for series in self.series for figure in series.drawn)

    @property
    def eventful(self) -> bool:
        """Whether any event falls inside the years shown."""
        return bool(self._events_inside())

    @property
    def columns(self) -> tuple[Message, ...]:
        """Series, period, value, low, high, standing."""
        names = ("series", "period", "value", "interval", "standing")
        return tuple(Message(id=f"charts.column.{name}") for name in names)

    @property
    def rows(self) -> tuple[tuple[ChartCell, ...], ...]:
        """One row per figure drawn."""
        return tuple(
            (
                series.name,
                figure.period,
                figure,
                bounds(figure) or "",
                standing(figure),
            )
            for series in self.series
            for figure in series.drawn
        )

    def below_title(self, words: Words) -> Message:
        """The unit in which the axis is read, and the prices of money."""
        if self.subtitle.id != "charts.subtitle.unit":
            return self.subtitle
        read = reading(_extent(self.figures), self.unit, words)
        basis = {figure.price_basis for figure in self.figures}
        if basis == {"nominal"}:
            return Message(id="charts.subtitle.nominal", values={"unit": read.unit})
        return Message(id="charts.subtitle.unit", values={"unit": read.unit or words.say("charts.number-of")})

    def years(self) -> tuple[float, float]:
        """The first and last year drawn."""
        found = [year for figure in self.figures if (year := year_of(figure)) is not None]
        first, last = (min(found), max(found)) if found else (2000.0, 2020.0)
        return (first if self.from_year is None else min(first, float(self.from_year)), last)

    def _events_inside(self) -> tuple[EventMark, ...]:
        first, last = self.years()
        return tuple(event for event in self.events if first - 0.5 <= event.at <= last + 1)

    def spec(self, words: Words, width: int) -> dict[str, Any]:
        """The chart as a Vega-Lite dict for a picture `width` pixels wide."""
        return Drawing(self, words, width).spec()


def _extent(figures: Iterable[Figure]) -> list[float]:
    return [x for figure in figures for x in (figure.value, figure.low, figure.high) if x is not None]


def segments(figures: Sequence[Figure]) -> list[tuple[Figure, Figure, bool]]:
    """Pairs to be joined by a line, and whether years lie between them (then the line is dashed).

    Figures of different concept or price basis, or across a break in the series, are not joined (law 6).
    """
    groups: dict[tuple[str, str, str], list[Figure]] = {}
    for figure in figures:
        groups.setdefault((figure.concept, figure.price_basis, figure.unit), []).append(figure)
    joined = []
    for before, after in (pair for group in groups.values() for pair in itertools.pairwise(group)):
        first, second = year_of(before), year_of(after)
        if after.status != "B" and first is not None and second is not None and second > first:
            joined.append((before, after, second - first > 1.0))
    return joined


class Drawing:
    """The layers of one time chart at one width in one language."""

    def __init__(self, chart: TimeChart, words: Words, width: int) -> None:
        self.chart, self.words, self.width = chart, words, width
        self.small = chart.size == "half"
        every = _extent(chart.figures)
        self.reading: Reading = reading(every, chart.unit, words)
        factor = self.reading.factor
        if chart.bounds is not None:
            low, high = chart.bounds
            self.low, self.high, self.step = low, high, (high - low) / 4
        else:
            self.low, self.high, self.step = round_domain([value / factor for value in every], ticks=4)
        first, last = chart.years()
        self.first, self.last = first - 0.4, max(last, first + 2) + 0.4
        self.height = (120 if self.small else chart.height) if width > 400 or self.small else 210
        labelled = [series for series in chart.series if series.drawn and not series.quiet]
        self.labels = len(labelled) > 1
        right = 96 if width <= 400 else 130
        if not self.labels:
            right = 20 + max((int(text_width(self._end_value(series))) for series in labelled), default=30)
        top = 10 + (EVENT_ROOM if chart.eventful else 0)
        widest = max((text_width(self._tick(tick)) for tick in tick_values(self.low, self.high, self.step)), default=20)
        self.padding = {"left": int(widest) + 12, "right": right, "top": top, "bottom": 24}
        self.plot = width - self.padding["left"] - self.padding["right"]

    def _tick(self, value: float) -> str:
        return Words.number(self.words, value, digits=6)

    def spec(self) -> dict[str, Any]:
        """The whole chart as a Vega-Lite dict."""
        described = self.words.say(self.chart.alt)
        outer = frame(self.width, self.height, self.padding, description=described)
        layers = [*self._unknown_years(), *self._event_layers(), *self._line_layers()]
        for series in sorted(self.chart.series, key=lambda series: not series.quiet):
            if series.drawn:
                layers += self._series_layers(series)
        layers += self._end_labels()
        return {**outer, "layer": layers, "encoding": {"x": self._x(), "y": self._y()}}

    def _x(self) -> dict[str, Any]:
        ticks = year_ticks(self.first, self.last, self.plot // 46)
        return {
            "field": "t",
            "type": "quantitative",
            "scale": {"domain": [self.first, self.last], "nice": False, "zero": False},
            "axis": {"values": ticks, "format": "d"},
        }

    def _y(self) -> dict[str, Any]:
        ticks = tick_values(self.low, self.high, self.step)
        named = " : ".join([*(f"datum.value === {tick} ? '{self._tick(tick)}'" for tick in ticks), "''"])
        return {
            "field": "y",
            "type": "quantitative",
            "scale": {"domain": [self.low, self.high], "nice": False, "zero": False},
            "axis": {"values": ticks, "labelExpr": named},
        }

    def point(self, series: Series, figure: Figure) -> dict[str, Any]:
        """The data of one figure: where it stands, what a pointer shows, how it is drawn."""
        factor, words = self.reading.factor, self.words
        row: dict[str, Any] = {"t": year_of(figure), "y": (figure.value or 0.0) / factor}
        if figure.low is not None and figure.high is not None:
            row |= {"lo": figure.low / factor, "hi": figure.high / factor}
        stands = standing(figure)
        named = words.name(series.name.kind, series.name.id) if isinstance(series.name, Ref) else words.say(series.name)
        row["tip"] = words.say("charts.tip", name=named, period=figure.period, figure=figure, standing=stands)
        row["hollow"] = doubtful(figure)
        row["sign"] = SIGNS.get(figure.qualifier, "")
        return row

    def _series_layers(self, series: Series) -> list[dict[str, Any]]:
        colour = token("pale" if series.quiet else series.tone)
        points = [self.point(series, figure) for figure in series.drawn]
        line = {"stroke": colour, "strokeWidth": 1 if series.quiet else 2, "strokeCap": "round"}
        layers: list[dict[str, Any]] = []
        for dashed in (False, True):
            values = [
                {"t": point["t"], "y": point["y"], "part": number}
                for number, (before, after, gap) in enumerate(segments(series.drawn))
                if gap is dashed
                for point in (self.point(series, before), self.point(series, after))
            ]
            if values:
                mark = {"type": "line", **line, **({"strokeDash": [2, 5]} if dashed else {})}
                detail = {"detail": {"field": "part", "type": "nominal"}}
                layers.append({"data": {"values": values}, "mark": mark, "encoding": detail})
        ranges = [point for point in points if "lo" in point]
        if ranges and not series.quiet:
            bar = {"type": "rule", "stroke": colour, "strokeWidth": 6, "opacity": 0.28}
            ends = {"y": {"field": "lo", "type": "quantitative"}, "y2": {"field": "hi"}}
            layers.append({"data": {"values": ranges}, "mark": bar, "encoding": ends})
        for hollow in (False, True):
            values = [point for point in points if point["hollow"] is hollow]
            if values:
                layers.append(self._dots(values, colour, hollow=hollow, quiet=series.quiet))
        signs = [point for point in points if point["sign"] and not series.quiet]
        if signs:
            mark = {"type": "text", "dy": -11, "fontSize": 12, "fill": token("soft")}
            layers.append({"data": {"values": signs}, "mark": mark, "encoding": {"text": {"field": "sign"}}})
        return layers

    def _dots(self, values: list[dict[str, Any]], colour: str, *, hollow: bool, quiet: bool) -> dict[str, Any]:
        mark = {
            "type": "point",
            "shape": "circle",
            "size": 12 if quiet else 40,
            "filled": False,
            "opacity": 1,
            "fill": token("paper") if hollow else colour,
            "stroke": colour,
            "strokeWidth": 1.6,
        }
        return {"data": {"values": values}, "mark": mark, "encoding": {"tooltip": {"field": "tip"}}}

    def _end_labels(self) -> list[dict[str, Any]]:
        ends = [(series, series.drawn[-1]) for series in self.chart.series if series.drawn and not series.quiet]
        if not ends:
            return []
        per_pixel = (self.high - self.low) / self.height
        wanted = [((figure.value or 0.0) / self.reading.factor - self.low) / per_pixel for _, figure in ends]
        room = self.padding["right"] - 12
        texts = [self._end_text(series, room) for series, _ in ends]
        tallest = max(len(lines) for lines in texts) * 14 + 4
        placed = spread_labels(wanted, tallest, 6, self.height - 6) if self.labels else wanted
        rows: list[dict[str, Any]] = [
            {"t": self.last, "y": self.low + place * per_pixel, "label": lines}
            for lines, place in zip(texts, placed, strict=True)
        ]
        if not self.labels:
            rows[0]["t"] = year_of(ends[0][1])
        mark = {"type": "text", "align": "left", "baseline": "middle", "dx": 7, "lineHeight": 14}
        layers: list[dict[str, Any]] = []
        for lines in sorted({len(text) for text in texts}):
            values = [row for row in rows if len(row["label"]) == lines]
            shifted = {**mark, "dy": -7 * (lines - 1)}
            layers.append({"data": {"values": values}, "mark": shifted, "encoding": {"text": {"field": "label"}}})
        return layers

    def _end_value(self, series: Series) -> str:
        last = series.drawn[-1]
        shown = Words.number(self.words, (last.value or 0.0) / self.reading.factor, digits=significant_digits(last))
        return SIGNS.get(last.qualifier, "") + shown

    def _end_text(self, series: Series, room: float) -> list[str]:
        words = self.words
        if not self.labels:
            return [self._end_value(series)]
        named = words.name(series.name.kind, series.name.id) if isinstance(series.name, Ref) else words.say(series.name)
        return wrapped(named, room)

    def _unknown_years(self) -> list[dict[str, Any]]:
        """Hatching from the start of the axis to the first figure, with its name where there is room."""
        known = [year for figure in self.chart.figures if (year := year_of(figure)) is not None]
        until = min(known, default=self.last) - 0.4
        if until - self.first < 0.9:
            return []
        area = {"type": "rect", "fill": HATCH, "stroke": None}
        span = {"t": self.first, "end": until, "y": self.low, "top": self.high}
        both = {"x2": {"field": "end"}, "y2": {"field": "top"}}
        layers: list[dict[str, Any]] = [{"data": {"values": [span]}, "mark": area, "encoding": both}]
        name = self.words.say("figure.not-known")
        if text_width(name) < (until - self.first) / (self.last - self.first) * self.plot:
            label = {"t": (self.first + until) / 2, "y": (self.low + self.high) / 2, "label": name}
            mark = {"type": "text", "fill": token("soft"), "baseline": "middle"}
            halo = {**mark, "stroke": token("paper"), "strokeWidth": 6, "strokeJoin": "round"}
            said = {"text": {"field": "label"}}
            layers += [{"data": {"values": [label]}, "mark": each, "encoding": said} for each in (halo, mark)]
        return layers

    def _line_layers(self) -> list[dict[str, Any]]:
        layers: list[dict[str, Any]] = []
        for value, name in self.chart.lines:
            at = {"y": {"datum": value / self.reading.factor}, "x": None}
            rule = {"type": "rule", "stroke": token("grey"), "strokeDash": [5, 3]}
            layers.append({"mark": rule, "encoding": at})
            label = {"t": self.first, "y": value / self.reading.factor, "label": self.words.say(name)}
            mark = {"type": "text", "align": "left", "dy": -7, "fill": token("soft")}
            encoding = {"text": {"field": "label"}}
            layers.append({"data": {"values": [label]}, "mark": mark, "encoding": encoding})
        return layers

    def _event_layers(self) -> list[dict[str, Any]]:
        inside = self.chart._events_inside()
        if not inside:
            return []
        per_pixel = (self.last - self.first) / self.plot
        spread = spread_labels(
            [event.at / per_pixel for event in inside], 15, self.first / per_pixel + 6, self.last / per_pixel - 6
        )
        rules = [{"t": event.at} for event in inside]
        names = [{"t": place * per_pixel, "n": str(event.number)} for event, place in zip(inside, spread, strict=True)]
        rule = {"type": "rule", "stroke": token("grey"), "strokeWidth": 1, "strokeDash": [1, 3]}
        text = {"type": "text", "fontSize": 11, "fill": token("soft"), "baseline": "bottom"}
        top = {"y": {"value": -4}, "text": {"field": "n"}}
        span = {"y": {"value": -3}, "y2": {"value": self.height}}
        return [
            {"name": "eventmark_line", "data": {"values": rules}, "mark": rule, "encoding": span},
            {"name": "eventmark_number", "data": {"values": names}, "mark": text, "encoding": top},
        ]
