"""Layouts of tables as yearbooks, offices and programs print them, each written here by hand."""

from __future__ import annotations

from pathlib import Path

from headframe.evidence.reading.description import Holds, RowKind
from headframe.evidence.reading.formats import read_file, read_text
from headframe.evidence.reading.header import describe
from headframe.evidence.reading.missing import Mark, Meaning
from tests.evidence.reading.old_workbook import write_old_workbook
from tests.evidence.reading.sheets import only_table, sheet_of, write_workbook

# A yearbook page: two languages, merged groups, whole city and urban districts, a part (`of which`), provinces as
# sections, a misprint of a scope, and a unit that differs between the languages.
YEARBOOK = [
    ["中国2018年城市数据", "", "2-1 人口数", "", "", "", "2-2 财政（万元）", "", "2-3 绿地(市辖区)"],
    [
        "城 市",
        "City",
        "年末总人口 Total Population (10 000 persons)",
        "",
        "",
        "",
        "一般公共预算收入",
        "",
        "绿地面积 (公顷)",
    ],
    ["", "", "", "", "城镇人口 Urban Population", "", "Budget Revenue", "", "Area of Green Land (hectare)"],
    [
        "",
        "",
        "全市 Total City",
        "市辖区 Districts under City",
        "全市 Total City",
        "再辖区 Districts under City",
        "全市",
        "市辖区",
        "",
    ],
    ["辽宁省", "Liaoning", "", "", "", "", "", "", ""],
    ["  阜新市", "  Fuxin", 186.2, 75.7, 100.5, 60.1, 170338, 90000, 4011],
    ["  抚顺市", "  Fushun", 210.7, "…", 150.25, 99, 784000, "-", ""],
    ["  鞍山市", "  Anshan", 341.8, 150, 200, 120.5, 1512000, 800000, 7000],
    ["吉林省", "Jilin", "", "", "", "", "", "", ""],
    ["  辽源市", "  Liaoyuan", 117, 45, 50, 30, 178365, 113527, 1541],
    ["注：“…”表示不足最小单位数。", "", "", "", "", "", "", "", ""],
]
MERGED = ["A1:B1", "C1:F1", "G1:H1", "C2:D3", "E3:F3", "G2:H2", "G3:H3"]


def test_a_yearbook_page(tmp_path: Path) -> None:
    table = only_table(read_file(write_workbook(tmp_path / "a.xlsx", YEARBOOK, MERGED)).sheets[0])
    found = table.description
    assert (found.rows_hold, found.columns_hold, found.years) == (Holds.PLACE, Holds.INDICATOR, (2018,))
    assert [(column.holds, column.label) for column in found.stubs] == [(Holds.PLACE, "城市"), (Holds.PLACE, "City")]
    assert found.titles == ("中国2018年城市数据",)
    assert found.legend == {Mark.DOTS: Meaning.NEGLIGIBLE}
    assert [(c.chinese, c.english) for c in found.values[:3]] == [
        (("人口数", "年末总人口"), ("Total Population",)),
        (("人口数", "年末总人口"), ("Total Population",)),
        (("人口数", "年末总人口", "城镇人口"), ("Total Population", "Urban Population")),
    ]
    assert [c.scope for c in found.values] == ["whole-city", "urban-districts"] * 3 + ["urban-districts"]
    assert [c.scope_from for c in found.values[-2:]] == ["column", "above"]
    assert [c.unit.canonical for c in found.values if c.unit] == ["10000 person"] * 4 + ["10000 CNY"] * 2 + ["ha"]
    assert [c.unit_from for c in found.values] == ["column", "column", "above", "above", "above", "above", "column"]
    assert "reading.scope-misprint" in {reason.id for reason in found.values[3].reasons}
    assert [found.special[row] for row in (5, 9)] == [RowKind.SECTION, RowKind.SECTION]
    assert list(table.rows) == [6, 7, 8, 10]
    assert [table.sections[row] for row in (6, 8, 10)] == ["辽宁省", "辽宁省", "吉林省"]
    assert [table.name(row, found.stubs[0]) for row in (6, 10)] == ["阜新市", "辽源市"]
    first = table.columns["人口数/年末总人口#whole-city"]
    assert list(first.numbers) == [186.2, 210.7, 341.8, 117]
    second = table.columns["人口数/年末总人口#urban-districts"]
    assert second.missing == {(Mark.DOTS, Meaning.NEGLIGIBLE): 1}
    assert table.columns["财政/一般公共预算收入#urban-districts"].missing == {(Mark.DASH, Meaning.OPEN): 1}
    assert table.columns["绿地/绿地面积#urban-districts"].missing == {(Mark.EMPTY, Meaning.OPEN): 1}


