"""Ecological arrears (M6): gangue, subsidence, places at risk, the repair gap, water, air, rivers, soil."""

from __future__ import annotations

from headframe.measure.plain import Scene
from headframe.measure.results import Measure
from headframe.measure.subjects import across, listed, rest

MINING = (
    *("gangue_heaps", "gangue_mass", "subsidence_area", "settlements_at_risk", "subsidence_repair_gap"),
    *("mine_area_restored", "hazard_area_eliminated", "polluted_soil_area"),
)
EVERYWHERE = ("water_per_head_relative", "pm25", "surface_water_meeting_share", "sulphur_dioxide_per_gdp")
WHEN_KNOWN = (
    *("dust_index", "afforested_area", "desertified_area_treated", "rivers_treated", "households_relocated"),
    *("industrial_solid_waste_use_rate", "sewage_treatment_rate", "waste_harmless_treatment_rate"),
    *("green_cover_built_up", "water_per_head"),
)
MINED = frozenset({"coal", "ferrous", "non-ferrous", "other-mineral", "unknown"})
RATIOS = (
    ("hazard_eliminated_share", "hazard_area_eliminated", "subsidence_area"),
    ("repair_gap_per_area", "subsidence_repair_gap", "subsidence_area"),
    ("repair_gap_to_revenue", "subsidence_repair_gap", "general_budget_revenue"),
    ("surface_water_meeting_share", "surface_water_sections_meeting_standard", "surface_water_sections"),
)


def measures(scene: Scene) -> list[Measure]:
    """All measures of ecology. Needs for mining damage are stated only where minerals are or were mined."""
    mined = scene.here.place.resource_type in MINED
    always = (*MINING, *EVERYWHERE) if mined else EVERYWHERE
    found = listed(scene, "M6", always, WHEN_KNOWN if mined else (*MINING, *WHEN_KNOWN))
    for indicator, numerator, denominator in RATIOS:
        related = across(scene, indicator, "M6", numerator, denominator)
        known = any(item.id == indicator and item.known for item in found)
        if related.known and not known:
            found = [item for item in found if item.id != indicator] + [related]
    gangue = across(scene, "gangue_mass_per_head", "M6", "gangue_mass", "population_registered")
    found += [gangue] if gangue.known else []
    return found + rest(scene, "ecology", "M6", found)
