"""Words: every visible string is an id with named slots, in English and Chinese.

A text is a string, or a mapping with `one` and `other` chosen by the slot `n`. Slots are filled with numbers, figures,
references and plain strings; numbers take thousand separators in English and 万 / 亿 in Chinese, and significant
figures follow the interval.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Mapping
from typing import Any

from headframe.core.results import Figure, Message, Ref

Text = str | Mapping[str, str]
LIST_MARKS = {"en": ", ", "zh": "、"}
PERIODS = " / "  # stands between the periods of a figure that joins several
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")
# Magnitudes are written as each language writes them; English keeps thousand separators below a million.
SCALES: Mapping[str, tuple[tuple[float, str], ...]] = {
    "en": ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")),
    "zh": ((1e12, "万亿"), (1e8, "亿"), (1e4, "万")),
}
FIGURES = {"en": 4, "zh": 4}
RESCALED: Mapping[str, Mapping[str, tuple[str, float]]] = {
    "en": {},
    "zh": {"Mt": ("t", 1e6), "Mt/year": ("t/year", 1e6)},
}
QUALIFIER_TEXTS = {
    "~": "figure.about",
    "<": "figure.below",
    "<=": "figure.at-most",
    ">": "figure.above",
    ">=": "figure.at-least",
}


class Words:
    """The texts of one language, with the names of catalogue entries in it."""

    def __init__(self, lang: str, texts: Mapping[str, Text], names: Mapping[str, Mapping[str, str]]) -> None:
        self.lang = lang
        self.texts = texts
        self.names = names

    def say(self, text: str | Message, /, **values: object) -> str:
        """The sentence for a text id or message, its slots filled. An unknown id is a defect: KeyError."""
        if isinstance(text, Message):
            return self.say(text.id, **{**text.values, **values})
        template = self.texts[text]
        if not isinstance(template, str):
            template = template["one" if values.get("n") == 1 and "one" in template else "other"]
        return _Filler(self).vformat(template, (), values)

    def name(self, kind: str, identifier: str) -> str:
        """The name of a catalogue entry in this language; the id itself when the kind has no such entry."""
        if kind == "dims":
            return self.dimensions(identifier)
        return self.names.get(kind, {}).get(identifier, identifier)

    def dimensions(self, dims: str) -> str:
        """Dimensions as a reader sees them: known ones by name, others as their own word with the name of the key."""
        shown = []
        for part in filter(None, dims.split(";")):
            key, _, value = part.partition("=")
            if f"dim.{key}.{value}" in self.texts:
                shown.append(self.say(f"dim.{key}.{value}"))
                continue
            named = self.say(f"dim-key.{key}") if f"dim-key.{key}" in self.texts else key
            shown.append(self.say("dim.other", key=named, value=value.replace("-", " ")))
        return LIST_MARKS[self.lang].join(shown)

    def dated(self, period: str) -> str:
        """A period as it stands, or in the reader's language where it is one of the ways sources avoid a date."""
        parts = period.split(PERIODS)
        known = (f"period.{_NOT_ALPHANUMERIC.sub('-', part.lower()).strip('-')}" for part in parts)
        return PERIODS.join(str(self.texts.get(name, part)) for name, part in zip(known, parts, strict=True))

    def number(self, value: float, *, digits: int | None = None) -> str:
        """A number for a reader to `digits` significant figures: `12,345` and `60.2 billion`, or `123.5万`."""
        if not math.isfinite(value):
            return "—"
        for size, suffix in SCALES[self.lang]:
            if abs(value) >= size:
                return _plain(value / size, digits or FIGURES[self.lang]) + suffix
        return _plain(value, digits or 3)

    def unit(self, unit: str) -> str:
        """A unit's name in this language."""
        return self.names.get("unit", {}).get(unit, "" if unit == "1" else unit)

    def figure(self, figure: Figure, *, with_unit: bool = True) -> str:
        """A figure with its qualifier, interval and unit; the text `figure.not-known` when nothing is known."""
        if not figure.known:
            return self.say("figure.not-known")
        printed = self._rescaled(figure)
        digits = significant_digits(printed)
        unit = self.unit(printed.unit) if with_unit else ""
        tail = unit if not unit or unit in {"%", "‰"} or self.lang == "zh" else " " + unit
        if printed.value is not None:
            return self._qualified(printed.qualifier, self.number(printed.value, digits=digits) + tail)
        low, high = printed.low, printed.high
        if low is not None and high is not None:
            return self._range(low, high, digits) + tail
        bound, sign = (low, ">=") if low is not None else (high, "<=")
        return self._qualified(sign, self.number(bound or 0.0, digits=digits) + tail)

    def interval(self, figure: Figure) -> str:
        """The interval of a figure, `low–high`, or an empty string where there is none."""
        printed = self._rescaled(figure)
        if printed.low is None or printed.high is None:
            return ""
        return self._range(printed.low, printed.high, significant_digits(printed))

    def _rescaled(self, figure: Figure) -> Figure:
        """The figure in the unit in which this language writes it: 2亿吨 rather than 200 million tonnes."""
        unit, size = RESCALED[self.lang].get(figure.unit, (figure.unit, 1.0))
        if size == 1.0:
            return figure
        scaled = {
            name: value * size for name in ("value", "low", "high") if (value := getattr(figure, name)) is not None
        }
        return figure.model_copy(update={**scaled, "unit": unit})

    def _range(self, low: float, high: float, digits: int) -> str:
        return self.say("figure.range", low=self.number(low, digits=digits), high=self.number(high, digits=digits))

    def _qualified(self, qualifier: str, shown: str) -> str:
        key = QUALIFIER_TEXTS.get(qualifier)
        return self.say(key, value=shown) if key else shown


class _Filler(string.Formatter):
    def __init__(self, words: Words) -> None:
        self._words = words

    def format_field(self, value: Any, format_spec: str) -> str:
        words = self._words
        match value:
            case Figure():
                shown = words.figure(value)
            case Ref():
                shown = words.name(value.kind, value.id)
            case Message():
                shown = words.say(value)
            case tuple() | list():
                shown = LIST_MARKS[words.lang].join(self.format_field(item, "") for item in value)
            case str() if not format_spec:
                shown = words.dated(value)
            case int() | float() if format_spec == "year":
                shown = str(int(value))
            case int() | float() if not format_spec and not isinstance(value, bool):
                shown = words.number(float(value))
            case _:
                shown = format(value, format_spec)
        return shown


def significant_digits(figure: Figure) -> int:
    """How many significant figures the interval supports: 2 for a wide interval, up to 4 for none."""
    if figure.value is None or figure.low is None or figure.high is None:
        return 4
    width, size = figure.high - figure.low, max(abs(figure.low), abs(figure.high), 1e-300)
    if width <= 0:
        return 4
    return max(2, min(4, 1 + math.ceil(-math.log10(width / size))))


def _plain(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    decimals = max(0, digits - 1 - magnitude)
    rounded = round(value, digits - 1 - magnitude) if magnitude >= digits else round(value, decimals)
    shown = f"{rounded:,.{decimals}f}"
    return shown.rstrip("0").rstrip(".").replace("-", "−") if "." in shown else shown.replace("-", "−")
