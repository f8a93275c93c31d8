"""What is known of many places at once: the chosen figures of their evidence, and ratios derived from them.

The same rules as `known.py` (one figure per period by the stated rule of the evidence room, ratios where both parts are
known for one year, place and area), carried out on whole tables instead of place by place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from headframe.catalog.load import catalog
from headframe.core.provenance import Source
from headframe.evidence.doubt import Doubt
from headframe.evidence.place import Place
from headframe.evidence.reconcile import chosen, dims_text
from headframe.measure.bounds import Bounds
from headframe.measure.known import OWN_RATIOS, OWN_SUMS
from headframe.measure.meter import REGISTERED, RESIDENT
from headframe.measure.panel import spans as columns
from headframe.measure.panel.doubt import in_doubt, margins
from headframe.measure.panel.spans import COLUMNS, KEYS

_BETWEEN = "\x1f"  # stands between parts of a joined key; no id can hold it
_ONE_YEAR = r"^(\d{4})(-\d{2}-\d{2})?$"
NEEDED = (
    *("obs_id", "place_id", "indicator_id", "period_start", "period_end", "period_text", "dims", "qualifier"),
    *("price_basis", "concept", "status", "method", "vintage", "source_id", "locator", "replaces"),
    *("amount", "amount_low", "amount_high", "active", "ref"),
)
Dims = Mapping[str, str] | None
_Parts = tuple[str, dict[str, str] | None, str]


def parts_of(indicator: str) -> _Parts | None:
    """What an indicator is a ratio of: numerator, the numerator's dimensions, denominator; None if it is none."""
    link = catalog().indicators[indicator].adds_up_to
    if link is not None and link.ratio is not None:
        return link.ratio[0], None, link.ratio[1]
    return OWN_RATIOS.get(indicator)


def needed(indicators: Iterable[str]) -> frozenset[str]:
    """The indicators and everything that they can be derived from."""
    found: set[str] = set()
    open_ends = [*indicators, REGISTERED]
    while open_ends:
        name = open_ends.pop()
        if name in found:
            continue
        found.add(name)
        parts = parts_of(name)
        link = catalog().indicators[name].adds_up_to
        open_ends += [parts[0], parts[2]] if parts is not None else []
        open_ends += link.parts if link is not None and name in OWN_SUMS else ()
        open_ends += ("gdp", "gdp_per_head") if name == RESIDENT else ()
    return frozenset(found)


@dataclass(frozen=True)
class Batch:
    """Observations that came together, with the doubts that audit findings and decisions cast on them."""

    observations: pl.DataFrame
    doubts: Mapping[str, Doubt]


