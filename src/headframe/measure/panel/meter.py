"""The meter of many places at once: the same draws as for a single city, scored as arrays.

Every random number comes from the generator that the single city's meter would ask (`draws.py`), so a place has the
same score here as on its own page; only the arithmetic is done for many places together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from headframe.core.seeds import generator
from headframe.measure import draws as drawing
from headframe.measure import score
from headframe.measure.bounds import EVERYONE, LEVELS, Bounds
from headframe.measure.definition import Definition
from headframe.measure.draws import NINETY_WIDTH, Remembered, Ruler, Ways
from headframe.measure.panel.grid import NEVER, Flags, Grid
from headframe.measure.reading import LEVEL
from headframe.measure.score import Array

AT_ONCE = 4_000_000  # numbers held in one array


@dataclass(frozen=True)
class Drawn:
    """All draws (places × years × draws), NaN where there is no score, and quantiles of the fields.

    `fields` holds low, middle and high of every field (places × years × fields × 3); `common` the draws of the change
    on the indicators of both years by pair of years.
    """

    years: tuple[int, ...]
    scored: Flags
    scores: Array
    fields: Array
    default: Array
    common: dict[tuple[int, int], Array]


@dataclass
class Instrument:
    """The meter with its settings, for blocks of places."""

    grid: Grid
    definition: Definition
    bounds: Bounds
    seed: int
    draws: int
    _levels: dict[tuple[str, str], Array] = field(default_factory=dict, repr=False)
    _elsewhen: dict[int, NDArray[np.int64]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.ways: Ways = drawing.ways(self.definition, self.seed, self.draws)
        self.persistence = {
            name: drawing.persistence_draws(name, self.seed, self.draws) for name in self.grid.indicators
        }

    def forget(self) -> None:
        """Drop what was kept for a block of places."""
        self._levels.clear()

    def values(self, block: NDArray[np.int64], year: int) -> tuple[Array, Ruler]:
        """Values (places × draws × indicators) of a block in a year, and the ruler that all of them are scored on."""
        found = np.empty((len(block), self.draws, len(self.grid.indicators)))
        knots = []
        nearest = self._nearest(year)
        for number, name in enumerate(self.grid.indicators):
            item, at = self.definition.item(name), self.grid.years.index(year)
            has, low, high = (ends[block, number, at] for ends in (self.grid.has, self.grid.low, self.grid.high))
            exact = has & (low == high)
            found[exact, :, number] = low[exact][:, None]
            for row in np.flatnonzero(has & ~exact):
                found[row, :, number] = self._observed(int(block[row]), number, at)
            scale = self.bounds.scale(name, item, year)
            pair = self.bounds.for_missing(name, item, year, EVERYONE)
            knots.append(drawing.missing_values(np.zeros(0), item, pair)[1] if scale is None else scale)
            for group, own, rows in self._alike(block, ~has, nearest[block, number]):
                found[rows, :, number] = self._missing(block[rows], number, year, group, own)
        return found, Ruler(np.stack(knots), self.definition.direction)

    def _nearest(self, year: int) -> NDArray[np.int64]:
        if year not in self._elsewhen:
            self._elsewhen[year] = self.grid.elsewhen(year, self.bounds)
        return self._elsewhen[year]

    def _alike(
        self, block: NDArray[np.int64], missing: Flags, nearest: NDArray[np.int64]
    ) -> Iterator[tuple[str, int, NDArray[np.int64]]]:
        """The rows of a block that miss an indicator, by group of places and by the year that is remembered."""
        kinds: dict[tuple[str, int], list[int]] = {}
        for row in np.flatnonzero(missing):
            kinds.setdefault((self.grid.groups[block[row]], int(nearest[row])), []).append(int(row))
        for (group, own), rows in kinds.items():
            yield group, own, np.array(rows)

    def _observed(self, place: int, number: int, at: int) -> Array:
        """Draws of a figure within its doubt (compare `draws.observed_draws`)."""
        low, high = (float(ends[place, number, at]) for ends in (self.grid.low, self.grid.high))
        if low == high:
            return np.full(self.draws, low)
        names = (self.grid.places[place], self.grid.indicators[number], str(self.grid.period[place, number, at]))
        return np.asarray(generator(self.seed, "meter", "observed", *names).uniform(low, high, self.draws))

    def _missing(self, places: NDArray[np.int64], number: int, year: int, group: str, own: int) -> Array:
        """Draws of an indicator that these places, all of one group, lack; `own` is the year that they remember."""
        name = self.grid.indicators[number]
        item = self.definition.item(name)
        levels = np.stack([self._random(int(place), name) for place in places])
        if own != NEVER:
            own_year = self.grid.years[own]
            pair = self.bounds.for_missing(name, item, own_year, group)
            if pair is not None:
                values = np.stack([self._observed(int(place), number, own) for place in places])
                kept = Remembered(drawing.level_of(values, item, pair[1]), abs(year - own_year))
                levels = drawing.moved_on(kept, levels, self.persistence[name])
        return drawing.missing_values(levels, item, self.bounds.for_missing(name, item, year, group))[0]

    def _random(self, place: int, name: str) -> Array:
        key = (self.grid.places[place], name)
        if key not in self._levels:
            self._levels[key] = drawing.missing_draws(*key, self.seed, self.draws)
        return self._levels[key]

    def points(self, values: Array, ruler: Ruler) -> Array:
        """Normalised points, each draw with its own normalisation (compare `draws.points_by_way`)."""
        found = np.empty_like(values)
        spread = (ruler.high - ruler.low) / NINETY_WIDTH
        ways: tuple[Callable[[Array], Array], ...] = (
            lambda some: score.goalposts(some, ruler.low, ruler.high, ruler.direction),
            lambda some: score.percentile(some, ruler.knots, LEVELS, ruler.direction),
            lambda some: score.standardised(some, ruler.knots[:, 2], spread, ruler.direction),
        )
        for number, normalise in enumerate(ways):
            which = self.ways.normalisation == number
            found[:, which] = normalise(values[:, which])
        return found

    def common_scores(self, points: Array, shared: Flags) -> Array:
        """The scores (places × draws) on the indicators that each place has in both years (compare `basket.py`)."""
        weights = self.ways.weights * shared[:, None, :]
        sums = weights.sum(axis=-1, keepdims=True)
        weights = np.divide(weights, sums, out=np.zeros_like(weights), where=sums > 0)
        of_fields = weights @ self.definition.membership.T
        products = (points * weights) @ self.definition.membership.T
        # A field without a shared indicator has no weight; its value does not matter but must not be a zero.
        fields = np.divide(products, of_fields, out=np.full_like(products, 50.0), where=of_fields > 0)
        with np.errstate(invalid="ignore"):
            found = np.where(
                self.ways.geometric, score.geometric(fields, of_fields), score.arithmetic(fields, of_fields)
            )
        return np.asarray(np.where(np.asarray(shared.any(axis=-1))[:, None], found, np.nan))


def tails() -> list[float]:
    """The probabilities of the two ends of an interval and of the median."""
    tail = (1.0 - LEVEL) / 2.0
    return [tail, 0.5, 1.0 - tail]


def pairs_of(years: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """The pairs of scored years that changes are told of: each with the next, and the first with the last."""
    found = list(pairwise(years))
    return tuple(dict.fromkeys([*found, *([(years[0], years[-1])] if len(years) > 2 else [])]))


def draw(tool: Instrument, years: tuple[int, ...], step: Callable[[int, int], None]) -> Drawn:
    """All draws of the years that have a score anywhere, block by block of places; `step` reports blocks done."""
    grid, definition = tool.grid, tool.definition
    at = [grid.years.index(year) for year in years]
    scored: Flags = np.array(grid.enough(definition)[:, at], dtype=bool)
    found = Drawn(
        years=years,
        scored=scored,
        scores=np.full((*scored.shape, tool.draws), np.nan),
        fields=np.full((*scored.shape, len(definition.fields), 3), np.nan),
        default=np.full(scored.shape, np.nan),
        common={pair: np.full((len(grid.places), tool.draws), np.nan) for pair in pairs_of(years)},
    )
    size = max(1, AT_ONCE // (tool.draws * len(grid.indicators)))
    wanted = np.flatnonzero(scored.any(axis=1))
    blocks = [wanted[start : start + size] for start in range(0, len(wanted), size)]
    for number, block in enumerate(blocks):
        step(number, len(blocks))
        _draw_block(tool, found, block)
        tool.forget()
    step(len(blocks), len(blocks))
    return found


def _draw_block(tool: Instrument, found: Drawn, block: NDArray[np.int64]) -> None:
    """Fill in the scores, fields and changes of a block of places, year by year."""
    definition, years = tool.definition, found.years
    kept: dict[int, tuple[NDArray[np.int64], Array]] = {}
    for column, year in enumerate(years):
        rows = block[found.scored[block, column]]
        if rows.size:
            values, ruler = tool.values(rows, year)
            points = tool.points(values, ruler)
            scores, fields = drawing.scores_by_way(points, tool.ways, definition.membership)
            found.scores[rows, column] = scores
            found.fields[rows, column] = np.quantile(fields, tails(), axis=1).transpose(1, 2, 0)
            plain = score.goalposts(values, ruler.low, ruler.high, ruler.direction)
            found.default[rows, column] = (plain.mean(axis=1) * definition.weights).sum(axis=-1)
            kept[year] = (rows, points)
        for pair in (pair for pair in found.common if pair[1] == year):
            _change(tool, found, pair, kept)
        for old in [known for known in kept if known not in {year, years[0]}]:
            del kept[old]


def _change(
    tool: Instrument, found: Drawn, pair: tuple[int, int], kept: dict[int, tuple[NDArray[np.int64], Array]]
) -> None:
    """The change on the common basket between two years, for the places of a block that are scored in both."""
    if pair[0] not in kept or pair[1] not in kept:
        return
    (before, first), (after, second) = kept[pair[0]], kept[pair[1]]
    rows, one, other = np.intersect1d(before, after, return_indices=True)
    if not rows.size:
        return
    has = [tool.grid.has[rows, :, tool.grid.years.index(year)] for year in pair]
    shared = has[0] & has[1]
    found.common[pair][rows] = tool.common_scores(second[other], shared) - tool.common_scores(first[one], shared)


def ranks(scores: Array) -> Array:
    """1 + how many places score higher, draw by draw (places × draws); ties share the better rank, NaN has none."""
    found = np.full(scores.shape, np.nan)
    some = np.flatnonzero(np.isfinite(scores).all(axis=1))
    held = scores[some]
    ordered = np.sort(held, axis=0)
    for number in range(held.shape[1]):
        lower = np.searchsorted(ordered[:, number], held[:, number], side="right")
        found[some, number] = 1.0 + len(some) - lower
    return found
