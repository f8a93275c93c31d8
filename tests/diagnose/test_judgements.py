"""Skills, investment, policy, anchors, stage, consumption: synthetic evidence for each sign."""

from __future__ import annotations

import numpy as np
import pytest

from headframe.core.results import Ref
from headframe.diagnose.criteria import specification
from headframe.diagnose.investment import investment
from headframe.diagnose.judgements import anchor, consumer, policy, skills
from headframe.diagnose.parts import Judgement, Sign, State
from headframe.diagnose.results import AnchorDependence, InvestmentLockIn, SkillsMismatch
from headframe.diagnose.signs import combined
from headframe.diagnose.stage import income_shares, pooled, research_shares, resource_shares, stage
from headframe.evidence.folder import City
from tests.diagnose.conftest import FEW, Make, event, fact, finding, obs, scene_of

SPECS = specification().judgements


def the(judgement: Judgement, identifier: str) -> Sign:
    return next(sign for sign in judgement.signs if sign.id == identifier)


def skills_of(city: City) -> SkillsMismatch:
    return skills(scene_of(city), SPECS["skills"])


def investment_of(city: City) -> InvestmentLockIn:
    return investment(scene_of(city), SPECS["investment"])


def anchor_of(city: City) -> AnchorDependence:
    return anchor(scene_of(city), SPECS["anchor"])


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "not-known"),
        (["not-known", "not-known"], "not-known"),
        (["absent", "not-known"], "absent"),
        (["absent", "not-known", "not-known"], "not-known"),
        (["absent", "not-known", "not-known", "not-known", "not-known"], "not-known"),
        (["partly", "not-known", "not-known"], "partly"),
        (["present", "present", "not-known", "absent"], "present"),
        (["present", "not-known", "not-known"], "partly"),
        (["partly", "absent"], "partly"),
    ],
)
def test_signs_combine(states: list[State], expected: State) -> None:
    assert combined(states) == expected


# --- skills


def test_people_without_work_beside_open_posts_are_a_mismatch(make: Make) -> None:
    rows = [
        fact("unemployment_rate_surveyed", 9.0),
        fact("vacancy_rate_technical", 45.0, dims="industry=steel"),
        fact("laid_off_aged_45_plus_share", 70.0),
    ]
    found = skills_of(make(rows))
    assert found.state == "present"
    assert [(pair.industry, pair.age, pair.demand.value, pair.supply.value) for pair in found.pairs] == [
        ("steel", "45+", 45.0, 70.0)
    ]


def test_one_side_alone_is_half_a_mismatch_and_both_absent_none(make: Make) -> None:
    assert skills_of(make([fact("vacancy_rate_technical", 45.0)], name="one")).state == "partly"
    good = [fact("unemployment_rate_surveyed", 2.0), fact("vacancy_rate_technical", 1.0)]
    assert skills_of(make(good, name="two")).state == "absent"
    assert skills_of(make([fact("unemployment_rate_surveyed", 2.0)], name="three")).state == "not-known"


def test_without_the_laid_off_a_pair_is_one_sided(make: Make) -> None:
    pair = skills_of(make([fact("vacancy_rate_technical", 45.0)])).pairs[0]
    assert pair.supply.value is None
    assert pair.age == ""
    assert pair.message.id == "diagnose.skills.pair-one-sided"


def test_a_re_employment_rate_is_called_gross(make: Make) -> None:
    found = skills_of(make([fact("reemployment_rate_gross", 85.0)]))
    assert [note.id for piece in found.evidence for note in piece.notes] == ["diagnose.note.gross"]
    assert found.state == "not-known"


def test_vacancies_by_occupation_are_asked_for_until_they_are_there(make: Make) -> None:
    wanted = [need.dims for need in skills_of(make([])).missing]
    assert "occupation=*" in wanted
    rows = [fact("vacancy_rate_technical", 45.0, dims="occupation=machine-operators")]
    assert "occupation=*" not in [need.dims for need in skills_of(make(rows, name="more")).missing]


