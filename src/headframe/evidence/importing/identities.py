"""What the figures themselves say about units and concepts: product = product per head × population.

The identity holds for the population that the product per head was divided by. Where it holds to a few per cent for
nearly all places, the printed population is that one; where it holds by a power of ten only, a unit is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

import polars as pl

from headframe.catalog.load import Catalogue
from headframe.core.results import Message
from headframe.evidence.importing.concordance import concept_text
from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.fitting import factor_to
from headframe.evidence.importing.matches import Ask, SeriesMatch

POPULATIONS = (
    *("population_registered", "population_resident", "population_unspecified", "population_urban_districts"),
    "population_average",
)
MOST, MOST_IDENTITIES = 10, 60  # series of one indicator, and identities, that are looked at
LEAST = 10  # pairs of figures that an identity must be seen in
CLOSE = 0.02  # how far rounding and mean population may move the quotient
MOST_OFF = 0.15  # |log10| up to which a unit is confirmed: another population, but no power of ten
AGREEING, DIFFERING = 0.8, 0.4  # share of places within CLOSE
_PLACE = ("place", "place_code", "section", "period_start", "period_end")


@dataclass(frozen=True)
class Identity:
    """Product / (product per head × population) over the places: middle of its logarithm, share near one, number."""

    product: str
    per_head: str
    population: str
    away: float
    near: float
    count: int

    @property
    def confirms_units(self) -> bool:
        """Whether the three units fit together."""
        return abs(self.away) <= MOST_OFF

    @property
    def power(self) -> int:
        """The power of ten that is between them."""
        return round(self.away)


def with_identities(extract: Extract, found: Sequence[SeriesMatch], catalogue: Catalogue) -> list[SeriesMatch]:
    """The matches with what the figures confirm, contradict or propose."""
    matches = {item.key: item for item in found}
    for identity in identities(extract, found, catalogue):
        matches.update(_told(identity, matches))
    _same_as_year_end(extract, matches, catalogue)
    return [matches[item.key] for item in found]


def identities(extract: Extract, found: Sequence[SeriesMatch], catalogue: Catalogue) -> list[Identity]:
    """Every product, product per head and population of one scope that can be put together."""
    scopes = {series.key: series.scope for series in extract.series}
    by = {name: [item for item in found if item.indicator == name] for name in ("gdp", "gdp_per_head", *POPULATIONS)}
    triples = (
        (product, head, population)
        for product in by["gdp"][:MOST]
        for head in by["gdp_per_head"][:MOST]
        for population in chain.from_iterable(by[name][:MOST] for name in POPULATIONS)
        if scopes[product.key] == scopes[head.key] == scopes[population.key]
    )
    made = (_identity(extract, three, catalogue) for three in islice(triples, MOST_IDENTITIES))
    return [identity for identity in made if identity is not None]


def _identity(
    extract: Extract, three: tuple[SeriesMatch, SeriesMatch, SeriesMatch], catalogue: Catalogue
) -> Identity | None:
    factors = [factor_to(item.unit, catalogue.indicators[item.indicator].unit) for item in three]
    if any(factor is None for factor in factors):
        return None
    product, head, population = (_figures(extract, item.key, str(at)) for at, item in enumerate(three))
    joined = product.join(head, on=_PLACE, nulls_equal=True).join(population, on=_PLACE, nulls_equal=True)
    joined = joined.filter((pl.col("0") > 0) & (pl.col("1") > 0) & (pl.col("2") > 0))
    if joined.height < LEAST:
        return None
    by = math.log10((factors[0] or 1.0) / ((factors[1] or 1.0) * (factors[2] or 1.0)))
    away = (joined["0"] / (joined["1"] * joined["2"])).log(10.0) + by
    median = away.median()
    near = (away.abs() <= math.log10(1 + CLOSE)).mean()
    first, second, third = (item.key for item in three)
    return Identity(first, second, third, _number(median), _number(near), joined.height)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def per_place(extract: Extract, key: str, by: str) -> tuple[float, int]:
    """The middle of one series divided by another over the places and periods of both, and their number."""
    first, second = _figures(extract, key, "0"), _figures(extract, by, "1")
    joined = first.join(second, on=_PLACE, nulls_equal=True).filter((pl.col("0") > 0) & (pl.col("1") > 0))
    return _number((joined["0"] / joined["1"]).median()), joined.height


def _figures(extract: Extract, key: str, name: str) -> pl.DataFrame:
    rows = extract.cells.filter((pl.col("key") == key) & pl.col("value").is_not_null() & (pl.col("unit") == ""))
    return rows.select(*_PLACE, pl.col("value").alias(name)).unique(_PLACE, keep="first", maintain_order=True)


def _told(identity: Identity, matches: Mapping[str, SeriesMatch]) -> dict[str, SeriesMatch]:
    """What one identity says about its three series."""
    three = (identity.product, identity.per_head, identity.population)
    values: dict[str, str | int | float | bool] = {
        "n": identity.count,
        "share": round(100 * identity.near),
        "population": identity.population,
    }
    if not identity.confirms_units:
        reason = Message(id="importing.units-contradicted", values={**values, "power": identity.power})
        return {key: _asking(matches[key], Ask.UNIT, reason) for key in three}
    reason = Message(id="importing.units-confirmed", values=values)
    told = {key: _without(matches[key], Ask.UNIT, reason) for key in three}
    agrees = "agrees" if identity.near >= AGREEING else "differs" if identity.near <= DIFFERING else ""
    if agrees:
        verdict = Message(id=f"importing.per-head-{agrees}", values=values)
        for key in three[1:]:
            told[key] = replace(told[key], reasons=(*told[key].reasons, verdict))
    return told


def _asking(item: SeriesMatch, ask: Ask, reason: Message) -> SeriesMatch:
    return replace(item, asks=tuple(dict.fromkeys((*item.asks, ask))), reasons=(*item.reasons, reason))


def _without(item: SeriesMatch, ask: Ask, reason: Message) -> SeriesMatch:
    return replace(item, asks=tuple(old for old in item.asks if old is not ask), reasons=(*item.reasons, reason))


def _same_as_year_end(extract: Extract, matches: dict[str, SeriesMatch], catalogue: Catalogue) -> None:
    """A mean population within a few per cent of a year-end one of known concept: that concept is proposed."""
    scopes = {series.key: series.scope for series in extract.series}
    ends = [item for item in matches.values() if item.indicator in POPULATIONS[:4] and Ask.CONCEPT not in item.asks]
    open_ = [one for one in matches.values() if Ask.CONCEPT in one.asks and one.indicator in POPULATIONS]
    for item in open_[:MOST]:
        for end in (one for one in ends[:MOST] if scopes[one.key] == scopes[item.key] and one.key != item.key):
            share, count = _alike(extract, item, end, catalogue)
            if count >= LEAST and share >= AGREEING:
                values: dict[str, str | int | float | bool] = {"share": round(100 * share), "n": count}
                reason = Message(id="importing.same-population", values={**values, "population": end.key})
                matches[item.key] = replace(item, reasons=(*item.reasons, reason), concept=_joined(item, end))
                break


def _joined(item: SeriesMatch, end: SeriesMatch) -> str:
    population = [part for part in end.concept.split(";") if part in {"registered", "resident"}]
    return concept_text([*population, *item.concept.split(";")])


def _alike(extract: Extract, one: SeriesMatch, other: SeriesMatch, catalogue: Catalogue) -> tuple[float, int]:
    factors = [factor_to(item.unit, catalogue.indicators[item.indicator].unit) for item in (one, other)]
    if None in factors:
        return 0.0, 0
    first, second = _figures(extract, one.key, "0"), _figures(extract, other.key, "1")
    joined = first.join(second, on=_PLACE, nulls_equal=True).filter((pl.col("0") > 0) & (pl.col("1") > 0))
    if not joined.height:
        return 0.0, 0
    ratio = joined["0"] * (factors[0] or 1.0) / (joined["1"] * (factors[1] or 1.0))
    return _number(((ratio - 1.0).abs() <= CLOSE).mean()), joined.height
