"""The whole chain on one readable page: open a city, measure, diagnose, report; check, correct, export.

Every verb takes a city (a built-in name or a folder) and returns a frozen result; only `report`, `export` and the verbs
that say so write files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from headframe.core.errors import HeadframeError, Problems
from headframe.core.files import check_folder, check_target, folder_lock, write_together
from headframe.core.jobs import Cancel, Progress, silent
from headframe.core.seeds import DEFAULT_SEED
from headframe.core.words import Words
from headframe.evidence import change, create
from headframe.evidence.change import Correction
from headframe.evidence.collection import Collection, open_place
from headframe.evidence.exchange import Returned, returned_from
from headframe.evidence.folder import City, builtin_places, find_folder, load_city, open_city
from headframe.evidence.naming import words_for
from headframe.evidence.place import Place
from headframe.evidence.results import Changed, Checked, Fault, faults_of

if TYPE_CHECKING:
    from headframe.bench.rows import BenchResult
    from headframe.diagnose.results import DiagnoseResult
    from headframe.evidence.results import SeriesResult
    from headframe.measure.results import MeasureResult
    from headframe.show.results_bundle import Kind, Report

OUT = Path("headframe-out")
CORRECTABLE = change.CORRECTABLE
__all__ = ["CORRECTABLE", "Fault"]


@dataclass(frozen=True)
class Workbench:
    """A city with the verbs on it: `headframe.open("fuxin").measure()`."""

    city: City

    def __repr__(self) -> str:
        return f"Workbench({self.city.place.id!r}, {self.city.observations.height} observations)"

    def measure(self, *, seed: int = DEFAULT_SEED, progress: Progress = silent) -> MeasureResult:
        """Where the city stands (M1–M14)."""
        return measure(self.city, seed=seed, progress=progress)

    def diagnose(self, *, seed: int = DEFAULT_SEED, progress: Progress = silent) -> DiagnoseResult:
        """Why it stands there (D1, D3–D5, D7–D10)."""
        return diagnose(self.city, seed=seed, progress=progress)

    def report(self, out: Path = OUT, *, seed: int = DEFAULT_SEED, progress: Progress = silent) -> Changed:
        """Write page, workbook and results into `out`."""
        return report(self.city, out, seed=seed, progress=progress)[1]

    def words(self, language: str = "en") -> Words:
        """The words that turn messages and figures of this city's results into text."""
        return words_for(self.city, language)


def open(name: str | Path) -> Workbench:  # noqa: A001 - `headframe.open` is the published name
    """Open a built-in place by any of its names, or a city folder. Errors: HF3xx, all at once."""
    return Workbench(open_city(name))


def places() -> tuple[str, ...]:
    """The names of the built-in places."""
    return builtin_places()


def measure(
    city: City, *, seed: int = DEFAULT_SEED, progress: Progress = silent, cancel: Cancel | None = None
) -> MeasureResult:
    """Where a city stands."""
    from headframe.measure.measure import measure as run

    return run(city, seed=seed, progress=progress, cancel=cancel)


def diagnose(
    city: City,
    measured: MeasureResult | None = None,
    *,
    seed: int = DEFAULT_SEED,
    progress: Progress = silent,
    cancel: Cancel | None = None,
) -> DiagnoseResult:
    """Why it stands there; measures first where no result is given."""
    from headframe.diagnose.diagnose import diagnose as run

    known = measured or measure(city, seed=seed, progress=progress, cancel=cancel)
    return run(city, known, seed=seed, progress=progress, cancel=cancel)


def bundle(
    city: City, *, seed: int = DEFAULT_SEED, progress: Progress = silent, cancel: Cancel | None = None
) -> Report:
    """Everything a report is drawn from: evidence, results, and what stopped a verb."""
    from headframe.show.results_bundle import Report

    failures: dict[Kind, HeadframeError] = {}
    measured = diagnosed = None
    try:
        measured = measure(city, seed=seed, progress=progress, cancel=cancel)
        diagnosed = diagnose(city, measured, seed=seed, progress=progress, cancel=cancel)
    except HeadframeError as error:
        if any(problem.code == "HF116" for problem in error.problems):
            raise  # a cancelled report is no report
        failures["diagnose" if measured else "measure"] = error
    results = [result for result in (measured, diagnosed) if result is not None]
    others = _other_places(city, {ref.split("/", 1)[0] for result in results for ref in result.sources()})
    import polars as pl

    together = [city, *others.values()]
    return Report(
        place=city.place,
        observations=pl.concat([one.observations for one in together], how="vertical_relaxed"),
        events=city.events,
        findings=city.findings,
        sources={key: source for one in together for key, source in one.sources.items()},
        places=_named_places(city, others),
        measured=measured,
        diagnosed=diagnosed,
        failures=failures,
    )


