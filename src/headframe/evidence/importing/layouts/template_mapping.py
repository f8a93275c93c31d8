"""The mappings of a filled template: what every row means was chosen in it, so nothing has to be matched.

A mapping has one source; a template may name several, and then there is one mapping for each.
"""

from __future__ import annotations

from collections.abc import Mapping as Table

from headframe.evidence.importing.extract import Extract, Series
from headframe.evidence.importing.layouts.template import template_sources
from headframe.evidence.importing.mapping import Mapping, SeriesRule, SourceRule
from headframe.evidence.reading.grid import Book

KEPT = ("title", "publisher", "date", "licence", "url", "reliability")


def template_mappings(extract: Extract, book: Book) -> tuple[Mapping, ...]:
    """One mapping for each source that the rows name, in the order of their first rows, and one for rows without.

    The series of other sources are skipped in it. Places carry their id where they were chosen from the list.
    """
    known = {row["source_id"]: row for row in template_sources(book)}
    named = dict.fromkeys(series.codes.get("source", "") for series in extract.series)
    places = {place.name: place.code for place in extract.places if place.code}
    return tuple(
        Mapping(
            name=extract.name,
            layout=extract.layout,
            source=_source(identifier, known.get(identifier, {})),
            series=tuple(_rule(series, identifier) for series in extract.series),
            places=places,
        )
        for identifier in named
    )


def _source(identifier: str, told: Table[str, str]) -> SourceRule:
    return SourceRule(source_id=identifier, **{name: told.get(name, "") for name in KEPT})


def _rule(series: Series, source: str) -> SeriesRule:
    if series.codes.get("source", "") != source:
        return SeriesRule(series.key, skip=True)
    return SeriesRule(
        key=series.key,
        indicator=series.codes["indicator"],
        unit=series.unit.canonical if series.unit is not None else "",
        concept=series.codes.get("concept", ""),
        price_basis=series.codes.get("price_basis", ""),
        printed=series.unit.printed if series.unit is not None else "",
    )
