"""World Bank: the CSV of an indicator or of a database, plain or in its archive beside two files of metadata."""

from __future__ import annotations

import re

import polars as pl

from headframe.core.errors import HeadframeError
from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.layouts.coded import Coded, dim, extract_of, label
from headframe.evidence.importing.layouts.opened import ROW, Opened, Row, find, opened
from headframe.evidence.importing.layouts.source import Layout, Source
from headframe.evidence.importing.layouts.unit_codes import unit_in_name

COUNTRY, COUNTRY_CODE, INDICATOR, INDICATOR_CODE = "country name", "country code", "indicator name", "indicator code"
SERIES, SERIES_CODE = "series name", "series code"  # what the data bank calls them
NEEDED = (COUNTRY, COUNTRY_CODE, INDICATOR, INDICATOR_CODE)
_YEAR = re.compile(r"^(?P<year>(?:19|20)[0-9]{2})(?: \[YR(?P=year)\])?$")


def recognises(source: Source) -> float:
    """How sure it is that a file is the World Bank's."""
    return 0.97 if find(source, _is_header) is not None else 0.0


def _is_header(row: Row) -> bool:
    names = {cell.casefold() for cell in row}
    named = {INDICATOR, INDICATOR_CODE} <= names or {SERIES, SERIES_CODE} <= names
    return named and {COUNTRY, COUNTRY_CODE} <= names and any(map(_YEAR.match, row))


def extract(source: Source) -> Extract:
    """What a file of the World Bank says. Raises HF460 where columns are missing; see also `opened`, `extract_of`."""
    found = find(source, _is_header)
    if found is None:
        raise HeadframeError.of("HF460", source.name, layout="World Bank", columns=", ".join(NEEDED))
    table = opened(source, *found)
    coded = _coded(table, source)
    return extract_of(source, LAYOUT.name, table.format, table.encoding, coded, table.name)


def _coded(table: Opened, source: Source) -> Coded:
    names = [cell.casefold() for cell in table.header]
    years = {at: match["year"] for at, cell in enumerate(table.header) if (match := _YEAR.match(cell)) is not None}
    if len(set(years.values())) < len(years):
        raise HeadframeError.of("HF460", table.name, layout="World Bank", columns="2 × year")
    source.limits.check_cells(table.name, table.columns.height * len(years))
    indicator, code = (INDICATOR, INDICATOR_CODE) if INDICATOR in names else (SERIES, SERIES_CODE)

    def cell(name: str) -> pl.Expr:
        return pl.col(str(names.index(name))).str.strip_chars()

    wide = table.columns.filter(cell(code) != "").select(  # the data bank writes two lines about itself at the end
        cell(COUNTRY).alias("place"),
        cell(COUNTRY_CODE).alias("place_code"),
        cell(code).alias(dim("indicator")),
        cell(indicator).alias(label("indicator")),
        ROW,
        *(pl.col(str(at)).str.strip_chars().alias(f"year {year}") for at, year in years.items()),
    )
    index = [name for name in wide.columns if not name.startswith("year ")]
    rows = wide.unpivot(index=index, variable_name="period", value_name="raw").with_columns(
        pl.col("period").str.strip_prefix("year "), pl.lit("").alias("flags")
    )
    rows = rows.with_columns(pl.concat_str(pl.lit("row "), ROW, pl.lit(", "), "period").alias("locator")).drop(ROW)
    spoken = wide.group_by(dim("indicator"), maintain_order=True).agg(pl.col(label("indicator")).first())
    units = {identifier: unit_in_name(name) for identifier, name in spoken.iter_rows()}
    return Coded(
        rows=rows,
        dims=("indicator",),
        labelled=frozenset({"indicator"}),
        unit="indicator",
        units=units,
        notes=_said_above(table.above),
        problems=table.problems,
    )


def _said_above(rows: tuple[Row, ...]) -> tuple[str, ...]:
    """What the lines above the table say: the database and when it was updated last."""
    lines = (": ".join(cell for cell in row if cell) for row in rows)
    return tuple(line for line in lines if line)


LAYOUT = Layout("worldbank", recognises, extract)
