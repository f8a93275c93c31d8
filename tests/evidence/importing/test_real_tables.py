"""Published panels and tables other than the yearbooks: every cell against a plain reading, targets as people read."""

from __future__ import annotations

import csv
import gzip
import io
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from headframe.catalog.load import catalog
from headframe.evidence.importing.choosing import read_extract
from headframe.evidence.importing.conversion import Fate, convert
from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.mapping import accepted, proposed
from headframe.evidence.importing.matches import Ask, SeriesMatch
from headframe.evidence.importing.matching import match

PANEL = "cn_city_panel_1990_2023/panel.csv.gz"
SECTORS = "cn_city_sector_employment_2018_2019/city_sector_employment.csv"
BUDGET = "cn_city_fiscal_debt_2018_2025/city_macro_fiscal.csv.gz"
DEBT = "cn_city_fiscal_debt_2018_2025/city_gov_debt.csv.gz"
COUNTIES = "us_counties_ers_2007_2019/Unemployment.csv.gz"


def _file(data_folder: Path, name: str) -> Path:
    path = data_folder / name
    if not path.exists():
        pytest.skip(f"{path} is missing")
    return path


@cache
def _extract(path: Path) -> Extract:
    return read_extract(path)


@cache
def _matches(path: Path) -> dict[str, SeriesMatch]:
    return {item.key: item for item in match(_extract(path), catalog())}


@cache
def _rows(path: Path) -> list[list[str]]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def _numbers(path: Path, head: int, columns: list[str]) -> dict[tuple[int, str], float]:
    """The numbers of a file by row and column as a careful person would read them."""
    rows = _rows(path)
    names = [name.strip() for name in rows[head - 1]]
    found = {}
    for number, row in enumerate(rows[head:], head + 1):
        for column in columns:
            text = row[names.index(column)].strip().replace(",", "").replace("$", "")
            if text:
                found[number, column] = float(text)
    return found


def _imported(path: Path) -> dict[tuple[int, str], float]:
    cells = _extract(path).cells.filter(pl.col("value").is_not_null())
    found = {}
    for locator, value in cells.select("locator", "value").iter_rows():
        row, _, column = locator.removeprefix("row ").partition(", ")
        found[int(row), column] = value
    return found


@pytest.mark.parametrize(("name", "head"), [(PANEL, 1), (SECTORS, 1), (BUDGET, 1), (DEBT, 1), (COUNTIES, 5)])
def test_every_figure_is_that_of_the_file(data_folder: Path, name: str, head: int) -> None:
    path = _file(data_folder, name)
    mine = _imported(path)
    assert mine == _numbers(path, head, sorted({column for _, column in mine}))


def test_the_panel_names_its_places_and_years(data_folder: Path) -> None:
    path = _file(data_folder, PANEL)
    extract = _extract(path)
    names = {(row[2], row[4], row[1]) for row in _rows(path)[1:]}
    assert {(place.name, place.code, place.section) for place in extract.places} == names
    years = extract.cells["period_start"].dt.year().unique().sort().to_list()
    assert years == sorted({int(row[0]) for row in _rows(path)[1:]})


# The targets of the panel as its description gives them; its heads say no unit at all.
PANEL_TARGETS = {
    "gdp": ("gdp", "10000 CNY"),
    "gdp_per_capita": ("gdp_per_head", "CNY/person"),
    "gdp_growth": ("gdp_growth_real", "%"),
    "retail_sales": ("retail_sales", "10000 CNY"),
    "fixed_asset_inv": ("fixed_asset_investment", "10000 CNY"),
    "real_estate_inv": ("real_estate_investment", "10000 CNY"),
    "pop_hukou": ("population_registered", "10000 person"),
    "pop_avg": ("population_average", "10000 person"),
    "fiscal_revenue": ("general_budget_revenue", "10000 CNY"),
    "fiscal_exp": ("general_budget_expenditure", "10000 CNY"),
    "edu_exp": ("education_expenditure", "10000 CNY"),
    "sci_exp": ("science_expenditure", "10000 CNY"),
    "secondary_share": ("secondary_share", "%"),
    "tertiary_share": ("tertiary_share", "%"),
    "industrial_firms": ("industrial_firms", "count"),
    "industrial_profit": ("industrial_profit", "10000 CNY"),
    "fdi": ("foreign_direct_investment", "10000 USD"),
    "bank_deposits": ("deposits", "10000 CNY"),
    "bank_loans": ("loans", "10000 CNY"),
    "so2_emission": ("sulphur_dioxide_emissions", "t"),
    "pm25": ("pm25", "ug/m3"),
    # Counted in tens of thousands or one by one: the registered population beside them tells.
    "employees": ("employment_urban_units", "10000 person"),
    "emp_secondary": ("employment_secondary", "10000 person"),
    "emp_tertiary": ("employment_tertiary", "10000 person"),
    "uni_students": ("students", "person"),
    "mobile_users": ("mobile_users", "10000 count"),
    "internet_users": ("internet_users", "count"),
}


