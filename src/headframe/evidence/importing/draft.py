"""An import before it is written: the file read, matched and converted, with everything that is to be asked.

Nothing is guessed: what matching is not sure of, and what the figures contradict, is left open, counted and told; the
mapping keeps the questions, so that answering them there and importing again brings the rest.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import polars as pl
from pydantic import ValidationError

from headframe.core.errors import HeadframeError, Problem, Problems, did_you_mean
from headframe.core.files import is_there, read_text, storable
from headframe.core.provenance import Source as Publication
from headframe.evidence.append import Additions, Appended, append_table
from headframe.evidence.check import Known, check_observations
from headframe.evidence.collection import Collection as Places
from headframe.evidence.importing.choosing import choose
from headframe.evidence.importing.conversion import EXAMPLES, Account, Fate, convert
from headframe.evidence.importing.editions import EditionChange, amounts, column, confirmed, edition_changes
from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.kept import KEPT, best_kept, kept_name
from headframe.evidence.importing.layouts.source import Source
from headframe.evidence.importing.layouts.template_mapping import template_mappings
from headframe.evidence.importing.mapping import (
    LARGEST,
    PeriodRule,
    SeriesRule,
    SourceRule,
    accepted,
    proposed,
    read_mapping,
)
from headframe.evidence.importing.mapping import Mapping as ImportMapping
from headframe.evidence.importing.mapping_text import mapping_text
from headframe.evidence.importing.matches import Ask, SeriesMatch
from headframe.evidence.importing.matching import match
from headframe.evidence.importing.named_places import PlaceAnswers, answers_for
from headframe.evidence.importing.reuse import Reuse, updated
from headframe.evidence.place import Place
from headframe.evidence.tables import Evidence

EVERY, TEMPLATE = "all", "template"
_SLUG = re.compile(r"[^a-z0-9]+")
_LEADING = re.compile(r"^([0-9.]+(?:e[+-]?[0-9]+)?)\s+(.+)$")


@dataclass(frozen=True)
class ImportOptions:
    """What the analyst says beside the file.

    `layout`: its name (empty: by content). `mapping`: a mapping file. `year`: of figures whose file says no period.
    `place`: of figures that stand beside no name. `source`: of the figures. `accept`: keys of series (or `all`) whose
    open questions are answered as proposed. `keep`: keys (or `all`) whose unit holds as stated though the figures of
    the folder speak against it.
    """

    layout: str = ""
    mapping: Path | None = None
    year: int | None = None
    place: str = ""
    source: SourceRule = field(default_factory=SourceRule)
    vintage: str = ""
    accept: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Draft:
    """An import as it would be written. `mappings` is one for every source that the file names (a template may name
    several); `backed` are the series whose unit the folder's figures confirm, with how many places; `elsewhere` counts
    rows about places that the folder is not about.
    """

    extract: Extract
    matches: tuple[SeriesMatch, ...]
    mappings: tuple[ImportMapping, ...]
    reuse: Reuse | None
    answers: PlaceAnswers
    accounts: tuple[Account, ...]
    rows: pl.DataFrame = field(repr=False)
    places: tuple[Place, ...]
    sources: tuple[Publication, ...]
    elsewhere: int
    changes: tuple[EditionChange, ...]
    backed: Mapping[str, int]
    problems: tuple[Problem, ...]

    @property
    def rules(self) -> dict[str, SeriesRule]:
        """The rule of each series, that of the mapping which does not leave it to another."""
        found: dict[str, SeriesRule] = {}
        for mapping in self.mappings:
            for rule in mapping.series:
                if rule.key not in found or found[rule.key].skip:
                    found[rule.key] = rule
        return found

    @property
    def kept(self) -> dict[str, str]:
        """The mapping files to be kept in the folder, by path; a template says everything itself."""
        if self.extract.layout == TEMPLATE:
            return {}
        return {f"{KEPT}/{kept_name(mapping)}": self.text(mapping) for mapping in self.mappings}

    def text(self, mapping: ImportMapping) -> str:
        """A mapping as a file to read and edit, with the places that are asked about as comments."""
        asked = {match.printed: (*match.candidates, *match.suggestions) for match in self.answers.asked}
        return mapping_text(mapping, self.extract, asked)


def draft(source: Source, target: Evidence, options: ImportOptions, *, today: date) -> Draft:
    """Read, match and convert a file for a folder.

    Raises what reading and the layouts raise (HF372–HF389, HF450, HF459–HF469), what a damaged mapping raises
    (HF451–HF457), HF479 for keys that no series has.
    """
    chosen = _given_mapping(options, target)
    extract = choose(source, options.layout or (chosen.layout if chosen else "")).extract(source)
    if extract.layout == TEMPLATE:
        matches: tuple[SeriesMatch, ...] = ()
        understood, reuse = template_mappings(extract, source.book), None
    else:
        matches = match(extract, target.catalogue)
        kept = chosen or best_kept(target.folder, extract, target.catalogue)
        mapping, reuse = updated(kept, extract, matches) if kept else (proposed(extract, matches), None)
        understood = (mapping,)
    mappings = tuple(
        _answered(_for_file(mapping, extract, options), extract, options, target) for mapping in understood
    )
    answers = answers_for(extract, target, mappings[0].period.year, mappings[0].places)
    work = _Work(extract, target, answers, options, today)
    before = amounts(target.observations)
    mappings, backed = work.confirmed(mappings, before)
    rows, accounts, warnings = work.converted(mappings)
    canonical, problems = work.checked(rows, mappings)
    changes = edition_changes(before, amounts(canonical), dict(target.catalogue.indicators))
    held = tuple(_held(mapping, changes, options) for mapping in mappings)
    if held != mappings:
        mappings = held
        rows, accounts, warnings = work.converted(mappings)
        _, problems = work.checked(rows, mappings)
    here = rows.filter(pl.col("place_id").is_in(sorted(work.allowed)))
    used = set(here.get_column("place_id").unique())
    return Draft(
        extract=extract,
        matches=matches,
        mappings=mappings,
        reuse=reuse,
        answers=answers,
        accounts=accounts,
        rows=here,
        places=tuple(place for place in answers.new if place.id in used),
        sources=work.publications(mappings),
        elsewhere=rows.height - here.height,
        changes=changes,
        backed=backed,
        problems=(*extract.problems, *warnings, *answers.problems, *problems),
    )


@dataclass(frozen=True, eq=False)
class _Work:
    """What conversion and checking need besides the mappings."""

    extract: Extract
    target: Evidence
    answers: PlaceAnswers
    options: ImportOptions
    today: date

    @property
    def allowed(self) -> frozenset[str]:
        """The places that rows may be about."""
        return self.target.place_ids | {place.id for place in self.answers.new}

    def converted(self, mappings: Sequence[ImportMapping]) -> tuple[pl.DataFrame, tuple[Account, ...], list[Problem]]:
        """The rows of every mapping, what became of the cells, and warnings."""
        alone = next(iter(self.target.place_ids)) if len(self.target.place_ids) == 1 else ""
        here, catalogue = self.options.place or alone, self.target.catalogue
        made = [
            convert(self.extract, mapping, catalogue, self.answers.ids, here=here, today=self.today)
            for mapping in mappings
        ]
        rows = pl.concat([one.rows for one in made])
        return rows, _together([one.accounts for one in made]), [problem for one in made for problem in one.problems]

    def confirmed(
        self, mappings: tuple[ImportMapping, ...], before: pl.DataFrame
    ) -> tuple[tuple[ImportMapping, ...], dict[str, int]]:
        """The mappings without the question of a unit that the folder's figures answer, and the series concerned."""
        only = (str(Ask.UNIT),)
        waiting = {rule.key for mapping in mappings for rule in mapping.series if rule.ask == only and rule.unit}
        if before.is_empty() or not waiting:
            return mappings, {}
        trial = tuple(_only(mapping, waiting) for mapping in mappings)
        rows, _, _ = self.converted(trial)
        canonical, _ = self.checked(rows, trial)
        known = confirmed(before, amounts(canonical))
        rules = (rule for mapping in trial for rule in mapping.series)
        targets = {rule.key: column(rule.indicator, rule.dims, rule.concept) for rule in rules}
        backed = {key: known[targets[key]] for key in sorted(waiting) if targets[key] in known}
        return tuple(_without_ask(mapping, backed) for mapping in mappings), backed

    def checked(self, rows: pl.DataFrame, mappings: Sequence[ImportMapping]) -> tuple[pl.DataFrame, list[Problem]]:
        """The rows about allowed places in canonical units, and what checking says of them."""
        own = {publication.source_id for publication in self.publications(mappings)}
        catalogue = self.target.catalogue
        known = Known(
            self.allowed, catalogue.indicators, frozenset(catalogue.concepts), frozenset({*self.target.sources, *own})
        )
        problems = Problems()
        here = rows.filter(pl.col("place_id").is_in(sorted(self.allowed)))
        canonical = check_observations(here.with_row_index("row", offset=2), known, "import", problems)
        return canonical, list(problems)

    def publications(self, mappings: Sequence[ImportMapping]) -> tuple[Publication, ...]:
        """The sources that the folder lacks."""
        found = (_publication(mapping.source, self.extract, self.target) for mapping in mappings)
        return tuple(publication for publication in found if publication is not None)


