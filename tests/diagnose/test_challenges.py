"""Challenges judged from synthetic evidence: strong, weak, absent, contradictory."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headframe.diagnose.criteria import scales, specification
from headframe.diagnose.judge import Draws, classed
from headframe.diagnose.results import Challenge
from tests.diagnose.conftest import FEW, Make, Row, event, fact, finding, judged, obs
from tests.measure.conftest import write

GRAVE = {
    "pm25": 90.0,
    "sulphur_dioxide_per_gdp": 400.0,
    "industrial_solid_waste_use_rate": 10.0,
    "water_per_head": 200.0,
    "surface_water_meeting_share": 20.0,
    "settlements_at_risk": 40.0,
    "repair_gap_to_revenue": 300.0,
}
FINE = {
    "pm25": 5.0,
    "sulphur_dioxide_per_gdp": 1.0,
    "industrial_solid_waste_use_rate": 99.0,
    "water_per_head": 9000.0,
    "surface_water_meeting_share": 100.0,
    "settlements_at_risk": 0.0,
    "repair_gap_to_revenue": 0.0,
}


def rows(values: dict[str, float], **changes: str) -> list[Row]:
    return [fact(indicator, value, **changes) for indicator, value in values.items()]


def ecology(make: Make, values: dict[str, float], **changes: str) -> Challenge:
    return judged(make(rows(values, **changes), country="CHN"), "ecology")


def width(challenge: Challenge) -> float:
    assert challenge.severity.high is not None
    assert challenge.severity.low is not None
    return challenge.severity.high - challenge.severity.low


def test_strong_evidence_of_trouble_is_severe(make: Make) -> None:
    found = ecology(make, GRAVE)
    assert found.severity_class == "severe"
    assert (found.severity.value or 0) > 80
    assert found.confidence.grip == "high"
    assert found.missing == ()
    assert all(piece.standing == "beyond-severe" for piece in found.evidence if piece.threshold)


def test_strong_evidence_of_no_trouble_is_none_and_not_zero(make: Make) -> None:
    found = ecology(make, FINE)
    assert found.severity_class == "none"
    assert 0 < (found.severity.value or 0) < 100 / 3
    assert found.shares.severe.value == pytest.approx(0.0, abs=2.0)


def test_no_evidence_is_not_known_with_a_need_and_a_command_for_every_criterion(make: Make) -> None:
    found = judged(make([]), "ecology")
    assert found.severity_class == "not-known"
    assert found.severity.value is None
    assert found.severity.known is False
    assert found.shares.severe.value is None
    assert found.confidence.grip == "none"
    assert len(found.missing) == len(specification().challenges["ecology"].criteria)
    assert all(need.command.startswith("headframe ") and "testville" in need.command for need in found.missing)


def test_thin_evidence_in_the_middle_decides_nothing(make: Make) -> None:
    found = ecology(make, {"pm25": 52.0})
    assert found.severity_class == "not-known"
    assert found.severity.value is not None
    assert found.message.id == "diagnose.challenge.undecided"


def test_the_source_s_reliability_and_age_weaken_confidence(make: Make) -> None:
    between = {"pm25": 50.0, "water_per_head": 1000.0, "surface_water_meeting_share": 75.0, "settlements_at_risk": 5.0}
    strong = ecology(make, between)
    low = ecology(make, between, source_id="yuxian-2021")
    old = judged(make([fact(name, value, 2002) for name, value in between.items()] + [fact("gdp", 1)]), "ecology")
    for weak in (low, old):
        assert weak.confidence.score < strong.confidence.score
        assert width(weak) > width(strong)
    assert old.confidence.freshness < 0.3


def test_undated_evidence_is_discounted_and_said(make: Make) -> None:
    dated = judged(make([fact("pm25", 90.0)]), "ecology")
    undated = judged(make([obs("pm25", 90.0, "n.d.", source_id="cn-city-statistical-yearbook-2021")]), "ecology")
    one, other = dated.evidence[0], undated.evidence[0]
    assert (one.dated, other.dated) == (True, False)
    assert other.age is None
    assert other.discount < one.discount
    assert "diagnose.note.undated" in [note.id for note in other.notes]
    assert "diagnose.note.undated-pieces" in [note.id for note in undated.notes]


def test_a_dated_figure_answers_before_an_undated_one_which_stays_beside_it(make: Make) -> None:
    found = judged(make([fact("pm25", 90.0, "n.d."), fact("pm25", 20.0)]), "ecology")
    piece = found.evidence[0]
    assert piece.figure.value == 20.0
    assert [other.value for other in piece.others] == [90.0]


def test_contradicting_sources_widen_the_interval_and_stand_beside(make: Make) -> None:
    single = judged(make([fact("pm25", 30.0)], name="single"), "ecology")
    double = judged(
        make([fact("pm25", 30.0), fact("pm25", 75.0, source_id="bjnews-2021-meter")], name="double"), "ecology"
    )
    piece = double.evidence[0]
    assert [other.value for other in piece.others] == [75.0]
    assert (piece.severity.high or 0) > (single.evidence[0].severity.high or 0) + 10
    assert "diagnose.note.contradicted" in [note.id for note in piece.notes]


def test_a_weaker_answer_to_the_same_question_is_shown_and_not_counted(make: Make) -> None:
    rows = [fact("unemployment_rate_surveyed", 9.0), fact("unemployment_rate_registered", 3.0, 2005)]
    found = judged(make(rows), "labour")
    counted, beside = found.evidence[0], found.evidence[1]
    assert (counted.indicator.id, counted.weight) == ("unemployment_rate_surveyed", 1.0)
    assert (beside.indicator.id, beside.weight, beside.standing) == ("unemployment_rate_registered", 0.0, "within")
    assert "diagnose.note.beside" in [note.id for note in beside.notes]
    alone = judged(make(rows[:1], name="alone"), "labour", as_of=2023)
    assert alone.severity == found.severity


def test_a_superseded_vintage_is_no_contradiction(make: Make) -> None:
    found = judged(make([fact("pm25", 80.0, vintage="2022"), fact("pm25", 30.0, vintage="2023")]), "ecology")
    assert found.evidence[0].figure.value == 30.0
    assert found.evidence[0].others == ()


def test_a_value_that_the_audit_holds_against_a_figure_widens_its_doubt(make: Make) -> None:
    against = finding("f1", "contradicts-source", "testville-0001", against_value="75", against_unit="ug/m3")
    plain = judged(make([fact("pm25", 30.0)], name="plain"), "ecology").evidence[0]
    against = against | {"obs_ids": "audited-0001"}
    audited = judged(make([fact("pm25", 30.0)], name="audited", findings=[against]), "ecology").evidence[0]
    assert audited.findings == ("f1",)
    assert (audited.severity.high or 0) > (plain.severity.high or 0) + 10


def test_a_finding_in_another_unit_changes_nothing_but_is_named(make: Make) -> None:
    against = finding("f1", "contradicts-source", "audited-0001", against_value="75", against_unit="person")
    audited = judged(make([fact("pm25", 30.0)], name="audited", findings=[against]), "ecology").evidence[0]
    assert audited.findings == ("f1",)
    assert audited.others == ()


@pytest.mark.parametrize("removed", sorted(GRAVE))
@pytest.mark.parametrize("values", [GRAVE, FINE], ids=["grave", "fine"])
def test_removing_one_observation_moves_the_severity_and_never_zeroes_it(
    make: Make, values: dict[str, float], removed: str
) -> None:
    whole = ecology(make, values)
    rest = judged(make(rows({k: v for k, v in values.items() if k != removed}), name="rest", country="CHN"), "ecology")
    assert rest.severity.value is not None
    assert rest.severity.value > 0
    assert width(rest) > width(whole)
    assert [need.indicator for need in rest.missing] != []
    assert rest.confidence.coverage < whole.confidence.coverage


def test_a_statement_in_words_is_no_zero_and_is_quoted_in_the_need(make: Make) -> None:
    words = obs("dust_index", "", "n.d.", qualifier="text", value_text="frequently exceeds the standard")
    found = judged(make([words]), "ecology")
    assert found.severity.value is None
    assert [piece.message.id for piece in found.evidence] == ["diagnose.evidence.words"]
    quoted = judged(make([words | {"indicator_id": "pm25", "unit": "ug/m3"}], name="two"), "ecology")
    need = next(need for need in quoted.missing if need.indicator == "pm25")
    assert need.reason.values["words"] == "frequently exceeds the standard"


def test_a_relative_line_needs_the_nation(make: Make) -> None:
    abroad = judged(make([fact("gdp_per_head", 30000.0, 2020)], name="abroad"), "structure")
    assert "gdp_per_head" in [need.indicator for need in abroad.missing]
    assert [piece.standing for piece in abroad.evidence] == ["no-threshold"]
    here = judged(make([fact("gdp_per_head", 30000.0, 2020)], name="here", country="CHN"), "structure")
    piece = here.evidence[0]
    assert piece.threshold is not None
    assert piece.threshold.reference is not None
    assert piece.threshold.reference.place == "china"
    assert piece.threshold.concern.figure.value == pytest.approx(0.9 * (piece.threshold.reference.value or 0))
    assert piece.standing == "beyond-severe"


def test_a_ratio_of_parts_of_different_dates_says_so(make: Make) -> None:
    parts = [obs("subsidence_repair_gap", 5e9, "n.d."), fact("general_budget_revenue", 4e9)]
    piece = next(p for p in judged(make(parts), "ecology").evidence if p.id == "repair-gap")
    assert piece.figure.value == pytest.approx(125.0)
    assert piece.dated is False
    assert "diagnose.step.mixed-dates" in [step.id for step in piece.figure.steps]


def test_events_of_the_challenge_are_listed_in_time_order(make: Make) -> None:
    city = make(
        [], events=[event("bankruptcy", "2004-01-01"), event("closure", "1999-01-01"), event("law", "2000-01-01")]
    )
    assert [item.date for item in judged(city, "structure").events] == ["1999-01-01", "2004-01-01"]


def test_the_strongest_pieces_pull_away_from_the_concern_point(make: Make) -> None:
    mixed = {**{name: FINE[name] for name in list(FINE)[:5]}, **{name: GRAVE[name] for name in list(GRAVE)[5:]}}
    found = ecology(make, mixed)
    if found.severity_class != "none":
        assert {piece.indicator.id for piece in found.strongest} == set(list(GRAVE)[5:])
    fine = ecology(make, FINE)
    assert all((piece.severity.value or 100) < 100 / 3 for piece in fine.strongest)
    assert len(fine.strongest) == 3


def test_weights_of_measured_pieces_add_up(make: Make) -> None:
    found = ecology(make, GRAVE)
    assert sum(piece.weight for piece in found.evidence) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((10.0, 20.0, 70.0), "severe"),
        ((60.0, 30.0, 10.0), "none"),
        ((20.0, 60.0, 20.0), "concern"),
        ((19.0, 41.0, 40.0), "concern"),
        ((30.0, 40.0, 30.0), "not-known"),
    ],
)
def test_the_class_is_the_one_that_is_more_likely_than_not(parts: tuple[float, float, float], expected: str) -> None:
    assert classed(parts, 80.0) == expected


STEPS = {
    "ecology": sorted(GRAVE),
    "finance": ["fiscal_self_sufficiency", "loan_to_deposit_ratio", "profit_outflow_share"],
}
SCALE_OF = {scale.indicator: scale for scale in scales().values()}


@settings(max_examples=25)
@given(
    identifier=st.sampled_from(sorted(STEPS)),
    data=st.data(),
)
def test_worse_evidence_never_lowers_the_severity_of_a_city(identifier: str, data: st.DataObject) -> None:
    """Through files, reconciliation, thresholds and draws: any one figure made worse, everything else the same."""
    indicators = data.draw(st.lists(st.sampled_from(STEPS[identifier]), min_size=1, unique=True))
    steps = {name: data.draw(st.floats(-2, 3), label=name) for name in indicators}
    worse, further = data.draw(st.sampled_from(indicators)), data.draw(st.floats(0, 3))
    undated = data.draw(st.booleans())

    def at(name: str, step: float) -> Row:
        scale = SCALE_OF[name]
        value = scale.concern.value + step * (scale.severe.value - scale.concern.value)
        low, _ = (0.0, None)
        return fact(name, max(low, value), "n.d." if undated and name == worse else 2022)

    with tempfile.TemporaryDirectory() as folder:
        before = write(Path(folder) / "before", [at(n, s) for n, s in steps.items()], country="XYZ")
        after = write(
            Path(folder) / "after",
            [at(n, s + (further if n == worse else 0.0)) for n, s in steps.items()],
            country="XYZ",
        )
        draws = Draws(count=200, seed=FEW.seed, level=0.9)
        one, two = judged(before, identifier, draws=draws), judged(after, identifier, draws=draws)
    assert (two.severity.value or 0) >= (one.severity.value or 0) - 1e-9
    assert (two.severity.low or 0) >= (one.severity.low or 0) - 1e-9
    assert (two.shares.severe.value or 0) >= (one.shares.severe.value or 0) - 1e-9
    assert (two.shares.none.value or 0) <= (one.shares.none.value or 0) + 1e-9
