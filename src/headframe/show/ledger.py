"""The ledger of a page: where each figure's entry stands, so that every number can be a link.

A figure read from one observation leads to that observation; a derived one leads to an entry of its own that lists
the steps and the observations behind it. Entries are numbered in the order in which the page first needs them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headframe.core.results import Figure

if TYPE_CHECKING:
    from headframe.show.results_bundle import Report

_UNFIT = re.compile(r"[^a-z0-9_-]+")


def slug(text: str) -> str:
    """A text as a part of an HTML id: lower case letters, digits, hyphens; what differs stays different."""
    fit = _UNFIT.sub("-", text.lower()).strip("-")
    if fit == text.lower():
        return fit
    return f"{fit}-{sum((place + 1) * ord(sign) for place, sign in enumerate(text)):x}"


@dataclass(frozen=True)
class Derived:
    """An entry for a figure that was computed: its anchor and the figure with its steps and observations."""

    anchor: str
    figure: Figure


class Ledger:
    """Addresses of observations, sources and derived figures; collects what the page really refers to."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._derived: dict[str, Derived] = {}
        self._indicators: frozenset[str] = frozenset()
        self._asked: dict[tuple[str, str], None] = {}

    @property
    def derived(self) -> tuple[Derived, ...]:
        """The computed figures that were linked so far, in the order of first use."""
        return tuple(self._derived.values())

    def asked(self, kind: str) -> tuple[str, ...]:
        """The observations or sources that the page has linked to so far, in the order of first use."""
        return tuple(identifier for asked, identifier in self._asked if asked == kind)

    def describe(self, indicators: Iterable[str]) -> None:
        """Say which indicators have an entry (definition, formula) on the page."""
        self._indicators = frozenset(indicators)

    def address(self, figure: Figure) -> str:
        """The anchor of a figure's entry without the language prefix; empty where nothing stands behind it."""
        if not figure.known:
            return ""
        if len(figure.observations) == 1 and not figure.steps and figure.method == "reported":
            return self.entry("observation", figure.observations[0])
        if not figure.observations and not figure.steps:
            return ""
        key = repr(figure)
        return self._derived.setdefault(key, Derived(f"d-{len(self._derived) + 1}", figure)).anchor

    def entry(self, kind: str, identifier: str) -> str:
        """The anchor of a source, observation, event or indicator; empty where the page has no entry for it."""
        if kind == "observation" and identifier in self.report.entries:
            self._asked.setdefault((kind, identifier))
            return f"o-{slug(identifier)}"
        if kind == "source" and identifier in self.report.sources:
            self._asked.setdefault((kind, identifier))
            return f"s-{slug(identifier)}"
        if kind == "indicator" and identifier in self._indicators:
            return f"i-{slug(identifier)}"
        if kind == "event":
            known = {event.id for event in self.report.dated_events}
            name = identifier.rpartition("/")[2]
            return f"e-{slug(name)}" if name in known else ""
        return ""
