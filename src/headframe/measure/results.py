"""What `measure` returns: measures with their comparisons, exhaustion, lifecycle, peers and the meter.

This is the seam to `diagnose` and `show`: they read these types and never how they were computed. Everything is
frozen; text stands here only as `Message` and `Ref`; a figure that is not known has value None, and what would make
it known stands beside it as a `Need`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from headframe.core.results import Figure, Message, Ref, Result, type_of_value

if TYPE_CHECKING:
    import polars as pl

ComparedWith = Literal["province", "nation", "peers", "past"]
LifecycleClass = Literal["growing", "mature", "declining", "regenerating"]
LIFECYCLE_CLASSES: tuple[LifecycleClass, ...] = ("growing", "mature", "declining", "regenerating")


class Frozen(BaseModel):
    """A frozen part of a result; unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Need(Frozen):
    """Evidence that is missing: which indicator of which place and period, why it is needed, and the command for it.

    `period` is empty when any period would do; `dims` is written as in the observation table (`sector=coal`).
    """

    indicator: str
    place: str
    period: str = ""
    dims: str = ""
    reason: Message
    command: str


class Comparison(Frozen):
    """A figure beside that of others: the province, the nation, the peers' median, or the place's own past.

    `figure` is the others' figure; `gap` is the place's figure minus the others' (percentage points for percentages),
    `ratio` the place's figure divided by the others' where that has a meaning. `spread` holds the peers' figures.
    """

    kind: ComparedWith
    places: tuple[str, ...]
    figure: Figure
    gap: Figure
    ratio: Figure | None = None
    spread: tuple[Figure, ...] = ()


