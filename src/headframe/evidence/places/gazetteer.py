"""The gazetteer: built-in places and a user's own, found by id, code or name, with their history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from headframe.core.errors import HeadframeError, Problems
from headframe.evidence.place import LONGEST_NAME, Place, is_place_id
from headframe.evidence.places import codes, lineage
from headframe.evidence.places.aggregates import aggregate_of
from headframe.evidence.places.batch import match_list
from headframe.evidence.places.index import Hit, Index, build, own_index
from headframe.evidence.places.load import Builtin, builtin, county
from headframe.evidence.places.lookup import found_for
from headframe.evidence.places.matching import Asked, World, match_one, unknown
from headframe.evidence.places.near import Near
from headframe.evidence.places.normal import LONGEST, chinese_stem, taken_apart
from headframe.evidence.places.records import Change, Comparison, KnownPlace, Lineage, Matches, PlaceMatch

if TYPE_CHECKING:
    from headframe.evidence.importing.extract import PrintedPlace

MOST_OWN = 10_000  # places of a user
MOST_SUGGESTED = 5
_NO_INDEX = Index({}, {}, {}, {})
_SECTION_LEVELS = ("province", "state", "country", "nuts1", "nuts2", "prefecture")


@cache
def gazetteer() -> Gazetteer:
    """The built-in gazetteer, read once."""
    return Gazetteer()


class Gazetteer:
    """Places by id, code and name. Never changed after it is made: `with_places` gives another one."""

    def __init__(self, own: Iterable[KnownPlace] = ()) -> None:
        self._data: Builtin = builtin()
        self._own: Mapping[str, KnownPlace] = MappingProxyType({place.id: place for place in own})
        further = {place.id: _joined(self._data.places.get(place.id), place) for place in self._own.values()}
        self._places: Mapping[str, KnownPlace] = MappingProxyType({**self._data.places, **further})
        self._changes = lineage.by_place(self._data.changes)
        index = _builtin_index()
        self._world = World(
            index,
            own_index(self._own.values(), self._places) if self._own else _NO_INDEX,
            self._data,
            lru_cache(maxsize=None)(self._ancestors),
            self.successor,
        )
        self._sections = lru_cache(maxsize=4096)(self._section)
        self._near = cache(lambda: Near(self._places.values()))

    def __contains__(self, place_id: object) -> bool:
        return isinstance(place_id, str) and self.get(place_id) is not None

    def __len__(self) -> int:
        return len(self._places)

    @property
    def places(self) -> Mapping[str, KnownPlace]:
        """Every place by id; counties of the United States are found by rule and not listed."""
        return self._places

    def get(self, place_id: str) -> KnownPlace | None:
        """The place of this id, or None."""
        found = self._places.get(place_id)
        if found is None and place_id.startswith("us-"):
            return county(place_id, self._data.states)
        if found is None and place_id.startswith("nuts-") and len(place_id) == 10:
            hits = codes.find(place_id[5:].upper(), "", self._world.index, self._data)
            return hits[0].place if hits and hits[0].place.id == place_id else None
        return found

    def one(self, place_id: str) -> KnownPlace:
        """The place of this id. Raises HF394 where there is none."""
        place = self.get(place_id)
        if place is None:
            near = self._near().latin(place_id[:40].replace("-", " ")) or ("–",)
            raise HeadframeError.of("HF394", "places", value=place_id[:60], known=", ".join(near))
        return place

    def by_code(self, code: str, country: str = "") -> tuple[str, ...]:
        """Ids of every place that a code means or meant: GB/T 2260, FIPS, NUTS or ISO 3166-1."""
        text = codes.tidy(code)
        hits = codes.find(text, self.country_of(country), self._world.index, self._data) if text else []
        return tuple(hit.place.id for hit in hits)

    def names(self, language: str) -> Mapping[str, str]:
        """The name of every listed place in `en` or `zh`, by id."""
        return {place.id: place.name(language) for place in self._places.values()}

    def country_of(self, country: str) -> str:
        """The alpha-3 code of a country given by id, name or code; empty for an empty or unknown one."""
        if not country:
            return ""
        place = self._places.get(country)
        hits = self._world.index.codes.get(country.strip().upper(), ())
        found = [place] if place else [hit.place for hit in hits]
        if not found:
            found = [
                hit.place for hit in found_for(taken_apart(country), self._world.index, self._world.ancestors).hits
            ]
        return next((one.code for one in found if one.level == "country"), "")

    def match(
        self,
        name: str,
        *,
        code: str = "",
        section: str = "",
        country: str = "",
        year: int | None = None,
        level: str = "",
        suggest: bool = True,
    ) -> PlaceMatch:
        """The place that a printed name means, or what has to be asked.

        `code` is the publisher's code, `section` the province row (or column) the name stands under, `country` an id,
        name or ISO code, `year` the year of the figures, `level` prefecture, county, province, state, country … . A
        name longer than 200 characters, or without a letter or digit, is unknown.
        """
        if len(name) > LONGEST:
            return unknown(name[:LONGEST])
        printed = taken_apart(name)
        tidied = codes.tidy(code)
        alpha3 = self.country_of(country)
        exact = self._world.own.chinese or self._world.own.latin
        if not exact or not found_for(printed, self._world.own, self._world.ancestors).hits:
            aggregate = aggregate_of(name, printed, tidied, alpha3)
            if aggregate is not None:
                return aggregate
        within = self._sections(section)
        levels = frozenset(place.level for place in map(self.get, within) if place)
        asked = Asked(tidied, within, section.strip()[:80], levels, alpha3, year, level)
        match = match_one(name, asked, self._world)
        if match.question is None or match.candidates or not suggest:
            return match
        near = self.suggestions(name, section)
        return PlaceMatch(match.printed, question=match.question, suggestions=near) if near else match

    def match_all(
        self, printed: Sequence[PrintedPlace], year: int | None = None, *, country: str = "", level: str = ""
    ) -> Matches:
        """The matches of a list, its ambiguities settled by the company they stand in, and what contradicts itself."""
        return match_list(self, printed, year, country=country, level=level)

    def suggestions(self, name: str, section: str = "") -> tuple[str, ...]:
        """Ids of at most five places whose names are near to this one, those of the section and the kind first."""
        printed = taken_apart(name)
        near = self._near()
        levels = chinese_stem(printed.chinese[0])[2] if printed.chinese else ()
        found = [identifier for run in printed.chinese[:2] for identifier in near.chinese(run)]
        found += [identifier for part in printed.latin[:2] for identifier in near.latin(part)]
        within = self._sections(section)

        def strange(place_id: str) -> tuple[bool, bool]:
            place = self.one(place_id)
            outside = bool(within) and not self._ancestors(place_id) & within
            return outside, bool(levels) and (place.country != "CHN" or place.level not in levels)

        return tuple(sorted(dict.fromkeys(found), key=strange))[:MOST_SUGGESTED]

    def changes(self, place_id: str) -> tuple[Change, ...]:
        """The recorded changes that touch a place, oldest first. Raises HF394 for an unknown id."""
        self.one(place_id)
        return self._changes.get(place_id, ())

    def successor(self, place_id: str, year: int) -> Lineage:
        """The place or places of `year` that this one became (or came from, for an earlier year)."""
        return lineage.line(self.one(place_id), year, self._changes, self.get)

    def comparable(self, place_id: str, from_year: int, to_year: int) -> Comparison:
        """Whether figures of two years stand for the same area, and which changes lie between."""
        return lineage.compare(self.one(place_id), from_year, to_year, self.changes(place_id))

    def with_places(self, places: Iterable[Place | KnownPlace]) -> Gazetteer:
        """A gazetteer that also knows these places; their names take precedence over built-in ones.

        A place with a built-in id gives that place further names. Raises HF393 for ids and names that cannot be.
        """
        known = [place if isinstance(place, KnownPlace) else _known(place) for place in places]
        _check(known)
        return Gazetteer((*self._own.values(), *known))

    def _ancestors(self, place_id: str) -> frozenset[str]:
        found: set[str] = set()
        waiting = [place_id]
        while waiting:
            place = self.get(waiting.pop())
            for parent in place.parents if place else ():
                if parent not in found:
                    found.add(parent)
                    waiting.append(parent)
        return frozenset(found)

    def _section(self, section: str) -> frozenset[str]:
        if not section.strip():
            return frozenset()
        hits: list[Hit] = list(found_for(taken_apart(section), self._world.own, self._world.ancestors).hits)
        hits += found_for(taken_apart(section), self._world.index, self._world.ancestors).hits
        if len(section.strip()) <= 6:
            hits += codes.find(codes.tidy(section), "", self._world.index, self._data)
        for level in _SECTION_LEVELS[:3]:
            fitting = {hit.place.id for hit in hits if hit.place.level == level}
            others = {hit.place.id for hit in hits if hit.place.level in {"state", "country"}}
            if fitting:
                return frozenset(fitting | others)
        return frozenset(hit.place.id for hit in hits if hit.place.level in (*_SECTION_LEVELS, "group", "region"))


@cache
def _builtin_index() -> Index:
    data = builtin()
    return build(data.places.values(), data)


def _joined(built_in: KnownPlace | None, own: KnownPlace) -> KnownPlace:
    """A built-in place with the further names a user gave it; a place of the user's own as it is."""
    if built_in is None:
        return own
    return replace(built_in, aliases=tuple(dict.fromkeys((*built_in.aliases, *own.aliases))))


def _known(place: Place) -> KnownPlace:
    level = {"prefecture_city": "prefecture", "region": "group"}.get(place.level, place.level)
    return KnownPlace(
        place.id,
        place.name_en,
        place.name_zh,
        level,
        place.level,
        parents=(place.parent,) if place.parent else (),
        country=place.country,
        code=place.gb_code,
        aliases=place.aliases,
        source="own",
    )


def _check(places: Sequence[KnownPlace]) -> None:
    """HF393 for ids that are none, one id given twice, names that are empty or too long, or too many places."""
    problems = Problems()
    if len(places) > MOST_OWN:
        raise HeadframeError.of("HF393", "places", text=str(len(places)), limit=MOST_OWN)
    seen: set[str] = set()
    for place in places:
        names = (place.name_zh, place.name_en, *place.aliases)
        bad_name = not any(name.strip() for name in names) or any(len(name) > LONGEST_NAME for name in names)
        if not is_place_id(place.id) or place.id in seen or bad_name:
            problems.add("HF393", place.id[:60], text=place.id[:60], limit=LONGEST_NAME)
        seen.add(place.id)
    problems.raise_if_any()
