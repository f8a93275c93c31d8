"""Which unit makes figures plausible: by the middle figure, by the largest, and by the population beside them.

For a file that gives no unit, the unit under which its publication usually prints is only a guess. It is proposed
where it alone of the usual units passes every check that there is; where several or none pass, none is proposed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from headframe.catalog.load import Catalogue
from headframe.catalog.schema import Indicator
from headframe.core.results import Message
from headframe.evidence.importing.concordance import Concordance
from headframe.evidence.importing.extract import Extract, Series
from headframe.evidence.importing.fitting import COUNTED, base_of, factor_to, said_unit
from headframe.evidence.importing.identities import LEAST, POPULATIONS, per_place
from headframe.evidence.importing.matches import Ask, SeriesMatch

MOST_MEASURED = 200  # series without a unit that are held against a population
LEAST_SURE = 0.5  # a population by a label that is only near is no yardstick
PLACES_SEEN = 200  # names of places that are looked at for their script
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_OF_GUESS = frozenset({"importing.unit-usual", "importing.unit-unsaid", "importing.unit-perhaps"})
_OF_VALUES = frozenset({"importing.values-implausible"})
Bounds = tuple[float | None, float | None]


def within(value: float | None, bounds: Bounds) -> bool:
    """Whether a figure is inside the bounds; an open bound and no figure bind nothing."""
    low, high = bounds
    return value is None or not ((low is not None and value < low) or (high is not None and value > high))


def middle_fits(series: Series, unit: str, of: Indicator, middle: Bounds = (None, None)) -> bool:
    """Whether the middle figure in this unit is one the indicator can have, and one that places usually have.

    `middle` are the bounds of the usual; they bind positive figures only, since a place may have none of something.
    """
    times = factor_to(unit, of.unit)
    if series.median is None or times is None:
        return True
    figure = series.median * times
    return within(figure, of.range) and (figure <= 0 or within(figure, middle))


def better_unit(series: Series, unit: str, of: Indicator, middle: Bounds) -> str:
    """The unit that was perhaps meant where the printed one makes the figures implausible; empty where none does."""
    base = base_of(unit)
    others: tuple[str, ...] = tuple(one for one in ("%", "‰") if unit in {"%", "‰"} and one != unit)
    if base in COUNTED:
        others = tuple(one for one in (base, f"10000 {base}") if one != unit)
    fitting = [one for one in others if middle_fits(series, one, of, middle)]
    return fitting[0] if len(fitting) == 1 else ""


def bounds_of(words: Concordance, name: str, indicator: str) -> Bounds:
    """The bounds of an indicator in one of the lists of the concordance; open where there are none."""
    low, high = words.words[name].get(indicator, (None, None))
    return low, high


def with_plausible_units(
    extract: Extract, found: Sequence[SeriesMatch], catalogue: Catalogue, words: Concordance
) -> list[SeriesMatch]:
    """The matches with the unit that figures make plausible where the file gives none; populations first."""
    by_key = {series.key: series for series in extract.series}
    matches = {item.key: item for item in found}
    chinese = _is_chinese(extract)
    open_ = [item.key for item in found if _unsaid(item, by_key[item.key])]
    for key in sorted(open_, key=lambda key: matches[key].indicator not in POPULATIONS)[:MOST_MEASURED]:
        item, series = matches[key], by_key[key]
        of = catalogue.indicators[item.indicator]
        share = None
        if item.indicator not in POPULATIONS and item.indicator in words.words["per_head"]:
            share = _per_head(extract, item, _yardsticks(matches, by_key, series), catalogue)
        matches[key] = _chosen(item, series, of, words, share, chinese=chinese)
    return [matches[item.key] for item in found]


def _unsaid(item: SeriesMatch, series: Series) -> bool:
    """Whether the unit is open because the file gives none."""
    return bool(item.indicator) and Ask.UNIT in item.asks and said_unit(series) is None


def _is_chinese(extract: Extract) -> bool:
    """Whether labels or places are Chinese, so that the units of Chinese publications are the usual ones."""
    texts = [step for series in extract.series for step in series.chinese]
    texts += [place.name for place in extract.places[:PLACES_SEEN]]
    return any(_CHINESE.search(text) for text in texts)


def _yardsticks(
    matches: Mapping[str, SeriesMatch], by_key: Mapping[str, Series], series: Series
) -> Iterator[SeriesMatch]:
    """The populations of the same scope whose unit is known or has been chosen, the surest first."""
    known = (one for one in matches.values() if one.indicator in POPULATIONS and one.unit)
    same = [one for one in known if by_key[one.key].scope == series.scope and one.confidence > LEAST_SURE]
    yield from sorted(same, key=lambda one: (Ask.UNIT in one.asks, -one.confidence))


def _per_head(
    extract: Extract, item: SeriesMatch, yardsticks: Iterator[SeriesMatch], catalogue: Catalogue
) -> float | None:
    """The middle of figure / persons over places, with the figure as printed; None where nothing is to be compared."""
    for population in yardsticks:
        times = factor_to(population.unit, catalogue.indicators[population.indicator].unit)
        middle, count = per_place(extract, item.key, population.key)
        if times and count >= LEAST:
            return middle / times
    return None


def _chosen(
    item: SeriesMatch, series: Series, of: Indicator, words: Concordance, share: float | None, *, chinese: bool
) -> SeriesMatch:
    """The match with the one usual unit under which the figures are plausible, or without a unit."""
    middle = bounds_of(words, "usual_middles", item.indicator)
    if middle == (None, None):
        middle = bounds_of(words, "middles", item.indicator)
    per_head = bounds_of(words, "per_head", item.indicator) if share is not None else (None, None)
    if middle == per_head == (None, None):
        foreign = not chinese and (base_of(item.unit) != item.unit or "CNY" in item.unit)
        return _open(item) if foreign and item.unit else item
    fitting = [
        unit
        for unit in _usual_units(item.unit, of, chinese=chinese)
        if middle_fits(series, unit, of, middle)
        and within(_in(series.maximum, unit, of), (None, of.range[1]))
        and within(_in(share, unit, of), per_head)
    ]
    if len(fitting) != 1:
        return _open(item)
    reasons = _without(item, _OF_GUESS | _OF_VALUES)
    asks = tuple(ask for ask in item.asks if ask is not Ask.VALUES)
    reason = Message(id="importing.unit-plausible", values={"unit": fitting[0]})
    return replace(item, unit=fitting[0], asks=asks, reasons=(*reasons, reason))


def _in(figure: float | None, unit: str, of: Indicator) -> float | None:
    times = factor_to(unit, of.unit)
    return None if figure is None or times is None else figure * times


def _usual_units(usual: str, of: Indicator, *, chinese: bool) -> tuple[str, ...]:
    """The units in which publications print an indicator of this unit."""
    base = of.unit
    if base in COUNTED:
        units = [base, f"10000 {base}"] if chinese else [base, f"1000 {base}"]
    elif base == "CNY":
        units = ["CNY", "10000 CNY", "100000000 CNY"]
    else:
        units = []
    return tuple(dict.fromkeys((*units, *([usual] if usual and (chinese or not units) else []))))


def _without(item: SeriesMatch, ids: frozenset[str]) -> tuple[Message, ...]:
    return tuple(reason for reason in item.reasons if reason.id not in ids)


def _open(item: SeriesMatch) -> SeriesMatch:
    """The match without a unit: several are plausible, or none is."""
    reasons = _without(item, _OF_GUESS | _OF_VALUES)
    asks = tuple(ask for ask in item.asks if ask is not Ask.VALUES)
    return replace(item, unit="", asks=asks, reasons=(*reasons, Message(id="importing.unit-open")))
