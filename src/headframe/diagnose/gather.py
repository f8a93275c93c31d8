"""Finding the evidence: which figure answers a question, how old and reliable it is, and what contradicts it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from headframe.core.errors import HeadframeError
from headframe.core.results import Figure
from headframe.core.units import factor
from headframe.diagnose.criteria import AssumptionFields, Look
from headframe.diagnose.derive import OWN_DEFINITION, RECIPES, Derived, mixed_ratio
from headframe.diagnose.parts import DatedEvent
from headframe.diagnose.severity import Bounds
from headframe.evidence.folder import City, builtin_places, open_city
from headframe.evidence.reconcile import UNUSABLE
from headframe.measure.known import Known, Surroundings
from headframe.measure.plain import parse_dims
from headframe.measure.results import MeasureResult

ORDER: tuple[Literal["high", "medium", "low"], ...] = ("high", "medium", "low")
CONTRADICTING = ("contradicts-source", "contradicts-itself", "arithmetic")
STATEMENT = "qualitative_statement"
LISTED = "exhausted-cities-69"
FORECAST = "F"  # what has not happened yet answers nothing
# A change is as old as its end; a ratio of two years is as old as the older of them.
DATED_BY_END = frozenset({"population_change_since_peak", "investment_effect_coefficient"})
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """A figure that answers a look, with what is known about it. `age` is None for a figure without a date; `bounds`
    says whether `low` and `high` are hard ends or those of a 90 per cent interval; `known` is the place it is of;
    `newer` are later figures (also among `others`) of which age and reliability together leave less.
    """

    look: Look
    known: Known
    figure: Figure
    dims: str
    reliability: Literal["high", "medium", "low"]
    age: float | None
    others: tuple[Figure, ...] = ()
    findings: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    events: tuple[DatedEvent, ...] = ()
    bounds: Bounds = "hard"
    newer: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Scene:
    """What a diagnosis looks at: the place with its surroundings, what was measured, and the year it counts to."""

    around: Surroundings
    measured: MeasureResult | None
    as_of: int | None
    assumed: AssumptionFields

    @cached_property
    def above(self) -> tuple[Known, ...]:
        """The places above this one, nearest first, and for a city on the national list the group of such cities."""
        found: list[Known] = []
        parent, seen = self.city.place.parent, {self.city.place.id}
        while parent and parent not in seen and parent in builtin_places():
            seen.add(parent)
            found.append(Known(open_city(parent)))
            parent = found[-1].place.parent
        official = self.measured.exhaustion.official if self.measured else None
        if official is not None and official.exhausted_batch and LISTED in builtin_places():
            found.append(Known(open_city(LISTED)))
        return tuple(found)

    @property
    def provinces(self) -> tuple[Known, ...]:
        """The province or state that the place is in, where it has a folder: whose figures may stand in for it."""
        return tuple(known for known in self.above if known.place.level in {"province", "state"})

    @property
    def here(self) -> Known:
        """The place that is diagnosed."""
        return self.around.here

    @property
    def city(self) -> City:
        """Its folder."""
        return self.around.here.city

    @cached_property
    def rows(self) -> Mapping[str, Row]:
        """Observations of the place and of those above it, by reference."""
        cities = [known.city for known in self._known()]
        return {str(row["ref"]): row for city in cities for row in city.observations.iter_rows(named=True)}

    @cached_property
    def findings(self) -> tuple[Row, ...]:
        """The audit findings of the place."""
        return tuple(self.city.findings.iter_rows(named=True))

    def reliability(self, figure: Figure, events: Sequence[DatedEvent] = ()) -> Literal["high", "medium", "low"]:
        """The least reliability among the sources of a figure and of the events it is derived from; low where a value
        is marked unreliable or rests on nothing that can be looked up.
        """
        if figure.status in UNUSABLE or not (figure.observations or events):
            return "low"
        rows = ((ref.partition("/")[0], self.rows.get(ref)) for ref in figure.observations)
        named = [(place, str(row["source_id"]) if row else "") for place, row in rows]
        named += [(event.place, event.source.id) for event in events]
        return ORDER[max(self._rank(place, source) for place, source in named)]

    def _rank(self, place: str, source_id: str) -> int:
        for known in self._known():
            source = known.city.sources.get(source_id)
            if known.place.id == place and source is not None and source.reliability in ORDER:
                return ORDER.index(source.reliability)
        return len(ORDER) - 1

    def year(self, figure: Figure) -> int | None:
        """The last year that the oldest part of a figure is for, of a change the year in which it ends; None where a
        part has no date.
        """
        ends = [
            self.rows[ref]["period_end"] or self.rows[ref]["period_start"]
            for ref in figure.observations
            if ref in self.rows
        ]
        if not ends or None in ends:
            return None
        pick = max if figure.indicator in DATED_BY_END else min
        return int(pick(end.year for end in ends))

    def age(self, figure: Figure) -> float | None:
        """Years between a figure and the year counted to, at least 0; None for a figure without a date."""
        year = self.year(figure)
        return None if year is None or self.as_of is None else float(max(0, self.as_of - year))

    def freshness(self, age: float | None) -> float:
        """What age leaves of a figure: ½^(age / half-life); for a figure without a date the mean over the years that it
        may be from.
        """
        half = self.assumed.half_life
        if age is not None:
            return float(0.5 ** (age / half))
        lives = self.assumed.undated_span / half
        return float((1.0 - 0.5**lives) / (lives * math.log(2.0)))

    def left(self, figure: Figure) -> float:
        """What reliability and age leave of the weight of a figure, 0 to 1."""
        return self.assumed.reliability[self.reliability(figure)] * self.freshness(self.age(figure))

    def _known(self) -> Iterator[Known]:
        yield self.here
        yield from self.above
        above = {known.place.id for known in self.above}
        for known in (self.around.province, self.around.nation):
            if known is not None and known.place.id not in above:
                yield known


def find(scene: Scene, look: Look, known: Known | None = None) -> tuple[Found, ...]:
    """Every answer that a look has at the place (or at `known`), without dimensions before with, dated before undated.

    One answer for each set of dimensions: the dated figure of which reliability and age leave most, or an undated one;
    a newer one that is worth less and undated ones stand among its `others`. Values that the record marks as unusable,
    forecasts, and figures of a concept that the look leaves out answer nothing.
    """
    place = known or scene.here
    if look.indicator not in scene.city.catalogue.indicators:
        raise HeadframeError.of("HF503", "diagnose", indicator=look.indicator)
    found = [item for dims in _dims(place, look) if (item := _best(scene, look, place, dims)) is not None]
    return tuple(sorted(found, key=lambda item: (item.dims != "", item.age is None, item.age or 0.0, item.dims)))


def usable(figure: Figure) -> bool:
    """Whether a figure may answer: it is known, not marked as unusable by the record, and no forecast."""
    return figure.known and figure.status not in (*UNUSABLE, FORECAST)


def unusable(scene: Scene, look: Look, known: Known | None = None) -> tuple[Found, ...]:
    """Figures for a look that the record itself marks as unusable, newest first: quoted, never counted."""
    place = known or scene.here
    marked = [
        (figure, dims)
        for dims in _dims(place, look)
        for figure in reversed(place.series(look.indicator, parse_dims(dims)))
        if figure.known and figure.status in UNUSABLE
    ]
    return tuple(_plain(scene, look, place, figure, dims) for figure, dims in marked)


def _dims(place: Known, look: Look) -> tuple[str, ...]:
    some = place.dims_of(look.indicator) if look.dims != "none" else ()
    return some if look.dims == "only" else ("", *some)


def _left_out(look: Look, figure: Figure) -> bool:
    return bool(set(look.without) & set(figure.concept.split(";")))


def _best(scene: Scene, look: Look, place: Known, dims: str) -> Found | None:
    told = place.series(look.indicator, parse_dims(dims))
    series = [figure for figure in told if usable(figure) and not _left_out(look, figure)]
    if not dims and (not series or look.indicator in OWN_DEFINITION):
        worked_out = _derived(scene, look.indicator, place)
        if worked_out is not None and usable(worked_out.figure) and not _left_out(look, worked_out.figure):
            return _single(scene, look, place, worked_out)
    if not series:
        return None
    dated = [figure for figure in series if scene.year(figure) is not None]
    figure = max(reversed(dated), key=scene.left) if dated else series[-1]
    newer = tuple(reversed(dated[dated.index(figure) + 1 :])) if dated else ()
    undated = tuple(other for other in reversed(series) if other is not figure and scene.year(other) is None)
    rivals = contradicting(scene, figure, place)
    bounds = [figure.value, figure.low, figure.high, *(other.value for other in rivals)]
    known = [bound for bound in bounds if bound is not None]
    widened = bool(rivals)
    return replace(
        _plain(scene, look, place, figure, dims),
        others=(*rivals, *newer, *undated),
        newer=newer,
        low=min(known) if widened else figure.low,
        high=max(known) if widened else figure.high,
    )


def _plain(scene: Scene, look: Look, place: Known, figure: Figure, dims: str) -> Found:
    return Found(
        look=look,
        known=place,
        figure=figure,
        dims=dims,
        reliability=scene.reliability(figure),
        age=scene.age(figure),
        findings=findings_on(scene, figure),
        low=figure.low,
        high=figure.high,
    )


def _single(scene: Scene, look: Look, place: Known, derived: Derived) -> Found:
    found = _plain(scene, look, place, derived.figure, "")
    reliability = scene.reliability(derived.figure, derived.events)
    return replace(found, reliability=reliability, events=derived.events, bounds=derived.bounds, others=derived.others)


def _derived(scene: Scene, indicator: str, place: Known) -> Derived | None:
    """A measure of that name, a figure worked out here, or the catalogue's ratio from parts of different dates."""
    measured = _measured(scene, indicator, place)
    if indicator in OWN_DEFINITION:
        found = RECIPES[indicator](place, scene.around.nation)
        beside = () if measured is None or (found and measured.value == found.figure.value) else (measured,)
        return Derived(measured) if found is None and measured else found and replace(found, others=beside)
    if measured is not None and usable(measured):
        return Derived(measured)
    if indicator in RECIPES:
        return RECIPES[indicator](place, scene.around.nation)
    return mixed_ratio(place, indicator)


