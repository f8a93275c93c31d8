"""Matching one printed name to one place, or to a question. Nothing that could mean two places is decided here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from headframe.core.errors import shown
from headframe.core.results import Message, Ref
from headframe.evidence.places import codes
from headframe.evidence.places.index import Hit, Index
from headframe.evidence.places.load import Builtin
from headframe.evidence.places.lookup import Ancestors, Found, fits_level, found_for, region_hits, unique
from headframe.evidence.places.normal import Printed, taken_apart
from headframe.evidence.places.records import CONFIDENCE, KnownPlace, Lineage, PlaceMatch

LONGEST_SHOWN = 80  # characters of a printed name in a question
LINEAGE_CONFIDENCE = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known beside the name: tidy code, ids of the section, country (alpha-3), year, level."""

    code: str = ""
    section: frozenset[str] = frozenset()
    section_text: str = ""
    section_levels: frozenset[str] = frozenset()
    country: str = ""
    year: int | None = None
    level: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """What matching looks things up in."""

    index: Index
    own: Index
    data: Builtin
    ancestors: Ancestors
    lineage: Callable[[str, int], Lineage]


def match_one(name: str, asked: Asked, world: World) -> PlaceMatch:
    """The match of a printed name (no aggregate); see `PlaceMatch`."""
    printed = taken_apart(name)
    text = shown(name.strip(), LONGEST_SHOWN)
    own = found_for(printed, world.own, world.ancestors)
    if own.hits and not own.other_kind:
        return _narrowed(text, Found(own.hits), asked, world)
    code, name_is_code = asked.code, False
    if not code and codes.looks_like_code(name, world.index):
        code, name_is_code = codes.tidy(name), True
    coded = _coded(code, asked, world)
    if name_is_code or printed.empty:
        return _by_code_alone(text, coded, asked, world)
    found = found_for(printed, world.index, world.ancestors)
    if not found.hits or asked.level.startswith("nuts"):
        regions = region_hits(printed, world.index)
        found = Found(regions) if regions else found
    if coded:
        return _with_code(text, found, code, coded, asked, world)
    return _narrowed(text, found, asked, world)


def _coded(code: str, asked: Asked, world: World) -> list[Hit]:
    if not code:
        return []
    own = list(world.own.codes.get(code, ()))
    hits = own or codes.find(code, asked.country, world.index, world.data)
    if len(hits) > 1 and asked.section:
        hits = [hit for hit in hits if _under(hit, asked, world)] or hits
    if len(hits) > 1 and asked.level:
        hits = [hit for hit in hits if fits_level(hit, asked.level)] or hits
    # HR02 has meant two regions. The year of the figures does not tell which: old years are published in new codes.
    reused = all(hit.place.kind == "nuts" for hit in hits)
    if len(hits) > 1 and not reused:  # a code of now comes before the same code of an earlier list
        hits = [hit for hit in hits if _code_held(hit, asked.year)] or hits
    return hits


def _code_held(hit: Hit, year: int | None) -> bool:
    """Whether the code was in use in this year for a place that existed; of NUTS codes, whether it is in use now."""
    year = None if hit.place.kind == "nuts" else year
    return hit.held.held(year) and hit.place.exists(year)


def _by_code_alone(text: str, coded: list[Hit], asked: Asked, world: World) -> PlaceMatch:
    if not coded:
        return unknown(text)
    if len(coded) > 1:
        return _ask("places.ask.several", text, coded)
    return _settled(text, coded[0], asked, world)


def _with_code(text: str, found: Found, code: str, coded: list[Hit], asked: Asked, world: World) -> PlaceMatch:
    """A name with a code beside it: they agree, the code says where the name lies, or they contradict."""
    ids = {hit.place.id for hit in coded}
    same = [hit for hit in coded if any(hit.place.id == other.place.id for other in found.hits)]
    if len(same) == 1:
        return _settled(text, same[0], asked, world)
    inside = tuple(hit for hit in found.hits if world.ancestors(hit.place.id) & ids)
    if inside:
        return _narrowed(text, Found(inside, found.other_kind), asked, world)
    if _is_county(code, coded, found, asked, world):
        return _settled(text, coded[0], asked, world)
    if codes.is_weak(code) and not asked.country:
        coded = [] if found.hits else [hit for hit in coded if asked.section and _under(hit, asked, world)]
    if found.hits and coded:
        return _ask("places.ask.code", text, unique((*coded, *found.hits)), code=code)
    if not coded:
        return _narrowed(text, found, asked, world)
    return _unnamed(text, code, coded, asked, world)


def _is_county(code: str, coded: list[Hit], found: Found, asked: Asked, world: World) -> bool:
    """Whether the code settles a county of the United States, of which no names are kept that could contradict it."""
    if len(coded) != 1 or coded[0].place.kind != "us_county" or any(h.place.country == "CHN" for h in found.hits):
        return False
    return bool(asked.country) or _under(coded[0], asked, world) or not codes.is_weak(code)


def _unnamed(text: str, code: str, coded: list[Hit], asked: Asked, world: World) -> PlaceMatch:
    """A code whose name beside it is not known at all: taken, and said."""
    if len(coded) > 1:
        return _ask("places.ask.several", text, coded)
    match = _settled(text, coded[0], asked, world)
    if coded[0].place.kind == "us_county" or coded[0].place.level == "nuts3":  # their names are not kept
        return match
    remark = Message(id="places.remark.code-only", values={"name": text, "code": code, "place": ref(coded[0].place)})
    return _replace(match, confidence=min(match.confidence, CONFIDENCE["alias"]), remarks=(*match.remarks, remark))


