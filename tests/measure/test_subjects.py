"""The subjects: structure, labour, ecology, finance, innovation, population, parks, forests, infrastructure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import pytest

from headframe.core.results import Figure, Message
from headframe.evidence.folder import City, open_city
from headframe.measure import (
    ecology,
    finance,
    forestry,
    infrastructure,
    innovation,
    labour,
    parks,
    population,
    service,
    structure,
)
from headframe.measure.finance import nominal_coefficient, real_coefficient
from headframe.measure.results import Measure
from tests.measure.conftest import Row, obs, scene

Make = Callable[..., City]


def of(measures: Iterable[Measure], identifier: str, dims: str = "") -> Measure:
    """The measure of one id."""
    return next(item for item in measures if (item.id, item.dims) == (identifier, dims))


def jobs(year: int = 2018, total: float | None = None, **sectors: float) -> list[Row]:
    """Employment by sector, with the total that it adds up to."""
    rows = [obs("employment_by_sector", value, year, dims=f"sector={name}") for name, value in sectors.items()]
    return [*rows, obs("employment_urban_units", sum(sectors.values()) if total is None else total, year)]


class TestStructure:
    """M4."""

    def test_indices_of_a_sector_table(self, city: Make) -> None:
        found = structure.measures(scene(city(jobs(mining=50, trade=30, public=20))))
        assert of(found, "mining_employment_share").figure.value == pytest.approx(50)
        assert of(found, "sector_concentration").figure.value == pytest.approx(10_000 * (0.25 + 0.09 + 0.04))
        entropy = -sum(share * math.log(share) for share in (0.5, 0.3, 0.2))
        assert of(found, "sector_diversity").figure.value == pytest.approx(entropy)
        assert of(found, "dominant_sector_share").figure.value == pytest.approx(50)

    def test_doubt_in_a_sector_is_doubt_in_the_index(self, city: Make) -> None:
        rows = jobs(mining=50, trade=30, public=20)
        rows[0] |= {"qualifier": "range", "value": "", "low": "40", "high": "60"}
        figure = of(structure.measures(scene(city(rows))), "dominant_sector_share").figure
        assert figure.low == pytest.approx(100 * 40 / 90)
        assert figure.high == pytest.approx(100 * 60 / 110)

    def test_a_table_with_a_large_gap_gives_no_index(self, city: Make) -> None:
        found = structure.measures(scene(city(jobs(total=200, trade=30, public=20))))
        assert not of(found, "sector_concentration").known
        mining = of(found, "mining_employment_share")
        assert mining.figure.value is None
        assert [(need.indicator, need.dims) for need in mining.needs] == [("employment_by_sector", "sector=mining")]

    def test_specialisation_against_the_nation(self, city: Make) -> None:
        nation = city(jobs(mining=10, trade=60, public=30), name="land", level="country")
        found = structure.measures(scene(city(jobs(mining=50, trade=30, public=20)), nation=nation))
        krugman = of(found, "krugman_distance", "reference=nation")
        assert krugman.figure.value == pytest.approx(0.4 + 0.3 + 0.1)
        quotient = of(found, "location_quotient", "reference=nation;sector=mining")
        assert quotient.figure.value == pytest.approx(5)
        assert krugman.formula.id == "formula.krugman-nation"

    def test_without_the_nations_sectors_the_peers_stand_in(self, city: Make) -> None:
        peers = [city(jobs(mining=10, trade=60, public=30), name=f"peer-{n}") for n in range(2)]
        found = structure.measures(scene(city(jobs(mining=50, trade=30, public=20)), *peers))
        assert of(found, "krugman_distance", "reference=peers").figure.value == pytest.approx(0.8)

    def test_without_any_reference_the_need_names_the_nation(self, city: Make) -> None:
        nation = city([], name="land", level="country")
        found = structure.measures(scene(city(jobs(mining=50, trade=50)), nation=nation))
        missing = of(found, "krugman_distance")
        assert not missing.known
        assert missing.needs[0].place == "land"

    def test_shift_share_over_two_years(self, city: Make) -> None:
        nation = city(
            [*jobs(2010, mining=100, trade=900), *jobs(2020, mining=50, trade=1350)], name="land", level="country"
        )
        here = city([*jobs(2010, mining=60, trade=40), *jobs(2020, mining=24, trade=66)])
        figure = of(structure.measures(scene(here, nation=nation)), "shift_share_regional").figure
        # mining would have fallen to 30, trade risen to 60: −6 and +6
        assert figure.value == pytest.approx(0)
        assert figure.period == "2010–2020"
        once = structure.measures(scene(city(jobs(mining=60, trade=40), name="once"), nation=nation))
        assert [need.indicator for need in of(once, "shift_share_regional").needs] == ["employment_by_sector"]


class TestFinance:
    """M7: the investment-effect coefficient, at current and at constant prices."""

    ROWS = (("gdp", 100, 2004), ("gdp", 116, 2005), ("gdp_growth_real", 9, 2005), ("fixed_asset_investment", 64, 2005))

    def test_at_current_prices_as_the_lines_and_the_real_one_beside(self, city: Make) -> None:
        found = finance.measures(scene(city([obs(*row) for row in self.ROWS])))
        nominal, real = of(found, "investment_effect_coefficient"), of(found, "investment_effect_real")
        assert nominal.figure.value == pytest.approx(16 / 64)
        assert real.figure.value == pytest.approx(116 * 0.09 / 1.09 / 64)
        assert (nominal.figure.status, nominal.figure.period) == ("A", "2005")
        assert [step.id for step in nominal.figure.steps] == ["step.nominal-increase", "step.fieller"]
        assert [step.id for step in real.figure.steps] == ["step.real-increase", "step.fieller"]
        assert nominal.notes[0] == Message(id="measure.note.nominal-increase", values={"period": "2005"})
        assert real.notes[0] == Message(id="measure.note.real-increase", values={"period": "2005"})
        # Relative errors of 2 % of both products and 10 % of investment: the change alone is 16 ± 1.645 × 3.06.
        assert nominal.figure.low is not None
        assert nominal.figure.high is not None
        assert 0.16 < nominal.figure.low < (16 - 1.645 * 3.06) / 64
        assert (16 + 1.645 * 3.06) / 64 < nominal.figure.high < 0.36

    def test_a_period_of_several_years_counts_its_whole_investment(self, city: Make) -> None:
        span = obs("fixed_asset_investment", 200, 2002, period_end="2005-12-31", freq="M", period_text="2002–2005")
        found = finance.measures(scene(city([obs("gdp", 70, 2001), obs("gdp", 150, 2005), span])))
        figure = of(found, "investment_effect_coefficient").figure
        assert (figure.value, figure.period) == (pytest.approx(0.4), "2002–2005")

    def test_without_the_year_before_there_is_a_need_and_only_the_real_one(self, city: Make) -> None:
        found = finance.measures(scene(city([obs(*row) for row in self.ROWS[1:]])))
        missing = of(found, "investment_effect_coefficient")
        assert not missing.known
        assert [(need.indicator, need.period) for need in missing.needs] == [("gdp", "2004")]
        assert of(found, "investment_effect_real").known

    def test_growth_within_bounds_gives_a_coefficient_within_bounds(self) -> None:
        money = {"unit": "CNY", "price_basis": "nominal"}
        growth = Figure(low=-2.0, high=3.0, unit="%", indicator="gdp_growth_real", qualifier="range")
        figure = real_coefficient(Figure(value=100.0, **money), growth, Figure(value=50.0, **money))
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low <= 100 * -0.02 / 0.98 / 50
        assert figure.high >= 100 * 0.03 / 1.03 / 50
        bare = real_coefficient(Figure(value=100.0, **money), growth, Figure(low=50.0, high=60.0, **money))
        assert bare.low == pytest.approx(100 * -0.02 / 0.98 / 50)

    def test_without_investment_it_is_not_known(self, city: Make) -> None:
        found = finance.measures(scene(city([obs(*row) for row in self.ROWS[:3]])))
        missing = of(found, "investment_effect_coefficient")
        assert missing.figure.value is None
        assert [need.indicator for need in missing.needs] == ["fixed_asset_investment"]
        assert "investment_effect_real" not in {item.id for item in found}

    def test_two_price_bases_give_nothing(self) -> None:
        product = Figure(value=100.0, unit="CNY", price_basis="real:2010")
        investment = Figure(value=50.0, unit="CNY", price_basis="nominal")
        growth = Figure(value=5.0, unit="%", indicator="gdp_growth_real")
        assert not real_coefficient(product, growth, investment).known
        before = Figure(value=90.0, unit="CNY", price_basis="nominal")
        assert not nominal_coefficient(product, before, investment).known

    def test_fuxin_as_its_government_reported_it(self) -> None:
        found = finance.measures(scene(open_city("fuxin")))
        assert of(found, "investment_effect_coefficient").figure.value == pytest.approx((150.6 - 127.1) / 73)
        assert of(found, "investment_effect_real").figure.value == pytest.approx(150.6 * 0.16 / 1.16 / 73)


class TestLabour:
    """M5."""

    def test_the_gap_to_the_nation_from_two_rates_of_one_kind(self, city: Make) -> None:
        nation = city([obs("unemployment_rate_registered", 4.1)], name="land", level="country")
        here = scene(city([obs("unemployment_rate_registered", 6.0), obs("unemployment_rate", 9.0)]), nation=nation)
        gap = of(labour.measures(here), "unemployment_gap_to_nation")
        assert (gap.figure.value, gap.figure.unit) == (pytest.approx(1.9), "pp")

    def test_a_gap_of_the_mining_areas_gives_way_to_one_of_the_city(self, city: Make) -> None:
        printed = obs("unemployment_gap_to_nation", 3, "n.d.", concept="mining-areas")
        nation = city([obs("unemployment_rate_registered", 4.1)], name="land", level="country")
        alone = of(labour.measures(scene(city([printed], name="one"), nation=nation)), "unemployment_gap_to_nation")
        assert alone.figure.value == 3
        assert "measure.note.part-of-the-place" in {note.id for note in alone.notes}
        both = city([printed, obs("unemployment_rate_registered", 6.0)], name="two")
        whole = of(labour.measures(scene(both, nation=nation)), "unemployment_gap_to_nation")
        assert whole.figure.value == pytest.approx(1.9)
        assert [figure.value for figure in whole.series] == [3, pytest.approx(1.9)]

    def test_outflow_is_held_against_a_population_of_another_year_and_says_so(self, city: Make) -> None:
        rows = [
            obs("out_migration_young", 30000, "n.d.", qualifier="~", concept=""),
            obs("population_resident", 1.5e6, concept="resident;whole-city"),
        ]
        share = of(labour.measures(scene(city(rows))), "out_migration_share")
        assert share.figure.value == pytest.approx(2)
        assert (share.figure.low, share.figure.high) == (pytest.approx(100 / 60), pytest.approx(100 * 3.5 / 150))
        assert [note.id for note in share.notes] == ["measure.note.periods-differ"]
        assert share.figure.period == "n.d. / 2020"

    def test_dimensions_give_measures_of_their_own(self, city: Make) -> None:
        rows = [obs("vacancy_rate_technical", 40, "n.d.", dims="industry=equipment-manufacturing")]
        found = labour.measures(scene(city(rows)))
        assert of(found, "vacancy_rate_technical", "industry=equipment-manufacturing").figure.value == 40
        assert "vacancy_rate_technical" not in {need.indicator for item in found for need in item.needs}
        assert "zero_employment_households" in {need.indicator for item in found for need in item.needs}


class TestEcology:
    """M6."""

    ROWS = (("subsidence_area", 140), ("subsidence_repair_gap", 5e9), ("gangue_mass", 200))

    def test_ratios_of_undated_parts(self, city: Make) -> None:
        rows = [obs(name, value, "n.d.") for name, value in self.ROWS]
        rows += [obs("hazard_area_eliminated", 40, "2025 (article)"), obs("general_budget_revenue", 4e9, 2022)]
        found = ecology.measures(scene(city(rows)))
        assert of(found, "repair_gap_per_area").figure.value == pytest.approx(5e9 / 140)
        assert of(found, "hazard_eliminated_share").figure.value == pytest.approx(100 * 40 / 140)
        assert of(found, "repair_gap_to_revenue").figure.value == pytest.approx(125)

    def test_mining_damage_is_asked_for_only_where_something_was_mined(self, city: Make) -> None:
        def asked(resource: str) -> set[str]:
            found = ecology.measures(scene(city([], name=resource, resource=resource)))
            return {need.indicator for item in found for need in item.needs}

        assert "gangue_heaps" in asked("coal")
        assert "gangue_heaps" not in asked("forestry")

    def test_rivers_meeting_the_standard(self, city: Make) -> None:
        rows = [obs("surface_water_sections", 8), obs("surface_water_sections_meeting_standard", 6)]
        assert of(ecology.measures(scene(city(rows))), "surface_water_meeting_share").figure.value == pytest.approx(75)


class TestPopulation:
    """M10."""

    def test_change_since_the_highest_on_record(self, city: Make) -> None:
        concept = {"concept": "resident;whole-city"}
        years = {1990: 1.84e6, 2010: 1.90e6, 2020: 1.65e6}
        rows = [obs("population_resident", value, year, **concept) for year, value in years.items()]
        rows.append(obs("population_registered", 2.2e6, 2020, concept="registered;whole-city"))
        figure = of(population.measures(scene(city(rows))), "population_change_since_peak").figure
        assert figure.value == pytest.approx(100 * (1.65 / 1.90 - 1))

    def test_a_short_record_gives_at_least_this_fall(self, city: Make) -> None:
        rows = [obs("population_resident", value, year) for year, value in {2010: 1.9e6, 2024: 1.6e6}.items()]
        found = of(population.measures(scene(city(rows))), "population_change_since_peak")
        assert (found.figure.qualifier, found.figure.low, found.figure.high) == ("<=", None, None)
        assert found.figure.value == pytest.approx(100 * (1.6 / 1.9 - 1))
        assert "measure.note.short-record" in {note.id for note in found.notes}
        longer = city([obs("population_resident", 1.8e6, 2009), *rows], name="longer")
        assert of(population.measures(scene(longer)), "population_change_since_peak").figure.qualifier == "="

    def test_a_short_record_without_a_fall_says_nothing_and_asks_for_earlier_years(self, city: Make) -> None:
        rows = [obs("population_resident", value, year) for year, value in {2015: 1.5e6, 2020: 1.51e6}.items()]
        found = of(population.measures(scene(city(rows))), "population_change_since_peak")
        assert not found.known
        assert [(need.indicator, need.period) for need in found.needs] == [("population_resident", "2005")]

    def test_two_boundaries_are_not_joined(self, city: Make) -> None:
        old = obs("population_resident", 2.4e6, 1990, boundary_version="1990")
        rows = [obs("population_resident", value, year) for year, value in {2000: 1.9e6, 2020: 1.6e6}.items()]
        figure = of(population.measures(scene(city([old, *rows]))), "population_change_since_peak").figure
        assert figure.value == pytest.approx(100 * (1.6 / 1.9 - 1))

    def test_a_figure_of_low_reliability_is_no_peak(self, city: Make) -> None:
        rows = [obs("population_resident", value, year) for year, value in {2000: 1.9e6, 2020: 1.6e6}.items()]
        doubtful = obs("population_resident", 9e6, 2010, status="U")
        figure = of(population.measures(scene(city([*rows, doubtful]))), "population_change_since_peak").figure
        assert figure.value == pytest.approx(100 * (1.6 / 1.9 - 1))

    def test_one_year_is_no_change(self, city: Make) -> None:
        found = population.measures(scene(city([obs("population_resident", 1e6, concept="resident")])))
        assert not of(found, "population_change_since_peak").known


class TestOthers:
    """M8, M9, M12, M13, M14."""

    def test_research_gaps_as_printed_and_from_both_levels(self, city: Make) -> None:
        province = city(
            [obs("rd_intensity", 2.19, 2020), obs("rd_intensity", 2.6, 2022)], name="somewhere", level="province"
        )
        rows = [
            obs("rd_intensity", 0.96, 2020),
            obs("rd_intensity", 1.1, 2022),
            obs("rd_intensity_gap_to_province", -1.23, 2020),
        ]
        gap = of(innovation.measures(scene(city(rows), province=province)), "rd_intensity_gap_to_province")
        assert [(item.period, item.value) for item in gap.series] == [("2020", -1.23), ("2022", pytest.approx(-1.5))]

    def test_parks_ask_for_jobs_and_dwellings(self, city: Make) -> None:
        found = parks.measures(scene(city([obs("park_jobs", 3000), obs("park_dwellings", 2000)])))
        assert of(found, "park_jobs_per_dwelling").figure.value == pytest.approx(1.5)
        empty = parks.measures(scene(city([], name="empty")))
        needs = {need.indicator for need in of(empty, "park_jobs_per_dwelling").needs}
        assert needs == {"park_jobs", "park_dwellings"}
        assert of(empty, "park_powers_delegated_share").needs

    def test_forests_are_asked_about_in_forest_cities(self, city: Make) -> None:
        assert forestry.measures(scene(city([], name="mine"))) == []
        found = forestry.measures(scene(city([obs("logging_halt", 1, 2013)], name="wood", resource="forestry")))
        assert of(found, "logging_halt").known
        assert of(found, "carbon_sink").needs

    def test_roads_from_their_parts(self, city: Make) -> None:
        rows = [
            obs("road_area", 9.36e6, concept="urban-districts"),
            obs("population_urban_districts", 0.72e6, concept="registered;urban-districts"),
        ]
        found = infrastructure.measures(scene(city(rows)))
        assert of(found, "road_area_per_head").figure.value == pytest.approx(13)
        assert of(found, "gas_coverage").needs

    def test_services_are_listed_or_asked_for(self, city: Make) -> None:
        found = service.measures(scene(city([obs("online_approval_rate", 100, "n.d.")])))
        assert of(found, "online_approval_rate").known
        assert {need.indicator for item in found for need in item.needs} == {
            "approval_time_cut",
            "small_firm_measures",
            "new_market_entities",
        }
