"""Words: both languages, same slots, used and defined."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import words
from tests.house.tree import ROOT, nothing, plant

EN = 'page.title: "{city} on one page"\npage.runs:\n  one: "{n} run"\n  other: "{n} runs"\n'
ZH = 'page.title: "{city}概览"\npage.runs: "{n} 次"\n'
CODE = 'def build(words):\n    return words.say("page.title", city="x") + words.say("page.runs", n=1)\n'


def tree(root: Path, en: str = EN, zh: str = ZH, code: str = CODE, template: str = "") -> Path:
    files = {f"{words.WORDS}/en/page.yaml": en, f"{words.WORDS}/zh/page.yaml": zh}
    return plant(root, files | {"src/headframe/show/page.py": code, "src/headframe/show/page.html.j2": template})


def test_every_text_stands_in_both_languages() -> None:
    nothing(words.unequal(ROOT))


def test_every_text_is_used_and_every_used_text_is_defined() -> None:
    nothing(words.undefined(ROOT))
    nothing(words.unused(ROOT))


def test_every_dimension_of_the_built_in_evidence_has_a_name() -> None:
    nothing(words.unnamed_dimensions(ROOT))


def test_a_dimension_without_a_name_is_found(tmp_path: Path) -> None:
    rows = "obs_id,dims\nx-1,sector=coal\nx-2,\nx-3,sector=coal;sex=female\n"
    plant(
        tmp_path,
        {
            "src/headframe/cities/x/evidence/observations.csv": rows,
            f"{words.WORDS}/en/d.yaml": "dim.sector.coal: coal\n",
        },
    )
    assert words.unnamed_dimensions(tmp_path) == [
        "src/headframe/cities/x/evidence/observations.csv:4: dim.sex.female is not defined"
    ]


def test_a_sound_tree_passes(tmp_path: Path) -> None:
    tree(tmp_path)
    assert words.unequal(tmp_path) == []
    assert words.undefined(tmp_path, {}) == []
    assert words.unused(tmp_path, {}) == []


@pytest.mark.parametrize(
    ("en", "zh", "fault"),
    [
        (EN + 'page.more: "More"\n', ZH, "page.more has no Chinese text"),
        (EN, ZH + 'page.more: "更多"\n', "page.more has no English text"),
        (EN, ZH.replace("{city}", "{place}"), "page.title has other slots"),
        (EN, ZH.replace('"{n} 次"', '""'), "page.runs is empty"),
        (EN.replace("one:", "two:"), ZH, "page.runs has forms other"),
    ],
)
def test_unequal_texts_are_found(tmp_path: Path, en: str, zh: str, fault: str) -> None:
    found = words.unequal(tree(tmp_path, en=en, zh=zh))
    assert any(fault in line for line in found), found


def test_a_text_defined_twice_is_found(tmp_path: Path) -> None:
    plant(tree(tmp_path), {f"{words.WORDS}/en/second.yaml": 'page.title: "{city} again"\n'})
    assert any("page.title is defined twice" in line for line in words.unequal(tmp_path))


def test_an_undefined_text_is_found_in_code_and_template(tmp_path: Path) -> None:
    found = words.undefined(tree(tmp_path, code=CODE + 'X = "page.titel"\n', template="{{ say('page.titlle') }}"), {})
    assert sorted(found) == [
        "src/headframe/show/page.html.j2:1: the text id page.titlle is not defined",
        "src/headframe/show/page.py:3: the text id page.titel is not defined",
    ]


def test_an_unused_text_is_found(tmp_path: Path) -> None:
    found = words.unused(tree(tmp_path, code=CODE.replace('words.say("page.runs", n=1)', "''")), {})
    assert found == [f"{words.WORDS}/zh/page.yaml: page.runs is used nowhere"]


def test_composed_texts_are_used_when_their_parts_stand_somewhere(tmp_path: Path) -> None:
    code = CODE.replace('"page.runs"', 'f"page.{what}"')
    tree(tmp_path, code=code)
    assert words.undefined(tmp_path, {}) == []
    assert words.unused(tmp_path, {}) == [f"{words.WORDS}/zh/page.yaml: page.runs is used nowhere"]
    tree(tmp_path, code=code + 'KINDS = ("runs", "walks")\n')
    assert words.unused(tmp_path, {}) == []


@pytest.mark.parametrize("code", ['X = f"page.runs.{what}"\n', 'X = f"page.{what}.far"\n', 'X = "page.fast-" + what\n'])
def test_a_composition_that_meets_no_text_is_found(tmp_path: Path, code: str) -> None:
    found = words.undefined(tree(tmp_path, code=CODE + code), {})
    assert len(found) == 1
    assert "no text id looks like" in found[0]


def test_ids_with_hyphens_are_composed_too(tmp_path: Path) -> None:
    for lang, text in (("en", "one"), ("zh", "一")):
        plant(tmp_path, {f"{words.WORDS}/{lang}/side.yaml": f'side-page.a-b: "{text}"\n'})
    tree(tmp_path, code=CODE + 'X = f"side-page.{what}"\n')
    assert words.undefined(tmp_path, {}) == []
    assert [line.split(": ")[1] for line in words.unused(tmp_path, {})] == ["side-page.a-b is used nowhere"]
    tree(tmp_path, code=CODE + 'X = f"side-page.{what}"\nY = ("A", "b")\n')
    assert words.unused(tmp_path, {}) == []


@pytest.mark.parametrize("text", ["{{ say('page.far.' ~ x) }}", "say(`page.far.${x}`)", "say('page.far.' + x)"])
def test_a_composition_in_a_template_that_meets_no_text_is_found(tmp_path: Path, text: str) -> None:
    assert any("no text id looks like" in line for line in words.undefined(tree(tmp_path, template=text), {}))


def test_a_list_must_be_complete_and_composed(tmp_path: Path) -> None:
    tree(tmp_path, code=CODE.replace('"page.runs"', 'f"page.{what}"'))
    assert words.undefined(tmp_path, {"page.": ("runs",)}) == []
    assert words.unused(tmp_path, {"page.": ("runs",)}) == []
    assert words.undefined(tmp_path, {"page.": ("runs", "walks")}) == ["the composed text id page.walks is not defined"]
    assert "nothing composes ids that begin with stage." in words.unused(tmp_path, {"page.": ("runs",), "stage.": ()})


def test_file_names_are_not_taken_for_texts(tmp_path: Path) -> None:
    assert words.undefined(tree(tmp_path, code=CODE + 'X = "page.html"\n'), {}) == []