def _measured(scene: Scene, indicator: str, place: Known) -> Figure | None:
    if scene.measured is None or place is not scene.here:
        return None
    found = (item for item in scene.measured.measures if item.id == indicator and not item.dims and item.known)
    measure = next(found, None)
    return None if measure is None else measure.figure


def contradicting(scene: Scene, figure: Figure, place: Known) -> tuple[Figure, ...]:
    """Figures for the same thing that say something else: other sources of the same period and concept, and the
    values that audit findings hold against it. A superseded vintage or a corrected slip is no contradiction.
    """
    if len(figure.observations) != 1 or figure.observations[0] not in scene.rows:
        return ()
    row = scene.rows[figure.observations[0]]
    dims = parse_dims(str(row["dims"] or ""))
    rivals: list[Figure] = []
    for choice in place.city.choices(figure.indicator, dims=dims):
        if choice.chosen.observations == figure.observations:
            rivals += [other for other in choice.others if _rival(scene, figure, other)]
    return (*rivals, *_held_against(scene, figure))


def _rival(scene: Scene, figure: Figure, other: Figure) -> bool:
    def source(one: Figure) -> object:
        return scene.rows.get(one.observations[0], {}).get("source_id") if one.observations else None

    same_thing = (other.concept, other.price_basis, other.unit) == (figure.concept, figure.price_basis, figure.unit)
    differs = other.value is not None and other.value != figure.value
    return same_thing and differs and other.status not in UNUSABLE and source(other) != source(figure)


