"""Output by sector: demand through an input-output table against what capital and labour can make."""

import numpy as np

from headframe.engine import (
    auxiliary,
    constant,
    exogenous,
    feedback,
    flow,
    parameter,
    smooth,
    stock,
    structure,
    table,
)
from tests.engine.models.medium.axes import sector

_rows, _columns = np.meshgrid(np.arange(14), np.arange(14), indexing="ij")
_INPUTS = 0.5 + np.cos(1.7 * _rows + 0.9 * _columns) ** 2 + 2.0 * (_rows == _columns)
_MARKETS = np.array([900, 200, 0, 3000, 900, 1500, 1200, 900, 600, 100, 500, 400, 300, 50])

technical_coefficients = constant(0.55 * _INPUTS / _INPUTS.sum(axis=0), axes=(sector, sector))
household_shares = constant(
    [0.10, 0.01, 0.0, 0.01, 0.06, 0.04, 0.04, 0.18, 0.09, 0.02, 0.16, 0.08, 0.09, 0.12], axes=(sector,)
)
public_shares = constant(
    [0.01, 0.01, 0.0, 0.0, 0.03, 0.03, 0.02, 0.02, 0.01, 0.18, 0.05, 0.01, 0.08, 0.55], axes=(sector,)
)
investment_shares = constant(
    [0.01, 0.01, 0.0, 0.04, 0.02, 0.27, 0.03, 0.0, 0.0, 0.45, 0.06, 0.0, 0.10, 0.01], axes=(sector,)
)
price_takers_follow = constant(0.6)

closure = structure(("demand", "supply"))
self_sufficiency = parameter(
    [0.9, 0.8, 1.4, 1.2, 1.0, 0.3, 0.4, 0.7, 0.3, 1.0, 0.9, 0.8, 0.5, 1.0],
    low=0.05,
    high=1.6,
    axes=(sector,),
)
local_share_exponent = parameter(0.3, low=0.0, high=0.8)
outside_market_at_start = parameter(
    _MARKETS,
    low=0.2 * _MARKETS,
    high=4.0 * _MARKETS,
    unit="million CNY/year",
    axes=(sector,),
)
price_elasticity = parameter(1.2, low=0.3, high=3.0)
demand_time = parameter(0.8, low=0.4, high=2.0, unit="year")
capital_exponent = parameter(0.35, low=0.15, high=0.6)
capital_coefficient = parameter(2.2, low=1.2, high=4.0, unit="year")
softness = parameter(6.0, low=2.0, high=12.0)
learning_rate = parameter(0.15, low=0.0, high=0.4, unit="1/year")
capability_ceiling = parameter(1.6, low=1.05, high=3.0)
forgetting = parameter(0.02, low=0.0, high=0.1, unit="1/year")

outside_growth = exogenous(1.0, low=0.5, high=3.0)
learning_by_use = table([0.0, 0.5, 1.0, 1.4], [0.0, 0.6, 1.0, 1.3])
cost_by_use = table([0.0, 0.6, 0.9, 1.1, 1.6], [1.06, 1.0, 1.0, 1.04, 1.25])


@auxiliary(axes=(sector, sector))
def regional_coefficients(technical_coefficients, self_sufficiency, local_share_exponent):
    return technical_coefficients * np.minimum(1.0, self_sufficiency)[:, None] ** local_share_exponent


@auxiliary(axes=(sector,))
def value_added_share(technical_coefficients):
    return 1.0 - technical_coefficients.sum(axis=0)


@auxiliary(unit="million CNY/year", axes=(sector,))
def outlook_at_start(outside_market_at_start):
    return 1.6 * outside_market_at_start + outside_market_at_start.sum() / 10.0


expected_demand = smooth("demand", time="demand_time", initial="outlook_at_start")


@stock(axes=(sector,), unit="1", initial=1.0, bounds=(0, None), exits={"capability_lost": "capability_hazard"})
def capability(capability_gained):
    return capability_gained


