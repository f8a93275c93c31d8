"""Files into folders: import, preview, and the template to fill in by hand."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from headframe.core.errors import HeadframeError
from headframe.core.files import check_target, is_vacant
from headframe.core.jobs import Cancel, Progress, silent
from headframe.evidence import create
from headframe.evidence.collection import Collection, load_collection, open_place
from headframe.evidence.folder import City, builtin_places
from headframe.evidence.importing.draft import ImportOptions
from headframe.evidence.importing.layouts.source import Source
from headframe.evidence.importing.mapping import SourceRule
from headframe.evidence.importing.results import ImportResult
from headframe.evidence.importing.run import import_source
from headframe.evidence.results import Changed

YEARS = 5  # that a template asks for unless it is told


def import_file(
    source: Path | str,
    into: str | Path,
    options: ImportOptions | None = None,
    *,
    author: str,
    reason: str,
    today: date,
    preview: bool = False,
    again: bool = False,
    progress: Progress = silent,
    cancel: Cancel | None = None,
) -> ImportResult:
    """Read a file (a path) or a pasted table (a text) into a folder; with `preview` only say what would be written.

    A folder of many places is made where there is nothing yet. Errors: HF372–HF394, HF450–HF480; then nothing is
    written.
    """
    given = Source.of(source, name="" if isinstance(source, Path) else "pasted")
    with _target(into, keep=not preview) as target:
        result = import_source(
            given,
            target,
            options or ImportOptions(),
            author=author,
            reason=reason,
            today=today,
            preview=preview,
            again=again,
            progress=progress,
            cancel=cancel,
        )
    return result.model_copy(update={"folder": str(into)})


@contextmanager
def _target(into: str | Path, *, keep: bool) -> Iterator[City | Collection]:
    """The folder to import into. Where there is none, a new one of many places, which stays only if all goes well."""
    path = Path(str(into).strip()).expanduser()
    if str(into) in builtin_places() or not is_vacant(path):
        yield open_place(into)
        return
    with tempfile.TemporaryDirectory() as scratch:
        new = path if keep else Path(scratch) / path.name
        was_there = path.exists()
        create.create_collection(new, name_en=path.name, name_zh="")
        try:
            yield load_collection(new.resolve())
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            if was_there:
                path.mkdir(exist_ok=True)
            raise


def source_rule(told: dict[str, str]) -> SourceRule:
    """What is told of a source, by key. Raises HF713 for keys that a source has not."""
    known = SourceRule.__dataclass_fields__
    for key in told:
        if key not in known:
            raise HeadframeError.of("HF713", "--source", key=key[:40], known=", ".join(known))
    return SourceRule(**told)


def template(
    out: Path, into: str | Path = "", *, years: Sequence[int] = (), language: str = "zh", today: date
) -> Changed:
    """Write the workbook to fill in by hand: the meter's indicators for the places of a folder and the last years."""
    from headframe.evidence.template import TemplatePlace, write_template
    from headframe.measure.definition import definition

    check_target(out)
    evidence = open_place(into) if str(into) else None
    places = () if evidence is None else sorted(evidence.place_ids)
    names = {} if evidence is None else evidence.names(language)
    asked = tuple(years) or tuple(range(today.year - YEARS, today.year))
    listed = [TemplatePlace(key, names[key]) for key in places]
    write_template(out, listed, definition().indicators, asked, language)
    return Changed(folder=str(out.parent), change="template", files=(str(out),))
