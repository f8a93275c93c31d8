"""Keeping an audit: its findings as evidence data in the folder, and the analyst's decisions on them.

Findings are rewritten by every audit (`audit/findings-computed.csv`); decisions are only ever added to
(`audit/decisions.csv`). A finding with a decision stays in the table, marked `gone`, when an audit finds it no more.
Figures are never changed here: what accepting a replacement asks for is said by `correction_of`, and whoever takes the
decision makes the correction, under a name and with a reason (`evidence.change.correct`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from headframe.audit.audit import belongs, changes, decisions_of, local, whole
from headframe.audit.found import EVERYWHERE
from headframe.audit.results import AuditResult, Changes, Finding
from headframe.core.errors import HeadframeError, Problems, did_you_mean
from headframe.core.files import folder_lock, is_there, read_text, storable, write_together
from headframe.core.words import Words
from headframe.evidence.change import Correction, csv_text, table_of, writable
from headframe.evidence.check import LONGEST_TEXT
from headframe.evidence.collection import Collection, reopen
from headframe.evidence.naming import words_for
from headframe.evidence.relations import check_decisions
from headframe.evidence.schema import COMPUTED_COLUMNS, DECISION_COLUMNS, FINDING_COLUMNS, TREATMENTS
from headframe.evidence.schema import DECISIONS as VERDICTS
from headframe.evidence.tables import COMPUTED, DECISIONS, Evidence

COLUMNS = (*FINDING_COLUMNS, *COMPUTED_COLUMNS)
Row = dict[str, object]


def record(evidence: Evidence, result: AuditResult) -> Changes:
    """Write the findings of an audit into the folder audited; returns what changed since the last one.

    Decisions stay as they are; a finding that one refers to is never dropped. Findings on other places of a folder of
    many, and those of detectors that did not run, are left as they are. The same audit gives the same bytes. Raises
    HF433 for the audit of another folder, HF337 for a built-in place, HF111 and HF112 when the folder cannot be
    written.
    """
    writable(evidence)
    if evidence.id not in result.record.inputs:
        raise HeadframeError.of("HF433", evidence.id, place=", ".join(result.record.inputs)[:200])
    with folder_lock(evidence.folder):
        fresh = reopen(evidence)
        tried = {step.detector for step in result.steps}
        own = pl.col("place_id").is_in(sorted(evidence.place_ids)) & pl.col("detector").is_in(sorted(tried))
        recorded = fresh.recorded.filter(pl.col("detector").fill_null("") != "") if fresh.recorded.height else None
        before = [] if recorded is None else list(recorded.filter(own).select(COLUMNS).iter_rows(named=True))
        others = [] if recorded is None else list(recorded.filter(~own).select(COLUMNS).iter_rows(named=True))
        found = [item for item in result.findings if belongs(item, evidence)]
        decided = {whole(decision.finding_id) for decision in decisions_of(fresh)}
        gone = decided - {item.id for item in found}
        words = {language: words_for(fresh, language) for language in ("en", "zh")}
        rows = [row for item in found for row in rows_of(item, words)]
        rows += [{**row, "state": "gone"} for row in before if whole(str(row["finding_id"])) in gone]
        write_together(fresh.folder, {COMPUTED: csv_text(COLUMNS, [*others, *rows])})
    if isinstance(fresh, Collection) and fresh.id != evidence.id:
        fresh = fresh.city(evidence.id)
    return changes(fresh, result.findings, tried)


def rows_of(finding: Finding, words: Mapping[str, Words]) -> Iterator[Row]:
    """A finding as rows of the findings table, its reason told in both languages and kept as id and values.

    A cell of a table holds `LONGEST_TEXT` characters; a finding on more observations than fit goes on in further rows,
    whose ids end in -2, -3, ….
    """
    replaced = finding.replacement
    values = json.dumps(finding.reason.model_dump(mode="json")["values"], ensure_ascii=False, sort_keys=True)
    against = _fitting([local(cell.ref) for cell in finding.against if cell.ref])
    row: Row = {
        "finding_id": finding.id,
        "place_id": finding.cells[0].place if finding.place == EVERYWHERE else finding.place,
        "kind": finding.kind,
        "against_obs_ids": against[0],
        "against_value": None if replaced is None else replaced.value,
        "against_unit": None if replaced is None else replaced.unit,
        "decidable": finding.decidable,
        "treatment": finding.treatment,
        "severity": finding.severity,
        "note_en": words["en"].say(finding.reason)[:LONGEST_TEXT],
        "note_zh": words["zh"].say(finding.reason)[:LONGEST_TEXT],
        "detector": finding.detector,
        "reason": finding.reason.id,
        "values": values if len(values) <= LONGEST_TEXT else "",
        "score": f"{finding.score:.6g}",
        "chance": "" if finding.chance is None else f"{finding.chance:.3g}",
    }
    for number, names in enumerate(_fitting([local(ref) for ref in finding.refs]), start=1):
        yield {**row, "obs_ids": names, "finding_id": finding.id if number == 1 else f"{finding.id}-{number}"}


def _fitting(names: Sequence[str]) -> list[str]:
    """Names joined by semicolons, in as many texts as it takes; one empty text where there are none."""
    texts = [""]
    for name in dict.fromkeys(names):
        longer = f"{texts[-1]};{name}" if texts[-1] else name
        if len(longer) > LONGEST_TEXT:
            texts.append(name)
        else:
            texts[-1] = longer
    return texts


def decide(
    evidence: Evidence, finding_id: str, decision: str, *, by: str, today: date, treatment: str = "", note: str = ""
) -> Correction | None:
    """Add a decision on a finding; earlier ones stay in the file, the last one holds.

    Where a replacement was accepted, the correction that the caller is to make is returned; nothing is replaced here.
    Raises HF434 for a finding that the folder does not record, HF435 for an unknown decision or treatment or a missing
    name, HF337 for a built-in place, HF320 or HF321 for a name or note that could not be read again.
    """
    writable(evidence)
    _check_decision(decision, treatment, by)
    with folder_lock(evidence.folder):
        fresh = reopen(evidence)
        listed = fresh.recorded.get_column("finding_id").to_list() if fresh.recorded.height else []
        if finding_id not in listed:
            near = did_you_mean(finding_id, listed) or "—"
            raise HeadframeError.of("HF434", finding_id[:80], text=finding_id[:80], suggestion=near)
        path = fresh.folder / DECISIONS
        header = csv_text(DECISION_COLUMNS, [])
        old = read_text(path) if is_there(path) else header
        row = {"decision": decision, "treatment": treatment, "by": storable(by.strip()), "date": today.isoformat()}
        row["note"] = storable(note.strip())[:LONGEST_TEXT]
        parts = [name for name in listed if whole(name) == whole(finding_id)]
        rows: list[Row] = [{**row, "finding_id": name} for name in parts]
        problems = Problems()
        check_decisions(table_of(DECISION_COLUMNS, rows), DECISIONS, problems)
        problems.raise_if_any()
        added = csv_text(DECISION_COLUMNS, rows)[len(header) :]
        write_together(fresh.folder, {DECISIONS: (old if old.endswith("\n") else old + "\n") + added})
    return correction_of(fresh, finding_id, treatment) if decision == "accept" else None


def _check_decision(decision: str, treatment: str, by: str) -> None:
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


def correction_of(evidence: Evidence, finding_id: str, treatment: str = "") -> Correction | None:
    """The correction that accepting a finding with this treatment (empty: the suggested one) asks for.

    None where the treatment is not to replace, or the finding proposes no figure or is on several: then the analyst
    finds the figures. The new value is in the indicator's canonical unit.
    """
    row = evidence.recorded.filter(pl.col("finding_id") == finding_id).row(0, named=True)
    names = [name for name in str(row["obs_ids"] or "").split(";") if name]
    if (treatment or row["treatment"]) != "replace" or row["against_value"] in {None, ""} or len(names) != 1:
        return None
    return Correction(names[0], {"value": str(row["against_value"]), "unit": str(row["against_unit"])})
