"""Feedback loops, named and dated (D7), from evidence alone.

Every node moves up or down by what its readings show: the sign of a reported change, the trend between the first and
the last dated figure of one concept, or a kind of event. Readings of the two ends of a link are compared where their
years overlap: it is supported where they move as its sign says, contradicted where they move against it, mixed where
readings disagree or where an end has no date. Two ends that move together are consistent with a link; they do not
prove it, and the result never says more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from headframe.catalog.load import FOLDER, read_yaml
from headframe.core.errors import HeadframeError
from headframe.core.prices import deflate, price_index
from headframe.core.results import Figure, Message, Ref
from headframe.diagnose.criteria import Look, Part, Where
from headframe.diagnose.events import events_of, span_of
from headframe.diagnose.gather import Found, Scene, find, usable
from headframe.diagnose.judge import missing_need
from headframe.diagnose.parts import DatedEvent, LinkState
from headframe.diagnose.results import Link, Loop
from headframe.measure.known import Known, year_of
from headframe.measure.plain import parse_dims

FILE = "loops.yaml"
Way = Literal["up", "down"]
LEAST_MOVE = 0.02  # relative: a change of less than two per cent between two dates is no move


class Reading(Part):
    """How an indicator shows which way a node moves: `positive` is the way when it is positive, or rises."""

    indicator: str
    read: Literal["sign", "trend"]
    positive: Way
    dims: Literal["none", "any", "only"] = "none"


class NodeSpec(Part):
    """A node: its name (a text id), its readings, and kinds of events that move it."""

    name: str
    readings: tuple[Reading, ...]
    events: dict[str, Way] = Field(default_factory=dict)


class Said(Part):
    """Where a document says something; `place` where it says it of a place."""

    source: str
    locator: str
    place: str = ""


class LinkSpec(Part):
    """One arrow between two nodes."""

    cause: str
    effect: str
    sign: Literal["+", "-"]
    sources: Annotated[tuple[Said, ...], Field(min_length=1)]


class LoopSpec(Part):
    """A closed chain of links."""

    name: str
    model: str
    links: Annotated[tuple[LinkSpec, ...], Field(min_length=2)]
    asserted: tuple[Said, ...] = ()
    events: tuple[str, ...] = ()
    where: Where = "here"


class LoopFile(Part):
    """The whole file."""

    nodes: dict[str, NodeSpec]
    loops: dict[str, LoopSpec]


@dataclass(frozen=True)
class Moved:
    """One reading of a node: which way it moves, within which years (None: not dated), on which figures or event."""

    way: Way
    years: tuple[int, int] | None
    figures: tuple[Figure, ...] = ()
    events: tuple[DatedEvent, ...] = ()


@cache
def loop_file(path: Path = FOLDER / FILE) -> LoopFile:
    """The loops, read once. Raises HF502 where the file does not fit its schema, HF504 where a loop is not closed."""
    try:
        content = LoopFile.model_validate(read_yaml(path))
    except ValueError as error:
        raise HeadframeError.of("HF502", path.name, reason=" ".join(str(error).split())) from error
    for identifier, spec in content.loops.items():
        ends = [link.effect for link in spec.links]
        starts = [link.cause for link in spec.links]
        if starts != [ends[-1], *ends[:-1]] or not set(starts) <= content.nodes.keys():
            raise HeadframeError.of("HF504", path.name, loop=identifier)
    return content


def loops(scene: Scene) -> tuple[Loop, ...]:
    """Every loop of the catalogue as the evidence on the place shows it, supported ones first."""
    content = loop_file()
    found = [_loop(scene, identifier, spec, content.nodes) for identifier, spec in content.loops.items()]
    order: Mapping[LinkState, int] = {"supported": 0, "mixed": 1, "contradicted": 2, "no-evidence": 3}
    return tuple(sorted(found, key=lambda loop: order[loop.state]))


def _loop(scene: Scene, identifier: str, spec: LoopSpec, nodes: Mapping[str, NodeSpec]) -> Loop:
    names = {link.cause for link in spec.links}
    shown_in = _where(scene, [nodes[name] for name in names], spec.where)
    moved = {name: moves(scene, nodes[name], shown_in) for name in names}
    links = tuple(_link(scene, link, nodes, moved, mutual=mutual) for link, mutual in distinct(spec.links))
    state = _state([link.state for link in links])
    shown = {(event.place, event.id): event for event in events_of(scene.city, spec.events)}
    shown |= {(event.place, event.id): event for one in moved.values() for move in one for event in move.events}
    common = [years for link, _ in distinct(spec.links) for years in overlaps(moved[link.cause], moved[link.effect])]
    dated = [year for years in common for year in years]
    places = {scene.city.place.id, *(known.place.id for known in scene.above)}
    said = tuple(item for item in spec.asserted if item.place in places)
    where = Ref(kind="place", id=shown_in.place.id)
    return Loop(
        id=identifier,
        name=Message(id=spec.name),
        sign="balancing" if sum(link.sign == "-" for link in spec.links) % 2 else "reinforcing",
        state=state,
        links=links,
        events=tuple(sorted(shown.values(), key=lambda event: (event.date == "", event.date, event.id))),
        since=min(dated, default=None),
        until=max(dated, default=None),
        asserted=tuple(Ref(kind="source", id=item.source) for item in said),
        where=where,
        message=_told(state, links, dated, where),
    )


def distinct(links: Sequence[LinkSpec]) -> tuple[tuple[LinkSpec, bool], ...]:
    """The links of a loop, two nodes that act on each other with one sign taken together (True): their readings can
    show one co-movement, and counting it once for each arrow would count it twice.
    """
    found: list[tuple[LinkSpec, bool]] = []
    for link in links:
        back = [one for one in links if (one.cause, one.effect, one.sign) == (link.effect, link.cause, link.sign)]
        if not back:
            found.append((link, False))
        elif links.index(link) < links.index(back[0]):
            sources = (*link.sources, *(said for said in back[0].sources if said not in link.sources))
            found.append((link.model_copy(update={"sources": sources}), True))
    return tuple(found)


def _where(scene: Scene, nodes: Sequence[NodeSpec], where: Where) -> Known:
    """The place whose figures are read, one for the whole loop: the place itself, or where asked for and where more of
    the nodes move there, its province.
    """
    places = (scene.here, *(scene.provinces if where == "above" else ()))
    return max(places, key=lambda known: sum(bool(moves(scene, node, known)) for node in nodes))


def _told(state: LinkState, links: Sequence[Link], dated: Sequence[int], where: Ref) -> Message:
    supported = sum(link.state == "supported" for link in links)
    if state == "no-evidence" or not dated:
        text = "diagnose.loop-state.no-evidence" if state == "no-evidence" else "diagnose.loop-state.mixed"
        return Message(id=text, values={"supported": supported, "links": len(links), "place": where})
    years = {"since": str(min(dated)), "until": str(max(dated)), "place": where}
    if len(links) == 1:
        text = {
            "supported": "diagnose.loop-state.moved-together",
            "mixed": "diagnose.loop-state.moved-unclear",
            "contradicted": "diagnose.loop-state.moved-apart",
        }[state]
        return Message(id=text, values={**years})
    text = {
        "supported": "diagnose.loop-state.supported-dated",
        "mixed": "diagnose.loop-state.mixed-dated",
        "contradicted": "diagnose.loop-state.contradicted-dated",
    }[state]
    return Message(id=text, values={**years, "supported": supported, "links": len(links)})


def _state(states: Sequence[LinkState]) -> LinkState:
    """That of the loop: contradicted where a link is, supported where every link is, else mixed or without evidence."""
    if "contradicted" in states:
        return "contradicted"
    if all(state == "supported" for state in states):
        return "supported"
    return "no-evidence" if all(state == "no-evidence" for state in states) else "mixed"


def _link(
    scene: Scene,
    spec: LinkSpec,
    nodes: Mapping[str, NodeSpec],
    moved: Mapping[str, Sequence[Moved]],
    *,
    mutual: bool,
) -> Link:
    cause, effect = moved[spec.cause], moved[spec.effect]
    state = link_state(cause, effect, spec.sign)
    text = {
        "supported": "diagnose.link.moved-together" if mutual else "diagnose.link.supported",
        "contradicted": "diagnose.link.contradicted",
        "mixed": "diagnose.link.mixed",
        "no-evidence": "diagnose.link.no-evidence",
    }[state]
    absent = [name for name in (spec.cause, spec.effect) if not moved[name]]
    return Link(
        id=f"{spec.cause}/{spec.effect}",
        cause=Message(id=nodes[spec.cause].name),
        effect=Message(id=nodes[spec.effect].name),
        sign=spec.sign,
        mutual=mutual,
        state=state,
        figures=tuple(figure for move in (*cause, *effect) for figure in move.figures),
        sources=tuple(Ref(kind="source", id=said.source) for said in spec.sources),
        locators=tuple(said.locator for said in spec.sources),
        missing=tuple(missing_need(scene, nodes[name].readings[0].indicator) for name in absent),
        message=Message(id=text),
    )


def link_state(cause: Sequence[Moved], effect: Sequence[Moved], sign: str) -> LinkState:
    """What the readings of two nodes say of a link: together for a `+`, apart for a `-`, wherever their years overlap.

    Without a pair of dated readings that overlap it is mixed where undated ones bear on it, else without evidence.
    """
    agree = {
        (one.way == other.way) == (sign == "+") for one in cause for other in effect if overlap(one.years, other.years)
    }
    if not agree:
        undated = any(one.years is None or other.years is None for one in cause for other in effect)
        return "mixed" if undated else "no-evidence"
    if len(agree) == 2:
        return "mixed"
    return "supported" if agree == {True} else "contradicted"


def overlaps(cause: Sequence[Moved], effect: Sequence[Moved]) -> tuple[tuple[int, int], ...]:
    """The years that readings of two nodes have in common, for each pair that has some."""
    pairs = [(one.years, other.years) for one in cause for other in effect]
    return tuple(
        (max(one[0], other[0]), min(one[1], other[1]))
        for one, other in pairs
        if one is not None and other is not None and overlap(one, other)
    )


def overlap(one: tuple[int, int] | None, other: tuple[int, int] | None) -> bool:
    """Whether two spans of years have a year in common; what has no date overlaps nothing."""
    return one is not None and other is not None and max(one[0], other[0]) <= min(one[1], other[1])


def moves(scene: Scene, spec: NodeSpec, known: Known) -> tuple[Moved, ...]:
    """Every reading of a node at one place."""
    found = [move for reading in spec.readings if (move := _reading(scene, known, reading)) is not None]
    for event in events_of(known.city, tuple(spec.events)):
        first, last = span_of([event])
        if first is not None and last is not None and (scene.as_of is None or last <= scene.as_of):
            found.append(Moved(spec.events[event.kind], (first, last), events=(event,)))
    return tuple(found)


def _reading(scene: Scene, known: Known, reading: Reading) -> Moved | None:
    found = find(scene, Look(indicator=reading.indicator, dims=reading.dims), known)
    if not found:
        return None
    if reading.read == "sign":
        return _by_sign(scene, found[0], reading.positive)
    return _by_trend(scene, known, reading, found[0].dims)


def _by_sign(scene: Scene, found: Found, positive: Way) -> Moved | None:
    bounds = [bound for bound in (found.figure.value, found.low, found.high) if bound is not None]
    years = _years(scene, (found.figure,))
    if min(bounds) > 0:
        return Moved(positive, years, (found.figure,))
    return Moved(_turned(positive), years, (found.figure,)) if max(bounds) < 0 else None


def _turned(way: Way) -> Way:
    return "down" if way == "up" else "up"


def _by_trend(scene: Scene, known: Known, reading: Reading, dims: str) -> Moved | None:
    """From the first to the last dated figure of the newest one's concept; money at constant consumer prices."""
    series = [figure for figure in known.series(reading.indicator, parse_dims(dims)) if figure.value is not None]
    dated = [figure for figure in series if usable(figure) and year_of(figure) is not None]
    kept = [figure for figure in dated if _kind(figure) == _kind(dated[-1])]
    if len(kept) < 2:
        return None
    change = _relative_change(scene, kept[0], kept[-1])
    if change is None or abs(change) < LEAST_MOVE:
        return None
    way = reading.positive if change > 0 else _turned(reading.positive)
    return Moved(way, (year_of(kept[0]) or 0, year_of(kept[-1]) or 0), (kept[0], kept[-1]))


