"""The tables of the built-in city folders keep to their columns, codes, catalogue and two languages."""

from __future__ import annotations

import re
from datetime import date

import pytest

from headframe.catalog.load import catalog
from headframe.core.units import convert, is_money
from headframe.evidence.folder import builtin_places, open_city
from headframe.evidence.schema import (
    EVENT_COLUMNS,
    FINDING_COLUMNS,
    METHODS,
    OBSERVATION_COLUMNS,
    QUALIFIERS,
    SOURCE_COLUMNS,
    STATUSES,
)
from tests.cities.city_rows import CITIES, events, findings, observations, read_rows, rows_of

CHINESE = re.compile(r"[\u4e00-\u9fff]")
DIMENSIONS = {"sector", "sex", "age", "occupation", "zone", "site", "firm", "programme", "industry"}
EVENT_KINDS = {
    *("designation", "closure", "opening", "bankruptcy", "programme", "law", "relocation", "accident"),
    *("discovery", "restoration", "ownership", "plan", "festival", "other"),
}
FINDING_KINDS = {
    *("contradicts-source", "contradicts-itself", "unit-slip", "nominal-for-real", "impossible", "arithmetic"),
    *("vague-definition", "series-stops", "selective"),
}
PLACES = sorted(path.parent.name for path in CITIES.glob("*/city.toml"))
NAMED_BY_THE_TEXTS = {
    *("fuxin", "fushun", "jixi", "daqing", "anshan", "benxi", "yichun", "hegang", "baiyin", "yumen", "jiawang"),
    *("yuxian", "tieling", "hunchun", "shaoguan", "heshan", "liaoning", "jilin", "heilongjiang", "northeast-china"),
    *("exhausted-cities-69", "china", "detroit", "chicago", "cleveland", "pittsburgh", "wisconsin", "us-rust-belt"),
    *("united-states", "united-kingdom", "japan", "germany"),
}
COMPARED_ONLY = "research-city-panel-1990-2019"


def test_every_place_of_the_texts_has_a_folder() -> None:
    assert set(PLACES) >= NAMED_BY_THE_TEXTS
    assert set(builtin_places()) >= NAMED_BY_THE_TEXTS


@pytest.mark.parametrize("place", PLACES)
def test_a_folder_opens_without_a_problem_and_says_something(place: str) -> None:
    city = open_city(place)
    assert city.place.id == place
    assert CHINESE.search(city.place.name_zh)
    assert not [warning for warning in city.warnings if "evidence/observations.csv" in warning.where]
    assert city.observations.height + city.events.height > 0
    if city.place.parent:
        assert city.place.parent in PLACES


@pytest.mark.parametrize(
    ("pattern", "columns"),
    [
        ("*/evidence/observations.csv", tuple(name for name in OBSERVATION_COLUMNS if name != "replaces")),
        ("*/events.csv", EVENT_COLUMNS),
        ("*/sources.csv", SOURCE_COLUMNS),
        ("*/audit/findings.csv", FINDING_COLUMNS),
    ],
)
def test_headers_are_exact(pattern: str, columns: tuple[str, ...]) -> None:
    files = sorted(CITIES.glob(pattern))
    assert files
    for path in files:
        assert tuple(path.read_text(encoding="utf-8").split("\n", 1)[0].split(",")) == columns, path.parent.name


def test_observations_name_known_things() -> None:
    book = catalog()
    for row in observations():
        indicator = book.indicators[row["indicator_id"]]
        keys = [part.split("=")[0] for part in row["dims"].split(";") if part]
        assert keys == sorted(keys), row["obs_id"]
        assert set(keys) <= DIMENSIONS, row["obs_id"]
        assert all(concept in book.concepts for concept in row["concept"].split(";") if concept), row["obs_id"]
        assert row["qualifier"] in QUALIFIERS.codes
        assert row["status"] in STATUSES.codes
        assert row["method"] in METHODS.codes
        assert is_money(row["unit"]) == bool(row["price_basis"]), row["obs_id"]
        low, high = indicator.range
        for field in ("value", "low", "high"):
            if row[field]:
                value = convert(float(row[field]), row["unit"], indicator.unit)
                assert low is None or value >= low, row["obs_id"]
                assert high is None or value <= high, row["obs_id"]


def test_values_fit_their_qualifier() -> None:
    for row in observations():
        filled = {field for field in ("value", "low", "high", "value_text") if row[field]}
        if row["qualifier"] == "text":
            assert filled == {"value_text"}, row["obs_id"]
        elif row["qualifier"] == "range":
            assert filled == {"low", "high"}, row["obs_id"]
        else:
            assert "value" in filled, row["obs_id"]
            assert not filled & {"low", "high"}, row["obs_id"]


def test_periods_are_dates_in_order_and_undated_rows_say_so() -> None:
    for row in observations():
        assert row["period_text"], row["obs_id"]
        if row["freq"] == "N":
            assert row["period_start"] + row["period_end"] == "", row["obs_id"]
            continue
        end = date.fromisoformat(row["period_end"])
        start = date.fromisoformat(row["period_start"]) if row["period_start"] else end
        assert start <= end, row["obs_id"]
        if row["freq"] == "A":
            assert (start.month, start.day, end.month, end.day) == (1, 1, 12, 31), row["obs_id"]
            assert start.year == end.year, row["obs_id"]
        if row["freq"] == "P":
            assert start == end, row["obs_id"]


