"""Holding a figure against its threshold: where it stands, what its doubt is, what it weighs."""

from __future__ import annotations

import math
from statistics import quantiles

from headframe.catalog.schema import Threshold as Point
from headframe.core.results import Figure, Message, Ref, type_of_value
from headframe.core.units import factor
from headframe.diagnose.criteria import Criterion, Scale, scales
from headframe.diagnose.gather import STATEMENT, Found, Row, Scene
from headframe.diagnose.parts import Evidence, Line, Standing, Threshold
from headframe.diagnose.severity import Piece
from headframe.measure.gaps import all_comparisons
from headframe.measure.known import Known, year_of
from headframe.measure.plain import parse_dims

FEWEST_PEERS = 8
JUST_BEYOND = 1e-9  # `more than 80` lies beyond a line at 80


def worth(scene: Scene, found: Found, criterion: Criterion) -> float:
    """What is left of a criterion's weight: reliability × freshness, less where its own source drew the line."""
    share = scene.assumed.reliability[found.reliability] * freshness(scene, criterion, found.age)
    return share * scene.assumed.own_line if _own_line(scene, found) else share


def freshness(scene: Scene, criterion: Criterion, age: float | None) -> float:
    """What age leaves of a figure: ½^(age / half-life); for a figure without a date the mean over the years it may be
    from; 1 for a lasting answer.
    """
    if criterion.lasting:
        return 1.0
    half = scene.assumed.half_life
    if age is not None:
        return float(0.5 ** (age / half))
    lives = scene.assumed.undated_span / half
    return float((1.0 - 0.5**lives) / (lives * math.log(2.0)))


def _own_line(scene: Scene, found: Found) -> bool:
    """Whether the source of the figure also drew a point that it is held against, from its own figures.

    A line computed from many places is no such line: a place is one among them.
    """
    scale = scales().get(found.look.scale)
    if scale is None:
        return False
    lines = {point.source for point in (scale.concern, scale.severe) if point.how_read != "computed"} - {None}
    return bool(lines & {*sources_of(scene, found.figure), *(event.source.id for event in found.events)})


def sources_of(scene: Scene, figure: Figure) -> tuple[str, ...]:
    """The ids of the sources behind a figure, sorted."""
    rows = (scene.rows.get(ref) for ref in figure.observations)
    return tuple(sorted({str(row["source_id"]) for row in rows if row is not None}))


def held(scene: Scene, found: Found, identifier: str, criterion: Criterion) -> tuple[Evidence, Piece | None]:
    """The evidence with its threshold, and the piece to draw; no piece where the scale needs a reference that is not
    known (a relative line without the nation's figure).
    """
    scale = scales()[found.look.scale]
    threshold = _threshold(scene, found, scale)
    if threshold is None:
        return evidence_of(scene, found, identifier), None
    concern, severe = threshold.concern.figure.value or 0.0, threshold.severe.figure.value or 0.0
    own = _own_line(scene, found)
    piece = Piece(
        id=identifier,
        weight=criterion.weight * worth(scene, found, criterion),
        value=found.figure.value,
        low=found.low,
        high=found.high,
        qualifier=found.figure.qualifier,
        reliability=found.reliability,
        concern=concern,
        severe=severe,
        grades=("D", "D") if own else (threshold.concern.grade, threshold.severe.grade),
        age=0.0 if criterion.lasting else found.age,
        drift=criterion.drift or scene.assumed.drift,
    )
    standing = _standing(found.figure, scale, concern, severe)
    evidence = evidence_of(scene, found, identifier, lasting=criterion.lasting)
    notes = (*evidence.notes, *((Message(id="diagnose.note.own-line"),) if own else ()))
    update = {
        "threshold": threshold,
        "standing": standing,
        "discount": worth(scene, found, criterion),
        "notes": notes,
        "message": _message(standing, found.figure, threshold),
    }
    return evidence.model_copy(update=update), piece


def evidence_of(scene: Scene, found: Found, identifier: str, *, lasting: bool = False) -> Evidence:
    """The figure as evidence without a threshold, with notes on its date, its rivals and the findings on it."""
    notes: list[Message] = []
    if found.age is None and not lasting:
        notes.append(Message(id="diagnose.note.undated"))
    elif found.age and not lasting and found.age >= scene.assumed.half_life:
        notes.append(Message(id="diagnose.note.old", values={"n": int(found.age)}))
    if found.low != found.figure.low or found.high != found.figure.high:
        notes.append(Message(id="diagnose.note.contradicted", values={"n": len(found.others)}))
    if found.findings:
        notes.append(Message(id="diagnose.note.findings", values={"n": len(found.findings)}))
    name = Ref(kind="indicator", id=found.look.indicator)
    return Evidence(
        id=identifier,
        indicator=name,
        figure=found.figure,
        standing="no-threshold",
        reliability=found.reliability,
        age=found.age,
        dated=found.age is not None or lasting,
        others=found.others,
        findings=found.findings,
        message=Message(id="diagnose.evidence.no-threshold", values={"indicator": name, "figure": found.figure}),
        notes=tuple(notes),
    )