def report(
    city: City,
    out: Path = OUT,
    *,
    seed: int = DEFAULT_SEED,
    language: str = "en",
    progress: Progress = silent,
    cancel: Cancel | None = None,
) -> tuple[Report, Changed]:
    """Write `<place>.html`, `<place>.xlsx` and `<place>.json` into `out`, together or not at all."""
    from headframe.show.page import render_page
    from headframe.show.workbook import render_workbook

    check_folder(out)  # better now than after the work
    drawn = bundle(city, seed=seed, progress=progress, cancel=cancel)
    name = city.place.id
    languages = {code: words_for(city, code) for code in ("en", "zh")}
    progress(0, 2, "progress.page")
    page = render_page(drawn, languages, language=language)
    progress(1, 2, "progress.workbook")
    files: dict[str, bytes | str] = {
        f"{name}.html": page,
        f"{name}.xlsx": render_workbook(drawn, languages),
        f"{name}.json": results_json(drawn),
    }
    with folder_lock(out):
        write_together(out, files)
    progress(2, 2, "progress.written")
    return drawn, Changed(folder=str(out), change="report", files=tuple(str(out / file) for file in files))


def results_json(drawn: Report) -> str:
    """The results of every verb that ran, as one JSON document of schema `report`."""
    from headframe.show.results import results_of

    return results_of(drawn).model_dump_json(indent=1) + "\n"


def series(
    name: str | Path,
    indicator: str,
    *,
    dims: Iterable[str] = (),
    concept: str = "",
    prices: int = 0,
    deflator: str = "consumer_price_change",
    of: str = "china",
) -> SeriesResult:
    """One indicator of a place over time; `prices` names the year at whose prices amounts are told.

    `dims` are texts such as `sector=mining`. Errors: HF317, HF474–HF477.
    """
    from headframe.evidence.deflation import deflator_of
    from headframe.evidence.series import series as run

    city = one_city(name)
    pairs = [text.partition("=") for text in dims]
    for key, sign, value in pairs:
        if not (key and sign and value):
            raise HeadframeError.of("HF477", "--dim", text=f"{key}{sign}{value}"[:80])
    by = deflator_of(open_city(of), deflator) if prices else None
    wanted = {key: value for key, _, value in pairs} or None
    return run(city, indicator, dims=wanted, concept=concept or None, deflator=by, base_year=prices or None)


def series_lines(name: str | Path, result: SeriesResult, language: str, width: int) -> list[str]:
    """A series in lines for the terminal."""
    from headframe.show.series import series_lines as lines
    from headframe.show.told import at_width

    city = one_city(name)
    source_of = dict(city.observations.select("ref", "source_id").iter_rows())
    return list(at_width(lines(result, source_of, words_for(city, language)), width))


def one_city(name: str | Path) -> City:
    """A city or one place of a collection. Raises HF478 for a whole collection."""
    found = open_place(name)
    if isinstance(found, Collection):
        raise HeadframeError.of("HF478", str(name), places=", ".join(sorted(found.places)[:5]))
    return found


def check(name: str | Path) -> Checked:
    """Every problem of a city folder at once; raises only when it is no city folder at all."""
    folder = find_folder(name)
    problems = Problems()
    city = load_city(folder, problems)
    rows = city.observations.filter("active")
    years = rows.get_column("year").drop_nulls().unique().sort().to_list()
    return Checked(
        place=city.place.id,
        folder=str(folder),
        observations=rows.height,
        indicators=rows.get_column("indicator_id").n_unique(),
        years=tuple(years),
        sources=rows.get_column("source_id").n_unique(),
        events=city.events.height,
        findings=city.findings.height,
        faults=faults_of(problems),
        counts=dict(problems.counts),
    )


