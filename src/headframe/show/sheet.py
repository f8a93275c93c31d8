"""A sheet of the workbook: its columns and its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headframe.show.spreadsheet import CellValue

Row = Sequence[CellValue]


@dataclass(frozen=True)
class Heading:
    """A column: its id (also its text id) and its width in half-width characters."""

    id: str
    width: int = 12


@dataclass(frozen=True)
class Sheet:
    """A sheet: its columns, its rows, and how many columns stay in view.

    `editable`: the sheet is to be changed and sent back, so its first row holds the ids of the columns and nothing else
    stands above the rows. `past` are the positions of rows that count no more, drawn in grey.
    """

    id: str
    columns: tuple[Heading, ...]
    rows: tuple[Row, ...]
    frozen: int = 1
    editable: bool = False
    past: frozenset[int] = frozenset()


def headings(*items: str | tuple[str, int]) -> tuple[Heading, ...]:
    """Headings from ids, or from ids with widths."""
    return tuple(Heading(item) if isinstance(item, str) else Heading(*item) for item in items)
