"""The random part of the meter: values within their doubt, missing values from other places, ways of scoring.

Every consumer of randomness has its own named generator, so that a figure added for one place changes no draw of
another, and the ways of scoring are the same for all places in a draw (their ranks are compared within draws).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from headframe.catalog.load import catalog
from headframe.core.results import Figure
from headframe.core.seeds import generator
from headframe.measure import score, spans
from headframe.measure.bounds import LEVELS, Bounds
from headframe.measure.definition import Definition, Item
from headframe.measure.score import Array
from headframe.methods.uncertainty import dirichlet_weights

NORMALISATIONS = 3  # goalposts, percentile rank, z-score
NINETY_WIDTH = 2 * 1.6448536269514722
PERSISTENCE = "rank_persistence"  # parameter card
SMALLEST = 1e-12  # a level of nought or one would be infinitely far away


@dataclass(frozen=True)
class Ways:
    """How each draw scores: weights (draws × indicators, rows sum to 1), normalisation 0–2, geometric mean or not."""

    weights: Array
    normalisation: NDArray[np.int64]
    geometric: NDArray[np.bool_]


def ways(definition: Definition, seed: int, draws: int) -> Ways:
    """Draw weights around the default (Dirichlet for the fields and within each field), normalisation and mean."""
    random = generator(seed, "meter", "ways")
    membership, defaults = definition.membership, definition.weights
    of_fields = dirichlet_weights(random, definition.field_weights, definition.precision, draws)
    weights = np.zeros((draws, len(defaults)))
    for number, members in enumerate(membership.astype(bool)):
        within = dirichlet_weights(random, defaults[members], definition.precision, draws)
        weights[:, members] = of_fields[:, [number]] * within
    return Ways(weights, random.integers(0, NORMALISATIONS, draws), random.random(draws) < 0.5)


@dataclass(frozen=True)
class Ruler:
    """What values of one year are scored on: knots (indicators × 5), and directions, in the definition's order."""

    knots: Array
    direction: Array

    @property
    def low(self) -> Array:
        """The lower goalpost of each indicator: the 5 per cent quantile."""
        return self.knots[:, 0]

    @property
    def high(self) -> Array:
        """The upper goalpost: the 95 per cent quantile."""
        return self.knots[:, -1]


def points_by_way(values: Array, ruler: Ruler, how: Ways) -> Array:
    """Normalised points (draws × indicators) with each draw's own normalisation."""
    spread = (ruler.high - ruler.low) / NINETY_WIDTH
    options = np.stack(
        [
            score.goalposts(values, ruler.low, ruler.high, ruler.direction),
            score.percentile(values, ruler.knots, LEVELS, ruler.direction),
            score.standardised(values, ruler.knots[:, 2], spread, ruler.direction),
        ]
    )
    chosen: Array = options[how.normalisation, np.arange(len(how.normalisation))]
    return chosen


def scores_by_way(points: Array, how: Ways, membership: Array) -> tuple[Array, Array]:
    """The scores of all draws, and the field scores (draws × fields)."""
    of_fields = score.fields(points, how.weights, membership)
    weights = how.weights @ membership.T
    total = np.where(how.geometric, score.geometric(of_fields, weights), score.arithmetic(of_fields, weights))
    return np.asarray(total), of_fields


def observed_draws(figure: Figure, place: str, seed: int, draws: int, scale: Array) -> Array:
    """Draws of a figure within its doubt: its value where exact, else uniform between its bounds.

    An open side ends at the far quantile of the scale, or at the known bound where that lies beyond it.
    """
    known = spans.span(figure)
    low, high = known.low, known.high
    if low is None:
        low = min(float(scale[0]), high if high is not None else float(scale[0]))
    if high is None:
        high = max(float(scale[-1]), low)
    if low == high:
        return np.full(draws, low)
    random = generator(seed, "meter", "observed", place, figure.indicator, figure.period)
    return np.asarray(random.uniform(low, high, draws))


def missing_draws(place: str, indicator: str, seed: int, draws: int) -> Array:
    """The random levels (0–1) of a missing indicator of a place: the same in all years, because doubt persists."""
    return generator(seed, "meter", "missing", place, indicator).random(draws)