def _held_against(scene: Scene, figure: Figure) -> Iterator[Figure]:
    for finding in scene.findings:
        value = _number(finding["against_value"])
        if finding["kind"] not in CONTRADICTING or value is None or not _touches(finding, figure, "obs_ids"):
            continue
        try:
            by = factor(str(finding["against_unit"] or "1"), figure.unit)
        except HeadframeError:  # it counts something else, so it cannot widen the interval
            continue
        yield figure.model_copy(
            update={"value": value * by, "low": None, "high": None, "qualifier": "=", "observations": (), "status": "U"}
        )


def _number(text: object) -> float | None:
    try:
        return float(str(text))
    except ValueError:
        return None


def _touches(finding: Row, figure: Figure, *columns: str) -> bool:
    ids = {ref.partition("/")[2] for ref in figure.observations}
    return any(ids & set(str(finding[column] or "").split(";")) for column in columns)


def findings_on(scene: Scene, figure: Figure) -> tuple[str, ...]:
    """The ids of the audit findings that touch any observation behind a figure."""
    return tuple(str(f["finding_id"]) for f in scene.findings if _touches(f, figure, "obs_ids", "against_obs_ids"))


def worded(scene: Scene, indicator: str) -> tuple[Row, ...]:
    """The observations of an indicator at the place that are in words alone, without any number."""
    rows = scene.city.observations
    chosen = rows.filter(rows["active"] & (rows["indicator_id"] == indicator)).iter_rows(named=True)
    return tuple(row for row in chosen if (row["amount"], row["amount_low"], row["amount_high"]) == (None, None, None))


def statements(known: Known, tag: str) -> tuple[Row, ...]:
    """What sources say of a place in words under one tag of the dimensions (`industry=coal`)."""
    rows = known.city.observations
    chosen = rows.filter((rows["indicator_id"] == STATEMENT) & rows["active"])
    return tuple(row for row in chosen.iter_rows(named=True) if tag in str(row["dims"] or "").split(";"))
