"""Forestry cities (M12): the end of commercial logging, reserve forest, forest cover, carbon sink."""

from __future__ import annotations

from headframe.measure.plain import Scene
from headframe.measure.results import Measure
from headframe.measure.subjects import listed, rest

ROWS = ("logging_halt", "reserve_forest_area", "forest_cultivated_area", "forest_cover", "carbon_sink")


def measures(scene: Scene) -> list[Measure]:
    """All measures of forestry; needs are stated only for places whose resource is the forest."""
    forest = scene.here.place.resource_type == "forestry"
    found = listed(scene, "M12", ROWS) if forest else listed(scene, "M12", (), ROWS)
    return found + rest(scene, "forestry", "M12", found)
