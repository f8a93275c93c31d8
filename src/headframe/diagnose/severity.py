"""Severity from evidence held against thresholds: pure functions on arrays, with doubt drawn rather than assumed away.

The scale. A figure's position is x = (figure − concern) / (severe − concern): 0 at the point from which it is a
concern, 1 at the point from which it is severe, in the direction of trouble. The score is
100 · odds / (1 + odds) with odds = ½ · 4^x, so that the concern point scores 33⅓, the severe point 66⅔, every step
multiplies the odds by four, and no figure, however extreme, reaches 0 or 100.

The doubt. Each draw takes a figure from its interval (half the mass on either side of the value, none outside),
a relative error by the reliability of the source, a drift since the date of the figure (a random walk in steps), an
error of the two threshold points, weights around the stated ones, and a power mean with an exponent between 1 (full
compensation) and 3 (the worst pieces dominate). A criterion without evidence is not left out, which would take it for
equal to the rest, nor taken for harmless: all such criteria together are drawn around a compromise between the pieces
that are known and the middle of the scale, with one common error, so that many of them do not average each other
into a false certainty.

Every draw rises with the figure, so worse evidence never lowers the severity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from headframe.core.seeds import generator

Array = NDArray[np.float64]
Bounds = Literal["hard", "ninety"]
CONCERN_SCORE = 100.0 / 3.0
SEVERE_SCORE = 200.0 / 3.0
MIDDLE = 0.5  # position half way between concern and severe: the score 50
FARTHEST = 1.5  # how far from the middle, in steps, known pieces may pull those that are not known
MOST_SHIFT = 0.4  # of a step: the two points never change places
NINETY = float(ndtri(0.95))  # standard deviations from the middle to either end of a 90 per cent interval
LEAST_SLOPE = 0.05  # a relative error never turns a figure round


@dataclass(frozen=True)
class Assumptions:
    """The spreads that no source gives; catalogue data, grade D, named in every result.

    `value_error` is the relative standard error by reliability of the source, `qualifier_error` what a printed doubt
    adds (`~`, `>` …), `line_error` the standard deviation of a threshold point in steps by grade, `undated_span` the
    years within which a figure without a date may lie, `missing_spread` the standard deviation in steps of the
    criteria without evidence, `weight_shape` the shape of the gamma draws around the weights, `exponents` the range
    of the power mean.
    """

    value_error: Mapping[str, float]
    qualifier_error: Mapping[str, float]
    line_error: Mapping[str, float]
    undated_span: float
    missing_spread: float
    weight_shape: float
    exponents: tuple[float, float]


@dataclass(frozen=True)
class Piece:
    """A figure on a scale, ready to be drawn.

    `weight` is after discounting; `age` in years, None without a date; `drift` the standard deviation of a random walk
    in steps for each square-root year. `bounds` says what `low` and `high` are: `hard` ends that the figure cannot
    pass (a printed range, contradicting sources), or the ends of a `ninety` per cent interval, beyond which a tenth
    of the mass lies.
    """

    id: str
    weight: float
    value: float | None
    low: float | None
    high: float | None
    qualifier: str
    reliability: str
    concern: float
    severe: float
    grades: tuple[str, str]
    age: float | None
    drift: float
    bounds: Bounds = "hard"


@dataclass(frozen=True)
class Drawn:
    """Scores of one judgement: `total` over draws, and each piece's own `scores`."""

    total: Array
    scores: Mapping[str, Array] = field(default_factory=dict)


def position(value: Array, concern: Array | float, severe: Array | float) -> Array:
    """Steps beyond the concern point, x = (value − concern) / (severe − concern); the points must differ."""
    return np.asarray((value - concern) / (severe - concern))


def score(x: Array) -> Array:
    """The score from 0 to 100 of a position: 100 · odds / (1 + odds), odds = ½ · 4^x."""
    return np.asarray(100.0 / (1.0 + 2.0 * np.exp2(np.clip(-2.0 * x, -1000.0, 1000.0))))


def position_of_score(points: Array) -> Array:
    """The inverse of `score`: x = ½ · log2(2 p / (100 − p))."""
    inner = np.clip(points, 1e-9, 100.0 - 1e-9)
    return np.asarray(0.5 * np.log2(2.0 * inner / (100.0 - inner)))


def power_mean(scores: Array, weights: Array, exponent: Array) -> Array:
    """The weighted power mean (Σ w s^p / Σ w)^(1/p) over the first axis; the arithmetic mean for p = 1.

    `scores` and `weights` have the shape (pieces, draws), `exponent` (draws,). Weights need not add up to 1.
    """
    shares = weights / weights.sum(axis=0)
    return np.asarray((shares * (scores / 100.0) ** exponent).sum(axis=0) ** (1.0 / exponent) * 100.0)


