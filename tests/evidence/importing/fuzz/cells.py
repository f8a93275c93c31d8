"""Hostile workbooks: what their cells hold, and how their sheets are laid out."""

from __future__ import annotations

import random
from collections.abc import Callable
from xml.sax.saxutils import escape

from headframe.evidence.reading.grid import letters
from tests.evidence.importing.fuzz.sound import Cell, File, Rows, packed, parts_of, yearbook
from tests.evidence.importing.fuzz.workbooks import BOOK, SHEET, split_rows, with_changed
from tests.evidence.reading.old_workbook import Grid, compound, workbook_stream


def _cell(draw: random.Random, name: str) -> str:
    """A cell as careless programs and strangers write it."""
    text = draw.choice((
        "1e400", "NaN", "-Infinity", "-0", "0x1F", "１２３．５", "1,2,3", "\u202e321", "12\u00ad3", "=1+1",
        "1" * 400, "TRUE",
        "1 000 000", "一千二百", "1/2", "1e-400", "+86", "#REF!", "\u0661\u0662", "12\u2028", "½", "_x0041_",
        "３亿５０００万",
        "1-2", "(1,234)", "１，２３４", "2019-13-45", "99999-99-99", "１９９９年１３月", "约", "1__0", "١٢٣",
        "1.2.3.4", "³", "10²",
    ))  # fmt: skip
    value = escape(text)
    number = draw.choice(
        ("1e400", "nan", "inf", "-0", "1_000", " 5 ", "0x1p3", "1e-400", "43101", "2018", "1e15", "1.5E+2")
    )
    return draw.choice((
        f'<c r="{name}" t="inlineStr"><is><t>{value}</t></is></c>',
        f'<c r="{name}" t="inlineStr"><is><r><rPr><vertAlign val="superscript"/></rPr><t>{value}</t></r></is></c>',
        f'<c r="{name}"><f>SUM(A1:A9)</f></c>',
        f'<c r="{name}"><f>SUM(A1:A9)</f><v>{number}</v></c>',
        f'<c r="{name}" t="e"><v>#DIV/0!</v></c>',
        f'<c r="{name}" t="b"><v>{draw.choice(("1", "0", "true", ""))}</v></c>',
        f'<c r="{name}" t="d"><v>{draw.choice(("2018-01-01", "x", "2018-01-01T99:00", "-1"))}</v></c>',
        f'<c r="{name}" t="str"><v>{value}</v></c>',
        f'<c r="{name}" t="str"><f>A1&amp;"x"</f><v>{value}</v></c>',
        f'<c r="{name}" t="{draw.choice(("n", "z", "S", "s ", "boolean"))}"><v>{number}</v></c>',
        f'<c r="{name}"><v>{number}</v></c>',
        f'<c r="{name}" s="{draw.randrange(6)}"><v>{number}</v></c>',
        f'<c r="{name}"><v>{number}</v><v>7</v></c>',
        f'<c r="{name}"><v><![CDATA[{number}]]></v></c>',
        f'<c r="{name}"><v>&#49;&#x32;</v></c>',
        f'<c r="{name}" t="str"><v>&#0;&#xD800;&bad;</v></c>',
    ))  # fmt: skip


def odd_cells(draw: random.Random) -> File:
    """Formulas without value, errors, truths, dates, texts for numbers, in the place of figures, names and heads."""

    def change(parts: dict[str, bytes]) -> None:
        rows, _ = yearbook(draw)
        lines = []
        for number, row in enumerate(rows, start=1):
            cells = []
            for column, value in enumerate(row, start=1):
                name = f"{letters(column)}{number}"
                if draw.random() < draw.choice((0.05, 0.3)):
                    cells.append(_cell(draw, name))
                elif isinstance(value, str) and value:
                    cells.append(f'<c r="{name}" t="inlineStr"><is><t>{escape(value)}</t></is></c>')
                elif value is not None and value != "":
                    cells.append(f'<c r="{name}"><v>{value}</v></c>')
            lines.append(f'<row r="{number}">{"".join(cells)}</row>')
        head, _, tail = split_rows(parts[SHEET])
        parts[SHEET] = head + "".join(lines).encode() + tail

    return with_changed(draw, change)


