"""Changing a city folder: new, append, correct, withdraw, upgrade. Nothing is overwritten (law 5).

A correction is a new row with a later vintage; an import is undone by marking its id as withdrawn, its rows stay. Each
change holds the folder's lock, is checked before it is written, and is written whole (law 10).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from headframe.core.errors import HeadframeError, Problem, Problems, did_you_mean
from headframe.core.files import folder_lock, is_there, read_text, storable, write_together
from headframe.evidence.check import Known, check_observations
from headframe.evidence.collection import reopen
from headframe.evidence.relations import check_imports
from headframe.evidence.schema import IMPORT_COLUMNS, OBSERVATION_COLUMNS
from headframe.evidence.statements import said_again
from headframe.evidence.tables import IMPORTS, OBSERVATIONS, Evidence

CORRECTABLE = ("value", "low", "high", "value_text", "unit", "price_basis", "qualifier", "concept", "status", "note")


@dataclass(frozen=True)
class Correction:
    """New contents for some columns of one observation; `row` says where in a workbook they stand, 0 if in none."""

    obs_id: str
    changes: Mapping[str, str]
    row: int = 0


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """A CSV table: the header, then the rows; empty cells for missing values; lines end with a line feed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if row.get(name) is None else row[name] for name in columns])
    return out.getvalue()


