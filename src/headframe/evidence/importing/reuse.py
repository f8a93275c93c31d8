"""A mapping on another edition: which series are gone, which are new, which have another unit than before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.mapping import Mapping, SeriesRule, rule_of
from headframe.evidence.importing.matches import SeriesMatch
from headframe.evidence.reading.unit_text import UnitText, read_unit


@dataclass(frozen=True)
class ChangedUnit:
    """A series that was printed in one unit and now is in another."""

    key: str
    before: str
    now: str


@dataclass(frozen=True)
class Reuse:
    """How a mapping and an extract fit: series only in the mapping, only in the extract, with another unit."""

    absent: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    changed: tuple[ChangedUnit, ...] = ()
    kept: int = 0

    @property
    def whole(self) -> bool:
        """Whether the mapping fits without a difference."""
        return not (self.absent or self.new or self.changed)


def compare(mapping: Mapping, extract: Extract) -> Reuse:
    """What differs between the series a mapping knows and those of an extract."""
    rules, series = mapping.by_key, {one.key: one for one in extract.series}
    changed = [
        ChangedUnit(key, rules[key].printed, now.printed if now is not None else "")
        for key in series
        if key in rules and unit_changed(rules[key], now := series[key].unit)
    ]
    return Reuse(
        absent=tuple(key for key in rules if key not in series),
        new=tuple(key for key in series if key not in rules),
        changed=tuple(changed),
        kept=sum(key in rules for key in series) - len(changed),
    )


def unit_changed(rule: SeriesRule, unit: UnitText | None) -> bool:
    """Whether a series is printed in another unit than when its rule was made."""
    now = unit.printed if unit is not None else ""
    if now == rule.printed:
        return False
    before = read_unit(rule.printed) if rule.printed else None
    if before is None or unit is None or not before.canonical or not unit.canonical:
        return True
    return (before.base, before.multiplier) != (unit.base.removesuffix("/person"), unit.multiplier)


def updated(mapping: Mapping, extract: Extract, matches: Sequence[SeriesMatch]) -> tuple[Mapping, Reuse]:
    """The mapping for this extract, and what differs from before.

    Rules that fit are kept as they were decided, new series get what matching proposes, series with another unit the
    new unit (asked about where matching is not sure of it); rules of absent series stay for other editions. What was
    decided against the unit printed in one file is not taken over to another: there the printed unit holds again.
    """
    told = compare(mapping, extract)
    by_key, series = {item.key: item for item in matches}, {one.key: one for one in extract.series}
    rules = list(mapping.series)
    changed = {change.key for change in told.changed}
    for at, rule in enumerate(rules):
        if rule.key in changed:
            fresh = rule_of(series[rule.key], by_key[rule.key])
            asks = fresh.ask if fresh.indicator == rule.indicator else ("unit",)
            unit = fresh.unit if fresh.indicator == rule.indicator else ""
            rules[at] = replace(rule, unit=unit, printed=fresh.printed, ask=() if rule.skip else asks)
        elif mapping.name != extract.name and rule.key in by_key and rule.printed and not rule.skip:
            fresh = rule_of(series[rule.key], by_key[rule.key])
            if fresh.indicator == rule.indicator and fresh.unit and fresh.unit != rule.unit:
                rules[at] = replace(rule, unit=fresh.unit, ask=fresh.ask)
    rules += [rule_of(series[key], by_key[key]) for key in told.new]
    return replace(mapping, series=tuple(rules)), told
