"""The data of the diagnosis: criteria, scales, assumptions, loops."""

from __future__ import annotations

from pathlib import Path

import pytest

from headframe.catalog.load import FOLDER, catalog
from headframe.catalog.schema import Threshold
from headframe.core.errors import HeadframeError
from headframe.diagnose.criteria import Look, scale_from, scales, specification
from headframe.diagnose.gather import find
from headframe.diagnose.loops import loop_file
from headframe.diagnose.results import CHALLENGES
from tests.diagnose.conftest import Make, fact, scene_of

SPEC = specification()
LOOKS = [
    look
    for challenge in SPEC.challenges.values()
    for criterion in challenge.criteria.values()
    for look in criterion.looks
]


def test_the_six_challenges_are_asked_in_order() -> None:
    assert tuple(SPEC.challenges) == CHALLENGES


@pytest.mark.parametrize("scale", sorted({look.scale for look in LOOKS}))
def test_every_line_has_a_source_that_exists_or_is_called_an_assumption(scale: str) -> None:
    for point in (scales()[scale].concern, scales()[scale].severe):
        if point.source is None:
            assert point.grade == "D"
            assert point.note_en
            assert point.note_zh
        else:
            assert point.source in catalog().sources
            assert point.locator or point.grade == "D"


@pytest.mark.parametrize("scale", sorted({look.scale for look in LOOKS}))
def test_a_scale_is_used_only_in_challenges_that_the_catalogue_names_for_it(scale: str) -> None:
    named = set(scales()[scale].concern.challenges)
    used = {
        identifier
        for identifier, challenge in SPEC.challenges.items()
        if any(look.scale == scale for criterion in challenge.criteria.values() for look in criterion.looks)
    }
    assert used <= named


def test_every_severity_scale_of_the_catalogue_is_used() -> None:
    signs = [sign for judgement in SPEC.judgements.values() for sign in judgement.signs.values()]
    used = {look.scale for look in LOOKS} | {look.scale for sign in signs for look in sign.looks}
    assert set(scales()) - used == set()


def test_what_came_late_is_history_and_no_criterion_of_today() -> None:
    assert "policy_lag" not in {look.indicator for look in LOOKS}
    assert "policy_lag" in {look.indicator for look in SPEC.challenges["policy"].context}


def test_the_spread_of_what_is_missing_makes_the_three_classes_equally_probable() -> None:
    """P(|Z| < ½ / spread) = 1/3 for a standard normal Z."""
    from statistics import NormalDist

    assert 0.5 / NormalDist().inv_cdf(2 / 3) == pytest.approx(SPEC.assumptions.missing_spread, abs=1e-3)


def points() -> dict[str, list[Threshold]]:
    scale = scales()["pm25"]
    return {"concern": [scale.concern], "severe": [scale.severe]}


def test_a_scale_that_is_not_whole_is_refused() -> None:
    whole = points()
    concern, severe = whole["concern"][0], whole["severe"][0]
    faulty: list[dict[str, list[Threshold]]] = [
        {"concern": [concern]},
        {"concern": [concern, concern], "severe": [severe]},
        {"concern": [concern], "severe": [severe.model_copy(update={"value": 1.0})]},
        {"concern": [concern], "severe": [severe.model_copy(update={"comparison": "<"})]},
        {"concern": [concern], "severe": [severe.model_copy(update={"indicator": "dust_index"})]},
    ]
    for roles in faulty:
        with pytest.raises(HeadframeError) as caught:
            scale_from("pm25", roles)
        assert caught.value.problems[0].code == "HF501"
    assert scale_from("pm25", whole).worse == "above"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("scale: pm25", "scale: no_such_scale"),
        ("indicator: pm25, scale: pm25", "indicator: dust_index, scale: pm25"),
        ("missing_spread: 1.161", "missing_spread: 0"),
        ("- {indicator: gangue_mass}", "- {indicator: no_such_indicator}"),
        ("rules: [working_age_below_nation]", "rules: [meter_least_coverage]"),
        ("refers: [ecology/repair-gap, policy/profits-out]", "refers: [ecology/no-such-criterion]"),
        ("      plan-churn:\n        looks:", "      air:\n        looks:"),
        ("without: [mining-areas]", "without: [no-such-concept]"),
        ("half_life: 10", "half_life: 10\n  unheard_of: 1"),
    ],
)
def test_a_faulty_file_of_challenges_is_refused(tmp_path: Path, before: str, after: str) -> None:
    text = (FOLDER / "challenges.yaml").read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "challenges.yaml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(HeadframeError) as caught:
        specification(path)
    assert [problem.code for problem in caught.value.problems] == ["HF502"]


def test_a_look_at_an_unknown_indicator_is_refused(make: Make) -> None:
    with pytest.raises(HeadframeError) as caught:
        find(scene_of(make([fact("pm25", 20)])), Look(indicator="no_such_indicator"))
    assert caught.value.problems[0].code == "HF503"


def test_every_loop_names_a_document_and_an_indicator_that_exist() -> None:
    content = loop_file()
    for node in content.nodes.values():
        assert {reading.indicator for reading in node.readings} <= set(catalog().indicators)
    said = [item for loop in content.loops.values() for link in loop.links for item in link.sources]
    said += [item for loop in content.loops.values() for item in loop.asserted]
    assert all(item.source in catalog().sources and item.locator for item in said)


def test_a_chain_that_is_not_closed_is_refused(tmp_path: Path) -> None:
    text = (FOLDER / "loops.yaml").read_text(encoding="utf-8")
    broken = text.replace("{cause: local-industry, effect: skilled-people", "{cause: local-industry, effect: people")
    assert broken != text
    path = tmp_path / "loops.yaml"
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(HeadframeError) as caught:
        loop_file(path)
    assert caught.value.problems[0].code == "HF504"


def test_a_faulty_file_of_loops_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "loops.yaml"
    path.write_text("nodes: {}\nloops: {one: {name: a.b}}\n", encoding="utf-8")
    with pytest.raises(HeadframeError) as caught:
        loop_file(path)
    assert caught.value.problems[0].code == "HF502"
