"""Holding a figure against its threshold: where it stands, what its doubt is, what it weighs."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import quantiles

from headframe.catalog.schema import Threshold as Point
from headframe.core.results import Figure, Message, Ref, type_of_value
from headframe.core.units import factor
from headframe.diagnose.criteria import Criterion, Scale, scales
from headframe.diagnose.gather import STATEMENT, Found, Row, Scene
from headframe.diagnose.parts import Evidence, Line, Standing, Threshold
from headframe.diagnose.severity import NINETY, Piece
from headframe.diagnose.telling import told
from headframe.measure.gaps import all_comparisons
from headframe.measure.known import Known, year_of
from headframe.measure.plain import parse_dims

FEWEST_PEERS = 8
JUST_BEYOND = 1e-9  # `more than 80` lies beyond a line at 80
REAL = "step.real-increase"
HOME = ("CHN", "prefecture_city")  # whose cities the computed lines are quantiles of


def worth(scene: Scene, found: Found, criterion: Criterion) -> float:
    """What is left of a criterion's weight: reliability × freshness × validity of the look."""
    fresh = freshness(scene, criterion, found.age)
    return scene.assumed.reliability[found.reliability] * fresh * found.look.validity


def freshness(scene: Scene, criterion: Criterion, age: float | None) -> float:
    """What age leaves of a figure (`Scene.freshness`); 1 for a lasting answer."""
    return 1.0 if criterion.lasting else scene.freshness(age)


def own_line(scene: Scene, found: Found) -> bool:
    """Whether a point that the figure would be held against was set with the figure's own place known, or was taken
    from the figure's own source. A line computed from many places is no such line: a place is one among them.
    """
    scale = scales().get(found.look.scale)
    if scale is None:
        return False
    if not independent(scale, found.known.place.id):
        return True
    drawn = (point for point in (scale.concern, scale.severe) if point.how_read != "computed")
    lines = {point.source for point in drawn if point.grade in {"C", "D"}} - {None}
    return bool(lines & {*sources_of(scene, found.figure), *(event.source.id for event in found.events)})


def independent(scale: Scale, place: str) -> bool:
    """Whether both points of a scale were drawn without the figures of a place."""
    return place not in {*scale.concern.seen_in, *scale.severe.seen_in}


def sources_of(scene: Scene, figure: Figure) -> tuple[str, ...]:
    """The ids of the sources behind a figure, sorted."""
    rows = (scene.rows.get(ref) for ref in figure.observations)
    return tuple(sorted({str(row["source_id"]) for row in rows if row is not None}))


def held(scene: Scene, found: Found, identifier: str, criterion: Criterion) -> tuple[Evidence, Piece | None]:
    """The evidence with its threshold, and the piece to draw.

    No piece where the line was not drawn independently of the figure, where it does not fit the figure (`_unfit`), or
    where the scale needs a reference that is not known (a relative line without the nation's figure).
    """
    scale = scales()[found.look.scale]
    plain = evidence_of(scene, found, identifier, lasting=criterion.lasting)
    if own_line(scene, found):
        return _without_line(scene, found, plain), None
    unfit = _unfit(found, scale)
    threshold = None if unfit else _threshold(scene, found, scale)
    if threshold is None:
        update = {"notes": (*plain.notes, *((unfit,) if unfit else ())), "discount": 0.0}
        return plain.model_copy(update=update), None
    concern, severe = threshold.concern.figure.value or 0.0, threshold.severe.figure.value or 0.0
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
        grades=(threshold.concern.grade, threshold.severe.grade),
        age=0.0 if criterion.lasting else found.age,
        drift=criterion.drift or scene.assumed.drift,
        bounds=found.bounds,
    )
    standing = _standing(found.figure, scale, concern, severe)
    near = _near(scene, found, concern, severe)
    lines = {"concern": threshold.concern.figure, "severe": threshold.severe.figure}
    update = {
        "threshold": threshold,
        "standing": standing,
        "within_error": bool(near),
        "discount": worth(scene, found, criterion),
        "message": told(scene, found, near or _kind(standing), **lines),
    }
    return plain.model_copy(update=update), piece


