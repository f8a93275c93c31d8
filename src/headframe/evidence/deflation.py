"""Constant prices: amounts at current prices expressed at the prices of one year, by a deflator that is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from headframe.core.errors import HeadframeError
from headframe.core.prices import deflate, price_index
from headframe.core.results import Figure, Message, Ref
from headframe.core.units import is_money
from headframe.evidence.folder import City

DEFLATORS = ("gdp_deflator_change", "consumer_price_change")


@dataclass(frozen=True)
class Deflator:
    """Yearly changes of prices in per cent, whose they are, and the observations behind them."""

    place: str
    indicator: str
    changes: Mapping[int, float]
    refs: Mapping[int, tuple[str, ...]]

    def index(self, base_year: int) -> dict[int, float]:
        """The price index (1 in the base year) over the unbroken years around it; empty where there are none.

        Formula: P(t) = P(t−1) · (1 + π(t)/100). The first year is the one before the first change.
        """
        first = last = base_year
        while first in self.changes:
            first -= 1
        while last + 1 in self.changes:
            last += 1
        span = {year: self.changes[year] for year in range(first + 1, last + 1)}
        return price_index(span, base_year) if span else {}


def deflator_of(city: City, indicator: str) -> Deflator:
    """The deflator that a place's yearly changes of prices make. Raises HF474 for other indicators, HF475 for none."""
    if indicator not in DEFLATORS:
        raise HeadframeError.of("HF474", "deflator", name=indicator[:80], known=", ".join(DEFLATORS))
    figures = [figure for figure in city.series(indicator) if figure.value is not None and figure.period.isdigit()]
    if not figures:
        raise HeadframeError.of("HF475", city.place.id, place=city.place.id, deflator=indicator)
    return Deflator(
        city.place.id,
        indicator,
        {int(figure.period): figure.value for figure in figures if figure.value is not None},
        {int(figure.period): figure.observations for figure in figures},
    )


def at_constant_prices(figures: Sequence[Figure], deflator: Deflator, base_year: int) -> tuple[Figure, ...]:
    """Amounts at current prices at those of `base_year`, with their intervals: real(t) = nominal(t) · P(base) / P(t).

    Undated figures and those of years that the deflator does not reach become unknown, with the reason as a step;
    nothing is extrapolated. Raises HF476 for figures that are no amounts of money at current prices.
    """
    for figure in figures:
        if not is_money(figure.unit) or figure.price_basis != "nominal":
            found = figure.price_basis or figure.unit
            raise HeadframeError.of("HF476", figure.indicator, indicator=figure.indicator, found=found)
    index = deflator.index(base_year)
    return tuple(_converted(figure, deflator, index, base_year) for figure in figures)


def _converted(figure: Figure, deflator: Deflator, index: Mapping[int, float], base_year: int) -> Figure:
    year = int(figure.period) if figure.period.isdigit() else None
    named = {"deflator": Ref(kind="indicator", id=deflator.indicator), "place": Ref(kind="place", id=deflator.place)}
    basis = f"real:{base_year}"
    if year is None or year not in index:
        why = Message(id="deflation.out-of-reach", values=named)
        empty = {"value": None, "low": None, "high": None, "status": "M", "price_basis": basis}
        return figure.model_copy(update={**empty, "steps": (*figure.steps, why)})
    between = range(min(year, base_year) + 1, max(year, base_year) + 1)
    refs = [ref for passed in between for ref in deflator.refs.get(passed, ())]
    step = Message(id="deflation.done", values={**named, "base": str(base_year)})
    return figure.model_copy(
        update={
            **{name: _real(getattr(figure, name), year, index, base_year) for name in ("value", "low", "high")},
            "price_basis": basis,
            "method": "derived",
            "observations": tuple(dict.fromkeys((*figure.observations, *refs))),
            "steps": (*figure.steps, step),
        }
    )


def _real(value: float | None, year: int, index: Mapping[int, float], base_year: int) -> float | None:
    if value is None:
        return None
    return float(deflate(np.array([value]), np.array([year]), index, base_year)[0])
