"""The built-in city folders as plain rows, and the source documents where they are at hand."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import pytest

import headframe
from tests.conftest import find_data_folder

CITIES = Path(headframe.__file__).parent / "cities"
FILES_OF_TEXTS = {
    "lin-lyu-2025": "000_37ff45e5aaa8b5ab.txt",
    "scmp-2019-rust-belt": "001_3dc1b44245850912.txt",
    "bjnews-2021-meter": "002_006a939aaff5e094.txt",
    "jia-2021-parks": "003_1e1d54d0fbd1e9c5.txt",
    "yuxian-2021": "004_671c52dbc03a6a6a.txt",
}
# A sentence ends with a mark followed by a space and a capital letter or quotation mark; "U.S." ends none.
SENTENCE_END = re.compile(r'(?<=[.!?])(?<!U\.S\.)[”"]?\s+(?=[A-Z“"])')

Row = dict[str, str]


@cache
def read_rows(path: Path) -> tuple[Row, ...]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def rows_of(pattern: str) -> tuple[Row, ...]:
    """The rows of all files of that name in all city folders."""
    return tuple(row for path in sorted(CITIES.glob(pattern)) for row in read_rows(path))


def observations() -> tuple[Row, ...]:
    """Observations taken from the five source documents."""
    return rows_of("*/evidence/observations.csv")


def events() -> tuple[Row, ...]:
    """Dated happenings of all places."""
    return rows_of("*/events.csv")


def findings() -> tuple[Row, ...]:
    """Contradictions and slips found while reading the source documents."""
    return rows_of("*/audit/findings.csv")


def source_facts() -> tuple[Row, ...]:
    """The map from the listed facts to the evidence."""
    return read_rows(CITIES / "source_facts.csv")


def folder_beside_data(name: str) -> Path:
    """A folder beside the data folder; the test is skipped where it is missing."""
    data = find_data_folder()
    folder = data.parent / name if data else None
    if folder is None or not folder.is_dir():
        pytest.skip(f"no folder {name} beside the data folder (HEADFRAME_DATA, default ../shared/data)")
    return folder


@cache
def listed_facts() -> tuple[Row, ...]:
    """The list of facts that was handed over with the source documents."""
    return read_rows(folder_beside_data("facts") / "source_facts.csv")


@cache
def paragraphs() -> dict[str, tuple[str, ...]]:
    """The non-empty lines of each source document."""
    folder = folder_beside_data("sources")
    texts = {source: (folder / name).read_text(encoding="utf-8") for source, name in FILES_OF_TEXTS.items()}
    return {source: tuple(line.strip() for line in text.splitlines() if line.strip()) for source, text in texts.items()}


def place_in_text(source_id: str, locator: str) -> str:
    """The paragraph, or the sentence of it, that a locator such as `§2 ¶8 s5` names."""
    match = re.fullmatch(r"(?:§\d(?:\(\d\))? )?¶(\d+)(?: s(\d+))?", locator)
    assert match, locator
    paragraph = paragraphs()[source_id][int(match[1]) - 1]
    return SENTENCE_END.split(paragraph)[int(match[2]) - 1] if match[2] else paragraph