def table_of(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    """Rows about to be written, as the table will be read: texts, empty cells missing, `row` counted below the header.

    The checks of reading are made on it before anything is written, so that no change can make a folder unreadable.
    """
    texts = [[None if row.get(name) in {None, ""} else storable(str(row[name])) for name in columns] for row in rows]
    table = pl.DataFrame(texts, schema=dict.fromkeys(columns, pl.String), orient="row")
    return table.with_row_index("row", offset=2)


def check_entries(entries: Iterable[Mapping[str, object]], problems: Problems) -> None:
    """Add what reading the list of imports would find wrong with these entries (HF320, HF321, HF364)."""
    check_imports(table_of(IMPORT_COLUMNS, entries), IMPORTS, problems)


def correct(
    city: Evidence,
    corrections: Sequence[Correction],
    *,
    author: str,
    reason: str,
    today: date,
    file: str = "",
    additions: Sequence[Mapping[str, str]] = (),
) -> str:
    """Add a vintage for each corrected observation, and new ones, as one change; returns its import id.

    The old rows stay and are shown as superseded. Raises HF336, HF337, HF339, and every problem of the new rows and of
    their entry together with HF344; then nothing is written.
    """
    writable(city)
    wanting = [name for name, text in (("author", author), ("reason", reason)) if not text.strip()]
    if wanting or not all(correction.changes for correction in corrections) or not (corrections or additions):
        raise HeadframeError.of("HF339", "correct", what=", ".join(wanting or ["value"]))
    with folder_lock(city.folder):
        fresh = reopen(city)
        import_id = next_import_id(fresh, f"correction-{today.isoformat()}")
        rows = _corrected_rows(fresh, corrections, import_id, today)
        for number, added in enumerate(additions, start=len(rows) + 1):
            vintage = added.get("vintage") or today.isoformat()
            rows.append({**added, "obs_id": f"{import_id}-{number}", "import_id": import_id, "vintage": vintage})
        entry = entry_of(import_id, today, "correction", author, reason, file, len(rows))
        _write(fresh, rows, [*entries_of(fresh), entry], file or "correct")
    return import_id


def append(
    city: Evidence, rows: Sequence[Mapping[str, str]], *, author: str, reason: str, today: date, file: str
) -> str:
    """Append observations as one import; returns its id. Raises every problem of the rows; then nothing is written."""
    writable(city)
    with folder_lock(city.folder):
        fresh = reopen(city)
        import_id = next_import_id(fresh, f"import-{today.isoformat()}")
        marked = [{**row, "import_id": import_id} for row in rows]
        entry = entry_of(import_id, today, "import", author, reason, file, len(rows))
        _write(fresh, marked, [*entries_of(fresh), entry], file)
    return import_id


def withdraw(city: Evidence, import_id: str, *, author: str, reason: str, today: date) -> None:
    """Undo an import or correction by its id: its rows stay in the file and count no more.

    Raises HF337, HF339, HF340, and HF320 or HF321 for an author or reason that could not be read again.
    """
    _set_withdrawn(city, import_id, f"{today.isoformat()} {author.strip()}: {reason.strip()}", author, reason)


def restore(city: Evidence, import_id: str, *, author: str, reason: str) -> None:
    """Take back a withdrawal, of all rows of an import or of none.

    Where another import has meanwhile said one of its rows again, both would count and the statement would stand
    twice: that is refused (HF396), for whichever of the two is to hold is the analyst's choice. A row and its own
    correction are no such pair. Raises HF337, HF339, HF340, HF396.
    """
    _set_withdrawn(city, import_id, "", author, reason)


def _set_withdrawn(city: Evidence, import_id: str, mark: str, author: str, reason: str) -> None:
    writable(city)
    wanting = [name for name, text in (("author", author), ("reason", reason)) if not text.strip()]
    if wanting:
        raise HeadframeError.of("HF339", "undo", what=", ".join(wanting))
    with folder_lock(city.folder):
        fresh = reopen(city)
        entries = entries_of(fresh)
        known = [str(entry["import_id"]) for entry in entries]
        if import_id not in known:
            raise HeadframeError.of("HF340", import_id[:80], text=import_id[:80], known=", ".join(known) or "—")
        if not mark:
            _refuse_said_again(fresh, import_id)
        for entry in entries:
            if entry["import_id"] == import_id:
                entry["withdrawn"] = mark
        problems = Problems()
        check_entries(entries, problems)
        problems.raise_if_any()
        write_together(city.folder, {IMPORTS: csv_text(IMPORT_COLUMNS, entries)})


def _refuse_said_again(city: Evidence, import_id: str) -> None:
    own = pl.col("import_id") == import_id
    if city.observations.filter(own, "active").height:  # it was not withdrawn: nothing comes back
        return
    found = said_again(city.observations, import_id)
    if found.is_empty():
        return
    ids = city.observations.filter(pl.col("obs_id").is_in(found.get_column("by").unique().implode()))
    others = ids.select(pl.col("import_id").fill_null("")).unique().to_series().sort().to_list()
    named = ", ".join([other or "—" for other in others][:5])
    raise HeadframeError.of(
        "HF396", import_id[:80], text=import_id[:80], rows=found.get_column("obs_id").n_unique(), others=named
    )


def writable(city: Evidence) -> None:
    """Raise HF337 for a folder that came with the package."""
    if city.is_builtin:
        raise HeadframeError.of("HF337", city.id, name=city.id)


def entries_of(city: Evidence) -> list[dict[str, object]]:
    """The list of imports as rows."""
    return [dict(row) for row in city.imports.drop("row").iter_rows(named=True)]


def entry_of(
    import_id: str, today: date, kind: str, author: str, reason: str, file: str, rows: int
) -> dict[str, object]:
    """A row of the list of imports."""
    return {
        "import_id": import_id,
        "date": today.isoformat(),
        "kind": kind,
        "author": author.strip(),
        "reason": reason.strip(),
        "file": file,
        "rows": rows,
    }


def next_import_id(city: Evidence, stem: str) -> str:
    """The first free import id that begins with a stem."""
    # The list of imports may have been lost; the rows that it spoke of still bear their ids.
    taken = {*city.imports.get_column("import_id").to_list(), *city.observations.get_column("import_id").to_list()}
    number = 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def _corrected_rows(
    city: Evidence, corrections: Sequence[Correction], import_id: str, today: date
) -> list[dict[str, object]]:
    problems, rows = Problems(), list[dict[str, object]]()
    texts = _text_rows(city)
    for number, correction in enumerate(corrections, start=1):
        old = texts.get(correction.obs_id)
        if old is None:
            near = did_you_mean(correction.obs_id, list(texts)) or "—"
            problems.add("HF336", correction.obs_id[:80], text=correction.obs_id[:80], suggestion=near)
            continue
        new = {**old, **correction.changes, "import_id": import_id, "vintage": today.isoformat()}
        if {"value", "low", "high"} & correction.changes.keys() and "raw_text" not in correction.changes:
            new["raw_text"] = ""
        new["obs_id"] = f"{import_id}-{number}"
        new["replaces"] = correction.obs_id
        new["row"] = correction.row or number
        rows.append(new)
    problems.raise_if_any()
    return rows


def _text_rows(city: Evidence) -> dict[str, dict[str, object]]:
    """The observations as written, by id, with numbers and dates as text."""
    texts = city.observations.select(pl.col(name).cast(pl.String).fill_null("") for name in OBSERVATION_COLUMNS)
    return {str(row["obs_id"]): dict(row) for row in texts.iter_rows(named=True)}


def _write(
    city: Evidence, rows: Sequence[Mapping[str, object]], entries: Sequence[Mapping[str, object]], file: str
) -> None:
    """Check the new rows as they will be read, then write table and import list together."""
    known = Known(
        city.place_ids, city.catalogue.indicators, frozenset(city.catalogue.concepts), frozenset(city.sources)
    )
    problems = Problems()
    text = [[storable(str(row.get(name) or "")) for name in OBSERVATION_COLUMNS] for row in rows]
    table = pl.DataFrame(text, schema=dict.fromkeys(OBSERVATION_COLUMNS, pl.String), orient="row")
    # Problems are named by the row of the workbook where there is one, else by the number of the correction.
    places = pl.Series("row", [int(str(row.get("row") or n)) for n, row in enumerate(rows, start=1)], dtype=pl.UInt32)
    check_observations(table.insert_column(0, places), known, file, problems)
    for at, there in sorted(_already_there(rows, city).items()):
        problems.add("HF351", f"{file}, row {rows[at].get('row', rows[at]['obs_id'])}", text=there)
    twice = set(table.get_column("obs_id")) & set(city.observations.get_column("obs_id"))
    for obs_id in sorted(twice):
        problems.add("HF315", obs_id, text=obs_id, column="obs_id")
    check_entries(entries, problems)
    if problems.errors:
        raise HeadframeError([Problem("HF344", city.id), *problems.errors])
    path = city.folder / OBSERVATIONS
    header = csv_text(OBSERVATION_COLUMNS, [])
    old = read_text(path) if is_there(path) else header
    added = csv_text(OBSERVATION_COLUMNS, rows)[len(header) :]
    if _columns_of(old) != list(OBSERVATION_COLUMNS):
        old = widened(old)
    joined = old if old.endswith("\n") else old + "\n"
    write_together(city.folder, {OBSERVATIONS: joined + added, IMPORTS: csv_text(IMPORT_COLUMNS, entries)})


def _already_there(rows: Sequence[Mapping[str, object]], city: Evidence) -> dict[int, str]:
    """Which of the rows (by position) an active observation says already, and its id."""
    columns = ("indicator_id", "dims", "concept", "source_id", "locator", "unit", "qualifier")
    asked = [
        (
            at,
            *(str(row.get(name) or "") for name in columns),
            _as_number(row.get("value")),
            str(row.get("period_start") or ""),
        )
        for at, row in enumerate(rows)
        if not row.get("replaces")
    ]
    key = [*columns, "value", "period_start"]
    new = pl.DataFrame(asked, schema={"at": pl.Int64, **dict.fromkeys(key, pl.String)}, orient="row")
    old = city.observations.filter("active").select("obs_id", *(pl.col(n).cast(pl.String).fill_null("") for n in key))
    found: dict[int, str] = {}
    start = pl.col("period_start")
    for length in new.get_column("period_start").str.len_chars().unique().to_list():
        same = new.filter(start.str.len_chars() == length).join(
            old.with_columns(start.str.slice(0, length)), on=key, how="inner"
        )
        found.update(same.select("at", "obs_id").iter_rows())
    return found


def _as_number(value: object) -> str:
    """A number as polars writes it, so that texts of equal numbers compare equal."""
    text = pl.Series([str(value or "")]).cast(pl.Float64, strict=False).cast(pl.String).item()
    return str(text or "")


def _columns_of(text: str) -> list[str]:
    return next(csv.reader(io.StringIO(text)), [])


def widened(text: str, columns: Sequence[str] = OBSERVATION_COLUMNS) -> str:
    """A hand-written table that leaves out optional columns, rewritten with every column in order.

    Names of columns are taken as they were read: without the blanks that a hand leaves around them.
    """
    rows = csv.reader(io.StringIO(text, newline=""))
    names = [name.strip().lstrip("\ufeff") for name in next(rows)]
    return csv_text(columns, (dict(zip(names, row, strict=False)) for row in rows if any(row)))
