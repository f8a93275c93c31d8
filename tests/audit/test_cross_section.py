"""Breaks of a province, boundary jumps, bunching at targets, digits: what only many places together can tell."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from headframe.audit.boundaries import boundaries
from headframe.audit.breaks import bar, breaks
from headframe.audit.digits import BENFORD, chi_square, digits, first_digits, last_digits
from headframe.audit.discovery import threshold, thresholds
from headframe.audit.options import AuditOptions
from headframe.audit.targets import jump, targets
from tests.audit.made import Table, found, grid, walk

PLACES = 120
GROUPS = [f"province-{n % 6}" for n in range(PLACES)]
INSIDE = [n for n in range(PLACES) if n % 6 == 2]


def economy(seed: int = 1) -> dict[str, Table]:
    """Product and investment of 120 places in six provinces."""
    rng = np.random.default_rng(seed)
    gdp = 1e6 * walk(seed, PLACES)
    ratio = 0.4 * np.exp(np.cumsum(0.05 * rng.standard_normal(gdp.shape), axis=1))
    return {"gdp": gdp, "fixed_asset_investment": np.rint(gdp * np.minimum(ratio, 1.5) / 1e4) * 1e4}


def test_a_province_whose_investment_falls_alone_is_found_with_its_curve() -> None:
    tables = economy()
    tables["fixed_asset_investment"][INSIDE, :20] *= 2.5
    outcome = breaks(grid(tables, GROUPS), AuditOptions())
    group = [item for item in outcome.findings if item.severity == "high"]
    assert {item.place for item in group} <= {f"p{n:03}" for n in INSIDE}
    assert len(group) >= 0.9 * len(INSIDE)
    assert {item.years[-1] for item in group} <= {"2010", "2011", "2012"}
    curve = next(item for item in outcome.curves if item.group == "province-2")
    inside, outside = (np.array([point[n] for point in curve.points]) for n in (1, 2))
    assert (np.diff(inside) <= 0).all()
    assert (np.diff(outside) <= 0).all()
    at = np.searchsorted([point[0] for point in curve.points], curve.chosen)
    assert inside[at] > 0.8
    assert outside[at] < 0.05


def test_what_all_provinces_share_is_the_economy_and_no_break() -> None:
    tables = economy()
    tables["fixed_asset_investment"][:, :20] *= 2.5
    assert not [item for item in found(breaks, grid(tables, GROUPS)) if item.severity == "high"]


@pytest.mark.parametrize("seed", range(3))
def test_no_province_is_listed_where_none_breaks(seed: int) -> None:
    listed = found(breaks, grid(economy(seed), GROUPS))
    assert not [item for item in listed if item.severity == "high"]
    # For review the outermost places are listed, whatever they are: one in a hundred for each ratio and span.
    assert len(listed) <= 0.05 * 2 * PLACES


def test_the_bar_is_set_by_places_elsewhere_alone() -> None:
    sizes = np.concatenate([np.linspace(0.0, 1.0, 100), np.full(20, 50.0)])
    elsewhere = np.arange(120) < 100
    assert bar(sizes, elsewhere, 0.01) <= 1.0
    assert bar(sizes, elsewhere & (np.arange(120) < 20), 0.01) == np.inf


def test_single_places_are_reviewed_against_those_of_other_provinces() -> None:
    tables = economy()
    for number, place in enumerate(INSIDE):  # each in a year of its own, so that no year has a crowd
        tables["fixed_asset_investment"][place, 3 + number :] *= 3.0
    review = [item for item in found(breaks, grid(tables, GROUPS)) if item.severity == "low"]
    assert len({item.place for item in review} & {f"p{n:03}" for n in INSIDE}) >= 0.8 * len(INSIDE)


def test_few_places_say_nothing_of_breaks_and_this_is_told() -> None:
    few = {name: table[:10] for name, table in economy().items()}
    outcome = breaks(grid(few, GROUPS[:10]), AuditOptions())
    assert outcome.findings == ()
    assert {item.why for item in outcome.coverage} == {"no-ratio"}


AMOUNTS = ("gdp", "retail_sales", "general_budget_revenue", "hospital_beds", "deposits")


def settled(seed: int = 1) -> dict[str, Table]:
    """People and what goes with them, of 60 places."""
    tables = {name: 1e3 * walk(seed + n, 60, noise=0.04) for n, name in enumerate(AMOUNTS, start=1)}
    return tables | {"population_registered": 10.0 * walk(seed, 60, noise=0.004)}


@pytest.mark.parametrize(("size", "reason"), [(0.3, "boundary-gain"), (-0.3, "boundary-loss")])
def test_people_and_the_rest_that_step_together_are_a_change_of_boundaries(size: float, reason: str) -> None:
    tables = settled()
    for table in tables.values():
        table[7, 15:] *= np.exp(size)
    (one,) = found(boundaries, grid(tables))
    assert (one.place, one.years, one.reason.id) == ("p007", ("2005",), f"audit.reason.{reason}")
    assert (one.kind, one.treatment) == ("boundary-jump", "keep")
    assert one.cells[0].indicator == "population_registered"


def test_people_that_step_alone_or_step_back_are_no_change_of_boundaries() -> None:
    alone = settled()
    alone["population_registered"][7, 15:] *= 1.3
    back = settled()
    for table in back.values():
        table[7, 15] *= 1.3
    assert found(boundaries, grid(alone)) == ()
    assert found(boundaries, grid(back)) == ()
    assert found(boundaries, grid(settled())) == ()


def rates(seed: int, share: float = 0.0, places: int = 100) -> Table:
    """Growth around its target of 7 per cent, printed to a tenth; a share of what lies just below is put just above."""
    rng = np.random.default_rng(seed)
    true = rng.normal(7.2, 1.5, (places, 20))
    below = (true >= 6.5) & (true < 7.0) & (rng.random(true.shape) < share)
    return np.round(np.where(below, 7.0 + 0.3 * rng.random(true.shape), true), 1)


GOAL = {("", year): 7.0 for year in range(1990, 2010)}


def test_growth_put_just_above_its_target_is_found_and_says_nothing_of_a_figure() -> None:
    (one,) = found(targets, grid({"gdp_growth_real": rates(1, 0.6)}), targets=GOAL)
    assert (one.kind, one.severity, one.treatment, one.decidable) == ("bunching", "low", "keep", "no")


@pytest.mark.parametrize("seed", range(4))
def test_smooth_growth_is_silent_and_so_is_growth_without_a_target(seed: int) -> None:
    assert found(targets, grid({"gdp_growth_real": rates(seed)}), targets=GOAL) == ()
    assert found(targets, grid({"gdp_growth_real": rates(seed, 0.6)})) == ()


def test_heaping_at_every_half_per_cent_is_no_bunching_at_the_target() -> None:
    heaped = np.ceil(2.0 * rates(2)) / 2.0
    assert found(targets, grid({"gdp_growth_real": heaped}), targets=GOAL) == ()


def test_few_growth_rates_are_not_tested() -> None:
    assert jump(np.array([0.1, 0.2, -0.1] * 10)) is None


def test_favourite_last_digits_are_found() -> None:
    rng = np.random.default_rng(1)
    table = walk(1, 60, size=1e6)
    liked = np.rint(table / 10) * 10 + rng.choice([3, 7, 1, 5, 9], size=table.shape, p=[0.3, 0.3, 0.2, 0.1, 0.1])
    (one,) = found(digits, grid({"hospital_beds": liked}))
    assert (one.detector, one.kind, one.decidable, one.treatment) == ("last-digits", "digits", "no", "keep")
    assert found(digits, grid({"hospital_beds": table})) == ()


def test_rounded_and_short_figures_have_no_last_digit_to_speak_of() -> None:
    digit, counted = last_digits(np.array([[1200.0, 1230.0, 12.0, 4567.0, np.nan, 0.0, 98761.0]]))
    assert counted.tolist() == [[False, False, False, True, False, False, True]]
    assert digit[counted].tolist() == [7, 1]


def test_first_digits_are_read_at_every_size() -> None:
    digit, counted = first_digits(np.array([0.00123, 9.99e8, 1e3, 70.0, -5.0, np.nan]))
    assert digit[counted].tolist() == [1, 9, 1, 7]


def test_benfords_law_is_tested_only_where_sizes_span_two_decades() -> None:
    rng = np.random.default_rng(4)
    wide, narrow = (np.rint(10.0 ** rng.uniform(3, top, (300, 1))) for top in (7, 4))
    leading = np.rint(5.0 * 10.0 ** rng.integers(3, 7, (300, 1)) * rng.uniform(1, 1.9, (300, 1)))
    assert found(digits, grid({"hospital_beds": wide})) == ()
    assert [item.detector for item in found(digits, grid({"hospital_beds": leading}))] == ["benford"]
    told = digits(grid({"hospital_beds": narrow}), AuditOptions()).coverage
    assert {item.why for item in told if item.detector == "benford"} == {"benford-conditions"}


def test_chi_square_is_pearsons() -> None:
    counts = np.array([30, 18, 12, 10, 8, 7, 6, 5, 4])
    expected = stats.chisquare(counts, counts.sum() * BENFORD)
    chance, size = chi_square(counts, BENFORD)
    assert chance == pytest.approx(expected.pvalue)
    assert size == pytest.approx(np.sqrt(expected.statistic / (counts.sum() * 8)))


def test_thresholds_are_those_of_benjamini_and_hochberg() -> None:
    chances = np.array([0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, np.nan])
    assert threshold(chances, 0.05) == 0.008
    known = chances[np.isfinite(chances)]
    assert known[stats.false_discovery_control(known) <= 0.05].max() == 0.008
    assert threshold(np.array([]), 0.05) == 0.0
    lines, together = thresholds([chances, np.full(8, 0.9)], 0.05)
    assert lines.tolist() == [together, 0.0]


def test_of_many_clean_tests_about_the_rate_lists_anything() -> None:
    rng = np.random.default_rng(8)
    listed = sum(threshold(rng.random(200), 0.05) > 0 for _ in range(400))
    assert listed <= 0.05 * 400 + 3 * np.sqrt(400 * 0.05 * 0.95)
