"""Appending an import: a table of new observations with its places, sources and mapping, whole or not at all.

Every import is a file of its own, `evidence/observations-<import id>.csv` (`.parquet` beyond some ten thousand rows),
so that nothing that was there before is touched; `change.withdraw` undoes it by its id.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from headframe.core.errors import HeadframeError, Problem, Problems
from headframe.core.files import folder_lock, is_there, read_text, write_together
from headframe.core.provenance import Source
from headframe.evidence.change import (
    check_entries,
    csv_text,
    entries_of,
    entry_of,
    next_import_id,
    table_of,
    widened,
    writable,
)
from headframe.evidence.check import Known, check_observations
from headframe.evidence.collection import PLACES, Collection, place_entries, place_row, places_text, reopen
from headframe.evidence.place import Place, place_problems
from headframe.evidence.relations import check_sources
from headframe.evidence.schema import IMPORT_COLUMNS, OBSERVATION_COLUMNS, SOURCE_COLUMNS
from headframe.evidence.statements import SAME, statements
from headframe.evidence.tables import IMPORTS, SOURCES, Evidence

LARGEST_TEXT_TABLE = 20_000  # rows; a larger import is kept as Parquet


@dataclass(frozen=True)
class Additions:
    """What an import brings: rows in `OBSERVATION_COLUMNS`, places and sources that the folder lacks, other files.

    `files` are texts by their path in the folder, such as the mapping that was used.
    """

    rows: pl.DataFrame
    places: Sequence[Place] = ()
    sources: Sequence[Source] = ()
    files: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Appended:
    """What was written: the import's id, how many rows, and how many were left out because they stand there already."""

    import_id: str
    rows: int
    already: int
    file: str


def append_table(
    evidence: Evidence,
    additions: Additions,
    *,
    author: str,
    reason: str,
    today: date,
    file: str,
    sha256: str = "",
    again: bool = False,
) -> Appended:
    """Append the rows of an import, checked as they will be read; returns its id.

    Raises HF337 for a built-in place, HF470 when the same file was imported before (unless `again`), HF473 when every
    row stands there already, and every problem of the rows together with HF344; then nothing is written.
    """
    writable(evidence)
    with folder_lock(evidence.folder):
        fresh = reopen(evidence)
        if sha256 and not again:
            _refuse_repeated(fresh, sha256, file)
        import_id = next_import_id(fresh, f"import-{today.isoformat()}")
        rows, already = _new_rows(fresh, additions.rows)
        if rows.is_empty():
            raise HeadframeError.of("HF473", file, rows=already)
        rows = rows.with_columns(
            pl.format("{}-{}", pl.lit(import_id), pl.int_range(1, pl.len() + 1)).alias("obs_id"),
            pl.lit(import_id).alias("import_id"),
        ).select(OBSERVATION_COLUMNS)
        entry = entry_of(import_id, today, "import", author, reason, file, rows.height) | {"sha256": sha256}
        entries = [*entries_of(fresh), entry]
        _check(fresh, additions, rows, file, entries)
        name, content = _file_of(import_id, rows)
        files: dict[str, bytes | str] = {name: content, **(additions.files or {})}
        files |= _side_files(fresh, additions)
        files[IMPORTS] = csv_text(IMPORT_COLUMNS, entries)
        write_together(fresh.folder, files)
    return Appended(import_id, rows.height, already, name)


def _refuse_repeated(evidence: Evidence, sha256: str, file: str) -> None:
    same = evidence.imports.filter(pl.col("sha256") == sha256, pl.col("withdrawn").fill_null("") == "")
    if same.height:
        before = same.row(0, named=True)
        raise HeadframeError.of("HF470", file, import_id=before["import_id"], date=before["date"])


def _new_rows(evidence: Evidence, rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The rows that no active observation says already, each once, and how many are left out."""
    # What a correction in force replaces has been said too, even where its own import was undone: importing the file
    # again must not put the old figure beside the corrected one.
    corrected = evidence.observations.filter("active").get_column("replaces").drop_nulls().unique()
    said = statements(evidence.observations.filter(pl.col("active") | pl.col("obs_id").is_in(corrected.implode())))
    asked = statements(rows.with_row_index("at"))
    new = asked.unique(SAME, keep="first", maintain_order=True).join(said, on=SAME, how="anti", nulls_equal=True)
    kept = rows[new.get_column("at").sort()]
    return kept, rows.height - kept.height


def _check(
    evidence: Evidence,
    additions: Additions,
    rows: pl.DataFrame,
    file: str,
    entries: Sequence[Mapping[str, object]],
) -> None:
    """Raise every problem that what is written would have when it is read again (HF344 with HF1xx and HF3xx)."""
    known = Known(
        evidence.place_ids | {place.id for place in additions.places},
        evidence.catalogue.indicators,
        frozenset(evidence.catalogue.concepts),
        frozenset(evidence.sources) | {source.source_id for source in additions.sources},
    )
    problems = Problems()
    check_observations(rows.with_row_index("row", offset=2), known, file, problems)
    check_entries(entries, problems)
    check_sources(
        table_of(SOURCE_COLUMNS, map(Source.model_dump, _new_sources(evidence, additions))), SOURCES, problems
    )
    if isinstance(evidence, Collection):
        for place in additions.places:
            problems.extend(place_problems(place_entries(place_row(place)), f"{PLACES}, {place.id}"))
    if problems.errors:
        raise HeadframeError([Problem("HF344", evidence.id), *problems.errors])


def _file_of(import_id: str, rows: pl.DataFrame) -> tuple[str, bytes]:
    if rows.height <= LARGEST_TEXT_TABLE:
        return f"evidence/observations-{import_id}.csv", rows.write_csv(date_format="%Y-%m-%d").encode()
    out = io.BytesIO()
    rows.write_parquet(out, compression="zstd")
    return f"evidence/observations-{import_id}.parquet", out.getvalue()


def _side_files(evidence: Evidence, additions: Additions) -> dict[str, str]:
    """The lists of places and sources with what is new."""
    files: dict[str, str] = {}
    if isinstance(evidence, Collection) and additions.places:
        fresh = {place.id: place for place in additions.places}
        files[PLACES] = places_text({**fresh, **evidence.places}.values())
    sources = _new_sources(evidence, additions)
    if sources:
        path = evidence.folder / SOURCES
        header = csv_text(SOURCE_COLUMNS, [])
        old = widened(read_text(path), SOURCE_COLUMNS) if is_there(path) else header
        added = csv_text(SOURCE_COLUMNS, [source.model_dump() for source in sources])[len(header) :]
        files[SOURCES] = old + added
    return files


def _new_sources(evidence: Evidence, additions: Additions) -> list[Source]:
    return [source for source in additions.sources if source.source_id not in evidence.sources]
