"""How often the detectors cry wolf, and how many wolves they see: measured, not claimed.

False alarms are findings in clean panels, counted by detector; recall and precision are taken over cells of panels
with faults of one kind. The counts that a release ships (`catalog/audit_rates.yaml`) are written by
`python -m tests.audit.rates_file`, with the seed in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from headframe.audit.clean import clean
from headframe.audit.faults import FAULTS, Spoilt
from headframe.audit.grid import Bools, Grid
from headframe.audit.options import AuditOptions
from headframe.audit.outcome import Detector
from headframe.audit.results import Finding, Measured
from headframe.catalog.load import FOLDER, read_yaml
from headframe.core.seeds import generator

FILE = FOLDER / "audit_rates.yaml"
PLACES, YEARS = 120, 30
# A target for every year, so that the test of bunching has something to test on clean panels too.
TARGETS = {("", year): 7.0 for year in range(1950, 2100)}
GROUPED = frozenset({"bunching", "digits"})  # found for a whole column, if at all: recall counts columns
BY_PLACE = frozenset({"break", "boundary"})  # which years a correction took is a matter of words: recall counts places


@dataclass
class Tally:
    """Counts that add up over panels: series looked at, false findings, wrong and visible cells and those found."""

    series: int = 0
    alarms: int = 0
    wrong: int = 0
    found: int = 0
    listed: int = 0
    right: int = 0
    visible: int = 0
    seen: int = 0

    def measured(self, detector: str, fault: str) -> Measured:
        """The rates of these counts."""
        return Measured(
            detector=detector,
            fault=fault,
            series=self.series,
            alarms=1000.0 * self.alarms / self.series if self.series else 0.0,
            recall=self.found / self.wrong if self.wrong else None,
            precision=self.right / self.listed if self.listed else None,
            visible=self.seen / self.visible if self.visible else None,
        )


def options() -> AuditOptions:
    """The options under which rates are measured: the defaults, and a made-up target."""
    return AuditOptions(targets=TARGETS)


def false_alarms(detectors: Mapping[str, Detector], kind: str, seed: int, places: int = PLACES) -> dict[str, Tally]:
    """Findings of every detector in one clean panel. A digit test has a tally of its own."""
    grid = clean(kind, seed, places=places, years=YEARS)
    tallies: dict[str, Tally] = {}
    series = int(np.isfinite(grid.values).any(axis=2).sum())
    for name, detector in detectors.items():
        outcome = detector(grid, options())
        for step in outcome.steps:
            found = [item for item in outcome.findings if item.detector == step.detector]
            tally = tallies.setdefault(step.detector or name, Tally())
            tally.series += series
            tally.alarms += len(found)
    return tallies


def power(detectors: Mapping[str, Detector], fault: str, kind: str, seed: int, places: int = PLACES) -> Tally:
    """How much of one kind of fault its detector finds in one panel, cell by cell."""
    spoil, name = FAULTS[fault]
    spoilt = spoil(clean(kind, seed, places=places, years=YEARS), generator(seed, "fault", fault, kind))
    outcome = detectors["digits" if name in {"last-digits", "benford"} else name](spoilt.grid, options())
    found = [item for item in outcome.findings if item.detector == name]
    if fault in GROUPED:
        return _grouped(spoilt, found)
    wrong, visible = spoilt.wrong, spoilt.visible
    # Single places that break are listed for review at a stated rate; what is claimed is the province.
    marked = marks(spoilt.grid, [item for item in found if fault != "break" or item.severity == "high"])
    if fault in BY_PLACE:
        wrong, visible, marked = (_by_place(table) for table in (wrong, visible, marked))
    return Tally(
        series=int(np.isfinite(spoilt.grid.values).any(axis=2).sum()),
        wrong=int(wrong.sum()),
        found=int((wrong & marked).sum()),
        listed=int(marked.sum()),
        right=int((wrong & marked).sum()),
        visible=int(visible.sum()),
        seen=int((visible & marked).sum()),
    )


def _by_place(marked: Bools) -> Bools:
    """The places with a marked cell, as an array (place, 1, 1)."""
    return np.asarray(marked.any(axis=(1, 2), keepdims=True), dtype=bool)


def _grouped(spoilt: Spoilt, found: list[Finding]) -> Tally:
    """One fault of the whole column: found if a finding names its column without a group; others are false."""
    column = int(np.flatnonzero(spoilt.wrong.any(axis=(0, 2)))[0]) if spoilt.wrong.any() else -1
    name = spoilt.grid.columns[column].indicator if column >= 0 else ""
    right = [item for item in found if item.cells[0].indicator == name]
    hit = int(any(not item.reason.id.endswith("-group") for item in right))
    known = int(column >= 0)
    return Tally(
        series=int(np.isfinite(spoilt.grid.values).any(axis=2).sum()),
        wrong=known, found=hit, listed=len(found), right=len(right), visible=known, seen=hit,
    )  # fmt: skip


def marks(grid: Grid, findings: list[Finding]) -> Bools:
    """The cells that findings are about, as an array like the grid's."""
    marked = np.zeros(grid.values.shape, dtype=bool)
    place = {name: n for n, name in enumerate(grid.places)}
    column = {(h.indicator, h.dims, h.concept): n for n, h in enumerate(grid.columns)}
    first = grid.periods[0] if grid.periods else 0
    for finding in findings:
        for cell in finding.cells:
            at = column.get((cell.indicator, cell.dims, cell.concept))
            if at is not None and cell.period.isdigit():
                marked[place[cell.place], at, int(cell.period) - first] = True
    return marked


def together(parts: list[Tally]) -> Tally:
    """The sum of tallies."""
    names = ("series", "alarms", "wrong", "found", "listed", "right", "visible", "seen")
    return Tally(**{name: sum(getattr(part, name) for part in parts) for name in names})


def measure_alarms(detectors: Mapping[str, Detector], kind: str, seed: int, panels: int) -> dict[str, Tally]:
    """False findings of every detector in some clean panels of one kind. The same seed gives the same counts."""
    parts = [false_alarms(detectors, kind, seed + number) for number in range(panels)]
    return {name: together([part[name] for part in parts]) for name in parts[0]}


def measure_power(detectors: Mapping[str, Detector], fault: str, kind: str, seed: int, panels: int) -> Tally:
    """What is found of one kind of fault in some panels of one kind. The same seed gives the same counts."""
    return together([power(detectors, fault, kind, seed + 1000 + number) for number in range(panels)])


@cache
def shipped() -> tuple[Measured, ...]:
    """The false-alarm rates and powers measured for this version, over all kinds of panels; empty without the file."""
    if not FILE.is_file():
        return ()
    read = read_yaml(FILE)
    found = []
    for name, kinds in read["alarms"].items():
        found.append(together([Tally(**counts) for counts in kinds.values()]).measured(name, ""))
    for fault, kinds in read["faults"].items():
        found.append(together([Tally(**counts) for counts in kinds.values()]).measured(FAULTS[fault][1], fault))
    return tuple(found)
