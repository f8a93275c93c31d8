"""What a place's meter reads in one year: all its draws, and figures made of draws."""

from __future__ import annotations

from dataclasses import dataclass

from headframe.core.results import Figure, Message
from headframe.measure.draws import Ruler
from headframe.measure.score import Array
from headframe.methods.uncertainty import quantile_interval

LEVEL = 0.9


@dataclass(frozen=True)
class Reading:
    """What one place's meter reads in one year: draws of the score, of the fields, and of the points.

    `points` are those of the default normalisation, `by_way` those of each draw's own.
    """

    place: str
    year: int
    figures: dict[str, Figure]
    coverage: float
    of_fields: Array
    scores: Array
    field_scores: Array
    points: Array
    by_way: Array
    ruler: Ruler


def figure_of(sample: Array, reading: Reading, step: str) -> Figure:
    """The median of draws with its 90 per cent interval."""
    interval = quantile_interval(sample, LEVEL)
    refs = dict.fromkeys(ref for figure in reading.figures.values() for ref in figure.observations)
    values = {"n": len(reading.figures), "of": reading.points.shape[1], "draws": len(sample)}
    return Figure(
        value=interval.middle,
        low=interval.low,
        high=interval.high,
        unit="1",
        period=str(reading.year),
        status="E",
        method="derived",
        place=reading.place,
        observations=tuple(refs),
        steps=(Message(id=step, values={**values}),),
    )
