"""The fan of an outcome's quantiles."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from headframe.core.errors import HeadframeError
from headframe.show.charts.fan import fan, fan_spec

TIMES = np.arange(2000, 2011)
QUANTILES = {share: 100 + (TIMES - 2000) * (share - 0.5) for share in (0.05, 0.25, 0.5, 0.75, 0.95)}


def test_bands_join_the_quantiles_that_belong_together() -> None:
    layers = fan_spec(TIMES, QUANTILES, title="Ore", unit="Mt")["layer"]
    bands = [layer for layer in layers if layer["mark"]["type"] == "area"]
    assert [band["description"] for band in bands] == ["5–95 %", "25–75 %"]
    last = bands[0]["data"]["values"][-1]
    assert (last["low"], last["high"]) == (95.5, 104.5)
    (line,) = [layer for layer in layers if layer["mark"]["type"] == "line"]
    assert [row["low"] for row in line["data"]["values"]] == [100.0] * 11


def test_a_quantile_without_its_counterpart_makes_no_band() -> None:
    layers = fan_spec(TIMES, {0.05: QUANTILES[0.05], 0.5: QUANTILES[0.5]}, title="Ore", unit="Mt")["layer"]
    assert [layer["mark"]["type"] for layer in layers] == ["line"]


def test_what_is_not_known_is_left_out() -> None:
    holed = {share: np.where(TIMES == 2005, np.nan, values) for share, values in QUANTILES.items()}
    for layer in fan_spec(TIMES, holed, title="Ore", unit="Mt")["layer"]:
        assert 2005 not in [row["t"] for row in layer["data"]["values"]]


def test_the_picture_is_one_whole_file_and_bears_hostile_titles() -> None:
    drawn = fan(TIMES, QUANTILES, title='<script>alert("矿")</script>', unit="Mt & more")
    root = ET.fromstring(drawn)
    assert root.tag.endswith("svg")
    assert not [element for element in root.iter() if element.tag.endswith("script")]
    assert "矿" in drawn
    assert "http" not in drawn.replace("http://www.w3.org/", "")


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises((ValueError, HeadframeError)):
        fan(TIMES[:5], QUANTILES, title="Ore", unit="Mt")
