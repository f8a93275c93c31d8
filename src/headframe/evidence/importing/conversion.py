"""From an extract and a mapping to observations: whole columns at a time, and every cell accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

import polars as pl

from headframe.catalog.load import Catalogue
from headframe.core.errors import HeadframeError, Problem
from headframe.core.units import is_money
from headframe.evidence.importing import mapping as rules
from headframe.evidence.importing.extract import Extract, PrintedPlace, Series
from headframe.evidence.importing.fitting import factor_to, fit
from headframe.evidence.importing.observation_rows import MISSING_STATUS, rows_of
from headframe.evidence.importing.reuse import unit_changed
from headframe.evidence.reading.doubt import Doubt
from headframe.evidence.reading.unit_text import read_unit

EXAMPLES = 5


class Fate(StrEnum):
    """What became of a cell."""

    CONVERTED = "converted"
    MISSING_SAID = "missing-said"  # a row that says that and why there is no figure
    MISSING = "missing"  # no figure, and nobody says why
    UNREADABLE = "unreadable"  # a text, a date or a damaged number where a figure should be
    SKIPPED = "skipped"  # the mapping leaves the series out
    UNMAPPED = "unmapped"  # the mapping does not know the series
    OPEN = "open"  # a question about the series is not decided
    UNIT_CHANGED = "unit-changed"  # printed in another unit than when the mapping was made
    UNIT_UNKNOWN = "unit-unknown"  # the cell has a unit of its own that does not fit
    PLACE_UNKNOWN = "place-unknown"
    PERIOD_UNKNOWN = "period-unknown"


class Match(Protocol):
    """What matching of places answers; `place_id` is empty where the name is unknown or could be several."""

    @property
    def place_id(self) -> str:
        """The id of the place."""


@dataclass(frozen=True)
class Account:
    """How many cells had one fate, with a few of them as `locator: raw text`."""

    fate: Fate
    count: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Converted:
    """Observations in `OBSERVATION_COLUMNS` with typed numbers and dates, and what became of every cell."""

    rows: pl.DataFrame = field(repr=False)
    accounts: tuple[Account, ...] = ()
    unknown_places: tuple[PrintedPlace, ...] = ()
    problems: tuple[Problem, ...] = ()

    def count(self, fate: Fate) -> int:
        """The number of cells with this fate."""
        return next((account.count for account in self.accounts if account.fate is fate), 0)


def convert(
    extract: Extract,
    mapping: rules.Mapping,
    catalogue: Catalogue,
    places: Mapping[PrintedPlace, str] | None = None,
    *,
    here: str = "",
    today: date | None = None,
) -> Converted:
    """The observations of an extract as a mapping understands it.

    `places` says the id of a printed place that `mapping.places` does not name; `here` is the place of figures that
    stand beside no name. Units are passed on as printed, so that they are converted once, where evidence is read.
    A cell without a figure becomes a row only where it is known why. Raises HF457 when no series of the extract is
    in the mapping; warns with HF458 of open questions.
    """
    by_key = mapping.by_key
    if not any(series.key in by_key for series in extract.series):
        raise HeadframeError.of("HF457", extract.name or "—", series=len(extract.series))
    table = _with_rules(extract, mapping, catalogue)
    table = _with_places(table, extract, mapping, places or {}, here)
    table = _with_periods(table, mapping.period)
    table = _with_meanings(table, mapping)
    table = table.with_columns(_fate().alias("fate"))
    kept = table.filter(pl.col("fate").is_in([str(Fate.CONVERTED), str(Fate.MISSING_SAID)])).with_columns(
        said=pl.col("fate") == str(Fate.MISSING_SAID)
    )
    return Converted(
        rows=rows_of(kept, mapping, today),
        accounts=_accounts(table),
        unknown_places=_unknown(table),
        problems=_warnings(extract, mapping),
    )


def place_key(place: PrintedPlace) -> Iterable[str]:
    """The keys under which `[places]` may name a printed place, the most exact first."""
    yield f"{place.name}|{place.section}"
    yield f"{place.name}|{place.code}"
    yield place.name
    yield place.code


def _with_rules(extract: Extract, mapping: rules.Mapping, catalogue: Catalogue) -> pl.DataFrame:
    """The cells with the rule of their series; `verdict` says why a series is not converted."""
    by_key = mapping.by_key
    listed = [_rule_row(series, by_key.get(series.key), mapping.defaults, catalogue) for series in extract.series]
    schema = dict.fromkeys(("key", *_RULE), pl.String) | {"sign": pl.Float64}
    lookup = pl.DataFrame(listed, schema=schema, orient="row")
    joined = extract.cells.join(lookup, on="key", how="left", maintain_order="left")
    return _with_own_units(joined, catalogue)


_RULE = ("verdict", "indicator_id", "rule_unit", "dims", "rule_concept", "price_basis")


def _rule_row(
    series: Series, rule: rules.SeriesRule | None, defaults: rules.Defaults, catalogue: Catalogue
) -> tuple[object, ...]:
    if rule is None:
        return (series.key, Fate.UNMAPPED, "", "", "", "", "", 1.0)
    verdict = ""
    if rule.skip:
        verdict = str(Fate.SKIPPED)
    elif rule.ask or not rule.indicator:
        verdict = str(Fate.OPEN)
    elif unit_changed(rule, series.unit):
        verdict = str(Fate.UNIT_CHANGED)
    elif factor_to(rule.unit, catalogue.indicators[rule.indicator].unit) is None:
        verdict = str(Fate.UNIT_UNKNOWN)
    basis = rule.price_basis
    if not basis and not verdict and is_money(rule.unit):
        basis = defaults.price_basis
    return (series.key, verdict, rule.indicator, rule.unit, rule.dims, rule.concept, basis, float(rule.sign))


def _with_own_units(table: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """`unit` of each cell: its own where it has one that fits, else that of its rule; null where it does not fit."""
    pairs = table.filter(pl.col("unit") != "").select("indicator_id", "unit").unique(maintain_order=True)
    found = []
    for indicator, unit in pairs.iter_rows():
        entry = catalogue.indicators.get(indicator or "")
        read = read_unit(unit)
        made = fit(Series("", unit=read), entry.unit, "") if entry is not None and read is not None else None
        found.append((indicator, unit, made.unit if made is not None and made.fits and made.unit else None))
    schema = {"indicator_id": pl.String, "unit": pl.String, "own_unit": pl.String}
    own = pl.DataFrame(found, schema=schema, orient="row")
    joined = table.join(own, on=["indicator_id", "unit"], how="left", maintain_order="left", nulls_equal=True)
    return joined.with_columns(
        pl.when(pl.col("unit") == "").then("rule_unit").otherwise("own_unit").alias("unit"),
        pl.col("unit").alias("printed_unit"),
    )


def _with_places(
    table: pl.DataFrame, extract: Extract, mapping: rules.Mapping, places: Mapping[PrintedPlace, str], here: str
) -> pl.DataFrame:
    found = []
    for place in extract.places:
        named = next((mapping.places[key] for key in place_key(place) if key in mapping.places), None)
        given = places.get(place) or ""
        found.append((place.name, place.code, place.section, named if named is not None else given))
    if not any(not place.name and not place.code for place in extract.places):
        nameless = table.filter((pl.col("place") == "") & (pl.col("place_code") == ""))
        for (section,) in nameless.select("section").unique(maintain_order=True).iter_rows():
            found.append(("", "", section, mapping.places.get("", here)))
    names = ("place", "place_code", "section", "place_id")
    lookup = pl.DataFrame(found, schema=dict.fromkeys(names, pl.String), orient="row").unique(names[:3], keep="first")
    return table.join(lookup, on=list(names[:3]), how="left", maintain_order="left")


def _with_periods(table: pl.DataFrame, rule: rules.PeriodRule) -> pl.DataFrame:
    """Periods moved by the rule's offset, and its year where the file says none."""
    moved = table
    if rule.offset:
        years = f"{rule.offset}y"
        moved = table.with_columns(pl.col("period_start", "period_end").dt.offset_by(years))
    if rule.year is None:
        return moved
    unsaid = pl.col("period_start").is_null()
    return moved.with_columns(
        pl.when(unsaid).then(pl.lit(date(rule.year, 1, 1))).otherwise("period_start").alias("period_start"),
        pl.when(unsaid).then(pl.lit(date(rule.year, 12, 31))).otherwise("period_end").alias("period_end"),
        pl.when(unsaid).then(pl.lit("A")).otherwise("freq").alias("freq"),
    )


