"""Everything a report is drawn from, in one frozen bundle: a place, its evidence and the results of the verbs.

`show` never opens a city or runs a verb; whoever calls it fills this bundle. A verb that was not run is None, one that
failed is named in `failures`, one whose evidence has changed since is named in `stale`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError
from headframe.core.results import Figure, Result

if TYPE_CHECKING:
    import polars as pl

    from headframe.audit.results import AuditResult
    from headframe.core.provenance import RunRecord, Source
    from headframe.diagnose.results import DiagnoseResult
    from headframe.measure.results import MeasureResult, Need

Kind = Literal["evidence", "audit", "measure", "diagnose", "choose", "simulate", "plan", "evaluate"]
KINDS: tuple[Kind, ...] = ("evidence", "audit", "measure", "diagnose", "choose", "simulate", "plan", "evaluate")


class PlaceLike(Protocol):
    """What a report needs to know of a place; `headframe.evidence.place.Place` has it."""

    @property
    def id(self) -> str:
        """The stable id."""

    @property
    def name_en(self) -> str:
        """The English name."""

    @property
    def name_zh(self) -> str:
        """The Chinese name."""

    @property
    def level(self) -> str:
        """The level, such as `prefecture_city`."""

    @property
    def parent(self) -> str:
        """The id of the superior place, or an empty string."""

    @property
    def resource_type(self) -> str:
        """The resource the place lives or lived from."""


@dataclass(frozen=True)
class Observation:
    """One row of the evidence as a reader sees it; `amount` is in the indicator's unit, `value` as printed."""

    ref: str
    place: str
    indicator: str
    period: str
    dims: str
    qualifier: str
    value: str
    unit: str
    amount: Figure
    price_basis: str
    concept: str
    status: str
    method: str
    vintage: str
    source: str
    locator: str
    raw_text: str
    note_en: str
    note_zh: str
    active: bool

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What has to be equal for two observations to be candidates for the same thing."""
        return (self.place, self.indicator, self.dims, self.period)

    def note(self, language: str) -> str:
        """The note in `language`, or in the other one where it was written in one language only."""
        return (self.note_zh or self.note_en) if language == "zh" else (self.note_en or self.note_zh)


@dataclass(frozen=True)
class Event:
    """A dated event of the place; `at` is its start in years with a fraction, None where no date is known."""

    id: str
    kind: str
    at: float | None
    date_text: str
    title_en: str
    title_zh: str
    source: str
    locator: str
    qualifier: str

    def title(self, language: str) -> str:
        """The title in `language`, or in the other one where it was written in one language only."""
        return (self.title_zh or self.title_en) if language == "zh" else (self.title_en or self.title_zh)


@dataclass(frozen=True)
class Finding:
    """A contradiction or slip recorded by the audit, with the observations it is about and those against it."""

    id: str
    kind: str
    about: tuple[str, ...]
    against: tuple[str, ...]
    decidable: str
    severity: str
    treatment: str
    note_en: str
    note_zh: str

    def note(self, language: str) -> str:
        """The note in `language`, or in the other one where it was written in one language only."""
        return (self.note_zh or self.note_en) if language == "zh" else (self.note_en or self.note_zh)


@dataclass(frozen=True)
class Report:
    """The bundle. `observations` holds the place's own rows and those of other places that figures refer to.

    `places` names every place that a result mentions; `sources` every source of the rows; `stale` the verbs that ran
    on older evidence than is there now; `failures` what stopped a verb.
    """

    place: PlaceLike
    observations: pl.DataFrame
    events: pl.DataFrame
    findings: pl.DataFrame
    sources: Mapping[str, Source]
    places: Mapping[str, PlaceLike] = field(default_factory=dict)
    measured: MeasureResult | None = None
    diagnosed: DiagnoseResult | None = None
    failures: Mapping[Kind, HeadframeError] = field(default_factory=dict)
    stale: frozenset[Kind] = frozenset()
    audited: AuditResult | None = None

    def result(self, kind: Kind) -> Result | None:
        """The result of one verb, or None where it was not run, failed or does not exist yet."""
        found: dict[Kind, Result | None] = {
            "audit": self.audited,
            "measure": self.measured,
            "diagnose": self.diagnosed,
        }
        return found.get(kind)

    def has(self, kind: Kind) -> bool:
        """Whether there is something of this kind to show."""
        return not self.observations.is_empty() if kind == "evidence" else self.result(kind) is not None

    @property
    def records(self) -> tuple[RunRecord, ...]:
        """The run records of the results, in the order of the verbs."""
        found = (self.result(kind) for kind in KINDS)
        return tuple(result.record for result in found if result is not None)

    @cached_property
    def entries(self) -> Mapping[str, Observation]:
        """Every observation by its `place/obs_id`, the report's own place first, otherwise in file order."""
        rows = [_observation(row) for row in self.observations.iter_rows(named=True)]
        return {row.ref: row for row in sorted(rows, key=lambda row: row.place != self.place.id)}

    @cached_property
    def alike(self) -> Mapping[tuple[str, str, str, str], tuple[str, ...]]:
        """The active observations by place, indicator, dimensions and period."""
        groups: dict[tuple[str, str, str, str], list[str]] = {}
        for entry in self.entries.values():
            if entry.active:
                groups.setdefault(entry.key, []).append(entry.ref)
        return {key: tuple(refs) for key, refs in groups.items()}

    @cached_property
    def rivals(self) -> Mapping[str, tuple[str, ...]]:
        """For each observation: the other active ones of the same place, indicator, dimensions and period."""
        return {
            ref: tuple(other for other in self.alike.get(entry.key, ()) if other != ref)
            for ref, entry in self.entries.items()
        }

    @cached_property
    def dated_events(self) -> tuple[Event, ...]:
        """The place's events in time order, those without a date last."""
        found = [_event(row) for row in self.events.iter_rows(named=True)]
        return tuple(sorted(found, key=lambda event: (event.at is None, event.at or 0.0, event.id)))

    @cached_property
    def _by_id(self) -> Mapping[str, str]:
        """The reference of each observation by its bare id; the place's own first."""
        found: dict[str, str] = {}
        for ref in self.entries:
            found.setdefault(ref.partition("/")[2], ref)
        return found

    def _ref(self, place: str, identifier: str) -> str:
        """The reference that an id in a finding means: this place's observation, or another's that has the id."""
        if "/" in identifier:
            return identifier
        return self._by_id.get(identifier, f"{place}/{identifier}")

    @cached_property
    def audit(self) -> tuple[Finding, ...]:
        """The findings recorded in the folder, the most severe first."""
        rank = {"high": 0, "medium": 1, "low": 2}
        found = [_finding(row, self._ref) for row in self.findings.iter_rows(named=True)]
        return tuple(sorted(found, key=lambda finding: (rank.get(finding.severity, 3), finding.id)))

    @cached_property
    def findings_on(self) -> Mapping[str, tuple[Finding, ...]]:
        """For each observation: the findings that are about it or set it against another."""
        found: dict[str, list[Finding]] = {}
        for finding in self.audit:
            for ref in dict.fromkeys((*finding.about, *finding.against)):
                found.setdefault(ref, []).append(finding)
        return {ref: tuple(items) for ref, items in found.items()}

    def needs(self) -> tuple[Need, ...]:
        """Everything that the results say is missing, each once, in reading order."""
        seen: dict[tuple[str, str, str, str], Need] = {}
        for result in (self.measured, self.diagnosed):
            for need in result.needs() if result is not None else ():
                seen.setdefault((need.indicator, need.place, need.period, need.dims), need)
        return tuple(seen.values())


