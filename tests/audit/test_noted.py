"""Contradictions and slips that people noted: how many the audit finds without their notes, and what else it lists.

`noted_facts.csv` says of every noted statement of the source documents whether the built-in figures can decide the
matter and why (not); `unnoted_findings.csv` says of what else the audit lists whether it is right.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from headframe.audit.audit import audit
from headframe.audit.results import AuditResult, Finding
from headframe.evidence.folder import BUILTIN, builtin_places
from tests.audit.bare import bare

HERE = Path(__file__).parent
# Floors a little below what was measured (facts: 6 of 10 found, 6 of 6 right; official tables: 24 of 39 found, 35 of 35
# right), so that a loss is noticed and no single fact decides.
RECALL_FACTS, RECALL_OFFICIAL, PRECISION = 0.5, 0.55, 0.95


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> AuditResult:
    return audit(bare(tmp_path_factory.mktemp("bare")))


def about(finding: Finding) -> set[str]:
    return {ref.split("/")[1] for ref in finding.refs}


def official(obs_id: str) -> bool:
    return obs_id.rsplit("-", 1)[1][0] in "oc"


def test_the_copy_has_no_trace_of_what_was_noted(tmp_path: Path) -> None:
    for city in bare(tmp_path):
        assert city.recorded.height == 0
        assert set(city.observations.get_column("note").fill_null("")) <= {""}
        assert not city.observations.get_column("status").is_in(["U"]).any()
        assert not city.observations.get_column("method").is_in(["derived"]).any()


def test_every_noted_statement_is_marked(data_folder: Path) -> None:
    facts = data_folder.parent / "facts/source_facts.csv"
    if not facts.is_file():
        pytest.skip("no facts/source_facts.csv beside the data folder")
    noted = [str(number) for number, row in enumerate(table(facts), start=1) if row["note"]]
    assert [row["fact"] for row in table(HERE / "noted_facts.csv")] == noted


def test_every_mark_says_why() -> None:
    for row in table(HERE / "noted_facts.csv"):
        assert row["why"], row
        assert row["decidable"] in {"yes", "no", ""}
        assert (row["decidable"] == "") == (row["kind"] == "comment"), row


def test_what_was_noted_in_the_source_documents_is_found(result: AuditResult) -> None:
    rows = table(HERE / "noted_facts.csv")
    listed = {name for item in result.findings for name in about(item) if not official(name)}
    decidable = {row["obs_id"]: row for row in rows if row["decidable"] == "yes"}
    noted = {row["obs_id"] for row in rows if row["decidable"] in {"yes", "no"}}
    found = decidable.keys() & listed
    print(f"source facts: {len(rows)} notes, {len(noted)} contradictions or slips, {len(decidable)} decidable")
    print(f"recall {len(found)}/{len(decidable)}, precision {len(listed & noted)}/{len(listed)}")
    for name in sorted(decidable.keys() - found):
        print(f"missed {name}: {decidable[name]['missed_because']}")
        assert decidable[name]["missed_because"], name
    for name in sorted(found):
        assert not decidable[name]["missed_because"], f"{name} is found: take its explanation out of the file"
    assert len(found) >= RECALL_FACTS * len(decidable)
    assert len(listed & noted) >= PRECISION * len(listed)


def test_what_was_noted_in_official_tables_is_found(result: AuditResult) -> None:
    files = [BUILTIN / place / "audit/findings-official.csv" for place in builtin_places()]
    rows = [row for file in files if file.is_file() for row in table(file)]
    listed = [item for item in result.findings if any(map(official, about(item)))]
    seen = {name for item in listed for name in about(item)}
    recall: dict[tuple[str, str], Counter[bool]] = {}
    for row in rows:
        hit = bool(set(row["obs_ids"].split(";")) & seen)
        recall.setdefault((row["decidable"], row["kind"]), Counter())[hit] += 1
    for key, count in sorted(recall.items()):
        print(*key, f"{count[True]}/{count.total()}")
    noted = {name for row in rows for name in row["obs_ids"].split(";")}
    others = {row["obs_id"]: row for row in table(HERE / "unnoted_findings.csv")}
    right = [item for item in listed if about(item) & noted or any(n in others for n in about(item))]
    print(f"precision {len(right)}/{len(listed)}")
    decidable = [row for row in rows if row["decidable"] != "no"]
    missed = {row["finding_id"] for row in decidable if not set(row["obs_ids"].split(";")) & seen}
    for row in table(HERE / "missed_official.csv"):
        print(f"missed {row['finding_id']}: {row['why']}")
    assert missed == {row["finding_id"] for row in table(HERE / "missed_official.csv")}
    assert len(decidable) - len(missed) >= RECALL_OFFICIAL * len(decidable)
    assert not [item.reason for item in listed if item not in right]