def test_the_same_page_in_an_old_workbook(tmp_path: Path) -> None:
    grid = [[float(value) if isinstance(value, int | float) else (value or None) for value in row] for row in YEARBOOK]
    merged = [(0, 0, 0, 1), (0, 0, 2, 5), (0, 0, 6, 7), (1, 2, 2, 3), (2, 2, 4, 5), (1, 1, 6, 7), (2, 2, 6, 7)]
    path = write_old_workbook(tmp_path / "a.xls", grid, merged)
    new = only_table(read_file(write_workbook(tmp_path / "a.xlsx", YEARBOOK, MERGED)).sheets[0])
    old = only_table(read_file(path).sheets[0])
    assert [c.key for c in old.description.columns] == [c.key for c in new.description.columns]
    assert list(old.columns["人口数/年末总人口#whole-city"].numbers) == [186.2, 210.7, 341.8, 117]


def test_a_flat_copy_without_merged_cells() -> None:
    rows = [
        ["", "地区生产总值（亿元）", "", "人口（万人）", ""],
        ["城市", "全市", "市辖区", "全市", "市辖区"],
        ["阜新市", 504.6, 250, 186.2, 75.7],
        ["抚顺市", 827.2, 600, 210.7, 130],
    ]
    found = only_table(sheet_of(rows)).description
    assert [c.key for c in found.values] == [
        "地区生产总值#whole-city", "地区生产总值#urban-districts", "人口#whole-city", "人口#urban-districts",
    ]  # fmt: skip
    assert [c.unit.printed for c in found.values if c.unit] == ["亿元", "亿元", "万人", "万人"]
    assert "reading.label-spread" in {reason.id for reason in found.values[1].reasons}


def test_a_wrapped_head_is_not_a_group() -> None:
    rows = [
        ["", "", "Colliery", "Distributed", "", "Coke Ovens &"],
        ["Year", "Supply", "Stocks", "Stocks", "Collieries", "Gas"],
        ["", "(1)", "(2)", "(3)", "(4)", "(5)"],
        [],
        [1913, 292.0, "", "", 18.3, 16.9],
        [1914, 269.9, 3.8, "..", 18.0, 17.0],
    ]
    found = only_table(sheet_of(rows))
    assert [c.english for c in found.description.values] == [
        ("Supply",), ("Colliery", "Stocks"), ("Distributed", "Stocks"), ("Collieries",), ("Coke Ovens &", "Gas"),
    ]  # fmt: skip
    assert found.description.rows_hold is Holds.PERIOD
    assert list(found.rows) == [5, 6]


def test_indicators_down_and_years_across() -> None:
    rows = [
        ["阜新市国民经济主要指标"],
        ["", "", "", "单位：亿元"],
        ["指 标", "计量单位", 2016, 2017, "2018年"],
        ["地区生产总值", "亿元", 407.8, 415.9, 446.1],
        ["  其中：第一产业", "亿元", 87.3, 90.3, 91.9],
        ["  第二产业", "亿元", 120.3, 122, 128.8],
        ["年末户籍人口", "万人", 188.9, 188.2, 186.2],
        ["城镇登记失业率", "%", 4.0, 3.9, "—"],
        ["人均地区生产总值（元）", "", 22980, 23500, 25400],
    ]
    found = only_table(sheet_of(rows)).description
    assert (found.rows_hold, found.columns_hold) == (Holds.INDICATOR, Holds.PERIOD)
    assert [c.year for c in found.values] == [2016, 2017, 2018]
    assert [item.key for item in found.items] == [
        "地区生产总值", "地区生产总值/第一产业", "地区生产总值/第二产业", "年末户籍人口", "城镇登记失业率",
        "人均地区生产总值",
    ]  # fmt: skip
    assert [item.unit.printed for item in found.items if item.unit] == ["亿元", "亿元", "亿元", "万人", "%", "元"]
    assert found.items[1].of_which


