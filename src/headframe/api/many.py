"""The verbs on a folder of many places: measure them together, report on all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from headframe.api.folders import one_city
from headframe.core.errors import HeadframeError
from headframe.core.files import check_folder, folder_lock, write_together
from headframe.core.jobs import Cancel, Progress, silent
from headframe.core.seeds import DEFAULT_SEED
from headframe.core.words import Words
from headframe.evidence.collection import Collection, open_place
from headframe.evidence.naming import words_for
from headframe.evidence.results import Changed

Reference = Literal["built-in", "panel"]

if TYPE_CHECKING:
    from headframe.audit.results import AuditResult
    from headframe.measure.panel.results import PanelMeasure

OUT = Path("headframe-out")
LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class PanelWorkbench:
    """Many places with the verbs on them: `headframe.open("my-panel").measure()`."""

    collection: Collection

    def __repr__(self) -> str:
        return f"PanelWorkbench({self.collection.id!r}, {len(self.collection.places)} places)"

    @property
    def evidence(self) -> Collection:
        """The evidence that the verbs work on."""
        return self.collection

    def measure(self, *, years: Sequence[int] | None = None, seed: int = DEFAULT_SEED) -> PanelMeasure:
        """Scores, ranks, movers and lifecycle of all places."""
        return measure_many(self.collection, years=years, seed=seed)

    def audit(self, *, seed: int = DEFAULT_SEED) -> AuditResult:
        """What in the figures of all places cannot be trusted."""
        from headframe.audit.audit import audit

        return audit(self.collection, seed=seed)

    def report(self, out: Path = OUT, *, seed: int = DEFAULT_SEED) -> Changed:
        """Write page, workbook and results into `out`."""
        return report_many(self.collection, out, seed=seed)[1]

    def words(self, language: str = "en") -> Words:
        """The words that turn messages and figures into text."""
        return words_for(self.collection, language)


def opened(name: str | Path) -> Collection | None:
    """The folder of many places that a name means; None for a city."""
    try:
        found = open_place(name)
    except HeadframeError:
        one_city(name)  # says what is wrong
        raise
    return found if isinstance(found, Collection) else None


def measure_many(
    collection: Collection,
    *,
    years: Sequence[int] | None = None,
    reference: Reference = "built-in",
    seed: int = DEFAULT_SEED,
    progress: Progress = silent,
    cancel: Cancel | None = None,
) -> PanelMeasure:
    """Scores with intervals, ranks, movers and lifecycle of every place of a folder (M2, M3, M11).

    `reference`: values are held against the spread of all Chinese cities, or of the folder's own places.
    """
    from headframe.measure.panel.measure import measure_panel

    return measure_panel(collection, years=years, reference=reference, seed=seed, progress=progress, cancel=cancel)


def report_many(
    collection: Collection,
    out: Path = OUT,
    *,
    years: Sequence[int] | None = None,
    seed: int = DEFAULT_SEED,
    language: str = "en",
    progress: Progress = silent,
    cancel: Cancel | None = None,
) -> tuple[PanelMeasure, Changed]:
    """Write the page, the workbook and the results of many places into `out`, together or not at all."""
    from headframe.audit.audit import audit
    from headframe.measure.panel.places import coordinates
    from headframe.show.panel.bundle import panel_report
    from headframe.show.panel.page import render_panel_page
    from headframe.show.panel.workbook import render_panel_workbook

    check_folder(out)
    result = measure_many(collection, years=years, seed=seed, progress=progress, cancel=cancel)
    audited = audit(collection, seed=seed, progress=progress, cancel=cancel)
    drawn = panel_report(collection, result, coordinates(collection.places), audited)
    words = {code: words_for(collection, code) for code in LANGUAGES}
    files: dict[str, bytes | str] = {
        f"{collection.id}.html": render_panel_page(drawn, words, language=language, progress=progress, cancel=cancel),
        f"{collection.id}.xlsx": render_panel_workbook(drawn, words),
        f"{collection.id}.json": result.model_dump_json(indent=1) + "\n",
    }
    with folder_lock(out):
        write_together(out, files)
    return result, Changed(folder=str(out), change="report", files=tuple(str(out / name) for name in files))


def panel_told(collection: Collection, result: PanelMeasure, language: str, width: int) -> list[str]:
    """A panel's result in lines for the terminal."""
    from headframe.show.panel.terminal import panel_lines

    return panel_lines(result, words_for(collection, language), width)
