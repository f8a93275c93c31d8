"""The page across many places: one file in both languages that needs nothing from outside.

Numbers of hundreds of places cannot each have an entry of their own. A score leads to the row of its place in the table
of evidence: how many indicators of which year rest on figures, how many of those are in doubt, and from which sources.
The figures themselves with their observations are in the workbook and in the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from headframe.catalog.load import catalog
from headframe.core.jobs import Cancel, Progress, silent
from headframe.core.results import Ref
from headframe.core.words import Words
from headframe.measure.panel.results import Ranged
from headframe.show import vega
from headframe.show.blocks import text
from headframe.show.charts.theme import TOKENS
from headframe.show.html import TEMPLATES, Pen, draw_blocks
from headframe.show.ledger import Ledger, slug
from headframe.show.linked import clean
from headframe.show.page import LANGUAGES, SCRIPT_WORDS, TAGS, script, style
from headframe.show.panel.bundle import PanelReport
from headframe.show.panel.listing import Entry, entries
from headframe.show.panel.sections import SECTIONS, percent, province

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent
FILTERS = ("province", "official", "batch", "resource")
PANEL_SCRIPT_WORDS = ("shown", "all")


@cache
def environment() -> Environment:
    """The templates of the view across many places, and those that it shares with the page of a city."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader([FOLDER / "templates", TEMPLATES], encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def panel_words(panel: PanelReport, languages: Mapping[str, Words] | None = None) -> dict[str, Words]:
    """The words of both languages with the names of the panel's places, provinces and sources."""
    found = {}
    for code in LANGUAGES:
        base = (languages or {}).get(code) or catalog().words(code)
        provinces = {key: names.text(code) or key for key, names, _ in panel.provinces}
        own = {panel.whole.id: panel.whole, **panel.places}
        places = {key: clean(place.name_zh if code == "zh" else place.name_en) for key, place in own.items()}
        named = {"place": {**base.names.get("place", {}), **places}, "province": provinces}
        found[code] = Words(code, base.texts, {**base.names, **named})
    return found


@dataclass(frozen=True)
class Group:
    """The places of one province as the list shows them without a script."""

    name: Markup
    about: Markup
    entries: tuple[Entry, ...]


