"""Checks of the small tables of a folder, and of what one row says about another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError

from headframe.core.errors import HeadframeError, Problems
from headframe.core.provenance import Source
from headframe.evidence.check import LONGEST_TEXT, NAMED, date_of, named_places
from headframe.evidence.schema import (
    DECISIONS,
    EVENT_KINDS,
    EVENT_QUALIFIERS,
    FINDING_DECIDABLE,
    FINDING_KINDS,
    FINDING_SEVERITIES,
    TREATMENTS,
    CodeList,
)

CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"


@dataclass(frozen=True)
class Links:
    """What the rows of a side table may refer to."""

    places: frozenset[str]
    sources: frozenset[str]


def check_events(table: pl.DataFrame, links: Links, file: str, problems: Problems) -> pl.DataFrame:
    """The sound events of a table; every fault is added to `problems` (HF316, HF318–HF321, HF324, HF325, HF364)."""
    checker = _Rows(table, file, problems)
    checker.identity("event_id", links)
    for codes in (EVENT_KINDS, EVENT_QUALIFIERS):
        checker.codes(codes)
    checker.references("source_id", links.sources)
    starts, ends = date_of("date_start", last=False), date_of("date_end", last=True)
    for column, found in (("date_start", starts), ("date_end", ends)):
        checker.fault("HF324", column, _given(column) & found.is_null())
    checker.fault("HF325", "date_end", (ends < starts).fill_null(value=False))
    return checker.sound


def check_findings(table: pl.DataFrame, links: Links, file: str, problems: Problems) -> pl.DataFrame:
    """The sound findings of a table; every fault is added to `problems` (HF316, HF318–HF321, HF364)."""
    checker = _Rows(table, file, problems)
    checker.identity("finding_id", links)
    for codes in (FINDING_KINDS, FINDING_DECIDABLE, FINDING_SEVERITIES):
        checker.codes(codes)
    checker.references("against_source_id", links.sources | {""})
    return checker.sound


def check_decisions(table: pl.DataFrame, file: str, problems: Problems) -> pl.DataFrame:
    """The sound decisions, in the order taken; faults are added to `problems` (HF319–HF321, HF324, HF364).

    One finding may have several: the last one holds. An empty treatment means the one that the finding suggests.
    """
    checker = _Rows(table, file, problems)
    checker.fault("HF364", "finding_id", ~_given("finding_id"))
    checker.codes(DECISIONS)
    wrong = _given("treatment") & ~pl.col("treatment").is_in(list(TREATMENTS.codes))
    checker.fault("HF319", "treatment", wrong, {"known": ", ".join(TREATMENTS.codes)})
    checker.fault("HF324", "date", _given("date") & date_of("date", last=False).is_null())
    return checker.sound


def check_sources(table: pl.DataFrame, file: str, problems: Problems) -> dict[str, Source]:
    """The sound rows of a list of sources, by id; faults are added to `problems` (HF320, HF321, HF335, HF364)."""
    sources: dict[str, Source] = {}
    for row in _Rows(table, file, problems).sound.iter_rows(named=True):
        where = f"{file}, row {row.pop('row')}"
        try:
            source = Source(**{key: value for key, value in row.items() if value is not None})
        except ValidationError as error:
            for fault in error.errors():
                problems.add("HF335", f"{where}, column {fault['loc'][0]}", text=str(fault["input"])[:80])
            continue
        if source.source_id in sources:
            problems.add("HF364", f"{where}, column source_id", text=source.source_id[:80])
        sources[source.source_id] = source
    return sources


def check_imports(table: pl.DataFrame, file: str, problems: Problems) -> pl.DataFrame:
    """The sound entries of the list of imports; faults are added to `problems` (HF320, HF321, HF364)."""
    checker = _Rows(table, file, problems)
    checker.identity("import_id", None)
    return checker.sound


def check_replaced(observations: pl.DataFrame, problems: Problems) -> None:
    """Each row that replaces another names one that exists, and no chain of replacements leads back to its start.

    A row that replaced itself, or a circle of rows, would silently take all of them out of the evidence (HF370).
    """
    rows = observations.filter(_given("replaces"))
    replaced: dict[str, str] = dict(rows.select("obs_id", "replaces").iter_rows())
    known = observations.get_column("obs_id")
    wrong = rows.filter(
        pl.col("obs_id").is_in(_circles(replaced)) | ~pl.col("replaces").is_in(known.unique().implode())
    )
    for text, row, file in wrong.select("replaces", "row", "file").head(NAMED).iter_rows():
        problems.add("HF370", f"{file}, row {row}, column replaces", text=text[:80])
    if wrong.height > NAMED:
        problems.count_more("HF370", wrong.height - NAMED)


def _circles(replaced: Mapping[str, str]) -> list[str]:
    """The ids from which the way along `replaced` comes back to where it started."""
    done, found = set[str](), list[str]()
    for start in replaced:
        walked: dict[str, int] = {}
        at = start
        while at in replaced and at not in done and at not in walked:
            walked[at] = len(walked)
            at = replaced[at]
        if at in walked:
            found.extend(list(walked)[walked[at] :])
        done.update(walked)
    return found


def check_unread(folder: Path, read: list[Path], problems: Problems) -> None:
    """Warn of tables in `evidence` whose name keeps them from being read (HF363)."""
    known = {path.name for path in read} | {"imports.csv"}
    tables = {".csv", ".parquet", ".xlsx", ".xls", ".tsv", ".txt"}
    for path in listed(folder / "evidence"):
        if path.name not in known and path.suffix.lower() in tables and not path.name.startswith((".", "~$")):
            problems.add("HF363", f"evidence/{path.name}", severity="warning")


def listed(folder: Path) -> list[Path]:
    """What a folder holds, sorted; nothing where it is absent. Raises HF114 where it cannot be looked into."""
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise HeadframeError.of("HF114", str(folder), reason=error.strerror or str(error)) from error


def _given(column: str) -> pl.Expr:
    return pl.col(column).fill_null("") != ""


class _Rows:
    """A side table under examination; `sound` are its rows without a fault so far."""

    def __init__(self, table: pl.DataFrame, file: str, problems: Problems) -> None:
        texts = [name for name, dtype in table.schema.items() if dtype == pl.String]
        self.table = table.with_columns(pl.col(name).str.strip_chars() for name in texts)
        self.file, self.problems = file, problems
        self._wrong: list[pl.Expr] = []
        for name in texts:
            self.fault("HF320", name, pl.col(name).str.len_chars() > LONGEST_TEXT, {"limit": LONGEST_TEXT})
            self.fault("HF321", name, pl.col(name).str.contains(CONTROL))

    @property
    def sound(self) -> pl.DataFrame:
        """The rows in which no fault was found."""
        return self.table.filter(~pl.any_horizontal(self._wrong)) if self._wrong else self.table

    def fault(self, code: str, column: str, wrong: pl.Expr, values: Mapping[str, object] | None = None) -> None:
        """Report each row where `wrong` is true, the first ones by name."""
        found = self.table.filter(wrong.fill_null(value=False)).select("row", pl.col(column).alias("text"))
        if found.is_empty():
            return
        self._wrong.append(wrong.fill_null(value=False))
        for row, text in found.head(NAMED).iter_rows():
            where = f"{self.file}, row {row}, column {column}"
            shown: dict[str, Any] = {**(values or {}), "text": (text or "")[:80], "column": column}
            self.problems.add(code, where, **shown)
        if found.height > NAMED:
            self.problems.count_more(code, found.height - NAMED)

    def identity(self, column: str, links: Links | None) -> None:
        """Each row has an id of its own and belongs to this folder's place."""
        self.fault("HF364", column, ~_given(column) | pl.col(column).is_duplicated())
        if links is not None:
            other = ~pl.col("place_id").fill_null("").is_in(sorted(links.places))
            self.fault("HF316", "place_id", other, {"expected": named_places(links.places)})

    def codes(self, codes: CodeList) -> None:
        """A column holds codes of its list."""
        wrong = ~pl.col(codes.column).fill_null("").is_in(list(codes.codes))
        self.fault("HF319", codes.column, wrong, {"known": ", ".join(code for code in codes.codes if code)})

    def references(self, column: str, known: frozenset[str]) -> None:
        """A column holds ids of sources that are listed."""
        self.fault("HF318", column, ~pl.col(column).fill_null("").is_in(sorted(known)), {"suggestion": "—"})