def test_derived_rows_are_estimates_that_say_how() -> None:
    for row in observations():
        if row["method"] == "derived":
            assert row["status"] == "E", row["obs_id"]
            assert row["note"], row["obs_id"]
            assert not row["raw_text"], row["obs_id"]
        else:
            assert row["raw_text"], row["obs_id"]
            assert row["status"] in {"A", "E", "U"}, row["obs_id"]


def test_populations_whose_concept_is_unknown_say_so() -> None:
    rows = [row for row in observations() if row["indicator_id"].startswith("population_")]
    counts = [row for row in rows if row["unit"].endswith("person") and "change" not in row["indicator_id"]]
    assert counts
    for row in counts:
        assert row["concept"] or "oncept" in row["note"] or "cannot be" in row["note"] or row["value_text"], row


def test_notes_stand_in_both_languages() -> None:
    pairs = [(row["note"], row["note_zh"], row["obs_id"]) for row in observations()]
    pairs += [(row["note_en"], row["note_zh"], row["event_id"]) for row in events()]
    pairs += [(row["title_en"], row["title_zh"], row["event_id"]) for row in events()]
    pairs += [(row["note_en"], row["note_zh"], row["finding_id"]) for row in findings()]
    pairs += [(row["title_en"], row["title_zh"], row["source_id"]) for row in rows_of("*/sources.csv")]
    for english, chinese, identifier in pairs:
        assert bool(english) == bool(chinese), identifier
        assert not chinese or CHINESE.search(chinese), identifier
        assert not CHINESE.search(english), identifier


def test_events_have_a_kind_dates_and_titles() -> None:
    for row in events():
        assert row["kind"] in EVENT_KINDS, row["event_id"]
        assert row["title_en"], row["event_id"]
        assert row["date_text"], row["event_id"]
        assert bool(row["date_start"]) == bool(row["date_end"]), row["event_id"]
        if row["date_start"]:
            assert date.fromisoformat(row["date_start"]) <= date.fromisoformat(row["date_end"]), row["event_id"]
        assert row["qualifier"] in QUALIFIERS.codes


def test_ids_are_unique() -> None:
    for rows, key in ((observations(), "obs_id"), (events(), "event_id"), (findings(), "finding_id")):
        identifiers = [row[key] for row in rows]
        assert len(identifiers) == len(set(identifiers))
        assert all(
            identifier.startswith(f"{row['place_id']}-") for row, identifier in zip(rows, identifiers, strict=True)
        )


def test_sources_resolve_in_the_folder_that_cites_them() -> None:
    for place in PLACES:
        city = open_city(place)
        for path, key in (
            ("evidence/observations.csv", "source_id"),
            ("events.csv", "source_id"),
            ("audit/findings.csv", "against_source_id"),
        ):
            rows = read_rows(CITIES / place / path) if (CITIES / place / path).exists() else ()
            assert {row[key] for row in rows if row[key]} <= set(city.sources), (place, path)


def test_what_is_only_compared_is_never_an_observation() -> None:
    assert any(row["against_source_id"] == COMPARED_ONLY for row in findings())
    assert all(row["source_id"] != COMPARED_ONLY for row in rows_of("*/evidence/*.csv"))


def test_findings_point_at_observations_and_compare_with_a_source() -> None:
    rows = {row["obs_id"]: row for row in observations()}
    for row in findings():
        assert row["kind"] in FINDING_KINDS, row["finding_id"]
        assert row["decidable"] in {"yes", "partly", "no"}, row["finding_id"]
        assert row["severity"] in {"high", "medium", "low"}, row["finding_id"]
        ids = [part for part in f"{row['obs_ids']};{row['against_obs_ids']}".split(";") if part]
        assert ids, row["finding_id"]
        assert all(identifier in rows for identifier in ids), row["finding_id"]
        assert bool(row["against_value"]) == bool(row["against_source_id"]) == bool(row["against_unit"]), row[
            "finding_id"
        ]


def test_a_corrected_row_stands_beside_the_printed_one() -> None:
    rows = {row["obs_id"]: row for row in observations()}
    corrected = [row for row in findings() if row["treatment"] == "corrected-beside"]
    assert len(corrected) >= 7
    for finding in corrected:
        printed, better = rows[finding["obs_ids"]], rows[finding["against_obs_ids"]]
        assert better["method"] == "derived", finding["finding_id"]
        if finding["kind"] in {"unit-slip", "impossible"}:
            assert printed["status"] == "U", finding["finding_id"]
            assert printed["indicator_id"] == better["indicator_id"], finding["finding_id"]
            ratio = convert(float(printed["value"]), printed["unit"], better["unit"]) / float(better["value"])
            assert ratio == pytest.approx(10.0) or ratio == pytest.approx(4046.8564224 * 15 / 1e4), finding[
                "finding_id"
            ]


def test_no_word_accuses() -> None:
    for path in CITIES.rglob("*.csv"):
        assert "造假" not in path.read_text(encoding="utf-8"), path.name


def test_descriptive_indicators_are_used() -> None:
    from headframe.catalog.load import read_yaml

    described = read_yaml(CITIES.parent / "catalog/indicators/descriptive.yaml")
    used = {row["indicator_id"] for row in rows_of("*/evidence/*.csv")}
    assert set(described) <= used
