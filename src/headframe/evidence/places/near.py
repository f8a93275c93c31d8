"""Names near to an unknown one: a character off, the same sound, a letter off. They are offered, never taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher
from itertools import product

from headframe.evidence.places.normal import chinese_stem
from headframe.evidence.places.records import KnownPlace

MOST = 10  # names found for one text
MOST_COMPARED = 40  # names whose likeness is measured
LONGEST = 40  # characters of a name worth comparing
CHINESE_CUTOFF, LATIN_CUTOFF = 0.5, 0.75


class Near:
    """An index for names that resemble a misspelt one: by characters, by sound, by pairs of letters."""

    def __init__(self, places: Iterable[KnownPlace]) -> None:
        self._by_character: dict[str, set[str]] = defaultdict(set)
        self._by_sound: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
        self._sounds: dict[str, set[str]] = defaultdict(set)
        self._by_pair: dict[str, set[str]] = defaultdict(set)
        self._ids: dict[str, dict[str, None]] = defaultdict(dict)
        for place in places:
            if place.kind != "nuts":
                self._add(place)

    def _add(self, place: KnownPlace) -> None:
        stems = {place.short or place.name_zh, *(chinese_stem(name.text)[0] for name in place.names)}
        for stem in sorted(stems):
            self._ids[stem][place.id] = None
            for character in stem:
                self._by_character[character].add(stem)
        syllables = tuple(place.pinyin.split())
        if syllables and len(syllables) == len(place.short):
            self._by_sound[syllables][place.id] = None
            for character, sound in zip(place.short, syllables, strict=True):
                self._sounds[character].add(sound)
        latin = {place.name_en.casefold(), place.pinyin.replace(" ", "")} - {""}
        for name in sorted(latin):
            self._ids[name][place.id] = None
            for pair in _pairs(name):
                self._by_pair[pair].add(name)

    def chinese(self, name: str) -> tuple[str, ...]:
        """Ids of places whose Chinese names sound like this one or differ in about one character, nearest first."""
        stem = chinese_stem(name)[0]
        if not 1 < len(stem) <= LONGEST:
            return ()
        found = dict(self._homophones(stem))
        shared: dict[str, int] = defaultdict(int)
        for character in set(stem):
            for other in self._by_character.get(character, ()):
                shared[other] += 1
        return self._best(stem, shared, CHINESE_CUTOFF, found)

    def latin(self, name: str) -> tuple[str, ...]:
        """Ids of places whose English or pinyin names differ in about a letter, nearest first."""
        if not 2 < len(name) <= LONGEST:
            return ()
        shared: dict[str, int] = defaultdict(int)
        for pair in _pairs(name):
            for other in self._by_pair.get(pair, ()):
                shared[other] += 1
        return self._best(name, shared, LATIN_CUTOFF, {})

    def _homophones(self, stem: str) -> dict[str, None]:
        sounds = [sorted(self._sounds.get(character, ())) for character in stem[:6]]
        found: dict[str, None] = {}
        if len(stem) <= 6 and all(sounds):
            for syllables in product(*(options[:3] for options in sounds)):
                found.update(self._by_sound.get(syllables, {}))
        return found

    def _best(self, name: str, shared: dict[str, int], cutoff: float, found: dict[str, None]) -> tuple[str, ...]:
        likely = sorted(shared, key=lambda other: (abs(len(other) - len(name)) - 2 * shared[other], other))
        rated = [(SequenceMatcher(None, name, other).ratio(), other) for other in likely[:MOST_COMPARED]]
        for ratio, other in sorted(rated, key=lambda pair: (-pair[0], pair[1])):
            if ratio >= cutoff:
                found.update(self._ids[other])
        return tuple(found)[:MOST]


def _pairs(name: str) -> set[str]:
    return {name[i : i + 2] for i in range(len(name) - 1)}