def test_places_across() -> None:
    rows = [
        ["指标", "沈阳市", "大连市", "阜新市"],
        ["地区生产总值（亿元）", 6292, 7668, 446],
        ["年末户籍人口（万人）", 746, 595, 186],
    ]
    found = only_table(sheet_of(rows)).description
    assert (found.rows_hold, found.columns_hold) == (Holds.INDICATOR, Holds.PLACE)


def test_a_long_table() -> None:
    rows = [["geo", "time", "unit", "values"], *[[f"DE{n}", 2010 + n % 3, "MIO_EUR", n * 1.5] for n in range(30)]]
    found = only_table(sheet_of(rows)).description
    assert (found.rows_hold, found.columns_hold) == (Holds.RECORD, Holds.FIGURE)
    assert [c.holds for c in found.stubs] == [Holds.PLACE, Holds.PERIOD, Holds.UNIT]


def test_years_that_are_figures_stay_figures() -> None:
    rows = [["城市", "矿井数"], ["阜新市", 1976], ["抚顺市", 88], ["鞍山市", 2003], ["本溪市", 41]]
    table = only_table(sheet_of(rows))
    assert list(table.rows) == [2, 3, 4, 5]
    assert list(table.columns["矿井数"].numbers) == [1976, 88, 2003, 41]


def test_a_title_gives_the_unit() -> None:
    rows = [
        ["表3 财政收支"],
        ["单位：万元"],
        ["城市", "收入", "支出", "增长率（%）"],
        ["阜新市", 1, 2, 3],
        ["抚顺市", 4, 5, 6],
    ]
    found = only_table(sheet_of(rows)).description
    assert [(c.unit.printed, c.unit_from) for c in found.values if c.unit] == [
        ("万元", "title"), ("万元", "title"), ("%", "column"),
    ]  # fmt: skip
    several = [["单位：万元、%"], *rows[2:]]
    other = only_table(sheet_of(several)).description
    assert other.values[0].unit is None
    assert "reading.several-units" in {reason.id for reason in other.reasons}


def test_a_unit_of_its_own_row() -> None:
    rows = [["城市", "GDP", "人口"], ["", "（亿元）", "（万人）"], ["阜新市", 504.6, 186.2], ["抚顺市", 827, 210]]
    found = only_table(sheet_of(rows)).description
    assert [c.unit.canonical for c in found.values if c.unit] == ["100000000 CNY", "10000 person"]
    assert [c.label for c in found.values] == ["GDP", "人口"]


def test_two_languages_that_disagree_about_the_unit() -> None:
    rows = [
        ["城市", "地区生产总值（万元）"],
        ["", "Gross Regional Product (100 000 yuan)"],
        ["阜新市", 5],
        ["抚顺市", 6],
    ]
    (column,) = only_table(sheet_of(rows, ["A1:A2"])).description.values
    assert column.unit is not None
    assert (column.unit.printed, [unit.printed for unit in column.other_units]) == ("万元", ["100 000 yuan"])
    assert column.confidence < 1


def test_an_inherited_unit_does_not_fit_a_rate() -> None:
    rows = [["城市", "财政（万元）", ""], ["", "收入", "自给率"], ["阜新市", 5, 0.3], ["抚顺市", 6, 0.4]]
    found = only_table(sheet_of(rows, ["B1:C1"])).description
    assert [reason.id for reason in found.values[1].reasons] == ["reading.unit-of-rate"]


