"""What the official lists say of a place: the registry of resource-based and exhausted cities."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache

from headframe.evidence.place import Place
from headframe.evidence.tables import BUILTIN
from headframe.measure.results import LIFECYCLE_CLASSES, LifecycleClass, Official

REGISTRY = BUILTIN / "registry.csv"
VERIFIED_BY = ("membership_verified_by", "lifecycle_verified_by", "batch_verified_by", "resource_type_source")
# The lists of 2008–2013 were drawn up for places of these levels; a region or a foreign city cannot be on them.
LISTED_LEVELS = frozenset({"prefecture_city", "county_city", "county", "district"})
NOT_VERIFIED = frozenset({"", "unverified"})


@cache
def registry() -> Mapping[str, Mapping[str, str]]:
    """The registry by place id."""
    with REGISTRY.open(encoding="utf-8", newline="") as file:
        return {row["place_id"]: row for row in csv.DictReader(file)}


def official(place: Place) -> Official:
    """The entry of a place; a Chinese place of a listed level without a row is known to be on no list."""
    row = registry().get(place.id)
    if row is None:
        return Official(known=place.country == "CHN" and place.level in LISTED_LEVELS)
    sources = dict.fromkeys(row.get(column, "") for column in VERIFIED_BY)
    return Official(
        known=True,
        lifecycle=row["lifecycle_2013"],
        exhausted_batch=row.get("exhausted_year") or row["exhausted_batch"],
        resource_type=row.get("resource_type", ""),
        verified=row.get("lifecycle_verified_by", ""),
        sources=tuple(source for source in sources if source not in NOT_VERIFIED),
    )


def official_class(entry: Official) -> LifecycleClass | None:
    """The official lifecycle class, or None where there is none."""
    return next((item for item in LIFECYCLE_CLASSES if item == entry.lifecycle), None)
