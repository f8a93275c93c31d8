"""The mapping file: written, read strictly, used again on another edition."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError
from headframe.evidence.check import NAMED
from headframe.evidence.importing.mapping import (
    Defaults,
    Mapping,
    PeriodRule,
    SeriesRule,
    SourceRule,
    accepted,
    read_mapping,
)
from headframe.evidence.importing.mapping_text import mapping_text
from headframe.evidence.importing.matches import Ask
from headframe.evidence.importing.matching import match
from headframe.evidence.importing.reuse import compare, updated
from tests.evidence.importing.made import codes, extract_of, mapping_of

HEAD = ["城市", "年末户籍人口（万人）", "地区生产总值（万元）", "年末总人口（万人）"]
FIRST = [HEAD, ["阜新市", 186.2, 4_881_000.0, 186.0], ["抚顺市", 210.7, 8_471_000.0, 211.0]]
PRINTED = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=12)  # whatever a file can hold
TEXTS = st.text(alphabet=st.characters(exclude_categories=("C", "Z")), max_size=12)


def _refused(text: str) -> list[str]:
    with pytest.raises(HeadframeError) as caught:
        read_mapping(text, "m.toml", catalog())
    return codes(caught)


def test_what_is_written_is_read_again() -> None:
    extract = extract_of(FIRST)
    mapping = mapping_of(extract)
    text = mapping_text(mapping, extract)
    assert read_mapping(text, "m.toml", catalog()) == mapping
    assert "# 年末户籍人口 [万人]; 2: 186.2 – 210.7" in text
    assert mapping_text(read_mapping(text, "m.toml", catalog()), extract) == text


@given(
    name=PRINTED,
    places=st.dictionaries(TEXTS, TEXTS, max_size=4),
    key=PRINTED.filter(bool),
    printed=PRINTED,
    sign=st.sampled_from((1, -1)),
    year=st.none() | st.integers(1900, 2100),
    offset=st.integers(-3, 3),
)
def test_any_mapping_survives_writing(
    name: str, places: dict[str, str], key: str, printed: str, sign: int, year: int | None, offset: int
) -> None:
    rule = SeriesRule(key, "gdp", "10000 CNY", "", "whole-city", "nominal", sign, ask=("unit",), printed=printed)
    mapping = Mapping(
        name=name,
        source=SourceRule("s", "t\\\"'"),
        period=PeriodRule(year, offset),
        defaults=Defaults(vintage="2024"),
        series=(rule, SeriesRule(key + "x", skip=True)),
        places={key_: value for key_, value in places.items() if key_.isprintable() and value.isprintable()},
        meanings={"dash": "negligible"},
    )
    assert read_mapping(mapping_text(mapping), "m.toml", catalog()) == mapping


def test_text_that_is_no_toml() -> None:
    assert _refused("name = ") == ["HF451"]
    assert _refused("[" * 5000) == ["HF451"]
    assert _refused('name = "a\x00b"') == ["HF451"]


def test_every_problem_is_told_at_once() -> None:
    text = """
