"""Repeated values and series that stop: what was carried forward, what ended, and what is so by nature."""

from __future__ import annotations

import numpy as np
import pytest

from headframe.audit.options import AuditOptions
from headframe.audit.repeats import repeats
from headframe.audit.stops import stops
from tests.audit.made import found, grid, walk, years_of


def test_figures_carried_forward_are_found() -> None:
    table = walk(1)
    table[4, 11:15] = table[4, 10]
    (one,) = found(repeats, grid({"hospital_beds": table}))
    assert years_of(one) == [2001, 2002, 2003, 2004]
    assert [cell.period for cell in one.against] == ["2000"]
    assert (one.kind, one.severity, one.treatment) == ("repeated", "high", "low-reliability")


def test_a_run_that_grows_by_a_year_keeps_its_id() -> None:
    table = walk(1)
    table[4, 24:] = table[4, 23]
    ids = {found(repeats, grid({"hospital_beds": table[:, :years]}))[0].id for years in (28, 29, 30)}
    assert len(ids) == 1


@pytest.mark.parametrize("seed", range(4))
def test_coarsely_rounded_figures_that_meet_by_chance_are_silent(seed: int) -> None:
    coarse = np.rint(walk(seed, noise=0.02) / 1e4) * 1e4
    assert found(repeats, grid({"hospital_beds": coarse})) == ()


def test_what_stays_the_same_by_nature_is_told_as_not_checked() -> None:
    land = np.repeat(np.rint(1e4 * np.random.default_rng(2).random((40, 1))), 30, axis=1)
    outcome = repeats(grid({"subsidence_area": land}), AuditOptions())
    assert outcome.findings == ()
    assert [(item.checked, item.why) for item in outcome.coverage] == [(0, "equal-by-nature")]


def test_shares_that_stay_at_their_bound_and_zeros_are_silent() -> None:
    full = np.round(100.0 - 40.0 * np.random.default_rng(3).random((40, 30)), 2)
    full[4, 10:20], full[5, 10:20] = 100.0, 0.0
    assert found(repeats, grid({"primary_share": full})) == ()


@pytest.mark.parametrize("row", [[3.0, 3.0], [np.nan] * 5, [0.0] * 9, [-2.0] * 9, [7.0]])
def test_short_and_odd_series_are_silent(row: list[float]) -> None:
    assert found(repeats, grid({"hospital_beds": [row]})) == ()


def test_a_series_that_ends_before_those_of_other_places_is_listed() -> None:
    table = walk(1)
    table[4, 24:] = np.nan
    (one,) = found(stops, grid({"hospital_beds": table}))
    assert (one.kind, one.place, one.years) == ("series-stops", "p004", ("2013",))
    assert one.reason.values["n"] == 6


def test_a_figure_that_comes_a_year_late_is_no_stop() -> None:
    table = walk(1)
    table[4, 29:] = np.nan
    assert found(stops, grid({"hospital_beds": table})) == ()


def test_a_column_that_ends_for_all_places_is_one_finding() -> None:
    table = walk(1)
    table[:, 24:] = np.nan
    (one,) = found(stops, grid({"hospital_beds": table, "doctors": walk(2)}))
    assert (one.reason.id, one.place, len(one.cells)) == ("audit.reason.column-stops", "panel", 40)


def test_a_gap_that_other_places_do_not_have_is_listed() -> None:
    table = walk(1)
    table[4, 10:12] = np.nan
    (one,) = found(stops, grid({"hospital_beds": table}))
    assert (one.kind, one.years) == ("gap", ("1999", "2002"))


def test_a_gap_that_all_places_have_is_no_finding() -> None:
    table = walk(1)
    table[:, 10:12] = np.nan
    assert found(stops, grid({"hospital_beds": table})) == ()


def test_census_years_are_no_yearly_series() -> None:
    table = np.full((5, 30), np.nan)
    table[:, ::10] = 1e6
    outcome = stops(grid({"hospital_beds": table, "doctors": walk(2, places=5)}), AuditOptions())
    assert outcome.findings == ()
    assert {item.indicator: item.why for item in outcome.coverage}["hospital_beds"] == "not-yearly"


def test_of_one_place_alone_the_record_says_when_it_should_end() -> None:
    table = walk(1, places=1)
    table[0, 20:] = np.nan
    (one,) = found(stops, grid({"hospital_beds": table, "doctors": walk(2, places=1)}))
    assert one.years == ("2009",)
