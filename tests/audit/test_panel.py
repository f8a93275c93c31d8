"""The audit of a research panel of 290 cities over 30 years: fills beside its labels, breaks, and what is listed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from headframe.audit.audit import audit
from headframe.audit.breaks import breaks, judged, watched
from headframe.audit.fills import fills, frame, listed, search
from headframe.audit.grid import Grid, grid_of_panel
from headframe.audit.options import AuditOptions
from tests.audit.panel_file import FOLDER, Research, read

LIAONING = "辽宁省"
INVESTMENT = "fixed_asset_investment"


@pytest.fixture(scope="module")
def research(data_folder: Path) -> Research:
    if not (data_folder / FOLDER).is_dir():
        pytest.skip(f"no {FOLDER} in the data folder")
    return read(data_folder)


@pytest.fixture(scope="module")
def grid(research: Research) -> Grid:
    return grid_of_panel(research.panel, research.groups)


def test_fills_agree_with_the_labels_of_the_labelled_cities(research: Research, grid: Grid) -> None:
    runs, _, _ = listed(search(grid), AuditOptions().rate)
    keys = ["place", "indicator", "period"]
    mine = frame(grid, runs).filter(pl.col("place").is_in(sorted(research.labelled))).unique(keys)
    lines = research.flags.filter(pl.col("flag").str.starts_with("linear")).select(keys).unique()
    both = mine.join(lines, on=keys, how="semi")
    print(f"labelled {lines.height}, listed {mine.height}, both {both.height}")
    print(f"of the labelled listed: {both.height / lines.height:.3f}")
    print(f"of the listed labelled: {both.height / mine.height:.3f}")
    missed = lines.join(mine, on=keys, how="anti").group_by("indicator").len().sort("len", descending=True)
    print("labelled and not listed:", dict(missed.head(5).iter_rows()))
    # The labels mark exact lines between neighbours only: what is listed besides lies on a rounded or noisy line, or
    # grows at one rate.
    reasons = Counter(
        item.reason.id.removeprefix("audit.reason.")
        for item in fills(grid, AuditOptions()).findings
        if item.place in research.labelled
        and not {(c.place, c.indicator, int(c.period)) for c in item.cells} & set(lines.iter_rows())
    )
    print("runs without any label:", dict(reasons))
    assert both.height >= 0.9 * lines.height
    # Coarse figures (ten thousand persons, rounded) meet on a line by chance: most of the missed are of them.
    assert missed.item(0, "indicator") == "employment_urban_units"


def test_investment_of_liaoning_broke_with_that_of_all_other_provinces(research: Research, grid: Grid) -> None:
    outcome = breaks(grid, AuditOptions())
    provinces = Counter(
        (research.groups[item.place], str(item.reason.values["first"]), str(item.reason.values["last"]))
        for item in outcome.findings
        if item.severity == "high" and item.cells[0].indicator == INVESTMENT
    )
    print("provinces listed for investment / product:", dict(provinces))
    review = [item for item in outcome.findings if item.severity == "low" and item.cells[0].indicator == INVESTMENT]
    for item in review:
        print(
            "for review:", item.place, research.groups[item.place], item.years[0], item.years[-1], f"{item.score:.2f}"
        )
    assert {province for province, _, _ in provinces} == {LIAONING}
    assert {last for _, _, last in provinces} <= {"2014", "2015", "2016"}
    assert sum(provinces.values()) >= 12  # of 14
    curve = next(item for item in outcome.curves if (item.group, item.indicator.id) == (LIAONING, INVESTMENT))
    print(f"sensitivity {curve.first}–{curve.last}, chosen {curve.chosen:.2f} (threshold, Liaoning, elsewhere)")
    for level, inside, outside in curve.points[::3]:
        print(f"  {level:.2f} {inside:.2f} {outside:.3f}")
    # Not a matter of where the line is drawn: at half and at one and a half times it the province stands out.
    for by in (0.5, 1.5):
        inside, outside = next((point[1], point[2]) for point in curve.points if point[0] >= by * curve.chosen)
        assert inside > 3 * outside


def test_from_2013_to_2016_as_well(research: Research, grid: Grid) -> None:
    ratio = next(item for item in watched(grid) if grid.columns[item.above].indicator == INVESTMENT)
    crowds = {(one.group, grid.periods[one.start]): one for one in judged(grid, ratio, 3, 0.01).crowds}
    one = crowds[LIAONING, 2013]
    print(f"2013–2016: {one.beyond} of {one.number} beyond {one.bar:.2f}, chance {one.chance:.1e}")
    others = [other for (group, start), other in crowds.items() if start == 2013 and group != LIAONING]
    assert one.chance < 1e-6
    assert all(other.chance > one.chance for other in others if np.isfinite(other.chance))


def test_the_province_that_is_judged_takes_no_part_in_setting_its_threshold(grid: Grid) -> None:
    ratio = next(item for item in watched(grid) if grid.columns[item.above].indicator == INVESTMENT)
    values = grid.values.copy()
    inside = np.array([group == LIAONING for group in grid.groups])
    values[inside, ratio.above, 20:] *= 7.0
    with np.errstate(invalid="ignore"):
        lines = [
            {one.start: one.bar for one in judged(what, ratio, 1, 0.01).crowds if one.group == LIAONING}
            for what in (grid, replace(grid, values=values))
        ]
    # The common change of all places moves a little with fourteen of them; the line of the others hardly does.
    moved = [abs(lines[0][year] - lines[1][year]) for year in lines[0] if np.isfinite(lines[0][year])]
    assert max(moved) < 0.15


def test_the_whole_panel_is_audited(research: Research) -> None:
    result = audit(research.panel, options=AuditOptions(groups=research.groups))
    counts = Counter(item.detector for item in result.findings)
    print(result.cells, "figures;", dict(counts))
    assert counts["fills"] > 1000
    assert max(counts[name] for name in ("slips", "levels", "repeats", "boundaries")) < 100
    assert {item.kind for item in result.of("stops") if item.place == "panel"} == {"series-stops"}
    assert any(item.cells[0].indicator == INVESTMENT for item in result.of("stops") if item.place == "panel")
