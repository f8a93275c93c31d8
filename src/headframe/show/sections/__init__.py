"""The sections of the page in reading order. A later room adds its section with `register`."""

from __future__ import annotations

from headframe.show.sections.base import Section, State, content_of
from headframe.show.sections.integrity import Integrity
from headframe.show.sections.one_page import OnOnePage
from headframe.show.sections.sources import SourcesAndMethods
from headframe.show.sections.to_come import to_come
from headframe.show.sections.unknown import WhatWeDoNotKnow
from headframe.show.sections.where import WhereItStands
from headframe.show.sections.why import Why

__all__ = ["Section", "State", "content_of", "register", "sections"]

_REGISTRY: dict[str, Section] = {}


def register(section: Section) -> None:
    """Add a section, or put it in the place of the one with the same id (an empty room's, for example)."""
    _REGISTRY[section.id] = section


def sections() -> tuple[Section, ...]:
    """All sections in reading order."""
    return tuple(sorted(_REGISTRY.values(), key=lambda section: (section.order, section.id)))


_FIRST: tuple[Section, ...] = (
    OnOnePage(),
    WhereItStands(),
    Why(),
    *to_come(),
    Integrity(),
    WhatWeDoNotKnow(),
    SourcesAndMethods(),
)
for _section in _FIRST:
    register(_section)