def _narrowed(text: str, found: Found, asked: Asked, world: World) -> PlaceMatch:
    """The name alone: level, country, section and year leave one place, or there is a question."""
    hits: Sequence[Hit] = found.hits
    if not hits:
        return unknown(text)
    if found.scripts:
        return _ask("places.ask.scripts", text, hits)
    if asked.country:
        hits = [hit for hit in hits if hit.place.country == asked.country]
    if asked.level:
        hits = [hit for hit in hits if fits_level(hit, asked.level)]
    if not hits:
        return _ask("places.ask.level", text, found.hits)
    if asked.section:
        inside = [hit for hit in hits if _under(hit, asked, world)]
        inside = inside or [hit for hit in hits if hit.place.id in asked.section]
        # 上海市 after the rows of another province: a place of the section's own level ends the section
        inside = inside or [hit for hit in hits if _official(hit) and hit.place.level in asked.section_levels]
        if not inside:
            return _ask("places.ask.section", text, hits, section=asked.section_text)
        hits = inside
    if found.other_kind:
        return _ask("places.ask.kind", text, hits)
    return _dated(text, hits, asked, world)


def _dated(text: str, hits: Sequence[Hit], asked: Asked, world: World) -> PlaceMatch:
    """The hits that fit the year; a place of another time gives its successor or predecessor."""
    if asked.year is None:
        return _undated(text, hits, asked, world)
    there = [hit for hit in hits if hit.place.exists(asked.year)]
    fitting = [hit for hit in there if hit.held.held(asked.year)] or there
    if len(fitting) == 1:
        return _settled(text, fitting[0], asked, world)
    if fitting:
        return _ask("places.ask.several", text, fitting)
    return _by_lineage(text, hits, asked.year, world)


def _undated(text: str, hits: Sequence[Hit], asked: Asked, world: World) -> PlaceMatch:
    """Without a year a place of now hides one that is gone, where both would stand in the same list."""
    now = [hit for hit in hits if hit.place.exists(None) and hit.held.held(None)]
    companies = {hit.place.company for hit in now}
    kept = [hit for hit in hits if hit in now or hit.place.company not in companies]
    if len(kept) == 1:
        return _settled(text, kept[0], asked, world)
    return _ask("places.ask.several", text, kept)


def _by_lineage(text: str, hits: Sequence[Hit], year: int, world: World) -> PlaceMatch:
    lines = [world.lineage(hit.place.id, year) for hit in hits]
    ids = tuple(dict.fromkeys(identifier for line in lines for identifier in line.ids))
    if not ids:
        return _ask("places.ask.gone", text, hits, year=str(year))
    values = {"name": text, "year": str(year), "place": ref(hits[0].place)}
    if len(ids) > 1:
        listed = tuple(Ref(kind="place", id=identifier) for identifier in ids)
        question = Message(id="places.ask.split", values={**values, "candidates": listed})
        return PlaceMatch(text, candidates=ids, question=question)
    date = next((change.date for line in lines for change in line.changes), "")
    target = Ref(kind="place", id=ids[0])
    remark = Message(id="places.remark.lineage", values={**values, "other": target, "date": date})
    return PlaceMatch(text, ids[0], "lineage", LINEAGE_CONFIDENCE, ids, None, (remark,))


def _settled(text: str, hit: Hit, asked: Asked, world: World) -> PlaceMatch:
    """One place is left: how it was found, and what has to be said about name and year."""
    place, held, remarks = hit.place, hit.held, []
    how = hit.how
    year = asked.year
    if how == "code" and held.text != place.code and held.until and place.kind in {"nuts", "us_county"}:
        values = {"code": held.text, "newer": place.code, "place": ref(place)}
        remarks.append(Message(id="places.remark.recoded", values=values))
    elif how != "code" and place.kind != "nuts" and not held.held(year):
        how = "former"
        values = {"name": text, "place": ref(place), "since": held.since or "…", "until": held.until or "…"}
        remarks.append(Message(id="places.remark.dated-name", values=values))
    if year is not None and place.kind != "nuts" and not place.exists(year):
        line = world.lineage(place.id, year)
        listed = tuple(Ref(kind="place", id=identifier) for identifier in line.ids)
        span = {"since": place.first or "…", "until": place.last or "…"}
        values = {"place": ref(place), "year": str(year), **span, "others": listed}
        remarks.append(Message(id="places.remark.not-then", values=values))
    return PlaceMatch(text, place.id, how, CONFIDENCE[how], (place.id,), None, tuple(remarks))


def _official(hit: Hit) -> bool:
    return hit.full or hit.how == "english"


def _under(hit: Hit, asked: Asked, world: World) -> bool:
    superior = world.ancestors(hit.place.id) or frozenset(hit.place.parents)
    return bool((superior | set(hit.place.parents)) & asked.section)


def ref(place: KnownPlace) -> Ref:
    """A place to be shown by its name in the reader's language."""
    return Ref(kind="place", id=place.id)


def unknown(text: str) -> PlaceMatch:
    """The question about a name that nothing is known about."""
    return PlaceMatch(text, question=Message(id="places.ask.unknown", values={"name": text}))


def _ask(identifier: str, text: str, hits: Sequence[Hit], **values: str) -> PlaceMatch:
    ids = tuple(dict.fromkeys(hit.place.id for hit in hits))
    listed = tuple(Ref(kind="place", id=place_id) for place_id in ids)
    question = Message(id=identifier, values={"name": text, **values, "candidates": listed})
    return PlaceMatch(text, candidates=ids, question=question)


def _replace(match: PlaceMatch, *, confidence: float, remarks: tuple[Message, ...]) -> PlaceMatch:
    return PlaceMatch(match.printed, match.place_id, match.how, confidence, match.candidates, None, remarks)


def is_blank(printed: Printed, name: str) -> bool:
    """Whether a cell names nothing at all."""
    return printed.empty and not any(c.isalnum() for c in name)
