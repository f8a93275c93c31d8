"""Codes of periods, units, prices and flags."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.core.units import parse_unit
from headframe.evidence.importing.layouts.coded_values import flags_said
from headframe.evidence.importing.layouts.period_codes import coded_period
from headframe.evidence.importing.layouts.unit_codes import codes, price_basis, unit_in_name, unit_of_code
from headframe.evidence.schema import STATUSES


@pytest.mark.parametrize(
    ("text", "start", "end", "freq"),
    [
        ("2019", "2019-01-01", "2019-12-31", "A"),
        ("2019-A1", "2019-01-01", "2019-12-31", "A"),
        ("2019-Q1", "2019-01-01", "2019-03-31", "P"),
        ("2019Q4", "2019-10-01", "2019-12-31", "P"),
        ("2020K1", "2020-01-01", "2020-03-31", "P"),
        ("2019-S1", "2019-01-01", "2019-06-30", "P"),
        ("2019H2", "2019-07-01", "2019-12-31", "P"),
        ("2019-T3", "2019-09-01", "2019-12-31", "P"),
        ("2020M02", "2020-02-01", "2020-02-29", "P"),
        ("2020-02", "2020-02-01", "2020-02-29", "P"),
        ("2020-W53", "2020-12-28", "2021-01-03", "P"),
        ("2020-D366", "2020-12-31", "2020-12-31", "P"),
        ("2019-12-31", "2019-12-31", "2019-12-31", "P"),
        ("2019-12-31T00:00:00", "2019-12-31", "2019-12-31", "P"),
        ("2015-2019", "2015-01-01", "2019-12-31", "M"),
    ],
)
def test_periods(text: str, start: str, end: str, freq: str) -> None:
    assert coded_period(text) == (date.fromisoformat(start), date.fromisoformat(end), freq)


@pytest.mark.parametrize(
    "text",
    ["", "19", "20190", "2019-Q5", "2019-Q0", "2019-13", "2019-02-30", "2019-W54", "2019-D366", "2019-S3", "2019-X1",
     "2019-2015", "2019M13", "0000", "9999", "２０１９", "2019-1", "2019-12-31 or so", "1" * 400],
)  # fmt: skip
def test_what_is_no_period(text: str) -> None:
    assert coded_period(text) is None


@given(st.text(max_size=12))
def test_any_text_is_a_period_or_none(text: str) -> None:
    found = coded_period(text)
    assert found is None or found.start <= found.end


@pytest.mark.parametrize("code", codes()["units"])
def test_every_unit_is_one_that_can_be_converted(code: str) -> None:
    unit = unit_of_code(code).unit
    assert unit is not None
    multiplier, _ = parse_unit(unit.canonical)
    assert multiplier == pytest.approx(unit.multiplier)


@pytest.mark.parametrize(
    ("code", "unit", "basis"),
    [
        ("CLV10_MEUR", "1000000 EUR", "real:2010"),
        ("CLV2015_EUR_HAB", "EUR/person", "real:2015"),
        ("CLV95_MEUR", "1000000 EUR", "real:1995"),
        ("CP_MEUR", "1000000 EUR", "nominal"),
        ("CLV_PCH_PRE", "%", ""),
        ("MIO_EUR", "1000000 EUR", ""),
        ("PPS_HAB", "", ""),
        ("CP_MPPS", "", "nominal"),
        ("PC_GDP", "%", ""),
        ("I15", "", ""),
        ("xyz", "", ""),
    ],
)
def test_units_and_price_bases(code: str, unit: str, basis: str) -> None:
    found = unit_of_code(code)
    assert found.unit is not None
    assert (found.unit.canonical, found.basis) == (unit, basis)


def test_a_label_says_what_a_code_does_not() -> None:
    found = unit_of_code("U7", "Thousand tonnes").unit
    assert found is not None
    assert (found.printed, found.canonical) == ("Thousand tonnes", "1000 t")


@pytest.mark.parametrize(
    ("name", "unit", "basis"),
    [
        ("GDP (current US$)", "USD", "nominal"),
        ("GDP per capita (constant 2015 US$)", "USD/person", "real:2015"),
        ("GDP per capita, PPP (current international $)", "", "nominal"),
        ("Unemployment, total (% of total labor force) (modeled ILO estimate)", "%", ""),
        ("Land area (sq. km)", "km2", ""),
        ("Population, total", None, ""),
    ],
)
def test_units_in_names(name: str, unit: str | None, basis: str) -> None:
    found = unit_in_name(name)
    assert (found.unit.canonical if found.unit else None, found.basis) == (unit, basis)


@pytest.mark.parametrize(
    ("base", "period", "basis"),
    [
        ("V", "", "nominal"),
        ("Q", "2015", "real:2015"),
        ("L", "2015-Q1", "real:2015"),
        ("Q", "", ""),
        ("_Z", "2015", ""),
    ],
)
def test_price_bases_of_sdmx(base: str, period: str, basis: str) -> None:
    assert price_basis(base, period) == basis


@pytest.mark.parametrize(
    ("text", "listed", "said"),
    [
        ("", "eurostat", ("", "", "")),
        ("p", "eurostat", ("P", "", "p")),
        ("bp", "eurostat", ("P", "", "b;p")),
        ("b;e", "eurostat", ("E", "", "b;e")),
        ("s", "eurostat", ("E", "", "s")),
        ("c", "eurostat", ("Q", "suppressed", "c")),
        ("P", "eurostat", ("P", "", "p")),
        ("S", "sdmx", ("S", "", "S")),
        ("x", "eurostat", ("", "", "x")),
        ("e/C", "eurostat", ("E", "suppressed", "e;C")),
        ("K", "sdmx", ("O", "not-applicable", "K")),
    ],
)
def test_flags(text: str, listed: str, said: tuple[str, str, str]) -> None:
    assert flags_said(text, listed) == said


def test_every_flag_has_a_status_of_the_table() -> None:
    for listed in codes()["flags"].values():
        assert {entry["status"] for entry in listed.values()} <= set(STATUSES.codes)