def new(folder: Path, *, copy_of: str = "", **about: str) -> Changed:
    """Make a city folder: empty tables for a new place, or a copy of a built-in one."""
    if copy_of:
        create.copy_builtin(folder, open_city(copy_of))
    else:
        create.create(folder, **about)
    files = tuple(sorted(str(path) for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")))
    return Changed(folder=str(folder), change="new", files=files)


def upgrade(folder: Path) -> Changed:
    """Bring a folder to the current schema version and finish an interrupted write."""
    before, after = create.upgrade(folder)
    return Changed(folder=str(folder), change=f"{before} → {after}")


def correct(
    name: str | Path, obs_id: str, changes: Mapping[str, str], *, author: str, reason: str, today: date
) -> Changed:
    """Correct one observation: a new vintage; the old value stays visible."""
    returned = Returned((Correction(obs_id, changes),), ())
    return _corrected(open_city(name), returned, author, reason, today, "")


def correct_from(name: str | Path, workbook: Path, *, author: str, reason: str, today: date) -> Changed:
    """Take an edited export workbook back: changed cells as corrections, rows without an id as new observations."""
    city = open_city(name)
    return _corrected(city, returned_from(workbook, city), author, reason, today, workbook.name)


def undo(name: str | Path, import_id: str, *, author: str, reason: str, today: date, redo: bool = False) -> Changed:
    """Withdraw an import or correction by its id, or take the withdrawal back; rows stay in the file."""
    city = open_city(name)
    if redo:
        change.restore(city, import_id, author=author, reason=reason)
    else:
        change.withdraw(city, import_id, author=author, reason=reason, today=today)
    return Changed(folder=str(city.folder), change="redo" if redo else "undo", import_id=import_id)


def export(name: str | Path, out: Path, *, seed: int = DEFAULT_SEED, progress: Progress = silent) -> Changed:
    """Write the workbook of a city: observations to edit and send back, sources, measures, diagnosis.

    To a name that ends in `.csv`, the observations alone are written, as text that spreadsheets open safely.
    """
    from headframe.core.files import write_atomic
    from headframe.show.workbook import observations_csv, render_workbook

    city = open_city(name)
    check_target(out)
    drawn = bundle(city, seed=seed, progress=progress)
    write = observations_csv if out.suffix.lower() == ".csv" else render_workbook
    write_atomic(out, write(drawn, {code: words_for(city, code) for code in ("en", "zh")}))
    return Changed(folder=str(out.parent), change="export", rows=city.observations.height, files=(str(out),))


def summary(drawn: Report, words: Words, width: int) -> list[str]:
    """What the terminal shows of a report, as lines of at most `width` columns."""
    from headframe.show.terminal import summary as lines

    return lines(drawn, words, width)


def told(result: MeasureResult | DiagnoseResult, words: Words, width: int) -> Iterator[str]:
    """A result in lines of at most `width` columns: each message under the name of what it is about."""
    from headframe.measure.results import MeasureResult as Measured
    from headframe.show.told import at_width, diagnosis_lines, measure_lines

    lines = measure_lines(result, words) if isinstance(result, Measured) else diagnosis_lines(result, words)
    return at_width(lines, width)


def bench(name: str, *, install_peers: bool = False, sample: bool = False, progress: Progress = silent) -> BenchResult:
    """Run one benchmark beside its peers; the peers' environment is made first when asked for."""
    from headframe.bench.runner import run

    return run(name, with_peers=install_peers, sample=sample, progress=progress)


def bench_lines(result: BenchResult, language: str) -> list[str]:
    """A benchmark's rows as lines for the terminal."""
    words = words_for(None, language)
    lines = [words.say("bench.machine", machine=", ".join(result.machine.values()))]
    for row in result.rows:
        shown = {
            "case": row.case,
            "subject": row.subject,
            "seconds": _or_dash(row.seconds, words),
            "peer": row.peer or "—",
            "peer_seconds": _or_dash(row.peer_seconds, words),
            "ratio": _or_dash(row.ratio, words),
            "unit": row.unit,
            "memory": _or_dash(row.peak_mib, words),
            "peer_memory": _or_dash(row.peer_peak_mib, words),
        }
        lines.append(words.say("bench.row", **shown))
        lines.extend("  " + words.say(note) for note in row.note)
    return lines


def _or_dash(value: float | None, words: Words) -> str:
    return "—" if value is None else words.number(value)


def _corrected(city: City, returned: Returned, author: str, reason: str, today: date, file: str) -> Changed:
    import_id = change.correct(
        city,
        returned.corrections,
        additions=returned.additions,
        author=author,
        reason=reason,
        today=today,
        file=file,
    )
    rows = len(returned.corrections) + len(returned.additions)
    return Changed(folder=str(city.folder), change="correct", import_id=import_id, rows=rows)


def _other_places(city: City, wanted: set[str]) -> dict[str, City]:
    known = set(builtin_places())
    return {name: open_city(name) for name in sorted(wanted - {city.place.id}) if name in known}


def _named_places(city: City, others: Mapping[str, City]) -> dict[str, Place]:
    return {**{name: other.place for name, other in others.items()}, city.place.id: city.place}
