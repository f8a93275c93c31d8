"""The names and codes under which each place can be found."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from headframe.evidence.places.load import Builtin
from headframe.evidence.places.normal import chinese_key, chinese_stem, latin_key, latin_stem
from headframe.evidence.places.records import DatedName, KnownPlace

_HAN = re.compile(r"[\u3400-\u9fff]")
_BRACKETED = re.compile(r"\s*\([^)]*\)")
_WITH_SHORT_COUNTY = ("county", "autonomous_county")
_NATIVE = ("autonomous_prefecture", "league", "prefecture_area")  # romanised names of their own, kept in the id


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that a name or code may mean, how, and when the name held."""

    place: KnownPlace
    how: str
    held: DatedName
    full: bool = False  # the whole official name, with the word for its kind


@dataclass(frozen=True)
class Index:
    """Names by Chinese text and by Latin key, NUTS region names apart from the rest, and codes."""

    chinese: Mapping[str, tuple[Hit, ...]]
    latin: Mapping[str, tuple[Hit, ...]]
    regions: Mapping[str, tuple[Hit, ...]]
    codes: Mapping[str, tuple[Hit, ...]]

    def over(self, other: Index) -> Index:
        """These names before those of another index: a name found here hides the other's."""
        return Index(
            {**other.chinese, **self.chinese},
            {**other.latin, **self.latin},
            {**other.regions, **self.regions},
            {**other.codes, **self.codes},
        )


_Found = dict[str, dict[str, Hit]]


def _add(found: _Found, key: str, hit: Hit) -> None:
    if key:
        found[key].setdefault(hit.place.id, hit)


def _done(found: _Found) -> dict[str, tuple[Hit, ...]]:
    return {key: tuple(hits.values()) for key, hits in found.items()}


def build(places: Iterable[KnownPlace], data: Builtin) -> Index:
    """The index of these places."""
    known = {place.id: place for place in places}
    chinese: _Found = defaultdict(dict)
    latin: _Found = defaultdict(dict)
    regions: _Found = defaultdict(dict)
    codes: _Found = defaultdict(dict)
    for place in known.values():
        if place.kind == "nuts":
            hit = Hit(place, "english", DatedName(place.name_en, place.first, place.last))
            _add(regions, latin_key(place.name_en), hit)
            continue
        for key, hit in _chinese_names(place, known):
            _add(chinese, chinese_key(key), hit)
        for key, hit in _latin_names(place):
            _add(latin, key, hit)
        for code in (place.code, *place.other_codes):
            _add(codes, code, Hit(place, "code", DatedName(code)))
    for nuts in data.nuts:
        if nuts.place_id in known:
            place = known[nuts.place_id]
            last = "" if place.code == nuts.code and not place.last else str(nuts.last)
            hit = Hit(place, "code", DatedName(nuts.code, str(nuts.first), last))
            codes[nuts.code][place.id] = hit  # dated, in place of the undated one
    return Index(_done(chinese), _done(latin), _done(regions), _done(codes))


def own_index(places: Iterable[KnownPlace], known: Mapping[str, KnownPlace]) -> Index:
    """The index of places that a user added; every name of theirs counts as given in full.

    `known` holds the places that the ids stand for: a user may give further names to a built-in one.
    """
    chinese: _Found = defaultdict(dict)
    latin: _Found = defaultdict(dict)
    codes: _Found = defaultdict(dict)
    for place in places:
        for name in dict.fromkeys((place.name_zh, place.name_en, place.short, *place.aliases)):
            hit = Hit(known[place.id], "own", DatedName(name), full=True)
            if _HAN.search(name):
                _add(chinese, chinese_key(name), hit)
            elif name:
                _add(latin, latin_key(name), hit)
        if place.code:
            _add(codes, place.code, Hit(known[place.id], "code", DatedName(place.code)))
    return Index(_done(chinese), _done(latin), {}, _done(codes))


def _chinese_names(place: KnownPlace, known: Mapping[str, KnownPlace]) -> Iterator[tuple[str, Hit]]:
    dated = place.names or (DatedName(place.name_zh, place.first, place.last),)
    superior = [known[parent].short for parent in place.parents if parent in known]
    for name in dated:
        yield name.text, Hit(place, "exact", name, full=True)
    if not (place.kind in _WITH_SHORT_COUNTY and place.short in superior):  # 安阳 alone means the city, not 安阳县
        current = next((name for name in dated if name.text == place.name_zh), dated[-1])
        yield place.short, Hit(place, "short", DatedName(place.short, current.since, current.until))
        for name in dated:
            stem, word, _ = chinese_stem(name.text)
            if word and stem == place.short:  # the short name held under each of the full ones
                spans = [other for other in dated if chinese_stem(other.text)[0] == stem]
                yield stem, Hit(place, "short", DatedName(stem, spans[0].since, spans[-1].until))
            elif word and len(stem) >= 2 and word not in {"自治州", "自治县", "自治区"} and name.text != place.name_zh:
                yield stem, Hit(place, "former" if name.until else "short", DatedName(stem, name.since, name.until))
    extra = {"autonomous_prefecture": "州", "autonomous_region": "自治区", "sar": "特区"}.get(place.kind, "")
    if extra:
        text = place.short + extra
        yield text, Hit(place, "exact", DatedName(text, place.first, place.last), full=True)
    for alias in place.aliases:
        if _HAN.search(alias):
            yield alias, Hit(place, "alias", DatedName(alias, place.first, place.last))


def _latin_names(place: KnownPlace) -> Iterator[tuple[str, Hit]]:
    held = DatedName(place.name_en, place.first, place.last)
    english = place.name_en.casefold()
    bare = _BRACKETED.sub("", english)
    yield latin_key(english), Hit(place, "english", held)
    if place.level != "country":
        yield latin_key(latin_stem(bare)[0]), Hit(place, "english", held)
    if place.kind in _NATIVE and "-" not in place.id:
        yield latin_key(place.id), Hit(place, "english", held)
    if place.pinyin:
        joined = place.pinyin.replace(" ", "")
        yield joined, Hit(place, "pinyin", held)
        if "v" in joined:
            yield joined.replace("v", "u"), Hit(place, "pinyin", held)
    for alias in place.aliases:
        if not _HAN.search(alias):
            yield latin_key(alias), Hit(place, "alias", held)
            yield latin_key(latin_stem(alias.casefold())[0]), Hit(place, "alias", held)