def _with_meanings(table: pl.DataFrame, mapping: rules.Mapping) -> pl.DataFrame:
    """What each mark means: as the mapping says for its text or its kind, else as the file says."""
    if not mapping.meanings:
        return table
    marked = pl.col("mark") != ""
    kinds = pl.col("mark").replace_strict(mapping.meanings, default=pl.col("meaning"), return_dtype=pl.String)
    said = pl.col("raw").str.strip_chars().replace_strict(mapping.meanings, default=kinds, return_dtype=pl.String)
    return table.with_columns(pl.when(marked).then(said).otherwise("meaning").alias("meaning"))


def _fate() -> pl.Expr:
    """What becomes of each cell; the first reason that holds is given."""
    figure = pl.any_horizontal(pl.col("value", "low", "high").is_not_null())
    known = pl.col("meaning").is_in(list(MISSING_STATUS))
    # A number that reading found damaged, such as `1 181` where no other number has spaces, is not taken.
    damaged = pl.col("doubts").str.contains(str(Doubt.DAMAGED), literal=True)
    return (
        pl.when(pl.col("verdict") != "")
        .then("verdict")
        .when(~figure & (pl.col("mark") != "") & ~known)
        .then(pl.lit(str(Fate.MISSING)))
        .when((~figure & (pl.col("mark") == "")) | damaged)
        .then(pl.lit(str(Fate.UNREADABLE)))
        .when(figure & pl.col("unit").is_null())
        .then(pl.lit(str(Fate.UNIT_UNKNOWN)))
        .when(pl.col("place_id").fill_null("") == "")
        .then(pl.lit(str(Fate.PLACE_UNKNOWN)))
        .when(pl.col("period_start").is_null())
        .then(pl.lit(str(Fate.PERIOD_UNKNOWN)))
        .when(figure)
        .then(pl.lit(str(Fate.CONVERTED)))
        .otherwise(pl.lit(str(Fate.MISSING_SAID)))
    )