def test_tables_side_by_side() -> None:
    rows = [
        ["城市", "GDP（亿元）", "", "城市", "人口（万人）"],
        ["阜新市", 504.6, "", "沈阳市", 746],
        ["抚顺市", 827.2, "", "大连市", 595],
        ["鞍山市", 1512, "", "", ""],
    ]
    one, other = describe(sheet_of(rows))
    assert ((one.left, one.right, one.last), (other.left, other.right, other.last)) == ((1, 2, 4), (4, 5, 3))
    folded = [["城市", "GDP", "城市", "GDP"], ["阜新市", 504, "沈阳市", 6292], ["抚顺市", 827, "大连市", 7668]]
    assert [len(part.values) for part in describe(sheet_of(folded))] == [1, 1]


def test_a_spacer_column_divides_nothing() -> None:
    rows = [["城市", "GDP", "", "人口"], ["阜新市", 504.6, "", 186], ["抚顺市", 827, "", 210]]
    (found,) = describe(sheet_of(rows))
    assert [c.label for c in found.values] == ["GDP", "人口"]


def test_tables_below_each_other() -> None:
    rows = [
        ["表1 生产总值"], ["城市", "GDP（亿元）"], ["阜新市", 504.6], ["抚顺市", 827], ["注：初步数。"], [],
        ["表2 人口"], ["城市", "户籍人口（万人）", "常住人口（万人）"], ["阜新市", 186, 164], ["抚顺市", 210, 185],
    ]  # fmt: skip
    one, other = describe(sheet_of(rows))
    assert (one.titles, one.notes, one.last) == (("表1 生产总值",), ("注:初步数。",), 4)
    assert (other.titles, [c.label for c in other.values]) == (("表2 人口",), ["户籍人口", "常住人口"])


def test_a_head_repeated_on_each_page() -> None:
    rows = [["城市", "GDP", "人口"], ["阜新市", 504.6, 186], ["抚顺市", 827, 210]]
    again = [["续表"], rows[0], ["鞍山市", 1512, 341], ["本溪市", 700, 145]]
    table = only_table(sheet_of([*rows, *again]))
    assert list(table.rows) == [2, 3, 6, 7]
    assert table.description.special[5] is RowKind.HEAD_AGAIN


def test_totals_watermarks_and_pages() -> None:
    rows = [
        ["城市", "GDP", "人口"], ["全 省", 23510, 4374], ["阜新市", 504.6, 186], ["更多数据请访问 www.example.org"],
        ["抚顺市", 827, 210], ["", 12, ""], ["合　计", 1331.6, 396],
    ]  # fmt: skip
    table = only_table(sheet_of(rows))
    kinds = {2: RowKind.TOTAL, 4: RowKind.TEXT, 6: RowKind.TEXT, 7: RowKind.TOTAL}
    assert table.description.special == kinds
    assert list(table.rows) == [2, 3, 5, 7]


def test_a_name_without_figures_is_no_section() -> None:
    rows = [["城市", "GDP", "人口"], *[[f"第{n}市", n, n] for n in range(1, 9)], ["三沙市", "", ""], ["儋州市", 1, 2]]
    table = only_table(sheet_of(rows))
    assert 10 not in table.description.special
    assert 10 in table.rows
    assert table.sections == {}


def test_merged_cells_among_figures() -> None:
    rows = [["城市", "水运", "航空"], ["合肥市", 5258, ""], ["芜湖市", 10, 20], ["蚌埠市", 11, 21]]
    table = only_table(sheet_of(rows, ["B2:C2"]))
    water, air = table.columns.values()
    assert (water.numbers[0], [str(doubt) for doubt in water.reading(2).doubts]) == (5258, ["merged"])
    assert (air.reading(2).mark, air.reading(2).value) == (Mark.COVERED, None)


def test_texts_and_dates_among_figures() -> None:
    rows = [
        ["城市", "GDP"],
        ["阜新市", 504.6],
        ["抚顺市", "II"],
        ["鞍山市", "待定"],
        ["本溪市", "2018-01-02"],
        ["丹东市", 8.0],
    ]
    (column,) = only_table(sheet_of(rows)).columns.values()
    assert [str(doubt) for row in (3, 4, 5) for doubt in column.reading(row).doubts] == ["damaged", "text", "date"]
    assert column.reading(3).suggestion == "11"
    assert [column.reading(row).value for row in (3, 4, 5)] == [None, None, None]


