"""The sheets of the audit: its findings with the decisions on them, its detectors, and what was not checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from headframe.core.results import Message
from headframe.show import audited
from headframe.show.blocks import text
from headframe.show.linked import clean
from headframe.show.sheet import Row, Sheet, headings

if TYPE_CHECKING:
    from headframe.audit.results import AuditResult, Checked, Finding
    from headframe.core.words import Words

Both = Mapping[str, "Words"]
NAMES = ("en", "zh")


def audit_sheets(result: AuditResult, words: Both) -> tuple[Sheet, ...]:
    """The three sheets, in reading order."""
    return (_findings(result, words), _detectors(result, words), _unchecked(result, words))


def _say(words: Both, message: Message) -> tuple[str, ...]:
    return tuple(clean(words[code].say(message)) for code in NAMES)


def _findings(result: AuditResult, words: Both) -> Sheet:
    heads = headings(
        *(("finding_id", 22), ("found", 10), "severity", ("detector", 14), ("detector_en", 28), ("detector_zh", 22)),
        *(("kind", 18), ("place_id", 14), ("where_en", 44), ("where_zh", 40), ("about", 26), ("against", 26)),
        *(("said_en", 70), ("said_zh", 60), "decidable", ("treatment", 16), "replacement", ("unit", 12)),
        *("chance", "score", "alarms", ("decision", 12), ("decided_as", 16), ("decided_by", 18), ("decided_on", 12)),
        ("decision_note", 44),
    )
    return Sheet("integrity", heads, tuple(_finding(result, item, words) for item in result.findings))


def _finding(result: AuditResult, item: Finding, words: Both) -> Row:
    decision = result.decision(item.id)
    rate = audited.rate_of(result, item.detector)
    replaced = item.replacement
    about = ";".join(item.refs)
    against = ";".join(dict.fromkeys(cell.ref for cell in item.against if cell.ref))
    return (
        *(item.id, result.state(item.id), item.severity, item.detector),
        *_say(words, text(f"audit.detector.{item.detector}")),
        *(item.kind, item.place, *_say(words, audited.where(item, result.place)), about, against),
        *(*_say(words, item.reason), item.decidable, item.treatment),
        *((replaced.value, replaced.unit) if replaced is not None else (None, "")),
        *(item.chance, item.score, rate.alarms if rate is not None else None),
        *((decision.decision, decision.treatment, decision.by, decision.date) if decision is not None else ("",) * 4),
        decision.note if decision is not None else "",
    )


def _detectors(result: AuditResult, words: Both) -> Sheet:
    heads = headings(
        *(("detector", 16), ("detector_en", 36), ("detector_zh", 28), "tests", "listed", "checked", "unchecked"),
        *("alarms", "alarm_series", "power_low", "power_high"),
    )
    rows = tuple(
        (
            *(one.detector, *_say(words, text(f"audit.detector.{one.detector}"))),
            *(one.tests, one.listed, one.checked, one.unchecked),
            *((one.alarms.alarms, one.alarms.series) if one.alarms is not None else (None, None)),
            *(one.worst, one.best),
        )
        for one in audited.checks(result)
    )
    return Sheet("detectors", heads, rows)


def _unchecked(result: AuditResult, words: Both) -> Sheet:
    heads = headings(
        *(("detector", 16), ("indicator_id", 28), ("name_en", 36), ("name_zh", 28), ("dims", 22), ("concept", 24)),
        *("checked", "unchecked", ("why_en", 60), ("why_zh", 50)),
    )
    rows = tuple(_gap(one, words) for one in result.coverage if one.unchecked)
    return Sheet("unchecked", heads, rows)


def _gap(one: Checked, words: Both) -> Row:
    names = tuple(words[code].name("indicator", one.indicator) for code in NAMES)
    why = _say(words, text(f"audit.gap.{one.why}", n=one.unchecked)) if one.why else ("", "")
    return (one.detector, one.indicator, *names, one.dims, one.concept, one.checked, one.unchecked, *why)
