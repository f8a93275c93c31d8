"""What `measure` returns for a collection of places: scores, ranks, movers, lifecycle classes and coverage.

The single city's result carries a figure with all its observations for every number. For hundreds of places that would
be hundreds of megabytes; here numbers are plain, every reading says which indicators it rests on, and `figures` lists
each figure used once, with its observations. Text stands here only as `Message`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from headframe.core.results import Figure, Message, Result

if TYPE_CHECKING:
    import polars as pl

# The lifecycle class of a place, or what is left open of it: one class, two on one side of a line, or all four.
Standing = Literal[
    "growing",
    "mature",
    "declining",
    "regenerating",
    "mature-or-regenerating",
    "growing-or-declining",
    "growing-or-mature",
    "declining-or-regenerating",
    "open",
]
STANDINGS: tuple[Standing, ...] = (
    *("growing", "mature", "declining", "regenerating", "mature-or-regenerating", "growing-or-declining"),
    *("growing-or-mature", "declining-or-regenerating", "open"),
)
SCORED, WITHOUT_BOUNDS, MISSING = "o", "b", "-"  # states of a coverage cell


class Part(BaseModel):
    """A frozen part of the result; unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Ranged(Part):
    """A number with the bounds of its interval; None means not known, never zero."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def known(self) -> bool:
        """Whether anything is known."""
        return (self.value, self.low, self.high) != (None, None, None)

    def figure(self, unit: str = "1", *, place: str = "", period: str = "") -> Figure:
        """The number as a figure that can be printed."""
        status = "E" if self.known else "M"
        bounds = {"value": self.value, "low": self.low, "high": self.high}
        return Figure(**bounds, unit=unit, place=place, period=period, status=status, method="derived")


class PanelField(Part):
    """One of the four fields of the meter: its id, the text id of its name, its weight (0 to 1)."""

    id: str
    name: str
    weight: float


class PanelIndicator(Part):
    """One indicator of the meter: its id, field, weight in the whole (0 to 1) and the direction that is better."""

    id: str
    field: str
    weight: float
    direction: Literal["up", "down"]


class PanelPlace(Part):
    """A place of the panel with what the official lists say of it.

    `listed` False: the registry says nothing of it. `lifecycle`: its class in the national plan of 2013 (empty: not in
    it); `batch`: the year of the list of exhausted cities that names it (empty: in none).
    """

    id: str
    level: str
    country: str
    province: str
    province_en: str
    province_zh: str
    resource: str
    listed: bool
    lifecycle: str
    batch: str


class PanelFieldScore(Part):
    """The score of one field (0 to 100), and the share of its weight that rests on evidence (0 to 1)."""

    field: str
    score: Ranged
    coverage: float


class PanelReading(Part):
    """What the meter reads of one place in one year.

    `score` is unknown where `coverage` (share of weight on evidence, 0 to 1) is too small. `rank` is among all places
    with a score in that year, `default` the score at default weights. `observed` counts the indicators on evidence,
    `remembered` those drawn around the place's figure of another year, `doubted` the figures used that have a margin.
    """

    place: str
    year: int
    coverage: float
    observed: int
    remembered: int
    doubted: int
    score: Ranged
    default: float | None
    rank: Ranged
    fields: tuple[PanelFieldScore, ...]


class PanelMove(Part):
    """The change of a place's score between two years in points, and whether it is more than the usual scatter.

    `chance` (0 to 1): that the change has the sign shown. `found`: it passes the rule of false discoveries. `common`:
    the change on the indicators known in both years; `gained` and `lost` count those known in one of them only.
    """

    place: str
    since: int
    year: int
    change: Ranged
    chance: float | None
    found: bool
    common: Ranged
    gained: int
    lost: int


class PanelClass(Part):
    """The lifecycle of a place in one year: probabilities (per cent) of the four classes, and what they leave open.

    `applies` False: the place is on no list of resource-based cities and no resource of it is known, so that the four
    classes say nothing of it.
    """

    place: str
    year: int
    applies: bool
    standing: Standing
    growing: Ranged
    mature: Ranged
    declining: Ranged
    regenerating: Ranged
    security: Ranged
    sustainability: Ranged


class PanelCoverage(Part):
    """One indicator of one place over the years: `o` a figure that is scored, `b` one that is not, `-` none."""

    place: str
    indicator: str
    states: str


class PanelFigure(Part):
    """A figure that scores rest on, in the indicator's unit; `derived` from several observations, `doubted` a
    margin.
    """

    place: str
    indicator: str
    year: int
    value: float | None
    low: float | None
    high: float | None
    status: str
    derived: bool
    doubted: bool
    observations: tuple[str, ...]
    sources: tuple[str, ...]


class PanelScatter(Part):
    """The standard deviation of a score around a place's own course, in points, and what it was estimated from."""

    deviation: float
    residuals: int
    by: Literal["courses", "changes", "unknown"]
    false_share: float


