"""A map of points: every place where its coordinates say, coloured by its score; no boundaries are drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from headframe.core.results import Figure, Message, Ref
from headframe.core.words import Words
from headframe.show.charts.chart import Chart, ChartCell
from headframe.show.charts.theme import frame, token
from headframe.show.panel.charts.legend import legend

# From low to high: two hues that stay apart for every eye, pale in the middle; sizes repeat what colours say.
BANDS: tuple[tuple[float, str, int], ...] = (
    (35.0, "vermilion", 70),
    (45.0, "orange", 55),
    (55.0, "grey", 45),
    (65.0, "sky", 55),
    (math.inf, "blue", 70),
)
TALLEST = {True: 330, False: 560}


@dataclass(frozen=True)
class Spot:
    """One place: its name, latitude and longitude in degrees, and its score, which may be unknown."""

    name: Ref
    latitude: float
    longitude: float
    score: Figure


def band_of(score: float) -> int:
    """The number of the band that a score lies in, from the lowest."""
    return next(number for number, (top, _, _) in enumerate(BANDS) if score < top)


@dataclass(frozen=True, kw_only=True)
class PointsChart(Chart):
    """Places in an equidistant cylindrical projection whose true scale is at their middle latitude."""

    spots: tuple[Spot, ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The scores drawn."""
        return tuple(spot.score for spot in self.spots if spot.score.known)

    @property
    def columns(self) -> tuple[Message, ...]:
        """Place, latitude, longitude, score."""
        return tuple(Message(id=f"panel.column.{name}") for name in ("place", "latitude", "longitude", "score"))

    @property
    def rows(self) -> tuple[tuple[ChartCell, ...], ...]:
        """One row per place."""
        return tuple((spot.name, f"{spot.latitude:.2f}", f"{spot.longitude:.2f}", spot.score) for spot in self.spots)

    def spec(self, words: Words, width: int) -> dict[str, Any]:
        """The chart as a Vega-Lite dict for a picture `width` pixels wide."""
        west, east, south, north = _extent(self.spots)
        shrink = math.cos(math.radians((south + north) / 2))
        padding = {"left": 30, "right": 8, "top": 46 if width <= 400 else 30, "bottom": 22}
        plot = width - padding["left"] - padding["right"]
        height = min(TALLEST[width <= 400], plot * (north - south) / ((east - west) * shrink))
        # Where the height is cut, the width shown grows so that the scale stays the same both ways.
        over = (plot * (north - south) / (height * shrink) - (east - west)) / 2
        outer = frame(width, round(height), padding, description=words.say(self.alt))
        x = _axis("x", west - over, east + over)
        y = _axis("y", south, north)
        layers = [*self._legend(words, width), *self._spots(words, small=width <= 400)]
        return {**outer, "layer": layers, "encoding": {"x": x, "y": y}}

    def _spots(self, words: Words, *, small: bool) -> list[dict[str, Any]]:
        layers: list[dict[str, Any]] = []
        kinds: list[tuple[str, int, bool, list[Spot]]] = [
            ("grey", 30, False, [spot for spot in self.spots if spot.score.value is None])
        ]
        for number in (2, 1, 3, 0, 4):  # the ends of the scale lie on top
            held = [spot for spot in self.spots if spot.score.value is not None and band_of(spot.score.value) == number]
            kinds.append((BANDS[number][1], BANDS[number][2], True, held))
        for tone, size, filled, held in kinds:
            rows = [
                {
                    "x": spot.longitude,
                    "y": spot.latitude,
                    "tip": words.say("panel.tip.score", place=spot.name, score=spot.score),
                }
                for spot in held
            ]
            if rows:
                mark = {"type": "point", "shape": "circle", "filled": False, "opacity": 0.9}
                mark |= {"size": size * (0.5 if small else 1.0), "stroke": token("paper" if filled else tone)}
                mark |= {"strokeWidth": 0.8 if filled else 1.2, "fill": token(tone if filled else "paper")}
                layers.append({"data": {"values": rows}, "mark": mark, "encoding": {"tooltip": {"field": "tip"}}})
        return layers

    def _legend(self, words: Words, width: int) -> list[dict[str, Any]]:
        names = [words.say("panel.band.below", high=BANDS[0][0])]
        names += [
            words.say("panel.band.between", low=before[0], high=after[0]) for before, after in pairwise(BANDS[:-1])
        ]
        names.append(words.say("panel.band.above", low=BANDS[-2][0]))
        tones = [tone for _, tone, _ in BANDS]
        return legend(list(zip(tones, names, strict=True)), width - 40, shape="circle")


def _extent(spots: Iterable[Spot]) -> tuple[float, float, float, float]:
    """West, east, south and north of the places with a margin, at least two degrees wide."""
    longitudes = [spot.longitude for spot in spots]
    latitudes = [spot.latitude for spot in spots]
    found = []
    for values in (longitudes, latitudes):
        low, high = min(values), max(values)
        margin = max(1.0, 0.04 * (high - low))
        found += [low - margin, high + margin]
    return found[0], found[1], found[2], found[3]


def _axis(name: str, low: float, high: float) -> dict[str, Any]:
    step = next(size for size in (0.5, 1, 2, 5, 10, 20, 40, 90) if (high - low) / size <= 7)
    ticks = [step * number for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
    ends = ("°W", "°E") if name == "x" else ("°S", "°N")
    label = f"format(abs(datum.value), '~g') + (datum.value < 0 ? '{ends[0]}' : '{ends[1]}')"
    return {
        "field": name,
        "type": "quantitative",
        "scale": {"domain": [low, high], "nice": False, "zero": False},
        "axis": {"values": ticks, "labelExpr": label, "grid": True, "ticks": False, "labelFontSize": 10},
    }
