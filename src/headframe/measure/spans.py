"""Arithmetic on figures with intervals: what the source's own doubt does to everything derived from it.

A printed figure is turned into a span: a central value and outer bounds. `=` is exact as printed; `~` (about) gets a
margin; `>` and `<` keep one side only, the other being the indicator's natural limit where it has one (a share ends
at 100 per cent) and open where it has none. Spans are combined by interval arithmetic, so bounds are outer bounds:
they hold whatever the dependence between the parts is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from headframe.catalog.load import catalog
from headframe.catalog.schema import Indicator
from headframe.core.results import Figure, Message, Ref
from headframe.core.units import factor
from headframe.evidence.reconcile import UNUSABLE

UPPER, LOWER = (">", ">="), ("<", "<=")


@dataclass(frozen=True)
class Span:
    """A central value and outer bounds; None means not known (for a bound: open)."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def known(self) -> bool:
        """Whether anything is known."""
        return (self.value, self.low, self.high) != (None, None, None)

    @property
    def closed(self) -> bool:
        """Whether both bounds are known."""
        return self.low is not None and self.high is not None


def natural_limits(indicator: Indicator | None) -> tuple[float | None, float | None]:
    """The limits that an indicator cannot pass by definition: 0 below where it cannot be negative, 100 % for shares.

    The catalogue's plausible range is not used as a limit: what is implausible may still be true.
    """
    if indicator is None:
        return None, None
    low, high = indicator.range
    return (0.0 if low == 0 else None), (100.0 if indicator.unit == "%" and high == 100 else None)


def about_margin(value: float, share: float | None = None) -> float:
    """Half the width of `about value`: the larger of a share of it (parameter card) and half its last printed digit."""
    if value == 0:
        return 0.0
    if share is None:
        share = assumption("about_half_width")
    exponent = math.floor(math.log10(abs(value)))
    digits = next((n for n in range(1, 8) if math.isclose(value, round(value, n - 1 - exponent), rel_tol=1e-9)), 8)
    return max(share * abs(value), 0.5 * 10.0 ** (exponent - digits + 1))


def assumption(card: str) -> float:
    """The default of one of the measure room's parameter cards (grade D unless the card says better)."""
    value = catalog().cards[card].default
    assert value is not None
    return value


def possible(figure: Figure) -> bool:
    """Whether a figure keeps within the limits that its indicator cannot pass by definition."""
    least, most = natural_limits(catalog().indicators.get(figure.indicator))
    known = [part for part in (figure.value, figure.low, figure.high) if part is not None]
    return all((least is None or part >= least) and (most is None or part <= most) for part in known)


def span(figure: Figure) -> Span:
    """The span of a figure, in its unit. Unknown stays unknown; what cannot be, such as a share of 4,139 %, says
    nothing and is unknown too.
    """
    if not figure.known or not possible(figure):
        return Span()
    least, most = natural_limits(catalog().indicators.get(figure.indicator))
    value, low, high = figure.value, figure.low, figure.high
    if value is not None and figure.qualifier in UPPER:
        value, low = None, value if low is None else low
    elif value is not None and figure.qualifier in LOWER:
        value, high = None, value if high is None else high
    elif value is not None and (low, high) == (None, None):
        margin = about_margin(value) if figure.qualifier == "~" else 0.0
        low, high = _at_least(value - margin, least), _at_most(value + margin, most)
    elif value is None and low is not None and high is not None:
        value = (low + high) / 2
    return Span(value, least if low is None else low, most if high is None else high)


def _at_least(value: float, limit: float | None) -> float:
    return value if limit is None else max(value, limit)


def _at_most(value: float, limit: float | None) -> float:
    return value if limit is None else min(value, limit)


def widened(figure: Figure, share: float) -> Figure:
    """A figure with a margin of at least this share of its value on both sides, within its natural limits."""
    if figure.value is None or share <= 0:
        return figure
    least, most = natural_limits(catalog().indicators.get(figure.indicator))
    margin = share * abs(figure.value)
    low = min(figure.value - margin, figure.value if figure.low is None else figure.low)
    high = max(figure.value + margin, figure.value if figure.high is None else figure.high)
    return figure.model_copy(update={"low": _at_least(low, least), "high": _at_most(high, most)})


def scaled(one: Span, by: float) -> Span:
    """A span times a constant; a negative constant swaps the bounds."""
    value, low, high = (None if part is None else part * by for part in (one.value, one.low, one.high))
    return Span(value, low, high) if by >= 0 else Span(value, high, low)


def added(parts: Sequence[Span]) -> Span:
    """The sum of spans: value and bounds are sums where every part has one, else not known (open)."""

    def together(found: list[float | None]) -> float | None:
        known = [part for part in found if part is not None]
        return sum(known) if len(known) == len(found) else None

    return Span(
        together([part.value for part in parts]),
        together([part.low for part in parts]),
        together([part.high for part in parts]),
    )


