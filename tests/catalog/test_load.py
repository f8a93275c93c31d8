"""Reading: tables, their errors, words, and that reading is cheap."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from headframe.catalog.load import FOLDER, Catalogue, Table, catalog, entries_from, read_sources, read_table, read_yaml
from headframe.catalog.schema import Concept, ParameterCard
from headframe.core.errors import HeadframeError

CONCEPT = {"axis": "a", "name_en": "x", "name_zh": "某", "definition_en": "d", "definition_zh": "义"}
CARD = {
    "name_en": "x",
    "name_zh": "某",
    "block": "b",
    "unit": "1",
    "default": 1,
    "low": None,
    "high": None,
    "grade": "A",
    "source": "s",
    "locator": "p. 1",
    "how_read": "full",
}


def codes(action: Callable[[], object]) -> list[str]:
    with pytest.raises(HeadframeError) as caught:
        action()
    return [problem.code for problem in caught.value.problems]


def test_the_catalogue_is_read_once() -> None:
    assert catalog() is catalog()
    assert catalog().indicators is catalog().indicators


def test_importing_reads_no_table_and_no_schema() -> None:
    program = (
        "import sys, headframe.catalog.load as load; load.catalog();"
        "print('pydantic' in sys.modules, 'yaml' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_an_unknown_id_is_explained_with_the_closest_one() -> None:
    with pytest.raises(HeadframeError) as caught:
        catalog().indicators["gdp_per_haed"]
    problem = caught.value.problems[0]
    assert problem.code == "HF201"
    assert problem.values["suggestion"] == "gdp_per_head"
    assert "gdp_per_head" in problem.fix("zh")


def test_a_table_is_a_mapping_that_can_be_asked() -> None:
    table = Table("thing", {"a": 1})
    assert table.get("a") == 1
    assert table.get("b") is None
    assert table.get("b", 7) == 7
    assert "a" in table
    assert "b" not in table
    assert list(table.items()) == [("a", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "a: [1",
        "- a\n- b\n",
        "a: \udcff",
        "? [x]\n: 1\n",
        "a: !!python/object:os.system {}\n",
        "a: &x [*x]\n",
        "a: 2020-99-99\n",
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert codes(lambda: read_yaml(path)) == ["HF202"]


def test_values_keep_their_types(tmp_path: Path) -> None:
    path = tmp_path / "types.yaml"
    path.write_text("a: {b: [1, 2.5, null, true, '1', x], c: 1e3, d: 2020-01-01}\n2: &k y\ne: *k\n", encoding="utf-8")
    expected = {"a": {"b": [1, 2.5, None, True, "1", "x"], "c": "1e3", "d": date(2020, 1, 1)}, 2: "y", "e": "y"}
    assert read_yaml(path) == expected


@pytest.mark.parametrize("depth", [51, 5_000, 200_000])
def test_a_bottomless_file_is_refused(tmp_path: Path, depth: int) -> None:
    path = tmp_path / "deep.yaml"
    path.write_text("a: " + "[" * depth + "]" * depth, encoding="utf-8")
    assert codes(lambda: read_yaml(path)) == ["HF202"]


def test_aliases_do_not_multiply(tmp_path: Path) -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    path = tmp_path / "laughs.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert len(read_yaml(path)) == 30


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "empty.yaml"
    path.write_text("# nothing yet\n", encoding="utf-8")
    assert read_yaml(path) == {}


@pytest.mark.parametrize("text", ["a: 1\nb: 2\na: 3\n", "a:\n  x: 1\n  x: 2\n"])
def test_a_repeated_key_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "twice.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(HeadframeError) as caught:
        read_yaml(path)
    assert caught.value.problems[0].code == "HF204"
    assert caught.value.problems[0].where == "twice.yaml:3"


def test_all_faults_of_a_file_are_reported_at_once() -> None:
    raw = {"a": {**CONCEPT, "axiss": "typo"}, "b": {}, "c": 5, "d": CONCEPT}
    with pytest.raises(HeadframeError) as caught:
        entries_from(raw, Concept, "concepts.yaml")
    problems = caught.value.problems
    assert {problem.code for problem in problems} == {"HF203"}
    assert len(problems) == 1 + 5 + 1
    assert problems[0].values["suggestion"] == "axis"


def test_the_same_id_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("one.yaml", "two.yaml"):
        (tmp_path / name).write_text(
            "x: {axis: a, name_en: n, name_zh: 某, definition_en: d, definition_zh: 义}\n", encoding="utf-8"
        )
    assert codes(lambda: read_table(sorted(tmp_path.glob("*.yaml")), Concept, "concept")) == ["HF204"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"low": 2.0}, "order"),
        ({"default": None}, "without any number"),
        ({"how_read": "assumed"}, "assumed or cites"),
        ({"source": None, "how_read": "assumed"}, "grade D"),
        ({"locator": " "}, "needs a locator"),
        ({"default": float("nan")}, "finite"),
        ({"grade": "E"}, "'A', 'B', 'C' or 'D'"),
    ],
)
def test_a_dishonest_card_is_refused(change: dict[str, object], reason: str) -> None:
    assert entries_from({"c": CARD}, ParameterCard, "cards")["c"].default == 1
    with pytest.raises(HeadframeError) as caught:
        entries_from({"c": {**CARD, **change}}, ParameterCard, "cards")
    assert reason in str(caught.value.problems[0].values["reason"])


def test_a_faulty_source_and_a_repeated_one_are_both_named(tmp_path: Path) -> None:
    head, *rows = (FOLDER / "sources.csv").read_text(encoding="utf-8").splitlines()
    broken = rows[0].replace("low,full", "splendid,full")
    path = tmp_path / "sources.csv"
    path.write_text("\n".join([head, rows[1], rows[1], broken, ""]), encoding="utf-8")
    assert codes(lambda: read_sources(path)) == ["HF204", "HF203"]


def test_words_know_every_name_in_both_languages() -> None:
    english, chinese = catalog().words("en"), catalog().words("zh")
    assert english.name("sector", "new_energy") == "New energy"
    assert chinese.name("sector", "new_energy") == "新能源"
    assert chinese.name("indicator", "gdp") == "地区生产总值"
    assert chinese.unit("CNY/person") == "元/人"
    assert english.unit("count") == ""
    assert english.names.keys() == chinese.names.keys()
    assert catalog().words("zh") is chinese


def test_another_language_is_refused() -> None:
    assert codes(lambda: catalog().words("fr")) == ["HF205"]


def test_a_text_defined_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("one.yaml", "two.yaml"):
        path = tmp_path / "words/en" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('a.b: "text"\n', encoding="utf-8")
    (tmp_path / "sources.csv").write_text("source_id,title\n", encoding="utf-8")
    assert codes(lambda: Catalogue(tmp_path).words("en")) == ["HF204"]


def test_a_catalogue_without_a_table_has_an_empty_one(tmp_path: Path) -> None:
    assert len(Catalogue(tmp_path).levers) == 0


def test_no_file_of_the_catalogue_needs_a_locale() -> None:
    program = "from headframe.catalog.load import catalog; print(len(catalog().terms), len(catalog().sources))"
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True)
    assert [int(count) for count in done.stdout.split()] == [len(catalog().terms), len(catalog().sources)]
