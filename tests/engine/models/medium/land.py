"""Damaged land and its restoration, dirt in air and water, and what makes a zone pleasant."""

import numpy as np

from headframe.engine import auxiliary, conserved, constant, event, flow, lever, parameter, smooth, stock, table
from tests.engine.models.medium.axes import sector, zone

zone_area = constant([6000.0, 9000.0, 40000.0], unit="ha", axes=(zone,))
damage_shares = constant([0.7, 0.05, 0.25], axes=(zone,))
dirt_by_sector = constant(
    [0.3, 0.1, 2.0, 4.0, 3.0, 0.6, 2.5, 0.5, 0.8, 0.9, 0.2, 0.2, 0.1, 0.1], unit="t/million CNY", axes=(sector,)
)
usual_dirt = constant(0.8, unit="t/ha")

damage_per_tonne = parameter(12.0, low=2.0, high=40.0, unit="ha/Mt")
settling = parameter(0.08, low=0.02, high=0.2, unit="1/year")
restoration_cost = parameter(0.3, low=0.1, high=1.0, unit="million CNY/ha")
cleaning = parameter(0.5, low=0.2, high=1.5, unit="1/year")
damage_weight = parameter(1.5, low=0.0, high=4.0)
dirt_weight = parameter(0.15, low=0.0, high=0.5)
amenity_time = parameter(2.0, low=0.8, high=5.0, unit="year")

restoration = lever(0.0, low=0.0, high=0.4, unit="1/year", axes=(zone,))
landslide = event(unit="ha/year")

damage_by_depth = table([0.0, 0.3, 0.7, 1.0], [1.0, 1.2, 1.6, 2.0])
health_by_dirt = table([0.0, 0.5, 1.0, 2.0, 6.0], [1.05, 1.0, 0.97, 0.9, 0.7])


@stock(
    unit="ha",
    axes=(zone,),
    initial=[500.0, 20.0, 100.0],
    bounds=(0, None),
    exits={"settled": "settling", "restored_now": "restoration_hazard"},
)
def damaged(newly_damaged):
    return newly_damaged


@stock(unit="ha", axes=(zone,), initial=0.0, bounds=(0, None))
def mended(settled, restored_now):
    return settled + restored_now


@flow(unit="ha/year", axes=(zone,))
def newly_damaged(extraction, damage_per_tonne, damage_shares, depletion, damage_by_depth, landslide):
    return (extraction * damage_per_tonne * damage_by_depth(depletion) + landslide) * damage_shares


@auxiliary(unit="1/year", axes=(zone,))
def restoration_hazard(restoration, austerity):
    return restoration * austerity


@auxiliary(unit="million CNY/year", bounds=(0, None))
def restoration_spending(restored_now, restoration_cost):
    return restored_now.sum() * restoration_cost


@stock(unit="t", initial=20000.0, bounds=(0, None), exits={"cleaned": "cleaning_hazard"})
def dirt(emitted):
    return emitted


@flow(unit="t/year", bounds=(0, None))
def emitted(output, dirt_by_sector):
    return np.tensordot(output, dirt_by_sector, axes=1)


@auxiliary(unit="1/year")
def cleaning_hazard(cleaning, wage_index):
    return cleaning * np.sqrt(np.maximum(wage_index, 0.1))


@auxiliary()
def dirt_level(dirt, zone_area, usual_dirt):
    return dirt / zone_area.sum() / usual_dirt


@auxiliary()
def health(dirt_level, health_by_dirt):
    return health_by_dirt(dirt_level)


@auxiliary(axes=(zone,))
def amenity_now(damaged, zone_area, damage_weight, dirt_level, dirt_weight, mended):
    land = damaged / zone_area
    return 1.0 - damage_weight * land + 0.1 * np.tanh(mended / zone_area) - dirt_weight * np.minimum(dirt_level, 4.0)


amenity = smooth("amenity_now", time="amenity_time")


@auxiliary()
def amenity_index(amenity, zone_shares):
    return amenity @ zone_shares


land = conserved(stocks=("damaged", "mended"), gains=("newly_damaged",))
