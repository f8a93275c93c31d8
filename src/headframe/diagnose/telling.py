"""How a piece of evidence is told: what it is of and of when, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping

from headframe.catalog.load import catalog
from headframe.core.results import Message, Ref, type_of_value
from headframe.diagnose.gather import Found, Scene

WHOLE = "whole-city"
UNDATED = "n.d."
# Each text in two forms: the figure of the place as a whole, and one that says of what part, place or concept it is.
TEXTS: Mapping[str, tuple[str, str]] = {
    "beyond-severe": ("diagnose.evidence.beyond-severe", "diagnose.evidence.beyond-severe-of"),
    "beyond-concern": ("diagnose.evidence.beyond-concern", "diagnose.evidence.beyond-concern-of"),
    "within": ("diagnose.evidence.within", "diagnose.evidence.within-of"),
    "at-severe": ("diagnose.evidence.at-severe", "diagnose.evidence.at-severe-of"),
    "at-concern": ("diagnose.evidence.at-concern", "diagnose.evidence.at-concern-of"),
    "no-threshold": ("diagnose.evidence.no-threshold", "diagnose.evidence.no-threshold-of"),
    "no-independent-line": ("diagnose.evidence.no-independent-line", "diagnose.evidence.no-independent-line-of"),
    "unusable": ("diagnose.evidence.unusable", "diagnose.evidence.unusable-of"),
    "rule-crossed": ("diagnose.evidence.rule-crossed", "diagnose.evidence.rule-crossed-of"),
    "rule-kept": ("diagnose.evidence.rule-kept", "diagnose.evidence.rule-kept-of"),
}


def told(scene: Scene, found: Found, kind: str, **values: type_of_value) -> Message:
    """The sentence of one kind about a figure: indicator, period and figure, and where it is not the place as a whole
    that was asked for, the place, the dimensions and the area that it is of.
    """
    what = parts_of(scene, found)
    said: dict[str, type_of_value] = {
        "indicator": Ref(kind="indicator", id=found.look.indicator),
        "period": found.figure.period or UNDATED,
        "figure": found.figure,
        **values,
    }
    plain, of_part = TEXTS[kind]
    return Message(id=of_part, values={**said, "what": what}) if what else Message(id=plain, values=said)


def parts_of(scene: Scene, found: Found) -> tuple[Ref, ...]:
    """What a figure is of, where that is not the whole of the place that is diagnosed."""
    place, concepts = found.known.place.id, catalog().concepts
    elsewhere = [Ref(kind="place", id=place)] if place != scene.city.place.id else []
    dims = [Ref(kind="dims", id=found.dims)] if found.dims else []
    counted = [
        Ref(kind="concept", id=part)
        for part in found.figure.concept.split(";")
        if part in concepts and concepts[part].axis == "area" and part != WHOLE
    ]
    return (*elsewhere, *dims, *counted)
