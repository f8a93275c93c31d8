"""What the tests of matching, mappings and conversion share: extracts from texts and cells written in the tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from headframe.catalog.load import catalog
from headframe.core.errors import HeadframeError
from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.layouts import LAYOUTS
from headframe.evidence.importing.layouts.source import Source
from headframe.evidence.importing.mapping import Mapping, SourceRule, proposed
from headframe.evidence.importing.matches import SeriesMatch
from headframe.evidence.importing.matching import match
from headframe.evidence.reading.grid import Book
from tests.evidence.reading.sheets import sheet_of


def extract_of(rows: Sequence[Sequence[Any]], merged: Sequence[str] = ()) -> Extract:
    """The extract of one sheet with these cells."""
    return LAYOUTS["table"].extract(Source.of(Book("made.xlsx", "xlsx", (sheet_of(rows, merged),))))


def matches_of(extract: Extract) -> dict[str, SeriesMatch]:
    """The matches of an extract by key."""
    return {item.key: item for item in match(extract, catalog())}


def only_match(*head: str, figures: Sequence[float] = (1.0, 2.0, 3.0)) -> SeriesMatch:
    """The match of the one column of figures under this head."""
    rows = [
        *(["城市", text] for text in head),
        *(["阜新市", figures[0]], ["抚顺市", figures[1]], ["本溪市", figures[2]]),
    ]
    (found,) = matches_of(extract_of(rows)).values()
    return found


def mapping_of(extract: Extract) -> Mapping:
    """The proposed mapping with a source."""
    return proposed(extract, match(extract, catalog()), SourceRule("made-source", "a source"))


def codes(caught: pytest.ExceptionInfo[HeadframeError]) -> list[str]:
    """The codes of all problems of an error."""
    return [problem.code for problem in caught.value.problems]
