"""How much of a file is read at most: a limit that is reached is reported, never passed over in silence."""

from __future__ import annotations

from dataclasses import dataclass

from headframe.core.errors import HeadframeError
from headframe.evidence.reading.grid import letters


@dataclass(frozen=True)
class Limits:
    """The most that a file may hold. Sizes are in bytes; the columns and rows are those of a worksheet.

    `cells` bounds the filled cells of a file, `area` rows times columns of one sheet, `ratio` how many bytes one
    packed byte may become once `harmless` bytes are passed.
    """

    file: int = 256 << 20
    unpacked: int = 512 << 20
    text: int = 128 << 20
    part: int = 32 << 20
    ratio: int = 400
    harmless: int = 48 << 20
    entries: int = 10_000
    rows: int = 1_048_576
    columns: int = 16_384
    cells: int = 5_000_000
    area: int = 20_000_000
    cell: int = 32_767
    sheets: int = 400

    def check_reach(self, where: str, row: int, column: int) -> None:
        """Raise HF377 when a sheet reaches to a cell that is further than can be read."""
        if row > self.rows or column > self.columns or row * column > self.area:
            limit = f"{self.rows} × {self.columns}, {self.area}"
            raise HeadframeError.of("HF377", where, cell=f"{letters(column)}{row}", limit=limit)

    def check_cells(self, where: str, count: int) -> None:
        """Raise HF378 when there are more filled cells than can be read."""
        if count > self.cells:
            raise HeadframeError.of("HF378", where, limit=self.cells)


LIMITS = Limits()
