"""Words for a page: the same sentences, with every figure and every cited source turned into a link.

A sentence is first written with marks around its figures (private-use characters that no text may contain), then
escaped as a whole, and only then are the marks turned into links; so no text, whatever it holds, becomes markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from headframe.core.results import Figure, Message
from headframe.core.words import Words, significant_digits

if TYPE_CHECKING:
    from headframe.show.ledger import Ledger
    from headframe.show.results_bundle import Report

_OPEN, _MIDDLE, _CLOSE = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(f"{_OPEN}([0-9]+){_MIDDLE}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_FORBIDDEN = re.compile("[\ue000-\ue002\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
LINKED_KINDS = ("source", "observation")
PERIOD_SLOTS = ("period", "start", "end")
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?|–\d{4})?")


def clean(text: str) -> str:
    """Text without control characters, direction overrides and our own marks, all of which can only mislead."""
    return _FORBIDDEN.sub("", text)


class ReportWords(Words):
    """The words of one language, with the names of the report's own places, sources and events."""

    def __init__(self, base: Words, report: Report) -> None:
        places = {**report.places, report.place.id: report.place}
        chinese = base.lang == "zh"
        names: dict[str, Mapping[str, str]] = dict(base.names)
        names["place"] = {
            **base.names.get("place", {}),
            **{key: clean(place.name_zh if chinese else place.name_en) for key, place in places.items()},
        }
        names["source"] = {
            **base.names.get("source", {}),
            **{key: clean(source.name(base.lang)) for key, source in report.sources.items()},
        }
        names["event"] = {
            **{event.id: clean(event.title(base.lang)) for event in report.dated_events},
            **{f"{report.place.id}/{event.id}": clean(event.title(base.lang)) for event in report.dated_events},
        }
        super().__init__(base.lang, base.texts, names)

    def say(self, text: str | Message, /, **values: object) -> str:
        """As `Words.say`; strings among the values are cleaned, for they may come from anywhere."""
        if isinstance(text, Message):
            return super().say(text, **values)
        ours = text.startswith(("page.", "charts."))
        shown = {
            key: (self.period(value) if ours and key in PERIOD_SLOTS else self.dated(value))
            if isinstance(value, str)
            else value
            for key, value in values.items()
        }
        return super().say(text, **shown)

    def period(self, text: str) -> str:
        """A period inside a sentence: in Chinese years and days carry their measure words."""
        if self.lang != "zh" or not _DATE.fullmatch(text):
            return self.dated(text)
        parts = [part.lstrip("0") for part in text.split("-")]
        names = ("page.date.year", "page.date.month", "page.date.day")
        if "–" in text:
            return self.say("page.date.span", first=text[:4], last=text[5:])
        return "".join(self.say(name, n=part) for name, part in zip(names, parts, strict=False))

    def dated(self, period: str) -> str:
        """As `Words.dated`; what the evidence wrote is cleaned."""
        return clean(super().dated(period))

    def name(self, kind: str, identifier: str) -> str:
        """The name of a place, source, event or catalogue entry; the id itself where there is none."""
        return clean(super().name(kind, identifier))


class LinkedWords(ReportWords):
    """Words whose sentences come out as markup, figures linked to their entries in the ledger."""

    def __init__(self, base: Words, report: Report, ledger: Ledger) -> None:
        super().__init__(base, report)
        self.ledger = ledger
        self._kept: list[Markup] = []

    def figure(self, figure: Figure, *, with_unit: bool = True) -> str:
        """A figure between marks, or its plain text where nothing stands behind it."""
        text = super().figure(figure, with_unit=with_unit)
        address = self.ledger.address(figure)
        if not address:
            return text
        hollow = " doubtful" if doubtful(figure) else ""
        opening = Markup('<a class="figure{}" href="#{}-{}">').format(hollow, self.lang, address)
        return self._marked(opening, text)

    def name(self, kind: str, identifier: str) -> str:
        """A name between marks where the page has an entry for it."""
        text = super().name(kind, identifier)
        address = self.ledger.entry(kind, identifier) if kind in LINKED_KINDS else ""
        if not address:
            return text
        return self._marked(Markup('<a class="entry" href="#{}-{}">').format(self.lang, address), text)

    def _marked(self, opening: Markup, text: str) -> str:
        self._kept.append(opening)
        return f"{_OPEN}{len(self._kept) - 1}{_MIDDLE}{text}{_CLOSE}"

    def html(self, text: str) -> Markup:
        """Escape a text that this object has written and turn its marks into links."""
        escaped = str(escape(text))
        return Markup(_MARK.sub(self._link, escaped))  # noqa: S704 (escaped above; links are made here alone)

    def _link(self, found: re.Match[str]) -> str:
        number = int(found[1])
        if number >= len(self._kept):
            return found[2]
        return f"{self._kept[number]}{found[2]}</a>"

    def sentence(self, message: Message | str) -> Markup:
        """A message as markup."""
        return self.html(self.say(message))


def doubtful(figure: Figure) -> bool:
    """Whether a figure is drawn hollow: not reported as such, or of provisional, estimated or low standing."""
    return figure.method in {"interpolated", "estimated", "assumed"} or figure.status in {"E", "F", "I", "U", "N"}


def bounds(figure: Figure) -> Message | None:
    """The interval of a figure as a message, rounded as the figure itself is; None where it has none."""
    if figure.low is None or figure.high is None:
        return None
    digits = significant_digits(figure)
    low, high = (
        Figure(value=float(f"{bound:.{digits}g}"), unit=figure.unit, method="derived")
        for bound in (figure.low, figure.high)
    )
    return Message(id="page.range", values={"low": low, "high": high})


def prices(basis: str) -> Message:
    """A price basis in words: current prices, constant prices of a year, or the basis as it is written."""
    kind, _, year = basis.partition(":")
    if basis == "nominal":
        return Message(id="page.price.nominal")
    if kind == "real" and year:
        return Message(id="page.price.real", values={"year": year})
    return Message(id="page.price.other", values={"basis": basis})


def standing(figure: Figure) -> Message:
    """How a figure came about, in words: its method, or for reported figures its status in the source."""
    if figure.method != "reported":
        return Message(id=f"page.method.{figure.method}")
    return Message(id=f"page.status.{figure.status}")