# --- investment

SPAN = [
    fact("industrial_investment", 1e9, 2002),
    fact("industrial_investment", 13e9, 2010),
    fact("heavy_industry_share", 60.0, 2001),
    fact("heavy_industry_share", 80.0, 2010),
    fact("employment_secondary", 100.0, 2002),
    fact("employment_secondary", 101.0, 2010),
]


def test_investment_that_outgrew_product_while_industry_grew_heavier_locks_in(make: Make) -> None:
    product = [fact("gdp", 10e9, 2002), fact("gdp", 40e9, 2010)]
    found = investment_of(make([*SPAN, *product]))
    span = found.spans[0]
    assert (span.period, span.fold.value, span.product_fold.value) == ("2002–2010", 13.0, 4.0)
    assert (span.heavy_before.value, span.heavy_after.value) == (60.0, 80.0)
    assert span.jobs.value == pytest.approx(1.0)
    assert (the(found, "investment-multiplied").state, the(found, "heavier").state) == ("present", "present")
    assert found.state == "present"
    assert "diagnose.investment.nominal" in [note.id for note in span.notes]


def test_investment_that_grew_less_than_product_speaks_against_it(make: Make) -> None:
    found = investment_of(make([*SPAN[:2], fact("gdp", 1e9, 2002), fact("gdp", 40e9, 2010)]))
    assert the(found, "investment-multiplied").state == "absent"


def test_a_rise_without_product_shows_in_part(make: Make) -> None:
    assert the(investment_of(make(SPAN)), "investment-multiplied").state == "partly"


def test_one_year_of_investment_is_no_span(make: Make) -> None:
    found = investment_of(make(SPAN[:1]))
    assert found.spans == ()
    assert found.state == "not-known"
    assert [need.indicator for need in found.missing] != []


def test_a_slip_of_unit_is_computed_from_its_correction_and_said(make: Make) -> None:
    printed = [fact("industrial_investment", 13e10, 2010, status="U")]
    corrected = [fact("industrial_investment", 13e9, 2010, status="E", method="derived")]
    slip = finding("f1", "unit-slip", "testville-0002", against_obs_ids="testville-0003")
    city = make([SPAN[0], *printed, *corrected], findings=[slip])
    span = investment_of(city).spans[0]
    assert span.fold.value == 13.0
    assert span.corrected is True
    assert "diagnose.investment.corrected" in [note.id for note in span.notes]
    assert investment_of(make(SPAN, name="clean")).spans[0].corrected is False


# --- policy


def lag_of(city: City) -> Sign:
    return the(policy(scene_of(city), SPECS["policy"]), "missed-window")


def test_years_without_support_are_counted_from_the_first_sign_to_the_law(make: Make) -> None:
    dates = [event("closure", "1999-01-01"), event("bankruptcy", "2004-01-01"), event("law", "2009-01-01")]
    sign = lag_of(make([], events=dates))
    assert sign.evidence[0].figure.value == pytest.approx(10.0, abs=0.01)
    assert sign.state == "present"


def test_a_first_sign_after_the_law_says_nothing_because_earlier_ones_may_be_missing(make: Make) -> None:
    late = lag_of(make([], events=[event("closure", "2010-01-01"), event("law", "2009-01-01")]))
    assert (late.state, late.evidence) == ("not-known", ())


def test_a_province_has_no_window_of_its_own(make: Make) -> None:
    dates = [event("closure", "1999-01-01"), event("law", "2009-01-01")]
    assert lag_of(make([], level="province", events=dates)).state == "not-known"


def test_a_sign_dated_about_gives_two_years_on_either_side(make: Make) -> None:
    about = event("closure", "1999-01-01") | {"qualifier": "~"}
    figure = lag_of(make([], events=[about, event("law", "2009-01-01")])).evidence[0].figure
    assert figure.low == pytest.approx(8.0, abs=0.02)
    assert figure.high == pytest.approx(12.0, abs=0.02)


