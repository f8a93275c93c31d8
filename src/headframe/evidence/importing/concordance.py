"""The concordance: under which labels and codes publications print the indicators of the catalogue."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from headframe.catalog.load import FOLDER, catalog, entries_from, read_yaml
from headframe.evidence.reading.script import bare

WORDS = "words.yaml"
_DROPPED = re.compile(r"[\s_\-–—·.,，、:：;；。'’\"“”()（）\[\]【】《》/]+")
_MISREAD = str.maketrans({"査": "查", "産": "产", "產": "产", "業": "业"})
Steps = tuple[str, ...]


class Entry(BaseModel):
    """One indicator as publications print it. `one_of` are concepts of which one holds, `becomes` what it then is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    codes: tuple[dict[str, str | tuple[str, ...]], ...] = ()
    concept: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    becomes: dict[str, str] = {}
    optional: tuple[str, ...] = ()
    dims: dict[str, str] = {}
    unit: str = ""
    districts: str = ""
    under: tuple[str, ...] = ()
    not_under: tuple[str, ...] = ()

    @property
    def indicator(self) -> str:
        """The id of the indicator, without the variant."""
        return self.id.partition(".")[0]

    @property
    def dims_text(self) -> str:
        """The dimensions as observations write them."""
        return ";".join(f"{key}={value}" for key, value in sorted(self.dims.items()))


@dataclass(frozen=True)
class Printed:
    """One printed label of an entry: its steps in plain form, the language, whether it is a weak one."""

    entry: Entry
    steps: Steps
    language: str
    weak: bool = False

    @cached_property
    def leaf(self) -> re.Pattern[str]:
        """The last step as a pattern for the whole text."""
        return _pattern(self.steps[-1])

    @cached_property
    def above(self) -> tuple[re.Pattern[str], ...]:
        """The earlier steps as patterns to be found above."""
        return tuple(_pattern(step) for step in self.steps[:-1])


def plain(text: str) -> str:
    """A label for comparison: narrow, lower case, without spaces and punctuation, common misreadings mended."""
    return _DROPPED.sub("", bare(text)).translate(_MISREAD)


def _pattern(step: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in step.split("*")))


class Concordance:
    """All entries, with their labels arranged for looking up."""

    def __init__(self, folder: Path = FOLDER / "concordance") -> None:
        found: dict[str, Entry] = {}
        for path in sorted(folder.glob("*.yaml")):
            if path.name != WORDS:
                found.update(entries_from(read_yaml(path), Entry, path.name))
        self.entries: Mapping[str, Entry] = found
        self.words: Mapping[str, Any] = read_yaml(folder / WORDS)

    @cached_property
    def labels(self) -> tuple[Printed, ...]:
        """Every printed label."""
        return tuple(self._labels())

    def _labels(self) -> Iterator[Printed]:
        for entry in self.entries.values():
            lists = ((entry.zh, "zh", False), (entry.en, "en", False), (entry.weak, "", True))
            for labels, language, weak in lists:
                for label in labels:
                    steps = tuple(_step(step) for step in str(label).split(" / "))
                    yield Printed(entry, steps, language or ("en" if label.isascii() else "zh"), weak)

    @cached_property
    def by_leaf(self) -> Mapping[str, list[Printed]]:
        """The labels without a wildcard in their last step, by that step."""
        found: defaultdict[str, list[Printed]] = defaultdict(list)
        for label in self.labels:
            if "*" not in label.steps[-1]:
                found[label.steps[-1]].append(label)
        return found

    @cached_property
    def open_leaves(self) -> tuple[Printed, ...]:
        """The labels with a wildcard in their last step."""
        return tuple(label for label in self.labels if "*" in label.steps[-1])

    @cached_property
    def coded(self) -> tuple[Entry, ...]:
        """The entries that are named by codes."""
        return tuple(entry for entry in self.entries.values() if entry.codes)

    @cache  # noqa: B019 – there is one concordance for the life of a process
    def plain_words(self, name: str) -> frozenset[str]:
        """A list of words in plain form."""
        return frozenset(plain(str(word)) for word in self.words[name])

    @cached_property
    def concept_words(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """For each axis pairs of word and concept, in the order in which they are looked for."""
        return {
            axis: tuple((plain(word), concept) for concept, words in concepts.items() for word in words)
            for axis, concepts in self.words["concepts"].items()
        }


def _step(text: str) -> str:
    """A step in plain form that keeps its wildcards."""
    return "*".join(plain(part) for part in text.split("*"))


@cache
def concordance() -> Concordance:
    """The built-in concordance, read once per process."""
    return Concordance()


@cache
def axis_order() -> Mapping[str, int]:
    """The place of each concept in the catalogue, for a fixed order of the parts of `concept`."""
    return {concept: number for number, concept in enumerate(catalog().concepts)}


def concept_text(parts: Iterator[str] | tuple[str, ...] | list[str]) -> str:
    """Concepts as observations write them: each once, in the catalogue's order, joined by semicolons."""
    order = axis_order()
    return ";".join(sorted({part for part in parts if part}, key=lambda part: order.get(part, len(order))))
