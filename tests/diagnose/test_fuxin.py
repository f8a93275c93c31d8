"""What is said of real places: relations that hold whatever the exact scores are."""

from __future__ import annotations

import pytest

from headframe.diagnose.parts import Evidence
from tests.diagnose.conftest import diagnosed

FUXIN = diagnosed("fuxin")


def pieces(challenge: str) -> dict[str, Evidence]:
    found = FUXIN.challenge(challenge)
    assert found is not None
    return {piece.indicator.id: piece for piece in found.evidence}


def test_the_ecological_arrears_cite_the_heaps_and_the_gap() -> None:
    found = pieces("ecology")
    assert found["gangue_heaps"].figure.value == 28
    assert found["subsidence_repair_gap"].figure.value == 5e9
    assert found["subsidence_area"].figure.value == 140
    assert found["repair_gap_to_revenue"].standing == "beyond-severe"
    assert found["repair_gap_to_revenue"].threshold is not None
    assert "exceeds the standard" in str(found["dust_index"].message.values["words"])


def test_every_challenge_of_fuxin_is_at_least_open_and_none_is_without_evidence() -> None:
    for challenge in FUXIN.challenges:
        assert challenge.severity.value is not None
        assert challenge.severity_class != "none"


def test_evidence_that_is_contradicted_carries_its_findings() -> None:
    assert "fuxin-f04" in pieces("innovation")["rd_intensity"].findings
    rivals = [other.value for other in pieces("innovation")["rd_intensity"].others]
    assert 0.61 in rivals


def test_income_is_held_against_the_nation_of_the_same_year() -> None:
    piece = pieces("structure")["gdp_per_head"]
    assert piece.threshold is not None
    assert piece.threshold.reference is not None
    assert piece.threshold.reference.place == "china"
    assert piece.threshold.reference.period == piece.figure.period
    assert (piece.figure.value or 0) < (piece.threshold.severe.figure.value or 0)


def test_the_window_between_2001_and_2007_shows_with_its_events() -> None:
    sign = next(sign for sign in FUXIN.policy.signs if sign.id == "missed-window")
    figure = sign.evidence[0].figure
    assert figure.low is not None
    assert figure.high is not None
    assert 5.9 < figure.low < figure.high < 7.1
    dates = [item.date for item in FUXIN.policy.events]
    assert dates.index("2001-01-01") < dates.index("2007-12-24")


def test_skills_put_open_posts_beside_older_workers() -> None:
    assert FUXIN.skills.state == "present"
    pair = FUXIN.skills.pairs[0]
    assert (pair.industry, pair.demand.value, pair.supply.value) == ("equipment-manufacturing", 40, 62)
    gross = [note for piece in FUXIN.skills.evidence for note in piece.notes if note.id == "diagnose.note.gross"]
    assert gross


def test_the_investment_of_liaoning_is_read_with_its_slip_corrected() -> None:
    span = next(span for span in FUXIN.investment.spans if span.place.id == "liaoning")
    assert span.first.value == pytest.approx(56.573e9)
    assert span.last.value == pytest.approx(730.259e9)
    assert span.fold.value == pytest.approx(12.908, abs=0.001)
    assert span.corrected is True
    assert (span.heavy_before.value, span.heavy_after.value) == (64.5, 80.5)
    notes = {note.id for note in span.notes}
    assert {"diagnose.investment.corrected", "diagnose.investment.integrity", "diagnose.investment.stated"} <= notes


def test_the_loop_that_the_source_names_for_fuxin_is_named_and_dated() -> None:
    loop = next(loop for loop in FUXIN.loops if loop.id == "talent-industry")
    assert [ref.id for ref in loop.asserted] == ["lin-lyu-2025"]
    assert loop.state in {"supported", "mixed"}
    assert loop.since is not None
    assert loop.until is not None
    assert loop.since < loop.until


def test_the_accident_of_baiyin_is_the_case_everywhere_else() -> None:
    assert ("baiyin", "2021-05-22") in [(case.place, case.date) for case in FUXIN.consumer.cases]
    baiyin = diagnosed("baiyin").consumer
    assert [event.date for event in baiyin.events if event.kind == "accident"] == ["2021-05-22"]
    assert next(sign for sign in baiyin.signs if sign.id == "event-risk").state == "present"


def test_what_is_not_known_lists_contradictions_and_undated_evidence() -> None:
    unknown = FUXIN.unknown
    assert {"fuxin-f06", "fuxin-f07"} <= {item.id for item in unknown.contradictions}
    assert "gangue_heaps" in {piece.indicator.id for piece in unknown.undated}
    ages = [piece.age or 0 for piece in unknown.oldest]
    assert ages == sorted(ages, reverse=True)


def test_detroit_hangs_on_cars() -> None:
    found = diagnosed("detroit").anchor
    assert found.anchor is not None
    assert found.anchor.id == "industry=automotive"
    assert next(sign for sign in found.signs if sign.id == "heavy-anchor").state in {"present", "partly"}
    assert next(sign for sign in found.signs if sign.id == "anchor-leaves").state == "present"


def test_the_population_that_detroit_lost_bounds_its_fall_since_the_peak() -> None:
    labour = diagnosed("detroit").challenge("labour")
    assert labour is not None
    piece = next(piece for piece in labour.evidence if piece.indicator.id == "population_change_since_peak")
    assert piece.figure.value == -58
    assert piece.figure.qualifier == "<="
    assert piece.standing == "beyond-severe"


def test_fushun_is_judged_from_better_sources_than_fuxin() -> None:
    fushun, fuxin = diagnosed("fushun").challenge("structure"), FUXIN.challenge("structure")
    assert fushun is not None
    assert fuxin is not None
    assert fushun.confidence.reliability > fuxin.confidence.reliability
