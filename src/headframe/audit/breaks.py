"""Breaks against the cross-section: a ratio of a place that moves as no ratio elsewhere does.

A fall of investment relative to product that all places share is the economy's; one that a single province has to
itself is a question to its statistics. The threshold for a province is fixed on the places of all other provinces,
so that what is being judged takes no part in setting the bar. Two lists come of it: provinces half of whose places
moved further, in one span of years, than nearly all places elsewhere did in the same years; and single places whose
largest move is beyond that of nearly all places elsewhere in any year, for review.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from headframe.audit.discovery import threshold
from headframe.audit.found import cell_at, made
from headframe.audit.grid import Bools, Floats, Grid
from headframe.audit.options import AuditOptions
from headframe.audit.outcome import Outcome, covered
from headframe.audit.results import Curve, Finding, Picture, Severity, Step
from headframe.audit.rules import rules
from headframe.audit.sums import alike
from headframe.audit.variation import tail_of
from headframe.core.results import Figure, Ref, type_of_value

DETECTOR = "breaks"
SPANS = (1, 3)  # years over which a change is looked at
FEWEST_PLACES = 30  # places elsewhere, for a threshold
FEWEST_IN_YEAR = 10
FEWEST_IN_GROUP = 4
MAJORITY = 0.5  # of the places of a group must have passed the bar, for the group to be listed
POINTS = 25  # of a curve


@dataclass(frozen=True)
class Ratio:
    """Two columns whose quotient is watched."""

    above: int
    below: int


@dataclass(frozen=True)
class Moves:
    """How the ratio of every place moved beside all places' common move, for one span.

    `away` (place, first year) = ln change over the span less its median over places; `scaled` the same in units of the
    place's own usual move.
    """

    span: int
    away: Floats
    scaled: Floats


def watched(grid: Grid) -> Iterator[Ratio]:
    """The ratios of the rules whose columns are in the grid."""
    for above, below in rules().ratios:
        for one in grid.where(above):
            other = alike(grid, one, (below,)) or (grid.where(below)[:1] or None)
            if other is not None and grid.relative(one) and grid.relative(other[0]):
                yield Ratio(one, other[0])


def logs(grid: Grid, ratio: Ratio) -> Floats:
    """The ln of the ratio by place and year; NaN where a part is missing or not positive."""
    above, below = grid.column(ratio.above), grid.column(ratio.below)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(np.where((above > 0) & (below > 0), above / below, np.nan)))


def moves(ratio: Floats, span: int) -> Moves:
    """Changes over a span of years beside the median change of all places in the same years."""
    if ratio.shape[1] <= span:
        nothing = np.full((len(ratio), 0), np.nan)
        return Moves(span, nothing, nothing)
    with np.errstate(invalid="ignore"):
        change = ratio[:, span:] - ratio[:, :-span]
    common = np.array([_median(column) for column in change.T])
    away = change - common[None, :]
    tail = tail_of(away)
    typical = np.nanmedian(np.abs(away)) if np.isfinite(away).any() else np.nan
    # A place that hardly ever moves is held against what is usual for all, not against its own stillness.
    scale = np.maximum(tail.scale, typical)[:, None]
    return Moves(span, away, np.where(np.isfinite(scale), away / scale, np.nan))


def _median(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size >= FEWEST_IN_YEAR else np.nan


def peaks(found: Moves) -> Floats:
    """The largest |scaled move| of every place over all spans; NaN where there is none."""
    size = np.abs(found.scaled)
    top = np.max(np.where(np.isfinite(size), size, -np.inf), axis=1, initial=-np.inf)
    return np.where(np.isfinite(top), top, np.nan)


def bar(sizes: Floats, elsewhere: Bools, alarm: float) -> float:
    """The threshold that lists a share `alarm` of the places elsewhere: their quantile 1 − alarm; infinite if few."""
    return float(bars(sizes[:, None], elsewhere, alarm)[0])


def bars(sizes: Floats, elsewhere: Bools, alarm: float) -> Floats:
    """The threshold of every column of sizes (place, year): of the places elsewhere the next above the quantile."""
    inside = np.sort(np.where(np.isfinite(sizes), sizes, np.inf)[elsewhere], axis=0)
    number = np.isfinite(inside).sum(axis=0)
    position = np.ceil((1.0 - alarm) * np.maximum(number - 1, 0) - 1e-9).astype(np.int64)
    found = np.take_along_axis(inside, position[None], axis=0)[0] if len(inside) else np.full(sizes.shape[1], np.inf)
    return np.where(number >= FEWEST_PLACES, found, np.inf)


@dataclass(frozen=True)
class Crowd:
    """A group in one span: the bar that places elsewhere set in the same years, how many of how many passed it, and the
    chance of so many if places moved independently, P(Binomial(n, alarm) ≥ k).
    """

    group: str
    start: int
    bar: float
    beyond: int
    number: int
    chance: float


@dataclass(frozen=True)
class Verdict:
    """One ratio over one span: the crowds, and for every place its largest move and the bar for it.

    `values` are the ratio by place and year, `band` what is usual in each year.
    """

    ratio: Ratio
    moves: Moves
    top: Floats
    bars: Floats
    crowds: tuple[Crowd, ...]
    values: Floats
    band: tuple[tuple[int, float, float, float], ...]


def judged(grid: Grid, ratio: Ratio, span: int, alarm: float) -> Verdict:
    """Hold every place and every group against the bar of the places in other groups."""
    ratios = logs(grid, ratio)
    found = moves(ratios, span)
    top = peaks(found)
    groups = np.asarray(grid.groups, dtype=object)
    limits = np.full(len(grid.places), np.inf)
    together: list[Crowd] = []
    for group in sorted(set(grid.groups)):
        inside = np.asarray(groups == group, dtype=bool)
        limits[inside] = bar(top, ~inside if group else np.ones_like(inside), alarm)
        if group and inside.sum() >= FEWEST_IN_GROUP:
            together += crowds(found, group, inside, alarm)
    table = np.exp(ratios)
    return Verdict(ratio, found, top, limits, tuple(together), table, usual(table, grid.periods))


def crowds(found: Moves, group: str, inside: Bools, alarm: float) -> list[Crowd]:
    """How many places of a group moved, in each span of years, beyond the bar of those elsewhere."""
    sizes = np.abs(found.away)
    lines = bars(sizes, ~inside, alarm)
    known = np.isfinite(sizes[inside])
    number = known.sum(axis=0)
    beyond = (known & (sizes[inside] > lines[None])).sum(axis=0)
    enough = (number >= FEWEST_IN_GROUP) & np.isfinite(lines)
    chance = np.where(enough, stats.binom.sf(beyond - 1, number, alarm), np.nan)
    return [
        Crowd(group, start, float(lines[start]), int(beyond[start]), int(number[start]), float(chance[start]))
        for start in range(sizes.shape[1])
    ]


def breaks(grid: Grid, options: AuditOptions) -> Outcome:
    """Provinces that broke with all others, and single places that moved as hardly any place elsewhere."""
    verdicts = [judged(grid, ratio, span, options.alarm) for ratio in watched(grid) for span in SPANS]
    chances = np.array([one.chance for verdict in verdicts for one in verdict.crowds])
    line = threshold(chances, options.rate)
    findings: dict[tuple[int, int], Finding] = {}
    curves: list[Curve] = []
    known = np.isfinite(grid.values).sum(axis=2)
    checked = np.zeros_like(known)
    for verdict in verdicts:
        crowds = [one for one in verdict.crowds if one.chance <= line and one.beyond >= MAJORITY * one.number]
        for one in sorted(crowds, key=lambda item: (item.beyond / item.number, item.bar)):
            for place in _members(grid, verdict, one):
                findings[place, verdict.ratio.above] = _finding(grid, verdict, place, one)
        best = {one.group: one for one in sorted(crowds, key=lambda item: (item.beyond / item.number, item.bar))}
        curves += [curve(grid, verdict, one) for one in best.values()]
        able = np.isfinite(verdict.top) & np.isfinite(verdict.bars)
        checked[:, verdict.ratio.above] = np.where(able, known[:, verdict.ratio.above], 0)
    for verdict in verdicts:
        for place in np.flatnonzero(np.isfinite(verdict.top) & (verdict.top > verdict.bars)).tolist():
            findings.setdefault((place, verdict.ratio.above), _finding(grid, verdict, place, None))
    tests = sum(int(np.isfinite(verdict.top).sum()) + len(verdict.crowds) for verdict in verdicts)
    step = Step(detector=DETECTOR, tests=tests, listed=len(findings), rate=options.alarm, threshold=line)
    coverage = covered(grid, DETECTOR, checked, known, "no-ratio")
    return Outcome(tuple(findings.values()), coverage, (step,), tuple(curves))


def _members(grid: Grid, verdict: Verdict, one: Crowd) -> list[int]:
    """The places of a crowd that passed its bar."""
    inside = np.asarray(np.asarray(grid.groups, dtype=object) == one.group, dtype=bool)
    sizes = np.abs(verdict.moves.away[:, one.start])
    return [int(place) for place in np.flatnonzero(inside & np.isfinite(sizes) & (sizes > one.bar))]


def curve(grid: Grid, verdict: Verdict, one: Crowd) -> Curve:
    """How many places of the group, and of those elsewhere in the same years, would pass other thresholds.

    Thresholds are |ln change of the ratio beside the common change|.
    """
    inside = np.asarray(np.asarray(grid.groups, dtype=object) == one.group, dtype=bool)
    sizes = np.abs(verdict.moves.away[:, one.start])
    here, there = sizes[inside & np.isfinite(sizes)], sizes[~inside & np.isfinite(sizes)]
    highest = float(max(here.max(initial=0.0), there.max(initial=0.0)))
    levels = np.linspace(0.0, highest, POINTS)
    points = tuple((float(x), _share(here, float(x)), _share(there, float(x))) for x in levels)
    return Curve(
        detector=DETECTOR,
        indicator=Ref(kind="indicator", id=grid.columns[verdict.ratio.above].indicator),
        group=one.group,
        first=grid.periods[one.start],
        last=grid.periods[one.start + verdict.moves.span],
        chosen=one.bar,
        points=points,
    )


def _share(sizes: Floats, level: float) -> float:
    return float((sizes > level).mean()) if sizes.size else 0.0


def _finding(grid: Grid, verdict: Verdict, place: int, one: Crowd | None) -> Finding:
    scaled = np.abs(verdict.moves.scaled[place])
    start = one.start if one is not None else int(np.argmax(np.where(np.isfinite(scaled), scaled, -np.inf)))
    stop = start + verdict.moves.span
    ratio = verdict.values[place]
    away = float(verdict.moves.away[place, start])
    group = grid.groups[place]
    elsewhere = verdict.top[np.isfinite(verdict.top) & (np.asarray(grid.groups, dtype=object) != (group or None))]
    chance = float((1 + (elsewhere >= verdict.top[place]).sum()) / (1 + elsewhere.size))
    values: dict[str, type_of_value] = {
        "other": Ref(kind="indicator", id=grid.columns[verdict.ratio.below].indicator),
        "first": str(grid.periods[start]),
        "last": str(grid.periods[stop]),
        "before": _figure(grid, verdict, (place, start), float(ratio[start])),
        "after": _figure(grid, verdict, (place, stop), float(ratio[stop])),
        "common": _figure(grid, verdict, (place, stop), float(ratio[stop] / np.exp(away))),
    }
    if one is not None:
        values |= {"group": Ref(kind="place", id=group), "n": one.beyond, "of": one.number}
    severity: Severity = "low" if one is None else "high"
    return made(
        DETECTOR,
        "break",
        f"break-{'up' if away > 0 else 'down'}{'' if one is None else '-group'}",
        [cell_at(grid, (place, verdict.ratio.above, year)) for year in range(start, stop + 1)],
        against=[cell_at(grid, (place, verdict.ratio.below, year)) for year in (start, stop)],
        values=values,
        severity=severity,
        treatment="ask-source" if one is None else "low-reliability",
        chance=chance if one is None else one.chance,
        score=abs(away),
        picture=_picture(grid, verdict, place, range(start, stop + 1)),
        about=(str(grid.periods[start]), str(grid.periods[stop])),
    )


def _figure(grid: Grid, verdict: Verdict, at: tuple[int, int], value: float) -> Figure:
    """A ratio at one place and year, in per cent where both of its parts have one unit."""
    place, year = at
    columns = (verdict.ratio.above, verdict.ratio.below)
    units = [entry.unit if (entry := grid.entries.get(grid.columns[n].indicator)) else "1" for n in columns]
    same = units[0] == units[1]
    return Figure(
        value=100.0 * value if same else value,
        unit="%" if same else f"{units[0]}/{units[1]}",
        period=str(grid.periods[year]),
        status="E",
        method="derived",
        place=grid.places[place],
        observations=tuple(filter(None, (grid.ref(place, n, year) for n in columns))),
    )


def usual(table: Floats, years: tuple[int, ...]) -> tuple[tuple[int, float, float, float], ...]:
    """The tenth, the half and nine tenths of all places by year, where enough are known."""
    band = []
    for year, column in zip(years, table.T, strict=True):
        known = column[np.isfinite(column)]
        if known.size >= FEWEST_IN_YEAR:
            low, middle, high = (float(x) for x in np.quantile(known, (0.1, 0.5, 0.9)))
            band.append((year, low, middle, high))
    return tuple(band)


def _picture(grid: Grid, verdict: Verdict, place: int, marked: range) -> Picture:
    """The place's ratio by year, with the tenth, the half and nine tenths of all places."""
    own = verdict.values[place]
    return Picture(
        indicator=grid.columns[verdict.ratio.above].indicator,
        unit="1",
        points=tuple((grid.periods[t], float(own[t])) for t in np.flatnonzero(np.isfinite(own)).tolist()),
        marked=tuple(grid.periods[t] for t in marked),
        band=verdict.band,
    )
