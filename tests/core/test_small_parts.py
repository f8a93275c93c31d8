"""Errors, axes, seeds, jobs, run records, figures and words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.core.axes import Axis
from headframe.core.errors import HeadframeError, Problems, error_texts
from headframe.core.jobs import Cancel
from headframe.core.provenance import run_record
from headframe.core.results import Figure, Message, Ref
from headframe.core.seeds import generator
from headframe.core.words import Words

TEXTS = {
    "figure.not-known": "not known",
    "figure.about": "about {value}",
    "figure.above": "more than {value}",
    "figure.below": "less than {value}",
    "figure.at-least": "at least {value}",
    "figure.at-most": "at most {value}",
    "figure.range": "{low}–{high}",
    "counted": {"one": "{n} heap", "other": "{n} heaps"},
    "named": "{indicator} of {figure}",
}
NAMES = {"indicator": {"gdp": "Gross product"}, "unit": {"CNY": "yuan", "%": "%"}}
ENGLISH, CHINESE = Words("en", TEXTS, NAMES), Words("zh", TEXTS, NAMES)


def test_axis_suggests_the_closest_label() -> None:
    axis = Axis("sector", ("coal", "tourism"))
    assert axis.position("tourism") == 1
    with pytest.raises(HeadframeError, match="tourism") as raised:
        axis.position("turism")
    assert raised.value.problems[0].code == "HF106"


def test_problems_are_bounded_and_counted() -> None:
    problems = Problems(keep=3)
    for row in range(10):
        problems.add("HF101", f"row {row}", unit="x")
    assert len(problems) == 3
    assert problems.counts == {"HF101": 10}
    other = Problems()
    other.extend(problems)
    assert other.counts == {"HF101": 10}
    with pytest.raises(HeadframeError, match="row 2"):
        problems.raise_if_any()


def test_warnings_alone_raise_nothing() -> None:
    problems = Problems()
    problems.add("HF334", "folder", severity="warning")
    problems.raise_if_any()


def test_every_error_text_fills_in_both_languages() -> None:
    for code, entry in error_texts().items():
        for language in ("en", "zh"):
            assert entry[language]["why"].strip(), code
            assert entry[language]["fix"].strip(), code


@given(st.integers(0, 2**32 - 1), st.text(max_size=8), st.text(max_size=8))
def test_draws_depend_on_seed_and_purpose_alone(seed: int, one: str, other: str) -> None:
    first = generator(seed, "meter", one).random(4)
    generator(seed, "peers", one).random(100)
    assert (first == generator(seed, "meter", one).random(4)).all()
    if one != other:
        assert (first != generator(seed, "meter", other).random(4)).any()


def test_seed_zero_is_a_seed() -> None:
    assert (generator(0, "x").random(3) != generator(1, "x").random(3)).all()


def test_cancel_is_seen() -> None:
    cancel = Cancel()
    cancel.check()
    cancel.request()
    with pytest.raises(HeadframeError) as raised:
        cancel.check()
    assert raised.value.problems[0].code == "HF116"


def test_run_record_hashes_what_matters() -> None:
    record = run_record("measure", {"fuxin": "abc"}, {"draws": 10}, 0)
    assert record == run_record("measure", {"fuxin": "abc"}, {"draws": 10}, 0)
    others = [
        run_record("diagnose", {"fuxin": "abc"}, {"draws": 10}, 0),
        run_record("measure", {"fuxin": "abd"}, {"draws": 10}, 0),
        run_record("measure", {"fuxin": "abc"}, {"draws": 11}, 0),
        run_record("measure", {"fuxin": "abc"}, {"draws": 10}, 1),
    ]
    assert len({record.id, *(other.id for other in others)}) == 5


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (1234567, "1.235 million", "123.5万"),
        (12360, "12,400", "1.236万"),
        (0, "0", "0"),
        (-0.0456, "−0.0456", "−0.0456"),
        (2.5e8, "250 million", "2.5亿"),
        (6.02e10, "60.2 billion", "602亿"),
    ],
)
def test_numbers_for_readers(value: float, english: str, chinese: str) -> None:
    assert ENGLISH.number(value) == english
    assert CHINESE.number(value) == chinese


@given(st.floats(-1e14, 1e14), st.sampled_from([ENGLISH, CHINESE]))
def test_printed_number_is_close_to_the_number(value: float, words: Words) -> None:
    shown = words.number(value, digits=4).replace(",", "").replace("−", "-")
    scales = {" trillion": 1e12, " billion": 1e9, " million": 1e6, "万亿": 1e12, "亿": 1e8, "万": 1e4, "": 1.0}
    suffix, size = next((mark, size) for mark, size in scales.items() if shown.endswith(mark))
    assert float(shown.removesuffix(suffix)) * size == pytest.approx(value, rel=6e-4, abs=1e-300)


def test_missing_is_never_printed_as_zero() -> None:
    assert ENGLISH.figure(Figure(unit="CNY")) == "not known"


def test_qualifiers_ranges_and_digits_follow_the_interval() -> None:
    assert ENGLISH.figure(Figure(value=60, qualifier=">", unit="%")) == "more than 60%"
    assert ENGLISH.figure(Figure(low=7, high=9, unit="%")) == "7–9%"
    assert ENGLISH.figure(Figure(low=7, unit="CNY")) == "at least 7 yuan"
    assert ENGLISH.figure(Figure(value=48.8274, low=30, high=70, unit="%")) == "49%"


def test_plurals_names_and_nested_figures() -> None:
    assert ENGLISH.say("counted", n=1) == "1 heap"
    assert ENGLISH.say("counted", n=28) == "28 heaps"
    message = Message(id="named", values={"indicator": Ref(kind="indicator", id="gdp"), "figure": Figure(unit="CNY")})
    assert ENGLISH.say(message) == "Gross product of not known"
    with pytest.raises(KeyError):
        ENGLISH.say("absent")


def test_qualifiers_take_the_unit_along_and_tonnes_are_written_as_each_language_does() -> None:
    heap = Figure(value=200, low=200, qualifier=">", unit="Mt")
    named = {"unit": {"Mt": "million t", "t": "吨", "%": "%"}}
    assert Words("en", TEXTS, named).figure(heap) == "more than 200 million t"
    assert Words("zh", {**TEXTS, "figure.above": "超过{value}"}, named).figure(heap) == "超过2亿吨"
    assert CHINESE.figure(Figure(value=80, qualifier=">", unit="%")) == "more than 80%"