def _kind(figure: Figure) -> tuple[str, str]:
    return figure.concept, figure.price_basis


def _relative_change(scene: Scene, first: Figure, last: Figure) -> float | None:
    """(last − first) / |first|; amounts at current prices are deflated by national consumer prices, and without those a
    nominal fall still is a fall while a nominal rise says nothing.
    """
    if not first.value or last.value is None:
        return None
    change = (last.value - first.value) / abs(first.value)
    if first.price_basis != "nominal" or change < 0:
        return change
    years = (year_of(first), year_of(last))
    if scene.around.nation is None or None in years:
        return None
    start, end = years[0] or 0, years[1] or 0
    rates = {year: scene.around.nation.at("consumer_price_change", year).value for year in range(start + 1, end + 1)}
    known = {year: rate for year, rate in rates.items() if rate is not None}
    if len(known) < len(rates) or not known:
        return None
    real = deflate(np.array([last.value]), np.array([end]), price_index(known, start), start)[0]
    return float((real - first.value) / abs(first.value))


def _years(scene: Scene, figures: Sequence[Figure]) -> tuple[int, int] | None:
    """The span of years of figures; None where one of them has no date."""
    rows = [scene.rows[ref] for figure in figures for ref in figure.observations if ref in scene.rows]
    days = [day for row in rows for day in (row["period_start"], row["period_end"])]
    if not days or None in days:
        return None
    return min(day.year for day in days), max(day.year for day in days)