def difference(one: Span, other: Span) -> Span:
    """First minus second: bounds [low − high, high − low]."""

    def less(a: float | None, b: float | None) -> float | None:
        return None if a is None or b is None else a - b

    return Span(less(one.value, other.value), less(one.low, other.high), less(one.high, other.low))


def quotient(one: Span, other: Span) -> Span:
    """First over second for a denominator that is positive; not known where the denominator may be zero or negative."""
    if not other.known or (other.value is not None and other.value <= 0) or (other.low or 0.0) < 0:
        return Span()
    value = None if one.value is None or other.value is None else one.value / other.value
    low = _bound(one.low, other.high if (one.low or 0.0) >= 0 else other.low)
    high = _bound(one.high, other.low if (one.high or 0.0) >= 0 else other.high)
    return Span(value, low, high)


def _bound(numerator: float | None, denominator: float | None) -> float | None:
    return None if numerator is None or denominator is None or denominator == 0 else numerator / denominator


def derived(
    result: Span,
    parts: Sequence[Figure],
    *,
    indicator: str,
    unit: str,
    step: Message,
    period: str = "",
    basis: str = "",
) -> Figure:
    """A derived figure: the span as printed numbers, the sources of all parts, and the step that was taken.

    Bounds equal to the value are left out. The status is the worst of the parts: U where one is unusable, E where one
    is not a normal value.
    """
    exact = result.value is not None and result.low == result.value == result.high
    statuses = {part.status for part in parts}
    if not result.known:
        status = "M"
    elif statuses & set(UNUSABLE):
        status = "U"
    else:
        status = "A" if statuses <= {"A"} else "E"
    return Figure(
        value=result.value,
        low=None if exact else result.low,
        high=None if exact else result.high,
        unit=unit,
        qualifier="=" if result.value is not None else "range",
        period=period or next((part.period for part in parts if part.period), ""),
        price_basis=basis,
        concept=parts[0].concept if parts else "",
        status=status,
        method="derived",
        indicator=indicator,
        place=parts[0].place if parts else "",
        observations=tuple(dict.fromkeys(ref for part in parts for ref in part.observations)),
        steps=(*_steps(parts), step),
    )


def _steps(parts: Sequence[Figure]) -> tuple[Message, ...]:
    found: list[Message] = []
    for part in parts:
        found.extend(step for step in part.steps if step not in found)
    return tuple(found)


def ratio(numerator: Figure, denominator: Figure, *, indicator: str, unit: str) -> Figure:
    """Numerator over denominator in `unit`, with outer bounds; not known where either is, or where price bases differ.

    Errors: HF102 when the quotient of the two units does not measure what `unit` measures.
    """
    step = Message(id="step.ratio", values={"numerator": numerator, "denominator": denominator})
    bases = {part.price_basis for part in (numerator, denominator) if part.price_basis}
    money_by_money = bool(numerator.price_basis and denominator.price_basis)
    known = numerator.known and denominator.known and (len(bases) < 2 or not money_by_money)
    result = quotient(span(numerator), span(denominator)) if known else Span()
    by = factor(f"({numerator.unit})/({denominator.unit})", unit)
    basis = "" if money_by_money else numerator.price_basis or denominator.price_basis
    return derived(scaled(result, by), (numerator, denominator), indicator=indicator, unit=unit, step=step, basis=basis)


def total(parts: Sequence[Figure], *, indicator: str, unit: str) -> Figure:
    """The sum of figures in `unit`, with outer bounds; not known where one of the parts is not.

    Errors: HF102 when a part's unit does not measure what `unit` measures.
    """
    known = all(part.known for part in parts)
    result = added([scaled(span(part), factor(part.unit, unit)) for part in parts]) if known else Span()
    step = Message(id="step.total", values={"n": len(parts), "indicator": Ref(kind="indicator", id=indicator)})
    return derived(result, parts, indicator=indicator, unit=unit, step=step)


def gap(one: Figure, other: Figure, *, unit: str = "") -> Figure:
    """First minus second in the unit of `one` (percentages in percentage points), with outer bounds.

    Not known where either is, or where their price bases differ. Errors: HF102 for units that differ in kind.
    """
    step = Message(id="step.difference", values={"one": one, "other": other})
    target = unit or ("pp" if one.unit == "%" else one.unit)
    known = one.known and other.known and one.price_basis == other.price_basis
    result = Span()
    if known:
        result = difference(
            scaled(span(one), factor(one.unit, target)), scaled(span(other), factor(other.unit, target))
        )
    return derived(
        result, (one, other), indicator=one.indicator, unit=target, step=step, period=one.period, basis=one.price_basis
    )