def places_named(results: Iterable[Result | None]) -> tuple[str, ...]:
    """The ids of all places whose observations the results rest on, sorted; their rows belong into the bundle."""
    return tuple(sorted({ref.partition("/")[0] for result in results if result for ref in result.sources()}))


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value)


def _number(row: Mapping[str, Any], name: str) -> float | None:
    value = row.get(name)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _period(row: Mapping[str, Any]) -> str:
    start, end = _text(row, "period_start"), _text(row, "period_end")
    if not start:
        return _text(row, "period_text")
    if start == end or not end:
        return start
    if start.endswith("-01-01") and end.endswith("-12-31"):
        return start[:4] if start[:4] == end[:4] else f"{start[:4]}–{end[:4]}"
    return f"{start}–{end}"


def _printed(row: Mapping[str, Any]) -> str:
    """The value as the source prints it: the quotation if there is one, else the text, else the number as entered."""
    for name in ("raw_text", "value_text"):
        if _text(row, name).strip():
            return _text(row, name)
    value = row.get("value")
    if value is None or value == "":
        return "–".join(part for part in (_text(row, "low"), _text(row, "high")) if part)
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _observation(row: Mapping[str, Any]) -> Observation:
    place = _text(row, "place_id")
    ref = _text(row, "ref") or f"{place}/{_text(row, 'obs_id')}"
    indicator = catalog().indicators.get(_text(row, "indicator_id"))
    amount = Figure(
        value=_number(row, "amount"),
        low=_number(row, "amount_low"),
        high=_number(row, "amount_high"),
        unit=indicator.unit if indicator else _text(row, "unit") or "1",
        qualifier=_text(row, "qualifier") or "=",
        period=_period(row),
        indicator=_text(row, "indicator_id"),
        place=place,
        observations=(ref,),
    )
    return Observation(
        ref=ref,
        place=place,
        indicator=_text(row, "indicator_id"),
        period=_period(row),
        dims=_text(row, "dims"),
        qualifier=_text(row, "qualifier") or "=",
        value=_printed(row),
        unit=_text(row, "unit"),
        amount=amount,
        price_basis=_text(row, "price_basis"),
        concept=_text(row, "concept"),
        status=_text(row, "status") or "A",
        method=_text(row, "method") or "reported",
        vintage=_text(row, "vintage"),
        source=_text(row, "source_id"),
        locator=_text(row, "locator"),
        raw_text=_text(row, "raw_text"),
        note_en=_text(row, "note"),
        note_zh=_text(row, "note_zh"),
        active=bool(row.get("active", True)),
    )


