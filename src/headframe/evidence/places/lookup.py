"""What a printed name can mean, before section, code and year are asked: the hits, and how far they can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from headframe.evidence.places.index import Hit, Index
from headframe.evidence.places.normal import Printed, chinese_stem, latin_key, latin_stem
from headframe.evidence.places.records import COUNTY_LEVELS

LONGEST_SPLIT = 40  # characters of a name that is tried as "superior place + place"
Ancestors = Callable[[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Found:
    """The hits for a name.

    `other_kind`: the stem is known, but as another kind of place. `scripts`: the Chinese and the Latin name of one cell
    mean different places.
    """

    hits: tuple[Hit, ...] = ()
    other_kind: bool = False
    scripts: bool = False


def found_for(printed: Printed, index: Index, ancestors: Ancestors) -> Found:
    """Every place that the printed name may mean."""
    whole = index.chinese.get("".join(printed.chinese), ()) if len(printed.chinese) > 1 else ()  # 刚果（布）
    chinese = (
        Found(_fullest(whole))
        if whole
        else _several(printed.chinese, lambda run: _chinese(run, index, ancestors), ancestors)
    )
    latin = Found(index.latin.get(latin_key(printed.whole), ())) if printed.whole else Found()
    if not latin.hits:
        latin = _several(printed.latin, lambda part: _latin(part, index, ancestors), ancestors)
    if not chinese.hits or not latin.hits:
        return chinese if chinese.hits else latin
    ids = {hit.place.id for hit in latin.hits}
    both = tuple(hit for hit in chinese.hits if hit.place.id in ids)
    if both:
        return Found(both, chinese.other_kind and latin.other_kind)
    if any(ancestors(hit.place.id) & ids for hit in chinese.hits):  # 抚顺市 (Liaoning)
        return Found(tuple(hit for hit in chinese.hits if ancestors(hit.place.id) & ids), chinese.other_kind)
    return Found(unique((*chinese.hits, *latin.hits)), scripts=True)


def region_hits(printed: Printed, index: Index) -> tuple[Hit, ...]:
    """NUTS regions of this name; they are asked for only where nothing else is called so."""
    return index.regions.get(latin_key(printed.whole), ()) if printed.whole else ()


def unique(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Hits without a second one for the same place."""
    return tuple({hit.place.id: hit for hit in reversed(tuple(hits))}.values())[::-1]


def _several(parts: tuple[str, ...], one: Callable[[str], Found], ancestors: Ancestors) -> Found:
    """The meaning of a name with others beside it that say where it lies: `Fushun City, Liaoning`."""
    found = [one(part) for part in parts]
    known = [item for item in found if item.hits]
    if not known:
        return Found()
    if len(known) == 1:  # a part that means nothing may be what makes the name another one: then it is asked about
        return known[0] if len(parts) == 1 else Found(known[0].hits, other_kind=True)
    for item in known:
        around = {hit.place.id for other in known if other is not item for hit in other.hits}
        inside = tuple(hit for hit in item.hits if ancestors(hit.place.id) & around)
        if inside:
            return Found(inside, item.other_kind)
    same = [hit for hit in known[0].hits if all(any(h.place.id == hit.place.id for h in o.hits) for o in known[1:])]
    if same:  # two names of one place: 襄阳市（襄樊市）
        return Found(tuple(same))
    return Found(unique(hit for item in known for hit in item.hits), scripts=True)


def _chinese(run: str, index: Index, ancestors: Ancestors) -> Found:
    direct = index.chinese.get(run, ())
    if direct:
        return Found(_fullest(direct))
    within = _inside(run, index.chinese.get, ancestors)
    if within:
        return Found(_fullest(within))
    stem, word, levels = chinese_stem(run)
    hits = index.chinese.get(stem, ()) if word else ()
    return Found(tuple(hit for hit in hits if hit.place.level in levels) or hits, other_kind=True)


def _fullest(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Only hits for whole official names, where there are any."""
    return tuple(hit for hit in hits if hit.full) or hits


def _inside(run: str, get: Callable[[str], tuple[Hit, ...] | None], ancestors: Ancestors) -> tuple[Hit, ...]:
    """`辽宁省抚顺市`: a place with its superior place before it, nothing between."""
    if len(run) > LONGEST_SPLIT:
        return ()
    for cut in range(2, len(run) - 1):
        upper, lower = get(run[:cut]), get(run[cut:])
        if upper and lower:
            around = {hit.place.id for hit in upper}
            inside = tuple(hit for hit in lower if ancestors(hit.place.id) & around)
            if inside:
                return inside
    return ()


def _latin(part: str, index: Index, ancestors: Ancestors) -> Found:
    direct = index.latin.get(latin_key(part), ())
    if direct:
        return Found(direct)
    stem, levels = latin_stem(part)
    hits = index.latin.get(latin_key(stem), ()) if levels else ()
    fitting = tuple(hit for hit in hits if hit.place.level in levels)
    if fitting:
        return Found(fitting)
    words = part.split()
    for cut in range(1, min(len(words), 6)):
        upper, lower = " ".join(words[:cut]), " ".join(words[cut:])
        for inner, outer in ((lower, upper), (upper, lower)):
            around = {hit.place.id for hit in index.latin.get(latin_key(outer), ())}
            inside = tuple(h for h in index.latin.get(latin_key(inner), ()) if ancestors(h.place.id) & around)
            if inside:
                return Found(inside)
    return Found(hits, other_kind=True)


def fits_level(hit: Hit, level: str) -> bool:
    """Whether a place can stand in a list of this level: municipalities stand among provinces and among cities."""
    place = hit.place
    if level in {"prefecture", "city", "prefecture_city"}:
        direct = place.level == "county_city" and place.code[2:4] == "90"
        return place.level == "prefecture" or place.kind == "municipality" or direct or place.level == "city"
    if level == "county":
        return place.level in COUNTY_LEVELS
    return level in {place.level, place.kind}
