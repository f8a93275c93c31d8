"""The transformation meter (M3): one score per year in four fields, with intervals, ranks and contributions.

Unofficial. The score itself is the pure function of `score.py`; here it is run over draws of everything in doubt: the
values, what is missing, the weights, the normalisation and the way of taking the mean. A year whose evidence covers too
little of the weight gets no score but a list of what is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from headframe.core.errors import HeadframeError
from headframe.core.jobs import Cancel, Progress, silent
from headframe.core.results import Figure, Message, Ref
from headframe.core.seeds import DEFAULT_SEED
from headframe.evidence.doubt import Doubt
from headframe.measure import draws as drawing
from headframe.measure import score, spans
from headframe.measure.basket import basket, basket_told
from headframe.measure.bounds import Bounds, group_of
from headframe.measure.bounds import bounds as built_in_bounds
from headframe.measure.definition import Definition
from headframe.measure.known import Known, Surroundings, same_area
from headframe.measure.needs import need
from headframe.measure.official import official
from headframe.measure.reading import LEVEL, Reading, figure_of
from headframe.measure.results import Contribution, FieldScore, Meter, MeterYear, Need
from headframe.measure.score import Array
from headframe.methods.uncertainty import quantile_interval

BOUNDED_COUNTRY = "CHN"  # whose cities the reference bounds are computed over
FEWEST_DRAWS = 100
REGISTERED, RESIDENT = "population_registered", "population_resident"


@dataclass
class Instrument:
    """The meter with its settings; figures of places are looked up once."""

    definition: Definition
    bounds: Bounds
    seed: int
    draws: int
    _figures: dict[tuple[str, int], dict[str, Figure]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.draws < FEWEST_DRAWS:
            raise HeadframeError.of("HF403", "draws", draws=self.draws, least=FEWEST_DRAWS)
        self.ways = drawing.ways(self.definition, self.seed, self.draws)

    def figures(self, known: Known, year: int) -> dict[str, Figure]:
        """The figures of a place and year that can be scored: known, and with a scale for that year."""
        key = (known.place.id, year)
        if key not in self._figures:
            found: dict[str, Figure] = {}
            for name in self.definition.indicators:
                if self.bounds.scale(name, self.definition.item(name), year) is not None:
                    figure = as_bounded(known, name, year, self.bounds)
                    if figure.known and spans.possible(figure):
                        found[name] = doubted(figure, known.city.doubts)
            self._figures[key] = found
        return self._figures[key]

    def coverage(self, known: Known, year: int) -> tuple[float, Array]:
        """The share of weight with evidence: of the whole, and by field."""
        has = np.array([float(name in self.figures(known, year)) for name in self.definition.indicators])
        weights, membership = self.definition.weights, self.definition.membership
        return float(has @ weights), (membership @ (has * weights)) / (membership @ weights)

    def enough(self, known: Known, year: int) -> bool:
        """Whether a score may be printed: the bounds are those of Chinese cities, and enough rests on evidence."""
        if known.place.country != BOUNDED_COUNTRY:
            return False
        whole, of_fields = self.coverage(known, year)
        least = self.definition.field_coverage_needed
        return whole >= self.definition.coverage_needed - 1e-9 and bool((of_fields >= least - 1e-9).all())

    def elsewhen(self, known: Known, year: int) -> dict[str, tuple[int, Figure]]:
        """For every indicator missing in a year, the place's figure of the nearest other year that can be scored.

        Of two years equally near, the earlier one.
        """
        found: dict[str, tuple[int, Figure]] = {}
        for name in self.definition.indicators:
            if name in self.figures(known, year):
                continue
            years = sorted({*known.years(name), *self.bounds.years(name)}, key=lambda other: (abs(other - year), other))
            there = next((other for other in years if name in self.figures(known, other)), None)
            if there is not None:
                found[name] = (there, self.figures(known, there)[name])
        return found

    def read(self, known: Known, year: int) -> Reading:
        """All draws of one place and year."""
        figures = self.figures(known, year)
        whole, of_fields = self.coverage(known, year)
        group = group_of(official(known.place))
        values, ruler = drawing.draw_values(
            figures,
            known.place.id,
            group,
            year,
            self.definition,
            self.bounds,
            self.seed,
            self.draws,
            own=self.elsewhen(known, year),
        )
        points = drawing.points_by_way(values, ruler, self.ways)
        scores, field_scores = drawing.scores_by_way(points, self.ways, self.definition.membership)
        default = score.goalposts(values, ruler.low, ruler.high, ruler.direction)
        return Reading(known.place.id, year, figures, whole, of_fields, scores, field_scores, default, points, ruler)


def doubted(figure: Figure, doubts: Mapping[str, Doubt]) -> Figure:
    """A figure with the margin that audit findings on its observations ask for.

    A finding that leaves the factor f of an observation's reliability makes it `about` its value, with the margin of
    the card `about_half_width` divided by f; the smallest factor counts. Without findings the figure stays as it is.
    """
    ids = (ref.partition("/")[2] for ref in figure.observations)
    factors = [doubts[name].factor for name in ids if name in doubts and 0.0 < doubts[name].factor < 1.0]
    return spans.widened(figure, spans.assumption("about_half_width") / min(factors)) if factors else figure


def as_bounded(known: Known, indicator: str, year: int, bounds: Bounds) -> Figure:
    """The figure of an indicator as the reference bounds of that year count it.

    Figures per head are bounded with the population that the edition prints; where that is the registered one, the
    ratio is taken with it, so that like is held against like.
    """
    figure = known.at(indicator, year)
    parts = known.parts_of(indicator)
    if parts is None or parts[2] != RESIDENT or bounds.population.get(year) != "registered":
        return figure
    numerator, people = known.at(parts[0], year, parts[1]), known.at(REGISTERED, year)
    if not numerator.known or not people.known or not same_area(numerator, people):
        return figure
    if figure.known and not figure.steps:
        return figure  # printed as such, not a quotient of ours
    return spans.ratio(numerator, people, indicator=indicator, unit=figure.unit).model_copy(
        update={"period": str(year), "concept": "registered"}
    )


def meter(
    around: Surroundings,
    definition: Definition,
    *,
    seed: int = DEFAULT_SEED,
    draws: int = 2000,
    progress: Progress = silent,
    cancel: Cancel | None = None,
    bounds: Bounds | None = None,
) -> Meter:
    """The meter of a place: every dated mark, and every year with any evidence on its indicators.

    Raises HF403 for fewer than 100 draws.
    """
    tool = Instrument(definition, built_in_bounds() if bounds is None else bounds, seed, draws)
    years = sorted(set(definition.marks) | _years(around.here, definition))
    found: list[MeterYear] = []
    others: list[Figure] = []
    before: Reading | None = None
    for number, year in enumerate(years):
        progress(number, len(years), "measure.stage.meter")
        if cancel is not None:
            cancel.check()
        entry, beside, reading = _year(tool, around, year)
        if reading is not None:
            changed = None if before is None else basket(tool.definition, tool.ways, before, reading)
            entry, before = entry.model_copy(update={"basket": changed}), reading
        found.append(entry)
        others.extend(beside)
    progress(len(years), len(years), "measure.stage.meter")
    return Meter(
        years=tuple(found),
        marks=definition.marks,
        coverage_needed=definition.coverage_needed,
        draws=draws,
        level=LEVEL,
        others=tuple(others),
        notes=tuple(_told(found, around.here)),
    )


def _years(known: Known, definition: Definition) -> set[int]:
    return {year for name in definition.indicators for year in known.years(name)}


def _year(tool: Instrument, around: Surroundings, year: int) -> tuple[MeterYear, list[Figure], Reading | None]:
    here = around.here
    if not tool.enough(here, year):
        return _without_score(tool, here, year), [], None
    reading = tool.read(here, year)
    ranked = [tool.read(other, year) for other in around.others if tool.enough(other, year)]
    beside = [figure_of(item.scores, item, "step.meter") for item in ranked]
    return _with_score(tool, reading, ranked, here), beside, reading


def _with_score(tool: Instrument, reading: Reading, ranked: list[Reading], here: Known) -> MeterYear:
    definition = tool.definition
    contributed = _contributions(tool, reading)
    total = sum(part.points.value or 0.0 for part in contributed)
    default = figure_of(reading.scores, reading, "step.meter-default").model_copy(
        update={"value": total, "low": None, "high": None}
    )
    return MeterYear(
        year=reading.year,
        mark=reading.year in definition.marks,
        score=figure_of(reading.scores, reading, "step.meter"),
        default=default,
        fields=tuple(_fields(tool, reading)),
        rank=_rank(reading, ranked),
        ranked=tuple(sorted([reading.place, *(item.place for item in ranked)])),
        coverage=reading.coverage,
        contributions=tuple(contributed),
        needs=tuple(_needs(tool, here, reading.year)),
    )


def _fields(tool: Instrument, reading: Reading) -> list[FieldScore]:
    weights = tool.definition.field_weights
    return [
        FieldScore(
            field=name,
            name=Message(id=area.name),
            score=figure_of(reading.field_scores[:, number], reading, "step.meter-field"),
            weight=float(weights[number]),
            coverage=float(reading.of_fields[number]),
        )
        for number, (name, area) in enumerate(tool.definition.fields.items())
    ]


def _rank(reading: Reading, ranked: list[Reading]) -> Figure:
    """1 + how many places score higher, draw by draw; ties share the better rank. Unknown with nobody to rank among."""
    if not ranked:
        return Figure(unit="1", period=str(reading.year), place=reading.place, status="M", method="derived")
    better = np.sum([item.scores > reading.scores for item in ranked], axis=0)
    interval = quantile_interval(1.0 + better, LEVEL)
    bounds = (float(np.floor(interval.low)), float(np.ceil(interval.high)))
    figure = figure_of(reading.scores, reading, "step.meter-rank")
    middle = float(np.median(1.0 + better))
    return figure.model_copy(update={"value": float(round(middle)), "low": bounds[0], "high": bounds[1]})


def _contributions(tool: Instrument, reading: Reading) -> list[Contribution]:
    definition = tool.definition
    weights = definition.weights
    found = []
    for number, name in enumerate(definition.indicators):
        points = reading.points[:, number]
        value = reading.figures.get(name) or Figure(indicator=name, place=reading.place, status="M")
        mean, low, high = float(points.mean()), *(float(q) for q in np.quantile(points, [0.05, 0.95]))
        refs, state = value.observations, "E" if value.known else "M"
        shared = {"unit": "1", "period": str(reading.year), "place": reading.place, "indicator": name}
        scored = Figure(value=mean, low=low, high=high, status=state, method="derived", observations=refs, **shared)
        weight = float(weights[number])
        lifted = {"value": mean * weight, "low": low * weight, "high": high * weight}
        found.append(
            Contribution(
                indicator=name,
                field=definition.field_of(name),
                direction=definition.item(name).direction,
                value=value,
                bound_low=float(reading.ruler.low[number]),
                bound_high=float(reading.ruler.high[number]),
                weight=weight,
                score=scored,
                points=scored.model_copy(update=lifted),
            )
        )
    return found


def _without_score(tool: Instrument, here: Known, year: int) -> MeterYear:
    """The entry of a year with too little evidence: coverage and needs, no score."""
    whole, of_fields = tool.coverage(here, year)
    nothing = Figure(unit="1", period=str(year), place=here.place.id, status="M", method="derived")
    weights = tool.definition.field_weights
    return MeterYear(
        year=year,
        mark=year in tool.definition.marks,
        score=nothing,
        default=nothing,
        fields=tuple(
            FieldScore(
                field=name,
                name=Message(id=area.name),
                score=nothing,
                weight=float(weights[number]),
                coverage=float(of_fields[number]),
            )
            for number, (name, area) in enumerate(tool.definition.fields.items())
        ),
        rank=nothing,
        ranked=(),
        coverage=whole,
        contributions=(),
        needs=tuple(_needs(tool, here, year)),
    )


def _needs(tool: Instrument, here: Known, year: int) -> list[Need]:
    """What is missing in a year: evidence, or for evidence that is there, bounds to hold it against."""
    found: list[Need] = []
    have = tool.figures(here, year)
    if here.place.country != BOUNDED_COUNTRY:
        return found  # no evidence could give a score on this scale
    for name in tool.definition.indicators:
        if name in have:
            continue
        reason = "meter.need-bounds" if here.at(name, year).known else "meter.need-evidence"
        indicator = Ref(kind="indicator", id=name)
        found.append(need(name, here.place.id, reason, period=str(year), indicator=indicator, year=str(year)))
    return found


def _told(years: list[MeterYear], here: Known) -> list[Message]:
    if here.place.country != BOUNDED_COUNTRY:
        return [Message(id="meter.chinese-only")]
    told = [Message(id="meter.unofficial")]
    for entry in years:
        values: dict[str, str | Figure | float] = {"year": str(entry.year), "coverage": 100 * entry.coverage}
        if entry.score.known:
            told.append(
                Message(
                    id="meter.year",
                    values={
                        **values,
                        "score": entry.score,
                        "low": entry.score.low or 0.0,
                        "high": entry.score.high or 0.0,
                    },
                )
            )
            if entry.rank.known:
                rank = {"rank": entry.rank, "low": entry.rank.low or 0.0, "high": entry.rank.high or 0.0}
                told.append(
                    Message(id="meter.rank", values={"year": str(entry.year), **rank, "places": len(entry.ranked)})
                )
            told.extend(basket_told(entry))
        elif entry.mark:
            told.append(Message(id="meter.mark-not-known", values={**values}))
    return told
