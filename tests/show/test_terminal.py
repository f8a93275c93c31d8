"""The terminal summary: widths in columns, plain signs, nothing that rests on colour, nothing made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.core.errors import HeadframeError
from headframe.core.words import Words
from headframe.show.results import results_of
from headframe.show.results_bundle import Report
from headframe.show.terminal import columns, fitted, summary, wrapped
from tests.show.fake import Recipe
from tests.show.fake import report as fake_report
from tests.show.fake_evidence import place

# Signs of the plain texts that GBK lacks; consoles of that encoding show a mark in their place.
BEYOND_GBK = {"−", "²", "³", "µ"}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [40, 50, 64, 88, 100])
def test_no_line_is_wider_than_the_terminal(report: Report, languages: dict[str, Words], lang: str, width: int) -> None:
    lines = summary(report, languages[lang], width)
    assert [line for line in lines if columns(line) > width] == []
    assert lines[0].startswith("Oldmine" if lang == "en" else "老矿市")


def test_severity_is_told_by_sign_word_and_number(report: Report, languages: dict[str, Words]) -> None:
    lines = summary(report, languages["en"], 100)
    severe = next(line for line in lines if "▲ severe" in line)
    assert "█" in severe
    assert "66 (52 to 81)" in severe
    unknown = next(line for line in lines if "? not known" in line)
    assert "█" not in unknown
    assert "0" not in unknown


def test_no_escape_codes_and_mostly_within_old_chinese_consoles(report: Report, languages: dict[str, Words]) -> None:
    for lang in ("en", "zh"):
        text = "\n".join(summary(report, languages[lang], 88))
        assert "\x1b" not in text
        assert {sign for sign in text if not sign.encode("gbk", errors="ignore")} <= BEYOND_GBK


def test_what_is_missing_or_failed_is_said(languages: dict[str, Words]) -> None:
    bare = "\n".join(summary(fake_report(Recipe(measure=False, diagnose=False)), languages["en"], 88))
    assert "measure (where it stands)" in bare
    error = HeadframeError.of("HF317", "row 7", text="gpd", suggestion="gdp")
    failed = fake_report(Recipe(diagnose=False), failures={"diagnose": error}, stale=frozenset({"measure"}))
    text = "\n".join(summary(failed, languages["en"], 88))
    assert "HF317 row 7" in text
    assert "The evidence has changed" in text


def test_hostile_names_do_not_break_the_terminal(languages: dict[str, Words]) -> None:
    made = fake_report(Recipe(here=place(name_en="\x1b[31mred\x1b[0m\x07", name_zh="\u202e反")))
    for lang in ("en", "zh"):
        text = "\n".join(summary(made, languages[lang], 60))
        assert not {"\x1b", "\x07", "\u202e"} & set(text)


@given(
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=200), st.integers(10, 90)
)
def test_wrapped_lines_fit_and_keep_every_sign(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(columns(line) <= width + 2 for line in lines)  # closing punctuation may hang over
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.text(alphabet="ab 一二，。", max_size=60), st.integers(2, 40))
def test_fitted_texts_have_exactly_the_width(text: str, width: int) -> None:
    assert width - 1 <= columns(fitted(text, width)) <= width


def test_results_are_one_document_with_failures_in_both_languages() -> None:
    error = HeadframeError.of("HF317", "row 7", text="gpd", suggestion="gdp")
    failed = fake_report(Recipe(diagnose=False), failures={"diagnose": error}, stale=frozenset({"measure"}))
    found = results_of(failed)
    assert found.diagnosed is None
    assert found.measured is failed.measured
    assert found.stale == ("measure",)
    assert found.stopped[0].verb == "diagnose"
    assert found.stopped[0].problems[0].why_zh != found.stopped[0].problems[0].why_en
    schema = type(found).model_json_schema()
    assert {"place", "audited", "measured", "diagnosed", "stale", "stopped"} == set(schema["properties"])
