"""The definition of the meter as data, and a city's own weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError
from headframe.evidence.folder import City
from headframe.measure.definition import definition, definition_for, with_weights

Make = Callable[..., City]


def test_weights_add_up_and_every_indicator_has_one_field() -> None:
    rule = definition()
    assert rule.weights.sum() == pytest.approx(1)
    assert rule.field_weights == pytest.approx([0.25] * 4)
    assert rule.membership @ rule.weights == pytest.approx(rule.field_weights)
    assert rule.membership.sum(axis=0).tolist() == [1.0] * len(rule.indicators)
    assert len(set(rule.indicators)) == len(rule.indicators)


def test_directions_are_those_of_the_catalogue() -> None:
    rule = definition()
    for name in rule.indicators:
        assert catalog().indicators[name].direction == rule.item(name).direction, name


def test_the_marks_and_the_names_are_there() -> None:
    rule = definition()
    assert rule.marks == (2001, 2008, 2013, 2020)
    assert rule.coverage_needed == 0.5
    for lang in ("en", "zh"):
        words = catalog().words(lang)
        assert len({words.say(area.name) for area in rule.fields.values()}) == 4
    assert all(name in catalog().indicators for name in rule.peers.indicators)


def test_a_citys_own_weights_replace_the_built_in_ones(city: Make) -> None:
    place = city([])
    assert definition_for(place) is definition()
    (place.folder / "weights").mkdir(exist_ok=True)
    (place.folder / "weights/meter.toml").write_text(
        "[fields]\necology = 0.75\n[indicators]\npm25 = 5\n", encoding="utf-8"
    )
    rule = definition_for(place)
    assert rule.field_weights == pytest.approx(np.array([0.25, 0.25, 0.75, 0.25]) / 1.5)
    share = dict(zip(rule.indicators, rule.weights, strict=True))
    assert share["pm25"] == pytest.approx(5 * share["sewage_treatment_rate"])
    assert rule.weights.sum() == pytest.approx(1)


def test_all_faults_of_a_weights_file_are_named_at_once() -> None:
    table = {"fields": {"ecologie": 1, "ecology": -1}, "indicators": {"pm25": True, "pm10": 1.0}, "weight": {}}
    with pytest.raises(HeadframeError) as caught:
        with_weights(definition(), table, "meter.toml")
    assert sorted(problem.code for problem in caught.value.problems) == ["HF401", "HF401", "HF401", "HF402", "HF402"]
    assert "ecology" in str(caught.value)
    with pytest.raises(HeadframeError, match="HF402"):
        with_weights(definition(), {"fields": 3}, "meter.toml")
