"""A city folder opened: its place, observations, sources, events and findings, and the questions asked of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import polars as pl
from pydantic import ValidationError

from headframe.catalog.load import Catalogue, catalog
from headframe.core.errors import HeadframeError, Problem, Problems, did_you_mean
from headframe.core.files import is_there, needs_recovery
from headframe.core.provenance import Source, fingerprint
from headframe.core.results import Figure
from headframe.evidence.check import Known, check_observations
from headframe.evidence.doubt import Doubt, doubts, in_force
from headframe.evidence.place import Place, read_place, read_toml
from headframe.evidence.reconcile import Choice, choices, dims_text, ranked_rows
from headframe.evidence.relations import (
    Links,
    check_decisions,
    check_events,
    check_findings,
    check_imports,
    check_replaced,
    check_source_texts,
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

BUILTIN = Path(__file__).parents[1] / "cities"
OBSERVATIONS = "evidence/observations.csv"
IMPORTS = "evidence/imports.csv"
COMPUTED = "audit/findings-computed.csv"
FINDING_FILES = ("audit/findings.csv", "audit/findings-official.csv", COMPUTED)
DECISIONS = "audit/decisions.csv"
_TABLE_NAME = re.compile(r"(observations|official)[\w.-]*\.(csv|parquet)")


@dataclass(frozen=True)
class City:
    """A place with everything known of it. Frozen: a correction is written to the folder, which is then opened anew.

    `findings` are those in force; `recorded` also those that were rejected or are gone; `decisions` in the order taken.
    """

    folder: Path
    place: Place
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

    @cached_property
    def _ranked(self) -> Mapping[tuple[str, str], list[dict[str, object]]]:
        return ranked_rows(self.observations, self.sources, tuple(self.catalogue.concepts), self.doubts)

    def choices(
        self, indicator_id: str, *, dims: Mapping[str, str] | None = None, concept: str | None = None
    ) -> tuple[Choice, ...]:
        """One reconciled choice per period, in time order.

        `dims` None means rows without dimensions; `concept` None means any, in the catalogue's order of preference.
        Raises HF317 for an unknown indicator.
        """
        indicators = self.catalogue.indicators
        if indicator_id not in indicators:
            near = did_you_mean(indicator_id, list(indicators))
            raise HeadframeError.of("HF317", self.place.id, text=indicator_id, suggestion=near)
        ranked = self._ranked.get((indicator_id, dims_text(dims)), [])
        return choices(ranked, indicators[indicator_id].unit, concept)

    def series(
        self, indicator_id: str, *, dims: Mapping[str, str] | None = None, concept: str | None = None
    ) -> tuple[Figure, ...]:
        """The chosen figures in time order, undated ones first."""
        return tuple(choice.chosen for choice in self.choices(indicator_id, dims=dims, concept=concept))

    def figure(
        self,
        indicator_id: str,
        *,
        year: int | None = None,
        dims: Mapping[str, str] | None = None,
        concept: str | None = None,
    ) -> Figure:
        """The chosen figure of one year, or the latest one when no year is asked for; unknown (value None) if none."""
        series = self.series(indicator_id, dims=dims, concept=concept)
        if year is not None:
            series = tuple(figure for figure in series if figure.period[:4] == str(year) and "–" not in figure.period)
        usable = [figure for figure in series if figure.known]
        unit = self.catalogue.indicators[indicator_id].unit
        unknown = Figure(unit=unit, indicator=indicator_id, place=self.place.id, period=str(year or ""), status="M")
        return usable[-1] if usable else unknown

    def latest(self, indicator_id: str, *, dims: Mapping[str, str] | None = None, concept: str | None = None) -> Figure:
        """The chosen figure of the latest period; dated ones come after undated ones."""
        return self.figure(indicator_id, dims=dims, concept=concept)


@lru_cache(maxsize=1)
def builtin_places() -> tuple[str, ...]:
    """The names of the built-in city folders, sorted."""
    return tuple(sorted(path.parent.name for path in BUILTIN.glob("*/city.toml")))


@lru_cache(maxsize=1)
def _builtin_names() -> Mapping[str, str]:
    """Every name and alias of the built-in places, folded, to the folder's name; ambiguous ones are left out."""
    names: dict[str, str] = {}
    ambiguous: set[str] = set()
    for slug in builtin_places():
        entries = read_toml(BUILTIN / slug / "city.toml").get("place", {})
        listed = [entries.get("name_en", ""), entries.get("name_zh", ""), *entries.get("aliases", ())]
        for name in {slug, *(item.casefold() for item in listed if item)}:
            if names.setdefault(name, slug) != slug:
                ambiguous.add(name)
    return {name: slug for name, slug in names.items() if name not in ambiguous or name == slug}


