"""Cells: numbers in every style that tables use, marks of missing values, and what only resembles a number."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headframe.evidence.reading.cells import Reading, read
from headframe.evidence.reading.digits import POINT, Habit, habit_of, suggestion
from headframe.evidence.reading.doubt import Doubt
from headframe.evidence.reading.missing import Mark, Meaning, legend_of, mark_of
from headframe.evidence.reading.period import is_period, only_year, read_period, years_within

COMMA = Habit(",", proved=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0.0), ("504.6", 504.6), ("1,234", 1234.0), ("1，234", 1234.0), ("12,345,678.9", 12345678.9),
        ("1 234 567", 1234567.0), ("1\u00a0234", 1234.0), ("1\u2009234", 1234.0), ("1'234'567", 1234567.0),
        ("１２３", 123.0), ("１，２３４．５", 1234.5), ("－５", -5.0), ("-5", -5.0), ("−5", -5.0), ("–5", -5.0),
        ("+7", 7.0),
        ("(1,234)", -1234.0), ("（12.5）", -12.5), ("123-", -123.0), ("12.3%", 12.3), ("5‰", 5.0), ("1e5", 100000.0),
        ("1.2E-3", 0.0012), ("1.2×10^5", 120000.0), ("1.2×10⁵", 120000.0), ("123①", 123.0), ("123 1)", 123.0),
        ("123*", 123.0), ("123a", 123.0), ("123 b", 123.0), ("45.6 [1]", 45.6), ("123¹", 123.0), ("12 ep", 12.0),
        ("¥1,234", 1234.0), ("US$ 3.5", 3.5), ("  42  ", 42.0), ("\u300042\u3000", 42.0), (".5", 0.5),
    ],
)  # fmt: skip
def test_numbers(text: str, value: float) -> None:
    found = read(text)
    assert (found.nature, found.value, found.text) == ("number", value, text)


@pytest.mark.parametrize(
    ("text", "value", "qualifier", "scale", "unit"),
    [
        ("约5万", 5.0, "~", "万", ""),
        ("超过3亿元", 3.0, ">", "亿", "元"),
        ("不足100", 100.0, "<", "", ""),
        ("近3万人", 3.0, "~", "万", "人"),
        ("1000余人", 1000.0, ">", "", "人"),
        ("5000多", 5000.0, ">", "", ""),
        ("2万以上", 2.0, ">=", "万", ""),
        ("30%左右", 30.0, "~", "", "%"),
        ("about 5 million", 5.0, "~", "million", ""),
        ("more than 15,000", 15000.0, ">", "", ""),
        ("≥ 70%", 70.0, ">=", "", "%"),
        ("<0.1", 0.1, "<", "", ""),
        ("12.5亿元", 12.5, "=", "亿", "元"),
        ("3亿5000万元", 3.5, "=", "亿", "元"),
        ("0.5个百分点", 0.5, "=", "", "个百分点"),
        ("12 km", 12.0, "=", "", "km"),
    ],
)
def test_words_around_numbers_are_kept(text: str, value: float, qualifier: str, scale: str, unit: str) -> None:
    found = read(text)
    assert (found.value, found.qualifier, found.scale, found.unit) == (value, qualifier, scale, unit)


def test_ranges() -> None:
    found = read("10～20万")
    assert (found.value, found.qualifier, found.low, found.high, found.scale) == (None, "range", 10.0, 20.0, "万")
    assert (read("5%-8%").low, read("5%-8%").high, read("5%-8%").unit) == (5.0, 8.0, "%")
    assert read("20-10").nature != "number"


@pytest.mark.parametrize(
    ("text", "mark", "meaning"),
    [
        ("", Mark.EMPTY, Meaning.OPEN),
        ("   ", Mark.EMPTY, Meaning.OPEN),
        ("-", Mark.DASH, Meaning.OPEN),
        ("—", Mark.DASH, Meaning.OPEN),
        ("–", Mark.DASH, Meaning.OPEN),
        ("－", Mark.DASH, Meaning.OPEN),
        ("…", Mark.DOTS, Meaning.NEGLIGIBLE_OR_UNKNOWN),
        ("...", Mark.DOTS, Meaning.NEGLIGIBLE_OR_UNKNOWN),
        ("..", Mark.TWO_DOTS, Meaning.NOT_COLLECTED),
        ("*", Mark.ASTERISK, Meaning.OPEN),
        ("#", Mark.HASH, Meaning.OPEN),
        ("(D)", Mark.LETTER_D, Meaning.SUPPRESSED),
        (":", Mark.COLON, Meaning.NOT_COLLECTED),
        (": c", Mark.COLON, Meaning.NOT_COLLECTED),
        ("n.a.", Mark.NOT_AVAILABLE, Meaning.NOT_COLLECTED),
        ("不详", Mark.WORDS, Meaning.NOT_COLLECTED),
        ("保密", Mark.WORDS, Meaning.SUPPRESSED),
        ("不适用", Mark.WORDS, Meaning.NOT_APPLICABLE),
    ],
)
def test_each_mark_is_its_own_kind_of_missing(text: str, mark: Mark, meaning: Meaning) -> None:
    found = read(text)
    assert (found.nature, found.value, found.mark, found.meaning) == ("missing", None, mark, meaning)


def test_zero_stays_zero() -> None:
    assert [read(text).value for text in ("0", "0.0", "０", "-0")] == [0.0, 0.0, 0.0, 0.0]
    assert math.copysign(1, read("-0").value or 0.0) == 1.0


def test_a_legend_overrules_the_custom() -> None:
    legend = legend_of(
        [
            "注：“…”表示数据不足本表最小单位数；“空格”表示该项统计指标数据不详或无该项数据；“#”表示其中主要项。",
            "“-” indicates not applicable",
            "* = withheld to avoid disclosure",
        ]
    )
    assert legend == {
        Mark.DOTS: Meaning.NEGLIGIBLE,
        Mark.EMPTY: Meaning.NOT_COLLECTED,
        Mark.DASH: Meaning.NOT_APPLICABLE,
        Mark.ASTERISK: Meaning.SUPPRESSED,
    }
    assert read("…", legend=legend).meaning is Meaning.NEGLIGIBLE
    assert read("", legend=legend).meaning is Meaning.NOT_COLLECTED


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("1 1.44", "11.44"),
        ("11 13", "1113"),
        ("8659!", "86591"),
        ("6il3", "6113"),
        ("100.0()", "100.00"),
        ("1 1358", "11358"),
    ],
)
def test_what_resembles_a_number_has_no_value(text: str, guess: str) -> None:
    found = read(text)
    assert (found.nature, found.value, found.suggestion, found.doubts) == ("damaged", None, guess, (Doubt.DAMAGED,))


def test_suggestions_for_texts_in_columns_of_figures() -> None:
    assert [suggestion(text) for text in ("().13", "II", "I 1495", "O")] == ["0.13", "11", "11495", "0"]
    assert [suggestion(text) for text in ("X940", "mi", "阜新市", "")] == ["", "", "", ""]


@pytest.mark.parametrize("text", ["1,23", "12,3456", "1,234,5", "12.3.4", "1e999", "12,5"])
def test_marks_in_wrong_places_are_no_number(text: str) -> None:
    assert read(text).value is None


@pytest.mark.parametrize(
    "text", ["阜新市", "12 Main Street", "3M Company", "Type 2", "1/3", "12:30", "第一产业", "R&D"]
)
def test_texts(text: str) -> None:
    assert read(text).nature == "text"


def test_a_decimal_comma_has_to_be_proved() -> None:
    assert habit_of(["1,5", "2,25"]) == COMMA
    assert habit_of(["1.234,5"]) == COMMA
    assert habit_of(["0,512"]) == COMMA
    assert habit_of(["1,234"]) == POINT
    assert habit_of(["1,5", "1,234.5"]) == Habit(".", proved=True)
    assert habit_of(["2,345"] * 10) == Habit(".", proved=True)
    assert habit_of([]) == POINT
    assert read("1.234,5", COMMA).value == 1234.5
    assert read("1,5", COMMA).value == 1.5
    assert Doubt.ONE_GROUP in read("1,234").doubts
    assert Doubt.ONE_GROUP not in read("1,234", Habit(".", proved=True)).doubts


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2018年", "2018-01-01", "2018-12-31"),
        ("2018年末", "2018-01-01", "2018-12-31"),
        ("（2018）", "2018-01-01", "2018-12-31"),
        ("2018", "2018-01-01", "2018-12-31"),
        ("1853-1862", "1853-01-01", "1862-12-31"),
        ("2018/19", "2018-01-01", "2019-12-31"),
        ("2018年1-6月", "2018-01-01", "2018-06-30"),
        ("2018年2月", "2018-02-01", "2018-02-28"),
        ("2019M11", "2019-11-01", "2019-11-30"),
        ("2018Q3", "2018-07-01", "2018-09-30"),
        ("2018年第四季度", "2018-10-01", "2018-12-31"),
        ("2018-12-31", "2018-12-31", "2018-12-31"),
        ("2018年12月31日", "2018-12-31", "2018-12-31"),
        ("Dec-18", "2018-12-01", "2018-12-31"),
        ("FY2018", "2018-01-01", "2018-12-31"),
    ],
)
def test_periods(text: str, start: str, end: str) -> None:
    found = read_period(text)
    assert found is not None
    assert (found.start, found.end) == (start, end)
    assert read(text).value is None or text == "2018"


def test_notes_glued_to_years() -> None:
    known = frozenset({"8", "9", "10"})
    found = [read_period(text, known) for text in ("19428", "19488,9", "199510", "1913-19228,9")]
    assert [(one.start[:4], one.notes) for one in found if one] == [
        ("1942", ("8",)), ("1948", ("8", "9")), ("1995", ("10",)), ("1913", ("8", "9")),
    ]  # fmt: skip
    assert read_period("19427", known) is None
    assert read_period("19428") is None


@pytest.mark.parametrize("text", ["", "5", "504.6", "2018.5", "2018-13", "1853-1850", "Xyz-18", "阜新市", "20181"])
def test_no_periods(text: str) -> None:
    assert read_period(text) is None
    assert not is_period(text)


def test_years_inside_texts() -> None:
    assert years_within("中国2018年地级以上城市数据") == (2018,)
    assert years_within("2010年=100 的 2018 年指数") == (2018,)
    assert years_within("UnempRate2018") == (2018,)
    assert only_year("2018 p") == 2018
    assert only_year("2018年数据") is None


# Printing a number in each style and reading it back gives the number.
PRINTED = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False).map(lambda number: round(number, 4))


def grouped(number: float, mark: str, decimal: str = ".") -> str:
    text = f"{number:,.4f}".replace(",", "G").replace(".", decimal)
    return text.replace("G", mark)


@given(PRINTED)
@example(0.0)
@example(-0.0001)
@example(999.9999)
@example(1e12)
def test_reading_back_what_was_printed(number: float) -> None:
    plain = f"{number:.4f}"
    wide = plain.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789.-"})
    styles = {
        plain, wide, grouped(number, ","), grouped(number, "，"), grouped(number, " "), grouped(number, "\u00a0"),
        grouped(number, "'"), f" {plain} ", f"{plain}①", f"{plain} 1)", f"{plain}*", f"{plain}%", f"{plain} b",
    }  # fmt: skip
    for text in styles:
        assert read(text).value == pytest.approx(number, abs=1e-9), text
    if number < 0:
        assert read(f"({-number:.4f})").value == pytest.approx(number)
        assert read(f"（{grouped(-number, ',')}）").value == pytest.approx(number)
    for text in (grouped(number, ".", ","), grouped(number, " ", ",")):
        assert read(text, COMMA).value == pytest.approx(number, abs=1e-9), text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_reading_back_the_shortest_form(number: float) -> None:
    text = repr(number)
    if len(text) <= 30:
        assert read(text).value == number, text


@given(st.integers(1, 10**6), st.sampled_from(["万", "亿", "百万", "千万"]), st.sampled_from(["", "元", "人", "吨"]))
def test_scale_words_never_change_the_printed_number(number: int, scale: str, unit: str) -> None:
    found = read(f"{number}{scale}{unit}")
    assert (found.value, found.scale, found.unit) == (float(number), scale, unit)
    assert found.factor == {"万": 1e4, "亿": 1e8, "百万": 1e6, "千万": 1e7}[scale]


@given(st.text(max_size=40))
def test_any_text_has_a_reading(text: str) -> None:
    found = read(text)
    assert isinstance(found, Reading)
    assert found.text == text
    assert (found.nature == "missing") == (found.mark is not None)
    if found.value is not None:
        assert math.isfinite(found.value)
        assert found.nature == "number"
    if mark_of(text) is not None:
        assert found.value is None
