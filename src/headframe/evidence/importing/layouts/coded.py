"""From a long table of codes to an Extract: one row per figure, one series per combination of codes.

Every coded layout brings its table into one shape and leaves the rest to this module: keys, units, periods, flags,
kinds of missing, statistics of the series, warnings. All of it works on whole columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from headframe.core.errors import HeadframeError, Problem, Problems
from headframe.core.results import Message
from headframe.evidence.importing.extract import CELLS, Extract, PrintedPlace, Series
from headframe.evidence.importing.layouts.coded_values import Flags, values_of
from headframe.evidence.importing.layouts.period_codes import period_table
from headframe.evidence.importing.layouts.source import Source
from headframe.evidence.importing.layouts.unit_codes import CodedUnit, times_power, unit_of_code
from headframe.evidence.reading.unit_text import says_per_head

MOST_SERIES = 100_000
MOST_PERIODS = 100_000
MOST_PLACES = 500_000
LONGEST_CODE = 200  # characters of a code in a key
_usual_power = pl.col("power").mode().sort().first()
UNSAID = frozenset({"", "_Z", "_T", "_X", "_O", "NOT APPLICABLE", "TOTAL"})


@dataclass(frozen=True, eq=False)
class Coded:
    """A long table in one shape.

    `rows` has the columns `place`, `place_code`, `period`, `raw`, `flags`, `locator`, for each of `dims` a column
    `dim NAME` and for each of `labelled` a column `label NAME`, all of them texts without nulls. A column `printed`
    keeps the text of a cell where `raw` is only the figure in it. `unit` is the dimension that holds the code of the
    unit, or whose codes have the `units` given. Where they are named there is a column `power` with a power of ten
    beside the figures, a column `basis` with price bases, and one whose text, where there is any, says that the figure
    is withheld. `flags` is the list of flags that applies; `always` are codes that all series share.
    """

    rows: pl.DataFrame
    dims: tuple[str, ...]
    labelled: frozenset[str] = frozenset()
    always: Mapping[str, str] = field(default_factory=dict)
    titles: tuple[str, ...] = ()
    unit: str = ""
    power: bool = False
    basis: bool = False
    units: Mapping[str, CodedUnit] = field(default_factory=dict)
    flags: str = "sdmx"
    suppressed: str = ""
    reasons: tuple[Message, ...] = ()
    notes: tuple[str, ...] = ()
    confidence: float = 1.0
    problems: tuple[Problem, ...] = ()


def extract_of(source: Source, layout: str, form: str, encoding: str, coded: Coded, where: str = "") -> Extract:
    """The extract of a coded table.

    Raises HF378 and HF463 for what exceeds the bounds, HF382 where there is no row. Warns with HF464 of cells and
    periods that are not understood and with HF465 of figures that stand twice with different values.
    """
    where = where or source.name
    if not coded.rows.height:
        raise HeadframeError.of("HF382", where)
    source.limits.check_cells(where, coded.rows.height)
    problems = Problems()
    combined, rows = _with_series(coded, where)
    rows = _with_periods(rows, where, problems)
    rows = values_of(rows, Flags(coded.flags, coded.suppressed), where, problems)
    series, units = _series(combined, rows, coded)
    rows = _with_units(rows, coded, units)
    _warn_of_repeated(rows, where, problems)
    places = _places(rows, where)
    cells = _cells(rows, [one.key for one in series])
    return Extract(
        name=source.name,
        layout=layout,
        format=form,
        encoding=encoding,
        sha256=source.sha256,
        series=series,
        cells=cells,
        places=places,
        titles=coded.titles,
        notes=coded.notes,
        problems=(*coded.problems, *problems),
    )


def key_of(codes: Mapping[str, str]) -> str:
    """The key of a combination of codes: `dataflow=nama_10r_2gdp;unit=MIO_EUR`."""
    parts = (f"{name}={_plain(value)}" for name, value in codes.items() if value)
    return ";".join(parts) or "figures"


def _plain(text: str) -> str:
    escaped = text.replace("%", "%25").replace(";", "%3B").replace("=", "%3D")
    return " ".join(escaped.split())


def _with_series(coded: Coded, where: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The combinations of codes in the order of their first row, and the rows with the number of theirs."""
    dims = [dim(name) for name in coded.dims]
    if not dims:
        combined = pl.DataFrame({"series": pl.Series([0], dtype=pl.UInt32)})
        return combined, coded.rows.with_columns(pl.lit(0, pl.UInt32).alias("series"))
    kept = [label(name) for name in coded.dims if name in coded.labelled] + (["basis"] if coded.basis else [])
    combined = coded.rows.group_by(dims, maintain_order=True).agg(pl.col(kept).first())
    if combined.height > MOST_SERIES:
        raise HeadframeError.of("HF463", where, count=combined.height, limit=MOST_SERIES)
    combined = combined.with_row_index("series")
    longest = max(combined.select(pl.col(dims).str.len_chars().max()).row(0))
    if longest > LONGEST_CODE:
        raise HeadframeError.of("HF463", where, count=longest, limit=LONGEST_CODE)
    rows = coded.rows.join(combined.select("series", *dims), on=dims, how="left", maintain_order="left")
    return combined, rows.drop(*dims, *kept)


