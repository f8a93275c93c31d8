"""Eurostat: SDMX-CSV of its interface, bulk tables of tabs, and the long tables that the R package writes."""

from __future__ import annotations

import re
from itertools import pairwise

import polars as pl

from headframe.core.errors import HeadframeError
from headframe.core.results import Message
from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.layouts import sdmx
from headframe.evidence.importing.layouts.coded import Coded, dim, extract_of, label
from headframe.evidence.importing.layouts.opened import ROW, Opened, Row, find, opened
from headframe.evidence.importing.layouts.source import Layout, Source

FLAGS = "eurostat"
AGENCY = re.compile(r"^(?:ESTAT|EUROSTAT)\b", re.IGNORECASE)
_BULK = re.compile(r"^(?P<dims>[A-Za-z0-9_]+(?:,[A-Za-z0-9_]+)*)\\(?P<wide>TIME_PERIOD|time|geo)$", re.IGNORECASE)
_DATASET = re.compile(r"^(?:estat_)?(?P<code>[a-z]{2,12}(?:_[a-z0-9]+)+|[a-z]{3,8}[0-9]{5})(?:[._$(-].*)?$")
_ADDED = re.compile(r"(?:__custom_[0-9]+)?(?:_(?:linear|page|tabular|spreadsheet))*(?:_[0-9]_[0-9])?$")
_FIGURE = r"^\s*(?P<figure>:|[^\s:]*)\s*(?P<flags>[A-Za-z]*)\s*$"
FREQUENCY = "freq"
PLACE = "geo"
NAMED = 0.9  # confidence where the dataset is known by the file's name alone


def recognises(source: Source) -> float:
    """How sure it is that a file is Eurostat's."""
    if find(source, _is_bulk) is not None:
        return 0.98
    found = find(source, sdmx.is_header)
    if found is not None:
        head, at = found
        below = [cell for row in head.rows[at + 1 : at + 4] for cell in row[:2]]
        own = {"OBS_FLAG", "LAST UPDATE"} & {cell.upper() for cell in head.rows[at]}
        return 0.97 if any(map(AGENCY.match, below)) else 0.93 if own else 0.0
    return 0.8 if find(source, _is_long) is not None else 0.0


def extract(source: Source) -> Extract:
    """What a file of Eurostat says. Raises HF460 where columns are missing; see also `opened` and `extract_of`."""
    for test, reader in ((_is_bulk, _of_bulk), (sdmx.is_header, _of_sdmx), (_is_long, _of_long)):
        found = find(source, test)
        if found is not None:
            table = opened(source, *found)
            return extract_of(source, LAYOUT.name, table.format, table.encoding, reader(table, source), table.name)
    raise HeadframeError.of("HF460", source.name, layout="Eurostat", columns="geo, TIME_PERIOD, OBS_VALUE")


def _of_sdmx(table: Opened, _source: Source) -> Coded:
    return sdmx.coded_of(table, FLAGS)


def _is_bulk(row: Row) -> bool:
    return len(row) > 1 and _BULK.match(row[0]) is not None


def _is_long(row: Row) -> bool:
    names = {cell.casefold() for cell in row}
    return PLACE in names and bool(names & {"time", "time_period"}) and bool(names & {"values", "obs_value"})


def dataset_in_name(name: str) -> str:
    """The code of the dataset in a file's name, such as `estat_nama_10r_2gdp.tsv.gz`; empty where there is none."""
    stem = _ADDED.sub("", name.rpartition("/")[2].casefold().partition(".")[0])
    match = _DATASET.match(stem)
    return match["code"] if match is not None else ""


def _named(table: Opened) -> tuple[dict[str, str], tuple[Message, ...], float]:
    """The dataset that the file's name gives, and the doubt that goes with it."""
    code = dataset_in_name(table.name.rpartition(", ")[2])
    if code:
        return {"dataflow": code}, (Message(id="layouts.dataflow-from-name", values={"dataflow": code}),), NAMED
    return {}, (Message(id="layouts.no-dataflow"),), sdmx.FROM_LABELS