class Measure(Frozen):
    """One measure of the place: its newest figure, its series, its comparisons and its formula.

    `id` is an indicator's id (derived measures have catalogue entries too, so `title` always has a name); `dims`
    narrows it (`zone=mining-district`); `scope` is the row of the coverage table (M4 …); `subject` the indicator
    subject it is shown under; `direction` says whether more is better.
    """

    id: str
    scope: str
    subject: str
    title: Ref
    dims: str = ""
    figure: Figure
    direction: Literal["up", "down", "none"] = "none"
    series: tuple[Figure, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    formula: Message
    notes: tuple[Message, ...] = ()
    needs: tuple[Need, ...] = ()

    @property
    def known(self) -> bool:
        """Whether there is a figure to print."""
        return self.figure.known

    def compared_with(self, kind: ComparedWith) -> Comparison | None:
        """The comparison of one kind, or None where there is none."""
        return next((item for item in self.comparisons if item.kind == kind), None)


class Official(Frozen):
    """What the official lists say of a place. `known` False: the registry has no row for it, so nothing is claimed.

    `lifecycle` is its class in the national plan of 2013 (empty: not in that plan), `exhausted_batch` the year of the
    list of exhausted cities that names it (empty: in none), `sources` source ids.
    """

    known: bool
    lifecycle: str = ""
    exhausted_batch: str = ""
    resource_type: str = ""
    verified: str = ""
    sources: tuple[str, ...] = ()


class Exhaustion(Frozen):
    """The 70 per cent rule as a probability, beside the official list (M1).

    `probability` (per cent) is that of cumulative extraction / recoverable reserves ≥ `threshold` given the evidence;
    `ratio` is that quotient with its interval. Value None: no evidence on
    reserves. `agrees` compares the more probable side with membership of the official list; None where either is
    not known.
    """

    probability: Figure
    ratio: Figure
    threshold: Figure
    extracted: Figure
    reserves: Figure
    official: Official
    agrees: bool | None
    reasons: tuple[Message, ...] = ()
    needs: tuple[Need, ...] = ()


class ClassProbability(Frozen):
    """The probability (per cent) that the place belongs to one lifecycle class."""

    lifecycle: LifecycleClass
    name: Message
    probability: Figure


class Lifecycle(Frozen):
    """Growing, mature, declining or regenerating (M2): four probabilities, beside the official class.

    `security` is the probability (per cent) that resource security is still high, `sustainability` the probability
    that the city can live without the resource (its meter is on the upper side of the line). Where one of them is not
    known, the classes carry bounds and no value. `most_probable` is None, and the class open, unless the interval
    of one lies wholly above those of the others; `classes` is empty when nothing at all is known.
    """

    classes: tuple[ClassProbability, ...]
    most_probable: LifecycleClass | None
    security: Figure
    sustainability: Figure
    official: Official
    agrees: bool | None
    reasons: tuple[Message, ...] = ()
    needs: tuple[Need, ...] = ()


class Contribution(Frozen):
    """What one indicator adds to the meter of one year.

    `value` is the evidence (value None: missing, drawn from the range of the places), `bound_low` and `bound_high` the
    reference bounds, `score` the normalised value (0–100), `weight` its share of the whole (they add up to 1 over all
    indicators), `points` = weight × score, so that the points add up to the meter's default score.
    """

    indicator: str
    field: str
    direction: Literal["up", "down"]
    value: Figure
    bound_low: float
    bound_high: float
    weight: float
    score: Figure
    points: Figure

    @property
    def observed(self) -> bool:
        """Whether evidence stands behind it."""
        return self.value.known


class FieldScore(Frozen):
    """One of the four fields of the meter: score (0–100) with interval, weight, and coverage.

    `coverage` is the share of the field's weight that rests on evidence.
    """

    field: str
    name: Message
    score: Figure
    weight: float
    coverage: float


class Basket(Frozen):
    """How the basket of indicators that rest on evidence changed since the scored year before.

    `change` is the change of the score in points, `common_change` that of a score over the indicators known in both
    years alone (value None where there are none): what is left of it moved with the evidence and not with its gaps.
    """

    since: int
    lost: tuple[str, ...]
    gained: tuple[str, ...]
    common: tuple[str, ...]
    change: Figure
    common_change: Figure


class MeterYear(Frozen):
    """The meter of one year.

    `score` is the median over the draws with its interval; its value is None when `coverage` (the share of weight
    that rests on evidence) is below the threshold. `default` is the score at the default normalisation, weights and
    mean; the points of the contributions add up to it. `rank` is the place's rank among `ranked`, the built-in places
    with enough coverage in that year (1 is best), with interval. `mark` is true for the dated marks. `basket` tells
    what changed since the scored year before; None where there was none.
    """

    year: int
    mark: bool
    score: Figure
    default: Figure
    fields: tuple[FieldScore, ...]
    rank: Figure
    ranked: tuple[str, ...]
    coverage: float
    contributions: tuple[Contribution, ...]
    needs: tuple[Need, ...] = ()
    basket: Basket | None = None


class Meter(Frozen):
    """The transformation meter (M3), unofficial: one score per year in four fields, with its doubt.

    `marks` are the dated marks; every mark has an entry in `years`, so has every year with any evidence.
    `places` are the scores of the other built-in places by year, for charts.
    """

    years: tuple[MeterYear, ...]
    marks: tuple[int, ...]
    coverage_needed: float
    draws: int
    level: float
    others: tuple[Figure, ...] = ()
    notes: tuple[Message, ...] = ()

    def at(self, year: int) -> MeterYear | None:
        """The entry of one year, or None."""
        return next((item for item in self.years if item.year == year), None)

    @property
    def scored(self) -> tuple[MeterYear, ...]:
        """The years that have a score."""
        return tuple(item for item in self.years if item.score.value is not None)


class Peer(Frozen):
    """A place found to be like this one: Gower's distance (0 to 1) over the shared indicators."""

    place: str
    distance: float
    shared: tuple[str, ...]


class MeasureResult(Result):
    """Where a city stands. `level` is the level of every simulated interval (0.9 = 90 per cent)."""

    level: float
    measures: tuple[Measure, ...]
    exhaustion: Exhaustion
    lifecycle: Lifecycle
    meter: Meter
    peers: tuple[Peer, ...]
    peers_from: tuple[str, ...] = ()

    def measure(self, identifier: str) -> Measure | None:
        """The measure of this id, or None."""
        return next((item for item in self.measures if item.id == identifier), None)

    def subject(self, subject: str) -> tuple[Measure, ...]:
        """The measures of one subject, in reading order."""
        return tuple(item for item in self.measures if item.subject == subject)

    def needs(self) -> tuple[Need, ...]:
        """Everything that is missing, each indicator, place, period and dimension once, in reading order."""
        groups = (
            self.exhaustion.needs,
            self.lifecycle.needs,
            *(item.needs for item in self.meter.years),
            *(item.needs for item in self.measures),
        )
        found: dict[tuple[str, str, str, str], Need] = {}
        for need in (need for group in groups for need in group):
            found.setdefault((need.indicator, need.place, need.period, need.dims), need)
        return tuple(found.values())

    def table(self) -> pl.DataFrame:
        """One row per figure anywhere in the result, with the columns of `TABLE_COLUMNS`."""
        import polars as pl

        text, number = pl.String(), pl.Float64()
        schema: dict[str, pl.DataType] = {
            name: number if name in {"value", "low", "high"} else text for name in TABLE_COLUMNS
        }
        return pl.DataFrame([dict(zip(TABLE_COLUMNS, row, strict=True)) for row in _rows(self)], schema=schema)

    def explain(self) -> tuple[Message, ...]:
        """The result told as text ids with values: exhaustion, lifecycle, meter, then what each known measure says."""
        told = [*self.exhaustion.reasons, *self.lifecycle.reasons, *self.meter.notes]
        for item in self.measures:
            if item.known:
                values: dict[str, type_of_value] = {"measure": item.title, "figure": item.figure}
                dated = "measure.told-of" if item.figure.period else "measure.told"
                told.append(Message(id=dated, values=values | {"period": item.figure.period}))
                told.extend(item.notes)
        return tuple(told)


TABLE_COLUMNS = (
    *("part", "scope", "id", "dims", "role", "place", "period", "value", "low", "high", "unit", "qualifier"),
    *("price_basis", "concept", "status", "method", "observations"),
)
_Row = tuple[str | float | None, ...]


def _row(part: str, scope: str, identifier: str, dims: str, role: str, figure: Figure) -> _Row:
    bounds = (figure.value, figure.low, figure.high)
    kind = (figure.unit, figure.qualifier, figure.price_basis, figure.concept, figure.status, figure.method)
    origin = ";".join(figure.observations)
    return (part, scope, identifier, dims, role, figure.place, figure.period, *bounds, *kind, origin)


def _rows(result: MeasureResult) -> Iterator[_Row]:
    for item in result.measures:
        yield from _measure_rows(item)
    for role in ("probability", "ratio", "threshold", "extracted", "reserves"):
        yield _row("exhaustion", "M1", "exhaustion", "", role, getattr(result.exhaustion, role))
    for chance in result.lifecycle.classes:
        yield _row("lifecycle", "M2", chance.lifecycle, "", "probability", chance.probability)
    for role in ("security", "sustainability"):
        yield _row("lifecycle", "M2", "lifecycle", "", role, getattr(result.lifecycle, role))
    for year in result.meter.years:
        yield from _meter_rows(year)
    for figure in result.meter.others:
        yield _row("meter", "M3", "meter", "", "other-places", figure)


def _measure_rows(item: Measure) -> Iterator[_Row]:
    yield _row("measure", item.scope, item.id, item.dims, "figure", item.figure)
    for figure in item.series:
        yield _row("measure", item.scope, item.id, item.dims, "series", figure)
    for other in item.comparisons:
        yield _row("measure", item.scope, item.id, item.dims, other.kind, other.figure)
        yield _row("measure", item.scope, item.id, item.dims, f"gap-to-{other.kind}", other.gap)
        for figure in other.spread:
            yield _row("measure", item.scope, item.id, item.dims, f"one-of-{other.kind}", figure)


def _meter_rows(year: MeterYear) -> Iterator[_Row]:
    yield _row("meter", "M3", "meter", "", "score", year.score)
    yield _row("meter", "M3", "meter", "", "rank", year.rank)
    if year.basket is not None:
        yield _row("meter", "M3", "meter", "", "change", year.basket.change)
        yield _row("meter", "M3", "meter", "", "change-on-common-basket", year.basket.common_change)
    for field in year.fields:
        yield _row("meter", "M3", field.field, "", "score", field.score)
    for part in year.contributions:
        yield _row("meter", "M3", part.indicator, "", "score", part.score)
        yield _row("meter", "M3", part.indicator, "", "points", part.points)
