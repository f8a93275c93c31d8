"""Printing: results to standard output, progress and problems to standard error, never a traceback."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from headframe.cli.texts import say
from headframe.core.errors import LISTED_AT_MOST, HeadframeError, Problem, preferred_language, shown

if TYPE_CHECKING:
    from pydantic import BaseModel

    from headframe.api import Fault
    from headframe.core.jobs import Progress

OF_ONE_CODE = 10
FINE, PROBLEMS, USAGE, DEFECT, CANCELLED = 0, 1, 2, 70, 130
SIGNALLED = 128  # and the number of the signal


def prepare_streams() -> None:
    """Let consoles of narrow encodings (GBK) print what they can and mark what they cannot, instead of failing."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - for as long as we run
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            with contextlib.suppress(ValueError, OSError):
                reconfigure(errors="replace")


def end_when_asked() -> None:
    """Let a polite request to end (SIGTERM, a closed terminal) clean up as Ctrl-C does."""

    def stop(number: int, _: object) -> None:
        raise SystemExit(SIGNALLED + number)

    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            with contextlib.suppress(ValueError, OSError):  # not the main thread
                signal.signal(number, stop)


def out(text: str) -> None:
    """One text to standard output. Raises HF706 when it cannot be written; a reader that left is BrokenPipeError."""
    try:
        sys.stdout.write(text + "\n")
    except BrokenPipeError:
        raise
    except OSError as error:
        raise HeadframeError.of("HF706", "headframe", reason=error.strerror or str(error)) from error


def hint(text: str) -> None:
    """One text to standard error, where it does not disturb what a program reads; lost where nobody can receive it."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(text + "\n")


def flush(status: int) -> int:
    """Hand everything on to standard output and return the exit status.

    A reader that has seen enough (`| head`) is fine; a full disk is a problem that is said (HF706).
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
    except OSError as error:
        _drop_output()
        show_problems([Problem("HF706", "headframe", {"reason": error.strerror or str(error)})])
        return status or PROBLEMS
    return status


def _drop_output() -> None:
    """Point standard output elsewhere, or the interpreter complains once more when it ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def show_problems(problems: tuple[Problem, ...] | list[Problem], language: str | None = None) -> None:
    """Code, where, why and fix of every problem, on standard error."""
    lang = language or preferred_language()
    for problem in problems[:LISTED_AT_MOST]:
        kind = say(f"cli.{problem.severity}", lang)
        hint(f"{kind} {problem.code}  {problem.where}")
        hint(f"  {problem.why(lang)}")
        hint(f"  → {problem.fix(lang)}")
    if len(problems) > LISTED_AT_MOST:
        hint(say("cli.more", lang, n=len(problems) - LISTED_AT_MOST))


def show_error(error: HeadframeError, language: str | None = None) -> None:
    """Every problem of an error."""
    show_problems(error.problems, language)


def as_json(result: BaseModel) -> None:
    """A result for a program, by its published schema."""
    out(result.model_dump_json(indent=1))


def files_written(folder: str, files: tuple[str, ...], language: str | None = None) -> None:
    """The files that a verb wrote."""
    for file in files:
        out(say("cli.wrote", language, file=shown(_shortened(Path(file), Path(folder)))))


def _shortened(file: Path, folder: Path) -> str:
    with contextlib.suppress(ValueError, OSError):
        return str(file.resolve().relative_to(Path.cwd()))
    return str(file if file.is_absolute() else folder / file.name)


@contextlib.contextmanager
def progress(language: str | None = None) -> Iterator[Progress]:
    """A progress bar on standard error while a verb runs; silent where nobody is looking."""
    from headframe.core.jobs import silent

    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def report(done: int, total: int, stage: str) -> None:
            bar.update(task, completed=done, total=max(total, 1), description=_stage(stage, language))

        yield report


def _stage(stage: str, language: str | None) -> str:
    try:
        return say(stage, language)
    except KeyError:
        return ""


def width() -> int:
    """The width of the terminal in columns, at most 100 so that lines stay readable."""
    import shutil

    return min(100, shutil.get_terminal_size((88, 24)).columns)


def show_faults(faults: tuple[Fault, ...], counts: dict[str, int], language: str) -> None:
    """Faults with where, why and fix; a code that occurs often is counted after its first ones."""
    shown: dict[str, int] = {}
    for fault in faults:
        shown[fault.code] = shown.get(fault.code, 0) + 1
        if shown[fault.code] <= OF_ONE_CODE:
            why, fix = (fault.why_zh, fault.fix_zh) if language == "zh" else (fault.why_en, fault.fix_en)
            out(f"{say(f'cli.{fault.severity}', language)} {fault.code}  {fault.where}\n  {why}\n  → {fix}")
    for code, total in counts.items():
        if total > min(shown.get(code, 0), OF_ONE_CODE):
            out(say("cli.check.more", language, code=code, n=total - min(shown.get(code, 0), OF_ONE_CODE)))


def keep_trace(error: BaseException) -> str:
    """Write the trace of a defect into a temporary file and return its path, so that it can be reported."""
    import tempfile
    import traceback

    try:
        with tempfile.NamedTemporaryFile("wb", suffix=".txt", prefix="headframe-", delete=False) as file:
            file.write("".join(traceback.format_exception(error)).encode("utf-8", errors="replace"))
    except OSError:  # no folder for temporary files, or no room in it
        return shown(repr(error))
    return str(file.name)