@dataclass(frozen=True)
class ManyKnown:
    """The figures of many places, looked up once for all of them."""

    places: Mapping[str, Place]
    chosen: pl.DataFrame = field(repr=False)
    _series: dict[tuple[str, str], pl.DataFrame] = field(default_factory=dict, repr=False)

    def series(self, indicator: str, dims: Dims = None) -> pl.DataFrame:
        """Everything known of an indicator, one row per place and period in time order; derived ratios among them."""
        key = (indicator, dims_text(dims))
        if key not in self._series:
            own = (pl.col("indicator") == indicator) & (pl.col("dims") == key[1])
            given = self.chosen.filter(own).select(*COLUMNS)
            self._series[key] = given if dims else self._with_ratios(indicator, self._with_sums(indicator, given))
        return self._series[key]

    def at(self, indicator: str, dims: Dims = None) -> pl.DataFrame:
        """The figure of each place and year: of the whole year before one of a day in it, then the last."""
        return _of_years(self.series(indicator, dims))

    def _with_sums(self, indicator: str, given: pl.DataFrame) -> pl.DataFrame:
        link = catalog().indicators[indicator].adds_up_to
        if indicator not in OWN_SUMS or link is None or link.total != indicator:
            return given
        units = catalog().indicators
        sums, name = self.at(link.parts[0]), link.parts[0]
        for part in link.parts[1:]:
            pairs = columns.paired(sums, self.at(part), (name, part)).filter(columns.same_area())
            sums = columns.total(pairs, (units[name].unit, units[part].unit), units[indicator].unit)
            name = indicator
        new = sums.join(given, on=KEYS, how="anti")
        return pl.concat([given, new])

    def _with_ratios(self, indicator: str, given: pl.DataFrame) -> pl.DataFrame:
        parts = parts_of(indicator)
        if parts is None:
            return given
        numerator, dims, denominator = parts
        pairs = columns.paired(self.series(numerator, dims), self._part(denominator), (numerator, denominator))
        fit = columns.same_area() & ~(pl.col("large") & ~pl.col("large_other"))
        units = catalog().indicators
        names = (units[numerator].unit, units[denominator].unit)
        found = columns.ratio(pairs.filter(fit), names, units[indicator].unit)
        first = found.unique(KEYS, keep="first", maintain_order=True)
        return pl.concat([given, first.join(given, on=KEYS, how="anti")])

    def _part(self, indicator: str) -> pl.DataFrame:
        """A denominator; resident population is implied by product and product per head where it is not reported."""
        found = self.at(indicator)
        if indicator != RESIDENT:
            return found
        return pl.concat([found, self._implied_residents().join(found, on=KEYS, how="anti")])

    def _implied_residents(self) -> pl.DataFrame:
        units = catalog().indicators
        printed = self.chosen.filter((pl.col("indicator") == "gdp_per_head") & (pl.col("dims") == ""))
        per_head = printed.select(*COLUMNS).unique(KEYS, keep="last", maintain_order=True)
        pairs = columns.paired(self.at("gdp"), per_head, ("gdp", "gdp_per_head")).filter(columns.same_area())
        names = (units["gdp"].unit, units["gdp_per_head"].unit)
        found = columns.ratio(pairs, names, "person")
        # A concept of its own, that of residents; it names no area.
        told = {"price_basis": "", "concept": "resident", "area": ""}
        return found.with_columns(pl.lit(text).alias(name) for name, text in told.items()).with_columns(
            pl.lit(value=False).alias("large")
        )

    def as_bounded(self, indicator: str, bounds: Bounds) -> pl.DataFrame:
        """The figures of an indicator as the reference bounds of their year count them (compare `meter.as_bounded`)."""
        found, parts = self.at(indicator), parts_of(indicator)
        years = [year for year, kind in bounds.population.items() if kind == "registered"]
        if parts is None or parts[2] != RESIDENT or not years:
            return found
        units = catalog().indicators
        one, other = self.at(parts[0], parts[1]), self.at(REGISTERED)
        pairs = columns.paired(one, other, (parts[0], REGISTERED)).filter(columns.same_area())
        pairs = pairs.filter(pl.col("year").is_in(years))
        by_registered = columns.ratio(pairs, (units[parts[0]].unit, units[REGISTERED].unit), units[indicator].unit)
        printed = found.filter(~pl.col("derived"))
        new = by_registered.join(printed, on=KEYS, how="anti")
        # A pair without a result takes the figure by residents away: like is held against like or not at all.
        kept = found.join(pairs, on=KEYS, how="anti")
        return pl.concat([printed, kept.filter(pl.col("derived")), new])


def _of_years(table: pl.DataFrame) -> pl.DataFrame:
    whole = (pl.col("period") == pl.col("year").cast(pl.String)).alias("_whole")
    ranked = table.with_columns(whole).sort("place", "year", "_whole", "order", maintain_order=True)
    return ranked.unique(KEYS, keep="last", maintain_order=True).select(*COLUMNS)


