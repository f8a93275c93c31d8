"""What a table is, in a form that a preview can show and a mapping can refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from headframe.core.errors import HeadframeError, did_you_mean
from headframe.core.results import Message
from headframe.evidence.reading.digits import POINT, Habit
from headframe.evidence.reading.missing import Legend
from headframe.evidence.reading.unit_text import UnitText


class Role(StrEnum):
    """What a column is for."""

    STUB = "stub"  # names what the figures beside it are about
    VALUE = "value"  # figures
    ATTRIBUTE = "attribute"  # texts, codes or periods behind the figures
    EMPTY = "empty"  # neither head nor content


class Holds(StrEnum):
    """What a column beside the figures holds, or what rows and columns of a table stand for."""

    PLACE = "place"
    PERIOD = "period"
    INDICATOR = "indicator"
    UNIT = "unit"
    SCOPE = "scope"
    CODE = "code"
    ROW_NUMBER = "row-number"
    TEXT = "text"
    FIGURE = "figure"
    RECORD = "record"  # rows that are told apart by several columns


class RowKind(StrEnum):
    """What a row of the body is when it is no ordinary row of figures."""

    SECTION = "section"  # a name that holds for the rows below it, such as a province
    TOTAL = "total"
    HEAD_AGAIN = "head-again"
    TEXT = "text"
    BLANK = "blank"


@dataclass(frozen=True)
class ColumnDescription:
    """One column. `key` stays the same in another edition as long as labels and scope do.

    `chinese` and `english` are label paths from the group down to the column; `unit` is what the head says, with
    `unit_from` telling where (`column`, `above`, `title`, `name`, `cells`), `other_units` what it says differently.
    `scope` is an id of the catalogue of concepts, or empty. `period` is the text of a column that stands for one.
    `confidence` is between 0 and 1; `reasons` say what lowered it.
    """

    key: str
    column: int
    letter: str
    role: Role
    holds: Holds
    chinese: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    printed: tuple[str, ...] = ()
    unit: UnitText | None = None
    unit_from: str = ""
    other_units: tuple[UnitText, ...] = ()
    scope: str = ""
    scope_from: str = ""
    year: int | None = None
    period: str = ""
    per_head: bool = False
    notes: tuple[str, ...] = ()
    confidence: float = 1.0
    reasons: tuple[Message, ...] = ()

    @property
    def label(self) -> str:
        """The label in one piece: the Chinese path, or the English one where there is no Chinese."""
        return " / ".join(self.chinese or self.english)


@dataclass(frozen=True)
class ItemDescription:
    """One row of a table whose rows are indicators: its label, its unit, how far it is moved in."""

    key: str
    row: int
    chinese: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    printed: str = ""
    unit: UnitText | None = None
    unit_from: str = ""
    scope: str = ""
    of_which: bool = False
    indent: int = 0


@dataclass(frozen=True)
class TableDescription:
    """One table of a sheet; rows and columns are counted from 1.

    `rows_hold` and `columns_hold` say what a row and a column of figures stand for; `items` describes the rows where
    they are indicators. `unit`, `scope` and `years` are those that titles give for the whole table. `special` lists the
    rows that are no ordinary rows of figures.
    """

    sheet: str
    number: int
    head: tuple[int, ...]
    first: int
    last: int
    left: int
    right: int
    columns: tuple[ColumnDescription, ...]
    titles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rows_hold: Holds = Holds.RECORD
    columns_hold: Holds = Holds.INDICATOR
    items: tuple[ItemDescription, ...] = ()
    unit: UnitText | None = None
    scope: str = ""
    years: tuple[int, ...] = ()
    special: Mapping[int, RowKind] = field(default_factory=dict)
    legend: Legend = field(default_factory=dict)
    habit: Habit = POINT
    confidence: float = 1.0
    reasons: tuple[Message, ...] = ()

    @property
    def values(self) -> tuple[ColumnDescription, ...]:
        """The columns of figures."""
        return tuple(column for column in self.columns if column.role is Role.VALUE)

    @property
    def stubs(self) -> tuple[ColumnDescription, ...]:
        """The columns that name what the figures are about."""
        return tuple(column for column in self.columns if column.role is Role.STUB)

    def column(self, key: str) -> ColumnDescription:
        """The column with this key. Raises HF389 with the nearest key."""
        for column in self.columns:
            if column.key == key:
                return column
        near = did_you_mean(key, [column.key for column in self.columns]) or "—"
        raise HeadframeError.of("HF389", f"{self.sheet} {self.number}", key=key, suggestion=near)

    def stub(self, holds: Holds) -> ColumnDescription | None:
        """The first column beside the figures that holds this, stub or attribute."""
        ordered = sorted(self.columns, key=lambda column: column.role is not Role.STUB)
        return next((column for column in ordered if column.holds is holds and column.role is not Role.VALUE), None)