def _only(mapping: ImportMapping, keys: Collection[str]) -> ImportMapping:
    """The mapping with these series converted as proposed and no others."""
    rules = (replace(rule, ask=()) if rule.key in keys else replace(rule, skip=True) for rule in mapping.series)
    return replace(mapping, series=tuple(rules))


def _without_ask(mapping: ImportMapping, keys: Collection[str]) -> ImportMapping:
    """The mapping with the questions about these series answered as proposed."""
    rules = (replace(rule, ask=()) if rule.key in keys else rule for rule in mapping.series)
    return replace(mapping, series=tuple(rules))


def _together(parts: Sequence[Sequence[Account]]) -> tuple[Account, ...]:
    """The accounts of several mappings as one: a cell that one of them converts is not skipped by the others."""
    if len(parts) == 1:
        return tuple(parts[0])
    every = [account for part in parts for account in part if account.fate is not Fate.SKIPPED]
    return tuple(
        Account(fate, sum(item.count for item in same), _examples(same))
        for fate in Fate
        if (same := [account for account in every if account.fate is fate])
    )


def _examples(accounts: Sequence[Account]) -> tuple[str, ...]:
    return tuple(text for account in accounts for text in account.examples)[:EXAMPLES]


def write(made: Draft, target: Evidence, *, author: str, reason: str, today: date, again: bool = False) -> Appended:
    """Append a draft to the folder, its mapping beside it. Raises what `append_table` raises."""
    brought = Additions(
        rows=made.rows,
        places=made.places if isinstance(target, Places) else (),
        sources=made.sources,
        files=made.kept,
    )
    return append_table(
        target,
        brought,
        author=author,
        reason=reason,
        today=today,
        file=storable(made.extract.name),
        sha256=made.extract.sha256,
        again=again,
    )


