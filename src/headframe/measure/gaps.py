"""Gaps (M11): a figure beside the province's, the nation's, the peers' median and the place's own past.

Only figures of the same year, unit, price basis and area are put beside each other. Where a source prints a gap and
the place's own level, the other's level is implied and shown as such (level − gap).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from headframe.catalog.load import catalog
from headframe.core.results import Figure, Message, Ref
from headframe.measure import spans
from headframe.measure.known import Known, Surroundings, partial_area, same_area, year_of
from headframe.measure.results import ComparedWith, Comparison

LEAST = "peers_least"  # the threshold below which nothing is compared with peers


@dataclass(frozen=True)
class PrintedGap:
    """An indicator that is itself a gap (`gap`) of `level` to the nation or the province."""

    gap: str
    level: str
    to: ComparedWith


PRINTED_GAPS = (
    PrintedGap("unemployment_gap_to_nation", "unemployment_rate", "nation"),
    PrintedGap("rd_intensity_gap_to_province", "rd_intensity", "province"),
)


def beside(kind: ComparedWith, places: Sequence[str], figure: Figure, other: Figure) -> Comparison:
    """The comparison of two figures: gap = figure − other, and their ratio where both are positive."""
    both_positive = (figure.value or 0.0) > 0 and (other.value or 0.0) > 0
    quotient = spans.ratio(figure, other, indicator=figure.indicator, unit="1") if both_positive else None
    return Comparison(kind=kind, places=tuple(places), figure=other, gap=spans.gap(figure, other), ratio=quotient)


def comparable(figure: Figure, other: Figure) -> bool:
    """Whether two figures count the same thing in the same way: both known, one price basis, one area."""
    if partial_area(figure) or partial_area(other):
        return False  # a piece of one place is not held against the whole of another
    areas = same_area(figure, other) or {figure.place, other.place} != {figure.place}
    return figure.known and other.known and figure.price_basis == other.price_basis and areas


def with_superior(
    kind: ComparedWith, series: Sequence[Figure], superior: Known | None, dims: Mapping[str, str] | None = None
) -> Comparison | None:
    """The comparison with the province or nation in the latest year in which both are known, if any."""
    if superior is None:
        return None
    for figure in reversed(series):
        year = year_of(figure)
        other = superior.at(figure.indicator, year, dims) if year is not None else figure
        if year is not None and other.value is not None and comparable(figure, other):
            return beside(kind, (superior.place.id,), figure, other)
    return None


def with_peers(
    series: Sequence[Figure], peers: Sequence[Known], dims: Mapping[str, str] | None = None
) -> Comparison | None:
    """The comparison with the median of the peers in the latest year in which enough of them are known.

    The interval of the median is the range of the peers' figures, so the gap's interval shows how far they differ.
    None where no year has as many peers as the threshold asks for.
    """
    for figure in reversed(series):
        found = _with_peers(figure, peers, dims)
        if found is not None:
            return found
    return None


def _with_peers(figure: Figure, peers: Sequence[Known], dims: Mapping[str, str] | None) -> Comparison | None:
    year = year_of(figure)
    if year is None:
        return None
    found = [peer.at(figure.indicator, year, dims) for peer in peers]
    found = [other for other in found if other.value is not None and comparable(figure, other)]
    values = [other.value for other in found if other.value is not None]
    if len(values) < catalog().thresholds[LEAST].value:
        return None
    step = Message(
        id="step.median", values={"n": len(values), "places": tuple(Ref(kind="place", id=o.place) for o in found)}
    )
    middle = spans.derived(
        spans.Span(median(values), min(values), max(values)),
        found,
        indicator=figure.indicator,
        unit=figure.unit,
        step=step,
        basis=figure.price_basis,
    ).model_copy(update={"place": ""})
    other = beside("peers", [item.place for item in found], figure, middle)
    return other.model_copy(update={"spread": tuple(found)})


def with_past(series: Sequence[Figure]) -> Comparison | None:
    """The newest figure beside the earliest dated one of the same concept and price basis; None where there is none.

    Money in current prices is not compared across years: that would mix prices and quantities (law 1).
    """
    if not series or year_of(series[-1]) is None or series[-1].price_basis == "nominal":
        return None
    newest = series[-1]
    earlier = [
        figure
        for figure in series[:-1]
        if year_of(figure) not in {None, year_of(newest)}
        and (figure.concept, figure.price_basis) == (newest.concept, newest.price_basis)
    ]
    return beside("past", (newest.place,), newest, earlier[0]) if earlier else None


def all_comparisons(
    series: Sequence[Figure],
    around: Surroundings,
    peers: Sequence[Known],
    dims: Mapping[str, str] | None = None,
) -> tuple[Comparison, ...]:
    """Every comparison of a series that the evidence allows, each in the latest year in which it is possible.

    Only ratios are held against other places: a larger place has more of everything else. All are held against the
    place's own past.
    """
    if not series:
        return ()
    past = with_past(series)
    if catalog().indicators[series[-1].indicator].kind != "ratio":
        return () if past is None else (past,)
    found = (
        with_superior("province", series, around.province, dims) or _implied(series, around.here, "province"),
        with_superior("nation", series, around.nation, dims) or _implied(series, around.here, "nation"),
        with_peers(series, peers, dims),
        past,
    )
    return tuple(item for item in found if item is not None)


def _implied(series: Sequence[Figure], here: Known, kind: ComparedWith) -> Comparison | None:
    """The other's level as the printed level minus the printed gap of the same period and concept.

    Where level and gap are of a piece of the place only, nothing is implied: it would read as the place's own gap.
    """
    for printed in PRINTED_GAPS:
        if printed.level != series[-1].indicator or printed.to != kind:
            continue
        gaps = {(gap.period, gap.concept): gap for gap in here.series(printed.gap)}
        for figure in reversed(series):
            gap = gaps.get((figure.period, figure.concept))
            if gap is not None and not partial_area(figure):
                places = (here.place.parent,) if kind == "province" and here.place.parent else ()
                other = beside(kind, places, figure, implied_level(figure, gap))
                return other.model_copy(update={"gap": gap})
    return None


def implied_level(level: Figure, gap: Figure) -> Figure:
    """The level that a printed level and a printed gap imply for the other place: level − gap, in the level's unit."""
    other = spans.gap(level, gap, unit=level.unit)
    step = Message(id="step.implied-level", values={"level": level, "gap": gap})
    return other.model_copy(update={"steps": (step,), "place": "", "unit": level.unit})
