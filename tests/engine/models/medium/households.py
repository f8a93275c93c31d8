"""Income, consumption, savings, and where people live."""

import numpy as np

from headframe.engine import auxiliary, constant, flow, lever, parameter, smooth, stock, table
from tests.engine.models.medium.axes import sector, zone

one_year = constant(1.0, unit="year")
building_lag = constant(2.0, unit="year")

saving_share = parameter(0.25, low=0.1, high=0.45)
income_time = parameter(1.5, low=0.6, high=4.0, unit="year")
household_size = parameter(1.9, low=1.4, high=2.6, unit="person/household")
price_weight = parameter(0.5, low=0.0, high=1.5)
price_time = parameter(2.0, low=1.0, high=5.0, unit="year")
house_price_at_start = parameter([0.12, 0.30, 0.20], low=0.05, high=0.6, unit="million CNY/household", axes=(zone,))
zone_pull = parameter([-0.3, 0.5, 0.0], low=-1.0, high=1.0, axes=(zone,))
demolition = parameter(0.01, low=0.002, high=0.03, unit="1/year")
rate_on_savings = parameter(0.02, low=0.0, high=0.05, unit="1/year")
spending_from_savings = parameter(0.05, low=0.0, high=0.12, unit="1/year")

housing_programme = lever(0.0, low=0.0, high=0.05, unit="1/year")

saving_by_security = table([0.0, 0.05, 0.15, 0.4], [0.8, 1.0, 1.25, 1.5])
building_by_pressure = table([0.6, 0.9, 1.0, 1.1, 1.5], [0.0, 0.005, 0.02, 0.045, 0.09], unit="1/year")
demolition_by_vacancy = table([0.0, 0.1, 0.4, 1.0], [0.5, 1.0, 3.0, 6.0])


@auxiliary(unit="million CNY/year", bounds=(0, None))
def household_income(wage_bill, value_added, profit_share, pensions_and_aid, income_tax):
    return (wage_bill + 0.2 * profit_share * value_added.sum()) * (1.0 - income_tax) + pensions_and_aid


@auxiliary(unit="million CNY/year")
def income_at_start(outlook_at_start, productivity_at_start, wages_at_start):
    return wages_at_start * (outlook_at_start / productivity_at_start).sum()


usual_income = smooth("household_income", time="income_time", initial="income_at_start")


@auxiliary(unit="million CNY/year", bounds=(0, None))
def consumption(usual_income, saving_share, unemployment_rate, saving_by_security, savings, spending_from_savings):
    return usual_income * (1.0 - saving_share * saving_by_security(unemployment_rate)) + spending_from_savings * savings


@auxiliary(unit="million CNY/year", axes=(sector,))
def household_demand(consumption, household_shares):
    return consumption * household_shares


@stock(unit="million CNY", initial=0.0)
def savings(saved, interest_earned):
    return saved + interest_earned


@flow(unit="million CNY/year")
def saved(household_income, consumption):
    return household_income - consumption


@flow(unit="million CNY/year")
def interest_earned(savings, rate_on_savings):
    return savings * rate_on_savings


@auxiliary(unit="household")
def households(population, household_size):
    return population / household_size


@auxiliary(axes=(zone,), bounds=(0, 1))
def zone_shares(amenity, zone_pull, house_price, price_weight):
    utility = amenity + zone_pull - price_weight * np.log(house_price / house_price.mean())
    pull = np.exp(utility - utility.max())
    return pull / pull.sum()


@auxiliary(unit="household", axes=(zone,))
def households_by_zone(households, zone_shares):
    return households * zone_shares


@stock(
    unit="household",
    axes=(zone,),
    initial=lambda people_at_start, household_size: people_at_start / household_size * np.array([0.25, 0.5, 0.35]),
    bounds=(0, None),
    exits={"demolished": "demolition_hazard"},
)
def dwellings(homes_built):
    return homes_built


@auxiliary(axes=(zone,))
def occupancy(households_by_zone, dwellings):
    return np.clip(households_by_zone / dwellings, 0.05, 3.0)


@flow(unit="household/year", axes=(zone,))
def homes_built(dwellings, occupancy, building_by_pressure, housing_programme):
    return dwellings * (building_by_pressure(occupancy) + housing_programme)


@auxiliary(unit="1/year", axes=(zone,))
def demolition_hazard(demolition, occupancy, demolition_by_vacancy):
    return demolition * demolition_by_vacancy(np.maximum(0.0, 1.0 - occupancy))


@stock(unit="million CNY/household", axes=(zone,), initial="house_price_at_start", bounds=(0, None))
def house_price(price_change):
    return price_change


@auxiliary(unit="million CNY/household/year", axes=(zone,))
def price_change(house_price, occupancy, price_time, wage_index, house_price_at_start):
    anchored = np.log(house_price_at_start * wage_index / house_price)
    return house_price * (0.5 * np.clip(occupancy - 1.0, -0.5, 0.5) + 0.3 * anchored) / price_time
