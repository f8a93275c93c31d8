"""Doubt: what audit findings, and the analyst's decisions on them, take away from the observations they are about.

The table of doubts is computed from `audit/findings*.csv` and `audit/decisions.csv` when a folder is opened; it stands
nowhere a second time. Findings written by hand speak through the status of their observations; they cast doubt here
only once a decision says so. A finding that was computed casts doubt as long as nobody has rejected it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

NONE, DOUBTFUL, ASIDE = 0, 1, 2
# What is left of an observation's reliability: an assumption (grade D), halved by a finding that stands and a little
# less by one of low severity; nothing is left of what was set aside.
FACTORS: Mapping[str, float] = {"high": 0.5, "medium": 0.6, "low": 0.8}
KEPT = ("keep", "")
LEVELS = {"keep": NONE, "low-reliability": DOUBTFUL, "ask-source": DOUBTFUL, "set-aside": ASIDE, "replace": ASIDE}


@dataclass(frozen=True)
class Doubt:
    """The doubt on one observation: its level (0 none, 1 doubtful, 2 set aside), the factor that is left of its
    reliability (0 to 1), and the ids of the findings behind it.
    """

    level: int
    factor: float
    findings: tuple[str, ...]


def latest(decisions: pl.DataFrame) -> dict[str, dict[str, str]]:
    """The last decision on each finding."""
    return {
        str(row["finding_id"]): {k: str(v or "") for k, v in row.items()} for row in decisions.iter_rows(named=True)
    }


def in_force(findings: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """The findings that count: without those that the analyst rejected, and those that the last audit found no more."""
    rejected = [name for name, last in latest(decisions).items() if last["decision"] == "reject"]
    gone = pl.col("state").fill_null("") == "gone"
    return findings.filter(~pl.col("finding_id").is_in(rejected) & ~gone)


def doubts(findings: pl.DataFrame, decisions: pl.DataFrame) -> dict[str, Doubt]:
    """Doubt by observation id, from findings in force and decisions.

    Undecided (or put off): a computed finding whose suggested treatment is other than `keep` makes its observations
    doubtful; setting aside takes a decision. Accepted: the decision's treatment holds, else the suggested one. Factors
    multiply; the level is the highest.
    """
    decided = latest(decisions)
    found: dict[str, Doubt] = {}
    for row in findings.iter_rows(named=True):
        level = _level(row, decided.get(str(row["finding_id"])))
        if level == NONE:
            continue
        factor = 0.0 if level == ASIDE else FACTORS.get(str(row["severity"]), 0.8)
        for obs_id in filter(None, str(row["obs_ids"] or "").split(";")):
            before = found.get(obs_id, Doubt(NONE, 1.0, ()))
            names = (*before.findings, str(row["finding_id"]))
            found[obs_id] = Doubt(max(before.level, level), before.factor * factor, names)
    return found


def _level(row: Mapping[str, object], decision: Mapping[str, str] | None) -> int:
    suggested = str(row["treatment"] or "")
    if decision is not None and decision["decision"] == "accept":
        return LEVELS.get(decision["treatment"] or suggested, DOUBTFUL)
    computed = bool(row.get("detector"))
    return DOUBTFUL if computed and LEVELS.get(suggested, NONE) > NONE else NONE


def doubt_table(found: Mapping[str, Doubt]) -> pl.DataFrame:
    """The doubts as a table: obs_id, level, factor, finding_ids (joined by `;`), sorted by observation."""
    rows = [(name, one.level, one.factor, ";".join(one.findings)) for name, one in sorted(found.items())]
    schema = {"obs_id": pl.String, "level": pl.Int64, "factor": pl.Float64, "finding_ids": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")
