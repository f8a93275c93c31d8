"""The Panel: one type for evidence and simulation, dense view without zeros, annual rules by closed forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from headframe.core.errors import HeadframeError
from headframe.evidence.folder import builtin_places, open_city
from headframe.evidence.panel import Panel, annual, panel_of
from headframe.evidence.vintages import latest_vintage


def test_evidence_becomes_a_panel_with_gaps_kept(folder: Path) -> None:
    panel = panel_of([open_city(folder)], ["gdp", "rd_intensity"])
    dense = panel.dense(["testville"], ["gdp", "rd_intensity"], [2017, 2018, 2020])
    assert np.isnan(dense[0, 0, 0])
    assert dense[0, 0, 1:] == pytest.approx([401e8, 403e8])
    assert np.isnan(dense[0, 1]).all()


def test_panel_refuses_other_columns_and_double_cells() -> None:
    base = {"place": ["a"], "indicator": ["gdp"], "period": [2020], "dims": [""], "concept": [""], "vintage": [""]}
    for extra in ({"values": [1.0]}, {"value": [1.0], "draw": [1], "quantile": [0.5]}):
        with pytest.raises(HeadframeError) as raised:
            Panel(pl.DataFrame({**base, **extra}))
        assert raised.value.problems[0].code == "HF346"
    one = pl.DataFrame({**base, "value": [1.0], "draw": [0]})
    twice = Panel(pl.concat([one, one.with_columns(draw=pl.lit(1, dtype=pl.Int64))]))
    with pytest.raises(HeadframeError) as raised:
        twice.dense(["a"], ["gdp"], [2020])
    assert raised.value.problems[0].code == "HF347"


def test_annual_rules_by_closed_form() -> None:
    """A path x(t) = t sampled eight times a year: end, mean and integral are known."""
    times = np.arange(0, 3, 1 / 8)[:-1]
    rules = {"stock": "end", "rate": "mean", "flow": "sum"}
    base = {"place": "a", "dims": "", "concept": "", "vintage": "", "policy": "p"}
    table = pl.concat(
        pl.DataFrame({**base, "indicator": name, "time": times, "value": times}, strict=False) for name in rules
    )
    years = annual(table, "time", rules, 8)
    found = {(i, p): v for i, p, v in years.select("indicator", "period", "value").iter_rows()}
    assert found[("stock", 1)] == pytest.approx(1 + 7 / 8)
    assert found[("rate", 1)] == pytest.approx(1 + 7 / 16)
    assert found[("flow", 1)] == pytest.approx(1 + 7 / 16)
    assert not any(period == 2 for _, period in found), "an incomplete year is left out"


def test_latest_vintage_of_many_places() -> None:
    table = pl.DataFrame(
        {
            "place_id": ["a", "a", "b", "c", "d", "d"],
            "indicator_id": ["gdp"] * 6,
            "period_start": ["2020"] * 4 + [None] * 2,
            "period_end": ["2020"] * 4 + [None] * 2,
            "period_text": [None] * 4 + ["once", "later"],
            "dims": [None, None, "", "", "", ""],
            "concept": [""] * 6,
            "vintage": ["2021", "2022", "2021", None, "2020", "2021"],
            "value": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        }
    )
    assert sorted(latest_vintage(table, "gdp")["value"].to_list()) == [2.0, 3.0, 4.0, 5.0, 6.0]


def test_panel_chooses_as_the_city_does() -> None:
    """Row by row the vectorised choice is the one that `choices` explains, for every built-in place."""
    for name in builtin_places():
        city = open_city(name)
        indicators = city.observations.get_column("indicator_id").unique().to_list()
        rows = panel_of([city], indicators).table
        found = {(i, ref) for i, ref in rows.select("indicator", "ref").iter_rows()}
        expected = {
            (indicator, figure.observations[0])
            for indicator in indicators
            for figure in city.series(indicator)
            if figure.known and city.observations.filter(ref=figure.observations[0]).item(0, "year") is not None
        }
        assert found == expected, name
