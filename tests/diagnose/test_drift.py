"""The drift of figures, recomputed from the city panel where the data folder is at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from headframe.diagnose.criteria import scales, specification

GENERAL = {
    "tertiary_share": pl.col("tertiary_share"),
    "self_sufficiency": 100 * pl.col("fiscal_revenue") / pl.col("fiscal_exp"),
    "loans_to_deposits": 100 * pl.col("bank_loans") / pl.col("bank_deposits"),
}
SLOW = {"pm25": pl.col("pm25")}


def drift(panel: pl.DataFrame, scale: str, value: pl.Expr, years: int) -> tuple[float, int]:
    """The 68th percentile of |x(t) − x(t − k) − median over cities| / √k in steps of a scale, and how many cities."""
    concern, severe = scales()[scale].concern.value, scales()[scale].severe.value
    steps = panel.select("city", "year", x=(value - concern) / (severe - concern)).drop_nulls()
    past = steps.select("city", past="x", year=pl.col("year") + years)
    moved = steps.join(past, on=["city", "year"]).filter(pl.col("year") - years >= 2003)
    left = moved.with_columns(change=pl.col("x") - pl.col("past")).with_columns(
        left=(pl.col("change") - pl.col("change").median().over("year")).abs()
    )
    if left.is_empty():
        return float("nan"), 0
    return float(np.quantile(left["left"].to_numpy(), 0.6827) / np.sqrt(years)), left["city"].n_unique()


def test_the_drift_is_what_the_city_panel_shows(data_folder: Path) -> None:
    path = data_folder / "cn_city_panel_1990_2023/panel.csv.gz"
    if not path.is_file():
        pytest.skip("the city panel is not in the data folder")
    panel = pl.read_csv(path, infer_schema_length=20_000)
    found = [drift(panel, name, value, k) for name, value in GENERAL.items() for k in (1, 2, 5, 10)]
    assert all(cities >= 20 for _, cities in found)
    assert np.median([size for size, _ in found]) == pytest.approx(specification().assumptions.drift, abs=0.03)
    slow = [drift(panel, "pm25", SLOW["pm25"], k) for k in (1, 2)]
    air = specification().challenges["ecology"].criteria["air"].drift
    assert np.mean([size for size, _ in slow]) == pytest.approx(air, abs=0.02)
