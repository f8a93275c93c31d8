"""Fills: straight lines, equal growth, rounded and noisy; silence where figures were measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.audit.fills import fills
from headframe.audit.grain import grains, steps
from headframe.audit.options import AuditOptions
from tests.audit.made import Table, found, grid, walk, years_of

PLACE, FIRST, LAST = 4, 8, 17  # figures filled in between 1998 and 2007


def filled(kind: str, seed: int = 1) -> Table:
    table = walk(seed)
    low, high = table[PLACE, FIRST], table[PLACE, LAST]
    share = np.arange(1, LAST - FIRST) / (LAST - FIRST)
    line = low * (high / low) ** share if kind == "ratio" else low + (high - low) * share
    if kind == "noisy":
        line = line * (1.0 + 0.001 * np.random.default_rng(seed).standard_normal(len(share)))
    table[PLACE, FIRST + 1 : LAST] = np.round(line, -2 if kind == "rounded" else 0)
    return table


@pytest.mark.parametrize("kind", ["linear", "ratio", "rounded", "noisy"])
def test_a_fill_is_found_with_its_years_and_its_ends(kind: str) -> None:
    (one,) = found(fills, grid({"hospital_beds": filled(kind)}))
    assert one.kind == ("equal-growth" if kind == "ratio" else "straight-line")
    assert years_of(one) == list(range(1999, 2007))
    assert [cell.period for cell in one.against] == ["1998", "2007"]
    assert one.chance is not None
    assert one.chance < 1e-6
    assert (one.severity, one.treatment) == ("high", "low-reliability")
    assert one.reason.id == f"audit.reason.{one.kind}{'-noisy' if kind == 'noisy' else ''}"


@pytest.mark.parametrize("seed", range(5))
def test_figures_that_were_measured_are_not_listed(seed: int) -> None:
    assert found(fills, grid({"hospital_beds": walk(seed)})) == ()


def test_a_trend_that_all_figures_follow_closely_is_no_fill() -> None:
    # Resident population moves so little that rounding alone leaves it on a line: nothing can be said.
    years = np.arange(30)
    table = np.round(100.0 + np.outer(np.linspace(0.5, 2.0, 20), years), 0)
    assert found(fills, grid({"hospital_beds": table})) == ()


def test_equal_figures_are_left_to_the_test_of_repeats() -> None:
    table = walk(3)
    table[PLACE, FIRST : LAST + 1] = table[PLACE, FIRST]
    assert found(fills, grid({"hospital_beds": table})) == ()


def test_a_fill_over_a_gap_is_found() -> None:
    table = filled("linear")
    table[PLACE, FIRST + 3] = np.nan
    (one,) = found(fills, grid({"hospital_beds": table}))
    assert "2001" not in one.years
    assert len(one.cells) == 7


def test_the_picture_shows_series_and_line() -> None:
    (one,) = found(fills, grid({"hospital_beds": filled("linear")}))
    assert one.picture is not None
    assert one.picture.marked == tuple(range(1999, 2007))
    series = dict(one.picture.points)
    assert all(abs(series[year] - value) <= 0.51 for year, value in one.picture.expected)


@pytest.mark.parametrize(
    "table",
    [
        [[1.0, 2.0]],
        [[1.0, 2.0, 3.0]],
        [[np.nan] * 10],
        [[0.0] * 10],
        [[-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0]],
        [[5.0] * 12],
    ],
    ids=["two-years", "three-years", "empty", "zeros", "through-zero", "constant"],
)
def test_what_is_too_short_or_says_nothing_is_told_as_not_checked(table: list[list[float]]) -> None:
    what = grid({"hospital_beds": table})
    outcome = fills(what, AuditOptions())
    assert outcome.findings == ()
    assert all(item.checked == 0 and item.why for item in outcome.coverage if item.unchecked)


def test_units_do_not_matter() -> None:
    plain, scaled = (found(fills, grid({"hospital_beds": by * filled("linear")})) for by in (1.0, 1e4))
    assert [item.years for item in plain] == [item.years for item in scaled]
    assert plain[0].chance == pytest.approx(scaled[0].chance, rel=1e-3)


@given(st.floats(-1e6, 1e6, allow_nan=False), st.integers(-3, 6))
def test_a_rounded_figure_has_a_grain_at_least_as_coarse(value: float, power: int) -> None:
    rounded = np.round(value, -power)
    if rounded:
        assert grains(np.array([rounded]))[0] >= 0.999 * 10.0**power


def test_a_tenth_of_finer_figures_does_not_hide_the_rounding_of_a_series() -> None:
    values = np.array([[100.0, 200.0, 500.0, 700.0, 1100.0, 1300.0, 1700.0, 1900.0, 2300.0, 2900.0, 310.7]])
    assert steps(grains(values))[0] == 100.0
    assert np.isnan(steps(grains(np.full((1, 4), np.nan)))[0])
