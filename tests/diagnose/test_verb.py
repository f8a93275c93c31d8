"""The verb: every built-in place, an empty city, errors, words, schema, repeatability."""

from __future__ import annotations

import json

import pytest

from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError
from headframe.core.jobs import Cancel
from headframe.diagnose.criteria import specification
from headframe.diagnose.diagnose import diagnose
from headframe.diagnose.results import CHALLENGES, TABLE, DiagnoseResult
from headframe.diagnose.unknown import collect
from headframe.evidence.folder import builtin_places, open_city
from headframe.evidence.naming import words_for
from headframe.measure.measure import measure
from tests.diagnose.conftest import FEW, Make, diagnosed, event, fact, messages, scene_of

SEVERAL = ("fuxin", "fushun", "detroit", "baiyin", "yichun", "liaoning", "china", "yuxian", "wisconsin")


@pytest.mark.parametrize("name", SEVERAL)
def test_places_of_every_kind_are_diagnosed(name: str) -> None:
    found = diagnosed(name)
    assert tuple(item.id for item in found.challenges) == CHALLENGES
    for challenge in found.challenges:
        assert challenge.known or challenge.severity.value is None or challenge.message.id.endswith("undecided")
        assert challenge.missing or challenge.confidence.coverage == 1.0


@pytest.mark.full
@pytest.mark.parametrize("name", builtin_places())
def test_every_built_in_place_is_diagnosed(name: str) -> None:
    assert diagnosed(name).place == name


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", SEVERAL)
def test_everything_said_can_be_said_in_both_languages(name: str, language: str) -> None:
    """Every text id exists and every one of its slots is filled."""
    words = words_for(open_city(name), language)
    found = diagnosed(name)
    said = [words.say(message) for message in (*messages(found), *found.explain())]
    assert said
    assert all(text.strip() and "{" not in text for text in said)


def test_an_empty_city_is_not_known_everywhere_with_needs_and_commands(make: Make) -> None:
    found = diagnose(make([]), None, draws=200)
    assert {item.severity_class for item in found.challenges} == {"not-known"}
    assert {item.state for item in found.judgements} == {"not-known"}
    assert {item.state for item in found.loops} == {"no-evidence"}
    assert all(share.probability.value is None for share in found.stage.shares)
    assert found.stage.most_probable is None
    assert found.as_of == specification().assumptions.evidence_as_of
    assert found.unknown.challenges == CHALLENGES
    assert len(found.unknown.judgements) == len(found.judgements)
    assert found.summary.id == "diagnose.summary.nothing"
    needs = found.needs()
    assert needs
    assert all(need.command.startswith("headframe ") for need in needs)
    assert all(figure.value is None for figure in found.figures() if figure.unit != "1" or figure.method != "simulated")


def test_no_figure_of_an_empty_city_is_printed_as_zero(make: Make) -> None:
    found = diagnose(make([]), None, draws=200)
    assert [figure for figure in found.figures() if figure.value == 0] == []
    known = found.table().filter(found.table()["value"].is_not_null())
    assert known.height == 0


def test_an_empty_city_with_measures_is_not_known_either(make: Make) -> None:
    city = make([])
    found = diagnose(city, measure(city, draws=100), draws=200)
    assert {item.severity_class for item in found.challenges} == {"not-known"}


def test_what_to_collect_is_ranked_and_narrows(make: Make) -> None:
    found = diagnose(make([fact("pm25", 60.0)]), None, draws=400)
    points = [item.narrows for item in found.unknown.collect]
    assert points == sorted(points, reverse=True)
    assert points[-1] >= 0.5
    assert all(item.need.command and item.serves for item in found.unknown.collect)
    assert "pm25" not in [item.need.indicator for item in found.unknown.collect]


def test_an_old_or_weak_answer_is_asked_for_again_and_a_fresh_one_is_not(make: Make) -> None:
    rows = [fact("pm25", 60.0, 2022, vintage="2022"), fact("surface_water_meeting_share", 70.0, "n.d.", vintage="2022")]
    found = collect(scene_of(make(rows), as_of=2022), [("ecology", specification().challenges["ecology"])], FEW)
    asked = {item.need.indicator: item.need.reason.id for item in found}
    assert asked["surface_water_meeting_share"] == "diagnose.need.fresher"
    assert "pm25" not in asked


