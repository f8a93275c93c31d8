"""The verb `import`: a file into a folder, or a preview of it."""

from __future__ import annotations

from datetime import date

from headframe.core.jobs import Cancel, Progress, silent
from headframe.evidence.importing.draft import ImportOptions, draft, refuse_empty, write
from headframe.evidence.importing.layouts.source import Source
from headframe.evidence.importing.results import ImportResult, result_of
from headframe.evidence.tables import Evidence


def import_source(
    source: Source,
    target: Evidence,
    options: ImportOptions,
    *,
    author: str,
    reason: str,
    today: date,
    preview: bool = False,
    again: bool = False,
    progress: Progress = silent,
    cancel: Cancel | None = None,
) -> ImportResult:
    """Read a file into a folder, or with `preview` only say what would be written.

    What is open is left out and told; everything that is certain is written as one import that can be undone. Raises
    HF480 when nothing can be imported, HF470 and HF473 when nothing is new, and what reading, mapping and checking
    raise; then nothing is written.
    """
    progress(0, 2, "progress.import.read")
    made = draft(source, target, options, today=today)
    if cancel is not None:
        cancel.check()
    if preview:
        return result_of(made, str(target.folder))
    refuse_empty(made)
    progress(1, 2, "progress.import.write")
    written = write(made, target, author=author, reason=reason, today=today, again=again)
    progress(2, 2, "progress.written")
    return result_of(made, str(target.folder), written)