@flow(unit="1/year", axes=(sector,))
def capability_gained(capability, learning_rate, capability_ceiling, use_of_capacity, learning_by_use, spillover):
    pace = learning_rate * learning_by_use(use_of_capacity) * (1.0 + 0.2 * spillover)
    return pace * capability * np.maximum(0.0, 1.0 - capability / capability_ceiling)


@auxiliary(unit="1/year", axes=(sector,))
def capability_hazard(forgetting, use_of_capacity):
    return forgetting * np.where(use_of_capacity < 0.7, 2.0, 1.0)


@auxiliary(unit="million CNY/year", axes=(sector,))
def intermediate_demand(regional_coefficients, expected_demand):
    return regional_coefficients @ expected_demand


@auxiliary(axes=(sector,))
def relative_cost(wage_index, use_of_capacity_before, cost_by_use, capability):
    return (0.45 + 0.55 * wage_index) * cost_by_use(use_of_capacity_before) / capability**0.3


use_of_capacity_before = smooth("use_of_capacity", time="demand_time", initial=0.9)


@auxiliary(axes=(sector,))
def market_share(capability, relative_cost, price_elasticity):
    return np.clip(capability * np.exp(-price_elasticity * np.log(relative_cost)), 0.05, 4.0)


@auxiliary(unit="million CNY/year", axes=(sector,))
def exports_wanted(outside_market_at_start, outside_growth, market_share):
    return outside_market_at_start * outside_growth * market_share


@auxiliary(unit="million CNY/year", axes=(sector,))
def demand(intermediate_demand, exports_wanted, household_demand, public_demand, investment_demand):
    return intermediate_demand + exports_wanted + household_demand + public_demand + investment_demand


@auxiliary(unit="million CNY/year", axes=(sector,))
def potential(capital, capital_coefficient, workers, labour_productivity, capital_exponent, capability):
    by_capital, by_labour = capital / capital_coefficient, workers * labour_productivity
    return capability**0.25 * by_labour * (by_capital / by_labour) ** capital_exponent


@auxiliary(axes=(sector,), bounds=(0, None))
def use_of_capacity(demand, potential):
    return np.minimum(demand / potential, 3.0)


@auxiliary(unit="million CNY/year", axes=(sector,))
def made_to_order(demand, potential, softness, closure):
    """The smaller of both without a corner, or what can be made where supply decides."""
    ratio = demand / potential
    limited = demand / (1.0 + ratio**softness) ** (1.0 / softness)
    return np.where(closure == 0, limited, potential)


@auxiliary(unit="million CNY/year")
def ore_sales(extraction, world_price):
    return extraction * world_price


@auxiliary(unit="million CNY/year", axes=(sector,), bounds=(0, None))
def output(made_to_order, potential, ore_sales, price_takers_follow):
    """Farming and forestry sell what they can make, mining what it raises."""
    field = price_takers_follow * potential[:2] + (1.0 - price_takers_follow) * made_to_order[:2]
    return np.concatenate([field, ore_sales[None], made_to_order[3:]])


@flow(unit="million CNY/year", axes=(sector,))
def value_added(output, value_added_share):
    return output * value_added_share


@auxiliary(unit="million CNY/year", bounds=(0, None))
def gross_product(value_added):
    return value_added.sum()


@auxiliary(unit="million CNY/year")
def product_at_start(outlook_at_start, value_added_share):
    return outlook_at_start @ value_added_share


usual_product = smooth("gross_product", time="demand_time", initial="product_at_start")


@auxiliary()
def concentration(value_added, gross_product):
    """Herfindahl's index of the sectors' shares."""
    return ((value_added / gross_product) ** 2).sum()


@auxiliary()
def largest_share(value_added, gross_product):
    return value_added.max() / gross_product


@stock(unit="million CNY", initial=0.0, bounds=(0, None))
def product_so_far(gross_product):
    return gross_product


wages_and_markets = feedback("wages_and_markets", [("wage_index", "relative_cost")])
