"""Delimited files and pasted text: encodings, separators, quotation marks, tables kept apart by spaces, HTML."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.evidence.reading.delimited import read_delimited, separator
from headframe.evidence.reading.encoding import decoded
from headframe.evidence.reading.formats import read_file, read_text
from headframe.evidence.reading.grid import Range
from headframe.evidence.reading.limits import LIMITS, Limits
from tests.evidence.reading.sheets import refused, refused_file, texts, warnings_of, written

TABLE = "城市,地区生产总值（亿元）,备注\n阜新市,504.6,资源枯竭城市\n抚顺市,827.2,“煤都”\n"
CHINESE = st.text(alphabet=[chr(code) for code in range(0x4E00, 0x9FA5)], min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
    ],
)
def test_encodings(tmp_path: Path, encoding: str, name: str) -> None:
    book = read_file(written(tmp_path / "a.csv", TABLE.encode(encoding)))
    assert book.encoding == name
    assert texts(book)[1] == ["阜新市", "504.6", "资源枯竭城市"]
    assert book.problems == ()


def test_western_letters_that_stand_alone() -> None:
    found = decoded("county,name\n35013,Doña Ana\n72153,Yauco Municipio Añasco\n".encode("cp1252"), "a")
    assert (found.encoding, "Doña Ana" in found.text) == ("cp1252", True)


def test_a_mixed_file_is_reported_by_line(tmp_path: Path) -> None:
    lines = [f"第{number}行,阜新市,{number}" for number in range(1, 41)]
    data = b"\n".join(line.encode("gb18030" if number in {6, 29} else "utf-8") for number, line in enumerate(lines))
    book = read_file(written(tmp_path / "a.csv", data))
    assert texts(book)[6][0] == "第7行"
    assert warnings_of(book) == ["HF380"]
    assert "7, 30" in book.problems[0].why("en")


def test_chinese_that_imitates_another_encoding() -> None:
    text = "阜新市,1\n模,2\n抚顺市,3\n牛,4\n鞍山市,5\n"
    data = text.encode("gb18030")
    assert data.split(b"\n")[1].decode("utf-8")  # by chance
    found = decoded(data, "a")
    assert (found.text, found.encoding, found.other_lines) == (text, "gb18030", ())


def test_bytes_that_are_nothing(tmp_path: Path) -> None:
    rows = [b"\xff\xff\x81,%d" % number for number in range(40)]
    assert refused_file(written(tmp_path / "a.csv", b"\n".join(rows)))[0] == "HF379"
    few = b"\n".join(["阜新市,1".encode()] * 40 + [b"\xff\xff\x81,5"])
    book = read_file(written(tmp_path / "b.csv", few))
    assert warnings_of(book) == ["HF380"]
    assert "\ufffd" in texts(book)[-1][0]


def test_zero_bytes(tmp_path: Path) -> None:
    code, where = refused_file(written(tmp_path / "a.csv", b"city,gdp\nfuxin,5\x00\nfushun,8\n"))
    assert (code, where) == ("HF381", "a.csv, line 2")
    assert refused(lambda: read_text("a\tb\nc\x00\td\n"))[0] == "HF381"


@given(st.lists(CHINESE, min_size=3, max_size=12), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_chinese_survives_any_encoding(names: list[str], encoding: str) -> None:
    text = "名称,数值\n" + "".join(f"{name}市,{number}\n" for number, name in enumerate(names))
    assert decoded(text.encode(encoding), "a").text == text


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n", ";"),
        ("a\tb\n1,5\t2;5\n", "\t"),
        ("a|b|c\n1|2|3\n", "|"),
        ("title, with commas, in it\n\na;b;c\n1;2;3\n4;5;6\n", ";"),
        ("id,name,sources\n1,x,A;B\n2,y,C;D\n3,z,E;F\n", ","),
        ("freq,unit,geo\\TIME\t2018 \t2019 \nA,EUR,DE\t1\t2\nA,EUR,FR\t3\t4\n", "\t"),
        ("nothing separates\nanything here\n", ","),
        ('a,b\n"x;y;z",1\n"u;v;w",2\n', ","),
    ],
)
def test_separators(text: str, mark: str) -> None:
    assert separator(text) == mark


def test_quotation_marks(tmp_path: Path) -> None:
    data = b'name,note\nFuxin,"coal, wind\nand more"\n"a ""b""",2\n'
    assert texts(read_file(written(tmp_path / "a.csv", data)))[1:] == [
        ["Fuxin", "coal, wind\nand more"],
        ['a "b"', "2"],
    ]
    open_mark = b'name,note\nFuxin,"coal\n' + b"x,1\n" * 100
    assert refused_file(written(tmp_path / "b.csv", open_mark)) == ("HF385", "b.csv, line 2")


