"""Results told in lines of text, for the terminal: each message under the name of what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from headframe.show.sections.common import GROUPS
from headframe.show.terminal import wrapped

if TYPE_CHECKING:
    from headframe.audit.results import AuditResult
    from headframe.core.results import Figure
    from headframe.core.words import Words
    from headframe.diagnose.results import DiagnoseResult
    from headframe.measure.results import Measure, MeasureResult

INDENT = "  "


def at_width(lines: Iterable[str], width: int) -> Iterator[str]:
    """The lines broken to at most `width` columns, what is indented staying indented."""
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()))
        yield from (indent + part for part in (wrapped(line, width - len(indent)) or [""]))


def result_lines(result: AuditResult | MeasureResult | DiagnoseResult, words: Words) -> Iterator[str]:
    """The lines of a result of any of the verbs that look."""
    from headframe.audit.results import AuditResult as Audited
    from headframe.measure.results import MeasureResult as Measured
    from headframe.show.told_audit import audit_lines

    if isinstance(result, Audited):
        return audit_lines(result, words)
    return measure_lines(result, words) if isinstance(result, Measured) else diagnosis_lines(result, words)


def measure_lines(result: MeasureResult, words: Words) -> Iterator[str]:
    """Exhaustion, lifecycle and meter first, then the known measures by subject, then how many are not known."""
    for message in (*result.exhaustion.reasons, *result.lifecycle.reasons, *result.meter.notes):
        yield words.say(message)
    known = [measure for measure in result.measures if measure.known]
    for group, subjects in GROUPS:
        measures = [measure for measure in known if measure.subject in subjects]
        yield from ("", words.say(f"page.group.{group}")) if measures else ()
        for measure in measures:
            notes = "".join(INDENT + words.say(note) for note in measure.notes)
            told = {"measure": _titled(measure, words), "figure": words.figure(measure.figure)}
            yield INDENT + words.say("told.measure", **told, period=_period(measure.figure, words)) + notes
    yield ""
    yield words.say("told.unknown", n=len(result.measures) - len(known))


def _titled(measure: Measure, words: Words) -> str:
    """The measure's name with its dimensions and the concept of its figure, so that like is not taken for like."""
    name = words.name(measure.title.kind, measure.title.id)
    concepts = [words.name("concept", part) for part in measure.figure.concept.split(";") if part]
    marks = [words.dimensions(measure.dims)] if measure.dims else []
    marks += [concept for concept in concepts if concept != name]
    return words.say("told.marked", name=name, marks=tuple(marks)) if marks else name


def _period(figure: Figure, words: Words) -> str:
    return words.dated(figure.period) if figure.period else words.say("told.undated")


def diagnosis_lines(result: DiagnoseResult, words: Words) -> Iterator[str]:
    """The summary, then each challenge, judgement and loop under its name."""
    yield words.say(result.summary)
    for challenge in result.challenges:
        yield ""
        yield words.say("told.named", name=words.say(challenge.name), text=words.say(challenge.message))
        for message in (*(piece.message for piece in challenge.strongest), *challenge.notes):
            yield INDENT + words.say(message)
    for judgement in result.judgements:
        yield ""
        yield words.say("told.named", name=words.say(judgement.name), text=words.say(judgement.message))
        for sign in judgement.signs:
            yield INDENT + words.say(sign.message)
    yield ""
    for loop in result.loops:
        yield words.say("told.named", name=words.say(loop.name), text=words.say(loop.message))
    for later in result.not_yet:
        yield words.say("told.named", name=words.say(later.name), text=words.say(later.message))
    yield words.say(result.unknown.message)
