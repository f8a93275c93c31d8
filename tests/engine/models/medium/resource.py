"""Ore in the ground, mines, and what raising it costs."""

import numpy as np

from headframe.engine import (
    auxiliary,
    conserved,
    delay,
    event,
    exogenous,
    flow,
    lever,
    parameter,
    smooth,
    stock,
    table,
)

reserves_at_start = parameter(400.0, low=100.0, high=1200.0, unit="Mt")
mine_capacity_at_start = parameter(20.0, low=5.0, high=40.0, unit="Mt/year")
unit_cost_at_start = parameter(260.0, low=150.0, high=400.0, unit="CNY/t")
depth_elasticity = parameter(0.4, low=0.1, high=1.0)
mine_retirement = parameter(0.04, low=0.01, high=0.10, unit="1/year")
mine_building_time = parameter(3.0, low=1.5, high=6.0, unit="year")
margin_time = parameter(1.5, low=0.6, high=4.0, unit="year")
exploration_yield = parameter(3.0, low=0.0, high=8.0, unit="Mt/year")
fastest_extraction = parameter(0.2, low=0.05, high=0.5, unit="1/year")

world_price = exogenous(420.0, low=150.0, high=900.0, unit="CNY/t")
extraction_cap = lever(100.0, low=0.0, high=100.0, unit="Mt/year")
closure_programme = lever(0.0, low=0.0, high=0.3, unit="1/year")
new_mine = event(unit="Mt/year**2")

discovery_by_depletion = table([0.0, 0.2, 0.5, 0.9, 1.0], [1.0, 1.1, 0.6, 0.1, 0.0])
mine_orders_by_margin = table([-0.6, 0.0, 0.25, 0.4, 0.9], [0.0, 0.02, 0.06, 0.09, 0.12], unit="1/year")
mine_retirement_by_margin = table([-1.0, -0.2, 0.0, 0.3], [6.0, 3.0, 1.4, 1.0])


@stock(unit="Mt", initial="reserves_at_start", bounds=(0, None))
def reserves(discoveries, extraction):
    return discoveries - extraction


@stock(unit="Mt", initial=0.0, bounds=(0, None))
def mined(extraction):
    return extraction


@stock(
    unit="Mt/year", initial="mine_capacity_at_start", bounds=(0, None), exits={"mines_closed": "mine_closure_hazard"}
)
def mine_capacity(mines_opened):
    return mines_opened


expected_margin = smooth("margin", time="margin_time")
mines_opened = delay("mines_ordered", time="mine_building_time", order=2)


@auxiliary(bounds=(0, 1))
def depletion(reserves, mined):
    return mined / (mined + reserves)


@auxiliary(unit="CNY/t")
def unit_cost(unit_cost_at_start, depletion, depth_elasticity):
    return unit_cost_at_start * (1.0 - 0.95 * depletion) ** -depth_elasticity


@auxiliary()
def margin(unit_cost, world_price):
    return 1.0 - unit_cost / world_price


@auxiliary(bounds=(0, 1))
def willingness(expected_margin):
    return 0.5 * (1.0 + np.tanh(1.0 + 4.0 * expected_margin))


@flow(unit="Mt/year", bounds=(0, None))
def extraction(mine_capacity, willingness, extraction_cap, reserves, fastest_extraction):
    return np.minimum(np.minimum(mine_capacity * willingness, extraction_cap), fastest_extraction * reserves)


@flow(unit="Mt/year")
def discoveries(exploration_yield, depletion, discovery_by_depletion):
    return exploration_yield * discovery_by_depletion(depletion)


@flow(unit="Mt/year**2")
def mines_ordered(mine_capacity, expected_margin, mine_orders_by_margin, depletion, new_mine):
    return mine_capacity * mine_orders_by_margin(expected_margin) * (1.0 - depletion) + new_mine


@auxiliary(unit="1/year")
def mine_closure_hazard(mine_retirement, closure_programme, expected_margin, mine_retirement_by_margin):
    return mine_retirement * mine_retirement_by_margin(expected_margin) + closure_programme


ore = conserved(stocks=("reserves", "mined"), gains=("discoveries",))
