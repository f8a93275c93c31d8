"""Industry-city integration (M13): jobs, housing and services of park areas in balance; how autonomous a park is."""

from __future__ import annotations

from headframe.measure.plain import Scene
from headframe.measure.results import Measure
from headframe.measure.subjects import across, listed, rest

ALWAYS = ("park_count", "park_powers_delegated_share")
WHEN_KNOWN = ("park_area", "park_jobs", "park_dwellings", "incubator_firms", "incubator_jobs")


def measures(scene: Scene) -> list[Measure]:
    """All measures of parks: jobs per dwelling with its two needs, jobs per incubator firm where a claim exists."""
    found = listed(scene, "M13", ALWAYS, WHEN_KNOWN)
    jobs, dwellings = "park_jobs", "park_dwellings"
    found.append(across(scene, "park_jobs_per_dwelling", "M13", jobs, dwellings, computed_in="person/count"))
    incubator = across(scene, "incubator_jobs_per_firm", "M13", "incubator_jobs", "incubator_firms")
    found += [incubator] if incubator.known else []
    return found + rest(scene, "parks", "M13", found)
