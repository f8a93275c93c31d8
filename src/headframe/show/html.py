"""Blocks as HTML: every text through words, every number as a link, everything escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from headframe.core.results import Figure, Message, Ref
from headframe.measure.results import Need
from headframe.show.blocks import Badge, Bare, Block, Cell, Code, Plain, Said, text
from headframe.show.charts.chart import Chart
from headframe.show.charts.static import static_svg
from headframe.show.charts.theme import WIDTHS
from headframe.show.ledger import Derived, Ledger, slug
from headframe.show.linked import LinkedWords, ReportWords, clean, prices, standing

if TYPE_CHECKING:
    from jinja2 import Environment

    from headframe.core.words import Words
    from headframe.show.results_bundle import Report

TEMPLATES = Path(__file__).with_name("templates")
LISTED_OF_OTHERS = 8  # observations behind another place's computed figure that are listed one by one
CHART_SOURCES = {"wide": 4, "half": 2}  # source titles printed below a chart; the rest is counted
UNNAMED = (
    ("step.meter-rank", "rank"),
    ("step.meter-field", "field"),
    ("step.meter", "meter"),
    ("step.lifecycle", "class"),
)


@dataclass(frozen=True)
class Needed:
    """Needs of one indicator and place put together, so that a list of missing evidence stays readable."""

    indicator: Ref
    place: Ref
    periods: tuple[str, ...]
    dims: tuple[str, ...]
    reason: Message
    command: str


@dataclass(frozen=True)
class Drawing:
    """A chart at one width: the static picture and the chart's own description for the browser."""

    width: int
    svg: Markup
    spec: Markup