def test_rows_with_a_surplus_cell(tmp_path: Path) -> None:
    data = "城市,GDP\n" + "阜新市,504\n" * 30 + "抚顺市,1,827\n"
    book = read_file(written(tmp_path / "a.csv", data.encode()))
    assert warnings_of(book) == ["HF386"]
    assert "32" in book.problems[0].why("zh")


def test_ragged_and_blank_rows_keep_their_numbers() -> None:
    sheet = read_delimited(b"a,b,c\n\n1\n,,\n2,3,4,,\n", "x.csv", LIMITS).sheets[0]
    assert [len(row) for row in sheet.values] == [3, 0, 1, 0, 3]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    from headframe.core.errors import HeadframeError

    try:
        book = read_delimited(data, "x.csv", Limits(text=1000))
    except HeadframeError as error:
        assert error.problems[0].code.startswith("HF37") or error.problems[0].code.startswith("HF38")
    else:
        assert book.sheets[0].height > 0


# Pasted text


def test_pasted_with_tabs() -> None:
    assert texts(read_text("指标\t2018年\n地区生产总值\t504.6\n")) == [["指标", "2018年"], ["地区生产总值", "504.6"]]


def test_pasted_with_spaces_and_padded_names() -> None:
    text = """
表1  2018年主要指标
                                     单位：亿元
城　市        地区生产总值      增长（%）
北　京           30320.0          6.6
阜新市             504.6          4.0
呼伦贝尔市        1252.9          2.5
注：本表为初步统计数。
"""
    rows = [row for row in texts(read_text(text)) if any(row)]
    assert rows[2:6] == [
        ["城市", "地区生产总值", "增长（%）"],
        ["北京", "30320.0", "6.6"],
        ["阜新市", "504.6", "4.0"],
        ["呼伦贝尔市", "1252.9", "2.5"],
    ]
    assert rows[-1][0] == "注：本表为初步统计数。"


def test_pasted_with_gaps_keeps_columns() -> None:
    text = """城市      甲      乙      丙
阜新市    1       2       3
抚顺市            5       6
鞍山市    7               9
"""
    assert texts(read_text(text))[2:] == [["抚顺市", "", "5", "6"], ["鞍山市", "7", "", "9"]]


def test_pasted_with_full_width_spaces() -> None:
    text = "项目　　　　　预算数　　决算数\n一般公共预算收入　　17.0　　17.8\n税收收入　　11.2　　11.9\n"
    assert texts(read_text(text))[1] == ["一般公共预算收入", "17.0", "17.8"]


def test_pasted_with_bars() -> None:
    text = "| 城市 | GDP |\n|---|---:|\n| 阜新市 | 504.6 |\n"
    assert texts(read_text(text)) == [["城市", "GDP"], ["阜新市", "504.6"]]


def test_pasted_with_single_spaces() -> None:
    assert texts(read_text("城市 GDP 人口\n阜新市 504.6 186.2\n抚顺市 827 210.7\n"))[1] == ["阜新市", "504.6", "186.2"]


def test_pasted_prose_stays_in_lines() -> None:
    text = "全年地区生产总值504.6亿元，比上年增长4.0%。\n其中，第一产业增加值114.5亿元。\n"
    assert texts(read_text(text)) == [[line] for line in text.splitlines()]


# HTML


def test_spans_of_a_page_are_merged_ranges() -> None:
    page = """<html><head><title>x</title><style>td{}</style></head><body><p>统计公报</p>
    <table><tr><th rowspan="2">城市</th><th colspan=2>GDP<br>（亿元）</th></tr><tr><th>全市</th><th>市辖区</th></tr>
    <tr><td>阜新市<sup>1</sup></td><td>504.6</td><td>&nbsp;</td></tr></table></body></html>"""
    sheet = read_text(page, "a").sheets[0]
    assert [[cell.text for cell in row] for row in sheet.rows] == [
        ["城市", "GDP （亿元）", ""],
        ["", "全市", "市辖区"],
        ["阜新市¹", "504.6", ""],
    ]
    assert sheet.merged == (Range(1, 1, 2, 1), Range(1, 2, 1, 3))


def test_pages_with_several_tables_or_none() -> None:
    page = "<table><tr><td>a</table><table><tr><td>b<td>1</table>"
    assert [sheet.name for sheet in read_text(page, "p").sheets] == ["p 1", "p 2"]
    assert refused(lambda: read_text("<html><body>nothing</body></html>"))[0] == "HF388"


def test_hostile_spans() -> None:
    page = "<table>" + "<tr><td rowspan=99999 colspan=99999>x</td></tr>" * 50 + "</table>"
    assert refused(lambda: read_text(page, limits=Limits(columns=500)))[0] == "HF377"
    assert read_text("<table>" + "<tr><td rowspan=9999>x</td></tr>" * 50 + "</table>").sheets[0].width == 50
