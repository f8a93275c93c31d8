"""Import, audit and meter of many places: see benchmarks/data.py."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from stopwatch import Options, main

from headframe.api.importing import import_file
from headframe.audit.audit import audit
from headframe.audit.results import AuditResult
from headframe.evidence.collection import Collection, load_collection
from headframe.evidence.importing.draft import ImportOptions
from headframe.evidence.importing.results import ImportResult
from headframe.evidence.reading.formats import read_file
from headframe.evidence.reading.grid import Book
from headframe.measure.panel.measure import measure_panel
from headframe.measure.panel.results import PanelMeasure

State = dict[str, Any]


def folder(options: Options) -> State:
    """The file, a new folder to import it into, and the questions that are answered as proposed."""
    file, scratch = Path(options["file"]), Path(options["scratch"])
    answers = json.loads((scratch / f"{file.name}.accept.json").read_text(encoding="utf-8"))
    return {"file": file, "into": Path(tempfile.mkdtemp(dir=scratch)) / "cities", "accept": tuple(answers)}


def bring_in(state: State) -> ImportResult:
    """Read, match, convert, check and append, with an id by which it can be undone."""
    options = ImportOptions(accept=state["accept"])
    day = date(2026, 1, 1)
    return import_file(state["file"], state["into"], options, author="benchmark", reason="benchmark", today=day)


def tell_import(result: ImportResult) -> State:
    """What stands in the folder when it is opened again."""
    table = load_collection(Path(result.folder)).observations.filter(pl.col("amount").is_not_null())
    return {
        "rows": table.height,
        "places": table.get_column("place_id").n_unique(),
        "amounts": float(table.get_column("amount").sum()),
    }


def tell_book(book: Book) -> State:
    """How many rows, and the sum of the numbers in the columns of figures."""
    sheet = book.sheets[0]
    rows = [row for row in sheet.values if any(value is not None for value in row)]
    return {
        "rows": len(rows),
        "sum": float(sum(value for row in rows[3:] for value in row[3:] if isinstance(value, float))),
    }


def meter(options: Options) -> State:
    """The places of the meter, open."""
    return {"places": load_collection(Path(options["scratch"]) / "meter"), "draws": options["draws"]}


def tell_scores(result: PanelMeasure) -> State:
    """How many places and years have a score."""
    return {"scores": sum(reading.score.value is not None for reading in result.readings)}


def opened(options: Options) -> Collection:
    """The panel, open."""
    return load_collection(Path(options["scratch"]) / "panel")


def tell_audit(result: AuditResult) -> State:
    """How many figures were looked at; findings are not comparable."""
    return {"figures": result.cells}


def score(state: State) -> PanelMeasure:
    """Scores on the spread of these very places."""
    return measure_panel(state["places"], draws=state["draws"], reference="panel")


if __name__ == "__main__":
    main(
        {
            "import-panel": (folder, bring_in, tell_import),
            "import-workbook": (folder, bring_in, tell_import),
            "read-workbook": (lambda options: Path(options["file"]), read_file, tell_book),
            "audit-panel": (opened, audit, tell_audit),
            "score-2000-draws": (meter, score, tell_scores),
            "score-100-draws": (meter, score, tell_scores),
        }
    )
