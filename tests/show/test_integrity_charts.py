"""The pictures of findings and the curves of sensitivity."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headframe.catalog.load import catalog
from headframe.core.words import Words
from headframe.show.charts.curve import CurveChart
from headframe.show.charts.finding import FindingChart
from headframe.show.results_bundle import Report
from headframe.show.sections.integrity import Integrity
from tests.show.fake import report as fake_report
from tests.show.fake_audited import CURVE, audited, cell, finding, picture
from tests.show.fake_evidence import HOME
from tests.show.test_integrity import shown


@pytest.fixture(scope="module")
def full() -> Report:
    return fake_report(audited=audited())


def test_the_picture_shows_series_marks_expectation_and_band(full: Report) -> None:
    (chart,) = [item for item in Integrity().build(full).charts if isinstance(item, FindingChart)]
    words = catalog().words("en")
    spec = chart.spec(words, 360)
    layers = {layer["name"]: layer["data"]["values"] for layer in spec["layer"] if "name" in layer}
    assert [row["t"] for row in layers["marked"]] == [2015.0, 2020.0]
    assert [(row["t"], row["y"]) for row in layers["expected"]] == [(2010.0, 1.82), (2020.0, 1.7)]
    assert [(row["t"], row["lo"], row["hi"]) for row in layers["band"]] == [(2010.0, 1.6, 2.0), (2021.0, 1.4, 1.9)]
    low, high = spec["encoding"]["y"]["scale"]["domain"]
    assert low <= 1.4 + 1e-9
    assert high >= 2.0  # the band is part of what has to fit
    assert chart.series[0].drawn[1].observations == (f"{HOME}/{HOME}-0002",)  # in question
    assert chart.series[0].drawn[0].observations == (f"{HOME}/{HOME}-0001",)  # found by what it is
    standings = [words.say(row[4]) for row in chart.rows]  # type: ignore[arg-type]
    assert standings.count("in question") == 2


def test_a_point_in_question_is_the_observation_of_its_cell(full: Report) -> None:
    """Not found by its value: a picture may hold the figure with other digits than the evidence."""
    off = picture(points=((2010, 1.82e6), (2020, 1.6471e6)), marked=(2020,))
    item = finding(1, cells=(cell(34, "population_resident", "2020", 1.647e6),), picture=off)
    content = Integrity().build(replace(full, audited=audited(item)))
    (chart,) = [one for one in content.charts if isinstance(one, FindingChart)]
    assert [point.observations for point in chart.series[0].drawn] == [
        (f"{HOME}/{HOME}-0001",),
        (f"{HOME}/{HOME}-0034",),
    ]
    assert chart.series[0].drawn[1].status == "U"


def test_a_series_is_drawn_once_for_its_gravest_finding() -> None:
    same = (finding(1, severity="high", picture=picture()), finding(2, picture=picture()))
    content = Integrity().build(fake_report(audited=audited(*same)))
    assert [chart.id for chart in content.charts if isinstance(chart, FindingChart)] == [f"finding-{same[0].id}"]


def test_expected_money_has_the_prices_of_its_series(languages: dict[str, Words]) -> None:
    budget = {"indicator": "general_budget_revenue", "unit": "CNY"}
    drawn = picture(**budget, points=((2010, 3.1e9), (2018, 4.2e9)), marked=(2018,), expected=((2018, 3.9e9),), band=())
    item = finding(1, cells=(cell(22, "general_budget_revenue", "2018", 4.2e9),), picture=drawn)
    (chart, *_) = Integrity().build(fake_report(audited=audited(item))).charts
    assert languages["en"].say(chart.below_title(languages["en"])) == "billion yuan, current prices"


@pytest.mark.parametrize(
    "more",
    [{"expected": ((2020, 1.5e6),)}, {"band": ((2020, 1e6, 2e6, 3e6),)}, {"band": (), "expected": ()}, {"marked": ()}],
    ids=["one-point", "one-band", "bare", "no-marks"],
)
def test_poorer_pictures_draw_too(more: dict[str, object]) -> None:
    page = shown(fake_report(audited=audited(finding(1, picture=picture(**more)))))
    assert "<svg" in page


def test_a_picture_of_one_point_is_not_drawn() -> None:
    lonely = picture(points=((2020, 1.65e6),), marked=(2020,))
    content = Integrity().build(fake_report(audited=audited(finding(1, picture=lonely))))
    assert not [item for item in content.charts if isinstance(item, FindingChart)]


def test_the_curve_shows_both_groups_and_the_threshold_chosen(full: Report) -> None:
    (chart,) = [item for item in Integrity().build(full).charts if isinstance(item, CurveChart)]
    spec = chart.spec(catalog().words("en"), 360)
    lines = [layer["data"]["values"] for layer in spec["layer"] if layer["mark"]["type"] == "line"]
    assert [line[0]["y"] for line in lines] == [60.0, 100.0]
    assert {
        row["t"] for layer in spec["layer"] if layer["mark"]["type"] == "rule" for row in layer["data"]["values"]
    } == {2.5}
    assert len(chart.rows) == len(CURVE.points)
    assert not CurveChart(
        id="x", title=chart.title, subtitle=chart.subtitle, alt=chart.alt, names=chart.names, points=(), chosen=1.0
    ).rows
