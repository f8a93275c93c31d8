"""The summary for the terminal: the answers of the first page, the numbers, severity, and what is missing, as lines.

Widths count full-width signs as two columns. Nothing rests on colour, so the lines are plain and can be piped.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from headframe.core.results import Figure, Message, Ref
from headframe.show.linked import ReportWords, bounds
from headframe.show.sections.one_page import answers, five_numbers

if TYPE_CHECKING:
    from headframe.core.words import Words
    from headframe.show.results_bundle import Report

NARROWEST, NARROW = 40, 64
BAR = 20  # characters of a severity bar
SIGNS = {"severe": "▲", "concern": "△", "none": "○", "not-known": "?"}
FULL, REST, NOT_KNOWN = "█", "─", "·"  # all three also exist in GBK, the encoding of older Chinese consoles


def summary(report: Report, words: Words, width: int = 88) -> list[str]:
    """The summary as lines of at most `width` columns (at least 40)."""
    said = ReportWords(words, report)
    width = max(NARROWEST, width)
    lines = [said.name("place", report.place.id), ""]
    for answer in answers(report):
        body = ("" if said.lang == "zh" else " ").join(said.say(sentence) for sentence in answer.sentences)
        lines += [*_hanging(said.say(answer.question), body, width), ""]
    lines += _numbers(report, said, width)
    lines += _severity(report, said, width)
    lines += _states(report, said, width)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def columns(text: str) -> int:
    """How many columns a text takes on a terminal: full-width signs two, combining signs none."""
    from rich.cells import cell_len

    return cell_len(text)


def fitted(text: str, width: int) -> str:
    """The text cut or filled with spaces to exactly `width` columns; a cut one ends with an ellipsis."""
    if columns(text) > width:
        kept = ""
        for sign in text:
            if columns(kept + sign) > width - 1:
                break
            kept += sign
        text = kept + "…"
    return text + " " * max(0, width - columns(text))


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns, broken at spaces and between full-width signs."""
    lines: list[str] = []
    line = ""
    for part in _parts(text):
        if line and columns(line + part.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        while columns(part) > width:  # a word longer than the line
            cut = next(place for place in range(len(part), 0, -1) if columns(part[:place]) <= width)
            lines.append(part[:cut])
            part = part[cut:]  # noqa: PLW2901 (what is left of the word)
        line += part
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _parts(text: str) -> list[str]:
    parts: list[str] = []
    word = ""
    for sign in text:
        closing = unicodedata.category(sign) in {"Po", "Pe", "Pf"}
        if columns(sign) == 2 and not closing:
            parts += [word, sign] if word else [sign]
            word = ""
        elif closing and not word and parts:
            parts[-1] += sign  # punctuation stays with what it closes
        else:
            word += sign
            if sign == " ":
                parts.append(word)
                word = ""
    return [*parts, word] if word else parts


def _hanging(head: str, body: str, width: int) -> list[str]:
    left = 16 if width >= 60 else 0
    if not left:
        return [head, *(f"  {line}" for line in wrapped(body, width - 2))]
    lines = wrapped(body, width - left - 1)
    heads = wrapped(head, left - 1)
    count = max(len(lines), len(heads))
    pairs = zip(heads + [""] * (count - len(heads)), lines + [""] * (count - len(lines)), strict=True)
    return [f"{fitted(first, left)} {second}".rstrip() for first, second in pairs]


def _numbers(report: Report, said: ReportWords, width: int) -> list[str]:
    if report.measured is None:
        return []
    rows = []
    for number in five_numbers(report.measured):
        name = number.name
        label = said.name(name.kind, name.id) if isinstance(name, Ref) else _text(said, name)
        span = bounds(number.figure)
        figure = said.say("page.spanned", figure=number.figure, span=span) if span else said.figure(number.figure)
        rows.append((label, figure, said.say("terminal.then").join(said.say(part) for part in number.since)))
    if not rows:
        return []
    if width < NARROW:
        stacked = ((said.say("page.named", name=label, message=figure), since) for label, figure, since in rows)
        return [*(line for head, since in stacked for line in _under(head, since, width)), ""]
    first = min(34, max(columns(row[0]) for row in rows), width // 3)
    second = min(30, max(columns(row[1]) for row in rows), width // 3)
    left = width - first - second - 4
    lines = []
    for label, figure, since in rows:
        about = wrapped(since, left) or [""]
        lines.append(f"{fitted(label, first)}  {fitted(figure, second)}  {about[0]}".rstrip())
        lines += [" " * (first + second + 4) + line for line in about[1:]]
    return [*lines, ""]


def _under(head: str, body: str, width: int) -> list[str]:
    return [*wrapped(head, width), *(f"  {line}" for line in wrapped(body, width - 2))]


def _text(said: ReportWords, item: object) -> str:
    return said.say(item) if isinstance(item, Message) else str(item)


def _severity(report: Report, said: ReportWords, width: int) -> list[str]:
    found = report.diagnosed
    if found is None:
        return []
    names = [said.say(challenge.name) for challenge in found.challenges]
    first = min(30, max(map(columns, names)), width // 3)
    lines = []
    for challenge, name in zip(found.challenges, names, strict=True):
        state = said.say(f"page.severity.{challenge.severity_class}")
        sign = SIGNS[challenge.severity_class]
        bar = "" if width < NARROW else f"{_bar(challenge.severity)}  "
        line = f"{fitted(name, first)}  {bar}{sign} {state}"
        span = bounds(challenge.severity) if challenge.known else None
        if span is not None:
            line += "  " + said.say("page.spanned", figure=challenge.severity, span=span)
        lines.append(fitted(line, width).rstrip())
    return [*lines, ""]


def _bar(figure: Figure) -> str:
    """A bar from 0 to 100; not known is drawn as dots, never as an empty bar."""
    if figure.value is None:
        return NOT_KNOWN * BAR
    filled = round(BAR * min(100.0, max(0.0, figure.value)) / 100)
    return FULL * filled + REST * (BAR - filled)


def _states(report: Report, said: ReportWords, width: int) -> list[str]:
    lines: list[str] = []
    for kind, error in report.failures.items():
        lines.append(f"{said.say('page.state.failed.word')}: {said.say(f'page.room.{kind}')}")
        for problem in error.problems:
            lines += wrapped(f"  {problem.code} {problem.where}: {problem.why(said.lang)}", width)
            lines += wrapped(f"  → {problem.fix(said.lang)}", width)
    if report.stale:
        lines += wrapped(said.say("page.state.stale"), width)
    absent = [kind for kind in ("measure", "diagnose") if not report.has(kind) and kind not in report.failures]
    if absent:
        lines += [said.say("page.rooms.title"), *(f"  {said.say(f'page.room.{kind}')}" for kind in absent)]
    return lines