@cache
def environment() -> Environment:
    """The template environment: autoescape on, unknown names are errors."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Pen:
    """Draws blocks in one language; templates call its methods."""

    def __init__(self, base: Words, report: Report, ledger: Ledger) -> None:
        self.report, self.ledger = report, ledger
        self.lang = base.lang
        self.chart_sources = CHART_SOURCES
        self.gap = "" if self.lang == "zh" else " "  # Chinese sets no space between sentences
        self.plain = ReportWords(base, report)
        self.linked = LinkedWords(base, report, ledger)

    # --- texts -----------------------------------------------------------------------------------------------------
    def say(self, message: Message | str, **values: Any) -> Markup:
        """A message, or a text id with values, as markup with linked figures."""
        return self.linked.sentence(text(message, **values) if isinstance(message, str) else message)

    def word(self, message: Message | str, **values: Any) -> str:
        """A message without links, for attributes."""
        return clean(self.plain.say(text(message, **values) if isinstance(message, str) else message))

    def figure(self, figure: Figure) -> Markup:
        """A figure as a link to its entry."""
        return self.linked.html(self.linked.figure(figure))

    def bare(self, figure: Figure) -> Markup:
        """A figure as a link, without its unit (a per cent sign stays)."""
        return self.linked.html(self.linked.figure(figure, with_unit=not self.unit_apart(figure)))

    def unit_apart(self, figure: Figure) -> bool:
        """Whether a figure has a unit that can stand apart from it."""
        return figure.unit not in {"%", "‰", "1"} and bool(self.plain.unit(figure.unit))

    def unnamed(self, figure: Figure) -> Message:
        """What a computed figure without an indicator is, told from the way it was made."""
        step = figure.steps[0].id if figure.steps else ""
        kind = next((kind for head, kind in UNNAMED if step.startswith(head)), "other")
        return text(f"page.derived.{kind}")

    def name(self, ref: Ref) -> Markup:
        """A name, linked where the page has an entry for it."""
        address = self.ledger.entry(ref.kind, ref.id) if ref.kind == "indicator" else ""
        if address:
            opening = Markup('<a class="entry" href="#{}-{}">{}</a>')
            return opening.format(self.lang, address, self.plain.name(ref.kind, ref.id))
        return self.linked.html(self.linked.name(ref.kind, ref.id))

    def standing(self, figure: Figure) -> Message:
        """How a figure came about."""
        return standing(figure)

    def prices(self, basis: str) -> Message:
        """A price basis in words."""
        return prices(basis)

    def elsewhere(self, figure: Figure) -> bool:
        """Whether a computed figure is one of another place, whose observations stand in that place's own report."""
        return figure.place not in {"", self.report.place.id} and len(figure.observations) > LISTED_OF_OTHERS

    def indicator(self, identifier: str) -> Markup:
        """The name of an indicator, linked to its definition where the page has one."""
        return self.name(Ref(kind="indicator", id=identifier))

    def observation(self, ref: str) -> Markup:
        """The id of an observation, linked to its entry where the page has one."""
        shown = clean(ref.removeprefix(f"{self.report.place.id}/"))
        address = self.ledger.entry("observation", ref)
        if not address:
            return escape(shown)
        return Markup('<a class="entry" href="#{}-{}">{}</a>').format(self.lang, address, shown)

    def interval(self, figure: Figure) -> str:
        """The interval of a figure that also has a value, or an empty string."""
        return self.plain.interval(figure) if figure.value is not None else ""

    def data(self, said: Said) -> str:
        """Text that is data, in this language."""
        return clean(said.text(self.lang))

    def plainly(self, title: Cell) -> Markup:
        """A heading's title without links, for lists of contents."""
        shown = self.word(title) if isinstance(title, Message) else str(title)
        return escape(shown)

    def kind(self, item: object) -> str:
        """What kind of block or cell an item is, as templates name it."""
        match item:
            case str():
                return "text"
            case tuple():
                return "stack"
            case None:
                return "nothing"
            case Message() | Figure() | Ref() | Badge() | Code() | Said() | Plain() | Bare():
                return type(item).__name__.lower()
            case _:
                return type(item).__name__

    def tidy(self, shown: str) -> str:
        """Plain text without control characters and direction overrides."""
        return clean(shown)

    def anchor(self, name: str) -> str:
        """An HTML id in this language: `kind:identifier` for entries, otherwise the name itself."""
        kind, mark, identifier = name.partition(":")
        if not mark:
            return f"{self.lang}-{slug(name)}"
        found = self.ledger.entry(kind, identifier)
        return f"{self.lang}-{found or slug(kind[:1] + '-' + identifier)}"

    # --- what is missing -------------------------------------------------------------------------------------------
    def needed(self, needs: Iterable[Need]) -> tuple[Needed, ...]:
        """Needs put together by indicator, place and command, in the order given."""
        groups: dict[tuple[str, str, str], list[Need]] = {}
        for need in needs:
            groups.setdefault((need.indicator, need.place, need.command), []).append(need)
        return tuple(
            Needed(
                Ref(kind="indicator", id=indicator),
                Ref(kind="place", id=place),
                tuple(dict.fromkeys(need.period for need in group if need.period)),
                tuple(dict.fromkeys(need.dims for need in group if need.dims)),
                group[0].reason,
                command,
            )
            for (indicator, place, command), group in groups.items()
        )

    def derived(self) -> Iterator[Derived]:
        """Every derived figure of the page, those included that are first met while this list is drawn."""
        done = 0
        while done < len(self.ledger.derived):
            yield self.ledger.derived[done]
            done += 1

    # --- charts ----------------------------------------------------------------------------------------------------
    def sources_of(self, chart: Chart) -> tuple[Ref, ...]:
        """The sources of the figures on a chart, each once, in reading order."""
        refs = dict.fromkeys(ref for figure in chart.figures for ref in figure.observations)
        entries = self.report.entries
        sources = dict.fromkeys(entries[ref].source for ref in refs if ref in entries)
        return tuple(Ref(kind="source", id=source) for source in sources)

    def drawings(self, chart: Chart) -> tuple[Drawing, ...]:
        """The chart at every width that the page needs."""
        found = []
        for width in WIDTHS[chart.size]:
            spec = chart.spec(self.plain, width)
            drawn = Markup(static_svg(spec, f"{self.lang}-{slug(chart.id)}-{width}"))  # noqa: S704 (made by the drawing program, which escapes)
            found.append(Drawing(width, drawn, script_json(spec)))
        return tuple(found)


def script_json(content: Mapping[str, Any]) -> Markup:
    """JSON that can stand inside a script element: no `<`, `>` or `&` and no line separators."""
    packed = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for sign in "<>&\u2028\u2029":
        packed = packed.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(packed)  # noqa: S704 (nothing in it can end the element)


def draw_blocks(pen: Pen, blocks: tuple[Block, ...]) -> Markup:
    """Blocks as HTML in the language of the pen."""
    macros: Any = environment().get_template("blocks.html.j2").make_module({"pen": pen})
    return Markup("").join(macros.block(block) for block in blocks)
