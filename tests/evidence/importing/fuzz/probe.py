"""What has to hold for any file: it is read, described, shown and taken apart, or refused with code and remedy."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from string import Formatter

import polars as pl

from headframe.core.errors import HeadframeError, Problem, error_texts
from headframe.evidence.importing.extract import CELLS, Extract
from headframe.evidence.importing.layouts import LAYOUTS
from headframe.evidence.importing.layouts.source import Source
from headframe.evidence.reading.formats import read_file, read_text
from headframe.evidence.reading.preview import preview

READ = "read"
RULING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")  # as text for a terminal
GENERAL = "table"


def probed(path: Path, *, everywhere: bool) -> tuple[str, dict[str, str]]:
    """What came of reading a file, and of each layout that takes it (`everywhere`: of every layout).

    Each is `read` or the code of the error. Raises whatever else comes out, and AssertionError for a result that is
    not clean.
    """
    reading = _reading(path)
    if path.suffix == ".txt":
        _reading_of_text(path.read_bytes().decode("utf-8", "replace"))
    source = Source.of(path)
    found: dict[str, str] = {}
    for name, layout in LAYOUTS.items():
        try:
            sure = layout.recognises(source)
        except HeadframeError as error:
            check_told(error.problems)
            continue
        assert 0 <= sure <= 1, f"{name} is {sure} sure"
        if sure > 0 or everywhere or name == GENERAL:
            found[name] = _extracting(name, source)
    return reading, found


def _reading(path: Path) -> str:
    try:
        book = read_file(path)
    except HeadframeError as error:
        check_told(error.problems)
        return error.problems[0].code
    check_told(book.problems)
    for sheet in book.sheets:
        assert sheet.height * sheet.width <= 20_000_000, "a sheet beyond the bounds"
    preview(book).model_dump_json()
    return READ


def _reading_of_text(text: str) -> None:
    try:
        preview(read_text(text)).model_dump_json()
    except HeadframeError as error:
        check_told(error.problems)


def _extracting(name: str, source: Source) -> str:
    try:
        extract = LAYOUTS[name].extract(source)
    except HeadframeError as error:
        check_told(error.problems)
        return error.problems[0].code
    check_extract(extract)
    return READ


def check_told(problems: Iterable[Problem]) -> None:
    """Every problem has a text in both languages, all of whose slots are filled."""
    for problem in problems:
        entry = error_texts()[problem.code]
        for language in ("en", "zh"):
            for part in ("why", "fix"):
                slots = {name for _, name, _, _ in Formatter().parse(str(entry[language][part])) if name}
                assert slots <= problem.values.keys(), f"{problem.code} lacks {slots - problem.values.keys()}"
            assert RULING.search(problem.line(language)) is None, f"{problem.code} shows control characters"


def check_extract(extract: Extract) -> None:
    """An extract is one that later steps can rely on."""
    cells = extract.cells
    assert cells.schema == CELLS
    keys = [series.key for series in extract.series]
    assert all(keys), "a series without a key"
    assert max(Counter(keys).values(), default=1) == 1, "a key twice"
    assert set(cells["key"].unique()) <= set(keys), "a cell of no series"
    empty = [name for name, kind in CELLS.items() if kind == pl.String and cells[name].null_count()]
    assert not empty, f"no text at all in {empty}"
    for name in ("value", "low", "high"):
        assert cells[name].drop_nulls().is_finite().all(), f"{name} is no number"
    begun, ended = cells["period_start"], cells["period_end"]
    assert (begun.is_null() == ended.is_null()).all(), "half a period"
    assert (begun.drop_nulls() <= ended.drop_nulls()).all(), "a period that ends before it begins"
    for series in extract.series:
        found = [one for one in (series.minimum, series.median, series.maximum) if one is not None]
        assert found == sorted(found), f"the middle of {series.key[:60]} lies outside"
    check_told(extract.problems)
    cells.write_csv()
