"""From arrays and draws of many places to the parts of the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from headframe.evidence.place import Place
from headframe.measure.bounds import Bounds
from headframe.measure.definition import Definition
from headframe.measure.official import official
from headframe.measure.panel.grid import NEVER, Grid
from headframe.measure.panel.meter import Drawn, ranks, tails
from headframe.measure.panel.movers import FALSE_SHARE, moves, scatter
from headframe.measure.panel.places import province_of
from headframe.measure.panel.results import (
    MISSING,
    SCORED,
    WITHOUT_BOUNDS,
    PanelCoverage,
    PanelField,
    PanelFieldScore,
    PanelFigure,
    PanelIndicator,
    PanelMove,
    PanelPlace,
    PanelReading,
    PanelScatter,
    Ranged,
)
from headframe.measure.reading import LEVEL
from headframe.measure.score import Array


@dataclass(frozen=True)
class Written:
    """The parts of the result, each from the arrays that it needs."""

    entries: Mapping[str, Place]
    grid: Grid
    rule: Definition
    bounds: Bounds
    drawn: Drawn
    years: tuple[int, ...]
    seed: int

    def fields(self) -> tuple[PanelField, ...]:
        """The fields of the meter in order."""
        weights = self.rule.field_weights
        named = enumerate(self.rule.fields.items())
        return tuple(PanelField(id=name, name=area.name, weight=float(weights[n])) for n, (name, area) in named)

    def indicators(self) -> tuple[PanelIndicator, ...]:
        """The indicators of the meter in order."""
        weights = self.rule.weights
        return tuple(
            PanelIndicator(
                id=name,
                field=self.rule.field_of(name),
                weight=float(weights[number]),
                direction=self.rule.item(name).direction,
            )
            for number, name in enumerate(self.rule.indicators)
        )

    def places_told(self) -> tuple[PanelPlace, ...]:
        """The places with province and official lists."""
        return tuple(_place(place, self.entries) for place in self.entries.values())

    @cached_property
    def _columns(self) -> dict[int, int]:
        return {year: number for number, year in enumerate(self.drawn.years)}

    @cached_property
    def _scores(self) -> Array:
        """Low, middle and high of every score (3 × places × scored years)."""
        if not self.drawn.years:
            return np.full((3, *self.drawn.scored.shape), np.nan)
        return np.asarray(np.quantile(self.drawn.scores, tails(), axis=2))

    @cached_property
    def _ranks(self) -> Array:
        """Low, middle and high of every rank (3 × places × scored years), as whole numbers."""
        found = np.full((3, *self.drawn.scored.shape), np.nan)
        for column in range(len(self.drawn.years)):
            some = self.drawn.scored[:, column]
            if some.sum() > 1:
                low, middle, high = np.quantile(ranks(self.drawn.scores[some, column]), tails(), axis=1)
                found[:, some, column] = np.floor(low), np.rint(middle), np.ceil(high)
        return found

    @cached_property
    def _doubted(self) -> Array:
        """How many of the figures used have a margin (places × years of the grid)."""
        wide = self.grid.has & (self.grid.low != self.grid.high)
        return np.asarray(wide.sum(axis=1))

    def readings(self) -> tuple[PanelReading, ...]:
        """What the meter reads of every place in every year."""
        coverage, of_fields = self.grid.coverage(self.rule)
        at = {year: self.grid.years.index(year) for year in self.years}
        remembered = {year: (self._remembered(year) if year in self._columns else None) for year in self.years}
        found = []
        for row, place in enumerate(self.grid.places):
            for year in self.years:
                column, kept = self._columns.get(year), remembered[year]
                default = np.nan if column is None else self.drawn.default[row, column]
                found.append(
                    PanelReading(
                        place=place,
                        year=year,
                        coverage=float(coverage[row, at[year]]),
                        observed=int(self.grid.has[row, :, at[year]].sum()),
                        remembered=0 if kept is None else int(kept[row]),
                        doubted=int(self._doubted[row, at[year]]),
                        score=_at(self._scores, row, column),
                        default=None if np.isnan(default) else float(default),
                        rank=_at(self._ranks, row, column),
                        fields=self._field_scores(row, column, of_fields[row, at[year]]),
                    )
                )
        return tuple(found)

    def _remembered(self, year: int) -> Array:
        """How many missing indicators are drawn around the place's own figure of another year, by place."""
        return np.asarray((self.grid.elsewhen(year, self.bounds) != NEVER).sum(axis=1))

    def _field_scores(self, row: int, column: int | None, covered: Array) -> tuple[PanelFieldScore, ...]:
        if column is None:
            return ()
        quantiles = self.drawn.fields[row, column]
        return tuple(
            PanelFieldScore(field=name, score=_three(quantiles[number]), coverage=float(covered[number]))
            for number, name in enumerate(self.rule.fields)
        )

    def scatter(self) -> PanelScatter:
        """The scatter of single scores around the places' courses."""
        found = scatter(self._scores[1], self.drawn.years)
        return PanelScatter(deviation=found.deviation, residuals=found.residuals, by=found.by, false_share=FALSE_SHARE)

    def moves(self) -> tuple[PanelMove, ...]:
        """The changes between every pair of years that is told of."""
        spread = scatter(self._scores[1], self.drawn.years)
        told: list[PanelMove] = []
        for (since, year), common in self.drawn.common.items():
            before, after = self._columns[since], self._columns[year]
            changes = self.drawn.scores[:, after] - self.drawn.scores[:, before]
            found = moves(changes, spread, self.seed, LEVEL)
            beside = moves(common, spread, self.seed, LEVEL)
            has = [self.grid.has[:, :, self.grid.years.index(one)] for one in (since, year)]
            told += [
                PanelMove(
                    place=self.grid.places[row],
                    since=since,
                    year=year,
                    change=_three([found.low[row], found.middle[row], found.high[row]]),
                    chance=float(found.chance[row]),
                    # What moved only because other indicators are known now is no move of the place.
                    found=bool(found.found[row] and found.middle[row] * beside.middle[row] > 0),
                    common=_three([beside.low[row], beside.middle[row], beside.high[row]]),
                    gained=int((has[1][row] & ~has[0][row]).sum()),
                    lost=int((has[0][row] & ~has[1][row]).sum()),
                )
                for row in np.flatnonzero(np.isfinite(found.middle))
            ]
        return tuple(told)

    def coverage(self) -> tuple[PanelCoverage, ...]:
        """The state of every place, indicator and year."""
        at = [self.grid.years.index(year) for year in self.years]
        signs = np.where(self.grid.has, SCORED, np.where(self.grid.known, WITHOUT_BOUNDS, MISSING))[:, :, at]
        return tuple(
            PanelCoverage(place=place, indicator=name, states="".join(signs[row, number]))
            for row, place in enumerate(self.grid.places)
            for number, name in enumerate(self.grid.indicators)
        )

    def used(self) -> tuple[PanelFigure, ...]:
        """The figures that can be scored in the years shown, with their observations, by place, indicator and year."""
        rows = self.grid.used.filter(pl.col("year").is_in(self.years)).sort("place", "indicator", "year")
        columns = ("place", "indicator", "year", "middle", "floor", "ceiling", "status", "derived", "refs", "sources")
        found = []
        for place, name, year, value, low, high, status, derived, refs, sources in rows.select(columns).iter_rows():
            exact = low == high
            found.append(
                PanelFigure.model_construct(  # tens of thousands, all of them ours
                    place=place,
                    indicator=name,
                    year=year,
                    value=value,
                    low=None if exact else low,
                    high=None if exact else high,
                    status=status,
                    derived=derived,
                    doubted=not exact,
                    observations=tuple(refs),
                    sources=tuple(sources),
                )
            )
        return tuple(found)


def _three(numbers: Array | list[float]) -> Ranged:
    """Low, middle and high as a number with bounds; NaN is not known."""
    low, middle, high = (None if np.isnan(number) else float(number) for number in numbers)
    return Ranged.model_construct(value=middle, low=low, high=high)


def _at(quantiles: Array, row: int, column: int | None) -> Ranged:
    return Ranged() if column is None else _three(quantiles[:, row, column])


def _place(place: Place, entries: Mapping[str, Place]) -> PanelPlace:
    entry = official(place)
    key, english, chinese = province_of(place, entries)
    return PanelPlace(
        id=place.id,
        level=place.level,
        country=place.country,
        province=key,
        province_en=english,
        province_zh=chinese,
        resource=place.resource_type if place.resource_type != "unknown" else entry.resource_type,
        listed=entry.known,
        lifecycle=entry.lifecycle,
        batch=entry.exhausted_batch,
    )