def test_unit_scope_and_period_of_a_cell() -> None:
    rows = [
        ["阜新市主要指标"], ["指标", "单位", "2017年", "2018年", "比上年增长（%）"],
        ["地区生产总值", "亿元", 415.9, 446.1, 4.0], ["其中：市区人口（市辖区）", "万人", 75, 74, -1.3],
    ]  # fmt: skip
    table = only_table(sheet_of(rows))
    year, growth = table.description.values[1], table.description.values[2]
    units = [unit.printed for row in (3, 4) for column in (year, growth) if (unit := table.unit(row, column))]
    assert units == ["亿元", "%", "万人", "%"]
    assert [table.scope(row, year) for row in (3, 4)] == ["", "urban-districts"]
    period = table.period(3, year)
    assert period is not None
    assert (period.year, table.period(3, growth)) == (2018, None)
    long = [
        ["city", "year", "scope", "unit", "value"],
        *[["阜新市", 2018, "total", "万人", 5]] * 3,
        ["阜新市", 2019, "districts", "人", 6],
    ]
    other = only_table(sheet_of(long))
    (value,) = other.description.values
    found = [(other.scope(row, value), other.unit(row, value), other.period(row, value)) for row in (2, 5)]
    assert [scope for scope, _, _ in found] == ["whole-city", "urban-districts"]
    assert [unit.canonical for _, unit, _ in found if unit] == ["10000 person", "person"]
    assert [when.year for _, _, when in found if when] == [2018, 2019]


def test_names_lose_their_marks() -> None:
    rows = [["城市", "GDP"], ["三沙市①", 1], ["北　京 *", 2], ["深圳市 1)", 3], ["阜新市¹", 4]]
    table = only_table(sheet_of(rows))
    assert [table.name(row, table.description.stubs[0]) for row in (2, 3, 4, 5)] == [
        "三沙市",
        "北京",
        "深圳市",
        "阜新市",
    ]


def test_a_single_flat_group() -> None:
    rows = [["城市", "GDP（亿元）", ""], ["", "全市", "市辖区"], ["阜新市", 5, 3], ["抚顺市", 8, 6]]
    assert [c.key for c in only_table(sheet_of(rows)).description.values] == ["gdp#whole-city", "gdp#urban-districts"]


def test_a_flat_head_of_three_rows() -> None:
    rows = [
        ["城市", "人口（万人）", "", "", "", "绿地（公顷）"], ["", "", "", "城镇人口", "", ""],
        ["", "全市", "市辖区", "全市", "市辖区", "市辖区"], ["阜新市", 5, 3, 4, 2, 1], ["抚顺市", 8, 6, 7, 5, 4],
    ]  # fmt: skip
    assert [c.key for c in only_table(sheet_of(rows)).description.values] == [
        "人口#whole-city", "人口#urban-districts", "人口/城镇人口#whole-city", "人口/城镇人口#urban-districts",
        "绿地#urban-districts",
    ]  # fmt: skip


def test_a_name_that_is_not_moved_in_ends_its_section() -> None:
    rows = [
        ["城市", "GDP", "人口"], ["黑龙江省", "", ""], ["  大庆市", 1, 2], ["  黑河市", 3, 4], ["上海市", 5, 6],
        ["江苏省", "", ""], ["  徐州市", 7, 8], ["  苏州市", 9, 1],
    ]  # fmt: skip
    assert only_table(sheet_of(rows)).sections == {3: "黑龙江省", 4: "黑龙江省", 7: "江苏省", 8: "江苏省"}


def test_codes_that_begin_with_zero() -> None:
    table = only_table(read_text("城市\t编号甲\n阜新市\t0012\n抚顺市\t0345\n鞍山市\t1200\n").sheets[0])
    (column,) = table.columns.values()
    assert [str(doubt) for row in (2, 3, 4) for doubt in column.reading(row).doubts] == ["leading-zero", "leading-zero"]
    assert column.reading(2).text == "0012"