def old_cells(draw: random.Random) -> File:
    """An old workbook with odd numbers, errors, ranges over everything, records that say too much."""
    rows, _ = yearbook(draw)
    grid: Grid = [[float(v) if isinstance(v, int | float) else (v or None) for v in row] for row in rows]
    odd = (float("inf"), float("nan"), -0.0, 1e308, 5e-324, "1e400", "\x00", "\U0001f600", "x" * 3000, "１２", "=1+1")
    for _ in range(draw.randint(0, 6)):
        grid[draw.randrange(len(grid))][draw.randrange(6)] = draw.choice(odd)
    errors = {(draw.randrange(9), draw.randrange(6)): draw.choice((0, 7, 42, 99)) for _ in range(draw.randrange(4))}
    merged = draw.choices([(0, 65_535, 0, 255), (4, 4, 0, 5), (9, 3, 0, 0), (5, 9, 2, 3)], k=draw.randrange(4))
    return File(".xls", compound(workbook_stream({"表1": (grid, merged, errors)})))


def places_of_rows(rows: Rows) -> list[int]:
    """The rows of figures."""
    return [number for number, row in enumerate(rows) if len(row) > 2 and isinstance(row[2], int | float)]


def _of_rows(rows: Rows, merged: list[str] | None = None) -> File:
    return File(".xlsx", packed(parts_of({"表1": (rows, merged or [])})))


def shapes(draw: random.Random) -> File:
    """A head without a body, a body without a head, two tables in one sheet, everything in one cell, and so on."""
    rows, merged = yearbook(draw)
    figures = [rows[at] for at in places_of_rows(rows)]
    head = rows[: places_of_rows(rows)[0]]
    same: list[Cell] = ["全市"] * 6
    gap = draw.randrange(3)
    wide: Rows = [[value for value in row for _ in range(1 + gap)] for row in rows]
    numbers: Rows = [[draw.choice((2018, 1, -5.5, 0, 43101)) for _ in range(8)] for _ in range(20)]
    beside: Rows = [[*row, *([""] * gap), *row] for row in rows]
    same_text: Rows = [["\n".join(" ".join(map(str, row)) for row in rows)]]
    turned: Rows = [list(column) for column in zip(*rows, strict=True)]
    notes: Rows = [[f"注{n}：见第{n}页 note {n})"] for n in range(draw.choice((5, 400)))]
    made: list[tuple[Rows, list[str]]] = [
        (head, merged),
        (figures, []),
        (beside, merged),
        ([*rows, *([[""]] * gap), *rows], merged),
        (rows, [f"A1:F{len(rows)}"]),
        (same_text, []),
        (turned, []),
        ([same, same, *figures], []),
        (notes, []),
        (numbers, []),
        (wide[::-1], []),
    ]
    return _of_rows(*draw.choice(made))


def many_sheets(draw: random.Random) -> File:
    """Hundreds of sheets, hidden ones, ones of the same name or without any."""
    count = draw.choice((2, 40, 410))
    rows: Rows = [["城市", "产值（万元）"], ["阜新市", 1.5], ["抚顺市", 2.5]]
    parts = parts_of({f"表{n}": (rows if n % 3 else [], []) for n in range(count)})
    if draw.random() < 0.5:
        parts[BOOK] = parts[BOOK].replace(b'name="', b'state="veryHidden" name="')
    if draw.random() < 0.5:
        parts[BOOK] = parts[BOOK].replace("表".encode(), draw.choice((b"", b"../", b"&#10;", b"=1+1|", b"{a}")))
    return File(".xlsx", packed(parts))


CELLS: tuple[Callable[[random.Random], File], ...] = (odd_cells, odd_cells, odd_cells, old_cells, shapes, shapes)
HEAVY: tuple[Callable[[random.Random], File], ...] = (many_sheets,)
