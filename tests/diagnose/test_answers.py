"""Which figure answers, and which line may judge it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headframe.core.results import Figure, Ref
from headframe.diagnose.criteria import specification
from headframe.diagnose.judge import challenge
from headframe.measure.measure import measure
from tests.diagnose.conftest import FEW, Make, fact, judged, obs, scene_of

FINANCE = specification().challenges["finance"]


def test_a_line_that_the_source_drew_from_its_own_figure_judges_nothing(make: Make) -> None:
    own = judged(make([obs("dust_index", 1.5, 2022)], name="own"), "ecology")
    other = judged(make([obs("dust_index", 1.5, 2022, source_id="yuxian-2021")], name="other"), "ecology")
    piece = next(piece for piece in own.evidence if piece.indicator.id == "dust_index")
    assert (piece.standing, piece.weight, piece.discount) == ("no-independent-line", 0.0, 0.0)
    assert "diagnose.note.own-line" in [note.id for note in piece.notes]
    assert own.severity.value is None
    assert other.evidence[0].standing == "beyond-concern"


def test_a_line_set_with_a_place_s_figure_known_does_not_judge_that_place(make: Make) -> None:
    rows = [fact("vacancy_rate_technical", 40.0)]
    seen = judged(make(rows, name="fuxin", country="CHN"), "labour")
    unseen = judged(make(rows, name="elsewhere", country="CHN"), "labour")
    assert unseen.evidence[0].standing == "beyond-severe"
    assert unseen.severity.value is not None
    assert [piece.standing for piece in seen.evidence] == ["no-independent-line"]
    assert (seen.severity.value, seen.severity_class, seen.confidence.coverage) == (None, "not-known", 0.0)
    assert seen.message.id == "diagnose.challenge.own-lines-only"
    assert seen.message.values["n"] == 1
    assert "diagnose.evidence.no-independent-line" in [note.id for note in seen.notes]
    asked = {need.indicator: need.reason.id for need in seen.missing}
    assert asked["vacancy_rate_technical"] == "diagnose.need.independent-line"
    assert asked["age_65_plus_share"] == "diagnose.need.no-figure"


def test_a_line_computed_from_many_places_is_nobody_s_own(make: Make) -> None:
    piece = judged(make([fact("tertiary_share", 42.0, 2020)], country="CHN"), "structure").evidence[0]
    assert piece.threshold is not None
    assert piece.threshold.concern.source is not None
    assert piece.threshold.concern.source.id == "cn-city-statistical-yearbook-2021"
    assert [note.id for note in piece.notes] == []


@pytest.mark.parametrize(
    ("country", "level"), [("USA", "prefecture_city"), ("CHN", "province"), ("CHN", "county_city")]
)
def test_quantiles_of_chinese_cities_judge_no_other_place(make: Make, country: str, level: str) -> None:
    found = judged(make([fact("dominant_sector_share", 80.0)], country=country, level=level), "structure")
    assert found.severity.value is None
    assert found.evidence[0].standing == "no-threshold"
    assert "diagnose.note.line-of-chinese-cities" in [note.id for note in found.evidence[0].notes]
    assert "diagnose.need.fitting-line" in [need.reason.id for need in found.missing]


def test_a_value_marked_unreliable_is_quoted_and_answers_nothing(make: Make) -> None:
    found = judged(make([fact("pm25", 90.0, status="U")], name="marked"), "ecology")
    assert found.severity.value is None
    assert [(piece.standing, piece.weight, piece.message.id) for piece in found.evidence] == [
        ("not-known", 0.0, "diagnose.evidence.unusable")
    ]
    older = judged(make([fact("pm25", 90.0, status="U"), fact("pm25", 40.0, 2020)], name="older"), "ecology")
    assert older.evidence[0].figure.value == 40.0


def test_a_forecast_answers_nothing(make: Make) -> None:
    assert judged(make([fact("pm25", 90.0, 2060, status="F")]), "ecology").severity.value is None


def test_a_better_figure_is_not_displaced_by_a_newer_weak_one_which_stands_beside(make: Make) -> None:
    rows = [fact("pm25", 40.0, 2018), fact("pm25", 90.0, 2020, source_id="yuxian-2021")]
    piece = judged(make(rows, name="better"), "ecology").evidence[0]
    assert piece.figure.value == 40.0
    assert [other.value for other in piece.others] == [90.0]
    assert "diagnose.note.newer-weaker" in [note.id for note in piece.notes]
    aged = [fact("pm25", 40.0, 2000), fact("pm25", 90.0, 2020, source_id="yuxian-2021")]
    assert judged(make(aged, name="aged"), "ecology").evidence[0].figure.value == 90.0


def test_a_change_is_as_old_as_its_end(make: Make) -> None:
    row = fact("population_change_since_peak", -20.0, period_start="1990-01-01", period_end="2020-12-31", freq="M")
    people = [fact("population_resident", 100.0, 1990), fact("population_resident", 80.0, 2020)]
    city = make(people, name="peaked")
    found = scene_of(city, 2025)
    refs = tuple(city.observations.get_column("ref").to_list())
    change = Figure(value=-20.0, unit="%", indicator="population_change_since_peak", observations=refs)
    assert found.age(change) == 5.0
    assert found.age(change.model_copy(update={"indicator": "gdp_per_head"})) == 35.0
    assert judged(make([row], name="told"), "labour", as_of=2025).evidence[0].age == 5.0


def test_unemployment_of_mining_areas_is_told_and_not_held_against_lines_for_cities(make: Make) -> None:
    found = judged(make([fact("unemployment_rate", 9.0, concept="mining-areas")], name="mines"), "labour")
    assert found.severity.value is None
    piece = next(piece for piece in found.evidence if piece.indicator.id == "unemployment_rate")
    assert piece.standing == "no-threshold"
    assert Ref(kind="concept", id="mining-areas") in piece.message.values["what"]  # type: ignore[operator]
    whole = judged(make([fact("unemployment_rate", 9.0)], name="whole"), "labour")
    assert whole.evidence[0].standing == "beyond-severe"


def test_a_proxy_answers_only_where_the_rate_is_worth_less(make: Make) -> None:
    proxy = fact("registered_unemployed_to_employed", 9.0, 2022)
    recent = judged(make([proxy, fact("unemployment_rate_surveyed", 3.0, 2020)], name="one", country="CHN"), "labour")
    assert recent.evidence[0].indicator.id == "unemployment_rate_surveyed"
    old = judged(make([proxy, fact("unemployment_rate_surveyed", 3.0, 2005)], name="two", country="CHN"), "labour")
    assert old.evidence[0].indicator.id == "registered_unemployed_to_employed"
    assert "diagnose.note.proxy" in [note.id for note in old.evidence[0].notes]
    assert old.evidence[0].discount == pytest.approx(0.5 * 0.5**0.1)


YIELD = [
    fact("gdp", 100e8, 2018),
    fact("gdp", 130e8, 2019),
    fact("gdp_growth_real", 10.0, 2019),
    fact("fixed_asset_investment", 100e8, 2019),
]


def test_the_yield_of_investment_is_nominal_as_its_line_and_the_real_one_stands_beside(make: Make) -> None:
    city = make(YIELD, name="yields", country="CHN")
    found = challenge(replace(scene_of(city), measured=measure(city, draws=100)), "finance", FINANCE, FEW)
    piece = next(piece for piece in found.evidence if piece.id == "return-on-investment")
    assert piece.figure.value == pytest.approx(0.30)
    assert piece.standing == "within"
    if any(abs((other.value or 0) - 130 / 11 / 100) < 1e-6 for other in piece.others):
        assert "diagnose.note.real-beside" in [note.id for note in piece.notes]


def test_the_yield_of_long_ago_is_told_and_not_held_against_its_line(make: Make) -> None:
    aged = judged(make(YIELD, name="yields", country="CHN"), "finance", as_of=2040)
    piece = next(piece for piece in aged.evidence if piece.id == "return-on-investment")
    assert (piece.standing, piece.threshold) == ("no-threshold", None)
    assert "diagnose.note.too-old" in [note.id for note in piece.notes]


def test_a_figure_whose_error_spans_a_line_is_not_said_to_be_past_it(make: Make) -> None:
    near = judged(make([fact("pm25", 70.5)], name="near"), "ecology").evidence[0]
    clear = judged(make([fact("pm25", 80.0)], name="clear"), "ecology").evidence[0]
    assert (near.within_error, near.message.id) == (True, "diagnose.evidence.at-severe")
    assert (clear.within_error, clear.message.id) == (False, "diagnose.evidence.beyond-severe")


def test_a_criterion_has_one_home_and_is_told_elsewhere_without_weight(make: Make) -> None:
    city = make([fact("profit_outflow_share", 90.0), fact("loan_to_deposit_ratio", 40.0)], country="CHN")
    finance, policy = judged(city, "finance"), judged(city, "policy")
    assert [piece.id for piece in policy.evidence if piece.weight] == ["profits-out"]
    told = next(piece for piece in finance.evidence if piece.id == "policy/profits-out")
    assert (told.weight, told.discount) == (0.0, 0.0)
    assert "diagnose.note.counted-in-policy" in [note.id for note in told.notes]


def test_every_message_about_a_figure_says_of_when_and_of_what(make: Make) -> None:
    row = fact("vacancy_rate_technical", 40.0, dims="industry=steel")
    piece = judged(make([row]), "labour").evidence[0]
    assert piece.message.values["period"] == "2022"
    assert piece.message.values["what"] == (Ref(kind="dims", id="industry=steel"),)