def _given_mapping(options: ImportOptions, target: Evidence) -> ImportMapping | None:
    if options.mapping is None:
        return None
    path = options.mapping
    kept = target.folder / path
    there = path if is_there(path) or not is_there(kept) else kept
    return read_mapping(read_text(there, LARGEST), str(path), target.catalogue)


def _for_file(mapping: ImportMapping, extract: Extract, options: ImportOptions) -> ImportMapping:
    """The mapping with year and source of this file: those of another file are not taken over."""
    same = mapping.name == extract.name
    year = options.year if options.year is not None else mapping.period.year if same else None
    given = {key: text for key, text in vars(options.source).items() if text}
    source = replace(mapping.source if same else SourceRule(), **given)
    if not source.source_id:
        source = replace(source, source_id=_source_id(extract))
    defaults = replace(mapping.defaults, vintage=options.vintage or (mapping.defaults.vintage if same else ""))
    period = PeriodRule(year, mapping.period.offset)
    return replace(mapping, name=extract.name, layout=extract.layout, source=source, period=period, defaults=defaults)


def _source_id(extract: Extract) -> str:
    stem = extract.name.rsplit("/", 1)[-1].split(".", 1)[0].lower()
    return f"{_SLUG.sub('-', stem).strip('-')[:40] or 'file'}-{extract.sha256[:6]}"


