"""Choosing a layout by a file's content, and reading a file with it."""

from __future__ import annotations

from pathlib import Path

from headframe.core.errors import HeadframeError
from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.layouts import LAYOUTS
from headframe.evidence.importing.layouts.source import Layout, Source
from headframe.evidence.reading.grid import Book


def choose(source: Source, name: str = "") -> Layout:
    """The layout called `name`, or the one that is surest that the file is of its kind. Raises HF459."""
    if name:
        if name not in LAYOUTS:
            raise HeadframeError.of("HF459", source.name or "—", name=name, known=", ".join(LAYOUTS))
        return LAYOUTS[name]
    return max(LAYOUTS.values(), key=lambda layout: layout.recognises(source))


def read_extract(source: Path | Book | str | Source, layout: str = "") -> Extract:
    """What a file, sheets or a pasted text hold, by the layout that fits best. Raises what the layout raises."""
    given = source if isinstance(source, Source) else Source.of(source)
    return choose(given, layout).extract(given)
