"""Which lines were drawn with which places' figures known is said in the data, so that those places are spared."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache

import pytest

from headframe.catalog.load import catalog
from headframe.catalog.schema import Threshold
from headframe.diagnose.criteria import Look, specification
from headframe.diagnose.gather import Scene, find
from headframe.evidence.folder import builtin_places, open_city
from headframe.evidence.tables import BUILTIN
from headframe.measure.known import surroundings

NEAR = 0.6  # of the figure: a line as near as this may have been fitted to it
POINTS = [point for point in catalog().thresholds.values() if point.role in {"concern", "severe"}]
# Ours, or taken from a document about places; grades A and B are norms that somebody else published, and a quantile of
# hundreds of cities was drawn by none of them.
OURS = [point for point in POINTS if point.grade in {"C", "D"} and point.how_read != "computed"]


@cache
def told() -> frozenset[str]:
    """References (`place/row`) of the observations and events from the documents read before lines were set."""
    with (BUILTIN / "source_facts.csv").open(encoding="utf-8", newline="") as lines:
        return frozenset(f"{row['place_id']}/{row['ref_id']}" for row in csv.DictReader(lines))


@cache
def figures(indicator: str) -> tuple[tuple[str, float], ...]:
    """Place and value of every figure of an indicator, as diagnosed, that rests on those documents."""
    return tuple(_figures(indicator))


def _figures(indicator: str) -> Iterator[tuple[str, float]]:
    for place in sorted({ref.partition("/")[0] for ref in told()} & set(builtin_places())):
        city = open_city(place)
        scene = Scene(surroundings(city), None, 2025, specification().assumptions)
        for found in find(scene, Look(indicator=indicator, dims="any")):
            rests = {*found.figure.observations, *(f"{event.place}/{event.id}" for event in found.events)}
            if found.figure.value is not None and rests & told():
                yield place, found.figure.value


@pytest.mark.parametrize("point", OURS, ids=lambda point: point.id)
def test_a_line_of_ours_says_whose_figure_was_known_or_why_none_was(point: Threshold) -> None:
    assert point.seen_in or ("figure" in point.note_en and "数值" in point.note_zh)
    assert set(point.seen_in) <= set(builtin_places())
    assert "no built-in place's own figure" not in point.note_en
    if point.seen_in:
        assert "known" in point.note_en
        assert "已知" in point.note_zh


@pytest.mark.parametrize("point", OURS, ids=lambda point: point.id)
def test_a_line_near_a_place_s_figure_names_that_place(point: Threshold) -> None:
    near = {place for place, value in figures(point.indicator or "") if abs(value - point.value) <= NEAR * abs(value)}
    assert near <= set(point.seen_in)


def test_the_figures_that_lines_could_be_fitted_to_are_found() -> None:
    """So that the test above does not pass because it looks at nothing."""
    assert ("fuxin", 40.0) in figures("vacancy_rate_technical")
    assert ("detroit", 40.0) in figures("anchor_share")
    assert ("liaoning", 2.3) in figures("state_firm_debt_to_equity")
    assert "fuxin" in {place for place, _ in figures("repair_gap_to_revenue")}
    assert "fuxin" in {place for place, _ in figures("policy_lag")}


def test_both_points_of_a_scale_name_the_same_places_where_both_are_ours() -> None:
    by_scale: dict[str, set[tuple[str, ...]]] = {}
    for point in OURS:
        by_scale.setdefault(point.scale or "", set()).add(tuple(sorted(point.seen_in)))
    assert {scale for scale, places in by_scale.items() if len(places) > 1} == set()
