"""An audit told in lines of text: findings gravest first, then what could not be checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headframe.show import audited
from headframe.show.blocks import text
from headframe.show.linked import clean

if TYPE_CHECKING:
    from headframe.audit.results import AuditResult, Finding
    from headframe.core.words import Words

INDENT = "  "
MOST_TOLD = 200  # findings; a file has all of them
# As in the summary: these also exist in GBK, the encoding of older Chinese consoles.
SIGNS = {"high": "▲", "medium": "△", "low": "○"}


def audit_lines(result: AuditResult, words: Words) -> Iterator[str]:
    """The summary, what changed, each finding, those that are gone, and what was not checked."""
    yield words.say(audited.summary(result))
    if result.findings:
        yield words.say("integrity.meaning")
    if result.changes.unchanged or result.changes.gone:
        told = {name: len(getattr(result.changes, name)) for name in ("new", "gone", "unchanged")}
        yield words.say("audit.told.changes", **told)
    for finding in result.findings[:MOST_TOLD]:
        yield ""
        yield from finding_lines(result, finding, words)
    left = len(result.findings) - MOST_TOLD
    if left > 0:
        yield ""
        yield words.say("integrity.told.more", n=left)
    for curve in result.curves:
        yield ""
        yield words.say(audited.curve_told(curve))
    for name in result.changes.gone:
        yield words.say("integrity.told.head", sign="·", severity=words.say("integrity.state.gone"), id=name)
    yield ""
    yield from _gap_lines(result, words)
    yield words.say("audit.told.limits")


def finding_lines(result: AuditResult, finding: Finding, words: Words) -> Iterator[str]:
    """One finding: severity, id and state; why; the suggested treatment; the decision; its false-alarm rate."""
    severity = words.say(f"integrity.severity.{finding.severity}")
    head = words.say("integrity.told.head", sign=SIGNS.get(finding.severity, "·"), severity=severity, id=finding.id)
    state = result.state(finding.id)
    yield words.say("integrity.told.stated", head=head, state=words.say(f"integrity.state.{state}")) if state else head
    detector = words.say(f"audit.detector.{finding.detector}")
    where = clean(words.say(audited.where(finding, result.place)))
    yield INDENT + words.say("integrity.told.where", detector=detector, where=where)
    yield INDENT + clean(words.say(finding.reason))
    decision = result.decision(finding.id)
    yield INDENT + words.say("integrity.told.suggested", treatment=audited.treatment(finding))
    yield INDENT + words.say("integrity.told.decision", decision=clean(words.say(audited.decided(decision))))
    yield INDENT + words.say(audited.alarms(result, finding.detector))


def _gap_lines(result: AuditResult, words: Words) -> Iterator[str]:
    gaps = [(check.detector, gap) for check in audited.checks(result) for gap in check.gaps]
    if gaps:
        yield words.say("integrity.told.gaps")
    for detector, gap in gaps:
        named = words.say(f"audit.detector.{detector}")
        yield INDENT + words.say(text("page.named", name=named, message=gap))
