"""The lifecycle of many places by year, by the rule of the single city (`lifecycle.py`).

Resource security needs evidence on reserves or a dated closure, which most places of a panel lack; their class then
stays open between two, and that is said. Only places with such evidence are opened one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from headframe.catalog.load import catalog
from headframe.evidence.folder import City
from headframe.evidence.place import Place
from headframe.measure.exhaustion import EXTRACTED, ORIGINAL, RATIO, REMAINING
from headframe.measure.known import Known
from headframe.measure.lifecycle import LIFE, LINE, chance_above, class_probabilities, leading, resource_security
from headframe.measure.official import official
from headframe.measure.panel.results import PanelClass, PanelReading, Ranged, Standing
from headframe.measure.results import LIFECYCLE_CLASSES
from headframe.measure.spans import Span, span

SIGNS = frozenset({RATIO, EXTRACTED, ORIGINAL, REMAINING, LIFE})  # indicators that security can be judged by
EVEN = 50.0  # per cent: the more probable side of a line


def securities(places: Iterable[str], opened: Callable[[str], City]) -> dict[str, Span]:
    """The probability (per cent) that resource security is high, for places with any evidence on it."""
    found = {place: span(resource_security(Known(opened(place)))[0]) for place in places}
    return {place: chance for place, chance in found.items() if chance.known}


def classes(
    readings: Iterable[PanelReading], places: Mapping[str, Place], secure: Mapping[str, Span]
) -> tuple[PanelClass, ...]:
    """The lifecycle of every place and year with a score, and of the last year of places with security alone."""
    card = catalog().cards[LINE]
    lines = [line for line in (card.default, card.low, card.high) if line is not None]
    found, last = [], dict[str, PanelReading]()
    for reading in readings:
        last[reading.place] = reading
        if reading.score.known:
            found.append(_class(places[reading.place], reading.year, secure, _capacity(reading.score, lines)))
    told = {item.place for item in found}
    for place, reading in last.items():
        if place in secure and place not in told:
            found.append(_class(places[place], reading.year, secure, Span()))
    return tuple(found)


def _capacity(score: Ranged, lines: list[float]) -> Span:
    """The probability (per cent) of a score above the line, bounds over the range of its card."""
    chances = [chance_above(Span(score.value, score.low, score.high), line) for line in lines]
    return Span(chances[0], min(chances), max(chances))


def _class(place: Place, year: int, secure: Mapping[str, Span], capacity: Span) -> PanelClass:
    security = secure.get(place.id, Span())
    found = class_probabilities(security, capacity)
    entry = official(place)
    named = entry.lifecycle or entry.exhausted_batch
    return PanelClass(
        place=place.id,
        year=year,
        applies=bool(named) or place.resource_type not in {"none", "unknown"} or security.known,
        standing=leading(found) or side(security, capacity),
        security=ranged(security),
        sustainability=ranged(capacity),
        **{name: ranged(found[name]) for name in LIFECYCLE_CLASSES},
    )


def side(security: Span, capacity: Span) -> Standing:
    """What is left open where no class stands out: two classes on one side of a line, or all."""
    if capacity.low is not None and capacity.low > EVEN:
        return "mature-or-regenerating"
    if capacity.high is not None and capacity.high < EVEN:
        return "growing-or-declining"
    if security.low is not None and security.low > EVEN:
        return "growing-or-mature"
    if security.high is not None and security.high < EVEN:
        return "declining-or-regenerating"
    return "open"


def ranged(chance: Span) -> Ranged:
    """A span as a number with bounds."""
    return Ranged(value=chance.value, low=chance.low, high=chance.high)
