"""Places: stable ids, names and codes in several languages and times, and what became of them."""

from headframe.evidence.places.gazetteer import Gazetteer, gazetteer
from headframe.evidence.places.nuts import guess_vintage, level_of, recode
from headframe.evidence.places.records import (
    Change,
    Comparison,
    DatedName,
    KnownPlace,
    Lineage,
    Matches,
    PlaceMatch,
    Recoding,
    VintageGuess,
)

__all__ = [
    "Change",
    "Comparison",
    "DatedName",
    "Gazetteer",
    "KnownPlace",
    "Lineage",
    "Matches",
    "PlaceMatch",
    "Recoding",
    "VintageGuess",
    "gazetteer",
    "guess_vintage",
    "level_of",
    "recode",
]
