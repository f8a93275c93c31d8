"""Reference bounds taken from a panel itself, for years and countries that the built-in ones do not cover.

The rules are those of `bounds.yaml`: quantiles (Hyndman and Fan, type 7) over at least twenty places, by year and
group, values outside the plausible range left out. A score on such bounds says where a place stands in this panel; it
is not the score on its own page, which is held against all Chinese cities.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from headframe.catalog.load import catalog
from headframe.measure.bounds import EVERYONE, EXHAUSTED, FEWEST_PLACES, LEVELS, RESOURCE, Bounds, group_of, increasing
from headframe.measure.definition import Definition
from headframe.measure.meter import REGISTERED, RESIDENT
from headframe.measure.official import official
from headframe.measure.panel.known import ManyKnown
from headframe.measure.panel.spans import spanned
from headframe.measure.score import Array

# The groups that a place of each narrowest group is counted in.
WIDER = {EVERYONE: (EVERYONE,), RESOURCE: (EVERYONE, RESOURCE), EXHAUSTED: (EVERYONE, RESOURCE, EXHAUSTED)}


def bounds_of(known: ManyKnown, definition: Definition) -> Bounds:
    """The bounds of a panel, for the indicators of the meter. Empty where no year has twenty places."""
    population = _population(known)
    counted = Bounds({}, population)
    group = {place: group_of(official(entry)) for place, entry in known.places.items()}
    table: dict[str, dict[int, dict[str, Array]]] = {}
    for name in definition.indicators:
        rows = spanned(known.as_bounded(name, counted), name).filter(pl.col("middle").is_not_null())
        least, most = catalog().indicators[name].range
        inside = pl.col("middle").is_between(-np.inf if least is None else least, np.inf if most is None else most)
        for (year,), part in rows.filter(inside).partition_by("year", as_dict=True).items():
            groups = _quantiles(part, group)
            if EVERYONE in groups:
                table.setdefault(name, {})[int(year)] = groups
    return Bounds(table, population)


def _quantiles(part: pl.DataFrame, group: dict[str, str]) -> dict[str, Array]:
    values = part.get_column("middle").to_numpy()
    member = [WIDER[group[place]] for place in part.get_column("place").to_list()]
    found = {}
    for name in WIDER:
        kept = values[[name in names for names in member]]
        if len(kept) >= FEWEST_PLACES:
            found[name] = increasing(np.quantile(kept, LEVELS))
    return found


def _population(known: ManyKnown) -> dict[int, str]:
    """By year, the population that most places print: registered or resident."""
    counts = {
        kind: dict(known.at(name).group_by("year").len().iter_rows())
        for kind, name in (("registered", REGISTERED), ("resident", RESIDENT))
    }
    years = sorted({*counts["registered"], *counts["resident"]})
    return {
        y: max(("resident", "registered"), key=lambda kind: (counts[kind].get(y, 0), kind == "resident")) for y in years
    }
