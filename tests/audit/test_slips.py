"""Slips by powers of ten: single figures, runs, whole series, whole columns; spikes that no power of ten explains."""

from __future__ import annotations

import numpy as np
import pytest

from headframe.audit.levels import levels, rank_correlation
from headframe.audit.slips import slips
from tests.audit.made import Table, found, grid, walk, years_of


@pytest.mark.parametrize("power", [-4, -2, -1, 1, 2, 3])
def test_a_slip_is_found_with_the_figure_that_would_go_with_the_series(power: int) -> None:
    table = walk(1)
    right = table[4, 10]
    table[4, 10] *= 10.0**power
    (one,) = found(slips, grid({"hospital_beds": table}))
    assert years_of(one) == [2000]
    assert (one.kind, one.severity, one.treatment) == ("unit-slip", "high", "replace")
    assert one.replacement is not None
    assert one.replacement.value == pytest.approx(right, rel=1e-9)
    assert (one.replacement.status, one.replacement.unit) == ("E", "count")
    assert one.reason.id.endswith("slip-large" if power > 0 else "slip-small")


def test_a_run_of_slips_is_one_finding() -> None:
    table = walk(2)
    table[4, 10:14] *= 100.0
    (one,) = found(slips, grid({"hospital_beds": table}))
    assert years_of(one) == [2000, 2001, 2002, 2003]


def test_which_side_of_a_lasting_jump_is_wrong_is_asked_and_not_guessed() -> None:
    table = walk(3)
    table[4, 25:] *= 10.0
    (one,) = found(slips, grid({"hospital_beds": table}))
    assert (one.treatment, one.severity) == ("ask-source", "medium")
    assert years_of(one) == list(range(2015, 2020))


def test_of_a_lasting_jump_the_shorter_side_is_shown() -> None:
    table = walk(3)
    table[4, 6:] *= 10.0
    (one,) = found(slips, grid({"hospital_beds": table}))
    assert years_of(one) == list(range(1990, 1996))
    assert one.reason.id.endswith("slip-lasting-small")


def test_a_lasting_jump_keeps_its_id_when_years_are_added() -> None:
    long = walk(3, years=40)
    long[4, 25:] *= 10.0
    ids = {found(slips, grid({"hospital_beds": long[:, :years]}))[0].id for years in (29, 32, 40)}
    assert len(ids) == 1


def test_a_spike_that_is_no_power_of_ten_is_called_a_spike() -> None:
    table = walk(1)
    table[4, 10] *= 31.0
    (one,) = found(slips, grid({"hospital_beds": table}))
    assert (one.kind, one.replacement) == ("spike", None)


@pytest.mark.parametrize("seed", range(5))
def test_figures_that_were_measured_are_not_listed(seed: int) -> None:
    what = grid({"hospital_beds": walk(seed), "retail_sales": 1e4 * walk(seed + 9, noise=0.3)})
    assert found(slips, what) == ()
    assert found(levels, what) == ()


def test_a_jump_that_all_places_share_is_no_slip_of_one() -> None:
    table = walk(5)
    table[:, 15:] *= 10.0
    what = grid({"hospital_beds": table})
    assert found(slips, what) == ()
    (column,) = found(levels, what)
    assert column.reason.id == "audit.reason.column-large"
    assert (column.place, column.years, len(column.cells)) == ("panel", ("2005",), 40)


def test_one_place_alone_is_held_against_its_own_past() -> None:
    table = walk(6, places=1)
    table[0, 12] *= 1000.0
    (one,) = found(slips, grid({"hospital_beds": table}))
    assert years_of(one) == [2002]


def cross_section(seed: int = 4, places: int = 60) -> dict[str, Table]:
    rng = np.random.default_rng(seed)
    size = np.exp(rng.standard_normal((places, 1)))
    names = ("hospital_beds", "deposits", "loans", "retail_sales", "gdp", "doctors", "patents_granted")
    return {
        name: np.rint(1e6 * size * np.exp(0.2 * rng.standard_normal((places, 1)) + 0.05 * rng.random((places, 20))))
        for name in names
    }


def test_a_whole_series_at_the_wrong_level_is_found_by_what_places_like_it_have() -> None:
    tables = cross_section()
    assert found(levels, grid(tables)) == ()
    tables["loans"][7] *= 1e4
    (one,) = found(levels, grid(tables))
    assert (one.place, one.cells[0].indicator, len(one.cells)) == ("p007", "loans", 20)
    assert one.treatment == "ask-source"


def test_a_year_under_another_heading_is_found_by_how_it_ranks_places() -> None:
    tables = cross_section()
    tables["doctors"][:, 9] = tables["doctors"][::-1, 9]
    found_here = found(levels, grid(tables))
    assert [item.reason.id for item in found_here] == ["audit.reason.column-other"]
    assert found_here[0].years == ("1999",)


def test_rank_correlation_is_spearmans() -> None:
    values = np.array([3.0, 1.0, 4.0, 1.5, 9.0])
    assert rank_correlation(values, np.exp(values)) == pytest.approx(1.0)
    assert rank_correlation(values, -values) == pytest.approx(-1.0)


@pytest.mark.parametrize(
    "row",
    [[5.0, 50.0], [np.nan] * 6, [0.0, 0.0, 0.0, 7.0], [-4.0, -40.0, -400.0, -4.0], [3.0, np.nan, 3e4]],
    ids=["two-years", "empty", "zeros", "negative", "two-figures"],
)
def test_short_and_odd_series_are_silent(row: list[float]) -> None:
    assert found(slips, grid({"hospital_beds": [row]})) == ()
