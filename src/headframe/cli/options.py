"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headframe.cli.texts import say
from headframe.core.errors import HeadframeError, preferred_language

City = Annotated[str, typer.Argument(help=say("cli.option.city"), metavar="CITY")]
Out = Annotated[Path, typer.Option("--out", help=say("cli.option.out"))]
Lang = Annotated[str, typer.Option("--lang", help=say("cli.option.lang"), metavar="en|zh")]
Seed = Annotated[int, typer.Option("--seed", help=say("cli.option.seed"), min=0, max=2**63 - 1)]
Json = Annotated[bool, typer.Option("--json", help=say("cli.option.json"))]
Author = Annotated[str, typer.Option("--author", help=say("cli.option.author"))]
Reason = Annotated[str, typer.Option("--reason", help=say("cli.option.reason"))]
DEFAULT_OUT = Path("headframe-out")
DEFAULT_SEED = 20130045


def language(text: str) -> str:
    """The language asked for, else the one that the system prefers. Raises HF702."""
    if text not in {"", "en", "zh"}:
        raise HeadframeError.of("HF702", "--lang", text=text[:40])
    return text or preferred_language()
