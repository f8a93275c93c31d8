"""The inherited deficit of urban infrastructure (M14): roads, pipes, hospital beds, doctors, homes, schools."""

from __future__ import annotations

from headframe.measure.plain import Scene, missing_evidence, of_series
from headframe.measure.results import Measure
from headframe.measure.subjects import listed, ratio_formula, rest

ALWAYS = ("hospital_beds_per_head", "doctors_per_head", "water_supply_coverage", "gas_coverage", "sewerage_coverage")
WHEN_KNOWN = ("hospital_beds", "doctors", "schools_new", "heated_homes_renovated", "households_relocated")


def measures(scene: Scene) -> list[Measure]:
    """All measures of infrastructure."""
    found = [roads(scene), *listed(scene, "M14", ALWAYS, WHEN_KNOWN)]
    return found + rest(scene, "infrastructure", "M14", found)


def roads(scene: Scene) -> Measure:
    """Road area / population of the urban districts (m² per person), as printed or from its parts of the same year."""
    series = scene.here.series("road_area_per_head")
    needs = [] if series else [missing_evidence(scene, "road_area_per_head")]
    formula = ratio_formula("road_area", "population_urban_districts")
    return of_series(scene, "road_area_per_head", "M14", series, formula=formula, needs=needs)
