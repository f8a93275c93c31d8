"""The verb `audit`: what in the figures cannot be trusted, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from headframe.audit.boundaries import boundaries
from headframe.audit.breaks import breaks
from headframe.audit.contradictions import contradictions
from headframe.audit.digits import digits
from headframe.audit.fills import fills
from headframe.audit.grid import Grid, grid_of_cities, grid_of_panel
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
from headframe.evidence.folder import City
from headframe.evidence.panel import Panel

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
Target = City | Panel | Sequence[City]
EVIDENCE = ("city.toml", "sources.csv", "evidence/*.csv", "evidence/*.parquet")


def audit(
    target: Target,
    *,
    options: AuditOptions | None = None,
    progress: Progress = silent,
    cancel: Cancel | None = None,
    seed: int = DEFAULT_SEED,
) -> AuditResult:
    """Everything that the figures of a city, of several cities or of a panel say against themselves.

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
    cities = _cities(target)
    return AuditResult(
        place=cities[0].place.id if len(cities) == 1 else "panel",
        record=run_record("audit", _inputs(target), _told(chosen), seed),
        findings=found,
        coverage=tuple(item for outcome in outcomes for item in outcome.coverage),
        steps=tuple(step for outcome in outcomes for step in outcome.steps),
        measured=tuple(rate for rate in shipped() if rate.detector in tried),
        curves=tuple(curve for outcome in outcomes for curve in outcome.curves),
        decisions=tuple(decision for city in cities for decision in decisions_of(city)),
        changes=_together(changes(city, found) for city in cities),
        cells=int(np.isfinite(grid.values).sum()),
    )


def _cities(target: Target) -> tuple[City, ...]:
    """The cities of a target; none for a panel."""
    return () if isinstance(target, Panel) else (target,) if isinstance(target, City) else tuple(target)


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
    """The grid of a city, of several cities, or of a panel."""
    if isinstance(target, Panel):
        return grid_of_panel(target, options.groups)
    cities = _cities(target)
    grid = grid_of_cities(cities)
    groups = {city.place.id: options.groups.get(city.place.id, city.place.parent) for city in cities}
    return replace(
        grid,
        groups=tuple(groups.get(name, "") for name in grid.places),
        countries={city.place.id: city.place.country for city in cities},
    )


def _inputs(target: Target) -> dict[str, str]:
    """Fingerprints of what is audited; a folder's findings and decisions take no part."""
    if isinstance(target, Panel):
        hashed = np.sort(target.table.hash_rows(seed=0).to_numpy()).tobytes()  # whatever the order of rows
        names = "\x1f".join(target.table.columns).encode("utf-8")
        return {"panel": hashlib.sha256(names + hashed).hexdigest()}
    return {city.place.id: fingerprint(city.folder, EVIDENCE) for city in _cities(target)}


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


def decisions_of(city: City) -> tuple[Decision, ...]:
    """The decisions recorded in a city's folder, in the order taken."""
    names = list(Decision.model_fields)
    if not city.decisions.height:
        return ()
    rows = city.decisions.select(pl.col(name).fill_null("") for name in names)
    return tuple(Decision(**row) for row in rows.iter_rows(named=True))


def changes(city: City, found: Sequence[Finding]) -> Changes:
    """What is new, gone and unchanged beside the computed findings that the folder records.

    Of an audit of several cities the findings of this one are compared; what is of no single place stays out.
    """
    before: dict[str, set[str]] = {}
    if city.recorded.height:
        computed = city.recorded.filter(pl.col("detector").fill_null("") != "", pl.col("state").fill_null("") != "gone")
        rows = computed.select("finding_id", pl.col("obs_ids").fill_null("")).iter_rows()
        before = {identifier: set(names.split(";")) - {""} for identifier, names in rows}
    now = {item.id: {local(ref) for ref in item.refs} for item in found if item.place == city.place.id}
    return Changes(
        new=tuple(sorted(now.keys() - before.keys())),
        gone=tuple(sorted(before.keys() - now.keys())),
        unchanged=tuple(sorted(now.keys() & before.keys())),
        altered=tuple(sorted(name for name in now.keys() & before.keys() if now[name] != before[name])),
    )


def local(ref: str) -> str:
    """The observation id in a reference `place/obs_id`."""
    return ref.partition("/")[2] or ref