def _answered(mapping: ImportMapping, extract: Extract, options: ImportOptions, target: Evidence) -> ImportMapping:
    """Open questions answered as proposed for the keys that are accepted. Raises HF479 for keys that are not there."""
    _check_keys((*options.accept, *options.keep), extract)
    if not options.accept:
        return mapping
    answered = accepted(mapping, options.accept, catalogue=target.catalogue)
    if EVERY not in options.accept:
        return answered
    # `all` answers what rests on the file's own words; which indicator it is, whether figures can be right, and units
    # that are merely usual are looked at one by one.
    answered = accepted(answered, None, (str(Ask.CONCEPT), str(Ask.PRICES)), target.catalogue)
    printed = [rule.key for rule in answered.series if rule.printed]
    return accepted(answered, printed, (str(Ask.UNIT),), target.catalogue)


def _check_keys(keys: Sequence[str], extract: Extract) -> None:
    known = [series.key for series in extract.series]
    problems = Problems()
    for key in keys:
        if key != EVERY and key not in known:
            near = did_you_mean(key, known) or ", ".join(known[:3]) or "—"
            problems.add("HF479", "--accept", key=key[:80], suggestion=near)
    problems.raise_if_any()


def _publication(rule: SourceRule, extract: Extract, target: Evidence) -> Publication | None:
    """The source of an import as an entry of the list of sources; None where the folder has it."""
    if rule.source_id in target.sources:
        return None
    listed = {key: storable(text) for key, text in vars(rule).items() if text}
    found = next(iter(extract.titles), "") or extract.name or rule.source_id
    plain = "".join(letter for letter in storable(found) if letter.isprintable()).strip()
    title = plain[:200] or rule.source_id
    usual = {"title": title, "reliability": "medium", "how_read": "full", "sha256": extract.sha256}
    try:
        return Publication(**{**usual, **listed})
    except ValidationError as error:
        problems = Problems()
        for fault in error.errors():
            expected = str(fault.get("ctx", {}).get("pattern") or fault.get("ctx", {}).get("expected") or fault["msg"])
            problems.add("HF453", f"source {fault['loc'][0]}", expected=expected)
        raise HeadframeError(list(problems)) from error


def _held(mapping: ImportMapping, changes: Sequence[EditionChange], options: ImportOptions) -> ImportMapping:
    """The mapping with the question of the unit opened, or answered, where the figures of the folder contradict it."""
    times = {(c.indicator, c.dims, c.concept): c.multiply for c in changes if c.kind == "unit" and c.multiply}
    if not times:
        return mapping
    return replace(mapping, series=tuple(_held_rule(rule, times, options) for rule in mapping.series))


def _held_rule(
    rule: SeriesRule, times: Mapping[tuple[str, str, str], float | None], options: ImportOptions
) -> SeriesRule:
    multiply = times.get(column(rule.indicator, rule.dims, rule.concept))
    if multiply is None or not rule.converts or {EVERY, rule.key} & set(options.keep):
        return rule
    if {EVERY, rule.key} & set(options.accept):
        return replace(rule, unit=scaled_unit(rule.unit, multiply))
    return replace(rule, ask=(str(Ask.UNIT),))


def scaled_unit(unit: str, multiply: float) -> str:
    """A unit times a number: `10000 CNY` times 10,000 is `100000000 CNY`."""
    found = _LEADING.match(unit)
    number, base = (float(found[1]), found[2]) if found else (1.0, unit)
    product = number * multiply
    return base if product == 1.0 else f"{product:.12g} {base}"


def refuse_empty(made: Draft) -> None:
    """Raise HF473-like trouble early: HF480 when nothing of a file can be imported, with what stands in the way."""
    if made.rows.is_empty():
        counts = [f"{account.fate}: {account.count}" for account in made.accounts]
        counts += [f"elsewhere: {made.elsewhere}"] if made.elsewhere else []
        counted = "; ".join(counts) or "—"
        raise HeadframeError.of("HF480", made.extract.name, counted=counted)
