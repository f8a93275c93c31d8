"""The general layout: any table whose rows and columns say by themselves what they are.

Places in rows and indicators in columns (yearbooks), indicators in rows and years or places in columns (communiqués),
places by years of one indicator, records with several columns of names (panels), one figure to a row (long tables).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from headframe.core.errors import HeadframeError
from headframe.evidence.importing.extract import CELLS, Extract, PrintedPlace, Series
from headframe.evidence.importing.layouts.names import row_names, with_parts_of_years
from headframe.evidence.importing.layouts.source import Layout, Source
from headframe.evidence.importing.layouts.subjects import subjects_of
from headframe.evidence.importing.layouts.table_cells import cells_of
from headframe.evidence.reading.grid import Book
from headframe.evidence.reading.header import describe_scan
from headframe.evidence.reading.scan import scan
from headframe.evidence.reading.table import Table, read_table

NAME = "table"
SURE = 0.3  # any table can be read this way; a layout that knows the publisher is surer


@dataclass(frozen=True, eq=False)
class _Part:
    """What one table gives."""

    table: Table
    series: tuple[Series, ...]
    cells: pl.DataFrame


def recognises(source: Source) -> float:
    """Everything that is no packed archive of another kind; the last resort."""
    return 0.0 if source.start.startswith(b"<stata_dta>") else SURE


def extract(source: Source) -> Extract:
    """Every table of a file as one extract.

    Raises what reading raises, and HF450 for a file without a single table of figures.
    """
    book = source.book
    parts = list(_parts(book))
    if not parts:
        raise HeadframeError.of("HF450", book.name or "—")
    cells = pl.concat([part.cells for part in parts])
    merged = _merged(parts)
    cells = _with_own_units(cells, merged)
    return Extract(
        name=book.name,
        layout=NAME,
        format=book.format,
        encoding=book.encoding,
        sha256=source.sha256,
        series=_counted(merged, cells),
        cells=cells.select(CELLS.names()),
        places=places_of(cells),
        titles=_distinct(title for part in parts for title in part.table.description.titles),
        notes=_distinct(note for part in parts for note in part.table.description.notes),
        years=tuple(dict.fromkeys(year for part in parts for year in part.table.description.years)),
        problems=book.problems,
    )


def _parts(book: Book) -> Iterable[_Part]:
    several = len(book.sheets) > 1
    for sheet in book.sheets:
        found = scan(sheet)
        for description in describe_scan(found):
            table = read_table(found, with_parts_of_years(description, found))
            if not table.columns:
                continue
            names = row_names(table)
            subjects = subjects_of(table, names, sheet.name if several else "")
            yield _Part(table, subjects.series, cells_of(table, names, subjects, book.format))


def _merged(parts: list[_Part]) -> dict[str, Series]:
    """The series of all tables by key: the first description stays, what later ones say differently is noted."""
    found: dict[str, Series] = {}
    for part in parts:
        for series in part.series:
            old = found.get(series.key)
            if old is None:
                found[series.key] = series
            elif old.unit is None and series.unit is not None:
                found[old.key] = replace(old, unit=series.unit, unit_from=series.unit_from)
    return found


def _with_own_units(cells: pl.DataFrame, series: dict[str, Series]) -> pl.DataFrame:
    """Units and scopes of cells only where they differ from those of their series."""
    said = pl.DataFrame(
        {
            "key": list(series),
            "_unit": [one.unit.canonical if one.unit is not None else "" for one in series.values()],
            "_scope": [one.scope for one in series.values()],
        },
        schema={"key": pl.String, "_unit": pl.String, "_scope": pl.String},
    )
    joined = cells.join(said, on="key", how="left", maintain_order="left")
    same = [
        pl.when(pl.col(name) == pl.col(f"_{name}")).then(pl.lit("")).otherwise(pl.col(name)).alias(name)
        for name in ("unit", "scope")
    ]
    return joined.with_columns(same).drop("_unit", "_scope")


def _counted(series: dict[str, Series], cells: pl.DataFrame) -> tuple[Series, ...]:
    """The series with the number of their figures and least, middle and greatest of them."""
    figures = cells.filter(pl.col("value").is_not_null() & (pl.col("unit") == ""))
    facts = figures.group_by("key").agg(
        pl.len().alias("count"),
        pl.col("value").min().alias("minimum"),
        pl.col("value").median().alias("median"),
        pl.col("value").max().alias("maximum"),
    )
    rows = {row["key"]: row for row in facts.iter_rows(named=True)}
    return tuple(
        replace(one, **{name: value for name, value in rows[key].items() if name != "key"}) if key in rows else one
        for key, one in series.items()
    )


def places_of(cells: pl.DataFrame) -> tuple[PrintedPlace, ...]:
    """The different places of some cells, in the order of their first figure, with their number of figures."""
    counted = cells.group_by("place", "place_code", "section", maintain_order=True).agg(
        pl.col("value").is_not_null().sum().alias("count")
    )
    return tuple(
        PrintedPlace(row["place"], row["place_code"], row["section"], row["count"])
        for row in counted.iter_rows(named=True)
        if row["place"] or row["place_code"]
    )


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


LAYOUT = Layout(NAME, recognises, extract)
