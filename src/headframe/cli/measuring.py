"""The commands `measure` and `diagnose`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from headframe.cli import console
from headframe.cli.options import DEFAULT_SEED, City, Json, Lang, Seed, language
from headframe.cli.texts import say
from headframe.core.errors import HeadframeError

if TYPE_CHECKING:
    from headframe.api import PanelWorkbench, Workbench

REFERENCES = ("built-in", "panel")
Against = Literal["built-in", "panel"]
Years = Annotated[
    list[int] | None, typer.Option("--year", help=say("cli.option.years"), min=1000, max=2500, show_default=False)
]
Reference = Annotated[
    str, typer.Option("--reference", help=say("cli.option.reference"), metavar="built-in|panel", show_default=False)
]


def measure(
    city: City,
    year: Years = None,
    reference: Reference = "",
    lang: Lang = "",
    seed: Seed = DEFAULT_SEED,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Where the city stands, or many places beside each other."""
    from headframe import api

    opened, spoken = api.open(city), language(lang)
    against = _reference(reference)
    if isinstance(opened, api.PanelWorkbench):
        _measure_many(opened, tuple(year or ()), against, spoken, seed, as_json=as_json)
        return
    for option, given in (("--year", year), ("--reference", reference)):
        if given:
            raise HeadframeError.of("HF715", option, option=option)
    with console.progress(spoken) as progress:
        result = opened.measure(seed=seed, progress=progress)
    _show(opened, result, spoken, as_json=as_json)


def _reference(text: str) -> Against:
    match text:
        case "" | "built-in":
            return "built-in"
        case "panel":
            return "panel"
        case _:
            raise HeadframeError.of("HF714", "--reference", text=text[:40], known=", ".join(REFERENCES))


def _measure_many(
    opened: PanelWorkbench,
    years: tuple[int, ...],
    reference: Against,
    spoken: str,
    seed: int,
    *,
    as_json: bool,
) -> None:
    from headframe import api

    with console.progress(spoken) as progress:
        result = api.measure_many(
            opened.collection, years=years or None, reference=reference, seed=seed, progress=progress
        )
    if as_json:
        console.as_json(result)
        return
    for line in api.panel_told(opened.collection, result, spoken, console.width()):
        console.out(line)


def diagnose(
    city: City,
    lang: Lang = "",
    seed: Seed = DEFAULT_SEED,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Why it stands there."""
    from headframe import api

    opened, spoken = api.Workbench(api.one_city(city)), language(lang)
    with console.progress(spoken) as progress:
        result = opened.diagnose(seed=seed, progress=progress)
    _show(opened, result, spoken, as_json=as_json)


def _show(opened: Workbench, result: Any, spoken: str, *, as_json: bool) -> None:
    from headframe import api

    if as_json:
        console.as_json(result)
        return
    for line in api.told(result, opened.words(spoken), console.width()):
        console.out(line)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(help=say("cli.measure"))(measure)
    app.command(help=say("cli.diagnose"))(diagnose)
