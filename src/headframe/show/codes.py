"""The codes of the workbook with their meanings, and what belongs into each column of the observations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from headframe.catalog.load import catalog
from headframe.core.words import QUALIFIER_TEXTS

if TYPE_CHECKING:
    from headframe.core.words import Words
    from headframe.show.results_bundle import Report
    from headframe.show.spreadsheet import CellValue

# Columns of the opened evidence that are computed when it is read and stand in no file.
COMPUTED = ("row", "amount", "amount_low", "amount_high", "year", "file", "active", "ref")
NUMBERS = ("value", "low", "high")
# For each list, the beginning of the text ids whose last part is the code.
MEANINGS: Mapping[str, str] = {
    "freq": "workbook.freq.",
    "status": "page.status.",
    "method": "page.method.",
    "direction": "workbook.direction.",
    "severity": "page.severity.",
    "standing": "page.standing.",
    "judgement": "page.judgement.",
    "link": "page.link.",
    "finding-kind": "page.finding-kind.",
    "decidable": "page.decidable.",
    "detector": "audit.detector.",
    "finding-severity": "integrity.severity.",
    "finding-state": "integrity.state.",
    "treatment": "integrity.treatment.",
    "decision": "integrity.decision.",
    "event-kind": "page.event-kind.",
    "reliability": "page.reliability.",
    "how_read": "page.how-read.",
}
# The columns of the observations whose cells are chosen from a list.
CHOSEN = ("indicator_id", "freq", "qualifier", "status", "method")

Code = tuple[str, str, str, str, str]  # list, code, meaning in English and Chinese, unit


def evidence_columns(report: Report) -> tuple[str, ...]:
    """The columns of an observation file, in its order, as the opened evidence has them."""
    return tuple(name for name in report.observations.columns if name not in COMPUTED)


def coded(words: Mapping[str, Words]) -> tuple[Code, ...]:
    """Every code with its meaning, the lists one after the other, so that each is one block of rows."""
    return (*_of_catalogue(), *_qualifiers(words), *_spoken(words))


def block(codes: tuple[Code, ...], name: str) -> tuple[int, int]:
    """The first and last position of one list. Raises ValueError for a list that is not there."""
    places = [place for place, code in enumerate(codes) if code[0] == name]
    return min(places), max(places)


def column_rows(report: Report, words: Mapping[str, Words]) -> tuple[tuple[CellValue, ...], ...]:
    """One row per column of the observations: its id, its names, what goes into it."""
    return tuple(
        (name, *(words[code].say(f"workbook.{part}.{name}") for part in ("column", "about") for code in ("en", "zh")))
        for name in evidence_columns(report)
    )


def _of_catalogue() -> Iterator[Code]:
    for entry in catalog().indicators.values():
        yield ("indicator_id", entry.id, entry.name_en, entry.name_zh, entry.unit)
    both = [catalog().words(code).names for code in ("en", "zh")]
    for name in ("concept", "unit"):
        for code in both[0].get(name, {}):
            yield (name, code, both[0][name][code], both[1][name].get(code, code), "")


def _qualifiers(words: Mapping[str, Words]) -> Iterator[Code]:
    plain = {"=": "exactly", "range": "range", "text": "text"}
    for code in ("=", *QUALIFIER_TEXTS, "range", "text"):
        key = f"workbook.qualifier.{plain[code]}" if code in plain else QUALIFIER_TEXTS[code]
        english, chinese = (words[lang].say(key, value="…") for lang in ("en", "zh"))
        yield ("qualifier", code, english, chinese, "")


def _spoken(words: Mapping[str, Words]) -> Iterator[Code]:
    for name, head in MEANINGS.items():
        for key in words["en"].texts:
            if key.startswith(head):
                code = key.removeprefix(head)
                yield (name, code, words["en"].say(key), words["zh"].say(key), "")
