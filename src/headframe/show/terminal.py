"""The summary for the terminal: where the place stands, the numbers, six challenges, and what is not known, as lines.

Widths count full-width signs as two columns. Nothing rests on colour, so the lines are plain and can be piped.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from headframe.core.results import Figure, Message, Ref
from headframe.show.audited import summary as audit_summary
from headframe.show.blocks import text as message
from headframe.show.linked import ReportWords, bounds, clean
from headframe.show.sections.one_page import answers, five_numbers, kind_of_place, meter_sentence

if TYPE_CHECKING:
    from headframe.core.words import Words
    from headframe.diagnose.results import Challenge, DiagnoseResult
    from headframe.measure.results import MeasureResult, MeterYear, Official
    from headframe.show.results_bundle import Kind, Report

NARROWEST, NARROW = 40, 64
LABEL = 16  # columns of the labels on the left
LONGEST = 1200  # characters of one paragraph; a longer one is cut
WIDEST_BAR, SHORTEST_BAR = 20, 8
MOST_COLLECT = 3
SIGNS = {"severe": "▲", "concern": "△", "none": "○", "not-known": "?"}
# All of these also exist in GBK, the encoding of older Chinese consoles.
MIDDLE, SPAN, REST, NOT_KNOWN = "█", "═", "─", "·"
BULLET = "· "


def summary(report: Report, words: Words, width: int = 88) -> list[str]:
    """The summary as lines of at most `width` columns (at least 40)."""
    said = ReportWords(words, report)
    width = max(NARROWEST, width)
    title = message("page.title", place=Ref(kind="place", id=report.place.id))
    paragraphs = [
        wrapped(said.say(title), width)[:2],
        _standing(report, said, width),
        _numbers(report, said, width),
        _challenges(report.diagnosed, said, width) if report.diagnosed is not None else [],
        _strongest(report.diagnosed, said, width) if report.diagnosed is not None else [],
        _integrity(report, said, width),
        _unknown(report, said, width),
        _states(report, said, width),
    ]
    shown = ["\n".join(paragraph) for paragraph in paragraphs if paragraph]
    return "\n\n".join(shown).split("\n")


def _standing(report: Report, said: ReportWords, width: int) -> list[str]:
    """The place, its official class, the meter, the lifecycle, exhaustion, and the diagnosis in one sentence."""
    facts: list[tuple[str, str]] = [("place", said.say(kind_of_place(report)))]
    measured = report.measured
    if measured is not None:
        facts.append(("official", _official(measured.lifecycle.official, said)))
        facts.append(("meter", _meter(measured, said, width)))
        facts.append(("lifecycle", _lifecycle(measured, said)))
        facts.append(("exhaustion", _exhaustion(measured, said)))
    if report.diagnosed is not None:
        facts.append(("why", said.say(report.diagnosed.summary)))
    return [line for name, body in facts for line in _hanging(said.say(f"terminal.{name}"), body, width)]


def _official(official: Official, said: ReportWords) -> str:
    """The class of the national plan and the list of exhausted cities; only what the registry says."""
    if not official.known:
        return said.say("lifecycle.no-registry")
    named = f"lifecycle.official-{official.lifecycle}" if official.lifecycle else "lifecycle.not-in-plan"
    if not official.exhausted_batch:
        return _joined(said, said.say(named), said.say("exhaustion.not-listed"))
    return _joined(said, said.say(named), said.say("exhaustion.listed", batch=official.exhausted_batch))


def _meter(measured: MeasureResult, said: ReportWords, width: int) -> str:
    """Score, interval, rank and coverage of the newest year with a score, after a bar of the interval."""
    if not measured.meter.scored:
        return said.say(meter_sentence(measured))
    newest: MeterYear = measured.meter.scored[-1]
    parts = [said.say("terminal.score", score=_spanned(newest.score, said), year=str(newest.year))]
    if newest.rank.value is not None:
        rank = _spanned(newest.rank, said)
        parts.append(said.say("terminal.rank", rank=rank, n=len(newest.ranked)))
    coverage = Figure(value=round(100 * newest.coverage), unit="%", method="derived")
    parts.append(said.say("terminal.coverage", coverage=coverage))
    told = said.say("terminal.then").join(parts)
    return told if width < NARROW else f"{bar(newest.score, WIDEST_BAR)} {told}"


def _lifecycle(measured: MeasureResult, said: ReportWords) -> str:
    """The four classes with their probabilities, the most probable first."""
    classes = sorted(measured.lifecycle.classes, key=lambda item: -(item.probability.value or 0.0))
    if not classes:
        return _not_known(said, measured.lifecycle.reasons)
    shown = (
        said.say("terminal.named", name=said.say(item.name), figure=_spanned(item.probability, said))
        for item in classes
    )
    return said.say("page.between").join(shown)


def _exhaustion(measured: MeasureResult, said: ReportWords) -> str:
    """The probability that the rule of 70 per cent is met, or that it is not known, and why."""
    found = measured.exhaustion
    if found.probability.known:
        return said.say("terminal.rule", threshold=found.threshold, figure=_spanned(found.probability, said))
    return _not_known(said, found.reasons)


def _not_known(said: ReportWords, reasons: tuple[Message, ...]) -> str:
    if not reasons:
        return said.say("figure.not-known")
    if reasons[0].id.endswith("not-known"):
        return said.say(reasons[0])
    return said.say("page.named", name=said.say("figure.not-known"), message=said.say(reasons[0]))


def _spanned(figure: Figure, said: ReportWords) -> str:
    span = bounds(figure) if figure.value is not None else None
    return said.say("page.spanned", figure=figure, span=span) if span else said.figure(figure)


def _joined(said: ReportWords, *sentences: str) -> str:
    return ("" if said.lang == "zh" else " ").join(sentences)


def bar(figure: Figure, length: int) -> str:
    """A bar from 0 to 100 with the interval and its middle; what is not known is drawn as dots, never as nothing."""
    if not figure.known:
        return NOT_KNOWN * length
    signs = [REST] * length

    def at(value: float) -> int:
        return min(length - 1, max(0, int(length * value / 100)))

    # A bound without a value leaves everything open on its other side.
    low = next((end for end in (figure.low, figure.value) if end is not None), 0.0)
    high = next((end for end in (figure.high, figure.value) if end is not None), 100.0)
    signs[at(low) : at(high) + 1] = [SPAN] * (at(high) - at(low) + 1)
    if figure.value is not None:
        signs[at(figure.value)] = MIDDLE
    return "".join(signs)


def columns(text: str) -> int:
    """How many columns a text takes on a terminal: full-width signs two, combining signs none."""
    from rich.cells import cell_len

    return cell_len(text)


def fitted(text: str, width: int) -> str:
    """The text cut or filled with spaces to exactly `width` columns; a cut one ends with an ellipsis."""
    text = _one_line(text)
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
    text = _one_line(text)
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


def _one_line(text: str) -> str:
    """The text without line ends and tabs, cut where it is absurdly long."""
    plain = " ".join(text[: 2 * LONGEST].split())
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"


def _parts(text: str) -> list[str]:
    """Pieces between which a line may break: after spaces, and around full-width signs but for their punctuation."""
    parts: list[str] = []
    word = ""
    for sign in text:
        kind = unicodedata.category(sign)
        closing = kind in {"Po", "Pe", "Pf"}
        if closing and not word and parts:
            parts[-1] += sign  # closing punctuation stays with what it closes
        elif kind in {"Ps", "Pi"}:
            parts += [word] if word else []
            word = sign  # an opening sign goes with what follows
        elif columns(sign) == 2 and not closing:
            parts += [word + sign] if _opens(word) else [word, sign] if word else [sign]
            word = ""
        else:
            word += sign
            if sign == " ":
                parts.append(word)
                word = ""
    return [*parts, word] if word else parts


def _opens(word: str) -> bool:
    return bool(word) and all(unicodedata.category(sign) in {"Ps", "Pi"} for sign in word)


def _hanging(head: str, body: str, width: int) -> list[str]:
    left = LABEL if width >= NARROW else 0
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
        return [line for head, since in stacked for line in _under(head, since, width)]
    first = min(34, max(columns(row[0]) for row in rows), width // 3)
    second = min(30, max(columns(row[1]) for row in rows), width // 3)
    sizes = (first, second, width - first - second - 4)
    lines = []
    for row in rows:
        cells = [wrapped(cell, size) for cell, size in zip(row, sizes, strict=True)]
        for at in range(max(map(len, cells))):
            shown = (cell[at] if at < len(cell) else "" for cell in cells)
            lines.append("  ".join(fitted(part, size) for part, size in zip(shown, sizes, strict=True)).rstrip())
    return lines


def _under(head: str, body: str, width: int) -> list[str]:
    return [*wrapped(head, width), *(f"  {line}" for line in wrapped(body, width - 2))]


def _text(said: ReportWords, item: object) -> str:
    return said.say(item) if isinstance(item, Message) else str(item)


def _challenges(found: DiagnoseResult, said: ReportWords, width: int) -> list[str]:
    """Six rows: name, bar, class, severity with interval, confidence; stacked where the terminal is narrow."""
    rows = [
        (
            said.say(challenge.name),
            f"{SIGNS[challenge.severity_class]} {said.say(f'page.severity.{challenge.severity_class}')}",
            _spanned(challenge.severity, said) if challenge.severity.known else "",
            said.say(f"terminal.grip.{challenge.confidence.grip}"),
        )
        for challenge in found.challenges
    ]
    if not rows:
        return []
    taken = [max(columns(_one_line(row[place])) for row in rows) for place in range(4)]
    taken[0] = min(taken[0], max(12, width // 3))
    left = width - sum(taken) - 2 * len(taken)
    if width < NARROW or left < -2:
        return [line for row in rows for line in _stacked(row, said, width)]
    length = 0 if left < SHORTEST_BAR else min(WIDEST_BAR, left)
    lines = []
    for challenge, row in zip(found.challenges, rows, strict=True):
        name, *rest = (fitted(cell, size) for cell, size in zip(row, taken, strict=True))
        cells = [name, bar(challenge.severity, length), *rest] if length else [name, *rest]
        lines.append("  ".join(cells).rstrip())
    level = Figure(value=round(100 * found.level), unit="%", method="derived")
    return [*lines, *(wrapped(said.say("terminal.legend", level=level), width) if length else [])]


def _stacked(row: tuple[str, str, str, str], said: ReportWords, width: int) -> list[str]:
    name, state, severity, trust = row
    below = said.say("terminal.then").join(part for part in (severity, trust) if part)
    return _under(said.say("page.named", name=name, message=state), below, width)


def _strongest(found: DiagnoseResult, said: ReportWords, width: int) -> list[str]:
    """The strongest evidence for the challenge that stands worst."""
    known = [challenge for challenge in found.challenges if challenge.severity.value is not None]
    worst: Challenge | None = max(known, key=lambda challenge: challenge.severity.value or 0.0, default=None)
    if worst is None or not worst.strongest:
        return []
    head = said.say("page.evidence.strongest", challenge=said.say(worst.name))
    return [*wrapped(head, width), *_bullets((said.say(piece.message) for piece in worst.strongest), width)]


def _bullets(sentences: Iterator[str], width: int) -> list[str]:
    lines = []
    for sentence in sentences:
        first, *more = wrapped(sentence, width - columns(BULLET)) or [""]
        lines += [BULLET + first, *(" " * columns(BULLET) + line for line in more)]
    return lines


def _integrity(report: Report, said: ReportWords, width: int) -> list[str]:
    """What the audit found, in one sentence."""
    if report.audited is None:
        return []
    return _hanging(said.say("integrity.name"), said.say(audit_summary(report.audited)), width)


def _unknown(report: Report, said: ReportWords, width: int) -> list[str]:
    """Contradictions and gaps, then what would tell most if it were collected next."""
    found = next((item for item in answers(report) if item.question.id == "page.answer.unknown"), None)
    lines: list[str] = []
    if found is not None:
        body = _joined(said, *(said.say(one) for one in found.sentences if not one.id.startswith("audit.told.")))
        lines += _hanging(said.say("terminal.unknown"), body, width)
    collect = report.diagnosed.unknown.collect[:MOST_COLLECT] if report.diagnosed is not None else ()
    if collect:
        body = _joined(said, *(said.say(item.message) for item in collect))
        lines += _hanging(said.say("terminal.collect"), body, width)
    return lines


def _states(report: Report, said: ReportWords, width: int) -> list[str]:
    lines: list[str] = []
    for kind, error in report.failures.items():
        lines.append(f"{said.say('page.state.failed.word')}: {said.say(f'page.room.{kind}')}")
        for problem in error.problems:
            told = clean(f"{problem.code} {problem.where}: {problem.why(said.lang)}")
            lines += [
                f"  {line}" for line in (*wrapped(told, width - 2), *wrapped(f"→ {problem.fix(said.lang)}", width - 2))
            ]
    if report.stale:
        lines += wrapped(said.say("page.state.stale"), width)
    kinds: tuple[Kind, ...] = ("audit", "measure", "diagnose")
    absent = [kind for kind in kinds if not report.has(kind) and kind not in report.failures]
    if absent:
        lines += [said.say("page.rooms.title"), *(f"  {said.say(f'page.room.{kind}')}" for kind in absent)]
    return lines
