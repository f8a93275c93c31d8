"""What changes between editions of the same publication: the unit of a column, or what the column counts.

New figures are held against those that the folder has, place by place, before anything is written. Three things are
looked at: the ratio to the nearest year of the same place (another unit makes all places jump by one power of ten),
its size without such a power (another definition), and how well accounting identities hold in the old and in the new
edition (product per head × population = product holds with one population only). What is found is proposed; nothing is
changed until somebody accepts it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headframe.catalog.schema import Indicator
from headframe.core.results import Message, Ref, type_of_value
from headframe.core.units import factor

Kind = Literal["unit", "level", "identity-unit", "concept"]
WHOLE = "whole-city"
KEY = ("indicator", "dims", "concept")
# The columns of both tables: amounts in the indicator's canonical unit.
AMOUNTS = pl.Schema(
    {
        **dict.fromkeys(("place", *KEY), pl.String),
        "year": pl.Int32,
        "amount": pl.Float64,
    }
)
FEWEST, MANY = 5, 20  # places, for a ratio and for the share in which an identity holds
SHARE = 0.6  # of the places must agree on a power of ten
NEAR = math.log(3.0)  # ln units around a power of ten, and the growth that is allowed beside it
NEAR_ALONE = math.log(1.6)
FARTHEST = 6  # years between the figures that are held against each other
PER_YEAR, AT_LEAST = math.log(1.25), math.log(1.6)  # growth that no column has, for a change of level
HOLDS = 0.02  # relative: rounding and the mean or the end of the year
ALIKE = 0.9  # share of places near the old figures, to confirm a unit
SWING = 0.4  # by how much the share of places in which an identity holds must move


@dataclass(frozen=True)
class EditionChange:
    """One change that the figures suggest. `times` is new over old (a power of ten for units), `share` that of
    `places` that say so; `multiply` is what would put the new figures right (None: not a matter of unit).
    """

    kind: Kind
    indicator: str
    dims: str
    concept: str
    times: float
    places: int
    share: float
    reason: Message
    multiply: float | None = None


def column(indicator: str, dims: str, concept: str) -> tuple[str, str, str]:
    """What figures are compared by: a figure that names no area is about the whole place."""
    return indicator, dims, ";".join(part for part in concept.split(";") if part and part != WHOLE)


def amounts(observations: pl.DataFrame) -> pl.DataFrame:
    """Canonical observations (of a folder, or of rows checked for it) in the columns of `AMOUNTS`, active ones only.

    Of several figures for one thing the last is taken.
    """
    active = observations.filter("active") if "active" in observations.columns else observations
    renamed = {"place_id": "place", "indicator_id": "indicator"}
    return (
        active.filter(pl.col("year").is_not_null() & pl.col("amount").is_not_null())
        .rename(renamed)
        .select(
            pl.col("place", "indicator"),
            pl.col("dims").fill_null(""),
            _without_whole(pl.col("concept").fill_null("")).alias("concept"),
            pl.col("year").cast(pl.Int32),
            pl.col("amount"),
        )
        .unique(["place", *KEY, "year"], keep="last", maintain_order=True)
        .cast(AMOUNTS)
    )


def _without_whole(concept: pl.Expr) -> pl.Expr:
    return concept.str.split(";").list.eval(pl.element().filter(pl.element() != WHOLE)).list.join(";")


def edition_changes(
    old: pl.DataFrame, new: pl.DataFrame, indicators: dict[str, Indicator]
) -> tuple[EditionChange, ...]:
    """Everything that suggests another unit or another concept in the new figures, in the order of the indicators."""
    found = [*_by_ratio(old, new, indicators), *_by_identity(old, new, indicators)]
    of_unit = {(change.indicator, change.dims, change.concept) for change in found if change.kind == "unit"}
    # A wrong unit breaks identities too; the ratio says better which figure it is.
    settled = {indicator for indicator, _, _ in of_unit}
    kept = [c for c in found if c.kind != "identity-unit" or not settled & set(_links_of(c.indicator, indicators))]
    return tuple(sorted(kept, key=lambda change: (change.indicator, change.dims, change.concept, change.kind)))


def confirmed(old: pl.DataFrame, new: pl.DataFrame) -> dict[tuple[str, str, str], int]:
    """The columns whose new figures stand where the old ones of the same places do, with the number of places.

    At least `FEWEST` places, of which the middle one differs by less than growth and nine in ten by less than a factor
    of three: a unit that is off by a power of ten cannot do that.
    """
    found: dict[tuple[str, str, str], int] = {}
    for key, rows in _pairs(old, new).partition_by(KEY, as_dict=True, maintain_order=True).items():
        logs = rows.get_column("log").to_numpy()
        near = float((np.abs(logs) <= NEAR).mean())
        if logs.size >= FEWEST and abs(float(np.median(logs))) <= AT_LEAST and near >= ALIKE:
            found[str(key[0]), str(key[1]), str(key[2])] = int(logs.size)
    return found


def _by_ratio(old: pl.DataFrame, new: pl.DataFrame, indicators: dict[str, Indicator]) -> Iterator[EditionChange]:
    """Columns whose new figures stand at another level than the old ones of the same places.

    Rates and shares may do that in any year; only a power of ten is told of them.
    """
    pairs = _pairs(old, new)
    for key, rows in pairs.partition_by(KEY, as_dict=True, maintain_order=True).items():
        logs = rows.get_column("log").to_numpy()
        gap = float(np.median(np.abs(rows.get_column("gap").to_numpy())))
        change = _of_column((str(key[0]), str(key[1]), str(key[2])), logs, gap)
        entry = indicators.get(str(key[0]))
        if change is not None and not (change.kind == "level" and (entry is None or entry.kind == "ratio")):
            yield change


def _pairs(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """For each place of a column the new figure and the old one whose year is nearest, neither zero nor negative."""
    joined = new.filter(pl.col("amount") > 0).join(
        old.filter(pl.col("amount") > 0), on=["place", *KEY], how="inner", suffix="_old"
    )
    gap = pl.col("year") - pl.col("year_old")
    return (
        joined.with_columns(gap.alias("gap"))
        .filter(pl.col("gap").abs() <= FARTHEST)
        .sort("gap", pl.col("year"), maintain_order=True)
        .sort(pl.col("gap").abs(), maintain_order=True)
        .unique(["place", *KEY], keep="first", maintain_order=True)
        .with_columns((pl.col("amount") / pl.col("amount_old")).log().alias("log"))
        .sort(*KEY, "place")
    )


def _of_column(key: tuple[str, str, str], logs: NDArray[np.float64], gap: float) -> EditionChange | None:
    middle = float(np.median(logs))
    power = round(middle / math.log(10.0))
    near = NEAR if logs.size >= FEWEST else NEAR_ALONE
    if power:
        share = float((np.abs(logs - power * math.log(10.0)) <= near).mean())
        if share >= SHARE:
            return _change("unit", key, 10.0**power, logs.size, share, multiply=10.0**-power)
    if logs.size >= FEWEST and abs(middle) > max(AT_LEAST, PER_YEAR * max(gap, 1.0)):
        share = float((np.sign(logs) == np.sign(middle)).mean())
        return _change("level", key, math.exp(middle), logs.size, share)
    return None


def _by_identity(old: pl.DataFrame, new: pl.DataFrame, indicators: dict[str, Indicator]) -> Iterator[EditionChange]:
    """Quotients that no longer go with their parts, or begin to: by a power of ten, or in another share of places."""
    for quotient, above, below, by in _identities(new, indicators):
        now = _departures(new, quotient, above, below, by)
        if now.size < FEWEST:
            continue
        power = round(float(np.median(now)) / math.log(10.0))
        values: dict[str, type_of_value] = {
            "above": Ref(kind="indicator", id=above[0]),
            "below": Ref(kind="indicator", id=below[0]),
        }
        if power:
            share = float((np.abs(now - power * math.log(10.0)) <= NEAR).mean())
            if share >= SHARE:
                yield _change("identity-unit", quotient, 10.0**power, now.size, share, values=values)
            continue
        before = _departures(old, quotient, above, below, by)
        if min(now.size, before.size) < MANY:
            continue
        then, share = (float((np.abs(away) <= HOLDS).mean()) for away in (before, now))
        if abs(share - then) >= SWING:
            values |= {"before": 100.0 * then, "now": 100.0 * share}
            yield _change("concept", below, 1.0, now.size, share, values=values, quotient=quotient[0])


Key = tuple[str, str, str]


def _identities(new: pl.DataFrame, indicators: dict[str, Indicator]) -> Iterator[tuple[Key, Key, Key, float]]:
    """Quotient, numerator, denominator and the factor between their units, wherever the new figures have all three.

    A population that stands in for the one of the definition is tried too.
    """
    keys: list[Key] = sorted(new.select(KEY).unique().iter_rows())
    for quotient in keys:
        entry = indicators.get(quotient[0])
        link = entry.adds_up_to.ratio if entry is not None and entry.adds_up_to is not None else None
        if entry is None or link is None:
            continue
        for above in _columns(keys, (link[0],), quotient):
            for below in _columns(keys, _stand_ins(link[1]), quotient):
                by = factor(f"({indicators[above[0]].unit})/({indicators[below[0]].unit})", entry.unit)
                yield quotient, above, below, by


def _columns(keys: Iterable[Key], names: tuple[str, ...], like: Key) -> list[Key]:
    """The columns of these indicators that are of the same area as another one."""
    districts = "urban-districts" in like[2].split(";")
    return [
        key for key in keys if key[0] in names and not key[1] and ("urban-districts" in key[2].split(";")) == districts
    ]


def _stand_ins(indicator: str) -> tuple[str, ...]:
    people = ("population_resident", "population_registered")
    return people if indicator in people else (indicator,)


def _links_of(indicator: str, indicators: dict[str, Indicator]) -> tuple[str, ...]:
    entry = indicators.get(indicator)
    link = entry.adds_up_to.ratio if entry is not None and entry.adds_up_to is not None else None
    return (indicator, *(link or ()), *(_stand_ins(link[1]) if link else ()))


def _departures(table: pl.DataFrame, quotient: Key, above: Key, below: Key, by: float) -> NDArray[np.float64]:
    """ln(printed quotient / computed one) by place, of the last year that has all three."""
    on = ["place", "year"]

    def of(key: Key, name: str) -> pl.DataFrame:
        same = pl.all_horizontal(pl.col(column) == text for column, text in zip(KEY, key, strict=True))
        return table.filter(same & (pl.col("amount") > 0)).select(*on, pl.col("amount").alias(name))

    rows = of(quotient, "q").join(of(above, "a"), on=on).join(of(below, "b"), on=on)
    last = rows.sort(on).unique("place", keep="last", maintain_order=True)
    return last.select((pl.col("q") / (pl.col("a") / pl.col("b") * by)).log()).to_series().to_numpy()


def _change(
    kind: Kind,
    key: Key,
    times: float,
    places: int,
    share: float,
    *,
    multiply: float | None = None,
    values: dict[str, type_of_value] | None = None,
    quotient: str = "",
) -> EditionChange:
    told: dict[str, type_of_value] = {
        "indicator": Ref(kind="indicator", id=key[0]),
        "times": times,
        "places": places,
        "percent": 100.0 * share,
        **(values or {}),
    }
    if quotient:
        told["quotient"] = Ref(kind="indicator", id=quotient)
    reason = Message(id=f"editions.{kind}", values=told)
    return EditionChange(kind, *key, times, places, share, reason, multiply)
