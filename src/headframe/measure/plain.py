"""A measure that is an indicator as reported or derived from its catalogue definition, with its comparisons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from headframe.catalog.load import catalog
from headframe.core.results import Figure, Message, Ref, type_of_value
from headframe.measure.gaps import all_comparisons
from headframe.measure.known import Known, Surroundings, partial_area
from headframe.measure.needs import need
from headframe.measure.results import Measure, Need


@dataclass(frozen=True)
class Scene:
    """What every measure is computed from: the place with its surroundings, and the peers that were found."""

    around: Surroundings
    peers: tuple[Known, ...] = ()

    @property
    def here(self) -> Known:
        """The place that is measured."""
        return self.around.here


def parse_dims(dims: str) -> dict[str, str] | None:
    """The dimensions in a text such as `sector=mining`; None for none."""
    return dict(part.split("=", 1) for part in dims.split(";")) if dims else None


def plain(scene: Scene, indicator: str, scope: str, dims: str = "") -> Measure:
    """The measure of one indicator: newest figure, series, comparisons; a need where nothing is known."""
    series = scene.here.series(indicator, parse_dims(dims))
    missing = () if series else (missing_evidence(scene, indicator, dims=dims),)
    return of_series(scene, indicator, scope, series, dims=dims, needs=missing)


def missing_evidence(scene: Scene, indicator: str, *, period: str = "", dims: str = "") -> Need:
    """The need for an indicator that has no evidence at all."""
    name = Ref(kind="indicator", id=indicator)
    return need(indicator, scene.here.place.id, "measure.need.evidence", period=period, dims=dims, indicator=name)


def of_series(
    scene: Scene,
    indicator: str,
    scope: str,
    series: Sequence[Figure],
    *,
    dims: str = "",
    formula: Message | None = None,
    notes: Sequence[Message] = (),
    needs: Sequence[Need] = (),
) -> Measure:
    """A measure from figures in time order; comparisons are found, notes on concepts and doubt are added."""
    entry = catalog().indicators[indicator]
    newest = series[-1] if series else scene.here.unknown(indicator)
    return Measure(
        id=indicator,
        scope=scope,
        subject=entry.subject,
        title=Ref(kind="indicator", id=indicator),
        dims=dims,
        figure=newest,
        direction=entry.direction,
        series=tuple(series),
        comparisons=all_comparisons(series, scene.around, scene.peers, parse_dims(dims)),
        formula=formula or _formula(indicator),
        notes=(*notes, *_notes(series)),
        needs=tuple(needs),
    )


def _formula(indicator: str) -> Message:
    entry = catalog().indicators[indicator]
    values: dict[str, type_of_value] = {"indicator": Ref(kind="indicator", id=indicator)}
    if entry.adds_up_to is None or entry.adds_up_to.ratio is None:
        return Message(id="formula.reported", values=values)
    for name, part in zip(("numerator", "denominator"), entry.adds_up_to.ratio, strict=True):
        values[name] = Ref(kind="indicator", id=part)
    return Message(id="formula.ratio", values=values)


def _notes(series: Sequence[Figure]) -> list[Message]:
    found = []
    differing = differing_concepts(series)
    if differing:
        names = tuple(Ref(kind="concept", id=part) for part in differing)
        found.append(Message(id="measure.note.concepts-differ", values={"concepts": names}))
    if series and partial_area(series[-1]):
        area = Ref(kind="concept", id=partial_area(series[-1]))
        values: dict[str, type_of_value] = {"area": area, "indicator": Ref(kind="indicator", id=series[-1].indicator)}
        found.append(Message(id="measure.note.part-of-the-place", values=values))
    if series and series[-1].known and not re.search(r"\d{4}", series[-1].period):
        found.append(Message(id="measure.note.undated"))
    return found


# On these axes a figure that names a concept counts less than one that names none.
NARROWING = frozenset({"industry-coverage", "population-settlement"})


def differing_concepts(series: Sequence[Figure]) -> list[str]:
    """Concepts that exclude each other among the figures of a series (registered and resident, city and districts)."""
    concepts = catalog().concepts
    axes: dict[str, set[str]] = {}
    for figure in series:
        named = {concepts[part].axis: part for part in figure.concept.split(";") if part in concepts}
        for axis in {*named, *NARROWING}:
            axes.setdefault(axis, set()).add(named.get(axis, "") if axis in NARROWING else named[axis])
    return sorted(part for parts in axes.values() if len(parts) > 1 for part in parts if part)
