"""Files into folders: import, preview, and the template to fill in by hand."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from headframe.core.errors import HeadframeError
from headframe.core.files import check_folder, check_target, is_vacant, write_atomic
from headframe.core.jobs import Cancel, Progress, silent
from headframe.evidence import create
from headframe.evidence.change import writable
from headframe.evidence.collection import Collection, is_collection, load_collection, open_place
from headframe.evidence.folder import City, is_builtin_name
from headframe.evidence.importing.draft import ImportOptions, draft
from headframe.evidence.importing.layouts.source import Source
from headframe.evidence.importing.mapping import SourceRule
from headframe.evidence.importing.results import ImportResult
from headframe.evidence.importing.run import import_source
from headframe.evidence.reading.encoding import decoded
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


def propose_mapping(
    source: Path | str, into: str | Path, out: Path, options: ImportOptions | None = None, *, today: date
) -> Changed:
    """Write what each series of a file is taken for into a mapping file, with its questions, to be edited and used."""
    check_target(out)
    given = Source.of(source, name="" if isinstance(source, Path) else "pasted")
    with _target(into, keep=False) as target:
        made = draft(given, target, options or ImportOptions(), today=today)
    write_atomic(out, made.text(made.mappings[0]))
    return Changed(folder=str(out.parent), change="mapping", rows=len(made.mappings[0].series), files=(str(out),))


@contextmanager
def _target(into: str | Path, *, keep: bool) -> Iterator[City | Collection]:
    """The folder to import into. Where there is none, a new one of many places is made aside and put in its place when
    all has gone well, so that what fails leaves nothing behind.
    """
    path = _path(into)
    if path is None:
        found = open_place(into)
        writable(found)
        check_folder(found.folder)
        yield found
        return
    check_folder(path)
    with tempfile.TemporaryDirectory() as scratch:
        aside = Path(scratch).resolve() / path.resolve().name
        create.create_collection(aside, name_en=path.name, name_zh="")
        yield load_collection(aside)
        if keep:
            create.move_in(aside, path)


def _path(into: str | Path) -> Path | None:
    """The path of a folder that is still to be made; None for a place or a folder that is there."""
    text = str(into).strip()
    try:
        path = Path(text).expanduser()
        vacant = bool(text) and is_vacant(path.resolve())
    except (OSError, ValueError, RuntimeError) as error:  # no folder, a loop of links, nobody's home, a name too long
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise HeadframeError.of("HF112", text[:80], reason=reason) from error
    if not vacant or is_collection(path.parent):
        return None
    return None if path.parent == Path() and is_builtin_name(text) else path


def text_of(data: bytes) -> str:
    """The text of bytes that were pasted or piped in, UTF-8, GB18030 or UTF-16. Raises HF376–HF378 for none of them."""
    return decoded(data, "-").text


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