class PanelMeasure(Result):
    """Where the places of a collection stand. `place` is the collection's id, `level` that of every interval (0.9)."""

    level: float
    draws: int
    reference: Literal["built-in", "panel"]
    doubt: bool
    coverage_needed: float
    years: tuple[int, ...]
    scored_years: tuple[int, ...]
    fields: tuple[PanelField, ...]
    indicators: tuple[PanelIndicator, ...]
    places: tuple[PanelPlace, ...]
    readings: tuple[PanelReading, ...]
    moves: tuple[PanelMove, ...]
    classes: tuple[PanelClass, ...]
    coverage: tuple[PanelCoverage, ...]
    used: tuple[PanelFigure, ...]
    scatter: PanelScatter
    notes: tuple[Message, ...] = ()

    @property
    def newest(self) -> int | None:
        """The last year in which any place has a score."""
        return self.scored_years[-1] if self.scored_years else None

    @cached_property
    def by_place(self) -> Mapping[str, PanelPlace]:
        """The places by id."""
        return {place.id: place for place in self.places}

    @cached_property
    def readings_at(self) -> Mapping[tuple[str, int], PanelReading]:
        """The readings by place and year."""
        return {(reading.place, reading.year): reading for reading in self.readings}

    @cached_property
    def classes_at(self) -> Mapping[tuple[str, int], PanelClass]:
        """The lifecycle by place and year."""
        return {(item.place, item.year): item for item in self.classes}

    def ranked(self, year: int) -> tuple[PanelReading, ...]:
        """The readings with a score in one year, the best rank first."""
        found = [item for item in self.readings if item.year == year and item.score.known]
        return tuple(sorted(found, key=lambda item: (item.rank.value or 0.0, -(item.score.value or 0.0), item.place)))

    def moved(self, since: int, year: int) -> tuple[PanelMove, ...]:
        """The changes between two years, the largest rise first."""
        found = [item for item in self.moves if (item.since, item.year) == (since, year)]
        return tuple(sorted(found, key=lambda item: (-(item.change.value or 0.0), item.place)))

    def figures(self) -> tuple[Figure, ...]:
        """The figures that the scores rest on, in the indicators' units."""
        from headframe.catalog.load import catalog

        units = {item.id: catalog().indicators[item.id].unit for item in self.indicators}
        return tuple(_figure(item, units[item.indicator]) for item in self.used)

    def sources(self) -> tuple[str, ...]:
        """The `place/obs_id` references of every observation that the result rests on, sorted."""
        return tuple(sorted({ref for item in self.used for ref in item.observations}))

    def explain(self) -> tuple[Message, ...]:
        """The result told as text ids with values."""
        return self.notes

    def table(self) -> pl.DataFrame:
        """One row per number: part, place, id, year, value, low, high, unit."""
        import polars as pl

        text, number = pl.String(), pl.Float64()
        kinds: tuple[pl.DataType, ...] = (text, text, text, pl.Int64(), number, number, number, text)
        return pl.DataFrame(list(_rows(self)), schema=dict(zip(COLUMNS, kinds, strict=True)), orient="row")


COLUMNS = ("part", "place", "id", "year", "value", "low", "high", "unit")
_Row = tuple[str, str, str, int, float | None, float | None, float | None, str]


def _figure(item: PanelFigure, unit: str) -> Figure:
    bounds = {"value": item.value, "low": item.low, "high": item.high}
    told = {"period": str(item.year), "indicator": item.indicator, "place": item.place, "status": item.status}
    method = "derived" if item.derived else "reported"
    qualifier = "=" if item.value is not None else "range"
    return Figure(**bounds, unit=unit, qualifier=qualifier, method=method, observations=item.observations, **told)


def _row(part: str, place: str, identifier: str, year: int, number: Ranged, unit: str = "1") -> _Row:
    return (part, place, identifier, year, number.value, number.low, number.high, unit)


def _rows(result: PanelMeasure) -> Iterator[_Row]:
    for item in result.readings:
        yield _row("score", item.place, "meter", item.year, item.score)
        yield _row("rank", item.place, "meter", item.year, item.rank)
        yield ("coverage", item.place, "meter", item.year, 100.0 * item.coverage, None, None, "%")
        for field in item.fields:
            yield _row("field", item.place, field.field, item.year, field.score)
    for move in result.moves:
        yield _row("change", move.place, str(move.since), move.year, move.change)
        yield _row("change-on-common-basket", move.place, str(move.since), move.year, move.common)
    for held in result.classes:
        for name in ("growing", "mature", "declining", "regenerating", "security", "sustainability"):
            yield _row("lifecycle", held.place, name, held.year, getattr(held, name), "%")
    for used in result.used:
        figure = Ranged(value=used.value, low=used.low, high=used.high)
        yield _row("figure", used.place, used.indicator, used.year, figure, "")
