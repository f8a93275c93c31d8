"""Finding the evidence: which figure answers a question, how old and reliable it is, and what contradicts it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from headframe.core.errors import HeadframeError
from headframe.core.results import Figure
from headframe.core.units import factor
from headframe.diagnose.criteria import AssumptionFields, Look
from headframe.diagnose.derive import RECIPES, Derived, mixed_ratio
from headframe.diagnose.parts import DatedEvent
from headframe.evidence.folder import City, builtin_places, open_city
from headframe.evidence.reconcile import UNUSABLE
from headframe.measure.known import Known, Surroundings
from headframe.measure.plain import parse_dims
from headframe.measure.results import MeasureResult

ORDER: tuple[Literal["high", "medium", "low"], ...] = ("high", "medium", "low")
CONTRADICTING = ("contradicts-source", "contradicts-itself", "arithmetic")
STATEMENT = "qualitative_statement"
SPAN = re.compile(r"\d{4}\s*[–-]\s*(\d{4})")
LISTED = "exhausted-cities-69"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """A figure that answers a look, with what is known about it. `age` is None for a figure without a date."""

    look: Look
    figure: Figure
    dims: str
    reliability: Literal["high", "medium", "low"]
    age: float | None
    others: tuple[Figure, ...] = ()
    findings: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    events: tuple[DatedEvent, ...] = ()


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
        """The last year that the oldest part of a figure is for; None where a part has no date."""
        ends = [
            self.rows[ref]["period_end"] or self.rows[ref]["period_start"]
            for ref in figure.observations
            if ref in self.rows
        ]
        if not ends or None in ends:
            return None
        return int(min(end.year for end in ends))

    def age(self, figure: Figure) -> float | None:
        """Years between a figure and the year counted to, at least 0; None for a figure without a date."""
        year = self.year(figure)
        return None if year is None or self.as_of is None else float(max(0, self.as_of - year))

    def _known(self) -> Iterator[Known]:
        yield self.here
        yield from self.above
        above = {known.place.id for known in self.above}
        for known in (self.around.province, self.around.nation):
            if known is not None and known.place.id not in above:
                yield known


def find(scene: Scene, look: Look, known: Known | None = None) -> tuple[Found, ...]:
    """Every answer that a look has at the place (or at `known`), best first: dated before undated, newest first.

    One answer for each set of dimensions; older and undated figures of the same stand among its `others`.
    """
    place = known or scene.here
    if look.indicator not in scene.city.catalogue.indicators:
        raise HeadframeError.of("HF503", "diagnose", indicator=look.indicator)
    found = [item for dims in _dims(place, look) if (item := _newest(scene, look, place, dims)) is not None]
    return tuple(sorted(found, key=lambda item: (item.dims != "", item.age is None, item.age or 0.0, item.dims)))


def _dims(place: Known, look: Look) -> tuple[str, ...]:
    some = place.dims_of(look.indicator) if look.dims != "none" else ()
    return some if look.dims == "only" else ("", *some)


def _newest(scene: Scene, look: Look, place: Known, dims: str) -> Found | None:
    series = [figure for figure in place.series(look.indicator, parse_dims(dims)) if _numeric(figure)]
    if not series and not dims:
        worked_out = _derived(scene, look.indicator, place)
        if worked_out is not None:
            return _single(scene, look, worked_out)
    if not series:
        return None
    dated = [figure for figure in series if scene.year(figure) is not None]
    figure = dated[-1] if dated else series[-1]
    others = tuple(other for other in reversed(series) if other is not figure and scene.year(other) is None)
    rivals = contradicting(scene, figure, place)
    bounds = [figure.value, figure.low, figure.high, *(other.value for other in rivals)]
    known = [bound for bound in bounds if bound is not None]
    widened = bool(rivals)
    return Found(
        look=look,
        figure=figure,
        dims=dims,
        reliability=scene.reliability(figure),
        age=scene.age(figure),
        others=(*rivals, *others),
        findings=findings_on(scene, figure),
        low=min(known) if widened else figure.low,
        high=max(known) if widened else figure.high,
    )


def _numeric(figure: Figure) -> bool:
    return figure.known


def _single(scene: Scene, look: Look, derived: Derived) -> Found:
    figure = derived.figure
    return Found(
        look=look,
        figure=figure,
        dims="",
        reliability=scene.reliability(figure, derived.events),
        age=scene.age(figure),
        findings=findings_on(scene, figure),
        low=figure.low,
        high=figure.high,
        events=derived.events,
    )


def _derived(scene: Scene, indicator: str, place: Known) -> Derived | None:
    """A measure of that name, a figure worked out here, or the catalogue's ratio from parts of different dates."""
    if scene.measured is not None and place is scene.here:
        measured = (item for item in scene.measured.measures if item.id == indicator and not item.dims)
        measure = next(measured, None)
        if measure is not None and measure.known:
            return Derived(measure.figure)
    if indicator in RECIPES:
        return RECIPES[indicator](place, scene.around.nation)
    return mixed_ratio(place, indicator)


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


def latest_year(city: City) -> int | None:
    """The latest year that any active observation of a folder is for or was published in; None without any.

    Forecasts (status F) and plans do not count. This is the year that ages are counted to unless another is asked for,
    so that the same folder gives the same diagnosis whenever it is run.
    """
    rows = city.observations.filter(city.observations["active"])
    years: list[int] = []
    for end, vintage, status in rows.select("period_end", "vintage", "status").iter_rows():
        if status != "F" and end is not None:
            years.append(int(end.year))
        if vintage and str(vintage)[:4].isdigit():
            years.append(int(str(vintage)[:4]))
    return max(years, default=None)


def statements(known: Known, tag: str) -> tuple[Row, ...]:
    """What sources say of a place in words under one tag of the dimensions (`industry=coal`)."""
    rows = known.city.observations
    chosen = rows.filter((rows["indicator_id"] == STATEMENT) & rows["active"])
    return tuple(row for row in chosen.iter_rows(named=True) if tag in str(row["dims"] or "").split(";"))
