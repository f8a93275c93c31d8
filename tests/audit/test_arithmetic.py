"""Sums, shares, parts and quotients that must hold, impossible values, and what figures imply for one another."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from headframe.audit.clean import clean
from headframe.audit.contradictions import contradictions, overlap
from headframe.audit.grid import Grid, grid_of_panel
from headframe.audit.implied import implied
from headframe.audit.impossible import impossible
from headframe.audit.options import AuditOptions
from headframe.audit.quotients import quotients
from headframe.audit.results import Finding
from headframe.audit.sums import sums
from headframe.evidence.panel import Panel
from tests.audit.made import found, grid, panel, years_of

PARTS = ("primary_value_added", "secondary_value_added", "tertiary_value_added")
SHARES = ("primary_share", "secondary_share", "tertiary_share")


def accounts(change: float = 1.0, part: int = 1, year: int = 3) -> Grid:
    """Product and its parts over ten years, in ten thousand yuan; one part of one year changed."""
    parts = 1e4 * np.rint(np.outer([12_300.0, 45_600.0, 39_870.0], 1.07 ** np.arange(10)))
    total = parts.sum(axis=0)
    parts[part, year] = 1e4 * np.rint(parts[part, year] * change / 1e4)
    return grid({"gdp": [total]} | {name: [row] for name, row in zip(PARTS, parts, strict=True)})


def test_parts_that_add_up_are_silent_and_told_as_checked() -> None:
    outcome = sums(accounts(), AuditOptions())
    assert outcome.findings == ()
    assert {item.indicator: item.checked for item in outcome.coverage}["gdp"] == 10


def test_parts_that_do_not_add_up_are_one_finding_with_the_difference() -> None:
    (one,) = found(sums, accounts(1.2))
    assert (one.kind, one.years, one.decidable) == ("arithmetic", ("1993",), "yes")
    assert {cell.indicator for cell in one.cells} == set(PARTS)
    assert [cell.indicator for cell in one.against] == ["gdp"]
    assert one.score == pytest.approx(0.2 * 45_600 / 97_770, rel=1e-3)


def test_a_part_off_by_a_power_of_ten_is_named_as_the_slip() -> None:
    (one,) = found(sums, accounts(0.1, part=2))
    assert (one.kind, one.treatment, one.cells[0].indicator) == ("unit-slip", "replace", "tertiary_value_added")
    assert one.replacement is not None
    assert one.replacement.value == pytest.approx(39_870e4 * 1.07**3, rel=1e-3)


@given(st.lists(st.floats(1.0, 1e6), min_size=3, max_size=3), st.integers(0, 2))
def test_rounding_alone_never_breaks_a_sum(parts: list[float], digits: int) -> None:
    # Every figure is rounded by itself; the sum may be off by half a step of each, and no more.
    rows = {
        name: [[round(part * factor, digits) for factor in (1.0, 1.1, 1.3)]]
        for name, part in zip(PARTS, parts, strict=True)
    }
    total = [[round(sum(parts) * factor, digits) for factor in (1.0, 1.1, 1.3)]]
    found_here = found(sums, grid({"gdp": total} | rows))
    assert all(item.score * max(total[0]) <= 4 * 0.5 * 10.0**-digits * 1.1 for item in found_here)
    assert not [item for item in found_here if item.severity == "high" and max(total[0]) > 1000]


def test_shares_must_come_to_a_hundred_and_two_of_three_may_not_exceed_it() -> None:
    right = {"primary_share": [[10.1, 10.0]], "secondary_share": [[40.2, 39.9]], "tertiary_share": [[49.7, 50.1]]}
    assert found(sums, grid(right)) == ()
    (one,) = found(sums, grid(right | {"tertiary_share": [[49.7, 55.1]]}))
    assert (one.reason.id, one.years) == ("audit.reason.shares", ("1991",))
    two = {name: right[name] for name in SHARES[1:]}
    assert found(sums, grid(two)) == ()
    (above,) = found(sums, grid(two | {"tertiary_share": [[49.7, 65.1]]}))
    assert above.reason.id == "audit.reason.shares-above"


def test_a_missing_part_is_no_zero() -> None:
    what = accounts()
    values = what.values.copy()
    values[0, [head.indicator for head in what.columns].index(PARTS[0]), 3] = np.nan
    holes = {head.indicator: values[:, number] for number, head in enumerate(what.columns)}
    assert found(sums, grid(holes)) == ()


def test_a_part_cannot_exceed_its_whole() -> None:
    tables = {"fixed_asset_investment": [[50e9, 500e9]], "gdp": [[90e9, 95e9]]}
    (one,) = found(sums, grid(tables))
    assert (one.kind, one.years, one.treatment) == ("impossible", ("1991",), "ask-source")
    (slip,) = found(sums, grid(tables | {"fixed_asset_investment": [[50e9, 800e9]]}))
    assert slip.treatment == "replace"
    assert slip.replacement is not None
    assert slip.replacement.value == pytest.approx(80e9)


def heads(factor: float = 1.0, year: int = 4, people: str = "population_resident", by: float = 1.0) -> Grid:
    """Product per head, product and people over ten years; one year off, all years on another population."""
    gdp, number = 1e9 * np.rint(50 * 1.06 ** np.arange(10)), np.rint(1e6 * 0.99 ** np.arange(10))
    head = np.rint(gdp / number * by)
    head[year] = np.rint(head[year] * factor)
    return grid({"gdp": [gdp], people: [number], "gdp_per_head": [head]})


@pytest.mark.parametrize(
    ("what", "reason", "years"),
    [
        (heads(), None, []),
        (heads(1.3), "quotient-jump", [1994]),
        (heads(10.0), "quotient-slip-large", [1994]),
        (heads(0.01), "quotient-slip-small", [1994]),
        (heads(by=1.2), "quotient", list(range(1990, 2000))),
        (heads(people="population_registered", by=1.2), "other-population", list(range(1990, 2000))),
        (heads(by=1.03), None, []),
    ],
    ids=["agree", "jump", "ten", "hundredth", "always-off", "other-people", "within-definitions"],
)
def test_quotients_are_held_against_their_parts(what: Grid, reason: str | None, years: list[int]) -> None:
    listed = found(quotients, what)
    assert [item.reason.id for item in listed] == ([f"audit.reason.{reason}"] if reason else [])
    assert [year for item in listed for year in years_of(item)] == years


def test_people_may_be_the_mean_of_the_year_or_those_at_its_end() -> None:
    people = np.rint(1e6 * 1.15 ** np.arange(8))
    mean = np.concatenate([people[:1], 0.5 * (people[1:] + people[:-1])])
    gdp = np.full(8, 98_765e6)
    for number in (people, mean):
        tables = {"gdp": [gdp], "population_resident": [people], "gdp_per_head": [np.rint(gdp / number)]}
        assert found(quotients, grid(tables)) == ()


def test_a_quotient_off_in_all_years_keeps_its_id_when_a_year_is_added() -> None:
    what = heads(by=1.2)
    tables = {head.indicator: what.column(number) for number, head in enumerate(what.columns)}
    ids = {found(quotients, grid({k: v[:, :years] for k, v in tables.items()}))[0].id for years in (5, 9, 10)}
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("indicator", "value", "kind"),
    [("primary_share", 140.0, "impossible"), ("gdp", -5e9, "impossible"), ("tertiary_share", 4139.0, "unit-slip")],
    ids=["above", "below", "slip"],
)
def test_values_that_cannot_be_are_listed(indicator: str, value: float, kind: str) -> None:
    usual = 41.0 if indicator.endswith("share") else 4e9
    row = [usual] * 6
    row[3] = value
    (one,) = found(impossible, grid({indicator: [row]}))
    assert (one.kind, one.years, one.severity) == (kind, ("1993",), "high")
    assert (one.replacement is not None) == (kind == "unit-slip")


def test_values_at_the_bounds_and_zeros_are_possible() -> None:
    assert found(impossible, grid({"primary_share": [[0.0, 100.0, 12.0]], "gdp": [[0.0, 1e9, 2e9]]})) == ()


def two(
    first: float, second: float, sources: tuple[str, str] = ("a", "a"), vintages: tuple[str, str] = ("1", "1")
) -> Grid:
    """One cell with two figures."""
    one = panel({"gdp": [[first]]}).table
    table = pl.concat([one, one.with_columns(pl.lit(second).alias("value"))])
    what = grid_of_panel(Panel(table.with_columns(pl.Series("ref", ["p000/one", "p000/two"]))))
    rows = what.rows.sort("ref").with_columns(pl.Series("source", sources), pl.Series("vintage", vintages))
    return Grid(**{name: getattr(what, name) for name in what.__dataclass_fields__} | {"rows": rows})


@pytest.mark.parametrize(
    ("what", "reason", "severity"),
    [
        (two(1.23e9, 1.2345e9), None, ""),
        (two(1.23e9, 1.5e9), "two-figures", "high"),
        (two(1.23e9, 1.5e9, sources=("a", "b")), "two-sources", "high"),
        (two(1.234e9, 1.267e9, sources=("a", "b")), "two-sources", "medium"),
        (two(1.234e9, 1.267e9, vintages=("1", "2")), "revision", "low"),
    ],
    ids=["rounding", "itself", "sources", "near", "editions"],
)
def test_two_figures_for_one_cell(what: Grid, reason: str | None, severity: str) -> None:
    listed = found(contradictions, what)
    assert [(item.reason.id, item.severity) for item in listed] == (
        [(f"audit.reason.{reason}", severity)] if reason else []
    )


@given(st.floats(0.01, 1e9), st.integers(0, 6), st.integers(0, 6))
def test_one_figure_rounded_twice_contradicts_nothing(value: float, one: int, other: int) -> None:
    assume(round(value, one) and round(value, other))  # a nought does not say how it was rounded
    rows = [
        {"value": number, "printed": number, "low": None, "high": None, "qualifier": "="}
        for number in (round(value, one), round(value, other))
    ]
    assert overlap(rows[0], rows[1])
    assert overlap(rows[1], rows[0])


def growth(levels: list[float], **rates: list[float]) -> tuple[Finding, ...]:
    return found(implied, grid({"gdp": [levels], **{name: [row] for name, row in rates.items()}}))


def test_levels_and_real_growth_leave_a_believable_deflator() -> None:
    real = [np.nan, 8.0, 7.5]
    assert growth([100e9, 111e9, 122e9], gdp_growth_real=real) == ()
    (one,) = growth([100e9, 111e9, 75e9], gdp_growth_real=real)
    assert (one.reason.id, one.years) == ("audit.reason.level-against-growth", ("1992",))


def test_nominal_growth_that_is_called_growth_is_told() -> None:
    rates = {"gdp_growth_real": [np.nan, 5.0], "gdp_growth_unspecified": [np.nan, 2.4]}
    (one,) = growth([100e9, 102.4e9], **rates)
    assert (one.kind, one.cells[0].indicator) == ("nominal-for-real", "gdp_growth_unspecified")
    assert growth([100e9, 102.4e9], gdp_growth_real=[np.nan, 5.0], gdp_growth_unspecified=[np.nan, 5.1]) == ()


def test_a_rate_that_is_a_difference_is_held_against_it() -> None:
    tables = {"birth_rate": [[0.8, 0.7]], "death_rate": [[0.6, 0.9]]}
    assert found(implied, grid(tables | {"natural_growth_rate": [[0.2, -0.2]]})) == ()
    (one,) = found(implied, grid(tables | {"natural_growth_rate": [[2.0, -0.2]]}))
    assert (one.years, one.reason.id) == (("1990",), "audit.reason.difference")


@pytest.mark.parametrize("kind", ["smooth", "unit-root"])
def test_accounts_of_clean_panels_hold(kind: str) -> None:
    what = clean(kind, 11, places=60)
    for detector in (sums, quotients, contradictions):
        assert found(detector, what) == ()