def test_a_sign_known_to_the_year_gives_an_interval(make: Make) -> None:
    year = event("closure", "1999-01-01") | {"date_end": "1999-12-31"}
    figure = lag_of(make([], events=[year, event("law", "2009-01-01")])).evidence[0].figure
    assert figure.low == pytest.approx(9.0, abs=0.01)
    assert figure.high == pytest.approx(10.0, abs=0.01)


def test_without_a_law_or_a_sign_the_window_is_not_known(make: Make) -> None:
    assert lag_of(make([], events=[event("closure", "1999-01-01")])).state == "not-known"
    assert lag_of(make([], name="two", events=[event("law", "2009-01-01")])).state == "not-known"


def test_words_alone_show_a_sign_at_most_in_part(make: Make) -> None:
    said = obs("qualitative_statement", "", "n.d.", dims="industry=coal", qualifier="text", value_text="distorted")
    found = policy(scene_of(make([said])), SPECS["policy"])
    sign = the(found, "distorted-price")
    assert sign.state == "partly"
    assert sign.evidence[0].message.values["words"] == "distorted"
    assert sign.evidence[0].figure.value is None


def test_figures_of_the_province_show_a_sign_at_most_in_part(make: Make) -> None:
    """Liaoning's share of heavy industry shows in part; its debt, with which the line was set, shows nothing."""
    city = make([], country="CHN", parent="liaoning")
    heavier = the(investment_of(city), "heavier")
    assert heavier.state == "partly"
    assert heavier.message.values["place"] == Ref(kind="place", id="liaoning")
    sign = the(anchor_of(city), "anchor-debt")
    assert sign.evidence[0].figure.place == "liaoning"
    assert (sign.evidence[0].standing, sign.state) == ("no-independent-line", "not-known")
    assert "diagnose.note.of-place-above" in [note.id for note in sign.evidence[0].notes]
    assert Ref(kind="place", id="liaoning") in sign.evidence[0].message.values["what"]  # type: ignore[operator]


def test_that_something_is_known_is_no_support(make: Make) -> None:
    rows = [
        fact("private_share_of_market_entities", 85.0),
        fact("industry_share_of_economy", 5.0, dims="industry=coal"),
    ]
    found = anchor_of(make(rows))
    for name in ("small-firms-squeezed", "one-industry-economy"):
        assert the(found, name).state == "not-known"
        assert len(the(found, name).evidence) == 1
    heavy = anchor_of(make([fact("resource_share_of_output", 60.0)], name="heavy"))
    light = anchor_of(make([fact("resource_share_of_output", 2.0)], name="light"))
    assert [the(one, "one-industry-economy").state for one in (heavy, light)] == ["present", "absent"]


def test_a_number_of_leavers_without_a_scale_shows_departure_in_part(make: Make) -> None:
    for people, state in ((3, "partly"), (300000, "partly"), (0, "absent")):
        found = skills_of(make([fact("out_migration_young", people)], name=f"left{people}"))
        assert the(found, "young-leave").state == state


def test_investment_of_two_concepts_is_not_joined(make: Make) -> None:
    rows = [
        fact("industrial_investment", 1e9, 2002),
        fact("industrial_investment", 3e9, 2008),
        fact("industrial_investment", 90e9, 2010, concept="investment-whole-society;whole-city"),
        fact("gdp", 1e9, 2002),
        fact("gdp", 90e9, 2008, concept="urban-districts"),
    ]
    span = investment_of(make(rows)).spans[0]
    assert (span.period, span.fold.value) == ("2002–2008", 3.0)
    assert span.product_fold.value is None


# --- anchors


def test_the_heaviest_industry_is_the_anchor(make: Make) -> None:
    rows = [
        fact("industry_share_of_employment", 10.0, dims="industry=coal"),
        fact("industry_share_of_employment", 55.0, dims="industry=automotive"),
    ]
    found = anchor_of(make(rows, events=[event("relocation", "1970-01-01")]))
    assert found.anchor is not None
    assert found.anchor.id == "industry=automotive"
    assert the(found, "heavy-anchor").evidence[0].figure.value == 55.0
    assert (the(found, "heavy-anchor").state, the(found, "anchor-leaves").state) == ("present", "present")


