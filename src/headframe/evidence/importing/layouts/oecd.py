"""OECD: SDMX-CSV of the data explorer, as other agencies write it too, and the exports of the older stats.oecd.org.

The power of ten beside a figure belongs to its unit; the figure stays as it is printed.
"""

from __future__ import annotations

import polars as pl

from headframe.core.errors import HeadframeError
from headframe.core.results import Message
from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.layouts import sdmx
from headframe.evidence.importing.layouts.coded import Coded, dim, extract_of, label
from headframe.evidence.importing.layouts.opened import ROW, Opened, Row, find, opened
from headframe.evidence.importing.layouts.source import Layout, Source

VALUE, FLAGS, FLAG_WORDS = "value", "flag codes", "flags"
PERIODS = ("time", "year", "time period")
PLACES = ("reg_id", "location", "cou", "country", "metro_id", "fua_id", "region")
UNIT, UNIT_WORDS = "unit code", "unit"
POWER, POWER_WORDS = "powercode code", "powercode"
BASE, BASE_WORDS = "reference period code", "reference period"
FREQUENCY = frozenset({"frequency", "freq"})


def recognises(source: Source) -> float:
    """How sure it is that a file is SDMX-CSV of the OECD or its like, or an older export of the OECD."""
    found = find(source, sdmx.is_header)
    if found is not None:
        head, at = found
        below = [cell for row in head.rows[at + 1 : at + 4] for cell in row[:2]]
        return 0.97 if any(cell.startswith("OECD") for cell in below) else 0.9
    return 0.9 if find(source, _is_older) is not None else 0.0


def extract(source: Source) -> Extract:
    """What a file of the OECD says. Raises HF460 where columns are missing; see also `opened` and `extract_of`."""
    for test, reader in ((sdmx.is_header, _of_sdmx), (_is_older, _of_older)):
        found = find(source, test)
        if found is not None:
            table = opened(source, *found)
            return extract_of(source, LAYOUT.name, table.format, table.encoding, reader(table), table.name)
    raise HeadframeError.of("HF460", source.name, layout="OECD", columns="REF_AREA, TIME_PERIOD, OBS_VALUE")


def _of_sdmx(table: Opened) -> Coded:
    return sdmx.coded_of(table, "sdmx")


def _is_older(row: Row) -> bool:
    names = {cell.casefold() for cell in row}
    return {VALUE, FLAGS} <= names and bool(names & set(PERIODS)) and bool(names & set(PLACES))


def _of_older(table: Opened) -> Coded:
    """An export of stats.oecd.org: a column of codes in capitals and one of words behind it."""
    names = [cell.casefold() for cell in table.header]
    place = next(name for name in PLACES if name in names)
    period = next(name for name in PERIODS if name in names)
    words = _words(table.header)
    known = {place, period, VALUE, FLAGS, FLAG_WORDS, POWER, POWER_WORDS, BASE_WORDS, UNIT, UNIT_WORDS, ""}
    labels = {names[at] for at in words.values()}
    own = [name for name in dict.fromkeys(names) if name not in known | labels | FREQUENCY]
    unit = next((name for name in (UNIT, UNIT_WORDS) if name in names), "")

    def cell(name: str) -> pl.Expr:
        return pl.col(str(names.index(name))).str.strip_chars() if name in names else pl.lit("")

    def said(name: str) -> pl.Expr:
        at = words.get(names.index(name), -1)
        return pl.col(str(at)).str.strip_chars() if at >= 0 else pl.lit("")

    spoken = [name for name in own if names.index(name) in words]
    made = [
        cell(place).alias("place_code"),
        said(place).alias("place"),
        cell(period).alias("period"),
        cell(VALUE).alias("raw"),
        cell(FLAGS).alias("flags"),
        pl.concat_str(pl.lit("row "), ROW, pl.lit(", Value")).alias("locator"),
        *(cell(name).alias(dim(name)) for name in own),
        *(said(name).alias(label(name)) for name in spoken),
    ]
    if unit:
        made += [cell(unit).alias(dim("unit")), cell(UNIT_WORDS).alias(label("unit"))]
    if POWER in names:
        made.append(cell(POWER).alias("power"))
    rows = table.columns.select(made).with_columns(
        pl.when(pl.col("place") == "").then("place_code").otherwise("place").alias("place")
    )
    return Coded(
        rows=rows,
        dims=(*own, *(["unit"] if unit else [])),
        labelled=frozenset([*spoken, *(["unit"] if unit else [])]),
        unit="unit" if unit else "",
        power=POWER in names,
        flags="oecd-stat",
        reasons=(Message(id="layouts.no-dataflow"),),
        confidence=0.8,
        problems=table.problems,
    )


def _words(header: Row) -> dict[int, int]:
    """For each column of codes the position of the column with its words: codes in capitals, words beside them."""
    found = {}
    for at, name in enumerate(header[:-1]):
        follower = header[at + 1]
        capitals = name == name.upper() and name.replace("_", "").isalnum()
        if capitals and follower != follower.upper() and follower.casefold() not in {VALUE, UNIT, POWER, BASE}:
            found[at] = at + 1
    return found


LAYOUT = Layout("oecd", recognises, extract)
