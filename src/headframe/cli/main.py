"""The commands. Each is a few lines: read options, call the API, print the result."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import typer.exceptions

from headframe.cli import console
from headframe.cli.auditing import register as add_audit
from headframe.cli.importing import register as add_import
from headframe.cli.measuring import register as add_measure
from headframe.cli.options import DEFAULT_OUT, DEFAULT_SEED, Author, City, Json, Lang, Out, Reason, Seed
from headframe.cli.options import language as language_of
from headframe.cli.series import register as add_series
from headframe.cli.texts import say
from headframe.core.errors import HeadframeError, Problem

if TYPE_CHECKING:
    from headframe.api import PanelWorkbench

# `rich_markup_mode=None` keeps the help plain and quick; completion is the shell's own business.
app = typer.Typer(
    name="headframe",
    help=say("cli.headframe"),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def headframe(
    version: Annotated[bool, typer.Option("--version", help=say("cli.option.version"))] = False,  # noqa: FBT002
) -> None:
    """Show the version when asked for."""
    if version:
        from importlib.metadata import version as installed

        console.out(installed("headframe"))
        raise typer.Exit


@app.command(help=say("cli.tour"))
def tour(
    name: Annotated[str, typer.Argument(help=say("cli.option.built-in"), metavar="PLACE")] = "fuxin",
    out: Out = DEFAULT_OUT,
    lang: Lang = "",
    seed: Seed = DEFAULT_SEED,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """The guided report on a built-in place."""
    from headframe import api

    if name not in api.places() and _is_there(name):
        raise HeadframeError.of("HF703", name)
    _report(name, out, lang, seed, as_json=as_json)
    if not as_json:
        console.out(say("cli.tour.next", language_of(lang)))


def _is_there(name: str) -> bool:
    try:
        return bool(name.strip()) and Path(name).exists()
    except (OSError, ValueError):  # no name that a file could have
        return False


@app.command(help=say("cli.report"))
def report(
    city: City,
    out: Out = DEFAULT_OUT,
    lang: Lang = "",
    seed: Seed = DEFAULT_SEED,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Page, workbook and results of a city."""
    _report(city, out, lang, seed, as_json=as_json)


def _report(name: str, out: Path, lang: str, seed: int, *, as_json: bool) -> None:
    from headframe import api

    language = language_of(lang)
    opened = api.open(name)
    if isinstance(opened, api.PanelWorkbench):
        _report_many(opened, out, language, seed, as_json=as_json)
        return
    with console.progress(language) as progress:
        drawn, written = api.report(opened.city, out, seed=seed, language=language, progress=progress)
    if as_json:
        console.as_json(written)
        return
    for line in api.summary(drawn, opened.words(language), console.width()):
        console.out(line)
    console.files_written(str(out), written.files, language)


def _report_many(opened: PanelWorkbench, out: Path, language: str, seed: int, *, as_json: bool) -> None:
    from headframe import api

    with console.progress(language) as progress:
        result, written = api.report_many(opened.collection, out, seed=seed, language=language, progress=progress)
    if as_json:
        console.as_json(written)
        return
    for line in api.panel_told(opened.collection, result, language, console.width()):
        console.out(line)
    console.files_written(str(out), written.files, language)


@app.command(help=say("cli.check"))
def check(city: City, lang: Lang = "", as_json: Json = False) -> None:  # noqa: FBT002
    """Every problem of a city folder at once."""
    from headframe import api

    language = language_of(lang)
    found = api.check(city)
    if as_json:
        console.as_json(found)
    else:
        console.show_faults(found.faults, found.counts, language)
        years = f"{found.years[0]}–{found.years[-1]}" if found.years else "—"
        key = "cli.check.sound" if found.sound else "cli.check.unsound"
        counts = {
            name: getattr(found, name) for name in ("observations", "indicators", "sources", "events", "findings")
        }
        console.out(say(key, language, place=found.place, years=years, **counts))
    if not found.sound:
        raise typer.Exit(console.PROBLEMS)


