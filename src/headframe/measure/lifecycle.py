"""The lifecycle class (M2): resource security × capacity for sustainable development, as probabilities.

The national plan of 2013 (Guofa [2013] No. 45) divides resource-based cities by these two capacities into growing,
mature, declining and regenerating. It prints no formula. Here each capacity is a probability of being high, taken as
independent, and the classes are their four combinations:

    growing       security high, sustainability low      mature        both high
    declining     both low                               regenerating  security low, sustainability high

Security is low with the probability that more than half of the recoverable reserves are gone (card, grade D; the
distribution is that of M1); without reserves, with that of a reserve life of at most five years; without either,
dated closures, or bankruptcies of mines, stand in (card, grade D). A class is named only where its interval lies
wholly above the others'.
Sustainability is high when the transformation meter of the newest scored year is above the line of a card, its score
being taken as normal. The official class plays no part in the computation; it stands beside the result.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from scipy.special import ndtr

from headframe.catalog.load import catalog
from headframe.core.results import Figure, Message, type_of_value
from headframe.measure import spans
from headframe.measure.exhaustion import DOUBT, NINETY, Evidence, evidence, probability, told_chance
from headframe.measure.known import Known
from headframe.measure.needs import need
from headframe.measure.official import official_class
from headframe.measure.plain import Scene
from headframe.measure.results import (
    LIFECYCLE_CLASSES,
    ClassProbability,
    Exhaustion,
    Lifecycle,
    LifecycleClass,
    Meter,
    Need,
)
from headframe.measure.spans import Span
from headframe.methods.uncertainty import probability_above

NAMES: Mapping[LifecycleClass, str] = {
    "growing": "lifecycle.growing",
    "mature": "lifecycle.mature",
    "declining": "lifecycle.declining",
    "regenerating": "lifecycle.regenerating",
}
OFFICIAL: Mapping[LifecycleClass, str] = {
    "growing": "lifecycle.official-growing",
    "mature": "lifecycle.official-mature",
    "declining": "lifecycle.official-declining",
    "regenerating": "lifecycle.official-regenerating",
}
# Every text id is written out, so that each can be found where it is used.
NAMED: Mapping[LifecycleClass, str] = {
    "growing": "lifecycle.named-growing",
    "mature": "lifecycle.named-mature",
    "declining": "lifecycle.named-declining",
    "regenerating": "lifecycle.named-regenerating",
}
CHANCE: Mapping[LifecycleClass, str] = {
    "growing": "lifecycle.chance-growing",
    "mature": "lifecycle.chance-mature",
    "declining": "lifecycle.chance-declining",
    "regenerating": "lifecycle.chance-regenerating",
}
BETWEEN: Mapping[LifecycleClass, str] = {
    "growing": "lifecycle.between-growing",
    "mature": "lifecycle.between-mature",
    "declining": "lifecycle.between-declining",
    "regenerating": "lifecycle.between-regenerating",
}
LIFE, CLOSED = "reserve_life", "security_low_after_closure"
LINE, SECURITY = "sustainability_line", "security_line"
CLOSURE, BANKRUPTCY = "closure", "bankruptcy"
# Words for a mine in the title of an event, in either language (U+77FF is the character for a mine).
MINE = re.compile(
    r"\b(mines?|mining|colliery|collieries|pits?|shafts?|coal|oil ?fields?|quarry|quarries)\b|[\u77ff]", re.IGNORECASE
)


def lifecycle(scene: Scene, exhausted: Exhaustion, meter: Meter) -> Lifecycle:
    """M2 for a place; see the module for the rule."""
    security, told = resource_security(scene.here)
    sustainability = capacity(meter, scene.here)
    scored = meter.scored[-1] if meter.scored else None
    if scored is None:
        told.append(Message(id="lifecycle.no-meter"))
    else:
        score: dict[str, type_of_value] = {"score": scored.score, "year": str(scored.year)}
        score |= {"score_low": scored.score.low or 0.0, "score_high": scored.score.high or 0.0}
        told.append(Message(id="lifecycle.by-meter", values={**score, **told_chance(spans.span(sustainability))}))
    spanned = (spans.span(security), spans.span(sustainability))
    classes = class_probabilities(*spanned) if spanned[0].known or spanned[1].known else {}
    first, registered = leading(classes), official_class(exhausted.official)
    return Lifecycle(
        classes=tuple(_as_class(item, chance, security, sustainability) for item, chance in classes.items()),
        most_probable=first,
        security=security,
        sustainability=sustainability,
        official=exhausted.official,
        agrees=None if first is None or registered is None else first == registered,
        reasons=(*told, *_beside(classes, first, registered, known=exhausted.official.known)),
        needs=tuple(_needs(scene, exhausted, scored=scored is not None)),
    )


def resource_security(here: Known) -> tuple[Figure, list[Message]]:
    """The probability (per cent) that resource security is high, and why; not known without any sign."""
    found = evidence(here)
    gone = Span() if here.place.resource_type == "forestry" else past_the_line(found)
    if gone.known:
        told = [
            Message(
                id="lifecycle.by-reserves" if gone.value is not None else "lifecycle.by-bounds",
                values={**told_chance(gone), "line": _percent(SECURITY)},
            )
        ]
        return _chance_figure(_complement(gone), found.used, here, told[0]), told
    life = here.newest(LIFE)
    if life.known:
        chance = _by_life(spans.span(life))
        told = [Message(id="lifecycle.by-life", values={"life": life})]
        return _chance_figure(chance, (life,), here, told[0]), told
    first = first_end(here)
    if first and here.place.resource_type not in {"none", "unknown"}:
        card = catalog().cards[CLOSED]
        chance = _complement(Span(card.default, card.low, card.high))
        forest = here.place.resource_type == "forestry"
        told = [Message(id="lifecycle.by-logging-halt" if forest else "lifecycle.by-closures", values={"year": first})]
        return _chance_figure(chance, (), here, told[0]), told
    return _not_known(here), [Message(id="lifecycle.no-reserves")]


def past_the_line(found: Evidence) -> Span:
    """P(extracted / reserves ≥ line), per cent, bounds over the ranges of the line's card and of the doubt's."""
    card = catalog().cards[SECURITY]
    chances = [probability(found, line) for line in (card.default, card.low, card.high) if line is not None]
    lows = [chance.low for chance in chances if chance.low is not None]
    highs = [chance.high for chance in chances if chance.high is not None]
    return Span(chances[0].value, min(lows), max(highs)) if chances[0].known else Span()


def _doubt() -> dict[str, type_of_value]:
    return {"doubt": spans.assumption(DOUBT)}


def _percent(card: str) -> float:
    return 100.0 * spans.assumption(card)


def _not_known(here: Known) -> Figure:
    return Figure(unit="%", place=here.place.id, status="M", method="derived")


def first_end(here: Known) -> str:
    """The year of the first dated closure, or bankruptcy of a mine, among the place's events; empty for none.

    A bankruptcy counts only where the event's title names a mine: firms of every kind go bankrupt. In a forestry place
    a closure is the end of logging.
    """
    events = here.city.events
    years = [
        str(start)[:4]
        for kind, start, *titles in events.select("kind", "date_start", "title_en", "title_zh").iter_rows()
        if (kind == CLOSURE or (kind == BANKRUPTCY and names_a_mine(*titles)))
        and start is not None
        and str(start)[:4].isdigit()
    ]
    return min(years, default="")


def names_a_mine(title_en: str | None, title_zh: str | None) -> bool:
    """Whether the title of an event names a mine, in either language."""
    return any(MINE.search(title) for title in (title_en, title_zh) if title)


def _by_life(life: Span) -> Span:
    """P(reserve life > the rule's years), per cent, the life being lognormal with the doubt about reserves."""
    line, card = catalog().thresholds["reserve_life_rule"].value, catalog().cards[DOUBT]
    middle = life.value if life.value is not None else life.low
    if middle is None or middle <= 0:
        return Span()
    doubts = [doubt for doubt in (card.default, card.low, card.high) if doubt is not None]
    chances = [100.0 * float(ndtr(math.log(middle / line) / doubt)) for doubt in doubts]
    return Span(chances[0] if life.value is not None else None, min(chances), max(chances) if life.high else 100.0)


def capacity(meter: Meter, here: Known) -> Figure:
    """The probability (per cent) that the newest scored meter is above the line; bounds from the range of its card.

    The score is taken as normal, cut off at 0 and 100, its standard deviation being the half-width of its 90 per cent
    interval / 1.645.
    """
    if not meter.scored:
        return _not_known(here)
    score, card = spans.span(meter.scored[-1].score), catalog().cards[LINE]
    lines = [line for line in (card.default, card.low, card.high) if line is not None]
    chances = [chance_above(score, line) for line in lines]
    step = Message(id="step.above-line", values={"line": lines[0]})
    return _chance_figure(Span(chances[0], min(chances), max(chances)), (meter.scored[-1].score,), here, step)


def chance_above(score: Span, line: float) -> float:
    """P(score > line), per cent, for a score with this 90 per cent interval, normal and cut off at 0 and 100."""
    if score.value is None or score.low is None or score.high is None:
        raise ValueError("a score without interval")
    deviation = (score.high - score.low) / (2 * NINETY)
    return 100.0 * probability_above(line, score.value, deviation, low=0.0, high=100.0)


def class_probabilities(security: Span, sustainability: Span) -> dict[LifecycleClass, Span]:
    """The four products, in per cent, from two probabilities in per cent; an unknown one runs from 0 to 100.

    Values add up to 100; bounds are products of bounds. Without one of the two there are bounds only.
    """
    high_s, high_t = (item if item.known else Span(None, 0.0, 100.0) for item in (security, sustainability))
    low_s, low_t = _complement(high_s), _complement(high_t)
    pairs: dict[LifecycleClass, tuple[Span, Span]] = {
        "growing": (high_s, low_t),
        "mature": (high_s, high_t),
        "declining": (low_s, low_t),
        "regenerating": (low_s, high_t),
    }
    return {item: _product(*pairs[item]) for item in LIFECYCLE_CLASSES}


def _product(one: Span, other: Span) -> Span:
    def times(a: float | None, b: float | None) -> float | None:
        return None if a is None or b is None else a * b / 100.0

    return Span(times(one.value, other.value), times(one.low, other.low), times(one.high, other.high))


def _complement(chance: Span) -> Span:
    value, low, high = (None if part is None else 100.0 - part for part in (chance.value, chance.high, chance.low))
    return Span(value, low, high)


def leading(classes: Mapping[LifecycleClass, Span]) -> LifecycleClass | None:
    """The class whose interval lies wholly above that of every other, or None: the evidence leaves it open."""
    for item, chance in classes.items():
        others = [100.0 if other.high is None else other.high for key, other in classes.items() if key != item]
        if chance.value is not None and chance.low is not None and chance.low > max(others):
            return item
    return None


def _chances(classes: Mapping[LifecycleClass, Span]) -> list[Message]:
    """One message per class: its probability with its interval, or its bounds where there is no value."""
    told = []
    for item, chance in classes.items():
        told.append(Message(id=(CHANCE if chance.value is not None else BETWEEN)[item], values=told_chance(chance)))
    return told


def _as_class(item: LifecycleClass, chance: Span, security: Figure, sustainability: Figure) -> ClassProbability:
    step = Message(id="step.lifecycle", values={"security": security, "sustainability": sustainability})
    parts = [part for part in (security, sustainability) if part.known]
    figure = spans.derived(chance, parts, indicator="", unit="%", step=step)
    return ClassProbability(lifecycle=item, name=Message(id=NAMES[item]), probability=figure)


def _chance_figure(chance: Span, parts: tuple[Figure, ...], here: Known, step: Message) -> Figure:
    figure = spans.derived(chance, parts, indicator="", unit="%", step=step)
    return figure.model_copy(update={"place": here.place.id, "concept": "", "price_basis": ""})


def _beside(
    classes: Mapping[LifecycleClass, Span],
    first: LifecycleClass | None,
    registered: LifecycleClass | None,
    *,
    known: bool,
) -> list[Message]:
    """The computed class, the official one, and whether they agree."""
    told = _chances(classes)
    if classes:
        told.append(Message(id="lifecycle.undecided" if first is None else NAMED[first]))
    if registered is None:
        return [*told, Message(id="lifecycle.not-in-plan" if known else "lifecycle.no-registry")]
    told.append(Message(id=OFFICIAL[registered]))
    if first is not None:
        told.append(Message(id="lifecycle.agrees" if first == registered else "lifecycle.disagrees"))
    return told


def _needs(scene: Scene, exhausted: Exhaustion, *, scored: bool) -> list[Need]:
    missing: list[Need] = []
    if exhausted.probability.value is None and scene.here.place.resource_type != "forestry":
        missing.append(need("recoverable_reserves_remaining", scene.here.place.id, "exhaustion.need-reserves"))
    if not scored:
        missing.append(need("gdp_per_head", scene.here.place.id, "lifecycle.need-meter"))
    return missing