def test_the_summary_names_the_worst_of_what_is_known(make: Make) -> None:
    fine = {"pm25": 5.0, "water_per_head": 9000.0, "surface_water_meeting_share": 100.0, "settlements_at_risk": 0.0}
    rows = [fact(name, value) for name, value in fine.items()] + [fact("unemployment_rate_surveyed", 6.5)]
    found = diagnose(make(rows), None, draws=400)
    ecology, labour = found.challenge("ecology"), found.challenge("labour")
    assert ecology is not None
    assert labour is not None
    assert (ecology.severity_class, labour.severity_class) == ("none", "not-known")
    assert (labour.severity.value or 0) > (ecology.severity.value or 0)
    assert found.summary.id == "diagnose.summary.worst-ecology"
    assert found.summary.values["not_known"] == 5


def test_nothing_is_asked_for_that_could_not_be_judged(make: Make) -> None:
    """For a place whose figure was known when the only line was set, a fresher one would still say nothing."""
    rows = [fact("pm25", 60.0)]
    asked = {
        name: {item.need.indicator for item in diagnose(make(rows, name=name), None, draws=400).unknown.collect}
        for name in ("fuxin", "elsewhere")
    }
    assert "intermediates_only_share_chemicals" in asked["elsewhere"]
    assert "intermediates_only_share_chemicals" not in asked["fuxin"]


def test_the_same_inputs_give_the_same_bytes() -> None:
    city = open_city("fushun")
    one, two = (diagnose(city, None, seed=0, draws=200).model_dump_json() for _ in range(2))
    assert one == two
    assert diagnose(city, None, seed=1, draws=200).record.id != json.loads(one)["record"]["id"]


def test_ages_are_counted_to_the_year_of_the_release_or_to_the_year_asked_for(make: Make) -> None:
    city = make([fact("pm25", 60.0, 2015, vintage="2016"), fact("gdp", 1.0, 2018, vintage="2019")])
    assert diagnose(city, None, draws=100).as_of == specification().assumptions.evidence_as_of
    aged = diagnose(city, None, draws=100, as_of=2035)
    piece = next(piece for piece in aged.challenges[2].evidence if piece.indicator.id == "pm25")
    assert piece.age == 20.0
    assert aged.summary.values["as_of"] == 2035
    assert "diagnose.note.old" in [note.id for note in piece.notes]


def test_what_a_caller_can_get_wrong_is_collected_and_explained() -> None:
    city, other = open_city("fushun"), measure(open_city("wisconsin"), draws=100)
    with pytest.raises(HeadframeError) as caught:
        diagnose(city, other, draws=5, as_of=20201)
    assert sorted(problem.code for problem in caught.value.problems) == ["HF505", "HF506", "HF507"]


def test_a_cancelled_run_stops() -> None:
    cancel = Cancel()
    cancel.request()
    with pytest.raises(HeadframeError) as caught:
        diagnose(open_city("fushun"), None, draws=100, cancel=cancel)
    assert caught.value.problems[0].code == "HF116"


def test_progress_names_stages_that_can_be_said() -> None:
    seen: list[tuple[int, int, str]] = []
    diagnose(
        open_city("wisconsin"), None, draws=100, progress=lambda done, total, stage: seen.append((done, total, stage))
    )
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)
    assert all(done < total for done, total, _ in seen)
    assert {stage for _, _, stage in seen} <= set(catalog().words("zh").texts)


def test_the_table_has_every_piece_of_evidence() -> None:
    found = diagnosed("fuxin")
    table = found.table()
    assert table.columns == list(TABLE)
    pieces = sum(len(item.evidence) for item in found.challenges)
    rows = table.filter((table["part"] == "challenge") & ~table["item"].str.contains("severity|probability"))
    assert rows.height == pieces


def test_the_result_survives_json_and_has_a_schema() -> None:
    found = diagnosed("fuxin")
    assert DiagnoseResult.model_validate_json(found.model_dump_json()) == found
    assert set(DiagnoseResult.model_json_schema()["properties"]) >= {"challenges", "loops", "unknown", "not_yet"}


def test_what_is_not_judged_yet_is_said_and_has_no_value() -> None:
    found = diagnosed("fuxin")
    assert [item.scope for item in found.not_yet] == ["D2", "D6"]
    assert [judgement.scope for judgement in found.judgements] == ["D3", "D4", "D5", "D8", "D9", "D10"]


def test_events_alone_are_evidence_of_dates_only(make: Make) -> None:
    found = diagnose(make([], events=[event("closure", "1999-05-01")], country="CHN"), None, draws=200)
    policy = next(item for item in found.challenges if item.id == "policy")
    lag = next(piece for piece in policy.evidence if piece.indicator.id == "policy_lag")
    assert (lag.standing, lag.weight) == ("no-threshold", 0.0)
    assert lag.figure.value == pytest.approx(8.65, abs=0.05)
