"""Printing: results to standard output, progress and problems to standard error, never a traceback."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from headframe.cli.texts import say
from headframe.core.errors import LISTED_AT_MOST, HeadframeError, Problem, preferred_language

if TYPE_CHECKING:
    from pydantic import BaseModel

    from headframe.api import Fault
    from headframe.core.jobs import Progress

OF_ONE_CODE = 10
FINE, PROBLEMS, USAGE, DEFECT, CANCELLED = 0, 1, 2, 70, 130


def prepare_streams() -> None:
    """Let consoles of narrow encodings (GBK) print what they can and mark what they cannot, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            with contextlib.suppress(ValueError, OSError):
                reconfigure(errors="replace")


def out(text: str) -> None:
    """One text to standard output."""
    sys.stdout.write(text + "\n")


def hint(text: str) -> None:
    """One text to standard error, where it does not disturb what a program reads."""
    sys.stderr.write(text + "\n")


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
        out(say("cli.wrote", language, file=_shortened(Path(file), Path(folder))))


def _shortened(file: Path, folder: Path) -> str:
    with contextlib.suppress(ValueError):
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

    with tempfile.NamedTemporaryFile("w", suffix=".txt", prefix="headframe-", delete=False, encoding="utf-8") as file:
        file.write("".join(traceback.format_exception(error)))
    return file.name