def many_known(
    places: Mapping[str, Place],
    batches: Iterable[Batch],
    sources: Mapping[str, Source],
    indicators: Iterable[str],
    *,
    doubt: bool = True,
) -> ManyKnown:
    """The chosen figures of the places for these indicators and whatever they can be derived from.

    With `doubt` a figure that is not sound gets a margin (`panel.doubt`), and one that was set aside is left out.
    """
    wanted = needed(indicators)
    parts, doubts = [], dict[str, Doubt]()
    for number, batch in enumerate(batches):
        # The rule of choice works on one place's rows; joined keys make it work on all of them at once.
        rows = batch.observations.filter(pl.col("indicator_id").is_in(wanted) & pl.col("place_id").is_in(list(places)))
        qualified = pl.lit(f"{number}{_BETWEEN}")
        given = pl.col("replaces").fill_null("") != ""
        parts.append(
            rows.select(NEEDED).with_columns(
                (pl.col("place_id") + _BETWEEN + pl.col("indicator_id")).alias("indicator_id"),
                (qualified + pl.col("obs_id")).alias("obs_id"),
                pl.when(given).then(qualified + pl.col("replaces")).alias("replaces"),
            )
        )
        doubts |= {f"{number}{_BETWEEN}{name}": one for name, one in batch.doubts.items()}
    together = (
        pl.concat(parts, how="vertical_relaxed") if parts else pl.DataFrame(schema=dict.fromkeys(NEEDED, pl.String))
    )
    if together.is_empty():
        return ManyKnown(places, pl.DataFrame(schema={**COLUMNS, "indicator": pl.String, "dims": pl.String}))
    picked = chosen(together, sources, tuple(catalog().concepts), doubts)
    table = _dated(picked.with_row_index("order"))
    if doubt:
        table = table.join(in_doubt(table, sources, doubts), on="obs_id", how="left").filter(~pl.col("aside"))
    return ManyKnown(places, _as_figures(margins(table) if doubt else margins(table.with_columns(share=pl.lit(0.0)))))


def _dated(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of one year or one day with something known, with their period and year (compare `known.year_of`)."""
    start, end = (pl.col(name).cast(pl.String) for name in ("period_start", "period_end"))
    one = start.is_not_null() & ((start == end) | end.is_null())
    whole = start.str.ends_with("-01-01") & end.str.ends_with("-12-31") & (start.str.slice(0, 4) == end.str.slice(0, 4))
    text = pl.col("period_text").fill_null("")
    period = pl.when(start.is_null()).then(text).when(one).then(start).when(whole).then(start.str.slice(0, 4))
    return (
        rows.with_columns(period.alias("period"))
        .filter(
            pl.col("period").fill_null("").str.contains(_ONE_YEAR)
            & pl.any_horizontal(pl.col("amount", "amount_low", "amount_high").is_not_null())
        )
        .with_columns(pl.col("period").str.slice(0, 4).cast(pl.Int32).alias("year"))
    )


def _as_figures(rows: pl.DataFrame) -> pl.DataFrame:
    """Chosen observations in the columns of figures, with the indicator and dimensions they are of."""
    kinds = {text: _concept(text) for text in rows.get_column("concept").fill_null("").unique().to_list()}
    lookup = pl.DataFrame(
        [(text, area, large) for text, (area, large) in kinds.items()],
        schema={"concept": pl.String, "area": pl.String, "large": pl.Boolean},
        orient="row",
    )
    keys = pl.col("indicator_id").str.split(_BETWEEN)
    table = rows.with_columns(
        keys.list.get(1).alias("indicator"),
        pl.col("place_id").alias("place"),
        pl.col("amount").alias("value"),
        pl.col("amount_low").alias("low"),
        pl.col("amount_high").alias("high"),
        pl.col("concept", "price_basis", "dims", "qualifier", "status").fill_null(""),
        pl.lit(value=False).alias("derived"),
        pl.concat_list("ref").alias("refs"),
        pl.concat_list("source_id").alias("sources"),
        pl.col("order").cast(pl.Int64),
    )
    return table.join(lookup, on="concept", how="left", maintain_order="left").select(*COLUMNS, "indicator", "dims")


def _concept(text: str) -> tuple[str, bool]:
    """The area that a concept names, and whether it counts large industrial firms only."""
    concepts, parts = catalog().concepts, text.split(";")
    area = next((part for part in parts if part in concepts and concepts[part].axis == "area"), "")
    return area, "above-designated-size" in parts