def _of_bulk(table: Opened, source: Source) -> Coded:
    """A table of tabs: the dimensions in the first cell, one column per period, values with flags behind them."""
    head = _BULK.match(table.header[0])
    if head is None or head["wide"].lower() == PLACE:
        raise HeadframeError.of("HF460", table.name, layout="Eurostat TSV", columns="TIME_PERIOD")
    dims = [name.strip() for name in head["dims"].split(",")]
    if PLACE not in dims or len(set(dims)) < len(dims):
        raise HeadframeError.of("HF460", table.name, layout="Eurostat TSV", columns=PLACE)
    periods = [name.strip() for name in table.header[1:]]
    if len(set(periods)) < len(periods):
        raise HeadframeError.of("HF460", table.name, layout="Eurostat TSV", columns=f"2 × {_twice(periods)}")
    source.limits.check_cells(table.name, table.columns.height * len(periods))
    parts = pl.col("0").str.split(",")
    short = table.columns.filter(parts.list.len() != len(dims))
    if short.height:
        reason = f"{short.row(0)[0][:60]} ≠ {head['dims']}"
        raise HeadframeError.of("HF374", table.name, reason=reason)
    named = parts.list.to_struct(fields=dims).struct
    wide = table.columns.select(
        *(named.field(name).str.strip_chars().alias(dim(name)) for name in dims),
        pl.col(ROW),
        *(pl.col(str(number)).alias(f"period {name}") for number, name in enumerate(periods, start=1)),
    )
    return _long_of_bulk(wide, dims, table)


def _twice(names: list[str]) -> str:
    return next(name for name in names if names.count(name) > 1)[:40]


def _long_of_bulk(wide: pl.DataFrame, dims: list[str], table: Opened) -> Coded:
    index = [name for name in wide.columns if not name.startswith("period ")]
    long = wide.unpivot(index=index, variable_name="period", value_name="cell")
    parts = pl.col("cell").str.extract_groups(_FIGURE).struct
    broken = ~pl.col("cell").str.contains(_FIGURE)
    period = pl.col("period").str.strip_prefix("period ")
    rows = long.select(
        pl.col(dim(PLACE)).alias("place_code"),
        pl.col(dim(PLACE)).alias("place"),
        period.alias("period"),
        pl.col("cell").str.strip_chars().alias("printed"),
        pl.when(broken).then("cell").otherwise(parts.field("figure").fill_null("")).alias("raw"),
        pl.when(broken).then(pl.lit("")).otherwise(parts.field("flags").fill_null("")).alias("flags"),
        pl.concat_str(pl.lit("row "), ROW, pl.lit(", "), period).alias("locator"),
        *(pl.col(dim(name)) for name in dims if name not in {PLACE, FREQUENCY}),
    )
    always, reasons, confidence = _named(table)
    own = tuple(name for name in dims if name not in {PLACE, FREQUENCY})
    unit = "unit" if "unit" in own else ""
    return Coded(
        rows, own, always=always, unit=unit, flags=FLAGS, reasons=reasons, confidence=confidence,
        problems=table.problems,
    )  # fmt: skip


def _of_long(table: Opened, _source: Source) -> Coded:
    """A long table with the columns `geo`, `time` and `values` and one for each dimension."""
    names = [cell.casefold() for cell in table.header]
    period = next(name for name in ("time", "time_period") if name in names)
    value = next(name for name in ("values", "obs_value") if name in names)
    flags = next((name for name in ("flags", "flag", "obs_flag") if name in names), "")
    taken = {PLACE, period, value, flags, FREQUENCY, ""}
    own = [name for name in dict.fromkeys(names) if name not in taken]

    def cell(name: str) -> pl.Expr:
        return pl.col(str(names.index(name))).str.strip_chars()

    rows = table.columns.select(
        cell(PLACE).alias("place_code"),
        cell(PLACE).alias("place"),
        cell(period).alias("period"),
        cell(value).alias("raw"),
        (cell(flags) if flags else pl.lit("")).alias("flags"),
        pl.concat_str(pl.lit("row "), ROW, pl.lit(f", {value}")).alias("locator"),
        *(cell(name).alias(dim(name)) for name in own),
    )
    beside = _labels_beside(rows, own)
    dims = tuple(name for name in own if name not in beside.values())
    rows = rows.rename({dim(name): label(code) for code, name in beside.items()})
    return Coded(
        rows, dims, labelled=frozenset(beside), unit="unit" if "unit" in dims else "", flags=FLAGS,
        reasons=(Message(id="layouts.no-dataflow"),), confidence=sdmx.FROM_LABELS, problems=table.problems,
    )  # fmt: skip


def _labels_beside(rows: pl.DataFrame, own: list[str]) -> dict[str, str]:
    """Columns of words that follow a column of codes and say the same thing for each code."""
    found: dict[str, str] = {}
    for code, words in pairwise(own):
        if code in found.values() or not rows[dim(words)].unique().str.contains(r"\S\s\S").all():
            continue
        if rows.select(dim(code), dim(words)).n_unique() == rows[dim(code)].n_unique():
            found[code] = words
    return found


LAYOUT = Layout("eurostat", recognises, extract)
