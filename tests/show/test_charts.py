"""Charts: scales, lines, rows; what they draw and what they refuse to draw."""

from __future__ import annotations

import itertools
import json
import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.core.errors import HeadframeError
from headframe.core.results import Figure, Message, Ref
from headframe.core.words import Words
from headframe.show.charts import scale, theme
from headframe.show.charts.rows import Beside, RowItem, RowsChart
from headframe.show.charts.static import static_svg
from headframe.show.charts.time import EventMark, Series, TimeChart, segments
from headframe.show.linked import ReportWords
from headframe.show.results_bundle import Report

NAME = Message(id="charts.plain", values={"text": "Jobs"})


def at(year: int | str, value: float | None, **more: Any) -> Figure:
    return Figure(value=value, period=str(year), unit="person", **more)


def chart(*figures: Figure, **more: Any) -> TimeChart:
    plain: dict[str, Any] = {
        "id": "jobs",
        "title": NAME,
        "subtitle": Message(id="charts.subtitle.unit", values={"unit": ""}),
        "alt": NAME,
        "unit": "person",
    }
    return TimeChart(series=(Series(NAME, figures),), **{**plain, **more})


@pytest.fixture
def words(report: Report, languages: dict[str, Words]) -> ReportWords:
    return ReportWords(languages["en"], report)


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=8))
def test_round_domain_holds_all_values_on_round_steps(values: list[float]) -> None:
    low, high, step = scale.round_domain(values)
    slack = 1e-6 * max(abs(low), abs(high))
    assert low <= min(values) + slack
    assert high >= max(values) - slack
    assert step > 0
    mantissa = step / 10.0 ** math.floor(math.log10(step) + 1e-9)
    assert min(abs(mantissa - whole) for whole in (1, 2, 5, 10)) < 1e-6
    assert 2 <= len(scale.tick_values(low, high, step)) <= 14


@given(st.lists(st.floats(0, 100), min_size=1, max_size=6))
def test_labels_keep_their_distance_and_order(wanted: list[float]) -> None:
    placed = scale.spread_labels(wanted, 10, 0, 100)
    ordered = sorted(placed)
    assert all(b - a >= 10 - 1e-9 for a, b in itertools.pairwise(ordered))
    assert all(-1e-9 <= place <= 100 + 1e-9 for place in placed)
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    assert [placed[index] for index in order] == ordered


@pytest.mark.parametrize(
    ("period", "year"),
    [
        ("2020", 2020.0),
        ("2020-11-01", 2020.0),
        ("2009–2017", None),
        ("n.d.", None),
        ("", None),
        ("20th century", None),
        ("2020s", None),
    ],
)
def test_only_single_years_stand_on_a_time_axis(period: str, year: float | None) -> None:
    assert scale.year_of(at(period, 1.0)) == year


def test_year_ticks_are_never_alone() -> None:
    assert scale.year_ticks(2017.6, 2022.4, 3) == [2018, 2020, 2022]
    assert scale.year_ticks(2018.6, 2021.4, 1) == [2019, 2021]


@given(st.text(min_size=1, max_size=60), st.integers(40, 300))
def test_shortened_and_wrapped_texts_fit(text: str, room: int) -> None:
    assert scale.text_width(scale.shortened(text, room)) <= room or len(scale.shortened(text, room)) <= 1
    assert len(scale.wrapped(text, room)) <= 2


def test_reading_names_the_size_once(words: ReportWords, languages: dict[str, Words]) -> None:
    assert scale.reading([4.4e9], "CNY", words) == scale.Reading(1e9, "billion yuan")
    assert scale.reading([4.4e9], "CNY", languages["zh"]) == scale.Reading(1e8, "亿元")
    assert scale.reading([50.0], "%", words).factor == 1.0


def test_years_without_a_figure_are_bridged_by_a_dashed_line_only() -> None:
    joined = segments([at(2018, 1.0), at(2019, 2.0), at(2022, 3.0)])
    assert [gap for *_, gap in joined] == [False, True]


def test_figures_that_do_not_belong_together_are_not_joined() -> None:
    """Law 6: another concept, another price basis, a break in the series."""
    assert segments([at(2018, 1.0, concept="registered"), at(2019, 2.0, concept="resident")]) == []
    assert segments([at(2018, 1.0, price_basis="nominal"), at(2019, 2.0, price_basis="real:2010")]) == []
    assert segments([at(2018, 1.0), at(2019, 2.0, status="B")]) == []
    across = segments([at(2018, 1.0, concept="a"), at(2019, 5.0, concept="b"), at(2020, 2.0, concept="a")])
    assert [(before.value, after.value) for before, after, _ in across] == [(1.0, 2.0)]


def test_what_is_not_known_is_not_drawn_as_zero(words: ReportWords) -> None:
    drawn = chart(at(2018, 5.0), at(2019, None), at(2020, 7.0)).spec(words, 720)
    points = [row for layer in drawn["layer"] for row in layer.get("data", {}).get("values", []) if "tip" in row]
    assert sorted(row["y"] for row in points) == [5.0, 7.0]


def test_doubtful_figures_are_hollow_and_intervals_are_bars(words: ReportWords) -> None:
    drawn = chart(at(2018, 5.0), at(2020, 7.0, method="interpolated", low=6.0, high=9.0)).spec(words, 720)
    dots = [layer for layer in drawn["layer"] if layer["mark"]["type"] == "point"]
    fills = {layer["mark"]["fill"]: [row["y"] for row in layer["data"]["values"]] for layer in dots}
    assert fills == {theme.token("blue"): [5.0], theme.token("paper"): [7.0]}
    bars = [
        row
        for layer in drawn["layer"]
        for row in layer.get("data", {}).get("values", [])
        if "lo" in row and layer["mark"]["type"] == "rule"
    ]
    assert [(row["lo"], row["hi"]) for row in bars] == [(6.0, 9.0)]


