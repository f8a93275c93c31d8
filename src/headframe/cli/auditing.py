"""The command `audit`: what in the figures cannot be trusted, kept, decided on and exported."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from headframe.cli import console
from headframe.cli.options import DEFAULT_SEED, Author, City, Json, Lang, Reason, Seed
from headframe.cli.options import language as language_of
from headframe.cli.texts import say
from headframe.core.errors import HeadframeError

Detectors = Annotated[
    list[str] | None, typer.Option("--detector", help=say("cli.option.detector"), metavar="NAME", show_default=False)
]
Record = Annotated[bool, typer.Option("--record", help=say("cli.option.record"))]
Decide = Annotated[
    tuple[str, str] | None,
    typer.Option("--decide", help=say("cli.option.decide"), metavar="ID accept|reject|later", show_default=False),
]
Treatment = Annotated[
    str,
    typer.Option(
        "--treatment", help=say("cli.option.treatment"), metavar="keep|low-reliability|set-aside|replace|ask-source"
    ),
]
Findings = Annotated[Path | None, typer.Option("--out", help=say("cli.option.findings"), show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(help=say("cli.audit"))(audit)


def audit(
    city: City,
    detector: Detectors = None,
    record: Record = False,  # noqa: FBT002
    decide: Decide = None,
    treatment: Treatment = "",
    author: Author = "",
    reason: Reason = "",
    out: Findings = None,
    lang: Lang = "",
    seed: Seed = DEFAULT_SEED,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """What in the figures cannot be trusted; with --decide, keep a decision on a finding instead."""
    language = language_of(lang)
    asked = {"--detector": bool(detector), "--record": record, "--out": out is not None}
    said = {"--treatment": bool(treatment), "--author": bool(author), "--reason": bool(reason)}
    apart = [name for name, given in (asked if decide is not None else said).items() if given]
    if apart:
        raise HeadframeError.of("HF449", "audit", options=", ".join(["--decide"] * (decide is not None) + apart))
    if decide is not None:
        _decide(city, *decide, treatment=treatment, author=author, reason=reason, language=language, as_json=as_json)
        return
    _audit(city, tuple(detector or ()), language, seed, record=record, out=out, as_json=as_json)


def _audit(
    name: str, detectors: tuple[str, ...], language: str, seed: int, *, record: bool, out: Path | None, as_json: bool
) -> None:
    from headframe import api

    opened = api.open(name)
    with console.progress(language) as progress:
        found = api.audit(opened.evidence, detectors=detectors, record=record, seed=seed, progress=progress)
    written = api.export_audit(opened.evidence, found, out) if out is not None else None
    if as_json:
        console.as_json(found)
        return
    for line in api.told(found, opened.words(language), console.width()):
        console.out(line)
    if record:
        console.out(say("cli.audit.recorded", language))
        console.out(say("cli.audit.next", language, city=name))
    if written is not None:
        console.files_written(written.folder, written.files, language)


def _decide(
    city: str, finding: str, decision: str, *, treatment: str, author: str, reason: str, language: str, as_json: bool
) -> None:
    from headframe import api

    today = datetime.now().astimezone().date()
    done = api.decide(city, finding, decision, treatment=treatment, author=author, reason=reason, today=today)
    if as_json:
        console.as_json(done)
        return
    console.out(say("cli.audit.decided", language, id=finding, decision=decision))
    if done.import_id:
        console.out(say("cli.audit.replaced", language, id=done.import_id))
        console.out(say("cli.audit.undo", language, id=done.import_id, city=city))
