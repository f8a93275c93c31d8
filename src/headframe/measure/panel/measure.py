"""The verb `measure` for a collection: the meter, ranks, movers and lifecycle of hundreds of places at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import polars as pl

from headframe.core.errors import HeadframeError
from headframe.core.jobs import Cancel, Progress, silent
from headframe.core.provenance import Source, run_record
from headframe.core.seeds import DEFAULT_SEED
from headframe.evidence.doubt import Doubt
from headframe.evidence.folder import City
from headframe.evidence.place import Place
from headframe.measure.bounds import Bounds
from headframe.measure.bounds import bounds as built_in_bounds
from headframe.measure.definition import WEIGHTS, Definition, definition, with_weights
from headframe.measure.meter import FEWEST_DRAWS
from headframe.measure.panel import classes as panel_classes
from headframe.measure.panel.bounds import bounds_of
from headframe.measure.panel.grid import Grid, grid
from headframe.measure.panel.known import Batch, ManyKnown, many_known
from headframe.measure.panel.meter import Instrument, draw
from headframe.measure.panel.results import PanelMeasure
from headframe.measure.panel.tell import notes
from headframe.measure.panel.write import Written
from headframe.measure.reading import LEVEL

MOST_YEARS = 200
FIRST_YEAR, LAST_YEAR = 1000, 2500
Reference = Literal["built-in", "panel"]


class CollectionLike(Protocol):
    """What is needed of a collection; `headframe.evidence.collection.Collection` has it."""

    @property
    def id(self) -> str:
        """The stable id."""

    @property
    def folder(self) -> Path:
        """The folder."""

    @property
    def places(self) -> Mapping[str, Place]:
        """The places by id."""

    @property
    def observations(self) -> pl.DataFrame:
        """The observations of all places."""

    @property
    def events(self) -> pl.DataFrame:
        """The dated events of all places."""

    @property
    def sources(self) -> Mapping[str, Source]:
        """The sources."""

    @property
    def doubts(self) -> Mapping[str, Doubt]:
        """The doubts on observations by their id."""

    @property
    def inputs_hash(self) -> str:
        """A fingerprint of the evidence."""

    def city(self, place_id: str, /) -> City:
        """One place as a city."""


@dataclass(frozen=True)
class Evidence:
    """The evidence of many places, from a collection or from single cities."""

    identifier: str
    places: Mapping[str, Place]
    batches: tuple[Batch, ...]
    sources: Mapping[str, Source]
    events: tuple[pl.DataFrame, ...]
    inputs: Mapping[str, str]
    rule: Definition
    city: Callable[[str], City]

    @cached_property
    def telling(self) -> tuple[str, ...]:
        """The places with any evidence on the security of their resource, sorted."""
        rows = [
            batch.observations.filter(pl.col("indicator_id").is_in(panel_classes.SIGNS)).get_column("place_id")
            for batch in self.batches
        ]
        dated = [table.get_column("place_id") for table in self.events]
        named = {place for column in (*rows, *dated) for place in column.unique().to_list()}
        return tuple(sorted(named & set(self.places)))


def evidence_of(given: CollectionLike | Sequence[City]) -> Evidence:
    """The evidence of a collection, or of single cities. Raises HF404 without a place, HF405 for one that comes
    twice.
    """
    if not isinstance(given, Sequence):
        places = dict(sorted(given.places.items()))
        found = Evidence(
            identifier=given.id,
            places=places,
            batches=(Batch(given.observations, given.doubts),),
            sources=given.sources,
            events=(given.events,),
            inputs={given.id: given.inputs_hash},
            rule=_definition(given.folder),
            city=given.city,
        )
    else:
        cities = {city.place.id: city for city in given}
        if len(cities) < len(given):
            names = [city.place.id for city in given]
            raise HeadframeError.of("HF405", "cities", place=next(name for name in names if names.count(name) > 1))
        ordered = dict(sorted(cities.items()))
        found = Evidence(
            identifier="cities",
            places={name: city.place for name, city in ordered.items()},
            batches=tuple(Batch(city.observations, city.doubts) for city in ordered.values()),
            sources={key: source for city in ordered.values() for key, source in city.sources.items()},
            events=tuple(city.events for city in ordered.values()),
            inputs={name: city.inputs_hash for name, city in ordered.items()},
            rule=definition(),
            city=ordered.__getitem__,
        )
    if not found.places:
        raise HeadframeError.of("HF404", found.identifier)
    return found


def _definition(folder: Path) -> Definition:
    """The built-in definition with the collection's own weights, where it has a file of them."""
    from headframe.evidence.place import read_toml

    path = folder / WEIGHTS
    return with_weights(definition(), read_toml(path), str(path)) if path.is_file() else definition()