class PanelPen(Pen):
    """Draws the list of places and the table of evidence beside the blocks that every page has."""

    def __init__(self, base: Words, panel: PanelReport) -> None:
        super().__init__(base, panel.report, Ledger(panel.report))
        self.panel = panel
        self.sources = {name: number for number, name in enumerate(panel.counted_sources, start=1)}

    def groups(self) -> Iterator[Group]:
        """The places by province."""
        every = list(entries(self.panel))
        for key, _, members in self.panel.provinces:
            inside = tuple(entry for entry in every if entry.province == key)
            middle = self.panel.middle(members)
            told = text("panel.of-places", n=len(members))
            if middle is not None:
                told = text("panel.group-about", n=len(members), middle=middle)
            named = province(key)
            name = self.name(named) if isinstance(named, Ref) else self.say(named)
            yield Group(name, self.say(told), inside)

    def spanned(self, number: Ranged, place: str = "") -> Markup:
        """A number with its interval; a link to the evidence of the place where one is given."""
        if not number.known:
            return Markup("–")
        shown = self.plain.figure(number.figure())
        span = Markup('<span class="span">{}</span>').format(self.plain.interval(number.figure()))
        if place:
            opening = Markup('<a class="figure" href="#{}">{}</a> {}')
            return opening.format(self.row_anchor(place), shown, span)
        return Markup("{} {}").format(shown, span)

    def ranked(self, rank: Ranged) -> Markup:
        """A rank with its interval, in whole numbers."""
        if rank.value is None or rank.low is None or rank.high is None:
            return Markup("–")
        return Markup('{:.0f} <span class="span">{:.0f}–{:.0f}</span>').format(rank.value, rank.low, rank.high)

    def row_anchor(self, place: str) -> str:
        """The id of the place's row in the table of evidence."""
        return f"{self.lang}-v-{slug(place)}"

    def share(self, number: float | None) -> str:
        """A share in per cent."""
        return "–" if number is None else self.plain.figure(percent(number))

    def options(self) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
        """The filters: name, label, and the values that occur with their texts."""
        every = list(entries(self.panel))
        for name in FILTERS:
            pairs: dict[str, str] = {}
            for one in every:
                value = self.filtered(one)[name]
                if value:
                    pairs.setdefault(value, self.option(name, value))
            yield name, self.word(f"panel.filter.{name}"), sorted(pairs.items(), key=lambda pair: pair[0])

    def filtered(self, entry: Entry) -> dict[str, str]:
        """What a place is filtered by."""
        official = entry.lifecycle or "none"
        resource = entry.resource if entry.resource_name is not None else ""
        return {"province": entry.province, "official": official, "batch": entry.batch, "resource": resource}

    def option(self, name: str, value: str) -> str:
        """One value of a filter in words."""
        if name == "province":
            return self.plain.name("province", value)
        if name == "batch":
            return self.plain.dated(value)
        return self.word(f"panel.official.{value}" if name == "official" else f"panel.resource.{value}")

    def by_class(self) -> Iterator[tuple[str, list[Entry]]]:
        """The places by official class, the best rank first."""
        order = sorted(entries(self.panel), key=lambda one: (one.rank.value is None, one.rank.value or 0.0, one.place))
        for name in ("growing", "mature", "declining", "regenerating"):
            held = [one for one in order if one.lifecycle == name]
            if held:
                yield self.word(f"panel.official.{name}"), held

    def evidence(self) -> Iterator[tuple[str, str, list[Markup]]]:
        """For each place: anchor, name, and for each scored year what its score rests on."""
        cited: dict[tuple[str, int], dict[str, None]] = {}
        for item in self.panel.result.used:
            cited.setdefault((item.place, item.year), {}).update(dict.fromkeys(item.sources))
        total = len(self.panel.result.indicators)
        for place in self.panel.result.places:
            cells = []
            for year in self.panel.result.scored_years:
                reading = self.panel.result.readings_at[place.id, year]
                values: dict[str, Any] = {"n": reading.observed, "of": total, "doubted": reading.doubted}
                told = self.say("panel.rests-on-doubted" if reading.doubted else "panel.rests-on", **values)
                links = Markup(" ").join(self.source_link(name) for name in cited.get((place.id, year), {}))
                cells.append(Markup("{} {}").format(told, links))
            yield self.row_anchor(place.id), self.plain.name("place", place.id), cells

    def source_link(self, name: str) -> Markup:
        """The number of a source as a link to its entry."""
        opening = Markup('<a class="entry" href="#{}">[{}]</a>')
        return opening.format(self.anchor(f"source:{name}"), self.sources[name])


def render_panel_page(
    panel: PanelReport,
    languages: Mapping[str, Words] | None = None,
    *,
    language: str = "en",
    generated: date | None = None,
    progress: Progress = silent,
    cancel: Cancel | None = None,
) -> str:
    """The page as one self-contained HTML document, both languages inside, `language` shown first.

    Equal inputs give equal bytes. Raises HF601 or HF602 when a chart cannot be drawn, HF116 on cancel.
    """
    words = panel_words(panel, languages)
    contents = {name: tuple(build(panel)) for name, build in SECTIONS}
    pens = {code: PanelPen(words[code], panel) for code in LANGUAGES}
    parts: dict[str, list[tuple[str, Markup]]] = {code: [] for code in LANGUAGES}
    for code, pen in pens.items():
        for name, blocks in contents.items():
            if cancel is not None:
                cancel.check()
            progress(sum(map(len, parts.values())), len(contents) * len(LANGUAGES), "progress.page")
            parts[code].append((name, draw_blocks(pen, blocks)))
    return (
        environment()
        .get_template("panel.html.j2")
        .render(
            language=language if language in LANGUAGES else "en",
            languages=LANGUAGES,
            tags=TAGS,
            pens=pens,
            parts=parts,
            place=Ref(kind="place", id=panel.whole.id),
            panel=panel,
            generated=generated.isoformat() if generated else "",
            version=version("headframe"),
            light={name: pair[0] for name, pair in TOKENS.items()},
            style=Markup(style() + "\n" + _own("panel.css")),  # noqa: S704 (our own files)
            script=Markup(vega.safe_script(script() + "\n" + _own("panel.js"))),  # noqa: S704 (our own files)
            vega=Markup(vega.bundle()),  # noqa: S704 (made from an installed package)
            licence=Markup(vega.licence()),  # noqa: S704 (our own file)
            script_words=SCRIPT_WORDS,
            panel_script_words=PANEL_SCRIPT_WORDS,
        )
    )


def _own(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