def test_years_of_losses_are_a_sign_and_none_speak_against_it(make: Make) -> None:
    losses = anchor_of(make([fact("consecutive_loss_years", 5, dims="firm=x")], name="one"))
    none = anchor_of(make([fact("consecutive_loss_years", 0, dims="firm=x")], name="two"))
    assert the(losses, "anchor-losses").state == "present"
    assert the(none, "anchor-losses").state == "absent"


# --- consumption


def test_a_place_that_holds_events_is_exposed_and_an_accident_shows_it(make: Make) -> None:
    quiet = consumer(scene_of(make([], name="quiet")), SPECS["consumer"])
    lively = consumer(scene_of(make([], name="lively", events=[event("festival", "2020-05-01")])), SPECS["consumer"])
    hit = consumer(scene_of(make([], name="hit", events=[event("accident", "2020-05-01")])), SPECS["consumer"])
    assert [the(found, "event-risk").state for found in (quiet, lively, hit)] == ["not-known", "partly", "present"]
    assert ("baiyin", "2021-05-22") in [(case.place, case.date) for case in quiet.cases]


def test_density_is_told_and_judges_nothing(make: Make) -> None:
    thin = consumer(scene_of(make([fact("population_density_built_up", 900.0)])), SPECS["consumer"])
    assert [piece.standing for piece in thin.evidence] == ["no-threshold"]
    assert "thin-density" not in {sign.id for sign in thin.signs}
    assert thin.state == "not-known"


# --- stage


def test_shares_by_income_run_from_stage_to_stage() -> None:
    shares = income_shares(np.array([1000.0, 2500.0, 5000.0, 13000.0, 50000.0]), 2000, 3000, 9000, 17000)
    assert shares.sum(axis=0) == pytest.approx([1.0] * 5)
    assert shares[0] == pytest.approx([1.0, 0.5, 0.0, 0.0, 0.0])
    assert shares[1] == pytest.approx([0.0, 0.5, 1.0, 0.5, 0.0])
    assert shares[2] == pytest.approx([0.0, 0.0, 0.0, 0.5, 1.0])


@pytest.mark.parametrize("test", [research_shares, resource_shares])
def test_shares_add_up_and_stay_shares(test: object) -> None:
    shares = test(np.linspace(-3, 4, 50))  # type: ignore[operator]
    assert shares.sum(axis=0) == pytest.approx(np.ones(50))
    assert shares.min() >= 0


def test_what_is_untested_keeps_every_stage_possible() -> None:
    one = {"income": np.array([[1.0], [0.0], [0.0], [0.0]])}
    weights = {"income": np.ones(1), "wealth": np.ones(1)}
    assert pooled(one, ("income", "wealth"), weights)[:, 0] == pytest.approx([0.625, 0.125, 0.125, 0.125])


def test_a_poor_place_that_lives_from_its_ore_is_driven_by_factors(make: Make) -> None:
    rows = [fact("gdp_per_head", 6000.0), fact("resource_share_of_output", 90.0)]
    found = stage(scene_of(make(rows)), SPECS["stage"], FEW)
    assert found.most_probable == "factor"
    assert found.state == "present"
    assert sum(share.probability.value or 0 for share in found.shares) == pytest.approx(100.0)
    assert [need.indicator for need in found.missing] == ["rd_intensity"]


def test_a_rich_place_with_much_research_is_driven_by_innovation(make: Make) -> None:
    rows = [
        fact("gdp_per_head", 200000.0, 2020),
        fact("rd_intensity", 4.0, 2020),
        fact("resource_share_of_output", 1.0),
    ]
    found = stage(scene_of(make(rows, country="CHN")), SPECS["stage"], FEW)
    assert found.most_probable == "innovation"
    assert found.state == "absent"
    assert all(share.probability.low != share.probability.high for share in found.shares)
