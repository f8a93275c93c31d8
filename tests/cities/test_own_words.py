"""Facts are free, sentences are not: nothing that is printed repeats eight words in a row of a source document."""

from __future__ import annotations

import re
from functools import cache

from headframe.catalog.load import catalog
from tests.cities.city_rows import events, findings, observations, paragraphs, rows_of

LENGTH = 8
RAW_LENGTH = 7


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+(?:[.,'’][a-z0-9]+)*", text.lower().replace("’", "'"))


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[start : start + LENGTH]) for start in range(len(found) - LENGTH + 1)}


@cache
def printed_runs() -> frozenset[tuple[str, ...]]:
    return frozenset(run for lines in paragraphs().values() for run in runs(" ".join(lines)))


def own_texts() -> list[str]:
    texts = [row[key] for row in observations() for key in ("raw_text", "value_text", "note", "period_text")]
    texts += [row[key] for row in events() for key in ("title_en", "note_en", "date_text")]
    texts += [row["note_en"] for row in findings()]
    texts += [row["note_en"] for row in rows_of("*/sources.csv")]
    texts += [catalog().sources[row].note_en for row in catalog().sources]
    return texts + [indicator.definition_en for indicator in catalog().indicators.values()]


def test_a_copied_sentence_is_noticed() -> None:
    longest = max(paragraphs()["scmp-2019-rust-belt"], key=len)
    assert runs(longest) <= printed_runs()
    assert not runs("the quick brown fox jumps over the lazy dog") & printed_runs()


def test_nothing_repeats_the_texts() -> None:
    copied = [text for text in own_texts() if runs(text) & printed_runs()]
    assert not copied


def test_what_is_printed_is_a_figure_and_no_sentence() -> None:
    for row in observations():
        assert len(words(row["raw_text"])) <= RAW_LENGTH, row["obs_id"]