def test_years_before_the_first_figure_are_hatched(words: ReportWords) -> None:
    drawn = chart(at(2018, 5.0), at(2020, 7.0), from_year=2000).spec(words, 720)
    assert [layer["mark"]["fill"] for layer in drawn["layer"] if layer["mark"]["type"] == "rect"] == [theme.HATCH]


def test_events_are_drawn_inside_the_years_only(words: ReportWords) -> None:
    marks = (EventMark(1, 1990.0), EventMark(2, 2019.2))
    made = chart(at(2018, 5.0), at(2020, 7.0), events=marks)
    assert made.eventful
    names = [layer for layer in made.spec(words, 720)["layer"] if str(layer.get("name", "")).startswith("eventmark")]
    assert [row["n"] for layer in names for row in layer["data"]["values"] if "n" in row] == ["2"]
    assert not chart(at(2018, 5.0), events=marks[:1]).eventful


def test_the_table_of_a_chart_holds_what_is_drawn() -> None:
    made = chart(at(2018, 5.0), at(2020, 7.0, low=6.0, high=9.0))
    assert [row[1] for row in made.rows] == ["2018", "2020"]
    assert all(len(row) == len(made.columns) for row in made.rows)


def rows_chart(**more: Any) -> RowsChart:
    items = (
        RowItem(
            Ref(kind="indicator", id="gdp"),
            40.0,
            Figure(value=4.0, low=3.0, high=6.0),
            (30.0, 60.0),
            (Beside(20.0, "peer", at(2020, 3.0)), Beside(55.0, "median", at(2020, 5.0))),
        ),
        RowItem(Ref(kind="indicator", id="pm25"), None, Figure()),
    )
    plain: dict[str, Any] = {"id": "rows", "title": NAME, "subtitle": NAME, "alt": NAME, "items": items}
    return RowsChart(**{**plain, **more})


def test_an_unknown_row_is_hatched_and_says_so(words: ReportWords) -> None:
    drawn = rows_chart().spec(words, 720)
    hatched = [layer for layer in drawn["layer"] if layer["mark"].get("fill") == theme.HATCH]
    assert len(hatched) == 1
    assert len(hatched[0]["data"]["values"]) == 1
    assert "not known" in json.dumps(drawn)
    marks = [row for layer in drawn["layer"] if layer["mark"]["type"] == "point" for row in layer["data"]["values"]]
    assert [row["x"] for row in marks] == [40.0]


@pytest.mark.parametrize("width", [360, 800])
def test_rows_charts_draw_at_every_width(words: ReportWords, width: int) -> None:
    ends = (Message(id="charts.end.worse"), Message(id="charts.end.better"))
    for made in (rows_chart(ends=ends), rows_chart(bars=True, lines=((33.0, NAME),))):
        svg = static_svg(made.spec(words, width), f"p{width}")
        assert f'width="{width}"' in svg
        assert "NaN" not in svg
        assert "undefined" not in svg


def test_a_static_drawing_is_slim_and_refers_to_nothing_outside(words: ReportWords) -> None:
    svg = static_svg(chart(at(2018, 5.0), at(2020, 7.0), events=(EventMark(1, 2019.0),)).spec(words, 800), "x")
    outside = [
        address for address in re.findall(r'(?:href|src|url\()\s*=?"?([^")]+)', svg) if not address.startswith("#")
    ]
    assert outside == []
    assert "http://www.w3.org/2000/svg" in svg
    assert svg.count("http") == 1
    assert "aria-label" not in svg
    assert 'class="eventmark"' in svg
    assert "not-known" not in svg


def test_a_static_drawing_does_not_depend_on_fonts_at_hand(words: ReportWords) -> None:
    spec = chart(at(2018, 5.0), at(2020, 7.0)).spec(words, 800)
    other = json.loads(json.dumps(spec).replace("sans-serif", "A font that nobody has"))
    numbers = [
        re.sub(r"font-family=\"[^\"]*\"", "", static_svg(one, "x").replace("A font that nobody has", ""))
        for one in (spec, other)
    ]
    assert re.sub(r"\s+", " ", numbers[0]) == re.sub(r"\s+", " ", numbers[1].replace(' font-family=""', ""))


def test_a_chart_that_cannot_be_drawn_is_an_error_of_ours() -> None:
    with pytest.raises(HeadframeError) as caught:
        static_svg({"mark": {"type": "no such mark"}, "data": {"values": []}, "encoding": 7}, "x")
    assert caught.value.problems[0].code == "HF601"


def test_tokens_have_both_schemes_and_unknown_ones_are_defects() -> None:
    assert "--ink:#1a1c1e;" in theme.variables(dark=False)
    assert theme.variables(dark=True) != theme.variables(dark=False)
    with pytest.raises(KeyError):
        theme.token("red")


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("name", "least"), [("ink", 7.0), ("soft", 4.5), ("link", 4.5), ("blue", 3.0), ("vermilion", 3.0), ("grey", 3.0)]
)
@pytest.mark.parametrize("scheme", [0, 1])
def test_colours_stand_out_from_the_paper(name: str, least: float, scheme: int) -> None:
    """Contrast by the formula of WCAG 2.1: text 4.5 : 1, marks 3 : 1."""
    one, two = sorted((_luminance(theme.TOKENS[name][scheme]), _luminance(theme.TOKENS["paper"][scheme])))
    assert (two + 0.05) / (one + 0.05) >= least
