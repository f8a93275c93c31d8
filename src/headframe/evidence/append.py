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
from headframe.evidence.change import csv_text, entries_of, entry_of, next_import_id, widened, writable
from headframe.evidence.check import Known, check_observations
from headframe.evidence.collection import PLACES, Collection, places_text, reopen
from headframe.evidence.place import Place
from headframe.evidence.schema import IMPORT_COLUMNS, OBSERVATION_COLUMNS, SOURCE_COLUMNS
from headframe.evidence.tables import IMPORTS, Evidence

LARGEST_TEXT_TABLE = 20_000  # rows; a larger import is kept as Parquet
# What makes two rows the same statement of the same source.
SAME = (
    *("place_id", "indicator_id", "dims", "concept", "price_basis", "source_id", "unit", "qualifier"),
    *("period_start", "period_end", "value", "low", "high", "vintage"),
)


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
        _check(fresh, additions, rows, file)
        entry = entry_of(import_id, today, "import", author, reason, file, rows.height) | {"sha256": sha256}
        name, content = _file_of(import_id, rows)
        files: dict[str, bytes | str] = {name: content, **(additions.files or {})}
        files |= _side_files(fresh, additions)
        files[IMPORTS] = csv_text(IMPORT_COLUMNS, [*entries_of(fresh), entry])
        write_together(fresh.folder, files)
    return Appended(import_id, rows.height, already, name)


def _refuse_repeated(evidence: Evidence, sha256: str, file: str) -> None:
    same = evidence.imports.filter(pl.col("sha256") == sha256, pl.col("withdrawn").fill_null("") == "")
    if same.height:
        before = same.row(0, named=True)
        raise HeadframeError.of("HF470", file, import_id=before["import_id"], date=before["date"])


def _new_rows(evidence: Evidence, rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The rows that no active observation says already, each once, and how many are left out."""
    said = _statements(evidence.observations.filter("active"))
    asked = _statements(rows.with_row_index("at"))
    new = asked.unique(SAME, keep="first", maintain_order=True).join(said, on=SAME, how="anti", nulls_equal=True)
    kept = rows[new.get_column("at").sort()]
    return kept, rows.height - kept.height


def _statements(rows: pl.DataFrame) -> pl.DataFrame:
    numbers = ("value", "low", "high")
    texts = [name for name in SAME if name not in numbers]
    also = ["at"] if "at" in rows.columns else []
    return rows.select(
        *also,
        *(pl.col(name).cast(pl.String).fill_null("") for name in texts),
        *(pl.col(name).cast(pl.Float64, strict=False) for name in numbers),
    )


def _check(evidence: Evidence, additions: Additions, rows: pl.DataFrame, file: str) -> None:
    """Raise every problem that the rows would have when they are read again (HF344 with HF1xx and HF3xx)."""
    known = Known(
        evidence.place_ids | {place.id for place in additions.places},
        evidence.catalogue.indicators,
        frozenset(evidence.catalogue.concepts),
        frozenset(evidence.sources) | {source.source_id for source in additions.sources},
    )
    problems = Problems()
    check_observations(rows.with_row_index("row", offset=2), known, file, problems)
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
    sources = [source for source in additions.sources if source.source_id not in evidence.sources]
    if sources:
        path = evidence.folder / "sources.csv"
        header = csv_text(SOURCE_COLUMNS, [])
        old = widened(read_text(path), SOURCE_COLUMNS) if is_there(path) else header
        added = csv_text(SOURCE_COLUMNS, [source.model_dump() for source in sources])[len(header) :]
        files["sources.csv"] = old + added
    return files
