"""The command `import`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from headframe.cli import console
from headframe.cli.options import Author, Json, Lang, Reason, language
from headframe.cli.texts import say
from headframe.core.errors import HeadframeError

if TYPE_CHECKING:
    from headframe.api import ImportResult

LARGEST_PASTE = 8 << 20  # characters


def import_(  # noqa: PLR0917 - the options of the command line
    files: Annotated[list[str] | None, typer.Argument(help=say("cli.option.file"), metavar="[FILE]...")] = None,
    into: Annotated[str, typer.Option("--into", help=say("cli.option.into"), metavar="FOLDER")] = "",
    layout: Annotated[str, typer.Option("--layout", help=say("cli.option.layout"))] = "",
    mapping: Annotated[Path | None, typer.Option("--mapping", help=say("cli.option.mapping"))] = None,
    year: Annotated[int, typer.Option("--year", help=say("cli.option.year"), min=0, max=2500)] = 0,
    place: Annotated[str, typer.Option("--place", help=say("cli.option.place"))] = "",
    source: Annotated[
        list[str] | None, typer.Option("--source", help=say("cli.option.source"), metavar="KEY=VALUE")
    ] = None,
    accept: Annotated[list[str] | None, typer.Option("--accept", help=say("cli.option.accept"), metavar="KEY")] = None,
    keep: Annotated[list[str] | None, typer.Option("--keep", help=say("cli.option.keep"), metavar="KEY")] = None,
    preview: Annotated[bool, typer.Option("--preview", help=say("cli.option.preview"))] = False,  # noqa: FBT002
    again: Annotated[bool, typer.Option("--again", help=say("cli.option.again"))] = False,  # noqa: FBT002
    template: Annotated[Path | None, typer.Option("--template", help=say("cli.option.template"))] = None,
    write_mapping: Annotated[
        Path | None, typer.Option("--write-mapping", help=say("cli.option.write-mapping"), show_default=False)
    ] = None,
    author: Author = "",
    reason: Reason = "",
    lang: Lang = "",
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Files as they come, into a folder."""
    from headframe import api

    spoken, today = language(lang), datetime.now().astimezone().date()
    if template is not None:
        done = api.template(template, into, years=(year,) if year else (), language=spoken, today=today)
        console.files_written(done.folder, done.files, spoken)
        return
    if not files or not into:
        raise HeadframeError.of("HF710", "import")
    options = api.ImportOptions(
        layout=layout,
        mapping=mapping,
        year=year or None,
        place=place,
        source=api.source_rule(_pairs(source or [])),
        accept=tuple(accept or ()),
        keep=tuple(keep or ()),
    )
    if write_mapping is not None:
        done = api.propose_mapping(_given(files[0]), into, write_mapping, options, today=today)
        console.files_written(done.folder, done.files, spoken)
        return
    for file in files:
        with console.progress(spoken) as progress:
            result = api.import_file(
                _given(file),
                into,
                options,
                author=author,
                reason=reason or "import",
                today=today,
                preview=preview,
                again=again,
                progress=progress,
            )
        _show(result, spoken, as_json=as_json, whole=preview)


def _show(result: ImportResult, spoken: str, *, as_json: bool, whole: bool) -> None:
    from headframe import api

    if as_json:
        console.as_json(result)
        return
    for line in api.import_lines(result, spoken, console.width(), whole=whole):
        console.out(line)


def _given(file: str) -> Path | str:
    """The path of a file, or the text that was pasted."""
    return _pasted() if file == "-" else Path(file)


def _pasted() -> str:
    """What was pasted into the terminal or piped in, in whatever encoding."""
    from headframe import api

    if sys.stdin is None:
        raise HeadframeError.of("HF711", "-", limit=LARGEST_PASTE)
    stream = getattr(sys.stdin, "buffer", None)
    given = stream.read(LARGEST_PASTE + 1) if stream is not None else sys.stdin.read(LARGEST_PASTE + 1)
    if len(given) > LARGEST_PASTE or not given.strip():
        raise HeadframeError.of("HF711", "-", limit=LARGEST_PASTE)
    return api.text_of(given) if isinstance(given, bytes) else str(given)


def _pairs(texts: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        key, sign, value = text.partition("=")
        if not sign or key in found:
            raise HeadframeError.of("HF712", f"--source {text[:40]}", text=text[:40])
        found[key.strip()] = value.strip()
    return found


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import", help=say("cli.import"))(import_)
