"""The spread of indicators over prefecture-level cities: enough places, ordered, and what the workbooks give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import yaml

from headframe.catalog.load import catalog
from headframe.measure.definition import definition
from tests.reference import compute_bounds, xlsx, yearbook

QUANTILES = ("q05", "q25", "q50", "q75", "q95")
needs_data = pytest.mark.skipif(yearbook.data_folder() is None, reason="the yearbook workbooks are not on this machine")


def loaded() -> dict[str, Any]:
    with compute_bounds.TARGET.open(encoding="utf-8") as file:
        found: dict[str, Any] = yaml.safe_load(file)
    return found


def test_every_entry_is_of_a_known_indicator_in_its_unit() -> None:
    for indicator, entry in loaded()["bounds"].items():
        assert entry["unit"] == catalog().indicators[indicator].unit, indicator


def test_at_least_twenty_places_and_quantiles_in_order() -> None:
    document = loaded()
    for indicator, entry in document["bounds"].items():
        for year, by_group in entry["years"].items():
            assert year in document["sources"]
            for group, values in by_group.items():
                assert group in document["groups"]
                assert values["places"] >= 20, (indicator, year, group)
                row = [values[key] for key in QUANTILES]
                assert row == sorted(row), (indicator, year, group)


def test_sources_resolve() -> None:
    for entry in loaded()["sources"].values():
        assert entry["source"] in catalog().sources


def test_the_meter_has_enough_to_stand_on() -> None:
    with_exhausted = [i for i, e in loaded()["bounds"].items() if "resource-exhausted" in e["years"].get(2020, {})]
    assert len(with_exhausted) >= 15


@needs_data
def test_the_file_is_what_the_workbooks_give() -> None:
    assert compute_bounds.document() == compute_bounds.TARGET.read_text(encoding="utf-8")


@needs_data
def test_the_card_of_rank_persistence_is_what_the_workbooks_give() -> None:
    found = compute_bounds.persistence(definition().indicators)
    values, card = [value for *_, value in found], catalog().cards["rank_persistence"]
    assert (card.low, card.default, card.high) == tuple(
        round(float(q), 2) for q in np.quantile(values, [0.05, 0.5, 0.95])
    )
    assert card.places == min(places for _, _, places, _ in found)
    assert f"{len({name for name, *_ in found})} indicators" in card.note_en
    assert f"{len(values)} values" in card.note_en


@needs_data
@pytest.mark.parametrize(
    ("indicator", "over", "under", "times"), [("pm25", "Q", None, 1.0), ("fiscal_self_sufficiency", "AF", "AG", 100.0)]
)
def test_quantiles_by_another_reader(indicator: str, over: str, under: str | None, times: float) -> None:
    """Columns of 2020 read from the XML of the workbook and summarised without this project's code."""
    cells = xlsx.cells(yearbook.workbook(2020), "Sheet1")
    values = []
    for row in range(7, 400):
        one, two = cells.get(f"{over}{row}"), cells.get(f"{under}{row}", "") if under else "1"
        if one and two:
            values.append(times * float(one) / float(two))
    stated = loaded()["bounds"][indicator]["years"][2020]["all-prefecture-cities"]
    assert stated["places"] + stated["left_out"] == len(values)
    assert stated["q50"] == pytest.approx(np.quantile(values, 0.5), rel=1e-5)