def year_fraction(text: str) -> float | None:
    """An ISO date, year–month or year as a year with a fraction (2001-07-01 → 2001.5); None for anything else."""
    parts = text.strip().split("-")
    if not parts[0].isdigit() or len(parts[0]) != 4 or not all(part.isdigit() for part in parts):
        return None
    month = int(parts[1]) if len(parts) > 1 else 1
    day = int(parts[2]) if len(parts) > 2 else 1
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return int(parts[0]) + (month - 1) / 12 + (day - 1) / 372


def _event(row: Mapping[str, Any]) -> Event:
    start = _text(row, "date_start")
    return Event(
        id=_text(row, "event_id"),
        kind=_text(row, "kind"),
        at=year_fraction(start),
        date_text=_text(row, "date_text") or start,
        title_en=_text(row, "title_en"),
        title_zh=_text(row, "title_zh"),
        source=_text(row, "source_id"),
        locator=_text(row, "locator"),
        qualifier=_text(row, "qualifier"),
    )


def _refs(row: Mapping[str, Any], name: str, ref: Callable[[str, str], str]) -> Iterator[str]:
    parts = (part.strip() for part in _text(row, name).split(";"))
    return (ref(_text(row, "place_id"), part) for part in parts if part)


def _finding(row: Mapping[str, Any], ref: Callable[[str, str], str]) -> Finding:
    return Finding(
        id=_text(row, "finding_id"),
        kind=_text(row, "kind"),
        about=tuple(_refs(row, "obs_ids", ref)),
        against=tuple(_refs(row, "against_obs_ids", ref)),
        decidable=_text(row, "decidable"),
        severity=_text(row, "severity"),
        treatment=_text(row, "treatment"),
        note_en=_text(row, "note_en"),
        note_zh=_text(row, "note_zh"),
    )
