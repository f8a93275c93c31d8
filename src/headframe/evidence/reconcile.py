"""Reconciliation: several values for one thing → one chosen by a stated rule, the others kept and shown.

One thing is an indicator, its dimensions, one period and one concept. Within a source the latest vintage supersedes
the earlier ones, and a correction supersedes the row that it names. Between sources the order is: usable status before
low reliability; figures without an audit finding against them before doubtful ones; reliability of the source; method
(reported, derived, interpolated, …); an exact value before a bounded one; the later vintage; the source's id. Numbers
of different concept are never merged: where no concept is asked for, the first in the catalogue's order is taken and
the message says that others exist (law 6).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import polars as pl

from headframe.core.provenance import Source
from headframe.core.results import Figure, Message, Ref
from headframe.evidence.doubt import ASIDE, Doubt
from headframe.evidence.schema import METHODS, QUALIFIERS, RELIABILITIES, STATUSES

NO_DOUBT: Mapping[str, Doubt] = {}
UNUSABLE = ("U", "M", "O", "L", "H", "Q")
PERIOD = ("period_start", "period_end", "period_text")
ORDER = (
    *PERIOD,
    "_superseded",
    "_concept",
    "_unusable",
    "_doubt",
    "_reliability",
    "_method",
    "_inexact",
    "_status",
    "_newest",
    "source_id",
    "obs_id",
)
KEY = ("indicator_id", "dims", "period_start", "period_end", "period_text", "concept")


@dataclass(frozen=True)
class Choice:
    """The value chosen for one thing, the candidates it was chosen from, and the rule that decided."""

    chosen: Figure
    others: tuple[Figure, ...]
    rule: Message


def dims_text(dims: Mapping[str, str] | None) -> str:
    """The canonical text of dimensions: `key=value` pairs sorted by key."""
    return ";".join(f"{key}={value}" for key, value in sorted((dims or {}).items()))


def figure_of(row: Mapping[str, object], unit: str) -> Figure:
    """The figure of one canonical observation row, in the indicator's unit."""

    def number(name: str) -> float | None:
        value = row[name]
        return float(value) if isinstance(value, (int, float)) else None

    def text(name: str) -> str:
        return str(row[name] or "")

    return Figure(
        value=number("amount"),
        low=number("amount_low"),
        high=number("amount_high"),
        unit=unit,
        qualifier=text("qualifier"),
        period=period_of(row),
        price_basis=text("price_basis"),
        concept=text("concept"),
        status=text("status"),
        method=text("method"),
        indicator=text("indicator_id"),
        place=text("place_id"),
        observations=(text("ref"),),
    )


def period_of(row: Mapping[str, object]) -> str:
    """The period as it is printed: a year, a date, a span, or the source's own words where it gives no date."""
    start, end = row["period_start"], row["period_end"]
    if start is None:
        return str(row["period_text"] or "")
    first, last = str(start), str(end or "")
    if first == last or not last:
        return first
    if first.endswith("-01-01") and last.endswith("-12-31"):
        return first[:4] if first[:4] == last[:4] else f"{first[:4]}–{last[:4]}"
    return f"{first}–{last}"


def choices(ranked: Sequence[Mapping[str, object]], unit: str, concept: str | None = None) -> tuple[Choice, ...]:
    """One choice per period, in time order, from the `ranked_rows` of one indicator and one set of dimensions."""
    rows = ranked if concept is None else [row for row in ranked if row["concept"] == concept]
    periods = (list(group) for _, group in groupby(rows, key=itemgetter(*PERIOD)))
    # A period whose every row was corrected away (to another period) has nothing left to choose.
    return tuple(_choose(group, unit) for group in periods if not group[0]["_superseded"])


def ranked_rows(
    rows: pl.DataFrame,
    sources: Mapping[str, Source],
    concept_order: Sequence[str] = (),
    doubts: Mapping[str, Doubt] = NO_DOUBT,
) -> dict[tuple[str, str], list[dict[str, object]]]:
    """The active rows of a canonical frame by (indicator, dimensions): in time order, best candidate first.

    What an audit decision set aside keeps its value and has the status of low reliability from here on.
    """
    found: dict[tuple[str, str], list[dict[str, object]]] = {}
    for row in _ranked(rows.filter(pl.col("active")), sources, concept_order, doubts).iter_rows(named=True):
        found.setdefault((row["indicator_id"], row["dims"]), []).append(row)
    return found