nam = "x"
[period]
year = "2018"
[defaults]
status = "ZZ"
[[series]]
key = "a"
indicator = "gpd"
[[series]]
key = "a"
indicator = "gdp"
unit = "person"
sign = 2
skip = "no"
ask = ["nothing"]
concept = "resident;residnt"
price_basis = "real"
dims = "sector"
[meanings]
dash = "nothing-much"
"""
    found = _refused(text)
    assert {code: found.count(code) for code in sorted(set(found))} == {
        "HF452": 1,
        "HF453": 8,
        "HF454": 2,
        "HF455": 1,
        "HF456": 1,
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[[series]]\nkey = "a"\nindicator = "gdp"\nunit = "10000 CNY"', "HF455"),  # money without a price basis
        ('[[series]]\nkey = "a"\nindicator = "gdp"\nunit = "万元元"\nprice_basis = "nominal"', "HF455"),
        ('[[series]]\nkey = "a"', "HF453"),
        ("series = 3", "HF453"),
        ("places = 3", "HF453"),
        ('source = {source = "x"}', "HF452"),
        ('[[series]]\nkey = ""\nskip = true', "HF453"),
        ("name = 3", "HF453"),
        ("[period]\noffset = 99999", "HF453"),
    ],
    ids=(
        "no-prices",
        "no-unit",
        "no-target",
        "series-number",
        "places-number",
        "source-key",
        "no-key",
        "name",
        "offset",
    ),
)
def test_single_faults(text: str, code: str) -> None:
    assert code in _refused(text)


def test_questions_are_answered_by_removing_them() -> None:
    mapping = mapping_of(extract_of(FIRST))
    asked = {rule.key: rule.ask for rule in mapping.series}
    assert asked == {"年末户籍人口": (), "地区生产总值": (), "年末总人口": ("concept",)}
    assert accepted(mapping).by_key["年末总人口"].ask == ("concept",), (
        "nothing tells the concept, so nothing accepts it"
    )
    unsaid = mapping_of(extract_of([["城市", "年末户籍人口"], ["阜新市", 186.2], ["抚顺市", 210.7]]))
    assert unsaid.series[0].ask == ("unit",)
    assert accepted(unsaid).series[0].ask == ()
    assert accepted(unsaid, asks=[str(Ask.CONCEPT)]).series[0].ask == ("unit",)
    assert accepted(unsaid, keys=["another"]).series[0].ask == ("unit",)


def test_another_edition_is_compared() -> None:
    mapping = mapping_of(extract_of(FIRST))
    head = ["城市", "年末户籍人口（万人）", "地区生产总值（亿元）", "医院床位数（张）"]
    later = extract_of([head, ["阜新市", 185.0, 500.1, 9000], ["抚顺市", 208.1, 860.0, 12_000]])
    told = compare(mapping, later)
    assert (told.absent, told.new, told.kept) == (("年末总人口",), ("医院床位数",), 1)
    assert [(change.key, change.before, change.now) for change in told.changed] == [("地区生产总值", "万元", "亿元")]
    fresh, again = updated(mapping, later, match(later, catalog()))
    assert again == told
    assert fresh.by_key["地区生产总值"].unit == "100000000 CNY"
    assert fresh.by_key["年末户籍人口"] == mapping.by_key["年末户籍人口"]
    assert fresh.by_key["医院床位数"].indicator == "hospital_beds"
    assert "年末总人口" in fresh.by_key, "a rule stays for other editions"
    assert compare(fresh, later).changed == ()


def test_a_decision_is_kept_when_the_edition_is_alike() -> None:
    """A person who corrected a unit is not asked again as long as the file prints the same."""
    extract = extract_of([["城市", "人口自然增长率（%）"], ["阜新市", 6.1], ["抚顺市", 7.2]])
    mapping = mapping_of(extract)
    decided = replace(mapping, series=(replace(mapping.series[0], unit="‰", ask=()),))
    fresh, told = updated(decided, extract, match(extract, catalog()))
    assert told.whole
    assert fresh == decided


def test_a_unit_that_is_only_written_otherwise_has_not_changed() -> None:
    mapping = mapping_of(extract_of([["城市", "地区生产总值（万元）"], ["阜新市", 1e6], ["抚顺市", 2e6]]))
    for head, changed in (
        ("地区生产总值（10 000 yuan）", 0),
        ("地区生产总值（千元）", 1),
        ("地区生产总值（万美元）", 1),
    ):
        later = extract_of([["城市", head], ["阜新市", 1e6], ["抚顺市", 2e6]])
        assert len(compare(mapping, later).changed) == changed, head


def test_a_unit_that_is_none_of_the_indicator_is_no_answer() -> None:
    """What is accepted is kept in the folder, and every later import reads it."""
    rule = SeriesRule(
        "人口", "population_resident", "100000000 CNY", "", "whole-city;resident", "nominal", ask=("unit",)
    )
    known = accepted(Mapping(series=(rule,)), catalogue=catalog())
    assert known.series[0].ask == ("unit",)
    assert read_mapping(mapping_text(known), "m.toml", catalog()) == known
    fitting = accepted(Mapping(series=(replace(rule, unit="10000 person"),)), catalogue=catalog())
    assert fitting.series[0].ask == ()


@pytest.mark.parametrize("text", ["a\u202eb", "a\nb", "a\x07b", "a\u2028b"])
def test_what_is_no_printed_text_has_no_control_characters(text: str) -> None:
    assert _refused(mapping_text(Mapping(source=SourceRule("s", title=text)))) == ["HF453"]
    wide = Mapping(name=text, source=SourceRule("s", title="中国　统计\ue000"))
    assert read_mapping(mapping_text(wide), "m.toml", catalog()) == wide


DOTS = {
    "dotted": "a" + ".b" * 60_000 + " = 1",
    "brackets": "a = " + "[" * 60_000,
    "after-texts": 'a = ["""\n\'""", {b' + ".b" * 60_000 + " = 1}] # '",
    "four-quotes": 'a = ["""x"""", {b' + ".b" * 60_000 + " = 1}]",
    "after-comment": "# it's\na" + ".b" * 60_000 + " = 1 # '",
    "quotes": '"' + '\\"' * 1_000_000 + "\\",
}


@pytest.mark.parametrize("text", DOTS.values(), ids=DOTS)
def test_a_mapping_of_dots_and_quotes_is_refused_soon(text: str) -> None:
    start = time.perf_counter()
    assert _refused(text) == ["HF451"]
    assert time.perf_counter() - start < 5


def test_dots_and_brackets_in_printed_texts_are_read() -> None:
    printed = "总人口" + "." * 500 + "[" * 500
    text = f'[places]\n"{printed}" = "fuxin"\n\'{printed}\' = "x" # {printed}\n'.replace("'总", "'甲总")
    assert list(read_mapping(text, "m.toml", catalog()).places) == [printed, f"甲{printed}"]


def test_a_hundred_thousand_unknown_names_are_told_soon() -> None:
    series = "".join(f'[[series]]\nkey = "{n}"\nindicator = "gross_domestic_{n}"\n' for n in range(50_000))
    keys = "".join(f"unit_{n} = 1\n" for n in range(50_000))
    start = time.perf_counter()
    told = _refused(f"{keys}{series}")
    assert time.perf_counter() - start < 20
    assert (told.count("HF452"), told.count("HF454")) == (NAMED, NAMED)