def draw_value(piece: Piece, assumed: Assumptions, random: np.random.Generator, draws: int) -> Array:
    """Draws of the figure itself: inside its interval, times the relative error of its source and its qualifier.

    Hard bounds hold every draw, half the mass on either side of the value; a 90 per cent interval is drawn as two
    half normals that meet at the value. Only a lower bound known: drawn upwards from it; only an upper bound: downwards
    from it.
    """
    u, e, q = random.random(draws), random.standard_normal(draws), random.standard_normal(draws)
    known = [x for x in (piece.value, piece.low, piece.high) if x is not None]
    middle = piece.value if piece.value is not None else float(np.mean(known))
    low = min(piece.low, middle) if piece.low is not None else middle
    high = max(piece.high, middle) if piece.high is not None else middle
    if piece.bounds == "ninety":
        z = ndtri(np.clip(u, 1e-12, 1.0 - 1e-12)) / NINETY
        inside = middle + np.where(u < 0.5, z * (middle - low), z * (high - middle))
    else:
        inside = np.where(u < 0.5, low + 2.0 * u * (middle - low), middle + (2.0 * u - 1.0) * (high - middle))
    qualifier = piece.qualifier
    if piece.value is None and len(known) == 1:
        qualifier = ">" if piece.low is not None else "<"
    doubt = assumed.qualifier_error.get(qualifier, 0.0)
    side = np.abs(q) if qualifier.startswith(">") else -np.abs(q) if qualifier.startswith("<") else q
    relative = assumed.value_error[piece.reliability] * e
    outward = doubt * side * np.sign(inside)
    return np.asarray(inside * np.maximum(1.0 + relative + outward, LEAST_SLOPE))


def draw_position(piece: Piece, assumed: Assumptions, random: np.random.Generator, draws: int) -> Array:
    """Draws of the piece's position on its scale, with the error of the points and the drift since its date."""
    value = draw_value(piece, assumed, random, draws)
    errors = random.standard_normal((2, draws))
    step = piece.severe - piece.concern
    shifts = [
        np.clip(assumed.line_error[grade] * e, -0.4, 0.4) * step for grade, e in zip(piece.grades, errors, strict=True)
    ]
    spread, undated = random.standard_normal(draws), random.random(draws) * assumed.undated_span
    drift = piece.drift * np.sqrt(undated if piece.age is None else piece.age) * spread
    return position(value, piece.concern + shifts[0], piece.severe + shifts[1]) + drift


def draw(
    pieces: Sequence[Piece],
    missing: Mapping[str, float],
    assumed: Assumptions,
    *,
    seed: int,
    purpose: str,
    draws: int,
) -> Drawn | None:
    """Scores of one judgement from its pieces and the weights of the criteria that are `missing`; None without pieces.

    Each criterion has random numbers of its own, named after it and not after the judgement, so that adding, removing
    or changing one changes nothing in the draws of the others, and one fact has one set of draws wherever it is used.
    Weights are in any unit.
    """
    if not pieces:
        return None
    exponent = generator(seed, "diagnose", purpose, "exponent").uniform(*assumed.exponents, draws)
    positions, weights, scores = [], [], {}
    for piece in pieces:
        random = generator(seed, "diagnose", "piece", piece.id)
        x = draw_position(piece, assumed, random, draws)
        scores[piece.id] = score(x)
        positions.append(x)
        weights.append(piece.weight * _around_one(seed, piece.id, assumed.weight_shape, draws))
    known = power_mean(np.stack(list(scores.values())), np.stack(weights), exponent)
    rows, masses = list(scores.values()), list(weights)
    covered = sum(piece.weight for piece in pieces)
    share = covered / (covered + sum(missing.values()))
    pull = share * np.clip(position_of_score(known) - MIDDLE, -FARTHEST, FARTHEST)
    common = assumed.missing_spread * generator(seed, "diagnose", purpose, "missing").standard_normal(draws)
    for identifier, weight in missing.items():
        rows.append(score(MIDDLE + pull + common))
        masses.append(weight * _around_one(seed, identifier, assumed.weight_shape, draws))
    return Drawn(power_mean(np.stack(rows), np.stack(masses), exponent), scores)


def _around_one(seed: int, identifier: str, shape: float, draws: int) -> Array:
    return generator(seed, "diagnose", "piece", identifier, "weight").gamma(shape, 1.0 / shape, draws)


def shares_of(total: Array) -> tuple[float, float, float]:
    """The shares of draws (per cent) below the concern score, between the two, and from the severe score on."""
    severe = float(np.mean(total >= SEVERE_SCORE)) * 100.0
    none = float(np.mean(total < CONCERN_SCORE)) * 100.0
    return none, 100.0 - none - severe, severe


def interval(total: Array, level: float) -> tuple[float, float, float]:
    """Median and the central interval of the level (0.9: from the 5th to the 95th percentile)."""
    tail = (1.0 - level) / 2.0
    low, middle, high = np.quantile(total, [tail, 0.5, 1.0 - tail])
    return float(low), float(middle), float(high)
