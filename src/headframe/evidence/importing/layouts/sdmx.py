"""SDMX-CSV, version 1.0 and 2.0, with codes, with labels beside them, or with both in one cell.

The columns before the observation are dimensions, those behind it attributes. Which column is the place and which the
unit differs from agency to agency and is told by its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from headframe.core.errors import HeadframeError
from headframe.core.results import Message
from headframe.evidence.importing.layouts.coded import Coded, dim, label
from headframe.evidence.importing.layouts.opened import ROW, Opened, Row
from headframe.evidence.importing.layouts.unit_codes import price_basis

PERIOD, VALUE = "TIME_PERIOD", "OBS_VALUE"
MESSAGE = frozenset({"DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "LAST UPDATE", "KEY"})
PLACES = ("GEO", "REF_AREA", "REF_AREA_REGION", "TERRITORY", "REG_ID", "LOCATION", "AREA", "COUNTRY", "REPORTER")
UNITS = ("UNIT", "UNIT_MEASURE")
FREQUENCY = frozenset({"FREQ", "FREQUENCY"})
STATUS = ("OBS_FLAG", "OBS_STATUS", "OBS_STATUS_2", "OBS_STATUS_3", "OBS_STATUS_4")
SECRECY = "CONF_STATUS"
POWER, BASE, PRICES = "UNIT_MULT", "BASE_PER", "PRICE_BASE"
# Attributes that never tell one series from another, wherever they stand.
ATTRIBUTES = frozenset({"DECIMALS", "TIME_FORMAT", "COLLECTION", "TITLE", POWER, SECRECY, *STATUS})
REMARKS = re.compile(r"COMMENT|NOTE|METADATA|FOOTNOTE")
_ID = re.compile(r"[A-Za-z@][A-Za-z0-9_@$-]*")
_BOTH = re.compile(r"^(?P<id>[A-Za-z][A-Za-z0-9_]*): ?(?P<label>.*)$")
_FLOW = re.compile(r"^(?:(?P<agency>[A-Za-z0-9_.]+):)?(?P<id>[A-Za-z0-9_@.$-]+)(?:\((?P<version>[0-9.+]+)\))?$")
FROM_LABELS = 0.7


@dataclass(frozen=True)
class Column:
    """A column: its id in upper case, as printed, the position of its codes and of its labels.

    `both` says that a cell holds `code: label`.
    """

    id: str
    name: str
    at: int
    label_at: int = -1
    both: bool = False


def is_header(row: Row) -> bool:
    """Whether a row heads SDMX-CSV: a period, an observation and the structure or dataflow it belongs to."""
    names = {_id(cell) for cell in row}
    return {PERIOD, VALUE} <= names and bool(names & {"DATAFLOW", "STRUCTURE", "STRUCTURE_ID"})


def _id(cell: str) -> str:
    both = _BOTH.match(cell)
    return (both["id"] if both is not None else cell).strip().upper()


def columns_of(header: Row) -> dict[str, Column]:
    """The columns by their id; labels beside codes are joined to them. Raises HF460 for an id that stands twice."""
    labelled = _labelled(header)
    found: dict[str, Column] = {}
    at = 0
    while at < len(header):
        both = _BOTH.match(header[at])
        name = _id(header[at])
        label_at = at + 1 if labelled and name not in MESSAGE and at + 1 < len(header) else -1
        printed = both["id"] if both is not None else header[at]
        if name and name not in found:
            found[name] = Column(name, printed, at, label_at, both is not None)
        elif name:
            raise HeadframeError.of("HF460", "", layout="SDMX-CSV", columns=f"2 × {printed[:60]}")
        at += 2 if label_at >= 0 else 1
    return found


def _labelled(header: Row) -> bool:
    """Whether each column is followed by one with its labels: what follows the observation is no id."""
    at = next((number for number, cell in enumerate(header) if _id(cell) == VALUE), len(header))
    if at + 1 >= len(header):
        return False
    behind = header[at + 1]
    plain = _ID.fullmatch(behind) is not None and behind in {behind.upper(), behind.lower()}
    return not plain and _BOTH.match(behind) is None


def coded_of(opened: Opened, flags: str) -> Coded:
    """The long table of an SDMX-CSV file. Raises HF460 where a column is missing."""
    columns = columns_of(opened.header)
    lacking = [name for name in (PERIOD, VALUE) if name not in columns]
    place = next((columns[name] for name in PLACES if name in columns), None)
    if place is None:
        lacking.append("REF_AREA / geo")
    if lacking or place is None:
        raise HeadframeError.of("HF460", opened.name, layout="SDMX-CSV", columns=", ".join(lacking))
    dims = _dimensions(columns, place)
    rows = _rows(opened, columns, place, dims)
    unit = next((columns[name].name for name in UNITS if name in columns), "")
    flow, title = _dataflow(opened, columns)
    labelled = frozenset(one.name for one in dims if one.label_at >= 0 or one.both)
    sparse = not flow and not labelled
    return Coded(
        rows=rows,
        dims=tuple(one.name for one in dims),
        labelled=labelled,
        always={"dataflow": flow} if flow else {},
        titles=(title,) if title else (),
        unit=unit,
        power=POWER in columns,
        basis=PRICES in columns,
        flags=flags,
        reasons=(Message(id="layouts.no-dataflow"),) if sparse else (),
        confidence=FROM_LABELS if sparse else 1.0,
        problems=opened.problems,
    )


def _dimensions(columns: Mapping[str, Column], place: Column) -> list[Column]:
    """What tells series apart: the columns before the observation, and the unit and price basis wherever they are."""
    ordered = columns[PERIOD].at < columns[VALUE].at
    kept = []
    for name, column in columns.items():
        if name in MESSAGE | FREQUENCY | ATTRIBUTES | {PERIOD, VALUE, place.id} or REMARKS.search(name):
            continue
        behind = ordered and column.at > columns[VALUE].at
        if not behind or name in {*UNITS, PRICES, BASE}:
            kept.append(column)
    return kept


def _rows(opened: Opened, columns: Mapping[str, Column], place: Column, dims: list[Column]) -> pl.DataFrame:
    cell = {one.id: _code(one) for one in columns.values()}
    flags = [cell[name] for name in STATUS if name in columns]
    secret = pl.concat_str(pl.lit("/"), cell[SECRECY]) if SECRECY in columns else pl.lit("")
    made = [
        cell[place.id].alias("place_code"),
        _label(place).alias("place"),
        cell[PERIOD].alias("period"),
        pl.col(str(columns[VALUE].at)).alias("raw"),
        (pl.concat_str(flags, separator=";") if flags else pl.lit("")).alias("flags"),
        secret.alias("secret"),
        pl.concat_str(pl.lit("row "), pl.col(ROW), pl.lit(f", {VALUE}")).alias("locator"),
    ]
    made += [_cut(cell[one.id]).alias(dim(one.name)) for one in dims]
    made += [_label(one).alias(label(one.name)) for one in dims if one.label_at >= 0 or one.both]
    if POWER in columns:
        made.append(cell[POWER].alias("power"))
    if "ACTION" in columns:
        made.append(cell["ACTION"].alias("action"))
    rows = opened.columns.select(made)
    plain = pl.col("flags").str.strip_chars(";")
    open_secret = pl.col("secret").is_in(["", "/", "/F", "/A"])
    rows = rows.with_columns(
        pl.when(pl.col("place") == "").then("place_code").otherwise("place").alias("place"),
        pl.when(open_secret).then(plain).otherwise(pl.concat_str(plain, "secret")).alias("flags"),
    )
    if "action" in rows.columns:  # rows that delete say nothing of figures
        rows = rows.filter(~pl.col("action").is_in(["D", "Delete"]))
    return _with_basis(rows, columns)


def _with_basis(rows: pl.DataFrame, columns: Mapping[str, Column]) -> pl.DataFrame:
    """The price basis of each row, from the codes of prices and of the base period."""
    if PRICES not in columns:
        return rows
    prices = dim(columns[PRICES].name)
    base = pl.col(dim(columns[BASE].name)) if BASE in columns else pl.lit("")
    pairs = rows.select(pl.col(prices).alias("prices"), base.alias("base")).unique()
    found = [(one, other, price_basis(one, other)) for one, other in pairs.head(10_000).iter_rows()]
    table = pl.DataFrame(found, schema={"prices": pl.String, "base": pl.String, "basis": pl.String}, orient="row")
    joined = rows.with_columns(pl.col(prices).alias("prices"), base.alias("base"))
    return joined.join(table, on=["prices", "base"], how="left", maintain_order="left").drop("prices", "base")


def _cut(code: pl.Expr) -> pl.Expr:
    """A code without what says that it does not apply."""
    return pl.when(code.is_in(["_Z", "_X"])).then(pl.lit("")).otherwise(code)


def _code(column: Column) -> pl.Expr:
    """The codes of a column."""
    cell = pl.col(str(column.at)).str.strip_chars()
    if not column.both or column.id in {PERIOD, VALUE}:
        return cell
    return cell.str.splitn(": ", 2).struct.field("field_0").fill_null("").str.strip_chars()


def _label(column: Column) -> pl.Expr:
    """The labels of a column, empty where there are none."""
    if column.label_at >= 0:
        return pl.col(str(column.label_at)).str.strip_chars()
    if column.both:
        cell = pl.col(str(column.at))
        return cell.str.splitn(": ", 2).struct.field("field_1").fill_null("").str.strip_chars()
    return pl.lit("")


def _dataflow(opened: Opened, columns: Mapping[str, Column]) -> tuple[str, str]:
    """The id of the dataflow without agency and version, and its title, from the first row."""
    if not opened.columns.height:
        return "", ""
    first = opened.columns.row(0)
    flow, title = "", ""
    for name in ("STRUCTURE_ID", "DATAFLOW"):
        if name in columns:
            text = str(first[columns[name].at]).strip()
            code, _, label = text.partition(": ") if columns[name].both else (text, "", "")
            match = _FLOW.match(code)
            flow = (match["id"] if match is not None else code)[:120].lower()
            title = label
            break
    if "STRUCTURE_NAME" in columns:
        title = str(first[columns["STRUCTURE_NAME"].at]).strip()
    return flow, title[:300]