@app.command(help=say("cli.new"))
def new(
    folder: Annotated[Path, typer.Argument(help=say("cli.option.folder"), metavar="FOLDER")],
    copy_of: Annotated[str, typer.Option("--from", help=say("cli.option.from"), metavar="PLACE")] = "",
    name: Annotated[str, typer.Option("--name", help=say("cli.option.name"))] = "",
    name_zh: Annotated[str, typer.Option("--name-zh", help=say("cli.option.name-zh"))] = "",
    level: Annotated[str, typer.Option("--level", help=say("cli.option.level"))] = "",
    resource: Annotated[str, typer.Option("--resource", help=say("cli.option.resource"))] = "",
    country: Annotated[str, typer.Option("--country", help=say("cli.option.country"))] = "",
    parent: Annotated[str, typer.Option("--parent", help=say("cli.option.parent"))] = "",
    panel: Annotated[bool, typer.Option("--panel", help=say("cli.option.panel"))] = False,  # noqa: FBT002
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """A city folder of one's own."""
    from headframe import api

    of_one_place = {"--level": level, "--resource": resource, "--country": country, "--parent": parent}
    if copy_of:
        told = {"--name": name, "--name-zh": name_zh, **of_one_place, "--panel": panel}
        for option in (option for option, given in told.items() if given):
            raise HeadframeError.of("HF708", option, option=option)
        made = api.new(folder, copy_of=copy_of)
    elif panel:
        for option in (option for option, given in of_one_place.items() if given):
            raise HeadframeError.of("HF709", option, option=option)
        made = api.new(folder, panel=True, name_en=name or folder.name, name_zh=name_zh)
    else:
        about = {"level": level or "prefecture_city", "country": country or "CHN", "parent": parent}
        about["resource_type"] = resource or "unknown"
        made = api.new(folder, panel=False, name_en=name or folder.name, name_zh=name_zh, **about)
    if as_json:
        console.as_json(made)
        return
    console.files_written(str(folder), made.files)
    console.out(say("cli.new.next", folder=folder))


@app.command(help=say("cli.upgrade"))
def upgrade(folder: Annotated[Path, typer.Argument(help=say("cli.option.folder"))], as_json: Json = False) -> None:  # noqa: FBT002
    """Bring a folder to the current schema version."""
    from headframe import api

    done = api.upgrade(folder)
    if as_json:
        console.as_json(done)
    else:
        console.out(say("cli.upgrade.done", change=done.change))


@app.command(help=say("cli.correct"))
def correct(
    city: City,
    observation: Annotated[str, typer.Argument(help=say("cli.option.observation"), metavar="OBSERVATION")] = "",
    author: Author = "",
    reason: Reason = "",
    setting: Annotated[
        list[str] | None, typer.Option("--set", help=say("cli.option.set"), metavar="COLUMN=VALUE")
    ] = None,
    workbook: Annotated[Path | None, typer.Option("--workbook", help=say("cli.option.workbook"))] = None,
    undo: Annotated[str, typer.Option("--undo", help=say("cli.option.undo"), metavar="ID")] = "",
    redo: Annotated[str, typer.Option("--redo", help=say("cli.option.redo"), metavar="ID")] = "",
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """A correction is a new vintage with author, date and reason; the old value stays visible."""
    from headframe import api

    who = {"author": author, "reason": reason}
    today = datetime.now().astimezone().date()
    asked = [bool(observation), workbook is not None, bool(undo), bool(redo)]
    if sum(asked) != 1 or (setting and not observation):
        raise HeadframeError.of("HF704", "correct")
    if workbook is not None:
        done = api.correct_from(city, workbook, **who, today=today)
    elif undo or redo:
        done = api.undo(city, undo or redo, **who, today=today, redo=bool(redo))
    else:
        done = api.correct(city, observation, _settings(setting or []), **who, today=today)
    if as_json:
        console.as_json(done)
    else:
        console.out(say(f"cli.correct.{done.change}", n=done.rows, id=done.import_id))


def _settings(texts: list[str]) -> dict[str, str]:
    from headframe.api import CORRECTABLE

    found: dict[str, str] = {}
    for text in texts:
        column, sign, value = text.partition("=")
        if not sign or column in found:
            raise HeadframeError.of("HF707", f"--set {text[:40]}", column=column[:40])
        if column not in CORRECTABLE:
            raise HeadframeError.of("HF705", f"--set {text[:40]}", column=column[:40], known=", ".join(CORRECTABLE))
        found[column] = value
    return found


@app.command(help=say("cli.export"))
def export(city: City, out: Out = Path("headframe-out/export.xlsx"), as_json: Json = False) -> None:  # noqa: FBT002
    """The workbook of a city, to read, to edit and to send back."""
    from headframe import api

    with console.progress() as progress:
        done = api.export(city, out, progress=progress)
    if as_json:
        console.as_json(done)
    else:
        console.files_written(done.folder, done.files)
        if out.suffix.lower() != ".csv":  # only the workbook can be sent back
            console.out(say("cli.export.next", city=city, file=out))


@app.command(help=say("cli.bench"))
def bench(
    name: Annotated[str, typer.Argument(help=say("cli.option.bench"), metavar="NAME")],
    install_peers: Annotated[bool, typer.Option("--install-peers", help=say("cli.option.install-peers"))] = False,  # noqa: FBT002
    sample: Annotated[bool, typer.Option("--sample", help=say("cli.option.sample"))] = False,  # noqa: FBT002
    lang: Lang = "",
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """A benchmark beside its peers."""
    from headframe import api

    language = language_of(lang)
    with console.progress(language) as progress:
        result = api.bench(name, install_peers=install_peers, sample=sample, progress=progress)
    if as_json:
        console.as_json(result)
        return
    for line in api.bench_lines(result, language):
        console.out(line)


add_audit(app)
add_measure(app)
add_series(app)
add_import(app)


def main() -> int:
    """Run the command line and return the exit status: 0 fine, 1 problems, 2 usage, 70 a defect, 130 cancelled."""
    console.prepare_streams()
    console.end_when_asked()
    try:
        status = app(standalone_mode=False)
    except BaseException as error:  # noqa: BLE001 - the last net: a defect of ours is said, not thrown at the user
        status = _told(error)
    else:
        if status == console.CANCELLED:  # the reader of the command line turns Ctrl-C into this status
            status = _told(KeyboardInterrupt())
    return console.flush(status if isinstance(status, int) else console.FINE)


def _told(error: BaseException) -> int:
    """Say what ended a command and return its exit status."""
    match error:
        case HeadframeError():
            console.show_error(error)
            status = console.PROBLEMS
        case typer.exceptions.TyperException() if type(error).__name__ == "NoArgsIsHelpError":
            console.hint(error.format_message())
            status = console.USAGE
        case typer.exceptions.TyperException():
            console.show_problems([Problem("HF701", "headframe", {"text": error.format_message()})])
            status = console.USAGE
        case typer.exceptions.Abort() | KeyboardInterrupt():
            console.show_problems([Problem("HF116", "headframe")])
            status = console.CANCELLED
        case SystemExit(code=int(code)) if code > console.SIGNALLED:  # asked to end from outside
            console.show_problems([Problem("HF116", "headframe")])
            status = code
        case BrokenPipeError() | SystemExit():  # nobody reads on, and the reader of the command line ends for it
            status = console.FINE
        case _:
            console.show_problems([Problem("HF799", "headframe", {"file": console.keep_trace(error)})])
            status = console.DEFECT
    return status


if __name__ == "__main__":
    sys.exit(main())