def dim(name: str) -> str:
    """The column with the codes of a dimension."""
    return f"dim {name}"


def label(name: str) -> str:
    """The column with the labels of a dimension."""
    return f"label {name}"


def _with_periods(rows: pl.DataFrame, where: str, problems: Problems) -> pl.DataFrame:
    found = rows["period"].unique()
    if len(found) > MOST_PERIODS:
        raise HeadframeError.of("HF463", where, count=len(found), limit=MOST_PERIODS)
    table = period_table(found.to_list())
    joined = rows.join(table, on="period", how="left", maintain_order="left")
    unread = joined.filter(pl.col("period_start").is_null() & (pl.col("period") != ""))
    if unread.height:
        problems.add(
            "HF464",
            f"{where}, {unread['locator'][0]}",
            severity="warning",
            count=unread.height,
            text=unread["period"][0][:80],
        )
    return joined


def _series(combined: pl.DataFrame, rows: pl.DataFrame, coded: Coded) -> tuple[tuple[Series, ...], list[CodedUnit]]:
    """The series in their order, and the unit of each."""
    facts = rows.group_by("series").agg(
        pl.col("value").count().alias("count"),
        pl.col("value").min().alias("minimum"),
        pl.col("value").median().alias("median"),
        pl.col("value").max().alias("maximum"),
        *([_usual_power.alias("usual_power")] if coded.power else []),
    )
    table = combined.join(facts, on="series", how="left").sort("series")
    made, units, keys = list[Series](), list[CodedUnit](), set[str]()
    for row in table.iter_rows(named=True):
        own = {name: row[dim(name)] for name in coded.dims if row[dim(name)]}
        codes = {**coded.always, **own}
        unit = _unit(coded, row)
        path = _path(coded, row)
        key = key_of(codes)
        if key in keys:
            key = f"{key};#{row['series']}"
        keys.add(key)
        basis = unit.basis or row.get("basis") or ""
        units.append(unit)
        made.append(
            Series(
                key=key,
                english=path,
                codes={**codes, **({"price_basis": basis} if basis else {})},
                unit=unit.unit,
                unit_from="codes" if unit.unit is not None else "",
                per_head=any(map(says_per_head, path)) or _per_person(unit),
                count=row["count"] or 0,
                minimum=row["minimum"],
                median=row["median"],
                maximum=row["maximum"],
                confidence=coded.confidence,
                reasons=coded.reasons,
            )
        )
    return tuple(made), units


