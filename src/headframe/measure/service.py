"""Government service (M9): approval online, time cut, measures for small firms, new market entities."""

from __future__ import annotations

from headframe.measure.plain import Scene
from headframe.measure.results import Measure
from headframe.measure.subjects import listed, rest

ALWAYS = ("online_approval_rate", "approval_time_cut", "small_firm_measures", "new_market_entities")


def measures(scene: Scene) -> list[Measure]:
    """All measures of government service."""
    found = listed(scene, "M9", ALWAYS)
    return found + rest(scene, "service", "M9", found)
