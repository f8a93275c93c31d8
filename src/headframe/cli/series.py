"""The command `series`."""

from __future__ import annotations

from typing import Annotated

import typer

from headframe.cli import console
from headframe.cli.options import City, Json, Lang, language
from headframe.cli.texts import say

Dims = Annotated[list[str] | None, typer.Option("--dim", help=say("cli.option.dim"), metavar="KEY=VALUE")]


def series(
    city: City,
    indicator: Annotated[str, typer.Argument(help=say("cli.option.indicator"), metavar="INDICATOR")],
    dim: Dims = None,
    concept: Annotated[str, typer.Option("--concept", help=say("cli.option.concept"))] = "",
    prices: Annotated[int, typer.Option("--prices", help=say("cli.option.prices"), metavar="YEAR")] = 0,
    deflator: Annotated[
        str, typer.Option("--deflator", help=say("cli.option.deflator"), metavar="INDICATOR")
    ] = "consumer_price_change",
    of: Annotated[str, typer.Option("--of", help=say("cli.option.of"), metavar="PLACE")] = "china",
    lang: Lang = "",
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """One indicator over time, every source beside the chosen figure."""
    from headframe import api

    result = api.series(city, indicator, dims=dim or (), concept=concept, prices=prices, deflator=deflator, of=of)
    if as_json:
        console.as_json(result)
        return
    for line in api.series_lines(city, result, language(lang), console.width()):
        console.out(line)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(help=say("cli.series"))(series)
