"""What `import` returns: how a file was understood, what became of every cell, what is asked, what was written."""

from __future__ import annotations

import polars as pl

from headframe.core.results import Message, Ref
from headframe.evidence.append import Appended
from headframe.evidence.importing.draft import Draft
from headframe.evidence.importing.editions import column
from headframe.evidence.importing.extract import Series
from headframe.evidence.importing.mapping import SeriesRule
from headframe.evidence.importing.matches import SeriesMatch
from headframe.evidence.places.records import PlaceMatch
from headframe.evidence.results import Fault, Frozen


class ImportedSeries(Frozen):
    """One series of the file and what it becomes; `asks` are the questions that hold it back."""

    key: str
    label: str
    unit_printed: str
    figures: int
    minimum: float | None = None
    maximum: float | None = None
    indicator: Ref | None = None
    dims: str = ""
    concept: str = ""
    unit: str = ""
    price_basis: str = ""
    confidence: float = 0.0
    skipped: bool = False
    asks: tuple[Message, ...] = ()
    reasons: tuple[Message, ...] = ()
    alternatives: tuple[Ref, ...] = ()

    @property
    def converts(self) -> bool:
        """Whether its figures become observations."""
        return self.indicator is not None and not self.skipped and not self.asks


class AskedPlace(Frozen):
    """A printed name that leads to no place, or to several."""

    printed: str
    candidates: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    question: Message | None = None


class CellCount(Frozen):
    """How many cells had one fate, with a few of them by sheet, row and column."""

    fate: Message
    converted: bool
    count: int
    examples: tuple[str, ...] = ()


class EditionRemark(Frozen):
    """What the figures of a column say beside those in the folder."""

    indicator: Ref
    dims: str = ""
    concept: str = ""
    reason: Message


class Reused(Frozen):
    """How the mapping of an earlier edition fits: series as before, new, absent, and in another unit."""

    kept: int
    new: int
    absent: int
    changed: tuple[str, ...] = ()


class ImportResult(Frozen):
    """An import, or with an empty `import_id` a preview of one."""

    file: str
    folder: str
    layout: str
    format: str
    encoding: str
    titles: tuple[str, ...] = ()
    source_id: str
    series: tuple[ImportedSeries, ...]
    cells: tuple[CellCount, ...]
    places: int
    places_new: int
    places_asked: tuple[AskedPlace, ...] = ()
    totals: int = 0
    elsewhere: int = 0
    backed: int = 0
    reused: Reused | None = None
    changes: tuple[EditionRemark, ...] = ()
    mapping: str = ""
    rows: int = 0
    already: int = 0
    import_id: str = ""
    faults: tuple[Fault, ...] = ()

    @property
    def asked(self) -> tuple[ImportedSeries, ...]:
        """The series with an open question, those with most figures first."""
        return tuple(sorted((one for one in self.series if one.asks), key=lambda one: -one.figures))


def result_of(made: Draft, folder: str, written: Appended | None = None) -> ImportResult:
    """A draft, and what was written of it, as a result."""
    rules, matches = made.rules, {match.key: match for match in made.matches}
    extract, reuse = made.extract, made.reuse
    return ImportResult(
        file=extract.name,
        folder=folder,
        layout=extract.layout,
        format=extract.format,
        encoding=extract.encoding,
        titles=extract.titles[:5],
        source_id=", ".join(mapping.source.source_id for mapping in made.mappings),
        series=tuple(_series(one, rules.get(one.key), matches.get(one.key), made) for one in extract.series),
        cells=tuple(
            CellCount(
                fate=Message(id=f"importing.fate.{account.fate}"),
                converted=str(account.fate) == "converted",
                count=account.count,
                examples=account.examples,
            )
            for account in made.accounts
        ),
        places=made.answers.total,
        places_new=len(made.places),
        places_asked=tuple(_asked(match) for match in made.answers.asked),
        totals=totals_of(made),
        elsewhere=made.elsewhere,
        backed=len(made.backed),
        reused=None
        if reuse is None
        else Reused(
            kept=reuse.kept,
            new=len(reuse.new),
            absent=len(reuse.absent),
            changed=tuple(f"{change.key}: {change.before or '—'} → {change.now or '—'}" for change in reuse.changed),
        ),
        changes=tuple(
            EditionRemark(
                indicator=Ref(kind="indicator", id=change.indicator),
                dims=change.dims,
                concept=change.concept,
                reason=change.reason,
            )
            for change in made.changes
        ),
        mapping=next(iter(made.kept), ""),
        rows=made.rows.height if written is None else written.rows,
        already=0 if written is None else written.already,
        import_id="" if written is None else written.import_id,
        faults=tuple(Fault.of(problem) for problem in made.problems[:200]),
    )


def totals_of(made: Draft) -> int:
    """How many cells stand beside totals and averages, which are no places."""
    asked = zip(made.extract.places, made.answers.matches, strict=True)
    names = [
        (printed.name, printed.code, printed.section)
        for printed, match in asked
        if match.aggregate and not match.place_id
    ]
    lines = pl.DataFrame(names, schema=dict.fromkeys(("place", "place_code", "section"), pl.String), orient="row")
    return made.extract.cells.join(lines.unique(), on=lines.columns, how="semi").height


def _series(series: Series, rule: SeriesRule | None, match: SeriesMatch | None, made: Draft) -> ImportedSeries:
    known = rule is not None and bool(rule.indicator)
    places = made.backed.get(series.key)
    backed = [] if places is None else [Message(id="importing.unit-backed", values={"n": places})]
    target = column(rule.indicator, rule.dims, rule.concept) if rule is not None else None
    contradicted = [c.reason for c in made.changes if c.kind == "unit" and (c.indicator, c.dims, c.concept) == target]
    return ImportedSeries(
        key=series.key,
        label=series.label,
        unit_printed=series.unit.printed if series.unit is not None else "",
        figures=series.count,
        minimum=series.minimum,
        maximum=series.maximum,
        indicator=Ref(kind="indicator", id=rule.indicator) if rule is not None and known else None,
        dims=rule.dims if rule is not None else "",
        concept=rule.concept if rule is not None else "",
        unit=rule.unit if rule is not None else "",
        price_basis=rule.price_basis if rule is not None else "",
        confidence=1.0 if match is None else match.confidence,
        skipped=rule is not None and rule.skip,
        asks=tuple(Message(id=f"importing.ask.{ask}") for ask in (rule.ask if rule is not None else ())),
        reasons=(*(() if match is None else match.reasons), *contradicted, *backed),
        alternatives=tuple(
            Ref(kind="indicator", id=item.indicator) for item in (match.alternatives if match else ()) if item.indicator
        ),
    )


def _asked(match: PlaceMatch) -> AskedPlace:
    return AskedPlace(
        printed=match.printed[:200],
        candidates=match.candidates[:10],
        suggestions=match.suggestions[:5],
        question=match.question,
    )
