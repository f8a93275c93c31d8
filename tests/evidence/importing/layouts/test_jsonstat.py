"""JSON-stat: dense and sparse, lists and objects, several roles; and everything that hostile JSON can be."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.core.errors import HeadframeError
from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.layouts.jsonstat import LAYOUT
from headframe.evidence.importing.layouts.source import Source
from headframe.evidence.reading.limits import Limits
from tests.evidence.importing.layouts.written import DATASET, FACTS, Fact, figures, jsonstat, taken

EXPECTED = {
    ("MIO_EUR", "AT11", "2018"): (9000.1, "", ""),
    ("MIO_EUR", "AT11", "2019"): (9123.4, "P", ""),
    ("MIO_EUR", "AT12", "2018"): (None, "Q", "suppressed"),
    ("MIO_EUR", "AT12", "2019"): (-60000.0, "D", ""),
    ("PC", "AT11", "2018"): (0.0, "", ""),
    ("PC", "AT12", "2018"): (None, "M", "not-applicable"),
    ("PC", "AT12", "2019"): (1500.0, "E", ""),
}


def read(data: Any) -> Extract:
    return taken(data if isinstance(data, str) else json.dumps(data), "jsonstat", "x.json")


def refused(data: Any) -> list[str]:
    text = data if isinstance(data, str) else json.dumps(data)
    with pytest.raises(HeadframeError) as caught:
        LAYOUT.extract(Source.of(text, name="x.json"))
    return [problem.code for problem in caught.value.problems]


@pytest.mark.parametrize("index", ["object", "list"])
def test_sparse_values_say_what_is_there(index: str) -> None:
    extract = read(jsonstat(FACTS, index=index))
    assert figures(extract) == EXPECTED
    assert [series.key for series in extract.series] == [
        f"dataflow={DATASET};unit={unit}" for unit in ("MIO_EUR", "PC")
    ]
    assert extract.titles == ("Regional GDP",)
    assert extract.notes == ("ESTAT", "2024-02-20")
    assert extract.cells["locator"].to_list()[:2] == ["value[0]", "value[1]"]
    assert [place.name for place in extract.places] == ["Burgenland", "Niederösterreich"]


def test_a_dense_list_has_its_gaps_as_missing() -> None:
    said = figures(read(jsonstat(FACTS, dense=True)))
    assert {key: said[key] for key in EXPECTED} == EXPECTED
    assert said[("PC", "AT11", "2019")] == (None, "", "open")


facts = st.lists(
    st.builds(Fact, st.sampled_from(["MIO_EUR", "PC", "NR"]), st.sampled_from(["AT11", "DE30", "FR10"]),
              st.sampled_from(["2018", "2019", "2020"]), st.floats(-1e15, 1e15, allow_nan=False).map(repr)),
    min_size=1, max_size=15, unique_by=lambda one: one[:3],
)  # fmt: skip


@given(facts, st.booleans(), st.sampled_from(["object", "list"]))
def test_figures_come_back_exactly(drawn: list[Fact], dense: bool, index: str) -> None:
    said = figures(LAYOUT.extract(Source.of(json.dumps(jsonstat(drawn, dense=dense, index=index)), name="x")))
    assert {key: value for key, (value, _, _) in said.items() if value is not None} == {
        one[:3]: float(one.value) for one in drawn
    }


def test_statuses_may_be_one_word_a_list_or_a_list_of_one() -> None:
    data = jsonstat(FACTS[:2])
    for status in ("p", ["p"], ["p", "p"], {"0": "p", "1": "p"}):
        assert read({**data, "status": status}).cells["status"].to_list() == ["P", "P"]


def test_packed_json_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.json.gz"
    path.write_bytes(gzip.compress(json.dumps(jsonstat(FACTS)).encode()))
    assert figures(taken(path, "jsonstat")) == EXPECTED


def test_an_older_bundle_is_read() -> None:
    data = jsonstat(FACTS)
    dimension = {**data["dimension"], "id": data.pop("id"), "size": data.pop("size"), "role": data.pop("role")}
    data.pop("version"), data.pop("class")
    assert figures(read({"dataset": {**data, "dimension": dimension}})) == EXPECTED


def test_of_several_roles_of_time_the_one_with_periods_counts() -> None:
    data = jsonstat(FACTS[:1])
    data["dimension"]["month"] = {"category": {"index": ["ALL"], "label": {"ALL": "whole year"}}}
    data["id"].insert(0, "month"), data["size"].insert(0, 1)
    data["role"] = {"time": ["month", "time"], "geo": ["geo"]}
    extract = read(data)
    assert extract.series[0].codes["month"] == "ALL"
    assert str(extract.cells["period_start"][0]) == "2018-01-01"


def test_roles_are_found_by_their_usual_names() -> None:
    data = jsonstat(FACTS)
    del data["role"]
    assert figures(read(data)) == EXPECTED


def test_a_unit_beside_a_category_counts_with_its_multiplier() -> None:
    data = jsonstat([Fact("GDP", "AT11", "2019", "2.5")])
    data["dimension"]["contents"] = data["dimension"].pop("unit")
    data["dimension"]["contents"]["category"]["unit"] = {"GDP": {"label": "EUR", "multiplier": 6, "decimals": 1}}
    data["id"] = ["contents" if name == "unit" else name for name in data["id"]]
    data["role"]["metric"] = ["contents"]
    (series,) = read(data).series
    assert series.unit is not None
    assert series.unit.canonical == "1000000 EUR"
    assert series.maximum == 2.5


def test_numbers_that_json_does_not_have_are_missing() -> None:
    text = json.dumps(jsonstat(FACTS[:3])).replace("9000.1", "NaN").replace("9123.4", "-Infinity")
    extract = read(text)
    assert extract.cells["value"].to_list() == [None, None, None]
    assert extract.cells["mark"].to_list() == ["not-available", "", "empty"]
    assert [problem.code for problem in extract.problems] == ["HF464"]


def test_values_of_other_kinds_are_told() -> None:
    data = jsonstat(FACTS[:2])
    data["value"] = {"0": True, "1": {"a": 1}}
    extract = read(data)
    assert extract.cells["value"].to_list() == [None, None]
    assert extract.problems[0].values["count"] == 2


def test_halves_of_letters_are_replaced() -> None:
    text = json.dumps(jsonstat(FACTS[:1])).replace('"Burgenland"', '"\\ud800Burg\\udc00"')
    assert read(text).places[0].name == "\ufffdBurg\ufffd"
    paired = json.dumps(jsonstat(FACTS[:1])).replace('"Burgenland"', '"\\ud83d\\ude00"')
    assert read(paired).places[0].name == "\U0001f600"


def test_a_large_cube_with_three_figures_takes_little_room() -> None:
    codes = {"unit": [f"u{n}" for n in range(100)], "geo": [f"g{n}" for n in range(1000)]}
    codes["time"] = [str(1900 + n) for n in range(100)]
    data = {
        "class": "dataset", "id": list(codes), "size": [100, 1000, 100], "value": {"0": 1, "9999999": 2, "5": 3},
        "dimension": {name: {"category": {"index": listed}} for name, listed in codes.items()},
    }  # fmt: skip
    tracemalloc.start()
    extract = read(data)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert extract.cells.height == 3
    assert most < 16 << 20
    assert extract.cells.filter(extract.cells["value"] == 2)["place"].to_list() == ["g999"]


def test_a_cube_beyond_all_numbers_is_refused() -> None:
    codes = [str(number) for number in range(100)]
    ids = [f"d{number}" for number in range(12)]
    data = {
        "class": "dataset", "id": ids, "size": [100] * 12, "value": {"0": 1},
        "dimension": {name: {"category": {"index": codes}} for name in ids},
    }  # fmt: skip
    assert refused(data) == ["HF462"]


def _changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    data = jsonstat(FACTS)
    change(data)
    return data


DAMAGED: dict[str, tuple[Any, str]] = {
    "cut off": (json.dumps(jsonstat(FACTS))[:-40], "HF461"),
    "key twice": ('{"class": "dataset", "class": "dataset"}', "HF461"),
    "place twice": (json.dumps(jsonstat(FACTS)).replace('"1": 9123.4', '"0": 9123.4'), "HF461"),
    "nested too deeply": ('{"a":' + "[" * 100_000, "HF461"),
    "nested and closed": ('{"a":' + "[" * 100_000 + "]" * 100_000 + "}", "HF461"),
    "a number of too many digits": (json.dumps(jsonstat(FACTS)).replace("9000.1", "1" * 5000), "HF461"),
    "a list": ("[1, 2]", "HF461"),
    "no dimension": ('{"class": "dataset", "value": [1]}', "HF461"),
    "a collection": ('{"class": "collection", "link": {}}', "HF461"),
    "value too short": (jsonstat(FACTS) | {"value": [1, 2]}, "HF462"),
    "value beyond the cube": (jsonstat(FACTS) | {"value": {"8": 1}}, "HF462"),
    "value at a negative place": (jsonstat(FACTS) | {"value": {"-1": 1}}, "HF462"),
    "value at no number": (jsonstat(FACTS) | {"value": {"x": 1}}, "HF462"),
    "value at a huge place": (jsonstat(FACTS) | {"value": {"9" * 4000: 1}}, "HF462"),
    "value a number": (jsonstat(FACTS) | {"value": 5}, "HF461"),
    "status too long": (jsonstat(FACTS) | {"status": ["p"] * 9}, "HF462"),
    "size of another cube": (jsonstat(FACTS) | {"size": [1, 2, 2, 3]}, "HF462"),
    "size no list": (jsonstat(FACTS) | {"size": "1"}, "HF461"),
    "id twice": (jsonstat(FACTS) | {"id": ["freq", "unit", "geo", "geo"]}, "HF462"),
    "id unknown": (jsonstat(FACTS) | {"id": ["freq", "unit", "geo", "gxo"]}, "HF461"),
    "no id": (_changed(lambda data: data.pop("id")), "HF461"),
    "index with a gap": (_changed(lambda d: d["dimension"]["geo"]["category"]["index"].update(AT12=7)), "HF462"),
    "index of texts": (_changed(lambda d: d["dimension"]["geo"]["category"]["index"].update(AT12="1")), "HF462"),
    "index with a code twice": (
        _changed(lambda d: d["dimension"]["geo"]["category"].update(index=["AT11", "AT11"])),
        "HF462",
    ),
    "index of numbers": (_changed(lambda d: d["dimension"]["geo"]["category"].update(index=[1, 2])), "HF461"),
    "nothing in it": (jsonstat(FACTS) | {"value": {}, "status": {}}, "HF382"),
    "a code of a thousand letters": (
        _changed(lambda d: d["dimension"]["unit"]["category"].update(index=["x" * 1000, "y"])),
        "HF463",
    ),
}


@pytest.mark.parametrize("how", DAMAGED)
def test_damage_is_told(how: str) -> None:
    data, code = DAMAGED[how]
    assert refused(data) == [code]


def test_too_large_a_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(jsonstat(FACTS)), encoding="utf-8")
    with pytest.raises(HeadframeError) as caught:
        LAYOUT.extract(Source.of(path, limits=Limits(text=500)))
    assert [problem.code for problem in caught.value.problems] == ["HF376"]


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from(["id", "size", "value", "status", "role", "dimension", "label", "extension"]), trees)
def test_anything_in_the_place_of_a_part_is_read_or_refused(part: str, tree: object) -> None:
    try:
        LAYOUT.extract(Source.of(json.dumps({**jsonstat(FACTS), part: tree}), name="x"))
    except HeadframeError as error:
        assert {problem.code for problem in error.problems} <= {"HF461", "HF462", "HF463", "HF382"}


@given(st.sampled_from(["label", "category", "index", "unit"]), trees)
def test_anything_inside_a_dimension_is_read_or_refused(part: str, tree: object) -> None:
    data = jsonstat(FACTS)
    (data["dimension"]["unit"] if part in {"label", "category"} else data["dimension"]["unit"]["category"])[part] = tree
    try:
        LAYOUT.extract(Source.of(json.dumps(data), name="x"))
    except HeadframeError as error:
        assert {problem.code for problem in error.problems} <= {"HF461", "HF462", "HF463", "HF382"}
