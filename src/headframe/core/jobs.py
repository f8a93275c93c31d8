"""Verbs are jobs: `verb(city, options, *, progress, cancel, seed) -> Result`, with no printing inside."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Protocol

from headframe.core.errors import HeadframeError


class Progress(Protocol):
    """Called by a verb: how much of how much is done, and the text id of the stage."""

    def __call__(self, done: int, total: int, stage: str) -> None:
        """Report that `done` of `total` steps are done, `stage` being a text id."""


def silent(done: int, total: int, stage: str) -> None:
    """Progress that nobody watches."""


@dataclass
class Cancel:
    """A request to stop that a verb looks at between steps."""

    _event: threading.Event = field(default_factory=threading.Event)

    def request(self) -> None:
        """Ask the verb to stop."""
        self._event.set()

    def check(self) -> None:
        """Raise HF116 when a stop was asked for."""
        if self._event.is_set():
            raise HeadframeError.of("HF116", "job")