def chosen(
    rows: pl.DataFrame,
    sources: Mapping[str, Source],
    concept_order: Sequence[str] = (),
    doubts: Mapping[str, Doubt] = NO_DOUBT,
) -> pl.DataFrame:
    """The chosen row of every indicator, dimensions and period of a canonical frame, by the same rule as `choices`."""
    ranked = _ranked(rows.filter(pl.col("active")), sources, concept_order, doubts)
    first = ranked.unique(["indicator_id", "dims", *PERIOD], keep="first", maintain_order=True)
    return first.filter(~pl.col("_superseded")).select(rows.columns)


def _position(column: str, order: Sequence[str]) -> pl.Expr:
    ranks = {code: number for number, code in enumerate(order)}
    return pl.col(column).replace_strict(ranks, default=len(ranks), return_dtype=pl.Int32)


def _ranked(
    rows: pl.DataFrame, sources: Mapping[str, Source], concept_order: Sequence[str], doubts: Mapping[str, Doubt]
) -> pl.DataFrame:
    """The rows in time order and, within a period, best candidate first."""
    levels = {obs_id: doubt.level for obs_id, doubt in doubts.items()}
    aside = [obs_id for obs_id, level in levels.items() if level == ASIDE]
    reliability = {key: RELIABILITIES.codes.index(s.reliability) for key, s in sources.items()}
    concepts = {
        text: tuple(sorted(concept_order.index(part) if part in concept_order else 999 for part in text.split(";")))
        for text in rows.get_column("concept").fill_null("").unique(maintain_order=True).to_list()
    }
    concept_rank = {text: number for number, text in enumerate(sorted(concepts, key=lambda key: concepts[key]))}
    newest = pl.col("vintage").fill_null("")
    replaced = rows.get_column("replaces").drop_nulls().to_list()
    return (
        rows.with_columns(
            pl.col("period_text", "concept", "dims").fill_null(""),
            pl.when(pl.col("obs_id").is_in(aside)).then(pl.lit("U")).otherwise(pl.col("status")).alias("status"),
        )
        .with_columns(
            pl.col("obs_id").replace_strict(levels, default=0, return_dtype=pl.Int32).alias("_doubt"),
            pl.col("concept").replace_strict(concept_rank, return_dtype=pl.Int32).alias("_concept"),
            ((newest < newest.max().over([*KEY, "source_id", "locator"])) | pl.col("obs_id").is_in(replaced)).alias(
                "_superseded"
            ),
            pl.col("status").is_in(UNUSABLE).alias("_unusable"),
            pl.col("source_id").replace_strict(reliability, default=3, return_dtype=pl.Int32).alias("_reliability"),
            _position("method", METHODS.codes).alias("_method"),
            (pl.col("qualifier") != QUALIFIERS.codes[0]).alias("_inexact"),
            _position("status", STATUSES.codes).alias("_status"),
            newest.alias("_newest"),
        )
        .sort(ORDER, descending=[column == "_newest" for column in ORDER], nulls_last=False)
    )


def _choose(rows: Sequence[Mapping[str, object]], unit: str) -> Choice:
    figures = [figure_of(row, unit) for row in rows]
    best, others = figures[0], tuple(figures[1:])
    if not others:
        return Choice(best, others, Message(id="reconcile.only"))
    decided = _deciding(rows[0], rows[1])
    values: dict[str, str | Ref | int | float | bool | Figure | tuple[Ref, ...]] = {
        "n": len(others),
        "source": Ref(kind="source", id=str(rows[0]["source_id"])),
    }
    return Choice(best, others, Message(id=f"reconcile.{decided}", values=values))


def _deciding(best: Mapping[str, object], second: Mapping[str, object]) -> str:
    """The first criterion in which the best candidate differs from the next one."""
    criteria = ("superseded", "concept", "unusable", "doubt", "reliability", "method", "inexact", "status", "newest")
    for criterion in criteria:
        if best[f"_{criterion}"] != second[f"_{criterion}"]:
            return criterion
    return "order"
