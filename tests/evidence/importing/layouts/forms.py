"""Templates as people fill them in: the sheet of figures as rows of cells, changed, and made a file again."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

from headframe.evidence.importing.extract import Extract
from headframe.evidence.importing.layouts.source import Source
from headframe.evidence.importing.layouts.template import LAYOUT
from headframe.evidence.reading.formats import read_file
from headframe.evidence.reading.grid import Book, Kind, Sheet, Shown, Value
from headframe.evidence.template import TemplatePlace, template_bytes

PLACES = (TemplatePlace("fuxin", "阜新市"), TemplatePlace("hegang", "鹤岗市"))
INDICATORS = ("gdp", "forest_cover", "employment")
YEARS = (2019, 2020)
COLUMNS = ("place", "indicator", "unit", "2019", "2020", "price_basis", "concept", "status", "source", "note")
HEAD_ROWS = 2
Rows = list[list[Value]]


def empty(folder: Path, language: str = "zh") -> Book:
    """The template as it is written and read again."""
    path = folder / "template.xlsx"
    path.write_bytes(template_bytes(PLACES, INDICATORS, YEARS, language))
    return read_file(path)


def rows_of(book: Book) -> Rows:
    """The sheet of figures, every row as wide as its head."""
    rows = [list(row) for row in book.sheets[0].values]
    return [row + [None] * (len(COLUMNS) - len(row)) for row in rows]


def fill(rows: Rows, at: int, **cells: Value) -> None:
    """Fill in cells of a row of figures, counted from 0 below the head; years as `y2019`."""
    for name, value in cells.items():
        rows[HEAD_ROWS + at][COLUMNS.index(name.removeprefix("y"))] = value


def filled(book: Book) -> Rows:
    """A template that is filled in as it should be."""
    rows = rows_of(book)
    fill(
        rows, 0, unit="亿元 [100000000 CNY]", y2019=488.3, y2020=504.6, price_basis="当年价 [nominal]", source="yb2020"
    )
    fill(rows, 1, y2019="…", y2020="35.5")
    fill(
        rows, 2, unit="万人 [10000 person]", y2019="1.2万", y2020="约 35", status="初步数 [P]", note="after the census"
    )
    fill(rows, 3, unit="万元 [10000 CNY]", y2020="1,234", price_basis="2015", source="yb2020")
    fill(rows, 4, y2019=Shown(Kind.NUMBER, "41.2%", 0.412))
    return rows


def book_of(
    rows: Rows, sources: Sequence[Sequence[Value]] = (("yb2020", "阜新统计年鉴 2020", "阜新市统计局"),)
) -> Book:
    """A workbook with these rows and these sources."""
    head: Rows = [["hf.source_id", "hf.title", "hf.publisher"]]
    listed = Sheet("来源 Sources", [*head, *map(list, sources)], typed=True)
    return Book("filled.xlsx", "xlsx", (Sheet("数据填报 Figures", rows, typed=True), listed))


def read(rows: Rows) -> Extract:
    """What the layout makes of these rows."""
    return LAYOUT.extract(Source.of(book_of(rows)))


def saved(rows: Rows, path: Path, change: Callable[[Rows], Rows] = list) -> Path:
    """The rows written as a workbook by another program."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        page = book.add_worksheet("Sheet1")
        for number, row in enumerate(change(rows)):
            for column, value in enumerate(row):
                if value is not None and not isinstance(value, Shown):
                    page.write(number, column, value)
    path.write_bytes(buffer.getvalue())
    return path