@dataclass(frozen=True)
class Remembered:
    """A place's own figure of another year: draws of its level (0–1) among its group, and how many years it is away."""

    levels: Array
    years: int


def moved_on(own: Remembered, levels: Array, persistence: Array) -> Array:
    """Levels (0–1) as many years away from the place's own as its figure is.

    On the normal scale z' = ρ^t z + √(1 − ρ^2t) ε, ρ being the yearly `persistence` of ranks: near in time the place
    stays where it was, far away it may be anywhere in its group. `levels` (0–1) are the random part.
    """
    kept = persistence**own.years
    away = np.clip(levels, SMALLEST, 1.0 - SMALLEST)
    return np.asarray(ndtr(kept * ndtri(own.levels) + np.sqrt(1.0 - kept**2) * ndtri(away)))


def persistence_draws(indicator: str, seed: int, draws: int) -> Array:
    """Draws of the yearly persistence of ranks of an indicator: triangular over the range of the card."""
    card = catalog().cards[PERSISTENCE]
    low, middle, high = (0.0 if part is None else part for part in (card.low, card.default, card.high))
    return np.asarray(generator(seed, "meter", "persistence", indicator).triangular(low, middle, high, draws))


def from_quantiles(levels: Array, knots: Array) -> Array:
    """Values at random levels of a distribution given by five quantiles, ending at the outer two."""
    return np.asarray(np.interp(levels, LEVELS, knots))


def level_of(values: Array, item: Item, knots: Array) -> Array:
    """The levels (0.05–0.95) of values in a distribution given by five quantiles, or between natural limits."""
    if item.natural is not None:
        low, high = item.natural
        return np.asarray(np.clip((values - low) / (high - low), LEVELS[0], LEVELS[-1]))
    return np.asarray(np.interp(values, knots, LEVELS))


def remembered(
    figure: Figure, own_year: int, year: int, item: Item, place: str, group: str, bounds: Bounds, seed: int, draws: int
) -> Remembered | None:
    """Where a place stood in its group by its figure of another year; None where that year has no distribution."""
    scale = bounds.scale(figure.indicator, item, own_year)
    pair = bounds.for_missing(figure.indicator, item, own_year, group)
    if scale is None or pair is None:
        return None
    values = observed_draws(figure, place, seed, draws, scale)
    return Remembered(level_of(values, item, pair[1]), abs(year - own_year))


def missing_values(levels: Array, item: Item, pair: tuple[Array, Array] | None) -> tuple[Array, Array]:
    """Values at random levels, and the knots to score them on: of the group, between natural limits, or unknown.

    Where no distribution is known, the value may be anything between the goalposts, which are then 0 and 1.
    """
    if pair is None:
        return levels, np.linspace(0.0, 1.0, len(LEVELS))
    if item.natural is not None:
        low, high = item.natural
        return low + (high - low) * levels, pair[0]
    return from_quantiles(levels, pair[1]), pair[0]


def draw_values(
    figures: Mapping[str, Figure],
    place: str,
    group: str,
    year: int,
    definition: Definition,
    bounds: Bounds,
    seed: int,
    draws: int,
    own: Mapping[str, tuple[int, Figure]] | None = None,
) -> tuple[Array, Ruler]:
    """Values (draws × indicators) of a place in a year, and the ruler to score them on.

    A figure is used where the year has a scale for it. An indicator that is missing is drawn around the level that the
    place had in another year (`own`: that year and its figure), else from the place's group, or from the whole scale
    where no distribution is known.
    """
    values, knots = [], []
    for name in definition.indicators:
        item = definition.item(name)
        scale, figure = bounds.scale(name, item, year), figures.get(name)
        if figure is not None and figure.known and scale is not None:
            values.append(observed_draws(figure, place, seed, draws, scale))
            knots.append(scale)
            continue
        levels = missing_draws(place, name, seed, draws)
        there = (own or {}).get(name)
        if there is not None:
            before = remembered(there[1], there[0], year, item, place, group, bounds, seed, draws)
            levels = levels if before is None else moved_on(before, levels, persistence_draws(name, seed, draws))
        drawn, ruler = missing_values(levels, item, bounds.for_missing(name, item, year, group))
        values.append(drawn)
        knots.append(ruler)
    return np.stack(values, axis=1), Ruler(np.stack(knots), definition.direction)
