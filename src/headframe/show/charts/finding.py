"""The picture of a finding: the series with the years in question, what was expected, and what other places did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headframe.core.results import Figure, Message
from headframe.core.words import Words
from headframe.show.charts.chart import ChartCell
from headframe.show.charts.theme import token
from headframe.show.charts.time import Drawing, TimeChart
from headframe.show.linked import bounds, standing

BESIDE_RING = 12


@dataclass(frozen=True, kw_only=True)
class FindingChart(TimeChart):
    """A time chart of one series with `marked` years ringed, a dashed `expected` line, and a `band` of other places.

    `expected` and `band` are figures of the years they belong to, a band's with low and high; all in the series' unit.
    """

    marked: tuple[int, ...] = ()
    expected: tuple[Figure, ...] = ()
    band: tuple[Figure, ...] = ()

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures drawn: the series', then what was expected, then those of the band."""
        return (*super().figures, *self.expected, *self.band)

    @property
    def rows(self) -> tuple[tuple[ChartCell, ...], ...]:
        """One row per figure drawn, the years in question said."""
        said = {str(year) for year in self.marked}
        own = tuple(
            (*row[:4], Message(id="integrity.chart.marked") if row[1] in said else row[4]) for row in super().rows
        )
        expected = Message(id="integrity.chart.expected")
        others = Message(id="integrity.chart.band")
        return (
            *own,
            *((expected, figure.period, figure, bounds(figure) or "", standing(figure)) for figure in self.expected),
            *((others, figure.period, figure, bounds(figure) or "", standing(figure)) for figure in self.band),
        )

    def spec(self, words: Words, width: int) -> dict[str, Any]:
        """The chart as a Vega-Lite dict for a picture `width` pixels wide."""
        return FindingDrawing(self, words, width).spec()


class FindingDrawing(Drawing):
    """The layers of a finding's picture: band, series, expected line, rings."""

    def __init__(self, chart: FindingChart, words: Words, width: int) -> None:
        super().__init__(chart, words, width)
        self.finding = chart

    def spec(self) -> dict[str, Any]:
        """The layers of a time chart, with the band behind them and the rest in front."""
        drawn = super().spec()
        return {**drawn, "layer": [*self._band(), *drawn["layer"], *self._expected(), *self._rings()]}

    def _end_labels(self) -> list[dict[str, Any]]:
        """The last value, clear of the ring where its year is in question."""
        layers = super()._end_labels()
        last = max((float(figure.period) for series in self.finding.series for figure in series.drawn), default=0.0)
        if last in {float(year) for year in self.finding.marked}:
            for layer in layers:
                layer["mark"] = {**layer["mark"], "dx": BESIDE_RING}
        return layers

    def _band(self) -> list[dict[str, Any]]:
        factor = self.reading.factor
        rows = [
            {"t": float(figure.period), "lo": figure.low / factor, "hi": figure.high / factor}
            for figure in self.finding.band
            if figure.low is not None and figure.high is not None
        ]
        if not rows:
            return []
        ends = {"y": {"field": "lo", "type": "quantitative"}, "y2": {"field": "hi"}}
        mark: dict[str, Any] = {"type": "area", "fill": token("pale"), "opacity": 0.5}
        if len(rows) == 1:
            mark = {"type": "rule", "stroke": token("pale"), "strokeWidth": 14, "opacity": 0.5}
        return [{"name": "band", "data": {"values": rows}, "mark": mark, "encoding": ends}]

    def _expected(self) -> list[dict[str, Any]]:
        rows = [
            {"t": float(figure.period), "y": (figure.value or 0.0) / self.reading.factor}
            for figure in self.finding.expected
            if figure.value is not None
        ]
        if not rows:
            return []
        mark: dict[str, Any] = {"type": "line", "stroke": token("vermilion"), "strokeWidth": 1.5, "strokeDash": [5, 3]}
        if len(rows) == 1:
            mark = {
                "type": "point",
                "shape": "cross",
                "size": 90,
                "fill": token("vermilion"),
                "stroke": None,
                "opacity": 1,
            }
        return [{"name": "expected", "data": {"values": rows}, "mark": mark}]

    def _rings(self) -> list[dict[str, Any]]:
        wanted = {float(year) for year in self.finding.marked}
        points = [self.point(series, figure) for series in self.finding.series for figure in series.drawn]
        rows = [point for point in points if point["t"] in wanted]
        if not rows:
            return []
        mark = {
            "type": "point",
            "shape": "circle",
            "size": 130,
            "filled": False,
            "fill": None,
            "stroke": token("vermilion"),
            "strokeWidth": 2,
            "opacity": 1,
        }
        return [{"name": "marked", "data": {"values": rows}, "mark": mark, "encoding": {"tooltip": {"field": "tip"}}}]
