"""The arrays under audit: what stands in a cell, whatever the order of rows; nothing of different concept together."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.audit.grid import Column, grid_of_evidence, grid_of_panel
from headframe.evidence.collection import Collection, load_collection, panel_toml, places_text
from headframe.evidence.folder import open_city
from headframe.evidence.panel import Panel
from headframe.evidence.place import Place
from tests.audit.made import grid, panel
from tests.evidence.conftest import row, write_rows


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 6), st.sampled_from(["gdp", "loans"])), unique=True, min_size=1
    ),
    st.randoms(use_true_random=False),
)
def test_every_figure_stands_in_its_own_cell(cells: list[tuple[int, int, str]], random: Random) -> None:
    tables = {name: np.full((5, 7), np.nan) for name in ("gdp", "loans")}
    for number, (place, year, name) in enumerate(cells):
        tables[name][place, year] = number + 1.0
    table = panel(tables).table
    shuffled = list(range(table.height))
    random.shuffle(shuffled)
    what = grid_of_panel(Panel(table[shuffled]))
    for number, (place, year, name) in enumerate(cells):
        at = (what.places.index(f"p{place:03}"), what.columns.index(Column(name)), what.periods.index(1990 + year))
        assert what.values[at] == number + 1.0
        assert what.ref(*at) == f"p{place:03}/{name}/{1990 + year}"
    assert np.isfinite(what.values).sum() == len(cells)


def test_a_mistyped_year_makes_no_huge_array() -> None:
    odd = panel({"gdp": [[1e9, 2e9]]}).table
    stray = odd.with_columns(pl.Series("period", [20150, -2_000_000_000], dtype=pl.Int32))
    what = grid_of_panel(Panel(pl.concat([odd, stray])))
    assert what.periods == (1990, 1991)
    assert what.rows.height == 4


def test_the_latest_vintage_stands_in_the_arrays_and_all_stay_in_the_rows() -> None:
    both = pl.concat([panel({"gdp": [[1e9]]}, vintage="2020").table, panel({"gdp": [[2e9]]}, vintage="2021").table])
    what = grid_of_panel(Panel(both[[1, 0]]))
    assert what.values.ravel().tolist() == [2e9]
    assert what.rows.height == 2


def test_figures_of_different_concept_stand_in_different_columns() -> None:
    parts = [
        panel({"gdp": [[float(n)]]}, concept=name).table for n, name in enumerate(("whole-city", "urban-districts"))
    ]
    assert [head.concept for head in grid_of_panel(Panel(pl.concat(parts))).columns] == [
        "urban-districts",
        "whole-city",
    ]


@pytest.mark.parametrize(
    ("indicator", "values", "relative"),
    [
        ("gdp", [1.0, 2.0, 3.0], True),
        ("primary_share", [1.0, 2.0, 3.0], False),
        ("gdp", [-1.0, 2.0, -3.0], False),
        ("gdp", [0.0, *[5.0] * 30], True),
    ],
    ids=["amount", "share", "crosses-zero", "stray-zero"],
)
def test_amounts_vary_with_their_level(indicator: str, values: list[float], relative: bool) -> None:
    assert grid({indicator: [values]}).relative(0) is relative


def test_a_series_printed_in_two_units_is_looked_at_in_one() -> None:
    city = open_city("fuxin")
    what = grid_of_evidence([city])
    column = next(n for n, head in enumerate(what.columns) if head == Column("gdp", "", "whole-city", "nominal"))
    assert np.array_equal(what.printed[0, column], what.values[0, column], equal_nan=True)


def many(root: Path, values: dict[str, tuple[float, ...]]) -> Collection:
    """A folder of places with product over some years."""
    (root / "evidence").mkdir()
    (root / "panel.toml").write_text(panel_toml({"id": "many", "name_en": "Many", "name_zh": "多地"}), encoding="utf-8")
    places = [Place(id=name, name_en=name, name_zh=name, level="city", parent="liaoning") for name in values]
    (root / "places.csv").write_text(places_text(places), encoding="utf-8")
    rows = [
        {**row(n, value=str(value)), "place_id": name, "obs_id": f"{name}-{n}", "period_start": str(2010 + n),
         "period_end": str(2010 + n)}
        for name, series in values.items()
        for n, value in enumerate(series)
    ]  # fmt: skip
    write_rows(root, rows)
    return load_collection(root)


def test_a_folder_of_many_places_gives_the_grid_of_its_places_one_by_one(tmp_path: Path) -> None:
    whole = many(tmp_path, {"alpha": (1.0, 2.0, 4.0), "beta": (7.0, 5.0)})
    together = grid_of_evidence([whole])
    single = grid_of_evidence([whole.city("alpha"), whole.city("beta")])
    assert np.array_equal(together.values, single.values, equal_nan=True)
    assert (together.places, together.groups) == (("alpha", "beta"), ("liaoning", "liaoning"))
    assert together.refs.tolist() == single.refs.tolist()
