"""The chain of verbs on a city: open, measure, diagnose, audit, report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from headframe.api.folders import correct, one_city, undo
from headframe.api.many import PanelWorkbench
from headframe.core.errors import HeadframeError
from headframe.core.files import check_folder, check_target, folder_lock, write_together
from headframe.core.jobs import Cancel, Progress, silent
from headframe.core.seeds import DEFAULT_SEED
from headframe.core.words import Words
from headframe.evidence.collection import Collection, open_place
from headframe.evidence.folder import City, builtin_places, open_city
from headframe.evidence.naming import words_for
from headframe.evidence.place import Place
from headframe.evidence.results import Changed
from headframe.evidence.tables import Evidence

if TYPE_CHECKING:
    from headframe.audit.results import AuditResult
    from headframe.diagnose.results import DiagnoseResult
    from headframe.measure.results import MeasureResult
    from headframe.show.results_bundle import Kind, Report

OUT = Path("headframe-out")


@dataclass(frozen=True)
class Workbench:
    """A city with the verbs on it: `headframe.open("fuxin").measure()`."""

    city: City

    def __repr__(self) -> str:
        return f"Workbench({self.city.place.id!r}, {self.city.observations.height} observations)"

    @property
    def evidence(self) -> City:
        """The evidence that the verbs work on."""
        return self.city

    def measure(self, *, seed: int = DEFAULT_SEED, progress: Progress = silent) -> MeasureResult:
        """Where the city stands (M1–M14)."""
        return measure(self.city, seed=seed, progress=progress)

    def diagnose(self, *, seed: int = DEFAULT_SEED, progress: Progress = silent) -> DiagnoseResult:
        """Why it stands there (D1, D3–D5, D7–D10)."""
        return diagnose(self.city, seed=seed, progress=progress)

    def audit(self, *, seed: int = DEFAULT_SEED, progress: Progress = silent) -> AuditResult:
        """What in the city's figures cannot be trusted (D6)."""
        return audit(self.city, seed=seed, progress=progress)

    def report(self, out: Path = OUT, *, seed: int = DEFAULT_SEED, progress: Progress = silent) -> Changed:
        """Write page, workbook and results into `out`."""
        return report(self.city, out, seed=seed, progress=progress)[1]

    def words(self, language: str = "en") -> Words:
        """The words that turn messages and figures of this city's results into text."""
        return words_for(self.city, language)


def open(name: str | Path) -> Workbench | PanelWorkbench:  # noqa: A001 - `headframe.open` is the published name
    """Open a built-in place by any of its names, a city folder, a folder of many places, or one of its places
    (`FOLDER/place-id`). Errors: HF3xx, all at once.
    """
    found = open_place(name)
    return PanelWorkbench(found) if isinstance(found, Collection) else Workbench(found)


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


def audit(
    evidence: Evidence,
    *,
    detectors: tuple[str, ...] = (),
    record: bool = False,
    seed: int = DEFAULT_SEED,
    progress: Progress = silent,
    cancel: Cancel | None = None,
) -> AuditResult:
    """What in the figures of a city, or of many places, cannot be trusted; `record` keeps it in the folder.

    Errors: HF431 for unknown checks, HF446 when only some of them would be recorded.
    """
    from headframe.audit.audit import audit as run
    from headframe.audit.options import AuditOptions
    from headframe.audit.record import record as keep

    if record and detectors:
        raise HeadframeError.of("HF446", evidence.id)
    found = run(evidence, options=AuditOptions(detectors=detectors), seed=seed, progress=progress, cancel=cancel)
    if record:
        keep(evidence, found)
    return found


def decide(
    name: str | Path, finding: str, decision: str, *, author: str, reason: str, today: date, treatment: str = ""
) -> Changed:
    """Keep a decision on a recorded finding; to accept `replace` also corrects the figure (HF447)."""
    from headframe.audit.record import decide as keep
    from headframe.show.audited import proposed

    evidence = open_place(name)
    proposal = proposed(audit(evidence), finding, treatment, evidence.observations) if decision == "accept" else None
    done = correct(name, *proposal, author=author, reason=reason, today=today) if proposal else None
    try:
        keep(evidence, finding, decision, by=author, today=today, treatment=treatment, note=reason)
    except HeadframeError:
        if done is not None:  # a figure must not stand replaced without the decision that says why
            undo(name, done.import_id, author=author, reason=reason, today=today)
        raise
    return Changed(folder=str(evidence.folder), change="decide", import_id=done.import_id if done else "")


def bundle(
    city: City, *, seed: int = DEFAULT_SEED, progress: Progress = silent, cancel: Cancel | None = None
) -> Report:
    """Everything a report is drawn from: evidence, results, and what stopped a verb."""
    from headframe.show.results_bundle import Report

    failures: dict[Kind, HeadframeError] = {}
    audited = measured = diagnosed = None
    try:
        audited = audit(city, seed=seed, progress=progress, cancel=cancel)
        measured = measure(city, seed=seed, progress=progress, cancel=cancel)
        diagnosed = diagnose(city, measured, seed=seed, progress=progress, cancel=cancel)
    except HeadframeError as error:
        if any(problem.code == "HF116" for problem in error.problems):
            raise  # a cancelled report is no report
        failures["diagnose" if measured else "measure" if audited else "audit"] = error
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
        audited=audited,
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


def export(name: str | Path, out: Path, *, seed: int = DEFAULT_SEED, progress: Progress = silent) -> Changed:
    """Write the workbook of a city: observations to edit and send back, sources, measures, diagnosis.

    To a name that ends in `.csv`, the observations alone are written, as text that spreadsheets open safely.
    """
    from headframe.core.files import write_atomic
    from headframe.show.workbook import observations_csv, render_workbook

    city = one_city(name)
    check_target(out)
    drawn = bundle(city, seed=seed, progress=progress)
    write = observations_csv if out.suffix.lower() == ".csv" else render_workbook
    write_atomic(out, write(drawn, {code: words_for(city, code) for code in ("en", "zh")}))
    return Changed(folder=str(out.parent), change="export", rows=city.observations.height, files=(str(out),))


def results_json(drawn: Report) -> str:
    """The results of every verb that ran, as one JSON document of schema `report`."""
    from headframe.show.results import results_of

    return results_of(drawn).model_dump_json(indent=1) + "\n"


def _other_places(city: City, wanted: set[str]) -> dict[str, City]:
    known = set(builtin_places())
    return {name: open_city(name) for name in sorted(wanted - {city.place.id}) if name in known}


def _named_places(city: City, others: Mapping[str, City]) -> dict[str, Place]:
    return {**{name: other.place for name, other in others.items()}, city.place.id: city.place}
