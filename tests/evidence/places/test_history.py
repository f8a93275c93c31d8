"""Lineage: what became of places, whether years can be compared, NUTS codes between vintages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.core.errors import HeadframeError
from headframe.evidence.places import gazetteer, guess_vintage, level_of, recode
from headframe.evidence.places.load import VINTAGES, builtin

KNOWN = gazetteer()
NUTS2 = sorted({code.code for code in builtin().nuts if len(code.code) == 4})


@pytest.mark.parametrize(
    ("place", "year", "ids"),
    [
        ("chaohu-prefecture", 2010, ("chaohu-prefecture",)),
        ("chaohu-prefecture", 2015, ("hefei", "wuhu", "maanshan")),
        ("laiwu", 2022, ("jinan",)),
        ("wanxian", 2000, ("chongqing",)),
        ("shashi", 2000, ("jingzhou",)),
        ("meishan", 1995, ("leshan",)),
        ("nanning-prefecture", 2005, ("chongzuo", "nanning")),
        ("us-51515", 2015, ("us-51019",)),
        ("us-02261", 2020, ("us-02063", "us-02066")),
        ("us-02231", 2010, ("us-02282", "us-02105", "us-02230")),
        ("us-08014", 2000, ("us-08001", "us-08013", "us-08059", "us-08123")),
        ("nuts-pl12", 2018, ("nuts-pl91", "nuts-pl92")),
        ("fushun", 2020, ("fushun",)),
    ],
)
def test_successors_and_predecessors(place: str, year: int, ids: tuple[str, ...]) -> None:
    assert KNOWN.successor(place, year).ids == ids


def test_connecticut_has_planning_regions_since_2022() -> None:
    found = KNOWN.successor("us-09001", 2023)
    assert len(found.ids) == 9
    assert all(place.startswith("us-091") for place in found.ids)
    assert not KNOWN.comparable("us-09001", 2020, 2023).same


@pytest.mark.parametrize(
    ("place", "years", "same"),
    [
        ("hefei", (2010, 2011), False),
        ("hefei", (2011, 2019), True),
        ("hefei", (2005, 2010), True),
        ("jinan", (2018, 2019), False),
        ("tongling", (2014, 2015), False),
        ("chengdu", (2015, 2016), False),
        ("changchun", (2019, 2020), False),
        ("xiangyang", (2005, 2015), True),
        ("puer", (2001, 2020), True),
        ("chongqing", (1996, 1998), False),
        ("fushun", (2000, 2020), True),
        ("chaohu-prefecture", (2009, 2015), False),
        ("us-46102", (2010, 2018), True),
        ("us-08001", (2000, 2005), False),
        ("nuts-el53", (2010, 2018), True),
    ],
)
def test_comparable_years(place: str, years: tuple[int, int], same: bool) -> None:
    found = KNOWN.comparable(place, *years)
    assert found.same is same
    assert KNOWN.comparable(place, years[1], years[0]).same is same
    assert bool(found.breaks) == (not same)


def test_changes_between_are_told_even_where_boundaries_stay() -> None:
    found = KNOWN.comparable("puer", 2001, 2010)
    assert [change.kind for change in found.changes] == ["upgraded", "rename"]
    assert found.changes[1].date == "2007-01-21"
    assert "普洱" in found.changes[1].note("zh")
    assert all(change.note("en") and change.source for change in found.changes)


def test_before_2000_chinese_boundaries_are_not_known_in_full() -> None:
    assert not KNOWN.comparable("fushun", 1995, 2020).complete
    assert KNOWN.comparable("fushun", 2000, 2020).complete


def test_unknown_ids_and_vintages_are_refused() -> None:
    for wrong in (
        lambda: KNOWN.changes("nowhere"),
        lambda: KNOWN.one("fushnu"),
        lambda: KNOWN.comparable("us-01999", 2000, 2001),
        lambda: recode("EL13", 2010, 2011),
        lambda: recode("EL13", 2021, 2024),
    ):
        with pytest.raises(HeadframeError) as caught:
            wrong()
        assert [problem.code for problem in caught.value.problems] == ["HF394"]
    with pytest.raises(HeadframeError) as near:
        KNOWN.one("fushnu")
    assert "fushun" in near.value.problems[0].fix("en")


@pytest.mark.parametrize(
    ("code", "vintages", "targets", "exact"),
    [
        ("EL13", (2010, 2021), ("EL53",), True),
        ("GR13", (2003, 2024), ("EL53",), True),
        ("EL53", (2021, 2003), ("GR13",), True),
        ("FR21", (2013, 2016), ("FRF2",), True),
        ("FR91", (2010, 2021), ("FRY1",), True),
        ("PL12", (2013, 2016), ("PL91", "PL92"), False),
        ("HU11", (2016, 2013), ("HU10",), False),
        ("SI01", (2010, 2013), ("SI03", "SI04"), False),
        ("SI02", (2010, 2013), ("SI04",), False),
        ("HR02", (2010, 2021), ("HR02", "HR05", "HR06"), False),
        ("UKI1", (2010, 2013), ("UKI3", "UKI4"), False),
        ("DE41", (2006, 2010), ("DE40",), False),
        ("DE11", (2003, 2024), ("DE11",), True),
        ("IE", (2003, 2024), ("IE",), True),
    ],
)
def test_recoding(code: str, vintages: tuple[int, int], targets: tuple[str, ...], exact: bool) -> None:
    found = recode(code, *vintages)
    assert (found.targets, found.exact) == (targets, exact)


@given(st.sampled_from(NUTS2), st.sampled_from(VINTAGES), st.sampled_from(VINTAGES))
def test_what_is_recoded_exactly_comes_back(code: str, one: int, other: int) -> None:
    if not any(known.code == code and known.valid(one) for known in builtin().nuts):
        with pytest.raises(HeadframeError):
            recode(code, one, other)
        return
    found = recode(code, one, other)
    left_the_union = code.startswith("UK") and other == 2024
    assert found.targets
    for target in found.targets:
        valid = any(known.code == target and known.valid(other) for known in builtin().nuts)
        assert valid or left_the_union or not any(k.valid(other) for k in builtin().nuts if k.code[:2] == target[:2])
    if (
        found.exact
        and not left_the_union
        and any(k.code == found.targets[0] and k.valid(other) for k in builtin().nuts)
    ):
        assert recode(found.targets[0], other, one).targets == (code,)


def test_regions_of_each_vintage_are_as_many_as_the_regulations_list() -> None:
    """Totals of NUTS 2 regions that Eurostat states for each classification (Croatia counted from 2006)."""
    outside = {"AL", "CH", "IS", "LI", "ME", "MK", "NO", "RS", "TR"}
    counted = {
        vintage: sum(len(c.code) == 4 and c.valid(vintage) and c.code[:2] not in outside for c in builtin().nuts)
        for vintage in VINTAGES
    }
    assert counted == {2003: 254, 2006: 271 + 3, 2010: 270 + 3, 2013: 276, 2016: 281, 2021: 242 + 41, 2024: 244}


def test_the_vintage_of_a_set_of_codes() -> None:
    assert guess_vintage(["FR21", "EL13", "HU10"]).best == (2010,)
    assert guess_vintage(["EU27_2020", "PL91", "HR04", "HU11"]).best == (2016,)
    mixed = guess_vintage(["EL53", "EL13", "DE11", "FRF2", "ATZZ", "XY99"])
    assert mixed.best[-1] == 2024
    assert mixed.misfits == ("EL13",)
    assert mixed.unknown == ("XY99",)
    assert guess_vintage([]).best == ()
    assert [level_of(code) for code in ("DE", "DE1", "DE11", "DE111", "DE1111")] == [0, 1, 2, 3, None]


@given(st.sampled_from(sorted(KNOWN.places)), st.integers(1980, 2030))
def test_lineage_ends_in_places_of_the_year(place: str, year: int) -> None:
    found = KNOWN.successor(place, year)
    assert all(KNOWN.one(other).exists(year) for other in found.ids)
    if KNOWN.one(place).exists(year):
        assert found.ids == (place,)


@given(st.sampled_from(sorted(KNOWN.places)), st.integers(1990, 2025), st.integers(1990, 2025), st.integers(1990, 2025))
def test_comparable_over_a_span_is_comparable_over_its_parts(place: str, a: int, b: int, c: int) -> None:
    early, middle, late = sorted((a, b, c))
    parts = KNOWN.comparable(place, early, middle).same and KNOWN.comparable(place, middle, late).same
    assert KNOWN.comparable(place, early, late).same == parts or not KNOWN.one(place).exists(middle)
    assert KNOWN.comparable(place, early, early).same == KNOWN.one(place).exists(early)