def test_the_panel_is_understood_and_asks_what_it_does_not_say(data_folder: Path) -> None:
    found = _matches(_file(data_folder, PANEL))
    assert {key: (found[key].indicator, found[key].unit) for key in PANEL_TARGETS} == PANEL_TARGETS
    settled = {"gdp", "gdp_per_capita", "pop_hukou"}  # by product = product per head × population
    assert {key for key, item in found.items() if item.sure} == settled
    assert found["pop_hukou"].concept == "registered"
    assert "importing.per-head-differs" in {reason.id for reason in found["pop_hukou"].reasons}
    assert Ask.INDICATOR in found["fiscal_revenue"].asks, "which revenue the label does not say"
    assert not any(found[key].indicator for key in found if key.endswith(("_treat", "_batch", "_first_year")))


def test_counties_are_counted_in_persons(data_folder: Path) -> None:
    found = _matches(_file(data_folder, "us_counties_ers_2007_2019/PopulationEstimates.csv.gz"))
    assert {key: (item.indicator, item.unit) for key, item in found.items() if item.indicator} == {
        "pop_estimate": ("population_resident", "person"),
        "births": ("births", "person"),
        "deaths": ("deaths", "person"),
    }


def test_employees_as_a_label_is_no_unit(data_folder: Path) -> None:
    """The panel counts them in tens of thousands; the word is a unit elsewhere, so nothing may be concluded from it."""
    assert Ask.UNIT in _matches(_file(data_folder, PANEL))["employees"].asks


def test_budgets_say_multiplier_period_and_code(data_folder: Path) -> None:
    path = _file(data_folder, BUDGET)
    found = _matches(path)
    assert (found["gdp_current_100m"].indicator, found["gdp_current_100m"].unit) == ("gdp", "100000000 CNY")
    assert found["resident_population_10k"].unit == "10000 person"
    assert found["statutory_debt_balance_100m"].indicator == "government_debt"
    assert Ask.INDICATOR in found["statutory_debt_to_gdp_pct"].asks
    codes = {place.code for place in _extract(path).places}
    assert codes == {row[1] for row in _rows(path)[1:]}
    assert {place.code for place in _extract(_file(data_folder, DEBT)).places} == {f"CN-{code}" for code in codes}


def test_sectors_without_a_measure_are_questions(data_folder: Path) -> None:
    """The head of that table says neither persons nor jobs nor which units: nothing is guessed."""
    path = _file(data_folder, SECTORS)
    found = _matches(path)
    assert len(found) == 38
    assert all(Ask.INDICATOR in item.asks for item in found.values())
    assert {item.dims for item in found.values() if item.indicator == "employment_by_sector"} >= {
        "sector=mining",
        "sector=real-estate",
        "sector=public",
    }


def test_counties_stand_with_their_states(data_folder: Path) -> None:
    path = _file(data_folder, COUNTIES)
    extract = _extract(path)
    by_code = {place.code: place for place in extract.places}
    assert (by_code["01001"].name, by_code["01001"].section) == ("Autauga County, AL", "AL")
    assert by_code["00000"].name == "United States"
    targets = {key: item.indicator for key, item in _matches(path).items()}
    assert (targets["unemployment_rate"], targets["unemployed"]) == ("unemployment_rate", "unemployed")
    assert (targets["employed"], targets["civilian_labor_force"]) == ("employment", "labour_force")


@pytest.mark.parametrize("name", [PANEL, SECTORS, BUDGET, DEBT, COUNTIES])
def test_every_cell_of_a_real_table_is_accounted_for(data_folder: Path, name: str) -> None:
    path = _file(data_folder, name)
    extract = _extract(path)
    mapping = accepted(proposed(extract, list(_matches(path).values())))
    done = convert(extract, mapping, catalog(), dict.fromkeys(extract.places, "somewhere"))
    assert sum(account.count for account in done.accounts) == extract.cells.height
    assert done.count(Fate.CONVERTED) == done.rows.height > 0
    assert done.rows["obs_id"].n_unique() == done.rows.height
