"""Whatever stands in a cell, matching answers: bounded in time, without a traceback, and never with a wrong place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.evidence.importing.extract import PrintedPlace
from headframe.evidence.places import gazetteer
from headframe.evidence.places.normal import taken_apart

KNOWN = gazetteer()
HOSTILE = {
    "empty": "",
    "spaces": " \t\u3000\u00a0",
    "nul": "抚\x00顺\x00市",
    "controls": "\x1b[31m\u202e\u2066",
    "surrogate": "\ud800",
    "long-chinese": "抚" * 100_000,
    "long-latin": "a" * 100_000,
    "long-spaces": " " * 100_000,
    "long-brackets": "(" * 100_000,
    "number": "123456.78",
    "minus": "-",
    "dots": "…",
    "formula": '=HYPERLINK("http://x","抚顺市")',
    "injection": "+cmd|' /C calc'!A0",
    "emoji": "🏭🏭",
    "one-character": "市",
    "suffixes": "市地区自治州盟县区",
    "combining": "e" + "\u0301" * 150,
    "path": "../../etc/passwd",
    "full-width-digits": "１２３４５６",
    "superscript": "²³",
    "roman": "Ⅻ",
    "braces": "{name} {0} %s",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_names_and_codes_get_an_answer(text: str) -> None:
    for match in (
        KNOWN.match(text),
        KNOWN.match(text, year=2010, level="prefecture"),
        KNOWN.match("抚顺市", code=text),
        KNOWN.match("抚顺市", section=text),
        KNOWN.match("抚顺市", country=text),
        KNOWN.match("抚顺市", level=text or "prefecture"),
    ):
        assert len(match.printed) <= 210
        assert match.settled == (match.question is None)
        assert match.place_id == "" or match.place_id in KNOWN
    assert KNOWN.by_code(text) == () or text.strip()
    assert isinstance(KNOWN.suggestions(text[:1000]), tuple)


def test_controls_between_characters_are_no_part_of_a_name() -> None:
    assert KNOWN.match("抚\x00顺\u200b市").place_id == "fushun"
    assert taken_apart("x" * 201).empty


@pytest.mark.parametrize("name", ["formula", "number", "emoji", "one-character", "long-chinese", "path"])
def test_what_is_no_name_has_no_place(name: str) -> None:
    match = KNOWN.match(HOSTILE[name])
    assert match.place_id == ""
    assert match.question is not None


@given(st.text(max_size=40), st.text(max_size=12), st.text(max_size=12))
def test_any_text_gets_an_answer(name: str, code: str, section: str) -> None:
    match = KNOWN.match(name, code=code, section=section)
    assert (match.confidence > 0) == match.settled
    assert match.place_id == "" or match.place_id in KNOWN
    assert match == KNOWN.match(name, code=code, section=section)


@given(st.text(alphabet="抚顺市吉林省朝阳区通州地安徽宿苏 （）()①1Fushun,'-", max_size=14))
def test_nearly_right_text_never_settles_a_place_that_it_does_not_name(name: str) -> None:
    match = KNOWN.match(name)
    if match.place_id and match.how in {"exact", "short"}:
        place = KNOWN.one(match.place_id)
        names = {place.name_zh, place.short, *place.aliases, *(dated.text for dated in place.names)}
        bare = "".join(c for c in name if "\u4e00" <= c <= "\u9fff")
        assert any(known in bare for known in names)


def test_ten_thousand_names_do_not_take_longer_each_than_one() -> None:
    """Counted in calls of one name, so that the speed of the machine does not matter."""
    cities = [place.name_zh for place in KNOWN.places.values() if place.level == "prefecture"]
    printed = [PrintedPlace(f"{name}{number}", "", "") for number in range(30) for name in cities][:10_000]
    unknown = [PrintedPlace(f"某{number}{name}", "", "") for number in range(30) for name in cities][:10_000]
    KNOWN.match_all(printed[:100])
    start = time.process_time()
    for place in printed[:500]:
        KNOWN.match(place.name)
    one_by_one = (time.process_time() - start) / 500
    for listed in (printed, unknown):
        start = time.process_time()
        assert len(KNOWN.match_all(listed).matches) == 10_000
        each = (time.process_time() - start) / 10_000
        print(f"10,000 names: {each * 1e6:.0f} µs each (one by one {one_by_one * 1e6:.0f} µs)")