def _threshold(scene: Scene, found: Found, scale: Scale) -> Threshold | None:
    reference = _reference(scene, found, scale.concern) if scale.concern.relative_to else None
    if scale.concern.relative_to and (reference is None or reference.value is None):
        return None
    other = None if reference is None else reference.value
    return Threshold(
        scale=scale.id,
        indicator=Ref(kind="indicator", id=scale.indicator),
        worse=scale.worse,
        concern=_line(scale.concern, other, found.figure.unit),
        severe=_line(scale.severe, other, found.figure.unit),
        relative_to=scale.concern.relative_to or "",
        reference=reference,
    )


def _line(point: Point, reference: float | None, unit: str) -> Line:
    by = 1.0 if point.margin == "ratio" and point.relative_to else factor(point.unit, unit)
    value = point.value * by
    if reference is not None:
        value = reference * point.value if point.margin == "ratio" else reference + value
    return Line(
        id=point.id,
        figure=Figure(
            value=value,
            unit=unit,
            indicator=point.indicator or "",
            method="reported" if point.source else "assumed",
        ),
        source=None if point.source is None else Ref(kind="source", id=point.source),
        locator=point.locator,
        grade=point.grade,
    )


def _reference(scene: Scene, found: Found, point: Point) -> Figure | None:
    """The other's figure in the same year: nation, province or own past as measured; for peers the quantile."""
    dims = parse_dims(found.dims)
    if point.relative_to == "peers":
        return _quantile(scene, found, point.quantile or 0.5)
    kind = {"own-past": "past"}.get(point.relative_to or "", point.relative_to)
    series = scene.here.series(found.look.indicator, dims) if kind == "past" else (found.figure,)
    comparisons = all_comparisons(series, scene.around, (), dims)
    return next((item.figure for item in comparisons if item.kind == kind and item.figure.known), None)


def _quantile(scene: Scene, found: Found, quantile: float) -> Figure | None:
    year = year_of(found.figure)
    if year is None:
        return None
    others = [other.at(found.look.indicator, year, parse_dims(found.dims)) for other in scene.around.others]
    values = [other.value for other in others if other.value is not None]
    if len(values) < FEWEST_PEERS:
        return None
    cut = quantiles(values, n=100, method="inclusive")[max(0, min(98, round(quantile * 100) - 1))]
    return Figure(value=cut, unit=found.figure.unit, indicator=found.look.indicator, method="derived", status="E")


def _standing(figure: Figure, scale: Scale, concern: float, severe: float) -> Standing:
    value = _central(figure)
    if value is None:
        return "not-known"
    if _beyond(value, severe, scale.severe.comparison):
        return "beyond-severe"
    return "beyond-concern" if _beyond(value, concern, scale.concern.comparison) else "within"


def _central(figure: Figure) -> float | None:
    nudge = JUST_BEYOND if figure.qualifier == ">" else -JUST_BEYOND if figure.qualifier == "<" else 0.0
    if figure.value is not None:
        return figure.value + nudge * max(abs(figure.value), 1.0)
    known = [bound for bound in (figure.low, figure.high) if bound is not None]
    return sum(known) / len(known) if known else None


def _beyond(value: float, line: float, comparison: str) -> bool:
    match comparison:
        case ">":
            return value > line
        case ">=":
            return value >= line
        case "<":
            return value < line
        case _:
            return value <= line


def _message(standing: Standing, figure: Figure, threshold: Threshold) -> Message:
    values: dict[str, type_of_value] = {"indicator": threshold.indicator, "figure": figure}
    values |= {"concern": threshold.concern.figure, "severe": threshold.severe.figure}
    text = {
        "beyond-severe": "diagnose.evidence.beyond-severe",
        "beyond-concern": "diagnose.evidence.beyond-concern",
        "within": "diagnose.evidence.within",
    }.get(standing, "diagnose.evidence.no-threshold")
    return Message(id=text, values=values)


def in_words(scene: Scene, known: Known, row: Row) -> Evidence:
    """What a source says in words alone, as evidence without a figure; the words are quoted as printed."""
    indicator, place = str(row["indicator_id"]), Ref(kind="place", id=known.place.id)
    name, source = Ref(kind="indicator", id=indicator), Ref(kind="source", id=str(row["source_id"]))
    figure = Figure(place=known.place.id, indicator=indicator, observations=(str(row["ref"]),), status="M")
    year = None if row["period_end"] is None else int(row["period_end"].year)
    values: dict[str, type_of_value] = {"source": source, "words": str(row["raw_text"] or row["value_text"] or "")}
    if indicator == STATEMENT:
        told = Message(id="diagnose.evidence.statement", values={**values, "place": place})
    else:
        told = Message(id="diagnose.evidence.words", values={**values, "indicator": name})
    return Evidence(
        id=str(row["ref"]),
        indicator=name,
        figure=figure,
        standing="no-threshold",
        reliability=scene.reliability(figure),
        age=None if year is None or scene.as_of is None else float(max(0, scene.as_of - year)),
        dated=year is not None,
        message=told,
        notes=() if known is scene.here else (Message(id="diagnose.note.of-place-above", values={"place": place}),),
    )
