"""Changes between editions: planted ones are found and proposed with the right factor, ordinary growth is silent."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.catalog.load import catalog
from headframe.evidence.folder import open_city
from headframe.evidence.importing.editions import AMOUNTS, EditionChange, amounts, column, confirmed, edition_changes

INDICATORS = dict(catalog().indicators)
RNG = np.random.default_rng(7)
PLACES = 60
RESIDENTS = np.exp(RNG.normal(14.5, 0.6, PLACES))
REGISTERED = RESIDENTS * np.exp(RNG.normal(0.05, 0.2, PLACES))  # people who work elsewhere are registered at home
PRODUCT = RESIDENTS * np.exp(RNG.normal(10.8, 0.4, PLACES))


def edition(year: int, *, grown: float = 1.0, **columns: np.ndarray) -> pl.DataFrame:
    """An edition with these columns of figures for every place."""
    parts = [
        pl.DataFrame(
            {
                "place": [f"p{n:03}" for n in range(len(values))],
                "indicator": [name] * len(values),
                "dims": [""] * len(values),
                "concept": ["whole-city"] * len(values),
                "year": [year] * len(values),
                "amount": values * grown * np.exp(RNG.normal(0, 0.03, len(values))) if name == "gdp" else values,
            },
            schema=AMOUNTS,
        )
        for name, values in columns.items()
    ]
    return pl.concat(parts)


def book(year: int, people: np.ndarray, *, scale: float = 1.0) -> pl.DataFrame:
    """An edition with product, people and product per resident."""
    found = edition(year, population_registered=people)
    product = pl.concat([found, edition(year, loans=PRODUCT * scale)])
    exact = edition(year, gdp=PRODUCT)
    per_head = exact.with_columns(
        pl.lit("gdp_per_head").alias("indicator"), pl.Series("amount", exact["amount"].to_numpy() / RESIDENTS)
    )
    return pl.concat([product, exact, per_head])


def kinds(changes: tuple[EditionChange, ...]) -> list[tuple[str, str]]:
    return [(change.kind, change.indicator) for change in changes]


def test_ordinary_growth_is_silent() -> None:
    old, new = book(2018, RESIDENTS), book(2020, RESIDENTS * 1.01, scale=1.3)
    assert edition_changes(old, new, INDICATORS) == ()
    assert edition_changes(old.clear(), new, INDICATORS) == ()
    assert edition_changes(old, new.clear(), INDICATORS) == ()


@given(power=st.integers(-8, 8), gap=st.integers(1, 4))
def test_another_unit_is_proposed_with_its_power(power: int, gap: int) -> None:
    old, new = book(2018, RESIDENTS), book(2018 + gap, RESIDENTS, scale=10.0**power)
    found = edition_changes(old, new, INDICATORS)
    assert kinds(found) == ([("unit", "loans")] if power else [])
    for change in found:
        assert change.times == pytest.approx(10.0**power)
        assert change.multiply == pytest.approx(10.0**-power)
        assert change.places == PLACES
        scaled = new.with_columns(
            pl.when(pl.col("indicator") == "loans").then(pl.col("amount") * change.multiply).otherwise("amount")
        )
        assert edition_changes(old, scaled.cast(AMOUNTS), INDICATORS) == ()


def test_one_city_alone_needs_a_clear_power_of_ten() -> None:
    old = edition(2018, loans=np.array([5e9]))
    assert kinds(edition_changes(old, edition(2019, loans=np.array([5.2e13])), INDICATORS)) == [("unit", "loans")]
    assert edition_changes(old, edition(2019, loans=np.array([1.7e10])), INDICATORS) == ()
    assert edition_changes(old, edition(2019, loans=np.array([-5e13])), INDICATORS) == ()
    assert edition_changes(old, edition(2030, loans=np.array([5e13])), INDICATORS) == ()  # too far apart to say


def test_another_definition_is_told_without_a_factor() -> None:
    old, new = book(2018, RESIDENTS), book(2019, RESIDENTS, scale=2.2)
    (change,) = edition_changes(old, new, INDICATORS)
    assert (change.kind, change.indicator, change.multiply) == ("level", "loans", None)
    assert change.times == pytest.approx(2.2)


def test_another_population_is_told_by_the_identity() -> None:
    old, new = book(2018, REGISTERED), book(2020, RESIDENTS)
    found = edition_changes(old, new, INDICATORS)
    assert kinds(found) == [("concept", "population_registered")]
    assert found[0].share == 1.0
    assert kinds(edition_changes(new, old, INDICATORS)) == [("concept", "population_registered")]
    few = pl.col("place") < "p015"
    assert edition_changes(old.filter(few), new.filter(few), INDICATORS) == ()


def test_an_identity_off_by_a_power_of_ten_is_told_once() -> None:
    new = book(2020, RESIDENTS)
    wrong = new.with_columns(
        pl.when(pl.col("indicator") == "gdp").then(pl.col("amount") * 1e4).otherwise("amount").alias("amount")
    )
    alone = edition_changes(new.clear(), wrong, INDICATORS)
    assert kinds(alone) == [("identity-unit", "gdp_per_head")]
    assert alone[0].times == pytest.approx(1e-4)
    beside = edition_changes(book(2018, RESIDENTS), wrong, INDICATORS)
    assert kinds(beside) == [("unit", "gdp")]  # the ratio says which of the three it is


def test_amounts_are_the_active_dated_figures_of_a_folder() -> None:
    table = amounts(open_city("fuxin").observations)
    assert table.schema == AMOUNTS
    assert table.height > 50
    assert (
        not table.select(pl.struct("place", "indicator", "dims", "concept", "year").is_duplicated()).to_series().any()
    )


def test_every_change_has_words() -> None:
    found = edition_changes(book(2018, REGISTERED), book(2020, RESIDENTS, scale=1e4), INDICATORS)
    for language in ("en", "zh"):
        words = catalog().words(language)
        assert all(words.say(change.reason) for change in found)


def test_figures_of_the_folder_confirm_a_unit_and_nothing_else() -> None:
    old, new = book(2018, RESIDENTS), book(2019, RESIDENTS, scale=1.1)
    keys = {(name, "", "") for name in ("gdp", "gdp_per_head", "loans", "population_registered")}
    stripped = [table.with_columns(pl.lit("").alias("concept")) for table in (old, new)]
    assert confirmed(*stripped) == dict.fromkeys(keys, PLACES)
    off = stripped[1].with_columns(
        pl.when(pl.col("indicator") == "loans").then(pl.col("amount") * 10).otherwise("amount").alias("amount")
    )
    assert confirmed(stripped[0], off).keys() == keys - {("loans", "", "")}
    shuffled = edition(2019, loans=RNG.permutation(PRODUCT * np.exp(RNG.normal(0, 3, PLACES))))
    assert ("loans", "", "whole-city") not in confirmed(old, shuffled)
    few = pl.col("place") < "p003"
    assert confirmed(old.filter(few), new.filter(few)) == {}


def test_a_figure_without_an_area_is_about_the_whole_place() -> None:
    assert column("gdp", "", "whole-city") == column("gdp", "", "") == ("gdp", "", "")
    assert column("gdp", "", "urban-districts") != column("gdp", "", "")
    assert column("loans", "", "whole-city;general-budget")[2] == "general-budget"
