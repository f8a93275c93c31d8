"""The page: one file that holds the whole report in both languages and needs nothing from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from headframe.catalog.load import catalog
from headframe.core.jobs import Cancel, Progress, silent
from headframe.core.results import Ref
from headframe.show import vega
from headframe.show.blocks import Heading, SectionContent
from headframe.show.charts.theme import TOKENS, variables
from headframe.show.html import Pen, draw_blocks, environment
from headframe.show.ledger import Ledger
from headframe.show.sections import State, content_of, sections

if TYPE_CHECKING:
    from headframe.core.words import Words
    from headframe.show.results_bundle import Report

LANGUAGES = ("en", "zh")
TAGS = {"en": "en", "zh": "zh-CN"}
SCRIPT_WORDS = ("csv", "svg", "png", "close", "entry", "top")
FOLDER = Path(__file__).parent
LARGEST = 6_000_000  # bytes


@dataclass(frozen=True)
class Part:
    """A section as drawn: its id, its state, its markup, and the headings inside it with their anchors."""

    id: str
    state: State
    html: Markup
    within: tuple[tuple[str, Markup], ...] = ()


def render_page(
    report: Report,
    languages: Mapping[str, Words] | None = None,
    *,
    language: str = "en",
    generated: date | None = None,
    progress: Progress = silent,
    cancel: Cancel | None = None,
) -> str:
    """The report as one self-contained HTML document, both languages inside, `language` shown first.

    `languages` are the words to use (default: the catalogue's); `generated` is printed where it is given, so that
    equal inputs give equal bytes. Raises HF601 or HF602 when a chart cannot be drawn, HF116 on cancel.
    """
    words = languages or {code: catalog().words(code) for code in LANGUAGES}
    ledger = Ledger(report)
    if report.measured is not None:
        ledger.describe(item.id for item in report.measured.measures)
    contents = {section.id: (section.state(report), content_of(section, report)) for section in sections()}
    steps = len(contents) * len(LANGUAGES)
    pens = {code: Pen(words[code], report, ledger) for code in LANGUAGES}
    parts: dict[str, list[Part]] = {code: [] for code in LANGUAGES}
    for code, pen in pens.items():
        for name, (state, content) in contents.items():
            if cancel is not None:
                cancel.check()
            progress(sum(map(len, parts.values())), steps, "progress.page")
            parts[code].append(Part(name, state, draw_blocks(pen, content.blocks), _within(pen, content)))
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            language=language if language in LANGUAGES else "en",
            languages=LANGUAGES,
            tags=TAGS,
            pens=pens,
            parts=parts,
            place=Ref(kind="place", id=report.place.id),
            others=_other_script(pens, report),
            generated=generated.isoformat() if generated else "",
            version=version("headframe"),
            light={name: pair[0] for name, pair in TOKENS.items()},
            style=Markup(style()),  # noqa: S704 (our own file)
            script=Markup(vega.safe_script(script())),  # noqa: S704 (our own file)
            vega=Markup(vega.bundle()) if any(content.charts for _, content in contents.values()) else "",  # noqa: S704
            licence=Markup(vega.licence()),  # noqa: S704 (our own file)
            script_words=SCRIPT_WORDS,
        )
    )


def _within(pen: Pen, content: SectionContent) -> tuple[tuple[str, Markup], ...]:
    """The headings of a section that can be jumped to."""
    found = (block for block in content.blocks if isinstance(block, Heading) and block.level == 3 and block.anchor)
    return tuple((pen.anchor(block.anchor), pen.plainly(block.title)) for block in found)


def _other_script(pens: Mapping[str, Pen], report: Report) -> dict[str, str]:
    """The place's name in the other script, for its first use on the page."""
    names = {code: pen.plain.name("place", report.place.id) for code, pen in pens.items()}
    return {"en": names["zh"], "zh": names["en"]}


def style() -> str:
    """The style sheet, with the colour tokens of both schemes before it."""
    light, dark = variables(dark=False), variables(dark=True)
    tokens = f":root{{{light}}}@media (prefers-color-scheme: dark){{@media screen{{:root{{{dark}}}}}}}"
    return tokens + "\n" + (FOLDER / "style.css").read_text(encoding="utf-8")


def script() -> str:
    """The page's own script."""
    return (FOLDER / "page.js").read_text(encoding="utf-8")


def drawn_content(report: Report) -> dict[str, SectionContent]:
    """What each section shows, by id, for faces that draw it in another way."""
    return {section.id: content_of(section, report) for section in sections()}