def _unit(coded: Coded, row: Mapping[str, str]) -> CodedUnit:
    """The unit of a series: named for its code, else what the code says, times the usual power of ten."""
    if not coded.unit:
        return CodedUnit(None)
    code = row[dim(coded.unit)]
    if coded.units:
        found = coded.units.get(code, CodedUnit(None))
    else:
        found = unit_of_code(code, (row.get(label(coded.unit)) or "")[:LONGEST_CODE])
    power = _power(row.get("usual_power"))
    return CodedUnit(times_power(found.unit, power), found.basis) if found.unit is not None else found


def _power(text: str | None) -> int:
    plain = (text or "").strip()
    return int(plain) if len(plain) <= 3 and plain.lstrip("+-").isdigit() else 0


def _per_person(unit: CodedUnit) -> bool:
    return unit.unit is not None and unit.unit.base.endswith("/person")


def _path(coded: Coded, row: Mapping[str, str]) -> tuple[str, ...]:
    """The labels of a series from the general to the particular, without those that say nothing."""
    path = [*coded.titles[:1]]
    for name in coded.dims:
        text = row.get(label(name)) or ""
        if (name != coded.unit or coded.units) and text.upper() not in UNSAID and text not in path:
            path.append(text)
    return tuple(path)


def _with_units(rows: pl.DataFrame, coded: Coded, units: Sequence[CodedUnit]) -> pl.DataFrame:
    """The unit of each cell where the power of ten beside it is not the usual one of its series."""
    if not coded.power:
        return rows.with_columns(pl.lit("").alias("unit"))
    usual = rows.group_by("series").agg(_usual_power.alias("usual_power"))
    rows = rows.join(usual, on="series", how="left", maintain_order="left")
    odd = rows.filter(pl.col("power") != pl.col("usual_power")).select("series", "power", "usual_power").unique()
    made = []
    for number, power, most in odd.iter_rows():
        unit = units[number].unit
        other = times_power(unit, _power(power) - _power(most)) if unit is not None else None
        made.append((number, power, (other.canonical or other.printed) if other is not None else ""))
    schema = {"series": pl.UInt32, "power": pl.String, "unit": pl.String}
    table = pl.DataFrame(made, schema=schema, orient="row")
    joined = rows.join(table, on=["series", "power"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("unit").fill_null(""))


def _warn_of_repeated(rows: pl.DataFrame, where: str, problems: Problems) -> None:
    """Figures of the same series, place and period with different values: the codes do not tell them apart."""
    same = ["series", "place_code", "place", "period_start", "period_end"]
    known = rows.filter(pl.col("value").is_not_null())
    found = known.group_by(same, maintain_order=True).agg(
        pl.col("value").n_unique().alias("different"), pl.len().alias("often"), pl.col("locator").get(-1)
    )
    twice = found.filter(pl.col("different") > 1)
    if twice.height:
        at = f"{where}, {twice['locator'][0]}"
        problems.add("HF465", at, severity="warning", count=int(twice["often"].sum()), places=twice.height)


def _places(rows: pl.DataFrame, where: str) -> tuple[PrintedPlace, ...]:
    found = rows.group_by("place", "place_code", maintain_order=True).agg(pl.col("value").count().alias("count"))
    if found.height > MOST_PLACES:
        raise HeadframeError.of("HF463", where, count=found.height, limit=MOST_PLACES)
    return tuple(PrintedPlace(name, code, "", count) for name, code, count in found.iter_rows())


def _cells(rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    same = {"section": "", "qualifier": "=", "scope": ""}
    if "printed" in rows.columns:
        rows = rows.with_columns(pl.col("printed").alias("raw"))
    filled = rows.with_columns(
        pl.Series("key", keys, dtype=pl.String).gather(rows["series"]),
        *(pl.lit(text).alias(name) for name, text in same.items()),
        pl.lit(None, pl.Float64).alias("low"),
        pl.lit(None, pl.Float64).alias("high"),
    )
    return filled.select(pl.col(name).cast(kind) for name, kind in CELLS.items())
