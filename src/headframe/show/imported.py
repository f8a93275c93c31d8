"""An import told in lines of text: how the file was understood, what became of its cells, what is to be answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headframe.core.words import Words
    from headframe.evidence.importing.results import ImportedSeries, ImportResult

MOST = 12  # questions and names told one by one; the mapping file has all of them


def import_lines(result: ImportResult, words: Words, *, whole: bool = False) -> Iterator[str]:
    """The understanding, the account of cells, changes and questions; `whole` also lists every series."""
    converting = [one for one in result.series if one.converts]
    known = {"file": result.file, "layout": result.layout, "format": result.format}
    yield words.say("import.title", **known, series=len(result.series), converting=len(converting))
    if result.titles:
        yield "  " + words.say("import.titles", titles=" · ".join(result.titles[:2]))
    if result.reused is not None:
        told = {name: getattr(result.reused, name) for name in ("kept", "new", "absent")}
        yield "  " + words.say("import.reused", **told, changed=len(result.reused.changed))
        yield from (f"    {change}" for change in result.reused.changed[:MOST])
    yield "  " + words.say("import.places", n=result.places, new=result.places_new, asked=len(result.places_asked))
    if result.backed:
        yield "  " + words.say("import.backed", n=result.backed)
    yield from _cells(result, words)
    if result.totals:
        yield "    " + words.say("import.totals", n=result.totals)
    if result.elsewhere:
        yield "  " + words.say("import.elsewhere", n=result.elsewhere)
    if whole:
        yield from _all_series(result, words)
    yield from _changes(result, words)
    yield from _questions(result, words)
    yield from _ending(result, words)


def _cells(result: ImportResult, words: Words) -> Iterator[str]:
    yield "  " + words.say("import.cells", n=sum(cell.count for cell in result.cells))
    for cell in result.cells:
        yield "    " + words.say("import.cell", n=cell.count, fate=cell.fate)
        if not cell.converted and cell.examples:
            yield "      " + " | ".join(cell.examples[:3])


def _all_series(result: ImportResult, words: Words) -> Iterator[str]:
    yield ""
    yield words.say("import.series-title")
    for one in result.series:
        yield "  " + (
            _target(one, words) if one.indicator is not None else words.say("import.no-target", label=one.label)
        )


def _marks(dims: str, concept: str, words: Words) -> list[str]:
    """Dimensions and concepts in words."""
    return [
        *([words.dimensions(dims)] if dims else []),
        *(words.name("concept", part) for part in concept.split(";") if part),
    ]


def _target(one: ImportedSeries, words: Words) -> str:
    if one.indicator is None:
        return words.say("import.no-target", label=one.label)
    marks = _marks(one.dims, one.concept, words) + ([one.unit_printed or words.unit(one.unit)] if one.unit else [])
    told = {"label": one.label, "marks": tuple(marks) or ("—",), "figures": one.figures}
    return words.say("import.target", indicator=one.indicator, **told)


def _changes(result: ImportResult, words: Words) -> Iterator[str]:
    if result.changes:
        yield ""
        yield words.say("import.changes-title")
    for change in result.changes:
        marks = tuple(_marks(change.dims, change.concept, words)) or ("—",)
        told = {"indicator": change.indicator, "marks": marks, "reason": words.say(change.reason)}
        yield "  " + words.say("import.change", **told)


def _questions(result: ImportResult, words: Words) -> Iterator[str]:
    asked = result.asked
    if asked or result.places_asked:
        yield ""
        yield words.say("import.questions-title", n=len(asked) + len(result.places_asked))
    for one in asked[:MOST]:
        yield "  " + (
            _target(one, words) if one.indicator is not None else words.say("import.no-target", label=one.label)
        )
        why = (*one.asks, *one.reasons)
        yield "    " + words.say("import.why", reasons=tuple(words.say(message) for message in why))
        yield "    " + words.say("import.key", key=one.key)
    for place in result.places_asked[:MOST]:
        near = place.candidates or place.suggestions
        question = words.say(place.question) if place.question is not None else place.printed
        yield "  " + words.say("import.place", printed=place.printed, question=question, near=near or ("—",))
    more = max(len(asked) - MOST, 0) + max(len(result.places_asked) - MOST, 0)
    if more:
        yield "  " + words.say("import.more", n=more)


def _ending(result: ImportResult, words: Words) -> Iterator[str]:
    yield ""
    if not result.import_id:
        yield words.say("import.preview", n=result.rows)
        return
    yield words.say("import.written", n=result.rows, already=result.already, id=result.import_id)
    if result.asked or result.places_asked:
        yield words.say("import.answer")
    yield words.say("import.next")


def import_commands(result: ImportResult) -> Iterator[str]:
    """What can be copied as it stands, never broken into lines: the mapping's path, what to do next, how to undo."""
    if result.import_id:
        if result.mapping:
            yield f"  {result.folder}/{result.mapping}"
        yield f"  headframe audit {result.folder}"
        yield f"  headframe correct {result.folder} --undo {result.import_id} --author … --reason …"
