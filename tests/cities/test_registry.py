"""The registry of the 262 resource-based cities and the 69 resource-exhausted ones among them."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

CITIES = Path(__file__).parents[2] / "src" / "headframe" / "cities"
KINDS_BY_LEVEL = {
    "prefecture": {"prefecture_city", "autonomous_prefecture", "prefecture_area"},
    "county_city": {"county_city"},
    "county": {"county", "autonomous_county", "forestry_district"},
    "district": {"district", "development_zone", "management_zone"},
}
FIRST_BATCH = {
    "fuxin",
    "yichun",
    "liaoyuan",
    "baishan",
    "panjin",
    "shizuishan",
    "baiyin",
    "gejiu",
    "jiaozuo",
    "pingxiang",
    "daye",
    "daxinganling",
}


def read(name: str) -> list[dict[str, str]]:
    with (CITIES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def registry() -> list[dict[str, str]]:
    return read("registry.csv")


@pytest.fixture(scope="module")
def source_ids() -> set[str]:
    catalogue = CITIES.parent / "catalog" / "sources.csv"
    with catalogue.open(encoding="utf-8", newline="") as file:
        shared = {row["source_id"] for row in csv.DictReader(file)}
    return shared | {row["source_id"] for row in read("registry_sources.csv")}


def test_totals_are_those_of_the_plan(registry: list[dict[str, str]]) -> None:
    assert len(registry) == 262
    assert Counter(row["level"] for row in registry) == {
        "prefecture": 126,
        "county_city": 62,
        "county": 58,
        "district": 16,
    }
    assert Counter(row["lifecycle_2013"] for row in registry) == {
        "growing": 31,
        "mature": 141,
        "declining": 67,
        "regenerating": 23,
    }


def test_the_totals_on_file_are_those_of_the_registry(registry: list[dict[str, str]], source_ids: set[str]) -> None:
    totals: dict[str, dict[str, int]] = {}
    for row in read("registry_totals.csv"):
        totals.setdefault(row["kind"], {})[row["key"]] = int(row["number"])
        assert row["source_id"] in source_ids | {"unverified"}
        assert bool(row["note_en"]) == bool(row["note_zh"])
    for kind, column in (("level", "level"), ("lifecycle", "lifecycle_2013"), ("batch", "exhausted_batch")):
        assert totals[kind] == Counter(row[column] for row in registry if row[column])
    # The types that the press gives add up to the 69 only without the 16 forestry cities it also gives.
    types = totals["type"]
    assert types == {"coal": 37, "non-ferrous": 14, "ferrous": 6, "oil": 3, "other": 9, "forestry": 16}
    assert sum(types.values()) - types["forestry"] == 69
    known = Counter(row["resource_type"] for row in registry if row["exhausted_batch"] and row["resource_type"])
    assert all(count <= types[name] for name, count in known.items())


def test_batches_hold_12_32_and_25_cities(registry: list[dict[str, str]]) -> None:
    exhausted = [row for row in registry if row["exhausted_batch"]]
    assert Counter(row["exhausted_batch"] for row in exhausted) == {"1": 12, "2": 32, "3": 25}
    assert {(row["exhausted_batch"], row["exhausted_year"]) for row in exhausted} == {
        ("1", "2008"),
        ("2", "2009"),
        ("3", "2011"),
    }
    assert {row["place_id"] for row in exhausted if row["exhausted_batch"] == "1"} == FIRST_BATCH


def test_the_two_dates_of_the_third_batch_stand_side_by_side(registry: list[dict[str, str]]) -> None:
    for row in registry:
        assert row["exhausted_year_elsewhere"] == ("2012" if row["exhausted_batch"] == "3" else "")


def test_second_batch_has_the_composition_of_the_announcement(registry: list[dict[str, str]]) -> None:
    # Announced as 9 prefecture-level, 17 county-level, 6 districts; Wansheng counted with the first group and
    # Wanshan with the second, which the annex of 2013 puts among its districts.
    second = [row for row in registry if row["exhausted_batch"] == "2"]
    announced = {"wansheng": "prefecture", "wanshan": "county_city"}
    levels = Counter(announced.get(row["place_id"], row["level"]) for row in second)
    assert levels == {"prefecture": 9, "county_city": 17, "district": 6}


def test_every_declining_city_is_exhausted_and_two_regenerating_ones_too(registry: list[dict[str, str]]) -> None:
    declining = {row["place_id"] for row in registry if row["lifecycle_2013"] == "declining"}
    exhausted = {row["place_id"] for row in registry if row["exhausted_batch"]}
    assert exhausted - declining == {"panjin", "xiaoyi"}
    assert declining <= exhausted


def test_slugs_are_unique_and_well_formed(registry: list[dict[str, str]]) -> None:
    slugs = [row["place_id"] for row in registry]
    assert len(set(slugs)) == len(slugs)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", slug) for slug in slugs)
    by_slug = {row["place_id"]: row["name_zh"] for row in registry}
    assert by_slug["yichun"] == "伊春市"
    assert by_slug["yichun-jiangxi"] == "宜春市"


def test_levels_and_kinds_agree(registry: list[dict[str, str]]) -> None:
    for row in registry:
        assert row["kind"] in KINDS_BY_LEVEL[row["level"]], row["place_id"]


def test_codes_agree_with_province_and_level_and_only_zones_lack_one(registry: list[dict[str, str]]) -> None:
    without = {row["place_id"] for row in registry if not row["gb_code"]}
    assert without == {"yangjiazhangzi", "pinggui", "wansheng"}
    provinces: dict[str, set[str]] = {}
    for row in registry:
        if row["gb_code"]:
            assert re.fullmatch(r"\d{6}", row["gb_code"])
            assert row["gb_code"].endswith("00") == (row["level"] == "prefecture"), row["place_id"]
            provinces.setdefault(row["province_en"], set()).add(row["gb_code"][:2])
        assert (row["gb_code_verified_by"] == "unverified") == (not row["gb_code"])
    assert all(len(prefixes) == 1 for prefixes in provinces.values())
    codes = [row["gb_code"] for row in registry if row["gb_code"]]
    assert len(set(codes)) == len(codes)


def test_verification_columns_are_filled_and_name_known_sources(
    registry: list[dict[str, str]], source_ids: set[str]
) -> None:
    for row in registry:
        columns = ["gb_code_verified_by", "membership_verified_by", "lifecycle_verified_by"]
        if row["exhausted_batch"]:
            columns.append("batch_verified_by")
        else:
            assert row["batch_verified_by"] == ""
        for column in columns:
            named = set(row[column].split(";"))
            assert named == {"unverified"} or named <= source_ids, (row["place_id"], column)
        assert bool(row["resource_type"]) == bool(row["resource_type_source"])
        assert not row["resource_type"] or row["resource_type_source"] in source_ids
        if row["lifecycle_verified_by"] != "unverified":
            assert row["membership_verified_by"] != "unverified"


def test_what_is_not_verified_says_so_in_both_languages(registry: list[dict[str, str]]) -> None:
    for row in registry:
        assert bool(row["check_note_en"]) == bool(row["check_note_zh"])
        if "unverified" in (row["lifecycle_verified_by"], row["batch_verified_by"], row["gb_code_verified_by"]):
            assert row["check_note_en"], row["place_id"]


def test_known_traps_carry_a_note(registry: list[dict[str, str]]) -> None:
    notes = {row["place_id"]: row["check_note_en"] for row in registry}
    assert "70 %" in notes["fushun"]
    assert "regenerating" in notes["panjin"]
    assert "regenerating" in notes["xiaoyi"]
    assert "2012" in notes["shaoguan"]


def test_built_in_city_folders_use_the_same_slug_and_code(registry: list[dict[str, str]]) -> None:
    import tomllib

    by_name = {row["name_zh"]: row for row in registry}
    for path in CITIES.glob("*/city.toml"):
        place = tomllib.loads(path.read_text(encoding="utf-8"))["place"]
        row = by_name.get(place["name_zh"])
        if row:
            assert place["id"] == row["place_id"]
            assert place.get("gb_code", row["gb_code"]) == row["gb_code"]
