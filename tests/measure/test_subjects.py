"""The subjects: structure, labour, ecology, finance, innovation, population, parks, forests, infrastructure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import pytest

from headframe.core.results import Figure
from headframe.evidence.folder import City
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
from headframe.measure.finance import coefficient
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
    """M7: the investment-effect coefficient."""

    def test_real_growth_is_used_where_known(self, city: Make) -> None:
        rows = [obs("gdp", 116, 2005), obs("gdp_growth_real", 16, 2005), obs("fixed_asset_investment", 64, 2005)]
        figure = of(finance.measures(scene(city(rows))), "investment_effect_coefficient").figure
        assert figure.value == pytest.approx(16 / 64)
        assert figure.status == "A"
        # Relative errors of 2 % of both products and 10 % of investment: the change alone is 16 ± 1.645 × 3.06.
        assert figure.low is not None
        assert figure.high is not None
        assert 0.16 < figure.low < (16 - 1.645 * 3.06) / 64 < (16 + 1.645 * 3.06) / 64 < figure.high < 0.36

    def test_nominal_growth_is_marked_as_unreliable(self, city: Make) -> None:
        rows = [obs("gdp", 100, 2004), obs("gdp", 116, 2005), obs("fixed_asset_investment", 64, 2005)]
        figure = of(finance.measures(scene(city(rows))), "investment_effect_coefficient").figure
        assert (figure.value, figure.status) == (pytest.approx(0.25), "U")
        assert figure.steps[-1].id == "step.nominal-increase"

    def test_growth_within_bounds_gives_a_coefficient_within_bounds(self) -> None:
        money = {"unit": "CNY", "price_basis": "nominal"}
        growth = Figure(low=-2.0, high=3.0, unit="%", indicator="gdp_growth_real", qualifier="range")
        figure = coefficient(Figure(value=100.0, **money), growth, Figure(), Figure(value=50.0, **money))
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low <= 100 * -0.02 / 0.98 / 50
        assert figure.high >= 100 * 0.03 / 1.03 / 50
        bare = coefficient(
            Figure(value=100.0, **money),
            growth.model_copy(update={"low": -2.0}),
            Figure(),
            Figure(low=50.0, high=60.0, **money),
        )
        assert bare.low == pytest.approx(100 * -0.02 / 0.98 / 50)

    def test_without_investment_it_is_not_known(self, city: Make) -> None:
        rows = [obs("gdp", 116, 2005), obs("gdp_growth_real", 16, 2005)]
        missing = of(finance.measures(scene(city(rows))), "investment_effect_coefficient")
        assert missing.figure.value is None
        assert [need.indicator for need in missing.needs] == ["fixed_asset_investment"]

    def test_two_price_bases_give_nothing(self) -> None:
        product = Figure(value=100.0, unit="CNY", price_basis="real:2010")
        investment = Figure(value=50.0, unit="CNY", price_basis="nominal")
        growth = Figure(value=5.0, unit="%", indicator="gdp_growth_real")
        assert not coefficient(product, growth, Figure(), investment).known


class TestLabour:
    """M5."""

    def test_the_gap_to_the_nation_from_two_rates_of_one_kind(self, city: Make) -> None:
        nation = city([obs("unemployment_rate_registered", 4.1)], name="land", level="country")
        here = scene(city([obs("unemployment_rate_registered", 6.0), obs("unemployment_rate", 9.0)]), nation=nation)
        gap = of(labour.measures(here), "unemployment_gap_to_nation")
        assert (gap.figure.value, gap.figure.unit) == (pytest.approx(1.9), "pp")

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
