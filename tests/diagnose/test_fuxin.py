"""What is said of real places: relations that hold whatever the exact scores are."""

from __future__ import annotations

import pytest

from headframe.catalog.load import catalog
from headframe.diagnose.criteria import specification
from headframe.diagnose.parts import Evidence
from tests.diagnose.conftest import diagnosed

FUXIN = diagnosed("fuxin")


def pieces_in(challenge: str) -> tuple[Evidence, ...]:
    found = FUXIN.challenge(challenge)
    assert found is not None
    return found.evidence


def pieces(challenge: str) -> dict[str, Evidence]:
    return {piece.indicator.id: piece for piece in reversed(pieces_in(challenge))}


def test_the_ecological_arrears_cite_the_heaps_and_the_gap() -> None:
    found = pieces("ecology")
    assert found["gangue_heaps"].figure.value == 28
    assert found["subsidence_repair_gap"].figure.value == 5e9
    assert found["subsidence_area"].figure.value == 140
    assert found["repair_gap_to_revenue"].standing == "no-independent-line"
    assert "exceeds the standard" in str(found["dust_index"].message.values["words"])


def test_no_challenge_of_fuxin_rests_on_a_line_set_with_its_figures_known() -> None:
    for challenge in FUXIN.challenges:
        for piece in challenge.evidence:
            if piece.threshold is not None:
                lines = (piece.threshold.concern.id, piece.threshold.severe.id)
                assert all("fuxin" not in catalog().thresholds[line].seen_in for line in lines)
            if piece.standing == "no-independent-line":
                assert (piece.weight, piece.severity.value) == (0.0, None)
    policy = FUXIN.challenge("policy")
    assert policy is not None
    assert policy.message.id == "diagnose.challenge.own-lines-only"
    assert any(note.id.startswith("diagnose.evidence.no-independent-line") for note in policy.notes)


def test_the_unemployed_of_fuxin_are_set_against_urban_workers_of_every_kind() -> None:
    piece = next(piece for piece in pieces_in("labour") if piece.weight and piece.id == "unemployment")
    assert piece.indicator.id == "registered_unemployed_to_employed"
    assert piece.figure.value == pytest.approx(100 * 18887 / (156035 + 231601 + 18887), abs=0.01)


def test_investment_of_fuxin_is_folded_within_one_concept_and_says_its_years() -> None:
    span = next(span for span in FUXIN.investment.spans if span.place.id == "fuxin")
    assert span.period == "2001–2004"
    assert span.fold.value == pytest.approx(58.3 / 29.2)
    assert span.product_fold.value == pytest.approx(127.1 / 70.5)
    sign = next(sign for sign in FUXIN.investment.signs if sign.id == "investment-multiplied")
    assert sign.message.id == "diagnose.investment.outgrew-nominal"
    assert (sign.message.values["start"], sign.message.values["end"]) == ("2001", "2004")
    assert "diagnose.investment.nominal" in [note.id for note in FUXIN.investment.notes]


def test_the_yield_of_2005_is_nominal_and_too_old_for_its_line() -> None:
    piece = pieces("finance")["investment_effect_coefficient"]
    assert piece.figure.value == pytest.approx((150.6 - 127.1) / 73)
    assert (piece.standing, piece.weight) == ("no-threshold", 0.0)


def test_a_nation_is_not_held_against_a_line_made_from_the_nation() -> None:
    sign = next(sign for sign in diagnosed("daqing").anchor.signs if sign.id == "anchor-debt")
    assert sign.state == "not-known"
    assert all(piece.figure.place != "china" for piece in sign.evidence)
    china = diagnosed("china").challenge("finance")
    assert china is not None
    assert {p.standing for p in china.evidence if p.indicator.id == "state_firm_debt_to_equity"} == {
        "no-independent-line"
    }


def test_every_place_is_counted_to_the_same_year_which_is_printed() -> None:
    results = [diagnosed(name) for name in ("fuxin", "fushun", "detroit")]
    assert {item.as_of for item in results} == {specification().assumptions.evidence_as_of}
    assert {item.summary.values["as_of"] for item in results} == {specification().assumptions.evidence_as_of}


def test_evidence_that_is_contradicted_carries_its_findings() -> None:
    """The weak figure of 2020 that the yearbook contradicts no longer answers; it stands beside."""
    piece = pieces("innovation")["rd_intensity"]
    assert piece.figure.period == "2018"
    assert 0.96 in [other.value for other in piece.others]
    assert "diagnose.note.newer-weaker" in [note.id for note in piece.notes]
    assert "fuxin-f04" in pieces("innovation")["rd_intensity_gap_to_province"].findings or piece.findings == ()


def test_income_is_held_against_the_nation_of_the_same_year() -> None:
    piece = pieces("structure")["gdp_per_head"]
    assert piece.threshold is not None
    assert piece.threshold.reference is not None
    assert piece.threshold.reference.place == "china"
    assert piece.threshold.reference.period == piece.figure.period
    assert (piece.figure.value or 0) < (piece.threshold.severe.figure.value or 0)


def test_the_window_between_2001_and_2007_is_told_with_its_events() -> None:
    sign = next(sign for sign in FUXIN.policy.signs if sign.id == "missed-window")
    assert sign.evidence[0].standing == "no-independent-line"
    assert sign.state in {"partly", "not-known"}
    figure = sign.evidence[0].figure
    assert figure.low is not None
    assert figure.high is not None
    assert 5.9 < figure.low < figure.high < 7.1
    dates = [item.date for item in FUXIN.policy.events]
    assert dates.index("2001-01-01") < dates.index("2007-12-24")


def test_skills_put_open_posts_beside_older_workers() -> None:
    """Vacancies and ages are told, but their lines were set with these figures known: only one side is shown."""
    assert FUXIN.skills.state == "partly"
    assert [sign.state for sign in FUXIN.skills.signs if sign.id in {"open-posts", "older-workers"}] == [
        "not-known"
    ] * 2
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
    assert loop.where is not None
    assert loop.where.id == "fuxin"


def test_a_loop_shown_by_the_province_alone_says_so() -> None:
    loop = next(loop for loop in FUXIN.loops if loop.id == "state-investment-dependence")
    assert loop.where is not None
    assert loop.where.id == "liaoning"
    assert loop.message.values["place"] == loop.where


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
    heavy = next(sign for sign in found.signs if sign.id == "heavy-anchor")
    assert (heavy.state, heavy.evidence[0].standing) == ("not-known", "no-independent-line")
    assert all(piece.indicator.id != "dominant_sector_share" for piece in heavy.evidence)
    assert next(sign for sign in found.signs if sign.id == "anchor-leaves").state == "present"


def test_the_population_that_detroit_lost_bounds_its_fall_since_the_peak() -> None:
    labour = diagnosed("detroit").challenge("labour")
    assert labour is not None
    piece = next(piece for piece in labour.evidence if piece.indicator.id == "population_change_since_peak")
    assert piece.figure.value == -58
    assert piece.figure.qualifier == "<="
    assert piece.standing == "beyond-severe"
