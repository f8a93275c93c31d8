"""The tables of an evidence folder, of one city or of many places: read, checked, every fault collected."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from headframe.catalog.load import Catalogue, catalog
from headframe.core.errors import HeadframeError, Problem, Problems
from headframe.core.files import is_there, needs_recovery
from headframe.core.provenance import Source, fingerprint
from headframe.evidence.check import Known, check_observations
from headframe.evidence.doubt import Doubt, doubts, in_force
from headframe.evidence.relations import (
    Links,
    check_decisions,
    check_events,
    check_findings,
    check_imports,
    check_replaced,
    check_sources,
    check_unread,
    listed,
)
from headframe.evidence.schema import (
    COMPUTED_COLUMNS,
    DECISION_COLUMNS,
    EVENT_COLUMNS,
    FINDING_COLUMNS,
    IMPORT_COLUMNS,
    OBSERVATION_COLUMNS,
    OPTIONAL_COLUMNS,
    SOURCE_COLUMNS,
)
from headframe.evidence.table import read_text_table

OBSERVATIONS = "evidence/observations.csv"
IMPORTS = "evidence/imports.csv"
SOURCES = "sources.csv"
COMPUTED = "audit/findings-computed.csv"
FINDING_FILES = ("audit/findings.csv", "audit/findings-official.csv", COMPUTED)
DECISIONS = "audit/decisions.csv"
_TABLE_NAME = re.compile(r"(observations|official)[\w.-]*\.(csv|parquet)")


BUILTIN = Path(__file__).parents[1] / "cities"


@dataclass(frozen=True, eq=False, kw_only=True)
class Evidence(ABC):
    """The evidence that a folder holds. Frozen: a change is written to the folder, which is then opened anew.

    `findings` are those in force; `recorded` also those that were rejected or are gone; `decisions` in the order taken.
    """

    folder: Path
    observations: pl.DataFrame
    sources: Mapping[str, Source]
    events: pl.DataFrame
    findings: pl.DataFrame
    imports: pl.DataFrame
    warnings: tuple[Problem, ...] = ()
    recorded: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False)
    decisions: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False)
    catalogue: Catalogue = field(default_factory=catalog, repr=False)

    @property
    @abstractmethod
    def id(self) -> str:
        """The id of what the folder is about."""

    @property
    @abstractmethod
    def place_ids(self) -> frozenset[str]:
        """The places that its rows may be about."""

    @abstractmethod
    def names(self, language: str) -> Mapping[str, str]:
        """The names in `en` or `zh` of what the folder is about and of its places, by id."""

    @property
    def is_builtin(self) -> bool:
        """Whether the folder came with the package and is read-only."""
        return self.folder.is_relative_to(BUILTIN)

    @cached_property
    def inputs_hash(self) -> str:
        """A fingerprint of the folder's files, for the run record."""
        return fingerprint(self.folder)

    @cached_property
    def doubts(self) -> Mapping[str, Doubt]:
        """Observation id → the doubt that audit findings and decisions cast on it."""
        return doubts(self.findings, self.decisions) if self.findings.height else {}


def read_tables(folder: Path, places: frozenset[str], problems: Problems) -> dict[str, Any]:
    """The fields of `Evidence` for a folder about `places`; faults go to `problems` and their rows are left out."""
    if needs_recovery(folder):
        problems.add("HF334", str(folder), severity="warning")
    sources = _sources(folder, problems)
    catalogue = catalog()
    known = Known(places, catalogue.indicators, frozenset(catalogue.concepts), frozenset(sources))
    imports = check_imports(_side_table(folder / IMPORTS, IMPORT_COLUMNS, problems), IMPORTS, problems)
    observations = _observations(folder, known, imports, problems)
    links = Links(places, known.sources)
    recorded = _side_tables(folder, FINDING_FILES, (*FINDING_COLUMNS, *COMPUTED_COLUMNS), links, problems)
    decisions = check_decisions(_side_table(folder / DECISIONS, DECISION_COLUMNS, problems), DECISIONS, problems)
    events = _side_tables(folder, ("events.csv",), EVENT_COLUMNS, links, problems)
    return {
        "folder": folder,
        "observations": observations,
        "sources": sources,
        "events": events,
        "findings": in_force(recorded, decisions),
        "recorded": recorded,
        "decisions": decisions.drop("row"),
        "imports": imports,
        "warnings": tuple(problem for problem in problems if problem.severity == "warning"),
        "catalogue": catalogue,
    }


def observation_files(folder: Path) -> list[Path]:
    """The files of a folder that hold observations: `evidence/observations*.csv|parquet` and `official*`."""
    return [path for path in listed(folder / "evidence") if _TABLE_NAME.fullmatch(path.name)]


def _observations(folder: Path, known: Known, imports: pl.DataFrame, problems: Problems) -> pl.DataFrame:
    frames: list[pl.DataFrame] = []
    try:
        files = observation_files(folder)
        check_unread(folder, files, problems)
    except HeadframeError as error:
        problems.extend(list(error.problems))
        files = []
    for path in files:
        try:
            table = read_text_table(path, OBSERVATION_COLUMNS, OPTIONAL_COLUMNS)
        except HeadframeError as error:
            problems.extend(list(error.problems))
            continue
        relative = path.relative_to(folder).as_posix()
        frames.append(check_observations(table, known, relative, problems).with_columns(pl.lit(relative).alias("file")))
    if not frames:
        nothing = check_observations(_no_rows(OBSERVATION_COLUMNS), known, "", Problems())
        frames = [nothing.with_columns(pl.lit("").alias("file"))]
    together = pl.concat(frames)
    twice = together.filter(pl.col("obs_id").is_duplicated())
    for obs_id, row, file in twice.select("obs_id", "row", "file").head(20).iter_rows():
        problems.add("HF315", f"{file}, row {row}, column obs_id", text=obs_id, column="obs_id")
    check_replaced(together, problems)
    withdrawn = imports.filter(pl.col("withdrawn").fill_null("") != "").get_column("import_id").to_list()
    return together.with_columns(
        (~pl.col("import_id").fill_null("").is_in(withdrawn)).alias("active"),
        (pl.col("place_id") + "/" + pl.col("obs_id")).alias("ref"),
    )


def _sources(folder: Path, problems: Problems) -> dict[str, Source]:
    """The catalogue's sources and the folder's own; a damaged row is reported and left out."""
    sources: dict[str, Source] = dict(catalog().sources)
    own = check_sources(_side_table(folder / SOURCES, SOURCE_COLUMNS, problems), SOURCES, problems)
    return sources | own


def _no_rows(columns: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(schema={"row": pl.UInt32, **dict.fromkeys(columns, pl.String)})


def _side_table(path: Path, columns: tuple[str, ...], problems: Problems) -> pl.DataFrame:
    """A small table of the folder, empty where the file is missing (that is a state, not a fault)."""
    try:
        if not is_there(path):
            return _no_rows(columns)
        return read_text_table(path, columns, optional=columns[1:])
    except HeadframeError as error:
        problems.extend(list(error.problems))
        return _no_rows(columns)


def _side_tables(
    folder: Path, names: tuple[str, ...], columns: tuple[str, ...], links: Links, problems: Problems
) -> pl.DataFrame:
    check = check_events if columns is EVENT_COLUMNS else check_findings
    tables = [check(_side_table(folder / name, columns, problems), links, name, problems).drop("row") for name in names]
    return pl.concat(tables)