def find_folder(name: str | Path) -> Path:
    """The folder that a name or path means: a city folder first, else a built-in place by any of its names.

    Raises HF300 (with a suggestion) or HF301.
    """
    text = str(name).strip()
    try:
        path = Path(text).expanduser()
        if text and (path / "city.toml").is_file():
            return path.resolve()
        is_folder = bool(text) and path.is_dir()
    except PermissionError as error:
        raise HeadframeError.of("HF114", text, reason=error.strerror or str(error)) from error
    except (OSError, ValueError, RuntimeError):
        is_folder = False
    slug = _builtin_names().get(text.casefold())
    if slug:
        return BUILTIN / slug
    if is_folder:
        raise HeadframeError.of("HF301", text)
    near = did_you_mean(text.casefold(), list(_builtin_names()))
    raise HeadframeError.of("HF300", text[:80], name=text[:80], suggestion=near or ", ".join(builtin_places()))


def open_city(name: str | Path) -> City:
    """Open a city by built-in name or folder path. Raises every problem of the folder at once (HF3xx)."""
    folder = find_folder(name)
    return _open_builtin(folder) if folder.is_relative_to(BUILTIN) else load_city(folder)


@lru_cache(maxsize=128)
def _open_builtin(folder: Path) -> City:
    return load_city(folder)


def load_city(folder: Path, problems: Problems | None = None) -> City:
    """Read a folder; with `problems` given they are collected there instead of raised."""
    collected = Problems() if problems is None else problems
    if needs_recovery(folder):
        collected.add("HF334", str(folder), severity="warning")
    place = read_place(folder)
    sources = _sources(folder, collected)
    catalogue = catalog()
    known = Known(place.id, catalogue.indicators, frozenset(catalogue.concepts), frozenset(sources))
    imports = check_imports(_side_table(folder / IMPORTS, IMPORT_COLUMNS, collected), IMPORTS, collected)
    observations = _observations(folder, known, imports, collected)
    links = Links(place.id, known.sources)
    recorded = _side_tables(folder, FINDING_FILES, (*FINDING_COLUMNS, *COMPUTED_COLUMNS), links, collected)
    decisions = check_decisions(_side_table(folder / DECISIONS, DECISION_COLUMNS, collected), DECISIONS, collected)
    city = City(
        folder=folder,
        place=place,
        observations=observations,
        sources=sources,
        events=_side_tables(folder, ("events.csv",), EVENT_COLUMNS, links, collected),
        findings=in_force(recorded, decisions),
        recorded=recorded,
        decisions=decisions.drop("row"),
        imports=imports,
        warnings=tuple(problem for problem in collected if problem.severity == "warning"),
        catalogue=catalogue,
    )
    if problems is None:
        collected.raise_if_any()
    return city


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
    path, own = folder / "sources.csv", set[str]()
    table = check_source_texts(_side_table(path, SOURCE_COLUMNS, problems), path.name, problems)
    for row in table.iter_rows(named=True):
        where = f"{path.name}, row {row.pop('row')}"
        try:
            source = Source(**{key: value for key, value in row.items() if value is not None})
        except ValidationError as error:
            for fault in error.errors():
                problems.add("HF335", f"{where}, column {fault['loc'][0]}", text=str(fault["input"])[:80])
            continue
        if source.source_id in own:
            problems.add("HF364", f"{where}, column source_id", text=source.source_id[:80])
        own.add(source.source_id)
        sources[source.source_id] = source
    return sources


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
