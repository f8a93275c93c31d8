"""Keeping an audit: its findings as evidence data in the city's folder, and the analyst's decisions on them.

Findings are rewritten by every audit (`audit/findings-computed.csv`); decisions are only ever added to
(`audit/decisions.csv`). A finding with a decision stays in the table, marked `gone`, when an audit finds it no more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

import polars as pl

from headframe.audit.audit import changes, decisions_of, local
from headframe.audit.results import AuditResult, Changes, Finding
from headframe.core.errors import HeadframeError, Problems, did_you_mean
from headframe.core.files import folder_lock, is_there, read_text, storable, write_together
from headframe.core.results import Message
from headframe.core.words import Words
from headframe.evidence.change import csv_text
from headframe.evidence.folder import City, load_city
from headframe.evidence.naming import words_for
from headframe.evidence.schema import COMPUTED_COLUMNS, DECISION_COLUMNS, FINDING_COLUMNS, TREATMENTS
from headframe.evidence.schema import DECISIONS as VERDICTS
from headframe.evidence.tables import COMPUTED, DECISIONS

COLUMNS = (*FINDING_COLUMNS, *COMPUTED_COLUMNS)
MOST_LETTERS = 1900  # of a text in the table


def record(city: City, result: AuditResult) -> Changes:
    """Write the findings of an audit of this city into its folder; returns what changed since the last one.

    Decisions stay as they are; findings that have one are never dropped. The same audit gives the same bytes. Raises
    HF433 for the audit of another place, HF337 for a built-in place, HF111 and HF112 when the folder cannot be written.
    """
    _writable(city)
    if result.place != city.place.id:
        raise HeadframeError.of("HF433", city.place.id, place=result.place)
    with folder_lock(city.folder):
        fresh = load_city(city.folder)
        changed = changes(fresh, result.findings)
        decided = {decision.finding_id for decision in decisions_of(fresh)}
        words = {language: words_for(fresh, language) for language in ("en", "zh")}
        rows = [row_of(finding, words) for finding in result.findings]
        now = {finding.id for finding in result.findings}
        rows += [row for row in _recorded(fresh) if row["finding_id"] in decided - now]
        write_together(fresh.folder, {COMPUTED: csv_text(COLUMNS, rows)})
    return changed


def _writable(city: City) -> None:
    if city.is_builtin:
        raise HeadframeError.of("HF337", city.place.id, name=city.place.id)


def _recorded(city: City) -> list[dict[str, object]]:
    """The computed findings of the last audit, marked as gone."""
    if not city.recorded.height:
        return []
    computed = city.recorded.filter(pl.col("detector").fill_null("") != "")
    return [{**row, "state": "gone"} for row in computed.select(COLUMNS).iter_rows(named=True)]


def row_of(finding: Finding, words: Mapping[str, Words]) -> dict[str, object]:
    """A finding as a row of the findings table, its reason told in both languages and kept as id and values."""
    replaced = finding.replacement
    values = finding.reason.model_dump(mode="json")["values"]
    return {
        "finding_id": finding.id,
        "place_id": finding.place,
        "kind": finding.kind,
        "obs_ids": ";".join(local(ref) for ref in finding.refs),
        "against_obs_ids": ";".join(dict.fromkeys(local(cell.ref) for cell in finding.against if cell.ref)),
        "against_value": None if replaced is None else replaced.value,
        "against_unit": None if replaced is None else replaced.unit,
        "decidable": finding.decidable,
        "treatment": finding.treatment,
        "severity": finding.severity,
        "note_en": _told(finding.reason, words["en"]),
        "note_zh": _told(finding.reason, words["zh"]),
        "detector": finding.detector,
        "reason": finding.reason.id,
        "values": json.dumps(values, ensure_ascii=False, sort_keys=True)[:MOST_LETTERS],
        "score": f"{finding.score:.6g}",
        "chance": "" if finding.chance is None else f"{finding.chance:.3g}",
    }


def _told(reason: Message, words: Words) -> str:
    return words.say(reason)[:MOST_LETTERS]


def decide(
    city: City, finding_id: str, decision: str, *, by: str, today: date, treatment: str = "", note: str = ""
) -> None:
    """Add a decision on a finding; earlier ones stay in the file, the last one holds.

    Raises HF434 for a finding that the folder does not record, HF435 for an unknown decision or treatment or a missing
    name, HF337 for a built-in place.
    """
    _writable(city)
    problems = Problems()
    for name, given, known in (
        ("decision", decision, VERDICTS.codes),
        ("treatment", treatment, ("", *TREATMENTS.codes)),
    ):
        if given not in known:
            problems.add("HF435", name, name=name, text=given[:80], known=", ".join(filter(None, known)))
    if not by.strip():
        problems.add("HF435", "by", name="by", text="", known="—")
    problems.raise_if_any()
    with folder_lock(city.folder):
        fresh = load_city(city.folder)
        known_ids = fresh.recorded.get_column("finding_id").to_list() if fresh.recorded.height else []
        if finding_id not in known_ids:
            near = did_you_mean(finding_id, known_ids) or "—"
            raise HeadframeError.of("HF434", finding_id[:80], text=finding_id[:80], suggestion=near)
        path = fresh.folder / DECISIONS
        header = csv_text(DECISION_COLUMNS, [])
        old = read_text(path) if is_there(path) else header
        row = {
            "finding_id": finding_id,
            "decision": decision,
            "treatment": treatment,
            "by": storable(by.strip()),
            "date": today.isoformat(),
            "note": storable(note.strip()),
        }
        added = csv_text(DECISION_COLUMNS, [row])[len(header) :]
        write_together(fresh.folder, {DECISIONS: (old if old.endswith("\n") else old + "\n") + added})
