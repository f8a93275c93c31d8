"""Tables drawn at random are written out and read back: same labels, units, scopes and numbers."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.evidence.reading.delimited import read_delimited
from headframe.evidence.reading.formats import read_file
from headframe.evidence.reading.limits import LIMITS
from headframe.evidence.reading.table import Table
from tests.evidence.reading.drawn_tables import Drawn, drawn_tables
from tests.evidence.reading.old_workbook import write_old_workbook
from tests.evidence.reading.sheets import area, only_table, sheet_of, write_workbook


def check(table: Table, drawn: Drawn) -> None:
    found = table.description
    values = list(found.values)
    assert [(c.chinese, c.english) for c in values] == [(e.chinese, e.english) for e in drawn.columns]
    assert [c.unit.canonical if c.unit else "" for c in values] == [e.unit for e in drawn.columns]
    assert [c.scope for c in values] == [e.scope for e in drawn.columns]
    assert len({c.key for c in values}) == len(values)
    assert [table.name(int(row), found.stubs[0]) for row in table.rows] == drawn.names
    read = np.array([column.numbers for column in table.columns.values()]).T
    expected = np.array([[np.nan if number is None else number for number in row] for row in drawn.numbers])
    np.testing.assert_array_equal(read, expected)
    if drawn.year is not None and any("数据" in title for title in found.titles):
        assert found.years == (drawn.year,)


@given(drawn_tables())
def test_a_drawn_sheet_is_read_back(drawn: Drawn) -> None:
    check(only_table(sheet_of(drawn.rows, drawn.merged)), drawn)


@given(drawn=drawn_tables())
def test_a_drawn_workbook_is_read_back(tmp_path_factory: pytest.TempPathFactory, drawn: Drawn) -> None:
    path = write_workbook(tmp_path_factory.mktemp("drawn") / "a.xlsx", drawn.rows, drawn.merged)
    check(only_table(read_file(path).sheets[0]), drawn)


@given(drawn=drawn_tables())
def test_a_drawn_old_workbook_is_read_back(tmp_path_factory: pytest.TempPathFactory, drawn: Drawn) -> None:
    grid = [[float(v) if isinstance(v, int | float) else (str(v) or None) for v in row] for row in drawn.rows]
    ranges = [found for text in drawn.merged if (found := area(text))]
    merged = [(a.top - 1, a.bottom - 1, a.left - 1, a.right - 1) for a in ranges]
    path = write_old_workbook(tmp_path_factory.mktemp("drawn") / "a.xls", grid, merged)
    check(only_table(read_file(path).sheets[0]), drawn)


NUMBERS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda number: round(number, 2))


@given(
    st.lists(st.lists(NUMBERS, min_size=3, max_size=3), min_size=4, max_size=12),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    st.sampled_from(["plain", "grouped", "comma", "wide", "spaced"]),
    st.booleans(),
)
def test_a_drawn_text_file_is_read_back(
    numbers: list[list[float]], mark: str, encoding: str, style: str, titled: bool
) -> None:
    def printed(number: float) -> str:
        if style == "comma" and mark != ",":
            return f"{number:.2f}".replace(".", ",")
        if style == "grouped":
            return f'"{number:,.2f}"'
        if style == "wide":
            return f"{number:.2f}".translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789.-"})
        return f"{number:,.2f}".replace(",", " ") if style == "spaced" else f"{number:.2f}"

    lines = ["表1 主要指标", "单位：亿元"] if titled else []
    lines.append(mark.join(["城市", "指标甲（亿元）", "指标乙（万人）", "指标丙（%）"]))
    lines += [mark.join([f"第{n}市", *map(printed, row)]) for n, row in enumerate(numbers)]
    out = io.StringIO("\n".join(lines) + "\n")
    book = read_delimited(out.getvalue().encode(encoding), "a.csv", LIMITS)
    table = only_table(book.sheets[0])
    assert [c.label for c in table.description.values] == ["指标甲", "指标乙", "指标丙"]
    assert [c.unit.printed for c in table.description.values if c.unit] == ["亿元", "万人", "%"]
    read = np.array([column.numbers for column in table.columns.values()]).T
    np.testing.assert_allclose(read, np.array(numbers), rtol=0, atol=1e-6)


def test_the_helper_writes_what_it_says(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", [["a", ""], ["b", 1]], ["A1:B1"])
    assert [[cell.text for cell in row] for row in read_file(path).sheets[0].rows] == [["a", ""], ["b", "1"]]
