"""The verb `audit`: what in the figures cannot be trusted, and why."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from headframe.audit.boundaries import boundaries
from headframe.audit.breaks import breaks
from headframe.audit.contradictions import contradictions
from headframe.audit.digits import digits
from headframe.audit.fills import fills
from headframe.audit.found import EVERYWHERE
from headframe.audit.grid import Grid, grid_of_evidence, grid_of_panel
from headframe.audit.implied import implied
from headframe.audit.impossible import impossible
from headframe.audit.levels import levels
from headframe.audit.options import AuditOptions
from headframe.audit.outcome import Detector, Outcome
from headframe.audit.quotients import quotients
from headframe.audit.rates import shipped
from headframe.audit.repeats import repeats
from headframe.audit.results import SEVERITIES, AuditResult, Changes, Decision, Finding
from headframe.audit.slips import slips
from headframe.audit.stops import stops
from headframe.audit.sums import sums
from headframe.audit.targets import targets
from headframe.core.errors import HeadframeError, did_you_mean
from headframe.core.jobs import Cancel, Progress, silent
from headframe.core.provenance import fingerprint, run_record
from headframe.core.seeds import DEFAULT_SEED
from headframe.evidence.panel import Panel
from headframe.evidence.tables import Evidence

# In reading order: what cannot be, what does not agree, what does not look measured, what is missing.
DETECTORS: Mapping[str, Detector] = {
    "impossible": impossible,
    "sums": sums,
    "quotients": quotients,
    "contradictions": contradictions,
    "implied": implied,
    "slips": slips,
    "levels": levels,
    "fills": fills,
    "repeats": repeats,
    "breaks": breaks,
    "boundaries": boundaries,
    "targets": targets,
    "digits": digits,
    "stops": stops,
}
Target = Evidence | Panel | Sequence[Evidence]
PART = re.compile(r"(-a[0-9a-f]{10})-\d+$")
EVIDENCE = ("city.toml", "panel.toml", "places.csv", "sources.csv", "evidence/*.csv", "evidence/*.parquet")


def audit(
    target: Target,
    *,
    options: AuditOptions | None = None,
    progress: Progress = silent,
    cancel: Cancel | None = None,
    seed: int = DEFAULT_SEED,
) -> AuditResult:
    """Everything that the figures of a city, of a folder of many, of several folders or of a panel say against
    themselves.

    Nothing is drawn at random (`seed` is recorded like every verb's). Of a city's folder only the evidence is read:
    recorded findings and decisions change what is said to be new, never what is found. Errors: HF431 for an unknown
    detector, HF432 for rates outside (0, 1), HF116 when cancelled.
    """
    chosen = options or AuditOptions()
    wanted = _wanted(chosen)
    grid = grid_of(target, chosen)
    outcomes: list[Outcome] = []
    for number, name in enumerate(wanted):
        progress(number, len(wanted), f"audit.detector.{name}")
        if cancel is not None:
            cancel.check()
        outcomes.append(DETECTORS[name](grid, chosen))
    progress(len(wanted), len(wanted), "audit.stage.done")
    found = _in_order(finding for outcome in outcomes for finding in outcome.findings)
    tried = {step.detector for outcome in outcomes for step in outcome.steps}
    folders = _folders(target)
    return AuditResult(
        place=folders[0].id if len(folders) == 1 else EVERYWHERE,
        record=run_record("audit", _inputs(target), _told(chosen), seed),
        findings=found,
        coverage=tuple(item for outcome in outcomes for item in outcome.coverage),
        steps=tuple(step for outcome in outcomes for step in outcome.steps),
        measured=tuple(rate for rate in shipped() if rate.detector in tried),
        curves=tuple(curve for outcome in outcomes for curve in outcome.curves),
        decisions=tuple(decision for folder in folders for decision in decisions_of(folder)),
        changes=_together(changes(folder, found, tried) for folder in folders),
        cells=int(np.isfinite(grid.values).sum()),
    )


def _folders(target: Target) -> tuple[Evidence, ...]:
    """The folders of a target; none for a panel."""
    return () if isinstance(target, Panel) else (target,) if isinstance(target, Evidence) else tuple(target)


def _together(parts: Iterable[Changes]) -> Changes:
    """The changes of several folders as one."""
    every = tuple(parts)
    return Changes(**{name: tuple(x for part in every for x in getattr(part, name)) for name in Changes.model_fields})


def _wanted(options: AuditOptions) -> tuple[str, ...]:
    for name in options.detectors:
        if name not in DETECTORS:
            near = did_you_mean(name, list(DETECTORS)) or ", ".join(DETECTORS)
            raise HeadframeError.of("HF431", "detectors", name=name, suggestion=near)
    for name in ("rate", "alarm"):
        if not 0.0 < getattr(options, name) < 1.0:
            raise HeadframeError.of("HF432", name, value=getattr(options, name))
    return options.detectors or tuple(DETECTORS)


def grid_of(target: Target, options: AuditOptions) -> Grid:
    """The grid of one or several folders, or of a panel; groups that the options name come before those of places."""
    if isinstance(target, Panel):
        return grid_of_panel(target, options.groups)
    grid = grid_of_evidence(_folders(target))
    named = zip(grid.places, grid.groups, strict=True)
    return replace(grid, groups=tuple(options.groups.get(place, group) for place, group in named))


def _inputs(target: Target) -> dict[str, str]:
    """Fingerprints of what is audited; a folder's findings and decisions take no part."""
    if isinstance(target, Panel):
        hashed = np.sort(target.table.hash_rows(seed=0).to_numpy()).tobytes()  # whatever the order of rows
        names = "\x1f".join(target.table.columns).encode("utf-8")
        return {"panel": hashlib.sha256(names + hashed).hexdigest()}
    return {folder.id: fingerprint(folder.folder, EVIDENCE) for folder in _folders(target)}


def _told(options: AuditOptions) -> dict[str, object]:
    """The options as a record tells them: mappings sorted."""
    return {
        "rate": options.rate,
        "alarm": options.alarm,
        "detectors": ",".join(options.detectors),
        "groups": sorted(options.groups.items()),
        "targets": sorted(options.targets.items()),
    }


def _in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Gravest first, then in the order of the detectors, places, indicators and periods; each id once."""
    found: dict[str, Finding] = {}
    for finding in findings:
        found.setdefault(finding.id, finding)
    rank = {name: number for number, name in enumerate(SEVERITIES)}
    order = {name: number for number, name in enumerate(DETECTORS)}

    def key(item: Finding) -> tuple[int, int, str, str, str, str]:
        first = item.cells[0]
        return (
            rank[item.severity],
            order.get(item.detector, len(order)),
            item.place,
            first.indicator,
            first.period,
            item.id,
        )

    return tuple(sorted(found.values(), key=key))


def decisions_of(evidence: Evidence) -> tuple[Decision, ...]:
    """The decisions recorded in a folder, in the order taken."""
    names = list(Decision.model_fields)
    if not evidence.decisions.height:
        return ()
    rows = evidence.decisions.select(pl.col(name).fill_null("") for name in names)
    return tuple(Decision(**row) for row in rows.iter_rows(named=True))


def changes(evidence: Evidence, found: Sequence[Finding], tried: Iterable[str]) -> Changes:
    """What is new, gone and unchanged beside the computed findings that the folder records.

    Of an audit of several folders the findings of this one's places are compared, and those of the detectors `tried`.
    """
    before: dict[str, set[str]] = {}
    if evidence.recorded.height:
        computed = pl.col("detector").is_in(sorted(tried)), pl.col("state").fill_null("") != "gone"
        rows = evidence.recorded.filter(*computed).select("finding_id", pl.col("obs_ids").fill_null("")).iter_rows()
        for identifier, names in rows:
            before.setdefault(whole(identifier), set()).update(filter(None, names.split(";")))
    now = {item.id: {local(ref) for ref in item.refs} for item in found if belongs(item, evidence)}
    return Changes(
        new=tuple(sorted(now.keys() - before.keys())),
        gone=tuple(sorted(before.keys() - now.keys())),
        unchanged=tuple(sorted(now.keys() & before.keys())),
        altered=tuple(sorted(name for name in now.keys() & before.keys() if now[name] != before[name])),
    )


def belongs(finding: Finding, evidence: Evidence) -> bool:
    """Whether a finding is about nothing but places of this folder."""
    return all(cell.place in evidence.place_ids for cell in finding.cells)


def local(ref: str) -> str:
    """The observation id in a reference `place/obs_id`."""
    return ref.partition("/")[2] or ref


def whole(identifier: str) -> str:
    """The id of a finding from that of one of the rows it is recorded in: `x-a0123456789-2` → `x-a0123456789`."""
    return PART.sub(r"\1", identifier)
