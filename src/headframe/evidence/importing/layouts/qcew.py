"""Quarterly Census of Employment and Wages (US Bureau of Labor Statistics): slices and single files, annual, quarterly.

Owner, industry, level of aggregation and size stand in the codes of a series, so that a total is never added to its
parts. `N` in the column of disclosure says that employment and wages are withheld: the zero printed there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from headframe.core.errors import HeadframeError
from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.layouts.coded import Coded, dim, extract_of, label
from headframe.evidence.importing.layouts.opened import ROW, Opened, Row, find, opened
from headframe.evidence.importing.layouts.source import Layout, Source
from headframe.evidence.importing.layouts.unit_codes import NOMINAL, CodedUnit, made

AREA, YEAR, QUARTER, DISCLOSURE = "area_fips", "year", "qtr", "disclosure_code"
CODES = ("own_code", "industry_code", "agglvl_code", "size_code")
NEEDED = (AREA, "own_code", "industry_code", "agglvl_code", YEAR)
TITLES = {"own_code": "own_title", "industry_code": "industry_title", "size_code": "size_title"}
ANNUAL = ("", "A", "a")
LONGEST_FIPS = 5


@cache
def measures() -> Mapping[str, Any]:
    """The figures of the census, from the data file beside this module."""
    import yaml

    loaded: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return loaded


def recognises(source: Source) -> float:
    """How sure it is that a file is of this census."""
    return 0.98 if find(source, _is_header) is not None else 0.0


def _is_header(row: Row) -> bool:
    names = {cell.casefold() for cell in row}
    return {AREA, "industry_code", "own_code"} <= names and bool(names & set(measures()["measures"]))


def extract(source: Source) -> Extract:
    """What a file of the census says. Location quotients (`lq_`) and changes over the year (`oty_`) are left out.

    Raises HF460 where columns are missing; see also `opened` and `extract_of`.
    """
    found = find(source, _is_header)
    if found is None:
        raise HeadframeError.of("HF460", source.name, layout="QCEW", columns=", ".join(NEEDED))
    table = opened(source, *found)
    names = [cell.casefold() for cell in table.header]
    lacking = [name for name in NEEDED if name not in names]
    figures = [name for name in names if name in measures()["measures"]]
    twice = [name for name in (*NEEDED, DISCLOSURE, *figures) if names.count(name) > 1]
    if lacking or twice:
        told = [*lacking, *(f"2 × {name}" for name in dict.fromkeys(twice))]
        raise HeadframeError.of("HF460", table.name, layout="QCEW", columns=", ".join(told))
    source.limits.check_cells(table.name, table.columns.height * len(figures))
    coded = _coded(table, names, figures)
    return extract_of(source, LAYOUT.name, table.format, table.encoding, coded, table.name)


def _coded(table: Opened, names: list[str], figures: list[str]) -> Coded:
    def cell(name: str) -> pl.Expr:
        return pl.col(str(names.index(name))).str.strip_chars() if name in names else pl.lit("")

    area = cell(AREA)
    short = area.str.contains(r"^[0-9]+$") & (area.str.len_chars() < LONGEST_FIPS)
    code = pl.when(short).then(area.str.zfill(LONGEST_FIPS)).otherwise(area)
    titled = {name: title for name, title in TITLES.items() if title in names}
    common = [
        code.alias("place_code"),
        (cell("area_title") if "area_title" in names else code).alias("place"),
        cell(YEAR).alias("year"),
        cell(QUARTER).str.to_uppercase().alias("quarter"),
        cell(DISCLOSURE).alias("withheld"),
        ROW,
        *(cell(name).alias(dim(name)) for name in CODES),
        *(cell(title).alias(label(name)) for name, title in titled.items()),
        *(pl.col(str(names.index(name))).str.strip_chars().alias(f"figure {name}") for name in figures),
    ]
    wide = table.columns.select(common)
    index = [name for name in wide.columns if not name.startswith("figure ")]
    long = wide.unpivot(index=index, variable_name="measure", value_name="raw")
    rows = _told(long.with_columns(pl.col("measure").str.strip_prefix("figure ")))
    units = {
        name: CodedUnit(made(one["unit"], one["unit"]), NOMINAL if one["unit"].startswith("USD") else "")
        for name, one in ((_same(name), one) for name, one in measures()["measures"].items())
    }
    dims = ("measure", *CODES)
    return Coded(
        rows, dims, labelled=frozenset({"measure", *titled}), always={"dataflow": "qcew"}, unit="measure", units=units,
        suppressed="withheld", problems=table.problems,
    )  # fmt: skip


def _same(name: str) -> str:
    return str(measures()["same"].get(name, name))


def _told(long: pl.DataFrame) -> pl.DataFrame:
    """Each figure with its period, the name of its series, and whether it is withheld."""
    known = measures()["measures"]
    month = pl.col("measure").replace_strict({name: known[name].get("month", 0) for name in known}, default=0)
    quarter = pl.col("quarter").cast(pl.Int64, strict=False)
    within = pl.concat_str("year", pl.lit("-"), ((quarter - 1) * 3 + month).cast(pl.String).str.zfill(2))
    whole = pl.concat_str("year", pl.lit("-Q"), "quarter")
    period = (
        pl.when(pl.col("quarter").is_in(ANNUAL))
        .then(pl.col("year"))
        .when(month > 0)
        .then(within.fill_null(whole))
        .otherwise(whole)
    )
    published = pl.col("measure").is_in(measures()["published"])
    return long.with_columns(
        period.alias("period"),
        pl.when(published).then(pl.lit("")).otherwise("withheld").alias("withheld"),
        pl.lit("").alias("flags"),
        pl.concat_str(pl.lit("row "), ROW, pl.lit(", "), "measure").alias("locator"),
        pl.col("measure").replace(measures()["same"]).alias(dim("measure")),
        pl.col("measure").replace_strict({name: known[name]["words"] for name in known}).alias(label("measure")),
    ).drop("year", "quarter", "measure", ROW)


LAYOUT = Layout("qcew", recognises, extract)
