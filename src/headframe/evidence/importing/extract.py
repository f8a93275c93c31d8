"""What every layout makes of a file: the series in it, the places it names, and its cells, before anything is matched.

A layout knows how a publisher writes figures down; it knows nothing of indicators. Matching says what each series is,
a mapping keeps that, and conversion turns the cells into observations: these three are the same for every layout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from headframe.core.errors import Problem
from headframe.core.results import Message
from headframe.evidence.reading.unit_text import UnitText

# One row per figure or mark of a missing one. Values stand in the printed unit; `unit` and `scope` only where they
# differ from the series'. `period_start` is null where the file does not say the period.
CELLS = pl.Schema(
    {
        "key": pl.String,
        "place": pl.String,
        "place_code": pl.String,
        "section": pl.String,
        "period_start": pl.Date,
        "period_end": pl.Date,
        "freq": pl.String,
        "qualifier": pl.String,
        "value": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "unit": pl.String,
        "scope": pl.String,
        "status": pl.String,
        "mark": pl.String,
        "meaning": pl.String,
        "flags": pl.String,
        "doubts": pl.String,
        "raw": pl.String,
        "locator": pl.String,
    }
)


@dataclass(frozen=True)
class Series:
    """What one column, one row label or one combination of codes stands for.

    `key` is unique in its extract and stays the same in another edition as long as labels, codes and scope do.
    `chinese` and `english` are label paths from the group down; `codes` are the dimensions of coded layouts. `unit` is
    what the file says, `unit_from` where; `scope` is a concept id or empty. `count` is the number of figures, the
    others describe them in the printed unit. `confidence` (0 to 1) and `reasons` come from reading.
    """

    key: str
    chinese: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    unit: UnitText | None = None
    unit_from: str = ""
    scope: str = ""
    per_head: bool = False
    notes: tuple[str, ...] = ()
    count: int = 0
    minimum: float | None = None
    median: float | None = None
    maximum: float | None = None
    confidence: float = 1.0
    reasons: tuple[Message, ...] = ()

    @property
    def label(self) -> str:
        """The label in one piece: Chinese path, else English path, else the codes."""
        return " / ".join(self.chinese or self.english) or ", ".join(f"{k}={v}" for k, v in self.codes.items())


@dataclass(frozen=True)
class PrintedPlace:
    """A place as the file names it: name, code of the publisher, the section (a province row) it stands under."""

    name: str
    code: str = ""
    section: str = ""
    count: int = 0


@dataclass(frozen=True, eq=False)
class Extract:
    """A file as its layout understood it. `years` are those that titles name; `problems` the warnings of reading."""

    name: str
    layout: str
    format: str
    encoding: str
    sha256: str
    series: tuple[Series, ...]
    cells: pl.DataFrame = field(repr=False)
    places: tuple[PrintedPlace, ...] = ()
    titles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __post_init__(self) -> None:
        if self.cells.schema != CELLS:
            raise TypeError("cells must have the columns and types of CELLS")

    def one(self, key: str) -> Series:
        """The series of this key. Raises KeyError: keys come from the extract itself."""
        return next(series for series in self.series if series.key == key)


def no_cells() -> pl.DataFrame:
    """A table of cells without any."""
    return pl.DataFrame(schema=CELLS)
