"""Round axes, units for reading, and where labels go so that they do not cover each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from headframe.core.results import Figure
from headframe.core.words import Words


@dataclass(frozen=True)
class Reading:
    """The size in which an axis is read: values are divided by `factor`, `unit` names what then stands there."""

    factor: float
    unit: str


LARGE = {
    "en": ((1e9, "charts.billion"), (1e6, "charts.million")),
    "zh": ((1e8, "charts.hundred-million"), (1e4, "charts.ten-thousand")),
}


def reading(values: Iterable[float], unit: str, words: Words) -> Reading:
    """The size that keeps the largest value between 1 and a few thousand, with its name in the reader's language."""
    largest = max((abs(value) for value in values), default=0.0)
    name = words.unit(unit)
    for size, text in LARGE.get(words.lang, ()):
        if largest >= size and unit not in {"%", "pp", "1", "year"}:
            return Reading(size, words.say(text, value=name).strip())
    return Reading(1.0, name)


def round_domain(values: Sequence[float], *, ticks: int = 4, zero: bool = False) -> tuple[float, float, float]:
    """Round bounds around the values and the step between ticks (1, 2 or 5 times a power of ten).

    Zero is included when asked for, or when it lies near anyway (the smallest value is under 40 % of the largest).
    """
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if zero or (low > 0 and low < 0.4 * high):
        low = min(low, 0.0)
    if high <= 0 < -low and high > 0.4 * low:
        high = 0.0
    if high - low <= abs(high) * 1e-9:
        low, high = (low - 1, high + 1) if high == 0 else (low - abs(low) * 0.1, high + abs(high) * 0.1)
    raw = (high - low) / max(1, ticks)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return first * step, max(last, first + 1) * step, step


def tick_values(low: float, high: float, step: float) -> list[float]:
    """The ticks from `low` to `high`, free of rounding noise."""
    count = round((high - low) / step)
    return [float(f"{low + index * step:.12g}") for index in range(count + 1)]


def year_ticks(low: float, high: float, room: int) -> list[int]:
    """Years for a time axis, at most `room` of them, on round steps (1, 2, 5, 10 …)."""
    for step in (1, 2, 5, 10, 20, 50, 100, 200):
        found = list(range(math.ceil(low / step) * step, math.floor(high) + 1, step))
        if len(found) <= max(2, room):
            return found if len(found) > 1 else [math.ceil(low), math.floor(high)]
    return [math.ceil(low), math.floor(high)]


def year_of(figure: Figure) -> float | None:
    """Where a figure stands on a time axis: its year (a date within the year counts as that year).

    None for spans of several years and for figures that the source does not date; those are listed, not drawn.
    """
    text = figure.period.strip()
    if len(text) >= 4 and text[:4].isdigit() and "–" not in text and (len(text) == 4 or text[4] == "-"):
        return float(text[:4])
    return None


def spread_labels(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions close to the wanted ones, in the same order, at least `gap` apart and within the bounds if they fit."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    placed = [0.0] * len(wanted)
    previous = -math.inf
    for index in order:
        placed[index] = previous = max(wanted[index], previous + gap, low)
    over = previous - high
    if over > 0:
        following = math.inf
        for index in reversed(order):
            placed[index] = following = min(placed[index], following - gap, high)
    return placed


def text_width(text: str, size: float = 12.0) -> float:
    """A safe estimate of a text's width in pixels: full-width signs count one em, others 0.56 em."""
    return sum(size if ord(sign) >= 0x2E80 else 0.56 * size for sign in text)


def shortened(text: str, room: float, size: float = 12.0) -> str:
    """The text cut to `room` pixels with an ellipsis where it does not fit."""
    if text_width(text, size) <= room:
        return text
    kept = ""
    for sign in text:
        if text_width(kept + sign + "…", size) > room:
            break
        kept += sign
    return kept.rstrip() + "…"


def wrapped(text: str, room: float, size: float = 12.0, lines: int = 2) -> list[str]:
    """The text in at most `lines` lines of `room` pixels; what is left over is cut with an ellipsis."""
    parts = text.split(" ") if " " in text else list(text)
    glue = " " if " " in text else ""
    found: list[str] = []
    line = ""
    for place, part in enumerate(parts):
        longer = f"{line}{glue}{part}" if line else part
        if text_width(longer, size) <= room or not line:
            line = longer
            continue
        if len(found) == lines - 1:
            return [*found, shortened(glue.join([line, *parts[place:]]), room, size)]
        found.append(line)
        line = part
    return [*found, shortened(line, room, size)]