def _kind(standing: Standing) -> str:
    return standing if standing in {"beyond-severe", "beyond-concern", "within"} else "no-threshold"


def _without_line(scene: Scene, found: Found, plain: Evidence) -> Evidence:
    """A figure whose line was set with it known: told in the source's name, without severity and weight."""
    sources = tuple(Ref(kind="source", id=source) for source in sources_of(scene, found.figure))
    sources = sources or tuple(dict.fromkeys(event.source for event in found.events))
    update = {
        "standing": "no-independent-line",
        "discount": 0.0,
        "notes": (*plain.notes, Message(id="diagnose.note.own-line")),
        "message": told(scene, found, "no-independent-line", sources=sources),
    }
    return plain.model_copy(update=update)


def _unfit(found: Found, scale: Scale) -> Message | None:
    """Why a scale does not fit a figure: quantiles of Chinese prefecture-level cities hold for those alone, a line
    from nominal increases not for a real one, and some lines not for figures of long ago. None where it fits.
    """
    place = found.known.place
    computed = "computed" in {scale.concern.how_read, scale.severe.how_read}
    if computed and (place.country, place.level) != HOME:
        return Message(id="diagnose.note.line-of-chinese-cities")
    if any(step.id == REAL for step in found.figure.steps):
        return Message(id="diagnose.note.real-increase")
    if found.look.oldest is not None and found.age is not None and found.age > found.look.oldest:
        return Message(id="diagnose.note.too-old", values={"n": int(found.age), "oldest": int(found.look.oldest)})
    return None


def _near(scene: Scene, found: Found, concern: float, severe: float) -> str:
    """Which point of the scale lies within the doubt of a figure: its interval, or the error of its source (90 %)."""
    value = _central(found.figure)
    if value is None:
        return ""
    error = NINETY * scene.assumed.value_error[found.reliability] * abs(value)
    low = min(value - error, value if found.low is None else found.low)
    high = max(value + error, value if found.high is None else found.high)
    inside = {name: line for name, line in (("at-concern", concern), ("at-severe", severe)) if low <= line <= high}
    if value == found.figure.value and value in {concern, severe}:
        return ""
    return min(inside, key=lambda name: abs(inside[name] - value), default="")


def evidence_of(scene: Scene, found: Found, identifier: str, *, lasting: bool = False) -> Evidence:
    """The figure as evidence without a threshold, with notes on its date, its rivals and the findings on it."""
    dated = found.age is not None or lasting or bool(found.events)
    return Evidence(
        id=identifier,
        indicator=Ref(kind="indicator", id=found.look.indicator),
        figure=found.figure,
        standing="no-threshold",
        reliability=found.reliability,
        age=found.age,
        dated=dated,
        others=found.others,
        findings=found.findings,
        message=told(scene, found, "no-threshold"),
        notes=tuple(_notes(scene, found, dated=dated, lasting=lasting)),
    )


def _notes(scene: Scene, found: Found, *, dated: bool, lasting: bool) -> Iterator[Message]:
    if not dated:
        yield Message(id="diagnose.note.undated")
    elif found.age and not lasting and found.age >= scene.assumed.half_life:
        yield Message(id="diagnose.note.old", values={"n": int(found.age)})
    if found.low != found.figure.low or found.high != found.figure.high:
        yield Message(id="diagnose.note.contradicted", values={"n": len(found.others)})
    for other in found.newer:
        yield Message(id="diagnose.note.newer-weaker", values={"figure": other, "period": other.period})
    for other in found.others:
        if any(step.id == REAL for step in other.steps):
            yield Message(id="diagnose.note.real-beside", values={"figure": other})
    if found.look.validity < 1.0:
        yield Message(id="diagnose.note.proxy")
    if found.findings:
        yield Message(id="diagnose.note.findings", values={"n": len(found.findings)})


def quoted(scene: Scene, found: Found) -> Evidence:
    """A figure that the record marks as unusable: quoted, without standing and without weight."""
    name = "/".join(filter(None, (found.look.indicator, found.dims, found.figure.period, "unusable")))
    plain = evidence_of(scene, found, name)
    return plain.model_copy(
        update={"standing": "not-known", "discount": 0.0, "message": told(scene, found, "unusable")}
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
