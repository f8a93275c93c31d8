"""Words: every visible string is an id with named slots, in English and Chinese.

A text is a string, or a mapping with `one` and `other` chosen by the slot `n`. Slots are filled with numbers, figures,
references and plain strings; numbers take thousand separators in English and 万 / 亿 in Chinese, and significant
figures follow the interval.
"""

from __future__ import annotations

import math
import string
from collections.abc import Mapping
from typing import Any

from headframe.core.results import Figure, Message, Ref

Text = str | Mapping[str, str]
# Magnitudes are written as each language writes them; English keeps thousand separators below a billion.
SCALES: Mapping[str, tuple[tuple[float, str], ...]] = {
    "en": ((1e12, " trillion"), (1e9, " billion")),
    "zh": ((1e12, "万亿"), (1e8, "亿"), (1e4, "万")),
}
FIGURES = {"en": 3, "zh": 4}
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
        return self.names.get(kind, {}).get(identifier, identifier)

    def number(self, value: float, *, digits: int | None = None) -> str:
        """A number for a reader to `digits` significant figures: `1,234,567` and `60.2 billion`, or `123.5万`."""
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
        digits = significant_digits(figure)
        if figure.value is None:
            low, high = figure.low, figure.high
            if low is not None and high is not None:
                body = self.say(
                    "figure.range", low=self.number(low, digits=digits), high=self.number(high, digits=digits)
                )
            else:
                bound, sign = (low, "figure.at-least") if low is not None else (high, "figure.at-most")
                body = self.say(sign, value=self.number(bound or 0.0, digits=digits))
        else:
            body = self._qualified(figure, self.number(figure.value, digits=digits))
        unit = self.unit(figure.unit)
        if not with_unit or not unit:
            return body
        return body + ("" if unit in {"%", "‰"} or self.lang == "zh" else " ") + unit

    def interval(self, figure: Figure) -> str:
        """The interval of a figure, `low–high`, or an empty string where there is none."""
        if figure.low is None or figure.high is None:
            return ""
        digits = significant_digits(figure)
        return self.say(
            "figure.range",
            low=self.number(figure.low, digits=digits),
            high=self.number(figure.high, digits=digits),
        )

    def _range(self, low: float, high: float, digits: int) -> str:
        return self.say("figure.range", low=self.number(low, digits=digits), high=self.number(high, digits=digits))

    def _qualified(self, figure: Figure, number: str) -> str:
        key = QUALIFIER_TEXTS.get(figure.qualifier)
        return self.say(key, value=number) if key else number


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
                shown = ("、" if words.lang == "zh" else ", ").join(self.format_field(item, "") for item in value)
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
