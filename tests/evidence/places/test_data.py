"""The data files of the gazetteer: ids that stay, complete rows, sources that are listed."""

from __future__ import annotations

import csv
import re

from hypothesis import given
from hypothesis import strategies as st

from headframe.evidence.folder import BUILTIN, builtin_places
from headframe.evidence.place import is_place_id, read_place
from headframe.evidence.places import KnownPlace, gazetteer
from headframe.evidence.places.load import builtin, county, rows

KNOWN = gazetteer()
CHINA = rows("china.csv")
PLACES = sorted(KNOWN.places.values(), key=lambda place: place.id)
NAMED = [place for place in PLACES if place.kind != "nuts"]


def test_the_ids_of_the_registry_stay_with_name_and_code() -> None:
    with (BUILTIN / "registry.csv").open(encoding="utf-8-sig", newline="") as lines:
        registry = list(csv.DictReader(lines))
    for row in registry:
        place = KNOWN.one(row["place_id"])
        assert (place.name_zh, place.code, place.kind) == (row["name_zh"], row["gb_code"], row["kind"])
        assert place.level == row["level"]
        assert place.name_en == row["name_en"]
        assert KNOWN.one(place.parents[-1]).country == "CHN"
        match = KNOWN.match(row["name_zh"], section=row["province_zh"], year=2013)
        assert match.place_id == row["place_id"]
    assert len(registry) == 262


def test_the_built_in_city_folders_have_their_places() -> None:
    for slug in builtin_places():
        folder = read_place(BUILTIN / slug)
        place = KNOWN.one(folder.id)
        assert place.name_zh == folder.name_zh or place.level == "country"
        assert place.name_en.startswith(folder.name_en.split(" (")[0])
        assert place.country == folder.country
        assert not folder.gb_code or folder.gb_code in {place.code, "100000"}


def test_numbers_of_places() -> None:
    now = [place for place in PLACES if place.country == "CHN" and place.exists(None)]
    kinds = {kind: sum(place.kind == kind for place in now) for kind in {place.kind for place in now}}
    assert kinds["prefecture_city"] == 293
    assert kinds["prefecture_area"] == 7
    assert kinds["autonomous_prefecture"] == 30
    assert kinds["league"] == 3
    assert sum(place.level == "province" for place in now) == 34
    then = [place for place in PLACES if place.level == "prefecture" and place.exists(1990)]
    assert len(then) > 330
    states = [state for state in builtin().states.values() if int(state.fips) <= 56]
    assert len(states) == 51
    assert sum(len(state.counties) for state in states) == 3144  # 2022: 3,143 and one, Connecticut counted anew


def test_every_row_is_complete() -> None:
    sources = {row["id"] for row in rows("sources.csv")}
    assert len({row["place_id"] for row in CHINA}) == len(CHINA)
    for row in CHINA:
        assert is_place_id(row["place_id"])
        assert row["name_en"]
        assert row["short"]
        assert row["pinyin"]
        assert re.fullmatch(r"(\d{6})?", row["code"])
        assert row["source"] in sources
        assert 15 < float(row["latitude"]) < 54
        assert 73 < float(row["longitude"]) < 136
        assert all(parent in KNOWN for parent in row["parent"].split(";"))
    for name in ("china_events.csv", "us_changes.csv", "nuts_changes.csv"):
        for row in rows(name):
            assert row["source"] in sources
            assert row["checked"] in {"compared", "unverified"}
            assert row["kind"] in {"rename", "recode", "upgraded", "split", "merger", "boundary", "abolished"}
    for place in PLACES:
        assert is_place_id(place.id)
        assert place.name_en
        assert place.name_zh


def test_codes_stand_for_one_place_of_now() -> None:
    codes = [row["code"] for row in CHINA if row["code"] and not row["last"]]
    assert len(set(codes)) == len(codes)
    for place in PLACES:
        if place.code and place.exists(None) and place.country == "CHN":
            found = KNOWN.match("", code=place.code, country="CHN")
            assert found.place_id == place.id


def test_changes_name_places_of_their_time() -> None:
    for change in builtin().changes:
        for place in (*change.from_ids, *change.to_ids):
            assert place in KNOWN, change
        assert change.kind not in {"merger", "abolished"} or change.from_ids != change.to_ids


def test_county_codes_follow_the_rule_of_their_state() -> None:
    states = builtin().states
    assert county("us-01001", states)
    assert county("us-51515", states)
    assert county("us-46113", states)
    assert county("us-01002", states) is None
    assert county("us-99001", states) is None
    assert county("us-0100１", states) is None
    assert county("us-", states) is None


def _leads_to(name: str, place: KnownPlace) -> bool:
    """Whether the name leads to the place, or to a question with it, in a year when the place existed."""
    year = int(place.last[:4]) - 1 if place.last else None
    match = KNOWN.match(name, year=year)
    return place.id in {match.place_id, *match.candidates}


@given(st.sampled_from(NAMED))
def test_every_name_leads_to_its_place_or_a_question_that_holds_it(place: KnownPlace) -> None:
    assert _every_name_leads(place)


def test_all_names_lead_to_their_place_or_a_question_that_holds_it() -> None:
    wrong = [place.id for place in NAMED if not _every_name_leads(place)]
    assert wrong == []


def _every_name_leads(place: KnownPlace) -> bool:
    names = [place.name_zh, place.name_en, *place.aliases, *(name.text for name in place.names)]
    names += [place.short] if place.kind not in {"county", "autonomous_county"} else []
    names.append(place.pinyin.replace(" ", ""))
    return all(_leads_to(name, place) for name in names if name)


def test_all_codes_lead_to_their_place_or_a_question_that_holds_it() -> None:
    for place in PLACES:
        for code in (place.code, *place.other_codes):
            if code:
                assert place.id in KNOWN.by_code(code), (place.id, code)
                match = KNOWN.match("", code=code)
                known = {match.place_id, *match.candidates}
                gone = not place.exists(None) or code != place.code
                assert place.id in known or gone, (place.id, code)


@given(st.sampled_from(NAMED), st.sampled_from([" ", "\u3000", "\u200b", "①", "*", "  "]), st.integers(0, 9))
def test_padding_and_marks_change_nothing(place: KnownPlace, mark: str, at: int) -> None:
    name = place.name_zh
    padded = name[: at % len(name)] + mark + name[at % len(name) :]
    if not re.search("[（）、-]|\\d", name):
        one, other = KNOWN.match(name), KNOWN.match(padded)
        assert (one.place_id, one.candidates) == (other.place_id, other.candidates)
