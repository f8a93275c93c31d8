"""The exhaustion rule as a probability (M1): cumulative extraction / recoverable reserves ≥ 70 per cent.

The rule is one criterion among several and listed cities do not all meet it, so the answer is a probability given the
evidence, beside membership of the official list. Reserves are estimates: the true figure is taken to be lognormal
around the printed one, with a standard deviation of the logarithm from the card `reserve_log_sd` (grade D) or from a
printed range where that is wider. Extraction known within bounds is uniform between them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from headframe.catalog.load import catalog
from headframe.core.results import Figure, Message, type_of_value
from headframe.measure import spans
from headframe.measure.known import Known
from headframe.measure.needs import need
from headframe.measure.official import official
from headframe.measure.plain import Scene, missing_evidence, parse_dims
from headframe.measure.results import Exhaustion, Need
from headframe.measure.spans import Span

EXTRACTED, ORIGINAL, REMAINING = (
    "cumulative_extraction",
    "recoverable_reserves_original",
    "recoverable_reserves_remaining",
)
RATIO, RULE, DOUBT = "exhaustion_ratio", "exhaustion_rule", "reserve_log_sd"
NODES = 64
PRINTED = 1.0  # per cent: a probability is not told nearer to nought or to certainty than this
NINETY = 1.6448536269514722  # the normal quantile that leaves 5 per cent on each side


@dataclass(frozen=True)
class Evidence:
    """The figures on reserves of one resource; unknown ones have value None."""

    ratio: Figure
    extracted: Figure
    original: Figure
    remaining: Figure
    partial: bool = False

    @property
    def used(self) -> tuple[Figure, ...]:
        """The figures that the probability rests on."""
        if self.ratio.known:
            return (self.ratio,)
        reserves = self.original if self.original.known else self.remaining
        return (self.extracted, reserves) if self.extracted.known and reserves.known else ()


def exhaustion(scene: Scene) -> Exhaustion:
    """M1 for a place: probability (per cent) with the interval over the doubt about reserves, and the official list."""
    here, entry = scene.here, official(scene.here.place)
    rule = catalog().thresholds[RULE]
    threshold = Figure(value=rule.value, unit=rule.unit, indicator=RATIO)
    found = evidence(here)
    forest = here.place.resource_type == "forestry"
    chance = Span() if forest else probability(found, rule.value)
    figure = _as_figure(chance, found, here)
    listed = bool(entry.exhausted_batch) if entry.known else None
    over = None if figure.value is None else figure.value >= 50.0
    reserves = found.original if found.original.known else found.remaining
    return Exhaustion(
        probability=figure,
        ratio=_ratio_figure(found),
        threshold=threshold,
        extracted=found.extracted,
        reserves=reserves,
        official=entry,
        agrees=None if over is None or listed is None else over == listed,
        reasons=tuple(_reasons(found, figure, threshold, forest=forest, listed=listed, batch=entry.exhausted_batch)),
        needs=() if forest or figure.value is not None else tuple(_needs(scene, found)),
    )


def evidence(here: Known) -> Evidence:
    """The evidence on reserves: of the whole place first, else of the resource with the most figures.

    Figures of single mines are not the place's; what they extracted together is a lower bound for the place.
    """
    dims = (
        "",
        *(item for item in here.dims_of(ORIGINAL) + here.dims_of(RATIO) + here.dims_of(REMAINING) if _whole(item)),
    )
    sets = [_of_dims(here, item) for item in dict.fromkeys(dims)]
    best = max(sets, key=lambda item: (bool(item.used), item.original.known, item.remaining.known))
    if best.extracted.known:
        return best
    mines = [item for item in here.dims_of(EXTRACTED) if "site=" in item]
    parts = [here.newest(EXTRACTED, parse_dims(item)) for item in mines]
    if not parts:
        return best
    total = sum(spans.span(part).low or 0.0 for part in parts)
    step = Message(id="step.mines-added", values={"n": len(parts)})
    figure = spans.derived(Span(None, total, None), parts, indicator=EXTRACTED, unit=parts[0].unit, step=step)
    return Evidence(best.ratio, figure, best.original, best.remaining, partial=True)


def _whole(dims: str) -> bool:
    return "site=" not in dims and "zone=" not in dims


def _of_dims(here: Known, dims: str) -> Evidence:
    keys = parse_dims(dims)
    ratio, extracted, original, remaining = (
        here.newest(name, keys) for name in (RATIO, EXTRACTED, ORIGINAL, REMAINING)
    )
    if ratio.steps and extracted.known:
        ratio = here.unknown(RATIO)  # a ratio of our own: its parts carry more than it does
    return Evidence(ratio, extracted, original, remaining)


def probability(found: Evidence, threshold: float) -> Span:
    """P(extracted / reserves ≥ threshold), per cent: value at the card's default doubt, bounds over its range.

    With extraction known from below only the upper bound is 100; with reserves known from below only the lower is 0.
    """
    card = catalog().cards[DOUBT]
    doubts = [doubt for doubt in (card.default, card.low, card.high) if doubt is not None]
    chances = [_chance(found, threshold, doubt) for doubt in doubts]
    if not chances[0].known:
        return Span()
    lows = [chance.low for chance in chances if chance.low is not None]
    highs = [chance.high for chance in chances if chance.high is not None]
    return Span(chances[0].value, min(lows), max(highs))


def _chance(found: Evidence, threshold: float, doubt: float) -> Span:
    """The probability at one standard deviation of the logarithm of reserves."""
    if found.ratio.known:
        extracted, reserves, factor = spans.span(found.ratio), Span(1.0, 1.0, 1.0), 1.0 / threshold
    elif not found.used:
        return Span()
    elif found.original.known:
        extracted, reserves, factor = spans.span(found.extracted), spans.span(found.original), 1.0 / threshold
    else:
        extracted, reserves = spans.span(found.extracted), spans.span(found.remaining)
        factor = (1.0 - threshold) / threshold
    if extracted.low is None or reserves.low is None or reserves.low <= 0:
        return Span()
    middle, doubt = _lognormal(reserves, doubt)
    low = 100.0 * chance_uniform(extracted.low * factor, (extracted.high or extracted.low) * factor, middle, doubt)
    if extracted.high is None:
        return Span(None, low, 100.0)
    return Span(None, 0.0, low) if reserves.high is None else Span(low, low, low)


def _lognormal(reserves: Span, doubt: float) -> tuple[float, float]:
    """Median and log standard deviation; a printed range counts as a 90 per cent interval where it is the wider one."""
    low = reserves.low or 0.0
    if reserves.high is None or reserves.high <= low:
        return reserves.value or low, doubt
    printed = math.log(reserves.high / low) / (2 * NINETY)
    return math.sqrt(low * reserves.high), max(doubt, printed)


def chance_uniform(low: float, high: float, median: float, log_sd: float) -> float:
    """P(R ≤ X) for X uniform on [low, high] and R lognormal with this median and log standard deviation.

    Formula: the mean over X of Φ((ln X − ln median)/σ); Gauss–Legendre quadrature with 64 nodes. In [0, 1].
    """
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    points = np.maximum(0.5 * (high - low) * (nodes + 1.0) + low, 1e-300)
    return float(np.dot(ndtr(np.log(points / median) / log_sd), weights) / 2.0)


def _as_figure(chance: Span, found: Evidence, here: Known) -> Figure:
    step = Message(id="step.exhaustion", values={"doubt": spans.assumption(DOUBT)})
    figure = spans.derived(chance, found.used, indicator="", unit="%", step=step)
    update = {"place": here.place.id, "price_basis": "", "concept": ""}
    return figure.model_copy(update=update if chance.known else {**update, "steps": (), "observations": ()})


def _ratio_figure(found: Evidence) -> Figure:
    """The ratio with its 90 per cent interval from the doubt about reserves, or with what bounds it."""
    if not found.used:
        return found.ratio
    if found.ratio.known:
        spanned = spans.span(found.ratio)
    elif found.original.known:
        spanned = spans.quotient(spans.span(found.extracted), spans.span(found.original))
    else:
        spanned = _share_of_sum(spans.span(found.extracted), spans.span(found.remaining))
    wider = math.exp(NINETY * spans.assumption(DOUBT))
    low, high = (spanned.low and spanned.low / wider), (spanned.high and spanned.high * wider)
    step = Message(id="step.reserve-doubt", values={"doubt": spans.assumption(DOUBT)})
    return spans.derived(Span(spanned.value, low, high), found.used, indicator=RATIO, unit="1", step=step)


def _share_of_sum(extracted: Span, remaining: Span) -> Span:
    """Extracted / (extracted + remaining), rising in the first and falling in the second."""

    def at(one: float | None, other: float | None) -> float | None:
        return None if one is None or other is None or one + other <= 0 else one / (one + other)

    return Span(
        at(extracted.value, remaining.value), at(extracted.low, remaining.high), at(extracted.high, remaining.low)
    )


def _reasons(
    found: Evidence, chance: Figure, threshold: Figure, *, forest: bool, listed: bool | None, batch: str
) -> list[Message]:
    told: list[Message] = []
    if forest:
        told.append(Message(id="exhaustion.forest"))
    elif chance.known:
        values = {**told_chance(spans.span(chance)), "threshold": 100 * (threshold.value or 0)}
        known = chance.value is not None
        told.append(Message(id="exhaustion.probability" if known else "exhaustion.between", values=values))
    else:
        told.append(Message(id="exhaustion.not-known"))
    if found.partial and not forest:
        told.append(Message(id="exhaustion.mines-only", values={"extracted": found.extracted}))
    if listed is None:
        told.append(Message(id="exhaustion.no-list"))
    elif listed:
        told.append(Message(id="exhaustion.listed", values={"batch": batch}))
    else:
        told.append(Message(id="exhaustion.not-listed"))
    if chance.value is not None and listed is not None and (chance.value >= 50.0) != listed:
        told.append(Message(id="exhaustion.disagrees"))
    return told


def told_chance(chance: Span) -> dict[str, type_of_value]:
    """A probability (per cent) and its bounds as they are told: `less than 1 %` and `more than 99 %` at the ends."""
    values: dict[str, type_of_value] = {"low": _printed(chance.low or 0.0)}
    values["high"] = _printed(100.0 if chance.high is None else chance.high)
    if chance.value is not None:
        values["chance"] = _printed(chance.value)
    return values


def _printed(chance: float) -> Figure:
    if chance < PRINTED:
        return Figure(value=PRINTED, qualifier="<", unit="%")
    if chance > 100.0 - PRINTED:
        return Figure(value=100.0 - PRINTED, qualifier=">", unit="%")
    return Figure(value=float(round(chance)), unit="%")


def _needs(scene: Scene, found: Evidence) -> list[Need]:
    missing = []
    if not found.extracted.known or found.partial:
        missing.append(missing_evidence(scene, EXTRACTED))
    if not found.original.known and not found.remaining.known:
        missing.append(need(ORIGINAL, scene.here.place.id, "exhaustion.need-reserves"))
    return missing