def measure_panel(
    collection: CollectionLike | Sequence[City],
    *,
    years: Sequence[int] | None = None,
    seed: int = DEFAULT_SEED,
    draws: int = 2000,
    reference: Reference = "built-in",
    doubt: bool = True,
    progress: Progress = silent,
    cancel: Cancel | None = None,
) -> PanelMeasure:
    """Scores, ranks, movers and lifecycle of all places (M2, M3, M11).

    `years`: those to score (None: every year with evidence on the meter's indicators). `reference`: the bounds that
    values are held against, those of all Chinese cities, which are also the single city's, or those of this panel.
    `doubt`: give figures that are not sound a margin (`panel.doubt`); without it every score equals that of the single
    city's meter at the same seed and draws. The same evidence, options and seed give the same result.
    Errors: HF401, HF402 for faulty weights, HF403 for too few draws, HF404 without places, HF405 for a place given
    twice, HF406 for years that are none, HF116 when cancelled.
    """
    if draws < FEWEST_DRAWS:
        raise HeadframeError.of("HF403", "draws", draws=draws, least=FEWEST_DRAWS)
    asked = _asked(years)
    progress(0, 1, "panel.stage.figures")
    found = evidence_of(collection)
    known = many_known(found.places, found.batches, found.sources, found.rule.indicators, doubt=doubt)
    own = reference == "panel"
    bounds = bounds_of(known, found.rule) if own else built_in_bounds()
    held = grid(known, found.rule, bounds, asked, anywhere=own)
    shown = asked or _dated(known, found.rule)
    tool = Instrument(held, found.rule, bounds, seed, draws)

    def step(done: int, total: int) -> None:
        progress(done, max(total, 1), "panel.stage.meter")
        if cancel is not None:
            cancel.check()

    drawn = draw(tool, _with_scores(held, found.rule, shown), step)
    progress(0, 1, "panel.stage.classes")
    written = Written(found.places, held, found.rule, bounds, drawn, shown, seed)
    readings, moves, spread = written.readings(), written.moves(), written.scatter()
    secure = panel_classes.securities(found.telling, found.city)
    options = {"draws": draws, "reference": reference, "doubt": doubt, "years": ",".join(map(str, shown))}
    result = PanelMeasure(
        place=found.identifier,
        record=run_record("measure", found.inputs, options, seed),
        level=LEVEL,
        draws=draws,
        reference=reference,
        doubt=doubt,
        coverage_needed=found.rule.coverage_needed,
        years=shown,
        scored_years=drawn.years,
        fields=written.fields(),
        indicators=written.indicators(),
        places=written.places_told(),
        readings=readings,
        moves=moves,
        classes=panel_classes.classes(readings, found.places, secure),
        coverage=written.coverage(),
        used=written.used(),
        scatter=spread,
    )
    return result.model_copy(update={"notes": notes(result, found.places, bounds, held.impossible)})


def _asked(years: Sequence[int] | None) -> tuple[int, ...]:
    """The years asked for, sorted; empty for all. Raises HF406."""
    if years is None:
        return ()
    found = sorted(set(years))
    wrong = [year for year in found if isinstance(year, bool) or not FIRST_YEAR <= year <= LAST_YEAR]
    if not found or wrong or len(found) > MOST_YEARS:
        told = ", ".join(map(str, wrong[:5])) or str(len(found))
        raise HeadframeError.of("HF406", "years", years=told, first=FIRST_YEAR, last=LAST_YEAR, most=MOST_YEARS)
    return tuple(found)


def _dated(known: ManyKnown, rule: Definition) -> tuple[int, ...]:
    """Every year with evidence on an indicator of the meter, the last ones where there are too many."""
    years = {year for name in rule.indicators for year in known.series(name).get_column("year").unique().to_list()}
    return tuple(sorted(years)[-MOST_YEARS:])


def _with_scores(held: Grid, rule: Definition, years: Sequence[int]) -> tuple[int, ...]:
    enough = held.enough(rule)
    return tuple(year for year in years if bool(np.any(enough[:, held.years.index(year)])))


def bounds_for(collection: CollectionLike | Sequence[City], *, doubt: bool = True) -> Bounds:
    """The bounds that `reference="panel"` takes from a collection."""
    found = evidence_of(collection)
    known = many_known(found.places, found.batches, found.sources, found.rule.indicators, doubt=doubt)
    return bounds_of(known, found.rule)
