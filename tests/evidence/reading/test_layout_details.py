"""Details of layouts: units in cells, scopes, keys, tables that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from headframe.core.errors import HeadframeError
from headframe.evidence.reading.description import Holds, Role
from headframe.evidence.reading.formats import read_text
from headframe.evidence.reading.header import describe
from headframe.evidence.reading.missing import Mark, Meaning
from headframe.evidence.reading.table import read_table
from tests.evidence.reading.sheets import only_table, sheet_of


def test_scale_words_are_worked_into_the_unit_of_the_column() -> None:
    rows = [
        ["城市", "收入（万元）"],
        ["阜新市", "3.2亿"],
        ["抚顺市", "784000"],
        ["鞍山市", "约5亿元"],
        ["本溪市", "12%"],
    ]
    (column,) = only_table(sheet_of(rows)).columns.values()
    assert list(column.numbers[:3]) == [32000, 784000, 50000]
    assert column.reading(5).value == 12.0
    assert str(column.numbers[3]) == "nan"


def test_a_unit_in_every_cell() -> None:
    rows = [["城市", "增速"], ["阜新市", "4.0%"], ["抚顺市", "5.2%"], ["鞍山市", "-1.5%"]]
    (column,) = only_table(sheet_of(rows)).description.values
    assert column.unit is not None
    assert (column.unit.canonical, column.unit_from) == ("%", "cells")


def test_one_number_with_a_space_inside_is_doubted() -> None:
    rows = [["城市", "人数"], *[["某市", str(1000 + n)] for n in range(60)], ["某市", "1 181"]]
    (column,) = only_table(sheet_of(rows)).columns.values()
    assert {str(doubt) for doubt in column.reading(62).doubts} == {"spaced", "damaged"}
    assert column.reading(62).value == 1181


def test_numbered_sectors_keep_what_they_are_part_of() -> None:
    labels = ["第二产业(1)采矿业", "(2)制造业", "(3)建筑业", "第三产业(1)批发业", "⑵金融业", "合计数"]
    found = only_table(sheet_of([["城市", *labels], ["阜新市", *range(6)], ["抚顺市", *range(6)]])).description
    assert [c.chinese for c in found.values] == [
        ("第二产业", "采矿业"), ("第二产业", "制造业"), ("第二产业", "建筑业"), ("第三产业", "批发业"),
        ("第三产业", "金融业"), ("合计数",),
    ]  # fmt: skip


def test_paired_words_are_scopes_only_in_pairs() -> None:
    paired = [["城市", "GDP（亿元）", ""], ["", "地区", "市区"], ["阜新市", 5, 3], ["抚顺市", 8, 6]]
    found = only_table(sheet_of(paired, ["B1:C1", "A1:A2"])).description
    assert [c.scope for c in found.values] == ["whole-city", "urban-districts"]
    alone = [["城市", "total", "male"], ["阜新市", 5, 3], ["抚顺市", 8, 6]]
    assert [c.scope for c in only_table(sheet_of(alone)).description.values] == ["", ""]


def test_a_scope_in_a_column() -> None:
    rows = [["year", "city", "scope", "mining"], *[[2018, "阜新市", scope, 5] for scope in ("total", "districts")] * 3]
    found = only_table(sheet_of(rows)).description
    assert [c.holds for c in found.stubs] == [Holds.PERIOD, Holds.PLACE, Holds.SCOPE]


def test_figures_without_a_head() -> None:
    found = only_table(sheet_of([["阜新市", 504.6, 186], ["抚顺市", 827, 210]])).description
    assert found.head == ()
    assert [c.key for c in found.columns] == ["A", "B", "C"]
    assert "reading.no-head" in {reason.id for reason in found.reasons}


def test_sheets_without_a_table() -> None:
    assert describe(sheet_of([])) == ()
    assert describe(sheet_of([["更多数据，尽在某网"]])) == ()
    assert describe(sheet_of([["说明"], ["第一段"], ["第二段"]])) == ()


def test_a_table_of_texts() -> None:
    rows = [["码表"], ["代码", "名称"], ["A", "农业"], ["B", "采矿业"]]
    (found,) = describe(sheet_of(rows))
    assert (found.head, found.first, found.last) == ((2,), 3, 4)
    assert "reading.no-figures" in {reason.id for reason in found.reasons}
    assert all(c.role is not Role.VALUE for c in found.columns)


def test_equal_labels_get_keys_of_their_own() -> None:
    rows = [["城市", "GDP（亿元）", "GDP（%）", "GDP（%）"], ["阜新市", 1, 2, 3], ["抚顺市", 4, 5, 6]]
    found = only_table(sheet_of(rows)).description
    assert [c.key for c in found.values] == ["gdp[CNY]", "gdp[%]", "gdp[%]~2"]
    assert "reading.label-repeated" in {reason.id for reason in found.values[1].reasons}
    assert found.column("gdp[CNY]").letter == "B"
    with pytest.raises(HeadframeError) as raised:
        found.column("gdp[CN]")
    assert (raised.value.problems[0].code, raised.value.problems[0].values["suggestion"]) == ("HF389", "gdp[CNY]")


def test_keys_outlive_an_edition() -> None:
    one = [["", "2-7 地区生产总值", ""], ["城 市", "全市", "市辖区"], ["阜新市", 1, 2], ["抚顺市", 3, 4]]
    other = [
        ["", "2-9  地区生产总值（亿元）", ""],
        ["城市", "全市 Total City", "市 辖 区"],
        ["阜新市", 1, 2],
        ["抚顺市", 3, 4],
    ]
    keys = [[c.key for c in only_table(sheet_of(rows, ["B1:C1"])).description.values] for rows in (one, other)]
    assert keys[0] == keys[1] == ["地区生产总值#whole-city", "地区生产总值#urban-districts"]


def test_a_pasted_communique_is_described() -> None:
    text = """
2018年阜新市国民经济和社会发展统计公报
表1  2018年主要指标
指标                    单位      绝对数      比上年增长（%）
地区生产总值            亿元       446.1        4.0
  第一产业              亿元        91.9        2.9
规模以上工业增加值      亿元          …         7.9
城镇登记失业率          %           3.9         —
注：“…”表示数据不详。
"""
    table = only_table(read_text(text).sheets[0])
    found = table.description
    assert found.rows_hold is Holds.INDICATOR
    assert [item.chinese[-1] for item in found.items] == [
        "地区生产总值",
        "第一产业",
        "规模以上工业增加值",
        "城镇登记失业率",
    ]
    assert [c.label for c in found.values] == ["绝对数", "比上年增长"]
    assert found.legend == {Mark.DOTS: Meaning.NOT_COLLECTED}
    assert table.columns["绝对数"].missing == {(Mark.DOTS, Meaning.NOT_COLLECTED): 1}


def test_reading_cells_in_order(tmp_path: Path) -> None:
    table = only_table(sheet_of([["城市", "GDP", "人口"], ["阜新市", 504.6, ""], ["抚顺市", 827, 210]]))
    cells = [(row, column.letter, reading.value) for row, column, reading in table.cells()]
    assert cells == [(2, "B", 504.6), (2, "C", None), (3, "B", 827.0), (3, "C", 210.0)]
    assert table.cell(2, "gdp").reference == "B2"
    sheet = table.sheet
    assert read_table(sheet, table.description).columns["gdp"].numbers[1] == 827