def _accounts(table: pl.DataFrame) -> tuple[Account, ...]:
    """How many cells had which fate, in the order of `Fate`, with examples by locator."""
    shown = pl.col("locator") + ": " + pl.col("raw").str.slice(0, 60)
    counted = table.group_by("fate").agg(pl.len().alias("count"), shown.head(EXAMPLES).alias("examples"))
    rows = {row["fate"]: row for row in counted.iter_rows(named=True)}
    return tuple(
        Account(fate, rows[fate]["count"], tuple(rows[fate]["examples"])) for fate in Fate if str(fate) in rows
    )


def _unknown(table: pl.DataFrame) -> tuple[PrintedPlace, ...]:
    lost = table.filter(pl.col("fate") == str(Fate.PLACE_UNKNOWN))
    counted = lost.group_by("place", "place_code", "section", maintain_order=True).len()
    return tuple(PrintedPlace(*row) for row in counted.iter_rows())


def _warnings(extract: Extract, mapping: rules.Mapping) -> tuple[Problem, ...]:
    known = {series.key for series in extract.series}
    asked = [rule for rule in mapping.series if rule.ask and rule.key in known and not rule.skip]
    if not asked:
        return ()
    values = {"count": len(asked), "key": asked[0].key, "ask": ", ".join(asked[0].ask)}
    return (Problem("HF458", mapping.name or extract.name or "—", values, "warning"),)
