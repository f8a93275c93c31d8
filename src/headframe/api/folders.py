"""Verbs on folders: check, new, import, correct, undo, upgrade, export; and one indicator over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from headframe.core.errors import HeadframeError, Problems
from headframe.evidence import change, create
from headframe.evidence.change import Correction
from headframe.evidence.collection import Collection, load_evidence, open_place
from headframe.evidence.exchange import Returned, returned_from
from headframe.evidence.folder import City, open_city
from headframe.evidence.naming import words_for
from headframe.evidence.results import Changed, Checked, faults_of
from headframe.evidence.tables import Evidence

if TYPE_CHECKING:
    from headframe.audit.results import AuditResult
    from headframe.evidence.results import SeriesResult

CORRECTABLE = change.CORRECTABLE
FIRST_PRICES, LAST_PRICES = 1800, 2200  # years at whose prices amounts can be asked for


def one_city(name: str | Path) -> City:
    """A city or one place of a collection. Raises HF478 for a whole collection."""
    found = open_place(name)
    if isinstance(found, Collection):
        raise HeadframeError.of("HF478", str(name), places=", ".join(sorted(found.places)[:5]))
    return found


def check(name: str | Path) -> Checked:
    """Every problem of a city folder at once; raises only when it is no city folder at all."""
    problems = Problems()
    found = load_evidence(name, problems)
    rows = found.observations.filter("active")
    years = rows.get_column("year").drop_nulls().unique().sort().to_list()
    return Checked(
        place=found.id,
        folder=str(found.folder),
        places=len(found.place_ids),
        observations=rows.height,
        indicators=rows.get_column("indicator_id").n_unique(),
        years=tuple(years),
        sources=rows.get_column("source_id").n_unique(),
        events=found.events.height,
        findings=found.findings.height,
        faults=faults_of(problems),
        counts=dict(problems.counts),
    )


def new(folder: Path, *, copy_of: str = "", panel: bool = False, **about: str) -> Changed:
    """Make a city folder: empty tables for a new place, a copy of a built-in one, or a folder of many places."""
    if copy_of:
        create.copy_builtin(folder, open_city(copy_of))
    elif panel:
        create.create_collection(folder, name_en=about.get("name_en", ""), name_zh=about.get("name_zh", ""))
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
    return _corrected(open_place(name), returned, author, reason, today, "")


def correct_from(name: str | Path, workbook: Path, *, author: str, reason: str, today: date) -> Changed:
    """Take an edited export workbook back: changed cells as corrections, rows without an id as new observations."""
    city = one_city(name)
    return _corrected(city, returned_from(workbook, city), author, reason, today, workbook.name)


def undo(name: str | Path, import_id: str, *, author: str, reason: str, today: date, redo: bool = False) -> Changed:
    """Withdraw an import or correction by its id, or take the withdrawal back; rows stay in the file."""
    city = open_place(name)
    if redo:
        change.restore(city, import_id, author=author, reason=reason)
    else:
        change.withdraw(city, import_id, author=author, reason=reason, today=today)
    return Changed(folder=str(city.folder), change="redo" if redo else "undo", import_id=import_id)


def export_audit(evidence: Evidence, result: AuditResult, out: Path) -> Changed:
    """Write the findings of an audit to a `.csv` or `.xlsx` file. Raises HF448."""
    from headframe.show.workbook import write_audit

    return write_audit(result, {code: words_for(evidence, code) for code in ("en", "zh")}, out)


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

    `dims` are texts such as `sector=mining`, each key once. Errors: HF105, HF317, HF322, HF323, HF474–HF477.
    """
    from headframe.evidence.deflation import deflator_of
    from headframe.evidence.series import series as run

    city = one_city(name)
    if prices and not FIRST_PRICES <= prices <= LAST_PRICES:
        raise HeadframeError.of("HF105", "--prices", years=prices)
    pairs = [text.partition("=") for text in dims]
    for key, sign, value in pairs:
        if not (key and sign and value):
            raise HeadframeError.of("HF477", "--dim", text=f"{key}{sign}{value}"[:80])
    if len({key for key, _, _ in pairs}) < len(pairs):
        raise HeadframeError.of("HF322", "--dim", text=";".join(f"{key}={value}" for key, _, value in pairs)[:80])
    by = deflator_of(open_city(of), deflator) if prices else None
    wanted = {key: value for key, _, value in pairs} or None
    return run(city, indicator, dims=wanted, concept=concept or None, deflator=by, base_year=prices or None)


def _corrected(
    city: City | Collection, returned: Returned, author: str, reason: str, today: date, file: str
) -> Changed:
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
